"""How a cell of a sheet is drawn and typed into."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QComboBox,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)
from typing_extensions import override

from vsla_desktop.presenters.grid import Cell, CellKind, CellState
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.icons import pixmap
from vsla_desktop.views.widgets.basics import current_theme
from vsla_desktop.views.widgets.grid_model import NUMBERS, GridModel, Index

_PAD: Final = 8
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Leaving(Enum):
    """The key with which a cell was left while typing."""

    ENTER = auto()
    SHIFT_ENTER = auto()
    TAB = auto()
    BACKTAB = auto()
    UP = auto()
    DOWN = auto()
    COPY_ABOVE = auto()
    FILL_USUAL = auto()


class GridDelegate(QStyledItemDelegate):
    """Draws cells by state, and makes an editor whose keys lead on through the sheet."""

    left = Signal(object, bool)  # how the cell was left, and whether its text was changed

    def __init__(self, model: GridModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._was_changed = False
        self.current: tuple[int, int] = (-1, -1)
        self.is_focused = False

    # ------------------------------------------------------------------ drawing

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, column = index.row(), index.column()
        cell = self._model.cell(row, column)
        theme = current_theme()
        colours = theme.colours
        rect: QRect = option.rect
        is_here = (row, column) == self.current
        painter.save()
        painter.fillRect(rect, QColor(self._ground(row, column, cell)))
        painter.setPen(QPen(QColor(colours.edge), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.drawLine(rect.topRight(), rect.bottomRight())
        inner = rect.adjusted(_PAD, 0, -_PAD, 0)
        name, tone = _sign(cell)
        if name:
            size = theme.px(18)
            picture = pixmap(name, colours.of(tone), size, painter.device().devicePixelRatio())
            painter.drawPixmap(inner.left(), inner.center().y() - size // 2 + 1, picture)
            inner.setLeft(inner.left() + size + 6)
        painter.setFont(theme.digits_font())
        painter.setPen(QColor(colours.of(tone if cell.tone is Tone.PLAIN else cell.tone)))
        align = _RIGHT if self._model.column(column).kind in NUMBERS else _LEFT
        text = painter.fontMetrics().elidedText(
            self._model.shown(row, column), Qt.TextElideMode.ElideRight, inner.width()
        )
        painter.drawText(inner, align, text)
        self._draw_edge(painter, rect, cell, is_here=is_here)
        painter.restore()

    def _ground(self, row: int, column: int, cell: Cell) -> str:
        colours = current_theme().colours
        if cell.state is CellState.IMPOSSIBLE:
            return colours.error_tint
        if cell.state is CellState.UNLIKELY:
            return colours.warning_tint
        if row == self.current[0] and (not self._model.column(column).is_editable):
            return colours.selection
        if not self._model.takes_something(row, column):
            return colours.surface
        return colours.raised

    def _draw_edge(self, painter: QPainter, rect: QRect, cell: Cell, *, is_here: bool) -> None:
        colours = current_theme().colours
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if cell.state in {CellState.IMPOSSIBLE, CellState.UNLIKELY}:
            tone = Tone.ERROR if cell.state is CellState.IMPOSSIBLE else Tone.WARNING
            painter.setPen(QPen(QColor(colours.of(tone)), 2))
            painter.drawRect(rect.adjusted(1, 1, -2, -2))
        if is_here:
            pen = QPen(QColor(colours.focus if self.is_focused else colours.muted), 3)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(rect.adjusted(1, 1, -3, -3))

    # ------------------------------------------------------------------ typing

    @override
    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        column = self._model.column(index.column())
        editor: QWidget
        if column.kind is CellKind.CHOICE:
            editor = QComboBox(parent)
            editor.addItems(list(self._model.presenter.choices(index.row(), index.column())))
        else:
            editor = QLineEdit(parent)
            editor.setFrame(False)
            editor.setAlignment(_RIGHT if column.kind in NUMBERS else _LEFT)
        editor.setFont(current_theme().digits_font())
        editor.setAccessibleName(f"{self._model.presenter.row_title(index.row())}, {column.title}")
        return editor

    @override
    def setEditorData(self, editor: QWidget, index: Index) -> None:
        text = str(index.data(Qt.ItemDataRole.EditRole) or "")
        if isinstance(editor, QComboBox):
            editor.setCurrentText(text)
        elif isinstance(editor, QLineEdit):
            editor.setText(text)

    @override
    def setModelData(self, editor: QWidget, model: object, index: Index) -> None:
        text = editor.currentText() if isinstance(editor, QComboBox) else _typed(editor)
        self._was_changed = text != str(index.data(Qt.ItemDataRole.EditRole) or "")
        if self._was_changed:
            self._model.setData(index, text)

    @override
    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        editor.setGeometry(option.rect)

    @override
    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        hint = super().sizeHint(option, index)
        hint.setHeight(current_theme().row_height)
        return hint

    @override
    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            leaving = leaving_by(event, is_choice=isinstance(editor, QComboBox))
            if leaving is not None and isinstance(editor, QWidget):
                self.finish(editor, leaving)
                return True
        return super().eventFilter(editor, event)

    def finish(self, editor: QWidget, leaving: Leaving) -> None:
        """Hand over what was typed, close the editor and say how it was left."""
        hint = QAbstractItemDelegate.EndEditHint.NoHint
        self._was_changed = False
        if leaving is Leaving.COPY_ABOVE:
            hint = QAbstractItemDelegate.EndEditHint.RevertModelCache
        else:
            self.commitData.emit(editor)
        self.closeEditor.emit(editor, hint)
        self.left.emit(leaving, self._was_changed)


def leaving_by(event: QKeyEvent, *, is_choice: bool = False) -> Leaving | None:
    """The way out that a key stands for, if it is one."""
    if event.modifiers() == Qt.KeyboardModifier.ControlModifier:
        return Leaving.COPY_ABOVE if event.key() == Qt.Key.Key_D else None
    has_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    match event.key():
        case Qt.Key.Key_Return | Qt.Key.Key_Enter:
            return Leaving.SHIFT_ENTER if has_shift else Leaving.ENTER
        case Qt.Key.Key_Backtab:
            return Leaving.BACKTAB
        case Qt.Key.Key_Tab:
            return Leaving.TAB
        case Qt.Key.Key_Up if not is_choice:
            return Leaving.UP
        case Qt.Key.Key_Down if not is_choice:
            return Leaving.DOWN
        case Qt.Key.Key_F4:
            return Leaving.FILL_USUAL
    return None


def _typed(editor: QWidget) -> str:
    return editor.text() if isinstance(editor, QLineEdit) else ""


def _sign(cell: Cell) -> tuple[str, Tone]:
    """The icon beside a cell's word, and its colour."""
    match cell.state:
        case CellState.IMPOSSIBLE:
            return "error", Tone.ERROR
        case CellState.UNLIKELY:
            return "question", Tone.WARNING
    return cell.icon, cell.tone
