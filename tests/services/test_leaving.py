"""Members who leave are paid what is theirs, and members who join may catch up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from tests.db.books import new_book
from tests.services.village import Village
from tests.workbook.equal_books import comes_back
from vsla_desktop.domain.baseline import Baseline, MemberBaseline
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.rules import ValueRule
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.funds import fund_flow, last_cycle
from vsla_desktop.queries.leaving import LeaverAccount, leaver_account, leavers_owed
from vsla_desktop.queries.loans import loans_of_member
from vsla_desktop.queries.pages import meeting_page
from vsla_desktop.queries.shares import meeting_shares
from vsla_desktop.queries.tables import MEMBERS
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services import cells
from vsla_desktop.services.baseline import open_baseline
from vsla_desktop.services.expenses import record_income
from vsla_desktop.services.fines import charge_fine
from vsla_desktop.services.joining import catch_up_offer, catch_up_shares
from vsla_desktop.services.leaving import pay_leaver, pay_out_leaver, write_off_leaver
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.members import LeavingReason, NewMember, add_member

if TYPE_CHECKING:
    from pathlib import Path

    from vsla_desktop.db import Database

D = Decimal
ALL_FOR = Vote(in_favour=5)


def saving(database: Database, **rules: Any) -> Village:
    """Form a group of five of whom each holds 10 shares of 500, with 5,000 earned."""
    village = Village(database).ruled(
        **{"max_shares_per_meeting": 10, "loan_min_months": 0, "loan_min_score": D(0), **rules}
    )
    village.form()
    village.meet(present=True)
    with village.at_work() as session:
        for member in village.members:
            cells.set_shares(session, village.meeting_id, member, 10, clock=village.clock)
        record_income(session, village.meeting_id, D(5000), "Gift", clock=village.clock)
    return village


def row_of(village: Village, member_id: int) -> Any:
    with village.database.read() as session:
        return session.execute(select(MEMBERS).where(MEMBERS.c.id == member_id)).one()


def leave(village: Village, member: int, **more: Any) -> Any:
    with village.at_work() as session:
        return pay_out_leaver(
            session,
            village.meeting_id,
            member,
            more.pop("reason", LeavingReason.MOVED),
            clock=village.clock,
            **more,
        )


def test_a_leaver_gets_her_shares_at_face_value(database: Database) -> None:
    village = saving(database)
    left = leave(village, village.members[0])
    assert (left.paid, left.owed) == (D(5000), D(0))
    assert village.funds().loan_fund == D(25_000)
    row = row_of(village, village.members[0])
    assert (row.share_balance, row.savings_balance, row.leaving_amount) == (D(0), D(0), D(5000))
    assert (row.is_active, row.leaving_reason) == (False, "MOVED")
    assert verify_all(database).ok


def test_a_leaver_gets_what_her_shares_are_worth_today_where_the_rule_says_so(
    database: Database,
) -> None:
    village = saving(database, leaver_rule=ValueRule.CURRENT_VALUE, payout_unit=D(100))
    left = leave(village, village.members[0])
    assert left.paid == D(6000)  # 30,000 for 50 shares is 600 a share
    assert village.funds().loan_fund == D(24_000)
    assert row_of(village, village.members[0]).share_balance == D(0)
    assert verify_all(database).ok


def test_debts_of_every_kind_are_paid_out_of_what_a_leaver_holds(database: Database) -> None:
    village = saving(database, loan_interest_rate=D(0))
    first = village.members[0]
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        for member in village.members:
            cells.set_social(session, meeting, member, D(200), clock=clock)
        cells.set_saving(session, meeting, first, "ECD", D(700), clock=clock)
        cells.set_loan(session, meeting, first, LoanTerms(principal=D(3000)), clock=clock)
        cells.set_advance(session, meeting, first, D(400), clock=clock)
        cells.set_fine_charged(session, meeting, first, D(100), kind=FineType.PHONE, clock=clock)
    box = village.funds().box
    with database.read() as session:
        account = leaver_account(session, meeting_page(session, village.meeting_id), first)
    assert (account.fines, account.loans, account.advances) == (D(100), D(3000), D(400))
    assert account.net == D(5000) + D(700) - D(3500)
    leave(village, first, reason=LeavingReason.DIED)
    funds = village.funds()
    assert box - funds.box == account.net
    assert (funds.social, funds.ecd) == (D(1000), D(0))
    with database.read() as session:
        (loan,) = loans_of_member(session, first)
    assert loan.owed == 0
    assert verify_all(database).ok


def test_a_leaver_can_be_paid_in_parts(database: Database) -> None:
    village = saving(database)
    first = village.members[0]
    assert leave(village, first, paid=D(2000)).owed == D(3000)
    assert village.funds().loan_fund == D(28_000)
    assert row_of(village, first).share_balance == D(0)
    with village.at_work() as session:
        pay_leaver(session, village.meeting_id, first, D(1000), clock=village.clock)
    with database.read() as session:
        assert leavers_owed(session, village.group_id) == {first: D(2000)}
    with pytest.raises(RuleBroken, match=r"Pay at most 2.000"), village.at_work() as session:
        pay_leaver(session, village.meeting_id, first, D(2001), clock=village.clock)
    with village.at_work() as session:
        pay_leaver(session, village.meeting_id, first, D(2000), clock=village.clock)
    with database.read() as session:
        assert leavers_owed(session, village.group_id) == {}
    assert village.funds().loan_fund == D(25_000)
    assert verify_all(database).ok


def test_who_owes_more_than_she_holds_does_not_leave_quietly(database: Database) -> None:
    village = saving(database)
    with village.at_work() as session:
        loan = LoanTerms(principal=D(9000))
        cells.set_loan(session, village.meeting_id, village.members[0], loan, clock=village.clock)
    before = village.funds()
    with pytest.raises(RuleBroken, match="still owes"):
        leave(village, village.members[0])
    assert village.funds() == before
    assert row_of(village, village.members[0]).is_active


def test_no_more_is_handed_out_than_is_hers(database: Database) -> None:
    village = saving(database)
    for wrong in (D(5001), D(-1)):
        with pytest.raises(RuleBroken):
            leave(village, village.members[0], paid=wrong)
    assert village.funds().loan_fund == D(30_000)


def test_nobody_catches_up_at_a_meeting_before_she_joined(database: Database) -> None:
    village = saving(database)
    village.close()
    village.meet(present=True)
    with village.at_work() as session:
        new = NewMember(
            first_name="Grace",
            last_name="Akello",
            gender="F",
            joined_date=village.day + timedelta(days=3),
        )
        village.clock.instant += timedelta(days=3)
        grace = add_member(session, village.group_id, new, clock=village.clock).member_id
    with pytest.raises(RuleBroken, match="Member 6 joined later"), village.at_work() as session:
        catch_up_shares(session, village.meeting_id, grace, 1, clock=village.clock)


def join(village: Village) -> int:
    with village.at_work() as session:
        new = NewMember(first_name="Grace", last_name="Akello", gender="F", joined_date=village.day)
        return add_member(session, village.group_id, new, clock=village.clock).member_id


@pytest.mark.parametrize(
    ("rule", "cost"), [(ValueRule.FACE_VALUE, D(3500)), (ValueRule.CURRENT_VALUE, D(4200))]
)
def test_a_new_member_catches_up_beside_the_shares_of_the_meeting(
    database: Database, rule: ValueRule, cost: Decimal
) -> None:
    village = saving(database, joiner_rule=rule)
    village.close()
    village.meet(present=True)
    grace = join(village)
    before = village.funds().of(Fund.LOAN_FUND)
    with village.at_work() as session:
        catch_up_shares(session, village.meeting_id, grace, 7, clock=village.clock)
    assert village.funds().of(Fund.LOAN_FUND) - before == cost
    assert row_of(village, grace).share_balance == D(3500)
    with village.at_work() as session:
        cells.set_shares(session, village.meeting_id, grace, 10, clock=village.clock)
        assert meeting_shares(session, village.meeting_id, grace).count == 10
    with pytest.raises(RuleBroken, match="nothing to catch up"), village.at_work() as session:
        catch_up_shares(session, village.meeting_id, grace, 1, clock=village.clock)
    assert verify_all(database).ok


def write_off(village: Village, member: int, vote: Vote = ALL_FOR) -> Any:
    with village.at_work() as session:
        why, clock = LeavingReason.DIED, village.clock
        return write_off_leaver(session, village.meeting_id, member, why, vote, clock=clock)


def account(village: Village, member: int) -> LeaverAccount:
    with village.database.read() as session:
        return leaver_account(session, meeting_page(session, village.meeting_id), member)


def deep_in_debt(database: Database) -> Village:
    """The first member holds 5,000; she owes a loan of 4,800, two fines, and 900 of an advance."""
    village = saving(database, loan_interest_rate=D(0), fines_fund=Fund.SOCIAL)
    first, clock, meeting = village.members[0], village.clock, village.meeting_id
    with village.at_work() as session:
        for member in village.members:
            cells.set_social(session, meeting, member, D(200), clock=clock)
        cells.set_loan(session, meeting, first, LoanTerms(principal=D(4800)), clock=clock)
        cells.set_advance(session, meeting, first, D(900), clock=clock)
        for kind in (FineType.PHONE, FineType.MISCONDUCT):
            charge_fine(session, meeting, first, kind, amount=D(150), clock=clock)
    return village


def test_who_dies_with_debts_beyond_her_savings_is_written_off_by_one_vote(
    database: Database,
) -> None:
    village = deep_in_debt(database)
    first, before = village.members[0], village.funds()
    left = write_off(village, first)
    assert (left.paid, left.owed) == (D(0), D(0))
    # Of her 5,000 the loan takes 4,800; one fine of 150 is paid, and 50 of the other.
    after = village.funds()
    assert after.box == before.box
    assert after.loan_fund == before.loan_fund - 5000 + 4800
    assert after.social == before.social + 200
    row = row_of(village, first)
    assert (row.is_active, row.leaving_reason, row.share_balance) == (False, "DIED", D(0))
    assert row.leaving_amount == 0
    assert account(village, first).debts == 0
    with database.read() as session:
        cycle = last_cycle(session, village.group_id)
        assert cycle is not None
        flow = fund_flow(session, village.group_id, cycle.cycle_id, Fund.SOCIAL)
    assert flow[PostingType.SOCIAL_GRANT] == -900
    assert verify_all(database).ok


def test_a_loan_beyond_the_savings_of_who_died_is_a_loss_of_the_rest_only(
    database: Database,
) -> None:
    village = saving(database, loan_interest_rate=D("0.1"), loan_multiple=D(6))
    first = village.members[0]
    with village.at_work() as session:
        loan = LoanTerms(principal=D(9000), periods=3)
        cells.set_loan(session, village.meeting_id, first, loan, clock=village.clock)
    settles = account(village, first).loans
    assert settles > 5000
    write_off(village, first)
    with database.read() as session:
        (lost,) = loans_of_member(session, first)
    assert lost.principal_paid + lost.charge_paid == 5000
    assert lost.written_off == 9000 - lost.principal_paid
    assert lost.status == "DEFAULTED"
    assert village.funds().loan_fund == 30_000 - 9000
    assert verify_all(database).ok


def test_a_lost_vote_keeps_the_member_and_her_debts(database: Database) -> None:
    village = deep_in_debt(database)
    first, before = village.members[0], account(village, village.members[0])
    assert write_off(village, first, Vote(in_favour=1, against=4)) is None
    assert account(village, first) == before
    assert row_of(village, first).is_active
    with pytest.raises(RuleBroken, match="Pay Beatrice Auma out"):
        write_off(village, village.members[1])


def test_who_was_written_off_comes_back_from_a_workbook(book: Database, tmp_path: Path) -> None:
    village = deep_in_debt(book)
    write_off(village, village.members[0])
    village.close()
    other = new_book(tmp_path / "other.db")
    comes_back(book, other, village.code, tmp_path / "group.xlsx", village.clock)
    other.close()


def most_to_catch_up(village: Village, member: int) -> int:
    with village.database.read() as session:
        page = meeting_page(session, village.meeting_id)
        return catch_up_offer(session, page, member).most


def join_today(village: Village) -> int:
    with village.at_work() as session:
        new = NewMember(first_name="Zoe", last_name="Banda", gender="F", joined_date=village.day)
        return add_member(session, village.group_id, new, clock=village.clock).member_id


def test_annual_meetings_allow_shares_that_are_caught_up(database: Database) -> None:
    village = Village(database)
    village.form()
    for kind in ("REGULAR", "ANNUAL", "SPECIAL"):
        village.meet(present=True, kind=kind)
        village.close()
    village.meet(present=True)
    zoe = join_today(village)
    assert most_to_catch_up(village, zoe) == 2 * village.rules.max_shares_per_meeting


def test_who_joins_after_paper_books_catches_up_with_what_they_brought(database: Database) -> None:
    village = Village(database)
    village.form()
    lines = tuple(
        MemberBaseline(member_id=member, shares=shares)
        for member, shares in zip(village.members, (12, 10, 3, 0, 7), strict=True)
    )
    counts = {Fund.LOAN_FUND: 32 * village.rules.share_value}
    with village.at_work() as session:
        baseline = Baseline(members=lines, counts=counts)
        open_baseline(session, village.group_id, baseline, day=village.day, clock=village.clock)
    village.meet(present=True)
    zoe = join_today(village)
    assert most_to_catch_up(village, zoe) == 12
    with village.at_work() as session:
        catch_up_shares(session, village.meeting_id, zoe, 12, clock=village.clock)
    assert most_to_catch_up(village, zoe) == 0
    assert verify_all(database).ok
