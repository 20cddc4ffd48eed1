"""A book's programs are compared at the start only where they may differ from this release's."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.db.books import new_book
from tests.db.test_drift import COUNTING, LAPTOP, change
from vsla_desktop import db
from vsla_desktop.db import migrate

if TYPE_CHECKING:
    from pathlib import Path

TOUCHED = [name for name in LAPTOP if "trigger" in name]
EMPTIED = f"CREATE TRIGGER {COUNTING} AFTER INSERT ON group_members BEGIN SELECT 1; END"


@pytest.mark.parametrize("name", TOUCHED)
def test_a_program_that_somebody_touched_is_put_right_at_the_next_start(
    data_dir: Path, name: str
) -> None:
    with closing(new_book(data_dir / "vsla.db")) as book:
        change(book, *LAPTOP[name][0])
    with closing(db.open_database(data_dir / "vsla.db")) as book:
        assert db.status(book).ok


def test_the_programs_of_another_release_are_replaced_at_the_next_start(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(new_book(data_dir / "vsla.db")) as book:
        change(book, f"DROP TRIGGER {COUNTING}", EMPTIED)
        with monkeypatch.context() as other, book.connection(writes=True) as connection:
            other.setattr(migrate, "_sources", lambda: 1)
            stamp = migrate._stamp(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {stamp}")
            assert migrate._is_stamped(connection)
        assert not db.status(book).ok
    with closing(db.open_database(data_dir / "vsla.db")) as book:
        assert db.status(book).ok


def test_a_program_that_can_not_read_itself_compares_at_every_start(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_book(data_dir / "vsla.db").close()
    compared: list[object] = []
    monkeypatch.setattr(migrate, "_sources", lambda: 0)
    monkeypatch.setattr(migrate, "install", compared.append)
    db.open_database(data_dir / "vsla.db").close()
    assert len(compared) == 1


IMPORTED = """
import sys
from vsla_desktop import capture, derived
for dialect in ("sqlite", "postgresql"):
    derived.programs(dialect), capture.programs(dialect)
print(*(name for name in sys.modules if name.startswith("vsla_desktop.")))
"""


def test_the_stamp_covers_all_that_programs_follow_from() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True
    )
    used = {name.split(".")[1] for name in done.stdout.split()}
    assert used == {each.removesuffix(".py") for each in migrate.PROGRAM_SOURCES}
