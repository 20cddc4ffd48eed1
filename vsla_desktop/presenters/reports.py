"""Reports: which there are, what is asked of the chosen one, and what it found.

A report is made beside the other work and then held outside of the book, so that it is shown, saved
and printed with the same values. Whoever asks for something else stops what is under way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.reports_filter import Chip, FilterPresenter
from vsla_desktop.presenters.reports_people import PeopleFinder, PlaceFinder, names_in
from vsla_desktop.presenters.reports_reading import read_report
from vsla_desktop.presenters.reports_saved import SavedPresenter
from vsla_desktop.presenters.runner import Job, Lane, Progress, Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.reports.catalogue import REPORTS
from vsla_desktop.reports.held import HeldReport
from vsla_desktop.reports.report import Definition, Over, Report
from vsla_desktop.wording import sentence_of

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.filter_names import Named
    from vsla_desktop.queries.saved_reports import SavedReport

FORMATS: Final = {".xlsx": "xlsx", ".csv": "csv", ".pdf": "pdf"}
_NOT_IN_A_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


@dataclass(frozen=True, slots=True)
class Entry:
    """A line in the list of reports: a report, or the heading of those below when unnamed."""

    title: str
    name: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is no report, and the field of the filter where that can be put right."""

    sentence: str
    field: str = ""


class ReportsPresenter:
    """The page of reports.

    ``listed`` says that other reports are listed, ``changed`` that something else is shown of the
    chosen one: being made, made, or not possible. ``by`` is who signed in at head office, and
    ``prepare`` what a view must read before it can show a report: beside the other work too.
    """

    def __init__(
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        group_id: int,
        currency: Currency,
        clock: Clock,
        by: int | None = None,
        definitions: tuple[Definition, ...] = REPORTS,
    ) -> None:
        self.database = database
        self.runner = runner
        self.shell = shell
        self.group_id = group_id
        self.clock = clock
        self.listed: Event[[]] = Event()
        self.changed: Event[[]] = Event()
        self.prepare: Callable[[Report], None] = lambda _report: None
        self.definitions = definitions
        self.definition: Definition | None = None
        self.filter = FilterPresenter(currency, clock)
        self.saved = SavedPresenter(
            database,
            runner,
            shell,
            group_id=group_id,
            clock=clock,
            by=by,
            titles={each.name: each.title for each in definitions},
            asked=self.asked,
            on_open=self.open_saved,
        )
        self.made: HeldReport | None = None
        self.problem: Problem | None = None
        self.is_working = False
        self.is_saving = False
        self.left_out: tuple[str, ...] = ()
        self._search = ""
        self._job: Job | None = None

    # ------------------------------------------------------------------ the list

    def find(self, text: str) -> None:
        """List the reports in whose title or description this stands."""
        self._search = text.strip().casefold()
        self.listed()

    def entries(self) -> tuple[Entry, ...]:
        """The reports under their headings; a heading that has none is left out."""
        heads = {
            Over.GROUP: _("This group"),
            Over.MEMBER: _("One member"),
            Over.LIST: _("One group or more"),
            Over.PROGRAMME: _("All groups"),
        }
        found: list[Entry] = []
        for over, head in heads.items():
            entries = [
                Entry(each.title(), each.name, each.about())
                for each in self.definitions
                if each.over is over
            ]
            entries = [
                each for each in entries if self._search in f"{each.title} {each.about}".casefold()
            ]
            found += [Entry(head), *entries] if entries else []
        return tuple(found)

    # ------------------------------------------------------------------ what a person does

    def open(self, name: str) -> None:
        """Choose a report, and make it."""
        self.definition = next(each for each in self.definitions if each.name == name)
        self.made = None
        self.left_out = ()
        self.filter.ask_for(self.definition)
        self.make()

    def refresh(self) -> None:
        """Make the chosen report again from what the book says now."""
        if self.definition is not None and not self.is_working:
            self.make()

    def make(self) -> str:
        """Make the report from what is asked; return the key of a field that is wrong, else ""."""
        self._stop()
        definition = self.definition
        if definition is None:
            return ""
        wrong = self.filter.check()
        if wrong:
            self.problem = Problem(self.filter.form.sentence(wrong), wrong)
            self.changed()
            return wrong
        job = partial(
            read_report,
            database=self.database,
            definition=definition,
            wanted=self._wanted(definition),
            clock=self.clock,
            prepare=self.prepare,
        )
        self.is_working, self.problem = True, None
        self.changed()
        # Reading needs no turn among the writers, so what is typed meanwhile never waits for it.
        self._job = self.runner.submit_long(
            _("Making the report"),
            job,
            self._came,
            self._failed,
            owner=self,
            lane=Lane.NETWORK,
        )
        return ""

    def remove(self, chip: Chip) -> None:
        """Ask no more for what a chip says."""
        self.left_out = ()
        self.filter.remove(chip)
        self.make()

    def show(self) -> str:
        """Make the report from what was filled in; return the key of a field that is wrong."""
        self.left_out = ()
        return self.make()

    def save(self, file: Path) -> None:
        """Write the report as it is shown; its ending says how: .xlsx, .csv or .pdf."""
        if self.made is None or self.is_saving:
            return
        if file.suffix.lower() not in FORMATS:
            file = file.with_name(f"{file.name}.xlsx")
        made, now = self.made, self.clock.now()
        total = sum(len(each.rows) for each in made.tables)

        def job(progress: Progress) -> Path:
            from vsla_desktop.reports.writing import write_report

            ending = FORMATS[file.suffix.lower()]
            write_report(
                made.report,
                file,
                ending,
                made=now,
                progress=lambda rows: progress.step(rows, total),
            )
            return file

        self.is_saving = True
        self.changed()
        self.runner.submit_long(
            _("Saving the report"),
            job,
            self._saved,
            self._not_saved,
            owner=self,
            lane=Lane.NETWORK,
        )

    def stopped(self) -> None:
        """The person stopped the work; no file was written."""
        self._job = None
        if self.is_working and self.made is None:
            self.problem = Problem(_("Stopped. Choose the report again to go on."))
        self.is_working = self.is_saving = False
        self.changed()

    def open_saved(self, saved: SavedReport) -> None:
        """Show a report as it was asked when it was kept."""
        known = {each.name for each in self.definitions}
        if saved.report not in known:
            self.shell.say_error(RuleBroken("This release has no report for this filter."))
            return
        database, wanted = self.database, saved.wanted

        def came(named: dict[str, tuple[Named, ...]]) -> None:
            self.filter.put(wanted, named)
            self.open(saved.report)
            self.left_out = saved.ignored
            self.changed()

        self.runner.submit(
            lambda: names_in(database, wanted), came, self.shell.say_error, owner=self
        )

    # ------------------------------------------------------------------ what is shown

    def asked(self) -> tuple[str, Filter]:
        """The chosen report and what is asked of it. Raises RuleBroken where there is none."""
        if self.definition is None:
            raise RuleBroken("Choose a report first.", field="name")
        if self.filter.check():
            raise RuleBroken("Put the filter right first.", field="name")
        return self.definition.name, self.filter.wanted()

    def needs_member(self) -> bool:
        """Whether the chosen report is about one member, and none was chosen yet."""
        is_of_one = self.definition is not None and self.definition.over is Over.MEMBER
        return is_of_one and not self.filter.named["member_ids"]

    def finder(self, key: str) -> PeopleFinder:
        """What finds groups or members for a field."""
        return PeopleFinder(
            key, self.filter, self.database, self.runner, self.shell, group_ids=self._groups
        )

    def place_finder(self, key: str) -> PlaceFinder:
        """What offers places for a field."""
        return PlaceFinder(key, self.database, self.runner, self.shell)

    def warning(self) -> str:
        """What of a kept filter could not be asked here; empty when nothing."""
        if not self.left_out:
            return ""
        return _("Not known here, left out: {what}.", what=", ".join(self.left_out))

    def file_name(self) -> str:
        """The name that a file is given unless the person chooses another, without its ending."""
        if self.made is None:
            return ""
        report = self.made.report
        words = f"{report.title} {report.subject} {report.period}"
        return " ".join(_NOT_IN_A_NAME.sub(" ", words).split())[:100].strip(" .-")

    # ------------------------------------------------------------------ inside

    def _groups(self) -> tuple[int, ...]:
        chosen = tuple(each.id for each in self.filter.named["group_ids"])
        return chosen or (self.group_id,)

    def _wanted(self, definition: Definition) -> Filter:
        wanted = self.filter.wanted()
        if definition.is_of_one_group and not wanted.group_ids:
            return replace(wanted, group_ids=(self.group_id,))
        return wanted

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = None
        self.is_working = False

    def _came(self, made: HeldReport) -> None:
        self._job, self.is_working, self.made = None, False, made
        self.changed()

    def _failed(self, error: Exception) -> None:
        self._job, self.is_working, self.made = None, False, None
        if isinstance(error, RuleBroken):
            self.problem = Problem(sentence_of(error), error.field)
        else:
            self.problem = Problem(_("The report could not be made."))
            self.shell.say_error(error)
        self.changed()

    def _saved(self, file: Path) -> None:
        self.is_saving = False
        self.shell.say(_("Saved: {file}", file=str(file)))
        self.changed()

    def _not_saved(self, error: Exception) -> None:
        self.is_saving = False
        self.shell.say_error(error)
        self.changed()
