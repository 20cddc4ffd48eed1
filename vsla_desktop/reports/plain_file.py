"""Writes a report as CSV: UTF-8, a table under the other, numbers and dates as programs read them.

Amounts have a point, days are written year first, percentages are fractions. A text that a
spreadsheet would take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from vsla_desktop.i18n import _
from vsla_desktop.reports.spreadsheet import FORMULA_SIGNS, Progress, say_nothing
from vsla_desktop.reports.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from vsla_desktop.reports.report import Report, Value

_STEP: Final = 2_000


def write_plain(report: Report, path: Path, *, progress: Progress = say_nothing) -> None:
    """Write the report to a file, which is there only when it is whole. Raises StorageError."""
    with (
        whole_file(path) as name,
        # The mark at the beginning tells spreadsheets that letters of all scripts may follow.
        name.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        writer = csv.writer(file)
        for count, line in enumerate(_lines(report)):
            writer.writerow(line)
            if count % _STEP == _STEP - 1:
                progress(count + 1)


def _lines(report: Report) -> Iterator[list[str]]:
    # One table alone is written bare, so that programs can read it without knowing the report.
    is_alone = len(report.tables) == 1 and not report.figures
    if report.figures:
        yield [_("Figure"), _("Value"), _("Worked out as"), _("Counts")]
        for each in report.figures:
            yield _cells((each.title, each.value, each.formula, each.counts))
    for number, table in enumerate(report.tables):
        if number or report.figures:
            yield []
        if not is_alone:
            yield _cells((table.title,))
        yield _cells(column.title for column in table.columns)
        for row in table.rows:
            yield _cells(row)


def _cells(values: Iterable[Value]) -> list[str]:
    return [_cell(value) for value in values]


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return str(value)
