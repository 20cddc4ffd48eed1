"""Taking back what was entered at the open meeting, with one key."""

from __future__ import annotations

from tests.views.meeting.hall import CTRL, Hall, Key, open_by_keys, press


def test_the_last_entry_is_taken_back_with_one_key_wherever_it_was_made(hall: Hall) -> None:
    open_by_keys(hall)
    press(Key.Key_F4)
    sheet = hall.sheet_page
    shares = sheet.sheet.column_of("shares")
    sheet.grid.table.go(0, shares)
    press("3", Key.Key_Return, "2", Key.Key_Return)
    hall.settle()
    assert [row.shares for row in sheet.sheet.book.sheet.rows[:2]] == [3, 2]
    press(Key.Key_Z, modifier=CTRL)
    hall.settle()
    assert [row.shares for row in sheet.sheet.book.sheet.rows[:2]] == [3, 0]
    press(Key.Key_PageDown, modifier=CTRL)
    press(Key.Key_Z, modifier=CTRL)
    hall.settle()
    assert [row.shares for row in sheet.sheet.book.sheet.rows[:2]] == [0, 0]
    assert hall.window.messages.sentence.text().startswith("Undone: ")
