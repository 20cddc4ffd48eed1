"""The list of members: found by number or name, in the order of either."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.members import ALL, LEFT, NOW, MembersPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.pages.page import ROOMY_PERCENT
from vsla_desktop.views.widgets.basics import EmptyState, IconLabel, current_theme, label
from vsla_desktop.views.widgets.form import ChoiceBox
from vsla_desktop.views.widgets.listing import ListTable


class MembersList(QWidget):
    """What finds, what is shown, and how many there are."""

    def __init__(self, presenter: MembersPresenter, on_add: Callable[[], None]) -> None:
        super().__init__()
        self.presenter = presenter
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(10))
        row = QHBoxLayout()
        row.setSpacing(theme.px(16))
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Number or name"))
        self.search.setAccessibleName(_("Find a member"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(theme.px(340))
        self.search.textChanged.connect(presenter.find)
        self.search.returnPressed.connect(self._open_found)
        self.left = ChoiceBox(
            (
                Choice(NOW, _("Members now")),
                Choice(LEFT, _("Who left")),
                Choice(ALL, _("All")),
            )
        )
        self.left.setAccessibleName(_("Which members"))
        self.left.setMinimumWidth(theme.px(190))
        self.left.picked.connect(presenter.show)
        by_number = Choice("number", _("By number"))
        self.order = ChoiceBox((by_number, Choice("name", _("By name"))))
        self.order.setAccessibleName(_("In which order"))
        self.order.setMinimumWidth(theme.px(140))
        self.order.picked.connect(presenter.sort_by)
        self.search.setMinimumWidth(theme.px(180))
        self.count = label("", "note")
        row.addWidget(self.search, 1)
        row.addWidget(self.left)
        row.addWidget(self.order)
        row.addStretch(1)
        row.addWidget(self.count)
        box.addLayout(row)
        self.warning = QWidget()
        warned = QHBoxLayout(self.warning)
        warned.setContentsMargins(0, 0, 0, 0)
        warned.setSpacing(theme.px(8))
        warned.addWidget(IconLabel("warning", Tone.WARNING))
        self.warning_words = label("", "warning", wrap=True)
        warned.addWidget(self.warning_words, 1)
        box.addWidget(self.warning)
        self.list = ListTable(presenter, _("Members"))
        self.list.opened.connect(presenter.open_row)
        box.addWidget(self.list, 1)
        self.empty = EmptyState(
            _("No members yet"),
            _("Write down the first member."),
            icon_name="members",
            action=_("Add a member"),
            on_action=on_add,
        )
        box.addWidget(self.empty, 1)
        self.empty.hide()
        self.warning.hide()
        presenter.changed.listen(self._show_count)

    def _show_count(self) -> None:
        presenter = self.presenter
        nobody = presenter.is_read and not presenter.members
        self.empty.setVisible(nobody)
        self.warning_words.setText(presenter.warning())
        self.warning.setVisible(bool(presenter.warning()))
        self.list.setVisible(not nobody)
        self.count.setVisible(current_theme().percent <= ROOMY_PERCENT)
        self.count.setText(presenter.summary() if presenter.members else "")

    def _open_found(self) -> None:
        if self.presenter.row_count() == 1:
            self.presenter.open_row(0)
        else:
            self.list.go_to(0)
            self.list.setFocus()
