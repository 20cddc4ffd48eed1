"""How a group stands on the day its book begins in the middle of a cycle, and whether it balances.

What the group has earned so far is said by the group, never worked out: if both sides are not the
same, something was left out or counted wrongly. See docs/rules.md#baseline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from vsla_desktop.domain.loans import (
    ChargeMethod,
    Instalment,
    PeriodKind,
    check_before_share_out,
    due_date,
    latest_due_date,
    most_periods,
    schedule,
)
from vsla_desktop.domain.money import ZERO, plain_amount
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.shares import shares_value
from vsla_desktop.errors import RuleBroken

_NONE: Mapping[Fund, Decimal] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningLoan:
    """What a member still owes of a loan that was given before the book began.

    ``principal`` and ``charge`` are what is left of each; nothing is added to them later.
    ``periods`` None takes the most that end before the share-out; the first instalment is due on
    ``first_due``, or one period after the day of the baseline.
    """

    principal: Decimal
    charge: Decimal = ZERO
    periods: int | None = None
    first_due: date | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberBaseline:
    """What one member brings along: shares of this cycle, a loan, fines and dues not yet paid.

    ``social_due`` is what the member still owes the social fund; it is paid back as an advance is.
    """

    member_id: int
    shares: int = 0
    loan: OpeningLoan | None = None
    fines: Decimal = ZERO
    social_due: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """How a group stands on the day its book begins.

    ``counts`` is the cash of each fund in the box, ``at_bank`` what each has at the bank.
    ``earnings`` are what the loan fund has earned so far in the cycle, costs taken off; below 0
    for a loss. ``debts`` are what the group owes to others.
    """

    members: tuple[MemberBaseline, ...]
    counts: Mapping[Fund, Decimal]
    earnings: Decimal = ZERO
    debts: Decimal = ZERO
    at_bank: Mapping[Fund, Decimal] = field(default_factory=lambda: _NONE)

    def held(self, fund: Fund) -> Decimal:
        """Return the money of a fund, in the box and at the bank."""
        return self.counts.get(fund, ZERO) + self.at_bank.get(fund, ZERO)


@dataclass(frozen=True, slots=True)
class BaselineBalance:
    """Both sides of the loan fund: what it has, and whose that is."""

    cash: Decimal
    loans: Decimal
    savings: Decimal
    debts: Decimal
    earnings: Decimal

    @property
    def assets(self) -> Decimal:
        """The cash and the loans that are out."""
        return self.cash + self.loans

    @property
    def claims(self) -> Decimal:
        """The members' savings, debts to others, and the earnings."""
        return self.savings + self.debts + self.earnings

    @property
    def difference(self) -> Decimal:
        """What the group has beyond what is claimed: 0 when it balances."""
        return self.assets - self.claims


def weigh(baseline: Baseline, share_value: Decimal) -> BaselineBalance:
    """Return both sides of a baseline; nothing is checked, so a screen may show it as it is typed.

    The other funds are on both sides alike, and fines count when they are paid.
    """
    members = baseline.members
    return BaselineBalance(
        cash=baseline.held(Fund.LOAN_FUND),
        loans=sum((each.loan.principal for each in members if each.loan is not None), ZERO),
        savings=shares_value(sum(each.shares for each in members), share_value),
        debts=baseline.debts,
        earnings=baseline.earnings,
    )


def opening_schedule(
    loan: OpeningLoan,
    day: date,
    *,
    cycle_end: date | None,
    period_kind: PeriodKind,
    most: int,
    unit: Decimal,
) -> tuple[Instalment, ...]:
    """Return the instalments of what is left of a loan, principal and charge each in equal parts.

    ``day`` is the day of the baseline; ``most`` the group's longest term. Where less than one
    period is left all is due at the share-out. Raise :class:`RuleBroken` for a first instalment
    before ``day``, for no periods, and for a last one after the share-out.
    """
    first, periods = loan.first_due, loan.periods
    if first is not None and first < day:
        raise RuleBroken("Choose {day} or a day after it.", field="first_due", day=day)
    if periods is None:
        periods = most
        if cycle_end is not None:
            periods = most_periods(day, cycle_end, period_kind, most=most)
            if not periods:
                periods, first = 1, first or cycle_end

    def parts(amount: Decimal) -> tuple[Instalment, ...]:
        method = ChargeMethod.NONE
        return schedule(
            amount, ZERO, periods, method=method, period_kind=period_kind, start=day, unit=unit
        )

    rows = parts(loan.principal)
    if loan.charge:
        charges = parts(loan.charge)
        rows = tuple(
            replace(row, charge=each.principal) for row, each in zip(rows, charges, strict=True)
        )
    if first is not None:
        rows = tuple(
            replace(row, due_date=due_date(first, row.number - 1, period_kind)) for row in rows
        )
    if cycle_end is not None:
        check_before_share_out(latest_due_date(rows), cycle_end)
    return rows


def check_balance(balance: BaselineBalance) -> None:
    """Raise :class:`RuleBroken` with both sides and the difference when they are not the same."""
    if balance.difference:
        raise RuleBroken(
            "The loan fund has {assets}; savings, debts and earnings are {claims}.",
            hint="The difference is {difference}.",
            field="earnings",
            assets=signed_amount(balance.assets),
            claims=signed_amount(balance.claims),
            difference=signed_amount(balance.difference),
        )


def signed_amount(amount: Decimal) -> str:
    """Write an amount that may be below 0, or nought."""
    text = plain_amount(abs(amount)) if amount else "0"
    return f"-{text}" if amount < 0 else text
