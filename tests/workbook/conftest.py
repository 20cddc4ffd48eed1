"""Empty books for every test: made once, then copied."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.db.books import new_book as copied_book
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def new_book(tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Return what makes an empty book, as often as it is asked."""
    opened: list[Database] = []

    def make() -> Database:
        opened.append(copied_book(tmp_path / f"book-{len(opened)}.db"))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def book(new_book: Callable[[], Database]) -> Database:
    """Return an empty book."""
    return new_book()


@pytest.fixture
def clock() -> FixedClock:
    """Return a clock that stands in March 2026."""
    return FixedClock(datetime(2026, 3, 2, 12))  # noqa: DTZ001 - UTC, as stored


@pytest.fixture(scope="session")
def lent_book(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], closing[Database]]:
    """Return what makes an empty book that a block closes: for many in one test."""
    folder = tmp_path_factory.mktemp("lent")
    count = iter(range(1_000_000))

    def make() -> closing[Database]:
        return closing(copied_book(folder / f"book-{next(count)}.db"))

    return make
