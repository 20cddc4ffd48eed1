from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.sync.retry import (
    FIRST,
    LONGEST,
    WITH_NOTHING,
    WITH_SOMETHING,
    Tries,
    is_due,
    next_try,
    wait_after,
)

NOON = datetime.fromisoformat("2026-01-01T12:00:00")
SECOND = timedelta(seconds=1)
failures = st.integers(1, 100_000)
chances = st.floats(0, 1)


@given(failures, chances)
def test_a_wait_is_never_longer_than_an_hour_nor_shorter_than_half_a_minute(
    count: int, chance: float
) -> None:
    assert FIRST / 2 <= wait_after(count, chance) <= LONGEST


@given(failures, chances)
def test_waits_grow_until_the_longest(count: int, chance: float) -> None:
    assert wait_after(count, chance) <= wait_after(count + 1, chance)
    assert wait_after(count + 1, chance) <= 2 * wait_after(count, chance) + SECOND


@given(failures, chances, chances)
def test_laptops_that_lost_the_network_together_come_back_apart(
    count: int, one: float, other: float
) -> None:
    apart = wait_after(count, one) - wait_after(count, other)
    longest = wait_after(count, 0)
    assert abs(apart / longest - (other - one) / 2) < 1e-6
    assert wait_after(count, 1) == longest / 2


def test_ten_failures_in_a_row_wait_an_hour() -> None:
    waits = [wait_after(count, 0) for count in range(1, 9)]
    assert waits[:6] == [FIRST * 2**step for step in range(6)]
    assert waits[6:] == [LONGEST, LONGEST]


def test_the_first_try_is_made_at_once() -> None:
    assert next_try(Tries(), something_waits=False) is None
    assert is_due(Tries(), NOON, something_waits=False)


@given(st.booleans())
def test_after_a_success_something_new_goes_sooner_than_news_are_asked_for(waits: bool) -> None:  # noqa: FBT001
    tries = Tries().failed(NOON, 0.5, needs_person=False).succeeded(NOON)
    wait = WITH_SOMETHING if waits else WITH_NOTHING
    assert next_try(tries, something_waits=waits) == NOON + wait
    assert not is_due(tries, NOON + wait - SECOND, something_waits=waits)
    assert is_due(tries, NOON + wait, something_waits=waits)


def test_what_only_a_person_can_settle_is_not_tried_every_minute() -> None:
    tries = Tries().failed(NOON, 0.5, needs_person=True)
    assert next_try(tries, something_waits=True) == NOON + LONGEST
    assert tries.failed(NOON, 0.5, needs_person=False).failures == 2


@given(st.lists(st.tuples(st.booleans(), chances, st.integers(0, 7200)), max_size=30))
def test_whatever_came_before_somebody_waits_at_most_an_hour(
    history: list[tuple[bool, float, int]],
) -> None:
    tries, now = Tries(), NOON
    for went, chance, seconds in history:
        now += timedelta(seconds=seconds)
        failed = tries.failed(now, chance, needs_person=chance > 0.9)
        tries = tries.succeeded(now) if went else failed
    assert is_due(tries, now + LONGEST, something_waits=True)


@given(st.integers(1, 10**6))
def test_a_clock_that_was_set_back_makes_nobody_wait(hours: int) -> None:
    tries = Tries().failed(NOON, 0, needs_person=True)
    assert is_due(tries, NOON - timedelta(hours=min(hours, 10**5)), something_waits=True)
