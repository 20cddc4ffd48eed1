"""What a stolen login reaches of the server itself, beside our tables, and how that is ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import psycopg2
import pytest
from psycopg2 import sql

from tests.db.books import new_central
from tests.support.postgres import PostgresServer, running_server
from tests.sync.laptop import read
from tests.sync.test_rights_attacks import asking, sign_in
from vsla_desktop import db
from vsla_desktop.db import Database
from vsla_desktop.sync import Enrolment, enrol_device, openings, reap, revoke_device


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Run a server that lets transactions be prepared."""
    with running_server(settings={"max_prepared_transactions": "5"}) as running:
        yield running


@pytest.fixture
def central(server: PostgresServer) -> Iterator[Database]:
    with new_central(server) as opened:
        yield opened


@pytest.fixture(scope="module")
def ordinary(server: PostgresServer) -> Iterator[Database]:
    """Head office as its owner runs it, who is no superuser (docs/operations.md)."""
    server.execute(sql.SQL("CREATE ROLE ordinary LOGIN CREATEROLE PASSWORD 'of this test'"))
    server.execute(sql.SQL("GRANT pg_signal_backend, pg_read_all_stats TO ordinary"))
    name = server.create_database()
    server.execute(sql.SQL("ALTER DATABASE {} OWNER TO ordinary").format(sql.Identifier(name)))
    with closing(db.connect(server.url(name, user="ordinary", password="of this test"))) as made:
        db.upgrade(made)
        yield made


@pytest.fixture
def stolen(ordinary: Database) -> Iterator[Enrolment]:
    yield enrol_device(ordinary, "stolen", [])
    revoke_device(ordinary, "stolen")


def test_what_is_held_open_in_another_database_is_ended_too(central: Database) -> None:
    stolen = enrol_device(central, "stolen", [])
    with closing(sign_in(replace(stolen, dbname="postgres"))) as elsewhere:
        ask = asking(elsewhere)
        ask("BEGIN")
        ask("SELECT pg_current_xact_id()")
        assert reap(central, seconds=3600) == ()
        assert reap(central, seconds=0) == ("stolen: idle in transaction",)
        with pytest.raises(psycopg2.Error):
            ask("SELECT 1")


@pytest.mark.parametrize("place", ["", "postgres"])
def test_what_outlives_its_session_is_rolled_back(
    ordinary: Database, stolen: Enrolment, place: str
) -> None:
    name = "it's 100% \\mine"
    with closing(sign_in(replace(stolen, dbname=place or stolen.dbname))) as session:
        ask = asking(session)
        ask("BEGIN")
        ask("SELECT pg_current_xact_id()")
        with session.cursor() as cursor:
            cursor.execute("PREPARE TRANSACTION %s", (name,))
    assert read(ordinary, "SELECT gid FROM pg_prepared_xacts") == [(name,)]
    assert reap(ordinary) == ("stolen: prepared transaction",)
    assert read(ordinary, "SELECT gid FROM pg_prepared_xacts") == []
    # Head office acted for the login for that moment alone.
    assert read(ordinary, f"SELECT pg_has_role('{stolen.role}', 'MEMBER')") == [(False,)]


def test_what_can_not_be_rolled_back_is_told(
    ordinary: Database, stolen: Enrolment, server: PostgresServer
) -> None:
    with closing(sign_in(replace(stolen, dbname="postgres"))) as session:
        ask = asking(session)
        ask("BEGIN")
        ask("PREPARE TRANSACTION 'mine'")
    server.execute(sql.SQL("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC"))
    try:
        [told] = reap(ordinary)
        assert told.startswith(
            "stolen: prepared transaction stays; a superuser ends it in postgres"
        )
        assert told.endswith(": ROLLBACK PREPARED 'mine';")
    finally:
        server.execute(sql.SQL("ROLLBACK PREPARED 'mine'"))
        server.execute(sql.SQL("GRANT CONNECT ON DATABASE postgres TO PUBLIC"))


def test_a_login_that_is_shut_out_leaves_nothing_prepared(central: Database) -> None:
    stolen = enrol_device(central, "stolen", [])
    with closing(sign_in(stolen)) as session:
        ask = asking(session)
        ask("BEGIN")
        ask(f"SELECT sync.begin_batch(99, 'x', '{stolen.server_epoch}', 1)")  # locks its device
        ask("SELECT pg_current_xact_id()")
        ask("PREPARE TRANSACTION 'mine'")
    ended = threading.Thread(target=revoke_device, args=(central, "stolen"))
    ended.start()
    ended.join(30)
    assert not ended.is_alive()
    assert read(central, "SELECT status FROM sync.device") == [("revoked",)]
    assert read(central, "SELECT gid FROM pg_prepared_xacts") == []


def test_what_a_server_leaves_open_is_told_with_what_shuts_it(
    ordinary: Database, server: PostgresServer
) -> None:
    database = "Laptops' logins can open database postgres: REVOKE CONNECT ON DATABASE postgres"
    prepared = "Transactions can outlive their session: set max_prepared_transactions = 0."
    assert {f"{database} FROM PUBLIC;", prepared} <= set(openings(ordinary))
    server.execute(sql.SQL("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC"))
    assert f"{database} FROM PUBLIC;" not in openings(ordinary)
    server.execute(sql.SQL("GRANT CONNECT ON DATABASE postgres TO PUBLIC"))
