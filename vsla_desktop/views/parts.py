"""What the pages need of the program that shows them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vsla_desktop.clock import Clock
from vsla_desktop.presenters.auto_sync import AutoSync
from vsla_desktop.presenters.opening import OpeningPresenter
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.settings import DataFolder, Settings
from vsla_desktop.views.window import MainWindow

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.presenters.book import OpenBook
    from vsla_desktop.queries.groups import GroupLine


class Parts(Protocol):
    """What the pages need of the program."""

    shell: ShellPresenter
    clock: Clock
    settings: Settings
    book: OpenBook | None
    group: GroupLine | None
    opening: OpeningPresenter
    auto: AutoSync
    window: MainWindow

    @property
    def runner(self) -> Runner:
        """Who does the work."""

    @property
    def folder(self) -> DataFolder:
        """The data folder that was asked for."""

    @property
    def database(self) -> Database:
        """The open book's database; raises :class:`StorageError` when there is none."""

    def open_database(self) -> Database | None:
        """The open book's database, if a book is open."""

    def keep(self, settings: Settings) -> None:
        """Use these choices from now on."""

    def use_group(self, group_id: int | None = None, *, code: str = "", page: str = "home") -> None:
        """Open a group of this book."""

    def open_folder(self, path: Path) -> None:
        """Open the book of another data folder."""

    def practise(self) -> None:
        """Open the practice book."""

    def leave_practice(self) -> None:
        """Go back to the real book."""

    def restore(self, file: Path) -> None:
        """Put a copy in the book's place."""

    def renew(self) -> None:
        """Make the window anew."""
