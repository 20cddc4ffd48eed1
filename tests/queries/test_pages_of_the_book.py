"""What the pages of the book show, and that they cost the same however much is in the book."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from tests.services.village import Village
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.books import books_of_group, group_id_of
from vsla_desktop.queries.cashbook import cashbook
from vsla_desktop.queries.groups import group_overview, groups_list, next_meeting_day
from vsla_desktop.queries.history import Marked, MoneyEntered, meeting_history
from vsla_desktop.queries.members import members_of, passbook
from vsla_desktop.queries.officers import Office, confirmed_by
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.sheet import meeting_sheet
from vsla_desktop.services import cells
from vsla_desktop.services.attendance import record_attendance
from vsla_desktop.services.corrections import correct_entry
from vsla_desktop.services.expenses import deposit_at_bank, record_expense
from vsla_desktop.services.leaving import pay_out_leaver
from vsla_desktop.services.ledger import post
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.members import (
    Committee,
    LeavingReason,
    NewMember,
    add_member,
    elect_officers,
    leave_group,
)
from vsla_desktop.services.postings import MobileMoney, Posting
from vsla_desktop.services.savings import withdraw_saving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

D = Decimal
T = PostingType


@pytest.fixture
def busy(database: Database) -> Village:
    """Let a group meet twice: the first meeting is closed, the second open."""
    return met_twice(database)


@pytest.fixture(scope="module")
def read_only(shared_database: Database) -> Village:
    """Let a group meet twice, for tests that only look."""
    return met_twice(shared_database)


def met_twice(database: Database) -> Village:
    village = Village(database).form()
    first, second, third, *_ = village.members
    clock = village.clock
    with village.at_work() as session:
        elect_officers(
            session,
            village.group_id,
            Committee(chairperson=first, secretary=second, treasurer=third),
            clock=clock,
        )
    village.meet(present=True)
    with village.at_work() as session:
        meeting = village.meeting_id
        for member in village.members:
            cells.set_shares(session, meeting, member, 2, clock=clock)
            cells.set_shares(session, meeting, member, 4, clock=clock)
            cells.set_social(session, meeting, member, D(200), clock=clock)
        record_attendance(session, meeting, second, AttendanceStatus.LATE, clock=clock)
        terms = LoanTerms(principal=D(3000), periods=1, purpose="Seed")
        cells.set_loan(session, meeting, first, terms, clock=clock)
        deposit_at_bank(session, meeting, D(2500), clock=clock)
    village.close()
    village.meet(days=35)
    with village.at_work() as session:
        meeting = village.meeting_id
        record_attendance(session, meeting, first, AttendanceStatus.PRESENT, clock=clock)
        cells.set_shares(session, meeting, first, 1, clock=clock)
        cells.set_fine_paid(session, meeting, second, D(60), clock=clock)
        cells.set_repayment(session, meeting, first, D(1300), clock=clock)
        cells.set_saving(session, meeting, third, "ECD", D(700), clock=clock)
        cells.set_advance(session, meeting, third, D(400), clock=clock)
        record_expense(session, meeting, D(150), "Paper", clock=clock)
        page = writable_page(session, meeting)
        waiting = Posting(
            T.SOCIAL_CONTRIBUTION,
            Fund.SOCIAL,
            D(200),
            member_id=second,
            mobile_money=MobileMoney("MP7", "0772 123456"),
        )
        post(session, page, waiting, clock=clock)
        cells.set_social(session, meeting, first, D(500), clock=clock)
        cells.set_social(session, meeting, first, D(200), clock=clock)
    return village


@contextmanager
def selects(database: Database) -> Iterator[list[str]]:
    """Note every statement that is sent."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine, "before_cursor_execute", note)


def test_the_sheet_shows_every_column_of_every_member(read_only: Village) -> None:
    with read_only.database.read() as session:
        sheet = meeting_sheet(session, read_only.meeting_id)
    first, second, third, fourth, _ = sheet.rows
    assert (sheet.number, sheet.is_open, sheet.most_shares, sheet.currency) == (2, True, 5, "UGX")
    assert [column.code for column in sheet.saving_columns] == ["ECD", "TARGET"]
    assert (sheet.present_count, sheet.unmarked_count) == (1, 4)
    assert [row.number for row in sheet.rows] == [1, 2, 3, 4, 5]
    assert (first.name, first.attendance) == ("Amina Nakato", AttendanceStatus.PRESENT)
    assert (first.shares, first.shares_before) == (1, 4)
    assert (first.social_due, first.social_paid) == (D(200), D(200))
    assert (first.loan_repaid, first.loan_settles, first.loan_due) == (D(1300), D(2000), D(2000))
    assert (first.loan_taken, first.loan_periods) == (D(0), None)
    assert (second.fines_charged, second.fines_paid, second.fines_owed) == (D(0), D(60), D(40))
    assert (second.pending, second.social_paid) == (D(200), D(0))
    assert (third.saved("ECD"), third.saved("TARGET")) == (D(700), D(0))
    assert (third.advance, third.advance_owed) == (D(400), D(400))
    assert (fourth.shares, fourth.shares_before, fourth.attendance) == (0, 4, None)
    [other] = sheet.others
    assert (other.type, other.amount, other.effect) == (T.EXPENSE, D(150), D(-150))


def test_the_sheet_shows_what_must_be_in_the_box_now(read_only: Village) -> None:
    with read_only.database.read() as session:
        sheet = meeting_sheet(session, read_only.meeting_id)
    loan, social, ecd = (sheet.purse(fund) for fund in (Fund.LOAN_FUND, Fund.SOCIAL, Fund.ECD))
    # 20 shares, less the loan; a share, a fine and a repayment came in, paper went out.
    assert loan.balance == D(10_000 - 3000 + 500 + 60 + 1300 - 150)
    assert (loan.at_bank, loan.in_box) == (D(2500), loan.balance - 2500)
    assert loan.previous == D(4500)
    assert loan.opening is not None
    assert (loan.opening.expected, loan.opening.counted) == (D(4500), D(4500))
    assert loan.closing is None
    assert (social.balance, social.previous) == (D(800), D(1000))
    assert (ecd.balance, ecd.previous) == (D(700), None)
    assert sheet.purse(Fund.TARGET).balance == 0


def test_the_sheet_of_the_first_meeting_shows_the_loan_it_gave(read_only: Village) -> None:
    with read_only.database.read() as session:
        sheet = meeting_sheet(session, 1)
    first, second, *_ = sheet.rows
    assert (first.loan_taken, first.loan_periods, first.loan_purpose) == (D(3000), 1, "Seed")
    assert (second.attendance, second.fines_charged) == (AttendanceStatus.LATE, D(100))
    assert not sheet.is_open
    assert sheet.seal
    assert sheet.purse(Fund.LOAN_FUND).previous is None


def test_who_has_left_stays_on_the_sheet_while_there_is_a_loan(busy: Village) -> None:
    with busy.at_work() as session:
        for member in (busy.members[0], busy.members[4]):
            leave_group(session, member, LeavingReason.MOVED, clock=busy.clock)
    busy.members = busy.members[1:4]
    busy.close()
    busy.meet()
    with busy.database.read() as session:
        rows = meeting_sheet(session, busy.meeting_id).rows
    assert [(row.number, row.is_active) for row in rows] == [
        (1, False),
        (2, True),
        (3, True),
        (4, True),
    ]


def test_the_sheet_reads_no_loan_that_was_paid_back_before(busy: Village) -> None:
    def schedules_read() -> int:
        with busy.database.read() as session, selects(busy.database) as sent:
            meeting_sheet(session, busy.meeting_id)
        return sum("loan_repayment_schedule" in statement for statement in sent)

    def owed() -> Decimal:
        with busy.database.read() as session:
            row = meeting_sheet(session, busy.meeting_id).rows[0]
        return row.loan_settles + row.loan_repaid

    assert schedules_read() == 1
    with busy.at_work() as session:
        told = (session, busy.meeting_id, busy.members[0])
        cells.set_repayment(*told, owed(), clock=busy.clock)
    busy.close()
    busy.meet(present=True)
    assert owed() == 0
    assert schedules_read() == 0


def test_what_was_entered_is_told_value_by_value(read_only: Village) -> None:
    with read_only.database.read() as session:
        history = meeting_history(session, read_only.meeting_id)
    first, second, third, *_ = read_only.members
    money = [each for each in history if isinstance(each, MoneyEntered)]
    assert [(e.member_id, e.type, e.saving_code, e.before, e.after) for e in money] == [
        (first, T.SAVINGS_DEPOSIT, "PERSONAL", 0, D(500)),
        (second, T.FINE_PAYMENT, "", 0, D(60)),
        (first, T.LOAN_REPAYMENT, "", 0, D(1300)),
        (third, T.SAVINGS_DEPOSIT, "ECD", 0, D(700)),
        (third, T.SOCIAL_ADVANCE, "", 0, D(400)),
        (None, T.EXPENSE, "", 0, D(150)),
        (first, T.SOCIAL_CONTRIBUTION, "", 0, D(500)),
        (first, T.SOCIAL_CONTRIBUTION, "", D(500), D(200)),
    ]
    assert (money[0].shares_before, money[0].shares_after) == (0, 1)
    assert [each.member_id for each in history if isinstance(each, Marked)] == [first]


def test_the_cashbook_shows_one_line_for_what_was_replaced(read_only: Village) -> None:
    with read_only.database.read() as session:
        everything = cashbook(session, read_only.group_id)
        later = cashbook(session, read_only.group_id, since=read_only.day)
        social = cashbook(session, read_only.group_id, fund=Fund.SOCIAL)
    kinds = [line.entry.type for line in everything.lines]
    assert T.REVERSAL not in kinds
    assert kinds.count(T.SAVINGS_DEPOSIT) == 5 + 2
    assert everything.after == read_only.funds()
    assert everything.lines[-1].after == everything.after
    assert later.before.loan_fund == D(7000)
    assert later.lines == everything.lines[-len(later.lines) :]
    assert [line.entry.effect for line in social.lines] == [*[D(200)] * 5, D(-400), D(0), D(200)]
    assert [line.after.social for line in social.lines][-1] == D(800)
    assert social.lines[-2].entry.is_pending


def test_the_cashbook_shows_a_correction_and_what_it_corrects(busy: Village) -> None:
    with busy.database.read() as session:
        entry = cashbook(session, busy.group_id).lines[0].entry
    with busy.at_work() as session:
        correct_entry(
            session,
            busy.meeting_id,
            entry.transaction_id,
            D(500),
            "Counted again",
            clock=busy.clock,
        )
    with busy.database.read() as session:
        page = cashbook(session, busy.group_id)
    corrections = [line.entry for line in page.lines if line.entry.is_correction]
    assert [(each.is_reversal, each.effect) for each in corrections] == [
        (True, D(-2000)),
        (False, D(500)),
    ]
    undone = next(line.entry for line in page.lines if line.entry.reference == entry.reference)
    reversal = next(each for each in corrections if each.is_reversal)
    assert undone.reversed_by == reversal.reference
    assert (reversal.reverses, reversal.reason) == (entry.reference, "Counted again")
    assert page.after == busy.funds()


def test_a_passbook_has_a_line_for_every_meeting(read_only: Village) -> None:
    with read_only.database.read() as session:
        book = passbook(session, read_only.members[0], on=read_only.day)
        fined = passbook(session, read_only.members[1], on=read_only.day)
        with pytest.raises(RuleBroken, match="Choose a member"):
            passbook(session, 99_999, on=read_only.day)
    first, second = book.lines
    assert (first.meeting_number, first.shares, first.shares_held) == (1, 4, 4)
    assert (first.loan_given, first.social) == (D(3000), D(200))
    assert (second.shares, second.shares_held, second.savings_held) == (1, 5, D(2500))
    assert (second.loan_charge, second.loan_principal) == (D(300), D(1000))
    assert (book.member.loans_owed, book.member.loan_is_late) == (D(2000), True)
    assert [line.fines_charged for line in fined.lines] == [D(100), D(0)]
    assert [line.fines_paid for line in fined.lines] == [D(0), D(60)]
    assert fined.member.fines_owed == D(40)
    assert fined.lines[0].attendance is AttendanceStatus.LATE
    assert [loan.purpose for loan in book.loans] == ["Seed"]


def test_the_members_are_listed_by_number(busy: Village) -> None:
    with busy.at_work() as session:
        leave_group(session, busy.members[3], LeavingReason.DIED, clock=busy.clock)
    with busy.database.read() as session:
        active = members_of(session, busy.group_id, on=busy.day)
        everyone = members_of(session, busy.group_id, on=busy.day, with_left=True)
    assert [line.number for line in active] == [1, 2, 3, 5]
    assert len(everyone) == 5
    assert active[0].office == "CHAIRPERSON"
    assert (active[2].advance_owed, active[2].savings) == (D(400), D(2700))
    assert active[0].shares_value == D(2500)


def test_a_closed_page_says_who_confirmed_it(read_only: Village) -> None:
    with read_only.database.read() as session:
        closed = confirmed_by(session, 1)
        running = confirmed_by(session, read_only.meeting_id)
    assert (closed[Office.CHAIRPERSON], closed[Office.TREASURER]) == (
        "Amina Nakato",
        "Chantal Uwase",
    )
    assert running == {}


def test_the_first_page_says_where_the_group_stands(read_only: Village) -> None:
    with read_only.database.read() as session:
        page = group_overview(session, read_only.group_id, on=read_only.day)
        with pytest.raises(RuleBroken, match="not in the book"):
            group_overview(session, 99_999, on=read_only.day)
    assert (page.members_count, page.savings) == (5, D(11_200))
    assert page.balances == read_only.funds()
    assert page.in_box[Fund.LOAN_FUND] == page.balances.loan_fund - 2500
    assert (page.loans_count, page.late_count, page.late_amount) == (1, 1, D(2000))
    [due] = page.due_soon
    assert (due.number, due.amount, due.is_late) == (1, D(2000), True)
    assert page.fines_owed == D(40)
    assert (page.open_meeting_id, page.next_number, page.meetings_count) == (
        read_only.meeting_id,
        3,
        2,
    )
    assert page.next_meeting == date(2026, 2, 16)


@pytest.mark.parametrize(
    ("frequency", "on", "expected"),
    [
        ("WEEKLY", date(2026, 1, 6), date(2026, 1, 12)),
        ("WEEKLY", date(2026, 1, 12), date(2026, 1, 12)),
        ("WEEKLY", date(2026, 1, 13), date(2026, 1, 19)),
        ("BIWEEKLY", date(2026, 1, 13), date(2026, 1, 19)),
        ("MONTHLY", date(2026, 1, 13), date(2026, 2, 5)),
        ("MONTHLY", date(2026, 3, 6), date(2026, 4, 5)),
        (None, date(2025, 1, 1), date(2026, 1, 12)),
    ],
)
def test_the_next_meeting_follows_the_groups_rhythm(
    frequency: str | None, on: date, expected: date
) -> None:
    assert next_meeting_day(date(2026, 1, 5), frequency, on) == expected
    assert next_meeting_day(None, frequency, on) is None


def test_groups_are_listed_with_what_to_notice(busy: Village) -> None:
    other = Village(busy.database, code="AB_1-9").form()
    with busy.database.read() as session:
        both = groups_list(session, on=busy.day)
        found = groups_list(session, on=busy.day, search="b_1")
        none = groups_list(session, on=busy.day, search="%")
        second = groups_list(session, on=busy.day, limit=1, offset=1)
    assert [line.group_id for line in found] == [other.group_id]
    assert none == ()
    line = next(line for line in both if line.group_id == busy.group_id)
    assert (line.late_amount, line.has_open_meeting) == (D(2000), True)
    assert (line.savings, line.loans) == (D(11_200), D(2000))
    assert (line.last_meeting, line.difference) == (busy.day, D(0))
    assert second == both[1:]


def test_all_books_of_a_group_come_at_once(read_only: Village) -> None:
    with read_only.database.read() as session:
        books = books_of_group(session, group_id_of(session, "TST-1"), on=read_only.day)
        with pytest.raises(RuleBroken, match="No group has the code NONE"):
            group_id_of(session, "NONE")
        with pytest.raises(RuleBroken, match="not in the book"):
            books_of_group(session, 99_999, on=read_only.day)
    assert (books.group.code, books.group.saving_kinds) == (
        "TST-1",
        ("PERSONAL", "SOCIAL", "ECD", "TARGET"),
    )
    assert books.rules == read_only.rules
    assert [meeting.number for meeting in books.meetings] == [1, 2]
    assert books.meetings[0].roll[read_only.members[1]] is AttendanceStatus.LATE
    assert len(books.entries) == len(
        [entry for entry in books.entries if entry.type is not T.REVERSAL]
    )
    [fine] = books.fines
    assert (fine.amount, fine.paid, fine.type) == (D(100), D(60), "LATE_ARRIVAL")
    assert [loan.principal for loan in books.loans] == [D(3000)]
    assert (books.cycles[0].number, len(books.members)) == (1, 5)


PAGES: dict[str, Callable[[Session, Village], Any]] = {
    "sheet": lambda session, busy: meeting_sheet(session, busy.meeting_id),
    "history": lambda session, busy: meeting_history(session, busy.meeting_id),
    "overview": lambda session, busy: group_overview(session, busy.group_id, on=busy.day),
    "groups": lambda session, busy: groups_list(session, on=busy.day),
    "members": lambda session, busy: members_of(session, busy.group_id, on=busy.day),
    "passbook": lambda session, busy: passbook(session, busy.members[0], on=busy.day),
    "cashbook": lambda session, busy: cashbook(session, busy.group_id),
    "slip": lambda session, busy: confirmed_by(session, busy.meeting_id),
    "books": lambda session, busy: books_of_group(session, busy.group_id, on=busy.day),
}


def test_a_page_costs_the_same_number_of_selects_however_many_members(busy: Village) -> None:
    def costs() -> dict[str, int]:
        found = {}
        for page, read in PAGES.items():
            with busy.database.read() as session, selects(busy.database) as sent:
                read(session, busy)
            found[page] = len(sent)
        return found

    before = costs()
    with busy.at_work() as session:
        for number in range(20):
            new = NewMember(first_name=f"More {number}", last_name="", gender="M")
            added = add_member(session, busy.group_id, new, clock=busy.clock)
            told = (session, busy.meeting_id, added.member_id)
            cells.set_shares(*told, 3, clock=busy.clock)
            cells.set_social(*told, D(200), clock=busy.clock)
            cells.set_fine_charged(*told, D(100), clock=busy.clock)
            terms = LoanTerms(principal=D(100))
            cells.set_loan(*told, terms, clock=busy.clock)
    assert costs() == before
    assert max(before.values()) <= 16


def test_savings_paid_back_or_out_are_not_shown_as_saved(database: Database) -> None:
    village = Village(database).form()
    village.meet(present=True)
    first, second, *_ = village.members
    with village.at_work() as session:
        cells.set_shares(session, village.meeting_id, second, 5, clock=village.clock)
        cells.set_saving(session, village.meeting_id, first, "ECD", D(700), clock=village.clock)
    village.close()
    village.meet(present=True)
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        withdraw_saving(session, meeting, first, "ECD", D(200), clock=clock)
        pay_out_leaver(session, meeting, second, LeavingReason.MOVED, clock=clock)
    with database.read() as session:
        saver, leaver, *_ = meeting_sheet(session, village.meeting_id).rows
    assert saver.saved("ECD") == D(0)
    assert (leaver.shares, leaver.shares_before) == (0, 0)
