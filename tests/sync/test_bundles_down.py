"""From head office to a laptop on a stick: answers, rows and documents, in any order."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.sync.books import fill_group, post
from tests.sync.crash import POWER_CUT
from tests.sync.laptop import Laptop, assert_same, new_laptop, run
from tests.sync.test_bundles_up import carry, header_of
from tests.sync.test_documents import add, content_of, swap
from vsla_desktop.db import Database
from vsla_desktop.errors import SyncError
from vsla_desktop.sync import revoke_device
from vsla_desktop.sync.bundle import Imported, import_bundle
from vsla_desktop.sync.bundle_answer import Answered, answer_bundle
from vsla_desktop.sync.bundle_file import DOWN
from vsla_desktop.sync.bundle_office import take_bundle
from vsla_desktop.sync.documents import kept
from vsla_desktop.sync.pull import pull


def given_to(laptop: Laptop, central: Database, file: Path, **options: Any) -> Answered:
    return answer_bundle(central, laptop.folder.name, file, **options)


def take(laptop: Laptop, file: Path, **options: Any) -> Imported:
    return import_bundle(laptop.database, laptop.folder, file, **options)


def meet(laptop: Laptop) -> None:
    """Push and pull over the network."""
    laptop.push()
    pull(laptop.database, laptop.folder)


def there_and_back(laptop: Laptop, central: Database, folder: Path) -> Imported:
    """Carry a file to head office, and its answer back."""
    carry(laptop, folder / "there.vslab")
    take_bundle(central, folder / "there.vslab")
    given_to(laptop, central, folder / "back.vslab")
    return take(laptop, folder / "back.vslab")


def here(laptop: Laptop) -> list[Any]:
    """What the laptop holds: that nothing changed is seen by comparing two of these."""
    tables = ("sync_idmap", "sync_scope", "sync_outbox", "sync_inq", "users", "group_transactions")
    questions = [f"SELECT * FROM {each} ORDER BY 1, 2" for each in tables]  # noqa: S608
    questions.append("SELECT server_epoch, past_epochs FROM sync_meta")
    return [laptop.read(each) for each in questions]


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


@pytest.fixture
def other(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    made = new_laptop(tmp_path / "other", central)
    yield made
    made.close()


def test_head_office_s_answer_comes_back_on_the_stick(
    laptop: Laptop, central: Database, stick: Path
) -> None:
    fill_group(laptop)
    post(laptop, 20)
    taken = there_and_back(laptop, central, stick)
    assert (taken.is_carried, taken.report.batches, taken.report.waiting) == (False, 1, 0)
    assert laptop.read("SELECT n, state FROM sync_outbox") == [(1, "acked")]
    assert_same(laptop, central)
    run(central, "UPDATE group_members SET first_name = 'Zawadi' WHERE id = 2")
    taken = there_and_back(laptop, central, stick)
    assert taken.report.rows_received >= 1
    assert laptop.read("SELECT first_name FROM group_members WHERE id = 2") == [("Zawadi",)]
    assert_same(laptop, central)
    assert header_of(stick / "back.vslab").kind == DOWN


def test_a_laptop_is_filled_by_a_file_alone(
    laptop: Laptop, other: Laptop, central: Database, stick: Path
) -> None:
    fill_group(laptop)
    post(laptop, 300)
    laptop.push()
    made = given_to(other, central, stick / "first.vslab")
    assert made.rows > 300
    assert take(other, stick / "first.vslab").report.rows_received == made.rows
    assert_same(other, central)
    fill_group(other, "U2", "other")
    there_and_back(other, central, stick)
    assert_same(other, central)
    there_and_back(laptop, central, stick)
    assert_same(laptop, central)


def test_many_rows_go_in_pages(
    laptop: Laptop,
    other: Laptop,
    central: Database,
    stick: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill_group(laptop)
    post(laptop, 500)
    laptop.push()
    monkeypatch.setattr("vsla_desktop.sync.bundle_answer.PAGE_ROWS", 90)
    given_to(other, central, stick / "first.vslab")
    assert take(other, stick / "first.vslab").skipped == 0
    assert_same(other, central)
    assert other.read("SELECT count(*) FROM sync_scope WHERE state <> 'kept'") == [(0,)]


def test_the_same_file_again_changes_nothing(
    laptop: Laptop, central: Database, stick: Path
) -> None:
    fill_group(laptop)
    there_and_back(laptop, central, stick)
    before = here(laptop)
    assert take(laptop, stick / "back.vslab").report.batches == 0
    assert here(laptop) == before


def test_an_older_file_never_undoes_what_is_newer(
    laptop: Laptop, central: Database, stick: Path
) -> None:
    fill_group(laptop)
    meet(laptop)
    given_to(laptop, central, stick / "old.vslab")
    laptop.run("UPDATE group_members SET first_name = 'Newer' WHERE id = 1")
    laptop.push()
    run(central, "UPDATE group_members SET first_name = 'Newest' WHERE id = 2")
    take(laptop, stick / "old.vslab")
    assert laptop.read("SELECT first_name FROM group_members WHERE id = 1") == [("Newer",)]
    there_and_back(laptop, central, stick)
    take(laptop, stick / "old.vslab")
    assert laptop.read("SELECT first_name FROM group_members ORDER BY id LIMIT 2") == [
        ("Newer",),
        ("Newest",),
    ]
    assert_same(laptop, central)


def test_what_is_not_sent_yet_is_not_written_over(
    laptop: Laptop, central: Database, stick: Path
) -> None:
    fill_group(laptop)
    meet(laptop)
    laptop.run("UPDATE group_members SET first_name = 'Ours' WHERE id = 1")
    run(central, "UPDATE group_members SET last_name = 'Theirs' WHERE id = 1")
    given_to(laptop, central, stick / "down.vslab")
    take(laptop, stick / "down.vslab")
    assert laptop.read("SELECT first_name, last_name FROM group_members WHERE id = 1") == [
        ("Ours", "X")
    ]
    there_and_back(laptop, central, stick)
    assert laptop.read("SELECT first_name, last_name FROM group_members WHERE id = 1") == [
        ("Ours", "Theirs")
    ]
    assert_same(laptop, central)


def test_what_is_not_for_this_laptop_changes_nothing_and_says_why(
    laptop: Laptop,
    other: Laptop,
    central: Database,
    stick: Path,
    new_centre: Callable[[], AbstractContextManager[Database]],
    tmp_path: Path,
) -> None:
    fill_group(laptop)
    there_and_back(laptop, central, stick)
    given_to(other, central, stick / "other.vslab")
    with new_centre() as elsewhere:
        stranger = new_laptop(tmp_path / "far" / "laptop", elsewhere)
        given_to(stranger, elsewhere, stick / "far.vslab")
        carry(stranger, stick / "up far.vslab")
        stranger.close()
    carry(laptop, stick / "own.vslab")
    before = here(laptop)
    for name, sentence in (
        ("other", "other.vslab is for the laptop other"),
        ("far", "far.vslab is for the laptop laptop"),
        ("up far", "up far.vslab is for another head office"),
        ("own", "own.vslab is from this laptop"),
    ):
        with pytest.raises(SyncError, match=sentence):
            take(laptop, stick / f"{name}.vslab")
    assert here(laptop) == before
    with pytest.raises(SyncError, match="No laptop named nobody"):
        answer_bundle(central, "nobody", stick / "x.vslab")
    revoke_device(central, "laptop")
    with pytest.raises(SyncError, match="No laptop named laptop"):
        given_to(laptop, central, stick / "x.vslab")


def test_a_damaged_file_changes_nothing(laptop: Laptop, central: Database, stick: Path) -> None:
    fill_group(laptop)
    carry(laptop, stick / "up.vslab")
    take_bundle(central, stick / "up.vslab")
    given_to(laptop, central, stick / "down.vslab")
    whole = (stick / "down.vslab").read_bytes()
    bad = stick / "bad.vslab"
    before = here(laptop)
    for place in range(0, len(whole), 131):
        content = bytearray(whole)
        content[place] ^= 0x04
        for wrong in (bytes(content), whole[:place]):
            bad.write_bytes(wrong)
            with pytest.raises(SyncError):
                take(laptop, bad)
    assert here(laptop) == before
    take(laptop, stick / "down.vslab")
    assert_same(laptop, central)


def test_head_office_that_was_restored_is_understood_by_stick(
    laptop: Laptop, central: Database, stick: Path
) -> None:
    fill_group(laptop)
    there_and_back(laptop, central, stick)
    given_to(laptop, central, stick / "before.vslab")
    post(laptop, 4)
    carry(laptop, stick / "lost.vslab")
    # A backup of the moment before anything came from this laptop is brought back.
    run(central, "DELETE FROM savings_groups")
    run(central, "DELETE FROM users")
    run(central, "DELETE FROM sync.row_state WHERE deleted")
    run(central, "DELETE FROM sync.batch")
    run(central, "UPDATE sync.device SET last_batch = 0, asked = NULL")
    run(central, "UPDATE sync.server SET epoch = gen_random_uuid()")
    with pytest.raises(SyncError, match="before head office was restored"):
        take_bundle(central, stick / "lost.vslab")
    given_to(laptop, central, stick / "after.vslab")
    take(laptop, stick / "after.vslab")
    carry(laptop, stick / "again.vslab")
    assert take_bundle(central, stick / "again.vslab").batches == 2
    there_and_back(laptop, central, stick)
    assert_same(laptop, central)
    before = here(laptop)
    with pytest.raises(SyncError, match="before head office was restored"):
        take(laptop, stick / "before.vslab")
    assert here(laptop) == before


def test_a_restored_book_is_found_out(laptop: Laptop, central: Database, stick: Path) -> None:
    fill_group(laptop)
    carry(laptop, stick / "up.vslab")
    take_bundle(central, stick / "up.vslab")
    given_to(laptop, central, stick / "down.vslab")
    laptop.run("DELETE FROM sync_outbox")
    with pytest.raises(SyncError, match="copied or restored"):
        take(laptop, stick / "down.vslab")
    laptop.run("UPDATE group_members SET first_name = 'Another' WHERE id = 1")
    carry(laptop, stick / "up2.vslab")
    with pytest.raises(SyncError, match="copied or restored"):
        take(laptop, stick / "down.vslab")


def test_documents_come_along_when_asked_for(
    laptop: Laptop, other: Laptop, central: Database, stick: Path, tmp_path: Path
) -> None:
    fill_group(laptop)
    digest = add(laptop, 300_000, tmp_path)
    swap(laptop)
    assert given_to(other, central, stick / "plain.vslab").documents == 0
    assert given_to(other, central, stick / "full.vslab", with_documents=True).documents == 1
    take(other, stick / "full.vslab")
    path = kept(other.folder, digest)
    assert path is not None
    assert path.read_bytes() == content_of(300_000)
    # Next time it is known to be there.
    there_and_back(other, central, stick)
    assert given_to(other, central, stick / "full.vslab", with_documents=True).documents == 0


def test_a_document_that_went_by_stick_is_not_sent_again(
    laptop: Laptop, central: Database, stick: Path, tmp_path: Path
) -> None:
    fill_group(laptop)
    add(laptop, 1000, tmp_path)
    carry(laptop, stick / "up.vslab", with_documents=True)
    take_bundle(central, stick / "up.vslab")
    given_to(laptop, central, stick / "down.vslab")
    take(laptop, stick / "down.vslab")
    assert carry(laptop, stick / "up.vslab", with_documents=True).documents_sent == 0


POWER_FAILS = """
import os, sys
from pathlib import Path
from vsla_desktop import db
from vsla_desktop.sync.bundle import import_bundle
folder = Path(sys.argv[1])
def failpoint(step):
    if step == sys.argv[3]:
        os._exit(int(sys.argv[4]))
import_bundle(db.open_database(folder / "vsla.db"), folder, Path(sys.argv[2]), failpoint=failpoint)
"""


@pytest.mark.parametrize("step", ["acknowledging", "acknowledged", "taking", "taken"])
def test_a_power_cut_while_reading_loses_and_doubles_nothing(
    laptop: Laptop, central: Database, stick: Path, step: str
) -> None:
    fill_group(laptop)
    carry(laptop, stick / "up.vslab")
    take_bundle(central, stick / "up.vslab")
    run(central, "UPDATE group_members SET first_name = 'Zawadi' WHERE id = 2")
    given_to(laptop, central, stick / "down.vslab")
    laptop.database.close()
    ended = subprocess.run(
        [
            *(sys.executable, "-c", POWER_FAILS, str(laptop.folder)),
            *(str(stick / "down.vslab"), step, str(POWER_CUT)),
        ],
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ended.returncode == POWER_CUT
    take(laptop, stick / "down.vslab")
    assert_same(laptop, central)
