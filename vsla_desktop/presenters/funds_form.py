"""The form at the right of the page of funds: one thing to do, and its main button."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy.orm import Session

from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.kinds import ExpenseKind, GrantEvent, IncomeKind
from vsla_desktop.domain.money import parse_amount
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Form, Reader, any_text
from vsla_desktop.presenters.funds_group import debt_key
from vsla_desktop.presenters.funds_text import lender_word
from vsla_desktop.presenters.meeting_undo import ChangedSince
from vsla_desktop.queries.corrections import reversed_of
from vsla_desktop.queries.meetings import ALWAYS_COUNTED
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.services.expenses import Between
from vsla_desktop.services.ledger import reverse_all
from vsla_desktop.services.postings import BANK, BOX, Entry
from vsla_desktop.wording import event_word, expense_word, figure, fine_word, income_word

if TYPE_CHECKING:
    from vsla_desktop.presenters.funds import FundsPresenter
    from vsla_desktop.presenters.funds_reading import FundsRead

_AMOUNTS_SAID = ("amount", "principal", "charge")
AMOUNTS = frozenset({"amount", "principal", "charge", "cost", "value", "said"})
DAYS = frozenset({"day", "due_date", "bought_on"})
_MAY_BE_EMPTY = frozenset({"principal", "charge", "due_date", "value"})


@dataclass(frozen=True, slots=True)
class Done:
    """What a form wrote, in a sentence; how it is undone in the open meeting, if it can be.

    ``keys`` name the rows that it wrote, as :mod:`vsla_desktop.queries.history` does.
    """

    sentence: str
    undo: Callable[[Session], None] | None = None
    keys: frozenset[Hashable] = frozenset()


class FundForm(ABC):
    """A form about one purse. ``keys`` are its fields in order.

    With ``needs_meeting`` it can only be filled in while a meeting is open.
    """

    name: ClassVar[str] = ""
    keys: ClassVar[tuple[str, ...]] = ()
    needs_meeting: ClassVar[bool] = True

    def __init__(self, funds: FundsPresenter, read: FundsRead) -> None:
        self.funds = funds
        self.read = read
        self.is_writing = False
        readers = {key: self._reader(key) for key in self.field_keys()}
        self.form = Form(readers, self.first_texts())

    # ------------------------------------------------------------------ what each form says

    @staticmethod
    @abstractmethod
    def title() -> str:
        """What is done."""

    @abstractmethod
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        """Write it into the book; return what was done, and how to undo it."""

    def field_keys(self) -> tuple[str, ...]:
        """The fields, in order."""
        return self.keys

    def first_texts(self) -> dict[str, str]:
        """What stands in the fields at first."""
        found = {key: choices[0].value for key in self.keys if (choices := self._choices(key))}
        return found | {key: write_day(self.read.day) for key in ("day", "bought_on")}

    def note(self, key: str) -> str:
        """Help below a field."""
        if key == "day":
            return _("No meeting is open: the day it was done.")
        if key == "due_date":
            return _("Empty if no day was agreed.")
        return ""

    def wanted_row(self, row_key: str) -> None:
        """A row of the list was gone to: take what it is about into the form."""
        for key in ("fine", "debt", "item", "member"):
            values = {choice.value for choice in self._choices(key)} if key in self.keys else ()
            if row_key and row_key in values and self.form.text(key) != row_key:
                self.enter(key, row_key)

    # ------------------------------------------------------------------ what a person does

    def enter(self, key: str, text: str) -> None:
        """Take what was typed."""
        self.form.enter(key, text)

    def save(self) -> str:
        """Write it down; return the key of the first field that is wrong, else ""."""
        wrong = self.form.check()
        if wrong or self.is_writing:
            return wrong
        values = {key: self.form.value(key) for key in self.field_keys()}
        database = self.funds.database
        self.is_writing = True

        def job() -> Done:
            with database.write() as session:
                return self.act(session, values)

        def saved(done: Done) -> None:
            self.is_writing = False
            self.funds.done(done, self.name_of(values))

        self.funds.runner.submit(job, saved, self._refused, owner=self)
        return ""

    def name_of(self, values: Mapping[str, Any]) -> str:
        """Say what was entered: what, whose, and how much."""
        chosen = [
            choice.title
            for key in ("member", "fine", "debt")
            for choice in (self._choices(key) if key in values else ())
            if choice.value == values[key]
        ]
        amounts = [self.amount_said(values[key]) for key in _AMOUNTS_SAID if values.get(key)]
        return " · ".join((self.title(), *(" ".join(each.split()) for each in chosen), *amounts))

    def entered(self, sentence: str, *entries: Entry) -> Done:
        """Entries of the ledger: undone they are taken back together, while they all stand."""
        meeting_id, clock = self.read.meeting_id, self.funds.clock
        if meeting_id is None:
            return Done(sentence)
        ids = [entry.transaction_id for entry in reversed(entries)]

        def undo(session: Session) -> None:
            if set(reversed_of(session, ids)):
                raise ChangedSince("It was changed since.")
            reverse_all(session, writable_page(session, meeting_id), ids, clock=clock)

        return Done(sentence, undo, frozenset(("entry", each) for each in ids))

    def _refused(self, error: Exception) -> None:
        self.is_writing = False
        if isinstance(error, RuleBroken):
            field = error.field
            if field not in self.field_keys():
                field = _FIELDS.get(field, field)
            error = RuleBroken(error.message, hint=error.hint, field=field, **error.values)
            if self.form.say(error):
                self.funds.field_wanted(field)
                return
        self.funds.shell.say_error(error)

    # ------------------------------------------------------------------ what is shown

    def fields(self) -> tuple[Field, ...]:
        """The fields as a view shows them."""
        return tuple(
            Field(key, self.field_title(key), self._kind(key), self._choices(key))
            for key in self.field_keys()
        )

    def field_title(self, key: str) -> str:
        """What a field is called."""
        titles = {
            "member": _("Member"),
            "fine": _("Fine"),
            "kind": _("What for"),
            "amount": _("Amount"),
            "reason": _("Reason"),
            "event": _("Event"),
            "due_date": _("Back by"),
            "fund": _("Purse"),
            "description": _("In words"),
            "held_in": _("Paid at"),
            "day": _("Day"),
            "said": _("The bank says"),
            "remark": _("Note"),
            "lender": _("Lender"),
            "debt": _("To whom"),
            "charge": _("Charge"),
            "principal": _("Principal"),
            "name": _("What it is"),
            "bought_on": _("Bought"),
            "cost": _("Cost"),
            "value": _("Worth now"),
            "item": _("What it is"),
        }
        return titles[key] if key in titles else event_word(GrantEvent(key))

    def amount_said(self, amount: Decimal) -> str:
        """Write an amount."""
        return figure(amount, self.funds.currency)

    @property
    def meeting_id(self) -> int:
        """The meeting in which it is done."""
        if self.read.meeting_id is None:
            raise RuleBroken("Open a meeting first.", hint="Money moves at meetings only.")
        return self.read.meeting_id

    def where(self, values: Mapping[str, Any]) -> int | Between:
        """The open meeting, or the day between two that was typed."""
        if self.read.meeting_id is not None:
            return self.read.meeting_id
        return Between(self.funds.group_id, values["day"])

    def _kind(self, key: str) -> FieldKind:
        if key in AMOUNTS or key in {event.value for event in GrantEvent}:
            return FieldKind.NUMBER
        if key in DAYS:
            return FieldKind.DAY
        return FieldKind.CHOICE if self._choices(key) else FieldKind.TEXT

    def _choices(self, key: str) -> tuple[Choice, ...]:
        read = self.read
        match key:
            case "member":
                found = [
                    Choice(str(each.member_id), f"{each.number}  {each.name}")
                    for each in read.people
                    if each.is_active
                ]
            case "fine":
                found = [
                    Choice(
                        str(each.fine_id),
                        f"{each.number}  {each.name} · {self.amount_said(each.owed)}",
                    )
                    for each in read.fines
                    if each.owed
                ]
            case "debt":
                found = [
                    Choice(
                        debt_key(each.member_id, each.lender),
                        f"{lender_word(each)} · {self.amount_said(each.owed)}",
                    )
                    for each in read.debts
                    if each.owed or each.charge_owed
                ]
            case "item":
                found = [Choice(str(i.number), i.name) for i in read.items if i.is_owned]
            case "event":
                found = [Choice(event.value, event_word(event)) for event in GrantEvent]
            case "fund":
                found = [
                    Choice(fund.value, read.words.fund(fund))
                    for fund in Fund
                    if fund in ALWAYS_COUNTED or read.balances.of(fund)
                ]
                return tuple(found)
            case "held_in":
                return Choice(BOX, _("Box")), Choice(BANK, _("Bank"))
            case "kind":
                return self.kinds()
            case _:
                return ()
        return Choice("", _("Choose")), *found

    def kinds(self) -> tuple[Choice, ...]:
        """What the field *what for* offers."""
        return ()

    # ------------------------------------------------------------------ reading the fields

    def _reader(self, key: str) -> Reader:
        if key in AMOUNTS:
            return Reader(lambda text: self._read_amount(key, text), self._write_amount)
        if key in DAYS:
            return Reader(
                lambda text: self._read_day(key, text),
                lambda day: write_day(day) if day is not None else "",
            )
        if self._choices(key):
            return Reader(lambda text: _chosen(key, text))
        return Reader(any_text)

    def _read_amount(self, key: str, text: str) -> Decimal | None:
        if not text.strip() and key in _MAY_BE_EMPTY:
            return None
        return parse_amount(text, self.funds.currency, field=key)

    def _write_amount(self, amount: Decimal | None) -> str:
        return self.amount_said(amount) if amount is not None else ""

    def _read_day(self, key: str, text: str) -> Any:
        if not text.strip() and key in _MAY_BE_EMPTY:
            return None
        return read_day(text, self.read.day, field=key)


_FIELDS = {"date": "day", "fund_type": "fund", "amount": "principal"}


def _chosen(key: str, text: str) -> str:
    if not text:
        raise RuleBroken("Choose one.", field=key)
    return text


def fine_kinds(form: FundForm) -> tuple[Choice, ...]:
    """The lines of the tariff."""
    tariff = form.read.rules.fine_tariff
    return tuple(
        Choice(kind.value, f"{fine_word(kind)} · {form.amount_said(tariff[kind])}")
        if tariff.get(kind)
        else Choice(kind.value, fine_word(kind))
        for kind in FineType
    )


def expense_kinds() -> tuple[Choice, ...]:
    """What can be paid for; the charge of a loan is paid with the loan."""
    kinds = (kind for kind in ExpenseKind if kind is not ExpenseKind.LOAN_CHARGE)
    return tuple(Choice(kind.value, expense_word(kind)) for kind in kinds)


def income_kinds() -> tuple[Choice, ...]:
    """What can bring money."""
    return tuple(Choice(kind.value, income_word(kind)) for kind in IncomeKind)


def owed_until(form: FundForm, amount: Decimal, day: Any) -> str:
    """Say what is owed, and until when."""
    said = _("Owed: {amount}", amount=form.amount_said(amount))
    return f"{said} · {format_date(day)}" if day is not None else said
