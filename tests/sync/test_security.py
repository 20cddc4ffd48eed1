"""What somebody with a laptop's password and a SQL client can not do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.support.postgres import PostgresServer
from tests.sync.books import fill_group
from tests.sync.laptop import Laptop, assert_same, new_laptop, read, run
from vsla_desktop import db
from vsla_desktop.db import Database
from vsla_desktop.errors import SyncError
from vsla_desktop.sync import (
    enrol_device,
    hand_over,
    load_enrolment,
    read_enrolment,
    renew_device,
    store_enrolment,
)

Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def ask(laptop: Laptop) -> Iterator[Ask]:
    """Run statements as the laptop's role, by hand."""
    role = load_enrolment(laptop.folder)
    with closing(
        psycopg2.connect(
            host=role.host,
            port=role.port,
            dbname=role.dbname,
            user=role.role,
            password=role.password,
        )
    ) as connection:
        connection.autocommit = True

        def run_one(statement: str) -> list[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []

        yield run_one


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM public.users",
        "SELECT * FROM sync.device",
        "SELECT * FROM sync.row_state",
        "SELECT * FROM sync.incoming",
        "SELECT * FROM sync.conflict",
        "INSERT INTO public.users (username, email, password) VALUES ('a', 'a', 'a')",
        "UPDATE public.savings_groups SET name = 'x'",
        "DELETE FROM public.group_transactions",
        "TRUNCATE sync.incoming",
        "DELETE FROM sync.incoming",
        "UPDATE sync.device SET status = 'active'",
        "INSERT INTO sync.incoming (tx, su) VALUES (pg_current_xact_id(), gen_random_uuid())",
        "COPY public.users TO STDOUT",
        "COPY sync.incoming TO STDOUT",
        "CREATE TEMP TABLE device (x int)",
        "CREATE TEMP VIEW device AS SELECT 1 AS x",
        "CREATE TEMP SEQUENCE mine",
        "CREATE FUNCTION pg_temp.count(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
        "SELECT * INTO TEMP mine FROM (VALUES (1)) v (x)",
        "CREATE TABLE public.mine (x int)",
        "CREATE TABLE sync.mine (x int)",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SELECT sync.insert_users(gen_random_uuid(), 1, 1, 1, true)",
        "SELECT sync.apply_swiftly(gen_random_uuid(), 1)",
        "SELECT sync.attempt('insert_users', gen_random_uuid(), 1, 1, 1, true)",
        "SELECT sync.new_identity()",
        "SELECT * FROM sync.calling_device()",
        "SET ROLE pg_read_all_data",
        "SELECT nextval('public.users_id_seq')",
    ],
)
def test_a_laptop_s_role_has_no_right_beyond_its_two_functions(ask: Ask, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(statement)


def test_a_relation_of_the_caller_s_own_is_never_read(
    laptop: Laptop, central: Database, ask: Ask
) -> None:
    """Not even where somebody gave the role the right to make one."""
    role, name = load_enrolment(laptop.folder).role, central.engine.url.database
    run(central, f"GRANT TEMPORARY ON DATABASE {name} TO {role}")
    for name in ("device", "server", "incoming", "row_state", "batch", "users"):
        ask(f"CREATE TEMP TABLE {name} (x int)")
    ask(
        "CREATE FUNCTION pg_temp.count(bigint) RETURNS bigint LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'run as %', current_user; END $$"
    )
    ask("SET search_path = pg_temp, sync, public")
    epoch = load_enrolment(laptop.folder).server_epoch
    [(answer,)] = ask(f"SELECT sync.begin_batch(1, 'x', '{epoch}', 1)")
    assert answer == {"answer": "go"}
    [(result,)] = ask("SELECT sync.apply_batch(1, 'x', 0, 0)")
    assert (result["rows"], result.keys()) == (0, {"rows", "at"})


def test_every_function_that_runs_as_another_names_where_it_looks(central: Database) -> None:
    functions = read(
        central,
        "SELECT p.proname, p.proconfig FROM pg_proc p JOIN pg_namespace n"
        " ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'sync') AND p.prosecdef",
    )
    assert len(functions) > 300
    for name, settings in functions:
        [path] = [each for each in settings or [] if each.startswith("search_path=")]
        # The caller's own objects come last, the system's first.
        assert path.startswith("search_path=pg_catalog"), name
        assert path.endswith(", pg_temp"), name


def test_programs_that_are_no_laptops_keep_their_temporary_tables(pg_database: str) -> None:
    name = pg_database.rpartition("/")[2]
    central = db.connect(pg_database)
    try:
        run(central, "CREATE ROLE web_of_this_test LOGIN")
        db.upgrade(central)
        laptop = enrol_device(central, "first").role
        asked = "SELECT has_database_privilege('{}', '{}', 'TEMPORARY')"
        assert read(central, asked.format("web_of_this_test", name)) == [(True,)]
        assert read(central, asked.format(laptop, name)) == [(False,)]
        run(central, f"REVOKE ALL ON DATABASE {name} FROM web_of_this_test")
    finally:
        run(central, "DROP ROLE IF EXISTS web_of_this_test")
        central.close()


def test_a_laptop_can_not_speak_for_another(central: Database, tmp_path: Path, ask: Ask) -> None:
    other = new_laptop(tmp_path / "other", central)
    fill_group(other)
    other.push()
    theirs = load_enrolment(other.folder)
    # Its own counter is asked, whatever it says of itself.
    [(answer,)] = ask(f"SELECT sync.begin_batch(1, 'x', '{theirs.server_epoch}', 1)")
    assert answer == {"answer": "go"}
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(f"SET ROLE {theirs.role}")
    other.close()


def test_rows_left_in_the_staging_are_nobody_else_s(
    central: Database, tmp_path: Path, ask: Ask
) -> None:
    ask(
        "INSERT INTO sync.incoming (tbl, ord, op, su, v3, v4)"
        " VALUES (1, 1, 'I', gen_random_uuid(), 'forged', 'forged@x')"
    )
    other = new_laptop(tmp_path / "other", central)
    fill_group(other)
    other.push()
    assert read(central, "SELECT username FROM users") == [("treasurer",)]
    run(central, "DELETE FROM sync.incoming")
    assert_same(other, central)
    other.close()


def test_nobody_but_a_laptop_is_a_laptop(central: Database) -> None:
    with central.connection() as connection, pytest.raises(Exception, match="not a device"):
        connection.exec_driver_sql("SELECT sync.apply_batch(1, 'x', 0, 0)")


def test_a_revoked_laptop_is_refused_in_the_middle_of_what_it_does(
    laptop: Laptop, central: Database, ask: Ask
) -> None:
    epoch = load_enrolment(laptop.folder).server_epoch
    run(central, "UPDATE sync.device SET status = 'revoked'")
    [(answer,)] = ask(f"SELECT sync.begin_batch(1, 'x', '{epoch}', 1)")
    assert answer == {"answer": "revoked"}
    with pytest.raises(psycopg2.Error, match="does not fit"):
        ask("SELECT sync.apply_batch(1, 'x', 0, 0)")
    fill_group(laptop)
    with pytest.raises(SyncError, match="no longer takes"):
        laptop.push()


def test_garbage_in_the_staging_ends_in_quarantine(central: Database, ask: Ask) -> None:
    ask("BEGIN")
    ask(
        "INSERT INTO sync.incoming (tbl, ord, op, su) SELECT t, 1000 * t + o, op,"
        " gen_random_uuid() FROM generate_series(-1, 60) t,"
        " (VALUES (1, 'I'), (2, 'U'), (3, 'D'), (4, '?')) v (o, op)"
    )
    [(result,)] = ask("SELECT sync.apply_batch(1, 'x', 248, 0)")
    ask("COMMIT")
    assert result["rows"] == 248
    assert read(central, "SELECT count(*) FROM sync.incoming") == [(0,)]
    assert read(central, "SELECT count(*) FROM savings_groups") == [(0,)]


def test_the_enrolment_file_is_its_owner_s_only(central: Database, tmp_path: Path) -> None:
    file = tmp_path / "given.json"
    given = enrol_device(central, "third")
    stored = store_enrolment(file, tmp_path / "data", code=hand_over(given, file))
    assert stored == given
    for path in (file, tmp_path / "data" / "enrolment.json"):
        assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(SyncError, match="enrolled already"):
        enrol_device(central, "third")
    file.write_text("{}")
    with pytest.raises(SyncError, match="not an enrolment file"):
        read_enrolment(file)
    with pytest.raises(SyncError, match="not enrolled yet"):
        load_enrolment(tmp_path)


def test_no_password_reaches_the_server_s_log(
    central: Database, postgres_server: PostgresServer
) -> None:
    ours = central.engine.url
    run(central, f"ALTER DATABASE {ours.database} SET log_statement = 'all'")
    with closing(db.connect(ours.render_as_string(hide_password=False))) as talking:
        made = (enrol_device(talking, "first"), renew_device(talking, "first"))
    while f"CREATE ROLE {made[-1].role}" not in (log := postgres_server.log.read_text()):
        continue  # it is on its way
    assert f"CREATE ROLE {made[0].role}" in log
    for each in made:
        assert each.password not in log
