"""The share-out by the keys a person presses, every step whole and named in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.db.books import new_book
from tests.presenters.book_of_group import after_one_meeting
from tests.services.village import Village
from tests.views.looks import cut_words, nameless
from vsla_desktop.app import wear
from vsla_desktop.db import Database
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.share_out import ShareOutPresenter
from vsla_desktop.presenters.share_out_steps import Step
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services.loans import LoanTerms, disburse_loan
from vsla_desktop.settings import ThemeChoice
from vsla_desktop.views.pages.page import PageDeclaration
from vsla_desktop.views.pages.share_out import ShareOutPage
from vsla_desktop.views.window import MainWindow

Key = Qt.Key
UGX = CURRENCIES["UGX"]
WIDTH = 1366


@pytest.fixture
def database(data_dir: Path) -> Iterator[Database]:
    opened = new_book(data_dir / "vsla.db")
    yield opened
    opened.close()


class Screen:
    """A window at the share-out of a group whose meeting is open, with one loan beyond means."""

    def __init__(self, qtbot: QtBot, database: Database) -> None:
        self.qtbot = qtbot
        self.village = after_one_meeting(Village(database))
        self.village.meet(present=True)
        with self.village.at_work() as session:
            terms = LoanTerms(principal=Decimal(3000), periods=1)
            member = self.village.members[0]
            disburse_loan(session, self.village.meeting_id, member, terms, clock=self.village.clock)
        self.shell = ShellPresenter()
        self.presenter = ShareOutPresenter(
            database,
            InlineRunner(),
            self.shell,
            group_id=self.village.group_id,
            currency=UGX,
            clock=self.village.clock,
        )
        self.printing = Printing(
            lambda: database,
            InlineRunner(),
            self.shell,
            lambda: Path("nowhere"),
            self.village.clock,
        )
        declared = PageDeclaration(
            "share-out",
            "Share-out",
            "share-out",
            lambda: ShareOutPage(self.presenter, self.printing),
        )
        self.window = MainWindow(self.shell, [declared], lambda: None)
        qtbot.addWidget(self.window)
        self.shell.show_pages("share-out")
        self.window.resize(WIDTH, 768)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.window.open_page("share-out")
        self.seen: list[Step] = []
        self.look()

    def look(self) -> None:
        """Look at the step: every word whole, every part named, the keyboard somewhere."""
        self.qtbot.wait(10)
        step = self.presenter.step
        self.seen.append(step)
        assert self.window.width() == WIDTH, step
        assert cut_words(self.window) == [], step
        assert nameless(self.window) == [], step
        assert QApplication.focusWidget() is not None, step

    def press(self, *what: str | Key) -> None:
        for item in what:
            target = QApplication.focusWidget()
            assert target is not None
            if isinstance(item, str):
                QTest.keyClicks(target, item)
            else:
                QTest.keyClick(target, item)
            QApplication.processEvents()

    def count(self) -> None:
        """Type how many there are of each note and coin, Enter after each."""
        for purse in self.presenter.purses:
            left = purse.expected
            for piece in UGX.denominations:
                pieces, left = divmod(left, piece)
                assert isinstance(QApplication.focusWidget(), QLineEdit)
                self.press(str(int(pieces)), Key.Key_Return)


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_share_out_by_keyboard(
    qtbot: QtBot, qapp: QApplication, database: Database, language: str, percent: int
) -> None:
    wear(qapp, ThemeChoice.LIGHT, percent, is_dark=False)
    with speaking(language):
        screen = Screen(qtbot, database)
        screen.press(Key.Key_F10)
        screen.look()
        screen.press(Key.Key_F10)
        screen.look()
        screen.count()
        screen.press(Key.Key_F10)
        screen.look()
        screen.press(Key.Key_F6)
        assert screen.presenter.shows_notes
        screen.look()
        screen.press(Key.Key_F10)
        screen.look()
        screen.press("4", Key.Key_Return, "1", Key.Key_Return, "0", Key.Key_F10)
        screen.look()
        assert screen.presenter.cycle is not None
        assert screen.presenter.cycle.frozen_on == screen.village.day
        # One with Enter, one with F10, the rest together; that is asked twice.
        screen.press(Key.Key_Return, Key.Key_F10)
        assert [each.status for each in screen.presenter.cycle.payouts[:3]] == [
            "PAID",
            "PAID",
            "FROZEN",
        ]
        screen.look()
        # The second one was not in the room: it comes back, and is paid once more.
        screen.press(Key.Key_Up, Key.Key_Up, Key.Key_F8)
        screen.look()
        screen.press("Not in the room", Key.Key_F10)
        assert [each.status for each in screen.presenter.cycle.payouts[:2]] == ["FROZEN", "PAID"]
        screen.look()
        QTest.keyClick(screen.window, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        screen.look()
        QTest.keyClick(screen.window, Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        screen.look()
        screen.press(Key.Key_F9)
        screen.look()
        screen.press(Key.Key_F9)
        screen.look()
        screen.village.close()
        screen.presenter.refresh()
        screen.press("9", Key.Key_Return, "2", Key.Key_Return)
        screen.look()
        screen.press(Key.Key_Up, Key.Key_Up, Key.Key_Delete, Key.Key_F10)
        screen.look()
        assert screen.seen == [
            Step.VALUE,
            Step.AUDIT,
            Step.COUNT,
            *[Step.TABLE] * 2,
            Step.VOTE,
            Step.PAY,
            Step.PAY,
            Step.TAKE_BACK,
            Step.PAY,
            Step.TAKE_BACK,
            *[Step.PAY] * 2,
            *[Step.NEXT] * 2,
            Step.VALUE,
        ]
        assert screen.presenter.cycle.number == 2
    assert verify_all(database).ok
