"""The wall: the meeting in letters that the whole group can read from where it sits."""

from __future__ import annotations

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
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLayout, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.big_screen import BigScreenPresenter, Figure
from vsla_desktop.views.widgets.basics import current_theme

GROUND, INK, BRIGHT, QUIET = "#000000", "#FFFFFF", "#F0E442", "#D0D0D0"
"""White and yellow on black: at least 12 to 1 in any light."""

NAME_PART: Final = 9  # the name is a ninth of the height: 85 pixels on a small laptop
DOES_PART: Final = 14
FIGURE_PART: Final = 20
TEXT_PART: Final = 28
_ROWS: Final = 3  # so many lines have room; more become smaller
_SIDES: Final = 96


class BigScreen(QWidget):
    """A window of its own: on the projector if there is one, else over the whole screen.

    It follows the sheet and takes nothing but Esc, F11 and Ctrl+B, which leave it.
    """

    left = Signal()

    def __init__(self, presenter: BigScreenPresenter) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.presenter = presenter
        self.setWindowTitle(_("Big screen"))
        self.setAccessibleName(_("Big screen"))
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Window, QColor(GROUND))
        self.setPalette(palette)
        self.setAutoFillBackground(True)
        self.setStyleSheet(f"QLabel {{ color: {INK}; background: transparent; }}")
        self._sized: list[tuple[QLabel, int, bool]] = []
        self.where = self._label(TEXT_PART, QUIET)
        self.step = self._label(TEXT_PART, BRIGHT)
        self.step.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.name = self._label(NAME_PART, INK, bold=True)
        self.does = QGridLayout()
        self.totals = QGridLayout()
        self.purses = QGridLayout()
        self._lay_out()
        presenter.changed.listen(self._show)
        self._show()

    def _label(self, part: int, colour: str, *, bold: bool = False) -> QLabel:
        made = QLabel()
        made.setTextFormat(Qt.TextFormat.PlainText)
        made.setStyleSheet(f"color: {colour};")
        self._sized.append((made, part, bold))
        return made

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(_SIDES // 2, 28, _SIDES // 2, 28)
        box.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # letters follow the window
        head = QHBoxLayout()
        head.addWidget(self.where, 1)
        head.addWidget(self.step)
        box.addLayout(head)
        box.addStretch(1)
        box.addWidget(self.name)
        box.addLayout(self.does)
        box.addStretch(2)
        foot = QHBoxLayout()
        foot.setSpacing(_SIDES)
        for title, grid in ((_("This meeting"), self.totals), (_("In the box"), self.purses)):
            half = QVBoxLayout()
            half.setSpacing(4)
            grid.setHorizontalSpacing(24)
            heading = self._label(TEXT_PART, QUIET)
            heading.setText(title)
            half.addWidget(heading)
            half.addLayout(grid)
            half.addStretch(1)
            foot.addLayout(half, 1)
        box.addLayout(foot)

    def open(self) -> None:
        """Show it on the second screen beside the sheet, or over everything on the only one."""
        screens = QGuiApplication.screens()
        if len(screens) > 1:
            self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
            self.setGeometry(screens[-1].geometry())
        self.showFullScreen()

    # ------------------------------------------------------------------ following

    def _show(self) -> None:
        wall = self.presenter.wall()
        self.where.setText(f"{wall.group} · {wall.meeting}")
        self.step.setText(wall.step)
        self.name.setText(f"{wall.number}  {wall.name}" if wall.name else _("Welcome"))
        self._fill(self.does, wall.does, DOES_PART, BRIGHT)
        self._fill(self.totals, wall.totals, FIGURE_PART, INK)
        self._fill(self.purses, wall.purses, FIGURE_PART, INK)
        self._size()

    def _fill(self, grid: QGridLayout, figures: tuple[Figure, ...], part: int, ink: str) -> None:
        while grid.count():
            item = grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                self._sized = [each for each in self._sized if each[0] is not widget]
                widget.hide()
                widget.deleteLater()
        crowd = max(len(figures), _ROWS)
        for row, figure in enumerate(figures):
            title = self._label(FIGURE_PART * crowd // _ROWS, QUIET)
            amount = self._label(part * crowd // _ROWS, ink, bold=True)
            title.setText(figure.title)
            amount.setText(figure.figure)
            amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(title, row, 0)
            grid.addWidget(amount, row, 1)
        grid.setColumnStretch(0, 1)

    def _size(self) -> None:
        theme = current_theme()
        height = min(self.height(), self.width() * 9 // 16)  # an upright screen is no wider
        for made, part, bold in self._sized:
            font = theme.digits_font(bold=bold)
            font.setPixelSize(max(height // part, 1))
            room = self.width() - _SIDES
            wide = QFontMetrics(font).horizontalAdvance(made.text())
            if wide > room:  # a long name grows smaller and is never cut
                font.setPixelSize(max(font.pixelSize() * room // wide, 1))
            made.setFont(font)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._size()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_b = event.key() == Qt.Key.Key_B and event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier
        )
        if event.key() in {Qt.Key.Key_Escape, Qt.Key.Key_F11} or is_b:
            self.close()
        else:
            super().keyPressEvent(event)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.left.emit()
