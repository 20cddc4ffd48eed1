"""A small form about one member that shows what it comes to before anything is written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from vsla_desktop.domain.money import parse_amount
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Field, Form, Reader
from vsla_desktop.wording import MoneyText, figure

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.presenters.members import MembersPresenter

Row = tuple[str, str]
"""A line of what is worked out: its words, and its figure."""


class MemberAct(ABC):
    """A form; ``changed`` tells that what it comes to is other than before.

    ``on_saved`` is called once the book has it. ``named`` says which field of the form is meant by
    a field of the book.
    """

    named: ClassVar[Mapping[str, str]] = {}
    is_narrow: ClassVar[bool] = False
    """Whether the fields stand one below another, however many there are."""

    def __init__(
        self,
        members: MembersPresenter,
        on_saved: Callable[[], None],
        texts: Mapping[str, str] | None = None,
    ) -> None:
        self.members = members
        self.changed: Event[[]] = Event()
        self._on_saved = on_saved
        self._is_writing = False
        self.form = Form(self.readers(), texts or {})

    # ------------------------------------------------------------------ what each form says

    @abstractmethod
    def title(self) -> str:
        """What is done."""

    @abstractmethod
    def button(self) -> str:
        """What the main button says."""

    @abstractmethod
    def readers(self) -> Mapping[str, Reader]:
        """How each field is understood."""

    @abstractmethod
    def fields(self) -> Sequence[Field]:
        """The fields, in order."""

    @abstractmethod
    def act(self, session: Session, said: Mapping[str, Any]) -> None:
        """Do it in the book."""

    def rows(self) -> Sequence[Row]:
        """What it comes to, line by line; the last line is the sum."""
        return ()

    def sentence(self) -> str:
        """What it comes to, in words."""
        return ""

    def problem(self) -> str:
        """Why it can not be done now; empty when it can."""
        return ""

    def note(self, _key: str) -> str:
        """Help below a field."""
        return ""

    # ------------------------------------------------------------------ what a person does

    def enter(self, key: str, text: str) -> None:
        """Take what was typed."""
        self.form.enter(key, text)
        self.changed()

    def save(self) -> str:
        """Do it; return the key of the first field that is wrong, else ""."""
        wrong = self.form.check()
        if wrong or self._is_writing:
            return wrong
        self._is_writing = True
        database = self.members.database
        said = {field.key: self.form.value(field.key) for field in self.fields()}

        def job() -> None:
            with database.write() as session:
                self.act(session, said)

        self.members.runner.submit(job, self._saved, self._refused, owner=self)
        return ""

    def _saved(self, _nothing: None) -> None:
        self._is_writing = False
        self._on_saved()

    def _refused(self, error: Exception) -> None:
        self._is_writing = False
        if isinstance(error, RuleBroken):
            field = self.named.get(error.field, error.field)
            here = RuleBroken(error.message, hint=error.hint, field=field, **error.values)
            if self.form.say(here):
                return
        self.members.shell.say_error(error)

    # ------------------------------------------------------------------ what forms share

    def said(self, amount: Decimal) -> str:
        """Write an amount."""
        return figure(amount, self.members.currency)

    def in_words(self, amount: Decimal) -> str:
        """Write an amount in words, for a language that has them here."""
        return MoneyText(self.members.currency).in_words(amount)

    def value(self, key: str) -> Any:
        """What a field means now; None while it means nothing."""
        try:
            return self.form.value(key)
        except RuleBroken:
            return None

    def amounts(self, field: str) -> Reader:
        """How an amount is read and written."""
        currency = self.members.currency
        return Reader(
            lambda text: parse_amount(text, currency, field=field),
            lambda amount: figure(amount, currency),
        )


def no_meeting() -> RuleBroken:
    """The refusal of what only a meeting may do."""
    return RuleBroken("Open a meeting first.", hint="Money moves at meetings only.")


def needs_meeting() -> str:
    """Say that a meeting must be open."""
    return _("No meeting is open. Money moves at meetings only.")
