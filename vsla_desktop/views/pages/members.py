"""The members: the list, one member's passbook, writing one down, and electing officers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.members import MembersPresenter, PassbookPresenter
from vsla_desktop.presenters.members_form import (
    LeavingPresenter,
    MemberFormPresenter,
    OfficersPresenter,
    StandingPresenter,
)
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    Card,
    EmptyState,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.form import ChoiceBox, FormView
from vsla_desktop.views.widgets.listing import ListTable

Editing = MemberFormPresenter | OfficersPresenter | LeavingPresenter


class MembersPage(Page):
    """Shows one of: the list, a passbook, a form."""

    def __init__(self, presenter: MembersPresenter, printing: Printing) -> None:
        super().__init__(_("Members"))
        self.presenter = presenter
        self.printing = printing
        self.standing = StandingPresenter(presenter, presenter.refresh)
        self.form: FormView | None = None
        self._panel: QWidget | None = None
        self._buttons: list[QPushButton] = []
        self.editing: Editing | None = None
        self.stack = QStackedWidget()
        self.body.addWidget(self.stack, 1)
        self.list_side = self._make_list()
        self.stack.addWidget(self.list_side)
        presenter.changed.listen(self._show_count)
        presenter.passbook_came.listen(self._passbook_came)
        self._show_list()

    # ------------------------------------------------------------------ the list

    def _make_list(self) -> QWidget:
        theme = current_theme()
        side = QWidget()
        box = QVBoxLayout(side)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(10))
        row = QHBoxLayout()
        row.setSpacing(theme.px(16))
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Number or name"))
        self.search.setAccessibleName(_("Find a member"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(theme.px(340))
        self.search.textChanged.connect(self.presenter.find)
        self.search.returnPressed.connect(self._open_found)
        self.left = ChoiceBox((Choice("", _("Members now")), Choice("all", _("Also who left"))))
        self.left.setAccessibleName(_("Which members"))
        self.left.setMinimumWidth(theme.px(190))
        self.left.picked.connect(lambda value: self.presenter.show_left(wanted=bool(value)))
        self.count = label("", "note")
        row.addWidget(self.search, 1)
        row.addWidget(self.left)
        row.addStretch(1)
        row.addWidget(self.count)
        box.addLayout(row)
        self.list = ListTable(self.presenter, _("Members"))
        self.list.opened.connect(self.presenter.open_row)
        box.addWidget(self.list, 1)
        self.empty = EmptyState(
            _("No members yet"),
            _("Write down the first member."),
            icon_name="members",
            action=_("Add a member"),
            on_action=self.add_member,
        )
        box.addWidget(self.empty, 1)
        self.empty.hide()
        return side

    def _show_count(self) -> None:
        presenter = self.presenter
        nobody = presenter.is_read and not presenter.members
        self.empty.setVisible(nobody)
        self.list.setVisible(not nobody)
        self.count.setText(presenter.summary() if presenter.members else "")

    def _open_found(self) -> None:
        if self.presenter.row_count() == 1:
            self.presenter.open_row(0)
        else:
            self.list.go_to(0)
            self.list.setFocus()

    def _show_list(self) -> None:
        self.editing, self.form = None, None
        self.stack.setCurrentWidget(self.list_side)
        self._drop_panel()
        self.show_title(_("Members"))
        officers = SecondaryButton(_("Officers"), icon_name="key")
        officers.clicked.connect(self.elect)
        add = PrimaryButton(_("Add a member"), icon_name="plus", key="F10")
        add.clicked.connect(self.add_member)
        self._show_actions(self._print_button(), officers, add)
        self.setFocusProxy(self.list)

    # ------------------------------------------------------------------ a passbook

    def _passbook_came(self) -> None:
        book = self.presenter.passbook
        if book is None:
            self._show_list()
            self.list.setFocus()
            return
        self._show_panel(self._make_passbook(book))
        self.show_title(book.title(), book.note())
        back = SecondaryButton(_("All members"), key="Esc")
        back.clicked.connect(self.presenter.close_member)
        change = PrimaryButton(_("Change"), icon_name="members", key="F10")
        change.clicked.connect(self._change)
        self._show_actions(back, self._print_button(), *self._standing_buttons(book), change)
        self.passbook_list.setFocus()

    def _make_passbook(self, book: PassbookPresenter) -> QWidget:
        theme = current_theme()
        side = QWidget()
        box = QVBoxLayout(side)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(12))
        cards = QHBoxLayout()
        cards.setSpacing(theme.px(12))
        for title, figure, note, tone in book.figures():
            card = Card(title, size=18)
            card.show_figure(figure, note, tone)
            cards.addWidget(card, 1)
        box.addLayout(cards)
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
        button = SecondaryButton(_("Print"), icon_name="print", key="Ctrl+P")
        button.clicked.connect(lambda: self.printing.show(self.presenter.pages()))
        return button

    def _standing_buttons(self, book: PassbookPresenter) -> list[QPushButton]:
        member = book.member
        member_id = member.member_id
        if not member.is_active or member.status == "SUSPENDED":
            again = SecondaryButton(_("Take back"), icon_name="undo")
            again.clicked.connect(lambda: self.standing.take_back(member_id))
            return [again]
        suspend = SecondaryButton(_("Suspend"))
        suspend.clicked.connect(lambda: self.standing.suspend(member_id))
        leave = SecondaryButton(_("Leaves …"))
        leave.clicked.connect(self._leaves)
        return [leave, suspend]

    # ------------------------------------------------------------------ forms

    def add_member(self) -> None:
        """Ask for a new member."""
        self._edit(MemberFormPresenter(self.presenter, None, self._saved))

    def _change(self) -> None:
        book = self.presenter.passbook
        if book is not None:
            self._edit(MemberFormPresenter(self.presenter, book.member, self._saved))

    def _edit(self, editing: MemberFormPresenter) -> None:
        self._show_form(editing, editing.title(), columns=2)

    def _leaves(self) -> None:
        book = self.presenter.passbook
        if book is not None:
            leaving = LeavingPresenter(self.presenter, book.member, self._saved)
            self._show_form(leaving, book.title(), columns=2)

    def elect(self) -> None:
        """Ask who was elected."""
        officers = OfficersPresenter(self.presenter, self._saved)
        self._show_form(officers, _("Officers and key-holders"), columns=3)

    def _show_form(self, editing: Editing, title: str, *, columns: int) -> None:
        self.editing = editing
        self.form = FormView(editing, editing.fields(), columns=columns)
        self.form.setMaximumWidth(current_theme().px(980))
        self.form.finished.connect(self._save)
        inside = QWidget()
        set_role(inside, "page")
        box = QVBoxLayout(inside)
        box.setContentsMargins(2, 2, 2, 2)
        box.addWidget(self.form)
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
        save = PrimaryButton(_("Save"), icon_name="check", key="F10")
        save.clicked.connect(self._save)
        self._show_actions(back, save)
        self.form.go_to(editing.fields()[0].key)

    def _save(self) -> None:
        if self.editing is None or self.form is None:
            return
        self.form.hand_over()
        wrong = self.editing.save()
        if wrong and self.form is not None:
            self.form.go_to(wrong)

    def _saved(self) -> None:
        self.presenter.shell.say(_("Saved."))
        self.presenter.refresh()
        self._leave_form()

    def _leave_form(self) -> None:
        self.editing, self.form = None, None
        if self.presenter.passbook is not None:
            self._passbook_came()
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

    @override
    def hand_over(self) -> None:
        if self.form is not None:
            self.form.hand_over()

    @override
    def start_find(self) -> bool:
        if self.editing is not None:
            return False
        if self.presenter.passbook is not None:
            self.presenter.close_member()
        self.search.setFocus()
        self.search.selectAll()
        return True

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("Ctrl+F", _("Find by number or name")),
            KeyHint("Enter", _("Open the passbook")),
            KeyHint("F10", _("Add, change, or save")),
            KeyHint("Ctrl+P", _("Print")),
            KeyHint("Esc", _("Back to the list")),
        )
