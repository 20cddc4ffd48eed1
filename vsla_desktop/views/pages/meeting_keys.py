"""Three keys: each officer confirms at the table, by her own hidden code or by name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.closing_keys import KeyRow, KeysPresenter
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.meeting import MeetingPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.officers import Office
from vsla_desktop.services.officers_codes import LONGEST
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.fields import FieldRow
from vsla_desktop.views.widgets.form import ChoiceBox


class KeysPage(Page):
    """One card for each office; in any order, and the last one leads to the close."""

    def __init__(self, presenter: MeetingPresenter, keys: KeysPresenter) -> None:
        super().__init__(_("Three keys"), scrolls=True)
        self.presenter = presenter
        self.keys_shown = keys
        words = _("Each officer confirms. Then the meeting is sealed.")
        self.body.addWidget(label(words, "heading"))
        row = QHBoxLayout()
        row.setSpacing(current_theme().px(16))
        self.cards = {each.office: _KeyCard(keys, each.office) for each in keys.rows()}
        for card in self.cards.values():
            row.addWidget(card, 1, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row)
        self.body.addStretch(1)
        self.sentence = label("", "note", wrap=True)
        self.add_to_foot(self.sentence)
        back = SecondaryButton(_("Count again"))
        back.clicked.connect(presenter.back_to_counting)
        self.add_action(back)
        self.close_button = PrimaryButton(_("Close and seal"), icon_name="lock", key="F10")
        self.close_button.clicked.connect(self._close)
        self.add_action(self.close_button)
        keys.changed.listen(self._show)
        keys.turned.listen(self._go_on)
        self._show()
        self.setFocusProxy(next(iter(self.cards.values())).first())

    def _close(self) -> None:
        if self.keys_shown.is_complete:
            self.presenter.close_the_meeting()
        else:
            set_role(self.sentence, "error")
            self._go_on()

    def _go_on(self) -> None:
        """Put the keyboard at the next key, at last at the close."""
        waiting = [card for card in self.cards.values() if not card.is_turned]
        (waiting[0].first() if waiting else self.close_button).setFocus()

    def _show(self) -> None:
        self.sentence.setText(self.keys_shown.sentence)
        set_role(self.sentence, "note")

    @override
    def keys(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint("Enter", _("Confirm")),
            KeyHint("Tab", _("Next officer")),
            KeyHint("F10", _("Close and seal")),
        )


class _KeyCard(QFrame):
    """One key: who turns it, her code, and what came of it."""

    def __init__(self, keys: KeysPresenter, office: Office) -> None:
        super().__init__()
        set_role(self, "card")
        self.presenter = keys
        self.office = office
        self.is_turned = False
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        box.setSpacing(theme.px(10))
        head = QHBoxLayout()
        head.setSpacing(theme.px(8))
        self.sign = IconLabel("key", size=24)
        head.addWidget(self.sign)
        title = self._row().title
        head.addWidget(label(title, "heading"), 1)
        box.addLayout(head)
        self.person = ChoiceBox([Choice(str(m), name) for m, name in keys.people(office)])
        self.person.activated.connect(self._choose)
        self.person_row = FieldRow(_("Who confirms"), self.person)
        box.addWidget(self.person_row)
        self.code = _code_field()
        self.code.returnPressed.connect(self._turn)
        self.code_row = FieldRow(_("{office}: code", office=title), self.code)
        box.addWidget(self.code_row)
        self.confirm_button = SecondaryButton(_("Confirm"), icon_name="check")
        self.confirm_button.clicked.connect(self._turn)
        box.addWidget(self.confirm_button)
        self.set_button = SecondaryButton(_("Choose a code"), icon_name="key", is_quiet=True)
        self.set_button.clicked.connect(self._start_setting)
        box.addWidget(self.set_button)
        self.setting = self._setting(title)
        box.addWidget(self.setting)
        below = QHBoxLayout()
        below.setSpacing(theme.px(6))
        self.note_sign = IconLabel("info", Tone.MUTED, 18)
        below.addWidget(self.note_sign, 0, Qt.AlignmentFlag.AlignTop)
        self.note = label("", "note", wrap=True)
        below.addWidget(self.note, 1)
        box.addLayout(below)
        for button in (self.confirm_button, self.set_button, self.keep_button):
            button.setAccessibleName(labelled(title, button.text().strip()))
        self.person.setAccessibleName(labelled(title, _("Who confirms")))
        keys.changed.listen(self._show)
        self._show()

    def _setting(self, title: str) -> QWidget:
        part = QWidget()
        box = QVBoxLayout(part)
        box.setContentsMargins(0, 0, 0, 0)
        self.new_code, self.again = _code_field(), _code_field()
        self.new_code.returnPressed.connect(self.again.setFocus)
        self.again.returnPressed.connect(self._keep)
        self.new_row = FieldRow(_("New code"), self.new_code, help_text=_("4 to 8 digits."))
        self.again_row = FieldRow(_("Once more"), self.again)
        for row, field in ((self.new_row, self.new_code), (self.again_row, self.again)):
            box.addWidget(row)
            field.setAccessibleName(labelled(title, row.title.text()))
        self.keep_button = SecondaryButton(_("Keep and confirm"), icon_name="check")
        self.keep_button.clicked.connect(self._keep)
        box.addWidget(self.keep_button)
        part.hide()
        return part

    # ------------------------------------------------------------------ what a person does

    def first(self) -> QWidget:
        """Where the keyboard begins in this card."""
        if not self.setting.isHidden():
            return self.new_code
        return self.code if self._row().asks_code else self.confirm_button

    def _choose(self) -> None:
        self.setting.hide()
        self.presenter.choose(self.office, int(self.person.currentData()))

    def _turn(self) -> None:
        row = self._row()
        if row.is_turned:
            return
        code = self.code.text()
        self.code.clear()
        self.presenter.turn(self.office, code if row.asks_code else None)

    def _start_setting(self) -> None:
        self.setting.setVisible(self.setting.isHidden())
        self._show()
        self.first().setFocus()

    def _keep(self) -> None:
        code, again = self.new_code.text(), self.again.text()
        self.new_code.clear()
        self.again.clear()
        self.new_code.setFocus()
        self.presenter.set_code(self.office, code, again)

    # ------------------------------------------------------------------ following

    def _row(self) -> KeyRow:
        return next(row for row in self.presenter.rows() if row.office is self.office)

    def _show(self) -> None:
        row = self._row()
        self.is_turned = row.is_turned
        is_setting = not self.setting.isHidden() and row.may_set
        self.setting.setVisible(is_setting)
        self.person.setEnabled(not row.is_turned)
        self.person.choose(str(row.person.member_id))
        stands_in = _("Stands in for {name}.", name=row.stands_in_for) if row.stands_in_for else ""
        self.person_row.show_help(stands_in)
        self.code_row.setVisible(row.asks_code and not is_setting)
        self.code_row.show_sentence(row.problem if row.asks_code and not is_setting else "")
        self.confirm_button.setVisible(row.can_turn and not is_setting)
        self.set_button.setVisible(row.may_set and not is_setting)
        self.set_button.say(_("Forgotten? Choose another") if row.asks_code else _("Choose a code"))
        self.new_row.show_sentence(row.problem if is_setting else "")
        shown = "" if row.asks_code or is_setting else row.problem
        self._show_note(shown or row.note, row, is_problem=bool(shown))

    def _show_note(self, text: str, row: KeyRow, *, is_problem: bool) -> None:
        tone = Tone.ERROR if is_problem else Tone.GOOD if row.is_turned else Tone.MUTED
        names = {Tone.ERROR: "error", Tone.GOOD: "check-circle", Tone.MUTED: "info"}
        self.note.setText(text)
        self.note.setVisible(bool(text))
        self.note_sign.setVisible(bool(text))
        self.note_sign.show_icon(names[tone], tone)
        set_role(self.note, {Tone.ERROR: "error", Tone.GOOD: "good"}.get(tone, "note"))
        if row.is_turned:
            self.sign.show_icon("lock", tone)
        else:
            self.sign.show_icon("key")


def _code_field() -> QLineEdit:
    """A field whose digits nobody sees, nor copies."""
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setMaxLength(LONGEST)
    field.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhDigitsOnly)
    return field
