"""A head office and a laptop that is enrolled there, both real."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.db.books import new_central
from tests.sync.laptop import Laptop, new_laptop

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
    return lambda: new_central(postgres_server)


@pytest.fixture
def laptop(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    made = new_laptop(tmp_path / "laptop", central)
    try:
        yield made
    finally:
        made.close()
