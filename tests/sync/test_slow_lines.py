"""A line so slow that a batch takes longer than the reaper is patient."""

from __future__ import annotations

import pytest

from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, assert_same, read, run
from vsla_desktop.clock import SystemClock
from vsla_desktop.db import Database
from vsla_desktop.errors import OfflineError
from vsla_desktop.sync import load_enrolment, pull, reap
from vsla_desktop.sync.centre import Centre
from vsla_desktop.sync.seal import seal

FASTER_THAN_ANY_LINE = 1 << 40

# The driver prints what it meets when its session is ended, and raises it as well.
prints = pytest.mark.qt_no_exception_capture


def wait_until_some_of_it_came(central: Database) -> None:
    while not read(central, "SELECT FROM pg_stat_progress_copy WHERE bytes_processed > 0"):
        pass


def test_a_batch_that_is_on_its_way_is_waited_for(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    post(laptop, 1_000)
    ended: list[tuple[str, ...]] = []

    def reaper_comes(step: str) -> None:
        if step == "copying" and not ended:
            wait_until_some_of_it_came(central)
            ended.append(reap(central, seconds=0))

    assert laptop.push(failpoint=reaper_comes).waiting == 0
    assert ended == [()]
    assert_same(laptop, central)


def test_an_answer_that_is_on_its_way_is_waited_for(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    laptop.push()
    run(  # more than systems take in on their own at both ends of a line
        central,
        "INSERT INTO services (name, description, active)"
        " SELECT n, repeat('x', 5000), true FROM generate_series(1, 3000) n",
    )
    ended: list[tuple[str, ...]] = []

    def reaper_comes(step: str) -> None:
        if step == "receiving" and not ended:
            assert read(central, "SELECT command FROM pg_stat_progress_copy") == [("COPY TO",)]
            ended.append(reap(central, seconds=0))

    pull(laptop.database, laptop.folder, failpoint=reaper_comes)
    assert ended == [()]
    assert_same(laptop, central)


@prints
def test_a_batch_that_does_not_move_is_not_waited_for(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    post(laptop, 1_000)
    ended: list[tuple[str, ...]] = []

    def reaper_comes(step: str) -> None:
        if step == "copying" and not ended:
            wait_until_some_of_it_came(central)
            ended.append(reap(central, seconds=0, slowest=FASTER_THAN_ANY_LINE))

    with pytest.raises(OfflineError, match="broke off"):
        laptop.push(failpoint=reaper_comes)
    assert ended == [("laptop: active",)]
    assert laptop.push().waiting == 0
    assert_same(laptop, central)


@prints
def test_who_has_written_already_gains_no_time_by_sending_more(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    post(laptop, 1_000)
    enrolment = load_enrolment(laptop.folder)
    with laptop.database.connection(writes=True) as connection:
        batch = seal(connection, enrolment.device_id, SystemClock())
    assert batch is not None
    ended: list[tuple[str, ...]] = []

    def reaper_comes(sent: int) -> None:
        if sent and not ended:
            wait_until_some_of_it_came(central)
            ended.append(reap(central, seconds=0))

    with Centre(enrolment, laptop.folder) as centre:
        assert centre.begin(batch, enrolment.server_epoch)["answer"] == "go"
        centre.copy(batch, lambda _sent: None)
        centre.apply(batch)  # holds its rows from now on
        with pytest.raises(OfflineError):
            centre.copy(batch, reaper_comes)
    assert ended == [("laptop: active",)]
    assert read(central, "SELECT count(*) FROM group_transactions") == [(0,)]
    laptop.push()
    assert_same(laptop, central)
