"""The share-out: what everybody gets at the end of a cycle, exact to the last coin.

An entitlement is a sum of parts, each an amount shared out by weights; the four profit rules differ
in their parts only. All is worked out in whole numbers over one common denominator, so nothing is
rounded before the payout is. See docs/rules.md#share-out.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO, plain_amount
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import ProfitRule, SocialFundRule
from vsla_desktop.domain.share_out_parts import (
    STEPS,
    amount_of,
    parts_of,
    shared,
    social_parts,
    steps,
)
from vsla_desktop.errors import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vsla_desktop.domain.rules import GroupRules

MOST_ROUNDS = 5000
"""A group that has cash to share needs a few; without any, rounding could go on for an hour."""


@dataclass(frozen=True, slots=True)
class Due:
    """A fine or an advance that a member owes, and the fund to which it is paid."""

    fund: Fund
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What one member brings to the share-out, amounts in the group's currency.

    ``charges_paid`` and ``fines_paid`` came into the loan fund in money this cycle; ``debts`` are
    what clears the member's loans today: principal, charge owed and penalty. ``dues`` are set off
    after them, in their order. A member who left and is still paid for shares has no part of the
    social fund.
    """

    member_id: int
    shares: int
    savings: Decimal
    charges_paid: Decimal = ZERO
    fines_paid: Decimal = ZERO
    debts: Decimal = ZERO
    dues: tuple[Due, ...] = ()
    social_paid: Decimal = ZERO
    shares_social: bool = True

    @property
    def owed(self) -> Decimal:
        """All that she owes: loans, fines and advances."""
        return self.debts + sum((due.amount for due in self.dues), ZERO)


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
    ``social``; ``profit`` = loan part - savings, below nought after a loss. ``debts`` are her loans
    and as much of her fines and advances as is set off: ``set_off`` + ``written_off``, which is of
    loans only. ``payout`` = entitled - set off.
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
    def into_loan_fund(self) -> Decimal:
        """What of the debts set off is paid into the loan fund; the rest is the social fund's."""
        return self.loan_pool - self.holdings.free

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
    unit = steps(rules.unit)
    owed = [(Due(Fund.LOAN_FUND, stake.debts), *stake.dues) for stake in stakes]
    set_off = [steps(stake.owed) for stake in stakes]
    free, social_cash = steps(holdings.free), steps(holdings.social)
    for _round in range(MOST_ROUNDS):
        into_loan_fund = sum(map(_into_loan_fund, owed, set_off))
        into_social = sum(set_off) - into_loan_fund
        social_pool, social = social_parts(
            stakes, social_cash + into_social, rules.social_rule, unit
        )
        pool = free + into_loan_fund
        shares, denominator = shared(parts_of(stakes, pool, rules), len(stakes))
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
        loan_pool=amount_of(pool),
        social_pool=amount_of(social_pool),
        value=Fraction(pool, STEPS * total_shares),
        remainder=amount_of(pool - sum(rounded)),
        social_remainder=amount_of(social_pool - sum(social)),
    )
    _prove(made, shares, denominator, pool)
    return made


def entitlements(
    stakes: Sequence[Stake], pool: Decimal, rules: PayoutRules
) -> tuple[Fraction, ...]:
    """Return what each member would have of a pool by the profit rule, exact and not rounded."""
    shares, denominator = shared(parts_of(stakes, steps(pool), rules), len(stakes))
    return tuple(Fraction(share, STEPS * denominator) for share in shares)


def _into_loan_fund(owed: Sequence[Due], set_off: int) -> int:
    found = 0
    for due in owed:
        part = min(steps(due.amount), set_off)
        set_off -= part
        found += part if due.fund is Fund.LOAN_FUND else 0
    return found


def _line(
    stake: Stake, share: int, denominator: int, part: int, social: int, off: int
) -> ShareOutLine:
    from_loan_fund, of_social, set_off = amount_of(part), amount_of(social), amount_of(off)
    entitled = from_loan_fund + of_social
    written_off = max(stake.debts - set_off, ZERO)
    return ShareOutLine(
        member_id=stake.member_id,
        shares=stake.shares,
        savings=stake.savings,
        profit=from_loan_fund - stake.savings,
        social=of_social,
        entitled=entitled,
        debts=set_off + written_off,
        set_off=set_off,
        written_off=written_off,
        payout=entitled - set_off,
        exact=Fraction(share, STEPS * denominator),
    )


def _prove(made: ShareOut, shares: Sequence[int], denominator: int, pool: int) -> None:
    """Raise :class:`ArithmeticError` unless it adds up: a fault of the program, never of a group.

    The exact parts make the pool, the lines make the pool, nobody is paid below nought or more
    than what is rounded away, and the purses hold what is paid out of them.
    """
    proof = made.proof
    to_social_fund = made.set_off - made.into_loan_fund
    sound = (
        sum(shares) == pool * denominator
        and proof.holds
        and all(line.payout >= 0 and line.written_off >= 0 for line in made.lines)
        and made.remainder >= 0
        and made.social_remainder >= 0
        and made.payouts + proof.remainder + to_social_fund == made.holdings.free + made.social_pool
    )
    if not sound:
        message = f"the share-out does not add up: {proof}"
        raise ArithmeticError(message)
