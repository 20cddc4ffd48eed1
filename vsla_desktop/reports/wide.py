"""Tables that are wider than paper: their columns go under each other, in parts that fit.

Titles over figures are broken first, which is often enough. Each part begins with the columns that
say what a line is about, so that it can be read by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from textwrap import fill
from typing import TYPE_CHECKING, Final

from vsla_desktop.reports.document import Align, Table

if TYPE_CHECKING:
    from vsla_desktop.reports.document import Column

# So many letters of a table with many columns stand on a line.
UPRIGHT: Final = 110
LANDSCAPE: Final = 172
_GAP: Final = 3
_NARROWEST: Final = 9
_LONGEST: Final = 28


def in_parts(table: Table, *, is_landscape: bool) -> tuple[Table, ...]:
    """Return a table as parts that fit on the width of a sheet; itself where it fits."""
    room = LANDSCAPE if is_landscape else UPRIGHT
    texts = [
        [row[at] for row in (*table.rows, table.totals) if row] for at in range(len(table.columns))
    ]
    if sum(map(_need, table.columns, texts)) <= room:
        return (table,)
    table = replace(table, columns=tuple(map(_broken, table.columns, texts)))
    needs = list(map(_need, table.columns, texts))
    if sum(needs) <= room:
        return (table,)
    heads = _heads(table.columns, needs, room)
    parts = _evenly(needs[heads:], room - sum(needs[:heads]))
    return tuple(
        _only(table, heads, [*range(heads), *(heads + at for at in part)]) for part in parts
    )


def _need(column: Column, texts: list[str]) -> int:
    """Return how many letters wide a column must be: what shares the width wraps by itself."""
    longest = max(map(len, texts), default=0)
    if _wraps(column):
        word = max(map(len, column.title.split()), default=0)
        return max(word, min(longest, _LONGEST)) + _GAP
    return max(longest, *map(len, column.title.split("\n"))) + _GAP


def _broken(column: Column, texts: list[str]) -> Column:
    """Return a column whose title is no wider than its figures need."""
    if _wraps(column):
        return column
    width = max(_NARROWEST, *map(len, texts), *map(len, column.title.split()))
    return replace(column, title=fill(column.title, width, break_long_words=False))


def _wraps(column: Column) -> bool:
    return column.align is Align.LEFT and column.share > 0


def _heads(columns: Sequence[Column], needs: Sequence[int], room: int) -> int:
    """Return how many first columns of text say what a line is about."""
    taken = 0
    for at, column in enumerate(columns[:-1]):
        taken += needs[at]
        if column.align is not Align.LEFT or taken > room // 2:
            return at
    return len(columns) - 1


def _evenly(needs: Sequence[int], room: int) -> list[list[int]]:
    """Return the columns in as few parts as there can be, none much wider than another."""
    fewest = len(_packed(needs, room))
    least = sum(needs) // fewest
    tries = (_packed(needs, width) for width in range(least, room + 1))
    return next((parts for parts in tries if len(parts) == fewest), _packed(needs, room))


def _packed(needs: Sequence[int], room: int) -> list[list[int]]:
    """Return the columns in parts that fit; one that fits nowhere stands alone."""
    parts: list[list[int]] = []
    left = 0
    for at, need in enumerate(needs):
        if not parts or need > left:
            parts.append([])
            left = room
        parts[-1].append(at)
        left -= need
    return parts


def _only(table: Table, heads: int, places: list[int]) -> Table:
    totals = tuple(table.totals[at] for at in places) if table.totals else ()
    return Table(
        tuple(table.columns[at] for at in places),
        tuple(tuple(row[at] for at in places) for row in table.rows),
        totals if any(totals[heads:]) else (),
        table.row_height,
    )
