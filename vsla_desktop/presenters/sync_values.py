"""Single values that two sides hold: said in words, and read when a person types another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.identifiers import (
    check_email,
    check_group_code,
    check_name,
    check_phone_number,
)
from vsla_desktop.domain.money import parse_amount, parse_count
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.form import any_text
from vsla_desktop.presenters.members_text import gender_names, office_names
from vsla_desktop.presenters.new_group_fields import read_number
from vsla_desktop.presenters.sync_words import instant_words
from vsla_desktop.wording import figure, percent, whole, write_number

if TYPE_CHECKING:
    from vsla_desktop.domain.currencies import Currency

_LONGEST: Final = 60
_MOST: Final = 2**31 - 1
_NOTHING: Final = "·"
_CHECKS: Final[dict[str, Callable[..., str]]] = {
    "first_name": check_name,
    "last_name": check_name,
    "name": partial(check_name, most=255),
    "phone_number": check_phone_number,
    "group_code": check_group_code,
    "email": check_email,
}


def value_words(table: str, column: str, text: str | None, code: str) -> str:
    """Say a value as it travels; ``code`` is the currency of its group, "" where it has none."""
    from vsla_desktop.capture.tables import Sort, travel
    from vsla_desktop.columns import Money, Percent, Rate

    if not text:
        return _NOTHING
    kind = _type(table, column)
    match travel(table).column(column).sort:
        case Sort.EXACT if isinstance(kind, Money) and code:
            return f"{figure(Decimal(text), currency(code))} {code}"
        case Sort.EXACT if isinstance(kind, Rate):
            return percent(Decimal(text))
        case Sort.EXACT if isinstance(kind, Percent):
            return percent(Decimal(text) / 100)
        case Sort.INTEGER if text.lstrip("-").isdecimal():
            return whole(int(text))
        case Sort.BOOLEAN:
            return _("Yes") if text in {"1", "true"} else _("No")
        case Sort.DATE:
            return format_date(date.fromisoformat(text))
        case Sort.TIMESTAMP:
            return instant_words(datetime.fromisoformat(text))
        case Sort.TEXT if hasattr(kind, "values"):
            known = gender_names() | office_names()
            return known.get(text) or text.replace("_", " ").capitalize()
    shown = " ".join(text.split())
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def is_number(table: str, column: str) -> bool:
    """Whether a column holds numbers, which stand on the right."""
    from sqlalchemy import Integer

    from vsla_desktop.columns import Exact

    return bool(column) and isinstance(_type(table, column), Exact | Integer)


def typed_words(table: str, column: str, value: Any, code: str) -> str:
    """Write a value that was read back as a person types it."""
    from vsla_desktop.columns import Exact, Money, Rate

    kind = _type(table, column)
    if isinstance(value, date):
        return write_day(value)
    if isinstance(kind, Money) and code:
        return figure(value, currency(code))
    if isinstance(kind, Exact):
        return write_number(value * 100 if isinstance(kind, Rate) else value)
    return str(value)


def read_value(table: str, column: str, text: str, code: str, today: date) -> Any:
    """Read what was typed for a column, with the checks that it has wherever it is typed.

    Raises :class:`RuleBroken` for the field "value".
    """
    if not text.strip():
        raise RuleBroken("Enter something.", field="value")
    if column in _CHECKS:
        text = _CHECKS[column](text, field="value")
    return _typed(_type(table, column), text, currency(code) if code else None, today)


def _typed(kind: Any, text: str, unit: Currency | None, today: date) -> Any:
    from sqlalchemy import Date, Integer, String

    from vsla_desktop.columns import Exact, Money, Rate

    if isinstance(kind, Money) and unit is not None:
        return _fitting(kind, parse_amount(text, unit, field="value"))
    if isinstance(kind, Rate):
        return _fitting(kind, read_number(text.replace("%", ""), "value") / 100)
    if isinstance(kind, Exact):
        return _fitting(kind, read_number(text.replace("%", ""), "value"))
    if isinstance(kind, Integer):
        return parse_count(text, _MOST, field="value")
    if isinstance(kind, Date):
        return read_day(text, today, field="value")
    said = any_text(text)
    if isinstance(kind, String) and kind.length and len(said) > kind.length:
        raise RuleBroken("Enter at most {most} characters.", field="value", most=kind.length)
    return said


def _fitting(kind: Any, value: Decimal) -> Decimal:
    """Return a number that the column holds exactly. Raises :class:`RuleBroken`."""
    try:
        kind.steps(value)
    except ValueError as error:
        raise RuleBroken("This number is too long.", field="value") from error
    return value


def _type(table: str, column: str) -> Any:
    from vsla_desktop.models import Base

    return Base.metadata.tables[table].c[column].type
