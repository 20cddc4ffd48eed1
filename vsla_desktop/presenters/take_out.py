"""Taking a group's book out as a workbook: chosen where, written beside the other work, told."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vsla_desktop.clock import Clock
from vsla_desktop.i18n import _, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.runner import Job, Lane, Progress, Runner
from vsla_desktop.presenters.shell import ShellPresenter, Tone

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.groups import GroupLine
    from vsla_desktop.services.workbook import ExportReport

SUFFIX: Final = ".xlsx"
_NOT_IN_A_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


class TakeOutPresenter:
    """Writes the book of a group as a workbook; also the list of what no workbook holds."""

    def __init__(
        self,
        database: Callable[[], Database],
        runner: Runner,
        shell: ShellPresenter,
        group: GroupLine,
        clock: Clock,
    ) -> None:
        self._database = database
        self._runner = runner
        self._shell = shell
        self._group = group
        self._clock = clock
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.file: Path | None = None
        self.report: ExportReport | None = None
        self.is_working = False
        self._job: Job | None = None

    # ------------------------------------------------------------------ what a person does

    def take_out(self, file: Path) -> None:
        """Write the book to this place; what was there stays until the new file is whole."""
        if self.is_working:
            return
        if file.suffix.lower() != SUFFIX:
            file = file.with_name(file.name + SUFFIX)
        self.file, self.report, self.is_working = file, None, True
        database, code, clock = self._database(), self._group.code, self._clock

        def job(progress: Progress) -> ExportReport:
            from vsla_desktop.services.workbook import export_workbook

            return export_workbook(database, code, file, clock=clock, progress=progress.step)

        # Reading needs no turn among the writers, so what is typed meanwhile never waits for it.
        self._job = self._runner.submit_long(
            _("Taking the book out"),
            job,
            self._done,
            self._failed,
            owner=self,
            lane=Lane.NETWORK,
        )
        self.changed()

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

    def file_name(self) -> str:
        """The name that the file is given unless the person chooses another: group and day."""
        day = self._clock.today().isoformat()
        plain = _NOT_IN_A_NAME.sub("-", f"{self._group.name} {self._group.code} {day}")
        return plain.strip(" .-") + SUFFIX

    def summary(self) -> tuple[str, Tone]:
        """What became of it."""
        if self.is_working:
            return _("One moment"), Tone.MUTED
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
        """How many things no workbook holds."""
        return 0 if self.report is None else len(self.report.not_carried)

    def columns(self) -> Sequence[Column]:
        """What it is, how much of it the book has, and why it stays."""
        return (
            Column("what", _("Not in the workbook"), width=46),
            Column("count", _("In the book"), CellKind.COUNT, width=12),
            Column("why", _("Why"), width=56),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
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
        return "" if self.report is None else self.report.not_carried[row].what

    def open_row(self, row: int) -> None:
        """There is nothing more to a line."""
