"""Settings: the look of the program, copies of the book, and where it lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
)
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.settings_page import SettingsPresenter
from vsla_desktop.views.pages.page import ROOMY_PERCENT, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import SecondaryButton, current_theme, label
from vsla_desktop.views.widgets.fields import FieldRow
from vsla_desktop.views.widgets.form import ChoiceBox

MOST_OFFERED = 30


class SettingsPage(Page):
    """Every choice works at once; there is nothing to save.

    ``ways`` are more things to do with books: their words, their icon, and what they do.
    """

    def __init__(
        self,
        presenter: SettingsPresenter,
        ways: Sequence[tuple[str, str, Callable[[], None]]] = (),
        *,
        is_office: bool = False,
    ) -> None:
        super().__init__(_("Settings"), scrolls=True)
        self.presenter = presenter
        theme = current_theme()
        columns = QHBoxLayout()
        columns.setSpacing(theme.px(14))
        columns.addWidget(self._make_look(), 1)
        copies = self._make_copies()
        copies.setHidden(is_office)  # whoever runs the server keeps its backups
        self.sync.setHidden(is_office)
        columns.addWidget(copies, 1)
        self.body.addLayout(columns)
        if ways:
            title = _("You at head office") if is_office else _("Other books")
            self.body.addWidget(self._make_ways(title, ways))
        self.body.addWidget(self._make_folder())
        self.body.addStretch(1)
        presenter.changed.listen(self._show)
        self.setFocusProxy(self.language)

    def _make_look(self) -> QFrame:
        presenter = self.presenter
        settings = presenter.settings
        frame, box = _card(_("How it looks"))
        self.language = _box(presenter.languages(), settings.language or "en")
        self.language.picked.connect(presenter.choose_language)
        self.theme = _box(presenter.themes(), settings.theme.value)
        self.theme.picked.connect(presenter.choose_theme)
        self.text_size = _box(presenter.text_sizes(), str(settings.text_percent))
        self.text_size.picked.connect(presenter.choose_text_size)
        box.addWidget(FieldRow(_("Language"), self.language))
        box.addWidget(FieldRow(_("Colours"), self.theme))
        box.addWidget(FieldRow(_("Size of text"), self.text_size))
        self.sync = QCheckBox(_("Send by itself"))
        self.sync.setAccessibleName(_("Send by itself"))
        self.sync.setToolTip(_("The program meets head office without being asked."))
        self.sync.setChecked(settings.sync_by_itself)
        self.sync.toggled.connect(presenter.let_sync)
        box.addWidget(self.sync)
        box.addStretch(1)
        return frame

    def _make_copies(self) -> QFrame:
        frame, box = _card(_("Copies of the book"))
        words = _("A copy is made by itself each time the program closes. Thirty are kept.")
        box.addWidget(label(words, "note", wrap=True))
        row = QHBoxLayout()
        now = SecondaryButton(_("Copy now"), icon_name="copy")
        now.clicked.connect(self.presenter.back_up)
        elsewhere = SecondaryButton(_("Copy to a USB stick …"))
        elsewhere.clicked.connect(self._copy_elsewhere)
        row.addWidget(now)
        row.addWidget(elsewhere)
        row.addStretch(1)
        box.addLayout(row)
        self.copies = ChoiceBox()
        box.addWidget(FieldRow(_("Copies in the data folder"), self.copies))
        again = QHBoxLayout()
        self.bring_back = SecondaryButton(_("Bring this copy back"), icon_name="restore")
        self.bring_back.clicked.connect(self._bring_back)
        other = SecondaryButton(_("Another file …"))
        other.clicked.connect(self._bring_file_back)
        again.addWidget(self.bring_back)
        again.addWidget(other)
        again.addStretch(1)
        box.addLayout(again)
        kept = _("What is in the book now is kept beside it.")
        box.addWidget(label(kept, "note", wrap=True))
        box.addStretch(1)
        return frame

    def _make_ways(self, title: str, ways: Sequence[tuple[str, str, Callable[[], None]]]) -> QFrame:
        frame, box = _card(title)
        grid = QGridLayout()
        across = 2 if current_theme().percent > ROOMY_PERCENT else len(ways)
        for place, (words, icon_name, act) in enumerate(ways):
            button = SecondaryButton(words, icon_name=icon_name)
            button.clicked.connect(lambda _checked=False, act=act: act())
            grid.addWidget(button, place // across, place % across)
        grid.setColumnStretch(across, 1)
        box.addLayout(grid)
        return frame

    def _make_folder(self) -> QFrame:
        frame, box = _card(_("Where everything lies"))
        grid = QGridLayout()
        path = QLineEdit(str(self.presenter.folder.path))
        path.setReadOnly(True)
        path.setAccessibleName(_("The data folder"))
        grid.addWidget(path, 0, 0)
        box.addLayout(grid)
        return frame

    def _show(self) -> None:
        self.copies.offer(
            [
                Choice(str(place), self.presenter.words(copy))
                for place, copy in enumerate(self.presenter.backups[:MOST_OFFERED])
            ]
        )
        self.copies.setCurrentIndex(0 if self.copies.count() else -1)
        self.bring_back.setEnabled(bool(self.presenter.backups))

    def _copy_elsewhere(self) -> None:
        name, _filter = QFileDialog.getSaveFileName(
            self, _("Copy of the book"), "vsla-copy.db", "VSLA (*.db)"
        )
        if name:
            self.presenter.copy_to(Path(name))

    def _bring_back(self) -> None:
        place = self.copies.currentIndex()
        if 0 <= place < len(self.presenter.backups):
            self.presenter.restore(self.presenter.backups[place].path)

    def _bring_file_back(self) -> None:
        name, _filter = QFileDialog.getOpenFileName(
            self, _("Copy to bring back"), "", "VSLA (*.db);;* (*)"
        )
        if name:
            self.presenter.restore(Path(name))

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()


def _box(choices: Sequence[Choice], chosen: str) -> ChoiceBox:
    box = ChoiceBox(choices)
    box.choose(chosen)
    return box


def _card(title: str) -> tuple[QFrame, QVBoxLayout]:
    theme = current_theme()
    frame = QFrame()
    set_role(frame, "card")
    box = QVBoxLayout(frame)
    box.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
    box.setSpacing(theme.px(10))
    box.addWidget(label(title, "heading"))
    return frame, box
