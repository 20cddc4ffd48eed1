"""Head office after its database was restored from a backup, or moved by a dump."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, assert_same, read, run
from vsla_desktop import sync

if TYPE_CHECKING:
    from vsla_desktop.db import Database

AHEAD = """
UPDATE sync.row_state SET xid = (xid::text::bigint + 100000)::text::xid8;
UPDATE sync.batch SET applied_xid = (applied_xid::text::bigint + 100000)::text::xid8;
"""


def test_rows_from_another_server_s_future_come_down_once(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    sync.run(laptop.database, laptop.folder)
    run(central, AHEAD)
    before = read(
        central, "SELECT count(*) FROM sync.row_state s JOIN sync.batch b ON xid = applied_xid"
    )
    run(central, "SELECT sync.restored()")
    assert sync.run(laptop.database, laptop.folder).rows_received > 0
    assert sync.run(laptop.database, laptop.folder).rows_received == 0
    # Who wrote a row last is still known.
    after = read(
        central, "SELECT count(*) FROM sync.row_state s JOIN sync.batch b ON xid = applied_xid"
    )
    assert after == before
    run(central, "UPDATE meetings SET location = 'The school'")
    post(laptop, 3)
    sync.run(laptop.database, laptop.folder)
    assert laptop.read("SELECT location FROM meetings") == [("The school",)]
    assert_same(laptop, central)


def test_a_restore_in_the_same_place_leaves_the_numbers_alone(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    sync.run(laptop.database, laptop.folder)
    rows = read(central, "SELECT su, xid::text FROM sync.row_state ORDER BY su")
    run(central, "SELECT sync.restored()")
    assert read(central, "SELECT su, xid::text FROM sync.row_state ORDER BY su") == rows
    sync.run(laptop.database, laptop.folder)
    assert_same(laptop, central)
