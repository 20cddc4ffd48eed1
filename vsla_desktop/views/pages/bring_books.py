"""Bringing books in: choose the workbook, see what is wrong with it, bring it in."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.bring_books import BringBooksPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.pages.page import Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    TONE_ICONS,
    EmptyState,
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
    tone_role,
)
from vsla_desktop.views.widgets.listing import ListTable


class BringBooksPage(Page):
    """Every wrong cell is listed; nothing is written before all are right."""

    def __init__(self, presenter: BringBooksPresenter) -> None:
        super().__init__(_("Bring a workbook"))
        self.presenter = presenter
        theme = current_theme()
        # The first screens have no head above them.
        self.heading = label(_("Bring a workbook"), "title")
        self.body.addWidget(self.heading)
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        self._icon = IconLabel("info")
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self.sentence = label("", "strong", wrap=True)
        row.addWidget(self.sentence, 1)
        self.body.addLayout(row)
        self.list = ListTable(presenter, _("Wrong cells"))
        self.body.addWidget(self.list, 1)
        self.empty = EmptyState(
            _("Choose the group's workbook"),
            _("Every cell is checked first. Nothing is written until all are right."),
            icon_name="workbook",
            action=_("Choose a workbook …"),
            on_action=self._choose,
        )
        self.body.addWidget(self.empty, 1)
        self._make_actions()
        presenter.changed.listen(self._show)
        self._show()

    def _make_actions(self) -> None:
        self.back = SecondaryButton(_("Back"), key="Esc")
        self.back.clicked.connect(self.presenter.leave)
        self.template = SecondaryButton(_("Save an empty workbook …"), icon_name="workbook")
        self.template.clicked.connect(self._save_template)
        self.other = SecondaryButton(_("Another file …"))
        self.other.clicked.connect(self._choose)
        self.again = PrimaryButton(_("Check again"), icon_name="undo", key="F10")
        self.again.clicked.connect(self.presenter.check_again)
        self.bring = PrimaryButton(_("Bring the books in"), icon_name="check", key="F10")
        self.bring.clicked.connect(self.presenter.bring)
        for button in (self.back, self.template, self.other, self.again, self.bring):
            self.add_action(button)

    def _choose(self) -> None:
        name, _filter = QFileDialog.getOpenFileName(
            self, _("The group's workbook"), "", "Excel (*.xlsx);;* (*)"
        )
        if name:
            self.presenter.choose(Path(name))

    def _save_template(self) -> None:
        name, _filter = QFileDialog.getSaveFileName(
            self, _("Empty workbook"), "vsla-workbook.xlsx", "Excel (*.xlsx)"
        )
        if name:
            self.presenter.save_template(Path(name))

    def _show(self) -> None:
        presenter = self.presenter
        self.heading.setVisible(not presenter.has_group)
        text, tone = presenter.summary()
        has_file = presenter.file is not None
        self.sentence.setText(text)
        set_role(self.sentence, tone_role(tone))
        self._icon.show_icon(TONE_ICONS[tone], tone)
        for widget in (self.sentence, self._icon):
            widget.setVisible(has_file)
        self.empty.setVisible(not has_file)
        self.list.setVisible(has_file)
        is_wrong = tone is Tone.ERROR
        self.other.setVisible(has_file)
        self.again.setVisible(has_file and is_wrong)
        self.bring.setVisible(presenter.can_bring)
        self.show_title(_("Bring a workbook"), presenter.file.name if presenter.file else "")

    @override
    def came_into_sight(self) -> None:
        self._show()
        if self.empty.button is not None and self.presenter.file is None:
            self.empty.button.setFocus()
