"""The frame around the pages, as a person sees and drives it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.views.looks import cut_words, nameless
from tests.views.paper import SHARES, PaperPurse, PaperSheet
from vsla_desktop.app import wear
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import use_language
from vsla_desktop.presenters.runner import Busy
from vsla_desktop.presenters.shell import ShellPresenter, SyncStage, Tone
from vsla_desktop.settings import ThemeChoice
from vsla_desktop.views.keycard import sheet_keys
from vsla_desktop.views.pages.page import KeyHint, Page, PageDeclaration
from vsla_desktop.views.widgets.basics import Card, EmptyState, PrimaryButton, SecondaryButton
from vsla_desktop.views.widgets.counter import DenominationCounter
from vsla_desktop.views.widgets.fields import FieldRow
from vsla_desktop.views.widgets.grid import GridTable
from vsla_desktop.views.window import MainWindow

CTRL = Qt.KeyboardModifier.ControlModifier


class MeetingPage(Page):
    def __init__(self) -> None:
        super().__init__("Meeting 12", "Tuesday 3 March 2026")
        self.sheet = PaperSheet()
        self.sheet.enter(0, SHARES, "12")
        self.grid = GridTable(self.sheet, "Meeting sheet")
        self.body.addWidget(self.grid, 1)
        self.add_action(SecondaryButton("Count the box", icon_name="box"))
        self.add_action(PrimaryButton("Close meeting", icon_name="check", key="F10"))
        self.add_to_foot(self.grid.take_sentence_row())
        self.setFocusProxy(self.grid)
        self.events: list[str] = []

    def came_into_sight(self) -> None:
        self.events.append("came")

    def went_out_of_sight(self) -> None:
        self.events.append("went")

    def hand_over(self) -> None:
        self.grid.hand_over()

    def start_find(self) -> bool:
        self.events.append("find")
        return True

    def keys(self) -> tuple[KeyHint, ...]:
        return sheet_keys()


class HomePage(Page):
    def __init__(self) -> None:
        super().__init__("Home", "Cycle 3", scrolls=True)
        card = Card("Should be in the box", icon_name="box")
        card.show_figure("186,000", "Counted on 3 March", Tone.GOOD)
        self.body.addWidget(card)
        self.body.addWidget(DenominationCounter(PaperPurse(), "Closing count"))
        self.row = FieldRow("Phone number", QLineEdit(), help_text="With the country's code.")
        self.body.addWidget(self.row)
        self.body.addWidget(EmptyState("No loans yet", "Give the first loan at a meeting."))


@pytest.fixture
def shell() -> ShellPresenter:
    return ShellPresenter()


@pytest.fixture
def open_window(qtbot: QtBot, shell: ShellPresenter) -> Callable[[], MainWindow]:
    def opened() -> MainWindow:
        pages = [
            PageDeclaration("home", "Home", "home", HomePage),
            PageDeclaration("meeting", "Meeting", "meeting", MeetingPage),
            PageDeclaration("unused", "Unused", "iga", MeetingPage),
        ]
        window = MainWindow(shell, pages, lambda: None)
        qtbot.addWidget(window)
        shell.show_pages("home", "meeting")
        shell.open_group("Tukolere Wamu", note="Kayunga")
        window.open_page("meeting")
        window.resize(1366, 768)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    return opened


@pytest.fixture
def window(open_window: Callable[[], MainWindow]) -> MainWindow:
    return open_window()


def test_a_page_is_made_when_it_is_first_shown(window: MainWindow) -> None:
    assert window.page("home") is None
    window.open_page("home")
    made = window.page("home")
    assert made is not None
    window.open_page("meeting")
    window.open_page("home")
    assert window.page("home") is made
    meeting = window.page("meeting")
    assert isinstance(meeting, MeetingPage)
    assert meeting.events == ["came", "went", "came", "went"]


def test_the_rail_shows_only_the_pages_in_use(window: MainWindow, shell: ShellPresenter) -> None:
    assert list(window.rail.buttons) == ["home", "meeting"]
    assert window.rail.buttons["meeting"].isChecked()
    shell.show_pages("meeting")
    assert list(window.rail.buttons) == ["meeting"]
    assert window.rail.buttons["meeting"].isChecked()


def test_ctrl_and_a_number_opens_a_page(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_1, CTRL)
    assert window.current_key == "home"
    QTest.keyClick(window, Qt.Key.Key_2, CTRL)
    assert window.current_key == "meeting"
    QTest.keyClick(window, Qt.Key.Key_3, CTRL)
    assert window.current_key == "meeting"


def test_the_rail_is_clicked(window: MainWindow) -> None:
    QTest.mouseClick(window.rail.buttons["home"], Qt.MouseButton.LeftButton)
    assert window.current_key == "home"
    assert window.header.title.text() == "Home"


def test_what_a_page_says_of_itself_is_cut_only_where_no_room_is_left(window: MainWindow) -> None:
    header, page = window.header, window.page("meeting")
    assert page is not None
    page.show_title("5  Joyce Mwasandube", "Demandé · Demandé le 23 nov. 2026 · Chèvres")
    QApplication.processEvents()
    assert header.note.width() >= header.note.sizeHint().width()
    assert header.group.width() == header.group.sizeHint().width()


def test_the_head_says_the_page_and_whose_books_these_are(
    window: MainWindow, shell: ShellPresenter
) -> None:
    assert window.header.title.text() == "Meeting 12"
    assert window.header.group.text() == "Tukolere Wamu · Kayunga"
    page = window.page("meeting")
    assert page is not None
    page.show_title("Meeting 13")
    assert window.header.title.text() == "Meeting 13"
    shell.close_group()
    assert not window.header.isVisible()


def test_a_practice_group_has_stripes(window: MainWindow, shell: ShellPresenter) -> None:
    assert not window.stripes.isVisible()
    shell.open_group("Practice", is_practice=True)
    assert window.stripes.isVisible()
    assert window.stripes.accessibleName() == "Practice group. Nothing here is real money."


def test_what_was_sent_is_told_quietly(window: MainWindow, shell: ShellPresenter) -> None:
    assert window.rail.sync.text() == "Saved here"
    for stage, words in (
        (SyncStage.WAITING, "Waiting for network"),
        (SyncStage.SENDING, "Sending"),
    ):
        shell.show_sync(stage)
        assert window.rail.sync.text() == words
    shell.show_sync(SyncStage.SENT, datetime(2026, 3, 3, 14, 5))  # noqa: DTZ001 - local time
    assert window.rail.sync.text() == "Sent 14:05"


def test_f1_lays_the_keys_over_the_page_and_takes_nothing_from_it(window: MainWindow) -> None:
    before = QApplication.focusWidget()
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert window.key_card.isVisible()
    assert QApplication.focusWidget() is before
    assert window.rect().contains(window.key_card.geometry())
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert not window.key_card.isVisible()


def test_ctrl_f_finds_on_the_page(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F, CTRL)
    page = window.page("meeting")
    assert isinstance(page, MeetingPage)
    assert page.events == ["came", "find"]


def test_a_rule_is_told_with_its_hint_and_stays(window: MainWindow, shell: ShellPresenter) -> None:
    shell.say_error(RuleBroken("Buy at most {most} shares.", hint="Change it.", most=5))
    assert window.messages.sentence.text() == "Buy at most 5 shares."
    assert window.messages.hint.text() == "Change it."
    assert not window.messages.copy_button.isVisible()
    shell.say_nothing()
    assert not window.messages.isVisible()


def test_a_fault_of_ours_is_told_as_ours_with_details_to_copy(
    window: MainWindow, shell: ShellPresenter
) -> None:
    shell.say_error(ZeroDivisionError("made up"))
    assert window.messages.sentence.text() == "Something went wrong. Your work is saved."
    QTest.mouseClick(window.messages.copy_button, Qt.MouseButton.LeftButton)
    assert "ZeroDivisionError: made up" in QGuiApplication.clipboard().text()


def test_long_work_is_shown(window: MainWindow, shell: ShellPresenter) -> None:
    shell.show_busy(Busy("Making a backup", 3, 10, can_cancel=True))
    assert window.busy.title.text() == "Making a backup"
    assert (window.busy.bar.value(), window.busy.bar.maximum()) == (3, 10)
    assert window.busy.stop.isVisible()
    shell.show_busy(None)
    assert not window.busy.isVisible()


def test_closing_hands_over_what_is_being_typed(qtbot: QtBot, window: MainWindow) -> None:
    page = window.page("meeting")
    assert isinstance(page, MeetingPage)
    page.grid.table.go(2, SHARES)
    QTest.keyClicks(page.grid.table, "4")
    with qtbot.waitSignal(window.closing):
        window.close()
    assert page.sheet.typed[2, SHARES] == "4"


@pytest.mark.parametrize("page", ["home", "meeting"])
def test_everything_that_takes_keys_has_a_name(window: MainWindow, page: str) -> None:
    window.open_page(page)
    assert nameless(window) == []


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("page", ["home", "meeting"])
def test_no_word_is_cut_on_a_small_screen(
    qapp: QApplication,
    open_window: Callable[[], MainWindow],
    shell: ShellPresenter,
    percent: int,
    language: str,
    page: str,
) -> None:
    wear(qapp, ThemeChoice.LIGHT, percent, is_dark=False)
    use_language(language)
    window = open_window()
    window.open_page(page)
    shell.open_group("Tukolere Wamu", is_practice=True)
    shell.say_error(ZeroDivisionError("made up"))
    window.resize(1366, 768)
    for _round in range(3):
        qapp.processEvents()
    assert (window.width(), window.height()) == (1366, 768)
    assert cut_words(window) == []
    window.toggle_key_card()
    qapp.processEvents()
    assert window.rect().contains(window.key_card.geometry())


def test_thirteen_members_are_in_sight_on_a_small_screen(window: MainWindow) -> None:
    page = window.page("meeting")
    assert isinstance(page, MeetingPage)
    table = page.grid.table
    last = table.visualRect(page.grid.model.index(12, SHARES))
    assert last.height() == 36
    assert table.viewport().rect().contains(last)
    assert not table.horizontalScrollBar().isVisible()


def test_a_field_says_below_what_is_wrong(window: MainWindow) -> None:
    window.open_page("home")
    page = window.page("home")
    assert isinstance(page, HomePage)
    row = page.row
    assert row.sentence.text() == "With the country's code."
    row.show_sentence("Type ten digits.")
    assert row.sentence.text() == "Type ten digits."
    assert row.editor.accessibleName() == "Phone number"
    assert row.editor.accessibleDescription() == "Type ten digits."
    row.show_sentence("")
    assert row.sentence.text() == "With the country's code."


def test_a_page_of_another_group_is_forgotten(window: MainWindow) -> None:
    window.open_page("home")
    window.forget_pages(keep=["home"])
    assert window.page("meeting") is None
    assert window.page("home") is not None
