"""The totals of the paper page in a strip: typed once, then compared at every entry."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.control_totals import ControlTotals
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    TONE_ICONS,
    ElidedLabel,
    IconLabel,
    current_theme,
    label,
    tone_role,
)

_EDITOR_WIDTH: Final = 105
_WORDS_WIDTH: Final = 70


class ControlTotalsStrip(QFrame):
    """One field a column; beside it whether the sheet agrees. Hidden for a meeting of today."""

    def __init__(self, presenter: ControlTotals, page: QWidget) -> None:
        super().__init__(page)  # without it, it would be a window of its own for a moment
        self.presenter = presenter
        theme = current_theme()
        set_role(self, "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(4), theme.px(12), theme.px(6))
        row.setSpacing(theme.px(6))
        words = label(_("Paper totals"), "strong", wrap=True)
        words.setFixedWidth(theme.px(_WORDS_WIDTH))
        row.addWidget(words)
        self.editors: dict[str, QLineEdit] = {}
        self._titles: dict[str, ElidedLabel] = {}
        self._icons: dict[str, IconLabel] = {}
        self._verdicts: dict[str, QLabel] = {}
        for line in presenter.lines():
            column, beside = QVBoxLayout(), QHBoxLayout()
            column.setSpacing(0)
            beside.setSpacing(theme.px(6))
            self._titles[line.key] = title = ElidedLabel("note")
            column.addWidget(title)
            beside.addWidget(self._make_editor(line.key, line.title))
            self._icons[line.key] = icon = IconLabel("info", Tone.MUTED, 16)
            beside.addWidget(icon)
            self._verdicts[line.key] = verdict = label("", "muted", wrap=True)
            # Room for two lines beside each field, so that all fields stand in one line.
            verdict.setMinimumHeight(2 * verdict.fontMetrics().lineSpacing())
            beside.addWidget(verdict, 1)
            column.addLayout(beside)
            row.addLayout(column, 1)
        presenter.changed.listen(self._show)
        self._show()

    def hand_over(self) -> None:
        """Hand over the total that is being typed."""
        for key, editor in self.editors.items():
            if editor.hasFocus():
                self._enter(key)

    def _make_editor(self, key: str, title: str) -> QLineEdit:
        theme = current_theme()
        editor = QLineEdit()
        editor.setAccessibleName(_("Paper: {column}", column=title))
        editor.setMaxLength(40)
        editor.setFixedWidth(theme.px(_EDITOR_WIDTH))
        editor.setFont(theme.digits_font())
        editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        editor.editingFinished.connect(partial(self._enter, key))
        self.editors[key] = editor
        return editor

    def _enter(self, key: str) -> None:
        shown = next(line.typed for line in self.presenter.lines() if line.key == key)
        if self.editors[key].text() != shown:
            self.presenter.enter(key, self.editors[key].text())

    def _show(self) -> None:
        self.setVisible(self.presenter.is_wanted)
        if not self.presenter.is_wanted:
            return
        self.setAccessibleName(_("Totals of the paper page"))
        self.setAccessibleDescription(self.presenter.summary())
        for line in self.presenter.lines():
            editor, verdict = self.editors[line.key], self._verdicts[line.key]
            self._titles[line.key].setText(line.title)
            if editor.text() != line.typed and not editor.hasFocus():
                editor.setText(line.typed)
            editor.setAccessibleDescription(line.verdict)
            verdict.setText(line.verdict)
            set_role(verdict, tone_role(line.tone))
            self._icons[line.key].setVisible(bool(line.verdict))
            self._icons[line.key].show_icon(TONE_ICONS[line.tone], line.tone)
