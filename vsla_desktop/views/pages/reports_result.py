"""What a report found: figures with how they were worked out, tables, charts and notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from importlib import import_module
from typing import Final

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from vsla_desktop.i18n import _
from vsla_desktop.presenters.charts import ChartPresenter
from vsla_desktop.presenters.reports_table import ReportTablePresenter
from vsla_desktop.reports.held import HeldReport
from vsla_desktop.reports.report import Chart, Figure, Kind, Report
from vsla_desktop.reports.saying import said, shown_currency
from vsla_desktop.views.icons import icon
from vsla_desktop.views.pages.page import ROOMY_PERCENT
from vsla_desktop.views.pages.reports_table import ReportTable
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import EmptyState, current_theme, label
from vsla_desktop.wording import MoneyText

_FEW: Final = 3  # figures that stand above the rest; more have a part of their own
_MOST_KEYED: Final = 9


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a report, made when it is first looked at."""

    title: str
    make: Callable[[], QWidget]
    icon: str = ""


class ResultView(QWidget):
    """The parts of a report, one in sight at a time; Alt+1 to Alt+9 turn to them."""

    def __init__(self, held: HeldReport) -> None:
        super().__init__()
        theme = current_theme()
        report = held.report
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(8))
        self.parts = self._parts(held)
        # With large text figures above would leave no room for the rest.
        is_roomy = theme.percent <= ROOMY_PERCENT
        if is_roomy and 0 < len(report.figures) <= _FEW and len(self.parts) > 1:
            box.addWidget(figures_grid(report.figures))
            self.parts = self.parts[1:]
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(_("Parts of this report"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        for place, part in enumerate(self.parts):
            self.tabs.addTab(part.title)
            if part.icon:
                self.tabs.setTabIcon(place, icon(part.icon, theme.colours.muted, theme.px(18)))
            if place < _MOST_KEYED:
                self.tabs.setTabToolTip(place, f"{part.title} (Alt+{place + 1})")
                QShortcut(
                    QKeySequence(f"Alt+{place + 1}"),
                    self,
                    lambda at=place: self.tabs.setCurrentIndex(at),
                )
        self.tabs.setVisible(len(self.parts) > 1)
        box.addWidget(self.tabs)
        self.stack = QStackedWidget()
        box.addWidget(self.stack, 1)
        self._made: dict[int, QWidget] = {}
        for note in report.notes:
            box.addWidget(label(note, "note", wrap=True))
        self.tabs.currentChanged.connect(self.turn_to)
        if self.parts:
            self.turn_to(0)
        else:
            self.stack.addWidget(
                EmptyState(_("Nothing found"), _("Leave out a part of the filter."))
            )

    def turn_to(self, place: int) -> None:
        """Show a part, making it when it is first looked at."""
        if not 0 <= place < len(self.parts):
            return
        if place not in self._made:
            self._made[place] = self.parts[place].make()
            self.stack.addWidget(self._made[place])
        self.stack.setCurrentWidget(self._made[place])
        self.setFocusProxy(self._made[place])

    def part(self) -> QWidget | None:
        """The part that is in sight."""
        return self.stack.currentWidget()

    @staticmethod
    def _parts(held: HeldReport) -> list[Part]:
        report = held.report
        parts = []
        if report.figures:
            parts.append(Part(_("Figures"), lambda: scrolled(figures_grid(report.figures))))
        # What is seen at a glance comes before what is read.
        parts += [Part(each.title, partial(chart_part, each), "reports") for each in report.charts]
        for each in held.tables:
            table = ReportTablePresenter(each)
            parts.append(Part(table.title, partial(table_part, table)))
        return parts


def table_part(presenter: ReportTablePresenter) -> QWidget:
    """Return a table with how many rows it has, and its note."""
    if not presenter.row_count():
        return EmptyState(
            _("Nothing found"), presenter.note or _("Leave out a part of the filter.")
        )
    part = QWidget()
    box = QVBoxLayout(part)
    box.setContentsMargins(0, 0, 0, 0)
    table = ReportTable(presenter)
    box.addWidget(table, 1)
    words = " · ".join(each for each in (presenter.summary(), presenter.note) if each)
    box.addWidget(label(words, "note", wrap=True))
    part.setFocusProxy(table)
    return part


def _nothing(note: str = "") -> EmptyState:
    return EmptyState(_("Nothing found"), note or _("Leave out a part of the filter."))


def read_drawing(report: Report) -> None:
    """Read, beside the other work, what the charts of a report are drawn with: it is large."""
    if report.charts:
        import_module("vsla_desktop.views.charts")


def chart_part(chart: Chart) -> QWidget:
    """Return a chart."""
    presenter = ChartPresenter(chart)
    if presenter.is_empty:
        return EmptyState(_("Nothing to draw yet."), _("Leave out a part of the filter."))
    from vsla_desktop.views.charts import ChartView

    return ChartView(presenter)


def figures_grid(figures: tuple[Figure, ...]) -> QWidget:
    """Return figures side by side, each with its formula and the counts it came from."""
    theme = current_theme()
    grid_of = QWidget()
    set_role(grid_of, "clear")
    grid = QGridLayout(grid_of)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(theme.px(10))
    columns = 2 if theme.percent > ROOMY_PERCENT else 3
    for place, figure in enumerate(figures):
        grid.addWidget(FigureCard(figure), place // columns, place % columns)
    for column in range(columns):
        grid.setColumnStretch(column, 1)
    return grid_of


class FigureCard(QFrame):
    """A figure: large, and beneath it in small words where it comes from."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        set_role(self, "card")
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.px(14), theme.px(10), theme.px(14), theme.px(10))
        box.setSpacing(theme.px(2))
        box.addWidget(label(figure.title, "note", wrap=True))
        value = said(figure.value, figure.kind, MoneyText(shown_currency(figure.currency)))
        has_code = figure.kind is Kind.MONEY and figure.currency and figure.value is not None
        words = f"{value} {figure.currency}" if has_code else value
        self.value = label(words, "figure-small", wrap=not isinstance(figure.value, int | Decimal))
        self.value.setFont(theme.digits_font(16, bold=True))
        box.addWidget(self.value)
        for text in (figure.formula, figure.counts):
            if text:
                small = label(text, "note", wrap=True)
                font = small.font()
                font.setPointSizeF(theme.points(11))
                small.setFont(font)
                box.addWidget(small)
        box.addStretch(1)
        told = (figure.title, words, figure.formula, figure.counts)
        self.setAccessibleName(", ".join(each for each in told if each))


def scrolled(inside: QWidget) -> QScrollArea:
    """Return something that may be taller than the page."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    outer = QWidget()
    set_role(outer, "page")
    box = QVBoxLayout(outer)
    box.setContentsMargins(0, 0, current_theme().px(8), 0)
    box.addWidget(inside)
    box.addStretch(1)
    area.setWidget(outer)
    area.setAccessibleName(_("Figures"))
    return area
