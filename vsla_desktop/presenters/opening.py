"""Opening a book: in the background, and with a page of its own when it can not be opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.runner import Progress, Runner
from vsla_desktop.presenters.shell import Message, ShellPresenter, message_of
from vsla_desktop.settings import DataFolder

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.presenters.book import OpenBook


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the book can not be opened, and what is safe. ``last_copy`` can be brought back."""

    message: Message
    place: str
    last_copy: Path | None = None


class OpeningPresenter:
    """Opens books on the database's lane.

    ``on_open(book)`` gets the open book. ``trouble`` is why there is none, ``words`` what goes on.
    """

    def __init__(
        self,
        runner: Runner,
        shell: ShellPresenter,
        *,
        clock: Clock,
        on_open: Callable[[OpenBook], None],
    ) -> None:
        self._runner = runner
        self._shell = shell
        self._clock = clock
        self._on_open = on_open
        self.changed: Event[[]] = Event()
        self.folder = DataFolder(Path())
        self.url = ""
        self.is_practice = False
        self.words = ""
        self.trouble: Trouble | None = None

    def open(
        self,
        folder: DataFolder,
        *,
        url: str = "",
        is_practice: bool = False,
        leaving: Database | None = None,
    ) -> None:
        """Open the book of a folder (or another database); ``leaving`` is closed before."""
        self.folder, self.url, self.is_practice = folder, url, is_practice
        self.trouble = None
        self._say(_("Opening the book …"))

        def job() -> bool:
            from vsla_desktop.presenters.book import needs_upgrade

            if leaving is not None:
                leaving.close()
            return not url and needs_upgrade(folder)

        self._runner.submit(job, self._looked, self._failed, owner=self)

    def try_again(self) -> None:
        """Open the same book again."""
        self.open(self.folder, url=self.url, is_practice=self.is_practice)

    def restore(self, file: Path, leaving: Database | None = None) -> None:
        """Put a copy in the book's place and open it; what was there is kept beside it."""
        self._say(_("Bringing the copy back …"))
        folder, now = self.folder, self._clock.now()

        def job() -> None:
            from vsla_desktop import db

            if leaving is not None:
                leaving.close()
            db.restore(file, folder.database, now=now)

        self._runner.submit(job, self._restored, self._not_restored, owner=self)

    def practise(
        self, folder: DataFolder, leaving: Database | None = None, *, currency: str = ""
    ) -> None:
        """Open the practice book inside a folder, making it the first time, in this currency."""
        from vsla_desktop.presenters.book import make_practice, practice_folder

        def job(progress: Progress) -> None:
            make_practice(folder, clock=self._clock, progress=progress.step, currency=currency)

        place = practice_folder(folder)
        self._runner.submit_long(
            _("Making a practice group"),
            job,
            lambda _nothing: self.open(place, is_practice=True, leaving=leaving),
            self._shell.say_error,
            owner=self,
        )

    def _looked(self, is_older: bool) -> None:  # noqa: FBT001 - what the job answered
        if is_older:
            self._say(_("Bringing the book to this version. A copy is kept first."))
        folder, url, is_practice = self.folder, self.url, self.is_practice
        today = self._clock.today()

        def job() -> OpenBook:
            from vsla_desktop.presenters.book import open_book

            return open_book(folder, today=today, url=url, is_practice=is_practice)

        self._runner.submit(job, self._opened, self._failed, owner=self)

    def _opened(self, book: OpenBook) -> None:
        self.words = ""
        self.trouble = None
        self._on_open(book)

    def _restored(self, _nothing: None) -> None:
        self._shell.say(_("The copy is in place. The old book is kept beside it."))
        self.try_again()

    def _not_restored(self, error: Exception) -> None:
        self._shell.say_error(error)
        self.try_again()

    def _failed(self, error: Exception) -> None:
        from vsla_desktop.db.engine import without_password
        from vsla_desktop.presenters.book import backups

        copies = () if self.url else backups(self.folder)
        place = without_password(self.url) or str(self.folder.path)
        self.trouble = Trouble(message_of(error), place, copies[0].path if copies else None)
        self.words = ""
        self._shell.go_to("opening")
        self.changed()

    def _say(self, words: str) -> None:
        self.words = words
        self.changed()
