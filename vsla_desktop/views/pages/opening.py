"""The page while a book is being opened, and when it can not be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.opening import OpeningPresenter, Trouble
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.pages.page import Page
from vsla_desktop.views.qt_runner import PATIENCE
from vsla_desktop.views.widgets.basics import (
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)


class OpeningPage(Page):
    """Says nothing for a moment, then what goes on, and in trouble what to do.

    ``choose_folder`` opens the book of another folder.
    """

    def __init__(self, presenter: OpeningPresenter, choose_folder: Callable[[Path], None]) -> None:
        super().__init__("")
        self.presenter = presenter
        self._choose_folder = choose_folder
        self._sheet: QWidget | None = None
        self.buttons: dict[str, PrimaryButton | SecondaryButton] = {}
        self.words = label("", "note")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(self.words, 1)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(round(PATIENCE * 1000))
        self._patience.timeout.connect(self._say)
        presenter.changed.listen(self._show)
        self._show()

    def _say(self) -> None:
        self.words.setText(self.presenter.words)

    def _show(self) -> None:
        trouble = self.presenter.trouble
        if self._sheet is not None:
            self.body.removeWidget(self._sheet)
            self._sheet.hide()
            self._sheet.deleteLater()
            self._sheet = None
        self.words.setVisible(trouble is None)
        if trouble is None:
            if self.words.text():
                self._say()
            else:
                self._patience.start()
            return
        self._patience.stop()
        self.words.setText("")
        self.setAccessibleName(_("The book can not be opened"))
        self._sheet = self._make(trouble)
        self.body.addWidget(self._sheet, 1)
        self.came_into_sight()

    def _make(self, trouble: Trouble) -> QWidget:
        theme = current_theme()
        sheet = QWidget()
        across = QHBoxLayout(sheet)
        across.addStretch(1)
        middle = QVBoxLayout()
        middle.setSpacing(theme.px(14))
        across.addLayout(middle, 3)
        across.addStretch(1)
        middle.addStretch(2)
        head = QHBoxLayout()
        head.setSpacing(theme.px(16))
        head.addWidget(IconLabel("error", Tone.ERROR, 44))
        head.addWidget(label(trouble.message.text, "title", wrap=True), 1)
        middle.addLayout(head)
        if trouble.message.hint:
            middle.addWidget(label(trouble.message.hint, wrap=True))
        middle.addWidget(
            label(_("The book lies in {place}.", place=trouble.place), "note", wrap=True)
        )
        middle.addSpacing(theme.px(8))
        middle.addLayout(self._make_buttons(trouble))
        if trouble.message.details:
            middle.addWidget(label(trouble.message.details[-1500:], "note", wrap=True))
        middle.addStretch(3)
        return sheet

    def _make_buttons(self, trouble: Trouble) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(current_theme().px(12))
        folder = SecondaryButton(_("Open another folder …"))
        folder.clicked.connect(self._ask_folder)
        restore = SecondaryButton(_("Bring a copy back …"), icon_name="restore")
        restore.clicked.connect(self._ask_copy)
        again: PrimaryButton | SecondaryButton
        if trouble.last_copy is None:
            again = PrimaryButton(_("Try again"), icon_name="undo", key="F10")
        else:
            again = SecondaryButton(_("Try again"), icon_name="undo")
        again.clicked.connect(self.presenter.try_again)
        self.buttons = {"folder": folder, "restore": restore, "again": again}
        row.addWidget(folder)
        row.addWidget(restore)
        if trouble.last_copy is not None:
            copy = trouble.last_copy
            last = PrimaryButton(_("Bring the last copy back"), icon_name="restore", key="F10")
            last.setToolTip(copy.name)
            last.clicked.connect(lambda: self.presenter.restore(copy))
            self.buttons["last"] = last
            row.addWidget(again)
            row.addStretch(1)
            row.addWidget(last)
            return row
        row.addStretch(1)
        row.addWidget(again)
        return row

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, _("Folder of the book"))
        if name:
            self._choose_folder(Path(name))

    def _ask_copy(self) -> None:
        name, _filter = QFileDialog.getOpenFileName(
            self, _("Copy to bring back"), str(self.presenter.folder.backups), "VSLA (*.db);;* (*)"
        )
        if name:
            self.presenter.restore(Path(name))

    @override
    def came_into_sight(self) -> None:
        first = self.buttons.get("last") or self.buttons.get("again")
        if first is not None and self.presenter.trouble is not None:
            first.setFocus()
