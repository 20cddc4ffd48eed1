"""A mark that was put right reaches head office and other laptops, and so does what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.services.village import Village
from tests.sync.laptop import Laptop, assert_same, new_laptop, read, run
from tests.sync.test_pull import meet
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.services.attendance import record_attendance
from vsla_desktop.services.attendance_corrections import correct_mark

if TYPE_CHECKING:
    from pathlib import Path

    from vsla_desktop.db import Database

MARKS = (
    "SELECT a.attendance_status, a.corrected_status, m.meeting_number, a.correction_reason"
    " FROM meeting_attendance a JOIN meetings m ON m.id = a.corrected_meeting_id"
)
ATTENDANCE = "SELECT attendance_percentage FROM group_members ORDER BY member_number LIMIT 1"


def missed(laptop: Laptop) -> tuple[Village, int]:
    """The first member was marked absent at the first meeting; the second one is open."""
    village = Village(laptop.database).form()
    first = village.meet()
    with village.at_work() as session:
        record_attendance(
            session, first, village.members[0], AttendanceStatus.ABSENT, clock=village.clock
        )
    village.close()
    village.meet(present=True)
    return village, first


def put_right(village: Village, meeting: int) -> None:
    with village.at_work() as session:
        correct_mark(
            session,
            village.meeting_id,
            meeting,
            village.members[0],
            AttendanceStatus.PRESENT,
            "She came",
            clock=village.clock,
        )


def test_a_mark_that_was_put_right_is_the_same_everywhere(
    laptop: Laptop, central: Database, tmp_path: Path
) -> None:
    village, first = missed(laptop)
    assert laptop.push().waiting == 0
    assert [str(each) for (each,) in read(central, ATTENDANCE)] == ["50.00"]
    put_right(village, first)
    assert laptop.push().waiting == 0
    right = [("ABSENT", "PRESENT", 2, "She came")]
    assert read(central, MARKS) == right
    assert [str(each) for (each,) in read(central, ATTENDANCE)] == ["100.00"]
    village.close()
    meet(laptop)
    assert_same(laptop, central)
    other = new_laptop(tmp_path / "coordinator", central)
    meet(other)
    assert other.read(MARKS) == right
    for database in (central, other.database):
        with database.read() as session:
            assert [each.broken for each in verify_seals(session, 1)] == ["", ""]
    other.close()


def test_what_head_office_put_right_as_well_stands(laptop: Laptop, central: Database) -> None:
    village, first = missed(laptop)
    laptop.push()
    run(
        central,
        "UPDATE meeting_attendance SET corrected_status = 'EXCUSED', corrected_meeting_id = 2,"
        " correction_reason = 'Ill' WHERE attendance_status = 'ABSENT'",
    )
    put_right(village, first)
    meet(laptop)
    assert read(central, MARKS) == [("ABSENT", "EXCUSED", 2, "Ill")]
    kept = laptop.read("SELECT col, kind FROM sync_conflict ORDER BY col")
    assert kept == [("corrected_status", "changed"), ("correction_reason", "changed")]
    meet(laptop)
    assert laptop.read(MARKS) == [("ABSENT", "EXCUSED", 2, "Ill")]
