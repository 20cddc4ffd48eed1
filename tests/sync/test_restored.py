"""A book that was copied or restored is noticed, and nothing of it is lost or doubled."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, assert_same, central_rows, keep, laptop_rows, new_laptop, read
from vsla_desktop import db, sync
from vsla_desktop.db import Database
from vsla_desktop.errors import SyncError
from vsla_desktop.sync import renew_device

TELLS = (
    r"Head office has other entries from this laptop: the book was copied or restored\."
    r" Ask head office to renew this laptop\. Then nothing is lost or doubled\."
)


@pytest.fixture
def mine(central: Database, tmp_path: Path) -> Laptop:
    """A laptop with a group of its own, which has sent ten entries."""
    made = new_laptop(tmp_path / "mine", central, groups=[])
    fill_group(made)
    made.push()
    post(made, 10)
    made.push()
    return made


def backup_of(laptop: Laptop, file: Path) -> Path:
    db.backup(laptop.folder / "vsla.db", file)
    return file


def restore(laptop: Laptop, backup: Path) -> Laptop:
    """Put a backup in the place of the book."""
    laptop.close()
    for name in ("vsla.db", "vsla.db-wal", "vsla.db-shm"):
        (laptop.folder / name).unlink(missing_ok=True)
    shutil.copy(backup, laptop.folder / "vsla.db")
    return Laptop(laptop.folder, db.open_database(laptop.folder / "vsla.db"))


def renew(laptop: Laptop, central: Database) -> None:
    keep(renew_device(central, "mine"), laptop.folder)


@pytest.mark.parametrize("unsent", [0, 7])
def test_a_restored_book_says_so_and_goes_on_when_it_is_renewed(
    mine: Laptop, central: Database, tmp_path: Path, unsent: int
) -> None:
    if unsent:
        post(mine, unsent, first=100)  # entered before the backup, sent after it
    backup = backup_of(mine, tmp_path / "backup.db")
    post(mine, 5, first=200)
    mine.run("UPDATE group_members SET occupation = 'potter' WHERE id = 1")
    mine.push()
    restored = restore(mine, backup)
    post(restored, 3, first=300)
    restored.run("UPDATE group_members SET occupation = 'weaver' WHERE id = 2")
    before = central_rows(central)
    with pytest.raises(SyncError, match=TELLS):
        restored.push()
    assert central_rows(central) == before
    assert sync.sync_status(restored.database, restored.folder).problem.startswith("Head office")
    renew(restored, central)
    sync.run(restored.database, restored.folder)
    # What was sent before is there, once; what the backup did not know of has come down again.
    assert read(central, "SELECT count(*) FROM group_transactions") == [(18 + unsent,)]
    assert read(central, "SELECT occupation FROM group_members ORDER BY id") == [
        ("potter",),
        ("weaver",),
        (None,),
    ]
    assert restored.push().batches == 0
    assert laptop_rows(restored.database).keys() == central_rows(central).keys()
    assert_same(restored, central)
    restored.close()


def test_a_batch_that_was_sealed_in_the_backup_is_known_again(
    mine: Laptop, central: Database, tmp_path: Path
) -> None:
    """The same batch is the same, so an old backup goes on until its numbers say something else."""
    post(mine, 5, first=100)

    def failpoint(step: str) -> None:
        if step == "sealed":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        mine.push(failpoint=failpoint)
    backup = backup_of(mine, tmp_path / "backup.db")
    mine.push()
    post(mine, 5, first=200)
    mine.push()
    restored = restore(mine, backup)
    post(restored, 5, first=300)
    with pytest.raises(SyncError, match="copied or restored"):
        restored.push()
    renew(restored, central)
    sync.run(restored.database, restored.folder)
    assert read(central, "SELECT count(*) FROM group_transactions") == [(25,)]
    assert_same(restored, central)
    restored.close()


def test_two_copies_of_a_laptop_do_not_both_send(
    mine: Laptop, central: Database, tmp_path: Path
) -> None:
    mine.close()
    shutil.copytree(mine.folder, tmp_path / "copy")
    both = [
        Laptop(each, db.open_database(each / "vsla.db"))
        for each in (mine.folder, tmp_path / "copy")
    ]
    for at, each in enumerate(both):
        post(each, 4, first=1000 * (1 + at))
    both[0].push()
    with pytest.raises(SyncError, match=TELLS):
        both[1].push()
    assert read(central, "SELECT count(*) FROM group_transactions") == [(14,)]
    # The one that is renewed goes on, with what it had not sent; the other is shut out.
    renew(both[1], central)
    sync.run(both[1].database, both[1].folder)
    assert read(central, "SELECT count(*) FROM group_transactions") == [(18,)]
    assert_same(both[1], central)
    post(both[0], 1, first=5000)
    with pytest.raises(SyncError, match="does not let this laptop in"):
        both[0].push()
    for each in both:
        each.close()


def test_what_the_web_changed_since_the_backup_is_not_overwritten(
    mine: Laptop, central: Database, tmp_path: Path
) -> None:
    mine.run("UPDATE group_members SET occupation = 'potter' WHERE id = 1")
    backup = backup_of(mine, tmp_path / "backup.db")
    mine.push()
    post(mine, 1, first=100)
    mine.push()
    with central.connection(writes=True) as connection:
        connection.exec_driver_sql("UPDATE group_members SET occupation = 'smith' WHERE id = 1")
    restored = restore(mine, backup)
    restored.run("UPDATE group_members SET occupation = 'tailor' WHERE id = 1")
    with pytest.raises(SyncError, match="copied or restored"):
        restored.push()
    renew(restored, central)
    sync.run(restored.database, restored.folder)
    assert read(central, "SELECT occupation FROM group_members WHERE id = 1") == [("smith",)]
    assert restored.read("SELECT occupation FROM group_members WHERE id = 1") == [("smith",)]
    assert restored.read("SELECT kind, col, mine, theirs FROM sync_conflict") == [
        ("changed", "occupation", "tailor", "smith")
    ]
    restored.close()
