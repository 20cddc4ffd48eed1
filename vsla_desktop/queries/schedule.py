"""The meetings that a group has planned, moved or cancelled, and when it meets next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, func, or_, select

from vsla_desktop.domain.schedule import day_after
from vsla_desktop.queries.tables import CYCLES, GROUPS, MEETINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.domain.rules import GroupRules

SCHEDULED, CANCELLED, HELD = "SCHEDULED", "CANCELLED", "COMPLETED"
WITH_ROLL_CALL: Final = frozenset({"REGULAR", "ANNUAL"})
"""The kinds that the rhythm is made of; others are held beside it."""
IS_REGULAR: Final = func.coalesce(MEETINGS.c.meeting_type, "REGULAR").in_(WITH_ROLL_CALL)
"""Whether a meeting is one of those that let members save, and ask for contributions."""


@dataclass(frozen=True, slots=True)
class PlannedMeeting:
    """A meeting that was not held: still to come, or cancelled.

    ``planned_day`` is the day it was first planned for; another ``day`` means that it was moved.
    ``place`` and ``purpose`` are empty where nobody wrote them.
    """

    meeting_id: int
    number: int
    day: date
    planned_day: date
    kind: str
    is_cancelled: bool
    reason: str
    place: str = ""
    purpose: str = ""

    @property
    def is_moved(self) -> bool:
        """Whether it is to be held on another day than was planned first."""
        return self.day != self.planned_day


@dataclass(frozen=True, slots=True)
class Proposal:
    """The next meeting: its number and day, and its row when it was planned already."""

    number: int
    day: date
    planned: PlannedMeeting | None = None


_NOT_HELD = (
    select(MEETINGS)
    .where(
        MEETINGS.c.group_id == bindparam("of_group"),
        MEETINGS.c.status.in_((SCHEDULED, CANCELLED)),
        or_(
            MEETINGS.c.status == SCHEDULED,
            MEETINGS.c.meeting_date
            >= select(func.max(CYCLES.c.start_date))
            .where(CYCLES.c.group_id == bindparam("of_group"))
            .scalar_subquery(),
        ),
    )
    .order_by(MEETINGS.c.meeting_date, MEETINGS.c.meeting_number)
)
_LAST_NUMBER = select(func.max(MEETINGS.c.meeting_number)).where(
    MEETINGS.c.group_id == bindparam("of_group"), MEETINGS.c.status != SCHEDULED
)
_LAST_DAY = select(func.max(func.coalesce(MEETINGS.c.planned_date, MEETINGS.c.meeting_date))).where(
    MEETINGS.c.group_id == bindparam("of_group"),
    MEETINGS.c.status.in_((HELD, CANCELLED)),
    or_(MEETINGS.c.meeting_type.is_(None), MEETINGS.c.meeting_type.in_(WITH_ROLL_CALL)),
)
_LAST_HELD = select(func.max(MEETINGS.c.meeting_date)).where(
    MEETINGS.c.group_id == bindparam("of_group"), MEETINGS.c.status == HELD
)
_WEEKDAY = select(GROUPS.c.meeting_day).where(GROUPS.c.id == bindparam("of_group"))


def planned_meetings(session: Session, group_id: int) -> tuple[PlannedMeeting, ...]:
    """Return what is planned, and what was cancelled in this cycle, the earliest first."""
    return tuple(
        PlannedMeeting(
            meeting_id=row.id,
            number=row.meeting_number,
            day=row.meeting_date,
            planned_day=row.planned_date or row.meeting_date,
            kind=row.meeting_type or "REGULAR",
            is_cancelled=row.status == CANCELLED,
            reason=row.status_reason or "",
            place=row.location or "",
            purpose=row.agenda or "",
        )
        for row in session.connection().execute(_NOT_HELD, {"of_group": group_id})
    )


def next_number(session: Session, group_id: int) -> int:
    """Return the number after all that were held or cancelled."""
    last: int | None = session.connection().execute(_LAST_NUMBER, {"of_group": group_id}).scalar()
    return 1 + (last or 0)


def first_of(planned: Sequence[PlannedMeeting], by_rhythm: date | None) -> PlannedMeeting | None:
    """Return the planned meeting that comes next, None where the one by the rhythm does.

    One that calls the roll stands for that of the rhythm; any other is held beside it.
    """
    coming = [each for each in planned if not each.is_cancelled]
    first = min(coming, key=lambda each: each.day, default=None)
    if first is None or by_rhythm is None or first.day <= by_rhythm:
        return first
    return first if any(each.kind in WITH_ROLL_CALL for each in coming) else None


def proposed_meeting(session: Session, group_id: int, rules: GroupRules, today: date) -> Proposal:
    """Return the next meeting: the first one planned, or by the group's rhythm and weekday.

    The rhythm goes on from the day for which the last one was planned, also when that was moved
    or cancelled. Today, when nothing was held yet.
    """
    day = _by_rhythm(session, group_id, rules)
    coming = first_of(planned_meetings(session, group_id), day)
    number = next_number(session, group_id)
    if coming is None:
        return Proposal(number, day or today)
    return Proposal(coming.number if coming.kind in WITH_ROLL_CALL else number, coming.day, coming)


def _by_rhythm(session: Session, group_id: int, rules: GroupRules) -> date | None:
    """Return the day on which the rhythm goes on; None when nothing was held yet."""
    connection, wanted = session.connection(), {"of_group": group_id}
    last: date | None = connection.execute(_LAST_DAY, wanted).scalar()
    if last is None:
        return None
    weekday: int | None = connection.execute(_WEEKDAY, wanted).scalar()
    held: date = connection.execute(_LAST_HELD, wanted).scalar() or last
    return day_after(last, held, rules.meeting_frequency, weekday)
