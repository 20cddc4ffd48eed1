"""What members keep in the loan fund beside their shares is theirs alone, also at a share-out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.test_leaving import leave
from tests.services.test_saving_types import kept
from tests.services.test_share_out import Season
from tests.services.village import Village
from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import ValueRule
from vsla_desktop.errors import RuleBroken
from vsla_desktop.presenters.share_out_text import pool_line, value_formula
from vsla_desktop.queries.group_words import group_words
from vsla_desktop.queries.pages import meeting_page
from vsla_desktop.queries.share_out import ShareValue, projected_value, shared_cycle
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services import cells
from vsla_desktop.services.expenses import record_expense
from vsla_desktop.services.joining import catch_up_offer
from vsla_desktop.services.saving_types import keep_saving_types
from vsla_desktop.services.savings import withdraw_saving
from vsla_desktop.wording import MoneyText

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal


def with_target_savings(database: Database, **rules: Any) -> Village:
    """Five members hold 10 shares of 500 each; the first has 10,000 more in the loan fund."""
    village = Village(database).ruled(max_shares_per_meeting=10, **rules)
    village.form()
    kinds = kept(village)
    kinds["TARGET"] = replace(kinds["TARGET"], fund=Fund.LOAN_FUND, allows_withdrawal=True)
    with village.at_work() as session:
        keep_saving_types(session, village.group_id, tuple(kinds.values()), clock=village.clock)
    village.meet(present=True)
    first = village.members[0]
    with village.at_work() as session:
        for member in village.members:
            cells.set_shares(session, village.meeting_id, member, 10, clock=village.clock)
        cells.set_saving(
            session, village.meeting_id, first, "TARGET", D(10_000), clock=village.clock
        )
    assert village.funds().loan_fund == 35_000
    return village


def worth(village: Village) -> ShareValue:
    with village.database.read() as session:
        found = projected_value(session, village.group_id, village.day)
    assert found is not None
    return found


def take_out(village: Village, amount: int) -> None:
    with village.at_work() as session:
        first, meeting = village.members[0], village.meeting_id
        withdraw_saving(session, meeting, first, "TARGET", D(amount), clock=village.clock)


def test_other_savings_in_the_loan_fund_are_not_shared_out(database: Database) -> None:
    village = with_target_savings(database)
    value = worth(village)
    assert (value.value, value.pool, value.other_savings) == (Fraction(500), D(25_000), D(10_000))
    season = Season(village)
    plan = season.propose()
    assert {line.entitled for line in plan.lines} == {D(5000)}
    assert (plan.pool, plan.profit, plan.holdings.other_savings) == (D(25_000), D(0), D(10_000))
    assert plan.proof.holds
    season.freeze()
    season.pay()
    assert village.funds().loan_fund == 10_000
    village.close()
    season.close()
    season.next()
    village.meet(present=True)
    take_out(village, 10_000)
    assert village.funds().loan_fund == 0
    assert verify_all(database).ok


@pytest.mark.parametrize("spent", [0, 5000])
def test_who_leaves_or_joins_at_current_value_has_no_part_of_them(
    database: Database, spent: int
) -> None:
    rule = ValueRule.CURRENT_VALUE
    village = with_target_savings(database, leaver_rule=rule, joiner_rule=rule)
    if spent:
        with village.at_work() as session:
            record_expense(session, village.meeting_id, D(spent), "Stolen", clock=village.clock)
    with database.read() as session:
        page = meeting_page(session, village.meeting_id)
        price = catch_up_offer(session, page, village.members[1]).price
    assert price == 500  # face value at least
    left = leave(village, village.members[1])
    assert left.paid == 5000 - spent // 5
    assert worth(village).value == D(25_000 - spent - left.paid) / 40


def test_a_loss_is_not_paid_from_other_savings(database: Database) -> None:
    village = with_target_savings(database)
    with village.at_work() as session:
        record_expense(session, village.meeting_id, D(20_000), "Stolen", clock=village.clock)
    season = Season(village)
    plan = season.propose()
    assert {line.entitled for line in plan.lines} == {D(1000)}
    with pytest.raises(RuleBroken, match="Keep back at most 5 000"):
        season.propose(reserve=5001)
    season.freeze()
    season.pay()
    assert village.funds().loan_fund == 10_000
    assert verify_all(database).ok


def test_the_sums_that_are_read_out_say_what_is_left_out(database: Database) -> None:
    village = with_target_savings(database)
    Season(village).propose()
    with database.read() as session:
        cycle = shared_cycle(session, village.group_id)
        words = group_words(session, village.group_id)
    assert cycle is not None
    assert cycle.plan is not None
    money = MoneyText(currency(village.currency))
    said = f"\N{MINUS SIGN} other savings {money.amount(D(10_000))}".replace(
        " ", "\N{NO-BREAK SPACE}"
    )
    for line in (
        pool_line(cycle.plan, money, words),
        " ".join(value_formula(worth(village), money, words)),
    ):
        assert said in line.replace(" ", "\N{NO-BREAK SPACE}")
