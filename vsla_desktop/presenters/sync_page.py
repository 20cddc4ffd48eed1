"""Sending to head office: where things stand, what waits, and what a person should look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vsla_desktop.errors import OfflineError
from vsla_desktop.i18n import _, format_date, format_time, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.runner import Lane, Progress, Runner
from vsla_desktop.presenters.shell import ShellPresenter, SyncStage, SyncState
from vsla_desktop.presenters.sync_words import explained, titled
from vsla_desktop.wording import whole

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.sync import SyncReport, SyncStatus, Trouble

_KINDS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("meetings", ("meetings", "meeting_activities")),
    ("roll", ("meeting_attendance",)),
    ("entries", ("group_transactions", "group_cashbook", "saving_transactions")),
    ("loans", ("group_loans", "loan_repayment_schedule", "loan_assessments")),
    ("fines", ("member_fines",)),
    ("members", ("group_members", "member_savings")),
    (
        "groups",
        ("savings_groups", "group_settings", "savings_cycles", "group_saving_type_settings"),
    ),
)


@dataclass(frozen=True, slots=True)
class ToSettle:
    """Something that head office and this laptop see differently, or that was not taken."""

    title: str
    details: str


@dataclass(frozen=True, slots=True)
class SyncView:
    """Everything that the page shows."""

    state: SyncState
    sentence: str
    server: str
    device: str
    is_enrolled: bool
    waiting: tuple[tuple[str, str], ...] = ()
    waiting_count: int = 0
    to_settle: tuple[ToSettle, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    status: SyncStatus
    server: str
    device: str
    waiting: dict[str, int]
    to_settle: tuple[Trouble, ...]


class SyncPresenter:
    """Reads where things stand; sends on the network's lane, so that entry never waits."""

    def __init__(
        self, database: Database, folder: Path, runner: Runner, shell: ShellPresenter
    ) -> None:
        self.database = database
        self.folder = folder
        self.runner = runner
        self.shell = shell
        self.changed: Event[[]] = Event()
        self.view: SyncView | None = None
        self.is_sending = False

    def refresh(self) -> None:
        """Read where things stand."""
        database, folder = self.database, self.folder
        self.runner.submit(
            lambda: _read(database, folder), self._came, self.shell.say_error, owner=self
        )

    def send(self) -> None:
        """Send what waits, with progress; it can be stopped at any time."""
        if self.is_sending:
            return
        database, folder = self.database, self.folder
        self.is_sending = True
        self.shell.show_sync(SyncStage.SENDING)
        self.changed()

        def job(progress: Progress) -> SyncReport:
            from vsla_desktop import sync

            return sync.push(database, folder, progress=progress.step)

        self.runner.submit_long(
            _("Sending to head office"),
            job,
            self._sent,
            self._not_sent,
            owner=self,
            lane=Lane.NETWORK,
        )

    def stopped(self) -> None:
        """The person stopped the sending; what was sent is sent, the rest waits."""
        self.is_sending = False
        self.refresh()

    def enrol(self, file: Path) -> None:
        """Take the file from head office that says where to send to."""
        folder = self.folder

        def job() -> str:
            from vsla_desktop import sync

            return sync.store_enrolment(file, folder).device_name

        self.runner.submit(job, self._enrolled, self.shell.say_error, owner=self)

    def _enrolled(self, device: str) -> None:
        self.shell.say(_("Head office knows this laptop as {device}.", device=device))
        self.refresh()

    def _sent(self, report: SyncReport) -> None:
        self.is_sending = False
        words = translate_counted("{count} entry sent.", "{count} entries sent.", report.rows_sent)
        self.shell.say(words if report.rows_sent else _("Everything was sent already."))
        self.refresh()

    def _not_sent(self, error: Exception) -> None:
        self.is_sending = False
        if not isinstance(error, OfflineError):
            self.shell.say_error(error)
        self.refresh()

    def _came(self, read: _Read) -> None:
        status = read.status
        state = state_of(status)
        self.shell.show_sync(state.stage, state.at, state.refused)
        self.view = SyncView(
            state=state,
            sentence=_sentence(status),
            server=read.server,
            device=read.device,
            is_enrolled=status.enrolled,
            waiting=_in_words(read.waiting),
            waiting_count=status.waiting,
            to_settle=tuple(ToSettle(titled(each), explained(each)) for each in read.to_settle),
        )
        self.changed()


def state_of(status: SyncStatus) -> SyncState:
    """The four words of the rail."""
    stage = {
        "Waiting for network": SyncStage.WAITING,
        "Sending": SyncStage.SENDING,
        "Sent": SyncStage.SENT,
        "Sent, but not all was taken": SyncStage.SENT,
    }.get(str(status.word), SyncStage.SAVED_HERE)
    is_sent = stage is SyncStage.SENT
    return SyncState(
        stage, _local(status.sent_at) if is_sent else None, status.quarantined if is_sent else 0
    )


def read_state(database: Database, folder: Path) -> SyncState:
    """Read the four words of the rail."""
    from vsla_desktop import sync

    return state_of(sync.sync_status(database, folder))


def _local(instant: datetime | None) -> datetime | None:
    """An instant that was kept in UTC, in the laptop's own time."""
    if instant is None:
        return None
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return aware.astimezone()


def _sentence(status: SyncStatus) -> str:
    if not status.enrolled:
        return _("Everything is saved on this laptop. Head office does not know it yet.")
    if not status.waiting and status.quarantined:
        return translate_counted(
            "{count} record was not taken, and stays here.",
            "{count} records were not taken, and stay here.",
            status.quarantined,
        )
    if not status.waiting:
        return _("Head office has everything.")
    if status.problem == "offline":
        return _("There is no network now. Everything is saved here and goes next time.")
    sent = _local(status.sent_at)
    if sent is None:
        return _("Everything is saved here. Nothing was sent yet.")
    return _("Last sent on {day} at {time}.", day=format_date(sent.date()), time=format_time(sent))


def _in_words(waiting: dict[str, int]) -> tuple[tuple[str, str], ...]:
    names = {
        "meetings": _("Meetings"),
        "roll": _("Lines of roll calls"),
        "entries": _("Entries of money"),
        "loans": _("Loans and instalments"),
        "fines": _("Fines"),
        "members": _("Members and their accounts"),
        "groups": _("Groups and their rules"),
        "others": _("Other records"),
        "sealed": _("Packed, on their way"),
    }
    return tuple((names[kind], whole(waiting[kind])) for kind in names if waiting.get(kind))


def _read(database: Database, folder: Path) -> _Read:
    from vsla_desktop import sync
    from vsla_desktop.errors import SyncError

    status = sync.sync_status(database, folder)
    server = device = ""
    if status.enrolled:
        try:
            enrolment = sync.enrolled_as(folder)
            server, device = f"{enrolment.host} / {enrolment.dbname}", enrolment.device_name
        except SyncError:
            server = _("The enrolment file can not be read.")
    return _Read(status, server, device, _waiting(database), sync.troubles(database))


def _waiting(database: Database) -> dict[str, int]:
    """Count what waits by the kinds that a person knows."""
    from vsla_desktop.capture.tables import travels

    kinds = {table: kind for kind, tables in _KINDS for table in tables}
    names = {each.number: each.name for each in travels()}
    found: dict[str, int] = {}
    with database.connection() as connection:
        rows = connection.exec_driver_sql(
            "SELECT tbl, count(*) FROM sync_dirty WHERE op <> 'X' GROUP BY tbl"
        ).all()
        sealed = connection.exec_driver_sql(
            "SELECT coalesce(sum(row_count), 0) FROM sync_outbox WHERE state = 'sealed'"
        ).scalar_one()
    for number, count in rows:
        kind = kinds.get(names.get(number, ""), "others")
        found[kind] = found.get(kind, 0) + count
    return found | {"sealed": sealed}
