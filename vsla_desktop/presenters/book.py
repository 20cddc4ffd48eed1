"""The book that is open: its database, its folder, its groups, and its copies.

Everything heavy is imported when a book is opened, which is after the first picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vsla_desktop.clock import Clock
from vsla_desktop.errors import StorageError
from vsla_desktop.settings import DataFolder

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.groups import GroupLine

KEPT_BACKUPS: Final = 30
PRACTICE_MEMBERS: Final = 20
PRACTICE_MEETINGS: Final = 24
PRACTICE_SEED: Final = 7
PRACTICE_FOLDER: Final = "practice"
_AUTOMATIC: Final = "vsla-"
MOST_GROUPS: Final = 500


@dataclass(frozen=True, slots=True)
class OpenBook:
    """An open book; ``url`` is told when it is another database than the folder's own."""

    database: Database
    folder: DataFolder
    groups: tuple[GroupLine, ...]
    is_practice: bool = False
    url: str = ""

    @property
    def is_office(self) -> bool:
        """Whether this is head office's database, where all groups are."""
        return self.database.dialect == "postgresql"

    def group(self, group_id: int | None) -> GroupLine | None:
        """The group of an id, or the first one; nothing in an empty book."""
        wanted = (each for each in self.groups if each.group_id == group_id)
        return next(wanted, self.groups[0] if self.groups else None)


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A copy of the book that can be brought back."""

    path: Path
    made: datetime
    size: int
    is_automatic: bool


def practice_folder(folder: DataFolder) -> DataFolder:
    """Where practice books lie: inside the real folder, and never mixed with it."""
    return DataFolder(folder.path / PRACTICE_FOLDER)


def needs_upgrade(folder: DataFolder) -> bool:
    """Tell whether an earlier release wrote the book. Raises :class:`StorageError`."""
    from vsla_desktop import db
    from vsla_desktop.db.migrate import check_not_newer, releases

    path = folder.database
    if not path.exists() or not path.stat().st_size:
        return False
    database = db.connect(f"sqlite:///{path}")
    try:
        with database.connection() as connection:
            return check_not_newer(connection) != releases()[-1]
    finally:
        database.close()


def open_book(
    folder: DataFolder, *, today: date, url: str = "", is_practice: bool = False
) -> OpenBook:
    """Open a folder's book, bring it to this release, and list its groups.

    Head office's groups are too many to list, and its database is upgraded by whoever runs it.
    Raises :class:`StorageError` for a book that is damaged, newer, or can not be written.
    """
    from vsla_desktop import db

    database = db.connect(url) if url else db.open_database(folder.database)
    try:
        if database.dialect == "postgresql":
            _check_release(database)
            return OpenBook(database, folder, (), is_practice, url)
        return OpenBook(database, folder, list_groups(database, today), is_practice, url)
    except BaseException:
        database.close()
        raise


def _check_release(database: Database) -> None:
    """Raise :class:`StorageError` unless head office's database is of this release."""
    from vsla_desktop.db.migrate import check_not_newer, releases

    with database.connection() as connection:
        if check_not_newer(connection) != releases()[-1]:
            raise StorageError(
                "Head office's database is of an earlier version.",
                hint="Run: vsla central init. Nothing was changed.",
            )


def list_groups(database: Database, today: date) -> tuple[GroupLine, ...]:
    """Read the groups of a book."""
    from vsla_desktop.queries.groups import groups_list

    with database.read() as session:
        return groups_list(session, on=today, limit=MOST_GROUPS)


def only_reads(database: Database, group_id: int) -> bool:
    """Say whether another laptop writes this group's book."""
    from vsla_desktop.queries.lease import writes_book

    with database.read() as session:
        return not writes_book(session, group_id)


def make_practice(
    folder: DataFolder,
    *,
    clock: Clock,
    progress: Callable[[int, int], None] | None = None,
    currency: str = "",
) -> None:
    """Make a practice book with one group that has met for half a year, if there is none yet.

    Its money is of this currency, of any where none is chosen.
    """
    from vsla_desktop import db
    from vsla_desktop.services.practice import create_practice

    place = practice_folder(folder)
    database = db.open_database(place.database)
    try:
        if not list_groups(database, clock.today()):
            create_practice(
                database,
                groups=1,
                members=PRACTICE_MEMBERS,
                meetings=PRACTICE_MEETINGS,
                seed=PRACTICE_SEED,
                clock=clock,
                progress=progress,
                currency_code=currency,
            )
    finally:
        database.close()


def backups(folder: DataFolder) -> tuple[BackupFile, ...]:
    """List the copies in the folder, the newest first."""
    if not folder.backups.is_dir():
        return ()
    found = []
    for path in folder.backups.glob("*.db"):
        about = path.stat()
        made = datetime.fromtimestamp(about.st_mtime).astimezone()
        found.append(BackupFile(path, made, about.st_size, path.name.startswith(_AUTOMATIC)))
    return tuple(sorted(found, key=lambda each: (each.made, each.path.name), reverse=True))


def back_up(folder: DataFolder, now: datetime, *, only_if_changed: bool = False) -> Path | None:
    """Copy the book into the folder's backups and let the oldest automatic ones go.

    Returns the copy, or nothing when there is no book, or no change since the last copy and that
    was asked for. Raises :class:`StorageError`.
    """
    from vsla_desktop.db.backup import backup

    book = folder.database
    if not book.exists():
        return None
    automatic = [each for each in backups(folder) if each.is_automatic]
    if only_if_changed and automatic and automatic[0].path.stat().st_mtime >= _changed(book):
        return None
    try:
        folder.backups.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            "The backup could not be written: {reason}",
            hint="Check the disk and its free space.",
            reason=error.strerror or str(error),
        ) from error
    target = _free(folder.backups / f"{_AUTOMATIC}{now:%Y%m%d-%H%M%S}.db")
    backup(book, target)
    for old in automatic[KEPT_BACKUPS - 1 :]:
        old.path.unlink(missing_ok=True)
    return target


def _changed(book: Path) -> float:
    """When the book or its log was last written."""
    log = book.with_name(f"{book.name}-wal")
    return max(path.stat().st_mtime for path in (book, log) if path.exists())


def _free(path: Path) -> Path:
    number = 1
    while path.exists():
        path = path.with_stem(f"{path.stem.split('_')[0]}_{number}")
        number += 1
    return path
