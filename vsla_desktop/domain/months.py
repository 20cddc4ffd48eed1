"""Months of the calendar, as reports count time."""

from __future__ import annotations

import calendar
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTHS = 12


def months_earlier(day: date, months: int) -> date:
    """Return the same day so many months earlier, or that month's last where it has no such day."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 - months, _MONTHS)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """Return the last day of the month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def month_ends(since: date, until: date) -> Iterator[date]:
    """Yield the last day of each month from ``since`` on, as long as it is not after ``until``."""
    day = month_end(since)
    while day <= until:
        yield day
        day = month_end(months_earlier(day, -1))
