"""The workbook: the books of one group as a spreadsheet, to fill in, bring in and take out."""

from __future__ import annotations

from vsla_desktop.services.workbook.books import Books, WrongCell
from vsla_desktop.services.workbook.exporting import (
    ExportReport,
    collect_books,
    export_workbook,
)
from vsla_desktop.services.workbook.importing import ImportReport, import_books, import_workbook
from vsla_desktop.services.workbook.more_rows import NotCarriedRow
from vsla_desktop.services.workbook.reading import read_workbook
from vsla_desktop.services.workbook.writer import write_books, write_template

__all__ = [
    "Books",
    "ExportReport",
    "ImportReport",
    "NotCarriedRow",
    "WrongCell",
    "collect_books",
    "export_workbook",
    "import_books",
    "import_workbook",
    "read_workbook",
    "write_books",
    "write_template",
]
