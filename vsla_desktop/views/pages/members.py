"""The members: the list, one member's profile and passbook, and what is done about members."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.members import MembersPresenter
from vsla_desktop.presenters.members_acts import MemberAct
from vsla_desktop.presenters.members_code import CodeForm
from vsla_desktop.presenters.members_form import (
    MemberFormPresenter,
    OfficersPresenter,
    StandingPresenter,
)
from vsla_desktop.presenters.members_joining import CatchUpForm
from vsla_desktop.presenters.members_leaving import PayLeaverForm, leaving_form
from vsla_desktop.presenters.members_passbook import PassbookPresenter
from vsla_desktop.presenters.members_phone import PaymentForm, PhonePresenter, RejectForm
from vsla_desktop.presenters.members_savings import TargetForm, WithdrawForm
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.views.pages.members_acts import ActView
from vsla_desktop.views.pages.members_list import MembersList
from vsla_desktop.views.pages.members_phone import PhoneView
from vsla_desktop.views.pages.members_profile import ProfileView
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    EmptyState,
    PrimaryButton,
    SecondaryButton,
    current_theme,
)
from vsla_desktop.views.widgets.form import FormView
from vsla_desktop.views.widgets.listing import ListTable

Editing = MemberFormPresenter | OfficersPresenter | MemberAct


class MembersPage(Page):
    """Shows one of: the list, a member's profile or passbook, money on the phone, a form."""

    def __init__(self, presenter: MembersPresenter, printing: Printing) -> None:
        super().__init__(_("Members"))
        self.presenter = presenter
        self.printing = printing
        self.standing = StandingPresenter(presenter, presenter.refresh)
        self.form: FormView | ActView | None = None
        self.phone: PhonePresenter | None = None
        self._shows_passbook = False
        self._is_from_meeting = False
        self._panel: QWidget | None = None
        self._buttons: list[QPushButton] = []
        self.editing: Editing | None = None
        self.stack = QStackedWidget()
        self.body.addWidget(self.stack, 1)
        self.list_side = MembersList(presenter, self.add_member)
        self.search, self.list = self.list_side.search, self.list_side.list
        self.stack.addWidget(self.list_side)
        presenter.passbook_came.listen(self._passbook_came)
        self._show_list()

    # ------------------------------------------------------------------ the list

    def _show_list(self) -> None:
        self.editing, self.form = None, None
        self.stack.setCurrentWidget(self.list_side)
        self._drop_panel()
        self.show_title(_("Members"))
        phone = SecondaryButton(_("Mobile money"), key="F7")
        phone.clicked.connect(self._open_phone)
        officers = SecondaryButton(_("Officers"))
        officers.clicked.connect(self.elect)
        add = PrimaryButton(_("Add a member"), icon_name="plus", key="F10")
        add.clicked.connect(self.add_member)
        self._show_actions(self._print_button(), phone, officers, add)
        self.setFocusProxy(self.list)

    # ------------------------------------------------------------------ one member

    def _passbook_came(self) -> None:
        if self.editing is not None:
            return  # it is shown once the form is left
        if self.presenter.profile is None:
            self._shows_passbook = False
            self._show_list()
            self.list.setFocus()
            return
        self._show_member()

    def _show_member(self) -> None:
        book, profile = self.presenter.passbook, self.presenter.profile
        if book is None or profile is None:
            return
        self.editing, self.form = None, None
        self.show_title(book.title(), book.note())
        back = SecondaryButton(_("All members"), key="Esc")
        back.clicked.connect(self.presenter.close_member)
        turn = SecondaryButton(_("Profile") if self._shows_passbook else _("Passbook"), key="F6")
        turn.clicked.connect(self.turn_over)
        change = PrimaryButton(_("Change"), icon_name="members", key="F10")
        change.clicked.connect(self._change)
        if self._shows_passbook:
            self._show_panel(self._make_passbook(book))
        else:
            self.profile = ProfileView(profile)
            self.profile.act.connect(self.act)
            self._show_panel(self.profile)
        buttons = [back, turn, self._print_button(), change]
        if self._shows_passbook and book.row_count():
            mark = SecondaryButton(_("Roll call …"), key="F2")
            mark.clicked.connect(self._correct_mark)
            buttons.insert(2, mark)
        self._show_actions(*buttons)
        (self.passbook_list if self._shows_passbook else turn).setFocus()

    def turn_over(self) -> None:
        """Go from the profile to the passbook, and back."""
        self._shows_passbook = not self._shows_passbook
        self._show_member()

    def _correct_mark(self) -> None:
        if self.presenter.passbook is not None:
            self.presenter.passbook.correct_mark(self.passbook_list.current_row())

    def _make_passbook(self, book: PassbookPresenter) -> QWidget:
        side = QWidget()
        box = QVBoxLayout(side)
        box.setContentsMargins(0, 0, 0, 0)
        self.passbook_list = ListTable(book, _("Passbook"))
        if book.row_count():
            box.addWidget(self.passbook_list, 1)
        else:
            self.passbook_list.hide()
            box.addWidget(
                EmptyState(
                    _("Nothing in the passbook yet"),
                    _("It fills at the meetings."),
                    icon_name="savings",
                ),
                1,
            )
        return side

    def _print_button(self) -> SecondaryButton:
        button = SecondaryButton(_("Print"), key="Ctrl+P")
        button.clicked.connect(lambda: self.printing.show(self.presenter.pages()))
        return button

    # ------------------------------------------------------------------ money on the phone

    def show_phone(self, member_id: int = 0) -> None:
        """Show what members sent between meetings, and go to what this one sent."""
        if self.phone is None:
            self.phone = PhonePresenter(self.presenter)
        self.editing, self.form = None, None
        self.phone_view = PhoneView(self.phone, member_id)
        self._show_panel(self.phone_view)
        self.show_title(_("Money on the phone"))
        back = SecondaryButton(
            _("Back to the meeting") if self._is_from_meeting else _("All members"), key="Esc"
        )
        back.clicked.connect(self._leave_phone)
        write = SecondaryButton(_("Write down …"), key="F8")
        write.clicked.connect(self.write_payment)
        reject = SecondaryButton(_("Did not come …"), key="Del")
        reject.clicked.connect(self._reject)
        came = PrimaryButton(_("It came"), icon_name="check", key="F10")
        came.clicked.connect(self._verify)
        self._show_actions(back, write, reject, came)
        self.phone_view.list.setFocus()
        self.phone.refresh()

    def _open_phone(self) -> None:
        self.show_phone()

    def _verify(self) -> None:
        if self.phone is not None:
            self.phone.verify(self.phone_view.list.current_row())

    def write_payment(self) -> None:
        """Ask for money that a member sent."""
        self._show_act(PaymentForm(self.presenter, self._saved))

    def _reject(self) -> None:
        if self.phone is None:
            return
        payment = self.phone.to_reject(self.phone_view.list.current_row())
        if payment is not None:
            self._show_act(RejectForm(self.presenter, payment, self._saved))

    def _leave_phone(self) -> None:
        self.phone = None
        if self._is_from_meeting:
            self._is_from_meeting = False
            self._show_list()
            self.presenter.shell.go_to("meeting")
            return
        self._show_list()
        self.list.setFocus()

    # ------------------------------------------------------------------ forms

    def add_member(self) -> None:
        """Ask for a new member."""
        self._edit(MemberFormPresenter(self.presenter, None, self._saved))

    def _change(self) -> None:
        profile = self.presenter.profile
        if profile is not None:
            written = profile.profile
            self._edit(
                MemberFormPresenter(
                    self.presenter,
                    profile.member,
                    self._saved,
                    occupation=written.occupation,
                    born=written.born,
                )
            )

    def _edit(self, editing: MemberFormPresenter) -> None:
        self._show_form(editing, editing.title(), columns=2)

    def act(self, name: str) -> None:
        """Do, or begin, what a button of the profile names."""
        profile = self.presenter.profile
        if profile is None:
            return
        read, offer = profile.read, profile.read.offer
        match name:
            case "suspend":
                self.standing.suspend(profile.member.member_id)
            case "take-back":
                self.standing.take_back(profile.member.member_id)
            case "code" if (officer := profile.officer()) is not None:
                self._show_act(CodeForm(self.presenter, read.officers, officer, self._saved))
            case "leave":
                self._show_act(leaving_form(self.presenter, read, self._saved))
            case "pay":
                self._show_act(PayLeaverForm(self.presenter, read, self._saved))
            case "withdraw":
                self._show_act(WithdrawForm(self.presenter, read, self._saved))
            case "target":
                self._show_act(TargetForm(self.presenter, read, self._saved))
            case "catch-up" if offer is not None:
                self._show_act(CatchUpForm(self.presenter, read, offer, self._saved))

    def _show_act(self, act: MemberAct) -> None:
        self.editing = act
        view = ActView(act)
        self.form = view
        self._show_editing(view, act.title(), act.button())
        view.go_to(act.fields()[0].key)

    def elect(self) -> None:
        """Ask who was elected."""
        officers = OfficersPresenter(self.presenter, self._saved)
        self._show_form(officers, _("Officers and key-holders"), columns=3)

    def _show_form(self, editing: Editing, title: str, *, columns: int) -> None:
        self.editing = editing
        view = FormView(editing, editing.fields(), columns=columns)
        self.form = view
        view.setMaximumWidth(current_theme().px(980))
        self._show_editing(view, title, _("Save"))
        view.go_to(editing.fields()[0].key)

    def _show_editing(self, view: FormView | ActView, title: str, button: str) -> None:
        view.finished.connect(self._save)
        inside = QWidget()
        set_role(inside, "page")
        box = QVBoxLayout(inside)
        box.setContentsMargins(2, 2, 2, 2)
        box.addWidget(view)
        box.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        self._show_panel(area)
        self.show_title(title)
        back = SecondaryButton(_("Leave as it was"), key="Esc")
        back.clicked.connect(self._leave_form)
        save = PrimaryButton(button, icon_name="check", key="F10")
        save.clicked.connect(self._save)
        self._show_actions(back, save)

    def _save(self) -> None:
        if self.editing is None or self.form is None:
            return
        self.form.hand_over()
        wrong = self.editing.save()
        if wrong and self.form is not None:
            self.form.go_to(wrong)

    def _saved(self) -> None:
        saved = self.editing
        self.presenter.shell.say(_("Saved."))
        self._leave_form()
        self.presenter.refresh()
        if isinstance(saved, MemberFormPresenter) and saved.to_open:
            self.presenter.open_member(saved.to_open)

    def _leave_form(self) -> None:
        self.editing, self.form = None, None
        if self.phone is not None:
            self.show_phone()
        elif self.presenter.profile is not None:
            self._show_member()
        else:
            self._show_list()
            self.list.setFocus()

    # ------------------------------------------------------------------ one panel at a time

    def _show_panel(self, panel: QWidget) -> None:
        self._drop_panel()
        self._panel = panel
        self.stack.addWidget(panel)
        self.stack.setCurrentWidget(panel)

    def _drop_panel(self) -> None:
        if self._panel is not None:
            self.stack.removeWidget(self._panel)
            self._panel.deleteLater()
            self._panel = None

    def _show_actions(self, *buttons: QPushButton) -> None:
        for old in self._buttons:
            old.hide()
            old.deleteLater()
        self._buttons = list(buttons)
        for button in buttons:
            self.add_action(button)
            button.show()  # at once: its key may be pressed before the next picture

    # ------------------------------------------------------------------ what the window asks

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()
        member_id = self.presenter.shell.take_phone_of()
        if member_id is not None:
            self._is_from_meeting = True
            self.show_phone(member_id)

    @override
    def hand_over(self) -> None:
        if self.form is not None:
            self.form.hand_over()

    @override
    def start_find(self) -> bool:
        if self.editing is not None:
            return False
        if self.phone is not None:
            self._leave_phone()
        if self.presenter.profile is not None:
            self.presenter.close_member()
        self.search.setFocus()
        self.search.selectAll()
        return True

    @override
    def keys(self) -> Sequence[KeyHint]:
        if self.phone is not None:
            return (
                KeyHint("Ctrl+F", _("Find by number or name")),
                KeyHint("F8", _("Write down money on the phone")),
                KeyHint("Del", _("Money that did not come")),
                KeyHint("Esc", _("Back to the list")),
            )
        return (
            KeyHint("Ctrl+F", _("Find by number or name")),
            KeyHint("Enter", _("Open the member")),
            KeyHint("F2", _("Correct a mark of the roll call")),
            KeyHint("F6", _("Passbook or profile")),
            KeyHint("F7", _("Money on the phone")),
            KeyHint("F10", _("Add, change, or save")),
            KeyHint("Ctrl+P", _("Print")),
            KeyHint("Esc", _("Back to the list")),
        )
