"""Copies of a laptop's book, and the way back to one. Nothing is ever wiped."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from vsla_desktop.db.engine import Database, storage_errors
from vsla_desktop.db.migrate import newer_book, releases
from vsla_desktop.errors import StorageError

_SQLITE: Final = b"SQLite format 3\0"
_CHOOSE_ANOTHER: Final = "Nothing was changed. Choose a backup of a book."
# How other files begin that lie about where backups lie.
_OTHERS: Final = {
    b"PK\x03\x04": "{name} is a workbook or packed file: it is not a book of this program.",
    b"%PDF": "{name} is a PDF file: it is not a book of this program.",
    b"{": "{name} is an enrolment or settings file: it is not a book of this program.",
}


def backup(source: Path, target: Path) -> None:
    """Write a whole, checked copy of the book at ``source`` to ``target``.

    The copy appears under its name only when it is complete and has been opened and checked.
    Raises :class:`StorageError` when there is no room, or ``target`` exists already.
    """
    if target.exists():
        raise StorageError(
            "There is a file of this name already: {name}",
            hint="Choose another name.",
            name=target.name,
        )
    part = target.with_name(f"{target.name}.part")
    try:
        with closing(_read_only(source)) as book, closing(sqlite3.connect(part)) as copy:
            book.backup(copy)
            # One file without a log beside it: it can be read from a stick that takes no writes.
            copy.execute("PRAGMA journal_mode = DELETE")
        check_file(part)
        _flush(part)
        part.rename(target)
        _flush(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise StorageError(
            "The backup could not be written: {reason}",
            hint="Your book is as it was. Check the disk and its free space.",
            reason=str(error),
        ) from error
    finally:
        # A disk that takes no writes holds no part of the copy either.
        with suppress(OSError):
            part.unlink(missing_ok=True)


def restore(backup_file: Path, book: Path, *, now: datetime) -> Path | None:
    """Put the backup in the book's place; return where the old book is kept, if there was one.

    Raises :class:`StorageError`, and changes nothing, when the backup is damaged or newer than this
    release.
    """
    if not backup_file.is_file():
        raise StorageError("There is no file {name}.", name=str(backup_file))
    _check_is_book(backup_file)
    _check_not_newer(backup_file)
    new = book.with_name(f"{book.name}.new")
    new.unlink(missing_ok=True)
    book.parent.mkdir(parents=True, exist_ok=True)
    backup(backup_file, new)
    kept = None
    if book.exists():
        # Folds the log into the file, so that what is kept is whole.
        with closing(sqlite3.connect(book)) as old:
            _fold_log(old)
        kept = free_name(book.with_name(f"{book.stem}-before-{now:%Y%m%d-%H%M%S}{book.suffix}"))
        book.rename(kept)
        for tail in ("-wal", "-shm"):
            log = book.with_name(book.name + tail)
            if log.exists():
                log.rename(kept.with_name(kept.name + tail))
    new.rename(book)
    _flush(book.parent)
    return kept


def _check_is_book(path: Path) -> None:
    """Refuse a file that is no whole book, and say what it is instead."""
    with path.open("rb") as file:
        start = file.read(len(_SQLITE))
    sentence = next(
        (words for mark, words in _OTHERS.items() if start.startswith(mark)),
        "{name} is not a book of this program.",
    )
    if not start:
        sentence = "{name} is empty: it is not a book of this program."
    if start != _SQLITE:
        raise StorageError(sentence, hint=_CHOOSE_ANOTHER, name=path.name)
    try:
        check_file(path)
    except StorageError as error:
        raise StorageError(error.message, hint=_CHOOSE_ANOTHER, name=path.name) from error


def _check_not_newer(backup_file: Path) -> None:
    """Refuse a backup that this release could not open: the book in use would be put aside."""
    with closing(_read_only(backup_file)) as book:
        version = book.execute("SELECT version_num FROM alembic_version").fetchone()
    if version is not None and version[0] not in releases():
        raise newer_book()


def free_name(path: Path) -> Path:
    """Return ``path``, or the first name after it that no file has."""
    number = 1
    free = path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _read_only(path: Path) -> sqlite3.Connection:
    """Open a book to read it, also where nothing can be written beside it."""
    address = path.absolute().as_uri()
    book = sqlite3.connect(f"{address}?mode=ro", uri=True)
    try:
        book.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        book.close()
        has_log = path.with_name(f"{path.name}-wal").exists()
        if has_log or not isinstance(error, sqlite3.OperationalError):
            raise
        # On a disk that takes no writes, nobody else can be writing either.
        return sqlite3.connect(f"{address}?mode=ro&immutable=1", uri=True)
    return book


def check_file(path: Path) -> None:
    """Open a book and check every page; StorageError when it is damaged or no book at all."""
    try:
        with closing(_read_only(path)) as book:
            said = [row[0] for row in book.execute("PRAGMA quick_check")]
            tables = book.execute(
                "SELECT COUNT(*) FROM sqlite_master WHERE name = 'savings_groups'"
            ).fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise _damaged(path) from error
    if said != ["ok"]:
        raise _damaged(path)
    if not tables:
        raise StorageError("{name} is not a book of this program.", name=path.name)


def check_after_unclean_end(database: Database) -> None:
    """Check the book when the last run did not close it: its log still lies beside it."""
    path = database.path
    if path is None or not path.exists():
        return
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        with storage_errors(), database.connection() as connection:
            said = connection.exec_driver_sql("PRAGMA quick_check").scalars().all()
            if said != ["ok"]:
                raise _damaged(path)


def _fold_log(book: sqlite3.Connection) -> None:
    """Fold the log in; a damaged book is kept with its log instead."""
    try:
        book.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError:
        return


def _damaged(path: Path) -> StorageError:
    return StorageError(
        "The file {name} is damaged.",
        hint="Restore the last backup: the damaged file is kept beside it.",
        name=path.name,
    )


def _flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows has no handle for a folder; it writes names down itself
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
