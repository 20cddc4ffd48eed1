"""Loans as they stand: schedule, payments, penalties, and what clears each today."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.loan_changes import changed_rows
from vsla_desktop.domain.loans import (
    ChargeMethod,
    Instalment,
    PeriodKind,
    settlement_amount,
    with_paid,
)
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.penalties import days_late, overdue
from vsla_desktop.queries.tables import INSTALMENTS, LOANS, MEMBERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

ASKED, APPROVED, ACTIVE = "PENDING", "APPROVED", "ACTIVE"
COMPLETED, WRITTEN_OFF = "COMPLETED", "DEFAULTED"
OUT = (ACTIVE, "DISBURSED")
"""A loan that is being paid back; the field's other programs write both."""
GIVEN = (*OUT, COMPLETED, WRITTEN_OFF)


@dataclass(frozen=True, slots=True)
class LoanState:
    """A loan that was given, with its schedule and what the ledger says was paid of it."""

    loan_id: int
    group_id: int
    member_id: int
    member_number: int | None
    member_name: str
    principal: Decimal
    rate: Decimal
    method: ChargeMethod
    period_kind: PeriodKind
    periods: int
    given_on: date
    status: str
    purpose: str
    guarantor_id: int | None
    other_guarantors: str
    cycle_id: int | None
    meeting_id: int | None
    instalments: tuple[Instalment, ...]
    penalties: tuple[Decimal, ...]
    principal_paid: Decimal
    charge_paid: Decimal
    penalty_paid: Decimal
    written_off: Decimal
    changed_on: date | None = None
    written_off_on: date | None = None
    reason: str = ""
    assessment_id: int | None = None

    @property
    def is_out(self) -> bool:
        """Say whether it is being paid back."""
        return self.status in OUT

    @property
    def penalty_charged(self) -> Decimal:
        """All penalties for being late."""
        return sum(self.penalties, ZERO)

    @property
    def penalty_due(self) -> Decimal:
        """The penalties that are not paid."""
        return max(self.penalty_charged - self.penalty_paid, ZERO)

    @property
    def principal_owed(self) -> Decimal:
        """The principal that is not paid."""
        return max(self.principal - self.principal_paid - self.written_off, ZERO)

    @property
    def charge_owed(self) -> Decimal:
        """The charge of the whole schedule that is not paid."""
        return sum((row.charge_owed for row in self.instalments), ZERO)

    @property
    def owed(self) -> Decimal:
        """What is still to come by the schedule: penalty, charge and principal."""
        return self.penalty_due + self.charge_owed + self.principal_owed if self.is_out else ZERO

    @property
    def last_due(self) -> date:
        """The day on which the last instalment falls due."""
        return max((row.due_date for row in self.instalments), default=self.given_on)

    @property
    def periods_since_change(self) -> int:
        """How many instalments of principal its schedule has, since it was last changed."""
        since = self.changed_on or date.min
        return sum(row.due_date > since and row.principal > 0 for row in self.instalments)

    def settles(self, on: date) -> Decimal:
        """Return exactly what clears the loan on a day; nought when it is not out."""
        if not self.is_out:
            return ZERO
        return settlement_amount(
            self.instalments, on, method=self.method, penalty_due=self.penalty_due
        )

    def due(self, on: date) -> Decimal:
        """Return what should be paid by the end of a day: instalments due by then, and penalty."""
        if not self.is_out:
            return ZERO
        rows = (row.owed for row in self.instalments if row.due_date <= on)
        return sum(rows, self.penalty_due)

    def overdue(self, on: date) -> Decimal:
        """Return what was due before a day and is not paid, penalty left out."""
        return overdue(self.instalments, on) if self.is_out else ZERO

    def days_late(self, on: date) -> int:
        """Return for how many days the oldest unpaid instalment has been overdue."""
        return days_late(self.instalments, on) if self.is_out else 0

    def next_due(self) -> Instalment | None:
        """Return the oldest instalment that is not paid."""
        return next((row for row in self.instalments if not row.is_paid), None)


_LOANS = select(
    LOANS, MEMBERS.c.member_number, MEMBERS.c.first_name, MEMBERS.c.last_name
).select_from(LOANS.join(MEMBERS, MEMBERS.c.id == LOANS.c.member_id))
_IN_ORDER = (LOANS.c.disbursement_date, LOANS.c.id)
_BY_ID = _LOANS.where(LOANS.c.id.in_(bindparam("loans", expanding=True)))
_OF_MEMBER = _LOANS.where(
    LOANS.c.member_id == bindparam("member"),
    LOANS.c.status.in_(bindparam("statuses", expanding=True)),
).order_by(*_IN_ORDER)
_OF_GROUP = _LOANS.where(
    LOANS.c.group_id == bindparam("of_group"),
    LOANS.c.status.in_(bindparam("statuses", expanding=True)),
).order_by(*_IN_ORDER)
_OF_MEMBERS = _LOANS.where(
    LOANS.c.member_id.in_(bindparam("members", expanding=True)),
    LOANS.c.status.in_(bindparam("statuses", expanding=True)),
).order_by(*_IN_ORDER)
_PEOPLE = (
    select(MEMBERS.c.id, MEMBERS.c.first_name, MEMBERS.c.last_name)
    .where(MEMBERS.c.group_id == bindparam("of_group"))
    .order_by(MEMBERS.c.member_number, MEMBERS.c.id)
)
_ROWS = (
    select(INSTALMENTS)
    .where(INSTALMENTS.c.loan_id.in_(bindparam("loans", expanding=True)))
    .order_by(INSTALMENTS.c.loan_id, INSTALMENTS.c.installment_number)
)


def guarantors_of(
    first: int | None, others: str, people: Iterable[tuple[int, str]]
) -> tuple[int, ...]:
    """Return who stands for a loan, out of ``people`` of its group by id and name.

    The first has a column; ``others`` are kept by their names. Of two people of one name the first
    who does not stand for it already is meant. Where nobody stands first, the text is of something
    else that another program wrote.
    """
    left = others if first is not None else ""
    found = [] if first is None else [first]
    waiting = [each for each in people if each[0] != first]
    while left:
        fit = [each for each in waiting if f"{left}, ".startswith(f"{each[1]}, ")]
        if fit:
            best = max(fit, key=lambda each: len(each[1]))
            waiting.remove(best)
            found.append(best[0])
            left = left[len(best[1]) :].removeprefix(", ")
        else:
            left = left.partition(", ")[2]
    return tuple(found)


def loan_guarantors(session: Session, loan: LoanState) -> tuple[int, ...]:
    """Return the members who stand for a loan, the first first."""
    rows = session.connection().execute(_PEOPLE, {"of_group": loan.group_id})
    people = [(row.id, f"{row.first_name} {row.last_name}".strip()) for row in rows]
    return guarantors_of(loan.guarantor_id, loan.other_guarantors, people)


def loans_by_id(session: Session, loan_ids: Collection[int]) -> dict[int, LoanState]:
    """Return loans by their ids."""
    if not loan_ids:
        return {}
    return {loan.loan_id: loan for loan in _states(session, _BY_ID, {"loans": list(loan_ids)})}


def loans_of_member(
    session: Session, member_id: int, *, statuses: Iterable[str] = GIVEN
) -> tuple[LoanState, ...]:
    """Return a member's loans, the oldest first."""
    return _states(session, _OF_MEMBER, {"member": member_id, "statuses": list(statuses)})


def loans_of_members(
    session: Session, member_ids: Collection[int], *, statuses: Iterable[str] = GIVEN
) -> tuple[LoanState, ...]:
    """Return the loans of some members, the oldest first."""
    wanted = {"members": list(member_ids), "statuses": list(statuses)}
    return _states(session, _OF_MEMBERS, wanted) if member_ids else ()


def loans_of_group(
    session: Session, group_id: int, *, statuses: Iterable[str] = GIVEN
) -> tuple[LoanState, ...]:
    """Return a group's loans, the oldest first."""
    return _states(session, _OF_GROUP, {"of_group": group_id, "statuses": list(statuses)})


def _states(
    session: Session, statement: Select[Any], wanted: dict[str, Any]
) -> tuple[LoanState, ...]:
    connection = session.connection()
    loans = connection.execute(statement, wanted).all()
    if not loans:
        return ()
    schedules: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(_ROWS, {"loans": [loan.id for loan in loans]}):
        schedules[row.loan_id].append(row)
    return tuple(_state(loan, schedules[loan.id]) for loan in loans)


def _state(loan: Any, rows: list[Any]) -> LoanState:
    given_on = loan.disbursement_date or loan.application_date
    instalments = tuple(
        Instalment(row.installment_number, row.due_date, row.principal_amount, row.interest_amount)
        for row in rows
    ) or (_whole(loan, given_on),)
    if loan.rescheduled_date is not None:
        instalments = changed_rows(instalments, loan.rescheduled_date)
    principal_paid = loan.principal_paid + loan.amount_written_off
    charge_paid = (loan.amount_paid or ZERO) - loan.principal_paid
    return LoanState(
        loan_id=loan.id,
        group_id=loan.group_id,
        member_id=loan.member_id,
        member_number=loan.member_number,
        member_name=f"{loan.first_name} {loan.last_name}".strip(),
        principal=loan.principal,
        rate=loan.interest_rate,
        method=ChargeMethod(loan.interest_method or ChargeMethod.ONE_TIME),
        period_kind=PeriodKind(loan.loan_period or PeriodKind.CALENDAR_MONTH),
        periods=loan.term_months,
        given_on=given_on,
        status=loan.status or "",
        purpose=loan.loan_purpose or "",
        guarantor_id=loan.guarantor_member_id,
        other_guarantors=loan.collateral_description or "",
        cycle_id=loan.cycle_id,
        meeting_id=loan.meeting_id,
        instalments=paid_up(instalments, principal_paid, charge_paid),
        penalties=tuple(row.late_fee_amount or ZERO for row in rows),
        principal_paid=loan.principal_paid,
        charge_paid=charge_paid,
        penalty_paid=loan.penalty_paid,
        written_off=loan.amount_written_off,
        changed_on=loan.rescheduled_date,
        written_off_on=loan.written_off_date,
        reason=loan.status_reason or "",
        assessment_id=loan.assessment_id,
    )


def _whole(loan: Any, given_on: date) -> Instalment:
    """Return the one instalment of a loan that another program wrote without a schedule."""
    charge = max(loan.total_amount_due - loan.principal, ZERO)
    return Instalment(1, loan.maturity_date or given_on, loan.principal, charge)


def paid_up(
    instalments: tuple[Instalment, ...], principal_paid: Decimal, charge_paid: Decimal
) -> tuple[Instalment, ...]:
    """Return a schedule with what was paid; what another program took too much is left out."""
    return with_paid(
        instalments,
        principal_paid=min(principal_paid, sum((row.principal for row in instalments), ZERO)),
        charge_paid=min(charge_paid, sum((row.charge for row in instalments), ZERO)),
    )
