"""The parts of a pool: amounts that are shared out by weights, in whole numbers and never rounded.

See docs/rules.md#share-out.
"""

from __future__ import annotations

from decimal import Decimal
from math import lcm
from typing import TYPE_CHECKING

from vsla_desktop.domain.rules import ProfitRule, SocialFundRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vsla_desktop.domain.share_out import PayoutRules, Stake

STEPS = 10_000
"""Amounts are counted in hundredths of a cent: so a percentage of a cent is whole too."""

Parts = list[tuple[int, list[int]]]
"""Amounts in steps, each with the weights by which it is shared out."""


def parts_of(stakes: Sequence[Stake], pool: int, rules: PayoutRules) -> Parts:
    """Say what of the loan pool goes by which weights; the amounts make the pool.

    Who has no share has no part. A loss is borne by savings, whatever the rule for profits.
    """
    shares = [stake.shares for stake in stakes]
    if rules.profit_rule is ProfitRule.PRO_RATA:
        return [(pool, shares)]
    savings = [steps(stake.savings) if stake.shares else 0 for stake in stakes]
    profit = pool - sum(savings)
    if profit <= 0:
        return [(pool, savings)]
    back: Parts = [(pool - profit, savings)]
    each = [1 if count else 0 for count in shares]
    if rules.profit_rule is ProfitRule.EQUAL:
        return [*back, (profit, each)]
    charges = [steps(stake.charges_paid) if stake.shares else 0 for stake in stakes]
    if rules.profit_rule is ProfitRule.RETURN_INTEREST:
        returned = min(profit, sum(charges))
        fines = min(profit - returned, sum(steps(stake.fines_paid) for stake in stakes))
        return [*back, (returned, charges), (fines, each), (profit - returned - fines, shares)]
    if not any(charges):
        return [*back, (profit, shares)]
    by_savings = profit * rules.savings_percentage // 100
    return [*back, (by_savings, shares), (profit - by_savings, charges)]


def shared(parts: Parts, count: int) -> tuple[list[int], int]:
    """Share out each part by its weights; return whole numbers over one denominator."""
    parts = [(amount, weights) for amount, weights in parts if amount]
    sums = [sum(weights) for _amount, weights in parts]
    denominator = lcm(*sums)
    shares = [0] * count
    for (amount, weights), total in zip(parts, sums, strict=True):
        factor = amount * (denominator // total)
        shares = [share + factor * weight for share, weight in zip(shares, weights, strict=True)]
    return shares, denominator


def social_parts(
    stakes: Sequence[Stake], cash: int, rule: SocialFundRule, unit: int
) -> tuple[int, list[int]]:
    """Return what of the social fund is shared out, and each member's part rounded down."""
    if rule is SocialFundRule.KEEP:
        return 0, [0] * len(stakes)
    if rule is SocialFundRule.SPLIT_EQUALLY:
        weights = [1 if stake.shares_social else 0 for stake in stakes]
    else:
        weights = [steps(stake.social_paid) if stake.shares_social else 0 for stake in stakes]
        cash = min(cash, sum(weights))
    if not any(weights):
        return 0, weights
    shares, denominator = shared([(cash, weights)], len(stakes))
    return cash, [share // (unit * denominator) * unit for share in shares]


def steps(amount: Decimal) -> int:
    """Count an amount in hundredths of a cent."""
    return int(amount.scaleb(4))


def amount_of(counted: int) -> Decimal:
    """Return the amount of so many hundredths of a cent, without what is less than a cent."""
    return Decimal(counted // 100).scaleb(-2)
