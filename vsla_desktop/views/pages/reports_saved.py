"""The filters that were kept: open one with Enter, keep what is asked now under a name."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Field
from vsla_desktop.presenters.reports_saved import SavedPresenter
from vsla_desktop.views.widgets.basics import EmptyState, SecondaryButton, current_theme
from vsla_desktop.views.widgets.form import FormView
from vsla_desktop.views.widgets.listing import ListTable


class SavedPanel(QWidget):
    """The list, and below it a name with what can be done with it."""

    def __init__(self, presenter: SavedPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(10))
        self.list = ListTable(presenter, _("Saved filters"))
        self.list.opened.connect(presenter.open_row)
        box.addWidget(self.list, 1)
        self.empty = EmptyState(
            _("No filter is saved yet"),
            _("Type a name below.") if presenter.may_keep else "",
            icon_name="reports",
        )
        box.addWidget(self.empty, 1)
        foot = QWidget()
        below = QVBoxLayout(foot)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(theme.px(10))
        self.form = FormView(presenter, (Field("name", _("Name of the filter")),), columns=1)
        self.form.finished.connect(presenter.keep)
        below.addWidget(self.form)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(10))
        self.keep = SecondaryButton(_("Save under this name"), icon_name="plus", key="F7")
        self.rename = SecondaryButton(_("Rename"), key="F2")
        self.delete = SecondaryButton(_("Delete"), key="Del")
        self.undo = SecondaryButton(_("Undo"), icon_name="undo", key="Ctrl+Z")
        for button, act in (
            (self.keep, self._keep),
            (self.rename, self._rename),
            (self.delete, self._delete),
            (self.undo, presenter.undo),
        ):
            button.clicked.connect(act)
            buttons.addWidget(button)
        buttons.addStretch(1)
        below.addLayout(buttons)
        box.addWidget(foot)
        foot.setVisible(presenter.may_keep)
        presenter.changed.listen(self._show)
        self._show()

    def start(self) -> None:
        """Read what is kept, and take the keyboard to it."""
        self.presenter.refresh()
        if self.presenter.row_count():
            self.list.setFocus()
            self.list.go_to(0)
        elif self.presenter.may_keep:
            self.form.go_to("name")

    def _keep(self) -> None:
        self.form.hand_over()
        self.presenter.keep()

    def _rename(self) -> None:
        self.form.hand_over()
        self.presenter.rename(self.list.current_row())

    def _delete(self) -> None:
        self.presenter.delete(self.list.current_row())

    def _show(self) -> None:
        has_rows = self.presenter.row_count() > 0
        self.list.setVisible(has_rows)
        self.empty.setVisible(not has_rows)
        for button in (self.rename, self.delete):
            button.setEnabled(has_rows)
        last = self.presenter.last_deleted
        self.undo.setVisible(last is not None)
        if last is not None:
            self.undo.setToolTip(_("Bring back {name}", name=last.name))
