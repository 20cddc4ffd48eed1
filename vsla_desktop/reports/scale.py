"""The scale beside a chart: round values in order, written short. Exact, on screen and on paper."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.money import number_marks
from vsla_desktop.i18n import _, language
from vsla_desktop.reports.report import ChartKind, Kind
from vsla_desktop.wording import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vsla_desktop.reports.report import Chart

_STEPS: Final = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
_ZERO: Final = Decimal(0)
_THOUSAND, _MILLION, _BILLION = Decimal(10**3), Decimal(10**6), Decimal(10**9)


def ends(chart: Chart) -> tuple[Decimal, Decimal]:
    """Return the lowest and the highest value that a chart must hold; nought is always held."""
    if chart.shape is ChartKind.STACKED:
        columns = list(zip(*(each.values for each in chart.series), strict=True))
        reached = [
            sum(
                (Decimal(value) for value in column if value is not None and sign * value > 0),
                _ZERO,
            )
            for column in columns
            for sign in (1, -1)
        ]
    else:
        reached = [
            Decimal(value) for each in chart.series for value in each.values if value is not None
        ]
    return min([_ZERO, *reached]), max([_ZERO, *reached])


def ticks(low: Decimal, high: Decimal, *, most: int = 6, whole: bool = False) -> list[Decimal]:
    """Return the round values of a scale from ``low`` to ``high``, the ends beyond both of them.

    ``whole`` ones have no decimals, such as counts of people.
    """
    room = high - low or Decimal(1)
    power = Decimal(1).scaleb((room / most).adjusted())
    step = next(each * power for each in _STEPS if each * power * most >= room)
    if whole:
        step = max(step.to_integral_value(ROUND_CEILING), Decimal(1))
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    return [step * number for number in range(int(first), int(last) + 1)]


def tick_words(value: Decimal, kind: Kind) -> str:
    """Write a value of the scale: 1.2 M, 350 k, 20 %."""
    if kind is Kind.PERCENT:
        return percent(value) if value else "0 %"
    return short_number(value)


def short_number(value: Decimal) -> str:
    """Write a number with at most three digits that count: 1,234,000 is 1.23 M."""
    if not value:
        return "0"
    sign = "\N{MINUS SIGN}" if value < 0 else ""
    size = abs(value)
    if size >= _BILLION:
        return sign + _("{number} bn", number=_digits(size / _BILLION))
    if size >= _MILLION:
        return sign + _("{number} M", number=_digits(size / _MILLION))
    if size >= 10 * _THOUSAND:
        return sign + _("{number} k", number=_digits(size / _THOUSAND))
    return sign + _digits(size)


def _digits(size: Decimal) -> str:
    places = max(2 - size.adjusted(), 0)
    rounded = round(size, places)
    text = f"{rounded.normalize():f}" if rounded % 1 else f"{rounded:,.0f}"
    grouping, mark = number_marks(language())
    space = "\N{NO-BREAK SPACE}" if grouping == " " else grouping
    return text.replace(".", "\0").replace(",", space).replace("\0", mark)


def every(count: int, room: int) -> int:
    """Return which of ``count`` places get a word where there is room for ``room`` of them."""
    return max(-(-count // max(room, 1)), 1)


def told(words: Sequence[str], room: int) -> list[tuple[int, str]]:
    """Return the places along the foot of a chart that are told, with their words."""
    step = every(len(words), room)
    return [(place, word) for place, word in enumerate(words) if place % step == 0]
