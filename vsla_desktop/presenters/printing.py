"""Puts documents on paper: made beside the other work, kept as a file, opened to be printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vsla_desktop.clock import Clock
from vsla_desktop.errors import StorageError
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database
    from vsla_desktop.reports.document import Document

Build = Callable[["Session", date], "Document"]
"""Puts a document together from the book, as of the day on which it is printed."""

FOLDER: Final = "printed"


class Printing:
    """Makes the pages that a screen asks for; ``ready`` says where the file of them lies."""

    def __init__(
        self,
        database: Callable[[], Database],
        runner: Runner,
        shell: ShellPresenter,
        folder: Callable[[], Path],
        clock: Clock,
    ) -> None:
        self._database = database
        self._runner = runner
        self._shell = shell
        self._folder = folder
        self._clock = clock
        self.ready: Event[[Path]] = Event()

    def show(self, build: Build) -> None:
        """Make the pages of a document and open them."""
        database, folder, today = self._database(), self._folder(), self._clock.today()
        self._runner.submit(
            lambda: make_file(database, build, folder / FOLDER, today),
            self._made,
            self._shell.say_error,
            owner=self,
        )

    def _made(self, file: Path) -> None:
        self._shell.say(_("Pages made: {file}", file=str(file)))
        self.ready(file)


def make_file(database: Database, build: Build, folder: Path, today: date) -> Path:
    """Write the pages of a document into a folder; raise StorageError when that can not be."""
    from vsla_desktop.reports.pdf import as_pdf

    with database.read() as session:
        document = build(session, today)
    file = folder / document.file_name
    pages = as_pdf(document)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pages)
    except OSError as error:
        raise StorageError(
            "The pages could not be written: {reason}",
            hint="Close the file if it is open, or free some space.",
            reason=error.strerror or str(error),
        ) from error
    return file


def rules_pages(group_id: int) -> Build:
    """The constitution of a group."""

    def build(session: Session, day: date) -> Document:
        from vsla_desktop.presenters.rules_paper import constitution

        return constitution(session, group_id, day)

    return build


def share_out_pages(group_id: int) -> Build:
    """The sheet of a group's share-out."""

    def build(session: Session, day: date) -> Document:
        from vsla_desktop.presenters.share_out_paper import share_out_sheet

        return share_out_sheet(session, group_id, day)

    return build


def loan_pages(loan_id: int) -> Build:
    """The agreement of a loan."""

    def build(session: Session, day: date) -> Document:
        from vsla_desktop.reports.loan_papers import loan_agreement

        return loan_agreement(session, loan_id, printed=day)

    return build
