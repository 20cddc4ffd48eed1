"""Reports: the list at the left, at the right what is asked of the chosen one and what it found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.presenters.reports import ReportsPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.reports.held import HeldReport
from vsla_desktop.views.pages.page import ROOMY_PERCENT, KeyHint, Page
from vsla_desktop.views.pages.reports_filter import ChipRow, FilterPanel
from vsla_desktop.views.pages.reports_list import ReportList
from vsla_desktop.views.pages.reports_result import ResultView, read_drawing
from vsla_desktop.views.pages.reports_saved import SavedPanel
from vsla_desktop.views.widgets.basics import (
    ElidedLabel,
    EmptyState,
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)

_ENDINGS: Final = {"Excel (*.xlsx)": "xlsx", "CSV (*.csv)": "csv", "PDF (*.pdf)": "pdf"}


class ReportsPage(Page):
    """Enter opens a report, F4 asks for less, F10 saves what is shown."""

    def __init__(self, presenter: ReportsPresenter, printing: Printing) -> None:
        super().__init__(_("Reports"))
        self.presenter = presenter
        self.printing = printing
        self.panel: FilterPanel | None = None
        self.saved: SavedPanel | None = None
        self.result: ResultView | None = None
        self._shown: HeldReport | None = None
        theme = current_theme()
        # With large text a report needs the width of the page.
        self._is_large = theme.percent > ROOMY_PERCENT
        row = QHBoxLayout()
        row.setSpacing(theme.px(18))
        self.side = ReportList(presenter)
        self.side.opened.connect(self._open)
        row.addWidget(self.side)
        row.addWidget(self._make_right(), 1)
        self.body.addLayout(row)
        self._make_foot()
        presenter.prepare = read_drawing
        presenter.changed.listen(self._show)
        self._show()
        self.setFocusProxy(self.side)

    # ------------------------------------------------------------------ making

    def _make_right(self) -> QWidget:
        theme = current_theme()
        side = QWidget()
        box = QVBoxLayout(side)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(8))
        head = QHBoxLayout()
        head.setSpacing(theme.px(10))
        words = QVBoxLayout()
        words.setSpacing(0)
        self.heading = label("", "heading")
        self.about = ElidedLabel("note")
        words.addWidget(self.heading)
        words.addWidget(self.about)
        head.addLayout(words, 1)
        self.filter = SecondaryButton(_("Filter …"), key="F4")
        self.filter.clicked.connect(self._open_filter)
        self.kept = SecondaryButton(_("Saved filters"), key="F6")
        self.kept.clicked.connect(self.open_saved)
        self.wide = SecondaryButton(_("Wide"), key="F9")
        self.wide.setCheckable(True)
        self.wide.toggled.connect(self._show_wide)
        head.addWidget(self.wide)
        head.addWidget(self.filter)
        head.addWidget(self.kept)
        box.addLayout(head)
        self.chips = ChipRow()
        self.chips.removed.connect(self.presenter.remove)
        box.addWidget(self.chips)
        self.warning = label("", "warning", wrap=True)
        box.addWidget(self.warning)
        self.stack = QStackedWidget()
        self.empty = EmptyState(
            _("Choose a report"), _("Enter opens it. Type to find one."), icon_name="reports"
        )
        self.waiting = EmptyState(
            _("One moment"), _("The report is being made."), icon_name="clock"
        )
        self.problem = _ProblemView()
        self.problem.filter.clicked.connect(self._put_right)
        for widget in (self.empty, self.waiting, self.problem):
            self.stack.addWidget(widget)
        box.addWidget(self.stack, 1)
        return side

    def _make_foot(self) -> None:
        self.print_ = SecondaryButton(_("Print"), icon_name="print", key="Ctrl+P")
        self.print_.clicked.connect(self._print)
        self.save = PrimaryButton(_("Save as …"), key="F10")
        self.save.clicked.connect(self._save)
        self.back = SecondaryButton(_("Back"), key="Esc")
        self.back.clicked.connect(self.close_panel)
        self.clear = SecondaryButton(_("Ask for everything"))
        self.clear.clicked.connect(self._clear)
        self.show_report = PrimaryButton(_("Show the report"), key="F10")
        self.show_report.clicked.connect(self._show_asked)
        for button in (self.print_, self.clear, self.back, self.save, self.show_report):
            self.add_action(button)

    # ------------------------------------------------------------------ showing

    def _show(self) -> None:
        presenter = self.presenter
        definition, made = presenter.definition, presenter.made
        self.heading.setText(definition.title() if definition else "")
        about = definition.about() if definition else ""
        if made is not None:
            about = " · ".join(each for each in (made.report.period, made.report.subject) if each)
        self.about.setText(about)
        self.filter.setVisible(definition is not None)
        self.wide.setVisible(definition is not None)
        self.filter.setEnabled(bool(definition and definition.asks))
        self.chips.show_chips(presenter.filter.chips() if definition else ())
        self.warning.setText(presenter.warning())
        self.warning.setVisible(bool(presenter.warning()))
        if made is not self._shown:
            self._shown = made
            self._replace(made)
        if self.panel is None and self.saved is None:
            self._show_main()
        self._show_foot()

    def _show_main(self) -> None:
        presenter = self.presenter
        if presenter.definition is None:
            self.stack.setCurrentWidget(self.empty)
        elif presenter.problem is not None:
            self.problem.show_problem(presenter.problem.sentence, has_field=self._can_put_right())
            self.stack.setCurrentWidget(self.problem)
        elif self.result is not None:
            self.stack.setCurrentWidget(self.result)
            self.result.setEnabled(not presenter.is_working)
        else:
            self.stack.setCurrentWidget(self.waiting)

    def _replace(self, made: HeldReport | None) -> None:
        if self.result is not None:
            self.stack.removeWidget(self.result)
            self.result.hide()
            self.result.deleteLater()
            self.result = None
        if made is not None:
            self.result = ResultView(made)
            self.stack.addWidget(self.result)

    def _show_foot(self) -> None:
        presenter = self.presenter
        is_main = self.panel is None and self.saved is None
        has_result = presenter.made is not None and presenter.problem is None
        can_save = has_result and not presenter.is_working and not presenter.is_saving
        for button in (self.print_, self.save):
            button.setVisible(is_main and presenter.definition is not None)
            button.setEnabled(can_save)
        self.back.setVisible(not is_main)
        self.clear.setVisible(self.panel is not None)
        self.show_report.setVisible(self.panel is not None)

    # ------------------------------------------------------------------ what a person does

    def _show_wide(self, is_wide: bool) -> None:  # noqa: FBT001 - a slot
        self.side.setHidden(is_wide)
        self.wide.say(_("Show the list") if is_wide else _("Wide"))

    def _open(self, name: str) -> None:
        self.close_panel()
        self.presenter.open(name)
        self.wide.setChecked(self._is_large)
        if self.presenter.needs_member():
            self.open_filter("member_ids")

    def _open_filter(self) -> None:
        if self.presenter.definition is not None:
            self.open_filter()

    def open_filter(self, key: str = "") -> None:
        """Show the fields, and go to one of them."""
        self._drop_panels()
        self.panel = FilterPanel(self.presenter)
        self.panel.finished.connect(self._show_asked)
        self.stack.addWidget(self.panel)
        self.stack.setCurrentWidget(self.panel)
        self._show_foot()
        self.panel.start(key)

    def open_saved(self) -> None:
        """Show what was kept, with a name for what is asked now."""
        self._drop_panels()
        self.saved = SavedPanel(self.presenter.saved)
        self.saved.list.opened.connect(self.close_panel)
        self.stack.addWidget(self.saved)
        self.stack.setCurrentWidget(self.saved)
        self._show_foot()
        self.saved.start()

    def close_panel(self) -> None:
        """Go back to the report."""
        if self.panel is None and self.saved is None:
            return
        self._drop_panels()
        self._show()
        alone = self.result if self.wide.isChecked() else None
        (alone or self.side).setFocus()

    def _drop_panels(self) -> None:
        for panel in (self.panel, self.saved):
            if panel is not None:
                self.stack.removeWidget(panel)
                panel.hide()
                panel.deleteLater()
        self.panel = self.saved = None

    def _show_asked(self) -> None:
        if self.panel is None:
            return
        self.panel.hand_over()
        wrong = self.presenter.show()
        if wrong:
            self.panel.start(wrong)
            return
        self.close_panel()

    def _clear(self) -> None:
        self.presenter.filter.clear()
        self.open_filter()

    def _can_put_right(self) -> bool:
        problem, asks = self.presenter.problem, self.presenter.filter.asks
        return problem is not None and problem.field in asks

    def _put_right(self) -> None:
        if self.presenter.problem is not None:
            self.open_filter(self.presenter.problem.field)

    def _save(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, _("Save as …"), folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(_ENDINGS))
        # The ending is there before the dialog asks whether a file of that name may go.
        dialog.setDefaultSuffix(_ENDINGS[dialog.selectedNameFilter()])
        dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(_ENDINGS[kind]))
        dialog.selectFile(self.presenter.file_name())
        if dialog.exec():
            self.presenter.save(Path(dialog.selectedFiles()[0]))

    def _print(self) -> None:
        made = self.presenter.made
        if made is None:
            return
        from vsla_desktop.reports.paged import paged

        self.printing.show(lambda _session, day: paged(made.report, printed=day))

    # ------------------------------------------------------------------ what the window asks

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()

    @override
    def start_find(self) -> bool:
        self.wide.setChecked(False)
        self.side.search.setFocus()
        self.side.search.selectAll()
        return True

    @override
    def hand_over(self) -> None:
        if self.panel is not None:
            self.panel.hand_over()

    @override
    def keys(self) -> Sequence[KeyHint]:
        if self.saved is not None:
            keeping = (
                KeyHint("F7", _("Save under this name")),
                KeyHint("F2", _("Rename")),
                KeyHint("Del", _("Delete")),
                KeyHint("Ctrl+Z", _("Undo")),
            )
            return (
                KeyHint("Enter", _("Ask what is saved here")),
                *(keeping if self.presenter.saved.may_keep else ()),
                KeyHint("Esc", _("Back")),
            )
        if self.panel is not None:
            return (
                KeyHint("Enter", _("To the next field")),
                KeyHint("F10", _("Show the report")),
                KeyHint("Esc", _("Back")),
            )
        return (
            KeyHint("Enter", _("Open the report")),
            KeyHint("Ctrl+F", _("Find a report")),
            KeyHint("F4", _("Filter: ask for less")),
            KeyHint("F6", _("Saved filters")),
            KeyHint("F8", _("The numbers beside a chart")),
            KeyHint("F9", _("The report alone, or with the list")),
            KeyHint("F10", _("Save as …")),
            KeyHint("Ctrl+P", _("Print")),
            KeyHint("Alt+1", _("Part of the report")),
        )


class _ProblemView(QWidget):
    """Why there is no report, and the way to the field where that can be put right."""

    def __init__(self) -> None:
        super().__init__()
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setSpacing(theme.px(12))
        box.addStretch(2)
        box.addWidget(IconLabel("question", Tone.MUTED, 56), 0, Qt.AlignmentFlag.AlignHCenter)
        self.sentence = label("", "heading", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(self.sentence)
        self.filter = SecondaryButton(_("Choose …"), icon_name="arrow-right")
        box.addWidget(self.filter, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(3)

    def show_problem(self, sentence: str, *, has_field: bool) -> None:
        """Say this."""
        self.sentence.setText(sentence)
        self.setAccessibleName(sentence)
        self.filter.setVisible(has_field)
