"""Values that a group could meet, for the properties of the domain."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from vsla_desktop.domain.currencies import CURRENCIES, Currency
from vsla_desktop.domain.loans import ChargeMethod, Instalment, PeriodKind, schedule
from vsla_desktop.domain.money import MOST_AMOUNT

currencies = st.sampled_from(sorted(CURRENCIES.values(), key=lambda each: each.code))
dates = st.dates(date(2000, 1, 1), date(2100, 12, 31))
rates = st.integers(0, 5000).map(lambda steps: Decimal(steps).scaleb(-4))
units = st.sampled_from([Decimal("0.01"), Decimal(1), Decimal(50), Decimal(100)])
methods = st.sampled_from(ChargeMethod)
period_kinds = st.sampled_from(PeriodKind)


def amounts(currency: Currency, most: Decimal = MOST_AMOUNT) -> st.SearchStrategy[Decimal]:
    """Amounts that can be booked in a currency, nought among them."""
    step = currency.step
    return st.integers(0, int(most / step)).map(lambda steps: steps * step)


@st.composite
def bookable(draw: st.DrawFn) -> tuple[Decimal, Currency]:
    currency = draw(currencies)
    return draw(amounts(currency)), currency


@st.composite
def terms(draw: st.DrawFn, method: ChargeMethod | None = None) -> Terms:
    unit = draw(units)
    return Terms(
        principal=draw(st.integers(1, 100_000)) * unit,
        rate=draw(rates),
        periods=draw(st.one_of(st.integers(1, 12), st.sampled_from([1, 60]))),
        method=method or draw(methods),
        period_kind=draw(period_kinds),
        start=draw(dates),
        unit=unit,
    )


class Terms:
    """The terms of one loan, and its schedule."""

    def __init__(
        self,
        *,
        principal: Decimal,
        rate: Decimal,
        periods: int,
        method: ChargeMethod,
        period_kind: PeriodKind,
        start: date,
        unit: Decimal,
    ) -> None:
        self.principal = principal
        self.rate = rate
        self.periods = periods
        self.method = method
        self.period_kind = period_kind
        self.start = start
        self.unit = unit

    def schedule(self) -> tuple[Instalment, ...]:
        return schedule(
            self.principal,
            self.rate,
            self.periods,
            method=self.method,
            period_kind=self.period_kind,
            start=self.start,
            unit=self.unit,
        )
