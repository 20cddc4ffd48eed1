"""What changed and whose it is: the database side of sync, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.capture import (
    blobs,
    central,
    feed,
    lease,
    postgres,
    protocol,
    restored,
    sqlite,
)
from vsla_desktop.derived import Program

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["fill", "programs"]


def programs(dialect: str) -> list[Program]:
    """Return the triggers and functions that note changes in this database."""
    if dialect == "sqlite":
        return [*sqlite.programs(), lease.program()]
    return [
        *postgres.programs(),
        *central.programs(),
        *blobs.programs(),
        *feed.programs(),
        *restored.programs(),
        *protocol.programs(),
    ]


def fill(connection: Connection) -> int:
    """Give an identity to every row that has none yet; return how many rows that were.

    Needed once, after the programs came to a database that had rows already; harmless again.
    """
    if connection.dialect.name == "sqlite":
        return sqlite.fill(connection)
    return postgres.fill(connection)
