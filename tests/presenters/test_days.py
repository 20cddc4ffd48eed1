"""Days as people type them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.days import read_day, write_day

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3/12/2026", date(2026, 12, 3)),
        ("3.12.26", date(2026, 12, 3)),
        (" 3-12 ", date(2026, 12, 3)),
        ("2026-12-03", date(2026, 12, 3)),
        ("3 Dec 2026", date(2026, 12, 3)),
        ("3 december", date(2026, 12, 3)),
        ("٣/١٢/٢٠٢٦", date(2026, 12, 3)),
        ("T", TODAY),
        ("today", TODAY),
    ],
)
def test_a_day_is_read_as_it_is_typed(text: str, day: date) -> None:
    assert read_day(text, TODAY) == day


@pytest.mark.parametrize(
    "text",
    ["", "31/2/2026", "12/31/2026", "soon", "1", "1/2/3/4", "3 xx 2026", "1/1/206", "3/3/20266"],
)
def test_what_is_no_day_is_said(text: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        read_day(text, TODAY, field="joined_date")
    assert refused.value.field == "joined_date"


def test_months_are_read_in_the_language_spoken_and_written() -> None:
    with speaking("fr"):
        assert read_day("3 août 2026", TODAY) == date(2026, 8, 3)
        assert write_day(date(2026, 8, 3)) == "3 août 2026"


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(["en", "fr"]))
def test_what_is_written_is_read_again(day: date, language: str) -> None:
    with speaking(language):
        assert read_day(write_day(day), TODAY + timedelta(days=900)) == day
