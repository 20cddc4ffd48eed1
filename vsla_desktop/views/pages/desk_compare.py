"""Groups side by side."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.desk import DeskPresenter
from vsla_desktop.presenters.desk_compare import ComparePresenter
from vsla_desktop.views.widgets.basics import current_theme, label
from vsla_desktop.views.widgets.listing import ListTable


class CompareView(QWidget):
    """The figures of the marked groups, and below how the one gone to was worked out."""

    def __init__(self, desk: DeskPresenter) -> None:
        super().__init__()
        self.presenter = ComparePresenter(desk)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(current_theme().px(10))
        self.list = ListTable(self.presenter, _("Groups side by side"))
        self.list.chosen.connect(self.presenter.choose_row)
        box.addWidget(self.list, 1)
        self.formula = label("", "note", wrap=True)
        self.formula.setMinimumHeight(current_theme().px(44))
        box.addWidget(self.formula)
        self.presenter.row_chosen.listen(self._show_formula)
        self.presenter.refresh()

    def _show_formula(self) -> None:
        self.formula.setText(self.presenter.formula())
