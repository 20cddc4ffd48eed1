"""The key card: F1 lays it over the page, and work goes on beneath it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vsla_desktop.i18n import _
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import SecondaryButton, current_theme, label


def general_keys() -> tuple[KeyHint, ...]:
    """The keys that work on every page."""
    return (
        KeyHint("Ctrl+1 … 9", _("Open a page")),
        KeyHint("Ctrl+0", _("Open the last page, Settings")),
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


def keys_of(page: Page) -> tuple[KeyHint, ...]:
    """The keys of a page as it is now: those that it names, and those of the buttons in sight."""
    named = list(page.keys())
    known = {QKeySequence(hint.key).toString() for hint in named}
    for button in page.findChildren(QAbstractButton):
        key = button.shortcut().toString()
        if key and key not in known and button.isVisible():
            known.add(key)
            named.append(KeyHint(key, button.accessibleName()))
    return tuple(named)


def key_name(key: str) -> str:
    """Say a key as it stands on the keyboards of the language; in brackets for the translator."""
    names = {
        "Enter": _("[Enter]"),
        "Return": _("[Enter]"),
        "Space": _("[Space]"),
        "Esc": _("[Esc]"),
        "Del": _("[Del]"),
        "Shift": _("[Shift]"),
        "PgUp": _("[PgUp]"),
        "PgDown": _("[PgDn]"),
        "Left": "\N{LEFTWARDS ARROW}",
        "Right": "\N{RIGHTWARDS ARROW}",
    }
    return "+".join(names.get(part, part).strip("[]") for part in key.split("+"))


MOST_ROWS: Final = 10
"""So many keys stand below each other on the smallest screen, also in large text."""


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
        side = row = 0
        for title, keys in ((page_title, page_keys), (_("Everywhere"), general_keys())):
            if not keys:
                continue
            if row and row + len(keys) > MOST_ROWS:
                side, row = side + 1, 0
            grid.addWidget(label(title, "heading"), row, side * 3, 1, 2)
            for hint in keys:
                row += 1
                if row > MOST_ROWS:
                    side, row = side + 1, 1
                key = label(key_name(hint.key), "key")
                key.setAlignment(Qt.AlignmentFlag.AlignCenter)
                grid.addWidget(key, row, side * 3)
                grid.addWidget(label(hint.meaning), row, side * 3 + 1)
            row += 1
        for gap in range(side):
            grid.setColumnMinimumWidth(gap * 3 + 2, theme.px(24))
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
