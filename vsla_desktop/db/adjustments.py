"""The table of opening adjustments: by how much a kept value differs from the rows under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect

if TYPE_CHECKING:
    from sqlalchemy import Connection

ADJUSTMENTS = {"sqlite": "sync_opening_adjustment", "postgresql": "sync.opening_adjustment"}


def opening_adjustments(connection: Connection) -> str:
    """Name the table of opening adjustments in this database, or nothing when it has none."""
    name = ADJUSTMENTS[connection.dialect.name]
    place, _, table = name.rpartition(".")
    return name if inspect(connection).has_table(table, schema=place or None) else ""
