"""Indicators of many groups are those of their sums, and the two sides of the balance are one."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import add

from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.domain.indicators import (
    FIGURE_NAMES,
    Figures,
    IndicatorName,
    indicator,
    indicators,
)

COUNTS = st.integers(0, 10**6)
AMOUNTS = st.decimals(0, 10**10, places=2)
# Cash may fall short in a book of another program, and is summed as it stands there.
CASH = st.decimals(-(10**9), 10**10, places=2)
NOTHING = Figures()


def _value(name: str) -> st.SearchStrategy[int] | st.SearchStrategy[Decimal]:
    if isinstance(getattr(NOTHING, name), int):
        return COUNTS
    return CASH if name in {"loan_fund_cash", "other_funds", "asset_days"} else AMOUNTS


FIGURES = st.builds(Figures, **{name: _value(name) for name in FIGURE_NAMES})

ONE = Figures(
    groups=1,
    members_at_start=20,
    members=25,
    men=5,
    women=20,
    attending=22,
    dropouts=2,
    savings=Decimal(600_000),
    loans_count=10,
    loans_value=Decimal(500_000),
    late_value=Decimal(50_000),
    write_offs=Decimal(10_000),
    loan_fund_cash=Decimal(250_000),
    other_funds=Decimal(40_000),
    property_at_start=Decimal(30_000),
    property_now=Decimal(50_000),
    debts=Decimal(20_000),
    savings_days=Decimal(600_000 * 182),
    asset_days=Decimal(840_000 * 182),
)


def test_a_form_worked_out_by_hand() -> None:
    assert ONE.assets == Decimal(840_000)
    assert ONE.profit == Decimal(150_000)
    assert ONE.equity == Decimal(820_000)
    found = {each.name: each.value for each in indicators(ONE)}
    assert found == {
        IndicatorName.WOMEN: Decimal("0.8"),
        IndicatorName.MEMBERSHIP_GROWTH: Decimal("0.25"),
        IndicatorName.ATTENDANCE: Decimal("0.88"),
        IndicatorName.DROP_OUT: Decimal("0.08"),
        IndicatorName.RETENTION: Decimal("0.92"),
        IndicatorName.AVERAGE_SAVINGS: Decimal(24_000),
        IndicatorName.AVERAGE_EQUITY: Decimal(32_800),
        IndicatorName.AVERAGE_PROFIT: Decimal(6_000),
        IndicatorName.MEMBERS_WITH_LOANS: Decimal("0.4"),
        IndicatorName.AVERAGE_LOAN: Decimal(50_000),
        IndicatorName.PORTFOLIO_AT_RISK: Decimal("0.1"),
        IndicatorName.FUND_UTILISATION: Decimal(500_000) / Decimal(750_000),
        IndicatorName.LOANS_TO_ASSETS: Decimal(500_000) / Decimal(840_000),
        IndicatorName.DEBT_RATIO: Decimal(20_000) / Decimal(840_000),
        IndicatorName.RETURN_ON_SAVINGS: Decimal("0.25"),
        IndicatorName.RETURN_ON_ASSETS: Decimal(150_000) / Decimal(840_000),
        IndicatorName.ANNUAL_RETURN_ON_SAVINGS: Decimal("0.5"),
        IndicatorName.ANNUAL_RETURN_ON_ASSETS: Decimal(300_000) / Decimal(840_000),
    }


def test_each_formula_is_said() -> None:
    assert [each.name for each in indicators(ONE)] == list(IndicatorName)
    assert all(" / " in each.formula for each in indicators(ONE))


def test_of_nothing_there_is_no_indicator() -> None:
    assert {each.value for each in indicators(NOTHING)} == {None}


@given(FIGURES)
def test_assets_are_debts_and_equity(figures: Figures) -> None:
    assert figures.assets == figures.debts + figures.equity


@given(st.lists(FIGURES, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_many_forms_are_added_before_anything_is_divided(
    forms: list[Figures], chance: random.Random
) -> None:
    total = reduce(add, forms)
    shuffled = list(forms)
    chance.shuffle(shuffled)
    assert reduce(add, shuffled) == total
    for name in FIGURE_NAMES:
        assert getattr(total, name) == sum(getattr(each, name) for each in forms)
    for at, each in enumerate(indicators(total)):
        parts = [indicators(form)[at] for form in forms]
        over, under = sum(part.over for part in parts), sum(part.under for part in parts)
        assert (each.over, each.under) == (over, under)
        if each.value is not None:
            exact = Fraction(each.over) * each.times / Fraction(each.under)
            assert abs(Fraction(each.value) - exact) <= abs(exact) * Fraction(1, 10**20)


def test_a_mean_of_ratios_would_say_something_else() -> None:
    small = Figures(members=10, attending=10)
    large = Figures(members=90, attending=45)
    assert indicator(IndicatorName.ATTENDANCE, small + large) == Decimal("0.55")
