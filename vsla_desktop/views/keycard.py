"""The key card: F1 lays it over the page, and work goes on beneath it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.views.pages.page import KeyHint
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import SecondaryButton, current_theme, label


def general_keys() -> tuple[KeyHint, ...]:
    """The keys that work on every page."""
    return (
        KeyHint("Ctrl+1 … 9", _("Open a page")),
        KeyHint("Ctrl+F", _("Find a member")),
        KeyHint("F1", _("Show or hide these keys")),
        KeyHint("Esc", _("Put back, or close")),
    )


def sheet_keys() -> tuple[KeyHint, ...]:
    """The keys of every sheet; a page with a sheet returns them among its own."""
    return (
        KeyHint("Enter", _("Go down")),
        KeyHint("Tab", _("Go right")),
        KeyHint("F2", _("Change what is there")),
        KeyHint("Esc", _("Put back what was there")),
        KeyHint("Space", _("Present, late, absent")),
        KeyHint("F4", _("Fill the usual amount")),
        KeyHint("Ctrl+D", _("Copy the cell above")),
        KeyHint("F8", _("Go to what must be fixed")),
    )


class KeyCard(QFrame):
    """Shows the keys over the page without stopping anything."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        set_role(self, "keycard")
        self.setAccessibleName(_("Keys"))
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.px(28), theme.px(20), theme.px(28), theme.px(16))
        box.setSpacing(theme.px(12))
        head = QHBoxLayout()
        head.addWidget(label(_("Keys"), "title"), 1)
        self.close_button = SecondaryButton(_("Close"), icon_name="close", is_quiet=True)
        self.close_button.clicked.connect(self.hide)
        head.addWidget(self.close_button)
        box.addLayout(head)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        box.addWidget(self._area, 1)
        self.hide()

    def show_keys(self, page_title: str, page_keys: Sequence[KeyHint]) -> None:
        """Lay the card over the middle of the window."""
        theme = current_theme()
        inside = QWidget()
        set_role(inside, "keycard-inside")
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(14))
        grid.setVerticalSpacing(theme.px(8))
        parts = [(page_title, page_keys)] if page_keys else []
        parts.append((_("Everywhere"), general_keys()))
        for side, (title, keys) in enumerate(parts):
            grid.addWidget(label(title, "heading"), 0, side * 3, 1, 2)
            for row, hint in enumerate(keys, start=1):
                key = label(hint.key, "key")
                key.setAlignment(Qt.AlignmentFlag.AlignCenter)
                grid.addWidget(key, row, side * 3)
                grid.addWidget(label(hint.meaning), row, side * 3 + 1)
        if len(parts) > 1:
            grid.setColumnMinimumWidth(2, theme.px(24))
        grid.setRowStretch(grid.rowCount(), 1)
        self._area.setWidget(inside)
        self.place()
        self.show()
        self.raise_()

    def place(self) -> None:
        """Stand in the middle, no larger than the window."""
        theme = current_theme()
        parent = self._over
        inside = self._area.widget()
        wanted = inside.sizeHint() if inside is not None else self.sizeHint()
        width = min(wanted.width() + theme.px(80), parent.width() - theme.px(48))
        height = min(wanted.height() + theme.px(120), parent.height() - theme.px(48))
        self.resize(width, height)
        self.move((parent.width() - width) // 2, (parent.height() - height) // 2)
