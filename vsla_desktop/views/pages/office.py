"""A page of head office: lists that are found in, a strip about the row gone to, and forms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.office_table import Action, OfficeTable
from vsla_desktop.views.pages.office_panels import FormPanel, ToldPanel
from vsla_desktop.views.pages.page import ROOMY_PERCENT, KeyHint, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    EmptyState,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.form import ChoiceBox
from vsla_desktop.views.widgets.listing import ListTable

_PAUSE: Final = 250  # milliseconds after the last letter before a search goes to the server
_ROWS_ABOVE_A_CHART, _FEW_ROWS = 5, 1
_MOST_IN_A_ROW: Final = 3  # buttons, with large text


class OfficePage(Page):
    """Shows the list of one part, a form about it, or what is told once. Alt+1 … turn to a part."""

    def __init__(self, title: str, parts: Sequence[tuple[str, OfficeTable[Any]]]) -> None:
        super().__init__(title)
        self.presenters = tuple(presenter for _title, presenter in parts)
        self.lists: list[ListPart] = []
        self._panel: FormPanel | ToldPanel | None = None
        self._buttons: list[QPushButton] = []
        self._offered: tuple[Action, ...] | None = None
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(_("Parts of this page"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.stack = QStackedWidget()
        for place, (part_title, presenter) in enumerate(parts):
            self.tabs.addTab(part_title)
            turn = QShortcut(QKeySequence(f"Alt+{place + 1}"), self)
            turn.activated.connect(partial(self.tabs.setCurrentIndex, place))
            part = ListPart(part_title, presenter)
            self.lists.append(part)
            self.stack.addWidget(part)
            presenter.shown.listen(self._show)
            presenter.chosen.listen(self._show_actions)
        self.tabs.currentChanged.connect(self._turned)
        self.body.setSpacing(current_theme().px(10))
        self.body.addWidget(self.tabs)
        self.tabs.setVisible(len(parts) > 1)
        self.body.addWidget(self.stack, 1)
        self._above = QHBoxLayout()
        self._above.setSpacing(current_theme().px(12))
        self._above.addStretch(1)
        self.body.addLayout(self._above)
        self._show()

    @property
    def presenter(self) -> OfficeTable[Any]:
        """The part that is in sight."""
        return self.presenters[max(self.tabs.currentIndex(), 0)]

    @property
    def part(self) -> ListPart:
        """The list that is in sight, or would be without the form."""
        return self.lists[max(self.tabs.currentIndex(), 0)]

    def turn_to(self, presenter: OfficeTable[Any]) -> None:
        """Bring a part into sight."""
        self.tabs.setCurrentIndex(self.presenters.index(presenter))

    def _turned(self) -> None:
        if not self.presenter.is_read:
            self.presenter.refresh()
        self._show()
        self.part.list.setFocus()

    # ------------------------------------------------------------------ what is shown

    def _show(self) -> None:
        self._drop_panel()
        presenter = self.presenter
        if presenter.form is not None:
            panel = FormPanel(presenter.form)
            panel.finished.connect(self._save)
            self._show_panel(panel)
        elif presenter.told is not None:
            self._show_panel(ToldPanel(presenter.told))
        else:
            self.stack.setCurrentWidget(self.part)
            self.setFocusProxy(self.part.list)
        self.tabs.setEnabled(presenter.form is None and presenter.told is None)
        self._offered = None
        self._show_actions()

    def _show_panel(self, panel: FormPanel | ToldPanel) -> None:
        self._panel = panel
        self.stack.addWidget(panel)
        self.stack.setCurrentWidget(panel)
        panel.begin()

    def _drop_panel(self) -> None:
        if self._panel is not None:
            self.stack.removeWidget(self._panel)
            self._panel.hide()
            self._panel.deleteLater()
            self._panel = None

    def _show_actions(self) -> None:
        """Offer what can be done; buttons that would be the same ones stay."""
        presenter = self.presenter
        offered: tuple[Action, ...]
        if presenter.form is not None:
            leave = Action("leave", _("Leave as it was"), key="Esc")
            offered = (leave, Action("save", presenter.form.button, "check", "F10", is_main=True))
        elif presenter.told is not None:
            offered = (Action("leave", _("I have kept it"), "check", "F10", is_main=True),)
        else:
            offered = presenter.actions()
        if offered == self._offered:
            return
        self._offered = offered
        for old in self._buttons:
            old.hide()
            old.deleteLater()
        self._buttons = []
        for action in offered:
            make = PrimaryButton if action.is_main else SecondaryButton
            button = make(action.title, icon_name=action.icon, key=action.key)
            button.clicked.connect(partial(self._do, action.name))
            self._buttons.append(button)
        beside = self._buttons
        if current_theme().percent > ROOMY_PERCENT and len(beside) > _MOST_IN_A_ROW:
            beside = self._buttons[-2:]
        for made in self._buttons:
            if made in beside:
                self.add_action(made)
            else:
                self._above.addWidget(made)
            made.show()  # at once: its key may be pressed before the next picture

    def _do(self, name: str) -> None:
        presenter = self.presenter
        if name == "leave":
            presenter.leave()
        elif name == "save":
            self._save()
        else:
            presenter.do(name)

    def _save(self) -> None:
        panel, form = self._panel, self.presenter.form
        if not isinstance(panel, FormPanel) or form is None:
            return
        panel.form.hand_over()
        wrong = form.save()
        if wrong and self._panel is panel:
            panel.form.go_to(wrong)

    # ------------------------------------------------------------------ what the window asks

    @override
    def came_into_sight(self) -> None:
        if self.presenter.form is None and self.presenter.told is None:
            self.presenter.refresh()

    @override
    def hand_over(self) -> None:
        if isinstance(self._panel, FormPanel):
            self._panel.form.hand_over()

    @override
    def start_find(self) -> bool:
        if self.presenter.form is not None or not self.presenter.finds:
            return False
        self.part.search.setFocus()
        self.part.search.selectAll()
        return True

    @override
    def keys(self) -> Sequence[KeyHint]:
        actions = {(each.key, each.title) for one in self.presenters for each in one.actions()}
        found = [KeyHint("Ctrl+F", _("Find"))] if self.presenter.finds else []
        parts = [KeyHint("Alt+1", _("Turn to a part"))] if len(self.presenters) > 1 else []
        turns = [KeyHint("Ctrl+PgDown", _("The page after this one"))]
        return (*found, *parts, *(KeyHint(*each) for each in sorted(actions)), *turns)


class ListPart(QWidget):
    """The search line and boxes, the list, and a strip about the row gone to."""

    def __init__(self, title: str, presenter: OfficeTable[Any]) -> None:
        super().__init__()
        self.presenter = presenter
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(10))
        self.finding = self._make_finding()
        box.addWidget(self.finding)
        self.list = ListTable(presenter, title)
        self.list.chosen.connect(presenter.go_to)
        self.list.opened.connect(presenter.open_row)
        box.addWidget(self.list, 1)
        self.empty = EmptyState(*presenter.empty(), icon_name=presenter.icon)
        self.empty.hide()
        box.addWidget(self.empty, 1)
        self.drawn = QVBoxLayout()
        self.chart: QWidget | None = None
        box.addLayout(self.drawn, 1)
        self.strip = QFrame()
        set_role(self.strip, "card")
        inside = QVBoxLayout(self.strip)
        inside.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(10))
        self.facts = label("", wrap=True)
        self.facts.setAccessibleName(_("About this row"))
        inside.addWidget(self.facts)
        box.addWidget(self.strip)
        self.setFocusProxy(self.list)
        presenter.changed.listen(self._show)
        presenter.chosen.listen(self._show_chosen)
        self._show()

    def _make_finding(self) -> QWidget:
        presenter, theme = self.presenter, current_theme()
        finding = QWidget()
        both = QVBoxLayout(finding)
        both.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.search = QLineEdit()
        self.search.setPlaceholderText(presenter.finds)
        self.search.setAccessibleName(presenter.finds or _("Find"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(theme.px(180))
        self.search.setMaximumWidth(theme.px(300))
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_PAUSE)
        self._typed.timeout.connect(self._find)
        self.search.textEdited.connect(lambda _text: self._typed.start())
        self.search.textChanged.connect(self._cleared)
        self.search.returnPressed.connect(self._go_to_list)
        if presenter.finds:
            row.addWidget(self.search, 1)
        boxes = QHBoxLayout() if theme.percent > ROOMY_PERCENT else row
        self.boxes: dict[str, ChoiceBox] = {}
        for each in presenter.narrowings():
            choice = ChoiceBox(each.choices)
            choice.setAccessibleName(each.title)
            choice.setMinimumWidth(theme.px(100))
            choice.setMaximumWidth(theme.px(220))
            choice.picked.connect(partial(presenter.narrow, each.key))
            title = label(each.title, "note")
            title.setBuddy(choice)
            boxes.addWidget(title)
            boxes.addWidget(choice, 1)
            self.boxes[each.key] = choice
        self.counted = label("", "note")
        self.back = self._turner("Ctrl+PgUp", _("The page before this one"), "<", -1)
        self.forth = self._turner("Ctrl+PgDown", _("The page after this one"), ">", 1)
        row.addStretch(1)
        row.addWidget(self.counted)
        row.addWidget(self.back)
        row.addWidget(self.forth)
        both.addLayout(row)
        if boxes is not row:
            both.addLayout(boxes)
        return finding

    def _turner(self, key: str, name: str, text: str, step: int) -> QPushButton:
        button = SecondaryButton(text, key=key)
        button.setAccessibleName(name)
        button.setToolTip(f"{name} ({key})")
        button.clicked.connect(partial(self.presenter.turn, step))
        button.hide()
        return button

    def _find(self) -> None:
        self._typed.stop()
        self.presenter.find(self.search.text())

    def _cleared(self, text: str) -> None:
        if not text:
            self._find()

    def _go_to_list(self) -> None:
        self._find()
        self.list.setFocus()

    def _show(self) -> None:
        presenter = self.presenter
        is_empty = presenter.is_read and not presenter.row_count()
        had_keyboard = self.list.table.hasFocus()
        self.empty.setVisible(is_empty)
        self.list.setVisible(not is_empty)
        self._draw()
        self.list.go_to(presenter.place)
        if had_keyboard and not is_empty:
            self.list.setFocus()
        self._show_chosen()

    def _draw(self) -> None:
        """Draw the list as it is now; what draws is read when there is something to draw."""
        if self.chart is not None:
            self.chart.hide()
            self.chart.deleteLater()
            self.chart = None
        chart = self.presenter.chart()
        if chart is not None:
            from vsla_desktop.presenters.charts import ChartPresenter
            from vsla_desktop.views.charts import ChartView

            self.chart = ChartView(ChartPresenter(chart))
            self.drawn.addWidget(self.chart)
        is_large = current_theme().percent > ROOMY_PERCENT
        rows = (_FEW_ROWS if is_large else _ROWS_ABOVE_A_CHART) if chart is not None else 0
        self.list.setMinimumHeight(rows * current_theme().row_height)

    def _show_chosen(self) -> None:
        presenter = self.presenter
        for each in presenter.narrowings():
            self.boxes[each.key].offer(each.choices)
            self.boxes[each.key].choose(presenter.narrowed_by(each.key))
        if presenter.text != self.search.text().strip() and not self._typed.isActive():
            self.search.setText(presenter.text)
        self.counted.setText(presenter.counted())
        finds = presenter.finds or self.boxes or self.counted.text()
        self.finding.setVisible(bool(finds))
        can_turn = presenter.can_turn(1) or presenter.can_turn(-1)
        for button, step in ((self.back, -1), (self.forth, 1)):
            button.setVisible(can_turn)
            button.setEnabled(presenter.can_turn(step))
        facts = [each for each in presenter.facts() if each.text]
        words = (labelled(each.title, each.text) if each.title else each.text for each in facts)
        said = "   ·   ".join(words)
        self.facts.setText(said)
        self.facts.setAccessibleDescription(said)
        self.strip.setVisible(bool(said))
