"""The first steps of a share-out: the value today, what is open, the count, the vote."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.share_out import ShareOutPresenter
from vsla_desktop.presenters.share_out_tables import worth
from vsla_desktop.presenters.share_out_text import (
    lost_line,
    pool_line,
    proof_line,
    rule_lines,
    value_formula,
)
from vsla_desktop.views.pages.page import ROOMY_PERCENT, KeyHint, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    Card,
    EmptyState,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.form import FormView
from vsla_desktop.views.widgets.listing import ListTable
from vsla_desktop.views.widgets.meeting_purses import PurseCard, side_by_side


class StepPage(Page):
    """One step: a sentence at the foot, a way back, and the one main button."""

    def __init__(
        self,
        presenter: ShareOutPresenter,
        action: str,
        *,
        icon_name: str = "arrow-right",
        has_way_back: bool = True,
        scrolls: bool = False,
    ) -> None:
        super().__init__(_("Share-out"), scrolls=scrolls)
        self.presenter = presenter
        self.sentence = label("", "note", wrap=True)
        self.add_to_foot(self.sentence)
        if has_way_back:
            self.back = SecondaryButton(_("Back"), key="Alt+Left")
            self.back.clicked.connect(presenter.back)
            self.add_action(self.back)
        self.main = PrimaryButton(action, icon_name=icon_name, key="F10")
        self.main.clicked.connect(self._go_on)

    def _go_on(self) -> None:
        self.hand_over()
        self.presenter.go_on()


class ValuePart(StepPage):
    """What a share is worth today, why, and for whom."""

    def __init__(self, presenter: ShareOutPresenter) -> None:
        super().__init__(presenter, _("Begin the share-out"), has_way_back=False)
        theme = current_theme()
        row = QHBoxLayout()
        row.setSpacing(theme.px(16))
        self.card = Card("", icon_name="share-out")
        self.card.setFixedWidth(theme.px(360))
        self._formula = [label("", "note", wrap=True) for _line in range(5)]
        for words in self._formula:
            self.card.body.addWidget(words)
        row.addWidget(self.card, 0, Qt.AlignmentFlag.AlignTop)
        self.list = ListTable(presenter.values, _("What each member has"))
        row.addWidget(self.list, 1)
        self.empty = EmptyState(
            _("Nothing is saved yet"), _("Save at a meeting first."), icon_name="savings"
        )
        self.body.addLayout(row, 1)
        self.body.addWidget(self.empty, 1)
        self.table = SecondaryButton(_("The proposal"), key="F6")
        self.table.clicked.connect(presenter.look_at_table)
        self.add_action(self.table)
        self.add_action(self.main)
        presenter.changed.listen(self._show)
        self._show()
        self.setFocusProxy(self.list)

    def _show(self) -> None:
        presenter = self.presenter
        value = presenter.book.value if presenter.book is not None else None
        for widget in (self.card, self.list, self.main):
            widget.setVisible(value is not None)
        self.empty.setVisible(value is None)
        self.table.setVisible(presenter.plan is not None)
        if value is None:
            return
        code, said = presenter.currency.code, presenter.words.say
        self.card.title.setText(said(_("A share is worth today"), _("{shares}: worth today")))
        self.card.show_figure(f"{worth(value.value, presenter.currency)} {code}")
        formula = value_formula(value, presenter.money, presenter.words)
        for words, text in zip(self._formula, formula, strict=True):
            words.setText(text)
        self.sentence.setText(_("As if all was shared out today."))

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("F6", _("Look at the proposal")),
            KeyHint("F10", _("Begin the share-out")),
        )


class AuditPart(StepPage):
    """What is still open; Enter leads to where it can be settled."""

    def __init__(self, presenter: ShareOutPresenter) -> None:
        super().__init__(presenter, _("Count the box"))
        self.body.addWidget(label(_("Settle first what can be settled."), "heading"))
        self.list = ListTable(presenter.points, _("What is open"))
        self.list.opened.connect(presenter.open_point)
        self.body.addWidget(self.list, 1)
        self.empty = EmptyState(
            _("Nothing is open"), _("Count the box now."), icon_name="check-circle"
        )
        self.body.addWidget(self.empty, 1)
        self.add_action(self.main)
        presenter.changed.listen(self._show)
        self._show()
        self.setFocusProxy(self.list)

    def _show(self) -> None:
        has_points = bool(self.presenter.points.row_count())
        self.list.setVisible(has_points)
        self.empty.setVisible(not has_points)
        if has_points and self.list.current_row() < 0:
            self.list.go_to(0)
        is_open = self.presenter.open_meeting is not None
        said = _("Nothing of this forbids the share-out.") if has_points else ""
        self.sentence.setText(said if is_open else _("Open a meeting first: it votes."))
        words = _("Count the box") if is_open else _("Open a meeting")
        self.main.setText(f" {words}   F10")
        self.main.setAccessibleName(words)

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("Enter", _("Go where it is settled")),
            KeyHint("F10", _("Count the box")),
            KeyHint("Alt+Left", _("Back")),
        )


class CountPart(StepPage):
    """Both purses by notes and coins, the reserve, and the rules as they were voted."""

    def __init__(self, presenter: ShareOutPresenter) -> None:
        super().__init__(presenter, _("Work it out"), scrolls=True)
        theme = current_theme()
        self.cards = [PurseCard(purse, purse.title) for purse in presenter.purses]
        has_room = theme.percent <= ROOMY_PERCENT
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        row = QBoxLayout(across if has_room else down)
        row.setSpacing(theme.px(16))
        if has_room:
            row.addLayout(side_by_side(self.cards))
        else:
            for card in self.cards:
                row.addWidget(card)
        self.form = FormView(presenter.reserve, presenter.reserve.fields(), columns=1)
        self.form.finished.connect(self._go_on)
        row.addWidget(self._right(), 1, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row)
        self.body.addStretch(1)
        self.add_action(self.main)
        if self.cards:
            self.setFocusProxy(self.cards[0].counter.editors[0])

    def _right(self) -> QWidget:
        presenter, theme = self.presenter, current_theme()
        frame = QFrame()
        set_role(frame, "card")
        box = QVBoxLayout(frame)
        box.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        box.setSpacing(theme.px(6))
        box.addWidget(label(_("As the group voted"), "heading"))
        if presenter.book is not None:
            for title, words in rule_lines(presenter.book.rules, presenter.money):
                box.addWidget(label(title, "note"))
                box.addWidget(label(words[:1].upper() + words[1:], wrap=True))
            if presenter.book.debts:
                box.addWidget(label(_("Debts to others stay in the box"), "note", wrap=True))
                box.addWidget(label(presenter.money.with_code(presenter.book.debts)))
        box.addSpacing(theme.px(10))
        box.addWidget(self.form)
        return frame

    @override
    def hand_over(self) -> None:
        for card in self.cards:
            card.hand_over()
        self.form.hand_over()

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("Enter", _("Next note or coin")),
            KeyHint("F10", _("Work it out")),
            KeyHint("Alt+Left", _("Back")),
        )


class VotePart(StepPage):
    """The hands for the proposal, or for opening a frozen one again."""

    def __init__(self, presenter: ShareOutPresenter) -> None:
        super().__init__(presenter, _("Write the vote"), icon_name="check")
        theme = current_theme()
        card = QFrame()
        set_role(card, "card")
        card.setMaximumWidth(theme.px(860))
        box = QVBoxLayout(card)
        box.setContentsMargins(theme.px(24), theme.px(20), theme.px(24), theme.px(20))
        box.setSpacing(theme.px(10))
        again = presenter.is_reopening
        asked = _("Open the share-out again?") if again else _("Share out like this?")
        box.addWidget(label(asked, "title"))
        plan, cycle = presenter.plan, presenter.cycle
        if plan is not None and cycle is not None:
            lines = (
                pool_line(plan, presenter.money, presenter.words),
                proof_line(plan, presenter.money),
                lost_line(cycle, presenter.money),
            )
            for text in lines:
                if text:
                    box.addWidget(label(text, wrap=True))
        box.addSpacing(theme.px(8))
        self.form = FormView(presenter.vote, presenter.vote.fields(), columns=3)
        self.form.finished.connect(self._go_on)
        box.addWidget(self.form)
        self.body.addWidget(card)
        self.body.addStretch(1)
        self.sentence.setText(_("After the vote only payouts are written."))
        self.add_action(self.main)
        self.setFocusProxy(self.form.editor("in_favour"))

    @override
    def hand_over(self) -> None:
        self.form.hand_over()

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("Enter", _("Next field")),
            KeyHint("F10", _("Write the vote")),
            KeyHint("Alt+Left", _("Back")),
        )
