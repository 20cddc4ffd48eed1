"""The meeting page by the keys a person presses, with the program's own worker thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.db.books import new_book
from tests.presenters.meeting.table import count_all
from tests.services.village import Village
from tests.views.looks import cut_words, nameless
from vsla_desktop.db import Database
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.presenters.meeting import MeetingPresenter, Stage
from vsla_desktop.presenters.meeting_columns import Step
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.queries.activities import ActivityKind
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.lines import group_lines
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services.members import Committee, NewMember, add_member, elect_officers
from vsla_desktop.views.big_screen import BigScreen, WallStrip
from vsla_desktop.views.pages.meeting import MeetingPage
from vsla_desktop.views.pages.meeting_closing import ClosingPage
from vsla_desktop.views.pages.meeting_earlier import EarlierPage
from vsla_desktop.views.pages.meeting_keys import KeysPage
from vsla_desktop.views.pages.meeting_opening import BeforePage, OpeningCountPage
from vsla_desktop.views.pages.meeting_sheet import SheetPage
from vsla_desktop.views.pages.meeting_slip import SlipPage
from vsla_desktop.views.pages.page import PageDeclaration
from vsla_desktop.views.qt_runner import QtRunner
from vsla_desktop.views.window import MainWindow

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
Press = Callable[..., None]


@pytest.fixture(scope="session")
def meeting_pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pattern") / "vsla.db"


@pytest.fixture
def database(meeting_pattern: Path, data_dir: Path) -> Iterator[Database]:
    opened = new_book(meeting_pattern, data_dir / "vsla.db")
    yield opened
    opened.close()


@pytest.fixture
def village(database: Database) -> Village:
    return Village(database).form()


def press(*what: str | Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press keys where the keyboard is: text letter by letter, or one key."""
    for item in what:
        target = QApplication.focusWidget()
        assert target is not None
        if isinstance(item, str):
            for letter in item:
                QTest.keyClicks(QApplication.focusWidget() or target, letter)
        else:
            QTest.keyClick(target, item, modifier)


class Hall:
    """The window of a group, at its meeting page."""

    def __init__(self, qtbot: QtBot, village: Village, runner: InlineRunner | QtRunner) -> None:
        self.qtbot = qtbot
        self.village = village
        self.shell = ShellPresenter()
        self.presenter = MeetingPresenter(
            village.database,
            runner,
            self.shell,
            group_id=village.group_id,
            clock=village.clock,
        )
        self.printed: list[Path] = []
        self.printing = Printing(
            lambda: village.database,
            runner,
            self.shell,
            lambda: Path(village.database.engine.url.database or "").parent,
            village.clock,
        )
        self.printing.ready.listen(self.printed.append)
        declared = PageDeclaration(
            "meeting", "Meeting", "meeting", lambda: MeetingPage(self.presenter, self.printing)
        )
        self.window = MainWindow(self.shell, [declared], lambda: None)
        qtbot.addWidget(self.window)
        self.shell.show_pages("meeting")
        self.shell.open_group("Twisungane")
        self.window.resize(1366, 768)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.window.open_page("meeting")

    @property
    def part(self) -> QWidget:
        page = self.window.page("meeting")
        assert isinstance(page, MeetingPage)
        assert page.part is not None
        return page.part

    @property
    def sheet_page(self) -> SheetPage:
        part = self.part
        assert isinstance(part, SheetPage)
        return part

    def step(self) -> Step:
        return self.sheet_page.sheet.step

    def reach(self, stage: Stage) -> None:
        self.qtbot.waitUntil(lambda: self.presenter.stage is stage)

    def settle(self) -> None:
        """Wait until everything that was typed is in the book and read back."""
        meeting = self.presenter.meeting
        assert meeting is not None
        self.qtbot.waitUntil(lambda: meeting.is_settled)
        self.qtbot.wait(30)


@pytest.fixture
def hall(qtbot: QtBot, village: Village) -> Hall:
    """A window whose work is done at once."""
    return Hall(qtbot, village, InlineRunner())


def open_by_keys(hall: Hall) -> None:
    hall.reach(Stage.BEFORE)
    press(Key.Key_F10)
    hall.reach(Stage.OPENING_COUNT)
    press(Key.Key_F10)
    hall.reach(Stage.SHEET)


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


def test_what_is_being_typed_is_in_the_book_when_the_window_closes(hall: Hall) -> None:
    open_by_keys(hall)
    hall.sheet_page.go_to_cell(0, "shares")
    press("4")
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    hall.window.close()
    sheet = hall.presenter.sheet
    assert sheet is not None
    assert sheet.book.sheet.rows[0].shares == 4


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


def close_by_keys(hall: Hall) -> None:
    press(Key.Key_F4)
    hall.settle()
    press(Key.Key_F10)
    hall.reach(Stage.CLOSING)
    counting = hall.presenter.closing
    assert counting is not None
    count_all(counting.purses)
    counting.announce(is_announced=True)
    press(Key.Key_F10)


def text_of(file: Path) -> str:
    with closing(pdfium.PdfDocument(file)) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


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


def with_officers(village: Village) -> None:
    chair, secretary, treasurer = village.members[:3]
    committee = Committee(chairperson=chair, secretary=secretary, treasurer=treasurer)
    with village.at_work() as session:
        elect_officers(session, village.group_id, committee, clock=village.clock)


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
