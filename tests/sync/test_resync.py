"""Head office is restored from a backup, forgets, or differs: laptops find out, and heal it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.postgres import PostgresServer
from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, assert_same, keep, new_laptop, read, run
from tests.sync.test_pull import assert_sound, meet
from vsla_desktop import db, sync
from vsla_desktop.db import Database
from vsla_desktop.errors import SyncError
from vsla_desktop.sync import load_enrolment

Pair = tuple[Laptop, Laptop]
OCCUPATION = "SELECT max(occupation) FROM group_members WHERE first_name = 'Amina'"


@pytest.fixture
def pair(laptop: Laptop, central: Database, tmp_path: Path) -> Iterator[Pair]:
    """Two laptops with the same group, both up to date."""
    fill_group(laptop)
    post(laptop, 20)
    meet(laptop)
    other = new_laptop(tmp_path / "other", central)
    meet(other)
    yield laptop, other
    other.close()


def restore(central: Database, server: PostgresServer, *, work: Callable[[], None]) -> str:
    """Return the name of head office's database as it was before some work."""
    name = str(central.engine.url.database)
    central.engine.dispose()
    backup = server.create_database(template=name)
    work()
    return backup


def use(laptop: Laptop, name: str) -> None:
    """Let a laptop find this database as head office."""
    keep(replace(load_enrolment(laptop.folder), dbname=name), laptop.folder)


@pytest.mark.parametrize("new_epoch", [True, False])
def test_what_a_restored_head_office_lost_is_sent_again(
    pair: Pair, central: Database, postgres_server: PostgresServer, *, new_epoch: bool
) -> None:
    first, other = pair

    def work() -> None:
        post(first, 3, first=100)
        other.run("UPDATE group_members SET occupation = 'Farmer' WHERE first_name = 'Amina'")
        other.run("DELETE FROM group_transactions WHERE reference_number = 'R00000001'")
        for each in (first, other, first):
            meet(each)
        assert first.read(OCCUPATION) == [("Farmer",)]
        # A group of which the backup knows nothing.
        fill_group(first, "U2", "another")
        meet(first)
        # What only head office knew, and what went there meanwhile, is lost with it.
        run(central, "UPDATE group_members SET phone_number = '9'")
        meet(first)

    restored = db.connect(postgres_server.url(restore(central, postgres_server, work=work)))
    for each in pair:
        use(each, str(restored.engine.url.database))
    if new_epoch:
        run(restored, "UPDATE sync.server SET epoch = gen_random_uuid()")
    for each in (other, first, other, first):
        meet(each)
    for each in pair:
        assert each.read(OCCUPATION) == [("Farmer",)]
        assert each.read("SELECT count(*) FROM group_transactions") == [(22,)]
        assert each.read("SELECT DISTINCT phone_number FROM group_members") == [(None,)]
        assert_same(each, restored)
        assert_sound(each)
    restored.close()


def test_what_a_restored_head_office_lost_comes_from_a_laptop_that_was_renewed_before(
    pair: Pair, central: Database, postgres_server: PostgresServer
) -> None:
    first, _ = pair

    def work() -> None:
        first.run("UPDATE group_members SET occupation = 'Farmer' WHERE first_name = 'Amina'")
        first.run("DELETE FROM group_transactions WHERE reference_number = 'R00000001'")
        meet(first)

    restored = db.connect(postgres_server.url(restore(central, postgres_server, work=work)))
    run(restored, "UPDATE sync.server SET epoch = gen_random_uuid()")
    keep(sync.renew_device(restored, first.folder.name), first.folder)
    for _ in range(2):
        meet(first)
    assert first.read(OCCUPATION) == [("Farmer",)]
    assert first.read("SELECT count(*) FROM group_transactions") == [(19,)]
    assert_same(first, restored)
    restored.close()


def test_a_row_that_was_joined_for_one_laptop_is_joined_for_the_next(
    pair: Pair, central: Database, postgres_server: PostgresServer
) -> None:
    """Both have a row that head office lost, and where another program made one like it."""
    account = (
        "INSERT INTO member_savings (member_id, saving_type_id)"
        " SELECT min(id), (SELECT min(id) FROM saving_types) FROM group_members"
    )
    first, other = pair

    def work() -> None:
        first.run(account)
        meet(first)
        meet(other)

    restored = db.connect(postgres_server.url(restore(central, postgres_server, work=work)))
    run(restored, "UPDATE sync.server SET epoch = gen_random_uuid()")
    run(restored, account)
    for each in pair:
        use(each, str(restored.engine.url.database))
    for each in (first, other, first, other):
        meet(each)
    for each in pair:
        assert each.read("SELECT count(*) FROM member_savings") == [(1,)]
        assert_same(each, restored)
        assert_sound(each)
    restored.close()


def test_rows_of_a_laptop_that_is_no_more_are_sent_again_by_another(
    pair: Pair, central: Database, postgres_server: PostgresServer
) -> None:
    first, other = pair

    def work() -> None:
        post(first, 3, first=100)
        first.run("INSERT INTO users (username, email, password) VALUES ('n', 'n@x', 'x')")
        first.run(
            "UPDATE group_transactions SET created_by = (SELECT max(id) FROM users)"
            " WHERE reference_number = 'R00000100'"
        )
        for each in (first, other):
            meet(each)

    restored = db.connect(postgres_server.url(restore(central, postgres_server, work=work)))
    use(other, str(restored.engine.url.database))
    run(restored, "UPDATE sync.server SET epoch = gen_random_uuid()")
    for _ in range(2):
        meet(other)
    assert read(restored, "SELECT count(*), count(created_by) FROM group_transactions") == [(23, 1)]
    assert_same(other, restored)
    restored.close()


def test_a_laptop_that_was_restored_is_told_so(pair: Pair, tmp_path: Path) -> None:
    first, _ = pair
    first.database.close()
    copy = shutil.copy(first.folder / "vsla.db", tmp_path / "copy.db")
    first.database = db.open_database(first.folder / "vsla.db")
    post(first, 3, first=100)
    meet(first)
    first.database.close()
    shutil.copy(copy, first.folder / "vsla.db")
    first.database = db.open_database(first.folder / "vsla.db")
    with pytest.raises(SyncError, match="copied or restored"):
        meet(first)
    with pytest.raises(SyncError, match="copied or restored"):
        sync.pull(first.database, first.folder)


def test_a_laptop_that_was_away_longer_than_rows_that_went_are_known_starts_anew(
    pair: Pair, central: Database
) -> None:
    first, other = pair
    run(central, "DELETE FROM group_transactions WHERE reference_number = 'R00000001'")
    other.run("UPDATE group_members SET occupation = 'Farmer' WHERE first_name = 'Amina'")
    post(first, 3, first=100)
    meet(first)
    assert read(central, "SELECT sync.forget_gone('0')") == [(1,)]
    other.run("DELETE FROM sync_history")
    meet(other)
    meet(first)
    for each in pair:
        assert each.read("SELECT count(*) FROM group_transactions") == [(22,)]
        assert each.read(OCCUPATION) == [("Farmer",)]
        assert_same(each, central)
        assert_sound(each)


def test_what_differs_is_found_and_fetched(pair: Pair, central: Database) -> None:
    first, other = pair
    # As if something had gone wrong: a row is lost here, and another was never told.
    other.run("UPDATE sync_applying SET v = 1")
    other.run("DELETE FROM group_transactions WHERE reference_number = 'R00000003'")
    other.run("UPDATE sync_applying SET v = 0")
    run(central, "ALTER TABLE group_members DISABLE TRIGGER USER")
    run(central, "UPDATE group_members SET occupation = 'Farmer' WHERE first_name = 'Amina'")
    run(central, "ALTER TABLE group_members ENABLE TRIGGER USER")
    run(
        central,
        "UPDATE sync.row_state SET ver = ver + 1, xid = '3' WHERE tbl = 10 AND id ="
        " (SELECT id FROM group_members WHERE first_name = 'Amina')",
    )
    assert sync.pull(other.database, other.folder, compare=True).rows_received > 20
    sync.pull(first.database, first.folder, compare=True)
    for each in pair:
        assert each.read(OCCUPATION) == [("Farmer",)]
        assert each.read("SELECT count(*) FROM group_transactions") == [(20,)]
        assert_same(each, central)
        assert_sound(each)
    assert sync.pull(other.database, other.folder, compare=True).rows_received == 0


def test_what_is_equal_is_compared_once_a_day(pair: Pair) -> None:
    _, other = pair
    for _ in range(3):
        assert sync.pull(other.database, other.folder).rows_received == 0
    assert other.read("SELECT count(compared_on) FROM sync_scope") == [(2,)]


def test_a_new_head_office_is_begun_with_anew(
    pair: Pair, new_centre: Callable[[], AbstractContextManager[Database]]
) -> None:
    """The programme moves to a server that knows nothing: one laptop brings its groups there."""
    first, _ = pair
    with new_centre() as another:
        run(another, "UPDATE sync.server SET epoch = gen_random_uuid()")
        keep(sync.enrol_device(another, "first"), first.folder)
        for _ in range(2):
            meet(first)
        assert_same(first, another)
        assert_sound(first)
