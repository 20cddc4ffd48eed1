from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings

from tests.sync.history import TABLES, Step, histories, take
from tests.sync.laptop import Laptop, assert_same, laptop_rows, new_laptop, read
from tests.sync.test_faults import STEPS
from vsla_desktop import derived
from vsla_desktop.db import Database

NewCentre = Callable[[], AbstractContextManager[Database]]


# Rows in every table, since a random history alone rarely gets past the first parents.
BEGINNING = [Step("insert", table, seed) for seed in range(3) for table in range(len(TABLES))]

POWER_CUTS = (*STEPS, "nothing")


class PowerCutError(BaseException):
    """Nothing that the program could catch."""


@contextmanager
def two_sides(new_centre: NewCentre) -> Iterator[tuple[Laptop, Database]]:
    folder = Path(tempfile.mkdtemp())
    try:
        with new_centre() as central:
            laptop = new_laptop(folder / "laptop", central)
            # Shared rows are head office's: it has to know that this laptop has them unchanged.
            laptop.push()
            yield laptop, central
            laptop.close()
    finally:
        shutil.rmtree(folder)


def push_until_power_cut(laptop: Laptop, seed: int) -> None:
    fatal = POWER_CUTS[seed % len(POWER_CUTS)]

    def failpoint(step: str) -> None:
        if step == fatal:
            raise PowerCutError

    with suppress(PowerCutError):
        laptop.push(failpoint=failpoint)


def happen(laptop: Laptop, step: Step) -> None:
    if step.kind == "push":
        push_until_power_cut(laptop, step.seed)
        return
    with laptop.database.connection(writes=True) as connection:
        take(connection, step)


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories("laptop"))
@example(history=[])
def test_whatever_happens_and_fails_both_sides_end_equal(
    history: list[Step], new_centre: NewCentre
) -> None:
    with two_sides(new_centre) as (laptop, central):
        for step in [*BEGINNING, *history]:
            happen(laptop, step)
        laptop.push()
        assert_same(laptop, central)


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories("laptop", "centre"))
def test_whatever_the_centre_does_meanwhile_nothing_is_lost_or_stuck(
    history: list[Step], new_centre: NewCentre
) -> None:
    with two_sides(new_centre) as (laptop, central):
        for step in BEGINNING:
            happen(laptop, step)
        laptop.push()
        for step in history:
            if step.side == "laptop":
                happen(laptop, step)
            else:
                with central.connection(writes=True) as connection:
                    take(connection, step)
        report = laptop.push()
        assert report.waiting == 0
        assert read(central, "SELECT count(*) FROM sync.incoming") == [(0,)]
        with central.connection() as connection:
            assert derived.differences(connection) == []
        # Every row is at head office, or was there and is gone, or waits for a person.
        known = {
            su for (su,) in read(central, "SELECT replace(su::text, '-', '') FROM sync.row_state")
        }
        held = {su for (su,) in laptop.read("SELECT su FROM sync_quarantine")}
        assert {key for key in laptop_rows(laptop.database) if key[1] not in known | held} == set()
        noted = "tbl, kind, col, base, mine, theirs FROM {} ORDER BY id"
        assert laptop.read(f"SELECT {noted.format('sync_conflict')}") == (
            read(central, f"SELECT {noted.format('sync.conflict')}")
        )
