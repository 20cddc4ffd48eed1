"""A form on the page: fields in columns, each with its sentence, filled in with the keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QPlainTextEdit, QWidget
from typing_extensions import override

from vsla_desktop.presenters.form import Choice, Field, FieldKind, Form
from vsla_desktop.views.widgets.basics import current_theme
from vsla_desktop.views.widgets.fields import FieldRow

_LINES: Final = 4  # rows of a text that has lines


class FormSource(Protocol):
    """What a form on the page needs of its presenter."""

    form: Form

    def enter(self, key: str, text: str) -> None:
        """Take what was typed into a field."""

    def note(self, key: str) -> str:
        """What stands below a field while nothing is wrong with it."""


class ChoiceBox(QComboBox):
    """A list to choose one thing from; the wheel scrolls the page and changes nothing."""

    picked = Signal(str)

    def __init__(self, choices: Sequence[Choice] = ()) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.activated.connect(lambda place: self.picked.emit(self.itemData(place)))
        self.offer(choices)

    def offer(self, choices: Sequence[Choice]) -> None:
        """Offer these; what was chosen stays chosen where it still can be."""
        offered = [(self.itemData(place), self.itemText(place)) for place in range(self.count())]
        wanted = [(each.value, each.title) for each in choices]
        if offered == wanted:
            return
        chosen = self.currentData()
        self.clear()
        for value, title in wanted:
            self.addItem(title, value)
        self.choose(chosen)

    def choose(self, value: object) -> None:
        """Show this as chosen."""
        self.setCurrentIndex(max(self.findData(value), 0))

    @override
    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.view().setAccessibleName(name)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class FormView(QWidget):
    """The fields of a presenter in ``columns`` columns; each is handed over when it is left.

    Enter goes to the next field, and from the last one ``finished`` is emitted.
    """

    finished = Signal()

    def __init__(self, source: FormSource, fields: Sequence[Field], *, columns: int = 2) -> None:
        super().__init__()
        self.source = source
        self.rows: dict[str, FieldRow] = {}
        theme = current_theme()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(20))
        grid.setVerticalSpacing(theme.px(12))
        for place, field in enumerate(fields):
            row = FieldRow(field.title, self._editor(field))
            self.rows[field.key] = row
            grid.addWidget(row, place // columns, place % columns, Qt.AlignmentFlag.AlignTop)
        for column in range(columns):
            grid.setColumnStretch(column, 1)
        source.form.changed.listen(self._show)
        self._show("")

    def editor(self, key: str) -> QWidget:
        """The editor of a field."""
        return self.rows[key].editor

    def go_to(self, key: str) -> None:
        """Take the keyboard to a field."""
        if key in self.rows:
            editor = self.rows[key].editor
            editor.setFocus(Qt.FocusReason.OtherFocusReason)
            if isinstance(editor, QLineEdit):
                editor.selectAll()

    def hand_over(self) -> None:
        """Hand over the field that is being typed in, before the page goes on."""
        for key, row in self.rows.items():
            if isinstance(row.editor, QLineEdit | QPlainTextEdit) and row.editor.hasFocus():
                self._hand_over(key, row.editor)

    def _editor(self, field: Field) -> QWidget:
        if field.kind is FieldKind.CHOICE:
            box = ChoiceBox(field.choices)
            box.picked.connect(lambda value: self.source.enter(field.key, value))
            return box
        if field.kind is FieldKind.LINES:
            lines = QPlainTextEdit()
            lines.setTabChangesFocus(True)
            lines.setFixedHeight(current_theme().row_height * _LINES)
            lines.installEventFilter(self)
            return lines
        line = QLineEdit()
        line.setMaxLength(1000)
        if field.kind is FieldKind.NUMBER:
            line.setFont(current_theme().digits_font())
            line.setAlignment(Qt.AlignmentFlag.AlignRight)
        if field.kind is FieldKind.SECRET:
            line.setEchoMode(QLineEdit.EchoMode.Password)
            line.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText)
        line.editingFinished.connect(lambda: self._hand_over(field.key, line))
        line.installEventFilter(self)
        return line

    def _hand_over(self, key: str, editor: QLineEdit | QPlainTextEdit) -> None:
        text = editor.text() if isinstance(editor, QLineEdit) else editor.toPlainText()
        if text != self.source.form.text(key):
            self.source.enter(key, text)

    def _show(self, key: str) -> None:
        for name, row in self.rows.items():
            if key in {"", name}:
                self._show_row(name, row)
            row.show_help(self.source.note(name))

    def _show_row(self, key: str, row: FieldRow) -> None:
        text = self.source.form.text(key)
        editor = row.editor
        if isinstance(editor, ChoiceBox):
            editor.choose(text)
        elif isinstance(editor, QLineEdit) and editor.text() != text:
            editor.setText(text)
            editor.setCursorPosition(0)
        elif isinstance(editor, QPlainTextEdit) and editor.toPlainText() != text:
            editor.setPlainText(text)
        row.show_sentence(self.source.form.sentence(key))

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FocusOut and isinstance(watched, QPlainTextEdit):
            key = next(name for name, row in self.rows.items() if row.editor is watched)
            self._hand_over(key, watched)
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
