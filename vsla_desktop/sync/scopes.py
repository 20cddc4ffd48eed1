"""Which groups this laptop has, and how far each has come down.

A row of ``sync_scope`` stands for a group, by its identity, and '' for what belongs to no group.
``lo`` is the position that everything before has been written here; nothing is asked twice, and
nothing passed over. While pages of a group are coming, ``hi`` is where they lead.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.capture.protocol import PROTOCOL
from vsla_desktop.capture.tables import GROUPS, Travel, travel, travels
from vsla_desktop.sync.lease import offer_denied

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from vsla_desktop.clock import Clock

SHARED: Final = ""
"""Stands for what belongs to no group."""

# Everything is wanted anew, and then what head office did not name is
OFFERED: Final = 1  # offered to it again: it lost that with a backup that was restored;
GONE: Final = 2  # gone: it has forgotten since when.


@dataclass(frozen=True, slots=True)
class Told:
    """What the head of an answer says of one group: see :mod:`vsla_desktop.capture.feed`.

    The answer starts at ``lo``, or after the last row of an earlier page. ``whole`` says that it
    tells also what this laptop sent.
    """

    su: str
    writable: bool
    lo: str
    whole: bool
    start: Sequence[str] | None
    more: bool
    page: Sequence[Any] | None
    anew: str | None
    digest: Mapping[str, Any] | None


@cache
def rows_of(name: str) -> str:
    """Return the condition that a row of this table belongs to one of ``{groups}``, their ids."""
    table = travel(name)
    if name == GROUPS:
        return "id IN ({groups})"
    if table.owner is None:
        return "FALSE"
    if table.owner.parent == GROUPS:
        return f"{table.owner.name} IN ({{groups}})"
    if table.owner.parent:
        return _in(table.owner.name, table.owner.parent)
    about = (
        f"{table.owner.named_by} = '{each.name}' AND {_in(table.owner.name, each.name)}"
        for each in travels()
        if each.of_groups and each is not table
    )
    return f"({' OR '.join(about)})"


def _in(column: str, parent: str) -> str:
    return f"{column} IN (SELECT id FROM {parent} WHERE {rows_of(parent)})"


def conditions(groups: Iterable[int]) -> dict[str, str]:
    """Return for each table of groups the condition that a row belongs to one of these."""
    numbers = ", ".join(str(each) for each in groups)
    return {
        each.name: rows_of(each.name).format(groups=numbers) for each in travels() if each.of_groups
    }


def local_group(connection: Connection, su: str) -> int | None:
    """Return a group's id here, None when it is not here."""
    found: int | None = connection.exec_driver_sql(
        "SELECT g.id FROM sync_idmap m JOIN savings_groups g ON g.id = m.local_id"
        " WHERE m.su = ? AND m.tbl = ?",
        (su, travel(GROUPS).number),
    ).scalar_one_or_none()
    return found


def groups_of(connection: Connection, name: str, ids: Sequence[int]) -> set[str]:
    """Return the groups, of those that head office gave us, that these rows of a table are of."""
    run = connection.exec_driver_sql
    if not ids or not travel(name).of_groups:
        return set()
    chosen = ", ".join(str(each) for each in ids)
    known = run(
        "SELECT s.su, g.id FROM sync_scope s JOIN sync_idmap m ON m.su = s.su AND m.tbl = ?"
        " JOIN savings_groups g ON g.id = m.local_id",
        (travel(GROUPS).number,),
    ).all()
    return {
        su
        for su, group in known
        if run(
            f"SELECT 1 FROM {name} WHERE id IN ({chosen})"
            f" AND {rows_of(name).format(groups=group)} LIMIT 1"
        ).first()
    }


def register(connection: Connection) -> None:
    """Note the groups that were opened here; nobody else can have rows of theirs yet."""
    run = connection.exec_driver_sql
    run("INSERT INTO sync_scope (su, state) VALUES ('', 'kept') ON CONFLICT DO NOTHING")
    run(
        "INSERT INTO sync_scope (su, state) SELECT m.su, 'kept' FROM savings_groups g"
        " JOIN sync_idmap m ON m.tbl = ? AND m.local_id = g.id WHERE true ON CONFLICT DO NOTHING",
        (travel(GROUPS).number,),
    )


def leases(connection: Connection) -> set[tuple[str, bool]]:
    """Return the groups that are here, and whether this laptop writes the book of each."""
    found = connection.exec_driver_sql("SELECT su, writable FROM sync_scope WHERE su <> ''")
    return {(each.su, bool(each.writable)) for each in found}


def request(
    connection: Connection, limit: int, digest: Sequence[str] = (), *, count: bool = False
) -> dict[str, Any]:
    """Return what is asked of head office next.

    ``count`` asks how many rows there are to come, where a group is filled from its beginning.
    """
    rows = connection.exec_driver_sql(
        "SELECT su, state, whole, lo, page_xid, page_su FROM sync_scope"
    ).all()
    return {
        "protocol": PROTOCOL,
        "epoch": connection.exec_driver_sql("SELECT server_epoch FROM sync_meta").scalar_one(),
        "limit": limit,
        "lo": {each.su: str(each.lo) for each in rows},
        "whole": [each.su for each in rows if each.whole or each.state == "filling"],
        "page": {
            each.su: [str(each.page_xid), each.page_su]
            for each in rows
            if each.page_xid is not None
        },
        "digest": list(digest),
        **({"count": True} if count and any(each.lo == 0 for each in rows) else {}),
    }


def meet(connection: Connection, told: Told) -> None:
    """Note a group that head office says is ours, and whether we write its book."""
    run = connection.exec_driver_sql
    written = run("SELECT writable FROM sync_scope WHERE su = ?", (told.su,)).scalar()
    if told.writable and not written:
        offer_denied(connection)
    run(
        "INSERT INTO sync_scope (su, writable) VALUES (?, ?) ON CONFLICT (su) DO UPDATE SET"
        " writable = excluded.writable, state = replace(state, 'leaving', 'kept')",
        (told.su, told.writable),
    )


def follows(connection: Connection, told: Told) -> bool:
    """Say whether an answer goes on from where this laptop is; an earlier one may do so, too."""
    if told.anew:
        return False
    here = connection.exec_driver_sql(
        "SELECT lo, whole, state, page_xid, page_su FROM sync_scope WHERE su = ?", (told.su,)
    ).one()
    if int(told.lo) > here.lo or (here.whole and not told.whole):
        return False
    return told.start is None or (
        here.page_xid is not None and list(told.start) == [str(here.page_xid), here.page_su]
    )


def advance(connection: Connection, told: Told, hi: int) -> int:
    """Move a group's position as far as an answer leads, once its rows are staged or written.

    When nothing more is to come, return how what head office did not name is to be taken: 0, or
    ``OFFERED`` or ``GONE``.
    """
    run = connection.exec_driver_sql
    if told.more:
        if told.page is not None:
            run(
                "UPDATE sync_scope SET hi = coalesce(hi, ?), page_xid = ?, page_su = ?"
                " WHERE su = ?",
                (hi, int(told.page[0]), told.page[1], told.su),
            )
        return 0
    whole: int = run("SELECT whole FROM sync_scope WHERE su = ?", (told.su,)).scalar_one()
    run(
        "UPDATE sync_scope SET lo = max(lo, coalesce(hi, ?)), hi = NULL, page_xid = NULL,"
        " page_su = NULL, whole = 0, state = 'kept' WHERE su = ?",
        (hi, told.su),
    )
    return whole


def begin_anew(connection: Connection, su: str, absent: int) -> None:
    """Ask for everything of a group again; ``absent`` says what becomes of what does not come."""
    run = connection.exec_driver_sql
    for table, condition in _held_by(connection, su):
        run(
            f"UPDATE sync_idmap SET ver = NULL WHERE tbl = {table.number} AND local_id IN"
            f" (SELECT id FROM {table.name} WHERE {condition})"
        )
    run("DELETE FROM sync_inq WHERE scope = ?", (su,))
    run(
        "UPDATE sync_scope SET whole = ?, lo = 0, hi = NULL, page_xid = NULL, page_su = NULL"
        " WHERE su = ?",
        (absent, su),
    )


def begin_all_anew(connection: Connection) -> None:
    """Ask for everything again: head office was restored from a backup, or is another one."""
    run = connection.exec_driver_sql
    run("UPDATE sync_idmap SET ver = NULL")
    run("DELETE FROM sync_inq")
    run("UPDATE sync_meta SET told_at = 0")
    run(
        "UPDATE sync_scope SET whole = ?, lo = 0, hi = NULL, page_xid = NULL, page_su = NULL",
        (OFFERED,),
    )


def forget_position(connection: Connection, su: str) -> None:
    """Hold a group as one that was opened here and that head office has not heard of."""
    connection.exec_driver_sql("DELETE FROM sync_scope WHERE su = ?", (su,))


def _held_by(connection: Connection, su: str) -> Iterable[tuple[Travel, str]]:
    """Return the tables and conditions of the rows here that a position is about."""
    held = [each for each in _tables_here(connection) if each.of_groups == (su != SHARED)]
    if su == SHARED:
        yield from ((each, "true") for each in held)
        return
    group = local_group(connection, su)
    if group is not None:
        of_group = conditions([group])
        yield from ((each, of_group[each.name]) for each in held)


def _tables_here(connection: Connection) -> list[Travel]:
    """Return the tables that have, or had, any row here: most books use a third of them."""
    known = set(
        connection.exec_driver_sql(
            "SELECT j.value FROM json_each(?) j"
            " WHERE EXISTS (SELECT 1 FROM sync_idmap m WHERE m.tbl = j.value)",
            (json.dumps([each.number for each in travels()]),),
        ).scalars()
    )
    return [each for each in travels() if each.number in known]


def rows_here(connection: Connection, su: str) -> Iterable[tuple[int, str, int | None]]:
    """Return table, identity and version of every row here that a position is about."""
    for table, condition in _held_by(connection, su):
        yield from (
            tuple(row)
            for row in connection.exec_driver_sql(
                "SELECT m.tbl, m.su, m.ver FROM sync_idmap m"
                f" WHERE m.tbl = {table.number} AND m.local_id IN"
                f" (SELECT id FROM {table.name} WHERE {condition})"
            )
        )


def to_compare(connection: Connection, clock: Clock, *, every: bool) -> list[str]:
    """Return the groups to compare with head office by count and sum: one a day each, or all."""
    today = clock.now().date().isoformat()
    return list(
        connection.exec_driver_sql(
            "SELECT su FROM sync_scope WHERE state = 'kept' AND lo > 0 AND page_xid IS NULL"
            " AND (? OR coalesce(compared_on, '') < ?) ORDER BY compared_on, su LIMIT ?",
            (every, today, -1 if every else 1),
        ).scalars()
    )


def note_compared(connection: Connection, clock: Clock, compared: Sequence[str]) -> None:
    """Note which groups were compared today."""
    for su in compared:
        connection.exec_driver_sql(
            "UPDATE sync_scope SET compared_on = ? WHERE su = ?",
            (clock.now().date().isoformat(), su),
        )


def reached(connection: Connection) -> int:
    """Return the position that every group here has come to."""
    position: int = connection.exec_driver_sql(
        "SELECT coalesce(min(lo), 0) FROM sync_scope WHERE state = 'kept'"
    ).scalar_one()
    return position
