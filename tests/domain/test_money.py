# ruff: noqa: RUF001 - digits and marks of other scripts are what is read here
from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.domain.strategies import amounts, bookable, currencies, units
from vsla_desktop.domain.currencies import CURRENCIES, Currency, currency
from vsla_desktop.domain.money import (
    LONGEST_TEXT,
    MOST_AMOUNT,
    check_amount,
    format_amount,
    number_marks,
    parse_amount,
    parse_count,
    plain_amount,
    round_down_to,
    round_to,
)
from vsla_desktop.errors import RuleBroken

UGX, KES, TND = currency("UGX"), currency("KES"), currency("TND")
ZEROS = [
    character
    for character in map(chr, range(0x20000))
    if unicodedata.category(character) == "Nd" and unicodedata.decimal(character) == 0
]


def refused(text: str, money: Currency) -> RuleBroken:
    with pytest.raises(RuleBroken) as caught:
        parse_amount(text, money, field="cell")
    assert caught.value.field == "cell"
    assert str(caught.value)
    return caught.value


# --- Reading what people type


@given(bookable(), st.sampled_from(["", " ", ",", ".", "'", "_"]), st.sampled_from(".,"))
def test_what_we_write_is_read_back_the_same(
    written: tuple[Decimal, Currency], grouping: str, mark: str
) -> None:
    amount, money = written
    if grouping == mark:
        grouping = " "
    text = format_amount(amount, money, grouping=grouping, decimal_mark=mark, zero="0")
    assert parse_amount(text, money) == amount


@given(bookable(), st.sampled_from(ZEROS))
def test_digits_of_every_script_are_read(written: tuple[Decimal, Currency], zero: str) -> None:
    amount, money = written
    text = format_amount(amount, money, grouping="", zero="0")
    foreign = "".join(chr(ord(zero) + int(each)) if each.isdecimal() else each for each in text)
    assert parse_amount(foreign, money) == amount


@given(st.text(max_size=20), currencies)
@example("1" * 5000, UGX)
@example("²", UGX)
@example("-", UGX)
@example("!", KES)
def test_any_text_is_an_amount_of_the_currency_or_a_sentence(text: str, money: Currency) -> None:
    try:
        amount = parse_amount(text, money)
    except RuleBroken as problem:
        assert str(problem).strip()  # noqa: PT017 - most texts are no amounts
    else:
        assert check_amount(amount, money, zero_allowed=True) == amount


@given(st.text("0123456789., '_", min_size=1, max_size=14), currencies)
def test_the_digits_read_are_the_digits_typed(text: str, money: Currency) -> None:
    """No mark ever makes a digit appear or vanish; it only groups, or begins the decimals."""
    try:
        amount = parse_amount(text, money)
    except RuleBroken:
        return
    typed = "".join(each for each in text if each.isdecimal())
    shown = [f"{amount:.{places}f}".replace(".", "") for places in range(4)]
    assert typed.lstrip("0") in [each.lstrip("0") for each in shown]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", "0"),
        ("007", "7"),
        (" 2500 ", "2500"),
        ("2,500", "2500"),
        ("2.500", "2500"),
        ("1 500 000", "1500000"),
        ("1\u00a0500\u202f000", "1500000"),
        ("1'500'000", "1500000"),
        ("1\u2019500", "1500"),
        ("1_500", "1500"),
        ("12,34,567", "1234567"),
        ("5,000/=", "5000"),
        ("5000 /-", "5000"),
        ("٢٥٠٠", "2500"),
        ("\u200f٢٬٥٠٠", "2500"),
        ("३०००", "3000"),
        ("３，０００", "3000"),
        ("3*2000+500", "6500"),
        ("3×2 000 − 500", "5500"),
        ("500+2*3*10", "560"),
        ("10-5-5", "0"),
    ],
)
def test_a_currency_without_decimals(text: str, amount: str) -> None:
    assert parse_amount(text, UGX) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12.50", "12.50"),
        ("12,50", "12.50"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("12,34,567.50", "1234567.50"),
        ("1.500", "1500"),
        ("0.50", "0.50"),
        ("٣٫٥٠", "3.50"),
        ("١٬٢٣٤٫٥٠", "1234.50"),
        ("3*12.50", "37.50"),
        ("0.50*0.50", "0.25"),
        ("9999999999.99", "9999999999.99"),
    ],
)
def test_a_currency_of_two_decimals(text: str, amount: str) -> None:
    assert parse_amount(text, KES) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.25", "1.25"),
        ("1,234.560", "1234.56"),
        ("1234.560", "1234.56"),
        ("0,250", "0.25"),
        ("1 500", "1500"),
        ("1.234.500", "1234500"),
    ],
)
def test_a_currency_of_three_decimals(text: str, amount: str) -> None:
    assert parse_amount(text, TND) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "money", "one", "other"),
    [
        ("1.5", UGX, "1.5", "15"),
        ("1,50", UGX, "1.50", "150"),
        ("1,500.00", UGX, "1 500.00", "150 000"),
        ("0.500", UGX, "0.500", "500"),
        ("1.5", KES, "1.5", "15"),
        ("1,5", KES, "1.5", "15"),
        ("0.500", KES, "0.500", "500"),
        ("1,234,50", KES, "1 234.50", "123 450"),
        ("1.234,567", KES, "1 234.567", "1 234 567"),
        ("1.500", TND, "1.500", "1 500"),
        ("12,345", TND, "12.345", "12 345"),
    ],
)
def test_the_ambiguous_is_refused_with_both_readings(
    text: str, money: Currency, one: str, other: str
) -> None:
    assert f"{text} could mean {one} or {other}." in str(refused(text, money))


@pytest.mark.parametrize("text", ["", "  ", "\u200f", "/="])
def test_nothing_is_refused(text: str) -> None:
    assert str(refused(text, UGX)) == "Enter a number."


@pytest.mark.parametrize("text", ["-5", "5-8", "\u22125", "-"])
def test_below_nought_is_refused(text: str) -> None:
    assert "above 0" in str(refused(text, UGX))


@pytest.mark.parametrize(
    "text",
    [
        *("abc", "5a", "1e5", "NaN", "Infinity", "0x10", "5%", "UGX 5", "²", "½", "Ⅳ", "1\n2"),
        *("+5", "5+", "5++5", "5*", "5**2", "5/2", "(5)", "1 50", "500.", ".50", ",", "1,,000"),
        *("1 000,00 0", "\U0001f600", "\u202e5", "1\x000"),
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    for money in (UGX, KES, TND):
        refused(text, money)


def test_a_sentence_never_repeats_what_can_not_be_seen() -> None:
    assert "\ufffd" in str(refused("\u202e12", UGX))


@pytest.mark.parametrize(
    ("text", "money", "sentence"),
    [
        ("10000000000", UGX, "Enter at most 9 999 999 999."),
        ("10000000000", KES, "Enter at most 9 999 999 999.99."),
        ("9" * 60 + "-" + "9" * 30, KES, "Enter at most"),
        ("1" * (LONGEST_TEXT + 1), UGX, "Enter a shorter number."),
        ("1.234.500,255", TND, "Enter whole multiples of 0.01 TND only."),
        ("0.25*0.25", KES, "Enter whole multiples of 0.01 KES only."),
    ],
)
def test_what_no_book_can_hold_is_refused(text: str, money: Currency, sentence: str) -> None:
    assert sentence in str(refused(text, money))


def test_long_sums_stay_exact() -> None:
    assert parse_amount(f"{'9' * 40}+1-{'9' * 40}", UGX) == 1


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_a_sum_is_its_sum(numbers: list[int]) -> None:
    assert parse_amount("+".join(map(str, numbers)), UGX) == sum(numbers)


# --- Counts


@given(st.integers(0, 500), st.integers(0, 500), st.sampled_from(ZEROS))
def test_a_count_is_read_up_to_the_most(count: int, most: int, zero: str) -> None:
    text = "".join(chr(ord(zero) + int(each)) for each in str(count))
    if count <= most:
        assert parse_count(f" {text} ", most) == count
    else:
        with pytest.raises(RuleBroken, match=f"Enter at most {most}"):
            parse_count(text, most)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1,0", "a", "²", "1 0", "1" * 101])
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        parse_count(text, 5, field="shares")
    assert caught.value.field == "shares"


# --- Writing


def test_amounts_are_written_by_their_currency() -> None:
    assert format_amount(Decimal("1250000.00"), UGX) == "1 250 000"
    assert format_amount(Decimal(1250), KES) == "1 250.00"
    assert format_amount(Decimal("-1250.5"), KES, grouping=".", decimal_mark=",") == "-1.250,50"
    assert format_amount(Decimal("1.25"), TND) == "1.25"
    assert format_amount(Decimal(0), UGX) == "·"
    assert format_amount(Decimal("0.00"), UGX, zero="0") == "0"


def test_no_money_is_hidden_by_writing_it() -> None:
    assert format_amount(Decimal("0.5"), UGX) == "0.50"
    assert format_amount(Decimal("0.005"), KES) == "0.005"


def test_plain_amounts_have_two_decimals_or_none() -> None:
    assert plain_amount(Decimal("60000.00")) == "60 000"
    assert plain_amount(Decimal("12.5")) == "12.50"
    assert plain_amount(Decimal("1E+3")) == "1 000"


def test_what_is_no_number_is_not_written() -> None:
    with pytest.raises(TypeError, match="NaN"):
        plain_amount(Decimal("NaN"))


@pytest.mark.parametrize(
    ("language", "marks"),
    [("en", (",", ".")), ("en-UG", (",", ".")), ("fr_CI", (" ", ",")), ("xx", (" ", "."))],
)
def test_languages_have_their_marks(language: str, marks: tuple[str, str]) -> None:
    assert number_marks(language) == marks


# --- Rounding and checking


@given(amounts(KES), units)
def test_rounding_down_leaves_less_than_a_unit(amount: Decimal, unit: Decimal) -> None:
    rounded = round_down_to(amount, unit)
    assert rounded % unit == 0
    assert 0 <= amount - rounded < unit


@given(amounts(KES), units)
def test_rounding_moves_by_half_a_unit_at_most(amount: Decimal, unit: Decimal) -> None:
    rounded = round_to(amount, unit)
    assert rounded % unit == 0
    assert abs(amount - rounded) * 2 <= unit


def test_halves_are_rounded_up() -> None:
    assert round_to(Decimal("0.005"), Decimal("0.01")) == Decimal("0.01")
    assert round_to(Decimal(25), Decimal(50)) == 50


def test_a_unit_of_nothing_is_our_fault() -> None:
    for rounding in (round_to, round_down_to):
        with pytest.raises(ValueError, match="rounds nothing"):
            rounding(Decimal(1), Decimal(0))


@given(bookable())
def test_every_bookable_amount_above_nought_passes(written: tuple[Decimal, Currency]) -> None:
    amount, money = written
    assert check_amount(amount, money, zero_allowed=True) == amount
    if amount:
        assert check_amount(amount, money) == amount


@pytest.mark.parametrize(
    ("amount", "code", "sentence"),
    [
        ("0", "UGX", "Enter an amount above 0."),
        ("-1", "UGX", "Enter an amount above 0."),
        ("NaN", "UGX", "Enter an amount."),
        ("Infinity", "UGX", "Enter an amount."),
        ("0.5", "UGX", "Enter whole UGX only."),
        ("0.001", "KES", "Enter whole multiples of 0.01 KES only."),
        ("0.005", "JOD", "Enter whole multiples of 0.01 JOD only."),
        (str(MOST_AMOUNT + 1), "KES", "Enter at most 9 999 999 999.99."),
    ],
)
def test_what_can_not_be_booked_is_refused(amount: str, code: str, sentence: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        check_amount(Decimal(amount), CURRENCIES[code], field="cell")
    assert str(caught.value).startswith(sentence)
    assert caught.value.field == "cell"


def test_below_nought_is_refused_even_where_nought_is_allowed() -> None:
    with pytest.raises(RuleBroken):
        check_amount(Decimal(-1), UGX, zero_allowed=True)
