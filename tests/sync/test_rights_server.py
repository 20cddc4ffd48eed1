"""What a stolen login reaches of the server itself, beside our tables, and how that is ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
import typer
from psycopg2 import sql

from tests.db.books import new_central
from tests.support.postgres import PostgresServer, running_server
from tests.sync.books import fill_group
from tests.sync.laptop import new_laptop, read, run
from tests.sync.test_rights_attacks import asking, sign_in
from vsla_desktop import db
from vsla_desktop.cli.database import set_up_centre
from vsla_desktop.db import Database
from vsla_desktop.errors import SyncError
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


MAKING = (
    "CREATE TABLE public.mine (x text)",
    "CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql AS 'SELECT $1::text'",
    "CREATE TEMPORARY TABLE mine (x text)",
)


def test_a_login_makes_nothing_where_once_everybody_could(
    central: Database, server: PostgresServer
) -> None:
    name = central.engine.url.database or ""
    run(central, "GRANT CREATE ON SCHEMA public TO PUBLIC")
    server.execute(sql.SQL("CREATE ROLE reporting LOGIN PASSWORD 'of this test'"))
    assert any("REVOKE CREATE ON SCHEMA public" in each for each in openings(central))
    with pytest.raises(typer.Exit):
        set_up_centre(central, "report", as_json=True)
    assert not any("public" in each for each in openings(central))
    with closing(sign_in(enrol_device(central, "stolen", []))) as session:
        for statement in MAKING:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                asking(session)(statement)
    # Whoever could before still can.
    other = db.connect(server.url(name, user="reporting", password="of this test"))
    with closing(other):
        for statement in MAKING:
            run(other, statement)
        run(other, "DROP TABLE public.mine")


def test_a_schema_that_is_not_ours_to_shut_is_named(
    ordinary: Database, server: PostgresServer
) -> None:
    name = ordinary.engine.url.database or ""
    granting = "GRANT CREATE ON SCHEMA public TO PUBLIC"
    for statement in ("ALTER SCHEMA public OWNER TO vsla", granting):
        server.execute(sql.SQL(statement), database=name)
    with pytest.raises(typer.Exit):
        set_up_centre(ordinary, "report", as_json=True)
    shutting = "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    assert f"Logins can make tables and functions: {shutting};" in openings(ordinary)
    server.execute(sql.SQL(shutting), database=name)
    server.execute(sql.SQL("ALTER SCHEMA public OWNER TO pg_database_owner"), database=name)


STAGING = (
    "INSERT INTO sync.incoming (tbl, ord, op, su, v1)"
    " SELECT 1, n, 'I', gen_random_uuid(), repeat('x', 1900) FROM generate_series(1, {}) n"
)


def test_a_batch_is_found_among_what_others_have_staged(central: Database) -> None:
    stolen = enrol_device(central, "stolen", [])
    with closing(sign_in(stolen)) as session:
        asking(session)(STAGING.format(20_000))
    found = "EXPLAIN SELECT 1 FROM sync.incoming i WHERE i.tx = pg_current_xact_id()"
    for condition in ("", " AND i.tbl = 9", " AND i.ord = 7", " AND i.ord BETWEEN 1 AND 9"):
        for _statistics in range(2):
            plan = "\n".join(line for (line,) in read(central, found + condition))
            assert "incoming_batch" in plan, plan
            run(central, "ANALYZE sync.incoming")


def test_what_is_staged_and_left_does_not_fill_the_disk(central: Database, tmp_path: Path) -> None:
    stolen = enrol_device(central, "stolen", [])
    run(central, "UPDATE sync.server SET staging_bytes = 64 * 1024 * 1024")
    laptop = new_laptop(tmp_path / "laptop", central)
    fill_group(laptop)
    with closing(sign_in(stolen)) as session:
        ask = asking(session)
        ask("BEGIN")
        ask(STAGING.format(40_000))
        ask("ROLLBACK")  # what was undone lies there as well
        with pytest.raises(psycopg2.errors.ConfigurationLimitExceeded):
            ask(STAGING.format(1))
        with pytest.raises(SyncError, match="Head office can not work now"):
            laptop.push()
        assert reap(central) == ()
    assert read(central, "SELECT pg_relation_size('sync.incoming')") == [(0,)]
    assert laptop.push().rows_sent == 7
    laptop.close()


def test_what_a_server_leaves_open_is_told_with_what_shuts_it(
    ordinary: Database, server: PostgresServer
) -> None:
    database = "Laptops' logins can open database postgres: REVOKE CONNECT ON DATABASE postgres"
    prepared = "Transactions can outlive their session: set max_prepared_transactions = 0."
    assert {f"{database} FROM PUBLIC;", prepared} <= set(openings(ordinary))
    server.execute(sql.SQL("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC"))
    assert f"{database} FROM PUBLIC;" not in openings(ordinary)
    server.execute(sql.SQL("GRANT CONNECT ON DATABASE postgres TO PUBLIC"))


def test_what_the_operations_document_says_shuts_all_of_it(tmp_path: Path) -> None:
    document = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    statements = document.split("```sql\n")[1].split("```")[0].split(";")
    with running_server() as server:
        name = server.create_database()
        for each in filter(str.strip, statements):
            server.execute(sql.SQL(each), database=name)
        with closing(db.connect(server.url(name))) as central:
            db.upgrade(central)
            assert openings(central) == ()
            # Laptops need nothing of it.
            laptop = new_laptop(tmp_path / "laptop", central)
            fill_group(laptop)
            assert laptop.push().rows_sent == 7
            laptop.close()
            with closing(sign_in(enrol_device(central, "stolen", []))) as session:
                ask = asking(session)
                for statement in (
                    "SELECT lo_creat(-1)",
                    "SELECT lo_from_bytea(0, 'x')",
                    "SELECT pg_logical_emit_message(false, 'x', 'x')",
                    "SET temp_file_limit = -1",
                ):
                    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                        ask(statement)
