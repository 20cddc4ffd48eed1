"""A database of any age becomes one of this release: whole, or as it was."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from tests.db.live import read_schema
from tests.derived.test_agreement import first_page
from vsla_desktop import db, derived
from vsla_desktop.db.backup import check_file
from vsla_desktop.db.migrate import programs, releases, scripts
from vsla_desktop.db.verify import verify
from vsla_desktop.errors import StorageError
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from vsla_desktop.db import Database

HEAD = releases()[-1]
FIRST_TRIGGERS = Path(__file__).parent.parent / "data" / "first_release_triggers.sql"


def look_at(path: Path) -> sqlite3.Connection:
    """Open a book that nobody writes to, and leave nothing beside it."""
    still = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{still}", uri=True)


def contents(path: Path) -> list[Any]:
    """Return a book's tables, programs and rows."""
    with contextlib.closing(look_at(path)) as book:
        return list(book.iterdump())


def stands(path: Path) -> str:
    with contextlib.closing(look_at(path)) as book:
        found: str = book.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        return found


@pytest.fixture(scope="module")
def first_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a book of the first release, with two groups in it."""
    path = tmp_path_factory.mktemp("first") / "vsla.db"
    book = db.connect(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(scripts()))
    with book.connection(writes=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, releases()[0])
        for program in derived.programs("sqlite"):
            if not any(each in program.sql for each in ("group_cashbook", "corrected_")):
                connection.exec_driver_sql(program.sql)
        for trigger in FIRST_TRIGGERS.read_text(encoding="utf-8").splitlines()[1:]:
            connection.exec_driver_sql(trigger)
        for step in first_page():
            step.run(connection)
    book.close()
    return path


@pytest.fixture
def old_book(first_release: Path, data_dir: Path) -> Path:
    path = data_dir / "vsla.db"
    shutil.copy(first_release, path)
    return path


def test_releases_follow_each_other() -> None:
    files = sorted((scripts() / "versions").glob("[0-9]*.py"))
    assert [path.name[:4] for path in files] == releases()
    before = None
    for path, release in zip(files, releases(), strict=True):
        source = path.read_text(encoding="utf-8")
        assert f'revision = "{release}"' in source
        assert re.search(r"^down_revision = (.+)$", source, re.MULTILINE)[1] == (  # type: ignore[index]
            f'"{before}"' if before else "None"
        )
        assert "def downgrade" not in source
        before = release


def test_a_new_book_is_at_head_and_opening_it_again_changes_nothing(data_dir: Path) -> None:
    path = data_dir / "new" / "vsla.db"
    db.open_database(path).close()
    first = contents(path)
    assert stands(path) == HEAD
    db.open_database(path).close()
    assert contents(path) == first
    assert not (path.parent / "backups").exists()


def test_a_new_central_database_is_at_head_and_upgrading_it_again_changes_nothing(
    pg_database: str,
) -> None:
    central = db.connect(pg_database)
    db.upgrade(central)
    with central.connection() as connection:
        schema = read_schema(connection)
        written = connection.execute(text("SELECT MAX(oid::bigint) FROM pg_proc")).scalar_one()
    assert db.status(central).revision == HEAD
    db.upgrade(central)
    with central.connection() as connection:
        assert read_schema(connection) == schema
        again = connection.execute(text("SELECT MAX(oid::bigint) FROM pg_proc")).scalar_one()
    central.close()
    assert again == written


def test_an_old_book_keeps_every_row_and_is_copied_first(old_book: Path) -> None:
    before = contents(old_book)
    book = db.open_database(old_book)
    status = db.status(book)
    with book.connection() as connection:
        assert verify(connection).foreign_keys == ()
        assert derived.differences(connection) == []
        identities = connection.execute(text("SELECT COUNT(*) FROM sync_idmap")).scalar_one()
    book.close()
    assert status.ok
    assert identities == sum(status.rows.values()) > 60
    after = contents(old_book)
    rows = [each for each in before if each.startswith("INSERT INTO") and "alembic" not in each]
    # A later release's columns stand at the end of a row.
    assert all(any(now.startswith(row.removesuffix(");")) for now in after) for row in rows)
    (copy,) = (old_book.parent / "backups").iterdir()
    assert copy.name.startswith(f"before-{HEAD}-")
    assert contents(copy) == before


@pytest.mark.parametrize("version", ["9999", "0000-of-another-program"])
def test_a_book_of_a_newer_release_is_refused(book: Database, version: str) -> None:
    path = book.path
    assert path is not None
    with book.connection(writes=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    book.close()
    before = contents(path)
    with pytest.raises(StorageError, match="A newer version of the program wrote this book"):
        db.open_database(path)
    assert contents(path) == before


def test_a_newer_central_database_is_refused(central: Database) -> None:
    with central.connection() as connection:
        connection.execute(text("UPDATE sync.alembic_version SET version_num = '9999'"))
    for look in (db.upgrade, db.status):
        with pytest.raises(StorageError, match="A newer version"):
            look(central)


# Ends at once, as in a power cut, when the database is about to run the statement of this number.
CUT = """
import os, signal, sys
from sqlalchemy import Engine, event
from vsla_desktop import db

left = int(sys.argv[2])

@event.listens_for(Engine, "before_cursor_execute")
def cut(connection, cursor, statement, parameters, context, many):
    global left
    if statement.startswith(("CREATE", "ALTER", "INSERT", "UPDATE", "DROP")):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

target = sys.argv[1]
if target.startswith("postgresql"):
    db.upgrade(db.connect(target))
else:
    from pathlib import Path
    db.open_database(Path(target))
print("done", left)
"""


def run_until_cut(target: str, statements: int) -> int:
    """Upgrade in a process of its own, and cut it."""
    return subprocess.run(
        [sys.executable, "-c", CUT, target, str(statements)], capture_output=True, check=False
    ).returncode


@pytest.mark.parametrize("statements", [1, 12, 60])
def test_an_upgrade_that_is_cut_leaves_the_old_book_whole(old_book: Path, statements: int) -> None:
    before = contents(old_book)
    assert run_until_cut(str(old_book), statements) == -signal.SIGKILL
    assert stands(old_book) == releases()[0]
    assert contents(old_book) == before
    check_file(old_book)
    book = db.open_database(old_book)
    assert db.status(book).ok
    book.close()


def test_a_first_start_that_is_cut_can_be_made_again(data_dir: Path) -> None:
    path = data_dir / "vsla.db"
    assert run_until_cut(str(path), 40) == -signal.SIGKILL
    book = db.open_database(path)
    assert db.status(book).ok
    book.close()


def test_an_upgrade_of_head_office_that_is_cut_changes_nothing(pg_database: str) -> None:
    assert run_until_cut(pg_database, 120) == -signal.SIGKILL
    central = db.connect(pg_database)
    assert db.status(central).found == 0
    db.upgrade(central)
    assert db.status(central).ok
    central.close()


def test_programs_have_names_of_their_own() -> None:
    for dialect in ("sqlite", "postgresql"):
        made = [(each.kind, each.name) for each in programs(dialect)]
        assert len(made) == len(set(made))
        tables = {each.table for each in programs(dialect) if each.kind == "trigger"}
        # Sync's own notes have one, which keeps a book that another laptop writes as it is.
        assert tables <= {*Base.metadata.tables, "sync_dirty"}
