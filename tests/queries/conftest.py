"""A book of either kind for every query test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.db.books import new_book, new_central

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


@pytest.fixture
def central(postgres_server: PostgresServer) -> Iterator[Database]:
    """Open a new central database."""
    with new_central(postgres_server) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Open a new database: each test that asks for it runs on both kinds."""
    name = "book" if request.param == "sqlite" else "central"
    opened: Database = request.getfixturevalue(name)
    return opened


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_database(
    request: pytest.FixtureRequest, pattern_book: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Open a database for all tests of a file that only look."""
    if request.param == "sqlite":
        opened = new_book(pattern_book, tmp_path_factory.mktemp("shared") / "vsla.db")
        yield opened
        opened.close()
        return
    with new_central(request.getfixturevalue("postgres_server")) as central:
        yield central
