from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given

from tests.domain.strategies import currencies
from vsla_desktop.domain.currencies import CURRENCIES, Currency, currency, currency_of_country
from vsla_desktop.domain.money import check_amount
from vsla_desktop.errors import RuleBroken


@given(currencies)
def test_every_piece_of_a_currency_is_an_amount_of_it_and_larger_come_first(
    money: Currency,
) -> None:
    pieces = money.denominations
    assert list(pieces) == sorted(set(pieces), reverse=True)
    for piece in pieces:
        assert check_amount(piece, money) == piece
    assert money.smallest_piece == min(pieces)


def test_the_books_keep_no_more_than_hundredths() -> None:
    assert {(each.digits, each.step) for each in CURRENCIES.values()} == {
        (0, Decimal(1)),
        (2, Decimal("0.01")),
        (3, Decimal("0.01")),
    }


def test_a_code_is_found_in_any_case() -> None:
    assert currency(" ugx ") is CURRENCIES["UGX"]
    assert currency("KES").digits == 2
    assert currency("TND").digits == 3


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(RuleBroken, match="We do not know the currency XYZ") as caught:
        currency("xyz".upper())
    assert caught.value.field == "currency"


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("Uganda", "UGX"),
        ("  rwanda ", "RWF"),
        ("TZ", "TZS"),
        ("Côte d\u2019Ivoire", "XOF"),
        ("Democratic  Republic of the Congo", "CDF"),
        ("India", "INR"),
    ],
)
def test_a_country_proposes_its_currency(country: str, code: str) -> None:
    assert currency_of_country(country) is CURRENCIES[code]


def test_an_unknown_country_proposes_nothing() -> None:
    assert currency_of_country("Atlantis") is None
