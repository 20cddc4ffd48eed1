"""What a chosen enrolment file asks for: its code, and a passphrase for this laptop."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.enrolling import EnrollingPresenter
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.form import FormView


class EnrolPanel(QWidget):
    """The fields on a card; F10 enrols, Esc leaves everything as it was."""

    def __init__(self, presenter: EnrollingPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        theme = current_theme()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        card = QFrame()
        set_role(card, "card")
        card.setMaximumWidth(theme.px(620))
        box = QVBoxLayout(card)
        box.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        box.setSpacing(theme.px(12))
        box.addWidget(label(_("Enrol this laptop"), "heading"))
        box.addWidget(label(presenter.title(), "note", wrap=True))
        fields = presenter.fields()
        self.form = FormView(presenter, fields, columns=1)
        for field in fields:
            if field.key != "code":
                hide_what_is_typed(self.form, field.key)
        self.form.finished.connect(self._save)
        box.addWidget(self.form)
        foot = QHBoxLayout()
        foot.addStretch(1)
        leave = SecondaryButton(_("Leave as it was"), key="Esc")
        leave.clicked.connect(presenter.leave)
        save = PrimaryButton(_("Enrol this laptop"), icon_name="key", key="F10")
        save.clicked.connect(self._save)
        foot.addWidget(leave)
        foot.addWidget(save)
        box.addLayout(foot)
        inside = QWidget()
        place = QVBoxLayout(inside)
        place.setContentsMargins(0, 0, 0, 0)
        place.addWidget(card)
        place.addStretch(1)
        outer.addWidget(scrolling(inside))

    def start(self) -> None:
        """Take the keyboard to the first field."""
        self.form.go_to(self.presenter.fields()[0].key)

    def _save(self) -> None:
        self.form.hand_over()
        wrong = self.presenter.save()
        if wrong:
            self.form.go_to(wrong)


def scrolling(inside: QWidget) -> QScrollArea:
    """Let what is higher than the page be scrolled, as large text makes it."""
    set_role(inside, "clear")
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    return area


def hide_what_is_typed(form: FormView, key: str) -> None:
    """Show dots instead of what is typed into a field."""
    editor = form.editor(key)
    if isinstance(editor, QLineEdit):
        editor.setEchoMode(QLineEdit.EchoMode.Password)
