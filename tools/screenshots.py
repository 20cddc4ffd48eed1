"""Paints named screens without a display: ``python tools/screenshots.py FOLDER [NAME ...]``.

Every screen is painted at 1366x768, light and dark; with ``--large`` also with text at 150 %.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from tests.views.paper import SHARES, PaperPurse, PaperSheet
from vsla_desktop.app import wear
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.first_start import Beginning, FirstStartPresenter
from vsla_desktop.presenters.runner import Busy
from vsla_desktop.presenters.shell import ShellPresenter, SyncStage, Tone
from vsla_desktop.settings import ThemeChoice
from vsla_desktop.views.keycard import sheet_keys
from vsla_desktop.views.pages.first_start import FirstStartPage
from vsla_desktop.views.pages.page import KeyHint, Page, PageDeclaration
from vsla_desktop.views.widgets.basics import Card, EmptyState, PrimaryButton, SecondaryButton
from vsla_desktop.views.widgets.counter import DenominationCounter
from vsla_desktop.views.widgets.grid import GridTable
from vsla_desktop.views.window import MainWindow

SIZE = (1366, 768)
PAGES = (
    ("home", "Home", "home"),
    ("meeting", "Meeting", "meeting"),
    ("members", "Members", "members"),
    ("loans", "Loans", "loans"),
    ("savings", "Savings", "savings"),
    ("cashbook", "Cashbook", "cashbook"),
    ("share-out", "Share-out", "share-out"),
    ("iga", "Projects", "iga"),
    ("achievements", "Achievements", "achievements"),
    ("documents", "Documents", "documents"),
    ("mobile", "Mobile money", "mobile"),
    ("reports", "Reports", "reports"),
    ("sync", "Sync", "sync"),
    ("settings", "Settings", "settings"),
)


class SheetPage(Page):
    """A sheet with trouble in it, and the figure that the treasurer looks for."""

    def __init__(self) -> None:
        super().__init__("Meeting 12", "Tuesday 3 March 2026")
        sheet = PaperSheet()
        for row in range(len(sheet.names)):
            sheet.enter(row, 2, "p" if row % 5 else "l")
            sheet.enter(row, 3, "1000" if row % 7 else "0")
            sheet.enter(row, 4, str(row % 4 + 1))
        sheet.enter(8, 2, "a")
        sheet.enter(4, SHARES, "12")
        sheet.enter(3, 7, "350000")
        sheet.enter(1, 7, "20000")
        sheet.enter(1, 8, "Farming")
        self.grid = GridTable(sheet, "Meeting sheet")
        self.body.addWidget(self.grid, 1)
        self.add_to_foot(self.grid.take_sentence_row())
        self.add_action(SecondaryButton("Count the box", icon_name="box"))
        self.add_action(PrimaryButton("Close meeting", icon_name="check", key="F10"))
        self.setFocusProxy(self.grid)
        self.grid.table.go(4, SHARES)

    def keys(self) -> tuple[KeyHint, ...]:
        """The keys of the sheet."""
        return sheet_keys()


class CardsPage(Page):
    """Figures, and a purse being counted."""

    def __init__(self) -> None:
        super().__init__("Home", "Cycle 3, week 12 of 40", scrolls=True)
        cards = QHBoxLayout()
        cards.addWidget(
            Card("Should be in the box", "186,000", "Counted on 3 Mar", icon_name="box")
        )
        late = Card("Loans out", "1,240,000", icon_name="loans")
        late.show_figure("1,240,000", "2 are late", Tone.WARNING)
        cards.addWidget(late)
        fine = Card("Social fund", "64,500", icon_name="savings")
        fine.show_figure("64,500", "Agrees with the count", Tone.GOOD)
        cards.addWidget(fine)
        self.body.addLayout(cards)
        purse = PaperPurse()
        for line, count in enumerate(("2", "3", "1", "2", "2")):
            purse.enter(line, count)
        row = QHBoxLayout()
        row.addWidget(DenominationCounter(purse, "Loan fund, closing count"))
        row.addWidget(
            EmptyState(
                "No loans yet",
                "Give the first loan at a meeting.",
                icon_name="loans",
                action="Open the meeting",
                on_action=lambda: None,
            ),
            1,
        )
        self.body.addLayout(row, 1)


def shell_window(key: str, page: Callable[[], Page], *, is_practice: bool = False) -> MainWindow:
    """The window of an open group with one of its pages."""
    shell = ShellPresenter()
    pages = [PageDeclaration(k, title, icon, page) for k, title, icon in PAGES]
    window = MainWindow(shell, pages, lambda: None)
    shell.show_pages(*(k for k, _title, _icon in PAGES))
    shell.open_group("Tukolere Wamu", note="Kayunga · cycle 3", is_practice=is_practice)
    shell.show_sync(SyncStage.WAITING)
    window.open_page(key)
    return window


def first_start(language: str) -> MainWindow:
    """The first screen, with every way to begin."""
    presenter = FirstStartPresenter(
        currencies=("UGX", "KES"),
        ways={way: lambda: None for way in Beginning},
        on_choice=lambda _language, _currency: None,
    )
    presenter.choose_language(language)
    declared = PageDeclaration("first", "", "home", lambda: FirstStartPage(presenter))
    window = MainWindow(ShellPresenter(), [declared], lambda: None)
    window.open_page("first")
    return window


def sheet() -> QWidget:
    """The meeting sheet."""
    return shell_window("meeting", SheetPage)


def practice() -> QWidget:
    """The meeting sheet of a practice group, with an error and long work."""
    window = shell_window("meeting", SheetPage, is_practice=True)
    window.shell.say_error(ZeroDivisionError("made up"))
    window.shell.show_busy(Busy("Making a backup", 3, 10, can_cancel=True))
    return window


def keys() -> QWidget:
    """The key card over the sheet."""
    window = shell_window("meeting", SheetPage)
    window.resize(*SIZE)
    window.show()
    window.toggle_key_card()
    return window


def home() -> QWidget:
    """Cards and counter."""
    return shell_window("home", CardsPage)


SCREENS: dict[str, Callable[[], QWidget]] = {
    "first-start": lambda: first_start("en"),
    "first-start-fr": lambda: first_start("fr"),
    "sheet": sheet,
    "practice": practice,
    "keys": keys,
    "cards": home,
}


def paint(app: QApplication, name: str, file: Path) -> None:
    """Paint one screen into a PNG file."""
    with speaking("en"):
        screen = SCREENS[name]()
        screen.resize(*SIZE)
        screen.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        screen.show()
        screen.activateWindow()
        for _round in range(4):
            app.processEvents()
        screen.grab().save(str(file))
        screen.close()
        app.processEvents()


def main() -> None:
    """Paint what was asked for."""
    parser = argparse.ArgumentParser(description="Paint screens into PNG files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help=f"some of: {', '.join(SCREENS)}")
    parser.add_argument("--large", action="store_true", help="also with text at 150 %%")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    for percent in (100, 150) if asked.large else (100,):
        for theme in (ThemeChoice.LIGHT, ThemeChoice.DARK):
            wear(app, theme, percent, is_dark=False)
            for name in asked.names or SCREENS:
                size = f"-{percent}" if asked.large else ""
                file = asked.folder / f"{name}-{theme}{size}.png"
                paint(app, name, file)
                print(file)


if __name__ == "__main__":
    main()
