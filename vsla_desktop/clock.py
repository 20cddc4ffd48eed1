"""Time as a value that is passed in, so that a test or a practice group can choose the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; every service that stamps a row takes one."""

    def now(self) -> datetime:
        """The instant in UTC, without a zone, as both databases store it."""

    def today(self) -> date:
        """The calendar day where the group sits."""


class SystemClock:
    """The laptop's own clock."""

    def now(self) -> datetime:
        """See :meth:`Clock.now`."""
        return datetime.now(UTC).replace(tzinfo=None)

    def today(self) -> date:
        """See :meth:`Clock.today`."""
        return datetime.now().astimezone().date()


@dataclass(slots=True)
class FixedClock:
    """A clock that stands still until it is set."""

    instant: datetime

    def now(self) -> datetime:
        """See :meth:`Clock.now`."""
        return self.instant

    def today(self) -> date:
        """See :meth:`Clock.today`."""
        return self.instant.date()
