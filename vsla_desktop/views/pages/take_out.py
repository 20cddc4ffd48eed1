"""Taking the book out: choose how and where, see it written, and see what the file lacks."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.take_out import PACK_SUFFIX, SUFFIX, TakeOutPresenter
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
    """A button each for the workbook and the pack asks where; the rest is told."""

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
        self.list = ListTable(presenter, _("Not in the file"))
        self.body.addWidget(self.list, 1)
        self.empty = EmptyState(
            _("The whole book as an Excel workbook"),
            _(
                "It can be read anywhere, and brought in again. A pack for an audit holds it"
                " with every report, the seals and papers."
            ),
            icon_name="workbook",
        )
        self.body.addWidget(self.empty, 1)
        self.back = SecondaryButton(_("Back"), key="Esc")
        self.back.clicked.connect(presenter.leave)
        self.pack = SecondaryButton(_("Pack for an audit …"), icon_name="documents", key="F9")
        self.pack.clicked.connect(self._choose_pack)
        self.take = PrimaryButton(_("Take the book out …"), icon_name="workbook", key="F10")
        self.take.clicked.connect(self._choose)
        for button in (self.back, self.pack, self.take):
            self.add_action(button)
        presenter.changed.listen(self._show)
        self._show()

    def _choose(self) -> None:
        name = self._place(_("Take the book out"), SUFFIX, "Excel (*.xlsx)")
        if name:
            self.presenter.take_out(Path(name))

    def _choose_pack(self) -> None:
        name = self._place(_("Pack for an audit"), PACK_SUFFIX, "ZIP (*.zip)")
        if name:
            self.presenter.pack(Path(name))

    def _place(self, title: str, suffix: str, kinds: str) -> str:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        name, _filter = QFileDialog.getSaveFileName(
            self, title, str(Path(folder) / self.presenter.file_name(suffix)), kinds
        )
        return name

    def _show(self) -> None:
        presenter = self.presenter
        text, tone = presenter.summary()
        self.sentence.setText(text)
        set_role(self.sentence, tone_role(tone))
        self._icon.show_icon(TONE_ICONS[tone], tone)
        for widget in (self.sentence, self._icon):
            widget.setVisible(bool(text))
        is_done = presenter.report is not None or presenter.packed is not None
        self.empty.setVisible(not is_done)
        self.list.setVisible(is_done)
        for button in (self.take, self.pack):
            button.setEnabled(not presenter.is_working)

    @override
    def came_into_sight(self) -> None:
        self._show()
        self.take.setFocus()
