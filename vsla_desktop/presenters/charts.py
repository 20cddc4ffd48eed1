"""A chart as a person goes through it: point by point, each told with its exact value."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.reports_table import ReportTablePresenter, numbers_of
from vsla_desktop.reports.report import Chart, ChartKind, Kind
from vsla_desktop.reports.saying import said, shown_currency
from vsla_desktop.reports.scale import ends, tick_words, ticks
from vsla_desktop.wording import MoneyText


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the axis and the series there."""

    place: int = 0
    series: int = 0


class ChartPresenter:
    """Holds a chart and the point that the person is at; ``moved`` says that it is another one."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.moved: Event[[]] = Event()
        self.point: Point | None = None
        self._money = MoneyText(shown_currency(chart.currency))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.chart.axis or not self.chart.series

    # ------------------------------------------------------------------ what a person does

    def go(self, places: int = 0, series: int = 0) -> None:
        """Go along the axis, or to another series; at first to the last place."""
        if self.is_empty:
            return
        here = self.point
        if here is None:
            self.go_to(len(self.chart.axis) - 1, 0)
        else:
            self.go_to(here.place + places, (here.series + series) % len(self.chart.series))

    def go_to(self, place: int, series: int = 0) -> None:
        """Go to a point; beyond an end, to the end."""
        if self.is_empty:
            return
        last = len(self.chart.axis) - 1
        self.point = Point(
            min(max(place, 0), last), min(max(series, 0), len(self.chart.series) - 1)
        )
        self.moved()

    # ------------------------------------------------------------------ what is shown

    def title(self) -> str:
        """The title, with the currency of its amounts."""
        chart = self.chart
        has_code = chart.kind is Kind.MONEY and chart.currency
        return f"{chart.title} · {chart.currency}" if has_code else chart.title

    def sentence(self) -> str:
        """The point we are at, with its exact value; how to begin while we are at none."""
        if self.is_empty:
            return _("Nothing to draw yet.")
        if self.point is None:
            return _("Arrow keys go from point to point.")
        series = self.chart.series[self.point.series]
        where = self.chart.axis[self.point.place]
        value = self.value(self.point.series, self.point.place)
        return labelled(f"{where} · {series.title}", value)

    def value(self, series: int, place: int) -> str:
        """A value as it is written; words where there is none."""
        value = self.chart.series[series].values[place]
        if value is None:
            return _("none")
        words = said(value, self.chart.kind, self._money)
        has_code = self.chart.kind is Kind.MONEY and self.chart.currency
        return f"{words} {self.chart.currency}" if has_code else words

    def short_value(self, series: int, place: int) -> str:
        """A value as it fits into a cell of a heat map."""
        value = self.chart.series[series].values[place]
        return "" if value is None else tick_words(Decimal(value), self.chart.kind)

    def scale(self) -> list[tuple[Decimal, str]]:
        """The values told beside the chart, with their words."""
        if self.chart.shape is ChartKind.HEAT:
            return []
        low, high = ends(self.chart)
        marks = ticks(low, high, whole=self.chart.kind is Kind.COUNT)
        return [(each, tick_words(each, self.chart.kind)) for each in marks]

    def numbers(self) -> ReportTablePresenter:
        """The same values as a table."""
        return numbers_of(self.chart)
