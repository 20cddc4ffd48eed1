"""How a chart is drawn: lines with markers, hatched bars, cells of a heat map.

Read only when a chart is first shown, for pyqtgraph and numpy are large. What is drawn here are
positions on the screen; every value that is said comes exactly from the presenter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget
from typing_extensions import override

from vsla_desktop.reports.report import ChartKind
from vsla_desktop.views.colours import Colours, contrast
from vsla_desktop.views.widgets.basics import current_theme

if TYPE_CHECKING:
    from vsla_desktop.presenters.charts import ChartPresenter

# Okabe and Ito's palette, darkened on paper and lightened at night until it stands out from it.
_ON_LIGHT: Final = ("#0072B2", "#C14F00", "#007A59", "#A8487C", "#8A6500", "#2B7FB0", "#55504A")
_ON_DARK: Final = ("#56B4E9", "#F09A4B", "#3CC79C", "#E6A5CA", "#F0E442", "#9AD3F2", "#CFC7BC")
_STROKES: Final = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DashDotDotLine,
)
_MARKERS: Final = ("o", "s", "t1", "d", "t", "star", "h")
_HATCHES: Final = (
    Qt.BrushStyle.SolidPattern,
    Qt.BrushStyle.BDiagPattern,
    Qt.BrushStyle.Dense5Pattern,
    Qt.BrushStyle.CrossPattern,
    Qt.BrushStyle.FDiagPattern,
    Qt.BrushStyle.HorPattern,
    Qt.BrushStyle.VerPattern,
)
_GROUP_WIDTH: Final = 0.78
_CELL_ROOM: Final = 4


@dataclass(frozen=True, slots=True)
class Style:
    """How one series is told from the others, in any colour vision and in grey print."""

    colour: str
    stroke: Qt.PenStyle
    marker: str
    hatch: Qt.BrushStyle


def style(series: int, colours: Colours) -> Style:
    """Return how a series is drawn."""
    palette = _ON_DARK if colours.is_dark else _ON_LIGHT
    return Style(
        palette[series % len(palette)],
        _STROKES[series % len(_STROKES)],
        _MARKERS[series % len(_MARKERS)],
        _HATCHES[series % len(_HATCHES)],
    )


@dataclass(frozen=True, slots=True)
class Block:
    """A bar or a cell, where it lies in the chart, and how it is filled."""

    place: QRectF
    colour: str
    hatch: Qt.BrushStyle = Qt.BrushStyle.SolidPattern
    text: str = ""
    edge: str = ""
    is_outline: bool = False


class Blocks(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Bars and cells, painted in pixels so that hatching and words keep their size."""

    def __init__(self, blocks: list[Block]) -> None:
        super().__init__()
        self.blocks = blocks

    def show_blocks(self, blocks: list[Block]) -> None:
        """Paint these instead."""
        self.prepareGeometryChange()
        self.blocks = blocks
        self.informViewBoundsChanged()
        self.update()

    @override
    def boundingRect(self) -> QRectF:
        room = QRectF()
        for block in self.blocks:
            room = room.united(block.place)
        return room

    @override
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        colours = current_theme().colours
        to_pixels = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setFont(current_theme().digits_font(10))
        metrics = QFontMetrics(painter.font())
        for block in self.blocks:
            room = to_pixels.mapRect(block.place)
            if block.is_outline:
                painter.setPen(QPen(QColor(colours.text), 3))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(room)
                continue
            if block.hatch is not Qt.BrushStyle.SolidPattern:
                painter.fillRect(room, QColor(colours.raised))
            painter.setPen(QPen(QColor(block.edge or block.colour), 1))
            painter.setBrush(QBrush(QColor(block.colour), block.hatch))
            painter.drawRect(room)
            fits = metrics.horizontalAdvance(block.text) + _CELL_ROOM <= room.width()
            if block.text and fits and metrics.height() <= room.height():
                painter.setPen(QColor(_readable_on(block.colour, colours)))
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, block.text)
        painter.restore()


def _readable_on(ground: str, colours: Colours) -> str:
    return max((colours.text, colours.raised), key=lambda each: contrast(each, ground))


def draw(plot: Any, presenter: ChartPresenter) -> None:
    """Draw the series of a chart into an empty plot."""
    shape = presenter.chart.shape
    if shape is ChartKind.LINE:
        _draw_lines(plot, presenter)
    elif shape is ChartKind.HEAT:
        plot.addItem(Blocks(_cells(presenter)))
    else:
        plot.addItem(Blocks(_bars(presenter)))


def _draw_lines(plot: Any, presenter: ChartPresenter) -> None:
    colours = current_theme().colours
    places = list(range(len(presenter.chart.axis)))
    for number, series in enumerate(presenter.chart.series):
        look = style(number, colours)
        # A value that is not there leaves a gap.
        heights = [float("nan") if each is None else float(each) for each in series.values]
        plot.plot(
            places,
            heights,
            pen=pg.mkPen(look.colour, width=2, style=look.stroke),
            symbol=look.marker,
            symbolSize=8,
            symbolBrush=look.colour,
            symbolPen=None,
            connect="finite",
            antialias=True,
        )


def bar_of(presenter: ChartPresenter, series: int, place: int) -> QRectF:
    """Return where the bar or cell of a value lies."""
    chart = presenter.chart
    value = chart.series[series].values[place]
    height = 0.0 if value is None else float(value)
    if chart.shape is ChartKind.HEAT:
        return QRectF(place - 0.5, len(chart.series) - 1 - series - 0.5, 1, 1)
    if chart.shape is ChartKind.STACKED:
        before = [chart.series[each].values[place] or 0 for each in range(series)]
        foot = float(sum(each for each in before if (each < 0) == (height < 0)))
        return QRectF(place - _GROUP_WIDTH / 2, foot, _GROUP_WIDTH, height).normalized()
    width = _GROUP_WIDTH / len(chart.series)
    left = place - _GROUP_WIDTH / 2 + series * width
    return QRectF(left, 0, width * 0.94, height).normalized()


def _bars(presenter: ChartPresenter) -> list[Block]:
    chart, colours = presenter.chart, current_theme().colours
    blocks = []
    for number, series in enumerate(chart.series):
        look = style(number, colours)
        blocks += [
            Block(bar_of(presenter, number, place), look.colour, look.hatch)
            for place, value in enumerate(series.values)
            if value
        ]
    return blocks


def _cells(presenter: ChartPresenter) -> list[Block]:
    chart, colours = presenter.chart, current_theme().colours
    values = [each for series in chart.series for each in series.values if each is not None]
    low, high = min([*values, 0]), max([*values, 0])
    room = float(high - low) or 1.0
    full = style(0, colours).colour
    return [
        Block(bar_of(presenter, number, place), colours.edge, Qt.BrushStyle.BDiagPattern)
        if value is None
        else Block(
            bar_of(presenter, number, place),
            mixed(colours.raised, full, float(value - low) / room),
            text=presenter.short_value(number, place),
            edge=colours.raised,
        )
        for number, series in enumerate(chart.series)
        for place, value in enumerate(series.values)
    ]


def mixed(first: str, second: str, part: float) -> str:
    """Return the colour that lies so far between two."""
    one, other = QColor(first), QColor(second)
    channels = (
        round(a + (b - a) * part)
        for a, b in (
            (one.red(), other.red()),
            (one.green(), other.green()),
            (one.blue(), other.blue()),
        )
    )
    return QColor(*channels).name()


def mark(presenter: ChartPresenter) -> list[Block]:
    """Return the outline of the bar or cell that the person is at."""
    point = presenter.point
    if point is None or presenter.chart.shape is ChartKind.LINE:
        return []
    return [Block(bar_of(presenter, point.series, point.place), "", is_outline=True)]
