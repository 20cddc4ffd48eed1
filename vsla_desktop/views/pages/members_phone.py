"""The list of money on the phone."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.members_phone import PhonePresenter
from vsla_desktop.views.widgets.basics import EmptyState, current_theme, label
from vsla_desktop.views.widgets.listing import ListTable


class PhoneView(QWidget):
    """What waits first; Enter says that the money of a row came."""

    def __init__(self, presenter: PhonePresenter, member_id: int = 0) -> None:
        super().__init__()
        self.presenter = presenter
        self._member_id = member_id
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(current_theme().px(10))
        self.summary = label("", "note", wrap=True)
        box.addWidget(self.summary)
        self.list = ListTable(presenter, _("Money on the phone"))
        self.list.opened.connect(presenter.open_row)
        box.addWidget(self.list, 1)
        self.empty = EmptyState(
            _("No money on the phone yet"),
            _("Write down what members send between meetings."),
            icon_name="mobile",
        )
        box.addWidget(self.empty, 1)
        self.setFocusProxy(self.list)
        presenter.changed.listen(self._show)
        self._show()

    def _show(self) -> None:
        presenter = self.presenter
        is_empty = presenter.is_read and not presenter.payments
        self.empty.setVisible(is_empty)
        self.list.setVisible(not is_empty)
        self.summary.setVisible(bool(presenter.payments))
        self.summary.setText(presenter.summary() if presenter.payments else "")
        if self.list.current_row() < 0:
            self.list.go_to(presenter.row_of(self._member_id))
