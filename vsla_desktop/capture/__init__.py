"""What changed and whose it is: the database side of sync, on both databases.

What a database does not ask for is not imported: head office's programs are large.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from vsla_desktop.derived import Program

__all__ = ["fill", "programs"]


def programs(dialect: str) -> list[Program]:
    """Return the triggers and functions that note changes in this database."""
    if dialect == "sqlite":
        from vsla_desktop.capture import lease, sqlite

        return [*sqlite.programs(), lease.program()]
    from vsla_desktop.capture import blobs, central, feed, postgres, protocol, restored

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
        from vsla_desktop.capture import sqlite

        return sqlite.fill(connection)
    from vsla_desktop.capture import postgres

    return postgres.fill(connection)
