"""Books for practice groups."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.db.books import new_book as copied_book
from vsla_desktop.clock import FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vsla_desktop.db import Database


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for the books of all tests."""
    return tmp_path_factory.mktemp("practice")


@pytest.fixture(scope="session")
def make_book(folder: Path) -> Iterator[Callable[[], Database]]:
    """Return what makes an empty book."""
    opened: list[Database] = []

    def make() -> Database:
        opened.append(copied_book(folder / f"book-{len(opened)}.db"))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture(scope="session")
def clock() -> FixedClock:
    """Return a clock that stands in March 2026."""
    return FixedClock(datetime(2026, 3, 4, 12))  # noqa: DTZ001 - UTC, as stored
