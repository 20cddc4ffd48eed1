"""The strip beside the pages of a practice book: an exercise, whose steps tick themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.practice import PracticePresenter, Step
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    IconLabel,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.form import ChoiceBox

if TYPE_CHECKING:
    from vsla_desktop.presenters.book import OpenBook
    from vsla_desktop.queries.groups import GroupLine
    from vsla_desktop.views.parts import Parts

_WIDTH: Final = 264
_LOOK_EVERY: Final = 2000  # milliseconds; the book is asked, whoever wrote in it


class PracticeStrip(QFrame):
    """The exercises of a practice book. It can be hidden when a page needs the room."""

    def __init__(self, presenter: PracticePresenter) -> None:
        super().__init__()
        self.presenter = presenter
        set_role(self, "sheet")
        self.setAccessibleName(_("Exercises"))
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.px(12), theme.px(10), theme.px(12), theme.px(12))
        box.setSpacing(theme.px(10))
        head = QHBoxLayout()
        head.addWidget(label(_("Exercises"), "heading"), 1)
        self.hide_button = SecondaryButton("", icon_name="close", is_quiet=True)
        self.hide_button.setAccessibleName(_("Hide the exercises"))
        self.hide_button.setToolTip(_("Hide the exercises"))
        self.hide_button.clicked.connect(self.hide)
        head.addWidget(self.hide_button)
        box.addLayout(head)
        self.choice = ChoiceBox(presenter.exercises())
        self.choice.setAccessibleName(_("Exercise"))
        self.choice.picked.connect(presenter.choose)
        box.addWidget(self.choice)
        self._steps = QScrollArea()
        self._steps.setWidgetResizable(True)
        self._steps.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._steps.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        box.addWidget(self._steps, 1)
        self.there_button = SecondaryButton(_("Go there"), icon_name="arrow-right")
        self.there_button.clicked.connect(presenter.go_there)
        self.next_button = SecondaryButton(_("Next exercise"), icon_name="arrow-right")
        self.next_button.clicked.connect(presenter.next)
        self.again_button = SecondaryButton(_("Begin again"), icon_name="restore", is_quiet=True)
        self.again_button.clicked.connect(presenter.again)
        for button in (self.there_button, self.next_button, self.again_button):
            box.addWidget(button)
        self.setFixedWidth(theme.px(_WIDTH))
        presenter.changed.listen(self._show)
        self._show()
        timer = QTimer(self)
        timer.timeout.connect(self._look)
        timer.start(_LOOK_EVERY)
        presenter.refresh()

    def _look(self) -> None:
        if self.isVisible():
            self.presenter.refresh()

    def _show(self) -> None:
        presenter = self.presenter
        self.choice.offer(presenter.exercises())
        if presenter.exercise is not None:
            self.choice.choose(str(presenter.exercise.number))
        steps = presenter.steps()
        current = next((place for place, step in enumerate(steps) if not step.is_done), -1)
        sheet = QWidget()
        set_role(sheet, "keycard-inside")
        box = QVBoxLayout(sheet)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(current_theme().px(10))
        for place, step in enumerate(steps):
            box.addWidget(_step(step, is_current=place == current))
        if presenter.is_finished():
            box.addWidget(label(_("Well done. This exercise is finished."), "strong", wrap=True))
        box.addStretch(1)
        self._steps.setWidget(sheet)
        self.there_button.setVisible(current >= 0)
        self.next_button.setVisible(presenter.is_finished())


def exercises_of(program: Parts, book: OpenBook, group: GroupLine) -> PracticeStrip:
    """The exercises of an open practice book."""
    return PracticeStrip(
        PracticePresenter(
            book.database,
            program.runner,
            program.shell,
            folder=book.folder.path,
            group_id=group.group_id,
            currency=CURRENCIES[group.currency],
            on_again=program.restore,
        )
    )


def _step(step: Step, *, is_current: bool) -> QWidget:
    """A step with its tick; its help stands below the one to do now."""
    theme = current_theme()
    row = QWidget()
    across = QHBoxLayout(row)
    across.setContentsMargins(0, 0, 0, 0)
    across.setSpacing(theme.px(8))
    name, tone = ("check-circle", Tone.GOOD) if step.is_done else ("minus", Tone.MUTED)
    if is_current:
        name, tone = "arrow-right", Tone.PLAIN
    across.addWidget(IconLabel(name, tone, 20), 0, Qt.AlignmentFlag.AlignTop)
    words = QVBoxLayout()
    words.setSpacing(theme.px(2))
    words.addWidget(label(step.text, "strong" if is_current else "", wrap=True))
    if is_current:
        words.addWidget(label(step.help, "note", wrap=True))
    across.addLayout(words, 1)
    state = _("done") if step.is_done else _("to do")
    row.setAccessibleName(labelled(step.text, state))
    return row
