"""The pages of the program, each made with its presenter when it is first shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from PySide6.QtCore import QLocale, QTimer, QUrl
from PySide6.QtGui import QDesktopServices

from vsla_desktop.i18n import _
from vsla_desktop.presenters.home import GroupChoice, HomePresenter
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.views.making_group import GroupPages
from vsla_desktop.views.making_office import OfficePages
from vsla_desktop.views.pages.page import Page, PageDeclaration
from vsla_desktop.views.parts import Parts

if TYPE_CHECKING:
    from vsla_desktop.presenters.book import OpenBook

T = TypeVar("T")
_USUAL_CURRENCY: Final = "UGX"
_SEVERAL: Final = 2
IN_RAIL: Final = (
    "desk",
    "home",
    "meeting",
    "members",
    "loans",
    "funds",
    "cashbook",
    "share-out",
    "rules",
    "reports",
    "sync",
    "settings",
)


class ProgramPages:
    """Makes pages; keeps the presenters, so that a window made anew shows what they know."""

    def __init__(self, program: Parts) -> None:
        self.program = program
        self.presenters: dict[str, Any] = {}
        self.group = GroupPages(self)
        self.office = OfficePages(self)
        self._after_founding = "home"
        self.printing = Printing(
            lambda: program.database,
            program.runner,
            program.shell,
            self.book_folder,
            program.clock,
        )
        self.printing.ready.listen(_open_file)

    def book_folder(self) -> Path:
        """The folder of the book that is open; before, the one of the program."""
        book = self.program.book
        return book.folder.path if book is not None else self.program.folder.path

    def declared(self) -> list[PageDeclaration]:
        """The pages of the program, in the order of the rail."""
        return [
            PageDeclaration("opening", "", "home", self._make_opening, in_rail=False),
            PageDeclaration("first-start", "", "home", self._make_first_start, in_rail=False),
            PageDeclaration("new-group", "", "group", self._make_new_group, in_rail=False),
            PageDeclaration("bring-books", "", "workbook", self._make_bring, in_rail=False),
            PageDeclaration("filling", "", "sync", self._make_filling, in_rail=False),
            PageDeclaration("desk", _("Groups"), "desk", self.open_book(self._make_desk)),
            PageDeclaration("home", _("Home"), "home", self._make_home),
            *self.group.declared(),
            *self.office.declared(),
            PageDeclaration("reports", _("Reports"), "reports", self._make_any_reports),
            PageDeclaration("sync", _("Sync"), "sync", self.open_book(self._make_sync)),
            PageDeclaration("settings", _("Settings"), "settings", self._make_settings),
        ]

    def open_book(self, make: Callable[[], Page]) -> Callable[[], Page]:
        """A page that needs the open book; for the moment before that, an empty one."""
        return lambda: (
            make() if self.program.book is not None and self.program.group is not None else Page("")
        )

    def presenter(self, key: str, make: Callable[[], T]) -> T:
        """The presenter of a page, made when it is first asked for."""
        made: T = self.presenters.setdefault(key, None) or make()
        self.presenters[key] = made
        return made

    def _make_opening(self) -> Page:
        from vsla_desktop.views.pages.opening import OpeningPage

        return OpeningPage(self.program.opening, self.program.open_folder)

    def _make_first_start(self) -> Page:
        from vsla_desktop.domain.currencies import CURRENCIES
        from vsla_desktop.presenters.first_start import Beginning, FirstStartPresenter
        from vsla_desktop.views.pages.first_start import FirstStartPage

        presenter = FirstStartPresenter(
            currencies=tuple(CURRENCIES),
            ways={
                Beginning.NEW_GROUP: lambda: self._found_group("home"),
                Beginning.PAPER: lambda: self._found_group("paper-books"),
                Beginning.PRACTISE: self.program.practise,
                Beginning.WORKBOOK: lambda: self.program.shell.go_to("bring-books"),
                Beginning.RESTORE: self._choose_copy,
                Beginning.HEAD_OFFICE: lambda: self.program.shell.go_to("filling"),
            },
            on_choice=self._keep_choice,
            currency=self.program.settings.currency or _local_currency(),
        )
        if not self.program.settings.currency:
            self.program.settings = replace(self.program.settings, currency=presenter.currency)
        return FirstStartPage(presenter)

    def _found_group(self, then: str) -> None:
        """Ask for a new group, and show this page once there is one."""
        self._after_founding = then
        self.program.shell.go_to("new-group")

    def _founded(self, group_id: int) -> None:
        then, self._after_founding = self._after_founding, "home"
        self.program.use_group(group_id, page=then)

    def _keep_choice(self, language: str, currency: str) -> None:
        """Keep what was chosen; pages that were looked at before are made anew with it."""
        program = self.program
        if currency != program.settings.currency:
            self.presenters.pop("new-group", None)  # its amounts are of another currency
        program.keep(replace(program.settings, language=language, currency=currency))
        program.window.forget_pages(keep=("first-start",))

    def _choose_copy(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        name, _filter = QFileDialog.getOpenFileName(
            self.program.window, _("Copy to bring back"), "", "VSLA (*.db);;* (*)"
        )
        if name:
            self.program.restore(Path(name))

    def _make_new_group(self) -> Page:
        from vsla_desktop.domain.currencies import CURRENCIES
        from vsla_desktop.presenters.new_group import NewGroupPresenter
        from vsla_desktop.views.pages.new_group import NewGroupPage

        code = (
            self.program.settings.currency
            if self.program.settings.currency in CURRENCIES
            else _USUAL_CURRENCY
        )
        if self.program.group is not None:
            code = self.program.group.currency
        return NewGroupPage(
            self.presenter(
                "new-group",
                lambda: NewGroupPresenter(
                    lambda: self.program.database,
                    self.program.runner,
                    self.program.shell,
                    currency=CURRENCIES[code],
                    clock=self.program.clock,
                    on_opened=self._founded,
                ),
            )
        )

    def _make_bring(self) -> Page:
        from vsla_desktop.presenters.bring_books import BringBooksPresenter
        from vsla_desktop.views.pages.bring_books import BringBooksPage

        return BringBooksPage(
            self.presenter(
                "bring-books",
                lambda: BringBooksPresenter(
                    lambda: self.program.database,
                    self.program.runner,
                    self.program.shell,
                    clock=self.program.clock,
                    on_brought=lambda code: self.program.use_group(code=code),
                ),
            )
        )

    def home(self, group_id: int) -> HomePresenter:
        """The presenter of Home, of this group when there is none yet."""
        return self.presenter("home", partial(self._new_home, group_id))

    def _new_home(self, group_id: int) -> HomePresenter:
        return HomePresenter(
            self.program.open_database,
            self.program.runner,
            self.program.shell,
            group_id,
            self.program.clock,
            groups=self.group_choices(),
            switch=self.program.use_group,
        )

    def group_choices(self) -> tuple[GroupChoice, ...]:
        """The groups of the open book to switch between."""
        if self.program.book is None:
            return ()
        return tuple(
            GroupChoice(g.group_id, f"{g.name} · {g.code}") for g in self.program.book.groups
        )

    def _make_home(self) -> Page:
        from vsla_desktop.views.pages.home import HomePage

        group_id = self.program.group.group_id if self.program.group is not None else 0
        return HomePage(self.home(group_id))

    def _make_desk(self) -> Page:
        from vsla_desktop.presenters.desk import DeskPresenter
        from vsla_desktop.views.pages.desk import DeskPage

        p = self.program

        def make() -> DeskPresenter:
            return DeskPresenter(
                p.database, p.runner, p.shell, clock=p.clock, open_group=p.use_group
            )

        return DeskPage(self.presenter("desk", make), self.printing)

    def _make_any_reports(self) -> Page:
        if self.office.office is not None:
            return self.office.make_reports()
        return self.open_book(self.group.make_reports)()

    def _make_sync(self) -> Page:
        from vsla_desktop.presenters.sync_page import SyncPresenter
        from vsla_desktop.views.pages.sync import SyncPage

        program = self.program

        def make() -> SyncPresenter:
            return SyncPresenter(
                program.database,
                program.folder.path,
                program.runner,
                program.shell,
                auto=program.auto,
                clock=program.clock,
            )

        return SyncPage(self.presenter("sync", make))

    def _make_filling(self) -> Page:
        from vsla_desktop.presenters.filling import FillingPresenter
        from vsla_desktop.views.pages.filling import FillingPage

        program = self.program

        def make() -> FillingPresenter:
            return FillingPresenter(
                lambda: program.database,
                program.folder.path,
                program.runner,
                program.shell,
                program.auto,
            )

        return FillingPage(self.presenter("filling", make))

    def _make_settings(self) -> Page:
        from vsla_desktop.presenters.settings_page import SettingsPresenter
        from vsla_desktop.views.pages.settings import SettingsPage

        is_practice = self.program.book is not None and self.program.book.is_practice
        folder = self.program.book.folder if self.program.book is not None else self.program.folder
        presenter = SettingsPresenter(
            self.program.runner,
            self.program.shell,
            folder=folder,
            clock=self.program.clock,
            current=lambda: self.program.settings,
            keep=self.program.keep,
            on_look=lambda: QTimer.singleShot(0, self.program.renew),
            on_restore=self.program.restore,
        )
        self.presenters["settings"] = presenter
        shell = self.program.shell
        if self.office.office is not None:
            return SettingsPage(presenter, self.office.ways(), is_office=True)
        take_out = partial(shell.go_to, "take-out")
        # Who has one group finds the visits to it here; who has several, on the page of groups.
        visits = (_("Visits"), "calendar", partial(shell.go_to, "desk"))
        has_visits = self.program.group is not None and "desk" not in shell.state.pages
        last = (
            (_("Back to my book"), "home", self.program.leave_practice)
            if is_practice
            else (_("Practise"), "practise", self.program.practise)
        )
        return SettingsPage(
            presenter,
            (
                (_("Open a new group"), "group", partial(shell.go_to, "new-group")),
                (_("Bring a workbook"), "workbook", partial(shell.go_to, "bring-books")),
                *([(_("Take the book out"), "workbook", take_out)] if self.program.group else []),
                *([visits] if has_visits else []),
                last,
            ),
        )


def _open_file(file: Path) -> None:
    """Open printed pages with the program that the laptop shows them with."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))


def _local_currency() -> str:
    """The code of the currency of the place that the laptop is set to, else the usual one."""
    code = QLocale.system().currencySymbol(QLocale.CurrencySymbolFormat.CurrencyIsoCode)
    return code or _USUAL_CURRENCY


def pages_of(book: OpenBook | None) -> tuple[str, ...]:
    """The pages of a book: groups where it has several, sync where something is sent."""
    left_out = set()
    if book is None or len(book.groups) < _SEVERAL or book.url:
        left_out.add("desk")
    if book is not None and (book.is_practice or book.url):
        left_out.add("sync")
    return tuple(key for key in IN_RAIL if key not in left_out)
