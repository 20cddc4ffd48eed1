from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.capture.test_scope import scopes
from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, assert_same, new_laptop, read, run
from vsla_desktop import sync
from vsla_desktop.db import Database
from vsla_desktop.db.verify import verify
from vsla_desktop.sync import SyncReport


@pytest.fixture
def other(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    """A second laptop that knows nothing of the first."""
    made = new_laptop(tmp_path / "other", central)
    yield made
    made.close()


def meet(laptop: Laptop) -> SyncReport:
    return sync.run(laptop.database, laptop.folder)


def assert_sound(laptop: Laptop) -> None:
    with laptop.database.connection() as connection:
        found = verify(connection)
    assert not found.derived.wrong
    assert not found.foreign_keys
    assert laptop.read("SELECT v FROM sync_applying") == [(0,)]
    assert laptop.read("SELECT tbl, waits_for FROM sync_inq") == []


def test_rows_from_a_laptop_belong_to_their_group(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    post(laptop, 3)
    laptop.push()
    number = read(central, "SELECT id FROM savings_groups")[0][0]
    for table, rows in (("savings_groups", 1), ("group_members", 3), ("group_transactions", 3)):
        assert scopes(central, table) == [number] * rows
    assert read(central, "SELECT scope FROM sync.person_scope") == [(number,)]


def test_a_second_laptop_is_filled(laptop: Laptop, other: Laptop, central: Database) -> None:
    fill_group(laptop)
    post(laptop, 50)
    meet(laptop)
    report = meet(other)
    assert report.rows_received > 56
    assert_same(other, central)
    assert_sound(other)
    assert other.read("SELECT loan_fund_balance FROM savings_groups") == [(50 * 12345,)]
    assert meet(other).rows_received == 0
    assert meet(laptop).rows_received == 0


def test_a_change_at_head_office_comes_down(
    laptop: Laptop, other: Laptop, central: Database
) -> None:
    fill_group(laptop)
    post(laptop, 5)
    meet(laptop)
    meet(other)
    run(central, "UPDATE group_members SET first_name = 'Zoé' WHERE first_name = 'Amina'")
    run(central, "DELETE FROM group_members WHERE first_name = 'Béatrice'")
    for each in (laptop, other):
        meet(each)
        assert_same(each, central)
        assert_sound(each)
