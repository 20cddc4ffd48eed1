"""The sheet of the open meeting, step by step or whole, and what should be in the box now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QStackedWidget, QToolButton
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.activities import ActivitiesPresenter
from vsla_desktop.presenters.big_screen import BigScreenPresenter
from vsla_desktop.presenters.control_totals import ControlTotals
from vsla_desktop.presenters.meeting import MeetingPresenter
from vsla_desktop.presenters.meeting_book import MeetingBook
from vsla_desktop.presenters.meeting_columns import Step, words_of
from vsla_desktop.presenters.meeting_other import NotesPresenter, OtherMoneyPresenter
from vsla_desktop.presenters.meeting_sheet import SheetPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.big_screen import BigScreen, Wall, WallStrip
from vsla_desktop.views.icons import icon
from vsla_desktop.views.keycard import sheet_keys
from vsla_desktop.views.pages.meeting_activities import ActivitiesView
from vsla_desktop.views.pages.meeting_other import NotesView, OtherMoneyView
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import PrimaryButton, current_theme
from vsla_desktop.views.widgets.control_totals import ControlTotalsStrip
from vsla_desktop.views.widgets.grid import GridTable
from vsla_desktop.views.widgets.meeting_purses import BoxStrip

ROOMY_PERCENT: Final = 120  # with larger text, the figures need the room of the words


@dataclass(frozen=True, slots=True)
class SheetParts:
    """What stands beside the sheet: steps that are no columns of it, and the big screen."""

    other: OtherMoneyPresenter
    activities: ActivitiesPresenter
    notes: NotesPresenter
    big_screen: BigScreenPresenter


class SheetPage(Page):
    """Members down, the agenda across. Ctrl+PgUp and Ctrl+PgDn go from step to step."""

    def __init__(
        self,
        presenter: MeetingPresenter,
        meeting: MeetingBook,
        sheet: SheetPresenter,
        parts: SheetParts,
    ) -> None:
        super().__init__(_("Meeting"))
        self.presenter = presenter
        self.meeting = meeting
        self.sheet = sheet
        self.grid = GridTable(sheet, _("Meeting sheet"))
        self.other = OtherMoneyView(parts.other)
        self.activities = ActivitiesView(parts.activities)
        self.notes = NotesView(parts.notes, presenter)
        self.followed = parts.big_screen
        self.wall: Wall | None = None
        self.grid.table.moved.connect(self._serve)
        self.body.setSpacing(current_theme().px(8))
        self.body.addLayout(self._top())
        self.parts = QStackedWidget()
        for part in (self.grid, self.other, self.activities, self.notes):
            self.parts.addWidget(part)
        self.body.addWidget(self.parts, 1)
        self.control = ControlTotalsStrip(ControlTotals(meeting), self)
        self.body.addWidget(self.control)
        self.add_to_foot(self.grid.take_sentence_row())
        self.close_button = PrimaryButton(_("Close the meeting"), icon_name="lock", key="F10")
        self.close_button.clicked.connect(self._close)
        self.add_action(self.close_button)
        self._bind_keys()
        meeting.changed.listen(self._show_box)
        sheet.step_changed.listen(self._show_step)
        self._show_box()
        self._show_step()

    def _top(self) -> QHBoxLayout:
        theme = current_theme()
        row = QHBoxLayout()
        row.setSpacing(theme.px(6))
        self.steps = QComboBox()
        self.steps.setAccessibleName(_("Step of the meeting"))
        self.steps.view().setAccessibleName(_("Step of the meeting"))
        self.steps.setToolTip(_("Step of the meeting (Ctrl+PgUp, Ctrl+PgDn)"))
        self.steps.setMinimumWidth(theme.px(180))
        for title in self.sheet.steps():
            self.steps.addItem(title.title, title.step)
        self.steps.activated.connect(self._choose_step)
        row.addWidget(self.steps)
        self.find_field = QLineEdit()
        self.find_field.setPlaceholderText(_("Number or name"))
        self.find_field.setAccessibleName(_("Find a member"))
        self.find_field.setFixedWidth(theme.px(180))
        self.find_field.returnPressed.connect(self._find)
        self.find_field.editingFinished.connect(self.find_field.hide)
        self.find_field.hide()
        row.addWidget(self.find_field)
        self.undo_button = _tool("undo", _("Undo"), "Ctrl+Z")
        self.undo_button.clicked.connect(self.presenter.undo)
        row.addWidget(self.undo_button)
        self.wall_button = _tool("group", _("Big screen"), "F11")
        self.wall_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.wall_button.clicked.connect(self.toggle_wall)
        row.addWidget(self.wall_button)
        self.phone_button = _tool("mobile", _("Mobile money"), "F7")
        self.phone_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.phone_button.clicked.connect(self._open_phone)
        row.addWidget(self.phone_button)
        self.earlier_button = _tool("meeting", _("Earlier"), "")
        self.earlier_button.clicked.connect(self.presenter.look_at_last)
        row.addWidget(self.earlier_button)
        self.box = BoxStrip()
        row.addWidget(self.box, 1)
        return row

    def _bind_keys(self) -> None:
        within = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for key, action in (
            ("Ctrl+Z", self.presenter.undo),
            ("Ctrl+PgDown", lambda: self._turn(1)),
            ("Ctrl+PgUp", lambda: self._turn(-1)),
            ("F7", self._open_phone),
            ("F8", self.next_problem),
            ("F11", self.toggle_wall),
            ("Ctrl+B", self.toggle_wall),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(within)
            shortcut.activated.connect(action)

    # ------------------------------------------------------------------ what a person does

    def _choose_step(self, place: int) -> None:
        step = self.steps.itemData(place)
        if isinstance(step, Step):
            self.sheet.show_step(step)
            self._start()

    def _turn(self, by: int) -> None:
        self.hand_over()
        self.sheet.next_step(by)
        self._start()

    def _start(self) -> None:
        """Put the keyboard where the step begins."""
        part = self.parts.currentWidget()
        if part is self.grid:
            self.grid.setFocus()
            self.grid.table.go_first()
        elif part is not None:
            part.setFocus()

    def next_problem(self) -> None:
        """Go to the next cell that is wrong or asked about, in whichever step it stands."""
        here = self.grid.table.position()
        shown = [column.key for column in self.sheet.columns()]
        found = self.sheet.troubles()

        def place(row: int, key: str) -> tuple[int, int]:
            return row, shown.index(key) if key in shown else len(shown)

        later = [each for each in found if place(each.row, each.key) > here]
        target = (later or found)[:1]
        for each in target:
            self.go_to_cell(each.row, each.key)

    def go_to_cell(self, row: int, key: str) -> None:
        """Go to a cell, showing the step that has it."""
        column = self.sheet.column_of(key)
        self.grid.setFocus()
        self.grid.table.go(row, column)

    def toggle_wall(self) -> None:
        """Show the whole group what goes on, or put it away.

        It fills the second screen; on the only one it stands above the sheet.
        """
        if self.wall is not None:
            self.wall.close()
            return
        has_two = len(QGuiApplication.screens()) > 1
        self.show_wall(BigScreen(self.followed) if has_two else WallStrip(self.followed))

    def show_wall(self, wall: Wall) -> None:
        """Show the group this."""
        self.wall = wall
        wall.left.connect(self._wall_left)
        self._serve(self.grid.table.position()[0])
        if isinstance(wall, BigScreen):
            wall.open()
        elif isinstance(wall, WallStrip):
            self.body.insertWidget(0, wall)
            wall.fit(self.height())

    def _wall_left(self) -> None:
        if self.wall is not None:
            self.body.removeWidget(self.wall)
            self.wall.deleteLater()
            self.wall = None

    def _serve(self, row: int, _column: int = -1) -> None:
        self.followed.look_at(row)

    def _open_phone(self) -> None:
        self.hand_over()
        self.sheet.open_phone(self.grid.table.position()[0])

    def _close(self) -> None:
        self.hand_over()
        self.presenter.go_to_closing()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.wall is not None:
            self.wall.close()
        else:
            super().keyPressEvent(event)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if isinstance(self.wall, WallStrip):
            self.wall.fit(self.height())

    # ------------------------------------------------------------------ following

    def _show_box(self) -> None:
        money = self.meeting.money
        words = words_of(self.meeting.book)
        is_large = current_theme().percent > ROOMY_PERCENT
        is_waited_for = self.sheet.is_phone_waited_for
        self.phone_button.setVisible(is_waited_for)
        self.earlier_button.setHidden(is_large and is_waited_for)  # room for the purses' names
        name = words.short_fund if is_large else words.fund
        self.box.show_purses(
            [
                (name(purse.fund), money.amount(purse.in_box))
                for purse in self.meeting.book.sheet.purses
            ]
        )

    def _show_step(self) -> None:
        step = self.sheet.step
        part = {
            Step.OTHER_MONEY: self.other,
            Step.ACTIVITIES: self.activities,
            Step.NOTES: self.notes,
        }.get(step, self.grid)
        self.parts.setCurrentWidget(part)
        self.grid.sentence_row.setVisible(part is self.grid)
        place = self.steps.findData(step)
        if place >= 0:
            self.steps.setCurrentIndex(place)
        self.setFocusProxy(part)

    @override
    def hand_over(self) -> None:
        self.grid.hand_over()
        self.control.hand_over()
        self.other.hand_over()
        self.activities.hand_over()
        self.notes.hand_over()

    @override
    def start_find(self) -> bool:
        if self.parts.currentWidget() is not self.grid:
            return False
        self.hand_over()
        self.find_field.clear()
        self.find_field.show()
        self.find_field.setFocus()
        return True

    def _find(self) -> None:
        found = self.grid.go_to_member(self.find_field.text())
        self.grid.setFocus()
        if not found:
            self.presenter.shell.say(_("No member has this number or name."), tone=Tone.WARNING)

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            *sheet_keys(),
            KeyHint("Ctrl+PgDown", _("Next step")),
            KeyHint("Ctrl+PgUp", _("Step before")),
            KeyHint("F7", _("Money on the phone")),
            KeyHint("F11", _("Big screen for the group")),
            KeyHint("Ctrl+Z", _("Undo the last entry")),
            KeyHint("F10", _("Close the meeting")),
        )


def _tool(icon_name: str, text: str, key: str) -> QToolButton:
    theme = current_theme()
    button = QToolButton()
    set_role(button, "tool")
    if theme.percent <= ROOMY_PERCENT:
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setIcon(icon(icon_name, theme.colours.muted, theme.px(20)))
    button.setIconSize(QSize(theme.px(20), theme.px(20)))
    button.setAccessibleName(text)
    button.setToolTip(f"{text} ({key})" if key else text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
