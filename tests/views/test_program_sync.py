"""The whole program and a real head office: it sends by itself, and a new laptop fills itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.db.books import new_book
from tests.presenters.book_of_group import after_one_meeting
from tests.services.village import Village
from tests.sync.laptop import CHEAP, PASSPHRASE, keep, read, run
from vsla_desktop import db, sync
from vsla_desktop.app import Options, Program
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.presenters.first_start import Beginning
from vsla_desktop.presenters.shell import SyncStage
from vsla_desktop.settings import DataFolder, Settings, load_settings, save_settings
from vsla_desktop.views.pages.filling import FillingPage
from vsla_desktop.views.pages.first_start import FirstStartPage
from vsla_desktop.views.pages.home import HomePage
from vsla_desktop.views.pages.settings import SettingsPage

NOW = datetime(2026, 1, 6, 9)  # noqa: DTZ001 - the books keep UTC without a zone
PATIENCE = 30_000  # milliseconds
Start = Callable[[Path], Program]


@pytest.fixture
def start(qapp: QApplication) -> Iterator[Start]:
    programs: list[Program] = []

    def started(folder: Path) -> Program:
        data = DataFolder(folder)
        save_settings(data, Settings(window_width=1366, window_height=768))
        program = Program(qapp, Options(data), FixedClock(NOW))
        programs.append(program)
        program.start()
        return program

    yield started
    for program in programs:
        program.window.close()
        program.window.deleteLater()
        program.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def known_laptop(folder: Path, central: Database, **rights: Any) -> None:
    """Make the book of a group that has met, on a laptop that head office knows."""
    folder.mkdir()
    book = new_book(folder / "vsla.db")
    after_one_meeting(Village(book))
    book.close()
    keep(sync.enrol_device(central, "Kayunga 1", **rights), folder)


def wait_for_home(qtbot: QtBot, program: Program) -> None:
    def is_home() -> bool:
        return program.group is not None and program.window.current_key == "home"

    qtbot.waitUntil(is_home, timeout=PATIENCE)


def test_the_program_sends_by_itself_and_shows_what_came(
    qtbot: QtBot, start: Start, central: Database, tmp_path: Path
) -> None:
    known_laptop(tmp_path / "one", central)
    program = start(tmp_path / "one")
    wait_for_home(qtbot, program)
    program.auto.look()  # the clock would do so in a moment

    def is_sent() -> bool:
        return program.shell.state.sync.stage is SyncStage.SENT

    qtbot.waitUntil(is_sent, timeout=PATIENCE)
    assert read(central, "SELECT count(*) FROM group_members") == [(5,)]
    assert not program.window.busy.isVisible()
    run(central, "UPDATE savings_groups SET name = 'Renamed there'")
    program.auto.soon()

    def is_renamed() -> bool:
        return program.book is not None and program.book.groups[0].name == "Renamed there"

    qtbot.waitUntil(is_renamed, timeout=PATIENCE)
    assert program.window.current_key == "home"


def test_where_something_is_entered_it_says_that_another_laptop_writes_the_book(
    qtbot: QtBot, start: Start, central: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    known_laptop(folder, central, groups=[])
    program = start(folder)
    wait_for_home(qtbot, program)
    window = program.window
    program.auto.look()
    qtbot.waitUntil(lambda: bool(read(central, "SELECT 1 FROM sync.assignment")), timeout=PATIENCE)
    for written_here in ("false", "true"):
        run(central, f"UPDATE sync.assignment SET writable = {written_here}")  # noqa: S608
        qtbot.waitUntil(lambda: not program.auto.is_running, timeout=PATIENCE)
        program.auto.soon()
        only_reads = written_here == "false"

        def is_known(expected: bool = only_reads) -> bool:  # noqa: FBT001
            return program.shell.state.only_read == expected

        qtbot.waitUntil(is_known, timeout=PATIENCE)
        for key, enters in (("members", True), ("reports", False), ("cashbook", True)):
            window.open_page(key)
            assert window.only_read.isVisible() == (only_reads and enters)


def test_it_is_switched_off_in_settings_for_good(
    qtbot: QtBot, start: Start, central: Database, tmp_path: Path
) -> None:
    known_laptop(tmp_path / "one", central)
    program = start(tmp_path / "one")
    wait_for_home(qtbot, program)
    program.shell.go_to("settings")
    page = program.window.page("settings")
    assert isinstance(page, SettingsPage)
    assert page.sync.isChecked()
    page.sync.setFocus()
    QTest.keyClick(page.sync, Qt.Key.Key_Space)
    assert not load_settings(program.folder).sync_by_itself
    program.auto.soon()
    assert not program.auto.is_running
    assert read(central, "SELECT count(*) FROM group_members") == [(0,)]


def test_a_new_laptop_is_enrolled_on_the_first_screen_and_fills_itself(
    qtbot: QtBot, start: Start, central: Database, tmp_path: Path
) -> None:
    known_laptop(tmp_path / "one", central)
    first = db.open_database(tmp_path / "one" / "vsla.db")
    sync.run(first, tmp_path / "one")
    first.close()
    given = sync.enrol_device(central, "Kayunga 2")
    code = sync.hand_over(given, tmp_path / "two.json", cost=CHEAP)

    program = start(tmp_path / "two")
    window = program.window
    qtbot.waitUntil(lambda: window.current_key == "first-start", timeout=PATIENCE)
    page = window.page("first-start")
    assert isinstance(page, FirstStartPage)
    page.buttons[Beginning.HEAD_OFFICE].setFocus()
    QTest.keyClick(page.buttons[Beginning.HEAD_OFFICE], Qt.Key.Key_Space)
    filling = window.page("filling")
    assert isinstance(filling, FillingPage)
    filling.presenter.enrolling.choose(tmp_path / "two.json")
    qtbot.waitUntil(lambda: filling.panel is not None, timeout=PATIENCE)
    for words in (code, PASSPHRASE, PASSPHRASE):
        editor = QApplication.focusWidget()
        assert isinstance(editor, QLineEdit)
        QTest.keyClicks(editor, words)
        QTest.keyClick(editor, Qt.Key.Key_Return)
    wait_for_home(qtbot, program)
    assert program.shell.state.group_name == "Twisungane"
    home = window.page("home")
    assert isinstance(home, HomePage)
    qtbot.waitUntil(lambda: "members" in home.cards, timeout=PATIENCE)
    assert home.cards["members"].figure.text() == "5"
    assert "sync" in window.rail.buttons
