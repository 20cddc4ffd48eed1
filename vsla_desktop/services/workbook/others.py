"""Writing the rows of the sheet Other: what the sheet Entries has no column for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import and_, bindparam, exists, select

from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.kinds import ExpenseKind, GrantEvent, IncomeKind
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import FINES as FINE_ROWS
from vsla_desktop.queries.tables import LEDGER
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.expenses import (
    Between,
    deposit_at_bank,
    record_expense,
    record_income,
    withdraw_from_bank,
)
from vsla_desktop.services.fines import charge_fine, waive_fine
from vsla_desktop.services.loans import LoanTerms, disburse_loan
from vsla_desktop.services.postings import BOX
from vsla_desktop.services.savings import record_saving, withdraw_saving
from vsla_desktop.services.social import advance_social, grant_social, repay_advance
from vsla_desktop.services.workbook.attempts import Attempts, Place
from vsla_desktop.services.workbook.layout import OTHER, OtherType
from vsla_desktop.services.workbook.other_events import EventWriter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.services.workbook.books import OtherRow

FIRST = frozenset({OtherType.REVERSAL.value, OtherType.CORRECTION.value})
"""What is written before the rest of its meeting: what was wrong before is put right."""
FINES = frozenset({OtherType.FINE_CHARGED.value, OtherType.FINE_WAIVED.value})
"""What is written before fines are paid."""
_FIELDS = {
    "saving_type": "detail",
    "fund_type": "fund",
    "term_months": "detail",
    "member": "member",
    "description": "description",
    "reason": "description",
    "fine": "of_meeting",
    "date": "date",
    "loan": "loan",
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

_Kind = TypeVar("_Kind", bound=StrEnum)

_undone = LEDGER.alias("undone")
_STANDING = (
    select(LEDGER.c.id)
    .where(
        LEDGER.c.meeting_id == bindparam("meeting"),
        LEDGER.c.transaction_type == bindparam("kind"),
        LEDGER.c.amount == bindparam("sum", type_=LEDGER.c.amount.type),
        ~exists().where(and_(_undone.c.reverses_id == LEDGER.c.id)),
    )
    .order_by(LEDGER.c.id)
)
_FINE = (
    select(FINE_ROWS.c.id)
    .where(
        FINE_ROWS.c.member_id == bindparam("member"),
        FINE_ROWS.c.meeting_id == bindparam("meeting"),
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
    events: EventWriter = field(init=False)

    def __post_init__(self) -> None:
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
            OtherType.SOCIAL_GRANT: self._grant,
            OtherType.SOCIAL_ADVANCE: self._advance,
            OtherType.SOCIAL_ADVANCE_REPAYMENT: self._advance_repaid,
            OtherType.SAVINGS_DEPOSIT: self._saving,
            OtherType.SAVINGS_WITHDRAWAL: self._saving_withdrawn,
            OtherType.FINE_CHARGED: self._fine,
            OtherType.FINE_WAIVED: self._waiver,
            OtherType.LOAN_DISBURSEMENT: self._loan,
            OtherType.CORRECTION: self._correction,
            OtherType.REVERSAL: self._reversal,
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
            clock=self.clock,
            by=self.by,
        )

    def _loan(self, row: OtherRow) -> object:
        months = row.detail.strip()
        terms = LoanTerms(
            principal=row.amount,
            periods=int(months) if months.isdecimal() else None,
            purpose=row.description,
        )
        return disburse_loan(
            self._session,
            self._meeting(),
            self._member(row),
            terms,
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

    def _waiver(self, row: OtherRow) -> object:
        wanted = {
            "member": self._member(row),
            "meeting": self._of_meeting(row),
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

    # --- corrections ----------------------------------------------------------------------------

    def _reversal(self, row: OtherRow) -> object:
        return reverse_entry(
            self._session,
            self._meeting(),
            self._entry(row),
            row.description,
            clock=self.clock,
            by=self.by,
        )

    def _correction(self, row: OtherRow) -> object:
        if not row.right_amount:
            raise RuleBroken("Enter the right amount.", field="right_amount")
        return correct_entry(
            self._session,
            self._meeting(),
            self._entry(row),
            row.right_amount,
            row.description,
            clock=self.clock,
            by=self.by,
        )

    def _entry(self, row: OtherRow) -> int:
        """Find the entry of an earlier meeting that a row corrects."""
        statement = _STANDING
        if row.member is None:
            statement = statement.where(LEDGER.c.member_id.is_(None))
        else:
            statement = statement.where(LEDGER.c.member_id == self._member(row))
        if row.fund:
            statement = statement.where(LEDGER.c.fund_type == row.fund)
        try:
            kind = PostingType(row.detail.strip().upper())
        except ValueError:
            raise RuleBroken(
                "{text} is no kind of entry.", field="saving_type", text=row.detail[:30]
            ) from None
        wanted = {"meeting": self._of_meeting(row), "kind": kind.value, "sum": row.amount}
        found: int | None = self._session.connection().execute(statement, wanted).scalar()
        if found is None:
            raise RuleBroken("There is no such entry.", hint="Check its meeting and amount.")
        return found

    # --- helpers --------------------------------------------------------------------------------

    def _meeting(self) -> int:
        if isinstance(self.where, Between):
            raise RuleBroken("Enter this at a meeting.", field="date")
        return self.where

    def _member(self, row: OtherRow) -> int:
        if row.member is None:
            raise RuleBroken("Choose a member.", field="member")
        return self.members[row.member]

    def _of_meeting(self, row: OtherRow) -> int:
        number = row.meeting if row.of_meeting is None else row.of_meeting
        found = self.meeting_ids.get(number or 0)
        if found is None:
            raise RuleBroken("That meeting is not in the book yet.", field="fine")
        return found


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
