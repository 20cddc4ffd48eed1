"""When a group meets next, and how many meetings it missed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.domain.rules import MeetingFrequency
from vsla_desktop.domain.schedule import day_after, missed_meetings, next_day

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
FREQUENCIES = st.sampled_from(MeetingFrequency)
WEEKDAYS = st.none() | st.integers(0, 6)
F = MeetingFrequency


@pytest.mark.parametrize(
    ("frequency", "weekday", "following"),
    [
        (F.WEEKLY, None, date(2026, 2, 7)),
        (F.WEEKLY, 5, date(2026, 2, 6)),  # a Friday: nearer than the one after
        (F.WEEKLY, 3, date(2026, 2, 4)),  # a Wednesday, as far back as is nearer
        (F.BIWEEKLY, None, date(2026, 2, 14)),
        (F.MONTHLY, None, date(2026, 2, 28)),
    ],
)
def test_the_next_meeting_follows_the_rhythm_and_the_weekday(
    frequency: MeetingFrequency, weekday: int | None, following: date
) -> None:
    saturday = date(2026, 1, 31)
    assert next_day(saturday, frequency, weekday) == following


def test_a_meeting_moved_far_takes_the_place_of_those_gone_by() -> None:
    planned, held = date(2026, 1, 5), date(2026, 1, 21)
    assert day_after(planned, held, F.WEEKLY) == date(2026, 1, 26)


@pytest.mark.parametrize(
    ("on", "count"), [(date(2026, 2, 9), 0), (date(2026, 2, 10), 1), (date(2026, 2, 23), 2)]
)
def test_a_meeting_of_today_is_not_missed_yet(on: date, count: int) -> None:
    assert missed_meetings(date(2026, 2, 9), on, F.WEEKLY, 1) == count


@given(DAYS, st.integers(0, 400), FREQUENCIES, WEEKDAYS)
def test_the_rhythm_goes_on_after_what_was_held(
    last: date, late: int, frequency: MeetingFrequency, weekday: int | None
) -> None:
    held = last + timedelta(days=late)
    day = day_after(last, held, frequency, weekday)
    assert day > held
    assert (day - held).days <= 35  # the longest a rhythm goes, and half a week
    if weekday is not None:
        assert day.isoweekday() % 7 == weekday


@given(DAYS, st.integers(0, 400), st.integers(0, 60), FREQUENCIES, WEEKDAYS)
def test_a_later_day_misses_no_fewer_meetings(
    expected: date, days: int, more: int, frequency: MeetingFrequency, weekday: int | None
) -> None:
    on = expected + timedelta(days=days)
    missed = missed_meetings(expected, on, frequency, weekday)
    assert missed <= missed_meetings(expected, on + timedelta(days=more), frequency, weekday)
    assert (missed == 0) == (on <= expected)
