"""A fetch that ends anywhere: the next goes on from there, and nothing is lost or doubled."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.postgres import PostgresServer
from tests.sync.books import fill_group, post
from tests.sync.crash import POWER_CUT
from tests.sync.laptop import Laptop, assert_same, new_laptop, run
from tests.sync.proxy import network
from tests.sync.test_faults import through
from tests.sync.test_pull import assert_sound, meet
from vsla_desktop import sync
from vsla_desktop.db import Database
from vsla_desktop.errors import OfflineError, SyncError

STEPS = ("asking", "answered", "receiving", "received", "taking", "taken", "telling", "told")
ROWS = 400


@pytest.fixture
def other(laptop: Laptop, central: Database, tmp_path: Path) -> Iterator[Laptop]:
    """A second laptop, for which a group has been sent."""
    fill_group(laptop)
    post(laptop, ROWS)
    meet(laptop)
    made = new_laptop(tmp_path / "other", central)
    yield made
    made.close()


class PowerCutError(BaseException):
    """Nothing that the program could catch."""


@pytest.mark.parametrize("step", STEPS)
def test_a_power_cut_at_any_step_loses_and_doubles_nothing(
    other: Laptop, central: Database, step: str
) -> None:
    other.database.close()
    ended = subprocess.run(
        [sys.executable, "-m", "tests.sync.crash", str(other.folder), step],
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ended.returncode == POWER_CUT
    run(central, "UPDATE group_members SET phone_number = '1'")
    run(central, "DELETE FROM group_transactions WHERE reference_number = 'R00000007'")
    meet(other)
    assert_same(other, central)
    assert_sound(other)


def unfinished(laptop: Laptop) -> bool:
    question = "SELECT 1 FROM sync_scope WHERE lo = 0 OR page_xid IS NOT NULL"
    return bool(laptop.read(question)) or not laptop.read("SELECT 1 FROM sync_scope WHERE su <> ''")


def test_pages_are_kept_and_a_fetch_goes_on_after_the_last(
    other: Laptop, central: Database
) -> None:
    """Each page ends with a power cut; rows change and go between the pages."""

    def failpoint(step: str) -> None:
        if step == "taken":
            raise PowerCutError

    pages = 0
    while unfinished(other):
        with pytest.raises(PowerCutError):
            sync.pull(other.database, other.folder, rows=29, failpoint=failpoint)
        pages += 1
        gone, again = pages * 5, pages * 11 % ROWS
        run(
            central,
            f"DELETE FROM group_transactions WHERE reference_number = 'R{gone:08}'",  # noqa: S608
        )
        run(
            central,
            "UPDATE group_transactions SET description = 'again'"  # noqa: S608
            f" WHERE reference_number = 'R{again:08}'",
        )
    assert pages > ROWS // 29
    assert other.read("SELECT count(*) > 300 FROM group_transactions") == [(1,)]
    meet(other)
    assert_same(other, central)
    assert_sound(other)


def test_nothing_of_a_group_is_seen_until_all_of_it_is_there(other: Laptop) -> None:
    pages = 0

    def failpoint(step: str) -> None:
        nonlocal pages
        pages += step == "taken"
        if step == "received" and pages == 2:
            raise PowerCutError

    with pytest.raises(PowerCutError):
        sync.pull(other.database, other.folder, rows=29, failpoint=failpoint)
    assert other.read("SELECT count(*) FROM savings_groups") == [(0,)]
    assert other.read("SELECT state FROM sync_scope WHERE su <> ''") == [("filling",)]
    assert other.read("SELECT count(*) > 29 FROM sync_inq") == [(1,)]


def test_a_cut_connection_loses_and_doubles_nothing(
    other: Laptop, central: Database, postgres_server: PostgresServer
) -> None:
    with network(postgres_server.port) as whole:
        through(other, whole.port)
        meet(other)
        down = whole.passed[1]
    offline = 0
    cuts = [down * part // 10 for part in range(10)] + [down - back for back in (1, 7, 20, 60)]
    for number, cut in enumerate(cuts, start=1):
        run(central, f"UPDATE group_transactions SET description = 'Change {number}'")  # noqa: S608
        with network(postgres_server.port, down=cut) as broken:
            through(other, broken.port)
            with suppress(OfflineError):
                meet(other)
                offline -= 1
            offline += 1
        through(other, postgres_server.port)
        meet(other)
    assert offline > len(cuts) // 2
    assert_same(other, central)
    assert_sound(other)


def test_a_person_may_stop_a_fetch_and_go_on_later(other: Laptop, central: Database) -> None:
    told: list[int] = []
    report = sync.pull(
        other.database,
        other.folder,
        rows=29,
        progress=lambda rows, _: told.append(rows),
        cancelled=lambda: len(told) > 1,
    )
    assert 0 < report.rows_received < ROWS
    meet(other)
    assert_same(other, central)
    assert_sound(other)


def test_a_revoked_laptop_fetches_nothing(other: Laptop, central: Database) -> None:
    run(central, "UPDATE sync.device SET status = 'revoked'")
    with pytest.raises(SyncError, match="no longer takes"):
        sync.pull(other.database, other.folder)
    assert other.read("SELECT count(*) FROM savings_groups") == [(0,)]
