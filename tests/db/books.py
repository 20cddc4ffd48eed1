"""Databases at head, of both kinds, made once and copied for each test."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from vsla_desktop import db

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.postgres import PostgresServer


@cache
def empty_book() -> bytes:
    """Return what is in the file of a laptop's new book."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vsla.db"
        db.open_database(path).close()
        return path.read_bytes()


def new_book(path: Path) -> db.Database:
    """Open a laptop's new book."""
    path.write_bytes(empty_book())
    return db.connect(f"sqlite:///{path}")


def fill_central(url: str) -> None:
    """Make a new central database."""
    central = db.connect(url)
    db.upgrade(central)
    central.close()


@contextmanager
def new_central(server: PostgresServer) -> Iterator[db.Database]:
    """Lend a central database at head."""
    with server.database(template=server.template("head", fill_central)) as url:
        central = db.connect(url)
        try:
            yield central
        finally:
            central.close()
