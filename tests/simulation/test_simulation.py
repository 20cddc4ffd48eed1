"""Histories of several laptops and head office, with every fault there is: nothing is ever lost.

The long run is ``make sim``, thousands of them; a history that fails is played alone with
``make sim ARGS="--seed SEED --histories 1 --shorten"``. Here are two hundred, and every kind
of fault has to have happened in each fifty of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.simulation.plan import Fault, plan
from tests.simulation.play import Stage, stage

BLOCKS = range(1, 201, 50)


@pytest.fixture(scope="session")
def theatre() -> Iterator[Stage]:
    with stage() as lent:
        yield lent


# The driver prints what it meets when the server goes, and raises it as well.
@pytest.mark.qt_no_exception_capture
@pytest.mark.parametrize("first", BLOCKS)
def test_whatever_happens_everybody_ends_with_the_same_and_with_all_of_it(
    theatre: Stage, first: int
) -> None:
    counts: Counter[str] = Counter()
    for seed in range(first, first + BLOCKS.step):
        try:
            counts += theatre.play(plan(seed))
        except Exception as error:
            error.add_note(f"History {seed} breaks a promise.")
            raise
    assert not [fault for fault in Fault if not counts[fault]]
