"""The notes and coins that it takes to pay an amount: exact, with the largest pieces first.

See docs/rules.md#share-out.
"""

from __future__ import annotations

from collections import Counter
from math import gcd
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import CENT, ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal


def pieces(amount: Decimal, denominations: Sequence[Decimal]) -> dict[Decimal, int] | None:
    """Return how many of each note and coin make ``amount``; None when none together do.

    ``denominations`` come largest first. The largest pieces are taken as far as they go; where
    that leaves a rest that nothing pays (60 in 50s and 20s), one piece less is tried.
    """
    counts = _counts(int(amount / CENT), tuple(int(each / CENT) for each in denominations))
    if counts is None:
        return None
    return {piece: count for piece, count in zip(denominations, counts, strict=True) if count}


def _counts(amount: int, values: tuple[int, ...]) -> tuple[int, ...] | None:
    if not amount:
        return (0,) * len(values)
    if not values or amount % gcd(*values):
        return None
    largest, smaller = values[0], values[1:]
    for count in range(amount // largest, -1, -1):
        rest = _counts(amount - count * largest, smaller)
        if rest is not None:
            return (count, *rest)
    return None


def notes_needed(
    amounts: Iterable[Decimal], denominations: Sequence[Decimal]
) -> tuple[dict[Decimal, int], Decimal]:
    """Return the pieces that pay every amount, each by itself, and the sum that no pieces pay."""
    needed: Counter[Decimal] = Counter()
    unpaid = ZERO
    for amount in amounts:
        found = pieces(amount, denominations)
        if found is None:
            unpaid += amount
        else:
            needed.update(found)
    return {piece: needed[piece] for piece in denominations if needed[piece]}, unpaid
