"""A new laptop brings its groups from head office: it is enrolled, then fills itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from vsla_desktop.errors import SyncError
from vsla_desktop.i18n import _, explain
from vsla_desktop.presenters.auto_sync import AutoSync
from vsla_desktop.presenters.enrolling import EnrollingPresenter
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.wording import whole

if TYPE_CHECKING:
    from vsla_desktop.db import Database


class FillStage(Enum):
    """How far a new laptop is."""

    TO_ENROL = auto()
    FILLING = auto()
    STOPPED = auto()


@dataclass(frozen=True, slots=True)
class _Found:
    is_enrolled: bool
    is_empty: bool
    problem: SyncError | None


class FillingPresenter:
    """Enrols, then receives until the groups are here; the program opens them as they come.

    What came before a cut or a stop stays, and the next try goes on from there.
    """

    def __init__(
        self,
        database: Callable[[], Database],
        folder: Path,
        runner: Runner,
        shell: ShellPresenter,
        sync: AutoSync,
    ) -> None:
        self.runner = runner
        self.shell = shell
        self.sync = sync
        self.changed: Event[[]] = Event()
        self.stage = FillStage.TO_ENROL
        self.sentence = ""
        self.enrolling = EnrollingPresenter(folder, runner, shell)
        self._database = database
        self._folder = folder
        self.enrolling.enrolled.listen(self._enrolled)
        self.enrolling.asked.listen(self.changed)
        sync.changed.listen(self.refresh)

    def refresh(self) -> None:
        """Look how far the laptop is."""
        database, folder = self._database(), self._folder
        self.runner.submit(
            lambda: _look(database, folder), self._came, self.shell.say_error, owner=self
        )

    def _came(self, found: _Found) -> None:
        if self.sync.is_running:
            self.stage = FillStage.FILLING
            self.sentence = _("The groups of this laptop are coming.")
        elif not found.is_enrolled:
            self.stage = FillStage.TO_ENROL
            self.sentence = _("Open the file that head office gave you.")
        else:
            self.stage = FillStage.STOPPED
            self.sentence = _stopped(found)
        self.changed()

    def words(self) -> str:
        """How far it is, or what to do."""
        came, total = self.sync.progress
        if self.stage is not FillStage.FILLING or not came:
            return self.sentence
        if came < total:
            percent = whole(100 * came // total)
            return _("The groups of this laptop are coming: {percent} %.", percent=percent)
        return _("The groups of this laptop are coming: {count} so far.", count=whole(came))

    def fill(self) -> None:
        """Receive, from the beginning or from where it stopped."""
        self.sync.now()

    def stop(self) -> None:
        """Stop; what has come stays."""
        self.sync.stop()

    def back(self) -> None:
        """Go back to the first screen."""
        self.stop()
        self.shell.go_to("first-start")

    def _enrolled(self, device: str) -> None:
        self.shell.say(_("Head office knows this laptop as {device}.", device=device))
        self.fill()


def _stopped(found: _Found) -> str:
    if found.problem is not None:
        return " ".join(explain(found.problem))
    if found.is_empty:
        return _("Head office has given this laptop no group yet.")
    return _("Not everything is here yet. Go on when you like.")


def _look(database: Database, folder: Path) -> _Found:
    from vsla_desktop import sync
    from vsla_desktop.sync.history import history
    from vsla_desktop.sync.holdings import holdings

    with database.connection() as connection:
        last = history(connection, most=1)
        return _Found(
            sync.sync_status(database, folder).enrolled,
            not holdings(connection).groups,
            last[0].problem if last else None,
        )
