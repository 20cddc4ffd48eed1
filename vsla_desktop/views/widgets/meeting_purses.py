"""The purses of a meeting: what each should hold now, and counting them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.meeting_counting import PurseCounter
from vsla_desktop.views.widgets.basics import (
    AmountLabel,
    ElidedLabel,
    IconLabel,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.counter import DenominationCounter
from vsla_desktop.views.widgets.fields import FieldRow

FIGURE_POINTS = 17
MANY_PURSES = 2
ROOMY_PERCENT = 120  # with larger text, purses stand below each other


class PurseCard(QWidget):
    """One purse to count; why it differs is asked for as soon as it does."""

    def __init__(self, presenter: PurseCounter, title: str) -> None:
        super().__init__()
        self.presenter = presenter
        self.setMinimumWidth(current_theme().px(360))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(current_theme().px(8))
        self.counter = DenominationCounter(presenter, title)
        box.addWidget(self.counter)
        self.reason = QLineEdit(presenter.reason)
        self.reason.editingFinished.connect(self._write_reason)
        self.reason.textEdited.connect(self.presenter.write_reason)
        self.reason_row = FieldRow(
            _("Why does it differ?"), self.reason, help_text=_("Count again if you are not sure.")
        )
        self.reason.setAccessibleName(labelled(title, _("Why does it differ?")))
        box.addWidget(self.reason_row)
        self.refusal = label("", "error", wrap=True)
        box.addWidget(self.refusal)
        box.addStretch(1)
        presenter.changed.listen(self._show)
        self._show()

    def _write_reason(self) -> None:
        self.presenter.write_reason(self.reason.text())

    def _show(self) -> None:
        self.reason_row.setVisible(self.presenter.needs_reason)
        if self.reason.text() != self.presenter.reason and not self.reason.hasFocus():
            self.reason.setText(self.presenter.reason)
        refusal = self.presenter.refusal
        is_why = self.presenter.needs_reason
        self.reason_row.show_sentence(refusal if is_why else "")
        self.refusal.setText(refusal)
        self.refusal.setVisible(bool(refusal) and not is_why)

    def start(self) -> None:
        """Put the keyboard at the largest note."""
        self.counter.editors[0].setFocus()

    def go_to_problem(self) -> bool:
        """Put the keyboard where the count is not right yet; tell whether there is such a place."""
        if not self.presenter.problem:
            return False
        lines = zip(self.counter.editors, self.presenter.lines(), strict=True)
        wrong = next((editor for editor, shown in lines if shown.message), None)
        if wrong is not None:
            wrong.setFocus()
            wrong.selectAll()
        elif self.presenter.needs_reason:
            self.reason.setFocus()
        else:
            self.start()
        return True

    def hand_over(self) -> None:
        """Hand over what is being typed."""
        for place, editor in enumerate(self.counter.editors):
            if editor.text() != self.presenter.lines()[place].count:
                self.presenter.enter(place, editor.text())
        self._write_reason()


def side_by_side(cards: Sequence[PurseCard]) -> QGridLayout:
    """Purses beside each other, as many as a small screen has room for."""
    theme = current_theme()
    across = 3 if theme.percent <= ROOMY_PERCENT else 1
    grid = QGridLayout()
    grid.setSpacing(theme.px(16))
    for place, card in enumerate(cards):
        grid.addWidget(card, place // across, place % across, Qt.AlignmentFlag.AlignTop)
    return grid


class BoxStrip(QWidget):
    """What should be in the box now, a large figure for each purse."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(current_theme().px(10))
        self._row.addStretch(1)
        self._row.addWidget(IconLabel("box", size=22))
        self.title = label(_("Should be in the box"), "note")
        self._row.addWidget(self.title)
        self._figures: list[tuple[QLabel, QLabel]] = []

    def _add_figure(self) -> None:
        words, amount = ElidedLabel("note", is_right=True), AmountLabel(size=FIGURE_POINTS)
        self._row.addWidget(words)
        self._row.addWidget(amount)
        self._figures.append((words, amount))

    def show_purses(self, purses: Sequence[tuple[str, str]]) -> None:
        """Show each purse's name and figure."""
        while len(self._figures) < len(purses):
            self._add_figure()
        for place, (words, amount) in enumerate(self._figures):
            is_shown = place < len(purses)
            words.setVisible(is_shown)
            amount.setVisible(is_shown)
            if is_shown:
                words.setText(purses[place][0])
                amount.setText(purses[place][1])
        # With many purses or large text, the figures matter more than what they are.
        is_roomy = current_theme().percent <= ROOMY_PERCENT
        self.title.setVisible(is_roomy and len(purses) <= MANY_PURSES)
        spoken = ", ".join(f"{name} {figure}" for name, figure in purses)
        self.setAccessibleName(labelled(self.title.text(), spoken))
