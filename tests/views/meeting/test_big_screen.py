"""What the whole group sees, on a screen of its own or above the sheet."""

from __future__ import annotations

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.views.looks import cut_words
from tests.views.meeting.hall import CTRL, Hall, Key, open_by_keys, press
from vsla_desktop.views.big_screen import BigScreen, WallStrip
from vsla_desktop.views.pages.meeting_sheet import SheetPage


def shown_walls() -> list[QWidget]:
    tops = QApplication.topLevelWidgets()
    return [each for each in tops if isinstance(each, BigScreen) and each.isVisible()]


def test_the_big_screen_follows_until_escape(hall: Hall, qtbot: QtBot) -> None:
    open_by_keys(hall)
    press(Key.Key_F4)
    sheet = hall.sheet_page
    shares = sheet.sheet.column_of("shares")
    sheet.grid.table.go(1, shares)
    wall = BigScreen(sheet.followed)
    sheet.show_wall(wall)
    assert wall.name.text() == "2  Beatrice Auma"
    wall.resize(1366, 768)
    qtbot.wait(10)
    assert wall.name.font().pixelSize() >= 48
    sheet.sheet.enter(1, shares, "3")
    assert "3 = 1,500 UGX" in [each.text() for each in wall.findChildren(QLabel)]
    sheet.grid.table.go(2, shares)
    assert wall.name.text() == "3  Chantal Uwase"
    qtbot.wait(10)
    assert cut_words(wall) == []
    QTest.keyClick(wall, Key.Key_Escape)
    assert not shown_walls()
    assert sheet.wall is None


def has_strip(sheet: SheetPage) -> bool:
    return isinstance(sheet.wall, WallStrip)


def test_on_one_screen_the_sheet_stays_in_use_below_the_big_screen(
    hall: Hall, qtbot: QtBot
) -> None:
    open_by_keys(hall)
    press(Key.Key_F4)
    sheet = hall.sheet_page
    shares = sheet.sheet.column_of("shares")
    sheet.grid.table.go(1, shares)
    press(Key.Key_F11)
    wall = sheet.wall
    assert isinstance(wall, WallStrip)
    assert not shown_walls()
    assert sheet.grid.table.hasFocus()
    qtbot.waitUntil(lambda: wall.name.font().pixelSize() >= 40)
    assert wall.height() * 2 < sheet.height()
    press("3", Key.Key_Return)
    assert wall.name.text() == "3  Chantal Uwase"
    sheet.grid.table.go(1, shares)
    qtbot.waitUntil(lambda: wall.name.text() == "2  Beatrice Auma")
    assert "3 = 1,500 UGX" in [each.text() for each in wall.findChildren(QLabel)]
    qtbot.wait(10)
    assert cut_words(wall) == []
    press("9", Key.Key_Escape)  # while typing it takes back what is typed
    assert has_strip(sheet)
    press(Key.Key_Escape)
    assert not has_strip(sheet)
    assert sheet.grid.table.hasFocus()
    press(Key.Key_B, modifier=CTRL)
    assert has_strip(sheet)
    press(Key.Key_F11)
    assert not has_strip(sheet)
