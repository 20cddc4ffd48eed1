"""The loans that were out on a day, by how long they had been late. See docs/rules.md#ageing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, or_, select

from vsla_desktop.domain.ageing import Age
from vsla_desktop.domain.money import ZERO
from vsla_desktop.queries.loans_until import loans_until
from vsla_desktop.queries.tables import INSTALMENTS, LOANS
from vsla_desktop.queries.until import MONEY, NOUGHT, chosen

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter
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

    A loan is as old as its oldest instalment that is not paid, by its schedule as it stands now.
    """
    of = chosen(session, wanted)
    limits = {f"after_{age.name}": day - timedelta(days=age) for age in _LATE_ONES}
    rows = session.connection().execute(_by_age(of), {"on_day": day, **limits})
    found: dict[str, Portfolio] = {}
    for currency, name, count, outstanding in rows:
        if currency not in found:
            found[currency] = Portfolio(currency, dict.fromkeys(Age, ZERO), dict.fromkeys(Age, 0))
        found[currency].outstanding[Age[name]] = outstanding
        found[currency].loans[Age[name]] = count
    return tuple(found.values())


def _by_age(of: Chosen) -> Select[Any]:
    loans = loans_until(of)

    def so_far(amount: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.sum(amount, type_=MONEY).over(
            partition_by=loans.c.id, order_by=INSTALMENTS.c.installment_number
        )

    steps = (
        select(
            loans.c.id,
            loans.c.group_id,
            loans.c.outstanding,
            loans.c.late,
            loans.c.settled,
            loans.c.charge,
            INSTALMENTS.c.due_date,
            so_far(INSTALMENTS.c.principal_amount).label("principal"),
            so_far(INSTALMENTS.c.interest_amount).label("asked"),
        )
        .select_from(loans.outerjoin(INSTALMENTS, INSTALMENTS.c.loan_id == loans.c.id))
        .subquery("steps")
    )
    is_unpaid = or_(steps.c.principal > steps.c.settled, steps.c.asked > steps.c.charge)
    oldest = (
        select(
            steps.c.id,
            steps.c.group_id,
            steps.c.outstanding,
            steps.c.late,
            func.min(case((is_unpaid, steps.c.due_date))).label("due"),
        )
        .group_by(steps.c.id, steps.c.group_id, steps.c.outstanding, steps.c.late)
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
    ).label("age")
    return (
        select(
            of.groups.c.currency,
            age,
            func.count(),
            func.sum(oldest.c.outstanding, type_=MONEY),
        )
        .select_from(
            oldest.join(LOANS, LOANS.c.id == oldest.c.id).join(
                of.groups, of.groups.c.id == oldest.c.group_id
            )
        )
        .group_by(of.groups.c.currency, age)
        .order_by(of.groups.c.currency)
    )
