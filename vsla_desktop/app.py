"""The composition root: puts settings, book, runner, presenters and window together.

What the first picture does not need is imported after it: the window is there first, the book a
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
from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from vsla_desktop.clock import Clock, SystemClock
from vsla_desktop.errors import StorageError
from vsla_desktop.i18n import use_language
from vsla_desktop.presenters.auto_sync import AutoSync
from vsla_desktop.presenters.home import (
    HomePresenter,
    keep_snapshot,
    load_snapshot,
)
from vsla_desktop.presenters.opening import OpeningPresenter
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.settings import (
    DataFolder,
    Settings,
    ThemeChoice,
    data_folder,
    load_settings,
    save_settings,
)
from vsla_desktop.views.making import ProgramPages, pages_of
from vsla_desktop.views.qt_runner import QtRunner
from vsla_desktop.views.syncing import Syncing
from vsla_desktop.views.theme import apply_theme, choose_theme, system_is_dark
from vsla_desktop.views.window import MainWindow

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.presenters.book import OpenBook
    from vsla_desktop.queries.groups import GroupLine

T = TypeVar("T")

_PICTURE_MILLISECONDS: Final = 1000  # a window that is hidden is not painted
_START_MILLISECONDS: Final = 3000  # until then the book is open on any laptop
_USUAL_CURRENCY: Final = "UGX"


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

    def __init__(self, app: QApplication, options: Options, clock: Clock | None = None) -> None:
        super().__init__()
        self.app = app
        self.options = options
        self.clock = clock or SystemClock()
        self.settings = load_settings(options.folder)
        use_language(self.settings.language)
        self.shell = ShellPresenter()
        self.dress()
        self.runner = QtRunner(self)
        self.runner.watch(self.shell.show_busy)
        self._is_opening = False
        self.book: OpenBook | None = None
        self.group: GroupLine | None = None
        self.opening = OpeningPresenter(
            self.runner, self.shell, clock=self.clock, on_open=self._opened
        )
        self.auto = AutoSync(
            self.runner, self.shell, self.clock, is_on=lambda: self.settings.sync_by_itself
        )
        self.pages = ProgramPages(self)
        self.syncing = Syncing(self, self.pages, self)
        self.window = self._make_window()
        # A fault on another thread is shown by this one.
        self.bug_found.connect(self.shell.say_error, Qt.ConnectionType.AutoConnection)
        app.styleHints().colorSchemeChanged.connect(self._system_colours_changed)

    # ------------------------------------------------------------------ the window

    def _make_window(self) -> MainWindow:
        window = MainWindow(self.shell, self.pages.declared(), self._cancel)
        window.closing.connect(self._closing)
        window.practice_left.connect(self.leave_practice)
        self._show_practice(window)
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

    def _cancel(self) -> None:
        self.runner.cancel_all()
        for presenter in self.pages.presenters.values():
            stopped = getattr(presenter, "stopped", None)
            if stopped is not None:
                stopped()

    def start(self) -> None:
        """Show the window with what was last seen, and open the book right after the picture."""
        settings = self.settings
        self._show_last_seen()
        if settings.window_width and settings.window_height:
            self.window.resize(settings.window_width, settings.window_height)
        else:
            self.window.resize(1200, 720)
        if settings.window_maximised or not settings.window_width:
            self.window.showMaximized()
        else:
            self.window.show()
        self.window.first_painted.connect(self._after_first_picture)
        QTimer.singleShot(_PICTURE_MILLISECONDS, self._after_first_picture)

    def _show_last_seen(self) -> None:
        """Show Home as it was, where the book has not changed since; else nothing yet."""
        folder = self.options.folder
        state = None
        if not self.options.url:
            state = load_snapshot(folder.path, folder.database, self.clock.today())
        if state is None:
            self.window.open_page("opening")
            return
        self.pages.home(state.group_id).state = state
        self.shell.open_group(state.name, note=state.note, is_practice=state.is_practice)
        self.shell.show_pages(*pages_of(None))
        self.window.open_page("home")

    def _after_first_picture(self) -> None:
        if self._is_opening:
            return
        self._is_opening = True
        QTimer.singleShot(_START_MILLISECONDS, self.runner.start_sweeping)
        self.opening.open(self.options.folder, url=self.options.url)

    def dress(self) -> None:
        """Wear the theme of the settings, or of the system when they leave it to that."""
        settings = self.settings
        wear(self.app, settings.theme, settings.text_percent, is_dark=system_is_dark(self.app))

    def keep(self, settings: Settings) -> None:
        """Use these choices from now on, also after the next start."""
        self.settings = settings
        save_settings(self.options.folder, settings)

    # ------------------------------------------------------------------ books and groups

    @property
    def folder(self) -> DataFolder:
        """The data folder that was asked for."""
        return self.options.folder

    @property
    def database(self) -> Database:
        """The open book's database; asked for only where a book is open."""
        if self.book is None:
            raise StorageError("The book is not open yet.", hint="Wait a moment.")
        return self.book.database

    def _opened(self, book: OpenBook) -> None:
        self.book = book
        self.syncing.open(book)
        self.pages.office.leave()
        if book.is_office:
            self.group = None
            self._forget()
            self.pages.office.open()
            return
        if not book.groups:
            self.group = None
            self._forget()
            self.shell.close_group()
            self.shell.show_pages()
            self.shell.go_to("first-start")
            return
        last = None if book.is_practice else self.settings.last_group_id
        group = book.group(last)
        if group is not None:
            self._use(group, self._first_page(book, group))

    def _first_page(self, book: OpenBook, group: GroupLine) -> str:
        """The groups where a book holds several, but a meeting that is held today comes first."""
        if "desk" not in pages_of(book):
            return ""
        is_meeting = group.has_open_meeting and group.last_meeting == self.clock.today()
        return "meeting" if is_meeting else "desk"

    def _use(self, group: GroupLine, page: str = "", keep: tuple[str, ...] = ()) -> None:
        """Open a group's pages; those of ``keep`` stay as they are."""
        book = self.book
        if book is None:
            return
        home = self.pages.presenters.get("home")
        is_same = isinstance(home, HomePresenter) and home.group_id == group.group_id
        shown = self.window.current_key
        self.group = group
        if not book.is_practice and self.settings.last_group_id != group.group_id:
            self.keep(replace(self.settings, last_group_id=group.group_id))
        # The page that was shown at once stays, unless there are groups to switch between.
        stays = is_same and shown == "home" and len(book.groups) == 1
        self._forget(keep=("home", *keep) if stays else keep)
        self.shell.open_group(
            group.name, note=group.village, is_practice=book.is_practice or group.is_practice
        )
        self.shell.show_pages(*pages_of(book))
        self._show_practice(self.window)
        key = page or ("meeting" if group.has_open_meeting else "home")
        if key == self.window.current_key and isinstance(home, HomePresenter):
            home.groups = self.pages.group_choices()
            home.refresh()
        self.shell.go_to(key)

    def _show_practice(self, window: MainWindow) -> None:
        """Offer the exercises and the way back in a practice book, and nowhere else."""
        book = self.book if self.book is not None and self.book.is_practice else None
        window.stripes.leave.setVisible(book is not None)
        if book is not None and self.group is not None:
            from vsla_desktop.views.pages.practice import exercises_of

            window.show_beside(exercises_of(self, book, self.group))

    def _forget(self, keep: Sequence[str] = ()) -> None:
        """Drop what belongs to another group or book."""
        self.window.show_beside(None)
        self.window.forget_pages(keep=keep)
        self.pages.presenters = {k: p for k, p in self.pages.presenters.items() if k in keep}

    def use_group(self, group_id: int | None = None, *, code: str = "", page: str = "home") -> None:
        """Open a group of this book, by its id or its code, reading the list of groups again."""
        from vsla_desktop.presenters.book import list_groups

        database, today = self.database, self.clock.today()

        def came(groups: tuple[GroupLine, ...]) -> None:
            if self.book is not None:
                self.book = replace(self.book, groups=groups)
                wanted = (g for g in groups if group_id == g.group_id or (code and code == g.code))
                group = next(wanted, self.book.group(group_id))
                if group is not None:
                    self._use(group, page, keep=("desk",))

        self.runner.submit(
            lambda: list_groups(database, today), came, self.shell.say_error, owner=self
        )

    def open_folder(self, path: Path) -> None:
        """Open the book of another data folder."""
        self.options = Options(DataFolder(path))
        self.opening.open(self.options.folder, leaving=self._let_go())

    def practise(self) -> None:
        """Open the practice book."""
        self.opening.practise(
            self.options.folder, leaving=self.open_database(), currency=self.settings.currency
        )

    def leave_practice(self) -> None:
        """Go back to the real book."""
        self.shell.say_nothing()
        self.opening.open(self.options.folder, url=self.options.url, leaving=self._let_go())

    def restore(self, file: Path) -> None:
        """Put a copy in the book's place and open it."""
        leaving = self._let_go()
        self.shell.go_to("opening")
        self.opening.restore(file, leaving)

    def _let_go(self) -> Database | None:
        """Have no book open from now on; return the database for whoever closes it."""
        self.syncing.leave()
        database = self.open_database()
        self.book = None
        self._forget(keep=(self.window.current_key,))
        return database

    def open_database(self) -> Database | None:
        """The open book's database, if a book is open."""
        return self.book.database if self.book is not None else None

    # ------------------------------------------------------------------ faults and the end

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
        self.syncing.leave()
        if self.book is not None and self.book.is_office:
            self.runner.cancel_all()  # nobody waits for what the server is asked
        self.runner.close()
        self._close_book()

    def _close_book(self) -> None:
        """Close the book, copy it, and keep what Home shows for the next first picture."""
        book, self.book = self.book, None
        if book is None:
            return
        from vsla_desktop.presenters.book import back_up
        from vsla_desktop.presenters.home_reading import read_home

        state = None
        has_one = len(book.groups) == 1  # a book of several opens with its groups
        if self.group is not None and has_one and not book.is_practice and not book.url:
            state = read_home(book.database, self.group.group_id, self.clock.today())
        book.database.close()
        if book.url:
            return
        try:
            back_up(book.folder, self.clock.now(), only_if_changed=True)
        except StorageError as error:
            print(error, file=sys.stderr)  # noqa: T201 - the window is gone already
        if state is not None:
            keep_snapshot(book.folder.path, book.folder.database, state, self.clock.today())


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
