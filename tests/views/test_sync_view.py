"""The page about head office, with the keys a person presses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.db.books import new_book
from tests.presenters.book_of_group import Ear, after_one_meeting
from tests.services.village import Village
from tests.sync.laptop import CHEAP, PASSPHRASE, keep, read, run
from tests.views.looks import cut_words, nameless
from vsla_desktop import sync
from vsla_desktop.db import Database
from vsla_desktop.presenters.auto_sync import AutoSync
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.sync_page import SyncPresenter, SyncTab
from vsla_desktop.views.pages.filling import FillingPage
from vsla_desktop.views.pages.sync import SyncPage

NOTHING = Qt.KeyboardModifier.NoModifier
AMINA = "SELECT phone_number FROM group_members WHERE first_name = 'Amina'"


@pytest.fixture
def met(data_dir: Path) -> Iterator[Village]:
    opened = new_book(data_dir / "vsla.db")
    yield after_one_meeting(Village(opened))
    opened.close()


def shown(qtbot: QtBot, met: Village, folder: Path) -> SyncPage:
    ear = Ear()
    auto = AutoSync(InlineRunner(), ear.shell, met.clock, is_on=lambda: True)
    auto.open(met.database, folder)
    page = SyncPage(
        SyncPresenter(met.database, folder, InlineRunner(), ear.shell, auto=auto, clock=met.clock)
    )
    qtbot.addWidget(page)
    page.resize(1366, 700)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.came_into_sight()
    return page


def press(page: QWidget, key: Qt.Key, held: Qt.KeyboardModifier = NOTHING) -> None:
    QTest.keyClick(QApplication.focusWidget() or page, key, held)
    QApplication.processEvents()


def test_a_value_is_settled_undone_and_settled_again_by_keyboard(
    qtbot: QtBot, met: Village, central: Database, data_dir: Path
) -> None:
    keep(sync.enrol_device(central, "Kayunga 1"), data_dir)
    page = shown(qtbot, met, data_dir)
    press(page, Qt.Key.Key_F10)  # send
    change = "UPDATE group_members SET phone_number = '{}' WHERE first_name = 'Amina'"
    run(central, change.format("0773 2"))
    with met.database.connection(writes=True) as connection:
        connection.exec_driver_sql(change.format("0772 1"))
    press(page, Qt.Key.Key_F10)
    press(page, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert page.tabs.currentIndex() == 1
    assert page.settle.list.table.hasFocus()
    press(page, Qt.Key.Key_Return)  # to the choices
    press(page, Qt.Key.Key_Down)  # mine
    press(page, Qt.Key.Key_Return)
    assert page.presenter.conflicts.row_count() == 0
    press(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.presenter.conflicts.row_count() == 1
    page.settle.list.setFocus()
    press(page, Qt.Key.Key_Return)
    press(page, Qt.Key.Key_Down)
    press(page, Qt.Key.Key_Down)  # another value
    press(page, Qt.Key.Key_Return)
    assert isinstance(page.window().focusWidget(), QLineEdit)
    QTest.keyClicks(page.window().focusWidget(), "0774 5")
    press(page, Qt.Key.Key_F10)
    assert page.presenter.conflicts.row_count() == 0
    press(page, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    press(page, Qt.Key.Key_F10)
    assert read(central, AMINA) == [("0774 5",)]
    assert page.tabs.currentIndex() == 0
    assert not page.undo.isVisible()


def test_escape_goes_back_from_the_choices_to_the_list(
    qtbot: QtBot, met: Village, data_dir: Path
) -> None:
    with met.database.connection(writes=True) as connection:
        connection.exec_driver_sql(
            "INSERT INTO sync_conflict (n, tbl, su, kind, col, mine, theirs, found_at)"
            " SELECT 1, 'group_members', su, 'changed', 'phone_number', '1', '2', 'now'"
            " FROM sync_idmap WHERE tbl = 10 AND local_id < 4"
        )
    page = shown(qtbot, met, data_dir)
    press(page, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    press(page, Qt.Key.Key_Down)
    assert page.presenter.conflicts.place() == 1
    press(page, Qt.Key.Key_Return)
    press(page, Qt.Key.Key_Escape)
    assert page.settle.list.table.hasFocus()
    assert page.presenter.conflicts.row_count() == 3


def test_a_laptop_is_enrolled_by_keyboard_and_no_passphrase_is_seen(
    qtbot: QtBot, met: Village, data_dir: Path, central: Database
) -> None:
    code = sync.hand_over(sync.enrol_device(central, "Kayunga 1"), data_dir / "k.json", cost=CHEAP)
    page = shown(qtbot, met, data_dir)
    assert page.enrol_first.isVisible()
    page.presenter.enrolling.choose(data_dir / "k.json")
    panel = page.enrol_panel
    assert panel is not None
    assert not page.enrol_first.isVisible()
    for key in ("passphrase", "again"):
        editor = panel.form.editor(key)
        assert isinstance(editor, QLineEdit)
        assert editor.echoMode() is QLineEdit.EchoMode.Password
    assert panel.form.editor("code").hasFocus()
    for words in (code, PASSPHRASE, PASSPHRASE):
        QTest.keyClicks(page.window().focusWidget(), words)
        press(page, Qt.Key.Key_Return)
    assert page.enrol_panel is None
    assert page.send.isVisible()
    # It met head office at once.
    assert read(central, "SELECT count(*) FROM savings_groups") == [(1,)]


@pytest.mark.parametrize("tab", list(SyncTab))
def test_every_part_is_whole_and_everything_on_it_has_a_name(
    qtbot: QtBot, met: Village, central: Database, data_dir: Path, tab: SyncTab
) -> None:
    keep(sync.enrol_device(central, "Kayunga 1"), data_dir)
    page = shown(qtbot, met, data_dir)
    page.presenter.turn_to(tab)
    QApplication.processEvents()
    assert cut_words(page) == []
    assert nameless(page) == []


def test_a_new_laptop_is_asked_for_its_file(qtbot: QtBot, book: Database, data_dir: Path) -> None:
    from vsla_desktop.clock import SystemClock
    from vsla_desktop.presenters.filling import FillingPresenter

    ear = Ear()
    auto = AutoSync(InlineRunner(), ear.shell, SystemClock(), is_on=lambda: True)
    auto.open(book, data_dir)
    page = FillingPage(FillingPresenter(lambda: book, data_dir, InlineRunner(), ear.shell, auto))
    qtbot.addWidget(page)
    page.resize(1366, 700)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.came_into_sight()
    assert page.sentence.text() == "Open the file that head office gave you."
    assert page.choose.isVisible()
    assert not page.go_on.isVisible()
    assert cut_words(page) == []
    assert nameless(page) == []
    press(page, Qt.Key.Key_Escape)
    assert ear.pages == ["first-start"]
