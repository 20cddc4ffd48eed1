"""Opening a new group's book, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.new_group import NewGroupPresenter, Step
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.form import ChoiceBox, FormView
from vsla_desktop.views.widgets.grid import GridTable

_COLUMNS: Final = {Step.GROUP: 3, Step.RULES: 3, Step.OFFICERS: 3}


class NewGroupPage(Page):
    """Four steps; each is shown whole, and nothing typed is lost on the way."""

    def __init__(self, presenter: NewGroupPresenter) -> None:
        super().__init__(_("Open a new group"))
        self.presenter = presenter
        self.marks: list[QWidget] = []
        self.forms: dict[Step, FormView] = {}
        self.body.addLayout(self._make_path())
        self.stack = QStackedWidget()
        self.body.addWidget(self.stack, 1)
        for step in Step:
            self.stack.addWidget(self._make_step(step))
        self.back = SecondaryButton(_("Back"))
        self.back.clicked.connect(self._back)
        self.next = PrimaryButton(_("Next"), icon_name="arrow-right", key="F10")
        self.next.clicked.connect(self._next)
        self.add_to_foot(self.grid.take_sentence_row())
        self.add_action(self.back)
        self.add_action(self.next)
        presenter.step_changed.listen(self._show)
        self._show()

    def _make_path(self) -> QHBoxLayout:
        """The steps in a row, the one we are in marked."""
        theme = current_theme()
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        for place, name in enumerate(self.presenter.steps(), start=1):
            mark = label(f"{place}  {name}", "chip")
            self.marks.append(mark)
            row.addWidget(mark)
            if place < len(self.presenter.steps()):
                row.addWidget(IconLabel("arrow-right", size=16))
        row.addStretch(1)
        return row

    def _make_step(self, step: Step) -> QWidget:
        if step is Step.MEMBERS:
            return self._make_members()
        inside = QWidget()
        set_role(inside, "page")
        box = QVBoxLayout(inside)
        box.setContentsMargins(2, 2, current_theme().px(8), 2)
        form = FormView(self.presenter, self.presenter.fields(step), columns=_COLUMNS[step])
        form.finished.connect(self._next)
        self.forms[step] = form
        box.addWidget(form)
        box.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        return area

    def _make_members(self) -> QWidget:
        sheet = QWidget()
        box = QVBoxLayout(sheet)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(current_theme().px(8))
        words = _("Type one member a row, or copy the rows in a spreadsheet and press Ctrl+V here.")
        box.addWidget(label(words, "note", wrap=True))
        self.grid = GridTable(self.presenter.members, _("Members"))
        box.addWidget(self.grid, 1)
        return sheet

    # ------------------------------------------------------------------ going on

    def _next(self) -> None:
        self.hand_over()
        step = self.presenter.step
        wrong = self.presenter.next()
        if not wrong:
            return
        if step is Step.MEMBERS:
            self.grid.go_to_next_problem()
            self.grid.setFocus()
        elif step in self.forms:
            self.forms[step].go_to(wrong)

    def _back(self) -> None:
        self.hand_over()
        self.presenter.back()

    def _show(self) -> None:
        step = self.presenter.step
        self.stack.setCurrentIndex(int(step))
        for place, mark in enumerate(self.marks):
            set_role(mark, "chip-chosen" if place == step else "chip")
        is_last = step is Step.OFFICERS
        words = _("Open the book") if is_last else _("Next")
        self.next.setText(f" {words}   F10")
        self.next.setAccessibleName(words)
        self.next.setShortcut("F10")  # a new text takes the key away
        self.grid.sentence_row.setVisible(step is Step.MEMBERS)
        if is_last:
            self._offer_people()
        self._take_keyboard()

    def _offer_people(self) -> None:
        form = self.forms[Step.OFFICERS]
        for field in self.presenter.fields(Step.OFFICERS):
            editor = form.editor(field.key)
            if isinstance(editor, ChoiceBox):
                editor.offer(field.choices)
                editor.choose(self.presenter.form.text(field.key))

    def _take_keyboard(self) -> None:
        step = self.presenter.step
        if step is Step.MEMBERS:
            self.setFocusProxy(self.grid)
            self.grid.setFocus()
        else:
            form = self.forms[step]
            first = form.rows[next(iter(form.rows))].editor
            self.setFocusProxy(first)
            first.setFocus()

    @override
    def came_into_sight(self) -> None:
        self._take_keyboard()

    @override
    def hand_over(self) -> None:
        if self.presenter.step is Step.MEMBERS:
            self.grid.hand_over()
        else:
            self.forms[self.presenter.step].hand_over()

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("Enter", _("Next field")),
            KeyHint("Tab", _("Go right")),
            KeyHint("Space", _("Choose, or change the gender")),
            KeyHint("Ctrl+V", _("Paste rows from a spreadsheet")),
            KeyHint("F10", _("Next step")),
        )
