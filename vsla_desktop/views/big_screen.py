"""The wall: the meeting in letters that the whole group can read from where it sits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.big_screen import BigScreenPresenter, Figure
from vsla_desktop.views.widgets.basics import current_theme

GROUND, INK, BRIGHT, QUIET = "#000000", "#FFFFFF", "#F0E442", "#D0D0D0"
"""White and yellow on black: at least 12 to 1 in any light."""

STRIP_PART: Final = 4  # tenths of the sheet's height that the strip takes
_ROWS: Final = 3  # so many lines have room; more become smaller
_STRIP_ROWS: Final = 5  # the strip has its figures one below another
_GAP: Final = 24
_BETWEEN_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class _Parts:
    """Which part of the height the letters are, and which share of the width the member has."""

    name: int
    does: int
    figure: int
    text: int
    served: float
    between: int


# The name is a ninth of the height: 85 pixels on a small laptop.
_WHOLE: Final = _Parts(name=9, does=14, figure=20, text=28, served=1.0, between=96)
_STRIP: Final = _Parts(name=5, does=9, figure=13, text=17, served=0.55, between=40)


@dataclass(slots=True)
class _Letters:
    """A label whose letters are a ``part`` of the height, within a ``share`` of the width."""

    label: QLabel
    part: int
    share: float
    is_bold: bool = False


@dataclass(slots=True)
class _Figures:
    """Lines of a title and a figure, which together keep within a ``share`` of the width."""

    part: int
    ink: str
    share: float
    grid: QGridLayout = field(default_factory=QGridLayout)
    rows: list[tuple[_Letters, _Letters]] = field(default_factory=list)


class Wall(QWidget):
    """What is to be seen; :class:`BigScreen` and :class:`WallStrip` lay it out.

    ``left`` is emitted when a person puts it away.
    """

    left = Signal()

    def __init__(self, presenter: BigScreenPresenter, parts: _Parts, flags: Qt.WindowType) -> None:
        super().__init__(None, flags)
        self.presenter = presenter
        self._parts = parts
        self.setAccessibleName(_("Big screen"))
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Window, QColor(GROUND))
        self.setPalette(palette)
        self.setAutoFillBackground(True)
        self.setStyleSheet(f"QLabel {{ color: {INK}; background: transparent; }}")
        self._letters: list[_Letters] = []
        self.where = self._label(parts.text, QUIET, 1 / 2)
        self.step = self._label(parts.text, BRIGHT, 1 / 2)
        self.step.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.name = self._label(parts.name, INK, parts.served, is_bold=True)
        self.does = _Figures(parts.does, BRIGHT, parts.served)
        beside = 1 - parts.served or 1 / 2
        self.totals = _Figures(parts.figure, INK, beside)
        self.purses = _Figures(parts.figure, INK, beside)
        self._lay_out()
        presenter.changed.listen(self._show)
        self._show()

    def _label(self, part: int, colour: str, share: float, *, is_bold: bool = False) -> QLabel:
        made = _line(colour)
        self._letters.append(_Letters(made, part, share, is_bold))
        return made

    def _lay_out(self) -> None:
        raise NotImplementedError

    def _height(self) -> int:
        """The height of which letters are a part."""
        raise NotImplementedError

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.addWidget(self.where, 1)
        head.addWidget(self.step)
        return head

    def _blocks(self) -> tuple[tuple[str, _Figures], ...]:
        return (_("This meeting"), self.totals), (_("In the box"), self.purses)

    def _titled(self, title: str, figures: _Figures) -> QVBoxLayout:
        part = QVBoxLayout()
        part.setSpacing(_BETWEEN_LINES)
        heading = self._label(self._parts.text, QUIET, figures.share)
        heading.setText(title)
        part.addWidget(heading)
        part.addLayout(figures.grid)
        return part

    # ------------------------------------------------------------------ following

    def _show(self) -> None:
        wall = self.presenter.wall()
        self.where.setText(f"{wall.group} · {wall.meeting}")
        self.step.setText(wall.step)
        self.name.setText(f"{wall.number}  {wall.name}" if wall.name else _("Welcome"))
        self._fill(self.does, wall.does, max(len(wall.does) / _ROWS, 1))
        crowd = self._crowd(len(wall.totals), len(wall.purses))
        self._fill(self.totals, wall.totals, crowd)
        self._fill(self.purses, wall.purses, crowd)
        self._size()

    def _crowd(self, totals: int, purses: int) -> float:
        """How many times smaller the figures are, so that so many lines have room."""
        raise NotImplementedError

    def _fill(self, figures: _Figures, shown: tuple[Figure, ...], crowd: float) -> None:
        for pair in figures.rows:
            for letters in pair:
                figures.grid.removeWidget(letters.label)
                letters.label.hide()
                letters.label.deleteLater()
        parts = (round(self._parts.figure * crowd), round(figures.part * crowd))
        figures.rows = [
            (
                _Letters(_line(QUIET), parts[0], figures.share),
                _Letters(_line(figures.ink), parts[1], figures.share, is_bold=True),
            )
            for _figure in shown
        ]
        for row, (figure, (title, amount)) in enumerate(zip(shown, figures.rows, strict=True)):
            title.label.setText(figure.title)
            amount.label.setText(figure.figure)
            amount.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            figures.grid.addWidget(title.label, row, 0)
            figures.grid.addWidget(amount.label, row, 1)
        figures.grid.setHorizontalSpacing(_GAP)
        figures.grid.setVerticalSpacing(_BETWEEN_LINES)
        figures.grid.setColumnStretch(0, 1)

    def _size(self) -> None:
        """Give all letters their size: what is long grows smaller and is never cut."""
        height, layout = self._height(), self.layout()
        margins = layout.contentsMargins() if layout is not None else self.contentsMargins()
        width = self.width() - margins.left() - margins.right() - self._parts.between
        for letters in self._letters:
            _dress(((letters,),), height, int(width * letters.share))
        for figures in (self.does, self.totals, self.purses):
            _dress(figures.rows, height, int(width * figures.share) - _GAP)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._size()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.left.emit()


class BigScreen(Wall):
    """A window of its own on the projector, beside the laptop's screen.

    It follows the sheet and takes nothing but Esc, F11 and Ctrl+B, which leave it.
    """

    def __init__(self, presenter: BigScreenPresenter) -> None:
        super().__init__(presenter, _WHOLE, Qt.WindowType.Window)
        self.setWindowTitle(_("Big screen"))

    @override
    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(48, 28, 48, 28)
        box.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # letters follow the window
        box.addLayout(self._head())
        box.addStretch(1)
        box.addWidget(self.name)
        box.addLayout(self.does.grid)
        box.addStretch(2)
        foot = QHBoxLayout()
        foot.setSpacing(self._parts.between)
        for title, figures in self._blocks():
            half = self._titled(title, figures)
            half.addStretch(1)
            foot.addLayout(half, 1)
        box.addLayout(foot)

    @override
    def _crowd(self, totals: int, purses: int) -> float:
        return max(totals / _ROWS, purses / _ROWS, 1)

    @override
    def _height(self) -> int:
        return min(self.height(), self.width() * 9 // 16)  # an upright screen is no wider

    def open(self) -> None:
        """Show it on the last of the screens, and leave the keyboard where it is."""
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setGeometry(QGuiApplication.screens()[-1].geometry())
        self.showFullScreen()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_b = event.key() == Qt.Key.Key_B and event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier
        )
        if event.key() in {Qt.Key.Key_Escape, Qt.Key.Key_F11} or is_b:
            self.close()
        else:
            super().keyPressEvent(event)


class WallStrip(Wall):
    """The same above the sheet, on a laptop with one screen: the sheet below stays in use."""

    def __init__(self, presenter: BigScreenPresenter) -> None:
        super().__init__(presenter, _STRIP, Qt.WindowType.Widget)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @override
    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 8, 20, 10)
        box.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        box.addLayout(self._head())
        row = QHBoxLayout()
        row.setSpacing(self._parts.between)
        served = QVBoxLayout()
        served.setSpacing(_BETWEEN_LINES)
        served.addWidget(self.name)
        served.addLayout(self.does.grid)
        served.addStretch(1)
        row.addLayout(served, 11)
        stands = QVBoxLayout()
        stands.setSpacing(_BETWEEN_LINES)
        for title, figures in self._blocks():
            stands.addLayout(self._titled(title, figures))
        stands.addStretch(1)
        row.addLayout(stands, 9)
        box.addLayout(row, 1)

    @override
    def _crowd(self, totals: int, purses: int) -> float:
        return max((totals + purses) / _STRIP_ROWS, 1)

    @override
    def _height(self) -> int:
        return self.height()

    def fit(self, height: int) -> None:
        """Take its part of the height that there is for the sheet."""
        self.setFixedHeight(height * STRIP_PART // 10)


def _line(colour: str) -> QLabel:
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setStyleSheet(f"color: {colour};")
    return made


def _dress(lines: Sequence[tuple[_Letters, ...]], height: int, room: int) -> None:
    """Give the letters of lines that stand in columns one size, within the room that there is."""
    font = current_theme().digits_font
    sizes = [[max(height // each.part, 1) for each in line] for line in lines]
    fonts = [[font(bold=each.is_bold) for each in line] for line in lines]
    wide = 0
    for column in range(len(lines[0]) if lines else 0):
        widths = []
        for line, size, made in zip(lines, sizes, fonts, strict=True):
            made[column].setPixelSize(size[column])
            text = line[column].label.text()
            widths.append(QFontMetrics(made[column]).horizontalAdvance(text))
        wide += max(widths)
    for line, size, made in zip(lines, sizes, fonts, strict=True):
        for each, pixels, dressed in zip(line, size, made, strict=True):
            if wide > room > 0:
                dressed.setPixelSize(max(pixels * room // wide, 1))
            each.label.setFont(dressed)
