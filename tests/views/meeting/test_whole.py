"""A whole meeting by the keys a person presses, with the program's own worker thread."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.presenters.meeting.table import count_all
from tests.services.village import Village
from tests.views.looks import cut_words, nameless
from tests.views.meeting.hall import (
    CTRL,
    Hall,
    Key,
    close_by_keys,
    open_by_keys,
    press,
    with_officers,
)
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.presenters.meeting import Stage
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.queries.activities import ActivityKind
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.lines import group_lines
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services.attendance import record_roll_call
from vsla_desktop.views.pages.meeting_earlier import EarlierPage
from vsla_desktop.views.pages.meeting_keys import KeysPage
from vsla_desktop.views.pages.meeting_opening import BeforePage
from vsla_desktop.views.pages.meeting_slip import SlipPage
from vsla_desktop.views.qt_runner import QtRunner


def test_a_whole_meeting_by_keyboard(  # noqa: PLR0915 - a meeting is long
    qtbot: QtBot, village: Village
) -> None:
    runner = QtRunner()
    hall = Hall(qtbot, village, runner)
    open_by_keys(hall)
    # roll call: everyone present, then Beatrice late, Daudi absent
    press(Key.Key_F4)
    hall.settle()
    press(Key.Key_Down, "l", Key.Key_Down, Key.Key_Down, "a")
    hall.settle()
    # social fund for all present; five shares for Amina, four for Beatrice
    sheet = hall.sheet_page.sheet
    hall.sheet_page.go_to_cell(0, "social")
    press(Key.Key_F4, Key.Key_Tab)
    press("5", Key.Key_Return, "4", Key.Key_Return, "6", Key.Key_Return)
    hall.settle()
    # six shares are one too many: F8 goes back to them, and five are right
    assert len(sheet.troubles()) == 1
    press(Key.Key_F8)
    assert hall.sheet_page.grid.table.position() == (2, sheet.column_of("shares"))
    press("5", Key.Key_Return)
    hall.settle()
    # Beatrice pays her fine; Amina asks for a loan of 3,000, and says yes
    hall.sheet_page.go_to_cell(1, "fine_paid")
    press("100", Key.Key_Return)
    hall.sheet_page.go_to_cell(0, "loan")
    press("3000", Key.Key_Return, Key.Key_Return)
    hall.settle()
    # one entry too many, undone
    hall.sheet_page.go_to_cell(4, "shares")
    press("3", Key.Key_Return)
    hall.settle()
    press(Key.Key_Z, modifier=CTRL)
    hall.settle()
    assert hall.window.messages.sentence.text() == "Undone: 5 Esther Wanjiru · Shares 0 → 3"
    # the closing count: 14 x 500 + 100 - 3,000 and 4 x 200
    press(Key.Key_F10)
    hall.reach(Stage.CLOSING)
    press(Key.Key_Return, Key.Key_Return, Key.Key_Return, Key.Key_Return)  # to the 2,000 notes
    press("2", Key.Key_Return, Key.Key_Return, Key.Key_Return, Key.Key_Return, "1")
    for _note in range(7):
        press(Key.Key_Return)
    press("1", Key.Key_Return, Key.Key_Return, "1", Key.Key_Return)  # 500 and 100
    closing = hall.presenter.closing
    assert closing is not None
    expected = [purse.expected for purse in closing.purses]
    assert expected == [Decimal(4100), Decimal(800)]
    count_all(closing.purses)
    # on to the button that says the balances were announced
    focus = QApplication.focusWidget()
    for _step in range(40):
        focus = QApplication.focusWidget()
        if focus is not None and focus.accessibleName() == "Press when announced":
            break
        press(Key.Key_Tab)
    assert focus is not None
    press(Key.Key_Space)
    assert closing.missing == ""
    press(Key.Key_F10)
    hall.reach(Stage.SLIP)
    # the slip, and the book behind it
    part = hall.part
    assert isinstance(part, SlipPage)
    assert "4,100 UGX" in part.paper.toPlainText()
    with village.database.read() as session:
        [seal] = verify_seals(session, village.group_id)
        balances = fund_balances(session, village.group_id)
        lines = group_lines(session, village.group_id)
    assert seal.broken == ""
    assert (balances.loan_fund, balances.social) == (Decimal(4100), Decimal(800))
    by_type = {
        kind: sum(line.amount for line in lines if line.type is kind) for kind in PostingType
    }
    assert by_type[PostingType.SAVINGS_DEPOSIT] == Decimal(7000)
    assert by_type[PostingType.LOAN_DISBURSEMENT] == Decimal(3000)
    assert by_type[PostingType.FINE_PAYMENT] == Decimal(100)
    assert verify_all(village.database).ok
    press(Key.Key_F10)
    hall.reach(Stage.BEFORE)
    assert hall.presenter.opening is not None
    assert hall.presenter.opening.number_text == "2"
    runner.close()


def test_every_part_tells_its_keys(hall: Hall) -> None:
    with_officers(hall.village)
    told: dict[Stage, set[str]] = {}

    def note() -> None:
        page = hall.window.page("meeting")
        assert page is not None
        hints = page.keys()
        told[hall.presenter.stage] = {hint.key for hint in hints}

    note()
    press(Key.Key_F10)
    note()
    press(Key.Key_F10)
    note()
    close_by_keys(hall)
    note()
    hall.presenter.back_to_counting()
    note()
    press(Key.Key_F10)
    assert hall.presenter.keys is not None
    for row in hall.presenter.keys.rows():
        hall.presenter.keys.turn(row.office)
    press(Key.Key_F10)
    note()
    hall.presenter.look_back()
    note()
    assert all("F10" in keys for keys in told.values())
    assert {stage for stage, keys in told.items() if "Ctrl+P" in keys} == {
        Stage.BEFORE,
        Stage.SLIP,
        Stage.EARLIER,
    }
    assert {"F11", "Ctrl+Z", "Ctrl+PgDown", "Ctrl+PgUp"} <= told[Stage.SHEET]
    assert "F8" in told[Stage.CLOSING]
    assert len(told) == 7


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_part_is_whole_and_named_on_a_small_screen(  # noqa: PLR0915 - a meeting is long
    qtbot: QtBot, qapp: QApplication, village: Village, language: str, percent: int
) -> None:
    from vsla_desktop.app import wear
    from vsla_desktop.i18n import speaking
    from vsla_desktop.settings import ThemeChoice

    with_officers(village)
    wear(qapp, ThemeChoice.LIGHT, percent, is_dark=False)
    with speaking(language):
        hall = Hall(qtbot, village, InlineRunner())

        def look() -> None:
            qtbot.wait(10)
            assert cut_words(hall.window) == [], hall.presenter.stage
            assert nameless(hall.window) == [], hall.presenter.stage
            size = (hall.window.width(), hall.window.height())
            assert size == (1366, 768), hall.presenter.stage

        look()
        before = hall.part
        assert isinstance(before, BeforePage)
        assert before.plan is not None
        before.plan.open_button.click()
        before.plan.cancel_button.click()
        look()
        press(Key.Key_F10)
        hall.reach(Stage.OPENING_COUNT)
        look()
        press(Key.Key_F10)
        hall.reach(Stage.SHEET)
        hall.sheet_page.sheet.fill_usual(hall.sheet_page.sheet.column_of("attendance"))
        activities = hall.sheet_page.activities.presenter
        activities.add(ActivityKind.VOTING, "A new box with three locks", ("4", "1", ""))
        activities.add(ActivityKind.TRAINING, "Keeping goats")
        activities.add(ActivityKind.VOTING, "A goat")
        activities.parts.fill_usual(2)
        for title in hall.sheet_page.sheet.steps():
            hall.sheet_page.sheet.show_step(title.step)
            look()
        hall.presenter.go_to_closing()
        look()
        closing = hall.presenter.closing
        assert closing is not None
        closing.announce(is_announced=True)
        press(Key.Key_F10)
        hall.reach(Stage.KEYS)
        keys, page = hall.presenter.keys, hall.part
        assert keys is not None
        assert isinstance(page, KeysPage)
        chair, secretary, treasurer = keys.rows()
        keys.set_code(chair.office, "2580", "2580")
        keys.choose(secretary.office, keys.people(secretary.office)[1][0])
        keys.set_code(treasurer.office, "2580", "1")
        look()
        page.cards[secretary.office].set_button.click()
        look()
        for row in (secretary, treasurer):
            keys.turn(row.office)
        press(Key.Key_F10)
        hall.reach(Stage.SLIP)
        look()
        hall.presenter.look_back()
        look()


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_putting_a_mark_right_is_whole_on_a_small_screen(
    qtbot: QtBot, qapp: QApplication, village: Village, language: str, percent: int
) -> None:
    from vsla_desktop.app import wear
    from vsla_desktop.i18n import speaking
    from vsla_desktop.settings import ThemeChoice

    village.meet()
    with village.at_work() as session:
        absent = {village.members[1]: AttendanceStatus.ABSENT}
        record_roll_call(session, village.meeting_id, absent, clock=village.clock)
    village.close()
    village.meet(present=True)
    wear(qapp, ThemeChoice.LIGHT, percent, is_dark=False)
    with speaking(language):
        hall = Hall(qtbot, village, InlineRunner())
        hall.presenter.look_back()

        def look() -> None:
            qtbot.wait(10)
            assert cut_words(hall.window) == []
            assert nameless(hall.window) == []
            assert (hall.window.width(), hall.window.height()) == (1366, 768)

        part = hall.part
        assert isinstance(part, EarlierPage)
        press(Key.Key_F6)
        look()
        part.roll.open_row(1)
        assert part.roll.form is not None
        part.roll.form.enter("status", "REPRESENTED")
        look()
        part.roll.form.enter("reason", "Her sister came for her")
        part.roll.form.save()
        hall.shell.say_nothing()

        def is_small_again() -> bool:
            """With large text a sentence above the sheet made the window larger."""
            hall.window.resize(1366, 768)
            return hall.window.height() == 768

        qtbot.waitUntil(is_small_again)
        look()
        part = hall.part
        assert isinstance(part, EarlierPage)
        part.roll.open_row(1)
        look()
