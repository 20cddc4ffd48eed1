"""Sync: how things stand, what is to be settled, what was not taken, and what went and came."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QTabBar, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.sync_page import SyncPresenter, SyncTab
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.pages.sync_enrol import EnrolPanel
from vsla_desktop.views.pages.sync_now import NowPart
from vsla_desktop.views.pages.sync_settle import SettlePart
from vsla_desktop.views.widgets.basics import (
    EmptyState,
    PrimaryButton,
    SecondaryButton,
    current_theme,
)
from vsla_desktop.views.widgets.listing import ListTable

_LOOK: Final = 250  # milliseconds between looks at how far a run has come


class SyncPage(Page):
    """Quiet: to have no network is normal. Alt+1 to Alt+4 turn to a part."""

    def __init__(self, presenter: SyncPresenter) -> None:
        super().__init__(_("Sync"))
        self.presenter = presenter
        self.body.setSpacing(current_theme().px(10))
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(_("Parts of this page"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for place, choice in enumerate(presenter.tabs()):
            self.tabs.addTab(choice.title)
            QShortcut(
                QKeySequence(f"Alt+{place + 1}"),
                self,
                lambda at=place: self.tabs.setCurrentIndex(at),
            )
        self.tabs.currentChanged.connect(self._turn_to)
        self.body.addWidget(self.tabs)
        self.parts = QStackedWidget()
        self.body.addWidget(self.parts, 1)
        self.enrol_panel: EnrolPanel | None = None
        self._make_parts()
        self._make_foot()
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK)
        self._clock.timeout.connect(self._show_progress)
        presenter.changed.listen(self._show)
        self._show()

    # ------------------------------------------------------------------ making

    def _make_parts(self) -> None:
        presenter = self.presenter
        self.now = NowPart(presenter)
        self.settle = SettlePart(presenter.conflicts)
        self.refused = _ListOr(
            ListTable(presenter.refused, _("Not taken")),
            EmptyState(
                _("Everything was taken"),
                _("What head office does not take appears here."),
                icon_name="check-circle",
            ),
        )
        self.refused.list.opened.connect(presenter.refused.open_row)
        self.history = _ListOr(
            ListTable(presenter.history, _("History")),
            EmptyState(
                _("Nothing was sent yet"), _("What goes and comes appears here."), icon_name="sync"
            ),
        )
        for part in (self.now, self.settle, self.refused, self.history):
            self.parts.addWidget(part)

    def _make_foot(self) -> None:
        presenter = self.presenter
        self.now.enrol.clicked.connect(self._choose_file)
        self.enrol_first = PrimaryButton(_("Open an enrolment file …"), icon_name="documents")
        self.enrol_first.clicked.connect(self._choose_file)
        self.read = SecondaryButton(_("Read a file …"), icon_name="arrow-down", key="F7")
        self.read.clicked.connect(self._read_file)
        self.write = SecondaryButton(_("Write a file …"), icon_name="copy", key="F8")
        self.write.setToolTip(_("A file to carry to head office (F8)"))
        self.write.clicked.connect(self._write_file)
        self.stop = SecondaryButton(_("Stop"), icon_name="close")
        self.stop.clicked.connect(presenter.stop)
        self.undo = SecondaryButton(_("Undo the last choice"), icon_name="undo", key="Ctrl+Z")
        self.undo.clicked.connect(presenter.conflicts.undo)
        self.correct = SecondaryButton(_("Put it right …"), icon_name="undo", key="F2")
        self.correct.clicked.connect(self._correct)
        self.send = PrimaryButton(_("Send now"), icon_name="cloud-send", key="F10")
        self.send.clicked.connect(presenter.send)
        self.decide = PrimaryButton(_("Settle"), icon_name="check", key="F10")
        self.decide.clicked.connect(self.settle.save)
        for button in (
            *(self.read, self.write, self.undo, self.correct, self.stop),
            *(self.enrol_first, self.send, self.decide),
        ):
            self.add_action(button)
            button.hide()  # until it is known which of them are wanted

    # ------------------------------------------------------------------ showing

    def _show(self) -> None:
        presenter = self.presenter
        view = presenter.view
        if view is None:
            return
        for place, choice in enumerate(presenter.tabs()):
            self.tabs.setTabText(place, choice.title)
            self.tabs.setTabToolTip(place, f"{choice.title} (Alt+{place + 1})")
        place = list(SyncTab).index(presenter.tab)
        self.tabs.setCurrentIndex(place)
        self.parts.setCurrentIndex(place)
        self.now.show_view(view)
        self.refused.show_either(presenter.refused.row_count() > 0)
        self.history.show_either(presenter.history.row_count() > 0)
        self._show_enrolling()
        self._show_foot()
        if presenter.auto.is_running:
            self._clock.start()
        else:
            self._clock.stop()
        self._show_progress()

    def _show_progress(self) -> None:
        self.now.show_progress()

    def _show_foot(self) -> None:
        presenter, view, tab = self.presenter, self.presenter.view, self.presenter.tab
        if view is None:
            return
        is_asking = self.enrol_panel is not None or view.is_locked
        is_running = presenter.auto.is_running
        conflicts = presenter.conflicts
        on_now = view.is_enrolled and tab is SyncTab.NOW and self.enrol_panel is None
        on_list = tab in {SyncTab.SETTLE, SyncTab.REFUSED} and not is_asking
        for button, is_wanted in (
            (self.enrol_first, not view.is_enrolled and self.enrol_panel is None),
            (self.read, on_now and not view.is_locked),
            (self.write, on_now and not view.is_locked),
            (self.stop, is_running and not is_asking),
            (self.send, view.is_enrolled and tab is not SyncTab.SETTLE and not is_asking),
            (self.undo, tab is SyncTab.SETTLE and conflicts.can_undo is not None),
            (self.correct, on_list and self._can_correct()),
            (self.decide, tab is SyncTab.SETTLE and conflicts.row_count() > 0 and not is_asking),
        ):
            button.setVisible(is_wanted)
        self.send.setEnabled(not is_running)

    def _can_correct(self) -> bool:
        presenter = self.presenter
        if presenter.tab is SyncTab.SETTLE:
            return presenter.conflicts.leads_to_correction()
        return presenter.refused.row_count() > 0

    def _show_enrolling(self) -> None:
        """Ask for what a chosen file needs, in the place of the page's first part."""
        enrolling = self.presenter.enrolling
        wanted = enrolling.file is not None and bool(enrolling.fields())
        if wanted and self.enrol_panel is None:
            self.enrol_panel = EnrolPanel(enrolling)
            self.parts.addWidget(self.enrol_panel)
            self.parts.setCurrentWidget(self.enrol_panel)
            self.enrol_panel.start()
        elif wanted and self.enrol_panel is not None:
            self.parts.setCurrentWidget(self.enrol_panel)
        elif self.enrol_panel is not None:
            panel, self.enrol_panel = self.enrol_panel, None
            self.parts.removeWidget(panel)
            panel.hide()
            panel.deleteLater()
        self.tabs.setEnabled(self.enrol_panel is None)

    # ------------------------------------------------------------------ what a person does

    def _turn_to(self, place: int) -> None:
        self.presenter.turn_to(list(SyncTab)[place])
        part = self.parts.currentWidget()
        if part is not None:
            part.setFocus()

    def _correct(self) -> None:
        if self.presenter.tab is SyncTab.SETTLE:
            self.presenter.conflicts.correct()
        elif self.refused.list.current_row() >= 0:
            self.presenter.refused.open_row(self.refused.list.current_row())

    def _choose_file(self) -> None:
        name, _filter = QFileDialog.getOpenFileName(
            self, _("Enrolment file from head office"), "", "JSON (*.json);;* (*)"
        )
        if name:
            self.presenter.enrolling.choose(Path(name))

    def _read_file(self) -> None:
        name, _filter = QFileDialog.getOpenFileName(
            self, _("File from head office or a laptop"), "", "VSLA (*.vslab);;* (*)"
        )
        if name:
            self.presenter.read_file(Path(name))

    def _write_file(self) -> None:
        name, _filter = QFileDialog.getSaveFileName(
            self, _("File for head office"), self.presenter.file_name(), "VSLA (*.vslab)"
        )
        if name:
            self.presenter.write_file(Path(name))

    # ------------------------------------------------------------------ what the window asks

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()

    @override
    def hand_over(self) -> None:
        self.settle.hand_over()

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("Alt+1", _("Now, to settle, not taken, history")),
            KeyHint("F10", _("Send now, or settle the value")),
            KeyHint("Enter", _("Go to the choices")),
            KeyHint("F2", _("Put the record right")),
            KeyHint("F7", _("Read a file that was carried here")),
            KeyHint("F8", _("Write a file for head office")),
            KeyHint("Ctrl+Z", _("Undo the last choice")),
        )


class _ListOr(QStackedWidget):
    """A list, or what stands in its place while it is empty."""

    def __init__(self, table: ListTable, empty: QWidget) -> None:
        super().__init__()
        self.list = table
        self.addWidget(table)
        self.addWidget(empty)
        self.setFocusProxy(table)

    def show_either(self, has_rows: bool) -> None:  # noqa: FBT001 - its only question
        """Show the list when it has rows."""
        self.setCurrentIndex(0 if has_rows else 1)
