"""The figures that head office collects of each group, and the indicators worked out from them.

Figures of many groups are added up first, and divided afterwards: sum over sum, never a mean of
ratios. Amounts are of one currency. See docs/rules.md#indicators.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from vsla_desktop.domain.money import ZERO

DAYS_A_YEAR: Final = 52 * 7
"""A year of 52 whole weeks, as returns are annualised by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What can be added up of the quarterly forms of groups; one group's, or a sum of many.

    ``attending`` were present at the last meeting. ``late_value`` is the principal outstanding of
    late loans. ``savings_days`` and ``asset_days`` are savings and assets, each times the days
    since its group's first savings of the cycle: they weigh groups of different age.
    """

    groups: int = 0
    saving_outside: int = 0
    borrowing_outside: int = 0
    members_at_start: int = 0
    members: int = 0
    men: int = 0
    women: int = 0
    attending: int = 0
    dropouts: int = 0
    savings: Decimal = ZERO
    loans_count: int = 0
    loans_value: Decimal = ZERO
    late_value: Decimal = ZERO
    write_offs: Decimal = ZERO
    loan_fund_cash: Decimal = ZERO
    other_funds: Decimal = ZERO
    property_at_start: Decimal = ZERO
    property_now: Decimal = ZERO
    debts: Decimal = ZERO
    savings_days: Decimal = ZERO
    asset_days: Decimal = ZERO

    def __add__(self, other: Figures) -> Figures:
        """Return the figures of the groups of both."""
        return Figures(
            **{name: getattr(self, name) + getattr(other, name) for name in FIGURE_NAMES}
        )

    @property
    def assets(self) -> Decimal:
        """What the groups have: cash, loans that are out, and property."""
        return self.loan_fund_cash + self.loans_value + self.other_funds + self.property_now

    @property
    def profit(self) -> Decimal:
        """What the loan fund earned so far, less what it lost; below nought for a loss."""
        return (
            self.loan_fund_cash
            + self.loans_value
            + self.property_now
            - self.savings
            - self.property_at_start
            - self.debts
        )

    @property
    def equity(self) -> Decimal:
        """What of the assets is the members' own."""
        return self.other_funds + self.savings + self.profit + self.property_at_start


FIGURE_NAMES: Final = tuple(each.name for each in fields(Figures))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterlyForm:
    """One group's form on the day on which it is collected: 25 fields, of which most are figures.

    ``trained_by`` is who brought the group into the book. ``interest_rate`` is a fraction for each
    period of a loan; None for a group without rules.
    """

    group_id: int
    group_name: str
    group_number: str
    currency: str
    first_training: date | None
    savings_started: date | None
    trained_by: str
    collected: date
    interest_rate: Decimal | None
    figures: Figures


class Unit(StrEnum):
    """What an indicator's value is: a part of something as a fraction, or an amount of money."""

    PART = "PART"
    MONEY = "MONEY"


class IndicatorName(StrEnum):
    """Every indicator, in the order in which they are shown."""

    WOMEN = "WOMEN"
    MEMBERSHIP_GROWTH = "MEMBERSHIP_GROWTH"
    ATTENDANCE = "ATTENDANCE"
    DROP_OUT = "DROP_OUT"
    RETENTION = "RETENTION"
    AVERAGE_SAVINGS = "AVERAGE_SAVINGS"
    AVERAGE_EQUITY = "AVERAGE_EQUITY"
    AVERAGE_PROFIT = "AVERAGE_PROFIT"
    MEMBERS_WITH_LOANS = "MEMBERS_WITH_LOANS"
    AVERAGE_LOAN = "AVERAGE_LOAN"
    PORTFOLIO_AT_RISK = "PORTFOLIO_AT_RISK"
    FUND_UTILISATION = "FUND_UTILISATION"
    LOANS_TO_ASSETS = "LOANS_TO_ASSETS"
    DEBT_RATIO = "DEBT_RATIO"
    RETURN_ON_SAVINGS = "RETURN_ON_SAVINGS"
    RETURN_ON_ASSETS = "RETURN_ON_ASSETS"
    ANNUAL_RETURN_ON_SAVINGS = "ANNUAL_RETURN_ON_SAVINGS"
    ANNUAL_RETURN_ON_ASSETS = "ANNUAL_RETURN_ON_ASSETS"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator with what it came from: ``value`` = ``over`` x ``times`` / ``under``.

    ``formula`` says it in words; both counts may be below nought where a loss is a part of them.
    """

    name: IndicatorName
    formula: str
    unit: Unit
    over: Decimal
    under: Decimal
    times: int = 1

    @property
    def value(self) -> Decimal | None:
        """The value; None where there is nothing to divide by."""
        return self.over * self.times / self.under if self.under else None


_I, _PART, _MONEY = IndicatorName, Unit.PART, Unit.MONEY


def indicators(of: Figures) -> tuple[Indicator, ...]:
    """Return every indicator of one group, or of many together. See docs/rules.md#indicators."""
    members, profit = Decimal(of.members), of.profit
    growth = members - of.members_at_start
    stayed = members - of.dropouts
    loans = of.loans_value
    return (
        Indicator(_I.WOMEN, "women / members", _PART, Decimal(of.women), members),
        Indicator(
            _I.MEMBERSHIP_GROWTH,
            "(members - members at start) / members at start",
            _PART,
            growth,
            Decimal(of.members_at_start),
        ),
        Indicator(
            _I.ATTENDANCE, "members attending / members", _PART, Decimal(of.attending), members
        ),
        Indicator(_I.DROP_OUT, "drop-outs / members", _PART, Decimal(of.dropouts), members),
        Indicator(_I.RETENTION, "(members - drop-outs) / members", _PART, stayed, members),
        Indicator(_I.AVERAGE_SAVINGS, "savings / members", _MONEY, of.savings, members),
        Indicator(_I.AVERAGE_EQUITY, "equity / members", _MONEY, of.equity, members),
        Indicator(_I.AVERAGE_PROFIT, "profit / members", _MONEY, profit, members),
        Indicator(
            _I.MEMBERS_WITH_LOANS,
            "loans outstanding (number) / members",
            _PART,
            Decimal(of.loans_count),
            members,
        ),
        Indicator(
            _I.AVERAGE_LOAN,
            "loans outstanding / loans outstanding (number)",
            _MONEY,
            loans,
            Decimal(of.loans_count),
        ),
        Indicator(
            _I.PORTFOLIO_AT_RISK,
            "unpaid balance of late loans / loans outstanding",
            _PART,
            of.late_value,
            loans,
        ),
        Indicator(
            _I.FUND_UTILISATION,
            "loans outstanding / (loans outstanding + loan-fund cash)",
            _PART,
            loans,
            loans + of.loan_fund_cash,
        ),
        Indicator(_I.LOANS_TO_ASSETS, "loans outstanding / assets", _PART, loans, of.assets),
        Indicator(_I.DEBT_RATIO, "debts / (debts + equity)", _PART, of.debts, of.debts + of.equity),
        Indicator(_I.RETURN_ON_SAVINGS, "profit / savings", _PART, profit, of.savings),
        Indicator(_I.RETURN_ON_ASSETS, "profit / assets", _PART, profit, of.assets),
        Indicator(
            _I.ANNUAL_RETURN_ON_SAVINGS,
            "profit x 364 / (savings x days since first savings)",
            _PART,
            profit,
            of.savings_days,
            DAYS_A_YEAR,
        ),
        Indicator(
            _I.ANNUAL_RETURN_ON_ASSETS,
            "profit x 364 / (assets x days since first savings)",
            _PART,
            profit,
            of.asset_days,
            DAYS_A_YEAR,
        ),
    )


def indicator(name: IndicatorName, of: Figures) -> Decimal | None:
    """Return the value of one indicator."""
    return next(each.value for each in indicators(of) if each.name is name)
