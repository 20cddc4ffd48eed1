"""The page of funds by keyboard, on a small screen, with names for a screen reader."""

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
from tests.presenters.book_of_group import Ear
from tests.presenters.test_funds_page import Desk
from tests.services.village import Village
from tests.views.looks import cut_words, nameless
from vsla_desktop.app import wear
from vsla_desktop.domain.fines import FineType
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.funds_forms import FORMS
from vsla_desktop.presenters.funds_table import Tab
from vsla_desktop.services.external_loans import Borrowing, borrow_outside
from vsla_desktop.services.fines import charge_fine
from vsla_desktop.services.savings import record_shares
from vsla_desktop.services.social import contribute_social
from vsla_desktop.settings import ThemeChoice
from vsla_desktop.views.pages.funds import FundsPage

Key = Qt.Key
Alt = Qt.KeyboardModifier.AltModifier
D = Decimal


@pytest.fixture
def village(data_dir: Path) -> Iterator[Village]:
    """A group with savings, a fine, a debt outside, and an open meeting."""
    database = new_book(data_dir / "vsla.db")
    made = Village(database).form()
    made.meet(present=True)
    with made.at_work() as session:
        meeting, clock = made.meeting_id, made.clock
        for member in made.members:
            record_shares(session, meeting, member, 2, clock=clock)
            contribute_social(session, meeting, member, D(1000), clock=clock)
        charge_fine(session, meeting, made.members[1], FineType.MISCONDUCT, clock=clock)
        borrow_outside(
            session, meeting, Borrowing(lender="Twiga Bank", amount=D(50_000)), clock=clock
        )
    yield made
    database.close()


def shown(qtbot: QtBot, village: Village) -> FundsPage:
    made = FundsPage(Desk(village).page)
    qtbot.addWidget(made)
    made.resize(1187, 715)  # what the window leaves to a page at 1366x768
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.came_into_sight()
    made.list.setFocus()
    return made


def press(*what: str | Key) -> None:
    for item in what:
        target = QApplication.focusWidget()
        assert target is not None
        if isinstance(item, str):
            QTest.keyClicks(target, item)
        else:
            QTest.keyClick(target, item)


def test_a_fine_is_let_off_by_keyboard(qtbot: QtBot, village: Village) -> None:
    made = shown(qtbot, village)
    press(Key.Key_Down, Key.Key_Return)
    assert made.form is not None
    assert made.form.editor("fine").hasFocus()
    assert made.presenter.form is not None
    assert made.presenter.form.form.text("fine")
    press(Key.Key_Tab, "She was ill", Key.Key_F10)
    assert made.presenter.row_count() == 0
    assert made.totals["Let off"].text() == "250"


def test_each_part_has_its_key(qtbot: QtBot, village: Village) -> None:
    made = shown(qtbot, village)
    seen = []
    for number in range(6):
        target = QApplication.focusWidget()
        assert target is not None
        QTest.keyClick(target, Key(Key.Key_1 + number), Alt)
        seen.append(made.presenter.tab)
        assert made.tabs.currentIndex() == number
    assert seen == list(Tab)


def test_what_the_book_refuses_is_said_at_its_field(qtbot: QtBot, village: Village) -> None:
    made = shown(qtbot, village)
    made.turn_to(Tab.DEBTS)
    made._choose_form("repay")
    assert made.form is not None
    made.presenter.choose_row(0)
    made.form.go_to("principal")
    press("50001", Key.Key_F10)
    row = made.form.rows["principal"]
    assert row.editor.hasFocus()
    assert row.sentence.text().startswith("Pay at most")


def test_without_a_meeting_the_main_button_goes_to_the_meeting(
    qtbot: QtBot, village: Village
) -> None:
    village.close()
    ear = Ear()
    made = shown(qtbot, village)
    made.presenter.shell = ear.shell
    press(Key.Key_F10)
    assert made.main.accessibleName() == "Open a meeting"
    assert ear.pages == ["meeting"]


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_part_is_whole_and_named_on_a_small_screen(
    qtbot: QtBot, qapp: QApplication, village: Village, language: str, percent: int
) -> None:
    wear(qapp, ThemeChoice.LIGHT, percent, is_dark=False)
    with speaking(language):
        made = shown(qtbot, village)
        for tab in Tab:
            made.turn_to(tab)
            for form in FORMS[tab]:
                made.presenter.choose_form(form.name)
                qtbot.wait(10)
                assert cut_words(made) == [], form.name
                assert nameless(made) == [], form.name
                if made.places is not None:
                    press(Key.Key_F6)
                    qtbot.wait(10)
                    assert cut_words(made) == [], form.name
                    press(Key.Key_F6)


def test_with_large_text_list_and_form_take_turns(
    qtbot: QtBot, qapp: QApplication, village: Village
) -> None:
    wear(qapp, ThemeChoice.LIGHT, 150, is_dark=False)
    made = shown(qtbot, village)
    assert made.list.isVisible()
    assert not made.panel.isVisible()
    press(Key.Key_F6)
    assert made.panel.isVisible()
    press(Key.Key_F6, Key.Key_Down, Key.Key_Return)
    assert made.form is not None
    assert made.form.editor("fine").hasFocus()
    press(Key.Key_Tab, "She was ill", Key.Key_F10)
    assert made.totals["Let off"].text() == "250"
