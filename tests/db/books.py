"""Databases at head, of both kinds, made once and copied for each test."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vsla_desktop import db

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.postgres import PostgresServer


def fill_central(url: str) -> None:
    """Make a new central database."""
    central = db.connect(url)
    db.upgrade(central)
    central.close()


def new_book(pattern: Path, path: Path) -> db.Database:
    """Open a laptop's new book as a copy of ``pattern``, which is made when it is not there."""
    if not pattern.exists():
        db.open_database(pattern).close()
    shutil.copy(pattern, path)
    return db.connect(f"sqlite:///{path}")


@contextmanager
def new_central(server: PostgresServer) -> Iterator[db.Database]:
    """Lend a central database at head."""
    template = server.template("head", fill_central)
    with server.database(template=template) as url:
        central = db.connect(url)
        try:
            yield central
        finally:
            central.close()
