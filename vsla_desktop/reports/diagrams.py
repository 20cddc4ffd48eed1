"""Makes a report's chart a diagram for paper: where each value stands, in whole ten-thousandths."""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

from vsla_desktop.reports.document import Diagram, Strip
from vsla_desktop.reports.report import ChartKind, Kind
from vsla_desktop.reports.saying import said, shown_currency
from vsla_desktop.reports.scale import ends, tick_words, ticks, told
from vsla_desktop.wording import MoneyText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vsla_desktop.reports.report import Chart, Value

_WHOLE: Final = Decimal(10_000)
_WORDS_UPRIGHT, _WORDS_LANDSCAPE = 12, 18
_WRITTEN_SHADES: Final = 16
"""In a heat map of more columns than this a value does not fit into its shade."""


def diagram(chart: Chart, *, is_landscape: bool = False) -> Diagram | None:
    """Return the chart as it is drawn; None where it has nothing to show."""
    known = [value for each in chart.series for value in each.values if value is not None]
    if not known:
        return None
    if chart.shape is ChartKind.HEAT:
        return _heat(chart, known)
    low, high = ends(chart)
    scale = ticks(low, high if high > low else low + 1, whole=chart.kind is Kind.COUNT)
    foot, room = scale[0], scale[-1] - scale[0]

    def level(value: Decimal) -> int:
        return int(((value - foot) / room * _WHOLE).quantize(Decimal(1), ROUND_HALF_UP))

    reached = [[Decimal(0), Decimal(0)] for _place in chart.axis]
    strips = []
    for each in chart.series:
        levels: list[tuple[int, int] | None] = []
        for place, value in enumerate(each.values):
            if value is None:
                levels.append(None)
                continue
            # Of a stack each part stands on the ones before it, above nought or below.
            side = int(value < 0)
            start = reached[place][side] if chart.shape is ChartKind.STACKED else Decimal(0)
            reached[place][side] = start + value
            levels.append(_span(level(start), level(start + value), chart.shape))
        strips.append(Strip(each.title, tuple(levels)))
    return Diagram(
        title=chart.title,
        shape=chart.shape.value,
        unit=chart.currency,
        places=len(chart.axis),
        words=tuple(told(chart.axis, _WORDS_LANDSCAPE if is_landscape else _WORDS_UPRIGHT)),
        scale=tuple((level(each), tick_words(each, chart.kind)) for each in scale),
        nought=level(Decimal(0)),
        series=tuple(strips),
    )


def _span(start: int, end: int, shape: ChartKind) -> tuple[int, int]:
    if shape is ChartKind.LINE:
        return end, end
    return min(start, end), max(start, end)


def _heat(chart: Chart, known: Sequence[Decimal | int]) -> Diagram:
    """Shade from the least value to the most; a percentage from the tenth below it to all."""
    low, high = min(known), max(known)
    if chart.kind is Kind.PERCENT:
        low, high = Decimal(low * 10).to_integral_value(ROUND_FLOOR) / 10, max(high, 1)
    room = Decimal(high - low) or Decimal(1)
    money = MoneyText(shown_currency(chart.currency))

    def level(value: Decimal | int | None) -> tuple[int, int] | None:
        return None if value is None else (0, int((value - low) / room * _WHOLE))

    def word(value: Value) -> str:
        is_written = value is not None and len(chart.axis) <= _WRITTEN_SHADES
        return said(value, chart.kind, money) if is_written else ""

    return Diagram(
        title=chart.title,
        shape=chart.shape.value,
        unit=chart.currency,
        places=len(chart.axis),
        words=tuple(told(chart.axis, _WRITTEN_SHADES)),
        scale=(),
        nought=0,
        series=tuple(
            Strip(each.title, tuple(map(level, each.values)), tuple(map(word, each.values)))
            for each in chart.series
        ),
    )
