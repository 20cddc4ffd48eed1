"""The share-out: what everybody gets at the end of a cycle, exact to the last coin.

An entitlement is a sum of parts, each an amount shared out by weights; the four profit rules differ
in their parts only. All is worked out in whole numbers over one common denominator, so nothing is
rounded before the payout is. See docs/rules.md#share-out.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO, plain_amount
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import ProfitRule, SocialFundRule
from vsla_desktop.errors import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vsla_desktop.domain.rules import GroupRules

STEPS = 10_000
"""Amounts are counted in hundredths of a cent: so a percentage of a cent is whole too."""

MOST_ROUNDS = 5000
"""A group that has cash to share needs a few; without any, rounding could go on for an hour."""

Parts = list[tuple[int, list[int]]]
"""Amounts in steps, each with the weights by which it is shared out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What one member brings to the share-out, amounts in the group's currency.

    ``charges_paid`` and ``fines_paid`` came into the loan fund in money this cycle; ``debts`` are
    what clears the member's loans today: principal, charge owed and penalty. A member who left and
    is still paid for shares has no part of the social fund.
    """

    member_id: int
    shares: int
    savings: Decimal
    charges_paid: Decimal = ZERO
    fines_paid: Decimal = ZERO
    debts: Decimal = ZERO
    social_paid: Decimal = ZERO
    shares_social: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What lies on the table: the cash of both purses as counted, and what of it stays.

    ``debts`` are owed by the group to others, ``other_savings`` to the members who keep savings
    that are no shares in the loan fund; ``reserve`` is what the group votes to keep.
    """

    cash: Decimal
    social: Decimal = ZERO
    debts: Decimal = ZERO
    other_savings: Decimal = ZERO
    reserve: Decimal = ZERO

    @property
    def own(self) -> Decimal:
        """The cash of the loan fund that belongs to the shares; below nought, it is too little."""
        return self.cash - self.debts - self.other_savings

    @property
    def free(self) -> Decimal:
        """The cash of the loan fund that may be paid out."""
        return self.own - self.reserve


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutRules:
    """The rules of a group that the share-out follows."""

    unit: Decimal
    profit_rule: ProfitRule = ProfitRule.PRO_RATA
    savings_percentage: int = 100
    social_rule: SocialFundRule = SocialFundRule.KEEP
    remainder_fund: Fund = Fund.LOAN_FUND

    @classmethod
    def of(cls, rules: GroupRules) -> PayoutRules:
        """Return those of a constitution."""
        return cls(
            unit=rules.payout_unit,
            profit_rule=rules.profit_rule,
            savings_percentage=rules.profit_savings_percentage,
            social_rule=rules.social_fund_rule,
            remainder_fund=rules.remainder_fund,
        )


@dataclass(frozen=True, slots=True)
class ShareOutLine:
    """One member's line.

    ``exact`` is the part of the loan fund before rounding. ``entitled`` = loan part rounded down +
    ``social``; ``profit`` = loan part - savings, below nought after a loss. ``debts`` = ``set_off``
    + ``written_off``; ``payout`` = entitled - set off.
    """

    member_id: int
    shares: int
    savings: Decimal
    profit: Decimal
    social: Decimal
    entitled: Decimal
    debts: Decimal
    set_off: Decimal
    written_off: Decimal
    payout: Decimal
    exact: Fraction

    @property
    def from_loan_fund(self) -> Decimal:
        """What of the entitlement comes from the loan fund."""
        return self.entitled - self.social


@dataclass(frozen=True, slots=True)
class Proof:
    """The line under the table: payouts + debts set off + remainder = pool."""

    payouts: Decimal
    set_off: Decimal
    remainder: Decimal
    pool: Decimal

    @property
    def total(self) -> Decimal:
        """The left side."""
        return self.payouts + self.set_off + self.remainder

    @property
    def holds(self) -> bool:
        """Whether both sides are the same, to the last coin."""
        return self.total == self.pool


@dataclass(frozen=True, slots=True)
class ShareOut:
    """A whole share-out, worked out and proven.

    ``pool`` = ``loan_pool`` + ``social_pool``; ``value`` = loan pool / shares. ``remainder`` is
    what rounding leaves in the loan fund, ``social_remainder`` in the social fund.
    """

    lines: tuple[ShareOutLine, ...]
    holdings: Holdings
    rules: PayoutRules
    total_shares: int
    total_savings: Decimal
    loan_pool: Decimal
    social_pool: Decimal
    value: Fraction
    remainder: Decimal
    social_remainder: Decimal

    @property
    def pool(self) -> Decimal:
        """All that is shared out."""
        return self.loan_pool + self.social_pool

    @property
    def profit(self) -> Decimal:
        """What the cycle earned: loan pool - savings; below nought it is a loss."""
        return self.loan_pool - self.total_savings

    @property
    def payouts(self) -> Decimal:
        """All that is paid in cash."""
        return sum((line.payout for line in self.lines), ZERO)

    @property
    def set_off(self) -> Decimal:
        """All debts that are settled out of entitlements."""
        return sum((line.set_off for line in self.lines), ZERO)

    @property
    def written_off(self) -> Decimal:
        """All debts beyond entitlements."""
        return sum((line.written_off for line in self.lines), ZERO)

    @property
    def proof(self) -> Proof:
        """The sums that must agree."""
        remainder = self.remainder + self.social_remainder
        return Proof(self.payouts, self.set_off, remainder, self.pool)


def share_out(stakes: Sequence[Stake], holdings: Holdings, rules: PayoutRules) -> ShareOut:
    """Share out, and prove that it adds up.

    Debts beyond an entitlement are written off and the pool with them, which lowers every
    entitlement, until all fit. Each round lowers what is set off or ends: so it ends, and as a
    larger pool never lowers an entitlement, at the one way that writes off the least, in whatever
    order debts are looked at. Raise :class:`RuleBroken` when no share is sold, when debts to others
    and reserve are more than the cash, and where next to nothing but bad debts would be shared out.
    """
    total_shares = sum(stake.shares for stake in stakes)
    if not total_shares:
        raise RuleBroken("Save at a meeting first.", hint="Nobody has saved in this cycle.")
    if holdings.own < 0:
        raise RuleBroken(
            "The loan fund owes {missing} more than it holds.",
            hint="Take in what members owe first.",
            missing=plain_amount(-holdings.own),
        )
    if holdings.free < 0:
        raise RuleBroken(
            "Keep back at most {most}.",
            hint="The loan fund holds no more after what it owes.",
            field="reserve",
            most=plain_amount(holdings.own) or "0",
        )
    unit = _steps(rules.unit)
    social_pool, social = _social(stakes, _steps(holdings.social), rules.social_rule, unit)
    debts = [_steps(stake.debts) for stake in stakes]
    free = _steps(holdings.free)
    set_off = debts
    for _round in range(MOST_ROUNDS):
        pool = free + sum(set_off)
        shares, denominator = _shared(_parts(stakes, pool, rules), len(stakes))
        step = unit * denominator
        rounded = [share // step * unit for share in shares]
        fitting = [
            min(debt, part + mutual)
            for debt, part, mutual in zip(set_off, rounded, social, strict=True)
        ]
        if fitting == set_off:
            break
        set_off = fitting
    else:
        raise RuleBroken(
            "Write off lost loans first.", hint="Debts are far more than savings can pay."
        )
    lines = tuple(
        _line(stake, share, denominator, part, mutual, off)
        for stake, share, part, mutual, off in zip(
            stakes, shares, rounded, social, set_off, strict=True
        )
    )
    made = ShareOut(
        lines=lines,
        holdings=holdings,
        rules=rules,
        total_shares=total_shares,
        total_savings=sum((stake.savings for stake in stakes), ZERO),
        loan_pool=_amount(pool),
        social_pool=_amount(social_pool),
        value=Fraction(pool, STEPS * total_shares),
        remainder=_amount(pool - sum(rounded)),
        social_remainder=_amount(social_pool - sum(social)),
    )
    _prove(made, shares, denominator, pool)
    return made


def entitlements(
    stakes: Sequence[Stake], pool: Decimal, rules: PayoutRules
) -> tuple[Fraction, ...]:
    """Return what each member would have of a pool by the profit rule, exact and not rounded."""
    shares, denominator = _shared(_parts(stakes, _steps(pool), rules), len(stakes))
    return tuple(Fraction(share, STEPS * denominator) for share in shares)


def _parts(stakes: Sequence[Stake], pool: int, rules: PayoutRules) -> Parts:
    """Say what of the loan pool goes by which weights; the amounts make the pool.

    Who has no share has no part. A loss is borne by savings, whatever the rule for profits.
    """
    shares = [stake.shares for stake in stakes]
    if rules.profit_rule is ProfitRule.PRO_RATA:
        return [(pool, shares)]
    savings = [_steps(stake.savings) if stake.shares else 0 for stake in stakes]
    profit = pool - sum(savings)
    if profit <= 0:
        return [(pool, savings)]
    back: Parts = [(pool - profit, savings)]
    each = [1 if count else 0 for count in shares]
    if rules.profit_rule is ProfitRule.EQUAL:
        return [*back, (profit, each)]
    charges = [_steps(stake.charges_paid) if stake.shares else 0 for stake in stakes]
    if rules.profit_rule is ProfitRule.RETURN_INTEREST:
        returned = min(profit, sum(charges))
        fines = min(profit - returned, sum(_steps(stake.fines_paid) for stake in stakes))
        return [*back, (returned, charges), (fines, each), (profit - returned - fines, shares)]
    if not any(charges):
        return [*back, (profit, shares)]
    by_savings = profit * rules.savings_percentage // 100
    return [*back, (by_savings, shares), (profit - by_savings, charges)]


def _shared(parts: Parts, count: int) -> tuple[list[int], int]:
    """Share out each part by its weights; return whole numbers over one denominator."""
    parts = [(amount, weights) for amount, weights in parts if amount]
    sums = [sum(weights) for _amount, weights in parts]
    denominator = lcm(*sums)
    shares = [0] * count
    for (amount, weights), total in zip(parts, sums, strict=True):
        factor = amount * (denominator // total)
        shares = [share + factor * weight for share, weight in zip(shares, weights, strict=True)]
    return shares, denominator


def _social(
    stakes: Sequence[Stake], cash: int, rule: SocialFundRule, unit: int
) -> tuple[int, list[int]]:
    """Return what of the social fund is shared out, and each member's part rounded down."""
    if rule is SocialFundRule.KEEP:
        return 0, [0] * len(stakes)
    if rule is SocialFundRule.SPLIT_EQUALLY:
        weights = [1 if stake.shares_social else 0 for stake in stakes]
    else:
        weights = [_steps(stake.social_paid) if stake.shares_social else 0 for stake in stakes]
        cash = min(cash, sum(weights))
    if not any(weights):
        return 0, weights
    shares, denominator = _shared([(cash, weights)], len(stakes))
    return cash, [share // (unit * denominator) * unit for share in shares]


def _line(
    stake: Stake, share: int, denominator: int, part: int, social: int, off: int
) -> ShareOutLine:
    from_loan_fund, of_social, set_off = _amount(part), _amount(social), _amount(off)
    entitled = from_loan_fund + of_social
    return ShareOutLine(
        member_id=stake.member_id,
        shares=stake.shares,
        savings=stake.savings,
        profit=from_loan_fund - stake.savings,
        social=of_social,
        entitled=entitled,
        debts=stake.debts,
        set_off=set_off,
        written_off=stake.debts - set_off,
        payout=entitled - set_off,
        exact=Fraction(share, STEPS * denominator),
    )


def _prove(made: ShareOut, shares: Sequence[int], denominator: int, pool: int) -> None:
    """Raise :class:`ArithmeticError` unless it adds up: a fault of the program, never of a group.

    The exact parts make the pool, the lines make the pool, nobody is paid below nought or more
    than what is rounded away, and the purses hold what is paid out of them.
    """
    proof = made.proof
    sound = (
        sum(shares) == pool * denominator
        and proof.holds
        and all(line.payout >= 0 and line.written_off >= 0 for line in made.lines)
        and made.remainder >= 0
        and made.social_remainder >= 0
        and made.payouts + proof.remainder == made.holdings.free + made.social_pool
    )
    if not sound:
        message = f"the share-out does not add up: {proof}"
        raise ArithmeticError(message)


def _steps(amount: Decimal) -> int:
    return int(amount.scaleb(4))


def _amount(steps: int) -> Decimal:
    return Decimal(steps // 100).scaleb(-2)
