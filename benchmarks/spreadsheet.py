"""A list of 200,000 lines as a spreadsheet, against bare XlsxWriter in its constant-memory mode.

The baseline writes the same cells, with the same looks, cell by cell. How much memory the writing
takes for ten times as many rows is told as well: it must not grow with the list.
"""

from __future__ import annotations

import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.measure import Measure, measured
from vsla_desktop.reports.report import Kind, Report, ReportColumn, ReportTable, Row
from vsla_desktop.reports.spreadsheet import write_spreadsheet

ROWS = 200_000
BAR = 0.5
FLAT_BAR = 1.2
MADE = datetime(2026, 1, 5, tzinfo=UTC)
_KINDS = [Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.DATE, Kind.COUNT, *[Kind.MONEY] * 7]


class Lines:
    """Rows of a ledger, made as they are asked for, as a database gives them."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __iter__(self) -> Iterator[Row]:
        first = date(2021, 1, 4)
        for number in range(self.count):
            amounts = [Decimal(number * 100 + each) / 100 for each in range(7)]
            day = first + timedelta(number % 1800)
            yield (f"G{number % 500:05d}", "Amina Nakato", "Savings", day, number, *amounts)


def report(count: int) -> Report:
    """Return a list of so many lines."""
    columns = tuple(
        ReportColumn(f"Column {number}", kind, has_total=kind is Kind.MONEY)
        for number, kind in enumerate(_KINDS)
    )
    table = ReportTable("Entries", columns, Lines(count), currency="KES")
    return Report("entries", "Entries", "All groups", "2026", tables=(table,))


def bare(path: Path) -> float:
    """Write the same cells with the library alone; return the seconds."""
    from xlsxwriter import Workbook

    began = time.perf_counter()
    book = Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    amount = book.add_format({"num_format": "#,##0.00"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(Lines(ROWS), start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            elif isinstance(value, date):
                sheet.write_datetime(number, column, value, day)
            else:
                sheet.write_number(number, column, value, amount)
    book.close()
    return time.perf_counter() - began


def peak(path: Path, count: int) -> float:
    """Return the most memory that writing so many rows took, in bytes."""
    tracemalloc.start()
    write_spreadsheet(report(count), path, made=MADE)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return float(most)


def run() -> list[Measure]:
    """Measure the writing, and whether its memory grows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        began = time.perf_counter()
        write_spreadsheet(report(ROWS), path, made=MADE)
        ours = time.perf_counter() - began
        theirs = bare(path)
        few, many = peak(path, 2_500), peak(path, 25_000)
    return [
        measured("spreadsheet of 200,000 rows", ours, theirs, at_most=BAR, unit="s"),
        measured(
            "memory for 25,000 rows against 2,500",
            many / 1e6,
            few / 1e6,
            at_most=FLAT_BAR,
            unit="MB",
        ),
    ]


if __name__ == "__main__":
    from benchmarks.measure import show

    show(run())
