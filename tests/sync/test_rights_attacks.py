"""What somebody tries who has stolen a laptop with its login, and knows our code."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import psycopg2.extensions
import pytest

from tests.sync.books import fill_group
from tests.sync.laptop import Laptop, central_rows, new_laptop, read, run
from vsla_desktop.capture.protocol import FROM_DEVICE
from vsla_desktop.db import Database
from vsla_desktop.sync import (
    Enrolment,
    enrol_device,
    load_enrolment,
    oldest_transaction,
    reap,
    revoke_device,
)

Ask = Callable[..., list[tuple[Any, ...]]]


def sign_in(role: Enrolment) -> psycopg2.extensions.connection:
    connection = psycopg2.connect(
        host=role.host,
        port=role.port,
        dbname=role.dbname,
        user=role.role,
        password=role.password,
    )
    connection.autocommit = True
    return connection


def asking(connection: psycopg2.extensions.connection) -> Ask:
    def ask(statement: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    return ask


@pytest.fixture
def stolen(central: Database) -> Enrolment:
    """The login of a laptop that has no group."""
    return enrol_device(central, "stolen", [])


@pytest.fixture
def thief(stolen: Enrolment) -> Iterator[Ask]:
    with closing(sign_in(stolen)) as connection:
        yield asking(connection)


@pytest.fixture
def victim(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    made = new_laptop(tmp_path / "victim", central, groups=[])
    fill_group(made, "U1", "victim")
    made.push()
    yield made
    made.close()


def test_no_table_and_no_sequence_is_read_or_written(thief: Ask, central: Database) -> None:
    relations = read(
        central,
        "SELECT n.nspname, c.relname, c.relkind::text FROM pg_class c JOIN pg_namespace n"
        " ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'sync')"
        " AND c.relkind IN ('r', 'v', 'm', 'S', 'p', 'f')",
    )
    assert len(relations) > 100
    for schema, name, kind in relations:
        place = f'{schema}."{name}"'
        tries = [f"SELECT * FROM {place}"]  # noqa: S608
        if kind == "S":
            tries += [f"SELECT {what}('{place}')" for what in ("nextval", "currval")]
            tries.append(f"SELECT setval('{place}', 1)")
        else:
            tries += [
                f"SELECT count(*) FROM {place}",  # noqa: S608
                f"DELETE FROM {place}",  # noqa: S608
                f"TRUNCATE {place}",
                f"DO $$ BEGIN LOCK TABLE {place} IN ACCESS EXCLUSIVE MODE; END $$",
                f"COPY {place} TO STDOUT",
                f"CREATE RULE r AS ON SELECT TO {place} DO INSTEAD NOTHING",
                f"CREATE INDEX ON {place} ((1))",
                f"ALTER TABLE {place} DISABLE TRIGGER ALL",
                f"COMMENT ON TABLE {place} IS 'mine'",
                f"CREATE TRIGGER t AFTER INSERT ON {place} EXECUTE FUNCTION unique_key_recheck()",
            ]
        for statement in tries:
            with pytest.raises((psycopg2.ProgrammingError, psycopg2.errors.RaiseException)) as told:
                thief(statement)
            assert told.value.pgcode == "42501", statement  # insufficient privilege


def test_no_function_of_ours_is_called_but_those_for_laptops(
    thief: Ask, central: Database, stolen: Enrolment
) -> None:
    callable_ones = read(
        central,
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n"  # noqa: S608
        " ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'sync')"
        f" AND has_function_privilege('{stolen.role}', p.oid, 'EXECUTE')"
        # What a trigger calls nobody else can: it says so itself.
        " AND p.prorettype <> 'trigger'::regtype ORDER BY 1",
    )
    assert {name for (name,) in callable_ones} == {each.replace(", ", ",") for each in FROM_DEVICE}
    for (name,) in read(
        central,
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'sync' AND p.prorettype = 'trigger'::regtype LIMIT 5",
    ):
        with pytest.raises(psycopg2.Error):
            thief(f"SELECT sync.{name}()")


@pytest.mark.parametrize(
    "column", ["tx", "trouble", "tx, trouble", "tbl, ord, op, su, tx", "su, trouble"]
)
def test_what_marks_a_staged_row_is_not_the_sender_s(thief: Ask, column: str) -> None:
    values = ", ".join("NULL" for _each in column.split(","))
    for statement in (
        f"INSERT INTO sync.incoming ({column}) VALUES ({values})",  # noqa: S608
        f"COPY sync.incoming ({column}) FROM STDIN",
        f"INSERT INTO sync.incoming (su) VALUES (gen_random_uuid()) RETURNING {column}",  # noqa: S608
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            thief(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "COPY sync.incoming (su) FROM PROGRAM 'id'",
        "COPY sync.incoming (su) FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/mine'",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "CREATE EXTENSION dblink",
        "CREATE EXTENSION postgres_fdw",
        "CREATE EXTENSION plpgsql SCHEMA sync",
        "CREATE SERVER s FOREIGN DATA WRAPPER f",
        "CREATE LANGUAGE plpython3u",
        "CREATE FUNCTION sync.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "CREATE TYPE public.mine AS (x int)",
        "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
        "CREATE CAST (text AS int) WITH INOUT",
        "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION sync.new_identity()",
        "CREATE PUBLICATION mine FOR ALL TABLES",
        "CREATE SUBSCRIPTION mine CONNECTION '' PUBLICATION mine",
        "SELECT pg_create_logical_replication_slot('mine', 'pgoutput')",
        "SELECT pg_create_physical_replication_slot('mine')",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "CREATE TABLESPACE mine LOCATION '/tmp'",
        "ALTER SYSTEM SET log_statement = 'all'",
        "ALTER DATABASE postgres SET work_mem = '1GB'",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "ALTER ROLE CURRENT_USER CREATEROLE",
        "ALTER ROLE CURRENT_USER CONNECTION LIMIT 100",
        "ALTER ROLE CURRENT_USER VALID UNTIL 'infinity'",
        "GRANT pg_read_all_data TO CURRENT_USER",
        "GRANT SELECT ON public.users TO CURRENT_USER",
        "GRANT EXECUTE ON FUNCTION sync.deny(uuid, bigint) TO PUBLIC",
        "SET SESSION AUTHORIZATION pg_monitor",
        "SET ROLE pg_write_all_data",
        "SET session_replication_role = replica",
        "SET log_min_messages = panic",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('.')",
        "SELECT pg_stat_file('PG_VERSION')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_export(1, '/tmp/mine')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
        "SELECT pg_reload_conf()",
        "SELECT pg_switch_wal()",
        "SELECT pg_promote()",
        "SELECT rolpassword FROM pg_authid",
        "SELECT * FROM pg_statistic",
        "SELECT * FROM pg_largeobject",
        "SELECT * FROM pg_user_mapping",
        "DROP OWNED BY postgres",
        "REASSIGN OWNED BY postgres TO CURRENT_USER",
        "VACUUM FULL sync.incoming; SELECT * FROM sync.incoming",
    ],
)
@pytest.mark.usefixtures("victim")
def test_the_server_is_not_led_to_do_it_either(thief: Ask, statement: str) -> None:
    with pytest.raises(psycopg2.Error) as told:
        thief(statement)
    assert told.value.pgcode in {
        "42501",  # insufficient privilege
        "42704",  # no such language or wrapper
        "58P01",  # the extension is not there
        "0A000",  # not available here
        "42710",  # is there already
        "55000",  # replication is off
        "25001",  # not inside what is under way
        "55P02",
    }, (told.value.pgcode, statement)


@pytest.mark.usefixtures("victim")
def test_statistics_and_activity_tell_nothing_of_rows(thief: Ask) -> None:
    assert thief("SELECT count(*) FROM pg_stats WHERE schemaname IN ('public', 'sync')") == [(0,)]
    shown = thief("SELECT query FROM pg_stat_activity WHERE usename IS DISTINCT FROM current_user")
    assert {query for (query,) in shown} <= {"<insufficient privilege>", None, ""}
    values = thief("SELECT last_value FROM pg_sequences WHERE schemaname IN ('public', 'sync')")
    assert {value for (value,) in values} <= {None}
    roles = thief("SELECT rolname FROM pg_roles WHERE rolname LIKE 'dev%'")
    assert all(len(name) == 20 for (name,) in roles)  # dev_ and a random number: no name


class Staging:
    """Rows made by hand, and what head office said of them."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.count = 0
        self.number = 0

    def stage(self, table: int, op: str, su: str, **cells: str | None) -> None:
        if not self.count:
            self.ask("BEGIN")
        self.count += 1
        columns = "".join(f", {name}" for name in cells)
        values = "".join(", NULL" if each is None else f", '{each}'" for each in cells.values())
        self.ask(
            f"INSERT INTO sync.incoming (tbl, ord, op, su{columns})"  # noqa: S608
            f" VALUES ({table}, {self.count}, '{op}', '{su}'{values})"
        )

    def apply(self) -> Any:
        self.number += 1
        [(result,)] = self.ask(f"SELECT sync.apply_batch({self.number}, 'x', {self.count}, 1)")
        self.ask("COMMIT")
        self.count = 0
        return result


def identities(central: Database, table: int) -> list[str]:
    found = read(
        central,
        f"SELECT su::text FROM sync.row_state WHERE tbl = {table} ORDER BY id",  # noqa: S608
    )
    return [su for (su,) in found]


@pytest.mark.usefixtures("victim")
def test_a_guessed_identity_tells_nothing_and_changes_nothing(
    thief: Ask, central: Database
) -> None:
    """Whatever is said of a row of another group is said of a row that is nowhere."""
    before, staging = central_rows(central), Staging(thief)
    for table in (7, 10, 26):
        said = []
        for su in (identities(central, table)[0], str(uuid4())):
            for op, base in (("U", '{"name": null}'), ("U", "{}"), ("D", None)):
                staging.stage(table, op, su, base=base, v1="2026-01-01", v3="x")
            said.append([(each["op"], each["reason"]) for each in staging.apply()["refused"]])
        assert said[0] == said[1] == [("U", "denied"), ("U", "denied"), ("D", "denied")]
    for parent in (identities(central, 7)[0], str(uuid4())):
        staging.stage(26, "I", str(uuid4()), r1=parent, v3="9", v4="2026-01-01")
        [refused] = staging.apply()["refused"]
        assert refused["reason"] == "denied"
    assert before == central_rows(central)
    assert read(central, "SELECT * FROM sync.conflict") == []


@pytest.mark.usefixtures("victim")
def test_the_wrong_table_for_an_identity_is_no_way_in(thief: Ask, central: Database) -> None:
    before, staging = central_rows(central), Staging(thief)
    for table in range(-1, 60):
        for number in (1, 7, 10):
            for op in ("I", "U", "D", "X"):
                staging.stage(table, op, identities(central, number)[0], base="{}", v1="x")
    result = staging.apply()
    assert {each["reason"] for each in result["refused"]} <= {"denied", "incomplete", "invalid"}
    assert result["conflicts"] == []
    assert before == central_rows(central)


@pytest.mark.usefixtures("victim")
def test_a_login_is_not_taken_over_by_its_name(central: Database, tmp_path: Path) -> None:
    run(
        central,
        "INSERT INTO users (username, email, password, is_super_admin)"
        " VALUES ('boss', 'boss@example.org', 'hash', true)",
    )
    before = central_rows(central)
    thief = new_laptop(tmp_path / "thief", central, groups=[])
    for name, email in (("boss", "x"), ("x", "boss@example.org"), ("boss", "boss@example.org")):
        thief.run("DELETE FROM savings_groups")
        thief.run("DELETE FROM users")
        fill_group(thief, "U2", "boss")
        thief.run("UPDATE users SET username = ?, email = ?", (name, email))
        thief.push()
        [(result,)] = thief.read("SELECT result FROM sync_outbox ORDER BY n DESC LIMIT 1")
        # That a name is taken can not be hidden: nothing else is told, and nothing hangs on it.
        told = json.loads(result)
        assert told["conflicts"] == told["joined"] == []
        assert {each["reason"] for each in told["refused"]} == {"duplicate", "incomplete"}
    assert before == central_rows(central)
    thief.close()


@pytest.mark.usefixtures("victim")
def test_a_code_that_another_group_has_gives_no_way_into_it(
    central: Database, tmp_path: Path
) -> None:
    thief = new_laptop(tmp_path / "thief", central, groups=[])
    fill_group(thief, "U1", "thief")
    thief.push()
    [(result,)] = thief.read("SELECT result FROM sync_outbox ORDER BY n DESC LIMIT 1")
    told = json.loads(result)
    assert told["joined"] == told["conflicts"] == []
    assert {each["reason"] for each in told["refused"]} == {"duplicate", "incomplete"}
    assert read(central, "SELECT count(*) FROM savings_groups") == [(1,)]
    assert read(central, "SELECT count(*) FROM group_members") == [(3,)]
    assert read(central, "SELECT count(*) FROM sync.assignment") == [(1,)]
    thief.close()


def test_a_session_that_was_revoked_is_out_at_once_whatever_it_holds(
    central: Database, victim: Laptop
) -> None:
    role = load_enrolment(victim.folder)
    with closing(sign_in(role)) as first, closing(sign_in(role)) as second:
        ask = asking(first)
        ask("BEGIN")
        ask(f"SELECT sync.begin_batch(99, 'x', '{role.server_epoch}', 1)")  # locks its own device
        asking(second)("BEGIN")
        asking(second)("ALTER ROLE CURRENT_USER SET work_mem = '8MB'")  # and its own role
        ended = threading.Thread(target=revoke_device, args=(central, "victim"))
        ended.start()
        ended.join(30)
        assert not ended.is_alive()
        for each in (first, second):
            with pytest.raises(psycopg2.Error):
                asking(each)("SELECT 1")
    with pytest.raises(psycopg2.OperationalError, match="not permitted to log in"):
        sign_in(role)
    assert read(central, "SELECT status FROM sync.device WHERE name = 'victim'") == [("revoked",)]
    assert read(central, "SELECT * FROM sync.assignment WHERE writable") == []


def test_limits_that_a_session_lifts_are_kept_by_the_reaper(
    central: Database, stolen: Enrolment
) -> None:
    with closing(sign_in(stolen)) as idle, closing(sign_in(stolen)) as locking:
        ask = asking(idle)
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"):
            ask(f"SET {limit} = 0")
        ask("BEGIN")
        ask("SELECT pg_current_xact_id()")
        held = oldest_transaction(central)
        assert held is not None
        assert held.role == stolen.role
        assert reap(central, seconds=3600) == ()
        asking(locking)("SELECT pg_advisory_lock(1)")
        assert reap(central, seconds=3600) == ("stolen: idle",)
        assert reap(central, seconds=0) == ("stolen: idle in transaction",)
        for each in (idle, locking):
            with pytest.raises(psycopg2.Error):
                asking(each)("SELECT 1")
    assert oldest_transaction(central) is None


def test_what_was_staged_and_left_is_swept_up(central: Database, thief: Ask) -> None:
    thief(
        "INSERT INTO sync.incoming (tbl, ord, op, su)"
        " SELECT 1, n, 'I', gen_random_uuid() FROM generate_series(1, 1000) n"
    )
    with pytest.raises(psycopg2.Error, match="does not fit"):
        thief("SELECT sync.apply_batch(1, 'x', 1000, 1)")
    reap(central)
    assert read(central, "SELECT count(*) FROM sync.incoming") == [(0,)]


def test_a_flood_of_messages_wakes_nobody_and_ends(central: Database, thief: Ask) -> None:
    thief("LISTEN everything")
    thief(
        "DO $$ BEGIN FOR n IN 1..2000 LOOP PERFORM pg_notify('everything', n::text);"
        " END LOOP; END $$"
    )
    [(used,)] = read(central, "SELECT pg_notification_queue_usage()")
    assert used < 0.01


def test_only_two_sessions_at_a_time(stolen: Enrolment) -> None:
    with (
        closing(sign_in(stolen)),
        closing(sign_in(stolen)),
        pytest.raises(psycopg2.OperationalError, match="too many connections"),
    ):
        sign_in(stolen)


def test_large_objects_of_other_programs_are_theirs(thief: Ask, central: Database) -> None:
    [(number,)] = read(central, "SELECT lo_from_bytea(0, 'a scan')")
    for statement in (
        f"SELECT lo_get({number})",
        f"SELECT lo_open({number}, 131072)",
        f"SELECT lo_put({number}, 0, 'x')",
        f"SELECT lo_unlink({number})",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            thief(statement)
    assert read(central, f"SELECT lo_unlink({number})") == [(1,)]


def test_who_does_not_ask_first_sends_no_more_than_others(central: Database, thief: Ask) -> None:
    run(central, "UPDATE sync.device SET rows_a_day = 5 WHERE name = 'stolen'")
    staging = Staging(thief)
    for number in range(1, 4):
        for _row in range(3):
            staging.stage(1, "D", str(uuid4()))
        if number < 3:
            staging.apply()
    with pytest.raises(psycopg2.DatabaseError, match="does not fit here"):
        staging.apply()
    thief("ROLLBACK")
    assert read(central, "SELECT count(*), sum(rows) FROM sync.batch") == [(2, 6)]


def test_a_batch_is_weighed_by_head_office(central: Database, thief: Ask) -> None:
    run(central, "UPDATE sync.device SET bytes_a_day = 2000 WHERE name = 'stolen'")
    staging = Staging(thief)
    for _row in range(3):
        staging.stage(1, "D", str(uuid4()), v3="x" * 1500)
    staging.apply()
    [(epoch,)] = read(central, "SELECT epoch::text FROM sync.server")
    [(answer,)] = thief(f"SELECT sync.begin_batch(2, 'y', '{epoch}', 1)")
    assert answer == {"answer": "enough"}
