"""Meeting head office without anybody asking: when something waits, and now and then for news.

It runs on the network's lane and holds the book only for moments, so entry never waits for it.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock
from vsla_desktop.errors import OfflineError, SyncError, VslaError
from vsla_desktop.i18n import _, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.runner import Lane, Runner
from vsla_desktop.presenters.shell import ShellPresenter, SyncStage
from vsla_desktop.presenters.sync_words import state_of

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.sync import SyncReport, SyncStatus
    from vsla_desktop.sync.retry import Tries


@dataclass(frozen=True, slots=True)
class _Look:
    status: SyncStatus
    is_locked: bool


class AutoSync:
    """Sends and receives for the book that is open; one run at a time, whoever asked for it.

    ``is_on`` tells whether it may begin by itself. ``changed`` says that a run began, ended, or
    that the next one is due at another time; ``received`` that head office changed the book.
    """

    def __init__(
        self,
        runner: Runner,
        shell: ShellPresenter,
        clock: Clock,
        *,
        is_on: Callable[[], bool],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.runner = runner
        self.shell = shell
        self.clock = clock
        self.is_on = is_on
        self.changed: Event[[]] = Event()
        self.received: Event[[]] = Event()
        self.is_running = False
        self.progress = (0, 0)
        self._chance = chance
        self._book: tuple[Database, Path] | None = None
        self._tries: Tries | None = None
        self._something_waits = False
        self._is_asked = False
        self._stopping = threading.Event()

    # ------------------------------------------------------------------ the book

    def open(self, database: Database, folder: Path) -> None:
        """Meet head office for this book from now on; the first try is due at once."""
        self.leave()
        self._book = (database, folder)

    def show_state(self) -> None:
        """Tell in the corner how things stand."""
        if self._book is not None:
            database, folder = self._book
            self.runner.submit(
                lambda: _look(database, folder), self._show, self.shell.say_error, owner=self
            )

    def leave(self) -> None:
        """Stop for the book that is being closed; what was not sent stays in it."""
        self.stop()
        self.runner.forget(self)
        self._book, self._tries, self.is_running = None, None, False

    # ------------------------------------------------------------------ when

    def look(self) -> None:
        """See whether it is time; asked every half a minute while the window is open."""
        if self._book is None or self.is_running or not self.is_on():
            return
        database, folder = self._book
        self.runner.submit(
            lambda: _look(database, folder), self._decide, self._did_not_look, owner=self
        )

    def _did_not_look(self, error: Exception) -> None:
        """A book that is busy is looked at again in a moment; nobody asked, so nobody is told."""
        if not isinstance(error, VslaError):
            self.shell.say_error(error)

    def soon(self) -> None:
        """Try at once, since something was finished that head office should have."""
        if self._tries is not None and not self._tries.needs_person:
            self._tries = None
        self.look()

    def next_try(self) -> datetime | None:
        """When the next try is due, in UTC; None where none will come, or it is due now."""
        if self._tries is None or not self.is_on():
            return None
        from vsla_desktop.sync.retry import next_try

        return next_try(self._tries, something_waits=self._something_waits)

    def _decide(self, found: _Look) -> None:
        from vsla_desktop.sync.retry import Tries, is_due

        self._something_waits = found.status.waiting > 0
        tries = self._tries or Tries()
        if not found.status.enrolled or found.is_locked or self.is_running:
            return
        if is_due(tries, self.clock.now(), something_waits=self._something_waits):
            self._start(is_asked=False)

    # ------------------------------------------------------------------ a run

    def now(self) -> None:
        """The person wants it now, and is told what came of it."""
        if self._book is not None and not self.is_running:
            self._start(is_asked=True)

    def stop(self) -> None:
        """Stop at the next step: what was sent is sent, the rest waits."""
        self._stopping.set()

    def _start(self, *, is_asked: bool) -> None:
        if self._book is None:
            return
        database, folder = self._book
        self.is_running, self._is_asked, self.progress = True, is_asked, (0, 0)
        stopping = self._stopping = threading.Event()
        clock = self.clock
        if is_asked or self._something_waits:
            self.shell.show_sync(SyncStage.SENDING)
        self.changed()

        def job() -> SyncReport:
            from vsla_desktop import sync

            return sync.run(
                database,
                folder,
                progress=self._progressed,
                cancelled=stopping.is_set,
                clock=clock,
            )

        self.runner.submit(job, self._went, self._did_not, owner=self, lane=Lane.NETWORK)

    def _progressed(self, done: int, total: int) -> None:
        """Told on the network's thread: one assignment, so no lock is needed."""
        self.progress = (done, total)

    def _went(self, report: SyncReport) -> None:
        from vsla_desktop.sync.retry import Tries

        self._tries = Tries().succeeded(self.clock.now())
        if self._is_asked and not self._stopping.is_set():
            self.shell.say(done_words(report))
        self._ended()
        if report.rows_received or report.groups_changed:
            self.received()

    def _did_not(self, error: Exception) -> None:
        from vsla_desktop.sync.centre import TroubleError
        from vsla_desktop.sync.retry import Tries

        passes = isinstance(error, OfflineError | TroubleError)
        tries = self._tries or Tries()
        self._tries = tries.failed(self.clock.now(), self._chance(), needs_person=not passes)
        # What head office refuses stands on the page; only who asked is told at once.
        if not isinstance(error, SyncError) or (self._is_asked and not passes):
            self.shell.say_error(error)
        self._ended()

    def _ended(self) -> None:
        self.is_running = False
        self.show_state()

    def _show(self, found: _Look) -> None:
        self._something_waits = found.status.waiting > 0
        state = state_of(found.status)
        if not self.is_running:
            self.shell.show_sync(state.stage, state.at, state.refused)
        self.changed()


def done_words(report: SyncReport) -> str:
    """Say what a run did."""
    parts = []
    if report.rows_sent:
        parts.append(
            translate_counted("{count} entry sent.", "{count} entries sent.", report.rows_sent)
        )
    if report.rows_received:
        parts.append(
            translate_counted(
                "{count} change received.", "{count} changes received.", report.rows_received
            )
        )
    return " ".join(parts) or _("Everything was sent already.")


def _look(database: Database, folder: Path) -> _Look:
    from vsla_desktop.queries.sync_status import sync_status

    status = sync_status(database, folder)
    if not status.enrolled:
        return _Look(status, is_locked=False)
    from vsla_desktop.sync import needs_passphrase  # 12 MB that only a laptop that sends needs

    return _Look(status, needs_passphrase(folder))
