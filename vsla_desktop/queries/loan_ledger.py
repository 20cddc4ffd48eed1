"""The loans of one group or many as they stand, or stood at the end of a day, and how late."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, select

from vsla_desktop.domain.ageing import Age, age_of
from vsla_desktop.domain.loans import Instalment
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.queries.filtering import Filter, Listed
from vsla_desktop.queries.listing import GroupName, Streamed, asked, batches
from vsla_desktop.queries.loans import (
    ACTIVE,
    COMPLETED,
    GIVEN,
    WRITTEN_OFF,
    LoanState,
    loans_by_id,
    paid_up,
)
from vsla_desktop.queries.schedules_then import schedules_then
from vsla_desktop.queries.share_out import COUNTS, KIND, NET
from vsla_desktop.queries.tables import GROUPS, LEDGER, LOANS, MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.schedules_then import DueThen

LATE: Final = "LATE"
STATUSES: Final = (ACTIVE, LATE, COMPLETED, WRITTEN_OFF)

_T = PostingType
_given_on = func.coalesce(LOANS.c.disbursement_date, LOANS.c.application_date)
_LISTED = Listed(day=_given_on, amount=LOANS.c.principal)
_LATER = (
    select(LEDGER.c.loan_id, KIND, NET)
    .where(
        LEDGER.c.loan_id.in_(bindparam("loans", expanding=True)),
        LEDGER.c.transaction_date > bindparam("on_day"),
        COUNTS,
    )
    .group_by(LEDGER.c.loan_id, KIND)
)


@dataclass(frozen=True, slots=True)
class ListedLoan:
    """A loan, and whose group it is of."""

    group: GroupName
    loan: LoanState


@dataclass(frozen=True, slots=True)
class AgeLine:
    """The running loans of one class of lateness: docs/rules.md#ageing."""

    age: Age
    count: int
    outstanding: Decimal
    overdue: Decimal


def loans_asked(
    session: Session, wanted: Filter, currency: str, *, on: date
) -> Iterator[ListedLoan]:
    """Yield the loans given up to a day as they stood at its end, group by group, oldest first.

    The filter's days are those on which they were given, its amounts what was lent. Its statuses
    are :data:`STATUSES`; a loan that is late runs as well.
    """
    tables = LOANS.join(MEMBERS, MEMBERS.c.id == LOANS.c.member_id).join(
        GROUPS, GROUPS.c.id == LOANS.c.group_id
    )
    statement = (
        select(LOANS.c.id, GROUPS.c.name.label("group_name"), GROUPS.c.group_code)
        .select_from(tables)
        .where(
            GROUPS.c.currency == currency,
            LOANS.c.status.in_(GIVEN),
            _given_on <= on,
        )
        .order_by(GROUPS.c.name, GROUPS.c.id, _given_on, LOANS.c.id)
    )
    chosen = asked(session, statement, wanted, members=MEMBERS, listed=_LISTED)
    rows: Streamed[Any] = Streamed(session, chosen, lambda row: row)
    for batch in batches(rows):
        found = loans_by_id(session, [row.id for row in batch])
        stood = {loan.loan_id: loan for loan in loans_on(session, found, on)}
        for row in batch:
            loan = stood[row.id]
            if not wanted.statuses or statuses_of(loan, on).intersection(wanted.statuses):
                yield ListedLoan(GroupName.of(row), loan)


def statuses_of(loan: LoanState, on: date) -> frozenset[str]:
    """Return which of :data:`STATUSES` hold for a loan on a day."""
    if not loan.is_out:
        return frozenset({loan.status})
    return frozenset({ACTIVE, LATE} if loan.overdue(on) > ZERO else {ACTIVE})


def loans_on(session: Session, loans: Mapping[int, LoanState], on: date) -> Iterator[LoanState]:
    """Yield loans as they stood at the end of a day, by the schedules that they had then.

    What the ledger wrote later is taken back.
    """
    later: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    wanted = {"loans": list(loans), "on_day": on}
    for loan_id, kind, amount in session.connection().execute(_LATER, wanted):
        later[loan_id][kind] = amount
    groups = tuple({loan.group_id for loan in loans.values()})
    then = schedules_then(session, Filter(group_ids=groups), on) if groups else {}
    for number, loan in loans.items():
        if number in then:
            yield _stood(_with_schedule(loan, then[number], on), later[number], on)
        else:
            yield _stood(loan, later[number], on) if number in later else loan


def ages(loans: Iterable[LoanState], on: date) -> tuple[AgeLine, ...]:
    """Add up the running loans by how late they are on a day; every class is there."""
    counts: dict[Age, int] = defaultdict(int)
    owed: dict[Age, Decimal] = defaultdict(Decimal)
    overdue: dict[Age, Decimal] = defaultdict(Decimal)
    for loan in loans:
        if loan.is_out:
            age = age_of(loan.days_late(on))
            counts[age] += 1
            owed[age] += loan.principal_owed
            overdue[age] += loan.overdue(on)
    return tuple(AgeLine(age, counts[age], owed[age], overdue[age]) for age in Age)


def _with_schedule(loan: LoanState, rows: tuple[DueThen, ...], on: date) -> LoanState:
    """Return a loan with the schedule that it had on a day."""
    return replace(
        loan,
        instalments=tuple(
            Instalment(number, row.day, row.principal, row.charge)
            for number, row in enumerate(rows, start=1)
        ),
        changed_on=loan.changed_on if loan.changed_on and loan.changed_on <= on else None,
    )


def _stood(loan: LoanState, later: Mapping[str, Decimal], on: date) -> LoanState:
    """Return a loan without what came after a day."""
    principal_paid = loan.principal_paid - later[_T.LOAN_REPAYMENT]
    charge_paid = loan.charge_paid - later[_T.LOAN_CHARGE]
    written_off = loan.written_off - later[_T.LOAN_WRITE_OFF]
    was = replace(
        loan,
        principal=loan.principal - later[_T.LOAN_DISBURSEMENT],
        instalments=paid_up(loan.instalments, principal_paid + written_off, charge_paid),
        penalties=tuple(
            amount
            for row, amount in zip(loan.instalments, loan.penalties, strict=False)
            if row.due_date < on
        ),
        principal_paid=principal_paid,
        charge_paid=charge_paid,
        penalty_paid=loan.penalty_paid - later[_T.LOAN_PENALTY],
        written_off=written_off,
    )
    status = _status(was, loan, on)
    return replace(was, status=status, written_off_on=loan.written_off_on if written_off else None)


def _status(was: LoanState, now: LoanState, on: date) -> str:
    if now.status == WRITTEN_OFF and now.written_off_on is not None and now.written_off_on > on:
        return ACTIVE
    if now.status == COMPLETED and (was.principal_owed > ZERO or was.charge_owed > ZERO):
        return ACTIVE
    return now.status
