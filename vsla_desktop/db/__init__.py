"""Opening, upgrading, checking and copying the two databases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from vsla_desktop.db.backup import backup, check_after_unclean_end, free_name, restore
from vsla_desktop.db.central import CentralUpgrade, Settle, Settled, init_central
from vsla_desktop.db.engine import Database, connect, open_file, storage_errors
from vsla_desktop.db.migrate import Status, check_not_newer, releases, status
from vsla_desktop.db.migrate import upgrade as upgrade_connection
from vsla_desktop.errors import StorageError

__all__ = [
    "CentralUpgrade",
    "Database",
    "Settle",
    "Settled",
    "Status",
    "backup",
    "check_after_unclean_end",
    "check_not_newer",
    "connect",
    "init_central",
    "open_database",
    "restore",
    "status",
    "storage_errors",
    "upgrade",
    "upgrade_connection",
]


def open_database(path: Path, *, upgrade_now: bool = True) -> Database:
    """Open a laptop's book, new or old, and bring it to this release.

    A book that needs a change is first copied to ``backups/`` beside it. Raises
    :class:`StorageError` when the file is damaged, newer than the program, or can not be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            "The folder {folder} can not be used.",
            hint="Choose another folder for the book.",
            folder=str(path.parent),
        ) from error
    database = open_file(path)
    try:
        check_after_unclean_end(database)
        if upgrade_now:
            upgrade(database)
    except BaseException:
        database.close()
        raise
    return database


def upgrade(database: Database) -> None:
    """Bring a database to this release, whole or not at all; a laptop's book is copied first.

    Raises :class:`StorageError`, with nothing changed, for head office's database when recorded
    values there are not what the rows say: :func:`init_central` is told what to do with them.
    """
    if database.dialect == "postgresql":
        if init_central(database).stopped:
            raise StorageError(
                "Some balances at head office are not what their rows add up to.",
                hint="Nothing was changed. Say what to do: vsla central init --differences …",
            )
        return
    path = database.path
    if path is not None and path.exists() and path.stat().st_size:
        with database.connection() as connection:
            stands = check_not_newer(connection)
        if stands is not None and stands != releases()[-1]:
            folder = path.parent / "backups"
            folder.mkdir(exist_ok=True)
            name = f"before-{releases()[-1]}-{datetime.now(UTC):%Y%m%d-%H%M%S}.db"
            backup(path, free_name(folder / name))
    with database.connection(writes=True) as connection:
        upgrade_connection(connection)
