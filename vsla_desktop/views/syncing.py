"""Automatic sync in the program: when it looks, and what the window does with what came."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from vsla_desktop.presenters.book import OpenBook, list_groups, only_reads
from vsla_desktop.presenters.home import HomePresenter

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.groups import GroupLine
    from vsla_desktop.views.making import ProgramPages
    from vsla_desktop.views.parts import Parts

_LOOK: Final = 30_000  # milliseconds between looks
_FIRST_LOOK: Final = 4_000  # after the book has opened: by then the first screen is there


class Syncing(QObject):
    """Lets the program's :class:`AutoSync` look in time; a meeting that was closed goes at once.

    Practice books and databases of others have nothing to send.
    """

    def __init__(self, program: Parts, pages: ProgramPages, parent: QObject) -> None:
        super().__init__(parent)
        self.program = program
        self.pages = pages
        self._clock = self._timer(_LOOK)
        self._first = self._timer(_FIRST_LOOK)
        self._first.setSingleShot(True)
        self._lease_of: tuple[Database, int] | None = None
        program.shell.meeting_closed.listen(program.auto.soon)
        program.auto.received.listen(self._received)
        program.shell.changed.listen(self._group_opened)

    def _timer(self, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(milliseconds)
        timer.timeout.connect(self.program.auto.look)
        return timer

    def open(self, book: OpenBook) -> None:
        """Begin for a book that was opened."""
        if book.is_practice or book.url:
            self.leave()
            return
        self.program.auto.open(book.database, book.folder.path)
        self.program.auto.show_state()
        self._first.start()
        self._clock.start()

    def leave(self) -> None:
        """End for the book that is being closed."""
        self._first.stop()
        self._clock.stop()
        self.program.auto.leave()

    def _group_opened(self) -> None:
        """Say of a group that was opened whether its book is written here."""
        book, group = self.program.book, self.program.group
        if book is None or group is None:
            self._lease_of = None
            return
        asked = (book.database, group.group_id)
        if asked != self._lease_of:
            self._lease_of = asked
            self.program.runner.submit(
                lambda: only_reads(*asked),
                self._lease_came,
                self.program.shell.say_error,
                owner=self,
            )

    def _lease_came(self, only_read: bool) -> None:  # noqa: FBT001 - a job's result
        self.program.shell.show_only_read(only_read=only_read)

    def _received(self) -> None:
        """Groups may have come or gone; drafts on other pages stay as they are."""
        program = self.program
        if program.book is None:
            return
        if program.group is None:  # a new laptop: its first groups are here
            program.use_group()
            return
        database, today = program.book.database, program.clock.today()
        program.runner.submit(
            lambda: list_groups(database, today), self._came, program.shell.say_error, owner=self
        )

    def _came(self, groups: tuple[GroupLine, ...]) -> None:
        program = self.program
        book, group = program.book, program.group
        if book is None or group is None:
            return
        program.book = replace(book, groups=groups)
        self._lease_of = None
        self._group_opened()
        if group.group_id not in {each.group_id for each in groups}:
            # Head office gave the open group to another laptop.
            program.open_folder(program.folder.path)
            return
        desk = self.pages.presenters.get("desk")
        if desk is not None:
            desk.refresh()
        home = self.pages.presenters.get("home")
        choices = self.pages.group_choices()
        if isinstance(home, HomePresenter) and home.groups == choices:
            home.refresh()
            return
        was_shown = program.window.current_key == "home"
        self.pages.presenters.pop("home", None)
        program.window.forget_pages(keep=tuple(self.pages.presenters))
        if was_shown:
            program.shell.go_to("home")
