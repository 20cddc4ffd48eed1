"""The coordinator's desk: her groups, why each needs her, and what she does about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from vsla_desktop.i18n import _, format_date, translate_counted
from vsla_desktop.presenters.desk import FEWEST_MARKED, DeskPresenter
from vsla_desktop.presenters.desk_papers import compare_pages, visit_sheet_pages
from vsla_desktop.presenters.desk_visits import VisitsPresenter
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.views.pages.desk_compare import CompareView
from vsla_desktop.views.pages.desk_visits import VisitFormView, VisitsView
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

_MOST_ACTIONS, _MOST_CURRENCIES = 2, 2


class DeskPage(Page):
    """Shows one of: the groups, the visits to one, a visit being written down, a comparison."""

    def __init__(self, presenter: DeskPresenter, printing: Printing) -> None:
        super().__init__(_("Groups"))
        self.presenter = presenter
        presenter.is_narrow = current_theme().percent > ROOMY_PERCENT
        self.printing = printing
        self.visits: VisitsPresenter | None = None
        self.form: VisitFormView | None = None
        self.comparison: CompareView | None = None
        self.compare: SecondaryButton | None = None
        self._panel: QWidget | None = None
        self._buttons: list[QPushButton] = []
        self.stack = QStackedWidget()
        self.body.addWidget(self.stack, 1)
        self.list_side = self._make_list()
        self.stack.addWidget(self.list_side)
        presenter.changed.listen(self._show_list)
        presenter.chosen_changed.listen(self._show_chosen)
        presenter.row_wanted.listen(self.list.go_to)
        self.list.chosen.connect(presenter.choose_row)
        self._show_groups()

    # ------------------------------------------------------------------ the groups

    def _make_list(self) -> QWidget:
        side = QWidget()
        box = QVBoxLayout(side)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(current_theme().px(10))
        self._add_filters(box)
        self.list = ListTable(self.presenter, _("Groups"))
        self.list.opened.connect(self.presenter.open_row)
        marking = QShortcut(QKeySequence("Space"), self.list.table)
        marking.setContext(Qt.ShortcutContext.WidgetShortcut)
        marking.activated.connect(self._mark)
        box.addWidget(self.list, 1)
        self.empty = EmptyState(_("No such group"), _("Ask for others above."), icon_name="search")
        self.empty.hide()
        box.addWidget(self.empty, 1)
        self.why = self._make_why()
        box.addWidget(self.why)
        self.totals = label("", "note", wrap=True)
        self.totals.setAccessibleName(_("Together"))
        self.totals.setFont(current_theme().digits_font())
        box.addWidget(self.totals)
        return side

    def _add_filters(self, box: QVBoxLayout) -> None:
        """What finds, and what is chosen from lists."""
        theme = current_theme()
        presenter = self.presenter
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Name, code or village"))
        self.search.setAccessibleName(_("Find a group"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(theme.px(250))
        self.search.setMaximumWidth(theme.px(300))
        self.search.textChanged.connect(presenter.find)
        self.search.returnPressed.connect(self._open_found)
        self.needs = self._box(_("What needs you"), presenter.choose_needs, 190)
        self.needs.offer(presenter.concerns())
        self.district = self._box(_("Place"), presenter.choose_district, 160)
        self.state = self._box(_("State of the group"), presenter.choose_state, 160)
        self.count = label("", "note")
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        # With large text there is room for what is asked most.
        shown = (self.search, self.needs, self.district, self.state)
        for widget in shown[:2] if presenter.is_narrow else shown:
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.count)
        box.addLayout(row)

    @staticmethod
    def _box(name: str, take: Callable[[str], None], width: int) -> ChoiceBox:
        box = ChoiceBox()
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.setMinimumWidth(current_theme().px(width))
        box.picked.connect(take)
        return box

    def _make_why(self) -> QFrame:
        """The group gone to: every reason, and what was agreed with it."""
        frame = QFrame()
        set_role(frame, "card")
        theme = current_theme()
        row = QHBoxLayout(frame)
        row.setContentsMargins(theme.px(16), theme.px(8), theme.px(16), theme.px(8))
        row.setSpacing(theme.px(24))
        self.reasons = label("", wrap=True)
        self.agreed = label("", "note", wrap=True)
        for words in (self.reasons,) if self.presenter.is_narrow else (self.reasons, self.agreed):
            words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            row.addWidget(words, 1)
        frame.setMinimumHeight(theme.px(76))
        return frame

    def _show_list(self) -> None:
        presenter = self.presenter
        self.district.offer(presenter.districts())
        self.district.choose(presenter.district)
        self.state.offer(presenter.states())
        self.state.choose(presenter.state)
        self.needs.choose(presenter.needs)
        self.count.setText(presenter.summary())
        nothing = presenter.read is not None and not presenter.row_count()
        self.empty.setVisible(nothing)
        self.list.setVisible(not nothing)
        self.why.setVisible(not nothing)
        self._show_totals()

    def _show_totals(self) -> None:
        lines = [each.words() for each in self.presenter.totals()]
        self.totals.setToolTip("\n".join(lines))
        more = len(lines) - _MOST_CURRENCIES
        if more > 0:
            others = translate_counted(
                "and {count} other currency", "and {count} other currencies", more
            )
            lines = [*lines[:_MOST_CURRENCIES], others]
        self.totals.setText("\n".join(lines))
        self.totals.setVisible(bool(lines))

    def _show_chosen(self) -> None:
        line = self.presenter.chosen
        why = self.presenter.why()
        self.reasons.setText(
            "\n".join((line.name, " · ".join(why) or _("All is well"))) if line else ""
        )
        agreed = [
            _("{what}, by {day}", what=each.what, day=format_date(each.due))
            for each in (line.actions if line else ())
        ]
        more = len(agreed) - _MOST_ACTIONS
        if more > 0:
            agreed = [*agreed[:_MOST_ACTIONS], _("and {count} more", count=more)]
        self.agreed.setText("\n".join((self.presenter.days(), *agreed)))
        if self.compare is not None:
            self.compare.setEnabled(len(self.presenter.marked) >= FEWEST_MARKED)

    def _mark(self) -> None:
        self.presenter.mark(self.list.current_row())

    def _open_found(self) -> None:
        if self.presenter.row_count() == 1:
            self.presenter.open_row(0)
        else:
            self.list.go_to(0)
            self.list.setFocus()

    # ------------------------------------------------------------------ one panel at a time

    def _show_groups(self) -> None:
        """Show the groups, and what is done with the one gone to."""
        self._drop_panel()
        self.visits = None
        self.stack.setCurrentWidget(self.list_side)
        self.show_title(_("Groups"))
        visits = SecondaryButton(_("Visits"), icon_name="calendar", key="F6")
        visits.clicked.connect(self.show_visits)
        sheet = SecondaryButton(_("Visit sheet"), icon_name="print", key="Ctrl+P")
        sheet.clicked.connect(self._print_sheet)
        compare = SecondaryButton(_("Compare"), key="F7")
        compare.setToolTip(_("Mark groups with the space bar first."))
        compare.clicked.connect(self.show_comparison)
        open_group = PrimaryButton(_("Open the group"), icon_name="arrow-right", key="F10")
        open_group.clicked.connect(self._open_current)
        self._show_actions(compare, visits, sheet, open_group)
        self.compare = compare
        self._show_chosen()
        self.setFocusProxy(self.list)
        self.list.setFocus()

    def _open_current(self) -> None:
        self.presenter.open_row(self.list.current_row())

    def _print_sheet(self) -> None:
        line = self.presenter.chosen
        if line is not None:
            self.printing.show(visit_sheet_pages(line.group_id))

    def show_comparison(self) -> None:
        """Show the marked groups side by side."""
        if len(self.presenter.marked) < FEWEST_MARKED:
            return
        view = CompareView(self.presenter)
        self._show_panel(view)
        self.comparison = view
        self.show_title(_("Groups side by side"))
        back = SecondaryButton(_("All groups"), key="Esc")
        back.clicked.connect(self._show_groups)
        paper = PrimaryButton(_("Print"), icon_name="print", key="Ctrl+P")
        paper.clicked.connect(
            partial(self.printing.show, compare_pages(self.presenter.marked, self.presenter.clock))
        )
        self._show_actions(back, paper)
        view.list.setFocus()

    def show_visits(self) -> None:
        """Show the visits to the group gone to."""
        line = self.presenter.chosen
        if line is None:
            return
        if self.visits is None or self.visits.line.group_id != line.group_id:
            self.visits = VisitsPresenter(self.presenter, line)
            self.visits.shown.listen(self._show_visit_part)
        self._show_visit_part()
        self.visits.refresh()

    def _show_visit_part(self) -> None:
        """Show the visits, or the one that is being written down."""
        visits = self.visits
        if visits is None:
            return
        self._drop_panel()
        if visits.form is not None:
            form = VisitFormView(visits.form)
            form.view.finished.connect(self._save)
            self._show_panel(form)
            self.form = form
            self.show_title(visits.form.title())
            back = SecondaryButton(_("Leave as it was"), key="Esc")
            back.clicked.connect(visits.leave_form)
            save = PrimaryButton(_("Save"), icon_name="check", key="F10")
            save.clicked.connect(self._save)
            self._show_actions(back, save)
            form.view.go_to("day")
            return
        view = VisitsView(visits)
        self._show_panel(view)
        self.show_title(visits.title())
        back = SecondaryButton(_("All groups"), key="Esc")
        back.clicked.connect(self._show_groups)
        new = PrimaryButton(_("Write down a visit"), icon_name="plus", key="F10")
        new.clicked.connect(visits.write_down)
        self._show_actions(back, new)
        view.agreed.setFocus()

    def _save(self) -> None:
        view, visits = self.form, self.visits
        if view is None or visits is None or visits.form is None:
            return
        view.view.hand_over()
        wrong = visits.form.save()
        if wrong and self.form is view:
            view.view.go_to(wrong)

    def _show_panel(self, panel: QWidget) -> None:
        self._drop_panel()
        self._panel = panel
        self.stack.addWidget(panel)
        self.stack.setCurrentWidget(panel)

    def _drop_panel(self) -> None:
        if self._panel is None:
            return
        self.stack.removeWidget(self._panel)
        self._panel.hide()
        self._panel.deleteLater()
        self._panel = None
        self.form, self.comparison = None, None

    def _show_actions(self, *buttons: QPushButton) -> None:
        for old in self._buttons:
            old.hide()
            old.deleteLater()
        self._buttons, self.compare = list(buttons), None
        for button in buttons:
            self.add_action(button)
            button.show()  # at once: its key may be pressed before the next picture

    # ------------------------------------------------------------------ what the window asks

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()

    @override
    def hand_over(self) -> None:
        if self.form is not None:
            self.form.view.hand_over()

    @override
    def start_find(self) -> bool:
        if self.form is not None:
            return False
        self._show_groups()
        self.search.setFocus()
        self.search.selectAll()
        return True

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("Ctrl+F", _("Find a group")),
            KeyHint("Enter", _("Open the group")),
            KeyHint("Space", _("Mark a group, tick an action")),
            KeyHint("F6", _("Visits to the group")),
            KeyHint("F7", _("Compare the marked groups")),
            KeyHint("F10", _("The main thing to do")),
            KeyHint("Ctrl+P", _("Print")),
            KeyHint("Esc", _("Back to the groups")),
        )
