"""The sheet, by the keys a person presses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.views.paper import (
    ATTENDANCE,
    FINE,
    NAME,
    PURPOSE,
    REPAID,
    SAVINGS,
    SHARES,
    SOCIAL,
    PaperSheet,
)
from vsla_desktop.presenters.grid import CellState
from vsla_desktop.views.widgets.grid import GridTable
from vsla_desktop.views.widgets.grid_model import GridModel

Key = Qt.Key
Press = Callable[..., None]


@pytest.fixture
def sheet() -> PaperSheet:
    return PaperSheet(rows=6)


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    page = QWidget()
    qtbot.addWidget(page)
    return page


@pytest.fixture
def grid(qtbot: QtBot, page: QWidget, sheet: PaperSheet) -> GridTable:
    box = QVBoxLayout(page)
    grid = GridTable(sheet, "Meeting sheet")
    box.addWidget(grid)
    box.addWidget(QPushButton("After"))
    page.resize(1366, 768)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    grid.setFocus()
    return grid


@pytest.fixture
def press(grid: GridTable) -> Press:
    """Press keys where the keyboard is, as a person does: text, or one key."""

    def press(
        *what: str | Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        for item in what:
            target = QApplication.focusWidget()
            assert target is not None
            if isinstance(item, str):
                for letter in item:
                    QTest.keyClicks(QApplication.focusWidget() or target, letter)
            else:
                QTest.keyClick(target, item, modifier)

    assert grid.table.hasFocus()
    return press


def at(grid: GridTable) -> tuple[int, int]:
    return grid.table.position()


def test_the_model_keeps_qt_rules_through_every_kind_of_change() -> None:
    sheet = PaperSheet(rows=3)
    model = GridModel(sheet)
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    sheet.enter(0, SHARES, "3")
    sheet.fill_usual(SOCIAL)
    sheet.add_member("Nora Achan")
    assert model.rowCount() == 4
    assert tester.model() is model


def test_focus_begins_in_the_first_cell_that_takes_something(grid: GridTable) -> None:
    assert at(grid) == (0, ATTENDANCE)


def test_enter_goes_down_and_from_the_bottom_to_the_top_of_the_next_column(
    grid: GridTable, sheet: PaperSheet, press: Press
) -> None:
    grid.table.go(4, SOCIAL)
    press("1000", Key.Key_Return, "500", Key.Key_Return)
    assert at(grid) == (0, SHARES)
    assert sheet.entered == [(4, SOCIAL, "1000"), (5, SOCIAL, "500")]


def test_enter_skips_the_columns_and_cells_that_take_nothing(grid: GridTable, press: Press) -> None:
    grid.table.go(5, SHARES)
    press("2", Key.Key_Return)
    assert at(grid) == (0, FINE)
    grid.table.go(5, FINE)
    press(Key.Key_Return)
    assert at(grid) == (1, REPAID)
    press(Key.Key_Return)
    assert at(grid) == (3, REPAID)


def test_enter_in_the_last_cell_says_that_the_sheet_is_done(
    qtbot: QtBot, grid: GridTable, press: Press
) -> None:
    grid.table.go(5, PURPOSE)
    with qtbot.waitSignal(grid.finished, timeout=1000):
        press(Key.Key_Return)
    assert at(grid) == (5, PURPOSE)


def test_shift_enter_goes_back_up(grid: GridTable, press: Press) -> None:
    grid.table.go(0, SHARES)
    press(Key.Key_Return, modifier=Qt.KeyboardModifier.ShiftModifier)
    assert at(grid) == (5, SOCIAL)


def test_tab_goes_right_past_what_takes_nothing_and_on_to_the_next_row(
    grid: GridTable, sheet: PaperSheet, press: Press
) -> None:
    grid.table.go(0, SHARES)
    press("4", Key.Key_Tab)
    assert sheet.typed[0, SHARES] == "4"
    assert at(grid) == (0, FINE)
    press(Key.Key_Tab)
    assert at(grid) == (0, PURPOSE)
    press(Key.Key_Tab)
    assert at(grid) == (1, ATTENDANCE)
    press(Key.Key_Backtab)
    assert at(grid) == (0, PURPOSE)


def test_tab_leaves_the_sheet_at_its_end(grid: GridTable, press: Press) -> None:
    grid.table.go(5, PURPOSE)
    press(Key.Key_Tab)
    focused = QApplication.focusWidget()
    assert isinstance(focused, QPushButton)
    assert focused.text() == "After"


def test_arrows_skip_what_takes_nothing(grid: GridTable, press: Press) -> None:
    grid.table.go(1, REPAID)
    press(Key.Key_Down)
    assert at(grid) == (3, REPAID)
    press(Key.Key_Up)
    assert at(grid) == (1, REPAID)
    grid.table.go(0, SHARES)
    press(Key.Key_Right)
    assert at(grid) == (0, FINE)
    press(Key.Key_Home)
    assert at(grid) == (0, ATTENDANCE)


def test_typing_replaces_and_f2_changes(grid: GridTable, sheet: PaperSheet, press: Press) -> None:
    sheet.enter(0, SOCIAL, "1000")
    grid.table.go(0, SOCIAL)
    press("7", Key.Key_Return)
    assert sheet.typed[0, SOCIAL] == "7"
    grid.table.go(0, SOCIAL)
    press(Key.Key_F2)
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    assert editor.text() == "7"


def test_the_editor_holds_what_was_typed_not_how_it_is_shown(
    grid: GridTable, sheet: PaperSheet, press: Press
) -> None:
    sheet.enter(0, SOCIAL, "12000")
    assert sheet.cell(0, SOCIAL).text == "12,000"
    grid.table.go(0, SOCIAL)
    press(Key.Key_F2)
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    assert editor.text() == "12000"


def test_escape_puts_back_what_was_there(grid: GridTable, sheet: PaperSheet, press: Press) -> None:
    sheet.enter(0, SHARES, "3")
    grid.table.go(0, SHARES)
    press("5", Key.Key_Escape)
    assert sheet.typed[0, SHARES] == "3"
    press("9", Key.Key_Return)
    assert sheet.cell(0, SHARES).state is CellState.IMPOSSIBLE
    grid.table.go(0, SHARES)
    press(Key.Key_Escape)
    assert sheet.typed[0, SHARES] == "3"


def test_space_and_first_letters_call_the_roll(sheet: PaperSheet, press: Press) -> None:
    press(Key.Key_Space)
    assert sheet.cell(0, ATTENDANCE).text == "Present"
    press(Key.Key_Space)
    assert sheet.cell(0, ATTENDANCE).text == "Late"
    press("a")
    assert sheet.cell(0, ATTENDANCE).text == "Absent"


def test_ctrl_d_copies_the_cell_above(grid: GridTable, sheet: PaperSheet, press: Press) -> None:
    sheet.enter(0, SHARES, "4")
    grid.table.go(1, SHARES)
    press(Key.Key_D, modifier=Qt.KeyboardModifier.ControlModifier)
    assert sheet.typed[1, SHARES] == "4"


def test_f4_fills_the_usual_amount_for_all_present(
    grid: GridTable, sheet: PaperSheet, press: Press
) -> None:
    for row, roll in enumerate("ppla"):
        sheet.enter(row, ATTENDANCE, roll)
    sheet.enter(1, SOCIAL, "300")
    grid.table.go(0, SOCIAL)
    press(Key.Key_F4)
    assert [sheet.typed.get((row, SOCIAL)) for row in range(5)] == [
        "1000",
        "300",
        "1000",
        None,
        None,
    ]


def test_an_impossible_cell_keeps_its_text_and_traps_nobody(
    grid: GridTable, sheet: PaperSheet, press: Press
) -> None:
    grid.table.go(2, SHARES)
    press("12", Key.Key_Return)
    assert at(grid) == (3, SHARES)
    assert sheet.cell(2, SHARES).text == "12"
    assert grid.sentence.text() == "3 Christine Auma · Shares: Buy at most 5 shares."
    assert grid.problem_count.text() == "1 cell to fix   F8"
    press(Key.Key_F8)
    assert at(grid) == (2, SHARES)
    press("5", Key.Key_Return)
    assert grid.sentence.text() == ""
    assert grid.problem_count.text() == ""


def test_no_character_is_swallowed(grid: GridTable, sheet: PaperSheet, press: Press) -> None:
    grid.table.go(0, SOCIAL)
    press("1o0 x", Key.Key_Return)
    assert sheet.typed[0, SOCIAL] == "1o0 x"
    assert sheet.cell(0, SOCIAL).state is CellState.IMPOSSIBLE


def test_an_unlikely_cell_asks_and_enter_again_accepts(
    grid: GridTable, sheet: PaperSheet, press: Press
) -> None:
    grid.table.go(1, REPAID)
    press("350000", Key.Key_Return)
    assert at(grid) == (1, REPAID)
    assert "Right? Press Enter again" in grid.sentence.text()
    press(Key.Key_Return)
    assert sheet.cell(1, REPAID).state is CellState.FINE
    assert at(grid) == (3, REPAID)


def test_an_unlikely_cell_can_be_left_by_any_other_key(
    grid: GridTable, sheet: PaperSheet, press: Press
) -> None:
    grid.table.go(1, REPAID)
    press("350000", Key.Key_Tab)
    assert at(grid) == (1, PURPOSE)
    assert sheet.cell(1, REPAID).state is CellState.UNLIKELY


def test_clicking_elsewhere_hands_the_cell_over(
    grid: GridTable, sheet: PaperSheet, press: Press
) -> None:
    grid.table.go(0, SHARES)
    press("3")
    there = grid.table.visualRect(grid.model.index(2, FINE)).center()
    QTest.mouseClick(grid.table.viewport(), Qt.MouseButton.LeftButton, pos=there)
    assert sheet.typed[0, SHARES] == "3"
    assert at(grid) == (2, FINE)


def test_closing_hands_over_the_cell_being_typed_in(
    grid: GridTable, sheet: PaperSheet, press: Press
) -> None:
    grid.table.go(0, SHARES)
    press("3")
    grid.hand_over()
    assert sheet.typed[0, SHARES] == "3"


def test_a_cell_left_unchanged_is_not_entered_again(
    grid: GridTable, sheet: PaperSheet, press: Press
) -> None:
    sheet.enter(0, SHARES, "3")
    sheet.entered.clear()
    grid.table.go(0, SHARES)
    press(Key.Key_F2, Key.Key_Return, Key.Key_Return)
    assert sheet.entered == []


def test_a_choice_is_picked_from_its_list(grid: GridTable, sheet: PaperSheet, press: Press) -> None:
    grid.table.go(0, PURPOSE)
    press(Key.Key_F2, Key.Key_Down, Key.Key_Down, Key.Key_Return)
    assert sheet.typed[0, PURPOSE] == "School"


def test_a_member_is_found_by_number_or_name(grid: GridTable) -> None:
    grid.table.go(0, SHARES)
    assert grid.go_to_member("4")
    assert at(grid) == (3, SHARES)
    assert grid.go_to_member("esther")
    assert at(grid) == (4, SHARES)
    assert not grid.go_to_member("nobody")
    assert at(grid) == (4, SHARES)


def test_a_zero_is_a_dot(grid: GridTable, sheet: PaperSheet) -> None:
    sheet.enter(0, SOCIAL, "0")
    assert grid.model.index(0, SOCIAL).data() == "·"


def test_every_cell_is_told_with_its_member_its_column_and_what_is_wrong(
    grid: GridTable, sheet: PaperSheet
) -> None:
    sheet.enter(2, SHARES, "9")
    spoken = grid.model.index(2, SHARES).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "3 Christine Auma, Shares: 9. Buy at most 5 shares."
    interface = QAccessible.queryAccessibleInterface(grid.table)
    assert interface.text(QAccessible.Text.Name) == "Meeting sheet"
    assert "Shares 0" in grid.totals.accessibleName()


def test_totals_and_names_stay_with_their_rows_and_columns(
    grid: GridTable, sheet: PaperSheet
) -> None:
    sheet.enter(0, SHARES, "3")
    assert "Savings 15,000" in grid.totals.accessibleName()
    assert not grid.frozen.isColumnHidden(NAME)
    assert grid.table.isColumnHidden(NAME)
    assert not grid.table.isColumnHidden(SAVINGS)
    for row in range(6):
        assert grid.frozen.rowViewportPosition(row) == grid.table.rowViewportPosition(row)


def test_a_new_member_appears_and_the_others_stay(grid: GridTable, sheet: PaperSheet) -> None:
    sheet.add_member("Nora Achan")
    assert grid.model.rowCount() == 7
    assert grid.table.go(6, SHARES)
