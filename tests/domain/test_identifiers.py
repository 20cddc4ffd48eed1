# ruff: noqa: RUF001 - names and digits of every script are what is read here
from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vsla_desktop.domain.identifiers import (
    check_email,
    check_group_code,
    check_name,
    check_phone_number,
)
from vsla_desktop.errors import RuleBroken


@pytest.mark.parametrize(
    "name",
    [
        "Amina",
        "Nakato Okello",
        "N'Golo",
        "Ng\u2019ang\u2019a",
        "Anne-Marie",
        "J. K. (Mama Ali)",
        "Amina 2",
        "አለሙ",
        "محمد",
        "ង៉ែត",
        "श्रीमती",
        "ක්\u200dරිෂ්ණා",
        "می\u200cخواهم",
        "Nguyễn Thị Hồng",
        "O`Brien",
        "བསོད་ནམས",
        "ꯃꯤꯇꯩ",
        "Ọ̀ṣun",
    ],
)
def test_names_of_every_script_are_kept(name: str) -> None:
    assert check_name(f"  {name}\u00a0") == unicodedata.normalize("NFC", name)


def test_names_are_composed_and_their_spaces_single() -> None:
    assert check_name("Jose\u0301 \u00a0 Luis") == "José Luis"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Amina \U0001f600",
            "\U0001f469\u200d\U0001f33e Amina",
            "\u2764\ufe0f",
            "1\ufe0f\u20e3 A",
        ),
        *("A\u203c", "A\u3030", "\U0001f1fa\U0001f1ec", "A\U0001f3fd", "Amina™", "=1+1", "<b>A"),
        *(
            "Amina\x00",
            "Ami\nna",
            "Ami\tna",
            "Ami\u202ena",
            "Ami\u200bna",
            "\u2066Amina",
            "\ue000A",
        ),
        *("\u200dA", "A \u200d", "A\ud800", "A\u2028B", "\ufeffAmina", "12", "...", "\u0301"),
    ],
)
def test_what_is_no_writing_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        check_name(text, field="last_name")
    assert caught.value.field == "last_name"


@pytest.mark.parametrize("text", ["", "   ", "\u00a0"])
def test_a_name_is_needed(text: str) -> None:
    with pytest.raises(RuleBroken, match="Enter a name"):
        check_name(text)


def test_a_name_has_a_hundred_characters_at_most() -> None:
    assert check_name("a" * 100) == "a" * 100
    assert len(check_name("e\u0301" * 100)) == 100
    with pytest.raises(RuleBroken, match=r"at most 100 characters\. This name has 300"):
        check_name("a" * 300)
    with pytest.raises(RuleBroken, match="at most 255"):
        check_name("a" * 256, most=255)


@given(st.text(max_size=120))
@example("\u200d")
@example("A\u00a0B")
@example("A \n")
def test_a_name_that_passes_passes_again_unchanged(text: str) -> None:
    try:
        name = check_name(text)
    except RuleBroken:
        return
    assert check_name(name) == name
    assert 1 <= len(name) <= 100
    assert name == name.strip() == unicodedata.normalize("NFC", name)
    assert name.isprintable() or "\u200c" in name or "\u200d" in name
    assert "  " not in name


# --- Phone numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (" 0772 123456 ", "0772 123456"),
        ("+256 772-123-456", "+256 772 123 456"),
        ("+ 256(772)123.456", "+256 772 123 456"),
        ("٠٧٧٢١٢٣٤٥٦", "0772123456"),
        ("\u202a+256772123456\u202c", "+256772123456"),
        ("＋256772123456", "+256772123456"),
        ("1 2 3 4 5 6 7 8 9 0 1 2 3", "1234567890123"),
        ("112", "112"),
    ],
)
def test_phone_numbers_as_people_write_them(text: str, number: str) -> None:
    assert check_phone_number(text) == number


@pytest.mark.parametrize(
    "text", ["", "12", "call me", "0772x123456", "++256772", "07+72123", "+", "1234567890123456"]
)
def test_what_is_no_phone_number_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        check_phone_number(text)
    assert caught.value.field == "phone_number"


@given(st.text("0123456789+ -()", max_size=25))
def test_a_phone_number_that_passes_fits_and_passes_again(text: str) -> None:
    try:
        number = check_phone_number(text)
    except RuleBroken:
        return
    assert len(number) <= 20
    assert check_phone_number(number) == number


# --- Group codes


@pytest.mark.parametrize(
    ("text", "code"),
    [(" mbr-014 ", "MBR-014"), ("UG/KLA/07", "UG/KLA/07"), ("７", "7"), ("A_1.2", "A_1.2")],
)
def test_group_codes(text: str, code: str) -> None:
    assert check_group_code(text) == code


@pytest.mark.parametrize(
    "text", ["", " ", "A B", "-A", "A-", "../..", "É1", "A" * 51, "A\n1", "=1", "group;1"]
)
def test_what_is_no_group_code_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        check_group_code(text)
    assert caught.value.field == "group_code"


# --- E-mail


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Amina@Example.ORG ", "Amina@example.org"),
        ("a.b+c@mail.co.ug", "a.b+c@mail.co.ug"),
        ("ami\u0301na@bücher.example", "amína@bücher.example"),
    ],
)
def test_email_addresses(text: str, address: str) -> None:
    assert check_email(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *("", "amina", "amina@", "@example.org", "a@b", "a b@c.org", "a@b@c.org", "a@b..org"),
        *(".a@b.org", "a@b.o", "a@b\u200b.org", "<a@b.org>", f"{'a' * 120}@example.org"),
    ],
)
def test_what_is_no_email_address_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        check_email(text)
    assert caught.value.field == "email"
