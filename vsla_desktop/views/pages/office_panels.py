"""What stands in the place of a list at head office: a form, or what is told once."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.office_table import OfficeForm, Told
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import current_theme, label
from vsla_desktop.views.widgets.form import FormView

_ONE_COLUMN: Final = 3  # fields that stand below one another


class FormPanel(QScrollArea):
    """The form of one thing to do; ``finished`` after Enter in the last field."""

    finished = Signal()

    def __init__(self, presenter: OfficeForm) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme = current_theme()
        inside = QWidget()
        set_role(inside, "page")
        box = QVBoxLayout(inside)
        box.setSpacing(theme.px(16))
        box.addWidget(label(presenter.title, "heading", wrap=True))
        columns = 1 if len(presenter.fields) <= _ONE_COLUMN else 2
        if presenter.sentence:
            box.addWidget(label(presenter.sentence, wrap=True))
        self.form = FormView(presenter, presenter.fields, columns=columns)
        if columns == 1:
            self.form.setMaximumWidth(theme.px(560))
        self.form.finished.connect(self.finished)
        box.addWidget(self.form)
        box.addStretch(1)
        self.setWidget(inside)
        self._first = next(iter(self.form.rows), "")

    def begin(self) -> None:
        """Take the keyboard to the first field."""
        self.form.go_to(self._first)


class ToldPanel(QWidget):
    """What is told once, large enough to be read out by telephone, and ready to be copied."""

    def __init__(self, told: Told) -> None:
        super().__init__()
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setSpacing(theme.px(14))
        box.addWidget(label(told.title, "heading", wrap=True))
        box.addWidget(label(told.sentence, wrap=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(10))
        self.lines: list[QLineEdit] = []
        for row, fact in enumerate(told.facts):
            line = QLineEdit(fact.text)
            line.setReadOnly(True)
            line.setFont(theme.digits_font(16))
            line.setAccessibleName(fact.title)
            grid.addWidget(label(fact.title, "strong"), row, 0)
            grid.addWidget(line, row, 1)
            self.lines.append(line)
        grid.setColumnStretch(1, 1)
        box.addLayout(grid)
        box.addWidget(label(_("It is not shown again."), "note"))
        box.addStretch(1)

    def begin(self) -> None:
        """Take the keyboard to the last line, which is the secret one."""
        self.lines[-1].setFocus()
        self.lines[-1].selectAll()
