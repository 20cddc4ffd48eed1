"""The purses one by one: fines, the social fund, expenses, the bank, debts, and property."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.errors import VslaError
from vsla_desktop.i18n import translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.funds_forms import FORMS
from vsla_desktop.presenters.funds_lists import tab_word, table, totals, views, warning
from vsla_desktop.presenters.funds_reading import FundsRead, read_funds
from vsla_desktop.presenters.funds_table import Tab, Table
from vsla_desktop.presenters.grid import Cell, Column
from vsla_desktop.presenters.meeting_undo import MeetingUndo, UndoStep
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.wording import figure

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database
    from vsla_desktop.presenters.funds_form import Done, FundForm


class FundsPresenter:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of one part of the page.

    ``form_changed`` says that another form is to be filled in, or the same one anew;
    ``field_wanted`` names the field at which the book refused something.
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
        undo: MeetingUndo | None = None,
    ) -> None:
        self.database = database
        self.runner = runner
        self.shell = shell
        self.group_id = group_id
        self.currency = currency
        self.clock = clock
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.form_changed: Event[[]] = Event()
        self.field_wanted: Event[[str]] = Event()
        self.read: FundsRead | None = None
        self.form: FundForm | None = None
        self.tab = Tab.FINES
        self._views = {tab: views(tab)[0].value for tab in Tab}
        self._forms = {tab: FORMS[tab][0].name for tab in Tab}
        self._table = Table(())
        self._undo = undo or MeetingUndo()
        self._is_undoing = False

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read the purses again; what is typed in the form stays."""
        database, group_id, today = self.database, self.group_id, self.clock.today()
        self.runner.submit(
            lambda: read_funds(database, group_id, today),
            self._came,
            self.shell.say_error,
            owner=self,
        )

    def _came(self, read: FundsRead) -> None:
        self.read = read
        self._choose()
        self._offer_form(keeps=True)

    def _choose(self) -> None:
        if self.read is not None:
            said = self.amount_said
            self._table = table(self.tab, self.view, self.read, said, self.currency.code)
        self.changed()

    def _offer_form(self, *, keeps: bool = False) -> None:
        if self.read is None:
            return
        before = self.form
        [kind] = [each for each in FORMS[self.tab] if each.name == self._forms[self.tab]]
        self.form = kind(self, self.read)
        if keeps and before is not None and before.name == kind.name:
            for key in set(before.field_keys()) & set(self.form.field_keys()):
                text = before.form.text(key)
                offered = {each.key: each.choices for each in self.form.fields()}[key]
                if not offered or text in {choice.value for choice in offered}:
                    self.form.form.put(key, text)
        self.form_changed()

    # ------------------------------------------------------------------ what a person does

    def choose_tab(self, tab: Tab) -> None:
        """Turn to a part of the page."""
        self.tab = tab
        self._choose()
        self._offer_form()

    def choose_view(self, value: str) -> None:
        """Look at other rows of this part."""
        self._views[self.tab] = value
        self._choose()

    def choose_form(self, name: str) -> None:
        """Do another thing."""
        self._forms[self.tab] = name
        self._offer_form()

    def choose_row(self, row: int) -> None:
        """A row was gone to: the form takes what it is about."""
        if self.form is not None and 0 <= row < len(self._table.rows):
            self.form.wanted_row(self._table.rows[row].key)

    def open_row(self, row: int) -> None:
        """Enter on a row: the form takes it, and the keyboard goes there."""
        self.choose_row(row)
        if self.form is not None and not self.needs_meeting():
            self.field_wanted(self.form.field_keys()[0])

    def done(self, done: Done, name: str) -> None:
        """Something was written: say so, let it be undone by ``name``, offer the form anew."""
        meeting_id = self.read.meeting_id if self.read is not None else None
        if done.undo is not None and meeting_id is not None:
            self._undo.of(meeting_id).push(UndoStep(name, done.undo, done.keys))
        self.form = None
        self.shell.say(done.sentence)
        self.refresh()

    def undo(self) -> None:
        """Take back the last entry of the open meeting, whichever page it was made on."""
        meeting_id = self.read.meeting_id if self.read is not None else None
        if not self._is_undoing:
            self._undo.of(meeting_id or 0).undo(self._take_back, self.shell)

    def _take_back(
        self,
        action: Callable[[Session], None],
        on_done: Callable[[None], None],
        on_refused: Callable[[VslaError], None],
    ) -> None:
        database = self.database
        self._is_undoing = True

        def job() -> None:
            with database.write() as session:
                action(session)

        def done(nothing: None) -> None:
            self._is_undoing = False
            on_done(nothing)
            self.refresh()

        def failed(error: Exception) -> None:
            self._is_undoing = False
            if isinstance(error, VslaError):
                on_refused(error)
            else:
                self.shell.say_error(error)

        self.runner.submit(job, done, failed, owner=self)

    def go_to_meeting(self) -> None:
        """Turn to the page on which a meeting is opened."""
        self.shell.go_to("meeting")

    # ------------------------------------------------------------------ what is shown

    @property
    def view(self) -> str:
        """What is looked at in this part."""
        return self._views[self.tab]

    def tabs(self) -> tuple[Choice, ...]:
        """The parts of the page."""
        return tuple(Choice(tab.value, tab_word(tab, self.read)) for tab in Tab)

    def views(self) -> tuple[Choice, ...]:
        """What can be looked at in this part."""
        return views(self.tab)

    def forms(self) -> tuple[Choice, ...]:
        """What can be done in this part."""
        return tuple(Choice(each.name, each.title()) for each in FORMS[self.tab])

    def needs_meeting(self) -> bool:
        """Whether a meeting must be opened before the form can be filled in."""
        form = self.form
        return form is not None and form.needs_meeting and form.read.meeting_id is None

    def totals(self) -> tuple[tuple[str, str], ...]:
        """Title and figure of what stays in sight."""
        return totals(self.tab, self.read, self.amount_said) if self.read is not None else ()

    def warning(self) -> str:
        """Say who or what is late, or that the bank says otherwise."""
        return warning(self.tab, self.read, self.currency) if self.read is not None else ""

    def summary(self) -> str:
        """How many lines are shown."""
        return translate_counted("{count} line", "{count} lines", self.row_count())

    def amount_said(self, amount: Decimal) -> str:
        """Write an amount."""
        return figure(amount, self.currency)

    def row_count(self) -> int:
        """How many rows are shown."""
        return len(self._table.rows)

    def columns(self) -> Sequence[Column]:
        """The columns of what is looked at."""
        return self._table.columns

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        return self._table.rows[row].cells[column]

    def row_title(self, row: int) -> str:
        """Whose or what it is."""
        return self._table.rows[row].title
