"""Bringing a group's books in from a workbook: every cell is checked first, then all is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock
from vsla_desktop.i18n import _, explain, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, Column
from vsla_desktop.presenters.runner import Job, Progress, Runner
from vsla_desktop.presenters.shell import ShellPresenter, Tone

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.services.workbook import ImportReport, WrongCell


class BringBooksPresenter:
    """Chooses a workbook, checks it, and imports it; also a list of the cells that are wrong.

    ``on_brought(code)`` is told the group's code once its books are written.
    """

    def __init__(
        self,
        database: Callable[[], Database],
        runner: Runner,
        shell: ShellPresenter,
        *,
        clock: Clock,
        on_brought: Callable[[str], None],
    ) -> None:
        self._database = database
        self._runner = runner
        self._shell = shell
        self._clock = clock
        self._on_brought = on_brought
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.file: Path | None = None
        self.report: ImportReport | None = None
        self.is_working = False
        self._job: Job | None = None
        self._cells: tuple[tuple[WrongCell, bool], ...] = ()

    # ------------------------------------------------------------------ what a person does

    def choose(self, file: Path) -> None:
        """Take this workbook and check it; nothing is written."""
        self.file = file
        self.report, self._cells = None, ()
        self._run(_("Checking the workbook"), self._checked, dry_run=True)
        self.changed()

    def check_again(self) -> None:
        """Check the same file, after it was put right."""
        if self.file is not None:
            self.choose(self.file)

    def bring(self) -> None:
        """Write the books."""
        if self.can_bring:
            self._run(_("Bringing the books in"), self._brought, dry_run=False)
            self.changed()

    def save_template(self, file: Path) -> None:
        """Write an empty workbook that explains itself."""

        def job() -> str:
            from vsla_desktop.services.workbook import write_template

            write_template(file)
            return file.name

        self._runner.submit(job, self._saved, self._shell.say_error, owner=self)

    def leave(self) -> None:
        """Go back without bringing anything."""
        if self._job is not None:
            self._job.cancel()
        self.is_working = False
        self._shell.say_nothing()
        self._shell.go_to("home" if self._shell.state.group_name else "first-start")

    @property
    def has_group(self) -> bool:
        """Whether a group is open already."""
        return bool(self._shell.state.group_name)

    @property
    def can_bring(self) -> bool:
        """Whether the workbook was checked and every cell is right."""
        return self.report is not None and self.report.ok and not self.is_working

    # ------------------------------------------------------------------ inside

    def _run(self, title: str, on_done: Callable[[ImportReport], None], *, dry_run: bool) -> None:
        file, database, clock = self.file, self._database(), self._clock
        if file is None or self.is_working:
            return
        self.is_working = True

        def job(progress: Progress) -> ImportReport:
            from vsla_desktop.services.workbook import import_workbook

            return import_workbook(
                database, file, clock=clock, dry_run=dry_run, progress=progress.step
            )

        self._job = self._runner.submit_long(title, job, on_done, self._failed, owner=self)

    def _checked(self, report: ImportReport) -> None:
        self.is_working = False
        self.report = report
        self._cells = (
            *((each, True) for each in report.wrong),
            *((each, False) for each in report.warnings),
        )
        self.changed()

    def _brought(self, report: ImportReport) -> None:
        self.is_working = False
        if not report.ok:
            self._checked(report)
            return
        self.report = None
        self._on_brought(report.group_code)

    def _failed(self, error: Exception) -> None:
        self.is_working = False
        self._shell.say_error(error)
        self.changed()

    def stopped(self) -> None:
        """The person stopped the work; nothing was written."""
        self.is_working = False
        self.changed()

    def _saved(self, name: str) -> None:
        self._shell.say(_("The workbook {name} is written. Fill it in.", name=name))

    # ------------------------------------------------------------------ what is shown

    def summary(self) -> tuple[str, Tone]:
        """What the check found."""
        if self.is_working:
            return _("One moment"), Tone.MUTED
        if self.report is None:
            return "", Tone.MUTED
        report = self.report
        if report.wrong:
            count = len(report.wrong)
            words = translate_counted(
                "{count} cell is wrong. Nothing was written.",
                "{count} cells are wrong. Nothing was written.",
                count,
            )
            return words, Tone.ERROR
        parts = (
            report.group_name,
            translate_counted("{count} member", "{count} members", report.members_count),
            translate_counted(
                "{count} meeting held", "{count} meetings held", report.meetings_count
            ),
            translate_counted("{count} entry", "{count} entries", report.entries_count),
        )
        return _("Every cell is right: {what}.", what=", ".join(parts)), Tone.GOOD

    def row_count(self) -> int:
        """How many cells are to be looked at."""
        return len(self._cells)

    def columns(self) -> Sequence[Column]:
        """Where it is, what is wrong, what is expected."""
        return (
            Column("sheet", _("Sheet"), width=11),
            Column("cell", _("Cell"), width=7),
            Column("wrong", _("What is wrong"), width=52),
            Column("expected", _("Expected"), width=44),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        wrong, is_wrong = self._cells[row]
        match column:
            case 0:
                return Cell(wrong.sheet)
            case 1:
                return Cell(wrong.cell)
            case 2:
                text = " ".join(explain(wrong.problem)).strip()
                if is_wrong:
                    return Cell(text, tooltip=text, icon="error", tone=Tone.ERROR)
                return Cell(text, tooltip=text, icon="info", tone=Tone.MUTED)
            case _:
                text = expected_words(wrong)
                return Cell(text, tooltip=text)

    def row_title(self, row: int) -> str:
        """The address of the cell."""
        return self._cells[row][0].address

    def open_row(self, row: int) -> None:
        """There is nothing more to a cell."""


def expected_words(cell: WrongCell) -> str:
    """What a wrong cell should hold, in the person's language."""
    expected = cell.expected
    return "" if expected is None else _(expected.text, **expected.values)
