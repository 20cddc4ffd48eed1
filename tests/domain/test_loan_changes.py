"""A running loan spread anew: nothing is lost, nothing is asked twice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.domain.strategies import Terms, terms
from tests.domain.test_loans import ISSUED, TEN_PERCENT, sixty_thousand
from vsla_desktop.domain.loan_changes import NewTerms, charges_at_change, spread_anew
from vsla_desktop.domain.loans import (
    ChargeMethod,
    Instalment,
    PeriodKind,
    allocate,
    has_begun,
    settlement_amount,
)
from vsla_desktop.domain.money import ZERO, round_down_to, round_to
from vsla_desktop.errors import RuleBroken


def paid_some(loan: Terms, share: int, day: date) -> tuple[Instalment, ...]:
    """Return the schedule after so many of 24 parts of what clears it were paid."""
    rows = loan.schedule()
    settles = settlement_amount(rows, day, method=loan.method)
    payment = round_down_to(settles * share / 24, loan.unit)
    if not payment:
        return rows
    return allocate(
        rows, payment, on_date=day, method=loan.method, rate=loan.rate, unit=loan.unit
    ).instalments


def spread(
    loan: Terms, rows: tuple[Instalment, ...], day: date, new: NewTerms
) -> tuple[Instalment, ...]:
    return spread_anew(
        rows,
        day,
        new,
        rate=loan.rate,
        method=loan.method,
        period_kind=loan.period_kind,
        unit=loan.unit,
    )


@given(
    loan=terms(),
    share=st.integers(0, 24),
    days=st.integers(0, 400),
    wait=st.integers(0, 60),
    periods=st.sampled_from([1, 2, 3, 60]),
    more=st.integers(0, 1000),
)
def test_what_was_paid_stays_and_the_rest_is_spread(
    loan: Terms, share: int, days: int, wait: int, periods: int, more: int
) -> None:
    day = loan.start + timedelta(days=days)
    before = paid_some(loan, share, day)
    owed = sum((row.principal_owed for row in before), ZERO)
    on_top = more * loan.unit
    assume(owed + on_top)
    due = settlement_amount(before, day, method=loan.method) - owed
    after = spread(loan, before, day, NewTerms(periods, day + timedelta(days=wait), on_top))
    assert [row.number for row in after] == list(range(1, len(after) + 1))
    assert sum(row.principal for row in after) == loan.principal + on_top
    assert sum(row.principal_owed for row in after) == owed + on_top
    assert sum(row.paid for row in after) == sum(row.paid for row in before)
    kept = [row for row in after if row.due_date <= day]
    new = [row for row in after if row.due_date > day]
    assert all(row.is_paid for row in kept)
    assert not any(row.paid for row in new)
    assert sum(row.principal > 0 for row in new) <= periods
    assert has_begun(after, new[0].number, day)
    # Charge that was owed is owed still, and never asked twice.
    asked = sum((row.charge for row in new), ZERO)
    carried = {
        ChargeMethod.NONE: ZERO,
        ChargeMethod.ONE_TIME: asked - round_to(loan.rate * on_top, loan.unit),
        ChargeMethod.DECLINING: sum((r.charge for r in new if r.begins == day), ZERO)
        - round_to(loan.rate * (owed + on_top), loan.unit),
        ChargeMethod.FLAT_MONTHLY: sum(
            (row.charge_owed for row in before if has_begun(before, row.number, day)), ZERO
        ),
    }[loan.method]
    if loan.method is ChargeMethod.FLAT_MONTHLY:
        fresh = round_to(loan.rate * (owed + on_top) * periods, loan.unit)
        assert asked == carried + fresh
    elif loan.method is not ChargeMethod.DECLINING or all(row.principal for row in new[-periods:]):
        assert carried == due


@given(loan=terms(ChargeMethod.DECLINING), days=st.integers(0, 200), share=st.integers(0, 20))
def test_the_charges_at_a_change_can_be_worked_out_from_its_rows(
    loan: Terms, days: int, share: int
) -> None:
    day = loan.start + timedelta(days=days)
    before = paid_some(loan, share, day)
    assume(any(row.principal_owed for row in before))
    after = spread(loan, before, day, NewTerms(3, day))
    assume(all(row.principal for row in after if row.due_date > day and row.charge))
    assert charges_at_change(after, day, rate=loan.rate, unit=loan.unit) == after


def test_a_loan_that_is_paid_back_is_not_spread() -> None:
    rows = allocate(
        sixty_thousand(ChargeMethod.NONE),
        Decimal(60_000),
        on_date=ISSUED,
        method=ChargeMethod.NONE,
        rate=ZERO,
    ).instalments
    with pytest.raises(RuleBroken, match="Nothing of this loan is left"):
        spread_anew(
            rows,
            ISSUED,
            NewTerms(3, ISSUED),
            rate=TEN_PERCENT,
            method=ChargeMethod.NONE,
            period_kind=PeriodKind.CALENDAR_MONTH,
        )


def test_days_are_never_counted_from_the_past() -> None:
    rows = sixty_thousand(ChargeMethod.NONE)
    after = spread_anew(
        rows,
        date(2025, 1, 31),
        NewTerms(1, date(2025, 1, 1)),
        rate=ZERO,
        method=ChargeMethod.NONE,
        period_kind=PeriodKind.CALENDAR_MONTH,
    )
    assert [row.due_date for row in after] == [date(2025, 2, 28)]


def test_a_charge_agreed_before_the_book_began_is_kept() -> None:
    rows = sixty_thousand(ChargeMethod.FLAT_MONTHLY)  # as a baseline writes them, without a rate
    after = spread_anew(
        rows,
        ISSUED,
        NewTerms(2, ISSUED),
        rate=ZERO,
        method=ChargeMethod.NONE,
        period_kind=PeriodKind.CALENDAR_MONTH,
    )
    assert [int(row.principal) for row in after] == [0, 30_000, 30_000]
    assert [int(row.charge) for row in after] == [18_000, 0, 0]
