"""Tables for the tests of the meeting page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.db.books import new_book
from tests.presenters.meeting.table import Table, new_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vsla_desktop.db import Database


@pytest.fixture
def database(data_dir: Path) -> Iterator[Database]:
    """Open a laptop's new book."""
    opened = new_book(data_dir / "vsla.db")
    yield opened
    opened.close()


@pytest.fixture
def table(database: Database) -> Table:
    """A group before its first meeting."""
    return new_table(database)


@pytest.fixture
def met(table: Table) -> Table:
    """The group in its first meeting, everyone marked as present."""
    table.open()
    table.usual("attendance")
    return table
