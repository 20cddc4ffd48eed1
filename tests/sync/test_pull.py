from __future__ import annotations

from tests.capture.test_scope import scopes
from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, read
from vsla_desktop.db import Database


def test_rows_from_a_laptop_belong_to_their_group(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    post(laptop, 3)
    laptop.push()
    number = read(central, "SELECT id FROM savings_groups")[0][0]
    for table, rows in (("savings_groups", 1), ("group_members", 3), ("group_transactions", 3)):
        assert scopes(central, table) == [number] * rows
    assert read(central, "SELECT scope FROM sync.person_scope") == [(number,)]
