"""Head office: how things stand, what waits, what is to be settled, what went and came."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock
from vsla_desktop.errors import RuleBroken, SyncError
from vsla_desktop.i18n import _, explain, format_time, translate_counted
from vsla_desktop.presenters.auto_sync import AutoSync, done_words
from vsla_desktop.presenters.enrolling import EnrollingPresenter
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice, Form, Reader
from vsla_desktop.presenters.runner import Lane, Progress, Runner
from vsla_desktop.presenters.shell import ShellPresenter, SyncState
from vsla_desktop.presenters.sync_conflicts import ConflictsPresenter
from vsla_desktop.presenters.sync_lists import GroupsList, HistoryList, RefusedList
from vsla_desktop.presenters.sync_words import instant_words, local_time, state_of

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.sync import SyncReport, SyncStatus, Trouble
    from vsla_desktop.sync.bundle import Imported
    from vsla_desktop.sync.history import Entry
    from vsla_desktop.sync.holdings import Holdings

MOST_SHOWN = 500


class SyncTab(Enum):
    """The parts of the page."""

    NOW = auto()
    SETTLE = auto()
    REFUSED = auto()
    HISTORY = auto()


@dataclass(frozen=True, slots=True)
class SyncView:
    """How things stand, in words. ``facts`` are titles with what they say."""

    state: SyncState
    sentence: str
    is_enrolled: bool
    is_locked: bool
    facts: tuple[tuple[str, str], ...] = ()
    address: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    status: SyncStatus
    device: str
    address: str
    is_locked: bool
    holdings: Holdings
    conflicts: tuple[Trouble, ...]
    refused: tuple[Trouble, ...]
    history: tuple[Entry, ...]
    can_undo: int | None


class SyncPresenter:
    """What a person sees of sync, and does about it."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        runner: Runner,
        shell: ShellPresenter,
        *,
        auto: AutoSync,
        clock: Clock,
    ) -> None:
        self.database = database
        self.folder = folder
        self.runner = runner
        self.shell = shell
        self.auto = auto
        self.clock = clock
        self.changed: Event[[]] = Event()
        self.view: SyncView | None = None
        self.tab = SyncTab.NOW
        self.groups = GroupsList()
        self.conflicts = ConflictsPresenter(database, runner, shell, clock)
        self.refused = RefusedList(shell)
        self.history = HistoryList()
        self.enrolling = EnrollingPresenter(folder, runner, shell)
        self.form = Form({"passphrase": Reader(str)}, {})
        self._read: _Read | None = None
        self.conflicts.settled.listen(self.refresh)
        self.enrolling.enrolled.listen(self._enrolled)
        self.enrolling.asked.listen(self.changed)
        auto.changed.listen(self.refresh)

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read where things stand."""
        database, folder = self.database, self.folder
        self.runner.submit(
            lambda: _read(database, folder), self._came, self.shell.say_error, owner=self
        )

    def _came(self, read: _Read) -> None:
        self._read = read
        state = state_of(read.status)
        if not self.auto.is_running:
            self.shell.show_sync(state.stage, state.at, state.refused)
        self.view = SyncView(
            state=state,
            sentence=_sentence(read),
            is_enrolled=read.status.enrolled,
            is_locked=read.is_locked,
            facts=self._facts(read.status, is_locked=read.is_locked),
            address=read.address,
        )
        self.groups.show(read.holdings)
        self.conflicts.show(read.conflicts, read.can_undo)
        self.refused.show(read.refused)
        self.history.show(read.history)
        self.changed()

    # ------------------------------------------------------------------ what is shown

    def tabs(self) -> tuple[Choice, ...]:
        """The parts of the page, with how much there is to look at."""
        conflicts, refused = self.conflicts.row_count(), self.refused.row_count()
        return (
            Choice(SyncTab.NOW.name, _("Now")),
            Choice(SyncTab.SETTLE.name, _counted(_("To settle"), conflicts)),
            Choice(SyncTab.REFUSED.name, _counted(_("Not taken"), refused)),
            Choice(SyncTab.HISTORY.name, _("History")),
        )

    def progress(self) -> tuple[int, int]:
        """How many rows have gone or come, of how many; (0, 0) while that is not known."""
        return self.auto.progress

    def _facts(self, status: SyncStatus, *, is_locked: bool) -> tuple[tuple[str, str], ...]:
        if not status.enrolled:
            return ()
        never = _("not yet")
        return (
            (_("Last sent"), instant_words(status.sent_at) if status.sent_at else never),
            (
                _("Last received"),
                instant_words(status.received_at) if status.received_at else never,
            ),
            (_("Next try"), _("once it is unlocked") if is_locked else self._next_try()),
        )

    def _next_try(self) -> str:
        if self.auto.is_running:
            return _("now")
        if not self.auto.is_on():
            return _("when you press the button")
        then = self.auto.next_try()
        if then is None or then <= self.clock.now():
            return _("soon")
        return format_time(local_time(then))

    # ------------------------------------------------------------------ what a person does

    def turn_to(self, tab: SyncTab) -> None:
        """Show a part of the page."""
        self.tab = tab
        self.changed()

    def send(self) -> None:
        """Send and receive now."""
        self.auto.now()

    def stop(self) -> None:
        """Stop what is under way; what was sent is sent, the rest waits."""
        self.auto.stop()

    def write_file(self, file: Path) -> None:
        """Write what waits into a file, to be carried to head office."""
        database, folder, clock = self.database, self.folder, self.clock

        def job(_progress: Progress) -> SyncReport:
            from vsla_desktop.sync.bundle import export_bundle

            return export_bundle(database, folder, file, with_documents=True, clock=clock)

        def done(report: SyncReport) -> None:
            self.shell.say(
                translate_counted(
                    "{file} holds {count} record. Carry it to head office.",
                    "{file} holds {count} records. Carry it to head office.",
                    report.rows_sent,
                    file=file.name,
                )
            )
            self.refresh()

        self.runner.submit_long(
            _("Writing the file"), job, done, self._failed, owner=self, lane=Lane.NETWORK
        )

    def read_file(self, file: Path) -> None:
        """Take head office's answer, or keep another laptop's file to hand it in."""
        database, folder, clock = self.database, self.folder, self.clock

        def job(_progress: Progress) -> Imported:
            from vsla_desktop.sync.bundle import import_bundle

            return import_bundle(database, folder, file, clock=clock)

        def done(imported: Imported) -> None:
            if imported.is_carried:
                self.shell.say(_("The file of {name} goes with the next sync.", name=imported.name))
            else:
                self.shell.say(done_words(imported.report))
                self.auto.received()
            self.refresh()

        self.runner.submit_long(
            _("Reading the file"), job, done, self._failed, owner=self, lane=Lane.NETWORK
        )

    def _failed(self, error: Exception) -> None:
        self.shell.say_error(error)
        self.refresh()

    def file_name(self) -> str:
        """What a file for head office is called, unless the person calls it otherwise."""
        device = self._read.device if self._read is not None else ""
        return f"{device}-{self.clock.today().isoformat()}.vslab".replace(" ", "-")

    def enter(self, key: str, text: str) -> None:
        """Take what was typed as the passphrase."""
        self.form.put(key, text)

    def note(self, key: str) -> str:  # noqa: ARG002 - there is one field
        """What stands below the passphrase."""
        return _("Entries are saved here meanwhile.")

    def unlock(self) -> None:
        """Open the login with the passphrase, and meet head office."""
        folder, words = self.folder, self.form.text("passphrase")

        def job() -> None:
            from vsla_desktop import sync

            sync.unlock(folder, words)

        self.runner.submit(job, self._unlocked, self._not_unlocked, owner=self)

    def _unlocked(self, _nothing: None) -> None:
        self.form.put("passphrase", "")
        self.refresh()
        self.auto.soon()

    def _not_unlocked(self, error: Exception) -> None:
        if isinstance(error, SyncError | RuleBroken):
            told = RuleBroken(error.message, hint=error.hint, field="passphrase", **error.values)
            self.form.say(told)
        else:
            self.shell.say_error(error)

    def _enrolled(self, device: str) -> None:
        self.shell.say(_("Head office knows this laptop as {device}.", device=device))
        self.refresh()
        self.auto.soon()


def _counted(words: str, count: int) -> str:
    return f"{words} ({count})" if count else words


def _sentence(read: _Read) -> str:
    status = read.status
    last = next((each for each in read.history if each.way == "network"), None)
    if not status.enrolled:
        return _("Everything is saved on this laptop. Head office does not know it yet.")
    if read.is_locked:
        return _("The login is locked. Enter its passphrase to send.")
    if last is not None and last.problem is not None and not last.is_offline:
        return " ".join(explain(last.problem))
    if status.waiting and last is not None and last.is_offline:
        return _("There is no network now. Everything is saved here and goes next time.")
    if status.waiting:
        return translate_counted(
            "{count} record is saved here and waits to be sent.",
            "{count} records are saved here and wait to be sent.",
            status.waiting,
        )
    if status.quarantined:
        return translate_counted(
            "{count} record was not taken, and stays here.",
            "{count} records were not taken, and stay here.",
            status.quarantined,
        )
    return _("Head office has everything.")


def _read(database: Database, folder: Path) -> _Read:
    from vsla_desktop import sync
    from vsla_desktop.sync.history import history
    from vsla_desktop.sync.holdings import holdings
    from vsla_desktop.sync.settle import can_undo
    from vsla_desktop.sync.troubles import conflicts, refused

    status = sync.sync_status(database, folder)
    device, address, is_locked = "", "", False
    if status.enrolled:
        try:
            known = sync.enrolled_as(folder)
            device = known.device_name
            address = f"{device} · {known.host} / {known.dbname}"
            is_locked = sync.needs_passphrase(folder)
        except SyncError:
            address = _("The enrolment file can not be read.")
    with database.connection() as connection:
        return _Read(
            status,
            device,
            address,
            is_locked,
            holdings(connection),
            conflicts(connection, most=MOST_SHOWN),
            refused(connection, most=MOST_SHOWN),
            history(connection, most=MOST_SHOWN),
            can_undo(connection),
        )
