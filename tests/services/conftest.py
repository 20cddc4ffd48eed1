"""A book of either kind for every service test, with a village in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from tests.db.books import new_book, new_central
from tests.services.village import Village
from vsla_desktop.queries.tables import GROUPS, USERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.postgres import PostgresServer
    from vsla_desktop.db import Database


@pytest.fixture(scope="session")
def pattern_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Name the file that new books are copied from."""
    return tmp_path_factory.mktemp("pattern") / "vsla.db"


@pytest.fixture
def book(pattern_book: Path, data_dir: Path) -> Iterator[Database]:
    """Open a laptop's new book."""
    opened = new_book(pattern_book, data_dir / "vsla.db")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def one_central(postgres_server: PostgresServer) -> Iterator[Database]:
    """Open one central database for all these tests: making one takes longer than a test."""
    with new_central(postgres_server) as opened:
        yield opened


@pytest.fixture
def central(one_central: Database) -> Iterator[Database]:
    """Lend the central database, and take the groups out of it again."""
    yield one_central
    with one_central.write() as session:
        session.execute(delete(GROUPS))
        session.execute(delete(USERS))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Open a new database: each test that asks for it runs on both kinds."""
    name = "book" if request.param == "sqlite" else "central"
    opened: Database = request.getfixturevalue(name)
    return opened


@pytest.fixture
def village(database: Database) -> Village:
    """Form a group of five whose first meeting is open."""
    formed = Village(database).form()
    formed.meet()
    return formed


@pytest.fixture
def laptop(book: Database) -> Village:
    """Form the same on a laptop only, for what does not depend on the database."""
    formed = Village(book).form()
    formed.meet()
    return formed
