"""The composition root: puts settings, runner, presenters and window together, and nothing else.

What the first picture does not need is imported after it: the window is there first, the books a
moment later.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QLocale, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.i18n import use_language
from vsla_desktop.presenters.first_start import FirstStartPresenter
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.settings import (
    DataFolder,
    Settings,
    ThemeChoice,
    data_folder,
    load_settings,
    save_settings,
)
from vsla_desktop.views.pages.first_start import FirstStartPage
from vsla_desktop.views.pages.page import PageDeclaration
from vsla_desktop.views.qt_runner import QtRunner
from vsla_desktop.views.theme import apply_theme, choose_theme, system_is_dark
from vsla_desktop.views.window import MainWindow


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked on the command line: another data folder, another database."""

    folder: DataFolder
    url: str = ""


def parse_options(argv: Sequence[str]) -> Options:
    """Read the command line; ends the program with status 2 when it is used wrongly."""
    parser = argparse.ArgumentParser(prog="vsla-desktop", description="Open the group's books.")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder")
    parser.add_argument("--url", default="", help="a database other than the folder's own")
    asked = parser.parse_args(argv)
    return Options(data_folder(asked.data), asked.url)


class Program(QObject):
    """Everything that lives as long as the window does."""

    bug_found = Signal(object)

    def __init__(self, app: QApplication, options: Options) -> None:
        super().__init__()
        self.app = app
        self.options = options
        self.settings = load_settings(options.folder)
        use_language(self.settings.language)
        self.shell = ShellPresenter()
        self.dress()
        self.runner = QtRunner(self)
        self.runner.watch(self.shell.show_busy)
        self.window = self._make_window()
        # A fault on another thread is shown by this one.
        self.bug_found.connect(self.shell.say_error, Qt.ConnectionType.AutoConnection)
        app.styleHints().colorSchemeChanged.connect(self._system_colours_changed)

    def _make_window(self) -> MainWindow:
        window = MainWindow(self.shell, self.pages(), self.runner.cancel_all)
        window.closing.connect(self._closing)
        return window

    def renew(self) -> None:
        """Make the window anew in other colours, sizes or another language, on the same page."""
        old, key = self.window, self.window.current_key
        old.hand_over()
        self.dress()
        self.window = self._make_window()
        self.window.setGeometry(old.geometry())
        self.window.setWindowState(old.windowState())
        self.window.open_page(key)
        self.window.show()
        old.closing.disconnect(self._closing)
        old.hide()
        old.deleteLater()

    def _system_colours_changed(self) -> None:
        if self.settings.theme is ThemeChoice.SYSTEM:
            self.renew()

    def pages(self) -> list[PageDeclaration]:
        """The pages of the program, in the order of the rail."""
        return [
            PageDeclaration("first-start", "", "home", self._make_first_start, in_rail=False),
        ]

    def _make_first_start(self) -> FirstStartPage:
        return FirstStartPage(
            FirstStartPresenter(
                currencies=tuple(CURRENCIES),
                ways={},
                on_choice=lambda language, currency: self.keep(
                    replace(self.settings, language=language, currency=currency)
                ),
                currency=self.settings.currency or local_currency(),
            )
        )

    def start(self) -> None:
        """Show the window, and what is in the data folder right after the first picture."""
        settings = self.settings
        if settings.window_width and settings.window_height:
            self.window.resize(settings.window_width, settings.window_height)
        else:
            self.window.resize(1200, 720)
        if settings.window_maximised or not settings.window_width:
            self.window.showMaximized()
        else:
            self.window.show()
        QTimer.singleShot(0, self._after_first_picture)

    def _after_first_picture(self) -> None:
        self.window.open_page("first-start")

    def dress(self) -> None:
        """Wear the theme of the settings, or of the system when they leave it to that."""
        settings = self.settings
        wear(self.app, settings.theme, settings.text_percent, is_dark=system_is_dark(self.app))

    def keep(self, settings: Settings) -> None:
        """Use these choices from now on, also after the next start."""
        self.settings = settings
        save_settings(self.options.folder, settings)

    def report_bug(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Show a fault of the program above the page, and tell it on standard error too."""
        sys.__excepthook__(kind, error, trace)
        self.bug_found.emit(error)

    def _closing(self) -> None:
        window = self.window
        is_maximised = window.isMaximized()
        size = window.normalGeometry().size() if is_maximised else window.size()
        self.keep(
            replace(
                self.settings,
                window_width=size.width(),
                window_height=size.height(),
                window_maximised=is_maximised,
            )
        )
        self.runner.close()


def local_currency() -> str:
    """The code of the currency of the place that the laptop is set to, empty if it has none."""
    return QLocale.system().currencySymbol(QLocale.CurrencySymbolFormat.CurrencyIsoCode)


def wear(app: QApplication, choice: ThemeChoice, percent: int = 100, *, is_dark: bool) -> None:
    """Dress the program; parts that paint themselves find the theme as the program's property."""
    theme = choose_theme(choice, percent, system_is_dark=is_dark)
    app.setProperty("theme", theme)
    apply_theme(app, theme)


def run(argv: Sequence[str]) -> int:
    """Open the program and return its exit status when the window is closed."""
    options = parse_options(argv)
    app = QApplication([sys.argv[0]])
    app.setApplicationName("vsla-desktop")
    app.setApplicationDisplayName("VSLA")
    program = Program(app, options)
    sys.excepthook = program.report_bug
    threading.excepthook = lambda fault: program.report_bug(
        fault.exc_type, fault.exc_value or fault.exc_type(), fault.exc_traceback
    )
    program.start()
    return app.exec()
