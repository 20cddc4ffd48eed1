"""The narrow left rail: an icon and a short word for each page, and quietly what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vsla_desktop.i18n import _
from vsla_desktop.presenters.shell import SyncStage, SyncState, Tone
from vsla_desktop.views.icons import icon
from vsla_desktop.views.pages.page import PageDeclaration
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import IconLabel, current_theme, label

_SYNC_ICONS: Final = {
    SyncStage.SAVED_HERE: "laptop",
    SyncStage.WAITING: "cloud-wait",
    SyncStage.SENDING: "cloud-send",
    SyncStage.SENT: "cloud-done",
    SyncStage.AT_OFFICE: "cloud-done",
}
_NUMBERED: Final = 9


def page_key(place: int, count: int) -> str:
    """Return the key of a page of the rail: Ctrl with its number, Ctrl+0 for the last of many."""
    if place < _NUMBERED:
        return f"Ctrl+{place + 1}"
    return "Ctrl+0" if place == count - 1 else ""


class Rail(QWidget):
    """Offers the pages, each with the key that :func:`page_key` gives it."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Pages"))
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, theme.px(12), 1, theme.px(12))
        box.setSpacing(theme.px(8))
        mark = QHBoxLayout()
        mark.setContentsMargins(theme.px(14), 0, theme.px(14), theme.px(6))
        mark.addWidget(IconLabel("mark", Tone.PLAIN, 28, is_accent=True))
        mark.addWidget(label("VSLA", "heading"), 1)
        box.addLayout(mark)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        set_role(inside, "rail-list")
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(theme.px(2))
        self._list.addStretch(1)
        area.setWidget(inside)
        self._area = area
        box.addWidget(area, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.px(14), theme.px(6), theme.px(10), 0)
        foot.setSpacing(theme.px(8))
        self._sync_icon = IconLabel("laptop", Tone.MUTED)
        foot.addWidget(self._sync_icon)
        self.sync = label("", "sync", wrap=True)
        foot.addWidget(self.sync, 1)
        box.addLayout(foot)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.buttons: dict[str, QToolButton] = {}
        self.setFixedWidth(theme.px(150))

    def show_pages(self, pages: Sequence[PageDeclaration]) -> None:
        """Offer these pages, in this order."""
        if list(self.buttons) == [page.key for page in pages]:
            return
        for button in self.buttons.values():
            self._group.removeButton(button)
            self._list.removeWidget(button)
            button.deleteLater()
        self.buttons = {}
        for place, page in enumerate(pages):
            button = self._button(page_key(place, len(pages)), page)
            self._list.insertWidget(place, button)
            # Pages that do not fit are scrolled to, and never squeezed.
            button.ensurePolished()
            button.setMinimumHeight(button.sizeHint().height())
        widest = max((b.sizeHint().width() for b in self.buttons.values()), default=0)
        # In large text the pages are more than fit, and the bar to scroll them takes its room.
        bar = self._area.verticalScrollBar().sizeHint().width()
        more = current_theme().px(8) + (bar if current_theme().percent > 100 else 0)  # noqa: PLR2004 - larger
        self.setFixedWidth(max(widest + more, current_theme().px(150)))

    def _button(self, key: str, page: PageDeclaration) -> QToolButton:
        theme = current_theme()
        colours = theme.colours
        button = QToolButton()
        set_role(button, "rail")
        button.setText(f" {page.title}")
        button.setIcon(icon(page.icon, colours.muted, theme.px(22), chosen=colours.accent))
        button.setIconSize(QSize(theme.px(22), theme.px(22)))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setAccessibleName(page.title)
        if key:
            button.setToolTip(f"{page.title} ({key})")
            button.setAccessibleDescription(key)
        button.clicked.connect(lambda: self.chosen.emit(page.key))
        self._group.addButton(button)
        self.buttons[page.key] = button
        return button

    def mark(self, key: str) -> None:
        """Show which page is open."""
        if key in self.buttons:
            self.buttons[key].setChecked(True)
            self._area.ensureWidgetVisible(self.buttons[key])
            return
        checked = self._group.checkedButton()
        if checked is not None:
            self._group.setExclusive(False)
            checked.setChecked(False)
            self._group.setExclusive(True)

    def show_sync(self, state: SyncState) -> None:
        """Tell quietly how far the entries have come."""
        icon_name, tone = _SYNC_ICONS[state.stage], Tone.MUTED
        if state.refused:
            icon_name, tone = "warning", Tone.WARNING
        elif state.stage is SyncStage.SENT:
            tone = Tone.GOOD
        self._sync_icon.show_icon(icon_name, tone)
        self.sync.setText(state.sentence())
        self.sync.setAccessibleName(state.sentence())
