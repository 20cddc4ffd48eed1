"""A book of either kind for every service test, with a village in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from tests.db.books import new_central
from tests.services.village import Village
from vsla_desktop.queries.tables import GROUPS, USERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.postgres import PostgresServer
    from vsla_desktop.db import Database


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
