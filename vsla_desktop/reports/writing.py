"""Writes a report in the format that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vsla_desktop.reports.paged import paged
from vsla_desktop.reports.plain_file import write_plain
from vsla_desktop.reports.spreadsheet import Progress, say_nothing, write_spreadsheet
from vsla_desktop.reports.whole_file import whole_file

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from vsla_desktop.reports.report import Report

FORMATS: Final = ("xlsx", "csv", "pdf")


def write_report(
    report: Report,
    path: Path,
    file_format: str,
    *,
    made: datetime,
    progress: Progress = say_nothing,
) -> None:
    """Write a report to a file: ``xlsx``, ``csv`` or ``pdf``; it is there only when it is whole.

    ``progress`` is told now and then how many rows are written; it raises to stop the writing.
    Raises StorageError when the file can not be written, RuleBroken for a list too long for paper.
    """
    if file_format == "xlsx":
        write_spreadsheet(report, path, made=made, progress=progress)
    elif file_format == "csv":
        write_plain(report, path, progress=progress)
    else:
        from vsla_desktop.reports.pdf import as_pdf

        document = paged(report, printed=made.date())
        progress(0)
        pages = as_pdf(document)
        progress(0)
        with whole_file(path) as name:
            name.write_bytes(pages)
