"""How a report's raw values are written for people: on screen, on paper and in charts."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from vsla_desktop.domain.currencies import Currency, currency
from vsla_desktop.i18n import format_date
from vsla_desktop.reports.report import Kind, Value
from vsla_desktop.wording import MoneyText, percent, whole

# Amounts of no one currency, as a count of many groups may have, are written with its decimals.
_NO_CURRENCY: Final = Currency("", 2, (Decimal("0.01"),))


def shown_currency(code: str) -> Currency:
    """Return the currency of a table; one without a name has two decimals."""
    return currency(code) if code else _NO_CURRENCY


def said(value: Value, kind: Kind, money: MoneyText, *, zero: str = "0") -> str:
    """Write a value. ``zero`` stands for an amount or a count of nought; nothing is a dash."""
    if value is None:
        return "" if kind in {Kind.TEXT, Kind.DATE} else "\N{EN DASH}"
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, str):
        return value
    if value < 0:
        return "\N{MINUS SIGN}" + said(-value, kind, money, zero=zero)
    if kind is Kind.MONEY:
        return money.amount(Decimal(value), zero=zero)
    if kind is Kind.PERCENT:
        return percent(Decimal(value).quantize(Decimal("0.001"), ROUND_HALF_UP))
    if kind is Kind.DECIMAL:
        return MoneyText(_NO_CURRENCY).amount(
            Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
        )
    return whole(int(value)) if value else zero
