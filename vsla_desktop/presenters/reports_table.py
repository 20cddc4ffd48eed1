"""A table of a report as a list on the screen: its rows are asked for as they come into sight."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from vsla_desktop.i18n import _, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.reports.held import HeldTable
from vsla_desktop.reports.report import Chart, Kind, ReportColumn, ReportTable, Row, Value
from vsla_desktop.reports.saying import said, shown_currency
from vsla_desktop.wording import MoneyText

_KINDS: Final = {Kind.TEXT: CellKind.TEXT, Kind.DATE: CellKind.TEXT, Kind.COUNT: CellKind.COUNT}
_WIDEST: Final = {Kind.TEXT: 30, Kind.DATE: 12}


class ReportTablePresenter:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of a table's rows.

    It holds none of them: a row is taken from where the report keeps it.
    """

    def __init__(self, held: HeldTable) -> None:
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.title = held.table.title
        self.note = held.table.note
        self._held = held
        self._money = MoneyText(shown_currency(held.table.currency))
        self._columns = tuple(
            Column(
                str(place),
                each.title,
                _KINDS.get(each.kind, CellKind.AMOUNT),
                note=held.table.currency if each.kind is Kind.MONEY else "",
                width=_WIDEST.get(each.kind, 0),
            )
            for place, each in enumerate(held.table.columns)
        )

    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._held.rows)

    def summary(self) -> str:
        """How many rows there are, in words."""
        return translate_counted("{count} line", "{count} lines", self.row_count())

    def columns(self) -> Sequence[Column]:
        """The columns from left to right."""
        return self._columns

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        return self._cell(self._held.rows[row][column], column)

    def totals(self) -> tuple[str, ...]:
        """What stands under the columns; empty for a table without totals or without rows."""
        sums = self._held.totals
        if not self._held.rows or all(each is None for each in sums):
            return ()
        words = [self._cell(each, place).text for place, each in enumerate(sums)]
        if not words[0]:
            words[0] = _("Total")
        return tuple(words)

    def row_title(self, row: int) -> str:
        """The first word of a row."""
        return self.cell(row, 0).text

    def open_row(self, row: int) -> None:
        """There is nothing more to a row."""

    def _cell(self, value: Value, column: int) -> Cell:
        if value is None:
            return Cell("")
        text = said(value, self._held.table.columns[column].kind, self._money)
        is_below = not isinstance(value, str) and isinstance(value, int | Decimal) and value < 0
        return Cell(text, tone=Tone.MONEY_OUT if is_below else Tone.PLAIN)


def numbers_of(chart: Chart) -> ReportTablePresenter:
    """The numbers of a chart, to stand beside it."""
    columns = (
        ReportColumn(""),
        *(ReportColumn(each.title, chart.kind) for each in chart.series),
    )
    rows: tuple[Row, ...] = tuple(
        (place, *(each.values[at] for each in chart.series)) for at, place in enumerate(chart.axis)
    )
    table = ReportTable(chart.title, columns, rows, chart.currency)
    return ReportTablePresenter(HeldTable(table, rows, tuple(None for _each in columns)))
