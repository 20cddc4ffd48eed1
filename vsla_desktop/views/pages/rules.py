"""The constitution: its parts at the left, their rules with worked examples at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.printing import Printing, rules_pages
from vsla_desktop.presenters.rules import RulesPresenter
from vsla_desktop.presenters.rules_changes import HistoryList
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.reports.rules_words import Section
from vsla_desktop.views.icons import icon
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.pages.rules_parts import AgendaPart, PresetPart, VotePanel
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.grid import GridTable
from vsla_desktop.views.widgets.listing import ListTable
from vsla_desktop.views.widgets.rule_rows import RuleRows


class RulesPage(Page):
    """One part is shown at a time; Ctrl+PgUp and Ctrl+PgDn turn to another."""

    def __init__(self, presenter: RulesPresenter, printing: Printing) -> None:
        super().__init__(_("Rules"))
        self.presenter = presenter
        self.printing = printing
        self.panel: VotePanel | None = None
        self.rows: dict[Section, RuleRows] = {}
        self.main = QWidget()
        split = QHBoxLayout(self.main)
        split.setContentsMargins(0, 0, 0, 0)
        split.setSpacing(current_theme().px(18))
        self.sections = self._make_sections()
        split.addWidget(self.sections)
        self.parts = QStackedWidget()
        for section in Section:
            self.parts.addWidget(self._make_part(section))
        split.addWidget(self.parts, 1)
        self.body.addWidget(self.main, 1)
        self._make_foot()
        for key, by in (("Ctrl+PgUp", -1), ("Ctrl+PgDown", 1)):
            QShortcut(QKeySequence(key), self, lambda by=by: self._turn(by))
        presenter.changed.listen(self._show)
        presenter.section_changed.listen(self._show_section)
        presenter.vote_changed.listen(self._show_vote)
        self._show()
        self._show_section()

    # ------------------------------------------------------------------ making

    def _make_sections(self) -> QListWidget:
        theme = current_theme()
        made = QListWidget()
        made.setAccessibleName(_("Parts of the rules"))
        made.setFixedWidth(theme.px(225))
        side = theme.px(18)
        made.setIconSize(QSize(side, side))
        blank = QPixmap(side, side)
        blank.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(blank)  # so that the words stand in one line
        for _section, title in self.presenter.sections():
            made.addItem(QListWidgetItem(title))
        made.currentRowChanged.connect(self._choose)
        return made

    def _make_part(self, section: Section) -> QWidget:
        presenter = self.presenter
        if section is Section.START:
            self.preset = PresetPart(presenter)
            return self.preset
        if section is Section.SAVING_TYPES:
            return self._make_saving_types()
        if section is Section.HISTORY:
            self.history = HistoryList(presenter.currency)
            self.history_table = ListTable(self.history, _("History"))
            return self.history_table
        rows = RuleRows(presenter, presenter.fields(section))
        rows.finished.connect(lambda: self._turn(1))
        self.rows[section] = rows
        inside = QWidget()
        set_role(inside, "page")
        box = QVBoxLayout(inside)
        box.setContentsMargins(2, 2, current_theme().px(8), 2)
        box.setSpacing(current_theme().px(16))
        box.addWidget(rows)
        if section is Section.MEETINGS:
            self.agenda = AgendaPart(presenter)
            box.addWidget(self.agenda)
        box.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        return area

    def _make_saving_types(self) -> QWidget:
        theme = current_theme()
        made = QWidget()
        box = QVBoxLayout(made)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(8))
        words = _(
            "For a member at a meeting. The vote puts it in force. Alt with the arrows moves."
        )
        box.addWidget(label(words, "note", wrap=True))
        self.saving_types = GridTable(self.presenter.saving_types, _("Saving types"))
        box.addWidget(self.saving_types, 1)
        for key, by in (("Alt+Up", -1), ("Alt+Down", 1)):
            shortcut = QShortcut(QKeySequence(key), made, lambda by=by: self._move_type(by))
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return made

    def _make_foot(self) -> None:
        theme = current_theme()
        self.summary = QWidget()
        row = QHBoxLayout(self.summary)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        self._summary_icon = IconLabel("info", Tone.MUTED)
        row.addWidget(self._summary_icon)
        self.summary_words = label("", "note", wrap=True)
        row.addWidget(self.summary_words, 1)
        self.add_to_foot(self.summary)
        self.undo = SecondaryButton(_("As it was"), icon_name="undo")
        self.undo.clicked.connect(self.presenter.give_up)
        self.ask = PrimaryButton(_("Vote on the rules"), icon_name="arrow-right", key="F10")
        self.ask.clicked.connect(self._ask)
        self.paper = SecondaryButton(_("Print"), icon_name="print", key="Ctrl+P")
        self.paper.clicked.connect(self._print)
        self.add_action(self.paper)
        self.add_action(self.undo)
        self.add_action(self.ask)

    def _print(self) -> None:
        self.printing.show(rules_pages(self.presenter.group_id))

    # ------------------------------------------------------------------ showing

    def _show(self) -> None:
        presenter = self.presenter
        theme = current_theme()
        for section, rows in self.rows.items():
            rows.name(presenter.fields(section))
            rows.show_examples()
        self.agenda.refresh()
        self.preset.refresh()
        if presenter.read is not None:
            self.history.show(presenter.read.history)
            has_met = presenter.read.last_meeting is not None
            words = _("Vote on the rules") if has_met else _("Change the rules")
            self.ask.setText(f" {words}   F10")
            self.ask.setAccessibleName(words)
            self.ask.setShortcut("F10")  # a new text takes the key away
        changed = presenter.changed_sections()
        for place, (section, name) in enumerate(presenter.sections()):
            item = self.sections.item(place)
            item.setText(name)
            title = name
            if presenter.is_wrong(section):
                item.setIcon(icon("error", theme.colours.of(Tone.ERROR), theme.px(18)))
                title = _("{part}, to put right", part=title)
            elif section in changed:
                item.setIcon(icon("arrow-right", theme.colours.of(Tone.WARNING), theme.px(18)))
                title = _("{part}, changed", part=title)
            else:
                item.setIcon(self._blank)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, title)
        self.summary_words.setText(presenter.summary() or presenter.since())
        tone = Tone.WARNING if changed else Tone.MUTED
        self._summary_icon.show_icon("info", tone)
        self.undo.setVisible(bool(changed) and self.panel is None)

    def _show_section(self) -> None:
        place = list(Section).index(self.presenter.section)
        self.parts.setCurrentIndex(place)
        if self.sections.currentRow() != place:
            self.sections.setCurrentRow(place)

    def _show_vote(self) -> None:
        has_ended = self.panel is not None
        if self.panel is not None:
            self.body.removeWidget(self.panel)
            self.panel.hide()
            self.panel.deleteLater()
            self.panel = None
        vote = self.presenter.vote
        self.main.setVisible(vote is None)
        self.ask.setVisible(vote is None)
        self.paper.setVisible(vote is None)
        self.undo.setVisible(vote is None and bool(self.presenter.changes()))
        self.summary.setVisible(vote is None)
        if vote is not None:
            self.panel = VotePanel(self.presenter, vote)
            self.body.addWidget(self.panel, 1)
            self.panel.show()
            self.panel.start()
        elif has_ended:
            self._take_keyboard()

    # ------------------------------------------------------------------ what a person does

    def _choose(self, place: int) -> None:
        if place >= 0:
            self.presenter.show_section(list(Section)[place])

    def _turn(self, by: int) -> None:
        self.hand_over()
        place = (self.sections.currentRow() + by) % len(Section)
        self.sections.setCurrentRow(place)
        self._take_keyboard()

    def _take_keyboard(self, key: str = "") -> None:
        section = self.presenter.section
        rows = self.rows.get(section)
        if rows is not None:
            rows.go_to(key)
        elif section is Section.START:
            self.preset.choice.setFocus()
        elif section is Section.SAVING_TYPES:
            self.saving_types.setFocus()
        else:
            self.history_table.setFocus()

    def _ask(self) -> None:
        self.hand_over()
        wrong = self.presenter.ask()
        if wrong:
            self._take_keyboard(wrong)

    def _move_type(self, by: int) -> None:
        row, column = self.saving_types.table.position()
        if row >= 0:
            self.saving_types.table.go(self.presenter.saving_types.move(row, by), column)

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()
        self.sections.setFocus()

    @override
    def hand_over(self) -> None:
        if self.panel is not None:
            self.panel.hand_over()
            return
        rows = self.rows.get(self.presenter.section)
        if rows is not None:
            rows.hand_over()
        elif self.presenter.section is Section.SAVING_TYPES:
            self.saving_types.hand_over()

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("Enter", _("Next field")),
            KeyHint("Ctrl+PgDown", _("Next part")),
            KeyHint("Ctrl+PgUp", _("The part before")),
            KeyHint("Alt+\N{UPWARDS ARROW}\N{DOWNWARDS ARROW}", _("Move a step up or down")),
            KeyHint("Space", _("Leave a step out")),
            KeyHint("F10", _("Vote on the rules")),
            KeyHint("Esc", _("Go back to writing")),
        )
