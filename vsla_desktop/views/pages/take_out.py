"""Taking the book out: choose where, see it written, and see what a workbook can not hold."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.take_out import TakeOutPresenter
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


class TakeOutPage(Page):
    """One button asks where; the rest is told."""

    def __init__(self, presenter: TakeOutPresenter) -> None:
        super().__init__(_("Take the book out"))
        self.presenter = presenter
        theme = current_theme()
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        self._icon = IconLabel("info")
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self.sentence = label("", "strong", wrap=True)
        row.addWidget(self.sentence, 1)
        self.body.addLayout(row)
        self.list = ListTable(presenter, _("Not in the workbook"))
        self.body.addWidget(self.list, 1)
        self.empty = EmptyState(
            _("The whole book as an Excel workbook"),
            _("It can be read anywhere, and brought in again."),
            icon_name="workbook",
        )
        self.body.addWidget(self.empty, 1)
        self.back = SecondaryButton(_("Back"), key="Esc")
        self.back.clicked.connect(presenter.leave)
        self.take = PrimaryButton(_("Take the book out …"), icon_name="workbook", key="F10")
        self.take.clicked.connect(self._choose)
        for button in (self.back, self.take):
            self.add_action(button)
        presenter.changed.listen(self._show)
        self._show()

    def _choose(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        name, _filter = QFileDialog.getSaveFileName(
            self,
            _("Take the book out"),
            str(Path(folder) / self.presenter.file_name()),
            "Excel (*.xlsx)",
        )
        if name:
            self.presenter.take_out(Path(name))

    def _show(self) -> None:
        presenter = self.presenter
        text, tone = presenter.summary()
        self.sentence.setText(text)
        set_role(self.sentence, tone_role(tone))
        self._icon.show_icon(TONE_ICONS[tone], tone)
        for widget in (self.sentence, self._icon):
            widget.setVisible(bool(text))
        is_done = presenter.report is not None
        self.empty.setVisible(not is_done)
        self.list.setVisible(is_done)
        self.take.setEnabled(not presenter.is_working)

    @override
    def came_into_sight(self) -> None:
        self._show()
        self.take.setFocus()
