"""A head office and a laptop that is enrolled there, both real."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.sync.laptop import Laptop, new_laptop, prepare_centre
from vsla_desktop import db

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.support.postgres import PostgresServer
    from vsla_desktop.db import Database


@pytest.fixture(scope="session")
def new_centre(
    postgres_server: PostgresServer,
) -> Callable[[], AbstractContextManager[Database]]:
    """Return a maker of head offices, each with a database of its own."""

    @contextmanager
    def make() -> Iterator[Database]:
        template = postgres_server.template("centre", prepare_centre)
        with postgres_server.database(template=template) as url:
            central = db.connect(url)
            try:
                yield central
            finally:
                central.close()

    return make


@pytest.fixture
def central(new_centre: Callable[[], AbstractContextManager[Database]]) -> Iterator[Database]:
    with new_centre() as made:
        yield made


@pytest.fixture
def laptop(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    made = new_laptop(tmp_path / "laptop", central)
    try:
        yield made
    finally:
        made.close()
