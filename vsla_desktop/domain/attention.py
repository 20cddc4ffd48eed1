"""What of a group needs its coordinator, and which group needs her most.

See docs/rules.md#attention.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterator


class Concern(StrEnum):
    """One thing that a coordinator should look at."""

    BOX_DIFFERS = "BOX_DIFFERS"
    PURSES_DIFFER = "PURSES_DIFFER"
    TO_SETTLE = "TO_SETTLE"
    SHARE_OUT_LATE = "SHARE_OUT_LATE"
    SHARE_OUT_SOON = "SHARE_OUT_SOON"
    MEETINGS_MISSED = "MEETINGS_MISSED"
    NEVER_MET = "NEVER_MET"
    LEFT_OPEN = "LEFT_OPEN"
    LATE_LOANS = "LATE_LOANS"
    ACTIONS_LATE = "ACTIONS_LATE"
    FEW_CAME = "FEW_CAME"
    LOW_ATTENDANCE = "LOW_ATTENDANCE"
    MEMBERS_LEFT = "MEMBERS_LEFT"
    NOT_SENT = "NOT_SENT"


class Urgency(StrEnum):
    """How soon a group needs its coordinator."""

    NOW = "NOW"
    SOON = "SOON"
    FINE = "FINE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a group stands on one day, as far as its coordinator is concerned.

    ``box_difference`` is counted less expected at the last close, all purses together;
    ``purses_differ`` says that single purses differed. ``missed_meetings`` were expected before
    that day and not held; ``days_since_meeting`` is None before the first. ``open_days`` is how
    long ago the meeting that is still open was held. ``at_risk`` is a fraction, None without
    loans. ``share_out_in`` counts days, below nought when it is past. Counts of presence are sums
    over roll calls: those marked present, and all who were called.
    """

    box_difference: Decimal = ZERO
    purses_differ: bool = False
    to_settle: int = 0
    missed_meetings: int = 0
    days_since_meeting: int | None = None
    days_since_start: int | None = None
    open_days: int | None = None
    late_loans: int = 0
    at_risk: Decimal | None = None
    share_out_in: int | None = None
    last_present: int = 0
    last_called: int = 0
    cycle_present: int = 0
    cycle_called: int = 0
    members_left: int = 0
    members_at_start: int = 0
    actions_late: int = 0
    not_sent: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a group needs its coordinator: the concern, what it weighs, and its figure.

    ``count`` counts meetings, loans, days, members, actions or records; ``amount`` is money;
    ``rate`` is a fraction. Which of them says something depends on the concern.
    """

    concern: Concern
    weight: int
    count: int = 0
    amount: Decimal = ZERO
    rate: Decimal | None = None


FEW: Final = Decimal("0.5")
LOW: Final = Decimal("0.75")
MANY_LEFT: Final = Decimal("0.1")
SOON_DAYS, VERY_SOON_DAYS = 28, 14
FIRST_MEETING_DAYS: Final = 14
MOST_FOR_MEETINGS, MOST_FOR_LOANS = 45, 40
_NOW, _SOON = 40, 10


def reasons(standing: Standing) -> tuple[Reason, ...]:
    """Return why a group needs its coordinator, the weightiest reason first."""
    return tuple(
        sorted(
            (*_of_money(standing), *_of_meetings(standing), *_of_the_rest(standing)),
            key=lambda each: -each.weight,
        )
    )


def weight(found: tuple[Reason, ...]) -> int:
    """Return what a group's reasons weigh together: the groups that weigh most come first."""
    return sum(each.weight for each in found)


def urgency(found: tuple[Reason, ...]) -> Urgency:
    """Return how soon a group needs its coordinator."""
    weighed = weight(found)
    if weighed >= _NOW:
        return Urgency.NOW
    return Urgency.SOON if weighed >= _SOON else Urgency.FINE


def _of_money(standing: Standing) -> Iterator[Reason]:
    if standing.box_difference:
        yield Reason(Concern.BOX_DIFFERS, 50, amount=standing.box_difference)
    elif standing.purses_differ:
        yield Reason(Concern.PURSES_DIFFER, 20)
    if standing.late_loans:
        percent = int((standing.at_risk or ZERO) * 100)
        weighed = min(10 + percent, MOST_FOR_LOANS)
        yield Reason(Concern.LATE_LOANS, weighed, count=standing.late_loans, rate=standing.at_risk)
    days = standing.share_out_in
    if days is not None and days < 0:
        yield Reason(Concern.SHARE_OUT_LATE, 40, count=-days)
    elif days is not None and days <= SOON_DAYS:
        weighed = 25 if days <= VERY_SOON_DAYS else 15
        yield Reason(Concern.SHARE_OUT_SOON, weighed, count=days)


def _of_meetings(standing: Standing) -> Iterator[Reason]:
    since = standing.days_since_meeting
    began = standing.days_since_start or 0
    if since is None:
        if standing.open_days is None and began >= FIRST_MEETING_DAYS:
            yield Reason(Concern.NEVER_MET, 20, count=began)
    elif standing.missed_meetings:
        weighed = min(15 * standing.missed_meetings, MOST_FOR_MEETINGS)
        yield Reason(Concern.MEETINGS_MISSED, weighed, count=since)
    if standing.open_days:
        yield Reason(Concern.LEFT_OPEN, 25, count=standing.open_days)
    last = _part(standing.last_present, standing.last_called)
    cycle = _part(standing.cycle_present, standing.cycle_called)
    if last is not None and last < FEW:
        yield Reason(Concern.FEW_CAME, 20, count=standing.last_present, rate=last)
    elif cycle is not None and cycle < LOW:
        yield Reason(Concern.LOW_ATTENDANCE, 10, rate=cycle)


def _of_the_rest(standing: Standing) -> Iterator[Reason]:
    if standing.to_settle:
        yield Reason(Concern.TO_SETTLE, 40, count=standing.to_settle)
    if standing.actions_late:
        yield Reason(Concern.ACTIONS_LATE, 20, count=standing.actions_late)
    left = _part(standing.members_left, standing.members_at_start)
    if standing.members_left:
        weighed = 10 if left is None or left >= MANY_LEFT else 5
        yield Reason(Concern.MEMBERS_LEFT, weighed, count=standing.members_left)
    if standing.not_sent:
        yield Reason(Concern.NOT_SENT, 2, count=standing.not_sent)


def _part(some: int, of_all: int) -> Decimal | None:
    return Decimal(some) / of_all if of_all else None
