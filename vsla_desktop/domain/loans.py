"""Loans: the schedule of instalments, and where each payment goes.

A loan is paid back in instalments, one a period. What a loan costs is its charge; what being late
costs is its penalty. See docs/rules.md#loans.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import CENT, ZERO, plain_amount, round_down_to, round_to
from vsla_desktop.errors import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class ChargeMethod(StrEnum):
    """How the charge of a loan is worked out."""

    ONE_TIME = "ONE_TIME"
    FLAT_MONTHLY = "FLAT_MONTHLY"
    DECLINING = "DECLINING"
    NONE = "NONE"


class PeriodKind(StrEnum):
    """How long one period of a loan is."""

    FOUR_WEEKS = "FOUR_WEEKS"
    THIRTY_DAYS = "THIRTY_DAYS"
    CALENDAR_MONTH = "CALENDAR_MONTH"


_DAYS = {PeriodKind.FOUR_WEEKS: 28, PeriodKind.THIRTY_DAYS: 30}


@dataclass(frozen=True, slots=True)
class Instalment:
    """One row of a repayment schedule, with what has been paid of it.

    ``begins`` is the first day of its period, where that is not the day after the due date before
    it: on the rows of a loan that was changed.
    """

    number: int
    due_date: date
    principal: Decimal
    charge: Decimal
    principal_paid: Decimal = ZERO
    charge_paid: Decimal = ZERO
    begins: date | None = None

    @property
    def total(self) -> Decimal:
        """Principal and charge together."""
        return self.principal + self.charge

    @property
    def paid(self) -> Decimal:
        """What has been paid, principal and charge together."""
        return self.principal_paid + self.charge_paid

    @property
    def principal_owed(self) -> Decimal:
        """The principal that is not yet paid."""
        return self.principal - self.principal_paid

    @property
    def charge_owed(self) -> Decimal:
        """The charge that is not yet paid, whether its period has begun or not."""
        return self.charge - self.charge_paid

    @property
    def owed(self) -> Decimal:
        """What is not yet paid, principal and charge together."""
        return self.total - self.paid

    @property
    def is_paid(self) -> bool:
        """Whether nothing is left to pay."""
        return self.owed == 0


@dataclass(frozen=True, slots=True)
class AllocationLine:
    """The part of a payment that one instalment takes."""

    number: int
    charge: Decimal
    principal: Decimal


@dataclass(frozen=True, slots=True)
class Allocation:
    """Where a payment goes: penalty, then charge, then principal; their sum is the payment.

    ``instalments`` is the schedule afterwards; with DECLINING the later charges may be lower.
    """

    penalty: Decimal
    charge: Decimal
    principal: Decimal
    lines: tuple[AllocationLine, ...]
    instalments: tuple[Instalment, ...]


def due_date(start: date, periods: int, kind: PeriodKind) -> date:
    """Return the day that lies a number of periods after ``start``.

    A calendar month that has no such day ends on its last: from 31 January, 28 or 29 February,
    then 31 March again.
    """
    if kind is not PeriodKind.CALENDAR_MONTH:
        return start + timedelta(days=_DAYS[kind] * periods)
    years, month = divmod(start.month - 1 + periods, 12)
    year = start.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def schedule(
    principal: Decimal,
    rate: Decimal,
    periods: int,
    *,
    method: ChargeMethod,
    period_kind: PeriodKind,
    start: date,
    unit: Decimal = CENT,
) -> tuple[Instalment, ...]:
    """Return the instalments of a loan disbursed on ``start``, one a period, in order.

    ``rate`` is a fraction (0.1 is ten percent). ``unit`` is the smallest step of the currency, or
    the coin that the group rounds to. The principal is shared out equally in whole units and the
    last instalment takes the remainder, so the sum is the principal exactly. The charge is rounded
    to the nearest unit: once for the whole loan (ONE_TIME, all asked with the first instalment;
    FLAT_MONTHLY, shared out like the principal), for each period by itself with DECLINING.
    """
    if principal <= 0:
        raise RuleBroken("Enter an amount above 0.", field="principal")
    if periods < 1:
        raise RuleBroken("Choose at least one period.", field="term_months")
    if rate < 0:
        raise RuleBroken("Enter a rate of 0 or more.", field="interest_rate")
    principals = _shared_out(principal, periods, unit)
    charges = _charges(principals, rate, method, unit)
    return tuple(
        Instalment(number, due_date(start, number, period_kind), part, charge)
        for number, (part, charge) in enumerate(zip(principals, charges, strict=True), 1)
    )


def _charges(
    principals: list[Decimal], rate: Decimal, method: ChargeMethod, unit: Decimal
) -> list[Decimal]:
    periods, principal = len(principals), sum(principals, ZERO)
    if method is ChargeMethod.ONE_TIME:
        return [round_to(rate * principal, unit), *[ZERO] * (periods - 1)]
    if method is ChargeMethod.FLAT_MONTHLY:
        return _shared_out(round_to(rate * principal * periods, unit), periods, unit)
    if method is ChargeMethod.DECLINING:
        remaining = [sum(principals[index:], ZERO) for index in range(periods)]
        return [round_to(rate * each, unit) for each in remaining]
    return [ZERO] * periods


def _shared_out(amount: Decimal, parts: int, unit: Decimal) -> list[Decimal]:
    each = round_down_to(amount / parts, unit)
    return [each] * (parts - 1) + [amount - each * (parts - 1)]


def with_paid(
    instalments: Sequence[Instalment], *, principal_paid: Decimal, charge_paid: Decimal
) -> tuple[Instalment, ...]:
    """Return a schedule with what the ledger says was paid of it in all, oldest rows first.

    Payments always fill the oldest row first, so the two sums say all there is to know.
    Raise :class:`ValueError` when more was paid than the schedule holds.
    """
    rows = []
    for row in instalments:
        principal = min(principal_paid, row.principal)
        charge = min(charge_paid, row.charge)
        principal_paid -= principal
        charge_paid -= charge
        rows.append(replace(row, principal_paid=principal, charge_paid=charge))
    if principal_paid or charge_paid:
        message = f"{principal_paid} of principal and {charge_paid} of charge are paid too much"
        raise ValueError(message)
    return tuple(rows)


def has_begun(instalments: Sequence[Instalment], number: int, on_date: date) -> bool:
    """Tell whether the period of this instalment has begun on this day.

    The first begins with the loan; each other begins when the due date before it has passed, so a
    payment on a due date still comes before the next period.
    """
    row = next(each for each in instalments if each.number == number)
    if row.begins is not None:
        return on_date >= row.begins
    before = [each.due_date for each in instalments if each.number < number]
    return not before or on_date > max(before)


def charge_due(
    instalments: Sequence[Instalment], row: Instalment, on_date: date, method: ChargeMethod
) -> Decimal:
    """Return the charge of one row that is owed today.

    With DECLINING a period that has not begun costs nothing yet; otherwise the whole is owed.
    """
    if method is ChargeMethod.DECLINING and not has_begun(instalments, row.number, on_date):
        return ZERO
    return row.charge_owed


def settlement_amount(
    instalments: Sequence[Instalment],
    on_date: date,
    *,
    method: ChargeMethod,
    penalty_due: Decimal = ZERO,
) -> Decimal:
    """Return exactly what clears the loan today: penalty, charge owed and all principal."""
    return sum(
        (charge_due(instalments, row, on_date, method) + row.principal_owed for row in instalments),
        penalty_due,
    )


def allocate(
    instalments: Sequence[Instalment],
    payment: Decimal,
    *,
    on_date: date,
    method: ChargeMethod,
    rate: Decimal,
    penalty_due: Decimal = ZERO,
    unit: Decimal = CENT,
) -> Allocation:
    """Say where a payment goes: penalty first, then the oldest instalment, charge before principal.

    Raise :class:`RuleBroken` for a payment that is not above nought, or larger than what clears
    the loan today; the sentence says how much does.
    """
    if payment <= 0:
        raise RuleBroken("Enter an amount above 0.", field="amount")
    most = settlement_amount(instalments, on_date, method=method, penalty_due=penalty_due)
    if payment > most:
        raise RuleBroken(
            "Pay at most {most}.",
            hint="This clears the loan today.",
            field="amount",
            most=plain_amount(most),
        )
    penalty = min(payment, penalty_due)
    left = payment - penalty
    rows: list[Instalment] = []
    lines: list[AllocationLine] = []
    for row in instalments:
        charge = min(left, charge_due(instalments, row, on_date, method))
        principal = min(left - charge, row.principal_owed)
        left -= charge + principal
        rows.append(
            replace(
                row,
                principal_paid=row.principal_paid + principal,
                charge_paid=row.charge_paid + charge,
            )
        )
        if charge or principal:
            lines.append(AllocationLine(row.number, charge, principal))
    return Allocation(
        penalty=penalty,
        charge=sum((line.charge for line in lines), ZERO),
        principal=sum((line.principal for line in lines), ZERO),
        lines=tuple(lines),
        instalments=recompute_charges(rows, on_date, method=method, rate=rate, unit=unit),
    )


def recompute_charges(
    instalments: Sequence[Instalment],
    on_date: date,
    *,
    method: ChargeMethod,
    rate: Decimal,
    unit: Decimal = CENT,
) -> tuple[Instalment, ...]:
    """Return the schedule with the charges that follow from the principal left, with DECLINING.

    Only periods that have not begun change: rate x the principal still owed on their own and later
    rows. So paying early saves charge, and undoing that payment brings it back; being late is a
    matter for the penalty and never raises a charge.
    """
    if method is not ChargeMethod.DECLINING:
        return tuple(instalments)
    rows: list[Instalment] = []
    remaining = ZERO
    for row in reversed(instalments):
        remaining += row.principal_owed
        begun = has_begun(instalments, row.number, on_date)
        rows.append(row if begun else replace(row, charge=round_to(rate * remaining, unit)))
    return tuple(reversed(rows))


def latest_due_date(instalments: Iterable[Instalment]) -> date:
    """Return the day on which the last instalment falls due."""
    return max(row.due_date for row in instalments)


def most_periods(start: date, share_out_date: date, kind: PeriodKind, *, most: int) -> int:
    """Return how many periods, at most ``most``, end on or before the share-out date."""
    fitting = (
        count for count in range(most, 0, -1) if due_date(start, count, kind) <= share_out_date
    )
    return next(fitting, 0)


def check_before_share_out(last_due: date, share_out_date: date) -> None:
    """Raise :class:`RuleBroken` when a loan would fall due after the share-out."""
    if last_due > share_out_date:
        raise RuleBroken(
            "Choose fewer periods.",
            hint="The loan would fall due {due}, after the share-out on {share_out}.",
            field="term_months",
            due=last_due,
            share_out=share_out_date,
        )
