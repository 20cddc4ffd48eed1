"""The attendance register: members by meetings. See docs/rules.md#meetings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.queries.filtering import Listed, narrowed
from vsla_desktop.queries.listing import PERSON, person
from vsla_desktop.queries.tables import ATTENDANCE, GROUPS, MEMBERS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter

_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class RegisterMeeting:
    """A meeting whose roll was called: a member has one mark a day."""

    day: date
    number: int | None


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One member's marks, one for each meeting of the register; None where she has none."""

    member_id: int
    number: int
    name: str
    marks: tuple[AttendanceStatus | None, ...]

    def count(self, *statuses: AttendanceStatus) -> int:
        """Return how often she was marked so."""
        return sum(mark in statuses for mark in self.marks)

    @property
    def meetings(self) -> int:
        """At how many meetings she was called."""
        return sum(mark is not None for mark in self.marks)

    @property
    def came(self) -> int:
        """At how many of them she was in the room."""
        return sum(mark is not None and mark.is_present for mark in self.marks)

    @property
    def part(self) -> Decimal | None:
        """The part of the meetings to which she came, as a fraction to the hundredth per cent."""
        if not self.meetings:
            return None
        return (Decimal(self.came) / self.meetings).quantize(_PLACES, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Register:
    """The meetings of some time, the first one first, and the members by number."""

    meetings: tuple[RegisterMeeting, ...]
    lines: tuple[RegisterLine, ...]


def attendance_register(session: Session, wanted: Filter) -> Register:
    """Return who came to the meetings of a group; days and members as the filter asks."""
    statement = (
        select(
            *PERSON,
            MEMBERS.c.id.label("member_id"),
            ATTENDANCE.c.meeting_date,
            ATTENDANCE.c.meeting_number,
            ATTENDANCE.c.attendance_status,
            ATTENDANCE.c.is_present,
        )
        .select_from(
            ATTENDANCE.join(MEMBERS, MEMBERS.c.id == ATTENDANCE.c.member_id).join(
                GROUPS, GROUPS.c.id == ATTENDANCE.c.group_id
            )
        )
        .order_by(MEMBERS.c.member_number, MEMBERS.c.id, ATTENDANCE.c.meeting_date)
    )
    listed = Listed(day=ATTENDANCE.c.meeting_date)
    statement = narrowed(statement, wanted, groups=GROUPS, members=MEMBERS, listed=listed)
    people: dict[int, Any] = {}
    marks: dict[int, dict[date, AttendanceStatus]] = defaultdict(dict)
    meetings: dict[date, RegisterMeeting] = {}
    for row in session.connection().execute(statement):
        people[row.member_id] = row
        marks[row.member_id][row.meeting_date] = _mark(row)
        meetings[row.meeting_date] = RegisterMeeting(row.meeting_date, row.meeting_number)
    days = sorted(meetings)
    return Register(
        tuple(meetings[day] for day in days),
        tuple(
            RegisterLine(
                member_id,
                row.member_number or 0,
                person(row),
                tuple(marks[member_id].get(day) for day in days),
            )
            for member_id, row in people.items()
        ),
    )


def _mark(row: Any) -> AttendanceStatus:
    if row.attendance_status is not None:
        return AttendanceStatus(row.attendance_status)
    # Another program only says present or not.
    return AttendanceStatus.PRESENT if row.is_present else AttendanceStatus.ABSENT
