"""The next release, as a program of its own: it knows two columns and a table more.

Run as ``python -m tests.sync.later``, with ``office URL`` to bring head office to that release, or
``laptop FOLDER STATEMENT…`` to bring a laptop's book to it, enter something and sync twice.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    String,
    Table,
    func,
    inspect,
    text,
)
from sqlalchemy.schema import CreateTable

from vsla_desktop import db, sync
from vsla_desktop.capture.wire import NUMBERS, WIRE
from vsla_desktop.db import Database, migrate
from vsla_desktop.models import Base

MEMBERS = Base.metadata.tables["group_members"]
MEMBERS.append_column(Column("nickname", String(40)))
MEMBERS.append_column(Column("left_handed", Boolean, nullable=False, server_default=text("false")))
WIRE["group_members"] += " nickname left_handed"

SONGS = Table(
    "group_songs",
    Base.metadata,
    Column("id", Integer, primary_key=True),
    Column("group_id", ForeignKey("savings_groups.id", ondelete="CASCADE"), nullable=False),
    Column("title", String(100), nullable=False),
    Column("created_date", DateTime, nullable=False, server_default=func.current_timestamp()),
    Column("updated_date", DateTime, nullable=False, server_default=func.current_timestamp()),
    sqlite_autoincrement=True,
)
WIRE["group_songs"] = "created_date updated_date group_id title"
NUMBERS["group_songs"] = len(WIRE)


def raise_(database: Database) -> None:
    """Bring a database of this release to the next."""
    with database.connection(writes=True) as connection:
        if not inspect(connection).has_table(SONGS.name):
            for column in ("nickname VARCHAR(40)", "left_handed BOOLEAN NOT NULL DEFAULT false"):
                connection.exec_driver_sql(f"ALTER TABLE group_members ADD COLUMN {column}")
            connection.execute(CreateTable(SONGS))
        migrate.install(connection)


def main(where: str, place: str, *statements: str) -> None:
    if where == "office":
        central = db.connect(place)
        raise_(central)
        central.close()
        return
    folder = Path(place)
    book = db.connect(f"sqlite:///{folder / 'vsla.db'}")
    raise_(book)
    for statement in statements:
        with book.connection(writes=True) as connection:
            connection.exec_driver_sql(statement)
    for _ in range(2):  # What one hears of, the next goes by.
        sync.run(book, folder)
    book.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
