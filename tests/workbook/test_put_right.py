"""Entries that were put right within one meeting come back from a workbook as they stand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.services.village import Village
from tests.workbook.equal_books import check_verified, in_any_order, seen
from tests.workbook.eventful import CODE, again, begun
from tests.workbook.sheets import small_group, write_sheets
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.domain.meeting import AttendanceStatus as Mark
from vsla_desktop.queries.mobile_money import Purpose
from vsla_desktop.queries.tables import ATTENDANCE, MEETINGS
from vsla_desktop.services import cells
from vsla_desktop.services.attendance import record_attendance
from vsla_desktop.services.attendance_corrections import correct_mark
from vsla_desktop.services.corrections import correct_entry
from vsla_desktop.services.mobile_money import NewPayment, record_payment, verify_payment
from vsla_desktop.services.workbook import export_workbook, import_workbook

D = Decimal
Fresh = Callable[[], closing[Database]]


def right(village: Village, entry: int, amount: int) -> int:
    with village.at_work() as session:
        done = correct_entry(
            session, village.meeting_id, entry, D(amount), "Passbook", clock=village.clock
        )
    return done.entries[0].transaction_id if done.entries else 0


def paid_by_phone(village: Village, purpose: Purpose) -> int:
    new = NewPayment(
        member_id=village.members[0],
        amount=D(2500),
        purpose=purpose,
        reference="MP1",
        day=village.day,
        phone_number="0772123456",
    )
    with village.at_work() as session:
        payment = record_payment(session, village.group_id, new, clock=village.clock)
        booked = verify_payment(session, village.meeting_id, payment, clock=village.clock)
    return booked[0].transaction_id


def check_comes_back(first: Database, second: Database, village: Village, path: Path) -> None:
    assert export_workbook(first, CODE, path, clock=village.clock).left_out == ()
    report = import_workbook(second, path, clock=village.clock)
    assert report.written, [str(each) for each in report.wrong]
    before, after = in_any_order(seen(first, CODE)), in_any_order(seen(second, CODE))
    for what, rows in before.items():
        assert after[what] == rows, what
    check_verified(second, CODE)


@pytest.mark.parametrize("purpose", [Purpose.SHARES, Purpose.SOCIAL])
@pytest.mark.parametrize("later", [None, 1000, 0])
def test_money_on_the_phone_that_is_put_right_at_once_comes_back(
    lent_book: Fresh, tmp_path: Path, purpose: Purpose, later: int | None
) -> None:
    with lent_book() as first, lent_book() as second:
        village = begun(first)
        entry = right(village, paid_by_phone(village, purpose), 1500)
        again(village)
        if later is not None:
            right(village, entry, later)
        village.close()
        check_comes_back(first, second, village, tmp_path / "group.xlsx")


def test_a_correction_that_is_put_right_after_other_entries_comes_back(
    lent_book: Fresh, tmp_path: Path
) -> None:
    with lent_book() as first, lent_book() as second:
        village = begun(first)
        member, other, *_ = village.members
        with village.at_work() as session:
            meeting, clock = village.meeting_id, village.clock
            shares = cells.set_shares(session, meeting, member, 3, clock=clock)
            social = cells.set_social(session, meeting, member, D(200), clock=clock)
        again(village)
        wrong = [
            right(village, set_to.entries[0].transaction_id, amount)
            for set_to, amount in ((shares, 1000), (social, 150))
        ]
        with village.at_work() as session:
            meeting = village.meeting_id
            cells.set_shares(session, meeting, other, 2, clock=clock)
            cells.set_social(session, meeting, other, D(200), clock=clock)
        right(village, wrong[0], 2500)
        right(village, wrong[1], 300)
        with village.at_work() as session:
            cells.set_shares(session, village.meeting_id, member, 5, clock=clock)
        village.close()
        check_comes_back(first, second, village, tmp_path / "group.xlsx")


def test_marks_that_were_put_right_come_back_and_go_out_the_same(
    lent_book: Fresh, tmp_path: Path
) -> None:
    with lent_book() as first, lent_book() as second:
        village = begun(first)
        earlier = village.meeting_id
        with village.at_work() as session:
            for member, given in zip(village.members, (Mark.ABSENT, Mark.LATE), strict=False):
                record_attendance(session, earlier, member, given, clock=village.clock)
        again(village)
        again(village)
        with village.at_work() as session:
            for place, status in enumerate((Mark.PRESENT, Mark.EXCUSED, Mark.REPRESENTED)):
                correct_mark(
                    session,
                    village.meeting_id,
                    earlier,
                    village.members[place],
                    status,
                    f"Seen by {place}",
                    clock=village.clock,
                )
        path = tmp_path / "group.xlsx"
        again(village)
        check_comes_back(first, second, village, path)
        content = path.read_bytes()
        export_workbook(second, CODE, path, clock=village.clock)
        assert path.read_bytes() == content
        with second.read() as session:
            rows = session.execute(
                select(ATTENDANCE.c.corrected_status, MEETINGS.c.meeting_number)
                .join(MEETINGS, MEETINGS.c.id == ATTENDANCE.c.corrected_meeting_id)
                .order_by(ATTENDANCE.c.member_id)
            ).all()
        assert rows == [("PRESENT", 4), ("EXCUSED", 4), ("REPRESENTED", 4)]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("detail", "THERE", "THERE is no mark of the roll call."),
        ("detail", "PRESENT", "Choose another mark."),
        ("description", "", "Say why it is corrected."),
        ("of_meeting", None, "Choose a meeting."),
        ("of_meeting", 2, "This meeting is still open."),
        ("member", None, "Choose a member."),
    ],
)
def test_a_mark_that_can_not_be_put_right_is_named_at_its_cell(
    book: Database, tmp_path: Path, clock: FixedClock, column: str, value: object, said: str
) -> None:
    sheets = small_group()
    row = {
        "meeting": 2,
        "member": 1,
        "type": "MARK_CORRECTED",
        "amount": 0,
        "description": "Ill",
        "detail": "EXCUSED",
        "of_meeting": 1,
    } | {column: value}
    sheets["Other"] = [list(row), list(row.values())]
    path = write_sheets(tmp_path / "group.xlsx", sheets)
    report = import_workbook(book, path, clock=clock)
    [wrong] = report.wrong
    assert not report.written
    assert wrong.address == f"Other!{'ABCDEFG'[list(row).index(column)]}2"
    assert said in str(wrong)
