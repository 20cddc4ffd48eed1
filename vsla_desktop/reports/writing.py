"""Writes a report in the format that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vsla_desktop.errors import StorageError
from vsla_desktop.reports.paged import paged
from vsla_desktop.reports.plain_file import write_plain
from vsla_desktop.reports.spreadsheet import Progress, say_nothing, write_spreadsheet

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
    """Write a report to a file: ``xlsx``, ``csv`` or ``pdf``.

    Raises StorageError when the file can not be written, RuleBroken for a list too long for paper.
    """
    if file_format == "xlsx":
        write_spreadsheet(report, path, made=made, progress=progress)
    elif file_format == "csv":
        write_plain(report, path, progress=progress)
    else:
        from vsla_desktop.reports.pdf import as_pdf

        pages = as_pdf(paged(report, printed=made.date()))
        try:
            path.write_bytes(pages)
        except OSError as error:
            raise StorageError(
                "The file {name} can not be written.",
                hint="Check the disk and the folder; close the file if it is open.",
                name=path.name,
            ) from error
