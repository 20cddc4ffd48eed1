"""A form about a loan on the left, and on the right what it would do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.loans_form import LoanForm
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import AmountLabel, IconLabel, current_theme, label
from vsla_desktop.views.widgets.form import FormView


class LoanFormView(QWidget):
    """``finished`` is emitted when Enter is pressed in the last field."""

    finished = Signal()

    def __init__(self, presenter: LoanForm) -> None:
        super().__init__()
        theme = current_theme()
        self.presenter = presenter
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(24))
        left = QVBoxLayout()
        fields = presenter.fields()
        self.form = FormView(presenter, fields, columns=1 if len(fields) < 3 else 2)  # noqa: PLR2004
        self.form.finished.connect(self.finished)
        left.addWidget(self.form)
        left.addStretch(1)
        self.effect = _EffectCard()
        right = QVBoxLayout()
        right.addWidget(self.effect)
        right.addStretch(1)
        if fields:
            row.addLayout(left, 1)
        row.addLayout(right, 1)
        if not fields:
            self.form.hide()
            row.addStretch(1)
        presenter.effect_changed.listen(self._show)
        self._show()

    def go_to(self, key: str) -> None:
        """Take the keyboard to a field, the first one for an empty key."""
        fields = self.presenter.fields()
        if fields:
            self.form.go_to(key or fields[0].key)

    def hand_over(self) -> None:
        """Hand over what is being typed."""
        self.form.hand_over()

    def _show(self) -> None:
        effect = self.presenter.effect
        self.effect.show_effect(effect.sentence, effect.rows, effect.warnings, effect.problem)


class _EffectCard(QFrame):
    """What would be, before and after."""

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "card")
        theme = current_theme()
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        self._box.setSpacing(theme.px(8))
        self._box.addWidget(label(_("What it would do"), "strong"))
        self._inside: QWidget | None = None

    def show_effect(
        self,
        sentence: str,
        rows: tuple[tuple[str, str, str], ...],
        warnings: tuple[str, ...],
        problem: str,
    ) -> None:
        if self._inside is not None:
            self._inside.hide()
            self._inside.deleteLater()
        theme = current_theme()
        self._inside = inside = QWidget()
        self._box.addWidget(inside)
        box = QVBoxLayout(inside)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(8))
        is_nothing = not (sentence or problem)
        said = problem or sentence or _("Fill in the fields to see it.")
        box.addWidget(_line(said, Tone.ERROR) if problem else label(said, "", wrap=True))
        if rows:
            grid = QGridLayout()
            grid.setVerticalSpacing(theme.px(6))
            grid.setHorizontalSpacing(theme.px(16))
            grid.setColumnStretch(0, 1)
            for column, title in ((1, _("Now")), (2, _("Then"))):
                head = label(title, "note")
                grid.addWidget(head, 0, column, Qt.AlignmentFlag.AlignRight)
            for place, (title, before, after) in enumerate(rows, 1):
                grid.addWidget(label(title, "note"), place, 0)
                for column, text in ((1, before), (2, after)):
                    amount = AmountLabel(text)
                    amount.setAccessibleName(labelled(title, text))
                    if column == 2:  # noqa: PLR2004 - what would be
                        amount.setFont(theme.digits_font(bold=True))
                    grid.addWidget(amount, place, column)
            box.addLayout(grid)
        for warning in warnings:
            box.addWidget(_line(warning, Tone.WARNING))
        inside.setAccessibleName("" if is_nothing else said)
        inside.show()


def _line(text: str, tone: Tone) -> QWidget:
    theme = current_theme()
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.px(6))
    name = "error" if tone is Tone.ERROR else "warning"
    row.addWidget(IconLabel(name, tone, 18), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label(text, wrap=True), 1)
    return made
