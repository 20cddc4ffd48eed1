"""What every page is: a title, a body, and its actions with the main one at the bottom right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import current_theme

ROOMY_PERCENT: Final = 120  # with larger text, sentence and buttons need a row each


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A key and what it does, for the key card."""

    key: str
    meaning: str


class Page(QWidget):
    """The base of every page.

    Put the content into ``body`` and the buttons into the foot with :meth:`add_action`. The window
    shows the title and the note above the page. A page is made when it is first shown and told each
    time it comes into sight or goes out of it.
    """

    titled = Signal()

    def __init__(self, title: str, note: str = "", *, scrolls: bool = False) -> None:
        super().__init__()
        set_role(self, "page")
        self.title = title
        self.note = note
        self.setAccessibleName(title)
        theme = current_theme()
        self._outer = outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.px(24), theme.px(14), theme.px(24), theme.px(12))
        outer.setSpacing(theme.px(10))
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.px(14))
        if scrolls:
            outer.addWidget(self._scrolling(), 1)
        else:
            outer.addLayout(self.body, 1)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(theme.px(12))
        self._foot.addStretch(1)
        self._foot_row = QWidget()
        self._foot_row.setLayout(self._foot)
        self._foot.setContentsMargins(0, 0, 0, 0)
        self._foot_row.hide()
        outer.addWidget(self._foot_row)

    def _scrolling(self) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        set_role(inside, "page")
        self.body.setContentsMargins(2, 2, current_theme().px(8), 2)
        inside.setLayout(self.body)
        area.setWidget(inside)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    def add_action(self, button: QPushButton, *, is_first: bool = False) -> None:
        """Add a button to the foot; the main one last, so that it stands bottom right."""
        self._foot.insertWidget(1 if is_first else self._foot.count(), button)
        self._foot_row.show()

    def add_to_foot(self, widget: QWidget) -> None:
        """Put something at the left of the foot, such as the sentence about a cell."""
        if current_theme().percent > ROOMY_PERCENT:
            self._outer.insertWidget(self._outer.indexOf(self._foot_row), widget)
            return
        self._foot.insertWidget(0, widget, 1)
        self._foot.setStretch(1, 0)
        self._foot_row.show()

    def show_title(self, title: str, note: str = "") -> None:
        """Change the title, or what is said beside it, such as the date of the meeting."""
        self.title, self.note = title, note
        self.setAccessibleName(title)
        self.titled.emit()

    def came_into_sight(self) -> None:
        """The page is shown now: read what may have changed meanwhile."""

    def went_out_of_sight(self) -> None:
        """Another page is shown now."""

    def hand_over(self) -> None:
        """The window closes: hand over what is being typed."""

    def start_find(self) -> bool:
        """Ctrl+F: take the person to where something can be found; tell whether there is such."""
        return False

    def keys(self) -> Sequence[KeyHint]:
        """The page's own keys, for the key card."""
        return ()


@dataclass(frozen=True, slots=True)
class PageDeclaration:
    """A page of the program: its key, its short word and icon in the rail, and how it is made.

    A page that is ``in_rail`` is offered when the shell's state names its key; others, such as the
    first start, are reached from elsewhere.
    """

    key: str
    title: str
    icon: str
    make: Callable[[], Page]
    in_rail: bool = True
