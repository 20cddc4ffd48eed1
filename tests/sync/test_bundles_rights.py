"""Who may speak for whom: head office for the laptop that signed, a laptop for itself alone."""

from __future__ import annotations

from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql

from tests.support.postgres import PostgresServer
from tests.sync import test_owner
from tests.sync.books import fill_group
from tests.sync.laptop import Laptop, assert_same, new_laptop, read
from tests.sync.test_bundles_down import there_and_back
from tests.sync.test_bundles_up import carry
from vsla_desktop.db import Database
from vsla_desktop.db.central import init_central
from vsla_desktop.sync import assign_group, load_enrolment
from vsla_desktop.sync.bundle_answer import open_carried
from vsla_desktop.sync.bundle_office import take_bundle

owned = test_owner.central


def test_an_ordinary_owner_opens_and_writes_files(owned: Database, tmp_path: Path) -> None:
    init_central(owned)
    laptop = new_laptop(tmp_path / "laptop", owned)
    fill_group(laptop)
    there_and_back(laptop, owned, tmp_path)
    assert open_carried(owned) == ()
    assert_same(laptop, owned)
    laptop.close()


def test_a_laptop_that_names_another_is_still_itself(
    laptop: Laptop, central: Database, tmp_path: Path
) -> None:
    other = new_laptop(tmp_path / "other", central)
    fill_group(other)
    other.push()
    ours, theirs = load_enrolment(laptop.folder), load_enrolment(other.folder)
    connection = psycopg2.connect(
        host=ours.host,
        port=ours.port,
        dbname=ours.dbname,
        user=ours.role,
        password=ours.password,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('vsla.on_behalf_of', %s, false)", (theirs.device_id,))
        cursor.execute("SELECT sync.begin_batch(1, 'x', %s, 1)", (ours.server_epoch,))
        assert cursor.fetchone() == ({"answer": "go"},)
    connection.close()
    other.close()


def test_another_login_that_is_not_the_owner_speaks_for_nobody(
    laptop: Laptop, central: Database, postgres_server: PostgresServer
) -> None:
    told = load_enrolment(laptop.folder)
    name = sql.Identifier("clerk_of_this_test")
    postgres_server.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'x'").format(name))
    grants = (
        "GRANT USAGE ON SCHEMA sync TO clerk_of_this_test",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sync TO clerk_of_this_test",
    )
    try:
        with central.connection(writes=True) as owner:
            for each in grants:
                owner.exec_driver_sql(each)
        connection = psycopg2.connect(
            host=told.host,
            port=told.port,
            dbname=told.dbname,
            user="clerk_of_this_test",
            password="x",
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('vsla.on_behalf_of', %s, false)", (told.device_id,))
            with pytest.raises(psycopg2.Error, match="not a device"):
                cursor.execute("SELECT sync.begin_batch(1, 'x', %s, 1)", (told.server_epoch,))
        connection.close()
    finally:
        dropped = sql.SQL("DROP OWNED BY {}").format(name)
        postgres_server.execute(dropped, database=str(central.engine.url.database))
        postgres_server.execute(sql.SQL("DROP ROLE {}").format(name))


def test_rights_by_group_are_the_same_by_stick(
    laptop: Laptop, central: Database, tmp_path: Path
) -> None:
    fill_group(laptop)
    laptop.push()
    reader = new_laptop(tmp_path / "reader", central, groups=["U1"], read_only=True)
    there_and_back(reader, central, tmp_path)
    with reader.database.connection(writes=True) as connection:
        triggers = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'sync_dirty'"
        ).scalars()
        for each in list(triggers):
            connection.exec_driver_sql(f"DROP TRIGGER {each}")
    reader.run("UPDATE group_members SET first_name = 'Stolen'")
    carry(reader, tmp_path / "up.vslab")
    assert take_bundle(central, tmp_path / "up.vslab").conflicts == 3
    assert read(central, "SELECT DISTINCT reason FROM sync.quarantine") == [("denied",)]
    assert read(central, "SELECT count(*) FROM group_members WHERE first_name = 'Stolen'") == [(0,)]
    stranger = new_laptop(tmp_path / "stranger", central, groups=[])
    there_and_back(stranger, central, tmp_path)
    assert stranger.read("SELECT count(*) FROM savings_groups") == [(0,)]
    assign_group(central, "stranger", "U1", read_only=True)
    there_and_back(stranger, central, tmp_path)
    assert stranger.read("SELECT count(*) FROM group_members") == [(3,)]
    for each in (reader, stranger):
        each.close()
