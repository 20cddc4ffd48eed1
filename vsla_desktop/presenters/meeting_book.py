"""The open meeting between the screen and the book: one writer, one reader, what can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from vsla_desktop.clock import Clock
from vsla_desktop.db import Database
from vsla_desktop.errors import VslaError
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.meeting_reading import Book, read_book
from vsla_desktop.presenters.meeting_undo import UndoStack
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.wording import MoneyText

T = TypeVar("T")


class _NotMeant(Exception):  # noqa: N818 - what ends a trial, not a fault
    """Ends a trial, so that its transaction is taken back."""


def tried(database: Database, action: Callable[[Session], T]) -> T:
    """Do something in the book, look at what came of it, and take it all back.

    Raises what the action raises: so a screen hears beforehand what the book would refuse.
    """
    found: list[T] = []
    try:
        with database.write() as session:
            found.append(action(session))
            raise _NotMeant  # noqa: TRY301 - it ends the transaction, which is the point
    except _NotMeant:
        return found[0]


class MeetingBook:
    """One meeting's page of the book, as the screen last read it.

    What is written is read back once nothing more waits to be written, so that typing is never
    held up. ``changed`` tells that the page was read again.
    """

    def __init__(
        self,
        book: Book,
        *,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        clock: Clock,
        undo_stack: UndoStack,
    ) -> None:
        self.changed: Event[[]] = Event()
        self.book = book
        self.database = database
        self.shell = shell
        self.clock = clock
        self.undo_stack = undo_stack
        self._runner = runner
        self._waiting = 0
        self._undos_wanted = 0

    @property
    def money(self) -> MoneyText:
        """Writes amounts of the group's currency."""
        return self.book.money

    @property
    def meeting_id(self) -> int:
        """The meeting whose page this is."""
        return self.book.sheet.meeting_id

    @property
    def is_settled(self) -> bool:
        """Whether everything that was typed is in the book."""
        return self._waiting == 0

    def write(
        self,
        action: Callable[[Session], T],
        on_done: Callable[[T], None],
        on_refused: Callable[[VslaError], None],
    ) -> None:
        """Do one thing in one transaction; a refusal goes back to where it was typed."""

        def job() -> T:
            with self.database.write() as session:
                return action(session)

        self._submit(job, on_done, on_refused)

    def attempt(
        self,
        action: Callable[[Session], T],
        on_done: Callable[[T], None],
        on_refused: Callable[[VslaError], None],
    ) -> None:
        """Ask the book whether it would take something, and change nothing."""
        self._submit(lambda: tried(self.database, action), on_done, on_refused)

    def _submit(
        self,
        job: Callable[[], T],
        on_done: Callable[[T], None],
        on_refused: Callable[[VslaError], None],
    ) -> None:
        self._waiting += 1

        def done(result: T) -> None:
            self._waiting -= 1
            on_done(result)
            self._settle()

        def failed(error: Exception) -> None:
            self._waiting -= 1
            if isinstance(error, VslaError):
                on_refused(error)
            else:
                self.shell.say_error(error)
            self._settle()

        self._runner.submit(job, done, failed, owner=self)

    def _settle(self) -> None:
        if self._waiting:
            return
        self.refresh()
        if self._undos_wanted:
            self._undos_wanted -= 1
            self.undo()

    def refresh(self) -> None:
        """Read the page again."""
        meeting_id = self.meeting_id

        def job() -> Book:
            with self.database.read() as session:
                return read_book(session, meeting_id)

        self._runner.submit(job, self._read_again, self.shell.say_error, owner=self)

    def _read_again(self, book: Book) -> None:
        self.book = book
        self.changed()

    def undo(self) -> None:
        """Take back the last thing that was done, and say what it was."""
        if self._waiting:
            self._undos_wanted += 1
            return
        self.undo_stack.undo(self.write, self.shell)
