from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.domain.shares import check_shares, most_shares, shares_from_amount, shares_value
from vsla_desktop.errors import RuleBroken

counts = st.integers(0, 40)
values = st.integers(1, 10**7).map(lambda steps: Decimal(steps).scaleb(-2))


@given(st.lists(counts, max_size=6), st.integers(1, 10), st.integers(1, 3))
def test_all_entries_of_a_meeting_together_keep_the_limit(
    entries: list[int], most: int, merged: int
) -> None:
    bought = 0
    for entry in entries:
        try:
            bought += check_shares(
                entry, max_shares_per_meeting=most, already=bought, meetings_merged=merged
            )
        except RuleBroken:
            assert bought + entry > most * merged
    assert bought <= most * merged


def test_a_merged_meeting_allows_twice_as_many() -> None:
    assert most_shares(5) == 5
    assert most_shares(5, 2) == 10
    assert check_shares(10, max_shares_per_meeting=5, meetings_merged=2) == 10


def test_the_sentence_says_what_is_left() -> None:
    with pytest.raises(RuleBroken, match=r"Buy at most 5 a meeting\.$"):
        check_shares(6, max_shares_per_meeting=5)
    with pytest.raises(RuleBroken, match="3 are bought already, so 2 are left"):
        check_shares(3, max_shares_per_meeting=5, already=3)


def test_shares_are_never_fewer_than_none() -> None:
    assert check_shares(0, max_shares_per_meeting=5) == 0
    with pytest.raises(RuleBroken) as caught:
        check_shares(-1, max_shares_per_meeting=5, field="cell")
    assert caught.value.field == "cell"


@given(counts, values)
def test_shares_bought_are_worth_what_was_paid(shares: int, value: Decimal) -> None:
    assert shares_from_amount(shares_value(shares, value), value) == shares


@given(st.integers(0, 10**7).map(lambda steps: Decimal(steps).scaleb(-2)), values)
def test_an_amount_buys_whole_shares_or_none(amount: Decimal, value: Decimal) -> None:
    if amount % value:
        with pytest.raises(RuleBroken, match="Pay for a whole number"):
            shares_from_amount(amount, value)
    else:
        assert shares_value(shares_from_amount(amount, value), value) == amount


def test_the_sentence_names_the_nearest_whole_amount() -> None:
    with pytest.raises(RuleBroken, match="One costs 2 000, so 3 cost 6 000"):
        shares_from_amount(Decimal(7500), Decimal(2000))


def test_a_negative_amount_buys_nothing() -> None:
    with pytest.raises(RuleBroken, match="so 0 cost 0"):
        shares_from_amount(Decimal(-2000), Decimal(2000))


def test_shares_without_a_value_can_not_be_sold() -> None:
    with pytest.raises(RuleBroken, match="Set the share value first"):
        shares_from_amount(Decimal(100), Decimal(0))
