"""Keeping how groups and members stood day by day, so that trends need not read whole ledgers.

See docs/rules.md#analytics.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from vsla_desktop.domain.months import month_ends
from vsla_desktop.queries.analytics import figures_on, meeting_days
from vsla_desktop.queries.lease import check_writes_book
from vsla_desktop.queries.tables import MEMBER_FIGURES, SNAPSHOTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock

_SNAPSHOT = select(SNAPSHOTS).where(
    SNAPSHOTS.c.group_id == bindparam("of_group"), SNAPSHOTS.c.snapshot_date == bindparam("day")
)
_MEMBERS = select(MEMBER_FIGURES).where(
    MEMBER_FIGURES.c.group_id == bindparam("of_group"),
    MEMBER_FIGURES.c.analytics_date == bindparam("day"),
)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a filling wrote: the days it looked at, and the rows that are new or changed."""

    days: int
    rows: int


def fill_analytics(
    session: Session,
    group_id: int,
    *,
    since: date | None = None,
    until: date | None = None,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> Filled:
    """Keep how a group stood on each day of a meeting and at each end of a month, both ends in.

    Without ``since`` it begins with the first meeting; without ``until`` it ends today. A day that
    was filled before gets the same row, with the values that the book gives now. Raise
    :class:`RuleBroken` where another laptop writes the group's book.
    """
    check_writes_book(session, group_id)
    last = min(until or clock.today(), clock.today())
    held = meeting_days(session, group_id, since or date.min, last)
    if not held and since is None:
        return Filled(0, 0)
    days = sorted({*held, *month_ends(since or held[0], last)})
    rows = sum(keep_day(session, group_id, day, clock=clock) for day in days)
    return Filled(len(days), rows)


def keep_day(session: Session, group_id: int, day: date, *, clock: Clock) -> int:
    """Keep how a group and its members stood on a day; return how many rows are new or changed."""
    found = figures_on(session, group_id, day)
    connection = session.connection()
    wanted = {"of_group": group_id, "day": day}
    kept = connection.execute(_SNAPSHOT, wanted).mappings().first()
    key = {"group_id": group_id, "snapshot_date": day}
    written = _keep(session, SNAPSHOTS, kept, key | asdict(found.group), clock)
    by_member = {row["member_id"]: row for row in connection.execute(_MEMBERS, wanted).mappings()}
    new: list[dict[str, Any]] = []
    for member_id, figures in found.members.items():
        key = {"member_id": member_id, "group_id": group_id, "analytics_date": day}
        values = key | asdict(figures)
        kept = by_member.pop(member_id, None)
        if kept is None:
            new.append(values | _stamps(clock))
        else:
            written += _keep(session, MEMBER_FIGURES, kept, values, clock)
    if new:
        connection.execute(insert(MEMBER_FIGURES), new)
    for gone in by_member.values():  # the register says now that they did not belong that day
        connection.execute(delete(MEMBER_FIGURES).where(MEMBER_FIGURES.c.id == gone["id"]))
    return written + len(new) + len(by_member)


def _keep(
    session: Session,
    table: Table,
    kept: Mapping[Any, Any] | None,
    values: dict[str, Any],
    clock: Clock,
) -> int:
    """Write a row unless it stands so already, for what is written has to be sent."""
    connection = session.connection()
    if kept is None:
        connection.execute(insert(table), values | _stamps(clock))
        return 1
    if all(kept[name] == value for name, value in values.items()):
        return 0
    changed = values | {"updated_date": clock.now()}
    connection.execute(update(table).where(table.c.id == kept["id"]), changed)
    return 1


def _stamps(clock: Clock) -> dict[str, Any]:
    return {"created_date": clock.now(), "updated_date": clock.now()}
