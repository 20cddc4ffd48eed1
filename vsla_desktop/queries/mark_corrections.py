"""Marks of closed meetings that a later meeting puts right. See docs/rules.md#marks-put-right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.money import ZERO
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.marks import IS_PUT_RIGHT, mark_given, mark_put_right
from vsla_desktop.queries.meetings import open_meeting_id
from vsla_desktop.queries.pages import CYCLE_OPEN
from vsla_desktop.queries.tables import ATTENDANCE, CYCLES, FINES, MEETINGS, MEMBERS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class RollMark:
    """A member's mark at a meeting: as it was given, and as a later meeting put it right."""

    meeting_id: int
    meeting_number: int
    day: date
    member_id: int
    number: int
    name: str
    given: AttendanceStatus
    right: AttendanceStatus | None = None
    reason: str = ""
    right_at: int | None = None
    right_number: int | None = None
    right_day: date | None = None


@dataclass(frozen=True, slots=True)
class CorrectableMark:
    """A mark that the open meeting ``meeting_id`` may put right.

    ``attendance`` is the member's percentage as it stands, ``fine_owed`` what is unpaid of the fine
    that the mark brought.
    """

    mark_id: int
    mark: RollMark
    meeting_id: int
    attendance: Decimal
    fine_owed: Decimal


_right = MEETINGS.alias("right_at")
_MARKS = (
    select(
        ATTENDANCE,
        MEETINGS.c.meeting_number.label("number_of_meeting"),
        MEMBERS.c.member_number,
        MEMBERS.c.first_name,
        MEMBERS.c.last_name,
        _right.c.meeting_number.label("right_number"),
        _right.c.meeting_date.label("right_day"),
    )
    .select_from(
        ATTENDANCE.join(MEETINGS, MEETINGS.c.id == ATTENDANCE.c.meeting_id)
        .join(MEMBERS, MEMBERS.c.id == ATTENDANCE.c.member_id)
        .outerjoin(_right, _right.c.id == ATTENDANCE.c.corrected_meeting_id)
    )
    .order_by(ATTENDANCE.c.meeting_date, MEMBERS.c.member_number, ATTENDANCE.c.id)
)
_ROLL = _MARKS.where(ATTENDANCE.c.meeting_id == bindparam("meeting"))
_PUT_RIGHT_AT = _MARKS.where(ATTENDANCE.c.corrected_meeting_id == bindparam("meeting"))
_PUT_RIGHT = _MARKS.where(ATTENDANCE.c.group_id == bindparam("of_group"), IS_PUT_RIGHT)
_ONE = (
    _ROLL.where(ATTENDANCE.c.member_id == bindparam("member"))
    .add_columns(MEMBERS.c.attendance_percentage, CYCLES.c.status.label("cycle_status"))
    .outerjoin_from(MEETINGS, CYCLES, CYCLES.c.id == MEETINGS.c.cycle_id)
)
_FINE = select(func.sum(FINES.c.amount - FINES.c.paid_amount, type_=FINES.c.amount.type)).where(
    FINES.c.meeting_id == bindparam("meeting"),
    FINES.c.member_id == bindparam("member"),
    or_(FINES.c.fine_type == "LATE_ARRIVAL", FINES.c.fine_type == "ABSENCE"),
    FINES.c.waived_date.is_(None),
)


def roll_marks(session: Session, meeting_id: int) -> tuple[RollMark, ...]:
    """Return the roll call of a meeting, by the members' numbers."""
    return tuple(map(_mark, session.connection().execute(_ROLL, {"meeting": meeting_id})))


def put_right_at(session: Session, meeting_id: int) -> tuple[RollMark, ...]:
    """Return the marks of earlier meetings that a meeting put right, the oldest first."""
    found = session.connection().execute(_PUT_RIGHT_AT, {"meeting": meeting_id})
    return tuple(map(_mark, found))


def all_put_right(session: Session, group_id: int) -> tuple[RollMark, ...]:
    """Return every mark of a group that a later meeting put right, the oldest first."""
    found = session.connection().execute(_PUT_RIGHT, {"of_group": group_id})
    return tuple(map(_mark, found))


def correctable_mark(session: Session, meeting_id: int, member_id: int) -> CorrectableMark:
    """Return a mark of a closed meeting as the meeting that is open now may put it right.

    Raise :class:`RuleBroken`, with what to do instead, while no meeting is open, for a mark of the
    open one, for one that an earlier meeting put right, and once the cycle was paid out.
    """
    connection = session.connection()
    wanted = {"meeting": meeting_id, "member": member_id}
    row = connection.execute(_ONE, wanted).first()
    if row is None:
        raise RuleBroken("This mark is not in the book of the group.", field="mark")
    open_id = open_meeting_id(session, row.group_id)
    if open_id is None:
        raise RuleBroken("Open a meeting first.", hint="A correction is written there.")
    if open_id == meeting_id:
        raise RuleBroken(
            "This meeting is still open.", hint="Mark the member on its sheet.", field="mark"
        )
    if (row.cycle_status or CYCLE_OPEN) != CYCLE_OPEN:
        raise RuleBroken(
            "That cycle is shared out.", hint="Its roll calls stay as they are.", field="mark"
        )
    mark = _mark(row)
    if mark.right is not None and mark.right_at != open_id:
        raise RuleBroken(
            "This mark was put right in meeting {number}.",
            hint="That stands.",
            field="mark",
            number=mark.right_number,
        )
    owed = connection.execute(_FINE, wanted).scalar()
    return CorrectableMark(row.id, mark, open_id, row.attendance_percentage or ZERO, owed or ZERO)


def _mark(row: Any) -> RollMark:
    right = mark_put_right(row)
    mark = RollMark(
        meeting_id=row.meeting_id,
        meeting_number=row.number_of_meeting,
        day=row.meeting_date,
        member_id=row.member_id,
        number=row.member_number or 0,
        name=f"{row.first_name} {row.last_name}".strip(),
        given=mark_given(row),
    )
    if right is None:
        return mark
    return replace(
        mark,
        right=right,
        reason=row.correction_reason or "",
        right_at=row.corrected_meeting_id,
        right_number=row.right_number,
        right_day=row.right_day,
    )
