"""Columns whose values follow from other rows, and the database programs that keep them true."""

from vsla_desktop.derived import postgres, sqlite
from vsla_desktop.derived.check import Difference, count_checked, differences, repair, settle
from vsla_desktop.derived.declarations import DERIVED
from vsla_desktop.derived.program import Program
from vsla_desktop.derived.refresh import refresh

__all__ = [
    "DERIVED",
    "Difference",
    "Program",
    "count_checked",
    "differences",
    "programs",
    "refresh",
    "repair",
    "settle",
]


def programs(dialect: str) -> list[Program]:
    """Return the triggers and functions that keep derived columns true in this database."""
    return sqlite.programs() if dialect == "sqlite" else postgres.programs()
