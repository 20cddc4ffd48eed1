"""One loan: its terms in words, what is owed, schedule, payments, guarantors and assessment."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.loans_one import LoanPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.pages.page import ROOMY_PERCENT
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import AmountLabel, Card, IconLabel, current_theme, label
from vsla_desktop.views.widgets.listing import ListTable


class LoanView(QWidget):
    """Everything about one loan, the borrower beside the treasurer."""

    def __init__(self, one: LoanPresenter) -> None:
        super().__init__()
        theme = current_theme()
        self.one = one
        self._is_large = theme.percent > ROOMY_PERCENT
        box = QVBoxLayout(self._scrolled(self) if self._is_large else self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(10))
        self.terms = label(one.terms(), "heading", wrap=True)
        box.addWidget(self.terms)
        if one.refusal() and one.loan is None:
            box.addWidget(label(_("Refused: {reason}", reason=one.refusal()), wrap=True))
        if one.needs_meeting:
            box.addWidget(_noted(_("No meeting is open. Money moves at meetings only.")))
        cards = QGridLayout()
        cards.setSpacing(theme.px(12))
        for place, (title, figure, note, tone) in enumerate(one.figures()):
            card = Card(title, size=18)
            card.show_figure(figure, note, tone)
            cards.addWidget(card, *divmod(place, 2 if self._is_large else 4))
        box.addLayout(cards)
        self.schedule = ListTable(one.schedule, _("Schedule"), fills=not self._is_large)
        if self._is_large:  # one below the other, all of it scrolled
            box.addWidget(self.schedule)
            box.addWidget(self._side())
            return
        parts = QHBoxLayout()
        parts.setSpacing(theme.px(12))
        parts.addWidget(self.schedule, 12)
        area = self._scrolling(self._side())
        area.setAccessibleName(_("Payments, guarantors and assessment"))
        parts.addWidget(area, 7)
        box.addLayout(parts, 1)

    def _scrolled(self, outside: QWidget) -> QWidget:
        """Let all of the page be scrolled; return what it is laid out in."""
        inside = QWidget()
        set_role(inside, "page")
        area = self._scrolling(inside)
        area.setAccessibleName(self.one.title())
        box = QVBoxLayout(outside)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(area)
        return inside

    @staticmethod
    def _scrolling(inside: QWidget) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        return area

    def _side(self) -> QWidget:
        """Payments, guarantors, assessment, one below the other."""
        theme = current_theme()
        inside = QWidget()
        set_role(inside, "page")
        box = QVBoxLayout(inside)
        box.setContentsMargins(0, 0, theme.px(6), 0)
        box.setSpacing(theme.px(10))
        if self.one.moves.row_count():
            self.moves = ListTable(self.one.moves, _("Payments"), fills=False)
            box.addWidget(self.moves)
        row = QHBoxLayout()
        row.addWidget(label(_("Guarantors"), "strong"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label(self.one.guarantors(), wrap=True), 1)
        box.addLayout(row)
        box.addWidget(self._assessment())
        box.addStretch(1)
        return inside

    def _assessment(self) -> QFrame:
        theme = current_theme()
        card = QFrame()
        set_role(card, "card")
        grid = QGridLayout(card)
        grid.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(12))
        grid.setVerticalSpacing(theme.px(4))
        grid.setColumnStretch(1, 1)
        grid.addWidget(label(_("Assessment"), "strong"), 0, 0, 1, 2)
        rows = self.one.assessment()
        for place, (title, figure) in enumerate(rows, 1):
            grid.addWidget(label(title, "note"), place, 0)
            amount = AmountLabel(figure)
            amount.setAccessibleName(labelled(title, figure))
            grid.addWidget(amount, place, 1)
        place = len(rows) + 1
        if not rows:
            grid.addWidget(label(_("Not assessed yet."), "note"), place, 0, 1, 2)
            place += 1
        reasons = self.one.reasons()
        for place, reason in enumerate(reasons, place):  # noqa: B020 - goes on counting
            grid.addWidget(_noted(reason), place, 0, 1, 2)
        if not reasons:
            grid.addWidget(_noted(_("Nothing speaks against a loan."), Tone.GOOD), place, 0, 1, 2)
        return card


def _noted(text: str, tone: Tone = Tone.WARNING) -> QWidget:
    """A sentence with its icon."""
    theme = current_theme()
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.px(6))
    name = "check-circle" if tone is Tone.GOOD else "warning"
    row.addWidget(IconLabel(name, tone, 18), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label(text, wrap=True), 1)
    return made
