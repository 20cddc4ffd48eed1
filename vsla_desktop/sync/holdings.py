"""What of head office is on this laptop: its groups, how far each has come, and what waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING

from vsla_desktop.capture.tables import GROUPS, Travel, travel, travels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


class Holding(Enum):
    """How a group is held here."""

    ONLY_HERE = auto()
    """Head office has not said anything about it yet."""
    KEPT = auto()
    READ_ONLY = auto()
    FILLING = auto()
    LEAVING = auto()


@dataclass(frozen=True, slots=True)
class GroupHere:
    """A group on this laptop; ``name`` is empty while the group itself has not come.

    ``arrived`` counts the rows that came and are not in the book yet; ``waiting`` the rows that
    head office lacks, by table.
    """

    name: str
    code: str
    holding: Holding
    arrived: int = 0
    waiting: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything held here. ``of_no_group`` are waiting rows that belong to no group, by table."""

    groups: tuple[GroupHere, ...] = ()
    of_no_group: Mapping[str, int] = field(default_factory=dict)
    sealed: int = 0


def holdings(connection: Connection) -> Holdings:
    """Read what is held here."""
    run = connection.exec_driver_sql
    waiting = _waiting(connection)
    number = travel(GROUPS).number
    groups = [
        GroupHere(
            row.name or "",
            row.group_code or "",
            _holding(row.state, row.writable),
            row.arrived or 0,
            waiting.pop(row.id, {}) if row.id is not None else {},
        )
        for row in run(
            "SELECT g.id, g.name, g.group_code, s.state, s.writable, (SELECT count(*)"
            " FROM sync_inq q WHERE q.scope = s.su) AS arrived"
            f" FROM savings_groups g LEFT JOIN sync_idmap m ON m.tbl = {number}"
            " AND m.local_id = g.id LEFT JOIN sync_scope s ON s.su = m.su"
            " UNION ALL SELECT NULL, NULL, NULL, s.state, s.writable, (SELECT count(*)"
            " FROM sync_inq q WHERE q.scope = s.su) FROM sync_scope s WHERE s.su <> ''"
            f" AND NOT EXISTS (SELECT 1 FROM sync_idmap m JOIN savings_groups g"
            f" ON g.id = m.local_id WHERE m.su = s.su AND m.tbl = {number})"
            " ORDER BY 2, 3"
        )
    ]
    of_no_group: dict[str, int] = {}
    for tables in waiting.values():
        for table, count in tables.items():
            of_no_group[table] = of_no_group.get(table, 0) + count
    sealed = run(
        "SELECT coalesce(sum(row_count), 0) FROM sync_outbox WHERE state = 'sealed'"
    ).scalar_one()
    return Holdings(tuple(groups), of_no_group, sealed)


def _holding(state: str | None, writable: int | None) -> Holding:
    if state is None:
        return Holding.ONLY_HERE
    if state == "kept":
        return Holding.KEPT if writable else Holding.READ_ONLY
    return Holding.FILLING if state == "filling" else Holding.LEAVING


def _waiting(connection: Connection) -> dict[int | None, dict[str, int]]:
    """Count the noted rows by group and table; None is no group."""
    found: dict[int | None, dict[str, int]] = {}
    noted = connection.exec_driver_sql("SELECT DISTINCT tbl FROM sync_dirty").scalars().all()
    for table in travels():
        if table.number in noted:
            for group, count in connection.exec_driver_sql(_counted(table)):
                found.setdefault(group, {})[table.name] = count
    return found


@cache
def _counted(table: Travel) -> str:
    """Return SQL that counts a table's noted rows by the group that each belongs to now."""
    joins: list[str] = []
    at, row = table, "d.local_id"
    while at.name != GROUPS and at.owner is not None and at.owner.parent:
        name = f"t{len(joins)}"
        joins.append(f" LEFT JOIN {at.name} {name} ON {name}.id = {row}")
        row = f"{name}.{at.owner.name}"
        at = travel(at.owner.parent)
    group = row if at.name == GROUPS else "NULL"
    return (
        f"SELECT {group}, count(*) FROM sync_dirty d{''.join(joins)}"
        f" WHERE d.tbl = {table.number} AND d.op <> 'X' GROUP BY 1"
    )
