"""The parts of the rules that are no fields: presets, the agenda, and the vote."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.rules import RulesPresenter
from vsla_desktop.presenters.rules_changes import ChangesList
from vsla_desktop.presenters.rules_vote import RulesVote
from vsla_desktop.views.pages.page import ROOMY_PERCENT
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.form import ChoiceBox, FormView
from vsla_desktop.views.widgets.listing import ListTable
from vsla_desktop.views.widgets.ordered_list import OrderedItem, OrderedList


class PresetPart(QWidget):
    """Choose a kind of group, see what it would change, and take it over."""

    def __init__(self, presenter: RulesPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(10))
        words = _("Choose a kind of group and see what it changes. Amounts stay yours.")
        box.addWidget(label(words, "note", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        title = label(_("Start from the rules of"), "strong")
        self.choice = ChoiceBox(presenter.presets())
        self.choice.setCurrentIndex(-1)
        self.choice.setMinimumWidth(theme.px(200))
        self.choice.setAccessibleName(_("Start from the rules of"))
        self.choice.picked.connect(presenter.look_at_preset)
        title.setBuddy(self.choice)
        self.take = SecondaryButton(_("Take these over"), icon_name="check")
        self.take.clicked.connect(presenter.take_preset)
        is_large = theme.percent > ROOMY_PERCENT
        if is_large:
            box.addWidget(title)
        for widget in (self.choice, self.take) if is_large else (title, self.choice, self.take):
            row.addWidget(widget)
        row.addStretch(1)
        box.addLayout(row)
        self.list = ChangesList()
        self.table = ListTable(self.list, _("What the preset changes"))
        box.addWidget(self.table, 1)
        self.nothing = label(_("Nothing is other than now."), "note")
        box.addWidget(self.nothing, 1, Qt.AlignmentFlag.AlignTop)

    def refresh(self) -> None:
        """Show what the chosen preset changes now."""
        changes = self.presenter.preset_changes()
        if self.presenter.preset is not None:
            self.choice.choose(self.presenter.preset.value)
        self.list.show(changes)
        self.table.setVisible(bool(changes))
        self.take.setVisible(bool(changes))
        self.nothing.setVisible(self.presenter.preset is not None and not changes)


class AgendaPart(QWidget):
    """The agenda in the group's own order."""

    def __init__(self, presenter: RulesPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(current_theme().px(6))
        box.addWidget(label(_("Agenda"), "strong"))
        self.list = OrderedList(_("Agenda"), presenter.move_step, presenter.toggle_step)
        box.addWidget(self.list)

    def refresh(self) -> None:
        """Show the steps as they stand now."""
        left_out = _("left out")
        self.list.show_items(
            [
                OrderedItem(
                    f"{place}.  {line.title}" if line.is_used else f"{line.title} ({left_out})",
                    "lock" if line.is_fixed else "check" if line.is_used else "minus",
                    is_muted=not line.is_used,
                )
                for place, line in enumerate(self.presenter.agenda(), start=1)
            ]
        )


class VotePanel(QFrame):
    """What is voted on, from which day it holds, and the hands."""

    def __init__(self, presenter: RulesPresenter, vote: RulesVote) -> None:
        super().__init__()
        self.presenter = presenter
        theme = current_theme()
        set_role(self, "card")
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        box.setSpacing(theme.px(12))
        words = _("The meeting votes on these rules") if vote.needs_hands else _("What changes")
        self.setAccessibleName(words)
        box.addWidget(label(words, "heading"))
        changes = ChangesList()
        self.table = ListTable(changes, words)
        changes.show(vote.changes)
        box.addWidget(self.table, 1)
        self.form = FormView(vote, vote.fields(), columns=4 if vote.needs_hands else 2)
        self.form.finished.connect(self._decide)
        box.addWidget(self.form)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addStretch(1)
        leave = SecondaryButton(_("Go back"), key="Esc")
        leave.clicked.connect(presenter.leave_vote)
        words = _("Write the vote down") if vote.needs_hands else _("Change the rules")
        self.decide = PrimaryButton(words, icon_name="check", key="F10")
        self.decide.clicked.connect(self._decide)
        row.addWidget(leave)
        row.addWidget(self.decide)
        box.addLayout(row)

    def start(self) -> None:
        """Put the keyboard into the first field."""
        self.form.go_to(next(iter(self.form.rows)))

    def hand_over(self) -> None:
        """Hand over the field that is being typed in."""
        self.form.hand_over()

    def _decide(self) -> None:
        self.form.hand_over()
        wrong = self.presenter.decide()
        if wrong:
            self.form.go_to(wrong)
