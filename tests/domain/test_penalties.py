from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.domain.loans import Instalment, PeriodKind
from vsla_desktop.domain.penalties import (
    Penalty,
    PenaltyKind,
    PenaltyRule,
    counted_at_change,
    days_late,
    late_penalties,
    late_penalty,
    overdue,
    times_late,
)

DUE = date(2025, 3, 1)
MONTH = PeriodKind.CALENDAR_MONTH
ROW = Instalment(1, DUE, Decimal(20000), Decimal(2000))
FIXED = PenaltyRule(PenaltyKind.FIXED, amount=Decimal(500), grace_days=5)
PERCENTAGE = PenaltyRule(PenaltyKind.PERCENTAGE, rate=Decimal("0.05"))


def penalty(rule: PenaltyRule, day: date, row: Instalment = ROW) -> Decimal:
    return late_penalty([row], day, rule, period_kind=MONTH)


def test_no_penalty_within_the_grace_days() -> None:
    assert penalty(FIXED, DUE + timedelta(days=5)) == 0
    assert penalty(FIXED, DUE + timedelta(days=6)) == 500


def test_once_is_once() -> None:
    assert penalty(FIXED, DUE + timedelta(days=1000)) == 500


def test_each_period_again() -> None:
    rule = PenaltyRule(PenaltyKind.FIXED, amount=Decimal(500), repeats=True, grace_days=5)
    assert penalty(rule, date(2025, 4, 6)) == 500
    assert penalty(rule, date(2025, 4, 7)) == 1000
    assert penalty(rule, date(2025, 5, 7)) == 1500


def test_a_percentage_is_of_what_is_unpaid() -> None:
    half = Instalment(1, DUE, Decimal(20000), Decimal(2000), Decimal(8000), Decimal(2000))
    assert penalty(PERCENTAGE, DUE + timedelta(days=1)) == 1100
    assert penalty(PERCENTAGE, DUE + timedelta(days=1), half) == 600


def test_a_paid_instalment_earns_none() -> None:
    paid = Instalment(1, DUE, Decimal(20000), Decimal(0), Decimal(20000))
    assert penalty(FIXED, DUE + timedelta(days=99), paid) == 0


def test_a_group_without_penalties_charges_none() -> None:
    assert penalty(PenaltyRule(), DUE + timedelta(days=99)) == 0


def test_a_penalty_rounded_to_nothing_is_none() -> None:
    rule = PenaltyRule(PenaltyKind.PERCENTAGE, rate=Decimal("0.0001"))
    found = late_penalties(
        [ROW], DUE + timedelta(days=9), rule, period_kind=MONTH, unit=Decimal(100)
    )
    assert found == ()


def test_each_instalment_has_its_own() -> None:
    rows = [ROW, Instalment(2, date(2025, 4, 1), Decimal(20000), Decimal(1000))]
    assert late_penalties(rows, date(2025, 4, 2), PERCENTAGE, period_kind=MONTH) == (
        Penalty(1, 1, Decimal(1100)),
        Penalty(2, 1, Decimal(1050)),
    )


@given(
    kind=st.sampled_from([PenaltyKind.FIXED, PenaltyKind.PERCENTAGE]),
    repeats=st.booleans(),
    grace_days=st.integers(0, 30),
    period=st.sampled_from(PeriodKind),
    days=st.lists(st.integers(-40, 300), min_size=1, max_size=8),
)
def test_asked_at_every_meeting_each_penalty_comes_exactly_once(
    kind: PenaltyKind, *, repeats: bool, grace_days: int, period: PeriodKind, days: list[int]
) -> None:
    rule = PenaltyRule(kind, Decimal(500), Decimal("0.1"), repeats, grace_days)
    meetings = [DUE + timedelta(days=day) for day in sorted(days)]
    asked = Decimal(0)
    times = 0
    for meeting in meetings:
        for each in late_penalties([ROW], meeting, rule, period_kind=period, charged={1: times}):
            asked += each.amount
            times += each.times
    assert asked == late_penalty([ROW], meetings[-1], rule, period_kind=period)


@pytest.mark.parametrize(("day", "late", "due"), [(0, 0, 0), (1, 1, 22000), (31, 31, 22000)])
def test_late_begins_the_day_after(day: int, late: int, due: int) -> None:
    on_date = DUE + timedelta(days=day)
    later = Instalment(2, date(2025, 9, 1), Decimal(5), Decimal(0))
    assert days_late([ROW, later], on_date) == late
    assert overdue([ROW, later], on_date) == due


@given(
    graces=st.lists(st.integers(0, 60), min_size=1, max_size=8),
    repeats=st.booleans(),
    period=st.sampled_from(PeriodKind),
    gaps=st.lists(st.integers(1, 40), min_size=1, max_size=8),
)
def test_other_grace_days_charge_nothing_twice_and_lose_nothing(
    graces: list[int], *, repeats: bool, period: PeriodKind, gaps: list[int]
) -> None:
    """However the days of grace were voted between meetings, the rule of the last one holds."""
    times, most, day = 0, 0, DUE
    for grace, gap in zip(graces, gaps, strict=False):
        rule = PenaltyRule(PenaltyKind.FIXED, Decimal(500), repeats=repeats, grace_days=grace)
        day += timedelta(days=gap)
        found = late_penalties([ROW], day, rule, period_kind=period, charged={1: times})
        times += sum(each.times for each in found)
        most = max(most, times_late(ROW, day, rule, period))
        assert times == most


def test_a_rule_that_asks_more_begins_with_its_day() -> None:
    day, none = DUE + timedelta(days=100), PenaltyRule()
    once = PenaltyRule(PenaltyKind.FIXED, Decimal(500))
    again = PenaltyRule(PenaltyKind.FIXED, Decimal(500), repeats=True)
    assert counted_at_change(ROW, day, none, again, kind=MONTH, times=0) == 3
    assert counted_at_change(ROW, day, none, once, kind=MONTH, times=0) == 0
    assert counted_at_change(ROW, day, once, again, kind=MONTH, times=1) == 4
    assert counted_at_change(ROW, day, again, once, kind=MONTH, times=4) == 4
    early = DUE - timedelta(days=1)
    assert counted_at_change(ROW, early, none, again, kind=MONTH, times=0) == 0
