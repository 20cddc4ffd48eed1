"""A new laptop brings its groups from head office."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QProgressBar, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.filling import FillingPresenter, FillStage
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.pages.page import Page
from vsla_desktop.views.pages.sync_enrol import EnrolPanel
from vsla_desktop.views.pages.sync_now import show_how_far
from vsla_desktop.views.widgets.basics import (
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)

_LOOK: Final = 250  # milliseconds between looks at how far it is
_ICONS: Final = {
    FillStage.TO_ENROL: "documents",
    FillStage.FILLING: "cloud-send",
    FillStage.STOPPED: "cloud-wait",
}


class FillingPage(Page):
    """One sentence, how far it is, and one thing to do at a time."""

    def __init__(self, presenter: FillingPresenter) -> None:
        super().__init__(_("Bring my groups"))
        self.presenter = presenter
        self.panel: EnrolPanel | None = None
        self.middle = self._make_middle()
        self.body.addWidget(self.middle, 1)
        back = SecondaryButton(_("Back"), key="Esc")
        back.clicked.connect(presenter.back)
        self.back = back
        self.stop = SecondaryButton(_("Stop"), icon_name="close")
        self.stop.clicked.connect(presenter.stop)
        self.choose = PrimaryButton(_("Open an enrolment file …"), icon_name="documents", key="F10")
        self.choose.clicked.connect(self._choose_file)
        self.go_on = PrimaryButton(_("Go on"), icon_name="cloud-send", key="F10")
        self.go_on.clicked.connect(presenter.fill)
        for button in (back, self.stop, self.choose, self.go_on):
            self.add_action(button)
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK)
        self._clock.timeout.connect(self._show_progress)
        presenter.changed.listen(self._show)
        self._show()

    def _make_middle(self) -> QWidget:
        theme = current_theme()
        middle = QWidget()
        box = QVBoxLayout(middle)
        box.setSpacing(theme.px(12))
        box.addStretch(2)
        self.icon = IconLabel("documents", Tone.MUTED, 56)
        box.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignHCenter)
        title = label(_("Bring my groups from head office"), "title", wrap=True)
        self.sentence = label("", "note", wrap=True)
        for words in (title, self.sentence):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            box.addWidget(words)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("How far it is"))
        self.bar.setFixedWidth(theme.px(420))
        box.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(3)
        return middle

    def _show(self) -> None:
        presenter = self.presenter
        enrolling = presenter.enrolling
        is_asking = enrolling.file is not None and bool(enrolling.fields())
        if is_asking and self.panel is None:
            self.panel = EnrolPanel(enrolling)
            self.body.addWidget(self.panel, 1)
            self.panel.show()
            self.panel.start()
        elif not is_asking and self.panel is not None:
            panel, self.panel = self.panel, None
            self.body.removeWidget(panel)
            panel.hide()
            panel.deleteLater()
        self.middle.setVisible(not is_asking)
        stage = presenter.stage
        self.icon.show_icon(_ICONS[stage], Tone.MUTED)
        is_filling = stage is FillStage.FILLING
        self.bar.setVisible(is_filling)
        for button, is_wanted in (
            (self.back, not is_filling),
            (self.stop, is_filling),
            (self.choose, stage is FillStage.TO_ENROL),
            (self.go_on, stage is FillStage.STOPPED),
        ):
            button.setVisible(is_wanted and not is_asking)
        if is_filling:
            self._clock.start()
        else:
            self._clock.stop()
        self._show_progress()

    def _show_progress(self) -> None:
        show_how_far(self.bar, *self.presenter.sync.progress)
        self.sentence.setText(self.presenter.words())

    def _choose_file(self) -> None:
        name, _filter = QFileDialog.getOpenFileName(
            self, _("Enrolment file from head office"), "", "JSON (*.json);;* (*)"
        )
        if name:
            self.presenter.enrolling.choose(Path(name))

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()
