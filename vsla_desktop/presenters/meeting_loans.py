"""Fines by the tariff and new loans on the sheet."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

from sqlalchemy.orm import Session
from typing_extensions import override

from vsla_desktop.clock import Clock
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.loans import (
    Instalment,
    check_before_share_out,
    latest_due_date,
    most_periods,
    schedule,
)
from vsla_desktop.domain.money import ZERO, parse_amount, parse_count
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.grid import CellKind
from vsla_desktop.presenters.meeting_cells import AMOUNT_WIDTH, SheetColumn, Value
from vsla_desktop.presenters.meeting_reading import Book
from vsla_desktop.queries.sheet import SheetRow
from vsla_desktop.reports.rules_words import rule_choices
from vsla_desktop.services.cells import set_fine_charged, set_loan
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.wording import USUAL_WORDS, fine_word

LOAN_KEYS = ("loan", "loan_periods", "loan_purpose", "loan_guarantors")
_BY_HAND = tuple(kind for kind in FineType if kind not in {FineType.LATE_ARRIVAL, FineType.ABSENCE})
_MOST_PERIODS = 600


class FineForColumn(SheetColumn):
    """What a member is fined for: a line of the tariff, whose amount is charged at once.

    The roll call's own fines stand beside it and are not chosen here.
    """

    key, kind, is_editable, width = "fine_for", CellKind.CHOICE, True, 12

    @override
    def title(self) -> str:
        return _("Fine for")

    def by_hand(self, book: Book, row: SheetRow) -> FineType | None:
        """What was chosen here."""
        fines = book.fines.get(row.member_id, ())
        return next((fine.kind for fine in fines if not fine.is_by_roll_call), None)

    @override
    def value(self, book: Book, row: SheetRow) -> Value:
        return self.by_hand(book, row)

    @override
    def show(self, book: Book, value: Value) -> str:
        return fine_word(value) if isinstance(value, FineType) else ""

    @override
    def tip(self, book: Book, row: SheetRow) -> str:
        fines = book.fines.get(row.member_id, ())
        return ", ".join(f"{fine_word(f.kind)} {book.money.amount(f.amount)}" for f in fines)

    @override
    def choices(self, book: Book) -> tuple[str, ...]:
        tariff = book.sheet.rules.fine_tariff
        return ("", *(fine_word(kind) for kind in _BY_HAND if tariff.get(kind)))

    @override
    def read(self, book: Book, row: SheetRow, text: str) -> Value:
        if not text.strip():
            return None
        wanted = text.strip().casefold()
        tariff = book.sheet.rules.fine_tariff
        for kind in _BY_HAND:
            if tariff.get(kind) and fine_word(kind).casefold().startswith(wanted):
                return kind
        raise RuleBroken("Choose a fine from the list.", field="fine_type")

    @override
    def write(
        self, session: Session, book: Book, row: SheetRow, value: Value, clock: Clock
    ) -> None:
        meeting_id, member_id = book.sheet.meeting_id, row.member_id
        fines = book.fines.get(member_id, ())
        by_roll = sum((fine.amount for fine in fines if fine.is_by_roll_call), ZERO)
        set_fine_charged(session, meeting_id, member_id, by_roll, clock=clock)
        if isinstance(value, FineType):
            amount = book.sheet.rules.fine_tariff[value]
            set_fine_charged(session, meeting_id, member_id, amount, kind=value, clock=clock)


def terms_of(row: SheetRow) -> LoanTerms:
    """The loan that a member has taken at the meeting, nought for none."""
    return LoanTerms(
        principal=row.loan_taken,
        periods=row.loan_periods,
        purpose=row.loan_purpose,
        guarantors=row.loan_guarantors,
    )


class LoanPart(SheetColumn, ABC):
    """One cell of a new loan: the amount, the periods, the purpose, who stands for it."""

    is_editable = True

    @abstractmethod
    def merged(self, book: Book, row: SheetRow, terms: LoanTerms, text: str) -> LoanTerms:
        """The loan with what was typed here."""

    @abstractmethod
    def part(self, book: Book, terms: LoanTerms) -> str:
        """What stands here of a loan."""

    @override
    def value(self, book: Book, row: SheetRow) -> Value:
        return terms_of(row)

    @override
    def show(self, book: Book, value: Value) -> str:
        return self.part(book, value) if isinstance(value, LoanTerms) else ""

    @override
    def write(
        self, session: Session, book: Book, row: SheetRow, value: Value, clock: Clock
    ) -> None:
        if isinstance(value, LoanTerms):
            set_loan(session, book.sheet.meeting_id, row.member_id, value, clock=clock)


class LoanAmountColumn(LoanPart):
    """How much a member borrows."""

    key, kind, width = "loan", CellKind.AMOUNT, AMOUNT_WIDTH

    @override
    def title(self) -> str:
        return _("New loan")

    @override
    def note(self, book: Book) -> str:
        return book.sheet.currency

    @override
    def typed(self, book: Book, value: Value) -> str | None:
        if isinstance(value, LoanTerms) and value.principal:
            return book.money.typed(value.principal)
        return ""

    @override
    def merged(self, book: Book, row: SheetRow, terms: LoanTerms, text: str) -> LoanTerms:
        amount = parse_amount(text, book.money.currency, field="principal") if text else ZERO
        held = book.sheet.purse(Fund.LOAN_FUND).in_box + row.loan_taken
        if amount > held:
            raise RuleBroken(
                "The loan fund holds {most} only.",
                field="principal",
                most=book.money.amount(max(held, ZERO)),
            )
        return replace(terms, principal=amount)

    @override
    def part(self, book: Book, terms: LoanTerms) -> str:
        return book.money.amount(terms.principal, zero="")

    @override
    def total(self, book: Book) -> str:
        return book.money.amount(sum((row.loan_taken for row in book.sheet.rows), ZERO))


class LoanPeriodsColumn(LoanPart):
    """In how many periods it is paid back."""

    key, kind = "loan_periods", CellKind.COUNT

    @override
    def title(self) -> str:
        return _("Periods")

    @override
    def note(self, book: Book) -> str:
        kind = book.sheet.rules.loan_period.value
        return rule_choices("loan_period", USUAL_WORDS)[kind]

    @override
    def merged(self, book: Book, row: SheetRow, terms: LoanTerms, text: str) -> LoanTerms:
        if not text:
            return replace(terms, periods=None)
        periods = parse_count(text, _MOST_PERIODS, field="term_months")
        most = book.sheet.rules.loan_max_months
        if not 1 <= periods <= most:
            raise RuleBroken("Choose 1 to {most} periods.", field="term_months", most=most)
        return replace(terms, periods=periods)

    @override
    def part(self, book: Book, terms: LoanTerms) -> str:
        return "" if terms.periods is None else str(terms.periods)


class LoanPurposeColumn(LoanPart):
    """What the loan is for."""

    key, width = "loan_purpose", 14

    @override
    def title(self) -> str:
        return _("Loan for")

    @override
    def merged(self, book: Book, row: SheetRow, terms: LoanTerms, text: str) -> LoanTerms:
        return replace(terms, purpose=text)

    @override
    def part(self, book: Book, terms: LoanTerms) -> str:
        return terms.purpose


class GuarantorsColumn(LoanPart):
    """Who stands for the loan, by their numbers."""

    key, width = "loan_guarantors", 10

    @override
    def title(self) -> str:
        return _("Guarantors")

    @override
    def note(self, book: Book) -> str:
        return _("numbers")

    @override
    def merged(self, book: Book, row: SheetRow, terms: LoanTerms, text: str) -> LoanTerms:
        by_number = {row.number: row.member_id for row in book.sheet.rows if row.is_active}
        found = []
        for each in text.replace(",", " ").split():
            number = parse_count(each, _MOST_PERIODS, field="guarantor")
            if number not in by_number:
                raise RuleBroken("No member has number {number}.", field="guarantor", number=number)
            found.append(by_number[number])
        return replace(terms, guarantors=tuple(found))

    @override
    def part(self, book: Book, terms: LoanTerms) -> str:
        numbers = {row.member_id: row.number for row in book.sheet.rows}
        return ", ".join(str(numbers[each]) for each in terms.guarantors if each in numbers)


def with_periods(book: Book, terms: LoanTerms) -> LoanTerms:
    """A loan with its periods: as many as end before the share-out, if none were typed."""
    if terms.periods is not None:
        return terms
    sheet = book.sheet
    most = sheet.rules.loan_max_months
    if sheet.cycle_end is not None:
        most = most_periods(sheet.day, sheet.cycle_end, sheet.rules.loan_period, most=most) or 1
    return replace(terms, periods=most)


def instalments_of(book: Book, terms: LoanTerms) -> tuple[Instalment, ...]:
    """The schedule that a loan would have; raise :class:`RuleBroken` after the share-out."""
    sheet, rules = book.sheet, book.sheet.rules
    rows = schedule(
        terms.principal,
        rules.loan_interest_rate,
        with_periods(book, terms).periods or 1,
        method=rules.loan_interest_method,
        period_kind=rules.loan_period,
        start=sheet.day,
        unit=book.money.currency.step,
    )
    if sheet.cycle_end is not None:
        check_before_share_out(latest_due_date(rows), sheet.cycle_end)
    return rows


def loan_question(book: Book, terms: LoanTerms) -> str:
    """What a loan costs and when it is due, with its amount in words, to be said yes to."""
    rows = instalments_of(book, terms)
    said = _(
        "Charge {charge}, to pay back {total} by {day}.",
        charge=book.money.amount(sum((row.charge for row in rows), ZERO)),
        total=book.money.amount(sum((row.total for row in rows), ZERO)),
        day=format_date(latest_due_date(rows)),
    )
    words = book.money.in_words(terms.principal)
    return f"{words[:1].upper()}{words[1:]}. {said}" if words else said
