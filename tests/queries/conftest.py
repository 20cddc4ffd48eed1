"""A book of either kind for every query test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.db.books import new_book, new_central

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vsla_desktop.db import Database


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
