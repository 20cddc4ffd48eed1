from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.domain.strategies import Terms, dates, period_kinds, terms
from vsla_desktop.domain.loans import (
    AllocationLine,
    ChargeMethod,
    Instalment,
    PeriodKind,
    allocate,
    charge_due,
    check_before_share_out,
    due_date,
    has_begun,
    latest_due_date,
    most_periods,
    recompute_charges,
    schedule,
    settlement_amount,
    with_paid,
)
from vsla_desktop.domain.money import ZERO
from vsla_desktop.errors import RuleBroken

ISSUED = date(2025, 1, 15)
FIRST, SECOND, THIRD = date(2025, 2, 15), date(2025, 3, 15), date(2025, 4, 15)
TEN_PERCENT = Decimal("0.1")


def sixty_thousand(method: ChargeMethod) -> tuple[Instalment, ...]:
    return schedule(
        Decimal(60000),
        TEN_PERCENT,
        3,
        method=method,
        period_kind=PeriodKind.CALENDAR_MONTH,
        start=ISSUED,
        unit=Decimal(1),
    )


def charges(rows: tuple[Instalment, ...]) -> list[int]:
    return [int(row.charge) for row in rows]


def pay(
    rows: tuple[Instalment, ...],
    payment: int,
    on_date: date,
    method: ChargeMethod = ChargeMethod.DECLINING,
    penalty_due: Decimal = ZERO,
) -> tuple[tuple[Instalment, ...], tuple[int, int, int]]:
    done = allocate(
        rows,
        Decimal(payment),
        on_date=on_date,
        method=method,
        rate=TEN_PERCENT,
        penalty_due=penalty_due,
        unit=Decimal(1),
    )
    return done.instalments, (int(done.penalty), int(done.charge), int(done.principal))


# --- The worked example: 60,000 at ten percent for three periods


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (ChargeMethod.ONE_TIME, [6000, 0, 0]),
        (ChargeMethod.FLAT_MONTHLY, [6000, 6000, 6000]),
        (ChargeMethod.DECLINING, [6000, 4000, 2000]),
        (ChargeMethod.NONE, [0, 0, 0]),
    ],
)
def test_sixty_thousand_at_ten_percent(method: ChargeMethod, expected: list[int]) -> None:
    rows = sixty_thousand(method)
    assert charges(rows) == expected
    assert [row.principal for row in rows] == [20000, 20000, 20000]
    assert [row.due_date for row in rows] == [FIRST, SECOND, THIRD]
    assert [row.number for row in rows] == [1, 2, 3]


def test_sixty_thousand_paid_as_agreed() -> None:
    rows = sixty_thousand(ChargeMethod.DECLINING)
    assert [row.total for row in rows] == [26000, 24000, 22000]
    for due, payment, parts in [
        (FIRST, 26000, (0, 6000, 20000)),
        (SECOND, 24000, (0, 4000, 20000)),
        (THIRD, 22000, (0, 2000, 20000)),
    ]:
        rows, paid = pay(rows, payment, due)
        assert paid == parts
    assert all(row.is_paid for row in rows)


def test_paying_early_saves_charge() -> None:
    rows, parts = pay(sixty_thousand(ChargeMethod.DECLINING), 46000, FIRST)
    assert parts == (0, 6000, 40000)
    assert charges(rows) == [6000, 2000, 2000]
    assert [row.owed for row in rows] == [0, 2000, 22000]


def test_settling_on_the_first_due_date_costs_one_period() -> None:
    rows = sixty_thousand(ChargeMethod.DECLINING)
    assert settlement_amount(rows, FIRST, method=ChargeMethod.DECLINING) == 66000
    rows, parts = pay(rows, 66000, FIRST)
    assert parts == (0, 6000, 60000)
    assert charges(rows) == [6000, 0, 0]
    assert all(row.is_paid for row in rows)


def test_settling_a_day_later_costs_two_periods() -> None:
    rows = sixty_thousand(ChargeMethod.DECLINING)
    late = FIRST + timedelta(days=1)
    assert settlement_amount(rows, late, method=ChargeMethod.DECLINING) == 70000
    assert settlement_amount(rows, late, method=ChargeMethod.FLAT_MONTHLY) == 72000


def test_other_methods_owe_the_whole_charge_from_the_start() -> None:
    for method, whole in [
        (ChargeMethod.ONE_TIME, 66000),
        (ChargeMethod.FLAT_MONTHLY, 78000),
        (ChargeMethod.NONE, 60000),
    ]:
        rows = sixty_thousand(method)
        assert settlement_amount(rows, ISSUED, method=method) == whole
        assert recompute_charges(rows, ISSUED, method=method, rate=TEN_PERCENT) == rows


def test_penalty_comes_first_then_the_oldest_charge_then_its_principal() -> None:
    rows = sixty_thousand(ChargeMethod.DECLINING)
    done = allocate(
        rows,
        Decimal(32000),
        on_date=SECOND,
        method=ChargeMethod.DECLINING,
        rate=TEN_PERCENT,
        penalty_due=Decimal(1500),
        unit=Decimal(1),
    )
    assert done.penalty == 1500
    assert done.lines == (
        AllocationLine(1, Decimal(6000), Decimal(20000)),
        AllocationLine(2, Decimal(4000), Decimal(500)),
    )
    assert [done.charge, done.principal] == [10000, 20500]
    # The third period has not begun on the second due date: 10 % of the 39,500 less 19,500 due.
    assert charges(done.instalments) == [6000, 4000, 2000]


def test_a_payment_smaller_than_the_penalty_pays_only_penalty() -> None:
    rows = sixty_thousand(ChargeMethod.ONE_TIME)
    after, parts = pay(rows, 500, FIRST, ChargeMethod.ONE_TIME, Decimal(1500))
    assert parts == (500, 0, 0)
    assert after == rows


def test_paying_too_much_is_refused_with_what_settles() -> None:
    with pytest.raises(RuleBroken, match="Pay at most 66 000") as caught:
        pay(sixty_thousand(ChargeMethod.DECLINING), 66001, FIRST)
    assert caught.value.field == "amount"


@pytest.mark.parametrize("payment", [0, -5])
def test_paying_nothing_is_refused(payment: int) -> None:
    with pytest.raises(RuleBroken, match="above 0"):
        pay(sixty_thousand(ChargeMethod.NONE), payment, FIRST, ChargeMethod.NONE)


# --- Schedules


@given(terms())
def test_the_principal_is_shared_out_to_the_last_coin(loan: Terms) -> None:
    rows = loan.schedule()
    assert len(rows) == loan.periods
    assert sum(row.principal for row in rows) == loan.principal
    assert all(row.principal >= 0 for row in rows)
    assert len({row.principal for row in rows[:-1]}) <= 1
    assert 0 <= rows[-1].principal - rows[0].principal < loan.unit * loan.periods


@given(terms())
def test_charges_are_whole_units_and_their_sum_is_the_charge_of_the_loan(loan: Terms) -> None:
    rows = loan.schedule()
    total = sum(row.charge for row in rows)
    exact = {
        ChargeMethod.ONE_TIME: loan.rate * loan.principal,
        ChargeMethod.FLAT_MONTHLY: loan.rate * loan.principal * loan.periods,
        ChargeMethod.DECLINING: loan.rate
        * sum(index * row.principal for index, row in enumerate(rows, 1)),
        ChargeMethod.NONE: Decimal(0),
    }[loan.method]
    roundings = loan.periods if loan.method is ChargeMethod.DECLINING else 1
    assert abs(total - exact) * 2 <= loan.unit * roundings
    assert all(row.charge >= 0 and row.charge % loan.unit == 0 for row in rows)


@given(terms(ChargeMethod.DECLINING))
def test_declining_charges_decline(loan: Terms) -> None:
    found = [row.charge for row in loan.schedule()]
    assert found == sorted(found, reverse=True)


@given(terms())
def test_due_dates_rise(loan: Terms) -> None:
    days = [loan.start, *(row.due_date for row in loan.schedule())]
    assert days == sorted(set(days))
    assert latest_due_date(loan.schedule()) == days[-1]


@pytest.mark.parametrize(
    ("principal", "rate", "periods", "field"),
    [
        (0, "0.1", 3, "principal"),
        (-5, "0.1", 3, "principal"),
        (100, "-0.1", 3, "interest_rate"),
        (100, "0.1", 0, "term_months"),
    ],
)
def test_impossible_terms_are_refused(principal: int, rate: str, periods: int, field: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        schedule(
            Decimal(principal),
            Decimal(rate),
            periods,
            method=ChargeMethod.NONE,
            period_kind=PeriodKind.FOUR_WEEKS,
            start=ISSUED,
        )
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("start", "periods", "kind", "due"),
    [
        (date(2025, 1, 31), 1, PeriodKind.CALENDAR_MONTH, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, PeriodKind.CALENDAR_MONTH, date(2024, 2, 29)),
        (date(2025, 1, 31), 2, PeriodKind.CALENDAR_MONTH, date(2025, 3, 31)),
        (date(2025, 11, 30), 3, PeriodKind.CALENDAR_MONTH, date(2026, 2, 28)),
        (date(2025, 12, 5), 1, PeriodKind.CALENDAR_MONTH, date(2026, 1, 5)),
        (date(2025, 1, 1), 2, PeriodKind.FOUR_WEEKS, date(2025, 2, 26)),
        (date(2025, 1, 1), 2, PeriodKind.THIRTY_DAYS, date(2025, 3, 2)),
    ],
)
def test_due_dates(start: date, periods: int, kind: PeriodKind, due: date) -> None:
    assert due_date(start, periods, kind) == due


@given(dates, st.integers(0, 60), period_kinds)
def test_periods_never_drift(start: date, periods: int, kind: PeriodKind) -> None:
    due = due_date(start, periods, kind)
    if kind is PeriodKind.CALENDAR_MONTH:
        assert (due.year - start.year) * 12 + due.month - start.month == periods
        assert due.day == start.day or (due + timedelta(days=1)).day == 1
    else:
        assert (due - start).days == periods * (28 if kind is PeriodKind.FOUR_WEEKS else 30)


# --- Payments, whatever their size and order


class Borrower:
    """A borrower who pays some of a loan at some meetings, as a rough life has it."""

    def __init__(self, loan: Terms) -> None:
        self.loan = loan
        self.rows = loan.schedule()
        self.charge = self.principal = ZERO

    def settles_at(self, on_date: date) -> Decimal:
        return settlement_amount(self.rows, on_date, method=self.loan.method)

    def pays(self, payment: Decimal, on_date: date) -> None:
        done = allocate(
            self.rows,
            payment,
            on_date=on_date,
            method=self.loan.method,
            rate=self.loan.rate,
            unit=self.loan.unit,
        )
        assert done.penalty + done.charge + done.principal == payment
        assert sum(line.charge + line.principal for line in done.lines) == payment
        self.rows = done.instalments
        self.charge += done.charge
        self.principal += done.principal


@st.composite
def visits(draw: st.DrawFn) -> tuple[Terms, list[tuple[int, int]]]:
    """A loan, and payments: days after the loan, and percent of what would clear it then."""
    days = draw(st.lists(st.integers(0, 450), max_size=6))
    percents = draw(st.lists(st.integers(1, 100), min_size=len(days), max_size=len(days)))
    return draw(terms()), list(zip(sorted(days), percents, strict=True))


@given(visits())
def test_every_coin_paid_is_found_in_the_schedule(
    life: tuple[Terms, list[tuple[int, int]]],
) -> None:
    loan, payments = life
    borrower = Borrower(loan)
    for day, percent in payments:
        on_date = loan.start + timedelta(days=day)
        payment = (borrower.settles_at(on_date) * percent / 100).quantize(Decimal("0.01"))
        if payment > 0:
            borrower.pays(payment, on_date)
        rows = borrower.rows
        assert sum(row.principal for row in rows) == loan.principal
        assert sum(row.principal_paid for row in rows) == borrower.principal
        assert sum(row.charge_paid for row in rows) == borrower.charge
        assert all(0 <= row.principal_paid <= row.principal for row in rows)
        assert all(0 <= row.charge_paid <= row.charge for row in rows)
        # Two sums of the ledger say as much as the rows do.
        bare = [replace(row, principal_paid=ZERO, charge_paid=ZERO) for row in rows]
        assert (
            with_paid(bare, principal_paid=borrower.principal, charge_paid=borrower.charge) == rows
        )


@given(visits(), st.integers(0, 450))
def test_the_settlement_settles(life: tuple[Terms, list[tuple[int, int]]], last: int) -> None:
    loan, payments = life
    borrower = Borrower(loan)
    for day, percent in [*payments, (max([last, *(day for day, _ in payments)]), 100)]:
        on_date = loan.start + timedelta(days=day)
        payment = (borrower.settles_at(on_date) * percent / 100).quantize(Decimal("0.01"))
        if payment > 0:
            borrower.pays(payment, on_date)
    assert borrower.principal == loan.principal
    assert all(row.is_paid for row in borrower.rows)
    on_date = loan.start + timedelta(days=450)
    assert borrower.settles_at(on_date) == 0
    agreed = sum(row.charge for row in loan.schedule())
    if loan.method is ChargeMethod.DECLINING:
        assert borrower.charge <= agreed
    else:
        assert borrower.charge == agreed


@given(terms(ChargeMethod.DECLINING), st.integers(0, 300), st.integers(1, 100))
def test_undoing_an_early_payment_brings_the_charges_back(
    loan: Terms, day: int, percent: int
) -> None:
    rows = loan.schedule()
    on_date = loan.start + timedelta(days=day)
    borrower = Borrower(loan)
    payment = (borrower.settles_at(on_date) * percent / 100).quantize(Decimal("0.01"))
    assume(payment > 0)
    borrower.pays(payment, on_date)
    undone = with_paid(borrower.rows, principal_paid=ZERO, charge_paid=ZERO)
    assert (
        recompute_charges(undone, on_date, method=loan.method, rate=loan.rate, unit=loan.unit)
        == rows
    )


@given(terms(ChargeMethod.DECLINING), st.integers(0, 450))
def test_being_late_never_raises_a_charge(loan: Terms, day: int) -> None:
    rows = loan.schedule()
    on_date = loan.start + timedelta(days=day)
    assert (
        recompute_charges(rows, on_date, method=loan.method, rate=loan.rate, unit=loan.unit) == rows
    )


def test_a_period_begins_when_the_due_date_before_it_has_passed() -> None:
    rows = sixty_thousand(ChargeMethod.DECLINING)
    assert has_begun(rows, 1, ISSUED)
    assert not has_begun(rows, 2, FIRST)
    assert has_begun(rows, 2, FIRST + timedelta(days=1))
    assert charge_due(rows, rows[1], FIRST, ChargeMethod.DECLINING) == 0
    assert charge_due(rows, rows[1], FIRST, ChargeMethod.FLAT_MONTHLY) == 4000


def test_more_paid_than_owed_is_our_fault() -> None:
    rows = sixty_thousand(ChargeMethod.NONE)
    with pytest.raises(ValueError, match="paid too much"):
        with_paid(rows, principal_paid=Decimal(60001), charge_paid=ZERO)
    with pytest.raises(ValueError, match="paid too much"):
        with_paid(rows, principal_paid=ZERO, charge_paid=Decimal(1))


# --- Share-out


def test_no_loan_falls_due_after_the_share_out() -> None:
    check_before_share_out(THIRD, THIRD)
    with pytest.raises(RuleBroken, match="2025-04-15, after the share-out on 2025-04-14"):
        check_before_share_out(THIRD, THIRD - timedelta(days=1))


@given(dates, st.integers(0, 500), period_kinds, st.integers(1, 12))
def test_the_longest_term_that_fits_fits(
    start: date, days: int, kind: PeriodKind, most: int
) -> None:
    share_out = start + timedelta(days=days)
    fits = most_periods(start, share_out, kind, most=most)
    assert 0 <= fits <= most
    assert fits == 0 or due_date(start, fits, kind) <= share_out
    assert fits == most or due_date(start, fits + 1, kind) > share_out
