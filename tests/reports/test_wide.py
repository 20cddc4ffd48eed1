"""A table that is too wide for paper is printed in parts, and nothing of it is lost."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.reports.document import Align, Column, Table
from vsla_desktop.reports.wide import LANDSCAPE, UPRIGHT, in_parts

WORDS = st.text("abc ", min_size=1, max_size=40)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    heads = draw(st.integers(0, 3))
    words = draw(st.lists(WORDS, min_size=heads + 1, max_size=16))
    titles = [f"{word} {at}" for at, word in enumerate(words)]
    columns = tuple(
        Column(title, Align.LEFT, 10) if at < heads else Column(title)
        for at, title in enumerate(titles)
    )
    row = st.tuples(*(st.text("0123456789", max_size=14) for _ in columns))
    totals = draw(st.none() | row)
    return Table(columns, tuple(draw(st.lists(row, max_size=2))), totals or ())


def plain(table: Table) -> tuple[Column, ...]:
    return tuple(replace(each, title=" ".join(each.title.split())) for each in table.columns)


def lines(table: Table) -> list[tuple[object, ...]]:
    """Every line of a table, its head among them."""
    return [table.columns, *table.rows]


@given(table=tables(), is_landscape=st.booleans())
def test_every_column_stands_once_after_its_heads(table: Table, *, is_landscape: bool) -> None:
    parts = in_parts(table, is_landscape=is_landscape)
    # Where a title is broken may differ, never what it says.
    parts = tuple(replace(part, columns=plain(part)) for part in parts)
    table = replace(table, columns=plain(table))
    if len(parts) == 1:
        assert parts == (table,)
        return
    heads = 0
    while all(part.columns[: heads + 1] == table.columns[: heads + 1] for part in parts):
        heads += 1
    for at, whole in enumerate(lines(table)):
        said = [lines(part)[at] for part in parts]
        after: list[object] = [each for line in said for each in line[heads:]]
        assert list(whole) == [*whole[:heads], *after]
    summed = [each for part in parts for each in part.totals[heads:] if each]
    assert summed == [each for each in table.totals[heads:] if each]


def test_what_fits_stays_whole_and_what_does_not_is_divided() -> None:
    columns = (Column("Group", Align.LEFT, 10), *(Column(f"Amount {n}") for n in range(20)))
    table = Table(columns, (("Tukolere Wamu", *["1,234,567"] * 20),), ("Total", *["9"] * 20))
    upright = in_parts(table, is_landscape=False)
    landscape = in_parts(table, is_landscape=True)
    assert len(upright) > len(landscape) > 1
    assert {part.columns[0].title for part in (*upright, *landscape)} == {"Group"}
    assert {part.totals[0] for part in upright} == {"Total"}
    assert (
        in_parts(Table(columns[:6], ((*["1"] * 6,),)), is_landscape=True)[0].columns == columns[:6]
    )
    assert LANDSCAPE > UPRIGHT
