"""A table of a report: rows to look through, their totals always in sight."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QTableView, QVBoxLayout
from typing_extensions import override

from vsla_desktop.i18n import labelled
from vsla_desktop.presenters.grid import Column
from vsla_desktop.presenters.reports_table import ReportTablePresenter
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import current_theme, line
from vsla_desktop.views.widgets.grid_model import NUMBERS, Index
from vsla_desktop.views.widgets.grid_view import plain_table
from vsla_desktop.views.widgets.listing import ListModel

_TOP: Final = QModelIndex()
_PAD: Final = 30
_SAMPLE: Final = 120  # rows looked at to choose the width of a column
_LONG_TITLE: Final = 12  # characters
_NARROWEST: Final = 14  # characters that words keep when there is little room


class RowsModel(ListModel):
    """The rows, under titles of two lines where one would make a column wide."""

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        is_title = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        columns = self.presenter.columns()
        if not is_title or not 0 <= section < len(columns):
            return super().headerData(section, orientation, role)
        return heading(columns[section])


def heading(column: Column) -> str:
    """Return a column's title, a long one in two lines, and below it what it is told in."""
    words = column.title.split(" ")
    halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    title = column.title
    if len(title) > _LONG_TITLE and halves:
        title = "\n".join(min(halves, key=lambda pair: max(len(half) for half in pair)))
    return f"{title}\n{column.note}" if column.note else title


class TotalsModel(QAbstractTableModel):
    """One row: what the columns add up to."""

    def __init__(self, presenter: ReportTablePresenter, parent: QObject) -> None:
        super().__init__(parent)
        self.totals = presenter.totals()
        self._columns = presenter.columns()

    @override
    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() or not self.totals else 1

    @override
    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._columns)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.column() >= len(self.totals):
            return None
        column = self._columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.totals[index.column()]
            case Qt.ItemDataRole.AccessibleTextRole:
                return labelled(column.title, self.totals[index.column()])
            case Qt.ItemDataRole.TextAlignmentRole:
                is_number = column.kind in NUMBERS
                side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
                return (side | Qt.AlignmentFlag.AlignVCenter).value
            case _:
                return None


class ReportTable(QFrame):
    """Columns share out the width; a table that is wider than the page is scrolled sideways.

    The view asks for the rows that are in sight and holds none.
    """

    def __init__(self, presenter: ReportTablePresenter) -> None:
        super().__init__()
        set_role(self, "sheet")
        theme = current_theme()
        self.presenter = presenter
        self.table = QTableView()
        set_role(self.table, "list")
        self.table.setFont(theme.digits_font())
        self.table.setModel(RowsModel(presenter, self))
        plain_table(self.table)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.setAccessibleName(presenter.title)
        self.table.setAccessibleDescription(presenter.summary())
        self.totals = QTableView()
        self.totals.setFont(theme.digits_font(bold=True))
        self.totals.setModel(TotalsModel(presenter, self))
        plain_table(self.totals)
        set_role(self.totals, "list")
        self.totals.horizontalHeader().hide()
        self.totals.setFixedHeight(theme.row_height + 2)
        self.totals.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.totals.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.totals.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.totals.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.totals.setAccessibleName(presenter.title)
        self.totals.setVisible(bool(presenter.totals()))
        across = self.table.horizontalScrollBar()
        across.valueChanged.connect(self.totals.horizontalScrollBar().setValue)
        box = QVBoxLayout(self)
        box.setContentsMargins(1, 1, 1, 1)
        box.setSpacing(0)
        box.addWidget(self.table, 1)
        box.addWidget(line())
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, self.table.verticalScrollBar().sizeHint().width(), 0)
        foot.addWidget(self.totals)
        box.addLayout(foot)
        self.setFocusProxy(self.table)
        self.setAccessibleName(presenter.title)
        widths = [self._width(place) for place in range(len(presenter.columns()))]
        self._wanted = [wanted for wanted, _least in widths]
        self._least = [least for _wanted, least in widths]
        lines = max(heading(column).count("\n") + 1 for column in presenter.columns())
        tall = QFontMetrics(theme.digits_font(bold=True)).lineSpacing() * lines
        self.table.horizontalHeader().setFixedHeight(tall + theme.px(14))

    @override
    def sizeHint(self) -> QSize:
        return QSize(400, 240)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        columns = self.presenter.columns()
        widths = list(self._wanted)
        room = self.table.width() - self.table.verticalScrollBar().sizeHint().width() - 6
        spare = room - sum(widths)
        texts = [place for place, column in enumerate(columns) if column.kind not in NUMBERS]
        wordy = [place for place in texts if columns[place].width > _NARROWEST]
        if wordy and spare > 0:
            for place in wordy:
                widths[place] += spare // len(wordy)
        elif spare < 0:
            # Words give way first, down to what can still be read; then the table is scrolled.
            gives = {place: max(widths[place] - self._least[place], 0) for place in texts}
            total = sum(gives.values()) or 1
            for place, give in gives.items():
                widths[place] -= min(give, -spare * give // total)
        for place, width in enumerate(widths):
            self.table.setColumnWidth(place, width)
            self.totals.setColumnWidth(place, width)

    def _width(self, column: int) -> tuple[int, int]:
        """Return how wide a column wants to be, and how wide it must be to be read."""
        about = self.presenter.columns()[column]
        theme = current_theme()
        metrics = QFontMetrics(theme.digits_font())
        bold = QFontMetrics(theme.digits_font(bold=True))
        count = self.presenter.row_count()
        rows = {*range(min(count, _SAMPLE)), *range(max(count - 3, 0), count)}
        texts = sorted((self.presenter.cell(row, column).text for row in rows), key=len)[-8:]
        widest = max((metrics.horizontalAdvance(text) for text in texts), default=0)
        totals = self.presenter.totals()
        total = bold.horizontalAdvance(totals[column]) if totals else 0
        title = max(bold.horizontalAdvance(text) for text in heading(about).split("\n"))
        whole = max(widest, title, total) + _PAD
        if about.kind in NUMBERS or about.width <= _NARROWEST:
            return whole, whole
        letter = metrics.averageCharWidth()
        wanted = max(min(widest, about.width * letter), title, total) + _PAD
        return wanted, min(wanted, max(_NARROWEST * letter, title) + _PAD)
