"""A laptop's new book for every test, copied from one that was made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.db.books import new_book
from tests.presenters.book_of_group import Ear, after_one_meeting
from tests.services.village import Village
from vsla_desktop.db import Database
from vsla_desktop.i18n import speaking


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.fixture
def book(data_dir: Path) -> Iterator[Database]:
    opened = new_book(data_dir / "vsla.db")
    yield opened
    opened.close()


@pytest.fixture
def met(book: Database) -> Village:
    """A group that has met once."""
    return after_one_meeting(Village(book))


@pytest.fixture
def ear() -> Ear:
    return Ear()
