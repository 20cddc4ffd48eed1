"""The whole program, with its own worker thread, over real folders."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from tests.db.books import new_book
from tests.presenters.book_of_group import after_one_meeting
from tests.services.village import Village
from tests.views.looks import cut_words, nameless
from vsla_desktop.app import Options, Program
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import connect
from vsla_desktop.presenters.first_start import Beginning
from vsla_desktop.presenters.home import HomePresenter
from vsla_desktop.presenters.meeting import MeetingPresenter
from vsla_desktop.presenters.new_group import Step
from vsla_desktop.services.meetings import NewMeeting, as_expected, open_meeting
from vsla_desktop.settings import DataFolder, Settings, save_settings
from vsla_desktop.views.keycard import keys_of
from vsla_desktop.views.making import IN_RAIL, pages_of
from vsla_desktop.views.pages.cashbook import CashbookPage
from vsla_desktop.views.pages.first_start import FirstStartPage
from vsla_desktop.views.pages.home import HomePage
from vsla_desktop.views.pages.meeting import MeetingPage
from vsla_desktop.views.pages.meeting_closing import ClosingPage
from vsla_desktop.views.pages.meeting_sheet import SheetPage
from vsla_desktop.views.pages.members import MembersPage
from vsla_desktop.views.pages.new_group import NewGroupPage
from vsla_desktop.views.pages.opening import OpeningPage
from vsla_desktop.views.pages.practice import PracticeStrip

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
NOW = datetime(2026, 1, 6, 9)  # noqa: DTZ001 - the books keep UTC without a zone
Start = Callable[[Path], Program]


@pytest.fixture
def start(qtbot: QtBot, qapp: QApplication) -> Iterator[Start]:
    programs: list[Program] = []

    def started(folder: Path, **choices: object) -> Program:
        data = DataFolder(folder)
        settings = Settings(window_width=1366, window_height=768, **choices)  # type: ignore[arg-type]
        if not data.settings_file.exists():
            save_settings(data, settings)
        program = Program(qapp, Options(data), FixedClock(NOW))
        programs.append(program)
        program.start()
        program.window.activateWindow()
        qtbot.waitUntil(program.window.isActiveWindow)
        return program

    yield started
    for program in programs:
        if program.window.isVisible():
            program.window.close()
        program.window.deleteLater()


@pytest.fixture
def folder(data_dir: Path) -> Path:
    """A folder with the book of a group that has met once."""
    village = Village(new_book(data_dir / "vsla.db"))
    after_one_meeting(village)
    village.database.close()
    return data_dir


def reach(qtbot: QtBot, program: Program, key: str) -> None:
    qtbot.waitUntil(lambda: program.window.current_key == key, timeout=20_000)


def exercises(program: Program) -> PracticeStrip:
    strip = program.window.findChild(PracticeStrip)
    assert isinstance(strip, PracticeStrip)
    return strip


def press(*what: str | Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    for item in what:
        target = QApplication.focusWidget()
        assert target is not None
        if isinstance(item, str):
            for letter in item:
                QTest.keyClicks(QApplication.focusWidget() or target, letter)
        else:
            QTest.keyClick(target, item, modifier)


def _first_shares(presenter: MeetingPresenter) -> int:
    return presenter.meeting.book.sheet.rows[0].shares if presenter.meeting is not None else 0


def go_on(qtbot: QtBot, page: NewGroupPage, step: Step) -> None:
    """Press the key of the button, which is let go a moment later."""
    press(Key.Key_F10)
    qtbot.waitUntil(lambda: page.presenter.step is step)
    qtbot.waitUntil(lambda: not page.next.isDown())


def found_group(qtbot: QtBot, program: Program, beginning: Beginning) -> None:
    """Open a group of five from the first screen, by keys."""
    reach(qtbot, program, "first-start")
    first = program.window.page("first-start")
    assert isinstance(first, FirstStartPage)
    first.buttons[beginning].setFocus()
    press(Key.Key_Space)
    reach(qtbot, program, "new-group")
    page = program.window.page("new-group")
    assert isinstance(page, NewGroupPage)
    press("Tukolere Wamu", Key.Key_Return)
    assert page.forms[Step.GROUP].rows["group_code"].editor.hasFocus()
    go_on(qtbot, page, Step.RULES)
    page.forms[Step.RULES].go_to("share_value")
    press("2000", Key.Key_Return)
    go_on(qtbot, page, Step.MEMBERS)
    for first_name in ("Amina", "Beatrice", "Charles", "Deborah", "Esther"):
        press(Key.Key_Tab, first_name, Key.Key_Tab, "Auma", Key.Key_Tab, "f")
        press(Key.Key_Tab, "0772 123456", Key.Key_Tab)
    go_on(qtbot, page, Step.OFFICERS)
    for steps in (1, 2, 3):
        press(*[Key.Key_Down] * steps, Key.Key_Tab)
    press(Key.Key_F10)


def test_a_group_is_opened_by_keyboard_from_the_first_screen_to_home(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    program = start(tmp_path)
    found_group(qtbot, program, Beginning.NEW_GROUP)
    reach(qtbot, program, "home")
    home = program.window.page("home")
    assert isinstance(home, HomePage)
    qtbot.waitUntil(lambda: "members" in home.cards)
    assert home.cards["members"].figure.text() == "5"
    assert home.action.accessibleName() == "Open meeting 1"
    assert home.action.hasFocus()
    assert list(program.window.rail.buttons) == list(pages_of(program.book))
    assert "desk" not in program.window.rail.buttons  # there is one group to look after
    assert program.shell.state.group_name == "Tukolere Wamu"
    press(Key.Key_0, modifier=CTRL)
    assert program.window.current_key == "settings"
    press(Key.Key_1, modifier=CTRL)
    assert program.window.current_key == "home"


def test_who_met_on_paper_comes_from_the_first_screen_to_the_paper_books(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    program = start(tmp_path)
    found_group(qtbot, program, Beginning.PAPER)
    reach(qtbot, program, "paper-books")
    assert program.shell.state.group_name == "Tukolere Wamu"


def test_what_is_chosen_at_first_holds_for_pages_seen_before(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    program = start(tmp_path)
    reach(qtbot, program, "first-start")
    assert program.settings.currency == "UGX"  # a laptop that is set to no place
    program.shell.go_to("new-group")
    program.shell.go_to("first-start")
    first = program.window.page("first-start")
    assert isinstance(first, FirstStartPage)
    first.presenter.choose_language("fr")
    first.presenter.choose_currency("XOF")
    program.shell.go_to("new-group")
    page = program.window.page("new-group")
    assert isinstance(page, NewGroupPage)
    assert page.next.accessibleName() == "Suivant"
    assert page.presenter.currency.code == "XOF"


def test_a_wrong_field_takes_the_keyboard(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    program = start(tmp_path)
    reach(qtbot, program, "first-start")
    program.shell.go_to("new-group")
    page = program.window.page("new-group")
    assert isinstance(page, NewGroupPage)
    form = page.forms[Step.GROUP]
    form.go_to("name")
    press("Tukolere", Key.Key_Return)
    form.go_to("formation_date")
    press("31/2/2026", Key.Key_F10)
    row = form.rows["formation_date"]
    qtbot.waitUntil(lambda: row.sentence.text().startswith("31/2/2026 is not a day."))
    qtbot.waitUntil(row.editor.hasFocus)
    assert page.presenter.step is Step.GROUP


def test_the_last_group_is_shown_at_once_at_the_next_start(
    qtbot: QtBot, start: Start, folder: Path
) -> None:
    program = start(folder)
    reach(qtbot, program, "home")
    assert program.window.close()
    assert (folder / "home.json").exists()
    assert len(list((folder / "backups").glob("vsla-*.db"))) == 1
    again = start(folder)
    home = again.window.page("home")
    assert isinstance(home, HomePage)
    assert home.cards["savings"].figure.text() == "4,000"
    qtbot.waitUntil(lambda: again.book is not None)
    presenter = again.pages.presenters["home"]
    assert isinstance(presenter, HomePresenter)
    assert again.window.page("home") is home
    again.window.close()
    assert len(list((folder / "backups").glob("vsla-*.db"))) == 1


def test_groups_of_one_book_are_switched_at_home(qtbot: QtBot, start: Start, folder: Path) -> None:
    second = Village(connect(f"sqlite:///{folder / 'vsla.db'}"), code="TST-2")
    second.form()
    second.meet()
    second.close()
    second.database.close()
    for shown, other in ((1, 2), (2, 1)):  # the second start has the group that was used last
        program = start(folder)
        reach(qtbot, program, "desk")
        assert program.group is not None
        assert program.group.group_id == shown
        program.shell.go_to("home")
        home = program.window.page("home")
        assert isinstance(home, HomePage)
        assert home.groups is not None
        assert home.groups.currentData() == str(shown)
        home.groups.setFocus()
        press(Key.Key_Down if other == 2 else Key.Key_Up)
        qtbot.waitUntil(partial(lambda it, to: it.settings.last_group_id == to, program, other))
        program.window.close()


def test_an_open_meeting_is_gone_on_with(qtbot: QtBot, start: Start, data_dir: Path) -> None:
    village = Village(new_book(data_dir / "vsla.db")).form()
    village.meet()
    village.database.close()
    program = start(data_dir)
    reach(qtbot, program, "meeting")
    qtbot.waitUntil(lambda: program.window.header.title.text() == "Meeting 1")


def test_the_look_is_changed_in_the_middle_of_a_meeting(
    qtbot: QtBot, start: Start, data_dir: Path
) -> None:
    village = Village(new_book(data_dir / "vsla.db")).form()
    village.meet(present=True)
    village.database.close()
    program = start(data_dir)
    reach(qtbot, program, "meeting")
    qtbot.waitUntil(lambda: program.window.header.title.text() == "Meeting 1")
    old = program.window.page("meeting")  # the old page's rows listen no more, while it still is
    assert isinstance(old, MeetingPage)
    assert isinstance(old.part, SheetPage)
    old.part.go_to_cell(0, "shares")
    press("4")
    program.keep(replace(program.settings, text_percent=125))
    program.renew()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    page = program.window.page("meeting")
    assert isinstance(page, MeetingPage)
    presenter = page.presenter
    qtbot.waitUntil(lambda: _first_shares(presenter) == 4)
    presenter.go_to_closing()
    assert isinstance(page.part, ClosingPage)
    assert not program.window.messages.isVisible()


def test_a_damaged_book_has_a_page_with_what_to_do(
    qtbot: QtBot, start: Start, folder: Path
) -> None:
    program = start(folder)
    reach(qtbot, program, "home")
    program.window.close()
    (folder / "vsla.db").write_bytes(b"no book at all" * 1000)
    again = start(folder)
    qtbot.waitUntil(lambda: again.opening.trouble is not None)
    page = again.window.page("opening")
    assert isinstance(page, OpeningPage)
    assert page.accessibleName() == "The book can not be opened"
    assert list(page.buttons) == ["folder", "restore", "again", "last"]
    assert page.buttons["last"].hasFocus()
    assert nameless(again.window) == []
    press(Key.Key_Space)
    reach(qtbot, again, "home")
    assert again.group is not None
    assert again.group.name == "Twisungane"


def test_an_exercise_is_begun_again_where_it_began(
    qtbot: QtBot, start: Start, folder: Path
) -> None:
    program = start(folder)
    qtbot.waitUntil(lambda: program.book is not None)
    program.practise()
    qtbot.waitUntil(lambda: program.book is not None and program.book.is_practice, timeout=30_000)
    strip = exercises(program)
    qtbot.waitUntil(lambda: strip.presenter.exercise is not None)
    assert program.group is not None
    group_id = program.group.group_id
    with program.database.write() as session:
        counts = as_expected(session, group_id)
        day = program.clock.today()
        open_meeting(session, group_id, NewMeeting(day=day), counts=counts, clock=program.clock)
    strip.presenter.refresh()
    qtbot.waitUntil(lambda: strip.presenter.steps()[0].is_done)
    strip.again_button.click()
    qtbot.waitUntil(
        lambda: (
            program.window.findChild(PracticeStrip) not in {None, strip}
            and program.book is not None
        )
    )
    again = exercises(program)
    qtbot.waitUntil(lambda: again.presenter.exercise is not None)
    assert not again.presenter.steps()[0].is_done
    assert program.book is not None
    assert program.book.is_practice


def test_a_newer_book_is_refused(qtbot: QtBot, start: Start, folder: Path) -> None:
    with sqlite3.connect(folder / "vsla.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    program = start(folder)
    qtbot.waitUntil(lambda: program.opening.trouble is not None)
    assert program.opening.trouble is not None
    assert program.opening.trouble.message.text.startswith("A newer version of the program")
    assert cut_words(program.window) == []


def test_practising_is_striped_and_has_a_way_back(qtbot: QtBot, start: Start, folder: Path) -> None:
    program = start(folder)
    reach(qtbot, program, "home")
    program.practise()
    qtbot.waitUntil(lambda: program.book is not None and program.book.is_practice, timeout=30_000)
    assert program.window.stripes.isVisible()
    assert program.window.stripes.leave.isVisible()
    assert "sync" not in program.window.rail.buttons
    strip = exercises(program)
    qtbot.waitUntil(lambda: strip.presenter.exercise is not None)
    assert strip.isVisible()
    assert strip.choice.currentText() == "1  Roll call and fines"
    qtbot.waitUntil(lambda: cut_words(program.window) == [])  # once Home is laid out anew
    strip.hide_button.click()
    assert not strip.isVisible()
    program.window.stripes.exercises.click()
    assert strip.isVisible()
    QTest.mouseClick(program.window.stripes.leave, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: program.book is not None and not program.book.is_practice)
    reach(qtbot, program, "home")
    assert not program.window.stripes.exercises.isVisible()
    assert program.window.findChild(PracticeStrip) is None
    assert program.shell.state.group_name == "Twisungane"
    assert not program.window.stripes.isVisible()


def test_a_copy_is_brought_back(qtbot: QtBot, start: Start, folder: Path) -> None:
    program = start(folder)
    reach(qtbot, program, "home")
    program.window.close()
    [copy] = (folder / "backups").glob("vsla-*.db")
    again = start(folder)
    qtbot.waitUntil(lambda: again.book is not None)
    again.restore(copy)
    qtbot.waitUntil(lambda: again.book is not None and again.window.current_key == "home")
    assert len(list(folder.glob("vsla-before-*.db"))) == 1


def test_find_leads_to_the_members_from_any_page(qtbot: QtBot, start: Start, folder: Path) -> None:
    program = start(folder)
    reach(qtbot, program, "home")
    QTest.keyClick(program.window, Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    page = program.window.page("members")
    assert isinstance(page, MembersPage)
    qtbot.waitUntil(page.search.hasFocus)
    qtbot.waitUntil(lambda: page.presenter.row_count() == 5)
    press("auma", Key.Key_Return)
    qtbot.waitUntil(lambda: page.title == "2  Beatrice Auma")
    press(Key.Key_Escape)
    qtbot.waitUntil(lambda: page.title == "Members")


def test_the_cashbook_is_gone_through_by_keyboard(qtbot: QtBot, start: Start, folder: Path) -> None:
    program = start(folder)
    reach(qtbot, program, "home")
    program.shell.go_to("cashbook")
    page = program.window.page("cashbook")
    assert isinstance(page, CashbookPage)
    qtbot.waitUntil(lambda: page.list.model.rowCount() == 7)
    page.list.table.setFocus()
    press(Key.Key_Home, Key.Key_Down, Key.Key_Return)
    said = program.window.messages.sentence
    qtbot.waitUntil(lambda: said.text() == "Open a meeting first.")


ALL = ("home", "members", "cashbook", "sync", "settings", "new-group", "bring-books")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_f1_tells_every_key_of_every_page(
    qtbot: QtBot, start: Callable[..., Program], folder: Path, language: str
) -> None:
    program = start(folder, language=language, text_percent=150)
    reach(qtbot, program, "home")
    window = program.window
    for key in IN_RAIL:
        program.shell.go_to(key)
        qtbot.wait(150)
        page = window.page(key)
        assert page is not None
        told = {QKeySequence(hint.key).toString() for hint in keys_of(page)}
        shortcuts = {
            shortcut.key().toString()
            for shortcut in page.findChildren(QShortcut)
            if shortcut.isEnabled()
            and isinstance(on := shortcut.parent(), QWidget)
            and on.isVisible()
            and not shortcut.key().toString().startswith("Alt+")
        }
        assert shortcuts - told == set(), key
        window.toggle_key_card()
        QApplication.processEvents()
        card = window.key_card
        assert window.rect().contains(card.geometry()), key
        [area] = card.findChildren(QScrollArea)
        assert not area.verticalScrollBar().isVisible(), key
        assert cut_words(window) == [], key
        window.toggle_key_card()


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_is_whole_and_everything_on_it_has_a_name(
    qtbot: QtBot, start: Callable[..., Program], folder: Path, language: str, percent: int
) -> None:
    program = start(folder, language=language, text_percent=percent, currency="UGX")
    reach(qtbot, program, "home")
    for key in ALL:
        program.shell.go_to(key)
        # Also before what it shows has been read.
        assert program.window.minimumSizeHint().width() <= 1366, key
        qtbot.wait(150)
        program.window.resize(1366, 768)
        QApplication.processEvents()
        assert cut_words(program.window) == [], key
        assert nameless(program.window) == [], key
        assert (program.window.width(), program.window.height()) == (1366, 768), key
