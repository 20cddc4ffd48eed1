"""The sheet and the other steps of an open meeting, by keys."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.services.village import Village
from tests.views.meeting.hall import CTRL, Hall, Key, open_by_keys, press
from vsla_desktop.presenters.meeting_columns import Step
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.services.members import NewMember, add_member


def test_thirteen_members_are_in_sight_on_a_small_screen(qtbot: QtBot, village: Village) -> None:
    with village.at_work() as session:
        for number in range(6, 23):
            new = NewMember(first_name="Grace", last_name="Aku", gender="F", number=number)
            add_member(session, village.group_id, new, clock=village.clock)
    hall = Hall(qtbot, village, InlineRunner())
    open_by_keys(hall)
    table = hall.sheet_page.grid.table
    assert hall.sheet_page.sheet.row_count() == 22
    assert table.rowHeight(12) == 36
    assert table.rowViewportPosition(12) + table.rowHeight(12) <= table.viewport().height()


def test_steps_are_turned_by_keys_and_the_keyboard_goes_along(hall: Hall) -> None:
    open_by_keys(hall)
    press(Key.Key_PageDown, modifier=CTRL)
    assert hall.step() is Step.ROLL_CALL
    press("l")
    assert hall.sheet_page.sheet.cell(0, 2).text == "Late"
    press(Key.Key_PageUp, modifier=CTRL)
    press(Key.Key_PageUp, modifier=CTRL)
    assert hall.step() is Step.NOTES
    press("Meet at nine.")
    press(Key.Key_PageUp, modifier=CTRL)
    assert hall.presenter.notes is not None
    assert hall.presenter.notes.decisions == "Meet at nine."


def test_an_expense_is_entered_by_keys(hall: Hall) -> None:
    open_by_keys(hall)
    hall.sheet_page.sheet.fill_usual(hall.sheet_page.sheet.column_of("attendance"))
    hall.sheet_page.sheet.fill_usual(hall.sheet_page.sheet.column_of("shares"))
    hall.sheet_page.sheet.show_step(Step.OTHER_MONEY)
    hall.sheet_page.other.kind.setFocus()
    press(Key.Key_Tab, Key.Key_Tab, "900", Key.Key_Return, "Pens", Key.Key_Return)
    other = hall.presenter.other
    assert other is not None
    assert other.problems == {}
    assert [(line.what, line.amount, line.words) for line in other.lines()] == [
        ("Expense", "900", "Pens")
    ]
    assert hall.sheet_page.other.kind.hasFocus()


def test_a_member_is_found_with_ctrl_f(hall: Hall) -> None:
    open_by_keys(hall)
    press(Key.Key_F, modifier=CTRL)
    press("wanj", Key.Key_Return)
    assert hall.sheet_page.grid.table.position()[0] == 4
    assert hall.sheet_page.grid.table.hasFocus()


def test_what_is_being_typed_is_in_the_book_when_the_window_closes(hall: Hall) -> None:
    open_by_keys(hall)
    hall.sheet_page.go_to_cell(0, "shares")
    press("4")
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    hall.window.close()
    sheet = hall.presenter.sheet
    assert sheet is not None
    assert sheet.book.sheet.rows[0].shares == 4


def test_a_vote_is_added_and_taken_by_keys(hall: Hall) -> None:
    open_by_keys(hall)
    press(Key.Key_F4)
    hall.sheet_page.sheet.show_step(Step.ACTIVITIES)
    view = hall.sheet_page.activities
    view.name.setFocus()
    press("A new box", Key.Key_Return)
    assert view.hands[0].hasFocus()
    press(Key.Key_Return)
    assert view.grid.table.hasFocus()
    press("f", Key.Key_Return, "a", Key.Key_Return, "n")
    assert view.presenter.result().startswith("For 1 · against 1 · neither 1")
    view.name.setFocus()
    press("A goat", Key.Key_Return, "4", Key.Key_Return, "1", Key.Key_Return, Key.Key_Return)
    assert view.presenter.result().startswith("For 4 · against 1")
    assert view.name.text() == ""
