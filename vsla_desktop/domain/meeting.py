"""A meeting: who is there, the agenda, counting the box, and the three levels of checking.

See docs/rules.md#meetings.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import CENT, ZERO
from vsla_desktop.errors import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class AttendanceStatus(StrEnum):
    """How a member stands in the roll call."""

    PRESENT = "PRESENT"
    LATE = "LATE"
    ABSENT = "ABSENT"
    EXCUSED = "EXCUSED"
    REPRESENTED = "REPRESENTED"

    @property
    def is_present(self) -> bool:
        """Whether the member is in the room, and counts for the quorum and attendance."""
        return self in {AttendanceStatus.PRESENT, AttendanceStatus.LATE}


class AgendaStep(StrEnum):
    """A step of the meeting, in the usual order."""

    OPENING = "OPENING"  # both closing balances recalled, box opened, opening count
    ROLL_CALL = "ROLL_CALL"
    SOCIAL_FUND = "SOCIAL_FUND"
    SHARES = "SHARES"
    FINES = "FINES"
    OTHER_MONEY = "OTHER_MONEY"  # expenses and other income
    LOAN_REPAYMENTS = "LOAN_REPAYMENTS"
    NEW_LOANS = "NEW_LOANS"
    CLOSING_COUNT = "CLOSING_COUNT"
    CLOSE = "CLOSE"


DEFAULT_AGENDA: tuple[AgendaStep, ...] = tuple(AgendaStep)
_NEVER_LEFT_OUT = (
    AgendaStep.OPENING,
    AgendaStep.ROLL_CALL,
    AgendaStep.CLOSING_COUNT,
    AgendaStep.CLOSE,
)


def check_agenda(steps: Sequence[AgendaStep]) -> tuple[AgendaStep, ...]:
    """Return an agenda that a group may choose; raise :class:`RuleBroken` if it may not.

    Any order, and any step left out, but the two counts, the roll call and the close: the box is
    counted before everything else and after it, and then the meeting is closed.
    """
    agenda = tuple(steps)
    if len(set(agenda)) != len(agenda):
        raise RuleBroken("Name each step once.", field="agenda")
    for step in _NEVER_LEFT_OUT:
        if step not in agenda:
            raise RuleBroken(
                "Keep the two counts and the roll call.",
                hint="{step} is missing.",
                field="agenda",
                step=step.value,
            )
    if agenda[0] is not AgendaStep.OPENING:
        raise RuleBroken("Count the box first.", field="agenda")
    if agenda[-2:] != (AgendaStep.CLOSING_COUNT, AgendaStep.CLOSE):
        raise RuleBroken("Count the box last, then close.", field="agenda")
    return agenda


def check_meetings_merged(
    meetings_merged: int, most: int, *, field: str = "meetings_merged"
) -> int:
    """Return for how many meetings this one stands; raise RuleBroken unless 1 to the most."""
    if not 1 <= meetings_merged <= most:
        raise RuleBroken("Merge 1 to {most} meetings.", field=field, most=most)
    return meetings_merged


def quorum_needed(members_count: int, quorum_percentage: Decimal | int) -> int:
    """Return how many members must be present: the percentage of all, rounded up."""
    needed = Decimal(members_count) * Decimal(quorum_percentage) / 100
    return int(needed.to_integral_value(ROUND_CEILING))


def quorum_met(present_count: int, members_count: int, quorum_percentage: Decimal | int) -> bool:
    """Tell whether enough members are present to decide."""
    return present_count >= quorum_needed(members_count, quorum_percentage)


def attendance_rate(present_count: int, meetings_count: int) -> Decimal:
    """Return at how many of 100 meetings a member was present, to the hundredth; 0 before any."""
    if meetings_count == 0:
        return ZERO
    return (Decimal(100 * present_count) / meetings_count).quantize(CENT, ROUND_HALF_UP)


def cash_count(pieces: Mapping[Decimal, int]) -> Decimal:
    """Return what a count by notes and coins comes to: the sum of value x number of pieces."""
    total = ZERO
    for denomination, count in pieces.items():
        if denomination <= 0:
            raise RuleBroken("Count notes and coins only.", field="denomination")
        if count < 0:
            raise RuleBroken("Enter a number of pieces, or 0.", field=str(denomination))
        total += denomination * count
    return total


@dataclass(frozen=True, slots=True)
class CashDifference:
    """What the book expects in a purse, and what was counted."""

    expected: Decimal
    counted: Decimal

    @property
    def difference(self) -> Decimal:
        """Counted less expected: below nought when money is missing."""
        return self.counted - self.expected

    @property
    def direction(self) -> int:
        """The direction of the CASH_DIFFERENCE posting: +1 over, -1 short, 0 when it agrees."""
        return (self.difference > 0) - (self.difference < 0)


def check_difference(counted: CashDifference, reason: str) -> None:
    """Raise :class:`RuleBroken` when the count differs from the book and nobody says why."""
    if counted.difference and not reason.strip():
        raise RuleBroken(
            "Say why the count differs.", hint="Count again if you are not sure.", field="reason"
        )


class CheckLevel(StrEnum):
    """How a typed value stands: refused, to be confirmed, or fine."""

    IMPOSSIBLE = "IMPOSSIBLE"
    UNLIKELY = "UNLIKELY"
    FINE = "FINE"


UNUSUAL_FACTOR = 5
"""From so many times the usual on, a person is asked whether it is right."""
_FEWEST_FOR_USUAL = 3


def usual_amount(earlier: Sequence[Decimal]) -> Decimal | None:
    """Return the middle one of earlier amounts of the same kind, or nothing if they are too few."""
    amounts = sorted(amount for amount in earlier if amount > 0)
    return amounts[(len(amounts) - 1) // 2] if len(amounts) >= _FEWEST_FOR_USUAL else None


def unusual(amount: Decimal, usual: Decimal | None) -> int | None:
    """Return how many times the usual an amount is, in whole times, if it is unusually large."""
    if usual is None or usual <= 0:
        return None
    times = int(amount // usual)
    return times if times >= UNUSUAL_FACTOR else None


def check_level(amount: Decimal, usual: Decimal | None, problem: RuleBroken | None) -> CheckLevel:
    """Return how a typed amount stands, from the rule it breaks, if any, and the usual amount."""
    if problem is not None:
        return CheckLevel.IMPOSSIBLE
    return CheckLevel.FINE if unusual(amount, usual) is None else CheckLevel.UNLIKELY
