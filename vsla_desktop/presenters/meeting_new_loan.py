"""New loans on the sheet: typed in several cells, asked about, and given once someone says yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from vsla_desktop.domain.assessment import Reason
from vsla_desktop.errors import RuleBroken, VslaError
from vsla_desktop.i18n import _
from vsla_desktop.presenters.grid import CellState
from vsla_desktop.presenters.meeting_loans import (
    LOAN_KEYS,
    GuarantorsColumn,
    LoanAmountColumn,
    LoanPart,
    LoanPeriodsColumn,
    LoanPurposeColumn,
    loan_question,
    terms_of,
    with_periods,
)
from vsla_desktop.presenters.meeting_typed import Typed
from vsla_desktop.queries.pages import meeting_page
from vsla_desktop.queries.sheet import SheetRow
from vsla_desktop.services.assessments import advice
from vsla_desktop.services.cells import set_loan
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.wording import sentence_of

if TYPE_CHECKING:
    from vsla_desktop.presenters.meeting_sheet import SheetPresenter

_CELL_OF_FIELD = {"term_months": "loan_periods", "guarantor": "loan_guarantors"}
_PARTS: tuple[LoanPart, ...] = (
    LoanAmountColumn(),
    LoanPeriodsColumn(),
    LoanPurposeColumn(),
    GuarantorsColumn(),
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A loan that nobody has agreed to yet, and the question about it."""

    terms: LoanTerms
    question: str


class NewLoans:
    """The loans that are being typed: a loan is one thing, though it takes several cells.

    It is given when the question about it, what it costs and when it is due, is answered with yes
    in any of its cells.
    """

    def __init__(self, sheet: SheetPresenter) -> None:
        self._sheet = sheet
        self._drafts: dict[int, LoanTerms] = {}
        self._asked: dict[int, _Asked] = {}

    def enter(self, row: SheetRow, part: LoanPart, text: str) -> None:
        """Take one part of a loan."""
        sheet, book = self._sheet, self._sheet.book
        before = self._drafts.get(row.member_id, terms_of(row))
        try:
            terms = part.merged(book, row, before, text)
        except RuleBroken as error:
            wrong = Typed(text, CellState.IMPOSSIBLE, sentence_of(error))
            sheet.mark((row.member_id, part.key), wrong)
            return
        self._forget_marks(row)
        if terms == terms_of(row):
            self._drafts.pop(row.member_id, None)
            sheet.redraw_member(row.member_id)
        elif not terms.principal and row.loan_taken:
            self._drafts.pop(row.member_id, None)
            sheet.save_loan(row, _PARTS[0], LoanTerms(principal=terms.principal))
        elif not terms.principal:
            self._drafts[row.member_id] = terms
            self._mark(row, terms, CellState.IMPOSSIBLE, _("Enter the amount of the loan."))
        elif _same_but_purpose(terms, terms_of(row)):
            self._drafts.pop(row.member_id, None)
            sheet.save_loan(row, part, terms)
        else:
            self._ask(row, with_periods(book, terms))

    def accept(self, row: SheetRow) -> None:
        """Give the loan that was asked about."""
        asked = self._asked.pop(row.member_id, None)
        if asked is None:
            return
        self._drafts.pop(row.member_id, None)
        self._forget_marks(row)
        self._sheet.save_loan(row, _PARTS[0], asked.terms)

    def forget(self, row: SheetRow) -> None:
        """Ask no more: the book's loan, or none, stands there again."""
        self._drafts.pop(row.member_id, None)
        self._forget_marks(row)

    def _ask(self, row: SheetRow, terms: LoanTerms) -> None:
        self._drafts[row.member_id] = terms
        try:
            question = loan_question(self._sheet.book, terms)
        except RuleBroken as error:
            self._refuse(row, terms, error)
            return
        asked = _Asked(terms, question)
        self._asked[row.member_id] = asked
        self._mark(row, terms, CellState.UNLIKELY, question)
        meeting = self._sheet.meeting

        def attempt(session: Session) -> tuple[Reason, ...]:
            page = meeting_page(session, meeting.meeting_id)
            rules = self._sheet.book.sheet.rules
            found = advice(session, page, rules, row.member_id)
            set_loan(session, meeting.meeting_id, row.member_id, terms, clock=meeting.clock)
            return found

        meeting.attempt(
            attempt,
            lambda reasons: self._advised(row, asked, reasons),
            lambda error: self._refused(row, asked, error),
        )

    def _advised(self, row: SheetRow, asked: _Asked, reasons: tuple[Reason, ...]) -> None:
        if reasons and self._asked.get(row.member_id) is asked:
            said = " ".join(_(reason.message, **dict(reason.values)) for reason in reasons)
            self._mark(row, asked.terms, CellState.UNLIKELY, f"{asked.question} {said}")

    def _refused(self, row: SheetRow, asked: _Asked, error: VslaError) -> None:
        if self._asked.get(row.member_id) is asked:
            self._asked.pop(row.member_id)
            self._refuse(row, asked.terms, error)

    def _refuse(self, row: SheetRow, terms: LoanTerms, error: VslaError) -> None:
        """Show a refusal at the cell that it is about; the others keep what was typed."""
        self._mark(row, terms, CellState.FINE, "")
        at = _CELL_OF_FIELD.get(getattr(error, "field", ""), "loan")
        part = next(each for each in _PARTS if each.key == at)
        text = part.part(self._sheet.book, terms)
        wrong = Typed(text, CellState.IMPOSSIBLE, sentence_of(error))
        self._sheet.mark((row.member_id, at), wrong)

    def _mark(self, row: SheetRow, terms: LoanTerms, state: CellState, message: str) -> None:
        book = self._sheet.book
        for part in _PARTS:
            text = part.part(book, terms)
            edit = part.typed(book, terms)
            typed = Typed(text, state, message, terms, edit_text=edit)
            self._sheet.mark((row.member_id, part.key), typed)

    def _forget_marks(self, row: SheetRow) -> None:
        self._asked.pop(row.member_id, None)
        for key in LOAN_KEYS:
            self._sheet.forget((row.member_id, key))


def _same_but_purpose(terms: LoanTerms, held: LoanTerms) -> bool:
    return (terms.principal, terms.periods, tuple(terms.guarantors)) == (
        held.principal,
        held.periods,
        tuple(held.guarantors),
    )
