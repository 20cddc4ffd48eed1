"""Sync: where things stand, what waits, and one button."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.shell import SyncStage, Tone
from vsla_desktop.presenters.sync_page import SyncPresenter, SyncView
from vsla_desktop.views.pages.page import Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    AmountLabel,
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)

_ICONS: Final = {
    SyncStage.SAVED_HERE: "laptop",
    SyncStage.WAITING: "cloud-wait",
    SyncStage.SENDING: "cloud-send",
    SyncStage.SENT: "cloud-done",
}


class SyncPage(Page):
    """Quiet: to have no network is normal."""

    def __init__(self, presenter: SyncPresenter) -> None:
        super().__init__(_("Sync"), scrolls=True)
        self.presenter = presenter
        self._sheet: QWidget | None = None
        self.enrol = SecondaryButton(_("Open an enrolment file …"), icon_name="documents")
        self.enrol.clicked.connect(self._choose_file)
        self.send = PrimaryButton(_("Send now"), icon_name="cloud-send", key="F10")
        self.send.clicked.connect(presenter.send)
        self.enrol_first = PrimaryButton(_("Open an enrolment file …"), icon_name="documents")
        self.enrol_first.clicked.connect(self._choose_file)
        self.add_action(self.enrol)
        self.add_action(self.enrol_first)
        self.add_action(self.send)
        presenter.changed.listen(self._show)
        self.setFocusProxy(self.send)
        self._show()

    def _choose_file(self) -> None:
        name, _filter = QFileDialog.getOpenFileName(
            self, _("Enrolment file from head office"), "", "JSON (*.json);;* (*)"
        )
        if name:
            self.presenter.enrol(Path(name))

    def _show(self) -> None:
        view = self.presenter.view
        is_enrolled = view is not None and view.is_enrolled
        for button in (self.send, self.enrol):
            button.setVisible(is_enrolled)
        self.enrol_first.setVisible(view is not None and not is_enrolled)
        self.send.setEnabled(not self.presenter.is_sending)
        if view is None:
            return
        old, self._sheet = self._sheet, self._make(view)
        if old is not None:
            self.body.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.body.addWidget(self._sheet, 1)

    def _make(self, view: SyncView) -> QWidget:
        theme = current_theme()
        sheet = QWidget()
        box = QVBoxLayout(sheet)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(14))
        box.addWidget(self._state(view))
        across = QHBoxLayout()
        across.setSpacing(theme.px(14))
        across.addWidget(self._waiting(view), 1)
        across.addWidget(self._server(view), 1)
        box.addLayout(across)
        if view.to_settle:
            box.addWidget(self._to_settle(view))
        box.addStretch(1)
        return sheet

    def _state(self, view: SyncView) -> QFrame:
        frame, box = _card()
        row = QHBoxLayout()
        row.setSpacing(current_theme().px(16))
        stage = SyncStage.SENDING if self.presenter.is_sending else view.state.stage
        tone = Tone.GOOD if stage is SyncStage.SENT else Tone.PLAIN
        icon = _ICONS[stage]
        if stage is SyncStage.SENT and view.state.refused:
            tone, icon = Tone.WARNING, "cloud-wait"
        row.addWidget(IconLabel(icon, tone, 40))
        words = QVBoxLayout()
        said = _("Sending") if self.presenter.is_sending else view.state.sentence()
        words.addWidget(label(said, "title"))
        words.addWidget(label(view.sentence, "note", wrap=True))
        row.addLayout(words, 1)
        box.addLayout(row)
        frame.setAccessibleName(f"{said}. {view.sentence}")
        return frame

    def _waiting(self, view: SyncView) -> QFrame:
        frame, box = _card()
        box.addWidget(label(_("Only on this laptop"), "heading"))
        if not view.waiting_count:
            box.addWidget(label(_("Nothing waits."), "note"))
        grid = QGridLayout()
        grid.setVerticalSpacing(current_theme().px(6))
        for row, (words, count) in enumerate(view.waiting):
            grid.addWidget(label(words), row, 0)
            grid.addWidget(AmountLabel(count), row, 1)
        grid.setColumnStretch(0, 1)
        box.addLayout(grid)
        box.addStretch(1)
        return frame

    def _server(self, view: SyncView) -> QFrame:
        frame, box = _card()
        box.addWidget(label(_("Head office"), "heading"))
        if not view.is_enrolled:
            words = _(
                "To send, open the file that head office gave you. Until then nothing is lost."
            )
            box.addWidget(label(words, "note", wrap=True))
        else:
            grid = QGridLayout()
            grid.setVerticalSpacing(current_theme().px(6))
            for row, (title, text) in enumerate(
                ((_("Its address"), view.server), (_("This laptop"), view.device))
            ):
                grid.addWidget(label(title, "note"), row, 0)
                grid.addWidget(label(text), row, 1)
            grid.setColumnStretch(1, 1)
            box.addLayout(grid)
        box.addStretch(1)
        return frame

    def _to_settle(self, view: SyncView) -> QFrame:
        frame, box = _card()
        box.addWidget(label(_("To look at with head office"), "heading"))
        for each in view.to_settle:
            row = QHBoxLayout()
            row.setSpacing(current_theme().px(10))
            row.addWidget(IconLabel("info", Tone.MUTED))
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(label(each.title, wrap=True))
            words.addWidget(label(each.details, "note", wrap=True))
            row.addLayout(words, 1)
            box.addLayout(row)
        return frame

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()


def _card() -> tuple[QFrame, QVBoxLayout]:
    theme = current_theme()
    frame = QFrame()
    set_role(frame, "card")
    box = QVBoxLayout(frame)
    box.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
    box.setSpacing(theme.px(8))
    return frame, box
