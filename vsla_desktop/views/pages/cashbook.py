"""The cashbook: a month to a page, and a panel to correct a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.cashbook import CashbookPresenter
from vsla_desktop.views.pages.page import ROOMY_PERCENT, KeyHint, Page
from vsla_desktop.views.widgets.basics import (
    AmountLabel,
    EmptyState,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.correction import CorrectionCard
from vsla_desktop.views.widgets.form import ChoiceBox
from vsla_desktop.views.widgets.listing import ListTable


class CashbookPage(Page):
    """Lines as on paper: the balances run on, what was corrected stands beside its correction."""

    def __init__(self, presenter: CashbookPresenter) -> None:
        super().__init__(_("Cashbook"))
        self.presenter = presenter
        self._is_large = current_theme().percent > ROOMY_PERCENT
        # Beside the page of a practice book stand the exercises.
        presenter.is_narrow = self._is_large or presenter.shell.state.is_practice
        self.card: CorrectionCard | None = None
        self.body.setSpacing(current_theme().px(10))
        self.filters = QWidget()
        self.body.addWidget(self.filters)
        self._add_filters()
        self.list = ListTable(presenter, _("Cashbook"))
        self.list.opened.connect(presenter.open_row)
        self.body.addWidget(self.list, 1)
        self.empty = EmptyState(
            _("Nothing in this month"),
            _("Open a meeting, or choose another month."),
            icon_name="cashbook",
        )
        self.body.addWidget(self.empty, 1)
        self.empty.hide()
        self.add_to_foot(self._make_totals())
        self.correct = SecondaryButton(_("Correct …"), icon_name="undo", key="F2")
        self.correct.clicked.connect(self._correct)
        self.add_action(self.correct)
        for keys, months in (("PgUp", -1), ("PgDown", 1)):
            QShortcut(
                QKeySequence(f"Alt+{keys}"), self, lambda months=months: presenter.turn(months)
            )
        presenter.changed.listen(self._show)
        presenter.correction_changed.listen(self._show_correction)
        presenter.row_wanted.listen(self.list.go_to)
        self.setFocusProxy(self.list)

    def _add_filters(self) -> None:
        """One row, or two where it is narrow."""
        theme = current_theme()
        row, second = QHBoxLayout(), QHBoxLayout()
        row.setSpacing(theme.px(10))
        second.setSpacing(theme.px(10))
        is_narrow = self.presenter.is_narrow
        box = QVBoxLayout(self.filters)
        box.setContentsMargins(0, 0, 0, 0)
        earlier = SecondaryButton(_("Earlier"))
        earlier.setToolTip("Alt+PgUp")
        earlier.clicked.connect(lambda: self.presenter.turn(-1))
        later = SecondaryButton(_("Later"))
        later.setToolTip("Alt+PgDown")
        later.clicked.connect(lambda: self.presenter.turn(1))
        self.month = self._box(_("Month"), self.presenter.choose_month, 190)
        self.fund = self._box(_("Purse"), self.presenter.choose_fund, 210)
        self.meeting = self._box(_("Meeting"), self.presenter.choose_meeting, 250)
        self.count = label("", "note")
        for widget in (earlier, self.month, later):
            row.addWidget(widget)
        row.addSpacing(theme.px(10))
        for widget in (self.fund, self.meeting):
            (second if is_narrow else row).addWidget(widget)
        for each in (row, second) if is_narrow else (row,):
            each.addStretch(1)
            box.addLayout(each)
        row.addWidget(self.count)

    @staticmethod
    def _box(name: str, take: Callable[[str], None], width: int) -> ChoiceBox:
        box = ChoiceBox()
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.setMinimumWidth(current_theme().px(width))
        box.picked.connect(take)
        return box

    def _make_totals(self) -> QWidget:
        theme = current_theme()
        strip = QWidget()
        row = QHBoxLayout(strip)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        self.totals: dict[str, AmountLabel] = {}
        for key, title in (
            ("before", _("Before")),
            ("came_in", _("In")),
            ("went_out", _("Out")),
            ("after", _("After")),
        ):
            row.addWidget(label(title, "note"))
            amount = AmountLabel(size=14)
            amount.setAccessibleName(title)
            self.totals[key] = amount
            row.addWidget(amount)
            row.addSpacing(theme.px(16))
        row.addStretch(1)
        return strip

    def _show(self) -> None:
        presenter = self.presenter
        self.month.offer(presenter.months())
        self.month.choose(presenter.month.isoformat() if presenter.month else "")
        self.fund.offer(presenter.funds())
        self.fund.choose(presenter.fund)
        self.meeting.offer(presenter.meetings())
        self.meeting.choose(presenter.meeting)
        self.count.setText(presenter.summary())
        totals = presenter.totals()
        for key, amount in self.totals.items():
            text: str = getattr(totals, key)
            amount.setText(text)
            amount.setAccessibleDescription(text)
        is_empty = presenter.is_read and not presenter.row_count()
        self.empty.setVisible(is_empty)
        self.list.setVisible(not is_empty and (self.card is None or not self._is_large))
        self.correct.setVisible(presenter.open_meeting_id is not None)
        if self.list.current_row() < 0:
            self.list.table.scrollToBottom()

    # ------------------------------------------------------------------ correcting

    def _correct(self) -> None:
        if self.list.current_row() >= 0:
            self.presenter.correct(self.list.current_row())

    def _show_correction(self) -> None:
        if self.card is not None:
            self.body.removeWidget(self.card)
            self.card.hide()
            self.card.deleteLater()
            self.card = None
            self.list.setFocus()
        correction = self.presenter.correction
        is_open = self.presenter.open_meeting_id is not None
        self.correct.setVisible(correction is None and is_open)
        # With large text the correction, which names its line, needs the room.
        is_roomy = correction is None or not self._is_large
        self.filters.setVisible(is_roomy)
        self.list.setVisible(is_roomy)
        if correction is None:
            return
        self.card = CorrectionCard(correction)
        self.body.addWidget(self.card, 0 if is_roomy else 1)
        self.card.show()  # at once: its keys may be pressed before the next picture
        self.card.form.go_to(correction.first_field)

    # ------------------------------------------------------------------ what the window asks

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()

    @override
    def hand_over(self) -> None:
        if self.card is not None:
            self.card.form.hand_over()

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("Alt+PgUp", _("The month before")),
            KeyHint("Alt+PgDown", _("The month after")),
            KeyHint("F2", _("Correct the line")),
            KeyHint("F10", _("Write the correction")),
            KeyHint("Esc", _("Leave as it was")),
        )
