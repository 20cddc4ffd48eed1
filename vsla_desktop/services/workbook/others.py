"""Writing the rows of the sheet Other: what the sheet Entries has no column for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import bindparam, select

from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.kinds import ExpenseKind, GrantEvent, IncomeKind
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.tables import FINES as FINE_ROWS
from vsla_desktop.services.expenses import (
    Between,
    deposit_at_bank,
    record_expense,
    record_income,
    withdraw_from_bank,
)
from vsla_desktop.services.fines import charge_fine, receive_fine_payment, waive_fine
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.postings import BOX
from vsla_desktop.services.repayments import receive_repayment
from vsla_desktop.services.savings import record_saving, withdraw_saving
from vsla_desktop.services.social import (
    advance_social,
    contribute_social,
    give_up_advance,
    grant_social,
    let_off_advance,
    repay_advance,
)
from vsla_desktop.services.workbook.attempts import Attempts, Place
from vsla_desktop.services.workbook.entry_money import EntryMoney, guarantors_of
from vsla_desktop.services.workbook.layout import OTHER, OtherType
from vsla_desktop.services.workbook.loan_numbers import loan_numbered
from vsla_desktop.services.workbook.other_corrections import CorrectionWriter, meeting_named
from vsla_desktop.services.workbook.other_events import EventWriter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.services.workbook.books import OtherRow

FIRST = frozenset(
    {
        OtherType.REVERSAL.value,
        OtherType.CORRECTION.value,
        OtherType.MARK_CORRECTED.value,
        OtherType.CATCH_UP_SHARES.value,
    }
)
"""What puts right or catches up is written before the rest; what stands in its turn, there."""
FINES = frozenset({OtherType.FINE_CHARGED.value, OtherType.FINE_WAIVED.value})
"""What is written before fines are paid."""
_FIELDS = {
    "saving_type": "detail",
    "status": "detail",
    "fund_type": "fund",
    "term_months": "detail",
    "member": "member",
    "description": "description",
    "reason": "description",
    "fine": "of_meeting",
    "mark": "of_meeting",
    "date": "date",
    "loan": "loan",
    "request": "request",
    "rest": "rest",
    "charge": "charge",
    "due_date": "day",
    "from_day": "day",
    "day": "day",
    "lender": "description",
    "reference": "description",
    "phone_number": "phone_number",
    "parts": "parts",
    "in_favour": "votes_for",
    "against": "votes_against",
    "abstained": "votes_abstained",
    "shares": "detail",
}

LONG_AGO = date.min
"""When notice was given of savings that are paid back: a book keeps no day of it."""

_Kind = TypeVar("_Kind", bound=StrEnum)

_FINE = (
    select(FINE_ROWS.c.id)
    .where(
        FINE_ROWS.c.member_id == bindparam("member"),
        FINE_ROWS.c.meeting_id.is_not_distinct_from(bindparam("meeting")),
        FINE_ROWS.c.amount == bindparam("sum", type_=FINE_ROWS.c.amount.type),
        FINE_ROWS.c.waived_date.is_(None),
        FINE_ROWS.c.paid_amount < FINE_ROWS.c.amount,
    )
    .order_by(FINE_ROWS.c.id)
)


@dataclass(slots=True)
class OtherWriter:
    """Writes rows at one place: an open meeting (its id), or a day between two meetings."""

    attempts: Attempts
    where: int | Between
    members: Mapping[int, int]
    meeting_ids: Mapping[int, int]
    clock: Clock
    by: int | None
    group_id: int
    money: EntryMoney
    events: EventWriter = field(init=False)
    corrections: CorrectionWriter = field(init=False)

    def __post_init__(self) -> None:
        self.corrections = CorrectionWriter(
            self._session,
            self.where,
            self.members,
            self.meeting_ids,
            self.group_id,
            self.clock,
            self.by,
        )
        self.events = EventWriter(
            self._session, self.group_id, self.where, self.members, self.clock, self.by
        )

    @property
    def _session(self) -> Session:
        return self.attempts.session

    def write(self, row: OtherRow) -> None:
        """Write one row, or say what is wrong with it."""
        writers: dict[OtherType, Callable[[OtherRow], object]] = {
            OtherType.EXPENSE: self._expense,
            OtherType.OTHER_INCOME: self._income,
            OtherType.BANK_DEPOSIT: self._deposit,
            OtherType.BANK_WITHDRAWAL: self._withdrawal,
            OtherType.SOCIAL_CONTRIBUTION: self._contribution,
            OtherType.SOCIAL_GRANT: self._grant,
            OtherType.SOCIAL_ADVANCE: self._advance,
            OtherType.SOCIAL_ADVANCE_REPAYMENT: self._advance_repaid,
            OtherType.ADVANCE_LET_OFF: self._advance_let_off,
            OtherType.SAVINGS_DEPOSIT: self._saving,
            OtherType.SAVINGS_WITHDRAWAL: self._saving_withdrawn,
            OtherType.FINE_CHARGED: self._fine,
            OtherType.FINE_WAIVED: self._waiver,
            OtherType.FINE_PAYMENT: self._fine_paid,
            OtherType.LOAN_REPAYMENT: self._repayment,
            OtherType.LOAN_DISBURSEMENT: self._loan,
            **self.corrections.writers(),
            **self.events.writers(),
        }
        work = writers[OtherType(row.type)]
        self.attempts.attempt(Place(OTHER, row.row, "amount", _FIELDS), lambda: work(row))

    # --- money of the group ---------------------------------------------------------------------

    def _expense(self, row: OtherRow) -> object:
        return record_expense(
            self._session,
            self.where,
            row.amount,
            row.description,
            fund=_fund(row),
            held_in=row.held_in or BOX,
            kind=_kind(ExpenseKind, row),
            clock=self.clock,
            by=self.by,
        )

    def _income(self, row: OtherRow) -> object:
        return record_income(
            self._session,
            self.where,
            row.amount,
            row.description,
            fund=_fund(row),
            held_in=row.held_in or BOX,
            kind=_kind(IncomeKind, row),
            clock=self.clock,
            by=self.by,
        )

    def _deposit(self, row: OtherRow) -> object:
        return deposit_at_bank(
            self._session,
            self.where,
            row.amount,
            fund=_fund(row),
            description=row.description,
            clock=self.clock,
            by=self.by,
        )

    def _withdrawal(self, row: OtherRow) -> object:
        return withdraw_from_bank(
            self._session,
            self.where,
            row.amount,
            fund=_fund(row),
            description=row.description,
            clock=self.clock,
            by=self.by,
        )

    # --- money of a member ----------------------------------------------------------------------

    def _contribution(self, row: OtherRow) -> object:
        return contribute_social(
            self._session,
            self._meeting(),
            self._member(row),
            row.amount,
            clock=self.clock,
            by=self.by,
        )

    def _grant(self, row: OtherRow) -> object:
        return grant_social(
            self._session,
            self._meeting(),
            self._member(row),
            row.amount,
            reason=row.description,
            event=_kind(GrantEvent, row),
            clock=self.clock,
            by=self.by,
        )

    def _advance(self, row: OtherRow) -> object:
        return advance_social(
            self._session,
            self._meeting(),
            self._member(row),
            row.amount,
            reason=row.description,
            due_date=row.day,
            clock=self.clock,
            by=self.by,
        )

    def _advance_repaid(self, row: OtherRow) -> object:
        return repay_advance(
            self._session,
            self._meeting(),
            self._member(row),
            row.amount,
            clock=self.clock,
            by=self.by,
        )

    def _advance_let_off(self, row: OtherRow) -> object:
        session, member, why = self._session, self._member(row), row.description
        clock, by = self.clock, self.by
        if row.votes_for is None:  # she leaves, and one vote gives up all that she owes
            page = writable_page(session, self._meeting())
            return give_up_advance(session, page, member, row.amount, why, clock=clock, by=by)
        meeting = self._meeting()
        return let_off_advance(
            session, meeting, member, row.amount, row.vote, why, clock=clock, by=by
        )

    def _saving(self, row: OtherRow) -> object:
        return record_saving(
            self._session,
            self._meeting(),
            self._member(row),
            _saving_kind(row),
            row.amount,
            clock=self.clock,
            by=self.by,
        )

    def _saving_withdrawn(self, row: OtherRow) -> object:
        return withdraw_saving(
            self._session,
            self._meeting(),
            self._member(row),
            _saving_kind(row),
            row.amount,
            notice_given=LONG_AGO,
            clock=self.clock,
            by=self.by,
        )

    def _loan(self, row: OtherRow) -> None:
        months = row.detail.strip()
        terms = LoanTerms(
            principal=row.amount,
            periods=int(months) if months.isdecimal() else None,
            purpose=row.description,
            guarantors=guarantors_of(row.parts, self.members),
        )
        self.money.give(self._meeting(), self._member(row), terms, row.request)

    def _repayment(self, row: OtherRow) -> object:
        return receive_repayment(
            self._session,
            self._meeting(),
            self._member(row),
            row.amount,
            loan_id=(
                None
                if row.loan is None
                else loan_numbered(self._session, self._member(row), row.loan)
            ),
            clock=self.clock,
            by=self.by,
        )

    # --- fines ----------------------------------------------------------------------------------

    def _fine(self, row: OtherRow) -> object:
        try:
            kind = FineType(row.detail.strip().upper() or FineType.MISCONDUCT)
        except ValueError:
            raise RuleBroken(
                "{text} is no kind of fine.", field="saving_type", text=row.detail[:30]
            ) from None
        return charge_fine(
            self._session,
            self._meeting(),
            self._member(row),
            kind,
            amount=row.amount,
            reason=row.description,
            clock=self.clock,
            by=self.by,
        )

    def _fine_paid(self, row: OtherRow) -> object:
        return receive_fine_payment(
            self._session,
            self._meeting(),
            self._member(row),
            row.amount,
            clock=self.clock,
            by=self.by,
        )

    def _waiver(self, row: OtherRow) -> object:
        wanted = {
            "member": self._member(row),
            "meeting": meeting_named(row, self.meeting_ids),
            "sum": row.amount,
        }
        fine_id = self._session.connection().execute(_FINE, wanted).scalar()
        if fine_id is None:
            raise RuleBroken("There is no such fine.", hint="Check its meeting and amount.")
        waive_fine(
            self._session,
            self._meeting(),
            fine_id,
            row.description,
            clock=self.clock,
            by=self.by,
        )
        return fine_id

    # --- helpers --------------------------------------------------------------------------------

    def _meeting(self) -> int:
        if isinstance(self.where, Between):
            raise RuleBroken("Enter this at a meeting.", field="date")
        return self.where

    def _member(self, row: OtherRow) -> int:
        if row.member is None:
            raise RuleBroken("Choose a member.", field="member")
        return self.members[row.member]


def _fund(row: OtherRow) -> Fund:
    return Fund(row.fund or Fund.LOAN_FUND)


def _kind(kinds: type[_Kind], row: OtherRow) -> _Kind | None:
    """Return the kind of cost, income or event that a row names; none where it names none."""
    said = row.category.strip().upper()
    if said and said not in set(kinds):
        raise RuleBroken("{text} is not one of the kinds.", field="category", text=said[:30])
    return kinds(said) if said else None


def _saving_kind(row: OtherRow) -> str:
    """Return the code of the kind of saving: as it is said, or as the fund has it."""
    return row.detail.strip().upper() or {"ECD": "ECD", "TARGET": "TARGET"}.get(row.fund, "")
