"""Marks of the roll call as they count for the member: as a later meeting put them right.

The line keeps the mark that was given, and its meeting what was announced. A correction counts
from the day of the meeting that made it. See docs/rules.md#marks-put-right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import case, func, select

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.queries.tables import ATTENDANCE, MEETINGS

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import BindParameter, ColumnElement, Subquery

_IN_THE_ROOM: Final = [each.value for each in AttendanceStatus if each.is_present]


def _is_present(corrected: ColumnElement[Any]) -> ColumnElement[bool]:
    return func.coalesce(corrected.in_(_IN_THE_ROOM), ATTENDANCE.c.is_present)


IS_PUT_RIGHT: Final = ATTENDANCE.c.corrected_meeting_id.is_not(None)
WAS_PRESENT: Final = _is_present(case((IS_PUT_RIGHT, ATTENDANCE.c.corrected_status)))
"""Whether a member was in the room, by all that is known today."""


def counted_until(day: date | BindParameter[date]) -> Subquery:
    """Return the roll calls of all meetings, each mark as it counted at the end of a day.

    They have the columns of the roll call, and ``is_put_right``.
    """
    # Few marks are ever put right: looked up by themselves, they cost the others nothing.
    right = (
        select(ATTENDANCE.c.id, ATTENDANCE.c.corrected_status)
        .join(MEETINGS, MEETINGS.c.id == ATTENDANCE.c.corrected_meeting_id)
        .where(IS_PUT_RIGHT, MEETINGS.c.meeting_date <= day)
        .subquery("put_right")
    )
    status, present = ATTENDANCE.c.attendance_status, ATTENDANCE.c.is_present
    others = (each for each in ATTENDANCE.c if each not in {status, present})
    return (
        select(
            *others,
            func.coalesce(right.c.corrected_status, status).label(status.name),
            _is_present(right.c.corrected_status).label(present.name),
            right.c.id.is_not(None).label("is_put_right"),
        )
        .select_from(ATTENDANCE.outerjoin(right, right.c.id == ATTENDANCE.c.id))
        .subquery("marks")
    )


def mark_given(row: Any) -> AttendanceStatus:
    """Return the mark that a line of a roll call was given."""
    if row.attendance_status is not None:
        return AttendanceStatus(row.attendance_status)
    # Another program only says present or not.
    return AttendanceStatus.PRESENT if row.is_present else AttendanceStatus.ABSENT


def mark_put_right(row: Any) -> AttendanceStatus | None:
    """Return the mark that counts in place of the one that was given; None where none does."""
    if row.corrected_meeting_id is None or row.corrected_status is None:
        return None
    return AttendanceStatus(row.corrected_status)
