"""Closing a meeting: what is open, the closing count, and the balances to announce."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.closing import ClosingPresenter
from vsla_desktop.presenters.meeting import MeetingPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.icons import icon
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    AmountLabel,
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
    line,
)
from vsla_desktop.views.widgets.meeting_purses import (
    MANY_PURSES,
    ROOMY_PERCENT,
    PurseCard,
    side_by_side,
)


class ClosingPage(Page):
    """The closing count first; then what is open, and what to announce."""

    def __init__(self, presenter: MeetingPresenter, closing: ClosingPresenter) -> None:
        super().__init__(_("Close the meeting"), scrolls=True)
        self.presenter = presenter
        self.closing = closing
        self.cards = [PurseCard(purse, purse.title) for purse in closing.purses]
        has_room = len(self.cards) <= MANY_PURSES and current_theme().percent <= ROOMY_PERCENT
        across = QBoxLayout.Direction.LeftToRight
        row = QBoxLayout(across if has_room else QBoxLayout.Direction.TopToBottom)
        row.setSpacing(current_theme().px(16))
        row.addLayout(side_by_side(self.cards))
        row.addWidget(self._right(), 1, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row)
        self.body.addStretch(1)
        self.sentence = label("", "note", wrap=True)
        self.add_to_foot(self.sentence)
        back = SecondaryButton(_("Back to the sheet"))
        back.clicked.connect(presenter.back_to_sheet)
        self.add_action(back)
        self.close_button = PrimaryButton(_("Close and seal"), icon_name="lock", key="F10")
        self.close_button.clicked.connect(self._close)
        self.add_action(self.close_button)
        fix = QShortcut(QKeySequence("F8"), self)
        fix.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        fix.activated.connect(self.fix_next)
        closing.changed.listen(self._show)
        self._show()
        self.setFocusProxy(self.cards[0].counter.editors[0])

    def _right(self) -> QWidget:
        theme = current_theme()
        frame = QFrame()
        set_role(frame, "card")
        box = QVBoxLayout(frame)
        box.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        box.setSpacing(theme.px(8))
        self.quorum = label("", "heading", wrap=True)
        box.addWidget(self.quorum)
        self._problems = QVBoxLayout()
        self._problems.setSpacing(theme.px(4))
        box.addLayout(self._problems)
        box.addWidget(line())
        box.addWidget(label(_("Announce both balances"), "heading"))
        self._balances = QVBoxLayout()
        self._balances.setSpacing(theme.px(2))
        box.addLayout(self._balances)
        self.announced = SecondaryButton(_("Press when announced"))
        self.announced.setCheckable(True)
        self.announced.toggled.connect(self._announce)
        box.addWidget(self.announced)
        return frame

    def _announce(self, is_announced: bool) -> None:  # noqa: FBT001 - a slot
        self.hand_over()
        self.closing.announce(is_announced=is_announced)

    def fix_next(self) -> None:
        """Go to the first open problem."""
        for problem in self.closing.problems():
            if problem.key:
                self.hand_over()
                self.presenter.fix(problem.row, problem.key)
                return

    def _close(self) -> None:
        self.hand_over()
        self.presenter.close_the_meeting()
        if self.closing.refusal and not any(p.blocks for p in self.closing.problems()):
            self._go_to_what_is_missing()

    def _go_to_what_is_missing(self) -> None:
        """Go to the count that is not right yet, else to what says that it was announced."""
        if not any(card.go_to_problem() for card in self.cards):
            self.announced.setFocus()

    @override
    def hand_over(self) -> None:
        for card in self.cards:
            card.hand_over()

    @override
    def keys(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint("Enter", _("Next note or coin")),
            KeyHint("F8", _("Go to what must be fixed")),
            KeyHint("F10", _("Close and seal")),
        )

    # ------------------------------------------------------------------ following

    def _show(self) -> None:
        closing = self.closing
        self.quorum.setText(closing.quorum_sentence())
        _empty(self._problems)
        found = closing.problems()
        for problem in found:
            tone = Tone.ERROR if problem.blocks else Tone.WARNING
            self._problems.addWidget(_sentence(problem.sentence, tone))
        if any(problem.key for problem in found):
            fix = SecondaryButton(_("Go there   F8"), icon_name="arrow-right")
            fix.setAccessibleName(_("Go to what must be fixed"))
            fix.clicked.connect(self.fix_next)
            self._problems.addWidget(fix, 0, Qt.AlignmentFlag.AlignLeft)
        if not found:
            self._problems.addWidget(_sentence(_("Nothing is open."), Tone.GOOD))
        _empty(self._balances)
        for balance in closing.balances():
            self._balances.addWidget(label(balance.name, "note"))
            if balance.figure:
                self._balances.addWidget(_left(AmountLabel(balance.figure, size=18)))
            words = balance.words[:1].upper() + balance.words[1:]
            self._balances.addWidget(label(words, wrap=True))
        if self.announced.isChecked() != closing.is_announced:
            self.announced.setChecked(closing.is_announced)
        theme = current_theme()
        said = _("Announced. Everyone agrees.") if closing.is_announced else ""
        self.announced.setText(f" {said}" if said else _("Press when announced"))
        sign = icon("check-circle", theme.colours.good, theme.px(20)) if said else QIcon()
        self.announced.setIcon(sign)
        said = closing.refusal or closing.missing
        self.sentence.setText(said or _("Ready to close."))
        set_role(self.sentence, "error" if closing.refusal else "note")


def _sentence(text: str, tone: Tone) -> QWidget:
    row = QWidget()
    across = QHBoxLayout(row)
    across.setContentsMargins(0, 0, 0, 0)
    across.setSpacing(current_theme().px(8))
    names = {Tone.ERROR: "error", Tone.WARNING: "warning", Tone.GOOD: "check-circle"}
    across.addWidget(IconLabel(names[tone], tone), 0, Qt.AlignmentFlag.AlignTop)
    across.addWidget(label(text, wrap=True), 1)
    return row


def _left(amount: AmountLabel) -> AmountLabel:
    amount.setAlignment(Qt.AlignmentFlag.AlignLeft)
    return amount


def _empty(box: QVBoxLayout) -> None:
    while box.count():
        item = box.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
