"""What is to be settled: the list, and beside it both values and the choices."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.sync_conflicts import ConflictsPresenter
from vsla_desktop.presenters.sync_words import sides
from vsla_desktop.sync.settle import Choice
from vsla_desktop.views.pages.page import ROOMY_PERCENT
from vsla_desktop.views.pages.sync_enrol import scrolling
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import EmptyState, current_theme, label
from vsla_desktop.views.widgets.form import FormView
from vsla_desktop.views.widgets.listing import ListTable


class SettlePart(QStackedWidget):
    """Enter goes from the list to the choices; arrows choose; F10 settles; Esc goes back."""

    def __init__(self, presenter: ConflictsPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        self.form: FormView | None = None
        self.radios: dict[Choice, QRadioButton] = {}
        self._shown = 0
        theme = current_theme()
        presenter.is_narrow = theme.percent > ROOMY_PERCENT
        self.both = QWidget()
        row = QHBoxLayout(self.both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(16))
        self.list = ListTable(presenter, _("To settle"))
        self.list.chosen.connect(self._go_to)
        self.list.opened.connect(self._go_to_choices)
        row.addWidget(self.list, 1)
        self.panel = QFrame()
        set_role(self.panel, "card")
        self.panel.setFixedWidth(theme.px(380))
        inside = QWidget()
        self._box = QVBoxLayout(inside)
        self._box.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(12))
        outer = QVBoxLayout(self.panel)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(scrolling(inside))
        row.addWidget(self.panel)
        self._inside: QWidget | None = None
        self.addWidget(self.both)
        self.addWidget(
            EmptyState(
                _("Nothing to settle"),
                _("Where head office holds another value, it appears here."),
                icon_name="check-circle",
            )
        )
        self.setFocusProxy(self.list)
        presenter.changed.listen(self._show_list)
        presenter.panel_changed.listen(self._show_panel)
        self._show_list()
        self._show_panel()

    # ------------------------------------------------------------------ showing

    def _show_list(self) -> None:
        self.setCurrentIndex(0 if self.presenter.row_count() else 1)

    def _show_panel(self) -> None:
        presenter = self.presenter
        place = presenter.place()
        if place >= 0 and self.list.current_row() != place:
            self.list.go_to(place)
        number = presenter.current.number if presenter.current else 0
        if number != self._shown or self._inside is None:
            self._shown = number
            self._make_panel()
        for choice, radio in self.radios.items():
            radio.setChecked(choice is presenter.choice)

    def _make_panel(self) -> None:
        """Make the panel anew for another row."""
        old, self._inside = self._inside, QWidget()
        self.form, self.radios = None, {}
        box = QVBoxLayout(self._inside)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(current_theme().px(8))
        found = self.presenter.current
        if found is not None:
            box.addWidget(label(self.presenter.title(), "heading", wrap=True))
            if found.column:
                for part in self._values():
                    box.addWidget(part)
            self._add_choices(box)
        box.addStretch(1)
        if old is not None:
            self._box.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._box.addWidget(self._inside)

    def _values(self) -> list[QWidget]:
        found = self.presenter.current
        if found is None:
            return []
        column = self.presenter.what()
        made: list[QWidget] = []
        titles = (_("{what} here", what=column), _("{what} at head office", what=column))
        for title, value, who in zip(titles, sides(found), self.presenter.who(), strict=True):
            made += [label(title, "note"), label(value, "strong", wrap=True)]
            made.append(label(who, "note", wrap=True))
        return made

    def _add_choices(self, box: QVBoxLayout) -> None:
        presenter = self.presenter
        group = QButtonGroup(self._inside)
        box.addSpacing(current_theme().px(8))
        for choice, words in presenter.choices():
            radio = QRadioButton(words)
            radio.setAccessibleName(words)
            radio.clicked.connect(lambda _checked=False, choice=choice: presenter.choose(choice))
            radio.toggled.connect(self._toggled)
            radio.installEventFilter(self)
            group.addButton(radio)
            self.radios[choice] = radio
            box.addWidget(radio)
        if Choice.OTHER in self.radios:
            self.form = FormView(presenter, (presenter.field(),), columns=1)
            self.form.finished.connect(self.save)
            self.form.editor("value").installEventFilter(self)
            box.addWidget(self.form)
        if presenter.leads_to_correction():
            words = _("Money in the book is put right by a correction.")
            box.addWidget(label(words, "note", wrap=True))

    # ------------------------------------------------------------------ what a person does

    def _go_to(self, row: int) -> None:
        if row >= 0 and row != self.presenter.place():
            self.presenter.go_to(row)

    def _go_to_choices(self, row: int) -> None:
        self._go_to(row)
        chosen = self.presenter.choice
        radio = self.radios.get(chosen) if chosen else None
        radio = radio or next(iter(self.radios.values()), None)
        if radio is not None:
            radio.setFocus(Qt.FocusReason.TabFocusReason)
            radio.click()

    def _toggled(self, is_on: bool) -> None:  # noqa: FBT001 - as Qt says it
        """Arrow keys choose without a click."""
        if is_on:
            for choice, radio in self.radios.items():
                if radio is self.sender():
                    self.presenter.choose(choice)

    def save(self) -> None:
        """Settle as chosen; where what was typed is wrong, go there."""
        if self.form is not None:
            self.form.hand_over()
        wrong = self.presenter.settle()
        if wrong and self.form is not None:
            self.form.go_to(wrong)
        elif self.presenter.row_count():
            self.list.setFocus()

    def hand_over(self) -> None:
        """Hand over what is being typed."""
        if self.form is not None:
            self.form.hand_over()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter on a choice goes to its field or settles it; Esc goes back to the list."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.key() == Qt.Key.Key_Escape:
            self.list.setFocus()
            return True
        is_enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if is_enter and isinstance(watched, QRadioButton):
            watched.click()
            if watched is self.radios.get(Choice.OTHER) and self.form is not None:
                self.form.go_to("value")
            else:
                self.save()
            return True
        return super().eventFilter(watched, event)
