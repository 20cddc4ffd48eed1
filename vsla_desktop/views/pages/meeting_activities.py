"""The step of votes, trainings and discussions: what was added, and who takes part."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

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
from vsla_desktop.views.widgets.listing import ListTable

_HANDS_WIDTH = 72


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
        self.list = ListTable(presenter, _("Activities"))
        self.list.chosen.connect(presenter.choose)
        self.list.opened.connect(self._start)
        left.addWidget(self.list, 1)
        self.take_out = SecondaryButton(_("Take out"), icon_name="close", is_quiet=True)
        self.take_out.clicked.connect(presenter.take_out)
        left.addWidget(self.take_out, 0, Qt.AlignmentFlag.AlignLeft)
        below.addLayout(left, 1)
        right = QVBoxLayout()
        right.setSpacing(theme.px(6))
        self.about = label("", "strong", wrap=True)
        self.advice = label("", "note", wrap=True)
        right.addWidget(self.about)
        right.addWidget(self.advice)
        self.grid = GridTable(presenter.parts, _("Who takes part"))
        self.grid.setMinimumHeight(theme.px(90))
        right.addWidget(self.grid, 1)
        below.addLayout(right, 1)
        box.addLayout(below, 1)
        self._starts = False
        presenter.changed.listen(self._show)
        presenter.other_shown.listen(self._show_parts)
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
        self._starts = True  # once it is read back, its members are there

    def _start(self, _row: int = 0) -> None:
        """Put the keyboard at the first member."""
        if not self.grid.isHidden():
            self.grid.setFocus()
            self.grid.table.go_first()

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
        has_any = presenter.row_count() > 0
        self.list.setVisible(has_any)
        self.list.go_to(presenter.chosen)
        self._show_parts()
        if self._starts and has_any:
            self._starts = False
            self._start()

    def _show_parts(self) -> None:
        presenter = self.presenter
        place = presenter.chosen
        self.take_out.setVisible(presenter.can_take_out)
        is_shown = presenter.line is not None
        title = presenter.row_title(place) if is_shown else ""
        self.about.setText(f"{title}. {presenter.result()}" if is_shown else "")
        self.about.setVisible(is_shown)
        self.take_out.setAccessibleName(_("Take out {what}", what=title))
        self.advice.setText(presenter.parts_sentence())
        self.grid.setVisible(presenter.parts.row_count() > 0)
