"""Counting a purse by note and coin, with the keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.views.looks import nameless
from tests.views.paper import PaperPurse
from vsla_desktop.views.widgets.counter import DenominationCounter


def shown(qtbot: QtBot, purse: PaperPurse) -> DenominationCounter:
    counter = DenominationCounter(purse, "Closing count")
    qtbot.addWidget(counter)
    counter.show()
    counter.activateWindow()
    qtbot.waitUntil(counter.isActiveWindow)
    counter.editors[0].setFocus()
    return counter


def test_enter_goes_from_note_to_note_and_the_total_follows(qtbot: QtBot) -> None:
    purse = PaperPurse(expected=160_000)
    counter = shown(qtbot, purse)
    QTest.keyClicks(counter.editors[0], "2")
    QTest.keyClick(counter.editors[0], Qt.Key.Key_Return)
    assert QApplication.focusWidget() is counter.editors[1]
    QTest.keyClicks(counter.editors[1], "3")
    QTest.keyClick(counter.editors[1], Qt.Key.Key_Up)
    assert QApplication.focusWidget() is counter.editors[0]
    assert purse.counts[:2] == ["2", "3"]
    assert counter.total.text() == "160,000"
    assert counter.difference.text() == "The box agrees with the book."


def test_the_difference_is_told_in_words(qtbot: QtBot) -> None:
    purse = PaperPurse(expected=60_000)
    counter = shown(qtbot, purse)
    QTest.keyClicks(counter.editors[0], "1")
    QTest.keyClick(counter.editors[0], Qt.Key.Key_Return)
    assert counter.difference.text() == "10,000 less than the book says."


def test_what_is_no_count_is_kept_and_told(qtbot: QtBot) -> None:
    purse = PaperPurse()
    counter = shown(qtbot, purse)
    QTest.keyClicks(counter.editors[0], "two")
    QTest.keyClick(counter.editors[0], Qt.Key.Key_Return)
    assert counter.editors[0].text() == "two"
    assert counter.message.text() == "50,000: Type how many there are."


def test_escape_puts_back_the_count(qtbot: QtBot) -> None:
    purse = PaperPurse()
    purse.enter(0, "4")
    counter = shown(qtbot, purse)
    QTest.keyClicks(counter.editors[0], "9")
    QTest.keyClick(counter.editors[0], Qt.Key.Key_Escape)
    assert counter.editors[0].text() == "4"
    assert purse.counts[0] == "4"


def test_every_field_is_named_by_its_note(qtbot: QtBot) -> None:
    counter = shown(qtbot, PaperPurse())
    assert nameless(counter) == []
    assert counter.editors[0].accessibleName() == "How many of 50,000"
