"""Closing a meeting by keys, its slip, and what leads from it to a correction."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.services.village import Village
from tests.views.meeting.hall import (
    CTRL,
    Hall,
    Key,
    close_by_keys,
    open_by_keys,
    press,
    text_of,
    with_officers,
)
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.presenters.meeting import Stage
from vsla_desktop.presenters.meeting_columns import Step
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.queries.lines import group_lines
from vsla_desktop.services.attendance import record_attendance
from vsla_desktop.views.pages.meeting_earlier import EarlierPage
from vsla_desktop.views.pages.meeting_keys import KeysPage
from vsla_desktop.views.pages.meeting_slip import SlipPage
from vsla_desktop.views.qt_runner import QtRunner


def test_a_problem_in_another_step_is_reached_from_the_closing_page(hall: Hall) -> None:
    open_by_keys(hall)
    press(Key.Key_F4)
    sheet = hall.sheet_page.sheet
    sheet.enter(3, sheet.column_of("grant"), "99999")
    sheet.show_step(Step.WHOLE)
    press(Key.Key_F10)
    hall.reach(Stage.CLOSING)
    press(Key.Key_F8)
    hall.reach(Stage.SHEET)
    assert sheet.step is Step.SOCIAL_FUND
    assert hall.sheet_page.grid.table.position() == (3, sheet.column_of("grant"))
    assert hall.sheet_page.grid.table.hasFocus()


def test_enter_on_an_entry_of_an_earlier_meeting_leads_to_its_correction(
    qtbot: QtBot, village: Village
) -> None:
    from vsla_desktop.services.cells import set_shares

    village.meet(present=True)
    with village.at_work() as session:
        set_shares(session, village.meeting_id, village.members[0], 4, clock=village.clock)
    village.close()
    village.meet()
    hall = Hall(qtbot, village, InlineRunner())
    hall.presenter.look_back()
    part = hall.part
    assert isinstance(part, EarlierPage)
    qtbot.waitUntil(part.list.table.hasFocus)
    wanted: list[str] = []
    hall.shell.page_wanted.listen(wanted.append)
    press(Key.Key_Return)
    assert wanted == ["cashbook"]
    entry = hall.shell.take_entry_to_correct()
    press(Key.Key_F2)
    assert hall.shell.take_entry_to_correct() == entry
    with village.database.read() as session:
        [line] = group_lines(session, village.group_id)
    assert line.transaction_id == entry


def test_slip_page_and_blank_sheet_are_printed_with_one_key(hall: Hall) -> None:
    hall.reach(Stage.BEFORE)
    press(Key.Key_P, modifier=CTRL)
    assert "Meeting sheet" in text_of(hall.printed[0])
    open_by_keys(hall)
    close_by_keys(hall)
    hall.reach(Stage.SLIP)
    assert isinstance(hall.part, SlipPage)
    press(Key.Key_P, modifier=CTRL)
    slip = hall.presenter.slip
    assert slip is not None
    assert slip.seal in text_of(hall.printed[1])
    assert hall.printed[1].name.endswith("slip-001.pdf")
    hall.presenter.look_back()
    hall.reach(Stage.EARLIER)
    press(Key.Key_P, modifier=CTRL)
    assert "The purses" in text_of(hall.printed[2])
    assert hall.printed[2].name.endswith("meeting-001.pdf")


def test_three_officers_close_by_their_own_codes(qtbot: QtBot, village: Village) -> None:
    with_officers(village)
    runner = QtRunner()
    hall = Hall(qtbot, village, runner)
    open_by_keys(hall)
    close_by_keys(hall)
    hall.reach(Stage.KEYS)
    page = hall.part
    assert isinstance(page, KeysPage)
    chair, secretary, treasurer = page.cards.values()
    # the chairperson chooses a code
    chair.set_button.setFocus()
    press(Key.Key_Space)
    assert chair.new_code.hasFocus()
    press("2580", Key.Key_Return)
    assert chair.again.hasFocus()
    assert chair.again.echoMode() is QLineEdit.EchoMode.Password
    press("2580", Key.Key_Return)
    qtbot.waitUntil(lambda: chair.is_turned)
    # the keyboard is at the secretary, who confirms by name
    qtbot.waitUntil(secretary.confirm_button.hasFocus)
    press(Key.Key_Space)
    qtbot.waitUntil(lambda: secretary.is_turned)
    press(Key.Key_F10)
    assert hall.presenter.stage is Stage.KEYS
    press(Key.Key_Space)
    qtbot.waitUntil(lambda: treasurer.is_turned)
    qtbot.waitUntil(page.close_button.hasFocus)
    press(Key.Key_F10)
    hall.reach(Stage.SLIP)
    # next time the chairperson types it, and what is wrong is said beside it
    hall.village.clock.instant += timedelta(days=7)
    press(Key.Key_F10)
    open_by_keys(hall)
    close_by_keys(hall)
    hall.reach(Stage.KEYS)
    page = hall.part
    assert isinstance(page, KeysPage)
    chair, secretary, treasurer = page.cards.values()
    qtbot.waitUntil(chair.code.hasFocus)
    press("1379", Key.Key_Return)
    qtbot.waitUntil(lambda: chair.code_row.sentence.text() == "This code is not right.")
    assert chair.code.text() == ""
    press("2580", Key.Key_Return)
    qtbot.waitUntil(lambda: chair.is_turned)
    runner.close()


def test_a_mark_of_an_earlier_meeting_is_put_right_with_the_keyboard(
    qtbot: QtBot, village: Village
) -> None:
    village.meet()
    with village.at_work() as session:
        record_attendance(
            session,
            village.meeting_id,
            village.members[0],
            AttendanceStatus.ABSENT,
            clock=village.clock,
        )
    village.close()
    village.meet()
    hall = Hall(qtbot, village, InlineRunner())
    hall.presenter.look_back()
    part = hall.part
    assert isinstance(part, EarlierPage)
    qtbot.waitUntil(part.list.table.hasFocus)
    press(Key.Key_F6)
    qtbot.waitUntil(part.roll_list.table.hasFocus)
    press(Key.Key_Return)
    assert part.card is not None
    box = part.card.form.editor("status")
    assert isinstance(box, QComboBox)
    assert box.hasFocus()
    assert box.currentText() == "Absent"
    press(Key.Key_Up, Key.Key_Up)
    assert box.currentText() == "Present"
    press(Key.Key_F10)
    reason = part.card.form.editor("reason")
    assert reason.hasFocus()
    press("She sat at the back", Key.Key_F10)
    part = hall.part
    assert isinstance(part, EarlierPage)
    assert part.roll_list.isVisible()
    assert [part.roll.cell(0, place).text for place in (2, 3, 4)] == [
        "Absent",
        "Present",
        "She sat at the back",
    ]
    press(Key.Key_Return)
    card = part.card
    assert card is not None
    press(Key.Key_Escape)
    qtbot.waitUntil(lambda: part.card is None)
    qtbot.waitUntil(part.roll_list.table.hasFocus)
    press(Key.Key_F6)
    assert part.list.isVisible()
    press(Key.Key_F10)
    hall.reach(Stage.SHEET)
