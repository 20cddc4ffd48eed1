"""Columns of head office's that hold less than ours are widened in place, or named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exc, text

from vsla_desktop.db import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection

# How many digits before the point a whole number of each type can have.
_WHOLE = {"SMALLINT": 5, "INTEGER": 10, "BIGINT": 19}


@dataclass(frozen=True, slots=True)
class Narrow:
    """A column that holds less than ours: every value that it has fits into ours."""

    table: str
    column: str
    stands: str
    wanted: str

    def __str__(self) -> str:
        return f"column {self.table}.{self.column} is {self.stands}, expected {self.wanted}"


def narrow(connection: Connection) -> list[Narrow]:
    """Return the columns that can be widened without touching a value."""
    ours, theirs = schema.declared(connection.dialect), schema.standing(connection)
    return [
        Narrow(name, column, theirs[name].columns[column].type, facts.type)
        for name, table in sorted(ours.items())
        if name in theirs
        for column, facts in table.columns.items()
        if column in theirs[name].columns
        and is_wider(facts.type, theirs[name].columns[column].type)
    ]


def widen(connection: Connection) -> list[str]:
    """Widen these columns, and say which; what hinders the database is said instead.

    A view, a rule or another program's trigger may stand on a column: it is then left as it is.
    """
    said = []
    for each in narrow(connection):
        try:
            with connection.begin_nested():
                connection.execute(
                    text(
                        f'ALTER TABLE public."{each.table}" ALTER COLUMN "{each.column}"'
                        f" TYPE {each.wanted}"
                    )
                )
        except (exc.NotSupportedError, exc.ProgrammingError) as error:
            why = getattr(getattr(error.orig, "diag", None), "message_detail", None)
            said.append(f"{each}: {why or str(error.orig).strip()}")
        else:
            said.append(f"column {each.table}.{each.column} was {each.stands}, is {each.wanted}")
    return said


def is_wider(ours: str, theirs: str) -> bool:
    """Say whether every value of one type fits into the other, and it is another type.

    >>> is_wider("VARCHAR(100)", "VARCHAR(50)"), is_wider("NUMERIC(12,2)", "NUMERIC(12,4)")
    (True, False)
    """
    if ours == theirs:
        return False
    kind, (size, scale) = _read(ours)
    other, (least, fraction) = _read(theirs)
    if kind in {"VARCHAR", "TEXT"} and other in {"VARCHAR", "TEXT"}:
        return size > least
    if kind == "NUMERIC" and other in {"NUMERIC", *_WHOLE}:
        return scale >= fraction and size - scale >= least - fraction
    return kind in _WHOLE and other in _WHOLE and size > least


def _read(written: str) -> tuple[str, tuple[float, float]]:
    """Return a type's name, how much it holds, and how much of that after the point."""
    found = re.fullmatch(r"(\w+)(?:\((\d+)(?:,(\d+))?\))?", written)
    if found is None:
        return written, (0, 0)
    kind = found[1]
    size = float(found[2] or _WHOLE.get(kind, float("inf")))
    return kind, (size, float(found[3] or (0 if found[2] or kind in _WHOLE else size)))
