"""Amounts as this laptop's language writes them, in the group's currency."""

from __future__ import annotations

from decimal import Decimal

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.money import format_amount, number_marks
from vsla_desktop.i18n import language


def figure(amount: Decimal, currency: Currency, *, zero: str = "0") -> str:
    """Write an amount; nought as ``zero``. A minus sign stands before an amount below nought."""
    grouping, mark = number_marks(language())
    text = format_amount(
        abs(amount), currency, grouping=_thin(grouping), decimal_mark=mark, zero=zero
    )
    return f"\N{MINUS SIGN}{text}" if amount < 0 else text


def whole(count: int) -> str:
    """Write a number of things, its digits in threes."""
    return f"{count:,}".replace(",", _thin(number_marks(language())[0]))


def percent(rate: Decimal) -> str:
    """Write a rate kept as a fraction: 0.1 is 10 %."""
    shown = f"{(rate * 100).normalize():f}"
    return f"{shown.replace('.', number_marks(language())[1])} %"


def _thin(grouping: str) -> str:
    # A space that lets no line break between the digits of an amount.
    return "\N{NO-BREAK SPACE}" if grouping == " " else grouping
