"""The composition root: puts settings, book, runner, presenters and window together.

What the first picture does not need is imported after it: the window is there first, the book a
moment later.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from PySide6.QtCore import QLocale, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from vsla_desktop.clock import Clock, SystemClock
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.errors import StorageError
from vsla_desktop.i18n import _, use_language
from vsla_desktop.presenters.home import (
    GroupChoice,
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
from vsla_desktop.views.pages.page import Page, PageDeclaration
from vsla_desktop.views.qt_runner import QtRunner
from vsla_desktop.views.theme import apply_theme, choose_theme, system_is_dark
from vsla_desktop.views.window import MainWindow

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.presenters.book import OpenBook
    from vsla_desktop.queries.groups import GroupLine

T = TypeVar("T")

IN_RAIL: Final = ("home", "meeting", "members", "cashbook", "sync", "settings")
_WITHOUT_SYNC: Final = tuple(key for key in IN_RAIL if key != "sync")
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
        self.book: OpenBook | None = None
        self.group: GroupLine | None = None
        # A window that is made anew shows what the presenters already know.
        self._presenters: dict[str, Any] = {}
        self.opening = OpeningPresenter(
            self.runner, self.shell, clock=self.clock, on_open=self._opened
        )
        self.window = self._make_window()
        # A fault on another thread is shown by this one.
        self.bug_found.connect(self.shell.say_error, Qt.ConnectionType.AutoConnection)
        app.styleHints().colorSchemeChanged.connect(self._system_colours_changed)

    # ------------------------------------------------------------------ the window

    def _make_window(self) -> MainWindow:
        window = MainWindow(self.shell, self.pages(), self._cancel)
        window.closing.connect(self._closing)
        window.practice_left.connect(self.leave_practice)
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
        for presenter in self._presenters.values():
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
        QTimer.singleShot(0, self._after_first_picture)

    def _show_last_seen(self) -> None:
        """Show Home as it was, where the book has not changed since; else nothing yet."""
        folder = self.options.folder
        state = None
        if not self.options.url:
            state = load_snapshot(folder.path, folder.database, self.clock.today())
        if state is None:
            self.window.open_page("opening")
            return
        home = self._presenter("home", partial(self._home_presenter, state.group_id))
        home.state = state
        self.shell.open_group(state.name, note=state.note, is_practice=state.is_practice)
        self.shell.show_pages(*IN_RAIL)
        self.window.open_page("home")

    def _after_first_picture(self) -> None:
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
    def database(self) -> Database:
        """The open book's database; asked for only where a book is open."""
        if self.book is None:
            raise StorageError("The book is not open yet.", hint="Wait a moment.")
        return self.book.database

    def _opened(self, book: OpenBook) -> None:
        self.book = book
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
            self._use(group)

    def _use(self, group: GroupLine, page: str = "") -> None:
        """Open a group's pages."""
        book = self.book
        if book is None:
            return
        home = self._presenters.get("home")
        is_same = isinstance(home, HomePresenter) and home.group_id == group.group_id
        shown = self.window.current_key
        self.group = group
        if not book.is_practice and self.settings.last_group_id != group.group_id:
            self.keep(replace(self.settings, last_group_id=group.group_id))
        self._forget(keep=("home",) if is_same and shown == "home" else ())
        self.shell.open_group(
            group.name, note=group.village, is_practice=book.is_practice or group.is_practice
        )
        self.shell.show_pages(*(_WITHOUT_SYNC if book.is_practice or book.url else IN_RAIL))
        self._show_sync()
        key = page or ("meeting" if group.has_open_meeting else "home")
        if key == self.window.current_key and isinstance(home, HomePresenter):
            home.groups = self._group_choices()
            home.refresh()
        self.shell.go_to(key)

    def _forget(self, keep: Sequence[str] = ()) -> None:
        """Drop what belongs to another group or book."""
        self.window.forget_pages(keep=keep)
        self._presenters = {k: p for k, p in self._presenters.items() if k in keep}

    def _show_sync(self) -> None:
        from vsla_desktop.presenters.sync_page import read_state

        book = self.book
        if book is None or book.is_practice or book.url:
            return
        self.runner.submit(
            lambda: read_state(book.database, book.folder.path),
            lambda state: self.shell.show_sync(state.stage, state.at),
            self.shell.say_error,
            owner=self,
        )

    def use_group(self, group_id: int | None = None, *, code: str = "") -> None:
        """Open a group of this book, by its id or its code, reading the list of groups again."""
        from vsla_desktop.presenters.book import list_groups

        database, today = self.database, self.clock.today()

        def came(groups: tuple[GroupLine, ...]) -> None:
            if self.book is not None:
                self.book = replace(self.book, groups=groups)
                wanted = (g for g in groups if group_id == g.group_id or (code and code == g.code))
                group = next(wanted, self.book.group(group_id))
                if group is not None:
                    self._use(group, "home")

        self.runner.submit(
            lambda: list_groups(database, today), came, self.shell.say_error, owner=self
        )

    def open_folder(self, path: Path) -> None:
        """Open the book of another data folder."""
        self.options = Options(DataFolder(path))
        self.opening.open(self.options.folder, leaving=self._let_go())

    def practise(self) -> None:
        """Open the practice book."""
        self.opening.practise(self.options.folder, leaving=self._open_database())

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
        database = self._open_database()
        self.book = None
        self._forget(keep=(self.window.current_key,))
        return database

    def _open_database(self) -> Database | None:
        return self.book.database if self.book is not None else None

    # ------------------------------------------------------------------ pages

    def pages(self) -> list[PageDeclaration]:
        """The pages of the program, in the order of the rail."""
        return [
            PageDeclaration("opening", "", "home", self._make_opening, in_rail=False),
            PageDeclaration("first-start", "", "home", self._make_first_start, in_rail=False),
            PageDeclaration("new-group", "", "group", self._make_new_group, in_rail=False),
            PageDeclaration("bring-books", "", "workbook", self._make_bring, in_rail=False),
            PageDeclaration("home", _("Home"), "home", self._make_home),
            PageDeclaration("meeting", _("Meeting"), "meeting", self._open(self._make_meeting)),
            PageDeclaration("members", _("Members"), "members", self._open(self._make_members)),
            PageDeclaration("cashbook", _("Cashbook"), "cashbook", self._open(self._make_cashbook)),
            PageDeclaration("sync", _("Sync"), "sync", self._open(self._make_sync)),
            PageDeclaration("settings", _("Settings"), "settings", self._make_settings),
        ]

    def _open(self, make: Callable[[], Page]) -> Callable[[], Page]:
        """A page that needs the open book; for the moment before that, an empty one."""
        return lambda: make() if self.book is not None and self.group is not None else Page("")

    def _presenter(self, key: str, make: Callable[[], T]) -> T:
        made: T = self._presenters.setdefault(key, None) or make()
        self._presenters[key] = made
        return made

    def _make_opening(self) -> Page:
        from vsla_desktop.views.pages.opening import OpeningPage

        return OpeningPage(self.opening, self.open_folder)

    def _make_first_start(self) -> Page:
        from vsla_desktop.presenters.first_start import Beginning, FirstStartPresenter
        from vsla_desktop.views.pages.first_start import FirstStartPage

        presenter = FirstStartPresenter(
            currencies=tuple(CURRENCIES),
            ways={
                Beginning.NEW_GROUP: lambda: self.shell.go_to("new-group"),
                Beginning.PRACTISE: self.practise,
                Beginning.WORKBOOK: lambda: self.shell.go_to("bring-books"),
                Beginning.RESTORE: self._choose_copy,
            },
            on_choice=lambda language, currency: self.keep(
                replace(self.settings, language=language, currency=currency)
            ),
            currency=self.settings.currency or local_currency(),
        )
        if not self.settings.currency:
            self.settings = replace(self.settings, currency=presenter.currency)
        return FirstStartPage(presenter)

    def _choose_copy(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        name, _filter = QFileDialog.getOpenFileName(
            self.window, _("Copy to bring back"), "", "VSLA (*.db);;* (*)"
        )
        if name:
            self.restore(Path(name))

    def _make_new_group(self) -> Page:
        from vsla_desktop.presenters.new_group import NewGroupPresenter
        from vsla_desktop.views.pages.new_group import NewGroupPage

        code = self.settings.currency if self.settings.currency in CURRENCIES else _USUAL_CURRENCY
        if self.group is not None:
            code = self.group.currency
        return NewGroupPage(
            self._presenter(
                "new-group",
                lambda: NewGroupPresenter(
                    lambda: self.database,
                    self.runner,
                    self.shell,
                    currency=CURRENCIES[code],
                    clock=self.clock,
                    on_opened=self.use_group,
                ),
            )
        )

    def _make_bring(self) -> Page:
        from vsla_desktop.presenters.bring_books import BringBooksPresenter
        from vsla_desktop.views.pages.bring_books import BringBooksPage

        return BringBooksPage(
            self._presenter(
                "bring-books",
                lambda: BringBooksPresenter(
                    lambda: self.database,
                    self.runner,
                    self.shell,
                    clock=self.clock,
                    on_brought=lambda code: self.use_group(code=code),
                ),
            )
        )

    def _home_presenter(self, group_id: int) -> HomePresenter:
        return HomePresenter(
            self._open_database,
            self.runner,
            self.shell,
            group_id,
            self.clock,
            groups=self._group_choices(),
            switch=self.use_group,
        )

    def _group_choices(self) -> tuple[GroupChoice, ...]:
        if self.book is None:
            return ()
        return tuple(GroupChoice(g.group_id, f"{g.name} · {g.code}") for g in self.book.groups)

    def _make_home(self) -> Page:
        from vsla_desktop.views.pages.home import HomePage

        group_id = self.group.group_id if self.group is not None else 0
        return HomePage(self._presenter("home", partial(self._home_presenter, group_id)))

    def _make_meeting(self) -> Page:
        from vsla_desktop.presenters.meeting import MeetingPresenter
        from vsla_desktop.views.pages.meeting import MeetingPage

        group = self._group()
        return MeetingPage(
            self._presenter(
                "meeting",
                lambda: MeetingPresenter(
                    self.database,
                    self.runner,
                    self.shell,
                    group_id=group.group_id,
                    clock=self.clock,
                ),
            )
        )

    def _make_members(self) -> Page:
        from vsla_desktop.presenters.members import MembersPresenter
        from vsla_desktop.views.pages.members import MembersPage

        return MembersPage(self._presenter("members", self._of_group(MembersPresenter)))

    def _make_cashbook(self) -> Page:
        from vsla_desktop.presenters.cashbook import CashbookPresenter
        from vsla_desktop.views.pages.cashbook import CashbookPage

        return CashbookPage(self._presenter("cashbook", self._of_group(CashbookPresenter)))

    def _of_group(self, kind: Callable[..., T]) -> Callable[[], T]:
        group = self._group()
        return lambda: kind(
            self.database,
            self.runner,
            self.shell,
            group_id=group.group_id,
            currency=CURRENCIES[group.currency],
            clock=self.clock,
        )

    def _group(self) -> GroupLine:
        if self.group is None:
            raise StorageError("No group is open.")
        return self.group

    def _make_sync(self) -> Page:
        from vsla_desktop.presenters.sync_page import SyncPresenter
        from vsla_desktop.views.pages.sync import SyncPage

        folder = self.options.folder.path
        return SyncPage(
            self._presenter(
                "sync", lambda: SyncPresenter(self.database, folder, self.runner, self.shell)
            )
        )

    def _make_settings(self) -> Page:
        from vsla_desktop.presenters.settings_page import SettingsPresenter
        from vsla_desktop.views.pages.settings import SettingsPage

        is_practice = self.book is not None and self.book.is_practice
        folder = self.book.folder if self.book is not None else self.options.folder
        presenter = SettingsPresenter(
            self.runner,
            self.shell,
            folder=folder,
            clock=self.clock,
            current=lambda: self.settings,
            keep=self.keep,
            on_look=lambda: QTimer.singleShot(0, self.renew),
            on_restore=self.restore,
        )
        self._presenters["settings"] = presenter
        last = (
            (_("Back to my book"), "home", self.leave_practice)
            if is_practice
            else (_("Practise"), "practise", self.practise)
        )
        return SettingsPage(
            presenter,
            (
                (_("Open a new group"), "group", lambda: self.shell.go_to("new-group")),
                (_("Bring a workbook"), "workbook", lambda: self.shell.go_to("bring-books")),
                last,
            ),
        )

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
        self.runner.close()
        self._close_book()

    def _close_book(self) -> None:
        """Close the book, copy it, and keep what Home shows for the next first picture."""
        book, self.book = self.book, None
        if book is None:
            return
        from vsla_desktop.presenters.book import back_up
        from vsla_desktop.presenters.home import read_home

        state = None
        if self.group is not None and not book.is_practice and not book.url:
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
