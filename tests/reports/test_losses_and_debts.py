"""What a group lost, lacked and owes, in its income, its balance and its loans."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.reports.reading import Read
from tests.services.village import Village
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.votes import Vote
from vsla_desktop.i18n import speaking
from vsla_desktop.queries.loans import loans_of_group
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.services import cells
from vsla_desktop.services.external_loans import Borrowing, borrow_outside
from vsla_desktop.services.leaving import pay_out_leaver
from vsla_desktop.services.ledger import post
from vsla_desktop.services.loan_changes import reschedule_loan
from vsla_desktop.services.loan_losses import write_off_loan
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.members import LeavingReason
from vsla_desktop.services.postings import Posting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vsla_desktop.db import Database

D = Decimal


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with speaking("en"):
        yield


def test_losses_and_what_lacked_are_costs_and_what_was_too_much_is_income(
    database: Database,
) -> None:
    village = Village(database).form()
    village.meet(present=True)
    first = village.members[0]
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        cells.set_shares(session, meeting, first, 5, clock=clock)
        page = writable_page(session, meeting)
        for amount, direction in ((D(70), 1), (D(30), -1)):
            found = Posting(
                PostingType.CASH_DIFFERENCE,
                Fund.LOAN_FUND,
                amount,
                direction=direction,
                reason="Counted twice",
            )
            post(session, page, found, clock=clock)
        terms = LoanTerms(principal=D(2000), periods=1, purpose="Seed")
        cells.set_loan(session, meeting, first, terms, clock=clock)
        (loan,) = loans_of_group(session, village.group_id)
        write_off_loan(session, meeting, loan.loan_id, Vote(4, 1), "The roof fell", clock=clock)
    made = Read(village, "income-expenses")
    assert [tuple(row.values())[2:] for row in made.tables["By kind"]] == [
        (D(70), D(0)),
        (D(0), D(2000)),
        (D(0), D(30)),
    ]
    assert made.figures["Left over"] == -1960
    sheet = Read(village, "balance-sheet", on=village.day)
    # 2,500 of shares, 70 - 30 at the count; the loan is neither cash nor owed any more.
    assert sheet.column("Assets", "Amount")[:2] == [D(540), D(0)]
    assert sheet.figures["Profit"] == D(-1960)
    lost = Read(village, "loans", on=village.day, statuses=("DEFAULTED",))
    assert lost.column("Loans", "Written off") == [D(2000)]
    assert Read(village, "loans", on=village.day).figures["Loans outstanding"] == D(0)


def test_what_is_owed_outside_and_to_who_left_stands_as_debt(database: Database) -> None:
    village = Village(database).form()
    village.meet(present=True)
    first, second, *_ = village.members
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        for member in (first, second):
            cells.set_shares(session, meeting, member, 4, clock=clock)
        borrow_outside(session, meeting, Borrowing(lender="Bank", amount=D(3000)), clock=clock)
        pay_out_leaver(session, meeting, first, LeavingReason.MOVED, paid=D(500), clock=clock)
    sheet = Read(village, "balance-sheet", on=village.day)
    assert sheet.column("Debts", "Amount") == [D(3000), D(1500)]
    # 4,000 of shares and 3,000 borrowed, 500 paid; four shares are left.
    assert sheet.figures == {"Assets": D(6500), "Debts and equity": D(6500), "Profit": D(0)}
    summary = Read(village, "group-summary", on=village.day)
    assert summary.report.notes == ("Mean: of the 4 active members, each counted once.",)
    assert "Amina Nakato" not in Read(village, "members").column("Members", "Member")
    left = Read(village, "members", statuses=("INACTIVE",))
    assert left.column("Members", "Member") == ["Amina Nakato"]


def test_a_loan_is_as_late_as_by_the_schedule_of_that_day(database: Database) -> None:
    village = Village(database).form()
    village.meet(present=True)
    first = village.members[0]
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        cells.set_shares(session, meeting, first, 5, clock=clock)
        terms = LoanTerms(principal=D(2000), periods=1, purpose="Seed")
        cells.set_loan(session, meeting, first, terms, clock=clock)
    village.close()
    due = village.day + timedelta(days=28)
    village.meet(days=35, present=True)
    with village.at_work() as session:
        (loan,) = loans_of_group(session, village.group_id)
        meeting, clock = village.meeting_id, village.clock
        reschedule_loan(session, meeting, loan.loan_id, 2, Vote(4, 1), clock=clock)
    village.close()
    # One day before the meeting it was six days late; from the meeting on it has new days.
    before = Read(village, "loans", on=village.day - timedelta(days=1))
    assert before.column("Loans", "Days late") == [6]
    assert before.column("Schedule", "Due on") == [due]
    assert before.column("By age", "Principal owed")[:2] == [D(0), D(2000)]
    after = Read(village, "loans", on=village.day)
    assert len(after.column("Schedule", "Due on")) > 1
    assert max(after.column("Schedule", "Due on")) == village.day + timedelta(days=56)
