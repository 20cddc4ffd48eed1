"""Every report of the catalogue over a programme of sixty groups is as it was looked at last.

After a change that is meant: ``python -m tests.reports.golden``, and look at what it changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.db.books import new_book, new_central
from tests.reports.golden import FOLDER, copy, fill, snapshot, text_of
from vsla_desktop.reports.catalogue import REPORTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.postgres import PostgresServer
    from vsla_desktop.db import Database
    from vsla_desktop.reports.report import Definition


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Make the programme once."""
    folder = tmp_path_factory.mktemp("golden")
    book = new_book(folder / "vsla.db")
    fill(book)
    yield book
    book.close()


@pytest.fixture(scope="module")
def office(laptop: Database, postgres_server: PostgresServer) -> Iterator[Database]:
    """Give head office the same rows."""
    with new_central(postgres_server) as central:
        copy(laptop, central)
        yield central


def test_there_is_a_snapshot_of_every_report_and_of_no_other() -> None:
    assert {each.stem for each in FOLDER.glob("*.csv")} == {each.name for each in REPORTS}


@pytest.mark.parametrize("definition", REPORTS, ids=lambda each: each.name)
def test_the_laptop_and_head_office_say_what_the_snapshot_says(
    laptop: Database, office: Database, definition: Definition, tmp_path: Path
) -> None:
    expected = snapshot(definition.name).read_text(encoding="utf-8")
    with laptop.read() as session:
        assert text_of(session, definition, tmp_path) == expected
    with office.read() as session:
        assert text_of(session, definition, tmp_path) == expected
