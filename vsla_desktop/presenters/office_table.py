"""A list at head office: rows to find and choose, what can be done with one, and forms for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice, Field, Form, Reader, any_text
from vsla_desktop.presenters.grid import Cell, Column
from vsla_desktop.presenters.office import Office

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database
    from vsla_desktop.domain.office import Duty
    from vsla_desktop.reports.report import Chart

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done: its word, its icon, its key on the page."""

    name: str
    title: str
    icon: str = ""
    key: str = ""
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure or word about the current row, with what it is."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """What is told once and never again, such as a password that was made; ``facts`` to copy."""

    title: str
    sentence: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A box to choose which rows are listed."""

    key: str
    title: str
    choices: tuple[Choice, ...]


class OfficeForm:
    """A :class:`~vsla_desktop.views.widgets.form.FormSource` for one thing to do.

    ``save`` hands what the fields mean to ``act``, which calls back ``done`` or ``refused``.
    """

    def __init__(
        self,
        title: str,
        button: str,
        fields: Sequence[Field],
        act: Callable[[OfficeForm, Mapping[str, Any]], None],
        *,
        readers: Mapping[str, Reader] | None = None,
        texts: Mapping[str, str] | None = None,
        notes: Mapping[str, str] | None = None,
        sentence: str = "",
    ) -> None:
        self.title = title
        self.sentence = sentence
        self.button = button
        self.fields = tuple(fields)
        self._act = act
        self._notes = notes or {}
        made = {field.key: Reader(any_text) for field in fields} | dict(readers or {})
        first = {field.key: field.choices[0].value for field in fields if field.choices}
        self.form = Form(made, first | dict(texts or {}))
        self.is_working = False

    def enter(self, key: str, text: str) -> None:
        """Take what was typed."""
        self.form.enter(key, text)

    def note(self, key: str) -> str:
        """What stands below a field while nothing is wrong."""
        return self._notes.get(key, "")

    def save(self) -> str:
        """Do it; return the key of the first field that is wrong, else ""."""
        if self.is_working:
            return ""
        wrong = self.form.check()
        if not wrong:
            self.is_working = True
            self._act(self, {field.key: self.form.value(field.key) for field in self.fields})
        return wrong

    def refuse(self, error: Exception) -> bool:
        """Say at its field what is wrong; tell whether there is such a field."""
        self.is_working = False
        return isinstance(error, RuleBroken) and self.form.say(error)


class OfficeTable(ABC, Generic[R]):
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` with what can be done.

    ``shown`` says that a form, what is told once, or the list is in sight; ``chosen`` that other
    things can be done with the current row, or other facts are known of it.
    """

    finds: str = ""
    """What the search line looks for; there is none where this is empty."""
    icon: str = "info"

    def __init__(self, office: Office) -> None:
        self.office = office
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.shown: Event[[]] = Event()
        self.chosen: Event[[]] = Event()
        self.rows: tuple[R, ...] = ()
        self.place = -1
        self.text = ""
        self.is_read = False
        self.form: OfficeForm | None = None
        self.told: Told | None = None
        self._wanted = 0

    # ------------------------------------------------------------------ what each list says

    def read(self, session: Session) -> tuple[R, ...]:  # noqa: ARG002 - for those that read so
        """Read the rows; a list that is read in another way has a ``refresh`` of its own."""
        return ()

    @abstractmethod
    def columns(self) -> Sequence[Column]:
        """The columns from left to right."""

    @abstractmethod
    def cells(self, row: R) -> Sequence[Cell]:
        """The cells of a row."""

    def empty(self) -> tuple[str, str]:
        """What stands in the place of an empty list, and the first step."""
        return _("Nothing here"), _("Look for something else.")

    def actions(self) -> tuple[Action, ...]:
        """What can be done, the main thing last."""
        return ()

    def facts(self) -> tuple[Fact, ...]:
        """What is said of the current row."""
        return ()

    def chart(self) -> Chart | None:
        """The same as a picture, where people would rather look."""
        return None

    def narrowings(self) -> tuple[Narrowing, ...]:
        """The boxes to choose with."""
        return ()

    def narrowed_by(self, key: str) -> str:  # noqa: ARG002 - there is none here
        """What is chosen in a box."""
        return ""

    def narrow(self, key: str, value: str) -> None:
        """Choose in a box."""

    def counted(self) -> str:
        """How many rows there are, in words, where the list is one of several pages."""
        return ""

    def can_turn(self, step: int) -> bool:  # noqa: ARG002 - there is one page here
        """Whether there is a page after (1) or before (-1) this one."""
        return False

    def turn(self, step: int) -> None:
        """Turn to the page after (1) or before (-1) this one."""

    def do(self, name: str) -> None:
        """Do one of the actions."""
        act: Callable[[], None] = getattr(self, f"do_{name}")
        act()

    # ------------------------------------------------------------------ the list

    @property
    def current(self) -> R | None:
        """The row gone to."""
        return self.rows[self.place] if 0 <= self.place < len(self.rows) else None

    def row_count(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def cell(self, row: int, column: int) -> Cell:
        """The cell as it is to be shown now."""
        return self.cells(self.rows[row])[column]

    def row_title(self, row: int) -> str:
        """Which row it is, in words."""
        return self.cells(self.rows[row])[0].text

    def go_to(self, row: int) -> None:
        """Look at a row."""
        if row != self.place:
            self.place = row if 0 <= row < len(self.rows) else -1
            self.went()

    def went(self) -> None:
        """Another row is looked at."""
        self.chosen()

    def open_row(self, row: int) -> None:
        """Enter on a row."""
        self.go_to(row)

    def find(self, text: str) -> None:
        """List what begins so."""
        if text.strip() != self.text:
            self.text = text.strip()
            self.refresh()

    def refresh(self) -> None:
        """Read the rows again; an answer that is overtaken by a later question is dropped."""
        self._wanted += 1
        wanted = self._wanted

        def came(rows: tuple[R, ...]) -> None:
            if wanted == self._wanted:
                self.show(rows)

        self.office.read(_("Reading"), self.read, came, owner=self)

    def show(self, rows: tuple[R, ...]) -> None:
        """Show these rows; who was looked at stays, by place."""
        self.rows, self.is_read = rows, True
        self.place = min(max(self.place, 0), len(rows) - 1)
        self.changed()
        self.went()

    # ------------------------------------------------------------------ forms

    def ask(self, form: OfficeForm) -> None:
        """Show a form."""
        self.form = form
        self.shown()

    def leave(self) -> None:
        """Back to the list; nothing is changed."""
        self.form = self.told = None
        self.shown()

    def tell(self, told: Told) -> None:
        """Show what is told once."""
        self.form, self.told = None, told
        self.shown()
        self.refresh()

    def write(self, work: Callable[[Session, int], Any], said: str, *, asks: bool = False) -> None:
        """Change something; ``said`` is told once it is done."""
        self.office.write(
            work, lambda _result: self.done(said), self.refused, owner=self, asks=asks
        )

    def act(self, duty: Duty, work: Callable[[Database], Any], said: str) -> None:
        """Do what takes transactions of its own."""
        self.office.act(duty, work, lambda _result: self.done(said), self.refused, owner=self)

    def done(self, said: str) -> None:
        """Something was changed: back to the list, read anew."""
        self.office.shell.say(said)
        self.leave()
        self.refresh()

    def refused(self, error: Exception) -> None:
        """Say what was refused where it was typed, or above the page."""
        if self.form is None or not self.form.refuse(error):
            self.office.shell.say_error(error)
