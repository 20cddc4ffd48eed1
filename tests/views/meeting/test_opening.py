"""Before a meeting, by keys: planning it, and the opening count."""

from __future__ import annotations

from tests.views.meeting.hall import Hall, Key, press
from vsla_desktop.presenters.meeting import Stage
from vsla_desktop.views.pages.meeting_closing import ClosingPage
from vsla_desktop.views.pages.meeting_opening import BeforePage, OpeningCountPage


def test_the_keyboard_goes_where_a_count_is_not_right_yet(hall: Hall) -> None:
    hall.reach(Stage.BEFORE)
    press(Key.Key_F10)
    hall.reach(Stage.OPENING_COUNT)
    page = hall.part
    assert isinstance(page, OpeningCountPage)
    first = page.cards[0]
    press("x", Key.Key_Return, "1", Key.Key_F10)
    assert first.counter.editors[0].hasFocus()
    assert page.sentence.property("role") == "error"
    press(Key.Key_Delete, Key.Key_F10)
    assert first.reason.hasFocus()
    assert page.sentence.text() == "Loan fund: Say why the count differs."
    press("Left from training", Key.Key_F10)
    hall.reach(Stage.SHEET)
    press(Key.Key_F4, Key.Key_F10)
    hall.reach(Stage.CLOSING)
    closing = hall.part
    assert isinstance(closing, ClosingPage)
    press(Key.Key_F10)
    assert closing.cards[0].counter.editors[0].hasFocus()
    press(Key.Key_Return, "1", Key.Key_F10)
    assert closing.announced.hasFocus()
    press(Key.Key_Space, Key.Key_F10)
    hall.reach(Stage.SLIP)


def test_the_next_meeting_is_moved_by_keys(hall: Hall) -> None:
    hall.reach(Stage.BEFORE)
    part = hall.part
    assert isinstance(part, BeforePage)
    assert part.plan is not None
    part.plan.open_button.setFocus()
    press(Key.Key_Space)
    assert part.plan.reason.hasFocus()
    press("Rain", Key.Key_Return, "9/1/2026", Key.Key_Return)
    part = hall.part
    assert isinstance(part, BeforePage)
    assert part.day.text() == "9 Jan 2026"
    assert part.plan is not None
    assert part.plan.presenter.lines() == ["Meeting 1, 5 Jan 2026: moved to 9 Jan 2026. Rain"]


def test_a_special_meeting_is_planned_and_held_by_keys(hall: Hall) -> None:
    hall.reach(Stage.BEFORE)
    part = hall.part
    assert isinstance(part, BeforePage)
    assert part.plan is not None
    part.plan.plan_button.setFocus()
    press(Key.Key_Space)
    assert part.plan.kind.hasFocus()
    press(Key.Key_Tab, "8/1/2026", Key.Key_Return, "The school", Key.Key_Return)
    press("Choose a treasurer", Key.Key_Return)
    part = hall.part
    assert isinstance(part, BeforePage)
    assert part.plan is not None
    words = "Special, 8 Jan 2026: planned. The school. Choose a treasurer."
    assert part.plan.presenter.lines() == [words]
    assert part.plan.hold_buttons[0].accessibleName() == f"Hold it now: {words}"
    part.plan.change_buttons[0].setFocus()
    press(Key.Key_Space)
    assert part.plan.subject.text() == "Special, Thursday 8 January 2026"
    press("Rain", Key.Key_Return, "6/1/2026", Key.Key_Return)
    part = hall.part
    assert isinstance(part, BeforePage)
    assert part.plan is not None
    part.kind.setCurrentIndex(part.kind.findData("REGULAR"))
    part.kind.activated.emit(part.kind.currentIndex())
    part.plan.hold_buttons[0].setFocus()
    press(Key.Key_Space)
    assert part.kind.currentData() == "SPECIAL"
    assert (part.number.text(), part.day.text()) == ("1", "6 Jan 2026")
    assert part.planned.text() == "The school. Choose a treasurer."
