from __future__ import annotations

from typing import Any

from tests.support.postgres import PostgresServer
from tests.sync.laptop import read, run
from vsla_desktop import capture, db
from vsla_desktop.capture.identity import SEEDS
from vsla_desktop.db import Database

SEED_ROWS = sum(len(rows) for rows in SEEDS.values())


def states(central: Database, number: int) -> list[tuple[Any, ...]]:
    return read(
        central,
        f"SELECT id, ver, deleted FROM sync.row_state WHERE tbl = {number} ORDER BY id",  # noqa: S608
    )


def test_every_writer_s_rows_get_an_identity(central: Database) -> None:
    assert states(central, 7) == [(1, 1, False), (2, 1, False), (3, 1, False)]
    assert len(states(central, 10)) == 5
    told = read(central, "SELECT su::text FROM sync.row_state")
    assert len({su for (su,) in told}) == len(told)
    assert {su[14] for (su,) in told} == {"5", "7"}


def test_only_what_is_recorded_makes_a_new_version(central: Database) -> None:
    run(central, "UPDATE savings_groups SET members_count = 99, updated_date = now()")
    run(central, "UPDATE savings_groups SET name = name")
    assert states(central, 7) == [(1, 1, False), (2, 1, False), (3, 1, False)]
    run(central, "UPDATE savings_groups SET name = name || '!' WHERE id < 3")
    assert states(central, 7) == [(1, 2, False), (2, 2, False), (3, 1, False)]


def test_the_transaction_that_changed_a_row_is_kept(central: Database) -> None:
    before = read(central, "SELECT xid::text FROM sync.row_state WHERE tbl = 7 AND id = 3")
    run(central, "UPDATE savings_groups SET name = 'new' WHERE id = 3")
    after = read(central, "SELECT xid::text FROM sync.row_state WHERE tbl = 7 AND id = 3")
    assert int(after[0][0]) > int(before[0][0])


def test_rows_that_go_stay_known_as_gone(central: Database) -> None:
    run(central, "DELETE FROM savings_groups WHERE id = 1")
    assert states(central, 7) == [(1, 2, True), (2, 1, False), (3, 1, False)]
    assert [deleted for _, _, deleted in states(central, 10)] == [True] * 5


def test_a_row_that_comes_back_under_its_id_is_alive_again(central: Database) -> None:
    run(central, "DELETE FROM group_members WHERE id = 5")
    run(
        central,
        "INSERT INTO group_members (id, group_id, first_name, last_name, gender)"
        " VALUES (5, 1, 'Back', 'X', 'F')",
    )
    assert states(central, 10)[-1] == (5, 3, False)


def test_a_program_without_rights_on_sync_still_writes(
    central: Database, postgres_server: PostgresServer
) -> None:
    name = str(central.engine.url.database)
    run(central, "CREATE ROLE web_program LOGIN PASSWORD 'web'")
    try:
        run(central, "GRANT ALL ON ALL TABLES IN SCHEMA public TO web_program")
        run(central, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO web_program")
        web = db.connect(postgres_server.url(name, user="web_program", password="web"))
        run(web, "UPDATE group_members SET first_name = 'Web' WHERE id = 1")
        run(web, "DELETE FROM group_members WHERE id = 2")
        web.close()
        assert states(central, 10)[:2] == [(1, 2, False), (2, 2, True)]
    finally:
        run(central, "DROP OWNED BY web_program")
        run(central, "DROP ROLE web_program")


def test_rows_without_identity_are_given_one_once(central: Database) -> None:
    run(central, "DELETE FROM sync.row_state")
    with central.connection(writes=True) as connection:
        assert capture.fill(connection) == SEED_ROWS + 1 + 3 + 5
        assert capture.fill(connection) == 0


def test_nobody_else_may_call_or_read_what_is_in_sync(central: Database) -> None:
    open_to_all = read(
        central,
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'sync' AND has_function_privilege('public', p.oid, 'EXECUTE')",
    )
    assert open_to_all == []
    unpinned = read(
        central,
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'sync' AND p.prosecdef AND p.proconfig IS DISTINCT FROM"
        " ARRAY['search_path=pg_catalog, pg_temp']",
    )
    assert unpinned == []
    assert read(
        central,
        "SELECT count(*) FROM information_schema.tables"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    ) == [(47,)]
