"""When to try again by itself: soon when there is something to send, ever more seldom in vain.

Everything here is worked out from what is passed in: the instants, the failures so far, and a
number drawn by chance, so that laptops that lost their network together do not come back together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FIRST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(hours=1)
WITH_SOMETHING: Final = timedelta(minutes=5)
WITH_NOTHING: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Tries:
    """What came of the tries since the program was opened. Instants are UTC.

    ``failures`` are in a row; ``chance`` from 0 to 1 was drawn for the last one. ``needs_person``:
    head office answered and refused, so trying again soon is of no use.
    """

    ended_at: datetime | None = None
    failures: int = 0
    chance: float = 0.0
    needs_person: bool = False

    def succeeded(self, now: datetime) -> Tries:
        """Return what is known after a try that went through."""
        return Tries(now)

    def failed(self, now: datetime, chance: float, *, needs_person: bool) -> Tries:
        """Return what is known after a try in vain."""
        return Tries(now, self.failures + 1, chance, needs_person)


def wait_after(failures: int, chance: float) -> timedelta:
    """Return how long to wait after so many failures in a row.

    The longest wait doubles from :data:`FIRST` up to :data:`LONGEST`; chance takes up to half off.
    """
    doublings = min(failures - 1, (LONGEST // FIRST).bit_length())
    longest = min(FIRST * (1 << doublings), LONGEST)
    return longest - longest / 2 * chance


def next_try(tries: Tries, *, something_waits: bool) -> datetime | None:
    """Return when to try again; None means now, for nothing was tried yet."""
    if tries.ended_at is None:
        return None
    if tries.needs_person:
        return tries.ended_at + LONGEST
    if tries.failures:
        return tries.ended_at + wait_after(tries.failures, tries.chance)
    return tries.ended_at + (WITH_SOMETHING if something_waits else WITH_NOTHING)


def is_due(tries: Tries, now: datetime, *, something_waits: bool) -> bool:
    """Whether to try now. A clock that was set back makes nobody wait for the old time."""
    then = next_try(tries, something_waits=something_waits)
    return then is None or tries.ended_at is None or not tries.ended_at <= now < then
