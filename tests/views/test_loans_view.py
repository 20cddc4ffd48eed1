"""The Loans page by keyboard, on a small screen, with names for a screen reader."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.db.books import new_book
from tests.presenters.book_of_group import Ear, printer
from tests.presenters.test_loans_page import lend, page
from tests.services.village import Village
from tests.views.looks import cut_words, nameless
from vsla_desktop.app import wear
from vsla_desktop.domain.loans import PeriodKind
from vsla_desktop.i18n import speaking
from vsla_desktop.queries.loans import loans_of_group
from vsla_desktop.services import cells
from vsla_desktop.services.expenses import record_income
from vsla_desktop.settings import ThemeChoice
from vsla_desktop.views.pages.loans import LoansPage

Key = Qt.Key
ROOM = (1141, 690)  # what the window leaves to a page at 1366x768 with the largest text
D = Decimal


@pytest.fixture
def lender(data_dir: Path) -> Iterator[Village]:
    """A group with an open meeting and one loan of 60,000."""
    database = new_book(data_dir / "vsla.db")
    village = Village(database).ruled(
        share_value=D(4000), loan_multiple=D(4), loan_period=PeriodKind.CALENDAR_MONTH
    )
    village.form()
    village.meet(present=True)
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        cells.set_shares(session, meeting, village.members[0], 5, clock=clock)
        cells.set_shares(session, meeting, village.members[1], 5, clock=clock)
        record_income(session, meeting, D(80_000), "Gift", clock=clock)
    lend(village)
    yield village
    database.close()


def shown(qtbot: QtBot, village: Village) -> LoansPage:
    ear = Ear()
    made = LoansPage(page(village, ear), printer(village, ear, Path("nowhere")))
    qtbot.addWidget(made)
    made.resize(*ROOM)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.came_into_sight()
    return made


def press(*what: str | Key) -> None:
    for item in what:
        target = QApplication.focusWidget()
        assert target is not None
        if isinstance(item, str):
            QTest.keyClicks(target, item)
        else:
            QTest.keyClick(target, item)


def test_a_loan_is_found_opened_and_paid_by_keyboard(qtbot: QtBot, lender: Village) -> None:
    made = shown(qtbot, lender)
    assert made.start_find()
    press("ami", Key.Key_Return)
    assert made.title == "1  Amina Nakato"
    assert made.view is not None
    press(Key.Key_F10)
    assert made.title == "Take a payment"
    press("10000", Key.Key_Return)
    with lender.database.read() as session:
        [loan] = loans_of_group(session, lender.group_id)
    assert loan.charge_paid + loan.principal_paid == 10_000
    assert made.title == "1  Amina Nakato"
    press(Key.Key_Escape)
    assert made.title == "Loans"


def test_a_member_asks_by_keyboard(qtbot: QtBot, lender: Village) -> None:
    made = shown(qtbot, lender)
    press(Key.Key_F10)
    assert made.form is not None
    made.presenter.form.enter("member", str(lender.members[1]))  # type: ignore[union-attr]
    made.form.go_to("amount")
    press("20000", Key.Key_Return, "2", Key.Key_Return, "Seeds", Key.Key_Return, Key.Key_F10)
    assert made.title == "2  Beatrice Auma"
    assert made.note == "Asked for · Asked 5 Jan 2026 · Seeds"


def test_every_action_of_a_running_loan_has_its_key(qtbot: QtBot, lender: Village) -> None:
    made = shown(qtbot, lender)
    titles = {}
    for key in (Key.Key_F5, Key.Key_F6, Key.Key_F7, Key.Key_F10):
        made.presenter.open_row(0)
        press(key)
        titles[key] = made.title
        press(Key.Key_Escape, Key.Key_Escape)
    assert list(titles.values()) == [
        "Lend more on this loan",
        "Spread what is owed anew",
        "Write off this loan",
        "Take a payment",
    ]


def test_a_wrong_field_is_where_the_keyboard_goes(qtbot: QtBot, lender: Village) -> None:
    made = shown(qtbot, lender)
    made.presenter.open_row(0)
    press(Key.Key_F5, "many", Key.Key_F10)
    assert made.form is not None
    row = made.form.form.rows["amount"]
    assert row.editor.hasFocus()
    assert row.sentence.text() == row.editor.accessibleDescription() != ""


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_part_is_whole_and_named_on_a_small_screen(
    qtbot: QtBot, qapp: QApplication, lender: Village, language: str, percent: int
) -> None:
    wear(qapp, ThemeChoice.LIGHT, percent, is_dark=False)
    with speaking(language):
        made = shown(qtbot, lender)

        def look() -> None:
            qtbot.wait(10)
            assert (made.width(), made.height()) == ROOM, made.title
            assert cut_words(made) == [], made.title
            assert nameless(made) == [], made.title

        look()
        made.presenter.open_row(0)
        look()
        one = made.presenter.one
        assert one is not None
        for action in one.actions():
            one.do(action.name)
            look()
            made.presenter.leave_form()
        made.presenter.close_loan()
        made.presenter.ask()
        look()
