"""How a group keeps each kind of saving: its limits, its purse, and taking money out.

See docs/rules.md#saving-types.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.money import ZERO, check_amount, plain_amount
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken

SHARES = "PERSONAL"
SOCIAL = "SOCIAL"
_OWN_PURSE = {SHARES: Fund.LOAN_FUND, SOCIAL: Fund.SOCIAL}
MOST_NOTICE_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingTypeRule:
    """A group's rule for one kind of saving; amounts are for a member at a meeting.

    ``maximum`` None is no limit.
    """

    code: str
    is_used: bool
    fund: Fund
    minimum: Decimal = ZERO
    maximum: Decimal | None = None
    allows_withdrawal: bool = False
    notice_days: int = 0

    @property
    def has_own_limits(self) -> bool:
        """Whether amounts limit it: shares and the social fund have rules of their own."""
        return self.code not in _OWN_PURSE


def purses_for(code: str) -> tuple[Fund, ...]:
    """Return the purses into which a kind of saving may go."""
    own = _OWN_PURSE.get(code)
    return (own,) if own else (Fund.ECD, Fund.TARGET, Fund.PERSONAL, Fund.LOAN_FUND)


def saving_type_problems(rule: SavingTypeRule, currency: Currency) -> Iterator[RuleBroken]:
    """Yield everything that can not stand, each with its field."""
    if rule.code == SHARES and not rule.is_used:
        yield RuleBroken("Keep this kind: every group has it.", field="is_used")
    if rule.fund not in purses_for(rule.code):
        yield RuleBroken("Choose another purse.", field="fund")
    for name, amount in (("minimum", rule.minimum), ("maximum", rule.maximum)):
        if amount is None:
            continue
        if amount and not rule.has_own_limits:
            yield RuleBroken(
                "Leave this empty.", hint="The constitution sets the amount.", field=name
            )
            continue
        try:
            check_amount(amount, currency, field=name, zero_allowed=name == "minimum")
        except RuleBroken as problem:
            yield problem
    if rule.maximum is not None and rule.maximum < rule.minimum:
        yield RuleBroken("Enter the least or more.", field="maximum")
    if not 0 <= rule.notice_days <= MOST_NOTICE_DAYS:
        yield RuleBroken(
            "Enter {least} to {most}.", field="notice_days", least=0, most=MOST_NOTICE_DAYS
        )


def check_saved(
    amount: Decimal, *, least: Decimal, most: Decimal | None, already: Decimal = ZERO
) -> None:
    """Raise :class:`RuleBroken` below the least or above the most that may be saved now.

    Both hold for all that the member saves of the kind at the meeting, so they are what is left
    of the group's limits after what is saved ``already``.
    """
    if amount < least:
        message, values = "Save at least {least}.", {"least": plain_amount(least)}
    elif most is not None and amount > most:
        if most <= 0:
            raise RuleBroken(
                "Save no more at this meeting.",
                hint="{already} is the most.",
                field="amount",
                already=plain_amount(already) if already else "0",
            )
        message, values = "Save at most {most}.", {"most": plain_amount(most)}
    else:
        return
    hint = "At this meeting {already} is saved already." if already > 0 else ""
    said = plain_amount(already) if already else "0"
    raise RuleBroken(message, hint=hint, field="amount", already=said, **values)
