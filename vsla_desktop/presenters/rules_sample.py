"""The group with whose figures rules are worked out: its money, a loan of it, a share-out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.loans import Instalment, schedule
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.rules import GroupRules
from vsla_desktop.domain.share_out import Holdings, PayoutRules, ShareOut, Stake, share_out
from vsla_desktop.domain.shares import shares_value
from vsla_desktop.i18n import format_date
from vsla_desktop.wording import figure

SAMPLE_MEMBERS: Final = 20
LENT_SHARES: Final = 30
SAMPLE_PERIODS: Final = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """The group whose rules are worked out: its money, its day and how many members it has."""

    currency: Currency
    today: date
    members_count: int = SAMPLE_MEMBERS

    def money(self, amount: Decimal) -> str:
        """Write an amount."""
        return figure(amount, self.currency)

    def day(self, day: date) -> str:
        """Write a day."""
        return format_date(day)

    def loan(self, rules: GroupRules) -> tuple[Instalment, ...]:
        """A loan of today under these rules, of thirty shares for three periods at most."""
        return schedule(
            shares_value(LENT_SHARES, rules.share_value),
            rules.loan_interest_rate,
            min(rules.loan_max_months, SAMPLE_PERIODS),
            method=rules.loan_interest_method,
            period_kind=rules.loan_period,
            start=self.today,
            unit=self.currency.step,
        )

    def shared_out(self, rules: GroupRules) -> ShareOut:
        """Two members: one with three times the shares, the other with all the loans."""
        value = rules.share_value
        stakes = (
            Stake(member_id=1, shares=30, savings=30 * value, charges_paid=ZERO),
            Stake(member_id=2, shares=10, savings=10 * value, charges_paid=6 * value),
        )
        unit = self.currency.step
        rule = PayoutRules(
            unit=unit,
            profit_rule=rules.profit_rule,
            savings_percentage=rules.profit_savings_percentage,
        )
        return share_out(stakes, Holdings(cash=48 * value), rule)
