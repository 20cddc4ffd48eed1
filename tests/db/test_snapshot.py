from __future__ import annotations

from typing import TYPE_CHECKING

from tests.db.snapshot import FILE, current, describe
from vsla_desktop.db.schema import standing

if TYPE_CHECKING:
    from vsla_desktop.db import Database


def test_the_schema_is_the_one_that_was_reviewed() -> None:
    assert current() == FILE.read_text(encoding="utf-8"), (
        "The tables have changed. When that is meant, write the file anew with"
        " `python -m tests.db.snapshot`, and let the change be seen in review."
    )


def test_a_new_central_database_is_the_one_that_was_reviewed(central: Database) -> None:
    with central.connection() as connection:
        stands = standing(connection)
    assert describe(stands) == FILE.read_text(encoding="utf-8")
