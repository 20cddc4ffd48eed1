"""Histories of several laptops and head office, with every fault there is: nothing is ever lost.

The long run is ``make sim``, thousands of them; a history that fails is played alone with
``make sim ARGS="--seed SEED --histories 1 --shorten"``. Here are as many as fit into some
minutes of all tests, in parts that run beside each other, and every kind of fault has to have
happened in each part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.simulation.plan import Fault, plan
from tests.simulation.play import Stage, stage

PARTS = 2
HISTORIES = 50  # of each part


@pytest.fixture(scope="session")
def theatre() -> Iterator[Stage]:
    with stage() as lent:
        yield lent


# The driver prints what it meets when the server goes, and raises it as well.
@pytest.mark.qt_no_exception_capture
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_everybody_ends_with_the_same_and_with_all_of_it(
    theatre: Stage, part: int
) -> None:
    counts: Counter[str] = Counter()
    for seed in range(1 + part * HISTORIES, 1 + (part + 1) * HISTORIES):
        try:
            counts += theatre.play(plan(seed))
        except Exception as error:
            error.add_note(f"History {seed} breaks a promise.")
            raise
    assert not [fault for fault in Fault if not counts[fault]]
