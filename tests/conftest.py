"""Fixtures for every test: a folder of one's own, a real PostgreSQL, and a book of either kind."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.db.books import new_book, new_central
from tests.support.postgres import running_server
from tests.support.statements import write_once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.postgres import PostgresServer
    from vsla_desktop.db import Database

# Nobody is asked while tests run, and nothing of theirs goes into the keyring of whoever runs them.
os.environ["VSLA_PASSPHRASE"] = "mangoes in the rain"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

write_once()

# A shared computer may pause at any moment, so no example has a deadline.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev")
)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Return an empty data folder, as a new laptop has it."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Run one PostgreSQL server for the whole session; it starts when first asked for."""
    with running_server() as server:
        yield server


@pytest.fixture
def pg_database(postgres_server: PostgresServer) -> Iterator[str]:
    """Return the address of an empty PostgreSQL database of the test's own."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def book(data_dir: Path) -> Iterator[Database]:
    """Open a laptop's new book."""
    opened = new_book(data_dir / "vsla.db")
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
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Open a database for all tests of a file that only look."""
    if request.param == "sqlite":
        opened = new_book(tmp_path_factory.mktemp("shared") / "vsla.db")
        yield opened
        opened.close()
        return
    with new_central(request.getfixturevalue("postgres_server")) as central:
        yield central
