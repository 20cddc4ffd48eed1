"""A form about a member on the left, and on the right what it comes to."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.members_acts import MemberAct
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import AmountLabel, IconLabel, current_theme, label, line
from vsla_desktop.views.widgets.form import FormView

_WIDE = 3  # fields from which two columns are needed


class ActView(QWidget):
    """``finished`` is emitted when Enter is pressed in the last field."""

    finished = Signal()

    def __init__(self, presenter: MemberAct) -> None:
        super().__init__()
        theme = current_theme()
        self.presenter = presenter
        fields = presenter.fields()
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(theme.px(24))
        left = QVBoxLayout()
        columns = 1 if presenter.is_narrow or len(fields) < _WIDE else 2
        self.form = FormView(presenter, fields, columns=columns)
        self.form.finished.connect(self.finished)
        left.addWidget(self.form)
        left.addStretch(1)
        row.addLayout(left, 1)
        self.account = _Account()
        right = QVBoxLayout()
        right.addWidget(self.account)
        right.addStretch(1)
        row.addLayout(right, 1)
        presenter.changed.listen(self._show)
        self._show()

    def go_to(self, key: str) -> None:
        """Take the keyboard to a field."""
        self.form.go_to(key)

    def hand_over(self) -> None:
        """Hand over what is being typed."""
        self.form.hand_over()

    def _show(self) -> None:
        self.account.show_account(self.presenter)


class _Account(QFrame):
    """What a form comes to: lines, the sum, and the sum in words."""

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "card")
        theme = current_theme()
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        self._inside: QWidget | None = None

    def show_account(self, form: MemberAct) -> None:
        """Show what it comes to now."""
        if self._inside is not None:
            self._inside.hide()
            self._inside.deleteLater()
        theme = current_theme()
        self._inside = inside = QWidget()
        self._box.addWidget(inside)
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(theme.px(8))
        grid.setHorizontalSpacing(theme.px(16))
        grid.setColumnStretch(0, 1)
        rows = form.rows()
        currency = form.members.currency.code
        if rows:
            grid.addWidget(label(_("What it comes to"), "strong"), 0, 0)
            grid.addWidget(label(currency, "note"), 0, 1, Qt.AlignmentFlag.AlignRight)
        for place, (title, said) in enumerate(rows, 1):
            is_sum = place == len(rows)
            if is_sum:
                grid.addWidget(line(), 2 * place, 0, 1, 2)
            words = label(title, "strong" if is_sum else "note", wrap=True)
            grid.addWidget(words, 2 * place + 1, 0)
            amount = AmountLabel(said)
            amount.setAccessibleName(labelled(title, said))
            if is_sum:
                amount.setFont(theme.digits_font(bold=True))
            grid.addWidget(amount, 2 * place + 1, 1)
        last = 2 * len(rows) + 2
        if form.sentence():
            grid.addWidget(label(form.sentence(), wrap=True), last, 0, 1, 2)
        if form.problem():
            problem = QHBoxLayout()
            problem.setSpacing(theme.px(6))
            problem.addWidget(IconLabel("warning", Tone.WARNING, 18), 0, Qt.AlignmentFlag.AlignTop)
            problem.addWidget(label(form.problem(), wrap=True), 1)
            grid.addLayout(problem, last + 1, 0, 1, 2)
        inside.show()
        self.setVisible(bool(rows or form.sentence() or form.problem()))
