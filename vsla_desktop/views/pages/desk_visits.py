"""The visits to a group, what was agreed at them, and the form for a new one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.desk_visits import VisitForm, VisitsPresenter
from vsla_desktop.views.pages.page import ROOMY_PERCENT
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import EmptyState, current_theme, label
from vsla_desktop.views.widgets.form import FormView
from vsla_desktop.views.widgets.listing import ListTable


class VisitsView(QWidget):
    """What was agreed above, since it is acted on; the visits below."""

    def __init__(self, presenter: VisitsPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(current_theme().px(10))
        self.agreed_title = label(_("Agreed, space bar to tick off"), "heading")
        box.addWidget(self.agreed_title)
        self.agreed = ListTable(presenter.actions, _("Agreed"))
        self.agreed.opened.connect(presenter.actions.open_row)
        ticking = QShortcut(QKeySequence("Space"), self.agreed.table)
        ticking.setContext(Qt.ShortcutContext.WidgetShortcut)
        ticking.activated.connect(self._tick)
        box.addWidget(self.agreed, 2)
        self.visits_title = label(_("Visits"), "heading")
        box.addWidget(self.visits_title)
        self.list = ListTable(presenter, _("Visits"))
        box.addWidget(self.list, 3)
        self.empty = EmptyState(
            _("No visit yet"), _("Write down the first one."), icon_name="calendar"
        )
        box.addWidget(self.empty, 1)
        presenter.changed.listen(self._show)
        self._show()

    def _tick(self) -> None:
        row = self.agreed.current_row()
        self.presenter.actions.open_row(row)

    def _show(self) -> None:
        has_visits = bool(self.presenter.row_count())
        has_actions = bool(self.presenter.actions.row_count())
        self.visits_title.setVisible(has_visits)
        self.list.setVisible(has_visits)
        self.agreed_title.setVisible(has_actions)
        self.agreed.setVisible(has_actions)
        self.empty.setVisible(self.presenter.is_read and not has_visits)
        if has_actions and self.agreed.current_row() < 0:
            self.agreed.go_to(0)


class VisitFormView(QScrollArea):
    """The form, in columns as many as fit."""

    def __init__(self, form: VisitForm) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view = FormView(
            form, form.fields(), columns=2 if current_theme().percent <= ROOMY_PERCENT else 1
        )
        inside = QWidget()
        set_role(inside, "page")
        box = QVBoxLayout(inside)
        box.setContentsMargins(2, 2, current_theme().px(8), 2)
        box.addWidget(self.view)
        box.addStretch(1)
        self.setWidget(inside)
