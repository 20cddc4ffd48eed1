"""On which day a group meets next. See docs/rules.md#planned-meetings."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Final

from vsla_desktop.domain.rules import MeetingFrequency

_MONTHS: Final = 12
_WEEK: Final = 7
_HALF_A_WEEK: Final = 3


def next_day(last: date, frequency: MeetingFrequency, weekday: int | None = None) -> date:
    """Return the day of the meeting after the one of ``last``.

    One week, two weeks or a calendar month later; then moved to the group's own ``weekday`` (0 is
    Sunday, 6 Saturday), to whichever is nearer, so that one meeting held on another day does not
    move all that follow.
    """
    if frequency is MeetingFrequency.MONTHLY:
        year, month = last.year + last.month // _MONTHS, last.month % _MONTHS + 1
        following = date(year, month, min(last.day, calendar.monthrange(year, month)[1]))
    else:
        following = last + timedelta(weeks=1 if frequency is MeetingFrequency.WEEKLY else 2)
    if weekday is None:
        return following
    ahead = (weekday - following.isoweekday()) % _WEEK
    return following + timedelta(days=ahead if ahead <= _HALF_A_WEEK else ahead - _WEEK)


def day_after(
    last: date, held: date, frequency: MeetingFrequency, weekday: int | None = None
) -> date:
    """Return the day on which the rhythm goes on after the meeting planned for ``last``.

    ``held`` is the day of the last meeting that was held: it may have been moved so far that the
    next ones are gone by.
    """
    day = next_day(last, frequency, weekday)
    while day <= held:
        day = next_day(day, frequency, weekday)
    return day


def missed_meetings(
    expected: date, on: date, frequency: MeetingFrequency, weekday: int | None = None
) -> int:
    """Return how many meetings were expected before a day: the one ``expected`` and those after."""
    count, day = 0, expected
    while day < on:
        count += 1
        day = next_day(day, frequency, weekday)
    return count
