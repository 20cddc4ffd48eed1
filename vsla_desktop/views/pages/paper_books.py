"""Bringing paper books: the members' sheet, the group's figures, and the balance, large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.paper_books import PaperBooksPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.keycard import sheet_keys
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    TONE_ICONS,
    EmptyState,
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
    tone_role,
)
from vsla_desktop.views.widgets.form import FormView
from vsla_desktop.views.widgets.grid import GridTable

_VERDICT_POINTS: Final = 16


class PaperBooksPage(Page):
    """Type what the paper says; the book begins when both sides are the same."""

    def __init__(self, presenter: PaperBooksPresenter) -> None:
        super().__init__(_("Bring paper books"), presenter.currency.code)
        self.presenter = presenter
        self.form: FormView | None = None
        theme = current_theme()
        self.body.setSpacing(theme.px(10))
        self.begun = EmptyState(
            _("The book has begun already"),
            _("Correct its entries instead."),
            icon_name="check-circle",
        )
        self.begun.hide()
        self.body.addWidget(self.begun, 1)
        self.main = QWidget()
        split = QHBoxLayout(self.main)
        split.setContentsMargins(0, 0, 0, 0)
        split.setSpacing(theme.px(16))
        self.grid = GridTable(presenter.members, _("What each member brings"))
        split.addWidget(self.grid, 1)
        self.side = QVBoxLayout()
        inside = QWidget()
        set_role(inside, "page")
        inside.setLayout(self.side)
        self.side.setContentsMargins(2, 2, theme.px(8), 2)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFixedWidth(theme.px(290))
        area.setWidget(inside)
        split.addWidget(area)
        self.body.addWidget(self.main, 1)
        self.body.addWidget(self._make_balance())
        self.add_to_foot(self.grid.take_sentence_row())
        later = SecondaryButton(_("Go on later"))
        later.clicked.connect(self._later)
        self.begin = PrimaryButton(_("Begin the book"), icon_name="check", key="F10")
        self.begin.clicked.connect(self._begin)
        self.add_action(later)
        self.add_action(self.begin)
        presenter.changed.listen(self._show)
        self._show()

    def _make_balance(self) -> QFrame:
        theme = current_theme()
        self.balance = frame = QFrame()
        set_role(frame, "card")
        row = QHBoxLayout(frame)
        row.setContentsMargins(theme.px(18), theme.px(8), theme.px(18), theme.px(8))
        row.setSpacing(theme.px(12))
        self.balance_icon = IconLabel("check-circle", Tone.GOOD, 28)
        row.addWidget(self.balance_icon)
        self.verdict = label("", "", wrap=True)
        self.verdict.setFont(theme.digits_font(_VERDICT_POINTS, bold=True))
        row.addWidget(self.verdict, 1)
        sides = QVBoxLayout()
        sides.setSpacing(theme.px(2))
        self.has, self.claims = label("", ""), label("", "")
        for side in (self.has, self.claims):
            side.setFont(theme.digits_font())
            side.setAlignment(Qt.AlignmentFlag.AlignRight)
            sides.addWidget(side)
        row.addLayout(sides)
        return frame

    def _show(self) -> None:
        read = self.presenter.read
        if read is None:
            return
        shown = (self.main, self.balance, self.begin)
        for part in shown if read.has_begun else (self.begun,):
            part.hide()  # first: both together would make the window grow
        for part in (self.begun,) if read.has_begun else shown:
            part.show()
        if self.form is None:
            self.form = FormView(self.presenter, self.presenter.fields(), columns=1)
            self.form.finished.connect(self.begin.setFocus)
            self.side.addWidget(self.form)
            self.side.addStretch(1)
        line = self.presenter.balance()
        self.has.setText(line.has)
        self.claims.setText(line.claims)
        self.verdict.setText(line.verdict)
        set_role(self.verdict, tone_role(line.tone))
        self.balance_icon.show_icon(TONE_ICONS[line.tone], line.tone)
        self.balance.setAccessibleName(f"{line.verdict} {line.has}. {line.claims}.")

    def _begin(self) -> None:
        self.hand_over()
        wrong = self.presenter.begin()
        if wrong == "members":
            self.grid.go_to_next_problem()
            self.grid.setFocus()
        elif wrong and self.form is not None:
            self.form.go_to(wrong)

    def _later(self) -> None:
        self.hand_over()
        self.presenter.leave()

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()
        self.grid.setFocus()
        self.grid.table.go_first()

    @override
    def hand_over(self) -> None:
        self.grid.hand_over()
        if self.form is not None:
            self.form.hand_over()

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (*sheet_keys(), KeyHint("F10", _("Begin the book")))
