"""Home: where the group stands, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.home import HomePresenter, HomeState
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.pages.page import ROOMY_PERCENT, KeyHint, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    AmountLabel,
    Card,
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
    line,
)
from vsla_desktop.views.widgets.form import ChoiceBox

_ICONS: Final = {"members": "members", "savings": "savings", "loans": "loans", "fines": "warning"}


class HomePage(Page):
    """Figures that are read at once, and one button."""

    def __init__(self, presenter: HomePresenter) -> None:
        super().__init__(_("Home"), scrolls=True)
        self.presenter = presenter
        self._sheet: QWidget | None = None
        self.cards: dict[str, Card] = {}
        self.groups: ChoiceBox | None = None
        if len(presenter.groups) > 1:
            self.body.addLayout(self._make_switch())
        self.action = PrimaryButton(_("Open meeting"), icon_name="arrow-right", key="F10")
        self.action.clicked.connect(presenter.act)
        self.add_action(self.action)
        presenter.changed.listen(self._show)
        self.setFocusProxy(self.action)
        self._show()

    def _make_switch(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(current_theme().px(12))
        title = label(_("Group"), "note")
        self.groups = groups = ChoiceBox(
            [Choice(str(each.group_id), each.title) for each in self.presenter.groups]
        )
        groups.setAccessibleName(_("Group"))
        groups.choose(str(self.presenter.group_id))
        groups.picked.connect(lambda value: self.presenter.choose_group(int(value)))
        groups.setMinimumWidth(current_theme().px(380))
        title.setBuddy(groups)
        row.addWidget(title)
        row.addWidget(groups)
        row.addStretch(1)
        return row

    def _show(self) -> None:
        state = self.presenter.state
        self.action.setVisible(state is not None)
        if state is None:
            return
        if self.isVisible() and QApplication.focusWidget() is None:
            self.action.setFocus()
        old, self._sheet = self._sheet, self._make(state)
        if old is not None:
            self.body.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.body.addWidget(self._sheet, 1)
        self.action.setText(f" {state.action}   F10")
        self.action.setAccessibleName(state.action)
        self.action.setShortcut("F10")  # a new text takes the key away
        self.show_title(_("Home"), state.next_meeting)

    def _make(self, state: HomeState) -> QWidget:
        theme = current_theme()
        sheet = QWidget()
        box = QVBoxLayout(sheet)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(14))
        if state.step:
            box.addWidget(self._first_step(state))
        is_large = theme.percent > ROOMY_PERCENT
        columns = 2 if is_large else len(state.cards)
        cards = QGridLayout()
        cards.setSpacing(theme.px(14))
        for place, shown in enumerate(state.cards):
            card = Card(shown.title, icon_name=_ICONS[shown.key])
            card.show_figure(shown.figure, shown.note, shown.tone)
            self.cards[shown.key] = card
            cards.addWidget(card, place // columns, place % columns)
            cards.setColumnStretch(place % columns, 1)
        box.addLayout(cards)
        below = QVBoxLayout() if is_large else QHBoxLayout()
        below.setSpacing(theme.px(14))
        below.addWidget(self._purses(state), 1)
        below.addWidget(self._due(state), 1)
        box.addLayout(below)
        for words in state.planned:
            box.addLayout(_quiet("calendar", words))
        for words in state.agreed:
            box.addLayout(_quiet("check", words))
        if state.not_sent:
            box.addLayout(_quiet("laptop", state.not_sent))
        box.addStretch(1)
        return sheet

    def _first_step(self, state: HomeState) -> QFrame:
        frame, row = _step(state.step)
        if state.can_bring_paper:
            self.paper = SecondaryButton(_("Bring paper books"), icon_name="documents")
            self.paper.setToolTip(_("For a group that has met on paper in this cycle"))
            self.paper.clicked.connect(self.presenter.bring_paper)
            row.addWidget(self.paper)
        return frame

    def _purses(self, state: HomeState) -> QFrame:
        """The box large, and its purses below."""
        frame, inside = _frame(f"{_('Money')} · {state.currency}", "box")
        grid = QGridLayout()
        grid.setVerticalSpacing(current_theme().px(8))
        for row, (name, amount) in enumerate(state.purses):
            is_first = row == 0
            grid.addWidget(label(name, "strong" if is_first else ""), row, 0)
            grid.addWidget(AmountLabel(amount, size=24 if is_first else 13), row, 1)
        grid.setColumnStretch(1, 1)
        inside.addLayout(grid)
        inside.addStretch(1)
        spoken = ", ".join(f"{name} {amount}" for name, amount in state.purses)
        frame.setAccessibleName(spoken)
        return frame

    def _due(self, state: HomeState) -> QFrame:
        """Who should pay what at the next meeting."""
        frame, inside = _frame(_("Due at the next meeting"), "loans")
        if not state.due:
            inside.addWidget(label(_("No loan is due then."), "note"))
            inside.addStretch(1)
            return frame
        grid = QGridLayout()
        grid.setVerticalSpacing(current_theme().px(4))
        for row, due in enumerate(state.due):
            grid.addWidget(AmountLabel(str(due.number)), row, 0)
            grid.addWidget(label(due.name), row, 1)
            if due.is_late:
                grid.addWidget(_late(), row, 2)
            grid.addWidget(AmountLabel(due.amount), row, 3)
        grid.setColumnStretch(1, 1)
        grid.setHorizontalSpacing(current_theme().px(10))
        inside.addLayout(grid)
        if state.more_due:
            inside.addWidget(label(state.more_due, "note"))
        inside.addWidget(line())
        total = QHBoxLayout()
        total.addWidget(label(_("Together"), "strong"))
        total.addWidget(AmountLabel(state.due_total, size=13), 1)
        inside.addLayout(total)
        inside.addStretch(1)
        return frame

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (KeyHint("F10", _("Open the meeting")),)


def _frame(title: str, icon_name: str) -> tuple[QFrame, QVBoxLayout]:
    theme = current_theme()
    frame = QFrame()
    set_role(frame, "card")
    box = QVBoxLayout(frame)
    box.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
    box.setSpacing(theme.px(10))
    head = QHBoxLayout()
    head.setSpacing(theme.px(8))
    head.addWidget(IconLabel(icon_name, Tone.MUTED))
    head.addWidget(label(title, "note"), 1)
    box.addLayout(head)
    return frame, box


def _quiet(icon_name: str, text: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(current_theme().px(8))
    row.addWidget(IconLabel(icon_name, Tone.MUTED))
    row.addWidget(label(text, "note", wrap=True), 1)
    return row


def _late() -> QWidget:
    theme = current_theme()
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, theme.px(12), 0)
    row.setSpacing(theme.px(6))
    row.addWidget(IconLabel("warning", Tone.WARNING, 16))
    row.addWidget(label(_("Late"), "warning"))
    return made


def _step(text: str) -> tuple[QFrame, QHBoxLayout]:
    """The first step of a group that has not met yet."""
    theme = current_theme()
    frame = QFrame()
    set_role(frame, "message-plain")
    row = QHBoxLayout(frame)
    row.setContentsMargins(theme.px(14), theme.px(10), theme.px(14), theme.px(10))
    row.setSpacing(theme.px(12))
    row.addWidget(IconLabel("info"), 0, Qt.AlignmentFlag.AlignVCenter)
    row.addWidget(label(text, "strong", wrap=True), 1)
    return frame, row
