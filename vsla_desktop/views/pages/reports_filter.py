"""What is asked of a report: the chips above it, and the panel in which they are filled in."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QCompleter,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.reports import ReportsPresenter
from vsla_desktop.presenters.reports_filter import Chip, ChoiceField, FilterPresenter
from vsla_desktop.presenters.reports_people import PeopleFinder, PlaceFinder
from vsla_desktop.presenters.reports_words import field_title
from vsla_desktop.queries.filtering import PLACES
from vsla_desktop.views.icons import icon
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import current_theme, label
from vsla_desktop.views.widgets.fields import FieldRow
from vsla_desktop.views.widgets.flow import Flow, flowing
from vsla_desktop.views.widgets.form import FormView

_MOST_SHOWN: Final = 4
_FIRST: Final = ("day_from", "day_to", "amount_from", "amount_to")


class ChipRow(QWidget):
    """What is asked for; a chip that is pressed is asked for no more."""

    removed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        self._inside, self._flow = flowing(spacing=current_theme().px(6))
        box.addWidget(self._inside)
        self.buttons: list[QPushButton] = []

    def show_chips(self, chips: tuple[Chip, ...]) -> None:
        """Show these."""
        self._flow.clear()
        self.buttons = [self._chip(chip) for chip in chips]
        self.setVisible(bool(chips))

    def _chip(self, chip: Chip) -> QPushButton:
        button = chip_button(chip.text, self._flow)
        button.clicked.connect(partial(self.removed.emit, chip))
        return button


def chip_button(text: str, flow: Flow) -> QPushButton:
    """Add a chip that can be put away."""
    theme = current_theme()
    button = QPushButton(text)
    set_role(button, "chip")
    button.setIcon(icon("close", theme.colours.accent, theme.px(14)))
    button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    button.setAccessibleName(_("{what}, leave out", what=text))
    button.setToolTip(_("{what}, leave out", what=text))
    flow.addWidget(button)
    button.show()
    return button


class FilterPanel(QScrollArea):
    """The fields that the chosen report looks at, and no others."""

    finished = Signal()

    def __init__(self, presenter: ReportsPresenter) -> None:
        super().__init__()
        theme = current_theme()
        self.presenter = presenter
        filter_ = presenter.filter
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(_("Filter"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        set_role(inside, "page")
        box = QVBoxLayout(inside)
        box.setContentsMargins(theme.px(2), theme.px(2), theme.px(10), theme.px(2))
        box.setSpacing(theme.px(12))
        self.people: dict[str, PeopleField] = {}
        row = QHBoxLayout()
        row.setSpacing(theme.px(20))
        for key in filter_.people():
            self.people[key] = PeopleField(presenter.finder(key), filter_)
            self.people[key].finished.connect(self.finished)
            row.addWidget(self.people[key], 1)
        if self.people:
            box.addLayout(row)
        fields = filter_.fields()
        first = FormView(filter_, [each for each in fields if each.key in _FIRST])
        others = FormView(filter_, [each for each in fields if each.key not in _FIRST])
        self.forms = (first, others)
        self.offers = [
            PlaceOffer(presenter.place_finder(key), editor)
            for key in PLACES
            if key in others.rows and isinstance(editor := others.editor(key), QLineEdit)
        ]
        for form in self.forms:
            form.finished.connect(self.finished)
        box.addWidget(first)
        self.boxes: dict[tuple[str, str], QCheckBox] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(20))
        grid.setVerticalSpacing(theme.px(12))
        for place, many in enumerate(filter_.many()):
            grid.addWidget(self._many(many), place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        box.addLayout(grid)
        box.addWidget(others)
        box.addStretch(1)
        self.setWidget(inside)

    def field(self, key: str) -> FieldRow:
        """The row of a field to type in."""
        return next(form.rows[key] for form in self.forms if key in form.rows)

    def hand_over(self) -> None:
        """Hand over the field that is being typed in."""
        for form in self.forms:
            form.hand_over()

    def start(self, key: str = "") -> None:
        """Take the keyboard to a field; to the first where none is named."""
        firsts = [key, *self.people, *(each.key for each in self.presenter.filter.fields())]
        for each in firsts:
            if each in self.people:
                self.people[each].search.setFocus()
                return
            for form in self.forms:
                if each in form.rows:
                    form.go_to(each)
                    return
        for box in self.boxes.values():
            box.setFocus()
            return

    def _many(self, field: ChoiceField) -> QWidget:
        theme = current_theme()
        group = QWidget()
        box = QVBoxLayout(group)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(2))
        box.addWidget(label(field.title, "strong"))
        inside, flow = flowing(spacing=theme.px(6))
        box.addWidget(inside)
        chosen = self.presenter.filter.chosen[field.key]
        for choice in field.choices:
            check = QCheckBox(choice.title)
            check.setChecked(choice.value in chosen)
            check.setAccessibleName(labelled(field.title, choice.title))
            check.toggled.connect(partial(self._choose, field.key, choice.value))
            self.boxes[field.key, choice.value] = check
            flow.addWidget(check)
        return group

    def _choose(self, key: str, value: str, is_chosen: bool) -> None:  # noqa: FBT001 - a slot
        self.presenter.filter.choose(key, value, is_chosen=is_chosen)


class PlaceOffer(QObject):
    """Offers, below a field, the places that groups have and that begin as what is typed."""

    def __init__(self, finder: PlaceFinder, line: QLineEdit) -> None:
        super().__init__(line)
        self.finder = finder
        self.words = QStringListModel(self)
        completer = QCompleter(self.words, line)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        line.setCompleter(completer)
        line.textEdited.connect(finder.find)
        finder.found.listen(self._show)

    def _show(self) -> None:
        self.words.setStringList(self.finder.matches)


class PeopleField(QWidget):
    """Finds a group or a member by name: type, Enter takes the first; Enter again is the end."""

    finished = Signal()

    def __init__(self, finder: PeopleFinder, filter_: FilterPresenter) -> None:
        super().__init__()
        theme = current_theme()
        self.finder = finder
        title = field_title(finder.key)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(4))
        box.addWidget(label(title, "strong"))
        self._inside, self._flow = flowing(spacing=theme.px(6))
        box.addWidget(self._inside)
        self.search = QLineEdit()
        self.search.setAccessibleName(title)
        is_group = finder.key == "group_ids"
        self.search.setPlaceholderText(_("Name or code") if is_group else _("Number or name"))
        self.search.textChanged.connect(finder.find)
        self.search.returnPressed.connect(self._take_first)
        box.addWidget(self.search)
        self.matches = QListWidget()
        self.matches.setAccessibleName(_("Found"))
        self.matches.setFixedHeight(theme.row_height * _MOST_SHOWN)
        self.matches.itemActivated.connect(self._take)
        self.matches.itemClicked.connect(self._take)
        self.matches.hide()
        box.addWidget(self.matches)
        box.addStretch(1)
        self.setFocusProxy(self.search)
        finder.found.listen(self._show)
        filter_.changed.listen(self._show_chosen)
        self._show_chosen()

    def _show(self) -> None:
        self.matches.clear()
        self.matches.addItems([each.title for each in self.finder.matches])
        self.matches.setCurrentRow(0)
        is_looking = bool(self.search.text().strip())
        self.matches.setVisible(is_looking and bool(self.finder.matches))

    def _take_first(self) -> None:
        if not self.search.text().strip():
            self.finished.emit()
            return
        self.finder.choose(0)
        self._taken()

    def _take(self) -> None:
        self.finder.choose(self.matches.currentRow())
        self._taken()

    def _taken(self) -> None:
        self.search.clear()
        self.matches.hide()
        self.search.setFocus()

    def _show_chosen(self) -> None:
        self._flow.clear()
        for who in self.finder.chosen():
            button = chip_button(who.title, self._flow)
            button.clicked.connect(partial(self._drop, who.id))
        self._inside.setVisible(bool(self.finder.chosen()))

    def _drop(self, who: int) -> None:
        self.finder.drop(who)
        self.search.setFocus()
