"""A group at its meeting page, with a book of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.db.books import new_book
from tests.services.village import Village
from tests.views.meeting.hall import Hall
from vsla_desktop.db import Database
from vsla_desktop.presenters.runner import InlineRunner


@pytest.fixture
def database(data_dir: Path) -> Iterator[Database]:
    opened = new_book(data_dir / "vsla.db")
    yield opened
    opened.close()


@pytest.fixture
def village(database: Database) -> Village:
    return Village(database).form()


@pytest.fixture
def hall(qtbot: QtBot, village: Village) -> Hall:
    """A window whose work is done at once."""
    return Hall(qtbot, village, InlineRunner())
