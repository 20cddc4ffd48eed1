"""What being late costs: how many days, how much is overdue, and the penalty by the group's rule.

See docs/rules.md#penalties.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from vsla_desktop.domain.loans import Instalment, PeriodKind, due_date
from vsla_desktop.domain.money import CENT, ZERO, round_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal


NEVER: Mapping[int, int] = MappingProxyType({})


class PenaltyKind(StrEnum):
    """How the penalty for a late instalment is worked out."""

    NONE = "NONE"
    FIXED = "FIXED"
    PERCENTAGE = "PERCENTAGE"


@dataclass(frozen=True, slots=True)
class PenaltyRule:
    """The group's rule for late instalments.

    FIXED takes ``amount``, PERCENTAGE takes ``rate`` (a fraction) of what is unpaid of the
    instalment. ``repeats`` asks it again each period; otherwise once. ``grace_days`` pass first.
    """

    kind: PenaltyKind = PenaltyKind.NONE
    amount: Decimal = ZERO
    rate: Decimal = ZERO
    repeats: bool = False
    grace_days: int = 0


@dataclass(frozen=True, slots=True)
class Penalty:
    """The penalty that one instalment has earned, for a number of times late."""

    number: int
    times: int
    amount: Decimal


def late_penalties(
    instalments: Iterable[Instalment],
    on_date: date,
    rule: PenaltyRule,
    *,
    period_kind: PeriodKind,
    charged: Mapping[int, int] = NEVER,
    unit: Decimal = CENT,
) -> tuple[Penalty, ...]:
    """Return the penalties that unpaid instalments earn up to and on ``on_date``.

    The first comes on the day after the grace days; with ``repeats`` another comes a period later,
    and so on. ``charged`` says by number how often each instalment was charged before: only what is
    beyond that comes now, however the rule or the payments were changed in between. So a group that
    asks at each meeting, before taking payments, charges each exactly once.
    """
    if rule.kind is PenaltyKind.NONE:
        return ()
    found = []
    for row in instalments:
        if row.is_paid:
            continue
        times = times_late(row, on_date, rule, period_kind) - charged.get(row.number, 0)
        each = (
            rule.amount if rule.kind is PenaltyKind.FIXED else round_to(rule.rate * row.owed, unit)
        )
        if times > 0 and each > 0:
            found.append(Penalty(row.number, times, each * times))
    return tuple(found)


def late_penalty(
    instalments: Iterable[Instalment],
    on_date: date,
    rule: PenaltyRule,
    *,
    period_kind: PeriodKind,
    charged: Mapping[int, int] = NEVER,
    unit: Decimal = CENT,
) -> Decimal:
    """Return the sum of :func:`late_penalties`."""
    found = late_penalties(
        instalments, on_date, rule, period_kind=period_kind, charged=charged, unit=unit
    )
    return sum((penalty.amount for penalty in found), ZERO)


def times_late(row: Instalment, on_date: date, rule: PenaltyRule, kind: PeriodKind) -> int:
    """Return how often an instalment that is unpaid on a day has earned a penalty by then."""
    grace = timedelta(days=rule.grace_days)
    times = 0
    while on_date > due_date(row.due_date, times, kind) + grace:
        times += 1
        if not rule.repeats:
            break
    return times


def counted_at_change(
    row: Instalment,
    on_date: date,
    old: PenaltyRule,
    new: PenaltyRule,
    *,
    kind: PeriodKind,
    times: int,
) -> int:
    """Return how often an instalment counts as charged when after ``on_date`` a rule is another.

    It was charged ``times``. Penalties that a new rule brings, or asks each period instead of once,
    are not asked for the periods of before: who is late by then owes one, and more as time goes on.
    """
    is_asked_more = old.kind is PenaltyKind.NONE or (new.repeats and not old.repeats)
    if not is_asked_more:
        return times
    passed = times_late(row, on_date, new, kind)
    return max(times, passed if times else passed - 1, 0)


def overdue(instalments: Iterable[Instalment], on_date: date) -> Decimal:
    """Return what was due before this day and is not paid."""
    return sum((row.owed for row in instalments if row.due_date < on_date), ZERO)


def days_late(instalments: Iterable[Instalment], on_date: date) -> int:
    """Return for how many days the oldest unpaid instalment has been overdue; 0 if none is."""
    late = [row.due_date for row in instalments if not row.is_paid and row.due_date < on_date]
    return (on_date - min(late)).days if late else 0
