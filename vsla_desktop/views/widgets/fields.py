"""A field to fill in: what it is, where to type, and below it what is wrong with what was typed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    TONE_ICONS,
    IconLabel,
    current_theme,
    label,
    tone_role,
)


class FieldRow(QWidget):
    """A title, an editor, and a sentence that appears below when something is wrong with it.

    ``help_text`` stands there while nothing is. The editor is reached by the title's key, and a
    screen reader gets the title as its name and the sentence as its description.
    """

    def __init__(self, title: str, editor: QWidget, *, help_text: str = "") -> None:
        super().__init__()
        theme = current_theme()
        self.editor = editor
        self._help = help_text
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(4))
        self.title = label(title, "strong")
        self.title.setBuddy(editor)
        box.addWidget(self.title)
        box.addWidget(editor)
        below = QHBoxLayout()
        below.setSpacing(theme.px(6))
        self._icon = IconLabel("error", Tone.ERROR, 18)
        below.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self.sentence = label("", "note", wrap=True)
        below.addWidget(self.sentence, 1)
        box.addLayout(below)
        editor.setAccessibleName(title)
        if isinstance(editor, QComboBox):
            editor.view().setAccessibleName(title)
        self.show_sentence("")

    def show_help(self, text: str) -> None:
        """Let this stand below while nothing is wrong, such as a rule worked out."""
        if text != self._help:
            self._help = text
            if self._icon.isHidden():
                self.show_sentence("")

    def show_sentence(self, text: str, tone: Tone = Tone.ERROR) -> None:
        """Say what is wrong or asked; an empty text says that all is well."""
        shown = text or self._help
        tone = tone if text else Tone.MUTED
        self.sentence.setText(shown)
        self.sentence.setVisible(bool(shown))
        set_role(self.sentence, tone_role(tone))
        self._icon.setVisible(bool(text))
        self._icon.show_icon(TONE_ICONS[tone], tone)
        set_role(self.editor, tone_role(tone) if text else "")
        self.editor.setAccessibleDescription(shown)
