"""Earlier meetings: their sheet, their entries, and putting an entry right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.meeting import MeetingPresenter
from vsla_desktop.presenters.meeting_closed import EntriesPresenter
from vsla_desktop.presenters.meeting_slip import Slip
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.reports import meeting_papers
from vsla_desktop.views.pages.meeting_slip import SlipPage
from vsla_desktop.views.pages.page import ROOMY_PERCENT, KeyHint, Page
from vsla_desktop.views.widgets.basics import PrimaryButton, SecondaryButton, current_theme, label
from vsla_desktop.views.widgets.correction import CorrectionCard
from vsla_desktop.views.widgets.listing import ListTable


class EarlierPage(Page):
    """One closed meeting, chosen by its number and day: its entries, its roll call, or its slip.

    What is wrong in it is put right in the meeting that is open: Enter on an entry leads to where
    it is corrected, Enter on a mark asks for the right one below the roll call.
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
        self.roll = entries.roll
        self.card: CorrectionCard | None = None
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
        self.advice = label(self._advice(), "note", wrap=True)
        row.addWidget(self.advice, 1)
        self.body.addLayout(row)
        self.parts = QStackedWidget()
        self.list = ListTable(entries, _("Entries"))
        self.list.opened.connect(entries.open_row)
        self.list.go_to(entries.row)
        self.roll_list = ListTable(self.roll, _("Roll call"))
        self.roll_list.opened.connect(self.roll.open_row)
        self.roll_list.go_to(self.roll.row)
        self.slip_page = SlipPage(presenter, slip, printing)
        self.slip_page.next_button.hide()
        self.slip_page.print_button.hide()
        self.slip_page.setContentsMargins(0, 0, 0, 0)
        for part in (self.list, self.roll_list, self.slip_page):
            self.parts.addWidget(part)
        self.body.addWidget(self.parts, 1)
        self._add_actions()
        for key, by in (("Ctrl+PgUp", -1), ("Ctrl+PgDown", 1)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda by=by: self._step(by))
        self._show(self.roll_list if self.roll.is_shown else self.list)
        self.roll.form_changed.listen(self._show_form)

    def _add_actions(self) -> None:
        self.roll_button = SecondaryButton(_("Roll call"), key="F6")
        self.roll_button.clicked.connect(self._turn_to_roll)
        self.add_action(self.roll_button)
        self.slip_button = SecondaryButton(_("Slip"))
        self.slip_button.clicked.connect(self._turn_to_slip)
        self.add_action(self.slip_button)
        self.print_button = SecondaryButton(_("Print the page"), key="Ctrl+P")
        self.print_button.clicked.connect(self.print_page)
        self.add_action(self.print_button)
        self.correct_button = SecondaryButton(_("Correct …"), icon_name="undo", key="F2")
        self.correct_button.setEnabled(self.entries.page.open_meeting_id is not None)
        self.correct_button.clicked.connect(self._correct)
        self.add_action(self.correct_button)
        self.back_button = PrimaryButton(_("Back"), icon_name="arrow-right", key="F10")
        self.back_button.clicked.connect(self.presenter.leave_earlier)
        self.add_action(self.back_button)

    def _advice(self) -> str:
        if self.entries.page.open_meeting_id is None:
            return _("A closed meeting never changes. Open the next meeting to correct an entry.")
        if self.roll.is_shown:
            return _("Enter on a mark puts it right in the open meeting.")
        return _("Enter on an entry corrects it in the open meeting.")

    def _correct(self) -> None:
        if self.roll.is_shown:
            self.roll.open_row(self.roll_list.current_row())
        else:
            self.entries.open_row(self.list.current_row())

    def _show_form(self) -> None:
        """Ask for the right mark below the roll call, with keys of its own."""
        if self.card is not None:
            self.body.removeWidget(self.card)
            self.card.hide()
            self.card.deleteLater()
            self.card = None
        form = self.roll.form
        self._foot_row.setVisible(form is None)
        # With large text the form, which names its mark, needs the room.
        is_roomy = form is None or current_theme().percent <= ROOMY_PERCENT
        for part in (self.meetings, self.advice, self.parts):
            part.setVisible(is_roomy)
        if form is None:
            self.roll_list.setFocus()
            return
        self._show(self.roll_list)
        self.roll_list.go_to(self.roll.row)
        self.card = CorrectionCard(form)
        self.body.addWidget(self.card, 0 if is_roomy else 1)
        self.card.show()  # at once: its keys may be pressed before the next picture
        self.card.form.go_to(form.first_field)

    @override
    def hand_over(self) -> None:
        if self.card is not None:
            self.card.form.hand_over()

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

    def _turn_to_roll(self) -> None:
        self._show(self.list if self.parts.currentWidget() is self.roll_list else self.roll_list)

    def _turn_to_slip(self) -> None:
        self._show(self.list if self.parts.currentWidget() is self.slip_page else self.slip_page)

    def _show(self, part: QWidget) -> None:
        """Show the entries, the roll call or the slip; each button leads there or back."""
        self.roll.is_shown = part is self.roll_list
        is_slip = part is self.slip_page
        self.parts.setCurrentWidget(part)
        self.setFocusProxy(part)
        part.setFocus()
        self.advice.setText(self._advice())
        self.correct_button.setVisible(not is_slip)
        self.roll_button.say(_("Entries") if self.roll.is_shown else _("Roll call"))
        self.slip_button.say(_("Entries") if is_slip else _("Slip"))
        self.print_button.say(_("Print") if is_slip else _("Print the page"))

    @override
    def keys(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint("Enter", _("Correct an entry")),
            KeyHint("F2", _("Correct an entry")),
            KeyHint("F6", _("Roll call")),
            KeyHint("Ctrl+PgUp", _("The meeting before")),
            KeyHint("Ctrl+PgDown", _("The meeting after")),
            KeyHint("Ctrl+P", _("Print what is shown")),
            KeyHint("F10", _("Back")),
        )
