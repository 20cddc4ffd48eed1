"""The step of votes, trainings and discussions: what was added, and who takes part."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.activities import HANDS, ActivitiesPresenter
from vsla_desktop.presenters.activities_parts import activity_word
from vsla_desktop.presenters.form import Choice
from vsla_desktop.queries.activities import ActivityKind
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import SecondaryButton, current_theme, label
from vsla_desktop.views.widgets.fields import FieldRow
from vsla_desktop.views.widgets.form import ChoiceBox
from vsla_desktop.views.widgets.grid import GridTable

_HANDS_WIDTH = 80


class ActivitiesView(QWidget):
    """A line to add one, the list of them, and beside it the members who are present."""

    def __init__(self, presenter: ActivitiesPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(10))
        box.addWidget(self._form())
        below = QHBoxLayout()
        below.setSpacing(theme.px(20))
        left = QVBoxLayout()
        left.setSpacing(theme.px(8))
        self.quorum = label("", "note", wrap=True)
        left.addWidget(self.quorum)
        self._list = QGridLayout()
        self._list.setVerticalSpacing(theme.px(2))
        left.addLayout(self._list)
        left.addStretch(1)
        below.addLayout(left, 2)
        right = QVBoxLayout()
        right.setSpacing(theme.px(6))
        self.about = label("", "strong", wrap=True)
        self.advice = label("", "note", wrap=True)
        right.addWidget(self.about)
        right.addWidget(self.advice)
        self.grid = GridTable(presenter.parts, _("Who takes part"))
        right.addWidget(self.grid, 1)
        below.addLayout(right, 3)
        box.addLayout(below, 1)
        self.buttons: list[SecondaryButton] = []
        presenter.changed.listen(self._show)
        presenter.added.listen(self._added)
        self._show()
        self.setFocusProxy(self.kind)

    def _form(self) -> QFrame:
        theme = current_theme()
        frame = QFrame()
        set_role(frame, "card")
        row = QHBoxLayout(frame)
        row.setContentsMargins(theme.px(20), theme.px(12), theme.px(20), theme.px(12))
        row.setSpacing(theme.px(12))
        self.kind = ChoiceBox([Choice(kind.value, activity_word(kind)) for kind in ActivityKind])
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self.name = QLineEdit()
        self.name.returnPressed.connect(self._name_entered)
        self.hands = [QLineEdit() for _hand in HANDS]
        titles = (_("Hands for"), _("Against"), _("Neither"))
        self.rows = {
            "kind": FieldRow(_("What"), self.kind),
            "name": FieldRow(_("About"), self.name),
            **{
                field: FieldRow(title, editor)
                for field, title, editor in zip(HANDS, titles, self.hands, strict=True)
            },
        }
        for field, shown in self.rows.items():
            row.addWidget(shown, 3 if field == "name" else 0, Qt.AlignmentFlag.AlignTop)
        for place, editor in enumerate(self.hands):
            editor.setFixedWidth(theme.px(_HANDS_WIDTH))
            editor.setAlignment(Qt.AlignmentFlag.AlignRight)
            editor.returnPressed.connect(lambda place=place: self._hand_entered(place))
        self.add_button = SecondaryButton(_("Add"), icon_name="plus")
        self.add_button.clicked.connect(self.enter)
        column = QVBoxLayout()
        column.addSpacing(theme.px(26))
        column.addWidget(self.add_button)
        column.addStretch(1)
        row.addLayout(column)
        return frame

    # ------------------------------------------------------------------ what a person does

    def _kind_changed(self, _place: int) -> None:
        is_vote = self.kind.currentData() == ActivityKind.VOTING.value
        for field in HANDS:
            self.rows[field].setVisible(is_vote)

    def _name_entered(self) -> None:
        if self.kind.currentData() == ActivityKind.VOTING.value:
            self.hands[0].setFocus()
        else:
            self.enter()

    def _hand_entered(self, place: int) -> None:
        is_last = place == len(self.hands) - 1 or not any(h.text() for h in self.hands)
        if is_last:
            self.enter()
        else:
            self.hands[place + 1].setFocus()

    def enter(self) -> None:
        """Add what was typed; without hands a vote is taken member by member."""
        kind = ActivityKind(self.kind.currentData())
        self.presenter.add(kind, self.name.text(), [editor.text() for editor in self.hands])

    def _added(self) -> None:
        for editor in (self.name, *self.hands):
            editor.clear()
        line = self.presenter.meeting  # read back in a moment; then the members are there
        if line.book.sheet.present_count:
            self.grid.setFocus()

    def hand_over(self) -> None:
        """A half line is no entry; a mark is kept as it is left."""
        self.grid.hand_over()

    # ------------------------------------------------------------------ following

    def _show(self) -> None:
        presenter = self.presenter
        for field, row in self.rows.items():
            row.show_sentence(presenter.problems.get(field, ""))
        rest = [t for field, t in presenter.problems.items() if field not in self.rows]
        if rest:
            self.rows["name"].show_sentence(rest[0])
        self.quorum.setText(presenter.quorum_sentence())
        self._show_list()
        line = presenter.line
        self.about.setText(line.name if line is not None else "")
        self.about.setVisible(line is not None)
        self.advice.setText(presenter.parts_sentence())
        self.grid.setVisible(presenter.parts.row_count() > 0)

    def _show_list(self) -> None:
        typing = self.focusWidget()
        had_focus = [place for place, button in enumerate(self.buttons) if button is typing]
        while self._list.count():
            item = self._list.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        for place, shown in enumerate(self.presenter.lines()):
            is_chosen = place == self.presenter.chosen
            sign = "arrow-right" if is_chosen else ""
            choose = SecondaryButton(
                _("{what}: {about}", what=shown.what, about=shown.name), icon_name=sign
            )
            choose.setCheckable(True)
            choose.setChecked(is_chosen)
            choose.clicked.connect(lambda _c=False, place=place: self._choose(place))
            self._list.addWidget(choose, place * 2, 0)
            self.buttons.append(choose)
            if shown.can_go:
                go = SecondaryButton(_("Take out"), icon_name="close", is_quiet=True)
                go.setAccessibleName(_("Take out {what}", what=shown.name))
                go.clicked.connect(lambda _c=False, place=place: self.presenter.take_out(place))
                self._list.addWidget(go, place * 2, 1)
            self._list.addWidget(label(shown.result, "note", wrap=True), place * 2 + 1, 0, 1, 2)
        self._list.setColumnStretch(0, 1)
        if had_focus and had_focus[0] < len(self.buttons):
            self.buttons[had_focus[0]].setFocus()

    def _choose(self, place: int) -> None:
        self.presenter.choose(place)
        self._show()
