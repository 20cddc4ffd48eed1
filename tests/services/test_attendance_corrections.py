from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, select, update

from tests.services.test_share_out import Season
from tests.services.village import Village
from vsla_desktop.derived.check import differences
from vsla_desktop.domain.meeting import AttendanceStatus as Mark
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.analytics import figures_on
from vsla_desktop.queries.attendance import attendance_register
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.mark_corrections import correctable_mark, put_right_at, roll_marks
from vsla_desktop.queries.members import member_profile, passbook
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.summary_totals import totals_of_members
from vsla_desktop.queries.tables import ATTENDANCE, FINES, MEETINGS, MEMBERS
from vsla_desktop.services import cells
from vsla_desktop.services.assessments import assess_member
from vsla_desktop.services.attendance import record_attendance
from vsla_desktop.services.attendance_corrections import correct_mark, try_mark
from vsla_desktop.services.meetings import discard_meeting

if TYPE_CHECKING:
    from datetime import date

D = Decimal


@pytest.fixture
def missed(village: Village) -> Village:
    """The first member was marked absent at the first of two meetings; the third is open."""
    mark(village, Mark.ABSENT)
    village.close()
    village.meet()
    village.close()
    village.meet(present=True)
    return village


def mark(village: Village, status: Mark) -> None:
    with village.at_work() as session:
        record_attendance(
            session, village.meeting_id, village.members[0], status, clock=village.clock
        )


def meetings(village: Village) -> list[Any]:
    with village.database.read() as session:
        return list(
            session.execute(
                select(MEETINGS)
                .where(MEETINGS.c.group_id == village.group_id)
                .order_by(MEETINGS.c.meeting_number)
            )
        )


def put_right(village: Village, status: Mark = Mark.PRESENT, reason: str = "She came") -> None:
    """Put the first member's mark at the first meeting right in the open one."""
    with village.at_work() as session:
        correct_mark(
            session,
            village.meeting_id,
            meetings(village)[0].id,
            village.members[0],
            status,
            reason,
            clock=village.clock,
        )


def attendance(village: Village) -> Decimal:
    with village.database.read() as session:
        wanted = select(MEMBERS.c.attendance_percentage).where(MEMBERS.c.id == village.members[0])
        found: Decimal = session.execute(wanted).scalar_one()
        return found


def line(village: Village) -> Any:
    with village.database.read() as session:
        first = meetings(village)[0].id
        return session.execute(
            select(ATTENDANCE).where(
                ATTENDANCE.c.meeting_id == first, ATTENDANCE.c.member_id == village.members[0]
            )
        ).one()


def refused(village: Village, *said: Any) -> str:
    with pytest.raises(RuleBroken) as error:
        put_right(village, *said)
    return str(error.value.message)


def seals(village: Village) -> list[str]:
    with village.database.read() as session:
        return [each.broken for each in verify_seals(session, village.group_id)]


def test_the_right_mark_counts_and_the_closed_meeting_stays(missed: Village) -> None:
    assert attendance(missed) == D("66.67")
    first, before = meetings(missed)[0], line(missed)
    put_right(missed)
    assert attendance(missed) == D(100)
    after = line(missed)
    assert (after.attendance_status, after.is_present) == ("ABSENT", False)
    assert (after.corrected_status, after.corrected_meeting_id, after.correction_reason) == (
        "PRESENT",
        missed.meeting_id,
        "She came",
    )
    untouched = {"corrected_status", "corrected_meeting_id", "correction_reason", "updated_date"}
    assert {name: value for name, value in after._mapping.items() if name not in untouched} == {
        name: value for name, value in before._mapping.items() if name not in untouched
    }
    assert meetings(missed)[0] == first
    assert seals(missed) == ["", ""]
    missed.close()
    assert seals(missed) == ["", "", ""]
    with missed.database.connection() as connection:
        assert differences(connection) == []


def test_the_other_way_round_she_was_not_there(missed: Village) -> None:
    second, member = meetings(missed)[1].id, missed.members[0]
    with missed.at_work() as session:
        correct_mark(
            session, missed.meeting_id, second, member, Mark.EXCUSED, "Ill", clock=missed.clock
        )
    assert attendance(missed) == D("33.33")
    with missed.database.read() as session:
        [right] = put_right_at(session, missed.meeting_id)
        roll = roll_marks(session, second)
    assert (right.number, right.name, right.given, right.right, right.reason) == (
        1,
        "Amina Nakato",
        Mark.PRESENT,
        Mark.EXCUSED,
        "Ill",
    )
    assert (right.meeting_number, right.right_number, right.right_day) == (2, 3, missed.day)
    assert roll[0] == right
    assert [each.right for each in roll[1:]] == [None] * 4


def test_what_it_would_change_is_tried_and_undone(missed: Village) -> None:
    with missed.at_work() as session:
        found = correctable_mark(session, meetings(missed)[0].id, missed.members[0])
        then = try_mark(session, found, Mark.LATE, clock=missed.clock)
    assert (found.attendance, found.fine_owed, then) == (D("66.67"), D(300), D(100))
    assert attendance(missed) == D("66.67")
    assert line(missed).corrected_status is None


def test_a_fine_stays_until_somebody_is_let_off(missed: Village) -> None:
    put_right(missed)
    with missed.database.read() as session:
        [fine] = session.execute(select(FINES).where(FINES.c.member_id == missed.members[0]))
    assert (fine.amount, fine.waived_date) == (D(300), None)


def test_while_its_meeting_is_open_it_can_be_said_otherwise_or_taken_back(missed: Village) -> None:
    put_right(missed)
    assert refused(missed, Mark.PRESENT, "She came") == "Choose another mark."
    assert refused(missed, Mark.LATE, "") == "Say why it is corrected."
    put_right(missed, Mark.LATE, "She came late")
    assert (line(missed).corrected_status, line(missed).correction_reason) == (
        "LATE",
        "She came late",
    )
    put_right(missed, Mark.ABSENT, "")
    after = line(missed)
    assert (after.corrected_status, after.corrected_meeting_id, after.correction_reason) == (
        None,
        None,
        None,
    )
    assert attendance(missed) == D("66.67")
    put_right(missed)
    missed.close()
    missed.meet()
    assert refused(missed, Mark.LATE, "Late") == "This mark was put right in meeting {number}."
    assert refused(missed, Mark.ABSENT, "") == "This mark was put right in meeting {number}."
    assert attendance(missed) == D(100)


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        (Mark.PRESENT, "  ", "Say why it is corrected."),
        (Mark.ABSENT, "Why", "Choose another mark."),
    ],
)
def test_what_makes_no_sense_is_refused(
    missed: Village, status: Mark, reason: str, said: str
) -> None:
    before = line(missed)
    assert refused(missed, status, reason) == said
    assert line(missed) == before


def test_a_mark_of_the_open_meeting_is_made_on_its_sheet(missed: Village) -> None:
    with (
        missed.at_work() as session,
        pytest.raises(RuleBroken, match="This meeting is still open"),
    ):
        correct_mark(
            session,
            missed.meeting_id,
            missed.meeting_id,
            missed.members[0],
            Mark.LATE,
            "Late",
            clock=missed.clock,
        )


def test_without_an_open_meeting_nothing_is_put_right(missed: Village) -> None:
    missed.close()
    assert refused(missed) == "That meeting is closed."
    with (
        missed.database.read() as session,
        pytest.raises(RuleBroken, match="Open a meeting first"),
    ):
        correctable_mark(session, meetings(missed)[0].id, missed.members[0])


def test_another_groups_mark_is_not_here(missed: Village) -> None:
    other = Village(missed.database, code="OTHER-1").form()
    other.meet()
    with (
        missed.at_work() as session,
        pytest.raises(RuleBroken, match="not in the book of the group"),
    ):
        correct_mark(
            session,
            other.meeting_id,
            meetings(missed)[0].id,
            missed.members[0],
            Mark.PRESENT,
            "She came",
            clock=missed.clock,
        )
    assert line(missed).corrected_status is None


def test_once_the_cycle_is_paid_out_its_roll_calls_stay(missed: Village) -> None:
    with missed.at_work() as session:
        for member in missed.members:
            cells.set_shares(session, missed.meeting_id, member, 2, clock=missed.clock)
    season = Season(missed)
    season.propose()
    assert season.freeze()
    put_right(missed)
    season.pay()
    assert refused(missed, Mark.LATE, "Late") == "That cycle is shared out."
    missed.close()
    season.close()
    season.next()
    missed.meet()
    assert refused(missed, Mark.LATE, "Late") == "That cycle is shared out."


def test_a_meeting_that_is_discarded_takes_its_corrections_back(missed: Village) -> None:
    before = line(missed)
    put_right(missed)
    with missed.at_work() as session:
        discard_meeting(session, missed.meeting_id, clock=missed.clock)
    after = line(missed)
    changed = {"updated_date": None}
    assert {**after._mapping, **changed} == {**before._mapping, **changed}
    assert attendance(missed) == D(50)


def test_a_correction_whose_meeting_another_program_removes_counts_no_more(
    missed: Village,
) -> None:
    put_right(missed)
    with missed.at_work() as session:
        session.execute(delete(ATTENDANCE).where(ATTENDANCE.c.meeting_id == missed.meeting_id))
        session.execute(delete(MEETINGS).where(MEETINGS.c.id == missed.meeting_id))
    assert attendance(missed) == D(50)
    with missed.database.connection() as connection:
        assert differences(connection) == []
    assert line(missed).corrected_meeting_id is None


def test_it_counts_from_the_day_of_the_meeting_that_made_it(missed: Village) -> None:
    """Lists of a day in the past say what was known on that day."""
    put_right(missed)
    day_before, member = missed.day - timedelta(days=1), missed.members[0]

    def told(day: date) -> list[Any]:
        with missed.database.read() as session:
            figures = figures_on(session, missed.group_id, day).members[member]
            totals = totals_of_members(session, [missed.group_id], day)[member]
            wanted = Filter(group_ids=(missed.group_id,), on=day, day_to=day)
            register = attendance_register(session, wanted).lines[0]
        return [
            (figures.meetings_attended, figures.meetings_missed, figures.attendance_rate),
            (totals.came, totals.meetings),
            (register.marks, register.put_right),
        ]

    first = Mark.ABSENT
    assert told(day_before) == [(1, 1, D(50)), (1, 2), ((first, Mark.PRESENT), frozenset())]
    now = (Mark.PRESENT, Mark.PRESENT, Mark.PRESENT)
    assert told(missed.day) == [(3, 0, D(100)), (3, 3), (now, frozenset({0}))]


def test_everything_that_tells_of_the_member_counts_it(missed: Village) -> None:
    put_right(missed, Mark.LATE)
    member = missed.members[0]
    with missed.at_work() as session:
        book = passbook(session, member, on=missed.day)
        profile = member_profile(session, book.member, on=missed.day)
        assess_member(session, missed.group_id, member, day=missed.day, clock=missed.clock)
    assert (book.lines[0].attendance, book.lines[0].given) == (Mark.LATE, Mark.ABSENT)
    assert (book.lines[1].attendance, book.lines[1].given) == (Mark.PRESENT, None)
    assert (profile.came, profile.meetings) == (3, 3)
    assert book.member.attendance_percentage == D(100)


@pytest.mark.parametrize(
    ("column", "value"),
    [("corrected_status", "LATE"), ("correction_reason", "Other"), ("corrected_meeting_id", None)],
)
def test_the_meeting_that_put_it_right_is_sealed_with_it(
    missed: Village, column: str, value: object
) -> None:
    put_right(missed)
    missed.close()
    with missed.at_work() as session:
        this = ATTENDANCE.c.id == line(missed).id
        session.execute(update(ATTENDANCE).where(this), {column: value})
    assert seals(missed) == ["", "", "rows"]


def test_who_adds_a_correction_to_a_closed_meeting_breaks_its_seal(missed: Village) -> None:
    missed.close()
    with missed.at_work() as session:
        session.execute(
            update(ATTENDANCE).where(ATTENDANCE.c.id == line(missed).id),
            {"corrected_status": "PRESENT", "corrected_meeting_id": missed.meeting_id},
        )
    assert seals(missed) == ["", "", "rows"]


def test_of_who_left_a_mark_is_put_right_all_the_same(missed: Village) -> None:
    with missed.at_work() as session:
        session.execute(
            update(MEMBERS).where(MEMBERS.c.id == missed.members[0]), {"is_active": False}
        )
    put_right(missed)
    assert attendance(missed) == D(100)
