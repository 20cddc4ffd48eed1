"""Shares: how many a member may buy at a meeting, and what they are worth at face value.

See docs/rules.md#shares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO, plain_amount
from vsla_desktop.errors import RuleBroken

if TYPE_CHECKING:
    from decimal import Decimal


def most_shares(max_shares_per_meeting: int, meetings_merged: int = 1) -> int:
    """Return the most shares one member may buy at a meeting that stands for several."""
    return max_shares_per_meeting * meetings_merged


def check_shares(
    shares: int,
    *,
    max_shares_per_meeting: int,
    already: int = 0,
    meetings_merged: int = 1,
    field: str = "shares",
) -> int:
    """Return ``shares`` if the member may buy them; raise :class:`RuleBroken` if not.

    ``already`` are the shares of the same member's other entries of the same meeting: the limit
    holds for all of them together. Nought is allowed.
    """
    if shares < 0:
        raise RuleBroken("Enter a whole number, or 0.", field=field)
    most = most_shares(max_shares_per_meeting, meetings_merged)
    if already + shares > most:
        if already:
            raise RuleBroken(
                "Buy at most {most} a meeting.",
                hint="{already} are bought already, so {left} are left.",
                field=field,
                most=most,
                already=already,
                left=max(most - already, 0),
            )
        raise RuleBroken("Buy at most {most} a meeting.", field=field, most=most)
    return shares


def shares_value(shares: int, share_value: Decimal) -> Decimal:
    """Return what a number of shares costs: shares x share value."""
    return shares * share_value


def shares_from_amount(amount: Decimal, share_value: Decimal, *, field: str = "amount") -> int:
    """Return how many whole shares an amount buys; raise :class:`RuleBroken` if a part is left."""
    if share_value <= 0:
        raise RuleBroken("Set the share value first.", field="share_value")
    count, rest = divmod(max(amount, ZERO), share_value)
    if rest or amount < 0:
        raise RuleBroken(
            "Pay for a whole number.",
            hint="One costs {share_value}, so {count} cost {whole}.",
            field=field,
            share_value=plain_amount(share_value),
            count=int(count),
            whole=plain_amount(count * share_value),
        )
    return int(count)
