"""Rows that are held are the rows that were read; scales hold every value of their charts."""

from __future__ import annotations

import gc
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.errors import RuleBroken
from vsla_desktop.reports.held import PAGE, HeldRows, hold
from vsla_desktop.reports.report import (
    Chart,
    ChartKind,
    Kind,
    Report,
    ReportColumn,
    ReportTable,
    Row,
    Series,
)
from vsla_desktop.reports.scale import ends, ticks, told

if TYPE_CHECKING:
    from collections.abc import Iterator

D = Decimal
AMOUNTS = st.decimals(-(10**12), 10**12, places=2)
COLUMNS = (
    ReportColumn("Name"),
    ReportColumn("Count", Kind.COUNT, has_total=True),
    ReportColumn("Amount", Kind.MONEY, has_total=True),
)


class Once:
    """Rows that may be gone through only once."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows: list[Row] | None = rows

    def __iter__(self) -> Iterator[Row]:
        rows, self.rows = self.rows, None
        assert rows is not None
        return iter(rows)


def made(rows: list[Row], copies: int) -> Report:
    tables = tuple(ReportTable("Rows", COLUMNS, Once(rows)) for _copy in range(copies))
    return Report("rows", "Rows", "All", "2026", tables=tables)


@given(
    st.lists(st.tuples(st.text(max_size=5), st.none() | st.integers(), st.none() | AMOUNTS)),
    st.integers(1, 3 * PAGE),
)
def test_rows_are_held_as_they_were_read_and_added_up_exactly(
    some: list[tuple[str, int | None, Decimal | None]], count: int
) -> None:
    rows: list[Row] = [*some, *((f"{at}", at, D(at) / 100) for at in range(count))]
    held = hold(made(rows, 2))
    for table in held.tables:
        assert list(table.rows) == rows
        assert [table.rows[at] for at in (0, len(rows) // 2, -1)] == [
            rows[at] for at in (0, len(rows) // 2, -1)
        ]
        assert isinstance(table.rows, HeldRows) == (len(rows) >= PAGE)
        assert table.totals == (
            None,
            sum(row[1] or 0 for row in rows),  # type: ignore[misc]
            sum(row[2] or 0 for row in rows),  # type: ignore[misc]
        )
    assert [list(each.rows) for each in held.report.tables] == [rows, rows]


def test_how_far_the_reading_is_counts_on_through_the_tables() -> None:
    rows: list[Row] = [("x", 1, D(1))] * (PAGE + 7)
    steps: list[int] = []
    hold(made(rows, 2), steps.append)
    assert steps == [PAGE, PAGE + 7, 2 * PAGE + 7, 2 * PAGE + 14]


def test_a_list_that_nobody_looks_through_is_refused() -> None:
    rows: list[Row] = [("x", 1, D(1))] * (3 * PAGE)
    assert len(hold(made(rows, 1), most=3 * PAGE).tables[0].rows) == 3 * PAGE
    with pytest.raises(RuleBroken, match="This list has more than 1,499 lines"):
        hold(made(rows, 1), most=3 * PAGE - 1)


def test_the_file_of_rows_goes_with_them() -> None:
    rows = HeldRows()
    rows.add([("x", 1, D(1))])
    file = rows._file
    del rows
    gc.collect()
    assert file.closed


@given(st.lists(AMOUNTS, min_size=1, max_size=8), st.booleans())
def test_a_scale_is_round_and_holds_every_value(
    values: list[Decimal],
    is_whole: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    axis = tuple(str(at) for at in range(len(values)))
    chart = Chart("Any", ChartKind.BAR, axis, (Series("One", tuple(values)),))
    low, high = ends(chart)
    assert low <= min(values)
    assert high >= max(values)
    assert low <= 0 <= high
    scale = ticks(low, high, whole=is_whole)
    assert scale[0] <= low
    assert scale[-1] >= high
    assert 0 in scale
    assert len(scale) <= 9
    steps = {after - before for before, after in pairwise(scale)}
    assert {str(step.normalize().as_tuple().digits[0]) for step in steps} <= {"1", "2", "5"}
    assert len(steps) <= 1


def test_a_stack_reaches_as_far_as_its_parts_together() -> None:
    parts = (Series("Loans", (D(3), D(-1))), Series("Social", (D(2), D(-4))))
    chart = Chart("Funds", ChartKind.STACKED, ("a", "b"), parts)
    assert ends(chart) == (D(-5), D(5))


@given(st.integers(0, 400), st.integers(-2, 60))
def test_only_so_many_words_stand_along_the_foot_as_there_is_room_for(
    count: int, room: int
) -> None:
    words = [f"word {at}" for at in range(count)]
    shown = told(words, room)
    assert len(shown) <= max(room, 1)
    assert all(words[at] == word for at, word in shown)
    assert not count or shown[0][0] == 0
