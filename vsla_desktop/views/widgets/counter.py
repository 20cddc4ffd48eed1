"""Counting a purse by note and coin."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout
from typing_extensions import override

from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.counting import CountPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    TONE_ICONS,
    AmountLabel,
    IconLabel,
    current_theme,
    label,
    line,
    tone_role,
)

TIMES = "\N{MULTIPLICATION SIGN}"


class DenominationCounter(QFrame):
    """A note, times how many, is how much; below, the total and how it compares with the book.

    Enter and the arrow keys go from note to note; each count is handed over when it is left.
    """

    def __init__(self, presenter: CountPresenter, title: str) -> None:
        super().__init__()
        self.presenter = presenter
        set_role(self, "card")
        self.setAccessibleName(title)
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        box.setSpacing(theme.px(8))
        box.addWidget(label(title, "heading"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.px(12))
        self._grid.setVerticalSpacing(theme.px(3))
        self._grid.setColumnStretch(4, 1)
        box.addLayout(self._grid)
        self.editors: list[QLineEdit] = []
        self._amounts: list[AmountLabel] = []
        for row, shown in enumerate(presenter.lines()):
            self._add_line(row, shown.label, is_coin=shown.is_coin)
        self.message = label("", "error", wrap=True)
        box.addWidget(self.message)
        box.addWidget(line())
        self.total = AmountLabel(size=18)
        self.expected = AmountLabel()
        self._expected_title = label(_("Should be there"), "note")
        for words, amount in (
            (label(_("Counted"), "strong"), self.total),
            (self._expected_title, self.expected),
        ):
            row_box = QHBoxLayout()
            row_box.addWidget(words)
            row_box.addWidget(amount, 1)
            box.addLayout(row_box)
        last = QHBoxLayout()
        last.setSpacing(theme.px(8))
        self._icon = IconLabel("info")
        last.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self.difference = label("", wrap=True)
        last.addWidget(self.difference, 1)
        box.addLayout(last)
        box.addStretch(1)
        presenter.changed.listen(self._show)
        self._show()

    def _add_line(self, row: int, text: str, *, is_coin: bool) -> None:
        theme = current_theme()
        name = AmountLabel(text)
        if is_coin:
            name.setToolTip(_("Coin"))
        editor = QLineEdit()
        editor.setFont(theme.digits_font())
        editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        editor.setProperty("compact", True)  # noqa: FBT003 - the value of a property
        editor.setFixedWidth(theme.px(96))
        editor.setAccessibleName(_("How many of {note}", note=text))
        editor.editingFinished.connect(lambda: self._hand_over(row))
        editor.installEventFilter(self)
        amount = AmountLabel()
        amount.setMinimumWidth(theme.px(120))
        for column, widget in enumerate((name, _sign(TIMES), editor, _sign("="), amount)):
            self._grid.addWidget(widget, row, column)
        self.editors.append(editor)
        self._amounts.append(amount)

    def _hand_over(self, row: int) -> None:
        if self.editors[row].text() != self.presenter.lines()[row].count:
            self.presenter.enter(row, self.editors[row].text())

    def _show(self) -> None:
        faults = []
        for shown, editor, amount in zip(
            self.presenter.lines(), self.editors, self._amounts, strict=True
        ):
            if editor.text() != shown.count and not (editor.hasFocus() and editor.isModified()):
                editor.setText(shown.count)
            amount.show_amount(shown.amount, Tone.PLAIN if shown.amount else Tone.MUTED)
            set_role(editor, "error" if shown.message else "")
            editor.setAccessibleDescription(shown.message)
            if shown.message:
                faults.append(labelled(shown.label, shown.message))
        self.message.setText("\n".join(faults))
        self.message.setVisible(bool(faults))
        result = self.presenter.result()
        self.total.show_amount(result.total)
        self.expected.show_amount(result.expected, Tone.MUTED)
        for widget in (self.expected, self._expected_title):
            widget.setVisible(bool(result.expected))
        self.difference.setText(result.difference)
        set_role(self.difference, tone_role(result.tone))
        for shown_below in (self.difference, self._icon):
            shown_below.setVisible(bool(result.difference))
        self._icon.show_icon(TONE_ICONS[result.tone], result.tone)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and watched in self.editors
            and isinstance(watched, QLineEdit)
        ):
            place = self.editors.index(watched)
            match event.key():
                case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Down:
                    return self._go(place, place + 1)
                case Qt.Key.Key_Up:
                    return self._go(place, place - 1)
                case Qt.Key.Key_Escape if watched.isModified():
                    watched.setText(self.presenter.lines()[place].count)
                    return True
        return super().eventFilter(watched, event)

    def _go(self, place: int, target: int) -> bool:
        self._hand_over(place)
        self.editors[place].setModified(False)
        if target >= len(self.editors):
            self.focusNextChild()
        elif target >= 0:
            self.editors[target].setFocus()
            self.editors[target].selectAll()
        return True


def _sign(text: str) -> QLabel:
    return label(text, "muted")
