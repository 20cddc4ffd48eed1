"""Importing a workbook: whole, through the same services as every entry, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vsla_desktop.domain.currencies import currency
from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.workbook.attempts import Attempts, Refused
from vsla_desktop.services.workbook.books import Books, WrongCell
from vsla_desktop.services.workbook.layout import GROUP
from vsla_desktop.services.workbook.more_sheets import NOT_CARRIED
from vsla_desktop.services.workbook.passes import Outcome, Pass
from vsla_desktop.services.workbook.reading import MOST_WRONG, read_workbook
from vsla_desktop.services.workbook.writer import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.db import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a workbook. Nothing was written while there are wrong cells.

    ``warnings`` were taken, but should be looked at: columns that were left out, counts that differ
    from the book.
    """

    written: bool
    group_code: str = ""
    group_name: str = ""
    members_count: int = 0
    meetings_count: int = 0
    entries_count: int = 0
    loans_count: int = 0
    wrong: tuple[WrongCell, ...] = ()
    warnings: tuple[WrongCell, ...] = ()

    @property
    def ok(self) -> bool:
        """Say whether every cell could be taken."""
        return not self.wrong


def import_workbook(
    database: Database,
    path: Path,
    *,
    clock: Clock,
    by: int | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Write a workbook into the book as a group of its own, or say every cell that is wrong.

    With ``dry_run`` everything is tried and undone. Raise :class:`StorageError` when the file or
    the database can not be used; what is wrong inside the file is in the report.
    """
    books = read_workbook(path, today=clock.today())
    if isinstance(books, list):
        return ImportReport(written=False, wrong=tuple(books))
    return import_books(database, books, clock=clock, by=by, dry_run=dry_run, progress=progress)


def import_books(
    database: Database,
    books: Books,
    *,
    clock: Clock,
    by: int | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Write books that were read, as :func:`import_workbook` does."""
    try:
        with database.write() as session:
            trial = session.begin_nested() if dry_run else None
            outcome = Pass(_attempts(session, books), books, clock, by, progress).run()
            if trial is not None:
                trial.rollback()
    except Refused as stop:
        # Every cell by itself may find nothing only if what was refused needs another refusal.
        wrong = _all_wrong(database, books, clock, by, progress) or [stop.wrong]
        return _report(books, written=False, wrong=tuple(wrong[:MOST_WRONG]))
    return _report(books, written=not dry_run, outcome=outcome)


def _all_wrong(
    database: Database, books: Books, clock: Clock, by: int | None, progress: Progress | None
) -> list[WrongCell]:
    """Try every cell by itself, list what is refused, and keep nothing."""
    with database.write() as session:
        trial = session.begin_nested()
        attempts = _attempts(session, books)
        attempts.finds_all = True
        Pass(attempts, books, clock, by, progress).run()
        trial.rollback()
    return attempts.wrong


def _attempts(session: Session, books: Books) -> Attempts:
    return Attempts(session, books.places, currency(books.group.currency))


def _report(
    books: Books,
    *,
    written: bool,
    outcome: Outcome | None = None,
    wrong: tuple[WrongCell, ...] = (),
) -> ImportReport:
    return ImportReport(
        written=written,
        group_code=outcome.group_code if outcome else books.group.group_code,
        group_name=books.group.name,
        members_count=len(books.members),
        meetings_count=len(books.meetings),
        entries_count=len(books.entries) + len(books.other),
        loans_count=outcome.loans_count if outcome else 0,
        wrong=wrong,
        warnings=(*_lacking(books), *books.warnings, *(outcome.warnings if outcome else ())),
    )


def _lacking(books: Books) -> Iterator[WrongCell]:
    """Name what the workbook said, when it was made, that it does not hold of the book."""
    address = books.places.get(GROUP, {}).get("left_out", "")
    for line in filter(None, (each.strip() for each in books.group.left_out.splitlines())):
        yield WrongCell(GROUP, address, _not_whole(line))
    for row in books.not_carried:
        if row.count and not row.why:
            yield WrongCell(NOT_CARRIED, f"A{row.row or 1}", _not_whole(row.what))


def _not_whole(what: str) -> RuleBroken:
    return RuleBroken("This workbook is not the whole book: {what}", what=what)
