"""Settling what head office and this laptop hold otherwise, one value at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from vsla_desktop.clock import Clock
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Field, FieldKind, Form, Reader
from vsla_desktop.presenters.grid import Cell, Column
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.presenters.sync_lists import lead_to
from vsla_desktop.presenters.sync_values import is_number, read_value, typed_words
from vsla_desktop.presenters.sync_words import (
    about_words,
    column_words,
    explained,
    instant_words,
    sides,
)

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.sync import Trouble
    from vsla_desktop.sync.settle import Choice


class ConflictsPresenter:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of what is to be settled.

    The row that was gone to is ``current``: both its values, who gave them, and what can be done.
    ``panel_changed`` says that the row, the choice or a sentence is another; ``settled`` that the
    book has taken a choice, or taken one back.
    """

    def __init__(
        self, database: Database, runner: Runner, shell: ShellPresenter, clock: Clock
    ) -> None:
        self.database = database
        self.runner = runner
        self.shell = shell
        self.clock = clock
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.panel_changed: Event[[]] = Event()
        self.settled: Event[[]] = Event()
        self.rows: tuple[Trouble, ...] = ()
        self.current: Trouble | None = None
        self.choice: Choice | None = None
        self.can_undo: int | None = None
        self.is_writing = False
        self.is_narrow = False
        self.form = Form({"value": Reader(self._understood, self._said)}, {})

    # ------------------------------------------------------------------ what is shown

    def show(self, rows: tuple[Trouble, ...], can_undo: int | None) -> None:
        """Show these; the row that was gone to stays, or the one in its place."""
        number = self.current.number if self.current else 0
        place = next((at for at, row in enumerate(self.rows) if row.number == number), 0)
        self.rows, self.can_undo = rows, can_undo
        self.changed()
        still = next((at for at, row in enumerate(rows) if row.number == number), None)
        if still is not None:
            self.current = rows[still]
            self.panel_changed()
        else:
            self.go_to(min(place, len(rows) - 1))

    def row_count(self) -> int:
        """How many values there are to settle."""
        return len(self.rows)

    def columns(self) -> Sequence[Column]:
        """The record, what of it differs, and both values; where it is narrow, the first two."""
        record = (Column("record", _("Record"), width=32), Column("what", _("What"), width=16))
        if self.is_narrow:
            return record
        return (
            *record,
            Column("here", _("This laptop"), width=18),
            Column("there", _("Head office"), width=18),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        trouble = self.rows[row]
        mine, theirs = sides(trouble)
        what = self._what(trouble) or explained(trouble)
        return Cell((about_words(trouble.about), what, mine, theirs)[column])

    def row_title(self, row: int) -> str:
        """Which record."""
        return about_words(self.rows[row].about)

    def place(self) -> int:
        """The row that was gone to, -1 when there is none."""
        numbers = [row.number for row in self.rows]
        return numbers.index(self.current.number) if self.current in self.rows else -1

    def title(self) -> str:
        """Which record and what of it, whose group."""
        if self.current is None:
            return ""
        about = self.current.about
        parts = (about_words(about), _("group {name}", name=about.group) if about.group else "")
        return ", ".join(part for part in parts if part)

    def note(self, key: str) -> str:  # noqa: ARG002 - there is one field
        """What stands below the field while nothing is wrong."""
        return ""

    def who(self) -> tuple[str, str]:
        """Who gave the value here and the one at head office, and when, as far as it is known."""
        found = self.current
        if found is None:
            return "", ""
        here = [_("This laptop"), instant_words(found.mine_at) if found.mine_at else ""]
        there = [
            _("Laptop {name}", name=found.by_whom)
            if found.by_whom
            else _("Another program at head office"),
            instant_words(found.changed_at) if found.changed_at else "",
        ]
        return " · ".join(filter(None, here)), " · ".join(filter(None, there))

    def choices(self) -> tuple[tuple[Choice, str], ...]:
        """What can be done with the current row, in words."""
        if self.current is None:
            return ()
        from vsla_desktop.sync.settle import Choice, choices

        mine, theirs = sides(self.current)
        words = {
            Choice.HEAD_OFFICE: _("Keep head office's: {value}", value=theirs)
            if theirs
            else _("Keep it as head office has it"),
            Choice.MINE: _("Send mine again: {value}", value=mine),
            Choice.OTHER: _("Another value"),
        }
        found = self.current
        return tuple(
            (each, words[each]) for each in choices(found.kind, found.about.table, found.column)
        )

    def field(self) -> Field:
        """Where another value is typed."""
        found = self.current
        number = found is not None and is_number(found.about.table, found.column)
        return Field("value", self._what(found), FieldKind.NUMBER if number else FieldKind.TEXT)

    def what(self) -> str:
        """What of the record differs."""
        return self._what(self.current)

    @staticmethod
    def _what(trouble: Trouble | None) -> str:
        if trouble is None or not trouble.column:
            return ""
        return column_words(trouble.column, trouble.about.table)

    def leads_to_correction(self) -> bool:
        """Whether the record is money in the book, which is put right by a correction."""
        return self.current is not None and self.current.entry is not None

    # ------------------------------------------------------------------ what a person does

    def go_to(self, row: int) -> None:
        """Look at a row; nothing is chosen for it yet."""
        self.current = self.rows[row] if 0 <= row < len(self.rows) else None
        self.choice = None
        offered = self.choices()
        if len(offered) == 1:
            self.choice = offered[0][0]
        self.form.put("value", "")
        self.panel_changed()

    def open_row(self, row: int) -> None:
        """Enter on a row looks at it."""
        if self.place() != row:
            self.go_to(row)

    def choose(self, choice: Choice) -> None:
        """Take one of the choices; nothing is written yet."""
        if choice is not self.choice:
            self.choice = choice
            self.panel_changed()

    def enter(self, key: str, text: str) -> None:
        """Take what was typed as another value; to type one is to choose it."""
        from vsla_desktop.sync.settle import Choice

        if text.strip():
            self.choose(Choice.OTHER)
        self.form.enter(key, text)

    def correct(self) -> None:
        """Turn to the correction of the entry."""
        if self.current is not None:
            lead_to(self.current, self.shell)

    def settle(self) -> str:
        """Write the choice; return "value" when what was typed is wrong, else ""."""
        from vsla_desktop.sync.settle import Choice, settle

        found, choice = self.current, self.choice
        if found is None or choice is None or self.is_writing:
            return ""
        chosen = None
        if choice is Choice.OTHER:
            if self.form.check():
                return "value"
            chosen = self.form.value("value")
        self._write(
            lambda connection: settle(
                connection, found.number, choice, clock=self.clock, chosen=chosen
            )
        )
        return ""

    def undo(self) -> None:
        """Take the last choice back, as long as it was not sent."""
        from vsla_desktop.sync.settle import undo

        number = self.can_undo
        if number is not None and not self.is_writing:
            self._write(lambda connection: undo(connection, number))

    def _write(self, work: Callable[[Any], None]) -> None:
        database = self.database
        self.is_writing = True

        def job() -> None:
            with database.connection(writes=True) as connection:
                work(connection)

        self.runner.submit(job, self._written, self._refused, owner=self)

    def _written(self, _nothing: None) -> None:
        self.is_writing = False
        self.settled()

    def _refused(self, error: Exception) -> None:
        self.is_writing = False
        if not isinstance(error, RuleBroken) or not error.field:
            self.shell.say_error(error)
            return
        self.form.say(RuleBroken(error.message, hint=error.hint, field="value", **error.values))

    def _understood(self, text: str) -> Any:
        found = self.current
        if found is None:
            return None
        about = found.about
        return read_value(about.table, found.column, text, about.currency, self.clock.today())

    def _said(self, value: Any) -> str:
        found = self.current
        if found is None:
            return ""
        return typed_words(found.about.table, found.column, value, found.about.currency)
