"""Amounts of money: exact decimals, read as people type them, checked, rounded and written.

Reading never guesses: an amount is read in one way or refused, and where a text could mean two
amounts the sentence names both. See docs/rules.md#money and docs/rules.md#typing.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING

from vsla_desktop.domain.words import WORD_LANGUAGES, amount_in_words
from vsla_desktop.errors import RuleBroken

if TYPE_CHECKING:
    from vsla_desktop.domain.currencies import Currency

__all__ = [
    "CENT",
    "MOST_AMOUNT",
    "WORD_LANGUAGES",
    "ZERO",
    "amount_in_words",
    "check_amount",
    "format_amount",
    "number_marks",
    "parse_amount",
    "parse_count",
    "plain_amount",
    "round_down_to",
    "round_to",
]

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
"""The smallest step of an amount in the books."""
MOST_AMOUNT = Decimal("9999999999.99")
"""The largest amount that any money column can hold."""

_MARKS: dict[str, tuple[str, str]] = {
    "am": (",", "."),
    "en": (",", "."),
    "fr": (" ", ","),
    "pt": (" ", ","),
    "sw": (",", "."),
}

LONGEST_TEXT = 100
"""Characters; nothing longer is an amount."""

ARABIC_DECIMAL = "\N{ARABIC DECIMAL SEPARATOR}"
ARABIC_THOUSANDS = "\N{ARABIC THOUSANDS SEPARATOR}"

# What stands for one mark, whichever keyboard wrote it. A space, an apostrophe and a low line only
# ever group; a point and a comma may group or be decimal; "!" stands for the Arabic decimal mark.
_ALIKE = {
    **dict.fromkeys("'\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}", "'"),
    **dict.fromkeys("\N{MODIFIER LETTER APOSTROPHE}\N{FULLWIDTH APOSTROPHE}", "'"),
    "_": "_",
    ARABIC_THOUSANDS: "'",
    ARABIC_DECIMAL: "!",
    **dict.fromkeys(".\N{FULLWIDTH FULL STOP}", "."),
    **dict.fromkeys(",\N{FULLWIDTH COMMA}\N{ARABIC COMMA}", ","),
    **dict.fromkeys("+\N{FULLWIDTH PLUS SIGN}", "+"),
    **dict.fromkeys("-\N{MINUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}", "-"),
    **dict.fromkeys("*\N{MULTIPLICATION SIGN}\N{FULLWIDTH ASTERISK}", "*"),
}
# Marks that only tell a screen which way to write; they change no digit.
_UNSEEN = frozenset("\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}\N{ARABIC LETTER MARK}")
_WHOLE_AMOUNT_SIGN = re.compile(r"\s*/[=-]$")  # 5,000/= as written in East Africa and India

_THREES = re.compile(r"[1-9]\d{0,2}(?:([ '_.,])\d{3})(?:\1\d{3})*")
_INDIAN = re.compile(r"[1-9]\d?(?:([ '_.,])\d{2})(?:\1\d{2})*\1\d{3}")
_DECIMAL = re.compile(r"(?P<whole>\d[\d '_.,]*)(?P<mark>[.,!])(?P<part>\d+)")


def number_marks(language: str) -> tuple[str, str]:
    """Return the mark between groups of three digits and the decimal mark of a language.

    A language whose countries differ, or that is not known, gets a space and a point.
    """
    return _MARKS.get(language.replace("-", "_").split("_")[0].lower(), (" ", "."))


def format_amount(
    amount: Decimal,
    currency: Currency,
    *,
    grouping: str = " ",
    decimal_mark: str = ".",
    zero: str = "\N{MIDDLE DOT}",
) -> str:
    """Write an amount with the decimals of its currency, at most two; zero as ``zero``.

    Decimals that the currency should not have are shown all the same: no money is ever hidden by
    the way it is written. ``zero=""`` leaves nought empty; ``zero="0"`` writes it.
    """
    if not amount:
        return zero
    digits = max(currency.booked_digits, _digits(amount))
    text = f"{amount:,.{digits}f}".replace(",", "\0").replace(".", decimal_mark)
    return text.replace("\0", grouping)


def plain_amount(amount: Decimal) -> str:
    """Write an amount for a sentence where the currency is not at hand: 60 000 or 12.50."""
    return f"{amount:,.{_digits(amount)}f}".replace(",", " ")


def _digits(amount: Decimal) -> int:
    """Return the decimals that it takes to write an amount: none, or two, or more."""
    exponent = amount.normalize().as_tuple().exponent
    if not isinstance(exponent, int):
        message = f"{amount} is not an amount"
        raise TypeError(message)
    return max(2, -exponent) if exponent < 0 else 0


def round_down_to(amount: Decimal, unit: Decimal) -> Decimal:
    """Return the largest multiple of ``unit`` that is not above ``amount``."""
    return (amount / _positive(unit)).to_integral_value(ROUND_FLOOR) * unit


def round_to(amount: Decimal, unit: Decimal) -> Decimal:
    """Return the multiple of ``unit`` nearest to ``amount``; halves go away from nought."""
    return (amount / _positive(unit)).to_integral_value(ROUND_HALF_UP) * unit


def _positive(unit: Decimal) -> Decimal:
    if unit <= 0:
        message = f"a unit of {unit} rounds nothing"
        raise ValueError(message)
    return unit


def check_amount(
    amount: Decimal, currency: Currency, *, field: str = "amount", zero_allowed: bool = False
) -> Decimal:
    """Return ``amount`` if it can be booked in this currency; raise :class:`RuleBroken` if not.

    It must be above nought (or nought, when ``zero_allowed``), have no more decimals than the
    currency has in the books, and fit a money column.
    """
    if not amount.is_finite():
        raise RuleBroken("Enter an amount.", field=field)
    if amount < 0:
        raise RuleBroken("Enter an amount above 0.", field=field)
    if amount == 0 and not zero_allowed:
        raise RuleBroken("Enter an amount above 0.", field=field)
    if amount > MOST_AMOUNT:
        raise RuleBroken(
            "Enter at most {most}.",
            hint="This amount is too large.",
            field=field,
            most=plain_amount(round_down_to(MOST_AMOUNT, currency.step)),
        )
    if amount % currency.step:
        if currency.digits == 0:
            raise RuleBroken(
                "Enter whole {code} only.",
                hint="This currency has no decimals.",
                field=field,
                code=currency.code,
            )
        raise RuleBroken(
            "Enter whole multiples of {step} {code} only.",
            hint="The books keep two decimals.",
            field=field,
            step=str(currency.step),
            code=currency.code,
        )
    return amount


def parse_amount(text: str, currency: Currency, *, field: str = "amount") -> Decimal:
    """Return the amount that a person typed, exact, never negative; nought is allowed.

    Simple sums of amounts (``3*2000+500``) are worked out. Raise :class:`RuleBroken` for a text
    that is empty, no amount, ambiguous (the sentence says both readings), negative, too large, or
    finer than the books keep.
    """
    signs = _signs(text, field)
    with localcontext(prec=4 * LONGEST_TEXT):  # exact, however many factors
        terms: list[Decimal] = []
        for operator, operand in _operands(signs, text, field):
            number = _number(operand, currency, text, field)
            if operator == "*":
                terms[-1] *= number
            else:
                terms.append(-number if operator == "-" else number)
        total = sum(terms, Decimal(0))
    if total < 0:
        raise RuleBroken("Enter an amount above 0.", field=field)
    return check_amount(total, currency, field=field, zero_allowed=True)


def parse_count(text: str, most: int, *, field: str = "count") -> int:
    """Return a small whole number that a person typed, such as a number of shares.

    Raise :class:`RuleBroken` when it is empty, no whole number, or more than ``most``.
    """
    signs = _signs(text, field)
    if not signs.isdecimal():
        raise RuleBroken(
            "Enter a whole number, such as 3.", field=field, text=_quoted(text), most=most
        )
    count = int(signs)
    if count > most:
        raise RuleBroken("Enter at most {most}.", field=field, most=most)
    return count


def _signs(text: str, field: str) -> str:
    """Return the text in ASCII: one sign for everything that means the same."""
    if len(text) > LONGEST_TEXT:
        raise RuleBroken("Enter a shorter number.", field=field)
    signs = []
    for character in text:
        if character in _UNSEEN:
            continue
        digit = unicodedata.decimal(character, None)
        if digit is not None:
            signs.append(str(digit))
        elif unicodedata.category(character) == "Zs" or character == "\t":
            signs.append(" ")
        else:
            signs.append(_ALIKE.get(character, character))
    found = _WHOLE_AMOUNT_SIGN.sub("", "".join(signs).strip())
    if not found:
        raise RuleBroken("Enter a number.", field=field)
    return found


def _operands(signs: str, text: str, field: str) -> list[tuple[str, str]]:
    """Return the numbers of a sum, each with the operator before it; the first has none."""
    if re.search(r"[^\d '_.,!+*-]", signs):
        raise _no_amount(text, field)
    pieces = re.split(r"([+*-])", signs)
    if pieces[0].strip() == "" and pieces[1] == "-":
        raise RuleBroken("Enter an amount above 0.", field=field)
    operands = [piece.strip() for piece in pieces[0::2]]
    if not all(operands):
        raise _no_amount(text, field)
    return list(zip(["", *pieces[1::2]], operands, strict=True))


def _number(signs: str, currency: Currency, text: str, field: str) -> Decimal:
    """Return one number; the readings that the rules allow must be exactly one."""
    readings = {
        reading
        for reading in (_grouped(signs), _with_decimals(signs, currency))
        if reading is not None
    }
    if len(readings) == 1:
        return readings.pop()
    # Allowed by both rules, or by neither: what might the person have meant?
    found = _DECIMAL.fullmatch(signs)
    bare = re.sub(r"\D", "", signs)
    if found is None or not bare:
        raise _no_amount(text, field)
    whole = re.sub(r"\D", "", found["whole"])
    raise RuleBroken(
        "{text} could mean {one} or {other}.",
        hint="Write it without marks between the digits."
        if currency.digits == 0
        else "Write it without marks, or with two decimals.",
        field=field,
        text=_quoted(text),
        one=f"{plain_amount(Decimal(whole))}.{found['part']}",
        other=plain_amount(Decimal(bare)),
    )


def _grouped(signs: str) -> Decimal | None:
    """Read every mark as grouping: in threes, or as in India, with one kind of mark."""
    if signs.isdecimal() or _THREES.fullmatch(signs) or _INDIAN.fullmatch(signs):
        return Decimal(re.sub(r"\D", "", signs))
    return None


def _with_decimals(signs: str, currency: Currency) -> Decimal | None:
    """Read the last mark as decimal, if just as many digits follow as the currency has.

    Currencies of three decimals may also be written with the two that the books keep.
    """
    found = _DECIMAL.fullmatch(signs)
    if found is None or len(found["part"]) not in {currency.digits, currency.booked_digits}:
        return None
    if found["mark"] in found["whole"]:
        return None
    whole = _grouped(found["whole"])
    return None if whole is None else whole + Decimal(f"0.{found['part']}")


def _no_amount(text: str, field: str) -> RuleBroken:
    return RuleBroken(
        "{text} is not an amount.",
        hint="Use digits only, such as 2500.",
        field=field,
        text=_quoted(text),
    )


def _quoted(text: str) -> str:
    """Return what was typed, short and printable, to be shown in a sentence."""
    shown = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return shown.strip()[:30]
