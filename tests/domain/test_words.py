from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.domain.money import WORD_LANGUAGES, amount_in_words

most = 10**12 - 1


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "zero"),
        ("7", "seven"),
        ("19", "nineteen"),
        ("40", "forty"),
        ("71", "seventy-one"),
        ("100", "one hundred"),
        ("245", "two hundred and forty-five"),
        ("1005", "one thousand and five"),
        ("60000", "sixty thousand"),
        ("1250000", "one million two hundred and fifty thousand"),
        ("3000000200", "three billion two hundred"),
        ("12.50", "twelve and fifty hundredths"),
        ("0.01", "zero and one hundredth"),
    ],
)
def test_english(amount: str, words: str) -> None:
    assert amount_in_words(Decimal(amount), "en") == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "zéro"),
        ("16", "seize"),
        ("21", "vingt et un"),
        ("22", "vingt-deux"),
        ("70", "soixante-dix"),
        ("71", "soixante et onze"),
        ("77", "soixante-dix-sept"),
        ("80", "quatre-vingts"),
        ("81", "quatre-vingt-un"),
        ("91", "quatre-vingt-onze"),
        ("99", "quatre-vingt-dix-neuf"),
        ("100", "cent"),
        ("180", "cent quatre-vingts"),
        ("200", "deux cents"),
        ("201", "deux cent un"),
        ("1000", "mille"),
        ("2000", "deux mille"),
        ("80000", "quatre-vingt mille"),
        ("200000", "deux cent mille"),
        ("200000000", "deux cents millions"),
        ("1000001", "un million un"),
        ("9000000000", "neuf milliards"),
        ("12.50", "douze et cinquante centièmes"),
        ("1.01", "un et un centième"),
    ],
)
def test_french(amount: str, words: str) -> None:
    assert amount_in_words(Decimal(amount), "fr_CI") == words


@given(st.integers(0, most), st.integers(0, most), st.sampled_from(WORD_LANGUAGES))
def test_two_amounts_never_share_their_words(one: int, other: int, language: str) -> None:
    first, second = (amount_in_words(Decimal(each).scaleb(-2), language) for each in (one, other))
    assert (first == second) == (one == other)


def test_every_small_amount_has_words_of_its_own() -> None:
    for language in WORD_LANGUAGES:
        assert len({amount_in_words(Decimal(each), language) for each in range(3000)}) == 3000


def test_other_languages_print_nothing() -> None:
    assert amount_in_words(Decimal(5), "sw") == ""


@pytest.mark.parametrize("amount", ["-1", "0.001"])
def test_what_the_books_never_hold_has_no_words(amount: str) -> None:
    with pytest.raises(ValueError, match="can not be written"):
        amount_in_words(Decimal(amount), "en")
