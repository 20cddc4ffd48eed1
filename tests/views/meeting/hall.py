"""The window of a group at its meeting page, and what is pressed there again and again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pypdfium2 as pdfium
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.presenters.meeting.table import count_all
from tests.services.village import Village
from vsla_desktop.presenters.meeting import MeetingPresenter, Stage
from vsla_desktop.presenters.meeting_columns import Step
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.services.members import Committee, elect_officers
from vsla_desktop.views.pages.meeting import MeetingPage
from vsla_desktop.views.pages.meeting_sheet import SheetPage
from vsla_desktop.views.pages.page import PageDeclaration
from vsla_desktop.views.qt_runner import QtRunner
from vsla_desktop.views.window import MainWindow

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


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
        self.runner = runner
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
        runner = self.runner
        if isinstance(runner, QtRunner):
            self.qtbot.waitUntil(lambda: meeting.is_settled and runner.is_idle)
        QApplication.processEvents()


def open_by_keys(hall: Hall) -> None:
    hall.reach(Stage.BEFORE)
    press(Key.Key_F10)
    hall.reach(Stage.OPENING_COUNT)
    press(Key.Key_F10)
    hall.reach(Stage.SHEET)


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


def with_officers(village: Village) -> None:
    chair, secretary, treasurer = village.members[:3]
    committee = Committee(chairperson=chair, secretary=secretary, treasurer=treasurer)
    with village.at_work() as session:
        elect_officers(session, village.group_id, committee, clock=village.clock)


def text_of(file: Path) -> str:
    with closing(pdfium.PdfDocument(file)) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
