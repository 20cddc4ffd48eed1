"""Rules to fill in, each with its worked example beside it, which follows the typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.presenters.form import Field, FieldKind
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import IconLabel, current_theme, label
from vsla_desktop.views.widgets.form import ChoiceBox, FormSource

ROOMY_PERCENT: Final = 120  # with larger text, the title has a line of its own
_TITLE_WIDTH: Final = 260
_EDITOR_WIDTH: Final = 230


class RulesSource(FormSource, Protocol):
    """What rules on the page need of their presenter."""

    def typed(self, key: str, text: str) -> None:
        """Follow what is being typed into a field."""

    def frozen(self, key: str) -> str:
        """Why a field takes nothing, empty for one that does."""


class RuleRow(QWidget):
    """A rule in one row: its words, where to type, and its example, or what is wrong with it."""

    def __init__(self, title: str, editor: QWidget) -> None:
        super().__init__()
        theme = current_theme()
        self.editor = editor
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(2))
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        self.title = label(title, "strong", wrap=True)
        self.title.setBuddy(editor)
        if theme.percent > ROOMY_PERCENT:
            box.addWidget(self.title)
        else:
            self.title.setFixedWidth(theme.px(_TITLE_WIDTH))
            row.addWidget(self.title)
        box.addLayout(row)
        editor.setFixedWidth(theme.px(_EDITOR_WIDTH))
        row.addWidget(editor)
        self.icon = IconLabel("error", Tone.ERROR, 18)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self.sentence = label("", "note", wrap=True)
        row.addWidget(self.sentence, 1)
        self.name(title)

    def name(self, title: str) -> None:
        """Say which rule it is."""
        self.title.setText(title)
        self.editor.setAccessibleName(title)

    def say(self, problem: str, example: str, frozen: str) -> None:
        """Show what is wrong, else why the field is fixed, else the example."""
        text = problem or frozen or example
        self.sentence.setText(text)
        set_role(self.sentence, "error" if problem else "note")
        set_role(self.editor, "error" if problem else "")
        self.icon.setVisible(bool(problem or frozen))
        self.icon.show_icon("error" if problem else "lock", Tone.ERROR if problem else Tone.MUTED)
        self.editor.setAccessibleDescription(text)


class RuleRows(QWidget):
    """The rules of one part. Enter goes to the next; from the last ``finished`` is emitted."""

    finished = Signal()

    def __init__(self, source: RulesSource, fields: Sequence[Field]) -> None:
        super().__init__()
        self.source = source
        self.rows: dict[str, RuleRow] = {}
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(current_theme().px(8))
        for field in fields:
            row = RuleRow(field.title, self._editor(field))
            self.rows[field.key] = row
            box.addWidget(row)
        source.form.changed.listen(self._show)
        self.show_all()

    def name(self, fields: Sequence[Field]) -> None:
        """Name rules and choices with the words that the group uses now."""
        for field in fields:
            row = self.rows[field.key]
            row.name(field.title)
            if isinstance(row.editor, ChoiceBox):
                row.editor.offer(field.choices)

    def go_to(self, key: str) -> None:
        """Take the keyboard to a rule; to the first when there is none of this name."""
        row = self.rows.get(key) or next(iter(self.rows.values()), None)
        if row is not None:
            row.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            if isinstance(row.editor, QLineEdit):
                row.editor.selectAll()

    def hand_over(self) -> None:
        """Hand over the rule that is being typed in."""
        for key, row in self.rows.items():
            if isinstance(row.editor, QLineEdit) and row.editor.hasFocus():
                self._hand_over(key, row.editor)

    def show_all(self) -> None:
        """Show every text and every example as they are now."""
        for key in self.rows:
            self._show(key)

    def show_examples(self) -> None:
        """Show every example as it is now, and leave what is being typed."""
        for key, row in self.rows.items():
            self._say(key, row)

    def _editor(self, field: Field) -> QWidget:
        key = field.key
        if field.kind is FieldKind.CHOICE:
            box = ChoiceBox(field.choices)
            box.picked.connect(lambda value: self.source.enter(key, value))
            return box
        line = QLineEdit()
        line.setMaxLength(100)
        if field.kind is FieldKind.NUMBER:
            line.setFont(current_theme().digits_font())
            line.setAlignment(Qt.AlignmentFlag.AlignRight)
        line.textEdited.connect(lambda text: self.source.typed(key, text))
        line.editingFinished.connect(lambda: self._hand_over(key, line))
        line.installEventFilter(self)
        return line

    def _hand_over(self, key: str, line: QLineEdit) -> None:
        if line.text() != self.source.form.text(key):
            self.source.enter(key, line.text())

    def _show(self, key: str) -> None:
        for name, row in self.rows.items():
            if key not in {"", name}:
                continue
            text, editor = self.source.form.text(name), row.editor
            if isinstance(editor, ChoiceBox):
                editor.choose(text)
            elif isinstance(editor, QLineEdit):
                editor.setReadOnly(bool(self.source.frozen(name)))
                if editor.text() != text:
                    editor.setText(text)
            self._say(name, row)

    def _say(self, key: str, row: RuleRow) -> None:
        source = self.source
        row.say(source.form.sentence(key), source.note(key), source.frozen(key))

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
            and isinstance(watched, QLineEdit)
        ):
            editors = [row.editor for row in self.rows.values()]
            place = editors.index(watched) + 1
            if place < len(editors):
                editors[place].setFocus(Qt.FocusReason.TabFocusReason)
            else:
                self.hand_over()
                self.finished.emit()
            return True
        return super().eventFilter(watched, event)
