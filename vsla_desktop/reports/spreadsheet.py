"""Writes a report as a workbook: real numbers and dates, totals as formulas, one sheet a table.

The sheets are XlsxWriter's. Only the rows of a table are written by ourselves into the sheet that
it keeps open on disk, since a programme's lists have hundreds of thousands of them.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.errors import StorageError
from vsla_desktop.i18n import _
from vsla_desktop.reports.report import ChartKind, Kind
from vsla_desktop.reports.saying import shown_currency
from vsla_desktop.reports.spreadsheet_charts import add_chart
from vsla_desktop.reports.whole_file import whole_file

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from vsla_desktop.reports.report import (
        Chart,
        Figure,
        Report,
        ReportColumn,
        ReportTable,
        Value,
    )

Progress = Callable[[int], None]
"""Told how many rows are written, now and then; it raises to stop the writing."""


def say_nothing(_rows: int) -> None:
    """Go on without telling anyone."""


HEAD_ROW: Final = 3
MOST_ROWS: Final = 1_048_576 - HEAD_ROW - 2
_STEP: Final = 2_000
_WIDTHS: Final = {Kind.TEXT: 24, Kind.DATE: 12, Kind.COUNT: 12, Kind.MONEY: 16}
_NO_NAME: Final = re.compile(r"[\[\]:*?/\\']")
_PLAIN: Final = re.compile("[^\\x00-\\x1f&<>_\\ufffe\\uffff]*").fullmatch
_UNWRITABLE: Final = re.compile("[\\x00-\\x08\\x0b-\\x1f\\ufffe\\uffff]")
_LOOKS_NAMED: Final = re.compile("_(?=x[0-9a-fA-F]{4}_)")
# A cell that begins so is taken for a formula when a person edits it, unless it is marked as text.
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
_DAY_NOUGHT: Final = date(1899, 12, 30).toordinal()


def write_spreadsheet(
    report: Report, path: Path, *, made: datetime, progress: Progress = say_nothing
) -> None:
    """Write the report to a file, which is there only when it is whole.

    Raises StorageError when the disk or the format can not take it.
    """
    with _workbook(path, made) as book:
        writer = _Writer(book, report, progress)
        if report.figures:
            writer.figures(report.figures)
        for table in report.tables:
            writer.table(table)
        for chart in report.charts:
            writer.chart(chart)
        if not book.worksheets():
            writer.sheet(report.title)


class _Writer:
    """Writes the sheets of one report."""

    def __init__(self, book: Any, report: Report, progress: Progress) -> None:
        self._book = book
        self._report = report
        self._progress = progress
        self._names: set[str] = set()
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._soft = book.add_format({"font_color": "#555555"})
        self._wrapped = book.add_format({"font_color": "#555555", "text_wrap": True})
        self._text = book.add_format({"quote_prefix": True})
        self._kinds: dict[tuple[Kind, str, str], Any] = {}

    def sheet(self, title: str) -> Any:
        """Add a sheet that says what it belongs to."""
        base = " ".join(_NO_NAME.sub(" ", title).split())[:28].strip() or _("Report")
        name, again = base, 2
        while name.casefold() in self._names:
            name, again = f"{base} {again}", again + 1
        self._names.add(name.casefold())
        made = self._book.add_worksheet(name)
        made.write_string(0, 0, self._report.title, self._title)
        made.write_string(1, 0, f"{self._report.subject} · {self._report.period}", self._soft)
        return made

    def figures(self, figures: tuple[Figure, ...]) -> None:
        """Write figures, each with its formula and counts."""
        sheet = self.sheet(_("Figures"))
        heads = (_("Figure"), _("Value"), _("Worked out as"), _("Counts"))
        for column, (head, width) in enumerate(zip(heads, (40, 18, 52, 40), strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(HEAD_ROW, column, head, self._format(Kind.TEXT, "", "head"))
        sheet.freeze_panes(HEAD_ROW + 1, 0)
        for row, each in enumerate(figures, start=HEAD_ROW + 1):
            sheet.write_string(row, 0, each.title)
            self._write(sheet, row, 1, each.value, self._format(each.kind, each.currency))
            sheet.write_string(row, 2, each.formula, self._soft)
            sheet.write_string(row, 3, each.counts, self._wrapped)

    def table(self, table: ReportTable) -> None:
        """Write a table: head, rows, totals."""
        sheet = self.sheet(table.title)
        if table.note:
            sheet.write_string(2, 0, table.note, self._soft)
        for at, column in enumerate(table.columns):
            width = max(_WIDTHS.get(column.kind, 14), min(len(column.title) + 2, 40))
            sheet.set_column(at, at, width)
            head = self._format(column.kind, table.currency, "head")
            sheet.write_string(HEAD_ROW, at, column.title, head)
        sheet.freeze_panes(HEAD_ROW + 1, 0)
        sheet.repeat_rows(HEAD_ROW)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        last, sums = self._rows(sheet, table)
        if last > HEAD_ROW:
            sheet.autofilter(HEAD_ROW, 0, last, len(table.columns) - 1)
            self._totals(sheet, table, last, sums)

    def _rows(self, sheet: Any, table: ReportTable) -> tuple[int, list[Value]]:
        """Write the rows; return the last one's number and the sum of each column."""
        cells = [self._cell_maker(at, each, table) for at, each in enumerate(table.columns)]
        added = [at for at, each in enumerate(table.columns) if each.has_total]
        sums: list[Any] = [Decimal(0) for _column in table.columns]
        number = HEAD_ROW + 1
        sheet._write_single_row(number)  # noqa: SLF001 - the head goes to disk before our rows
        file, lines = sheet.row_data_fh, []
        for row in table.rows:
            number += 1
            if number > MOST_ROWS:
                raise StorageError(
                    "A spreadsheet holds no more than {count} rows.",
                    hint="Ask for less, or take CSV.",
                    count=MOST_ROWS,
                )
            inside = "".join(
                [
                    make(value, number)
                    for make, value in zip(cells, row, strict=True)
                    if value is not None
                ]
            )
            lines.append(f'<row r="{number}">{inside}</row>')
            for at in added:
                value = row[at]
                if value is not None:
                    sums[at] += value
            if len(lines) == _STEP:
                file.write("".join(lines))
                lines.clear()
                self._progress(number - HEAD_ROW - 1)
        file.write("".join(lines))
        sheet.dim_rowmax, sheet.dim_colmax = number - 1, len(cells) - 1
        return number - 1, sums

    def _cell_maker(
        self, at: int, column: ReportColumn, table: ReportTable
    ) -> Callable[[Any, int], str]:
        """Return what writes a value of this column as the cell of a row."""
        from xlsxwriter.utility import xl_col_to_name

        letter = xl_col_to_name(at)
        style = self._format(column.kind, table.currency)._get_xf_index()  # noqa: SLF001
        marked = self._text._get_xf_index()  # noqa: SLF001

        def text(value: str, number: int) -> str:
            shown = value if _PLAIN(value) else _escaped(value)
            kind = marked if value.startswith(FORMULA_SIGNS) else style
            space = ' xml:space="preserve"' if value[:1].isspace() or value[-1:].isspace() else ""
            return (
                f'<c r="{letter}{number}" s="{kind}" t="inlineStr">'
                f"<is><t{space}>{shown}</t></is></c>"
            )

        def amount(value: Decimal | int, number: int) -> str:
            return f'<c r="{letter}{number}" s="{style}"><v>{value:f}</v></c>'

        def count(value: int, number: int) -> str:
            return f'<c r="{letter}{number}" s="{style}"><v>{value}</v></c>'

        def day(value: date, number: int) -> str:
            days = value.toordinal() - _DAY_NOUGHT
            return f'<c r="{letter}{number}" s="{style}"><v>{days}</v></c>'

        makers: dict[Kind, Callable[[Any, int], str]]
        makers = {Kind.TEXT: text, Kind.DATE: day, Kind.COUNT: count}
        return makers.get(column.kind, amount)

    def _totals(self, sheet: Any, table: ReportTable, last: int, sums: list[Value]) -> None:
        from xlsxwriter.utility import xl_range

        if not any(column.has_total for column in table.columns):
            return
        for at, column in enumerate(table.columns):
            style = self._format(column.kind, table.currency, "total")
            if column.has_total:
                cells = xl_range(HEAD_ROW + 1, at, last, at)
                sheet.write_formula(last + 1, at, f"=SUM({cells})", style, sums[at])
            else:
                sheet.write_string(last + 1, at, "" if at else _("Total"), style)

    def chart(self, chart: Chart) -> None:
        """Write a chart's numbers, with the chart beside them; a heat map colours its cells."""
        sheet = self.sheet(chart.title)
        style = self._format(chart.kind, chart.currency)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, len(chart.series), 16)
        head = self._format(Kind.MONEY, "", "head")
        for at, series in enumerate(chart.series, start=1):
            sheet.write_string(HEAD_ROW, at, series.title, head)
        for row, place in enumerate(chart.axis, start=HEAD_ROW + 1):
            sheet.write_string(row, 0, place)
            for at, series in enumerate(chart.series, start=1):
                self._write(sheet, row, at, series.values[row - HEAD_ROW - 1], style)
        first, last, width = HEAD_ROW + 1, HEAD_ROW + len(chart.axis), len(chart.series)
        if not chart.axis or not width:
            return
        if chart.shape is ChartKind.HEAT:
            scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#0072B2"}
            sheet.conditional_format(first, 1, last, width, scale)
            return
        drawn = add_chart(self._book, sheet, chart, head=HEAD_ROW, number_format=style.num_format)
        sheet.insert_chart(HEAD_ROW, width + 2, drawn)

    def _write(self, sheet: Any, row: int, column: int, value: Value, style: Any) -> None:
        if isinstance(value, str):
            sheet.write_string(row, column, value, style)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, style)
        elif value is not None:
            sheet.write_number(row, column, value, style)

    def _format(self, kind: Kind, currency: str, part: str = "") -> Any:
        """Return how cells of this kind look; a head and a total are bold."""
        key = (kind, currency, part)
        if key not in self._kinds:
            digits = ".00" if shown_currency(currency).booked_digits else ""
            shown = {
                Kind.MONEY: f"#,##0{digits}",
                Kind.COUNT: "#,##0",
                Kind.PERCENT: "0.0%",
                Kind.DECIMAL: "#,##0.00",
                Kind.DATE: "yyyy-mm-dd",
            }.get(kind)
            look: dict[str, Any] = {"num_format": shown} if shown and part != "head" else {}
            if part:
                look |= {"bold": True, "bg_color": "#E7ECEF"}
                look |= {"bottom": 1, "text_wrap": True} if part == "head" else {"top": 1}
                look["align"] = "left" if kind is Kind.TEXT else "right"
            self._kinds[key] = self._book.add_format(look)
        return self._kinds[key]


def _escaped(text: str) -> str:
    """Write a text for XML; a control character as spreadsheets name it."""
    shown = _LOOKS_NAMED.sub("_x005F_", text)
    shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _UNWRITABLE.sub(lambda sign: f"_x{ord(sign[0]):04X}_", shown)


@contextmanager
def _workbook(path: Path, made: datetime) -> Iterator[Any]:
    """Open a workbook to write; put it in its place only when it is whole."""
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import XlsxWriterException

    with whole_file(path) as name, tempfile.TemporaryDirectory() as rows_waiting:
        options = {
            "constant_memory": True,
            "tmpdir": rows_waiting,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        book = Workbook(str(name), options)
        book.set_properties({"created": made})
        try:
            yield book
            book.close()
        except XlsxWriterException as error:
            raise OSError(str(error)) from error
        finally:
            for sheet in book.worksheets():
                sheet._opt_close()  # noqa: SLF001 - a stopped writing leaves its rows open
