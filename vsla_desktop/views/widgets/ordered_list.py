"""A list that is put in order by keyboard: Alt with the arrows moves, Space leaves out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.icons import icon
from vsla_desktop.views.widgets.basics import SecondaryButton, current_theme, label


@dataclass(frozen=True, slots=True)
class OrderedItem:
    """One row: its words, its icon, and in grey when it is left out."""

    text: str
    icon: str
    is_muted: bool = False


class _Rows(QListWidget):
    def __init__(self, owner: OrderedList) -> None:
        super().__init__()
        self._owner = owner

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        match event.key():
            case Qt.Key.Key_Up if is_alt:
                self._owner.move_row(-1)
            case Qt.Key.Key_Down if is_alt:
                self._owner.move_row(1)
            case Qt.Key.Key_Space:
                self._owner.toggle_row()
            case _:
                super().keyPressEvent(event)


class OrderedList(QWidget):
    """Rows with buttons beside them for those who use the mouse.

    ``move(row, by)`` moves a row and returns where it stands; ``toggle(row)`` leaves it out or
    takes it up again.
    """

    def __init__(
        self, name: str, move: Callable[[int, int], int], toggle: Callable[[int], None]
    ) -> None:
        super().__init__()
        self._move, self._toggle = move, toggle
        theme = current_theme()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        self.rows = _Rows(self)
        self.rows.setAccessibleName(name)
        self.rows.setIconSize(QSize(theme.px(18), theme.px(18)))
        self.setFocusProxy(self.rows)
        row.addWidget(self.rows, 1)
        side = QVBoxLayout()
        side.setSpacing(theme.px(8))
        for text, key, act in (
            (_("Up"), "Alt+\N{UPWARDS ARROW}", lambda: self.move_row(-1)),
            (_("Down"), "Alt+\N{DOWNWARDS ARROW}", lambda: self.move_row(1)),
            (_("Leave out or take up"), _("Space"), self.toggle_row),
        ):
            button = SecondaryButton(text)
            button.setToolTip(f"{text} ({key})")
            button.clicked.connect(act)
            side.addWidget(button)
        words = _("Alt with the arrows moves, Space leaves out.")
        side.addWidget(label(words, "note", wrap=True))
        side.addStretch(1)
        row.addLayout(side)

    def show_items(self, items: Sequence[OrderedItem]) -> None:
        """Show these rows; the one we are in stays."""
        theme = current_theme()
        here = max(self.rows.currentRow(), 0)
        self.rows.clear()
        for each in items:
            tone = Tone.MUTED if each.is_muted else Tone.PLAIN
            item = QListWidgetItem(each.text)
            item.setIcon(icon(each.icon, theme.colours.of(tone), theme.px(18)))
            if each.is_muted:
                item.setForeground(theme.palette().placeholderText())
            self.rows.addItem(item)
        self.rows.setCurrentRow(min(here, len(items) - 1))
        height = sum(self.rows.sizeHintForRow(row) for row in range(self.rows.count()))
        self.rows.setFixedHeight(height + theme.px(12))

    def move_row(self, by: int) -> None:
        """Move the row we are in."""
        here = self.rows.currentRow()
        if here >= 0:
            self.rows.setCurrentRow(self._move(here, by))

    def toggle_row(self) -> None:
        """Leave the row out, or take it up again."""
        if self.rows.currentRow() >= 0:
            self._toggle(self.rows.currentRow())
