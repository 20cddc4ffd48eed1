"""The first screen on a new laptop."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.first_start import Beginning, FirstStartPresenter
from vsla_desktop.views.pages.page import ROOMY_PERCENT, Page
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import IconLabel, current_theme, label
from vsla_desktop.views.widgets.fields import FieldRow

_ICONS: Final = {
    Beginning.NEW_GROUP: "group",
    Beginning.PRACTISE: "practise",
    Beginning.PAPER: "documents",
    Beginning.WORKBOOK: "workbook",
    Beginning.RESTORE: "restore",
    Beginning.HEAD_OFFICE: "sync",
}
_BETWEEN: Final = 12  # pixels between what stands side by side


class FirstStartPage(Page):
    """Asks for the language and the currency, and offers the ways to begin."""

    def __init__(self, presenter: FirstStartPresenter) -> None:
        super().__init__("")
        self.presenter = presenter
        self.buttons: dict[Beginning, QPushButton] = {}
        self._sheet: QWidget | None = None
        presenter.language_changed.listen(self._show)
        self._show()

    def _show(self) -> None:
        """Everything is made anew, for every word of it may have changed its language."""
        old = self._sheet
        self._sheet = self._make()
        self.body.addWidget(self._sheet)
        self.setFocusProxy(self.language)
        if old is not None:
            self.language.setFocus()
            self.body.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.setAccessibleName(_("Welcome"))

    def _make(self) -> QWidget:
        theme = current_theme()
        sheet = QWidget()
        across = QHBoxLayout(sheet)
        across.addStretch(1)
        middle = QVBoxLayout()
        middle.setSpacing(theme.px(10))
        across.addLayout(middle)
        across.addStretch(1)
        middle.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(theme.px(18))
        head.addWidget(IconLabel("mark", size=60, is_accent=True))
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        words.addWidget(label(_("Welcome"), "title"))
        words.addWidget(label(_("Keep your group's books here, with or without network."), "note"))
        head.addLayout(words, 1)
        middle.addLayout(head)
        middle.addSpacing(theme.px(12))
        middle.addLayout(self._make_choices())
        if self.presenter.beginnings():
            middle.addSpacing(theme.px(14))
            middle.addWidget(label(_("How do you want to begin?"), "heading"))
            middle.addSpacing(theme.px(2))
            middle.addLayout(self._make_ways())
        middle.addStretch(2)
        return sheet

    def _make_choices(self) -> QHBoxLayout:
        presenter = self.presenter
        row = QHBoxLayout()
        row.setSpacing(current_theme().px(_BETWEEN))
        self.language = QComboBox()
        for code, name in presenter.languages().items():
            self.language.addItem(name, code)
        self.language.setCurrentIndex(self.language.findData(presenter.language))
        self.language.activated.connect(
            lambda place: presenter.choose_language(self.language.itemData(place))
        )
        self.currency = QComboBox()
        for choice in presenter.currencies():
            self.currency.addItem(f"{choice.code} · {choice.name}", choice.code)
        self.currency.setCurrentIndex(self.currency.findData(presenter.currency))
        self.currency.activated.connect(
            lambda place: presenter.choose_currency(self.currency.itemData(place))
        )
        row.addWidget(FieldRow(_("Language"), self.language), 1)
        row.addWidget(FieldRow(_("Currency"), self.currency), 1)
        return row

    def _make_ways(self) -> QGridLayout:
        texts = {
            Beginning.NEW_GROUP: (_("Open a new group"), _("Set its rules and add the members.")),
            Beginning.PRACTISE: (_("Practise first"), _("Try everything with a made-up group.")),
            Beginning.PAPER: (_("Bring paper books"), _("Go on with a group that met on paper.")),
            Beginning.WORKBOOK: (_("Bring a workbook"), _("Continue books kept in a spreadsheet.")),
            Beginning.RESTORE: (_("Restore a backup"), _("Bring back books saved earlier.")),
            Beginning.HEAD_OFFICE: (_("Bring my groups"), _("Head office has their books.")),
        }
        grid = QGridLayout()
        grid.setSpacing(current_theme().px(_BETWEEN))
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        self.buttons = {}
        ways = self.presenter.beginnings()
        for place, way in enumerate(ways):
            button = choice_button(_ICONS[way], *texts[way])
            button.clicked.connect(lambda _checked=False, way=way: self.presenter.begin(way))
            is_alone = place % 2 == 0 and place == len(ways) - 1
            grid.addWidget(button, place // 2, place % 2, 1, 2 if is_alone else 1)
            self.buttons[way] = button
        if current_theme().percent <= ROOMY_PERCENT:
            widest = max(button.minimumWidth() for button in self.buttons.values())
            for button in self.buttons.values():
                button.setMinimumWidth(widest)
        return grid


def choice_button(icon_name: str, title: str, note: str) -> QPushButton:
    """A large choice: an icon, a few words, and a sentence that explains them."""
    theme = current_theme()
    button = QPushButton()
    set_role(button, "choice")
    button.setAccessibleName(title)
    button.setAccessibleDescription(note)
    button.setAutoDefault(True)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    row = QHBoxLayout(button)
    row.setContentsMargins(theme.px(20), theme.px(10), theme.px(20), theme.px(10))
    row.setSpacing(theme.px(16))
    sign = IconLabel(icon_name, size=36, is_accent=True)
    row.addWidget(sign)
    words = QVBoxLayout()
    words.setSpacing(theme.px(2))
    lines = (label(title, "heading"), label(note, "note"))
    for shown in lines:
        words.addWidget(shown)
    row.addLayout(words, 1)
    for shown in (sign, *lines):
        shown.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    button.setMinimumWidth(row.sizeHint().width())
    return button
