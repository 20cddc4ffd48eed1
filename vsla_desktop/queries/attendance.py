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
from vsla_desktop.queries.marks import counted_until, mark_given
from vsla_desktop.queries.tables import GROUPS, MEMBERS

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
    """One member's marks, one for each meeting of the register; None where she has none.

    ``put_right`` are the places of those that count in place of the mark that was given.
    """

    member_id: int
    number: int
    name: str
    marks: tuple[AttendanceStatus | None, ...]
    put_right: frozenset[int] = frozenset()

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
    """Return who came to the meetings of a group; days and members as the filter asks.

    A mark that was put right counts so from the day on which it was, by the day of the filter.
    """
    marks_then = counted_until(wanted.on or date.max)
    mark = marks_then.c
    statement = (
        select(
            *PERSON,
            MEMBERS.c.id.label("member_id"),
            mark.meeting_date,
            mark.meeting_number,
            mark.attendance_status,
            mark.is_present,
            mark.is_put_right,
        )
        .select_from(
            marks_then.join(MEMBERS, MEMBERS.c.id == mark.member_id).join(
                GROUPS, GROUPS.c.id == mark.group_id
            )
        )
        .order_by(MEMBERS.c.member_number, MEMBERS.c.id, mark.meeting_date)
    )
    listed = Listed(day=mark.meeting_date)
    statement = narrowed(statement, wanted, groups=GROUPS, members=MEMBERS, listed=listed)
    people: dict[int, Any] = {}
    marks: dict[int, dict[date, AttendanceStatus]] = defaultdict(dict)
    put_right: dict[int, set[date]] = defaultdict(set)
    meetings: dict[date, RegisterMeeting] = {}
    for row in session.connection().execute(statement):
        people[row.member_id] = row
        marks[row.member_id][row.meeting_date] = mark_given(row)
        if row.is_put_right:
            put_right[row.member_id].add(row.meeting_date)
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
                frozenset(at for at, day in enumerate(days) if day in put_right[member_id]),
            )
            for member_id, row in people.items()
        ),
    )
