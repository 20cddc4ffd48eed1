"""Earlier meetings: their sheet, their entries, and putting an entry right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.meeting import MeetingPresenter
from vsla_desktop.presenters.meeting_closed import EntriesPresenter
from vsla_desktop.presenters.meeting_slip import Slip
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.reports import meeting_papers
from vsla_desktop.views.pages.meeting_slip import SlipPage
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.widgets.basics import PrimaryButton, SecondaryButton, current_theme, label
from vsla_desktop.views.widgets.listing import ListTable


class EarlierPage(Page):
    """One closed meeting, chosen by its number and day: its entries, or its slip.

    What is wrong in it is put right in the meeting that is open: Enter on an entry leads to where
    it is corrected.
    """

    def __init__(
        self,
        presenter: MeetingPresenter,
        entries: EntriesPresenter,
        slip: Slip,
        printing: Printing,
    ) -> None:
        super().__init__(_("Earlier meetings"))
        self.presenter = presenter
        self.entries = entries
        self.printing = printing
        row = QHBoxLayout()
        row.setSpacing(current_theme().px(10))
        self.meetings = QComboBox()
        self.meetings.setAccessibleName(_("Meeting"))
        self.meetings.view().setAccessibleName(_("Meeting"))
        for meeting_id, text in presenter.earlier_choices():
            self.meetings.addItem(text, meeting_id)
        shown = self.meetings.findData(entries.page.book.sheet.meeting_id)
        self.meetings.setCurrentIndex(max(shown, 0))
        self.meetings.activated.connect(self._choose)
        row.addWidget(self.meetings)
        row.addWidget(label(self._advice(), "note", wrap=True), 1)
        self.body.addLayout(row)
        self.parts = QStackedWidget()
        self.list = ListTable(entries, _("Entries"))
        self.list.opened.connect(entries.open_row)
        self.list.go_to(entries.row)
        self.slip_page = SlipPage(presenter, slip, printing)
        self.slip_page.next_button.hide()
        self.slip_page.print_button.hide()
        self.slip_page.setContentsMargins(0, 0, 0, 0)
        self.parts.addWidget(self.list)
        self.parts.addWidget(self.slip_page)
        self.body.addWidget(self.parts, 1)
        self.slip_button = SecondaryButton(_("Slip"), icon_name="documents")
        self.slip_button.clicked.connect(self._turn)
        self.add_action(self.slip_button)
        self.print_button = SecondaryButton(_("Print the page"), icon_name="print", key="Ctrl+P")
        self.print_button.clicked.connect(self.print_page)
        self.add_action(self.print_button)
        self.correct_button = SecondaryButton(_("Correct …"), icon_name="undo", key="F2")
        self.correct_button.setEnabled(entries.page.open_meeting_id is not None)
        self.correct_button.clicked.connect(self._correct)
        self.add_action(self.correct_button)
        back = PrimaryButton(_("Back"), icon_name="arrow-right", key="F10")
        back.clicked.connect(presenter.leave_earlier)
        self.add_action(back)
        for key, by in (("Ctrl+PgUp", -1), ("Ctrl+PgDown", 1)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda by=by: self._step(by))
        self.setFocusProxy(self.list)

    def _advice(self) -> str:
        if self.entries.page.open_meeting_id is None:
            return _("A closed meeting never changes. Open the next meeting to correct an entry.")
        return _("Enter on an entry corrects it in the open meeting.")

    def _correct(self) -> None:
        self.entries.open_row(self.list.current_row())

    def print_page(self) -> None:
        """Make what is shown and open it: the slip, or the page of the book."""
        meeting_id = self.entries.page.book.sheet.meeting_id
        if self.parts.currentWidget() is self.slip_page:
            self.slip_page.print_slip()
            return
        self.printing.show(
            lambda session, today: meeting_papers.meeting_page(session, meeting_id, printed=today)
        )

    def _choose(self, place: int) -> None:
        meeting_id = self.meetings.itemData(place)
        if isinstance(meeting_id, int):
            self.presenter.look_back(meeting_id)

    def _step(self, by: int) -> None:
        place = self.meetings.currentIndex() - by
        if 0 <= place < self.meetings.count():
            self._choose(place)

    def _turn(self) -> None:
        is_slip = self.parts.currentWidget() is self.slip_page
        self.parts.setCurrentWidget(self.list if is_slip else self.slip_page)
        self.correct_button.setVisible(is_slip)
        self.slip_button.setText(f" {_('Slip') if is_slip else _('Entries')}")
        self.print_button.setText(f" {_('Print the page') if is_slip else _('Print')}")

    @override
    def keys(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint("Enter", _("Correct an entry")),
            KeyHint("F2", _("Correct an entry")),
            KeyHint("Ctrl+PgUp", _("The meeting before")),
            KeyHint("Ctrl+PgDown", _("The meeting after")),
            KeyHint("Ctrl+P", _("Print what is shown")),
            KeyHint("F10", _("Back")),
        )
