"""What is planned, moved or cancelled, and moving or cancelling the next meeting."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.meeting_planning import PlanningPresenter
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import IconLabel, SecondaryButton, current_theme, label
from vsla_desktop.views.widgets.fields import FieldRow


class PlanPart(QFrame):
    """The list of meetings not held, and a line to move or cancel the next one, when asked for."""

    def __init__(self, presenter: PlanningPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(6))
        for planned, text in zip(presenter.planned, presenter.lines(), strict=True):
            row = QHBoxLayout()
            row.setSpacing(theme.px(8))
            row.addWidget(IconLabel("close" if planned.is_cancelled else "calendar"))
            row.addWidget(label(text, wrap=True), 1)
            box.addLayout(row)
        self.open_button = SecondaryButton(
            _("Another day, or cancel"), icon_name="calendar", is_quiet=True
        )
        self.open_button.clicked.connect(self._open)
        box.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.form = self._form()
        self.form.hide()
        box.addWidget(self.form)
        presenter.changed.listen(self._show)

    def _form(self) -> QWidget:
        theme = current_theme()
        part = QFrame()
        set_role(part, "card")
        outer = QVBoxLayout(part)
        outer.setContentsMargins(theme.px(20), theme.px(12), theme.px(20), theme.px(12))
        outer.addWidget(label(self.presenter.title(), "heading"))
        row = QHBoxLayout()
        row.setSpacing(theme.px(14))
        outer.addLayout(row)
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
            column = QVBoxLayout()
            column.addSpacing(theme.px(26))
            column.addWidget(button)
            column.addStretch(1)
            row.addLayout(column)
        return part

    def _open(self) -> None:
        self.form.setVisible(self.form.isHidden())
        if not self.form.isHidden():
            self.reason.setFocus()
            QTimer.singleShot(0, self._bring_into_sight)

    def _bring_into_sight(self) -> None:
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if area is not None:
            area.ensureWidgetVisible(self.form)

    def _move(self) -> None:
        self.presenter.move(self.day.text(), self.reason.text())

    def _cancel(self) -> None:
        self.presenter.cancel(self.reason.text())

    def _show(self) -> None:
        problems = self.presenter.problems
        self.reason_row.show_sentence(
            problems.get("status_reason", "") or problems.get("meeting", "")
        )
        self.day_row.show_sentence(problems.get("date", ""))
