"""Signing in at head office."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.office_sign_in import SignInPresenter
from vsla_desktop.views.pages.page import Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import PrimaryButton, current_theme, label
from vsla_desktop.views.widgets.form import FormView


class SignInPage(Page):
    """The fields of the step that we are at, in the middle of the page."""

    def __init__(self, presenter: SignInPresenter) -> None:
        super().__init__(_("Head office"))
        self.presenter = presenter
        self.form: FormView | None = None
        self._panel: QWidget | None = None
        self._button: PrimaryButton | None = None
        self.body.addStretch(1)
        presenter.changed.listen(self._show)
        self._show()

    def _show(self) -> None:
        for old in (self._panel, self._button):
            if old is not None:
                old.hide()
                old.deleteLater()
        self.form = self._panel = self._button = None
        asked, theme = self.presenter.form, current_theme()
        if asked is None:
            return
        panel = QFrame()
        set_role(panel, "card")
        panel.setFixedWidth(theme.px(460))
        box = QVBoxLayout(panel)
        box.setContentsMargins(theme.px(24), theme.px(20), theme.px(24), theme.px(20))
        box.setSpacing(theme.px(12))
        box.addWidget(label(asked.title, "heading", wrap=True))
        box.addWidget(label(self.presenter.about(), "note", wrap=True))
        self.form = FormView(asked, asked.fields, columns=1)
        self.form.finished.connect(self._save)
        box.addWidget(self.form)
        self._panel = panel
        self.body.insertWidget(0, panel, 0, Qt.AlignmentFlag.AlignHCenter)
        self._button = PrimaryButton(asked.button, icon_name="check", key="F10")
        self._button.clicked.connect(self._save)
        self.add_action(self._button)
        panel.show()
        self._button.show()
        self._begin()

    def _begin(self) -> None:
        if self.form is not None:
            self.form.go_to(next(iter(self.form.rows)))

    def _save(self) -> None:
        view, asked = self.form, self.presenter.form
        if view is None or asked is None:
            return
        view.hand_over()
        wrong = asked.save()
        if wrong and self.form is view:
            view.go_to(wrong)

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()
        self._begin()
