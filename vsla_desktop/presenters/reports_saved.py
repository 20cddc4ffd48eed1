"""The filters that were kept by name: to open again, to name otherwise, to let go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vsla_desktop.clock import Clock
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Form, Reader, any_text
from vsla_desktop.presenters.grid import Cell, Column
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.saved_reports import SavedReport


class SavedPresenter:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter`, with a name to type.

    ``may_keep`` is false for who only looks: what others kept is opened, nothing is changed.
    """

    def __init__(  # noqa: PLR0913 - who works, who is told, and what is kept
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        group_id: int,
        clock: Clock,
        by: int | None,
        titles: Mapping[str, Callable[[], str]],
        asked: Callable[[], tuple[str, Filter]],
        on_open: Callable[[SavedReport], None],
    ) -> None:
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.form = Form({"name": Reader(any_text)}, {})
        self.last_deleted: SavedReport | None = None
        self.may_keep = True
        self._database = database
        self._runner = runner
        self._shell = shell
        self._group_id = group_id
        self._clock = clock
        self._by = by
        self._titles = titles
        self._asked = asked
        self._on_open = on_open
        self._rows: tuple[SavedReport, ...] = ()

    # ------------------------------------------------------------------ what a person does

    def refresh(self) -> None:
        """Read what is kept."""
        database = self._database

        def job() -> tuple[SavedReport, ...]:
            from vsla_desktop.queries.saved_reports import saved_reports

            with database.read() as session:
                return saved_reports(session)

        self._runner.submit(job, self._came, self._shell.say_error, owner=self)

    def enter(self, key: str, text: str) -> None:
        """Take the name that was typed."""
        self.form.enter(key, text)

    def note(self, key: str) -> str:  # noqa: ARG002 - there is only one field
        """What stands below the name while nothing is wrong with it."""
        return _("Such as: Women, ECD fund, December")

    def keep(self) -> None:
        """Keep what is asked now, under the name that was typed."""
        try:
            report, wanted = self._asked()
        except RuleBroken as problem:
            self.form.say(problem)
            return
        self._keep(self.form.text("name"), report, wanted)

    def rename(self, row: int) -> None:
        """Give a kept filter the name that was typed."""
        if not 0 <= row < len(self._rows):
            return
        from vsla_desktop.services.saved_reports import rename_saved

        saved_id, name = self._rows[row].saved_id, self.form.text("name")
        self._write(lambda session: rename_saved(session, saved_id, name, clock=self._clock))

    def delete(self, row: int) -> None:
        """Let a kept filter go; :meth:`undo` brings it back."""
        if not 0 <= row < len(self._rows):
            return
        from vsla_desktop.services.saved_reports import delete_saved

        going = self._rows[row]
        self.last_deleted = going
        self._write(lambda session: delete_saved(session, going.saved_id, clock=self._clock))

    def undo(self) -> None:
        """Keep again what was let go last."""
        back, self.last_deleted = self.last_deleted, None
        if back is not None:
            self._keep(back.name, back.report, back.wanted)

    def open_row(self, row: int) -> None:
        """Ask what was kept."""
        if 0 <= row < len(self._rows):
            self._on_open(self._rows[row])

    # ------------------------------------------------------------------ what is shown

    def row_count(self) -> int:
        """How many there are."""
        return len(self._rows)

    def columns(self) -> Sequence[Column]:
        """The name, the report, and the day when it was kept or named."""
        return (
            Column("name", _("Name"), width=40),
            Column("report", _("Report"), width=30),
            Column("day", _("Kept on"), width=14),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        saved = self._rows[row]
        title = self._titles.get(saved.report)
        texts = (
            saved.name,
            title() if title is not None else saved.report,
            format_date(saved.saved.date()),
        )
        return Cell(texts[column])

    def row_title(self, row: int) -> str:
        """Its name."""
        return self._rows[row].name

    # ------------------------------------------------------------------ inside

    def _keep(self, name: str, report: str, wanted: Filter) -> None:
        from vsla_desktop.services.saved_reports import save_report

        self._write(
            lambda session: save_report(
                session, self._group_id, name, report, wanted, clock=self._clock, by=self._by
            )
        )

    def _write(self, act: Callable[[Session], Any]) -> None:
        database = self._database

        def job() -> None:
            with database.write() as session:
                act(session)

        self._runner.submit(job, self._written, self._refused, owner=self)

    def _written(self, _nothing: None) -> None:
        self.form.put("name", "")
        self.refresh()

    def _refused(self, error: Exception) -> None:
        if not (isinstance(error, RuleBroken) and self.form.say(error)):
            self._shell.say_error(error)

    def _came(self, rows: tuple[SavedReport, ...]) -> None:
        self._rows = rows
        self.changed()
