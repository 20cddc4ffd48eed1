from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from tests.services.proofs import check_books
from tests.services.village import Village
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.loans import loans_of_member
from vsla_desktop.queries.meetings import meetings_of
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.tables import FINES, MEETINGS
from vsla_desktop.services import cells, expenses, fines, loans, repayments, savings, social
from vsla_desktop.services.attendance import (
    record_attendance,
    record_participation,
    record_roll_call,
)
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.counts import PurseCounted
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.meetings import (
    NewMeeting,
    as_expected,
    close_meeting,
    count_opening,
    discard_meeting,
    open_meeting,
    record_notes,
)
from vsla_desktop.services.members import suspend_member
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session


D = Decimal


def counted(loan_fund: int, social_fund: int = 0, **more: Any) -> dict[Fund, PurseCounted]:
    return {
        Fund.LOAN_FUND: PurseCounted(D(loan_fund), **more),
        Fund.SOCIAL: PurseCounted(D(social_fund)),
    }


def try_open(village: Village, day: date, **more: Any) -> Any:
    with village.at_work() as session:
        return open_meeting(
            session, village.group_id, NewMeeting(day=day, **more), clock=village.clock
        )


def the_meeting(village: Village) -> Any:
    with village.at_work() as session:
        return session.execute(select(MEETINGS).where(MEETINGS.c.id == village.meeting_id)).one()


def test_meetings_are_numbered_and_only_one_is_open(village: Village) -> None:
    with pytest.raises(RuleBroken, match="Close the open meeting first"):
        try_open(village, date(2026, 1, 12))
    village.close()
    village.meet()
    with village.at_work() as session:
        assert [line.number for line in meetings_of(session, village.group_id)] == [1, 2]
        assert [line.status for line in meetings_of(session, village.group_id)] == [
            "COMPLETED",
            "IN_PROGRESS",
        ]


def test_a_number_or_a_day_that_can_not_be_is_refused(village: Village) -> None:
    village.close()
    with pytest.raises(RuleBroken, match="Meeting 1 is in the book already"):
        try_open(village, date(2026, 1, 12), number=1)
    with pytest.raises(RuleBroken, match="5 Jan 2026") as before_formation:
        try_open(village, date(2026, 1, 4))
    assert before_formation.value.field == "date"
    village.meet(number=7)
    village.close()
    with pytest.raises(RuleBroken, match="The last meeting was held"):
        try_open(village, date(2026, 1, 11))
    with pytest.raises(RuleBroken, match="Merge at most 2"):
        try_open(village, date(2026, 1, 19), meetings_merged=3)
    assert try_open(village, date(2026, 1, 12), kind="SPECIAL").number == 8


def test_a_planned_meeting_is_the_one_that_opens(village: Village) -> None:
    village.close()
    with village.at_work() as session:
        planned = add_row(
            session,
            insert(MEETINGS),
            {
                "group_id": village.group_id,
                "meeting_number": 2,
                "meeting_date": date(2026, 1, 12),
                "status": "SCHEDULED",
            },
            village.clock,
        )
    assert village.meet() == planned


def test_the_box_is_counted_at_the_opening_and_a_difference_says_why(village: Village) -> None:
    with village.at_work() as session:
        cells.set_social(
            session, village.meeting_id, village.members[0], D(1000), clock=village.clock
        )
        expenses.record_income(session, village.meeting_id, D(5000), "Gift", clock=village.clock)
    village.close()
    with pytest.raises(RuleBroken, match="Say why the count differs"), village.at_work() as session:
        open_meeting(
            session,
            village.group_id,
            NewMeeting(day=date(2026, 1, 12)),
            counts=counted(4900, 1000),
            clock=village.clock,
        )
    with village.at_work() as session:
        opened = open_meeting(
            session,
            village.group_id,
            NewMeeting(day=date(2026, 1, 12)),
            counts=counted(4900, 1000, reason="A note was torn"),
            clock=village.clock,
        )
    assert opened.expected == {Fund.LOAN_FUND: D(5000), Fund.SOCIAL: D(1000)}
    village.meeting_id = opened.meeting_id
    assert village.funds().loan_fund == D(4900)
    with village.at_work() as session:  # counted again, and found
        count_opening(session, opened.meeting_id, counted(5000, 1000), clock=village.clock)
    assert village.funds().loan_fund == D(5000)
    assert the_meeting(village).opening_count["LOAN_FUND"] == {
        "expected": "5000.00",
        "total": "5000.00",
        "notes": {},
        "reason": "",
    }


def test_a_count_by_notes_makes_its_own_sum(village: Village) -> None:
    with village.at_work() as session:
        expenses.record_income(session, village.meeting_id, D(3500), "Gift", clock=village.clock)
        village.all_present(session)
    notes = {D(1000): 3, D(500): 1, D(50): 0}
    with village.at_work() as session:
        wrong = {
            Fund.LOAN_FUND: PurseCounted(D(3000), notes=notes),
            Fund.SOCIAL: PurseCounted(D(0)),
        }
        with pytest.raises(RuleBroken, match="the notes make 3 500"):
            close_meeting(session, village.meeting_id, wrong, clock=village.clock)
    with village.at_work() as session:
        right = {Fund.LOAN_FUND: PurseCounted(notes=notes), Fund.SOCIAL: PurseCounted(D(0))}
        close_meeting(session, village.meeting_id, right, clock=village.clock)
    kept = the_meeting(village).closing_count["LOAN_FUND"]
    assert (kept["total"], kept["notes"]) == ("3500.00", {"1000": 3, "500": 1})


def test_a_meeting_closes_only_when_it_is_complete(village: Village) -> None:
    clock, meeting = village.clock, village.meeting_id
    with village.at_work() as session:
        with pytest.raises(RuleBroken, match=r"5 are not marked\. The next is 1 Amina Nakato"):
            close_meeting(session, meeting, counted(0), clock=clock)
        village.all_present(session)
        with pytest.raises(RuleBroken, match="Count every purse") as missing:
            close_meeting(session, meeting, {Fund.LOAN_FUND: PurseCounted(D(0))}, clock=clock)
        assert missing.value.field == "SOCIAL"
        with pytest.raises(RuleBroken, match="Say why"):
            close_meeting(session, meeting, counted(100), clock=clock)
    with village.at_work() as session:
        close_meeting(session, meeting, counted(100, reason="Found in the box"), clock=clock)
    assert village.funds().loan_fund == D(100)
    assert the_meeting(village).status == "COMPLETED"


def test_without_an_opening_count_no_meeting_closes(village: Village) -> None:
    village.close()
    opened = try_open(village, date(2026, 1, 12))
    with village.at_work() as session:
        village.meeting_id = opened.meeting_id
        village.all_present(session)
        with pytest.raises(RuleBroken, match="opening count first"):
            close_meeting(session, opened.meeting_id, counted(0), clock=village.clock)


def test_a_special_meeting_needs_no_roll_call(village: Village) -> None:
    village.close()
    village.meet(days=0, kind="SPECIAL")
    with village.at_work() as session:
        close_meeting(session, village.meeting_id, counted(0), clock=village.clock)


def test_a_suspended_member_is_not_waited_for(village: Village) -> None:
    with village.at_work() as session:
        suspend_member(session, village.members[4], clock=village.clock)
        record_roll_call(
            session,
            village.meeting_id,
            dict.fromkeys(village.members[:4], AttendanceStatus.PRESENT),
            clock=village.clock,
        )
        close_meeting(session, village.meeting_id, counted(0), clock=village.clock)
    assert the_meeting(village).total_members == 4


def changes(village: Village) -> list[Callable[[Session], Any]]:
    """Everything that writes into a meeting."""
    meeting, member, clock = village.meeting_id, village.members[0], village.clock
    terms = LoanTerms(principal=D(100))
    present = AttendanceStatus.PRESENT
    with village.database.read() as session:
        fine = session.execute(select(FINES.c.id)).scalars().one()
    return [
        lambda s: cells.set_shares(s, meeting, member, 1, clock=clock),
        lambda s: cells.set_saving(s, meeting, member, "ECD", D(50), clock=clock),
        lambda s: cells.set_social(s, meeting, member, D(50), clock=clock),
        lambda s: cells.set_grant(s, meeting, member, D(50), clock=clock),
        lambda s: cells.set_advance(s, meeting, member, D(50), clock=clock),
        lambda s: cells.set_advance_repaid(s, meeting, member, D(50), clock=clock),
        lambda s: cells.set_fine_charged(s, meeting, member, D(50), clock=clock),
        lambda s: cells.set_fine_paid(s, meeting, member, D(50), clock=clock),
        lambda s: cells.set_repayment(s, meeting, member, D(50), clock=clock),
        lambda s: cells.set_loan(s, meeting, member, terms, clock=clock),
        lambda s: savings.record_shares(s, meeting, member, 1, clock=clock),
        lambda s: savings.record_saving(s, meeting, member, "ECD", D(5), clock=clock),
        lambda s: savings.withdraw_saving(s, meeting, member, "ECD", D(5), clock=clock),
        lambda s: social.contribute_social(s, meeting, member, D(5), clock=clock),
        lambda s: social.grant_social(s, meeting, member, D(5), clock=clock),
        lambda s: social.advance_social(s, meeting, member, D(5), clock=clock),
        lambda s: social.repay_advance(s, meeting, member, D(5), clock=clock),
        lambda s: fines.charge_fine(s, meeting, member, FineType.MISCONDUCT, clock=clock),
        lambda s: fines.receive_fine_payment(s, meeting, member, D(5), clock=clock),
        lambda s: fines.waive_fine(s, meeting, fine, "Old", clock=clock),
        lambda s: fines.withdraw_fine(s, fine, clock=clock),
        lambda s: loans.disburse_loan(s, meeting, member, terms, clock=clock),
        lambda s: repayments.receive_repayment(s, meeting, member, D(5), clock=clock),
        lambda s: expenses.record_expense(s, meeting, D(5), "Paper", clock=clock),
        lambda s: expenses.record_income(s, meeting, D(5), "Gift", clock=clock),
        lambda s: expenses.deposit_at_bank(s, meeting, D(5), clock=clock),
        lambda s: expenses.withdraw_from_bank(s, meeting, D(5), clock=clock),
        lambda s: record_attendance(s, meeting, member, present, clock=clock),
        lambda s: record_participation(s, meeting, member, voted=True, clock=clock),
        lambda s: record_notes(s, meeting, minutes="Later", clock=clock),
        lambda s: count_opening(s, meeting, counted(0), clock=clock),
        lambda s: reverse_entry(s, meeting, 1, "Wrong", clock=clock),
        lambda s: correct_entry(s, meeting, 1, D(5), "Wrong", clock=clock),
        lambda s: close_meeting(s, meeting, counted(0), clock=clock),
        lambda s: discard_meeting(s, meeting, clock=clock),
    ]


def test_a_closed_meeting_never_changes(village: Village) -> None:
    with village.at_work() as session:
        fines.charge_fine(
            session,
            village.meeting_id,
            village.members[0],
            FineType.MISCONDUCT,
            clock=village.clock,
        )
    village.close()
    with village.at_work() as session:
        for change in changes(village):
            with pytest.raises(RuleBroken) as caught:
                change(session)
            assert str(caught.value) == "That meeting is closed. Correct it with a reversal."
    with village.database.read() as session:
        assert not [each for each in verify_seals(session, village.group_id) if each.broken]


def test_a_meeting_opened_by_mistake_leaves_no_trace(village: Village) -> None:
    village.ruled(late_penalty_kind=PenaltyKind.FIXED, late_penalty_amount=D(50))
    village = Village(village.database, village.rules, code="PEN-1").form()
    clock, member = village.clock, village.members[0]
    village.meet(present=True)
    with village.at_work() as session:
        cells.set_shares(session, village.meeting_id, member, 5, clock=clock)
        cells.set_loan(
            session, village.meeting_id, member, LoanTerms(principal=D(1000)), clock=clock
        )
    village.close()
    with village.database.read() as session:
        before = loans_of_member(session, member)
    village.meet(days=40)
    with village.at_work() as session:
        [late] = loans_of_member(session, member)
        assert late.penalty_due == D(50)
        record_attendance(session, village.meeting_id, member, AttendanceStatus.ABSENT, clock=clock)
        discard_meeting(session, village.meeting_id, clock=clock)
    with village.database.read() as session:
        assert loans_of_member(session, member) == before
        assert len(meetings_of(session, village.group_id)) == 1
        assert session.execute(select(FINES.c.id)).first() is None
    village.day -= timedelta(days=40)
    village.meet(days=7)
    with village.at_work() as session:
        cells.set_social(session, village.meeting_id, member, D(200), clock=clock)
        with pytest.raises(RuleBroken, match="Money is written"):
            discard_meeting(session, village.meeting_id, clock=clock)


def test_late_penalties_are_charged_once_each(database: Any) -> None:
    village = Village(database).ruled(
        late_penalty_kind=PenaltyKind.FIXED,
        late_penalty_amount=D(50),
        late_penalty_repeats=True,
        loan_grace_days=3,
    )
    village.form()
    member, clock = village.members[0], village.clock
    village.meet(present=True)
    with village.at_work() as session:
        cells.set_shares(session, village.meeting_id, member, 5, clock=clock)
        terms = LoanTerms(principal=D(900), periods=1)
        cells.set_loan(session, village.meeting_id, member, terms, clock=clock)
    village.close()
    due = []
    for days in (28, 3, 1, 7, 21):  # due on the 28th day, late from the 32nd, again 28 days on
        village.meet(days=days, present=True)
        with village.database.read() as session:
            due.append(loans_of_member(session, member)[0].penalty_due)
        village.close()
    assert due == [D(0), D(0), D(50), D(50), D(100)]
    village.meet(present=True)
    with village.at_work() as session:
        paid = cells.set_repayment(session, village.meeting_id, member, D(1090), clock=clock)
        assert len(paid.entries) == 3
        [loan] = loans_of_member(session, member)
        assert (loan.status, loan.penalty_paid) == ("COMPLETED", D(100))
    with village.database.read() as session:
        check_books(session, village.group_id)


def test_the_box_agrees_when_the_count_is_the_books(village: Village) -> None:
    with village.at_work() as session:
        assert as_expected(session, village.group_id) == {
            Fund.LOAN_FUND: PurseCounted(D(0)),
            Fund.SOCIAL: PurseCounted(D(0)),
        }
