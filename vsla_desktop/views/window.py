"""The window: the rail, whose books these are, messages, and the page that is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QBrush,
    QCloseEvent,
    QColor,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPolygon,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import Shiboken
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.views.icons import icon
from vsla_desktop.views.keycard import KeyCard, keys_of
from vsla_desktop.views.messages import BusyStrip, MessageBar, OnlyReadStrip
from vsla_desktop.views.pages.page import ROOMY_PERCENT, Page, PageDeclaration
from vsla_desktop.views.rail import Rail, page_key
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import ElidedLabel, current_theme, label

# The pages on which something is entered into the open group's book.
ENTRY_PAGES: Final = frozenset({"meeting", "members", "loans", "funds", "cashbook", "share-out"})


class MainWindow(QMainWindow):
    """Follows a :class:`ShellPresenter`; makes each page when it is first shown.

    ``cancel`` stops the long work that the window shows. ``closing`` is emitted once, after what
    was being typed has been handed over; ``practice_left`` when the person wants the real book.
    """

    closing = Signal()
    practice_left = Signal()
    first_painted = Signal()

    def __init__(
        self,
        shell: ShellPresenter,
        pages: Sequence[PageDeclaration],
        cancel: Callable[[], None],
    ) -> None:
        super().__init__()
        Event.exists = Shiboken.isValid  # a page that was put away hears nothing any more
        self._is_painted = False
        self.shell = shell
        self._declared = {page.key: page for page in pages}
        self._made: dict[str, Page] = {}
        self.current_key = ""
        self.setWindowTitle("VSLA")
        frame = QWidget()
        set_role(frame, "frame")
        self.setCentralWidget(frame)
        across = QHBoxLayout(frame)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        self.rail = Rail()
        self.rail.chosen.connect(self.open_page)
        across.addWidget(self.rail)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        across.addLayout(column, 1)
        self.header = Header()
        self.stripes = PracticeStripes()
        self.stripes.leave.clicked.connect(self.practice_left)
        self.stripes.exercises.clicked.connect(self._toggle_beside)
        self.messages = MessageBar()
        self.busy = BusyStrip(cancel)
        self.only_read = OnlyReadStrip()
        self.stack = QStackedWidget()
        column.addWidget(self.stripes)
        column.addWidget(self.header)
        above = QVBoxLayout()
        theme = current_theme()
        above.setContentsMargins(theme.px(20), theme.px(8), theme.px(20), 0)
        for each in (self.messages, self.busy, self.only_read):
            above.addWidget(each)
        column.addLayout(above)
        self._middle = QHBoxLayout()
        self._middle.addWidget(self.stack, 1)
        self._beside: QWidget | None = None
        column.addLayout(self._middle, 1)
        self.key_card = KeyCard(frame)
        self.header.keys.clicked.connect(self.toggle_key_card)
        self.header.find_button.clicked.connect(self._find)
        self._bind_keys()
        shell.changed.listen(self._show)
        shell.said.listen(self.messages.show_message)
        shell.busy_changed.listen(self.busy.show_busy)
        shell.page_wanted.listen(self.open_page)
        self._show()

    # ------------------------------------------------------------------ pages

    def open_page(self, key: str) -> None:
        """Show a page, making it if this is the first time."""
        if key == self.current_key or key not in self._declared:
            return
        leaving = self._made.get(self.current_key)
        if leaving is not None:
            leaving.went_out_of_sight()
        if key not in self._made:
            self._made[key] = self._declared[key].make()
            self._made[key].titled.connect(self._show_title)
            self.stack.addWidget(self._made[key])
        page = self._made[key]
        self.current_key = key
        self.stack.setCurrentWidget(page)
        self.rail.mark(key)
        self.key_card.hide()
        self._show_only_read()
        page.came_into_sight()
        self._show_title()
        page.setFocus()

    def forget_pages(self, *, keep: Sequence[str] = ()) -> None:
        """Drop the pages that were made, since another group or language is used from now on."""
        for key in [key for key in self._made if key not in keep]:
            page = self._made.pop(key)
            self.stack.removeWidget(page)
            page.deleteLater()
            if key == self.current_key:
                self.current_key = ""

    def show_beside(self, strip: QWidget | None) -> None:
        """Show a strip at the right of every page, or none any more."""
        if self._beside is not None:
            self._middle.removeWidget(self._beside)
            self._beside.hide()
            self._beside.deleteLater()
        self._beside = strip
        self.stripes.exercises.setVisible(strip is not None)
        if strip is not None:
            self._middle.addWidget(strip)
            # Large text leaves no room beside a page: the strip comes when it is asked for.
            strip.setHidden(current_theme().percent > ROOMY_PERCENT)

    def _toggle_beside(self) -> None:
        if self._beside is not None:
            self._beside.setHidden(not self._beside.isHidden())

    def page(self, key: str) -> Page | None:
        """The page if it has been made."""
        return self._made.get(key)

    def _show_title(self) -> None:
        page = self._made.get(self.current_key)
        if page is not None:
            self.header.show_title(page.title, page.note)

    # ------------------------------------------------------------------ keys

    def _bind_keys(self) -> None:
        QShortcut(QKeySequence("F1"), self, self.toggle_key_card)
        QShortcut(QKeySequence.StandardKey.Find, self, self._find)
        escape = QShortcut(QKeySequence("Esc"), self.key_card, self.key_card.hide)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        for digit in range(10):
            key = f"Ctrl+{digit}"
            QShortcut(QKeySequence(key), self, lambda key=key: self._open_keyed(key))

    def _open_keyed(self, key: str) -> None:
        pages = list(self.rail.buttons)
        for place, page in enumerate(pages):
            if page_key(place, len(pages)) == key:
                self.open_page(page)

    def toggle_key_card(self) -> None:
        """Show the keys, or put them away."""
        if self.key_card.isVisible():
            self.key_card.hide()
            return
        page = self._made.get(self.current_key)
        self.key_card.show_keys(
            self._declared[self.current_key].title if self.current_key else "",
            keys_of(page) if page is not None else (),
        )

    def _find(self) -> None:
        page = self._made.get(self.current_key)
        if page is None or page.start_find() or "members" not in self.rail.buttons:
            return
        self.open_page("members")
        self._made[self.current_key].start_find()

    # ------------------------------------------------------------------ following

    def _show(self) -> None:
        state = self.shell.state
        named = [self._declared[key] for key in state.pages if key in self._declared]
        in_rail = [page for page in named if page.in_rail]
        self.rail.setVisible(bool(in_rail))
        self.rail.show_pages(in_rail)
        self.rail.mark(self.current_key)
        self.rail.show_sync(state.sync)
        self.header.setVisible(bool(state.group_name))
        self.header.show_group(state.group_name, state.note)
        self.stripes.setVisible(state.is_practice)
        self._show_only_read()
        self.setWindowTitle(f"{state.group_name} · VSLA" if state.group_name else "VSLA")

    def _show_only_read(self) -> None:
        enters = self.current_key in ENTRY_PAGES
        self.only_read.setVisible(self.shell.state.only_read and enters)

    def hand_over(self) -> None:
        """Hand over what is being typed, on every page and in the field that has the keyboard."""
        for page in self._made.values():
            page.hand_over()
        typing = self.focusWidget()
        if typing is not None:
            typing.clearFocus()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.key_card.place()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self.first_painted.emit)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.hand_over()
        self.closing.emit()
        super().closeEvent(event)


class Header(QWidget):
    """Which page this is, whose books these are, and the two things that help on every page."""

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "header")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme = current_theme()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(24), theme.px(4), theme.px(16), theme.px(4))
        row.setSpacing(theme.px(12))
        self.title = label("", "title")
        self.note = ElidedLabel("note")
        self.group = ElidedLabel("group", is_right=True)
        row.addWidget(self.title)
        row.addWidget(self.note, 1)
        row.addWidget(self.group)
        row.addSpacing(theme.px(12))
        self.find_button = _tool("search", _("Find"), "Ctrl+F")
        self.keys = _tool("help", _("Keys"), "F1")
        row.addWidget(self.find_button)
        row.addWidget(self.keys)

    def show_group(self, name: str, note: str) -> None:
        """Show this group's name, and beside it the cycle or the place."""
        self.group.setText(" · ".join(part for part in (name, note) if part))

    def show_title(self, title: str, note: str) -> None:
        """Show the page's title, and beside it what the page says of itself."""
        self.title.setText(title)
        self.note.setText(note)


class PracticeStripes(QWidget):
    """Stripes that nobody overlooks: what is entered here is only practice."""

    def __init__(self) -> None:
        super().__init__()
        theme = current_theme()
        self.setFixedHeight(theme.px(40))
        text = _("Practice group. Nothing here is real money.")
        self.setAccessibleName(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(label(text, "chip"))
        self.leave = QPushButton(_("Back to my book"))
        set_role(self.leave, "chip")
        self.leave.setAccessibleName(_("Back to my book"))
        row.addSpacing(theme.px(12))
        row.addWidget(self.leave)
        self.exercises = QPushButton(_("Exercises"))
        set_role(self.exercises, "chip")
        self.exercises.setAccessibleName(_("Exercises"))
        self.exercises.hide()
        row.addSpacing(theme.px(12))
        row.addWidget(self.exercises)
        row.addStretch(1)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        colours = current_theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(colours.raised))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(QColor(colours.stripe)))
        height, step = self.height(), self.height() // 2
        for left in range(-height, self.width() + height, step * 2):
            foot, head = (left, left + step), (left + step + height, left + height)
            corners = [QPoint(x, height) for x in foot] + [QPoint(x, 0) for x in head]
            painter.drawPolygon(QPolygon(corners))
        painter.end()


def _tool(icon_name: str, text: str, key: str) -> QToolButton:
    theme = current_theme()
    button = QToolButton()
    set_role(button, "tool")
    button.setText(text)
    button.setIcon(icon(icon_name, theme.colours.muted, theme.px(20)))
    button.setIconSize(QSize(theme.px(20), theme.px(20)))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setToolTip(f"{text} ({key})")
    button.setAccessibleName(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
