"""A group's book is written on one laptop at a time: on the others nothing is entered into it.

Every change on a laptop is noted in ``sync_dirty`` by a trigger, in its own transaction, so one
look there is sure: a change of a group that head office lets this laptop only read is refused with
all that was done along with it. Where all groups are writable the look costs next to nothing. What
was noted before, and is not sent yet, can still be changed. Notes beside the book are not its.
"""

from __future__ import annotations

from typing import Final

from vsla_desktop.capture.tables import BESIDE_THE_BOOK, GROUPS, Travel, travel, travels
from vsla_desktop.derived import Program

ONLY_READ: Final = "this laptop only reads this group"


def program() -> Program:
    """Return the trigger that refuses."""
    groups = travel(GROUPS).number
    of_tables = "".join(
        f" WHEN {each.number} THEN coalesce({group_of(each, 'NEW.local_id')}, {_was_of(each)})"
        for each in travels()
        if each.of_groups
        and each.name not in BESIDE_THE_BOOK
        and (each.owner is None or each.owner.parent)
    )
    return Program(
        "trigger",
        "sync_lease",
        "CREATE TRIGGER sync_lease BEFORE INSERT ON sync_dirty"
        " WHEN EXISTS (SELECT 1 FROM sync_scope WHERE writable = 0)"
        " AND (SELECT v FROM sync_applying) = 0 BEGIN"
        f" SELECT RAISE(ABORT, '{ONLY_READ}') WHERE EXISTS (SELECT 1 FROM sync_scope s"
        f" JOIN sync_idmap m ON m.su = s.su AND m.tbl = {groups}"
        f" WHERE s.writable = 0 AND m.local_id = CASE NEW.tbl{of_tables} END);"
        " END",
        "sync_dirty",
    )


def group_of(table: Travel, row: str) -> str:
    """Return SQLite's SQL for the number here of the group that the row of this number is of."""
    if table.owner is None:
        return row
    owner = f'(SELECT t."{table.owner.name}" FROM "{table.name}" t WHERE t.id = {row})'
    return group_of(travel(table.owner.parent), owner)


def _was_of(table: Travel) -> str:
    """Return SQL for the group that a row belonged to which is gone."""
    if table.owner is None:
        return "NULL"
    parent = travel(table.owner.parent)
    owner = (
        f"(SELECT o.local_id FROM sync_idmap o WHERE o.tbl = {parent.number}"
        f" AND o.su = json_extract(NEW.base, '$.{table.owner.name}'))"
    )
    return group_of(parent, owner)
