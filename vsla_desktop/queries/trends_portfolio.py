"""The loans that were out on a day, by how long they had been late. See docs/rules.md#ageing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, or_, select

from vsla_desktop.domain.ageing import Age, age_of
from vsla_desktop.domain.money import ZERO
from vsla_desktop.queries.listing import batches
from vsla_desktop.queries.loans_until import loans_until
from vsla_desktop.queries.schedules_then import MOST_AT_ONCE, schedules_then
from vsla_desktop.queries.tables import INSTALMENTS, LOANS
from vsla_desktop.queries.until import MONEY, NOUGHT, chosen

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Subquery
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.schedules_then import DueThen
    from vsla_desktop.queries.until import Chosen

_LATE_ONES = tuple(age for age in Age if age)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The principal that was out on a day in one currency, and of how many loans, by their age."""

    currency: str
    outstanding: dict[Age, Decimal]
    loans: dict[Age, int]

    @property
    def total(self) -> Decimal:
        """All principal that was out."""
        return sum(self.outstanding.values(), ZERO)

    @property
    def late(self) -> Decimal:
        """The principal of the loans that were late."""
        return self.total - self.outstanding[Age.ON_TIME]


def portfolios(session: Session, wanted: Filter, day: date) -> tuple[Portfolio, ...]:
    """Return the loans of the groups of a filter as they were at the end of a day, by currency.

    A loan is as old as its oldest instalment that is not paid, by the schedule that it had then.
    """
    connection = session.connection()
    limits = {f"after_{age.name}": day - timedelta(days=age) for age in _LATE_ONES}
    told = {"on_day": day, **limits}
    loans = _aged(chosen(session, wanted))
    summed = (
        select(
            loans.c.currency, loans.c.age, func.count(), func.sum(loans.c.outstanding, type_=MONEY)
        )
        .group_by(loans.c.currency, loans.c.age)
        .order_by(loans.c.currency)
    )
    found: dict[str, Portfolio] = {}
    for currency, name, count, outstanding in connection.execute(summed, told):
        if currency not in found:
            found[currency] = Portfolio(currency, dict.fromkeys(Age, ZERO), dict.fromkeys(Age, 0))
        found[currency].outstanding[Age[name]] = outstanding
        found[currency].loans[Age[name]] = count
    then = schedules_then(session, wanted, day)
    for ids in batches(then, MOST_AT_ONCE):
        for loan in connection.execute(select(loans).where(loans.c.id.in_(ids)), told):
            portfolio, now = found[loan.currency], Age[loan.age]
            was = _age_then(then[loan.id], loan, day)
            portfolio.outstanding[now] -= loan.outstanding
            portfolio.outstanding[was] += loan.outstanding
            portfolio.loans[now] -= 1
            portfolio.loans[was] += 1
    return tuple(found.values())


def _age_then(schedule: tuple[DueThen, ...], loan: Any, day: date) -> Age:
    """Return how old a loan was by an earlier schedule."""
    principal = charge = ZERO
    for row in schedule:
        principal, charge = principal + row.principal, charge + row.charge
        if principal > loan.settled or charge > loan.charge:
            return age_of((day - row.day).days)
    return Age.ON_TIME


def _aged(of: Chosen) -> Subquery:
    """Return the loans that were out, each with its age by the schedule of now."""
    loans = loans_until(of)

    def so_far(amount: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.sum(amount, type_=MONEY).over(
            partition_by=loans.c.id, order_by=INSTALMENTS.c.installment_number
        )

    steps = (
        select(
            loans,
            INSTALMENTS.c.due_date,
            so_far(INSTALMENTS.c.principal_amount).label("principal_so_far"),
            so_far(INSTALMENTS.c.interest_amount).label("charge_so_far"),
        )
        .select_from(loans.outerjoin(INSTALMENTS, INSTALMENTS.c.loan_id == loans.c.id))
        .subquery("steps")
    )
    is_unpaid = or_(
        steps.c.principal_so_far > steps.c.settled, steps.c.charge_so_far > steps.c.charge
    )
    same = [
        steps.c[name] for name in ("id", "group_id", "outstanding", "settled", "charge", "late")
    ]
    oldest = (
        select(*same, func.min(case((is_unpaid, steps.c.due_date))).label("due"))
        .group_by(*same)
        .subquery("oldest")
    )
    # Without a schedule all of it is due on the last day.
    due = func.coalesce(oldest.c.due, LOANS.c.maturity_date, LOANS.c.disbursement_date)
    age = case(
        (oldest.c.late == NOUGHT, Age.ON_TIME.name),
        *(
            (due <= bindparam(f"after_{each.name}", type_=LOANS.c.maturity_date.type), each.name)
            for each in reversed(_LATE_ONES)
        ),
        else_=Age.ON_TIME.name,
    )
    return (
        select(
            oldest.c.id,
            of.groups.c.currency,
            oldest.c.outstanding,
            oldest.c.settled,
            oldest.c.charge,
            age.label("age"),
        )
        .select_from(
            oldest.join(LOANS, LOANS.c.id == oldest.c.id).join(
                of.groups, of.groups.c.id == oldest.c.group_id
            )
        )
        .subquery("aged")
    )
