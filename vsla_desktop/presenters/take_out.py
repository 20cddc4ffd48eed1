"""Taking a group's book out, as a workbook or whole for an audit: written beside the other work."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from vsla_desktop.clock import Clock
from vsla_desktop.i18n import _, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.runner import Job, Lane, Progress, Runner
from vsla_desktop.presenters.shell import ShellPresenter, Tone

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.groups import GroupLine
    from vsla_desktop.reports.audit_pack import AuditPack
    from vsla_desktop.services.workbook import ExportReport

SUFFIX: Final = ".xlsx"
PACK_SUFFIX: Final = ".zip"
_NOT_IN_A_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')

T = TypeVar("T")


class TakeOutPresenter:
    """Writes the book of a group as a workbook, or all there is of it as one file for an audit.

    Also the list of what the file does not hold. ``documents`` is the folder of the group's papers.
    """

    def __init__(
        self,
        database: Callable[[], Database],
        runner: Runner,
        shell: ShellPresenter,
        group: GroupLine,
        clock: Clock,
        documents: Path | None = None,
    ) -> None:
        self._database = database
        self._runner = runner
        self._shell = shell
        self._group = group
        self._clock = clock
        self._documents = documents
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.file: Path | None = None
        self.report: ExportReport | None = None
        self.packed: AuditPack | None = None
        self.is_working = False
        self._job: Job | None = None

    # ------------------------------------------------------------------ what a person does

    def take_out(self, file: Path) -> None:
        """Write the book to this place; what was there stays until the new file is whole."""
        database, code, clock = self._database(), self._group.code, self._clock

        def job(file: Path, progress: Progress) -> ExportReport:
            from vsla_desktop.services.workbook import export_workbook

            return export_workbook(database, code, file, clock=clock, progress=progress.step)

        self._write(_("Taking the book out"), _ending(file, SUFFIX), job, self._done)

    def pack(self, file: Path) -> None:
        """Write every report, the book, its seals and papers into one file at this place."""
        database, group_id, clock = self._database(), self._group.group_id, self._clock
        documents = self._documents

        def job(file: Path, progress: Progress) -> AuditPack:
            from vsla_desktop.reports.audit_pack import write_audit_pack
            from vsla_desktop.services.workbook.exporting import collect_books
            from vsla_desktop.services.workbook.writer import write_books

            with database.read() as session:
                return write_audit_pack(
                    session,
                    group_id,
                    file,
                    clock=clock,
                    workbook=lambda path: write_books(
                        collect_books(session, group_id, clock=clock)[0], path
                    ),
                    documents=documents,
                    progress=progress.step,
                )

        self._write(_("Packing for an audit"), _ending(file, PACK_SUFFIX), job, self._have_packed)

    def leave(self) -> None:
        """Go back; work that goes on is stopped, and leaves no file."""
        if self._job is not None and self.is_working:
            self._job.cancel()
        self.stopped()
        self._shell.go_to("settings")

    def stopped(self) -> None:
        """The person stopped the work; nothing was written."""
        if self.is_working:
            self.is_working, self.file = False, None
            self.changed()

    # ------------------------------------------------------------------ inside

    def _write(
        self,
        title: str,
        file: Path,
        job: Callable[[Path, Progress], T],
        done: Callable[[T], None],
    ) -> None:
        if self.is_working:
            return
        self.file, self.report, self.packed, self.is_working = file, None, None, True
        # Reading needs no turn among the writers, so what is typed meanwhile never waits for it.
        self._job = self._runner.submit_long(
            title,
            lambda progress: job(file, progress),
            done,
            self._failed,
            owner=self,
            lane=Lane.NETWORK,
        )
        self.changed()

    def _have_packed(self, packed: AuditPack) -> None:
        self.is_working, self.packed = False, packed
        name = self.file.name if self.file is not None else ""
        self._shell.say(_("All of the group is in {name}.", name=name))
        self.changed()

    def _done(self, report: ExportReport) -> None:
        self.is_working, self.report = False, report
        name = self.file.name if self.file is not None else ""
        self._shell.say(_("The book is in {name}.", name=name))
        self.changed()

    def _failed(self, error: Exception) -> None:
        self.is_working, self.file = False, None
        self._shell.say_error(error)
        self.changed()

    # ------------------------------------------------------------------ what is shown

    def file_name(self, suffix: str = SUFFIX) -> str:
        """The name that the file is given unless the person chooses another: group and day."""
        day = self._clock.today().isoformat()
        plain = _NOT_IN_A_NAME.sub("-", f"{self._group.name} {self._group.code} {day}")
        return plain.strip(" .-") + suffix

    def summary(self) -> tuple[str, Tone]:
        """What became of it."""
        if self.is_working:
            return _("One moment"), Tone.MUTED
        if self.packed is not None:
            words = translate_counted(
                "{count} file is in the pack.", "{count} files are in the pack.", self.packed.files
            )
            return words, Tone.WARNING if self.packed.left_out else Tone.GOOD
        if self.report is None:
            return "", Tone.MUTED
        report = self.report
        parts = (
            translate_counted("{count} member", "{count} members", report.members_count),
            translate_counted(
                "{count} meeting held", "{count} meetings held", report.meetings_count
            ),
            translate_counted("{count} entry", "{count} entries", report.entries_count),
        )
        words = _("In the workbook: {what}.", what=", ".join(parts))
        return words, Tone.WARNING if report.left_out else Tone.GOOD

    def row_count(self) -> int:
        """How many things the file does not hold."""
        if self.packed is not None:
            return len(self.packed.left_out)
        return 0 if self.report is None else len(self.report.not_carried)

    def columns(self) -> Sequence[Column]:
        """What it is, how much of it the book has, and why it stays."""
        return (
            Column("what", _("Not in the file"), width=46),
            Column("count", _("In the book"), CellKind.COUNT, width=12),
            Column("why", _("Why"), width=56),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        if self.packed is not None:
            said = self.packed.left_out[row] if column == 0 else ""
            return Cell(said, tooltip=said, icon="warning" if said else "", tone=Tone.WARNING)
        if self.report is None:
            return Cell("")
        line = self.report.not_carried[row]
        match column:
            case 0:
                is_lost = not line.why
                tone, icon = (Tone.WARNING, "warning") if is_lost else (Tone.MUTED, "info")
                return Cell(line.what, tooltip=line.what, icon=icon, tone=tone)
            case 1:
                return Cell(str(line.count) if line.count else "")
            case _:
                return Cell(line.why, tooltip=line.why)

    def row_title(self, row: int) -> str:
        """What it is."""
        if self.packed is not None:
            return self.packed.left_out[row]
        return "" if self.report is None else self.report.not_carried[row].what

    def open_row(self, row: int) -> None:
        """There is nothing more to a line."""


def _ending(file: Path, suffix: str) -> Path:
    return file if file.suffix.lower() == suffix else file.with_name(file.name + suffix)
