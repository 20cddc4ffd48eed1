"""The purses one by one: a list with its totals, and at the right what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.funds import FundsPresenter
from vsla_desktop.presenters.funds_table import Tab
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.pages.page import ROOMY_PERCENT, KeyHint, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    AmountLabel,
    EmptyState,
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.fields import FieldRow
from vsla_desktop.views.widgets.form import ChoiceBox, FormView
from vsla_desktop.views.widgets.listing import ListTable

_FEW_FIELDS = 6


class FundsPage(Page):
    """One part at a time; Alt+1 to Alt+6 turn to another."""

    def __init__(self, presenter: FundsPresenter) -> None:
        super().__init__(_("Funds"))
        self.presenter = presenter
        self.form: FormView | None = None
        self.body.setSpacing(current_theme().px(10))
        self.tabs = self._make_tabs()
        self.body.addWidget(self.tabs)
        self.left, self.panel = self._make_left(), self._make_panel()
        self.places = self._lay_out()
        self.main = PrimaryButton("", icon_name="check", key="F10")
        self.main.clicked.connect(self._save)
        if self.places is not None:
            self.other = SecondaryButton(_("List or form"), key="F6")
            self.other.clicked.connect(self._turn_over)
            self.add_action(self.other)
        self.add_action(self.main)
        QShortcut(QKeySequence("Ctrl+Z"), self, presenter.undo)
        for place, tab in enumerate(Tab):
            QShortcut(QKeySequence(f"Alt+{place + 1}"), self, lambda tab=tab: self.turn_to(tab))
        presenter.changed.listen(self._show)
        presenter.form_changed.listen(self._show_form)
        presenter.field_wanted.listen(self._go_to_field)
        self.setFocusProxy(self.list)
        self._show()

    # ------------------------------------------------------------------ making

    def _lay_out(self) -> QStackedWidget | None:
        """List and form side by side; with large text one of them at a time."""
        theme = current_theme()
        if theme.percent > ROOMY_PERCENT:
            places = QStackedWidget()
            places.addWidget(self.left)
            places.addWidget(self.panel)
            self.body.addWidget(places, 1)
            return places
        self.panel.setFixedWidth(theme.px(300))
        split = QHBoxLayout()
        split.setSpacing(theme.px(16))
        split.addWidget(self.left, 1)
        split.addWidget(self.panel)
        self.body.addLayout(split, 1)
        return None

    def _make_tabs(self) -> QTabBar:
        made = QTabBar()
        made.setAccessibleName(_("Parts of the funds"))
        made.setDrawBase(False)
        made.setExpanding(False)
        made.setUsesScrollButtons(True)
        for place, choice in enumerate(self.presenter.tabs()):
            made.addTab(choice.title)
            made.setTabToolTip(place, f"{choice.title} (Alt+{place + 1})")
        made.currentChanged.connect(lambda place: self.presenter.choose_tab(list(Tab)[place]))
        return made

    def _make_left(self) -> QWidget:
        theme = current_theme()
        side = QWidget()
        box = QVBoxLayout(side)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(10))
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        self.view = ChoiceBox()
        self.view.setAccessibleName(_("What to look at"))
        self.view.setMinimumWidth(theme.px(260))
        self.view.picked.connect(self.presenter.choose_view)
        row.addWidget(self.view)
        row.addStretch(1)
        self.count = label("", "note")
        row.addWidget(self.count)
        box.addLayout(row)
        late = QHBoxLayout()
        self._warning_icon = IconLabel("warning", Tone.WARNING, 18)
        late.addWidget(self._warning_icon, 0, Qt.AlignmentFlag.AlignTop)
        self.warning = label("", "warning", wrap=True)
        late.addWidget(self.warning, 1)
        box.addLayout(late)
        self.list = ListTable(self.presenter, _("Funds"))
        self.list.opened.connect(self.presenter.open_row)
        self.list.chosen.connect(self.presenter.choose_row)
        box.addWidget(self.list, 1)
        self.empty = EmptyState(
            _("Nothing here yet"), _("What is entered appears here."), icon_name="info"
        )
        box.addWidget(self.empty, 1)
        self.empty.hide()
        self._totals_row = QGridLayout()
        self._totals_row.setHorizontalSpacing(theme.px(8))
        self._totals_row.setVerticalSpacing(theme.px(2))
        box.addLayout(self._totals_row)
        self.totals: dict[str, AmountLabel] = {}
        return side

    def _make_panel(self) -> QFrame:
        theme = current_theme()
        panel = QFrame()
        set_role(panel, "card")
        box = QVBoxLayout(panel)
        box.setContentsMargins(theme.px(16), theme.px(12), theme.px(8), theme.px(12))
        box.setSpacing(theme.px(10))
        self.what = ChoiceBox()
        self.what.picked.connect(self._choose_form)
        what = FieldRow(_("What to do"), self.what)
        what.setContentsMargins(theme.px(2), 0, theme.px(8), 0)
        box.addWidget(what)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        box.addWidget(self._area, 1)
        return panel

    # ------------------------------------------------------------------ showing

    def turn_to(self, tab: Tab) -> None:
        """Turn to a part, and take the keyboard to its list."""
        self.tabs.setCurrentIndex(list(Tab).index(tab))
        self._bring(self.left)
        (self.list if self.list.isVisible() else self.what).setFocus()

    def _bring(self, side: QWidget) -> None:
        """With large text, show the list or the form."""
        if self.places is not None:
            self.places.setCurrentWidget(side)

    def _turn_over(self) -> None:
        if self.places is None:
            return
        if self.places.currentWidget() is self.panel:
            self._bring(self.left)
            self.list.setFocus()
        else:
            self._bring(self.panel)
            self.what.setFocus()

    def _show(self) -> None:
        presenter = self.presenter
        for place, choice in enumerate(presenter.tabs()):
            if self.tabs.tabText(place) != choice.title:
                self.tabs.setTabText(place, choice.title)
        self.tabs.setCurrentIndex(list(Tab).index(presenter.tab))
        self.view.offer(presenter.views())
        self.view.choose(presenter.view)
        warning = presenter.warning()
        self.warning.setText(warning)
        self.warning.setVisible(bool(warning))
        self._warning_icon.setVisible(bool(warning))
        self.count.setText(presenter.summary())
        is_empty = presenter.read is not None and not presenter.row_count()
        self.empty.setVisible(is_empty)
        self.list.setVisible(not is_empty)
        self.setFocusProxy(self.what if is_empty else self.list)
        self._show_totals()

    def _show_totals(self) -> None:
        theme = current_theme()
        while self._totals_row.count():
            item = self._totals_row.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.totals = {}
        columns = 2 if theme.percent > ROOMY_PERCENT else 3
        for place, (title, text) in enumerate(self.presenter.totals()):
            row, column = divmod(place, columns)
            amount = AmountLabel(text, size=14)
            amount.setAccessibleName(title)
            amount.setAccessibleDescription(text)
            self.totals[title] = amount
            self._totals_row.addWidget(label(title, "note"), row, column * 3)
            self._totals_row.addWidget(amount, row, column * 3 + 1)
            self._totals_row.setColumnMinimumWidth(column * 3 + 2, theme.px(16))
        self._totals_row.setColumnStretch(columns * 3, 1)

    def _show_form(self) -> None:
        presenter = self.presenter
        form = presenter.form
        if form is None:
            return
        self.what.offer(presenter.forms())
        self.what.choose(form.name)
        inside = QWidget()
        box = QVBoxLayout(inside)
        box.setContentsMargins(2, 2, current_theme().px(8), 2)
        self.form = None
        if presenter.needs_meeting():
            box.addWidget(label(_("Open a meeting first."), "strong", wrap=True))
            box.addWidget(label(_("Money moves at meetings only."), "note", wrap=True))
            self._name_main(_("Open a meeting"))
        else:
            fields = form.fields()
            is_wide = len(fields) > _FEW_FIELDS or self.places is not None
            columns = 2 if is_wide else 1
            self.form = FormView(form, fields, columns=columns)
            self.form.finished.connect(self._save)
            box.addWidget(self.form)
            self._name_main(_("Write in the book"))
        box.addStretch(1)
        self._area.setWidget(inside)
        inside.setAutoFillBackground(False)  # the card shows through
        inside.show()

    def _name_main(self, text: str) -> None:
        self.main.setText(f" {text}   F10")
        self.main.setAccessibleName(text)
        self.main.setShortcut("F10")  # a new text takes the key away

    def _choose_form(self, name: str) -> None:
        self.presenter.choose_form(name)
        if self.form is not None:
            self.form.go_to(next(iter(self.form.rows)))

    def _go_to_field(self, key: str) -> None:
        self._bring(self.panel)
        if self.form is not None:
            self.form.go_to(key)

    def _save(self) -> None:
        if self.presenter.needs_meeting():
            self.presenter.go_to_meeting()
            return
        form, view = self.presenter.form, self.form
        if form is None or view is None:
            return
        if self.places is not None and self.places.currentWidget() is self.left:
            self._go_to_field(form.field_keys()[0])
            return
        view.hand_over()
        wrong = form.save()
        if wrong and self.form is view:
            view.go_to(wrong)

    # ------------------------------------------------------------------ what the window asks

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()

    @override
    def hand_over(self) -> None:
        if self.form is not None:
            self.form.hand_over()

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("Alt+1 … 6", _("Fines, social fund, and the others")),
            KeyHint("Enter", _("Take the row into the form")),
            *((KeyHint("F6", _("List or form")),) if self.places is not None else ()),
            KeyHint("F10", _("Write in the book")),
            KeyHint("Ctrl+Z", _("Undo the last entry")),
        )
