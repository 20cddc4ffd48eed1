"""Days as people type and read them: 3/3/2026, 3 Mar, today."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import DateStyle, _, format_date

_YEAR_DIGITS = 4
_SHORTEST_MONTH = 3  # letters that tell a month in every language here
_YEARS = range(1900, 2200)


def read_day(text: str, today: date, *, field: str = "date") -> date:
    """Return the day that was typed, the day before the month as the books write it.

    A year that is left out is this year's; ``t`` is today. Raise :class:`RuleBroken` for a text
    that is no day.
    """
    typed = _ascii(text)
    if not typed:
        raise RuleBroken("Enter a day.", hint="Write it like 3/12/2026.", field=field)
    if typed in {"t", _ascii(_("today"))}:
        return today
    parts = [part for part in re.split(r"[\s./-]+", typed) if part]
    try:
        return _from_parts(parts, today)
    except ValueError:
        raise RuleBroken(
            "{text} is not a day.", hint="Write it like 3/12/2026.", field=field, text=text.strip()
        ) from None


def write_day(day: date) -> str:
    """Write a day so that it can not be misread: 3 Mar 2026."""
    return format_date(day)


def _ascii(text: str) -> str:
    signs = (
        str(unicodedata.decimal(each, None) or 0) if each.isdecimal() else each for each in text
    )
    return "".join(signs).strip().casefold().rstrip(".")


def _from_parts(parts: list[str], today: date) -> date:
    if len(parts) == 3 and len(parts[0]) == _YEAR_DIGITS:  # noqa: PLR2004 - year, month, day
        parts.reverse()
    if not 2 <= len(parts) <= 3:  # noqa: PLR2004 - day and month, perhaps year
        raise ValueError(parts)
    year = int(parts[2]) if len(parts) > 2 else today.year  # noqa: PLR2004 - the third
    if year < 100:  # noqa: PLR2004 - written short
        year += 2000
    if year not in _YEARS:  # a digit too few or too many
        raise ValueError(parts)
    return date(year, _month(parts[1]), int(parts[0]))


def _month(text: str) -> int:
    if text.isdecimal():
        return int(text)
    if len(text) < _SHORTEST_MONTH:
        raise ValueError(text)
    for number in range(1, 13):
        for style in (DateStyle.LONG, DateStyle.SHORT):
            name = format_date(date(2001, number, 1), style).split()[1].casefold().rstrip(".")
            if name.startswith(text) or text.startswith(name):
                return number
    raise ValueError(text)
