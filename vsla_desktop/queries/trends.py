"""Figures over time: one group day by day, its cycles week by week, many groups month by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    Date,
    and_,
    bindparam,
    extract,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from vsla_desktop.derived.language import paid
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.months import month_end, month_ends
from vsla_desktop.queries.analytics import loans_then, meeting_days, savings_since
from vsla_desktop.queries.listing import AT_ONCE, asked
from vsla_desktop.queries.pages import MEETING_CLOSED
from vsla_desktop.queries.tables import CYCLES, GROUPS, LEDGER, MEETINGS, MEMBERS, SNAPSHOTS

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter

MOST_MEETINGS: Final = 26
"""A longer time is told by the ends of its months instead of by every meeting."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a group's members had saved and owed at the end of a day."""

    day: date
    savings: Decimal
    loans: Decimal


@dataclass(frozen=True, slots=True)
class CycleWeek:
    """What a cycle had come to by the end of a week: saved less taken out, and lent in all."""

    week: int
    saved: Decimal
    lent: Decimal


@dataclass(frozen=True, slots=True)
class CycleCourse:
    """A cycle week by week, from its first to the last in which money moved."""

    number: int
    weeks: tuple[CycleWeek, ...]


@dataclass(frozen=True, slots=True)
class MonthOfMany:
    """Many groups together at the end of a month, of one currency, as they were kept.

    ``groups`` are those with a meeting closed by then.
    """

    day: date
    currency: str
    groups: int
    members: int
    savings: Decimal
    loans: Decimal
    fines: Decimal


@dataclass(frozen=True, slots=True)
class GroupAttendance:
    """A group's roll calls by month: how many were in the room, of how many who were called."""

    code: str
    name: str
    months: dict[date, tuple[int, int]]


_entry = LEDGER.alias("r")
_OF_GROUP = _entry.c.group_id == bindparam("of_group")
_SAVED_NOW = select(
    func.sum(MEMBERS.c.savings_balance, type_=MEMBERS.c.savings_balance.type)
).where(MEMBERS.c.group_id == bindparam("of_group"))


def _added(*kinds: str) -> ColumnElement[Any]:
    return func.sum(literal_column(paid(*kinds)), type_=LEDGER.c.amount.type)


_CYCLES = (
    select(CYCLES.c.id, CYCLES.c.cycle_number, CYCLES.c.start_date)
    .where(CYCLES.c.group_id == bindparam("of_group"))
    .order_by(CYCLES.c.cycle_number)
)
_IN_CYCLES = (
    select(
        _entry.c.cycle_id,
        _entry.c.transaction_date,
        _added("SAVINGS_DEPOSIT"),
        _added("SAVINGS_WITHDRAWAL"),
        _added("LOAN_DISBURSEMENT"),
    )
    .where(_OF_GROUP, _entry.c.cycle_id.is_not(None))
    .group_by(_entry.c.cycle_id, _entry.c.transaction_date)
)


def points(
    session: Session, group_id: int, since: date, until: date, *, most: int = MOST_MEETINGS
) -> tuple[date, ...]:
    """Return the days at which a group is looked at: its meetings, or the ends of months.

    Where more meetings were held than people can follow it is months, and the last meeting.
    """
    held = meeting_days(session, group_id, since, until)
    if len(held) <= most:
        return held
    return tuple(sorted({*month_ends(held[0], held[-1]), held[-1]}))


def standings(session: Session, group_id: int, days: Sequence[date]) -> tuple[Standing, ...]:
    """Return what a group's members had saved and owed at the end of each day."""
    if not days:
        return ()
    later = savings_since(session, group_id, min(days))
    now: Decimal | None = session.connection().execute(_SAVED_NOW, {"of_group": group_id}).scalar()
    return tuple(
        Standing(
            day,
            (now or ZERO) - sum((amount for on, amount in later.items() if on > day), ZERO),
            sum((loan.owed for loan in loans_then(session, group_id, day).values()), ZERO),
        )
        for day in days
    )


def cycle_courses(session: Session, group_id: int) -> tuple[CycleCourse, ...]:
    """Return how each cycle of a group went, week by week from its own first day."""
    connection = session.connection()
    wanted = {"of_group": group_id}
    moved: dict[int, dict[int, list[Decimal]]] = defaultdict(dict)
    cycles = connection.execute(_CYCLES, wanted).all()
    starts = {row.id: row.start_date for row in cycles}
    for cycle_id, day, put_in, taken_out, lent in connection.execute(_IN_CYCLES, wanted):
        week = max((day - starts[cycle_id]).days, 0) // 7 + 1
        sums = moved[cycle_id].setdefault(week, [ZERO, ZERO])
        sums[0] += put_in - taken_out
        sums[1] += lent
    return tuple(
        CycleCourse(row.cycle_number, tuple(_course(moved[row.id])))
        for row in cycles
        if row.id in moved
    )


def _course(moved: dict[int, list[Decimal]]) -> Iterator[CycleWeek]:
    saved = lent = ZERO
    for week in range(1, max(moved) + 1):
        more_saved, more_lent = moved.get(week, (ZERO, ZERO))
        saved, lent = saved + more_saved, lent + more_lent
        yield CycleWeek(week, saved, lent)


def months_of_many(
    session: Session, wanted: Filter, since: date, until: date
) -> tuple[MonthOfMany, ...]:
    """Return how the groups of a filter stood together at the end of each month, and at ``until``.

    Each group counts as it stood when its last meeting by then closed, from the kept figures.
    """
    days = sorted({*month_ends(since, until), until})
    kept = asked(
        session,
        select(
            GROUPS.c.currency,
            SNAPSHOTS.c.snapshot_date.label("since"),
            func.lead(SNAPSHOTS.c.snapshot_date)
            .over(partition_by=SNAPSHOTS.c.group_id, order_by=SNAPSHOTS.c.snapshot_date)
            .label("next"),
            SNAPSHOTS.c.total_members,
            SNAPSHOTS.c.total_savings,
            SNAPSHOTS.c.total_loans,
            SNAPSHOTS.c.total_fines,
        ).select_from(GROUPS.join(SNAPSHOTS, SNAPSHOTS.c.group_id == GROUPS.c.id)),
        wanted,
    ).subquery("kept")
    at = union_all(*(select(literal(day, Date).label("day")) for day in days)).subquery("at")
    held_then = and_(kept.c.since <= at.c.day, or_(kept.c.next.is_(None), kept.c.next > at.c.day))
    statement = (
        select(
            at.c.day,
            kept.c.currency,
            func.count(),
            func.sum(kept.c.total_members),
            *(
                func.sum(kept.c[name], type_=LEDGER.c.amount.type)
                for name in ("total_savings", "total_loans", "total_fines")
            ),
        )
        .select_from(at.join(kept, held_then))
        .group_by(at.c.day, kept.c.currency)
        .order_by(at.c.day, kept.c.currency)
    )
    return tuple(
        MonthOfMany(day, currency, groups, int(members or 0), *(each or ZERO for each in sums))
        for day, currency, groups, members, *sums in session.connection().execute(statement)
    )


def groups_without_figures(session: Session, wanted: Filter) -> int:
    """Return how many groups of a filter have closed a meeting and no kept figures."""
    has_met = select(MEETINGS.c.id).where(
        MEETINGS.c.group_id == GROUPS.c.id, MEETINGS.c.status == MEETING_CLOSED
    )
    is_kept = select(SNAPSHOTS.c.id).where(SNAPSHOTS.c.group_id == GROUPS.c.id)
    statement = select(func.count()).select_from(GROUPS).where(has_met.exists(), ~is_kept.exists())
    count: int = session.connection().execute(asked(session, statement, wanted)).scalar_one()
    return count


@dataclass(frozen=True, slots=True)
class AttendanceByMonth:
    """Attendance of the groups of a filter by their codes, read as it is gone through.

    Meetings without a roll call are left out.
    """

    session: Session
    wanted: Filter
    since: date
    until: date

    def __iter__(self) -> Iterator[GroupAttendance]:
        year, month = (extract(part, MEETINGS.c.meeting_date) for part in ("year", "month"))
        statement = (
            asked(
                self.session,
                select(
                    GROUPS.c.id,
                    GROUPS.c.group_code,
                    GROUPS.c.name,
                    year,
                    month,
                    func.sum(MEETINGS.c.members_present),
                    func.sum(MEETINGS.c.total_members),
                ).select_from(GROUPS.join(MEETINGS, MEETINGS.c.group_id == GROUPS.c.id)),
                self.wanted,
            )
            .where(
                MEETINGS.c.status == MEETING_CLOSED,
                MEETINGS.c.total_members > 0,
                MEETINGS.c.meeting_date >= self.since,
                MEETINGS.c.meeting_date <= self.until,
            )
            .group_by(GROUPS.c.id, GROUPS.c.group_code, GROUPS.c.name, year, month)
            .order_by(GROUPS.c.group_code, GROUPS.c.id, year, month)
            .execution_options(yield_per=AT_ONCE)
        )
        rows = self.session.connection().execute(statement)
        for (_id, code, name), months in groupby(rows, key=lambda row: tuple(row[:3])):
            yield GroupAttendance(
                code,
                name,
                {month_end(date(int(y), int(m), 1)): (int(p), int(n)) for *_, y, m, p, n in months},
            )
