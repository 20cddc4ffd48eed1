"""Reading one cell: what a spreadsheet holds becomes an exact value, or a sentence.

A spreadsheet keeps every number as a binary fraction and shows at most 15 digits of it, so those 15
digits are what the person wrote; from there on the amount is an exact decimal. What has more
decimals than the currency is refused, never rounded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vsla_desktop.domain.money import (
    MOST_AMOUNT,
    check_amount,
    parse_amount,
    parse_count,
    plain_amount,
)
from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.workbook.books import Wanted, wanted
from vsla_desktop.services.workbook.files import EXCEL_DAY_NOUGHT
from vsla_desktop.services.workbook.layout import Column, Kind

if TYPE_CHECKING:
    from vsla_desktop.domain.currencies import Currency

FIRST_DAY, LAST_DAY = date(1900, 3, 1), date(2200, 1, 1)
YES = frozenset({"yes", "y", "true", "1", "oui", "sim", "ndiyo", "yego", "x"})
NO = frozenset({"no", "n", "false", "0", "non", "nao", "hapana", "oya"})
ALIKE: dict[str, dict[str, str]] = {
    "gender": {
        "FEMALE": "F",
        "WOMAN": "F",
        "W": "F",
        "MALE": "M",
        "MAN": "M",
        "OTHER": "Other",
        "O": "Other",
    },
    "attendance": {"P": "PRESENT", "L": "LATE", "A": "ABSENT", "E": "EXCUSED", "R": "REPRESENTED"},
}
"""What people write for a value of a list, by column."""


def is_blank(raw: Any) -> bool:
    """Say whether a cell holds nothing that can be seen."""
    return raw is None or (isinstance(raw, str) and not raw.strip(" \t\r\n\u00a0"))


def read_cell(
    raw: Any, column: Column, currency: Currency | None, *, day_nought: date = EXCEL_DAY_NOUGHT
) -> Any:
    """Return the value of a cell; raise :class:`RuleBroken` for one that can not be taken.

    ``day_nought`` is the day from which the workbook counts its days.
    """
    if column.kind is Kind.DATE and isinstance(raw, int | float) and not isinstance(raw, bool):
        return _counted_day(raw, column, day_nought)
    return _READERS[column.kind](raw, column, currency)


def expected(column: Column, currency: Currency | None) -> Wanted:
    """Say what a cell of this column holds."""
    match column.kind:
        case Kind.WHOLE:
            most = plain_amount(Decimal(column.most))
            return wanted("a whole number from 0 to {most}", most=most)
        case Kind.AMOUNT:
            return _expected_amount(currency)
        case Kind.CHOICE:
            return _expected_choice(column)
        case Kind.TEXT:
            return wanted("a text of at most {most} characters", most=column.most)
        case _:
            return _EXPECTED[column.kind]


_EXPECTED = {
    Kind.BALANCE: wanted("an amount, with a minus for a loss"),
    Kind.NUMBER: wanted("a number such as 3 or 2.5"),
    Kind.RATE: wanted("a rate such as 10% or 0.1"),
    Kind.DATE: wanted("a date such as 2026-01-31"),
    Kind.TIME: wanted("a time such as 14:00"),
    Kind.YES_NO: wanted("yes or no"),
}
MOST_NAMED = 12
"""More choices than this would hide the sentence."""


def _expected_amount(currency: Currency | None) -> Wanted:
    if currency is None:
        return wanted("an amount of 0 or more")
    if currency.booked_digits:
        text = "an amount in {code} of 0 or more, with at most 2 decimals"
        return wanted(text, code=currency.code)
    return wanted("an amount in whole {code} of 0 or more", code=currency.code)


def _expected_choice(column: Column) -> Wanted:
    if len(column.choices) > MOST_NAMED:
        return wanted("a code such as {code}", code=column.example or column.choices[0])
    choices = ", ".join(column.choices)
    if column.many:
        return wanted("one or more of {choices}", choices=choices)
    return wanted("one of {choices}", choices=choices)


def decimal_of(number: float) -> Decimal:
    """Return a spreadsheet's number as the decimal that it shows."""
    return Decimal(f"{number:.15g}")


def _text(raw: Any, column: Column, _currency: Currency | None) -> str:
    if isinstance(raw, bool):
        raise RuleBroken("Write this as a text.", field=column.name)
    if isinstance(raw, int | float):
        shown = _plain_number(raw, column)
    elif isinstance(raw, datetime | date | time | timedelta):
        raise RuleBroken("Write this as a text.", hint="It is a date.", field=column.name)
    else:
        shown = unicodedata.normalize("NFC", str(raw)).strip()
    for character in shown:
        if unicodedata.category(character) in {"Cc", "Cs", "Co"} and character not in "\n\t":
            raise RuleBroken(
                "Remove the hidden character.",
                hint="Type the text again; do not paste it.",
                field=column.name,
            )
    if len(shown) > column.most:
        raise RuleBroken(
            "Enter at most {most} characters.",
            hint="This text has {count}.",
            field=column.name,
            most=column.most,
            count=len(shown),
        )
    return shown


def _plain_number(raw: float, column: Column) -> str:
    """Return a number that stands for a text, such as a telephone number, as it was typed."""
    if raw != int(raw) or abs(raw) >= 2**53:
        raise RuleBroken("Write this as a text.", hint="Digits were lost.", field=column.name)
    return str(int(raw))


def _whole(raw: Any, column: Column, _currency: Currency | None) -> int:
    if isinstance(raw, str):
        text = raw.strip()
        if text.startswith(("-", "\N{MINUS SIGN}")):
            raise RuleBroken("Enter a number of 0 or more.", field=column.name)
        return parse_count(re.sub(r"[.]0+$", "", text), column.most, field=column.name)
    number = _number(raw, column)
    if number < 0:
        raise RuleBroken("Enter a number of 0 or more.", field=column.name)
    if number != number.to_integral_value():
        raise RuleBroken("Enter a whole number, such as 3.", field=column.name)
    if number > column.most:
        raise RuleBroken("Enter at most {most}.", field=column.name, most=column.most)
    return int(number)


def _amount(raw: Any, column: Column, currency: Currency | None) -> Decimal:
    if isinstance(raw, str) and currency is not None:
        return parse_amount(raw.strip(), currency, field=column.name)
    number = _number(raw, column)
    if number > MOST_AMOUNT:
        raise RuleBroken("Enter at most {most}.", field=column.name, most=plain_amount(MOST_AMOUNT))
    if currency is not None:
        check_amount(number, currency, field=column.name, zero_allowed=True)
    return number.quantize(Decimal("0.01")) if currency is not None else number


def _balance(raw: Any, column: Column, currency: Currency | None) -> Decimal:
    """Return an amount that may be below nought."""
    if isinstance(raw, str):
        text = raw.strip()
        is_loss = text.startswith(("-", "\N{MINUS SIGN}"))
        found = _amount(text[1:] if is_loss else text, column, currency)
    else:
        number = _number(raw, column)
        is_loss = number < 0
        found = _amount(abs(raw), column, currency)
    return -found if is_loss else found


def _number(raw: Any, column: Column) -> Decimal:
    """Return a number cell as an exact decimal."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise RuleBroken("Enter a number.", field=column.name)
    found = decimal_of(raw)
    if not found.is_finite():
        raise RuleBroken("Enter a number.", field=column.name)
    return found


def _plain_decimal(raw: Any, column: Column, _currency: Currency | None) -> Decimal:
    if isinstance(raw, str):
        text = _ascii_digits(raw).replace(",", ".")
        if not re.fullmatch(r"\d{1,12}(\.\d{1,10})?", text):
            raise RuleBroken("Enter a number.", field=column.name)
        return Decimal(text)
    return _number(raw, column)


def _rate(raw: Any, column: Column, currency: Currency | None) -> Decimal:
    if isinstance(raw, str):
        text = raw.strip()
        if text.endswith(("%", "\N{ARABIC PERCENT SIGN}")):
            return _plain_decimal(text[:-1].strip(), column, currency) / 100
        return _plain_decimal(text, column, currency)
    return _number(raw, column)


def _date(raw: Any, column: Column, _currency: Currency | None) -> date:
    found: date | None = None
    if isinstance(raw, datetime):
        found = raw.date()
    elif isinstance(raw, date):
        found = raw
    elif isinstance(raw, str):
        found = _written_day(_ascii_digits(raw), column)
    return _likely_day(found, column)


def _counted_day(raw: float, column: Column, day_nought: date) -> date:
    """Return a date whose cell lost its format: it is the number of its day."""
    is_day = raw == int(raw) and 0 < raw < (LAST_DAY - date(1899, 1, 1)).days
    found = day_nought + timedelta(days=int(raw)) if is_day else None
    if found is not None and not FIRST_DAY <= found <= LAST_DAY:
        found = None
    return _likely_day(found, column)


def _likely_day(found: date | None, column: Column) -> date:
    if found is None:
        raise RuleBroken("Enter a date.", field=column.name)
    if not FIRST_DAY <= found <= LAST_DAY:
        raise RuleBroken("Check the year.", field=column.name)
    return found


_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})([T ]00:00(:00)?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4})([T ]00:00(:00)?)?")


def _written_day(text: str, column: Column) -> date | None:
    """Return a day written in digits; RuleBroken for one that could be two days."""
    if found := _YEAR_FIRST.fullmatch(text):
        days = {_day(found[1], found[3], found[4])}
    elif found := _YEAR_LAST.fullmatch(text):
        days = {_day(found[4], found[3], found[1]), _day(found[4], found[1], found[3])}
    else:
        return None
    possible = sorted(day for day in days if day is not None)
    if not possible:
        raise RuleBroken("There is no such day.", field=column.name)
    if len(possible) > 1:
        raise RuleBroken(
            "This can be two days.",
            hint="Write {first} or {second}.",
            field=column.name,
            first=possible[0].isoformat(),
            second=possible[1].isoformat(),
        )
    return possible[0]


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _time(raw: Any, column: Column, _currency: Currency | None) -> time:
    if isinstance(raw, time):
        return raw.replace(second=0, microsecond=0)
    if isinstance(raw, datetime):
        return raw.time().replace(second=0, microsecond=0)
    if isinstance(raw, str):
        found = re.fullmatch(r"(\d{1,2}):(\d{2})(:\d{2})?", _ascii_digits(raw))
        if found and int(found[1]) < 24 and int(found[2]) < 60:  # noqa: PLR2004 - a clock's
            return time(int(found[1]), int(found[2]))
    if isinstance(raw, float) and 0 <= raw < 1:
        minutes = round(raw * 24 * 60)
        return time(minutes // 60 % 24, minutes % 60)
    raise RuleBroken("Enter a time.", field=column.name)


def _yes_no(raw: Any, column: Column, _currency: Currency | None) -> bool:
    said = str(int(raw) if isinstance(raw, float) and raw in {0, 1} else raw).strip().casefold()
    if said in YES:
        return True
    if said in NO:
        return False
    raise RuleBroken("Answer yes or no.", field=column.name)


def _choice(raw: Any, column: Column, _currency: Currency | None) -> Any:
    if not column.many:
        return _one_of(raw, column)
    parts = str(raw).split(",") if isinstance(raw, str) else [raw]
    return tuple(dict.fromkeys(_one_of(part, column) for part in parts if not is_blank(part)))


def _one_of(raw: Any, column: Column) -> str:
    said = re.sub(r"[\s-]+", "_", str(raw).strip()).upper() if isinstance(raw, str) else ""
    known = {choice.upper(): choice for choice in column.choices} | ALIKE.get(column.name, {})
    if said not in known:
        shown = "".join(
            each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in str(raw)
        )
        raise RuleBroken("{text} is not in the list.", field=column.name, text=shown.strip()[:30])
    return known[said]


def _ascii_digits(text: str) -> str:
    """Return a text with the digits of any script as 0 to 9, without marks that are not seen."""
    signs = (
        str(unicodedata.decimal(each)) if unicodedata.decimal(each, None) is not None else each
        for each in text.strip()
        if unicodedata.category(each) != "Cf"
    )
    return "".join(signs)


_Reader = Callable[[Any, Column, "Currency | None"], Any]
_READERS: dict[Kind, _Reader] = {
    Kind.TEXT: _text,
    Kind.WHOLE: _whole,
    Kind.AMOUNT: _amount,
    Kind.BALANCE: _balance,
    Kind.NUMBER: _plain_decimal,
    Kind.RATE: _rate,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.CHOICE: _choice,
    Kind.YES_NO: _yes_no,
}
