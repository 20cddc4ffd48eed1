"""Fines and advances are set off against what a member is entitled to, as her loans are."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.db.books import new_book
from tests.services.test_share_out import ALL_FOR, Season, prove, prove_paid
from tests.services.test_share_out_return import state, take_back
from tests.services.village import Village
from tests.workbook.equal_books import comes_back
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import SocialFundRule
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.leaving import leaver_account
from vsla_desktop.queries.pages import meeting_page
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services import cells
from vsla_desktop.services.loans import LoanTerms

if TYPE_CHECKING:
    from pathlib import Path

    from vsla_desktop.db import Database

D = Decimal
PAID_BACK = (D(0), D(0))


def owing(database: Database, **rules: Any) -> Season:
    """Five members hold 2 shares of 500 each; the first owes a fine of 250 and 500 of advance."""
    village = Village(database).ruled(
        loan_min_months=0, loan_min_score=D(0), loan_multiple=D(10), **rules
    )
    village.form()
    village.meet(present=True)
    first, clock = village.members[0], village.clock
    with village.at_work() as session:
        meeting = village.meeting_id
        for member in village.members:
            cells.set_shares(session, meeting, member, 2, clock=clock)
            cells.set_social(session, meeting, member, D(200), clock=clock)
        cells.set_advance(session, meeting, first, D(500), clock=clock)
        fine = FineType.MISCONDUCT
        cells.set_fine_charged(session, meeting, first, D(250), kind=fine, clock=clock)
    return Season(village)


def owed(village: Village) -> tuple[Decimal, Decimal]:
    """Say what the first member owes of fines and of advances."""
    with village.database.read() as session:
        page = meeting_page(session, village.meeting_id)
        account = leaver_account(session, page, village.members[0])
    return account.fines, account.advances


@pytest.mark.parametrize("social_rule", SocialFundRule)
@pytest.mark.parametrize("fines_fund", [Fund.LOAN_FUND, Fund.SOCIAL])
def test_fines_and_advances_are_paid_out_of_the_payout(
    database: Database, social_rule: SocialFundRule, fines_fund: Fund
) -> None:
    season = owing(database, social_fund_rule=social_rule, fines_fund=fines_fund)
    village = season.village
    plan = season.propose()
    line = plan.lines[0]
    assert line.set_off == line.debts == 750
    assert line.payout == line.entitled - 750
    is_loan_fund = fines_fund is Fund.LOAN_FUND
    assert plan.loan_pool == 5000 + 250 * is_loan_fund
    if social_rule is SocialFundRule.SPLIT_EQUALLY:
        assert plan.social_pool == 500 + 500 + 250 * (not is_loan_fund)
    before = village.funds()
    season.freeze()
    season.pay()
    assert owed(village) == PAID_BACK
    prove(village)
    prove_paid(village, plan, before.box)
    after = village.funds()
    assert after.loan_fund == plan.remainder
    came = 500 + 250 * (not is_loan_fund)
    assert after.social == before.social + came - plan.social_pool + plan.social_remainder
    assert verify_all(database).ok


def test_what_was_set_off_is_owed_again_once_payouts_are_taken_back(database: Database) -> None:
    season = owing(database)
    village = season.village
    season.propose()
    season.freeze()
    frozen = state(village)
    season.pay(0)
    assert owed(village) == PAID_BACK
    take_back(season, 0)
    assert owed(village) == (D(250), D(500))
    assert state(village) == frozen
    season.pay()
    assert owed(village) == PAID_BACK
    prove(village)


def test_what_a_payout_does_not_reach_stays_owed_and_can_be_paid_later(database: Database) -> None:
    season = owing(database)
    village = season.village
    first, clock = village.members[0], village.clock
    with village.at_work() as session:
        terms = LoanTerms(principal=D(600))
        cells.set_loan(session, village.meeting_id, first, terms, clock=clock)
    plan = season.propose()
    line = plan.lines[0]
    assert line.payout == line.written_off == 0
    assert line.set_off == line.debts == line.entitled
    season.freeze()
    season.pay()
    prove(village)
    fines, advances = owed(village)
    assert fines + advances > 0
    village.close()
    season.close()
    season.next()
    village.meet(days=14, present=True)
    with village.at_work() as session:
        cells.set_fine_paid(session, village.meeting_id, first, fines, clock=village.clock)
        cells.set_advance_repaid(session, village.meeting_id, first, advances, clock=village.clock)
    assert owed(village) == PAID_BACK
    assert verify_all(database).ok


def test_a_due_that_is_paid_after_the_vote_asks_for_another(database: Database) -> None:
    season = owing(database)
    village = season.village
    season.propose()
    season.freeze()
    first = village.members[0]
    with village.at_work() as session:
        cells.set_advance_repaid(session, village.meeting_id, first, D(100), clock=village.clock)
    before = state(village)
    with pytest.raises(RuleBroken, match="What members owe is not as it was"):
        season.pay()
    assert state(village) == before
    season.open_again(ALL_FOR)
    assert season.propose().lines[0].set_off == 650
    season.freeze()
    season.pay()
    assert owed(village) == PAID_BACK
    prove(village)


def test_a_payout_that_sets_dues_off_comes_back_from_a_workbook(
    book: Database, tmp_path: Path
) -> None:
    season = owing(book, social_fund_rule=SocialFundRule.SPLIT_EQUALLY)
    village = season.village
    season.propose()
    season.freeze()
    season.pay(1)
    take_back(season, 1)
    season.pay(0, 2)
    season.pay()
    village.close()
    other = new_book(tmp_path / "other.db")
    comes_back(book, other, village.code, tmp_path / "group.xlsx", village.clock)
    other.close()
