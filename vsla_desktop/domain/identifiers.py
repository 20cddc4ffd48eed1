"""What people and groups are called: names, phone numbers, group codes, e-mail addresses.

Names of every script are kept as they are written. What can not be seen, or is no writing, is
refused with a sentence. See docs/rules.md#identifiers.
"""

from __future__ import annotations

import re
import unicodedata

from vsla_desktop.errors import RuleBroken

LONGEST_NAME = 100
LONGEST_PHONE_NUMBER = 20
LONGEST_GROUP_CODE = 50
LONGEST_EMAIL = 128
FEWEST_PHONE_DIGITS, MOST_PHONE_DIGITS = 3, 15

# Joiners that many scripts need inside a word: Devanagari, Bangla, Sinhala, Persian, Khmer …
_JOINERS = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")
# Letters, marks, digits and letter-like numerals, punctuation, spaces; two accents typed as such.
_WRITING = frozenset({"Nd", "Nl", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Zs"})
_TYPED_ACCENTS = frozenset("`\N{ACUTE ACCENT}")
# Punctuation and marks that only make pictures.
_PICTURES = frozenset(
    "\N{DOUBLE EXCLAMATION MARK}\N{EXCLAMATION QUESTION MARK}\N{WAVY DASH}"
    "\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}"
)


def check_name(text: str, *, field: str = "first_name", most: int = LONGEST_NAME) -> str:
    """Return a person's or a thing's name, trimmed and composed (NFC); raise RuleBroken if none.

    It has 1 to ``most`` characters, one of them a letter; spaces of every kind become single ones.
    """
    composed = unicodedata.normalize("NFC", text)
    spaced = (" " if unicodedata.category(each) == "Zs" else each for each in composed)
    name = re.sub(" +", " ", "".join(spaced)).strip(" ")
    if not name:
        raise RuleBroken("Enter a name.", field=field)
    if len(name) > most:
        raise RuleBroken(
            "Enter at most {most} characters.",
            hint="This name has {count}.",
            field=field,
            most=most,
            count=len(name),
        )
    for position, character in enumerate(name):
        _check_character(character, name[position - 1 : position], field)
    if not any(unicodedata.category(character)[0] == "L" for character in name):
        raise RuleBroken("Enter a name with letters.", field=field)
    return name


def _check_character(character: str, before: str, field: str) -> None:
    category = unicodedata.category(character)
    if character in _JOINERS and before and unicodedata.category(before)[0] in "LM":
        return
    if category in {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}:
        raise RuleBroken(
            "Remove the hidden character.",
            hint="Type the name again; do not paste it.",
            field=field,
            code=f"U+{ord(character):04X}",
        )
    known = category in _WRITING or category[0] in "LM" or character in _TYPED_ACCENTS
    if character in _PICTURES or not known:
        raise RuleBroken(
            "Use letters only, without {character}.",
            hint="Pictures and signs are not names.",
            field=field,
            character=character,
        )


def check_phone_number(text: str, *, field: str = "phone_number") -> str:
    """Return a phone number in ASCII digits with single spaces, and its plus sign if it has one.

    Digits of any script are taken; hyphens, points and brackets become spaces. Raise
    :class:`RuleBroken` unless 3 to 15 digits are left, in at most 20 characters.
    """
    signs = []
    for character in text:
        digit = unicodedata.decimal(character, None)
        category = unicodedata.category(character)
        if digit is not None:
            signs.append(str(digit))
        elif category in {"Zs", "Pd"} or character in ".()/\N{MINUS SIGN}":
            signs.append(" ")
        elif category != "Cf":
            signs.append("+" if character == "\N{FULLWIDTH PLUS SIGN}" else character)
    number = re.sub(r"^\+ ", "+", " ".join("".join(signs).split()))
    digits_count = sum(sign.isdecimal() for sign in number)
    if not re.fullmatch(r"\+?\d[\d ]*", number) or digits_count < FEWEST_PHONE_DIGITS:
        raise RuleBroken(
            "Enter a phone number.", hint="Use digits, such as 0772 123456.", field=field
        )
    if digits_count > MOST_PHONE_DIGITS:
        raise RuleBroken("Enter at most {most} digits.", field=field, most=MOST_PHONE_DIGITS)
    return number if len(number) <= LONGEST_PHONE_NUMBER else number.replace(" ", "")


def check_group_code(text: str, *, field: str = "group_code") -> str:
    """Return a group code: 1 to 50 of A-Z, 0-9, hyphen, low line, slash and point; no spaces.

    It stands in file names and on slips, so it is plain ASCII and in capitals.
    """
    code = unicodedata.normalize("NFKC", text).strip().upper()
    if not code:
        raise RuleBroken("Enter a group code.", field=field)
    if len(code) > LONGEST_GROUP_CODE:
        raise RuleBroken("Enter at most {most} characters.", field=field, most=LONGEST_GROUP_CODE)
    if not re.fullmatch(r"[A-Z0-9](?:[A-Z0-9._/-]*[A-Z0-9])?", code):
        raise RuleBroken(
            "Use letters, digits and hyphens only.", hint="For example MBR-014.", field=field
        )
    return code


def check_email(text: str, *, field: str = "email") -> str:
    """Return an e-mail address, trimmed, its domain in small letters; raise RuleBroken if none."""
    address = unicodedata.normalize("NFC", text).strip()
    local, at, domain = address.rpartition("@")
    shape = re.fullmatch(
        r"[^\s@\"<>(),;:\\]+@[^\s@\"<>(),;:\\_]+\.[^\s@.\"<>(),;:\\_]{2,}", address
    )
    hidden = any(unicodedata.category(character)[0] == "C" for character in address)
    if shape is None or hidden or ".." in address or address.startswith("."):
        raise RuleBroken(
            "Enter an e-mail address.", hint="For example amina@example.org.", field=field
        )
    if len(address) > LONGEST_EMAIL:
        raise RuleBroken("Enter at most {most} characters.", field=field, most=LONGEST_EMAIL)
    return f"{local}{at}{domain.lower()}"
