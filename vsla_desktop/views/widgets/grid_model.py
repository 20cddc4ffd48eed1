"""A sheet's presenter as Qt wants to see it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from typing_extensions import override

from vsla_desktop.i18n import labelled
from vsla_desktop.presenters.grid import Cell, CellKind, CellState, Column, GridPresenter

Index = QModelIndex | QPersistentModelIndex
_TOP: Final = QModelIndex()
NUMBERS: Final = frozenset({CellKind.AMOUNT, CellKind.COUNT})


def dotted(text: str, kind: CellKind) -> str:
    """What a figure is drawn as: nought is a dot, so that the eye finds the other numbers."""
    return "·" if text == "0" and kind in NUMBERS else text


class GridModel(QAbstractTableModel):
    """Passes cells on as they are and hands over what was typed; holds nothing of its own."""

    def __init__(self, presenter: GridPresenter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.presenter = presenter
        self._columns = tuple(presenter.columns())
        self._rows = presenter.row_count()
        presenter.row_changed.listen(self._row_changed)
        presenter.layout_changed.listen(self._layout_changed)

    def column(self, column: int) -> Column:
        """What a column is."""
        return self._columns[column]

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows now."""
        return self.presenter.cell(row, column)

    def takes_something(self, row: int, column: int) -> bool:
        """Whether a person can put anything into this cell; all others are skipped."""
        return (
            self._columns[column].is_editable
            and self.presenter.cell(row, column).state is not CellState.READONLY
        )

    @override
    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else self._rows

    @override
    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._columns)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.shown(row, column)
            case Qt.ItemDataRole.EditRole:
                cell = self.cell(row, column)
                return cell.text if cell.edit_text is None else cell.edit_text
            case Qt.ItemDataRole.ToolTipRole:
                cell = self.cell(row, column)
                return cell.message or cell.tooltip or None
            case Qt.ItemDataRole.AccessibleTextRole:
                return self.spoken(row, column)
            case _:
                return None

    def shown(self, row: int, column: int) -> str:
        """The text of the cell; a zero is a dot, so that the eye finds the other numbers."""
        text = self.cell(row, column).text
        return dotted(text, self._columns[column].kind)

    def spoken(self, row: int, column: int) -> str:
        """What a screen reader says: whose row, which column, what is in it, what is wrong."""
        cell = self.cell(row, column)
        words = labelled(
            f"{self.presenter.row_title(row)}, {self._columns[column].title}", cell.text
        )
        return f"{words}. {cell.message}" if cell.message else words

    @override
    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if not index.isValid() or role != Qt.ItemDataRole.EditRole:
            return False
        self.presenter.enter(index.row(), index.column(), str(value))
        return True

    @override
    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if orientation is Qt.Orientation.Vertical or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{column.title}\n{column.note}" if column.note else column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = (
                Qt.AlignmentFlag.AlignRight
                if column.kind in NUMBERS
                else Qt.AlignmentFlag.AlignLeft
            )
            return (side | Qt.AlignmentFlag.AlignVCenter).value
        return None

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled
        if self.takes_something(index.row(), index.column()):
            flags |= Qt.ItemFlag.ItemIsSelectable
            if self._columns[index.column()].kind is not CellKind.TOGGLE:
                flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def _row_changed(self, row: int) -> None:
        last = len(self._columns) - 1
        first_row, last_row = (0, self._rows - 1) if row < 0 else (row, row)
        if last >= 0 and 0 <= first_row <= last_row < self._rows:
            self.dataChanged.emit(self.index(first_row, 0), self.index(last_row, last))

    def _layout_changed(self) -> None:
        self.beginResetModel()
        self._columns = tuple(self.presenter.columns())
        self._rows = self.presenter.row_count()
        self.endResetModel()
