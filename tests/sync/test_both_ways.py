"""Two laptops and other programs of head office, all writing: they end with the same rows."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from tests.sync.history import Step, histories, take
from tests.sync.laptop import Laptop, Rows, central_rows, laptop_rows, new_laptop
from tests.sync.test_histories import BEGINNING
from vsla_desktop import sync
from vsla_desktop.capture.identity import SEEDS
from vsla_desktop.db import Database
from vsla_desktop.db.verify import verify

NewCentre = Callable[[], AbstractContextManager[Database]]
ENOUGH = 4


@contextmanager
def three_sides(new_centre: NewCentre) -> Iterator[tuple[Database, list[Laptop]]]:
    folder = Path(tempfile.mkdtemp())
    try:
        with new_centre() as central:
            laptops = [new_laptop(folder / name, central) for name in ("one", "two")]
            yield central, laptops
            for each in laptops:
                each.close()
    finally:
        shutil.rmtree(folder)


def meet(laptop: Laptop) -> None:
    sync.run(laptop.database, laptop.folder)


def assert_equal(laptop: Laptop, truth: Rows) -> None:
    """The laptop holds what head office holds, but for what waits here for a person."""
    ours = laptop_rows(laptop.database)
    refused = {su for (su,) in laptop.read("SELECT su FROM sync_quarantine")}
    kept = {key: row for key, row in ours.items() if key[1] not in refused}
    expected = {key: row for key, row in truth.items() if key[1] not in refused}
    waiting = {su for (su,) in laptop.read("SELECT su FROM sync_inq")}
    if not refused:
        assert waiting == set(), laptop.read("SELECT tbl, su, deleted, waits_for FROM sync_inq")
        assert kept.keys() == expected.keys()
    for key, row in kept.items():
        if key[1] in waiting:
            continue
        theirs = expected[key]
        about = str(row.get("related_entity_type")), str(row.get("related_entity_id"))
        for name, value in row.items():
            if (key[0] in SEEDS and name == "created_date") or (
                name == "related_entity_id" and about not in truth
            ):
                continue
            assert value == theirs[name], (key, name)
    with laptop.database.connection() as connection:
        found = verify(connection)
    assert found.derived.wrong == ()
    assert found.foreign_keys == ()


def happen(central: Database, laptops: list[Laptop], step: Step) -> None:
    if step.side == "centre":
        with central.connection(writes=True) as connection:
            take(connection, step)
        return
    laptop = laptops[step.side == "two"]
    if step.kind == "push":
        meet(laptop)
        return
    with laptop.database.connection(writes=True) as connection:
        take(connection, step)


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories("one", "two", "centre"))
def test_whatever_happens_all_sides_end_equal(history: list[Step], new_centre: NewCentre) -> None:
    with three_sides(new_centre) as (central, laptops):
        for step in BEGINNING:
            happen(central, laptops, Step(step.kind, step.table, step.seed, "one"))
        for each in (*laptops, *laptops):
            meet(each)
        for step in history:
            happen(central, laptops, step)
        for _ in range(ENOUGH):
            for each in laptops:
                meet(each)
        truth = central_rows(central)
        for each in laptops:
            assert_equal(each, truth)
