"""The page of members over a real book, by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QColor, QDesktopServices, QFontMetrics, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.db.books import new_book
from tests.services.village import Village
from tests.views.looks import cut_words, nameless
from tests.views.test_program import Start, folder, press, reach, start
from vsla_desktop.app import Program
from vsla_desktop.queries.mobile_money import Purpose
from vsla_desktop.services.mobile_money import NewPayment, record_payment
from vsla_desktop.views.pages.meeting import MeetingPage
from vsla_desktop.views.pages.meeting_sheet import SheetPage
from vsla_desktop.views.pages.members import MembersPage
from vsla_desktop.views.widgets.listing import ListTable

__all__ = ["folder", "start"]  # fixtures
Key = Qt.Key


class Opened(QObject):
    """Takes the files that the laptop would open."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[Path] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.files.append(Path(url.toLocalFile()))


@pytest.fixture
def opened() -> Iterator[Opened]:
    taker = Opened()
    QDesktopServices.setUrlHandler("file", taker, "take")  # type: ignore[arg-type]  # the stub asks for bytes
    yield taker
    QDesktopServices.unsetUrlHandler("file")


def test_the_list_and_a_passbook_are_printed_with_one_key(
    qtbot: QtBot, start: Start, folder: Path, opened: Opened
) -> None:
    program = start(folder)
    reach(qtbot, program, "home")
    program.window.open_page("members")
    page = program.window.page("members")
    assert isinstance(page, MembersPage)
    qtbot.waitUntil(lambda: bool(page.presenter.members))
    page.list.setFocus()
    page.list.go_to(1)
    QTest.keyClick(page, Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(opened.files) == 1, timeout=20_000)
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: page.presenter.passbook is not None)
    QTest.keyClick(page, Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(opened.files) == 2, timeout=20_000)
    names = [file.name for file in opened.files]
    assert names == ["TST-1-members-2026-01-06.pdf", "TST-1-passbook-02.pdf"]
    assert all(file.read_bytes().startswith(b"%PDF") for file in opened.files)
    assert {file.parent for file in opened.files} == {folder / "printed"}


def members_of(program: Program, qtbot: QtBot) -> MembersPage:
    """Go to the members, and to the first of the list."""
    reach(qtbot, program, "home")
    program.window.open_page("members")
    page = program.window.page("members")
    assert isinstance(page, MembersPage)
    qtbot.waitUntil(lambda: bool(page.presenter.members))
    page.list.setFocus()
    page.list.go_to(0)
    return page


def whole(program: Program) -> None:
    """Every word in sight is whole, all has a name, and the window is as small as it was."""
    program.window.resize(1366, 768)
    QApplication.processEvents()
    assert cut_words(program.window) == []
    assert nameless(program.window) == []
    assert (program.window.width(), program.window.height()) == (1366, 768)


def elided(shown: ListTable) -> list[str]:
    """The words and figures in sight that do not fit their columns, and what lies beside it."""
    table, model = shown.table, shown.model
    metrics = QFontMetrics(table.font())
    columns = [each for each in range(model.columnCount()) if not table.isColumnHidden(each)]
    room = table.viewport().width()
    beside = sum(table.columnWidth(each) for each in columns) > room
    return [
        text
        for column in columns
        for row in range(model.rowCount())
        if metrics.horizontalAdvance(text := model.cell(row, column).text)
        > table.columnWidth(column) - 16
    ] + ["beside"] * beside


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_everything_about_a_member_is_whole_in_both_languages(
    qtbot: QtBot, start: Callable[..., Program], folder: Path, language: str, percent: int
) -> None:
    program = start(folder, language=language, text_percent=percent, currency="UGX")
    page = members_of(program, qtbot)
    assert elided(page.list) == []
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: page.presenter.profile is not None)
    whole(program)
    for name in ("leave", "target", "withdraw"):
        page.act(name)
        whole(program)
        press_in(page, Key.Key_Escape)
    press_in(page, Key.Key_F6)
    whole(program)
    assert elided(page.passbook_list) == []
    press_in(page, Key.Key_Escape)
    press_in(page, Key.Key_F7)
    whole(program)
    press_in(page, Key.Key_F8)
    whole(program)


def press_in(page: MembersPage, key: Qt.Key) -> None:
    QTest.keyClick(page, key)
    QApplication.processEvents()


def test_money_on_the_phone_is_written_down_verified_and_rejected_by_keyboard(
    qtbot: QtBot, start: Start, folder: Path
) -> None:
    program = start(folder)
    page = members_of(program, qtbot)
    for reference in ("QK7 1", "QK7 2"):
        press_in(page, Key.Key_F7)
        press_in(page, Key.Key_F8)
        assert page.title == "Money on the phone"
        press(Key.Key_Down, Key.Key_Tab, Key.Key_Down, Key.Key_Tab)
        press("1000", Key.Key_Return, reference, Key.Key_Return, "0772 123456", Key.Key_Return)
        press(Key.Key_Return)  # the day is today
        qtbot.waitUntil(lambda: page.phone is not None and page.editing is None)
        phone = page.phone
        assert phone is not None
        wanted = reference.replace(" ", "")
        qtbot.waitUntil(lambda: wanted in {p.reference for p in phone.payments})  # noqa: B023
    assert page.phone_view.list.hasFocus() or page.phone_view.list.table.hasFocus()
    assert "No meeting is open." in page.phone_view.summary.text()
    press_in(page, Key.Key_F10)
    assert program.window.messages.sentence.text() == "Open a meeting first."

    press_in(page, Key.Key_Delete)
    assert page.title == "1,000 of Amina Nakato did not come"
    press("No message", Key.Key_Return)
    qtbot.waitUntil(lambda: page.editing is None)
    qtbot.waitUntil(
        lambda: (
            page.phone is not None
            and [each.status for each in page.phone.payments] == ["PENDING", "REJECTED"]
        )
    )
    press_in(page, Key.Key_Escape)
    assert page.title == "Members"


def test_a_photo_is_made_small_and_anew_and_what_is_no_picture_is_refused(
    qtbot: QtBot, start: Start, folder: Path, tmp_path: Path
) -> None:
    program = start(folder)
    page = members_of(program, qtbot)
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: page.presenter.profile is not None)
    camera = tmp_path / "camera.png"
    picture = QImage(2000, 1000, QImage.Format.Format_ARGB32)
    picture.fill(QColor("orange"))
    assert picture.save(str(camera))
    page.profile.take(camera)

    def photos() -> list[Path]:
        return list((folder / "documents").glob("*"))

    qtbot.waitUntil(lambda: len(photos()) == 1)
    kept = QImage(str(photos()[0]))
    assert (kept.width(), kept.height()) == (512, 256)
    assert photos()[0].read_bytes().startswith(b"\xff\xd8")  # JPEG
    qtbot.waitUntil(lambda: page.profile.picture.accessibleName() == "Photo of Amina Nakato")
    whole(program)
    false = tmp_path / "false.jpg"
    false.write_bytes(b"MZ not a picture")
    page.profile.take(false)
    assert program.window.messages.sentence.text() == "This is no picture."
    assert len(photos()) == 1


def test_a_member_is_suspended_and_taken_back_from_the_profile(
    qtbot: QtBot, start: Start, folder: Path
) -> None:
    program = start(folder)
    page = members_of(program, qtbot)
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: page.presenter.profile is not None)

    def is_now(status: str) -> bool:
        profile = page.presenter.profile
        return profile is not None and profile.member.status == status

    page.act("suspend")
    qtbot.waitUntil(partial(is_now, "SUSPENDED"))
    page.act("take-back")
    qtbot.waitUntil(partial(is_now, "ACTIVE"))
    assert page.title == "1  Amina Nakato"


def test_a_member_who_joins_late_is_shown_with_the_shares_to_catch_up(
    qtbot: QtBot, start: Start, folder: Path
) -> None:
    program = start(folder)
    page = members_of(program, qtbot)
    press_in(page, Key.Key_F10)
    press(Key.Key_Return, "Grace", Key.Key_Return, "Akello", Key.Key_Return, Key.Key_Down)
    press_in(page, Key.Key_F10)
    qtbot.waitUntil(lambda: page.title == "6  Grace Akello")
    words = [each.text() for each in page.findChildren(QLabel) if each.isVisible()]
    assert "May still buy 5 of the meetings so far." in words
    page.act("catch-up")
    press("3")
    page.hand_over()
    assert "No meeting is open. Money moves at meetings only." in [
        each.text() for each in page.findChildren(QLabel) if each.isVisible()
    ]
    whole(program)


def test_money_on_the_phone_is_looked_at_from_the_sheet_and_back(
    qtbot: QtBot, start: Start, data_dir: Path
) -> None:
    village = Village(new_book(data_dir / "vsla.db")).form()
    with village.at_work() as session:
        for place, reference in ((1, "MP1"), (2, "MP2")):
            payment = NewPayment(
                member_id=village.members[place],
                amount=Decimal(500),
                purpose=Purpose.SHARES,
                reference=reference,
                day=village.day,
                phone_number="0772 123456",
            )
            record_payment(session, village.group_id, payment, clock=village.clock)
    village.meet(present=True)
    village.database.close()
    program = start(data_dir)
    reach(qtbot, program, "meeting")
    meeting = program.window.page("meeting")
    assert isinstance(meeting, MeetingPage)
    qtbot.waitUntil(lambda: isinstance(meeting.part, SheetPage))
    sheet = meeting.part
    assert isinstance(sheet, SheetPage)
    assert sheet.phone_button.isVisible()
    sheet.grid.setFocus()
    sheet.grid.table.go(2, sheet.sheet.column_of("shares"))
    press(Key.Key_F7)
    reach(qtbot, program, "members")
    page = program.window.page("members")
    assert isinstance(page, MembersPage)
    qtbot.waitUntil(lambda: page.phone is not None and bool(page.phone.payments))
    assert page.phone is not None
    row = page.phone_view.list.current_row()
    assert page.phone.payments[row].name == "Chantal Uwase"
    press(Key.Key_F10)
    qtbot.waitUntil(lambda: page.phone is not None and page.phone.payments[-1].status == "VERIFIED")
    press_in(page, Key.Key_Escape)
    reach(qtbot, program, "meeting")
    qtbot.waitUntil(lambda: [r.pending > 0 for r in sheet.sheet.book.sheet.rows].count(True) == 1)
    assert sheet.phone_button.isVisible()
