"""Copies of a book, the way back to one, and everything that can be wrong with a disk or a file."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, text

from tests.db.test_migrations import contents
from vsla_desktop import db
from vsla_desktop.capture.identity import SEEDS
from vsla_desktop.errors import StorageError, VslaError
from vsla_desktop.models import User

if TYPE_CHECKING:
    from vsla_desktop.db import Database

NOW = datetime(2025, 6, 2, 12, 30)  # noqa: DTZ001 - UTC, as stored
NOBODY = 65534


@pytest.fixture
def path(book: Database) -> Path:
    """Return the file of a closed book with some rows."""
    add_users(book, 50)
    book.close()
    assert book.path is not None
    return book.path


def add_users(book: Database, count: int) -> None:
    with book.write() as session:
        session.execute(
            insert(User),
            [
                {"username": f"user {number} " + "x" * 60, "email": f"{number}", "password": ""}
                for number in range(count)
            ],
        )


def user_count(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as book:
        found: int = book.execute("SELECT COUNT(*) FROM users").fetchone()[0]
        return found


def test_a_copy_is_the_same_book(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    db.backup(path, copy)
    assert contents(copy) == contents(path)
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["copy.db"]


def test_a_copy_holds_what_was_written_and_nothing_half_done(
    book: Database, tmp_path: Path
) -> None:
    add_users(book, 50)
    assert book.path is not None
    with book.engine.execution_options(writes=True).connect() as connection:
        connection.execute(text("DELETE FROM users"))
        db.backup(book.path, tmp_path / "copy.db")
        connection.rollback()
    assert user_count(tmp_path / "copy.db") == 50


def test_a_copy_never_takes_the_place_of_a_file(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("somebody's letter")
    with pytest.raises(StorageError, match=r"There is a file of this name already: copy\.db"):
        db.backup(path, target)
    assert target.read_text() == "somebody's letter"


def test_there_is_nothing_to_copy(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="The backup could not be written"):
        db.backup(tmp_path / "nothing.db", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_restoring_keeps_what_was_there(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    db.backup(path, copy)
    book = db.open_database(path)
    with book.write() as session:
        session.execute(text("DELETE FROM users"))
    book.close()
    newer = contents(path)

    kept = db.restore(copy, path, now=NOW)

    assert kept == path.with_name("vsla-before-20250602-123000.db")
    assert contents(kept) == newer
    assert contents(path) == contents(copy)
    assert copy.exists()


def test_restoring_twice_in_a_second_keeps_both(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    db.backup(path, copy)
    first = db.restore(copy, path, now=NOW)
    second = db.restore(copy, path, now=NOW)
    assert first is not None
    assert second is not None
    assert first != second
    assert first.exists()
    assert second.exists()


def test_restoring_where_no_book_was(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "new laptop" / "vsla.db"
    assert db.restore(path, target, now=NOW) is None
    assert contents(target) == contents(path)
    book = db.open_database(target)
    assert db.status(book).ok
    book.close()


def test_restoring_keeps_what_only_the_log_of_a_killed_program_held(
    path: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    db.backup(path, copy)
    script = (
        "import os, sqlite3, sys; book = sqlite3.connect(sys.argv[1]);"
        " book.execute('PRAGMA journal_mode = WAL'); book.execute('DELETE FROM users');"
        " book.commit(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, path], check=True)
    assert path.with_name("vsla.db-wal").stat().st_size
    kept = db.restore(copy, path, now=NOW)
    assert kept is not None
    assert user_count(kept) == 0
    assert user_count(path) == 50


def test_a_folder_with_an_odd_name(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Épargne 100% #1 ?mode=ro&x"
    book = db.open_database(folder / "vsla.db")
    assert book.path == folder / "vsla.db"
    assert db.status(book).ok
    book.close()
    db.backup(path, folder / "copy.db")
    kept = db.restore(folder / "copy.db", folder / "vsla.db", now=NOW)
    assert kept is not None
    assert user_count(folder / "vsla.db") == 50
    assert {each.parent for each in tmp_path.rglob("*.db")} == {folder, path.parent}


def test_a_copy_on_a_stick_that_takes_no_writes_can_be_restored(
    path: Path, locked_folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    db.backup(path, copy)
    locked_folder.chmod(0o755)
    (locked_folder / "vsla.db").unlink()
    shutil.copy(copy, locked_folder / "copy.db")
    locked_folder.chmod(0o555)
    target = Path(tempfile.mkdtemp())
    target.chmod(0o777)
    with powerless():
        db.restore(locked_folder / "copy.db", target / "vsla.db", now=NOW)
        assert user_count(target / "vsla.db") == 50
    shutil.rmtree(target)


def damage(path: Path, how: str) -> None:
    """Do to a file what bad sticks and good intentions do."""
    whole = path.read_bytes()
    if how == "cut short":
        path.write_bytes(whole[: len(whole) // 2])
    elif how == "cut inside its first page":
        path.write_bytes(whole[:50])
    elif how == "overwritten in the middle":
        page = 4096
        path.write_bytes(whole[:page] + os.urandom(page * 20) + whole[page * 21 :])
    elif how == "not a database":
        path.write_bytes(b"This is a letter about the meeting.\n" * 300)
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "a book of another program":
        path.unlink()
        with contextlib.closing(sqlite3.connect(path)) as book:
            book.execute("CREATE TABLE recipes (id INTEGER)")
            book.commit()


DAMAGES = (
    "cut short",
    "cut inside its first page",
    "overwritten in the middle",
    "not a database",
    "empty",
    "a book of another program",
)


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_copy_is_never_restored(path: Path, tmp_path: Path, how: str) -> None:
    copy = tmp_path / "copy.db"
    db.backup(path, copy)
    damage(copy, how)
    before = contents(path)
    with pytest.raises(StorageError, match=r"is damaged|is not a book of this program"):
        db.restore(copy, path, now=NOW)
    assert contents(path) == before
    assert [each.name for each in path.parent.glob("*.db*") if each.suffix == ".db"] == ["vsla.db"]
    assert not list(path.parent.glob("*.new*"))


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_book_is_never_copied(path: Path, tmp_path: Path, how: str) -> None:
    damage(path, how)
    with pytest.raises(StorageError):
        db.backup(path, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("how", [each for each in DAMAGES if each not in DAMAGES[-2:]])
def test_a_damaged_book_is_not_opened_as_if_nothing_were(path: Path, how: str) -> None:
    damage(path, how)
    before = path.read_bytes()
    with pytest.raises(StorageError, match=r"damaged"):
        open_and_read(path)
    assert path.read_bytes() == before


def open_and_read(path: Path) -> None:
    """Open a book and look at all of it."""
    book = db.open_database(path)
    try:
        db.status(book)
        with book.read() as session:
            session.execute(text("SELECT * FROM users ORDER BY password, username")).all()
    finally:
        book.close()


def test_a_folder_in_the_books_place(tmp_path: Path) -> None:
    (tmp_path / "vsla.db").mkdir()
    with pytest.raises(StorageError, match="The book can not be opened here"):
        db.open_database(tmp_path / "vsla.db")


def test_a_file_in_the_folders_place(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StorageError, match="can not be used"):
        db.open_database(tmp_path / "data" / "vsla.db")


def test_nothing_to_restore_from(tmp_path: Path, path: Path) -> None:
    for missing in (tmp_path / "nothing.db", tmp_path):
        with pytest.raises(StorageError, match="There is no file"):
            db.restore(missing, path, now=NOW)


@contextlib.contextmanager
def powerless() -> Iterator[None]:
    """Act as a person whom file modes stop; they do not stop root."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def locked_folder(path: Path) -> Iterator[Path]:
    """Lend a folder with a book in it, both of which everybody may read and nobody write."""
    folder = Path(tempfile.mkdtemp())
    shutil.copy(path, folder / "vsla.db")
    (folder / "vsla.db").chmod(0o444)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_folder_that_can_only_be_read(locked_folder: Path, path: Path) -> None:
    before = contents(path)
    sentences = []
    copy = Path(tempfile.mkdtemp()) / "copy.db"
    shutil.copy(path, copy)
    copy.parent.chmod(0o755)
    copy.chmod(0o444)
    with powerless():
        for attempt in (
            lambda: db.open_database(locked_folder / "vsla.db"),
            lambda: db.open_database(locked_folder / "new.db"),
            lambda: db.open_database(locked_folder / "deeper" / "vsla.db"),
            lambda: db.backup(copy, locked_folder / "copy.db"),
            lambda: db.restore(copy, locked_folder / "vsla.db", now=NOW),
        ):
            with pytest.raises(StorageError) as error:
                attempt()
            sentences.append(str(error.value))
    shutil.rmtree(copy.parent)
    assert [each.partition(".")[0].partition(":")[0] for each in sentences] == [
        "This disk can only be read",
        "The book can not be opened here",
        f"The folder {locked_folder}/deeper can not be used",
        "The backup could not be written",
        "The backup could not be written",
    ]
    assert [each.name for each in locked_folder.iterdir()] == ["vsla.db"]
    assert contents(path) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Lend a disk of four megabytes, where we may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, check=False
    )
    yield folder
    if mounted.returncode == 0:
        subprocess.run(["umount", "--lazy", folder], check=True)


# Fills the book until the disk is full; what was acknowledged must be there afterwards. Where no
# small disk can be mounted, no file may grow beyond four megabytes, which is refused alike.
FILL = """
import resource, sys
from pathlib import Path
from sqlalchemy import insert, text
from vsla_desktop import db
from vsla_desktop.capture.identity import SEEDS
from vsla_desktop.errors import StorageError
from vsla_desktop.models import User

limit = 4 * 1024 * 1024
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
folder = Path(sys.argv[1])
book = db.open_database(folder / "vsla.db")
done = 0
try:
    while True:
        with book.write() as session:
            session.execute(
                insert(User).values(username=f"{done}", email=f"{done}", password="x" * 255)
            )
            session.execute(
                text("INSERT INTO services (name, description) VALUES (:n, :d)"),
                {"n": f"{done}", "d": "x" * 50_000},
            )
        done += 1
except StorageError as error:
    print(done, error)
try:
    db.backup(folder / "vsla.db", folder / "copy.db")
except StorageError as error:
    print(error)
print(sorted(each.name for each in folder.glob("copy*")))
"""


def test_a_full_disk_loses_nothing_that_was_acknowledged(small_disk: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", FILL, small_disk], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    done, _, sentence = said[0].partition(" ")
    assert int(done) > 10
    assert (
        sentence == "The disk is full. Nothing was changed. Free some space, then enter it again."
    )
    assert said[1].startswith("The backup could not be written: ")
    assert said[2] == "[]"
    book = sqlite3.connect(small_disk / "vsla.db")
    counted = book.execute(
        "SELECT (SELECT COUNT(*) FROM users), (SELECT COUNT(*) FROM services),"
        " (SELECT integrity_check FROM pragma_integrity_check)"
    ).fetchone()
    book.close()
    assert counted == (int(done), int(done) + len(SEEDS["services"]), "ok")


def test_another_program_that_uses_the_book(book: Database) -> None:
    assert book.path is not None
    with book.connection() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    with contextlib.closing(sqlite3.connect(book.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            pytest.raises(VslaError, match="Another program is using the book"),
            book.write() as session,
        ):
            session.execute(text("DELETE FROM users"))
        other.rollback()


def test_a_server_that_does_not_answer() -> None:
    central = db.connect("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(StorageError, match="Head office does not answer"):
        db.status(central)


def test_an_address_that_is_none() -> None:
    with pytest.raises(StorageError, match="This is not the address of a database"):
        db.connect("head office")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty: it is not a book of this program."),
        (b"PK\x03\x04 and more", "is a workbook or packed file: it is not a book of this program."),
        (b"%PDF-1.7 and more", "is a PDF file: it is not a book of this program."),
        (b'{"kind": 1}', "is an enrolment or settings file: it is not a book of this program."),
        (b"Dear members", "is not a book of this program."),
        (b"SQLite format 3\0 and no more", "is damaged."),
    ],
)
def test_a_file_that_is_no_book_is_called_what_it_is(
    path: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "given"
    file.write_bytes(content)
    before = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    with pytest.raises(StorageError) as refused:
        db.restore(file, path, now=datetime(2026, 3, 3))  # noqa: DTZ001 - as the clock tells it
    assert said in str(refused.value)
    assert str(refused.value).endswith("Nothing was changed. Choose a backup of a book.")
    assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == before
