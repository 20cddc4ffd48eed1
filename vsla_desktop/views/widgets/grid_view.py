"""The part of a sheet that has the keyboard."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget
from typing_extensions import override

from vsla_desktop.presenters.grid import CellKind, CellState
from vsla_desktop.views.widgets.basics import current_theme
from vsla_desktop.views.widgets.grid_delegate import GridDelegate, Leaving, leaving_by
from vsla_desktop.views.widgets.grid_model import GridModel, Index

_Action = QAbstractItemView.CursorAction


def plain_table(table: QTableView) -> None:
    """What both halves of a sheet have in common."""
    theme = current_theme()
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setCornerButtonEnabled(False)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(theme.row_height)
    table.verticalHeader().setMinimumSectionSize(theme.row_height)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    header.setSectionsClickable(False)
    header.setHighlightSections(False)
    header.setMinimumSectionSize(theme.px(32))
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)


class SheetView(QTableView):
    """Goes through the cells that take something, by the keys a person knows from paper.

    Enter goes down and at the bottom to the top of the next column; Tab goes right and at the end
    of a row to the next; both leave the sheet at its end. Cells that take nothing are skipped.
    """

    moved = Signal(int, int)
    focus_changed = Signal(bool)
    finished = Signal()
    next_problem_wanted = Signal()

    def __init__(self, model: GridModel, delegate: GridDelegate, parent: QWidget) -> None:
        super().__init__(parent)
        self._sheet = model
        self._delegate = delegate
        self.setModel(model)
        self.setItemDelegate(delegate)
        plain_table(self)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        delegate.left.connect(self._left_editor)

    # ------------------------------------------------------------------ where we are

    def position(self) -> tuple[int, int]:
        """The row and column we are in, (-1, -1) when in none."""
        index = self.currentIndex()
        return (index.row(), index.column()) if index.isValid() else (-1, -1)

    def go(self, row: int, column: int) -> bool:
        """Go to a cell and bring it into sight; tell whether it takes anything."""
        if not (0 <= row < self._sheet.rowCount() and 0 <= column < self._sheet.columnCount()):
            return False
        if not self._sheet.takes_something(row, column):
            return False
        index = self._sheet.index(row, column)
        self.setCurrentIndex(index)
        self.scrollTo(index)
        return True

    def go_first(self, row: int = 0) -> bool:
        """Go to the first cell at or below ``row`` that takes something."""
        return self._go_to_first_of(
            (r, c)
            for r in range(max(row, 0), self._sheet.rowCount())
            for c in range(self._sheet.columnCount())
        )

    def go_down(self, *, up: bool = False) -> bool:
        """Go down the column, at its end to the next column (or all the other way round)."""
        rows, columns = self._sheet.rowCount(), self._sheet.columnCount()
        row, column = self.position()
        places = [(r, c) for c in range(columns) for r in range(rows)]
        here = column * rows + row
        return self._go_to_first_of(reversed(places[:here]) if up else places[here + 1 :])

    def go_right(self, *, left: bool = False) -> bool:
        """Go right along the row, at its end to the next row (or all the other way round)."""
        rows, columns = self._sheet.rowCount(), self._sheet.columnCount()
        row, column = self.position()
        places = [(r, c) for r in range(rows) for c in range(columns)]
        here = row * columns + column
        return self._go_to_first_of(reversed(places[:here]) if left else places[here + 1 :])

    def _go_to_first_of(self, places: Iterable[tuple[int, int]]) -> bool:
        return any(self.go(row, column) for row, column in places)

    # ------------------------------------------------------------------ what keys do

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, column = self.position()
        if row < 0:
            super().keyPressEvent(event)
            return
        leaving = leaving_by(event)
        if leaving is not None and leaving not in {Leaving.UP, Leaving.DOWN}:
            self._left_editor(leaving, False)  # noqa: FBT003 - a slot takes what a signal gives
        elif not self._special_key(event, row, column):
            super().keyPressEvent(event)

    def _special_key(self, event: QKeyEvent, row: int, column: int) -> bool:
        """Do what a key means in the cell we are in, if it means something of its own there."""
        presenter = self._sheet.presenter
        kind = self._sheet.column(column).kind
        if event.matches(QKeySequence.StandardKey.Paste):
            presenter.enter(row, column, QGuiApplication.clipboard().text().strip())
            return True
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(presenter.cell(row, column).text)
            return True
        match event.key():
            case Qt.Key.Key_Space if kind in _SPACE_HAS_A_MEANING:
                self._space(kind, row, column)
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                presenter.enter(row, column, "")
            case Qt.Key.Key_Escape if presenter.cell(row, column).state in _TROUBLED:
                presenter.restore(row, column)
            case Qt.Key.Key_Escape:
                event.ignore()
            case Qt.Key.Key_F8:
                self.next_problem_wanted.emit()
            case _ if kind is CellKind.TOGGLE and _is_letter(event):
                presenter.enter(row, column, event.text())
            case _:
                return False
        return True

    def _space(self, kind: CellKind, row: int, column: int) -> None:
        """Go to the next value, or open the list; nothing in a cell for numbers."""
        if kind is CellKind.TOGGLE:
            self._sheet.presenter.toggle(row, column)
        elif kind is CellKind.CHOICE:
            self.edit(self.currentIndex())

    @override
    def focusNextPrevChild(self, next: bool) -> bool:
        if self.state() is not QAbstractItemView.State.EditingState and self.go_right(
            left=not next
        ):
            return True
        return super().focusNextPrevChild(next)

    @override
    def moveCursor(self, cursorAction: _Action, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        row, column = self.position()
        rows, columns = range(self._sheet.rowCount()), range(self._sheet.columnCount())
        ways: dict[_Action, list[tuple[int, int]]] = {
            _Action.MoveUp: [(r, column) for r in reversed(rows[: max(row, 0)])],
            _Action.MoveDown: [(r, column) for r in rows[row + 1 :]],
            _Action.MoveLeft: [(row, c) for c in reversed(columns[: max(column, 0)])],
            _Action.MoveRight: [(row, c) for c in columns[column + 1 :]],
            _Action.MoveHome: [(row, c) for c in columns],
            _Action.MoveEnd: [(row, c) for c in reversed(columns)],
        }
        if cursorAction in ways:
            places = ways[cursorAction]
        else:
            there = super().moveCursor(cursorAction, modifiers)
            places = [(there.row(), column)] if there.isValid() else []
        for place in places:
            if min(place) >= 0 and self._sheet.takes_something(*place):
                return self._sheet.index(*place)
        return self.currentIndex()

    def _left_editor(self, leaving: object, was_changed: bool) -> None:  # noqa: FBT001 - a slot
        row, column = self.position()
        if row < 0:
            return
        presenter = self._sheet.presenter
        match leaving:
            case Leaving.ENTER:
                self._enter(row, column, was_changed=was_changed)
            case Leaving.SHIFT_ENTER:
                self.go_down(up=True)
            case Leaving.TAB | Leaving.BACKTAB:
                self.focusNextPrevChild(leaving is Leaving.TAB)
            case Leaving.UP | Leaving.DOWN:
                action = _Action.MoveUp if leaving is Leaving.UP else _Action.MoveDown
                self.setCurrentIndex(self.moveCursor(action, Qt.KeyboardModifier.NoModifier))
            case Leaving.COPY_ABOVE:
                presenter.copy_above(row, column)
            case Leaving.FILL_USUAL:
                presenter.fill_usual(column)

    def _enter(self, row: int, column: int, *, was_changed: bool) -> None:
        if self._sheet.cell(row, column).state is CellState.UNLIKELY:
            if was_changed:
                return  # the question is below; Enter again says yes
            self._sheet.presenter.accept(row, column)
        if not self.go_down():
            self.finished.emit()

    # ------------------------------------------------------------------ who follows

    @override
    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._delegate.current = (
            (current.row(), current.column()) if current.isValid() else (-1, -1)
        )
        self.viewport().update()
        self.moved.emit(*self._delegate.current)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self._sheet.rowCount():
            return
        if self.position() == (-1, -1) or not self._sheet.takes_something(*self.position()):
            self.go_first()
        self._set_focused(focused=True)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._set_focused(focused=False)

    def _set_focused(self, *, focused: bool) -> None:
        self._delegate.is_focused = focused
        self.viewport().update()
        self.focus_changed.emit(focused)

    def hand_over(self) -> None:
        """Hand over what is being typed, as leaving the cell would; for closing the window."""
        editor = self.indexWidget(self.currentIndex())
        if self.state() is QAbstractItemView.State.EditingState and editor is not None:
            self.commitData(editor)


_SPACE_HAS_A_MEANING = frozenset(
    {CellKind.TOGGLE, CellKind.CHOICE, CellKind.AMOUNT, CellKind.COUNT}
)
_TROUBLED = frozenset({CellState.IMPOSSIBLE, CellState.UNLIKELY})


def _is_letter(event: QKeyEvent) -> bool:
    plain = event.modifiers() in {
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.ShiftModifier,
    }
    return plain and event.text().strip() != "" and event.text().isprintable()
