from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.db.books import fill_central
from tests.support.postgres import PostgresServer, running_server
from tests.sync.books import fill_group, post
from tests.sync.crash import POWER_CUT
from tests.sync.laptop import Laptop, assert_same, keep, new_laptop, read, run
from tests.sync.proxy import network
from vsla_desktop import db, sync
from vsla_desktop.clock import FixedClock, SystemClock
from vsla_desktop.db import Database
from vsla_desktop.errors import OfflineError, SyncError
from vsla_desktop.sync import SyncWord, enrol_device, load_enrolment, revoke_device, sync_status
from vsla_desktop.sync.acknowledge import acknowledge
from vsla_desktop.sync.centre import TroubleError
from vsla_desktop.sync.seal import seal

STEPS = (
    "sealing",
    "sealed",
    "beginning",
    "copying",
    "copied",
    "applied",
    "committed",
    "acknowledging",
    "acknowledged",
)


@pytest.mark.parametrize("step", STEPS)
def test_a_power_cut_at_any_step_loses_and_doubles_nothing(
    laptop: Laptop, central: Database, step: str
) -> None:
    fill_group(laptop)
    post(laptop, 500)
    laptop.database.close()
    ended = subprocess.run(
        [sys.executable, "-m", "tests.sync.crash", str(laptop.folder), step],
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ended.returncode == POWER_CUT
    post(laptop, 3, first=600)
    laptop.push()
    assert_same(laptop, central)
    assert read(central, "SELECT n FROM sync.batch ORDER BY n")[0] == (1,)
    assert read(central, "SELECT count(*) FROM group_transactions") == [(503,)]


def through(laptop: Laptop, port: int) -> None:
    """Make the laptop find head office at another port."""
    keep(replace(load_enrolment(laptop.folder), port=port), laptop.folder)


def conversation(laptop: Laptop, port: int) -> tuple[int, int]:
    """Push something small over a whole network, and return how much was said both ways."""
    post(laptop, 200, first=10_000)
    with network(port) as whole:
        through(laptop, whole.port)
        laptop.push()
        return whole.passed[0], whole.passed[1]


def test_a_cut_connection_loses_and_doubles_nothing(
    laptop: Laptop, central: Database, postgres_server: PostgresServer
) -> None:
    fill_group(laptop)
    laptop.push()
    up, down = conversation(laptop, postgres_server.port)
    cuts: list[dict[str, Any]] = [{"up": up * part // 12} for part in range(12)]
    cuts += [{"up": up - back} for back in (1, 6, 14, 30, 60)]
    cuts += [{"down": down * part // 8} for part in range(8)]
    cuts += [{"down": down - back} for back in (1, 7, 20, 60)]
    offline = 0
    for number, cut in enumerate(cuts, start=1):
        post(laptop, 200, first=number * 1_000 + 20_000)
        with network(postgres_server.port, **cut) as broken:
            through(laptop, broken.port)
            try:
                laptop.push()
            except OfflineError:
                offline += 1
        through(laptop, postgres_server.port)
        laptop.push()
    assert offline > len(cuts) // 2
    assert_same(laptop, central)
    assert read(central, "SELECT count(*) FROM group_transactions") == [(200 * (len(cuts) + 1),)]


def test_no_network_is_a_quiet_state(laptop: Laptop, postgres_server: PostgresServer) -> None:
    fill_group(laptop)
    assert sync_status(laptop.database, laptop.folder).word is SyncWord.SAVED_HERE
    with network(postgres_server.port) as gone:
        port = gone.port
    through(laptop, port)
    with pytest.raises(OfflineError, match="can not be reached"):
        laptop.push()
    status = sync_status(laptop.database, laptop.folder)
    assert (status.word, status.waiting, status.problem) == (SyncWord.WAITING, 6, "offline")
    through(laptop, postgres_server.port)
    laptop.push()
    status = sync_status(laptop.database, laptop.folder)
    assert (status.word, status.waiting, status.problem) == (SyncWord.SENT, 0, "")
    assert status.sent_at is not None


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("53100", "The disk of head office is full. Your entries are saved here."),
        ("57014", "Head office can not work now: no more"),
        ("58030", "Head office can not work now: no more"),
    ],
)
def test_trouble_of_head_office_is_said_as_what_it_is(
    laptop: Laptop, central: Database, state: str, said: str
) -> None:
    fill_group(laptop)
    run(
        central,
        "CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$"
        f"BEGIN RAISE EXCEPTION 'no more' USING ERRCODE = '{state}'; END $$;"
        "CREATE TRIGGER no_more BEFORE INSERT ON group_members"
        " FOR EACH ROW EXECUTE FUNCTION no_more()",
    )
    with pytest.raises(TroubleError, match=said):
        laptop.push()
    assert read(central, "SELECT count(*) FROM savings_groups") == [(0,)]
    assert sync_status(laptop.database, laptop.folder).problem.startswith(said)
    run(central, "DROP TRIGGER no_more ON group_members")
    laptop.push()
    assert_same(laptop, central)


def test_the_same_batch_again_gets_the_recorded_answer(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    laptop.push()
    before = read(central, "SELECT max(ver), count(*) FROM sync.row_state")
    laptop.run("UPDATE sync_outbox SET state = 'sealed', result = NULL")
    report = laptop.push()
    assert (report.batches, report.waiting) == (1, 0)
    assert read(central, "SELECT max(ver), count(*) FROM sync.row_state") == before
    assert read(central, "SELECT count(*) FROM sync.batch") == [(1,)]
    assert_same(laptop, central)


def test_another_batch_under_a_used_number_is_refused(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    laptop.push()
    post(laptop, 5)
    laptop.run("DELETE FROM sync_outbox")
    with pytest.raises(SyncError, match="copied or restored"):
        laptop.push()
    assert read(central, "SELECT count(*) FROM group_transactions") == [(0,)]
    assert sync_status(laptop.database, laptop.folder).waiting == 5


def test_a_head_office_restored_from_a_backup_gets_what_it_lost(
    laptop: Laptop, central: Database, postgres_server: PostgresServer
) -> None:
    fill_group(laptop)
    laptop.push()
    central.close()
    backup = postgres_server.create_database(template=str(central.engine.url.database))
    post(laptop, 10)
    laptop.push()
    post(laptop, 10, first=100)
    laptop.push()
    restored = db.connect(postgres_server.url(backup))
    run(restored, "UPDATE sync.server SET epoch = gen_random_uuid()")
    keep(replace(load_enrolment(laptop.folder), dbname=backup), laptop.folder)
    post(laptop, 10, first=200)
    report = laptop.push()
    assert report.batches == 3
    assert_same(laptop, restored)
    assert read(restored, "SELECT count(*) FROM group_transactions") == [(30,)]
    restored.close()
    postgres_server.drop_database(backup)


@pytest.mark.parametrize("years", [-30, 1])
def test_a_clock_that_is_wrong_for_one_sync_empties_no_batch_that_head_office_may_lose(
    laptop: Laptop, central: Database, postgres_server: PostgresServer, years: int
) -> None:
    fill_group(laptop)
    laptop.push()
    central.close()
    backup = postgres_server.create_database(template=str(central.engine.url.database))
    now = SystemClock().now()
    for number, clock in enumerate((now, now + timedelta(days=365 * years), now)):
        post(laptop, 10, first=100 * number)
        laptop.push(clock=FixedClock(clock))
    restored = db.connect(postgres_server.url(backup))
    run(restored, "UPDATE sync.server SET epoch = gen_random_uuid()")
    keep(replace(load_enrolment(laptop.folder), dbname=backup), laptop.folder)
    post(laptop, 10, first=900)
    laptop.push()
    assert_same(laptop, restored)
    assert read(restored, "SELECT count(*) FROM group_transactions") == [(40,)]
    restored.close()
    postgres_server.drop_database(backup)


def test_a_batch_is_kept_for_60_days_of_head_office(laptop: Laptop) -> None:
    fill_group(laptop)
    laptop.push()
    for days, kept in ((59, 1), (2, 0)):
        laptop.run("UPDATE sync_outbox SET acked_at = datetime(acked_at, ?)", (f"-{days} days",))
        post(laptop, 1, first=days)
        laptop.push()
        assert laptop.read("SELECT payload NOT NULL FROM sync_outbox WHERE n = 1") == [(kept,)]


def test_what_two_programs_of_one_laptop_are_told_is_noted_once(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    laptop.push()
    run(central, "UPDATE group_members SET last_name = 'There', occupation = 'Farmer'")
    laptop.run("UPDATE group_members SET last_name = 'Here'")
    clock = SystemClock()
    with laptop.database.connection(writes=True) as connection:
        batch = seal(connection, load_enrolment(laptop.folder).device_id, clock)
    assert batch is not None
    assert laptop.push().conflicts == 3
    [(result,)] = laptop.read("SELECT result FROM sync_outbox WHERE n = 2")
    with laptop.database.connection(writes=True) as connection:
        assert acknowledge(connection, batch, json.loads(result), clock=clock) == 0
    assert laptop.read("SELECT count(*), count(DISTINCT central_id) FROM sync_conflict") == [(3, 3)]


def test_a_batch_that_lost_lines_on_the_way_is_not_applied(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    laptop.push()
    post(laptop, 5)
    role = load_enrolment(laptop.folder)
    connection = psycopg2.connect(
        host=role.host, port=role.port, dbname=role.dbname, user=role.role, password=role.password
    )
    with connection.cursor() as cursor, pytest.raises(psycopg2.Error, match="does not fit"):
        cursor.execute("SELECT sync.apply_batch(2, 'x', 5, 100)")
    connection.close()
    laptop.push()
    assert_same(laptop, central)


def test_many_batches_end_where_people_paused(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    laptop.push()
    for first in range(0, 9_000, 1_500):
        post(laptop, 1_500, first=first)
        laptop.run("UPDATE sync_dirty SET at = at - 1000")
    report = laptop.push()
    assert (report.batches, report.rows_sent) == (3, 9_000)
    assert_same(laptop, central)
    sizes = laptop.read("SELECT row_count FROM sync_outbox WHERE n > 1 ORDER BY n")
    assert all(size % 1_500 == 0 and size <= 5_000 for (size,) in sizes)
    numbers = read(central, "SELECT reference_number FROM group_transactions ORDER BY id")
    assert numbers == sorted(numbers)


NEW_MEETING = (
    "INSERT INTO meetings (group_id, meeting_number, meeting_date) VALUES (1, 7, '2026-01-12')"
)


def test_a_removal_takes_along_what_hangs_on_it_and_no_season_of_entries(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    post(laptop, 6)
    laptop.run(NEW_MEETING)
    laptop.push()
    post(laptop, 9_000, first=1_000)
    # The entries move to a meeting that is new and takes the number of the one that goes.
    laptop.run("UPDATE meetings SET meeting_number = 70 WHERE id = 1")
    laptop.run("DELETE FROM meetings WHERE meeting_number = 7")
    laptop.run(NEW_MEETING)
    laptop.run("UPDATE group_transactions SET meeting_id = (SELECT max(id) FROM meetings)")
    laptop.run("DELETE FROM meetings WHERE meeting_number = 70")
    laptop.run("DELETE FROM group_transactions WHERE id = 1")
    report = laptop.push()
    assert (report.conflicts, report.waiting) == (0, 0)
    sizes = laptop.read("SELECT row_count, byte_count FROM sync_outbox WHERE n > 1 ORDER BY n")
    assert sizes[0][0] == 9  # three are gone, five have moved to a new meeting
    assert sum(rows for rows, _ in sizes) == 9_009
    assert all(size <= 1_500_000 for _, size in sizes)
    assert_same(laptop, central)


def test_stopping_in_the_middle_keeps_what_was_sent(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    post(laptop, 9_000)
    told: list[tuple[int, int]] = []
    report = laptop.push(
        progress=lambda done, total: told.append((done, total)),
        cancelled=lambda: bool(told) and told[-1][0] > 0,
    )
    assert report.batches == 1
    assert report.waiting > 0
    assert told[0] == (0, 9_006)
    laptop.push()
    assert_same(laptop, central)


def test_a_revoked_laptop_is_let_in_no_more(
    laptop: Laptop, central: Database, tmp_path: Path
) -> None:
    fill_group(laptop)
    revoke_device(central, "laptop")
    with pytest.raises(SyncError, match="does not let this laptop in"):
        laptop.push()
    with pytest.raises(SyncError, match="No laptop named"):
        revoke_device(central, "laptop")
    other = new_laptop(tmp_path / "other" / "laptop", central)
    other.push()
    other.close()


@pytest.mark.parametrize("step", ["sealed", "committed", "acknowledged"])
def test_a_laptop_that_is_enrolled_anew_goes_on_where_it_was(
    laptop: Laptop, central: Database, step: str
) -> None:
    fill_group(laptop)
    laptop.push()
    post(laptop, 20)

    def failpoint(name: str) -> None:
        if name == step:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        laptop.push(failpoint=failpoint)
    revoke_device(central, "laptop")
    for turn in range(2):
        post(laptop, 5, first=100 * (1 + len(read(central, "SELECT * FROM sync.device"))))
        keep(enrol_device(central, f"laptop {turn}"), laptop.folder)
        laptop.push()
    assert_same(laptop, central)
    assert read(central, "SELECT count(*) FROM group_transactions") == [(30,)]


def test_a_crash_of_head_office_s_server_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with running_server(durable=True) as server:
        name = server.create_database()
        fill_central(server.url(name))
        central = db.connect(server.url(name))
        laptop = new_laptop(tmp_path / "laptop", central)
        fill_group(laptop)
        laptop.push()
        for turn, step in enumerate(("copied", "applied", "committed")):
            post(laptop, 50, first=turn * 100)

            def crash(said: str, fatal: str = step) -> None:
                if said == fatal:
                    server.crash()

            with suppress(OfflineError):
                laptop.push(failpoint=crash)
            central.close()
            server.start()
            laptop.push()
            assert_same(laptop, central)
            assert read(central, "SELECT count(*) FROM group_transactions") == [(50 * turn + 50,)]
        laptop.close()
        central.close()


def test_a_number_that_a_crash_gives_out_again_hides_no_row(tmp_path: Path) -> None:
    with running_server(durable=True) as server:
        name = server.create_database()
        fill_central(server.url(name))
        central = db.connect(server.url(name))
        laptop = new_laptop(tmp_path / "laptop", central)
        fill_group(laptop)
        sync.run(laptop.database, laptop.folder)
        with suppress(RuntimeError), central.connection(writes=True) as connection:
            [taken] = connection.exec_driver_sql("SELECT pg_current_xact_id()::text").one()
            raise RuntimeError  # What it did is undone, and need not be on the disk.

        def crash(step: str) -> None:
            if step == "telling":
                server.crash()

        with suppress(OfflineError):
            sync.pull(laptop.database, laptop.folder, failpoint=crash)
        assert laptop.read("SELECT max(lo) FROM sync_scope")[0][0] <= int(taken)
        central.close()
        server.start()
        run(central, "UPDATE meetings SET location = 'The school'")
        sync.run(laptop.database, laptop.folder)
        assert laptop.read("SELECT DISTINCT location FROM meetings") == [("The school",)]
        assert_same(laptop, central)
        laptop.close()
        central.close()


def test_a_push_waits_for_who_is_writing_and_tries_again(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    laptop.push()
    run(central, f"ALTER ROLE {load_enrolment(laptop.folder).role} SET lock_timeout = '50ms'")
    post(laptop, 5)
    writing, refused = threading.Event(), threading.Event()

    def write() -> None:
        with central.connection(writes=True) as connection:
            connection.exec_driver_sql("UPDATE savings_groups SET name = 'Web'")
            writing.set()
            refused.wait(30)

    tries: list[str] = []

    def failpoint(step: str) -> None:
        if step == "copied":
            tries.append(step)
        # The first try meets the lock; it is let go when the second one comes.
        if len(tries) == 2:
            refused.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert writing.wait(30)
    laptop.push(failpoint=failpoint)
    writer.join()
    assert len(tries) >= 2
    run(central, "UPDATE savings_groups SET name = 'Umoja'")
    assert_same(laptop, central)


def test_a_laptop_that_comes_back_at_once_waits_for_its_own_last_connection(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_group(laptop)
    known = load_enrolment(laptop.folder)
    held = [
        psycopg2.connect(
            host=known.host,
            port=known.port,
            dbname=known.dbname,
            user=known.role,
            password=known.password,
        )
        for _slot in range(2)
    ]
    wait = time.sleep

    def end_and_wait(seconds: float) -> None:
        for each in held:
            each.close()
        wait(seconds)

    monkeypatch.setattr(time, "sleep", end_and_wait)
    assert laptop.push().waiting == 0
