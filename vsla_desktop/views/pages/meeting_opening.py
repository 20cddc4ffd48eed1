"""Before a meeting: what the box held, number and day, and the opening count."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout
from typing_extensions import override

from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.meeting import MeetingPresenter
from vsla_desktop.presenters.meeting_opening import OpeningPresenter
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.reports.meeting_papers import blank_sheet
from vsla_desktop.views.pages.meeting_plan import PlanPart
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    Card,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.fields import FieldRow
from vsla_desktop.views.widgets.meeting_purses import PurseCard, side_by_side


class BeforePage(Page):
    """The two balances that the last meeting announced, and the next meeting's number and day."""

    def __init__(
        self, presenter: MeetingPresenter, opening: OpeningPresenter, printing: Printing
    ) -> None:
        super().__init__(_("Meeting"), scrolls=True)
        self.presenter = presenter
        self.opening = opening
        self.printing = printing
        self.body.addWidget(label(opening.last_sentence(), "heading"))
        self.body.addLayout(self._balances())
        self.body.addWidget(self._form())
        self.plan: PlanPart | None = None
        if presenter.planning is not None:
            self.plan = PlanPart(presenter.planning)
            self.body.addWidget(self.plan)
        self.trouble = label("", "error", wrap=True)
        self.body.addWidget(self.trouble)
        self.body.addStretch(1)
        self.sheet_button = SecondaryButton(_("Blank sheet"), icon_name="print", key="Ctrl+P")
        self.sheet_button.clicked.connect(self._print_sheet)
        self.add_action(self.sheet_button)
        if opening.before.closed:
            earlier = SecondaryButton(_("Earlier meetings"), icon_name="meeting")
            earlier.clicked.connect(presenter.look_at_last)
            self.add_action(earlier)
        self.go_on = PrimaryButton(_("Count the box"), icon_name="box", key="F10")
        self.go_on.clicked.connect(self._go_on)
        self.add_action(self.go_on)
        opening.changed.listen(self._show)
        self._show()
        self.setFocusProxy(self.number)

    def _balances(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(current_theme().px(14))
        for purse in self.opening.announced():
            card = Card(purse.name, purse.announced, icon_name="box")
            words = purse.words[:1].upper() + purse.words[1:]
            if purse.now:
                card.show_figure(
                    purse.announced,
                    _("The book holds {amount} now.", amount=purse.now),
                    Tone.WARNING,
                )
                card.body.addWidget(label(words, "note", wrap=True))
            else:
                card.show_figure(purse.announced, words)
            row.addWidget(card)
        return row

    def _form(self) -> QFrame:
        theme = current_theme()
        frame = QFrame()
        set_role(frame, "card")
        box = QVBoxLayout(frame)
        box.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        box.setSpacing(theme.px(12))
        box.addWidget(label(_("The next meeting"), "heading"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(20))
        box.addLayout(grid)
        opening = self.opening
        self.number = QLineEdit(opening.number_text)
        self.number.editingFinished.connect(lambda: opening.write_number(self.number.text()))
        self.day = QLineEdit(opening.day_text)
        self.day.editingFinished.connect(self._write_day)
        self.kind = QComboBox()
        for kind, word in opening.kinds():
            self.kind.addItem(word, kind)
        self.kind.activated.connect(lambda place: opening.choose_kind(self.kind.itemData(place)))
        self.merged = QComboBox()
        self.merged.addItems(opening.merged_choices())
        self.merged.activated.connect(lambda place: opening.choose_merged(place + 1))
        self.rows = {
            "number": FieldRow(_("Number"), self.number),
            "date": FieldRow(_("Day"), self.day),
            "kind": FieldRow(_("Kind"), self.kind),
            "meetings_merged": FieldRow(_("Stands for"), self.merged),
        }
        columns = {key: QVBoxLayout() for key in self.rows}
        for place, (key, field) in enumerate(self.rows.items()):
            columns[key].addWidget(field)
            grid.addLayout(columns[key], 0, place)
            grid.setColumnStretch(place, 1)
        self.planned = label("", "note", wrap=True)
        box.addWidget(self.planned)
        if opening.day != opening.today:
            today = SecondaryButton(_("Today"), icon_name="calendar", is_quiet=True)
            today.clicked.connect(opening.use_today)
            columns["date"].addWidget(today, 0, Qt.AlignmentFlag.AlignLeft)
        for column in columns.values():
            column.addStretch(1)
        return frame

    def _print_sheet(self) -> None:
        """Print a sheet to write the meeting on, as the day and number stand."""
        self.hand_over()
        group_id, day = self.presenter.group_id, self.opening.day
        self.printing.show(
            lambda session, today: blank_sheet(session, group_id, day=day, printed=today)
        )

    @override
    def keys(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint("Ctrl+P", _("Print a blank sheet")),
            KeyHint("F10", _("Count the box")),
        )

    def _write_day(self) -> None:
        if self.day.text() != self.opening.day_text:
            self.opening.write_day(self.day.text())

    def _go_on(self) -> None:
        self.hand_over()
        self.presenter.count_the_box()

    @override
    def hand_over(self) -> None:
        self._write_day()
        if self.number.text() != self.opening.number_text:
            self.opening.write_number(self.number.text())

    def _show(self) -> None:
        opening = self.opening
        if not (self.day.hasFocus() and self.day.isModified() and "date" in opening.problems):
            self.day.setText(opening.day_text)
        if not self.number.hasFocus():
            self.number.setText(opening.number_text)
        self.kind.setCurrentIndex(self.kind.findData(opening.kind))
        self.planned.setText(opening.plan_sentence())
        self.planned.setVisible(bool(opening.plan_sentence()))
        for field, row in self.rows.items():
            row.show_sentence(opening.problems.get(field, ""))
        if "kind" not in opening.problems:
            self.rows["kind"].show_help(opening.kind_sentence())
        if "date" not in opening.problems and opening.day_sentence():
            self.rows["date"].show_sentence(opening.day_sentence(), Tone.WARNING)
        rest = [text for field, text in opening.problems.items() if field not in self.rows]
        self.trouble.setText("\n".join(rest))
        self.trouble.setVisible(bool(rest))


class OpeningCountPage(Page):
    """The opening count: notes and coins of each purse, and why it differs if it does."""

    def __init__(self, presenter: MeetingPresenter, opening: OpeningPresenter) -> None:
        super().__init__(_("Opening count"), scrolls=True)
        self.presenter = presenter
        self._is_tried = False
        self.opening = opening
        row = QHBoxLayout()
        row.setSpacing(current_theme().px(16))
        self.cards = [PurseCard(purse, purse.title) for purse in opening.purses]
        row.addLayout(side_by_side(self.cards))
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addStretch(1)
        self.sentence = label("", "note", wrap=True)
        self.add_to_foot(self.sentence)
        back = SecondaryButton(_("Back"))
        back.clicked.connect(presenter.back_to_before)
        self.add_action(back)
        self.go_on = PrimaryButton(_("Open the meeting"), icon_name="key", key="F10")
        self.go_on.clicked.connect(self._open)
        self.add_action(self.go_on)
        for purse in opening.purses:
            purse.changed.listen(self._show)
        self._show()
        self.setFocusProxy(self.cards[0].counter.editors[0])

    def _open(self) -> None:
        self.hand_over()
        self._is_tried = True
        if not any(card.go_to_problem() for card in self.cards):
            self.presenter.open_the_meeting()
        self._show()

    @override
    def hand_over(self) -> None:
        for card in self.cards:
            card.hand_over()

    @override
    def keys(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint("Enter", _("Next note or coin")),
            KeyHint("F10", _("Open the meeting")),
        )

    def _show(self) -> None:
        waiting = [labelled(p.title, p.problem) for p in self.opening.purses if p.problem]
        text = waiting[0] if waiting else _("The box is counted.")
        self.sentence.setText(text)
        set_role(self.sentence, "error" if waiting and self._is_tried else "note")
