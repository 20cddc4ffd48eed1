"""The list of reports under their headings, and above it the line to find one."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.reports import ReportsPresenter
from vsla_desktop.views.pages.page import ROOMY_PERCENT
from vsla_desktop.views.widgets.basics import current_theme

_NAME: Final = Qt.ItemDataRole.UserRole
_EDGES: Final = 48  # the frame of the list, the space within, and its scroll bar


class ReportList(QWidget):
    """Enter opens a report; ``opened`` gives its name."""

    opened = Signal(str)

    def __init__(self, presenter: ReportsPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        theme = current_theme()
        self.setFixedWidth(theme.px(210 if theme.percent > ROOMY_PERCENT else 270))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(8))
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Find a report"))
        self.search.setAccessibleName(_("Find a report"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(presenter.find)
        self.search.returnPressed.connect(self._open_first)
        box.addWidget(self.search)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Reports"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(self._open)
        self.list.itemClicked.connect(self._open)
        self.list.verticalScrollBar().rangeChanged.connect(self._keep_in_sight)
        box.addWidget(self.list, 1)
        self.setFocusProxy(self.list)
        presenter.listed.listen(self._show)
        presenter.changed.listen(self._mark)
        self._show()

    def _show(self) -> None:
        theme = current_theme()
        metrics = QFontMetrics(theme.body_font())
        bold = QFont(theme.body_font())
        bold.setBold(True)
        self.list.clear()
        for entry in self.presenter.entries():
            # Broken here, for Qt measures and paints what it breaks itself by different widths.
            lines = broken(entry.title, self.width() - theme.px(_EDGES), metrics)
            item = QListWidgetItem("\n".join(lines))
            item.setSizeHint(QSize(0, len(lines) * metrics.lineSpacing() + theme.px(10)))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, entry.title)
            item.setData(_NAME, entry.name)
            if entry.name:
                item.setToolTip(entry.about)
                item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, entry.about)
            else:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
                item.setFont(bold)
            self.list.addItem(item)
        self._mark()

    def _mark(self) -> None:
        """Show which report is chosen, also where it was chosen elsewhere."""
        chosen = self.presenter.definition
        name = chosen.name if chosen is not None else None
        for place in range(self.list.count()):
            if self.list.item(place).data(_NAME) == name:
                self.list.setCurrentRow(place)

    def _keep_in_sight(self) -> None:
        """The chosen report stays in sight where the list becomes shorter."""
        item = self.list.currentItem()
        if item is not None:
            self.list.scrollToItem(item)

    def _open(self, item: QListWidgetItem) -> None:
        name = item.data(_NAME)
        if name:
            self.opened.emit(name)

    def _open_first(self) -> None:
        for place in range(self.list.count()):
            item = self.list.item(place)
            if item.data(_NAME):
                self.list.setCurrentItem(item)
                self.list.setFocus()
                self._open(item)
                return


def broken(title: str, room: int, metrics: QFontMetrics) -> list[str]:
    """Return the lines of a title where there is so much room, no word cut."""
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and metrics.horizontalAdvance(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
