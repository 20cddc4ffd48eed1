"""A chart on the screen: gone through with the arrow keys, with the numbers beside when wanted."""

from __future__ import annotations

from typing import Any, Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QBrush,
    QColor,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.charts import ChartPresenter
from vsla_desktop.reports.report import ChartKind
from vsla_desktop.reports.scale import told
from vsla_desktop.views.charts_drawing import Blocks, Style, draw, mark, style
from vsla_desktop.views.pages.reports_table import ReportTable
from vsla_desktop.views.widgets.basics import SecondaryButton, current_theme, label
from vsla_desktop.views.widgets.flow import flowing

_LOOSE: Final = 18  # pixels between two words along the foot
_HEAD_ROOM: Final = 0.06
_LEAST_WIDTH, _LEAST_HEIGHT = 260, 120  # whatever the size of text, which needs the room itself
_CELL_HEIGHT: Final = 20
_MOST_CELLS: Final = 12  # rows of a heat map that need no scrolling


class ChartView(QWidget):
    """Title, legend, drawing, and below it the point that the person is at, in words.

    Left and right go along the axis, up and down to another series; F8 shows the numbers.
    """

    def __init__(self, presenter: ChartPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(6))
        box.addWidget(label(presenter.title(), "strong", wrap=True))
        if presenter.chart.shape is not ChartKind.HEAT and len(presenter.chart.series) > 1:
            box.addWidget(_legend(presenter))
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        self.drawing = Drawing(presenter)
        row.addWidget(scrolled(self.drawing) if self.drawing.is_tall else self.drawing, 3)
        self.numbers = ReportTable(presenter.numbers())
        row.addWidget(self.numbers, 2)
        self.numbers.hide()
        box.addLayout(row, 1)
        foot = QHBoxLayout()
        self.sentence = label(presenter.sentence(), "strong", wrap=True)
        foot.addWidget(self.sentence, 1)
        self.toggle = SecondaryButton(_("Numbers"), key="F8")
        self.toggle.setCheckable(True)
        self.toggle.toggled.connect(self._show_numbers)
        foot.addWidget(self.toggle)
        box.addLayout(foot)
        self.setFocusProxy(self.drawing)
        self.setAccessibleName(presenter.title())
        presenter.moved.listen(self._say)

    def _show_numbers(self, are_shown: bool) -> None:  # noqa: FBT001 - a slot
        self.numbers.setVisible(are_shown)
        self.toggle.say(_("Hide the numbers") if are_shown else _("Numbers"))

    def _say(self) -> None:
        words = self.presenter.sentence()
        self.sentence.setText(words)
        self.drawing.setAccessibleDescription(words)
        self.drawing.show_point()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.drawing, words))


class Drawing(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """The drawing itself; it has the keyboard."""

    _across = ""  # pyqtgraph lays out while it is being made

    def __init__(self, presenter: ChartPresenter) -> None:
        theme = current_theme()
        pg.setConfigOptions(exitCleanup=False)  # Qt itself cleans up, and in the right order
        super().__init__(background=theme.colours.raised, enableMenu=False)
        self.presenter = presenter
        plot = self.getPlotItem()
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(presenter.title())
        self.setAccessibleDescription(presenter.sentence())
        self.setMinimumSize(_LEAST_WIDTH, _LEAST_HEIGHT)
        # A heat map of many is as tall as its rows take to be read, and scrolled.
        rows = len(presenter.chart.series)
        self.is_tall = presenter.chart.shape is ChartKind.HEAT and rows > _MOST_CELLS
        if self.is_tall:
            self.setMinimumHeight(theme.px(rows * _CELL_HEIGHT + 2 * _CELL_HEIGHT))
        draw(plot, presenter)
        self._mark = Blocks([])
        self._ring: Any = pg.ScatterPlotItem(
            size=18, pen=pg.mkPen(theme.colours.text, width=3), brush=None
        )
        plot.addItem(self._mark)
        plot.addItem(self._ring)
        self._lay_axes()
        self.scene().sigMouseClicked.connect(self._clicked)

    def show_point(self) -> None:
        """Mark the point that the person is at."""
        self._mark.show_blocks(mark(self.presenter))
        point, chart = self.presenter.point, self.presenter.chart
        self._ring.clear()
        if self.is_tall and point is not None:
            self._bring_into_sight(len(chart.series) - 1 - point.series)
        if point is not None and chart.shape is ChartKind.LINE:
            value = chart.series[point.series].values[point.place]
            if value is not None:
                self._ring.addPoints([point.place], [float(value)])

    def _bring_into_sight(self, row: int) -> None:
        area = self.parentWidget().parentWidget()
        if isinstance(area, QScrollArea):
            where = self.getPlotItem().vb.mapViewToScene(QPointF(0, row))
            area.ensureVisible(0, round(where.y()), 0, 2 * _CELL_HEIGHT)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page is scrolled, never the drawing

    def _lay_axes(self) -> None:
        theme, chart = current_theme(), self.presenter.chart
        plot = self.getPlotItem()
        # Over a map that is scrolled, what heads its columns stands above them.
        self._across = "top" if self.is_tall else "bottom"
        plot.showAxis("bottom", show=not self.is_tall)
        plot.showAxis("top", show=self.is_tall)
        for side in ("left", self._across):
            axis = plot.getAxis(side)
            axis.setTickFont(theme.digits_font(10))
            axis.setTextPen(theme.colours.text)
            axis.setPen(theme.colours.edge)
            axis.setStyle(tickLength=0, autoExpandTextSpace=True, hideOverlappingLabels=False)
        # Letters of some scripts reach far below the line.
        words = QFontMetrics(theme.digits_font(10)).lineSpacing()
        plot.getAxis(self._across).setHeight(words + theme.px(10))
        # The last words reach beyond the last place.
        plot.layout.setContentsMargins(theme.px(4), theme.px(4), theme.px(28), theme.px(4))
        plot.setXRange(-0.5, len(chart.axis) - 0.5, padding=0)
        left = plot.getAxis("left")
        if chart.shape is ChartKind.HEAT:
            plot.setYRange(-0.5, len(chart.series) - 0.5, padding=0)
            return
        scale = self.presenter.scale()
        low, high = float(scale[0][0]), float(scale[-1][0])
        plot.setYRange(low, high, padding=_HEAD_ROOM)
        left.setTicks([[(float(value), words) for value, words in scale]])
        plot.showGrid(y=True, alpha=0.25)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._across:
            self._lay_words()

    def _lay_words(self) -> None:
        """Tell as many places along the foot as there is room for."""
        chart, theme = self.presenter.chart, current_theme()
        plot = self.getPlotItem()
        metrics = QFontMetrics(theme.digits_font(10))
        widest = max(metrics.horizontalAdvance(word) for word in chart.axis) + _LOOSE
        room = int(plot.vb.width() or self.width()) // widest
        plot.getAxis(self._across).setTicks(
            [[(float(at), word) for at, word in told(chart.axis, room)]]
        )
        if chart.shape is ChartKind.HEAT:
            names = [each.title for each in chart.series]
            room = int(plot.vb.height() or self.height()) // (metrics.height() + 2)
            last = len(names) - 1
            words = [(float(last - at), name) for at, name in told(names, room)]
            plot.getAxis("left").setTicks([words])

    def _clicked(self, event: Any) -> None:
        where: QPointF = self.getPlotItem().vb.mapSceneToView(event.scenePos())
        chart, here = self.presenter.chart, self.presenter.point
        series = here.series if here is not None else 0
        if chart.shape is ChartKind.HEAT:
            series = len(chart.series) - 1 - round(where.y())
        self.presenter.go_to(round(where.x()), series)
        self.setFocus()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        presenter = self.presenter
        match event.key():
            case Qt.Key.Key_Right:
                presenter.go(places=1)
            case Qt.Key.Key_Left:
                presenter.go(places=-1)
            case Qt.Key.Key_Down:
                presenter.go(series=1)
            case Qt.Key.Key_Up:
                presenter.go(series=-1)
            case Qt.Key.Key_Home:
                presenter.go_to(0, presenter.point.series if presenter.point else 0)
            case Qt.Key.Key_End:
                last = len(presenter.chart.axis) - 1
                presenter.go_to(last, presenter.point.series if presenter.point else 0)
            case _:
                super().keyPressEvent(event)


def scrolled(drawing: Drawing) -> QScrollArea:
    """Return a drawing that is taller than the page."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setAccessibleName(drawing.accessibleName())
    area.setWidget(drawing)
    return area


def _legend(presenter: ChartPresenter) -> QWidget:
    """Return what tells the series apart, each with its name."""
    theme = current_theme()
    legend, flow = flowing(spacing=theme.px(12))
    for number, series in enumerate(presenter.chart.series):
        entry = QWidget()
        row = QHBoxLayout(entry)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        row.addWidget(_Swatch(style(number, theme.colours), presenter.chart.shape))
        row.addWidget(label(series.title))
        flow.addWidget(entry)
    return legend


class _Swatch(QWidget):
    """A piece of a line with its marker, or of a bar with its hatching."""

    def __init__(self, look: Style, shape: ChartKind) -> None:
        super().__init__()
        self._look = look
        self._is_line = shape is ChartKind.LINE
        theme = current_theme()
        self.setFixedSize(QSize(theme.px(34), theme.px(16)))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(self._look.colour)
        room = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self._is_line:
            painter.setPen(QPen(colour, 2, self._look.stroke))
            middle = room.center()
            painter.drawLine(QPointF(room.left(), middle.y()), QPointF(room.right(), middle.y()))
            painter.translate(middle)
            painter.scale(9, 9)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPath(pg.graphicsItems.ScatterPlotItem.Symbols[self._look.marker])
        else:
            painter.setPen(QPen(colour, 1))
            painter.setBrush(QBrush(colour, self._look.hatch))
            painter.drawRect(room)
        painter.end()
