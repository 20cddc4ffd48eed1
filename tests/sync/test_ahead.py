"""The next question is asked while what came before is written, and nothing is asked in vain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.village import morning
from tests.sync.laptop import Laptop, assert_same, new_laptop
from tests.sync.test_fill import TODAY
from tests.sync.test_pull import assert_sound, meet
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.services.practice import create_practice
from vsla_desktop.sync import pull

GROUPS = 5


@pytest.fixture
def other(laptop: Laptop, central: Database, tmp_path: Path) -> Iterator[Laptop]:
    """A second laptop, for which groups of different sizes have been sent."""
    for meetings in range(1, GROUPS + 1):
        create_practice(
            laptop.database,
            groups=1,
            members=9,
            meetings=meetings,
            seed=meetings,
            clock=FixedClock(morning(TODAY)),
        )
    meet(laptop)
    made = new_laptop(tmp_path / "other", central)
    yield made
    made.close()


@pytest.mark.parametrize("rows", [40, 150, 600])
def test_nothing_is_asked_twice(other: Laptop, central: Database, rows: int) -> None:
    """Whatever size the answers have: whole groups, pages of one, or both."""
    steps: Counter[str] = Counter()
    pull(other.database, other.folder, rows=rows, failpoint=lambda step: steps.update([step]))
    assert steps["answered"] == steps["taken"] > 1
    assert_same(other, central)
    assert_sound(other)


def test_what_was_asked_in_vain_is_asked_again(other: Laptop, central: Database) -> None:
    """A group has to come anew, while head office is already telling of the next."""
    steps: Counter[str] = Counter()

    def happen(step: str) -> None:
        steps.update([step])
        if step == "taken" and steps[step] == 2:
            other.run("UPDATE sync_scope SET lo = 0, whole = 1 WHERE lo > 0 AND su <> ''")
            assert other.read("SELECT count(*) FROM sync_scope WHERE whole") != [(0,)]

    pull(other.database, other.folder, rows=150, failpoint=happen)
    assert steps["answered"] == steps["taken"] + 1
    assert_same(other, central)
    assert_sound(other)


def test_who_stops_waits_for_nothing_that_is_on_its_way(other: Laptop, central: Database) -> None:
    """The next answer is held up at head office when the laptop stops; later it gets it."""
    steps: Counter[str] = Counter()
    with central.connection(writes=True) as held:

        def happen(step: str) -> None:
            steps.update([step])
            if step == "received":
                held.exec_driver_sql("LOCK TABLE savings_groups IN ACCESS EXCLUSIVE MODE")

        pull(
            other.database,
            other.folder,
            rows=150,
            failpoint=happen,
            cancelled=lambda: steps["taken"] == 1,
        )
    assert steps["taken"] == 1
    meet(other)
    assert_same(other, central)
    assert_sound(other)
