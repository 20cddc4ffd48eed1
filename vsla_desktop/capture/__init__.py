"""What changed and whose it is: the database side of sync, on both databases."""

from __future__ import annotations

from vsla_desktop.derived import Program


def programs(dialect: str) -> list[Program]:
    """Return the triggers and functions that note changes in this database."""
    del dialect
    return []
