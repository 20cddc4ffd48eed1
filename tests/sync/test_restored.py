"""Head office after its database was restored from a backup, or moved by a dump."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import PostgresServer
from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, assert_same, keep, new_laptop, read, run
from vsla_desktop import db, sync
from vsla_desktop.db import Database
from vsla_desktop.presenters.sync_words import explained
from vsla_desktop.sync import load_enrolment

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


@pytest.mark.parametrize("rights", [{}, {"groups": ()}], ids=["of all groups", "of its own"])
def test_a_row_of_a_list_that_head_office_lost_is_there_again_or_on_its_list(
    central: Database,
    postgres_server: PostgresServer,
    tmp_path: Path,
    rights: dict[str, Any],
) -> None:
    laptop = new_laptop(tmp_path / "laptop", central, **rights)
    fill_group(laptop)
    sync.run(laptop.database, laptop.folder)
    central.close()
    backup = postgres_server.create_database(template=str(central.engine.url.database))
    run(central, "INSERT INTO services (name) VALUES ('Solar lamps')")
    sync.run(laptop.database, laptop.folder)
    lamps = "SELECT count(*) FROM services WHERE name = 'Solar lamps'"
    assert laptop.read(lamps) == [(1,)]
    restored = db.connect(postgres_server.url(backup))
    run(restored, "SELECT sync.restored()")
    keep(replace(load_enrolment(laptop.folder), dbname=backup), laptop.folder)
    for _ in range(2):
        sync.run(laptop.database, laptop.folder)
    if not rights:
        assert read(restored, lamps) == [(1,)]
        assert_same(laptop, restored)
    else:
        assert read(restored, "SELECT tbl, reason FROM sync.quarantine") == [("services", "denied")]
        [trouble] = sync.troubles(laptop.database)
        assert explained(trouble) == "Only head office changes this. Ask there."
    laptop.close()
    restored.close()
    postgres_server.drop_database(backup)


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
