"""A small form about a loan that shows its effect before anything is written.

The effect is not worked out here: the book is asked to do it, looked at, and everything is taken
back. So what is shown is what will be.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy.orm import Session

from vsla_desktop.domain.assessment import Reason
from vsla_desktop.domain.money import ZERO, parse_amount, parse_count
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Form, Reader, any_text
from vsla_desktop.presenters.loans_text import loan_terms_said
from vsla_desktop.presenters.meeting_book import tried
from vsla_desktop.presenters.votes import HANDS, hands_reader, hands_titles, vote_of
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.loan_pages import LoansRead
from vsla_desktop.queries.loans import APPROVED, ASKED, LoanState, loans_by_id
from vsla_desktop.wording import figure, sentence_of

if TYPE_CHECKING:
    from vsla_desktop.presenters.loans import LoansPresenter
    from vsla_desktop.presenters.loans_one import LoanPresenter

_MOST_PERIODS = 600


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did: to which loan, a sentence, and what the group should know.

    ``rows`` are figures of its own, before and after; ``saved`` is said once it is written, if not
    the sentence itself.
    """

    loan_id: int
    sentence: str
    warnings: tuple[Reason, ...] = ()
    rows: tuple[tuple[str, str, str], ...] = ()
    saved: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What an action would do: a sentence, figures before and after, and what speaks against it."""

    sentence: str = ""
    rows: tuple[tuple[str, str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What was seen of the book after an action that was then taken back."""

    done: Done
    loan: LoanState | None
    fund: Decimal


class LoanForm(ABC):
    """A form about one loan; ``effect`` is what it would do, and ``effect_changed`` tells of it."""

    keys: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, loans: LoansPresenter, around: LoansRead, one: LoanPresenter | None = None
    ) -> None:
        self.loans = loans
        self.around = around
        self.one = one
        self.effect = Effect()
        self.effect_changed: Event[[]] = Event()
        self.form = Form({key: self._reader(key) for key in self.keys}, self.first_texts())
        self.look()

    # ------------------------------------------------------------------ what each form says

    @abstractmethod
    def title(self) -> str:
        """What is done."""

    @abstractmethod
    def button(self) -> str:
        """What the main button says."""

    @abstractmethod
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        """Do it in the book."""

    def first_texts(self) -> Mapping[str, str]:
        """What stands in the fields at first."""
        return {}

    # ------------------------------------------------------------------ what a person does

    def enter(self, key: str, text: str) -> None:
        """Take what was typed, and look what it would do."""
        if self.form.enter(key, text):
            self.look()
        else:
            self._show(Effect())

    def look(self) -> None:
        """Ask the book what it would do, and take it back."""
        values = self._values(is_trial=True)
        if values is None:
            self._show(Effect())
            return
        database, group_id = self.loans.database, self.loans.group_id

        def attempt(session: Session) -> Tried:
            done = self.act(session, values)
            loan = loans_by_id(session, (done.loan_id,)).get(done.loan_id)
            fund = fund_balances(session, group_id).of(Fund.LOAN_FUND)
            return Tried(done, loan, fund)

        self.loans.runner.submit(
            lambda: tried(database, attempt), self._tried, self._not_tried, owner=self
        )

    def save(self) -> str:
        """Do it; return the key of the first field that is wrong, else an empty text."""
        wrong = self.form.check()
        if wrong:
            return wrong
        try:
            values = self._values(is_trial=False)
        except RuleBroken as problem:
            self.form.say(problem)
            return problem.field
        if values is None:
            return self.keys[0]
        database = self.loans.database

        def job() -> Done:
            with database.write() as session:
                return self.act(session, values)

        self.loans.runner.submit(job, self._saved, self._refused, owner=self)
        return ""

    # ------------------------------------------------------------------ what is shown

    def fields(self) -> Sequence[Field]:
        """The fields, in order."""
        return tuple(Field(key, self._titles()[key], *self._kind(key)) for key in self.keys)

    def note(self, key: str) -> str:
        """Help below a field."""
        match key:
            case "in_favour":
                return _("{count} are present.", count=self.around.present_count)
            case "guarantors":
                return self._guarantors_said()
            case "periods":
                return _("At most {most}.", most=self.around.rules.loan_max_months)
            case _:
                return ""

    def said(self, amount: Decimal) -> str:
        """Write an amount."""
        return figure(amount, self.loans.currency)

    @property
    def loan(self) -> LoanState:
        """The loan that it is about."""
        if self.one is None or self.one.loan is None:
            message = "this form is about a loan that was given"
            raise TypeError(message)
        return self.one.loan

    @property
    def loan_id(self) -> int:
        """The loan or request that it is about."""
        return self.one.loan_id if self.one is not None else 0

    @property
    def meeting_id(self) -> int:
        """The meeting in which it is done."""
        if self.around.meeting_id is None:
            raise RuleBroken("Open a meeting first.", hint="Money moves at meetings only.")
        return self.around.meeting_id

    def _titles(self) -> Mapping[str, str]:
        return {
            "member": _("Who asks"),
            "amount": _("Amount"),
            "periods": _("In how many parts"),
            "purpose": _("What for"),
            "guarantors": _("Guarantors, by number"),
            "from_day": _("Counted from"),
            "reason": _("Why"),
            **hands_titles(),
        }

    def _kind(self, key: str) -> tuple[FieldKind, tuple[Choice, ...]]:
        if key == "member":
            people = (each for each in self.around.people if each.is_active)
            return FieldKind.CHOICE, (
                Choice("", _("Choose")),
                *(Choice(str(each.member_id), f"{each.number}  {each.name}") for each in people),
            )
        if key == "from_day":
            return FieldKind.DAY, ()
        is_number = key in {"amount", "periods", *HANDS}
        return (FieldKind.NUMBER if is_number else FieldKind.TEXT), ()

    def _guarantors_said(self) -> str:
        try:
            chosen = self.form.value("guarantors")
        except RuleBroken:
            chosen = ()
        names = {each.member_id: each.name for each in self.around.people}
        needed = self.around.rules.guarantors_required
        asked = _("The group asks for {count}.", count=needed) if needed else ""
        return ", ".join(names[each] for each in chosen) or asked

    # ------------------------------------------------------------------ reading the fields

    def _reader(self, key: str) -> Reader:
        currency = self.loans.currency
        match key:
            case "amount":
                return Reader(
                    lambda text: parse_amount(text, currency),
                    lambda amount: figure(amount, currency),
                )
            case "periods":
                return Reader(lambda text: parse_count(text, most=_MOST_PERIODS, field="periods"))
            case "member":
                return Reader(_member)
            case "guarantors":
                return Reader(self._read_guarantors, self._write_guarantors)
            case "from_day":
                today = self.around.day
                return Reader(lambda text: read_day(text, today, field="from_day"), write_day)
            case "in_favour" | "against" | "abstained":
                return hands_reader(key)
            case _:
                return Reader(any_text)

    def _read_guarantors(self, text: str) -> tuple[int, ...]:
        by_number = {each.number: each.member_id for each in self.around.people}
        found = []
        for part in text.replace(",", " ").split():
            number = parse_count(part, most=_MOST_PERIODS, field="guarantors")
            if number not in by_number:
                raise RuleBroken("There is no member {number}.", field="guarantors", number=number)
            found.append(by_number[number])
        return tuple(found)

    def _write_guarantors(self, members: tuple[int, ...]) -> str:
        numbers = {each.member_id: each.number for each in self.around.people}
        return ", ".join(str(numbers[each]) for each in members)

    def _values(self, *, is_trial: bool) -> dict[str, Any] | None:
        """Read all fields; nothing when one can not be read. A trial takes the vote for won."""
        try:
            values = {key: self.form.value(key) for key in self.keys}
        except RuleBroken:
            return None
        if is_trial and not values.get("reason", "-"):
            values["reason"] = "-"  # it is asked for when the form is saved
        if "in_favour" in values:
            hands = {key: values.pop(key) for key in HANDS}
            if hands["in_favour"] is None and not is_trial:
                raise RuleBroken("Enter the votes.", field="in_favour")
            if hands["in_favour"] is None:
                hands = {"in_favour": self.around.present_count}
            values["vote"] = vote_of(hands)
        return values

    # ------------------------------------------------------------------ what came back

    def _tried(self, found: Tried) -> None:
        before = self.one.loan if self.one is not None else None
        rows = [
            (
                self.around.words.fund(Fund.LOAN_FUND),
                self.said(self.around.fund),
                self.said(found.fund),
            )
        ]
        if found.loan is not None and found.loan.status in {ASKED, APPROVED}:
            rows = list(found.done.rows)
        elif found.loan is not None:
            rows = [*self._loan_rows(before, found.loan), *rows]
        warnings = tuple(_(each.message, **dict(each.values)) for each in found.done.warnings)
        self._show(Effect(self.would(found), tuple(rows), warnings))

    def would(self, found: Tried) -> str:
        """What it would do, in a sentence."""
        loan = found.loan
        if loan is None or not loan.is_out:
            return found.done.sentence
        return loan_terms_said(loan, self.loans.money)

    def _loan_rows(self, before: LoanState | None, after: LoanState) -> list[tuple[str, str, str]]:
        day = self.around.day
        rows = [
            (
                _("Principal owed"),
                self.said(before.principal_owed) if before else "0",
                self.said(after.principal_owed if after.is_out else ZERO),
            ),
            (
                _("Clears today"),
                self.said(before.settles(day)) if before else "0",
                self.said(after.settles(day)),
            ),
        ]
        rows.append((_("To pay next"), self._next(before), self._next(after)))
        rows.append((_("Last day"), self._last(before), self._last(after)))
        return rows

    def _next(self, loan: LoanState | None) -> str:
        due = loan.next_due() if loan is not None and loan.is_out else None
        if loan is None or due is None:
            return "0"
        amount = loan.due(max(due.due_date, self.around.day))
        return f"{self.said(amount)} · {format_date(due.due_date)}"

    @staticmethod
    def _last(loan: LoanState | None) -> str:
        return format_date(loan.last_due) if loan is not None and loan.is_out else ""

    def _not_tried(self, error: Exception) -> None:
        if not isinstance(error, RuleBroken):
            self.loans.shell.say_error(error)
        elif self.form.say(_at_its_field(error)):
            self._show(Effect())
        else:
            self._show(Effect(problem=sentence_of(error)))

    def _refused(self, error: Exception) -> None:
        if isinstance(error, RuleBroken) and self.form.say(_at_its_field(error)):
            return
        self.loans.shell.say_error(error)

    def _saved(self, done: Done) -> None:
        self.loans.done(done.loan_id, done.saved or done.sentence)

    def _show(self, effect: Effect) -> None:
        self.effect = effect
        self.effect_changed()


_FIELDS = {"principal": "amount", "term_months": "periods", "guarantor": "guarantors"}


def _at_its_field(error: RuleBroken) -> RuleBroken:
    """Return an error of the book for the field of the form that it is about."""
    field = _FIELDS.get(error.field, error.field)
    return RuleBroken(error.message, hint=error.hint, field=field, **error.values)


def _member(text: str) -> int:
    if not text:
        raise RuleBroken("Choose a member.", field="member")
    return int(text)
