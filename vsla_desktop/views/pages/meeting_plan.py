"""What is planned, moved or cancelled; planning, moving, cancelling, and holding a planned one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.meeting_planning import PlanningPresenter
from vsla_desktop.views.pages.page import ROOMY_PERCENT
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import IconLabel, SecondaryButton, current_theme, label
from vsla_desktop.views.widgets.fields import FieldRow
from vsla_desktop.views.widgets.form import ChoiceBox


class PlanPart(QFrame):
    """The meetings to come and those not held, and a line for what is asked for of them."""

    def __init__(self, presenter: PlanningPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(6))
        self.hold_buttons: dict[int, QAbstractButton] = {}
        self.change_buttons: dict[int, QAbstractButton] = {}
        for place, text in enumerate(presenter.lines()):
            box.addLayout(self._line(place, text))
        row = QHBoxLayout()
        self.open_button = SecondaryButton(
            _("Another day, or cancel"), icon_name="calendar", is_quiet=True
        )
        self.open_button.clicked.connect(self._open_next)
        self.plan_button = SecondaryButton(_("Plan a meeting"), icon_name="plus", is_quiet=True)
        self.plan_button.clicked.connect(self._open_plan)
        row.addWidget(self.open_button)
        row.addWidget(self.plan_button)
        row.addStretch(1)
        box.addLayout(row)
        self.form, self.plan_form = self._form(), self._plan_form()
        for form in (self.form, self.plan_form):
            form.hide()
            box.addWidget(form)
        presenter.changed.listen(self._show)

    def _line(self, place: int, text: str) -> QHBoxLayout:
        planned = self.presenter.planned[place]
        row = QHBoxLayout()
        row.setSpacing(current_theme().px(8))
        row.addWidget(IconLabel("close" if planned.is_cancelled else "calendar"))
        row.addWidget(label(text, wrap=True), 1)
        if not planned.is_cancelled:
            hold = SecondaryButton(_("Hold it now"), is_quiet=True)
            hold.clicked.connect(partial(self.presenter.hold, place))
            change = SecondaryButton(_("Move or cancel"), is_quiet=True)
            change.clicked.connect(partial(self._open_planned, place))
            for button in (hold, change):
                button.setAccessibleName(labelled(button.text().strip(), text))
                row.addWidget(button)
            self.hold_buttons[place], self.change_buttons[place] = hold, change
        return row

    def _form(self) -> QFrame:
        part, outer = _card()
        self.subject = label("", "heading")
        outer.addWidget(self.subject)
        row = _row(outer)
        self.reason, self.day = QLineEdit(), QLineEdit()
        self.reason_row = FieldRow(_("Why"), self.reason)
        self.day_row = FieldRow(_("New day"), self.day)
        self.reason.returnPressed.connect(self.day.setFocus)
        self.day.returnPressed.connect(self._move)
        row.addWidget(self.reason_row, 3, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.day_row, 1, Qt.AlignmentFlag.AlignTop)
        self.move_button = SecondaryButton(_("Move it"), icon_name="calendar")
        self.move_button.clicked.connect(self._move)
        self.cancel_button = SecondaryButton(_("Cancel it"), icon_name="close")
        self.cancel_button.clicked.connect(self._cancel)
        for button in (self.move_button, self.cancel_button):
            row.addLayout(_beside_fields(button))
        return part

    def _plan_form(self) -> QFrame:
        part, outer = _card()
        outer.addWidget(label(_("A meeting to come"), "heading"))
        theme = current_theme()
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(14))
        outer.addLayout(grid)
        kinds = [Choice(kind, word) for kind, word in self.presenter.kinds()]
        self.kind = ChoiceBox(kinds)
        self.new_day, self.location, self.purpose = QLineEdit(), QLineEdit(), QLineEdit()
        self.new_rows = {
            "kind": FieldRow(_("Kind"), self.kind),
            "date": FieldRow(_("Day"), self.new_day),
            "location": FieldRow(_("Place"), self.location),
            "purpose": FieldRow(_("What for"), self.purpose),
        }
        columns = 2 if theme.percent > ROOMY_PERCENT else len(self.new_rows)
        for place, field in enumerate(self.new_rows.values()):
            across = place % columns
            grid.addWidget(field, place // columns, across, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(across, 2 if across == columns - 1 else 1)
        self.new_day.returnPressed.connect(self.location.setFocus)
        self.location.returnPressed.connect(self.purpose.setFocus)
        self.purpose.returnPressed.connect(self._plan)
        self.keep_button = SecondaryButton(_("Plan it"), icon_name="check")
        self.keep_button.clicked.connect(self._plan)
        outer.addWidget(self.keep_button, 0, Qt.AlignmentFlag.AlignRight)
        return part

    # ------------------------------------------------------------------ what a person does

    def _open_next(self) -> None:
        self.presenter.choose_next()
        self._toggle(self.form, self.reason)

    def _open_planned(self, place: int) -> None:
        self.presenter.choose(place)
        self.form.hide()
        self._toggle(self.form, self.reason)

    def _open_plan(self) -> None:
        self._toggle(self.plan_form, self.kind)

    def _toggle(self, form: QFrame, first: QWidget) -> None:
        is_asked = form.isHidden()
        for each in (self.form, self.plan_form):
            each.setVisible(each is form and is_asked)
        if is_asked:
            self._show()
            first.setFocus()
            QTimer.singleShot(0, self._bring_into_sight)

    def _bring_into_sight(self) -> None:
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if area is not None:
            area.ensureWidgetVisible(self.form if self.plan_form.isHidden() else self.plan_form)

    def _move(self) -> None:
        self.presenter.move(self.day.text(), self.reason.text())

    def _cancel(self) -> None:
        self.presenter.cancel(self.reason.text())

    def _plan(self) -> None:
        self.presenter.plan(
            str(self.kind.currentData()),
            self.new_day.text(),
            self.location.text(),
            self.purpose.text(),
        )

    def _show(self) -> None:
        problems = self.presenter.problems
        self.subject.setText(self.presenter.title())
        self.reason_row.show_sentence(
            problems.get("status_reason", "") or problems.get("meeting", "")
        )
        self.day_row.show_sentence(problems.get("date", ""))
        for name, row in self.new_rows.items():
            row.show_sentence(problems.get(name, ""))


def _card() -> tuple[QFrame, QVBoxLayout]:
    theme = current_theme()
    part = QFrame()
    set_role(part, "card")
    outer = QVBoxLayout(part)
    outer.setContentsMargins(theme.px(20), theme.px(12), theme.px(20), theme.px(12))
    return part, outer


def _row(outer: QVBoxLayout) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(current_theme().px(14))
    outer.addLayout(row)
    return row


def _beside_fields(button: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.addSpacing(current_theme().px(26))
    column.addWidget(button)
    column.addStretch(1)
    return column
