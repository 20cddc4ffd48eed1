"""The loans: the list with its totals, one loan in full, and what is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.loans import LoansPresenter
from vsla_desktop.presenters.printing import Printing, loan_pages
from vsla_desktop.views.pages.loans_form import LoanFormView
from vsla_desktop.views.pages.loans_one import LoanView
from vsla_desktop.views.pages.page import ROOMY_PERCENT, KeyHint, Page
from vsla_desktop.views.widgets.basics import (
    AmountLabel,
    EmptyState,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.form import ChoiceBox
from vsla_desktop.views.widgets.listing import ListTable

_MOST_IN_A_ROW, _MOST_OF_SMALL_TEXT = 3, 4


class LoansPage(Page):
    """Shows one of: the list, one loan, a form about it."""

    def __init__(self, presenter: LoansPresenter, printing: Printing) -> None:
        super().__init__(_("Loans"))
        self.presenter = presenter
        self.printing = printing
        QShortcut(QKeySequence("Ctrl+P"), self, self._print)
        self.view: LoanView | None = None
        self.form: LoanFormView | None = None
        self._panel: QWidget | None = None
        self._buttons: list[QPushButton] = []
        self._others: QWidget | None = None
        self.stack = QStackedWidget()
        self.body.addWidget(self.stack, 1)
        self.list_side = self._make_list()
        self.stack.addWidget(self.list_side)
        presenter.changed.listen(self._show_list)
        presenter.shown.listen(self._show)
        self._show()

    # ------------------------------------------------------------------ the list

    def _make_list(self) -> QWidget:
        theme = current_theme()
        side = QWidget()
        box = QVBoxLayout(side)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(10))
        row = QHBoxLayout()
        row.setSpacing(theme.px(16))
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Number or name"))
        self.search.setAccessibleName(_("Find a loan"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(theme.px(340))
        self.search.textChanged.connect(self.presenter.find)
        self.search.returnPressed.connect(self._open_found)
        self.filter = ChoiceBox(self.presenter.filters())
        self.filter.setAccessibleName(_("Which loans"))
        self.filter.setMinimumWidth(theme.px(190))
        self.filter.picked.connect(self.presenter.choose_filter)
        row.addWidget(self.search, 1)
        row.addWidget(self.filter)
        row.addStretch(1)
        box.addLayout(row)
        self.list = ListTable(self.presenter, _("Loans"))
        self.list.opened.connect(self.presenter.open_row)
        box.addWidget(self.list, 1)
        self.empty = EmptyState(
            _("No loans here"),
            _("Write down who asks, or lend at a meeting."),
            icon_name="loans",
        )
        box.addWidget(self.empty, 1)
        self.empty.hide()
        box.addWidget(self._make_totals())
        return side

    def _make_totals(self) -> QWidget:
        theme = current_theme()
        strip = QWidget()
        box = QVBoxLayout(strip)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(2))
        # With large text two figures fit a row.
        columns = 2 if theme.percent > ROOMY_PERCENT else 4
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(2))
        grid.setColumnStretch(columns * 3, 1)
        self.totals: dict[str, AmountLabel] = {}
        for place, (key, title) in enumerate(
            (
                ("count", _("Running")),
                ("owed", _("Principal owed")),
                ("late", _("Late")),
                ("at_risk", _("Portfolio at risk")),
            )
        ):
            row, column = divmod(place, columns)
            amount = AmountLabel(size=14)
            amount.setAccessibleName(title)
            self.totals[key] = amount
            grid.addWidget(label(title, "note"), row, column * 3)
            grid.addWidget(amount, row, column * 3 + 1)
            grid.setColumnMinimumWidth(column * 3 + 2, theme.px(12))
            grid.setRowMinimumHeight(row, theme.px(27))
        box.addLayout(grid)
        self.formula = label("", "note", wrap=True)
        box.addWidget(self.formula)
        return strip

    def _show_list(self) -> None:
        presenter = self.presenter
        totals = presenter.totals()
        for key, amount in self.totals.items():
            text: str = getattr(totals, key)
            amount.setText(text)
            amount.setAccessibleDescription(text)
        self.formula.setText(f"{_('Portfolio at risk')} = {totals.formula}")
        self.filter.choose(presenter.filter)
        is_empty = presenter.read is not None and not presenter.row_count()
        self.empty.setVisible(is_empty)
        self.list.setVisible(not is_empty)

    def _open_found(self) -> None:
        if self.presenter.row_count() == 1:
            self.presenter.open_row(0)
        else:
            self.list.go_to(0)
            self.list.setFocus()

    # ------------------------------------------------------------------ what is shown

    def _show(self) -> None:
        presenter = self.presenter
        self._drop_panel()
        if presenter.form is not None:
            self._show_form()
        elif presenter.one is not None:
            self._show_one()
        else:
            self.stack.setCurrentWidget(self.list_side)
            self.show_title(_("Loans"))
            ask = PrimaryButton(_("A member asks"), icon_name="plus", key="F10")
            ask.clicked.connect(presenter.ask)
            self._show_actions(ask)
            self.setFocusProxy(self.list)
            self.list.setFocus()

    def _show_one(self) -> None:
        one = self.presenter.one
        if one is None:
            return
        self.view = LoanView(one)
        self._show_panel(self.view)
        self.show_title(one.title(), one.note())
        back = SecondaryButton(_("All loans"), key="Esc")
        back.clicked.connect(self.presenter.close_loan)
        buttons: list[QPushButton] = [back]
        if one.loan is not None:
            paper = SecondaryButton(_("Print"), icon_name="print")
            paper.clicked.connect(self._print)
            buttons.append(paper)
        for action in one.actions():
            if one.needs_meeting and action.name not in {"assess", "withdraw"}:
                continue
            make = PrimaryButton if action.is_main else SecondaryButton
            button = make(action.title, icon_name=action.icon, key=action.key)
            button.clicked.connect(partial(one.do, action.name))
            buttons.append(button)
        if one.needs_meeting:
            meet = PrimaryButton(_("Open a meeting"), icon_name="meeting", key="F10")
            meet.clicked.connect(self.presenter.go_to_meeting)
            buttons.append(meet)
        self._show_actions(*buttons)
        self.view.schedule.setFocus()

    def _print(self) -> None:
        one = self.presenter.one
        if one is not None and one.loan is not None:
            self.printing.show(loan_pages(one.loan_id))

    def _show_form(self) -> None:
        form = self.presenter.form
        if form is None:
            return
        self.form = LoanFormView(form)
        self.form.finished.connect(self._save)
        self._show_panel(self.form)
        one = self.presenter.one
        self.show_title(form.title(), one.title() if one is not None else "")
        back = SecondaryButton(_("Leave as it was"), key="Esc")
        back.clicked.connect(self.presenter.leave_form)
        save = PrimaryButton(form.button(), icon_name="check", key="F10")
        save.clicked.connect(self._save)
        self._show_actions(back, save)
        self.form.go_to("")

    def _save(self) -> None:
        form, view = self.presenter.form, self.form
        if form is None or view is None:
            return
        view.hand_over()
        wrong = form.save()
        if wrong and self.form is view:
            view.go_to(wrong)

    def _show_panel(self, panel: QWidget) -> None:
        self._panel = panel
        self.stack.addWidget(panel)
        self.stack.setCurrentWidget(panel)

    def _drop_panel(self) -> None:
        self.view, self.form = None, None
        if self._panel is not None:
            self.stack.removeWidget(self._panel)
            self._panel.hide()
            self._panel.deleteLater()
            self._panel = None

    def _show_actions(self, *buttons: QPushButton) -> None:
        for old in (*self._buttons, *([self._others] if self._others else ())):
            old.hide()
            old.deleteLater()
        self._buttons, self._others = list(buttons), None
        beside = buttons
        is_large = current_theme().percent > ROOMY_PERCENT
        if len(buttons) > (_MOST_IN_A_ROW if is_large else _MOST_OF_SMALL_TEXT):
            beside = (buttons[0], buttons[-1])
            self._others = self._above(*buttons[1:-1])
            self._outer.insertWidget(self._outer.indexOf(self._foot_row), self._others)
            self._others.show()
        for button in beside:
            self.add_action(button)
        for button in buttons:
            button.show()  # at once: its key may be pressed before the next picture

    @staticmethod
    def _above(*buttons: QPushButton) -> QWidget:
        """A row of its own for the lesser actions, where there are many or the text is large."""
        strip = QWidget()
        row = QHBoxLayout(strip)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        for button in buttons:
            row.addWidget(button)
        return strip

    # ------------------------------------------------------------------ what the window asks

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()

    @override
    def hand_over(self) -> None:
        if self.form is not None:
            self.form.hand_over()

    @override
    def start_find(self) -> bool:
        if self.presenter.form is not None:
            return False
        if self.presenter.one is not None:
            self.presenter.close_loan()
        self.search.setFocus()
        self.search.selectAll()
        return True

    @override
    def keys(self) -> Sequence[KeyHint]:
        if self.presenter.one is None:
            return (
                KeyHint("Ctrl+F", _("Find by number or name")),
                KeyHint("Enter", _("Open the loan, correct a payment")),
                KeyHint("F10", _("The main thing to do")),
                KeyHint("Ctrl+P", _("Print the agreement")),
            )
        return (
            KeyHint("Enter", _("Open the loan, correct a payment")),
            KeyHint("F10", _("The main thing to do")),
            KeyHint("F5", _("Lend more on a loan")),
            KeyHint("F6", _("Other days, or assess")),
            KeyHint("F7", _("Write off, or let go")),
            KeyHint("F8", _("Let off a penalty")),
            KeyHint("F9", _("Take back the last change")),
            KeyHint("Ctrl+P", _("Print the agreement")),
            KeyHint("Esc", _("Back to the list")),
        )
