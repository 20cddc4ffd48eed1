"""A list on the page: rows to look through, to find, and to open with Enter."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView, QVBoxLayout
from typing_extensions import override

from vsla_desktop.i18n import labelled
from vsla_desktop.presenters.grid import Cell
from vsla_desktop.presenters.listing import ListPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.icons import icon
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import current_theme
from vsla_desktop.views.widgets.grid_model import NUMBERS, Index, dotted
from vsla_desktop.views.widgets.grid_view import plain_table

_TOP: Final = QModelIndex()
_PAD: Final = 32
_SAMPLE: Final = 1000  # rows looked at to choose the width of a column
_ICON: Final = 18
_EDGES: Final = 8  # the frame, and the ring that shows where the keyboard is


class ListModel(QAbstractTableModel):
    """Passes the cells of a presenter on as they are."""

    def __init__(self, presenter: ListPresenter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.presenter = presenter
        self._columns = tuple(presenter.columns())
        self._rows = presenter.row_count()
        presenter.changed.listen(self._changed)
        presenter.rows_came.listen(self._rows_came)

    def _changed(self) -> None:
        self.beginResetModel()
        self._columns = tuple(self.presenter.columns())
        self._rows = self.presenter.row_count()
        self.endResetModel()

    def _rows_came(self, first: int, last: int) -> None:
        if 0 <= first <= last < self._rows:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._columns) - 1))

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows now."""
        return self.presenter.cell(row, column)

    def shown(self, row: int, column: int) -> str:
        """The text of the cell; nought is a dot, so that the eye finds the other numbers."""
        text = self.cell(row, column).text
        return dotted(text, self._columns[column].kind)

    @override
    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else self._rows

    @override
    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._columns)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not (0 <= index.row() < self._rows):
            return None
        row, column = index.row(), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.shown(row, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._side(column)
            case Qt.ItemDataRole.ForegroundRole:
                tone = self.cell(row, column).tone
                return None if tone is Tone.PLAIN else QColor(current_theme().colours.of(tone))
            case Qt.ItemDataRole.DecorationRole:
                return self._icon(self.cell(row, column))
            case Qt.ItemDataRole.ToolTipRole:
                cell = self.cell(row, column)
                return cell.tooltip or cell.text or None
            case Qt.ItemDataRole.AccessibleTextRole:
                cell = self.cell(row, column)
                title = self._columns[column].title
                words = labelled(f"{self.presenter.row_title(row)}, {title}", cell.text)
                return f"{words}. {cell.tooltip}" if cell.tooltip else words
            case _:
                return None

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Vertical or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{column.title}\n{column.note}" if column.note else column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(section)
        return None

    def _side(self, column: int) -> int:
        is_number = self._columns[column].kind in NUMBERS
        side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
        return (side | Qt.AlignmentFlag.AlignVCenter).value

    @staticmethod
    def _icon(cell: Cell) -> QIcon | None:
        if not cell.icon:
            return None
        theme = current_theme()
        return icon(cell.icon, theme.colours.of(cell.tone), theme.px(_ICON))


class ListTable(QFrame):
    """The list in its frame. Columns share out the width; nothing is ever scrolled sideways.

    ``opened`` gives the row on which Enter or a double click fell, ``chosen`` the row gone to.
    """

    opened = Signal(int)
    chosen = Signal(int)

    def __init__(self, presenter: ListPresenter, name: str, *, fills: bool = True) -> None:
        super().__init__()
        set_role(self, "sheet")
        self.presenter = presenter
        self._fills = fills
        self.model = ListModel(presenter, self)
        self.table = _Rows()
        set_role(self.table, "list")
        self.table.setFont(current_theme().digits_font())
        self.table.setModel(self.model)
        plain_table(self.table)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side = current_theme().px(_ICON)
        self.table.setIconSize(QSize(side, side))
        self.table.setAccessibleName(name)
        self.table.enter_pressed.connect(self._open)
        self.table.doubleClicked.connect(lambda index: self._open(index.row()))
        selection = self.table.selectionModel()
        selection.currentRowChanged.connect(lambda here, _before: self.chosen.emit(here.row()))
        self.setFocusProxy(self.table)
        self.setAccessibleName(name)
        box = QVBoxLayout(self)
        box.setContentsMargins(1, 1, 1, 1)
        box.addWidget(self.table)
        self.model.modelReset.connect(self._lay_out)
        self._lay_out()

    def current_row(self) -> int:
        """The row we are in, -1 when in none."""
        return self.table.currentIndex().row()

    def go_to(self, row: int) -> None:
        """Go to a row and bring it into sight."""
        if 0 <= row < self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(row, 0))

    def _open(self, row: int) -> None:
        if row >= 0:
            self.opened.emit(row)

    def _lay_out(self) -> None:
        theme = current_theme()
        has_note = any(column.note for column in self.presenter.columns())
        metrics = QFontMetrics(theme.digits_font(bold=True))
        lines = 2 if has_note else 1
        self.table.horizontalHeader().setFixedHeight(metrics.lineSpacing() * lines + theme.px(14))
        self._share_width()
        if not self._fills:
            rows = self.model.rowCount() * theme.row_height
            self.setFixedHeight(self.table.horizontalHeader().height() + rows + _EDGES)

    def _share_width(self) -> None:
        columns = self.presenter.columns()
        wanted = [self._width(place) for place in range(len(columns))]
        room = self.width() - _EDGES
        bar = self.table.verticalScrollBar()
        needed = self.model.rowCount() * current_theme().row_height
        if needed > self.height() - _EDGES - self.table.horizontalHeader().height():
            room -= bar.sizeHint().width()
        spare = room - sum(wanted)
        left_out = set()
        for place in reversed(range(len(columns))):
            if spare < 0 and columns[place].is_spare:
                left_out.add(place)
                spare += wanted[place]
                wanted[place] = 0
        texts = [
            place
            for place, column in enumerate(columns)
            if column.kind not in NUMBERS and place not in left_out
        ]
        if spare < 0:
            # Words give way before numbers do.
            widest = sum(wanted[place] for place in texts) or 1
            for place in texts:
                wanted[place] += spare * wanted[place] // widest
        elif texts:
            asked = sum(columns[place].width for place in texts) or 1
            for place in texts:
                wanted[place] += spare * columns[place].width // asked
        for place, width in enumerate(wanted):
            self.table.setColumnHidden(place, place in left_out)
            self.table.setColumnWidth(place, max(width, current_theme().px(40)))

    def _width(self, column: int) -> int:
        about = self.presenter.columns()[column]
        metrics = QFontMetrics(current_theme().digits_font())
        bold = QFontMetrics(current_theme().digits_font(bold=True))
        title = max(bold.horizontalAdvance(text) for text in (about.title, about.note))
        rows = range(min(self.model.rowCount(), _SAMPLE))
        sign = current_theme().px(_ICON + 6)
        # The longest texts are the widest, near enough; measuring each takes far longer.
        cells = sorted(
            (self.model.cell(row, column) for row in rows), key=lambda cell: -len(cell.text)
        )
        texts = [metrics.horizontalAdvance(cell.text) for cell in cells[:8]]
        asked = about.width * metrics.averageCharWidth()
        widest = max(texts, default=0) + (sign if any(cell.icon for cell in cells) else 0)
        if about.kind in NUMBERS:
            return max(widest, title) + _PAD
        return max(min(widest, asked), title) + _PAD

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()


class _Rows(QTableView):
    """A table whose Enter opens the row."""

    enter_pressed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.enter_pressed.emit(self.currentIndex().row())
            return
        super().keyPressEvent(event)
