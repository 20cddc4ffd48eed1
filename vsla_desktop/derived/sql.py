"""Write a declaration's SQL the way a database reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from sqlalchemy import Date

from vsla_desktop.derived.declarations import DECLARATIONS, Derived, Formula, Source, Total
from vsla_desktop.models import Base

SQLITE = "sqlite"
POSTGRESQL = "postgresql"


def render(value: str, row: str, dialect: str) -> str:
    """Return a declared expression about ``row`` in the words of ``dialect``."""
    text = re.sub(r"\br\.", f"{row}.", value)
    if dialect == SQLITE:
        text = re.sub(r"@(\d+)\.(\d\d)@", lambda found: str(int(found[1] + found[2])), text)
        text = text.replace("LEAST(", "MIN(").replace("GREATEST(", "MAX(")
        # Half a step up, as ROUND does for what is not negative.
        text = _calls(text, "PERCENT", lambda a, b: f"(({a}) * 20000 + {b}) / (2 * {b})")
        return _calls(
            text, "DAYS", lambda a, b: f"CAST(julianday({a}) - julianday({b}) AS INTEGER)"
        )
    text = re.sub(r"@(\d+\.\d\d)@", r"\1", text)
    text = _calls(text, "PERCENT", lambda a, b: f"ROUND(({a}) * 100.0 / NULLIF({b}, 0), 2)")
    return _calls(text, "DAYS", lambda a, b: f"({a} - {b})")


def _calls(text: str, name: str, translate: Callable[[str, str], str]) -> str:
    """Replace each call of ``name`` with two arguments."""
    while (start := text.find(f"{name}(")) >= 0:
        depth, comma, end = 0, 0, start + len(name)
        for end in range(start + len(name), len(text)):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if text[end] == "," and depth == 1:
                comma = end
            if depth == 0:
                break
        first = text[start + len(name) + 1 : comma]
        second = text[comma + 1 : end].strip()
        text = text[:start] + translate(first, second) + text[end + 1 :]
    return text


def is_day(table: str, column: str) -> bool:
    """Say whether a column holds a day."""
    return isinstance(Base.metadata.tables[table].c[column].type, Date)


def columns_read(*values: str) -> tuple[str, ...]:
    """Return the columns of ``r`` that these expressions read."""
    return tuple(sorted({name for value in values for name in re.findall(r"\br\.(\w+)", value)}))


def totals_by_pair() -> dict[tuple[str, str, str], list[Total]]:
    """Return the totals of each (child, parent, key): one update serves them together."""
    pairs: dict[tuple[str, str, str], list[Total]] = {}
    for each in DECLARATIONS:
        if isinstance(each, Total):
            pairs.setdefault((each.child, each.table, each.key), []).append(each)
    return pairs


def formulas_by_source() -> dict[tuple[str, str, str, str], list[tuple[Formula, Source]]]:
    """Return the formulas that each (source table, target, target column, source key) touches."""
    touched: dict[tuple[str, str, str, str], list[tuple[Formula, Source]]] = {}
    for formula in formulas(DECLARATIONS):
        for source in formula.sources:
            place = (source.table, formula.table, source.column, source.key)
            touched.setdefault(place, []).append((formula, source))
    return touched


def formulas(declarations: Iterable[Derived]) -> list[Formula]:
    """Return the formulas among ``declarations``, in their order."""
    return [each for each in declarations if isinstance(each, Formula)]


def formulas_by_table() -> dict[str, list[Formula]]:
    """Return each table's formulas, in the order in which they are computed."""
    tables: dict[str, list[Formula]] = {}
    for formula in formulas(DECLARATIONS):
        tables.setdefault(formula.table, []).append(formula)
    return tables
