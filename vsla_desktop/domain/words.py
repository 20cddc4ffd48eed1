"""Amounts in words, for loans, share-outs and receipts: a figure that nobody can add a digit to.

See docs/rules.md#words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

WORD_LANGUAGES = ("en", "fr")
"""The languages in which amounts can be written in words."""

# Nought to nineteen, then the tens from twenty on.
_EN = """zero one two three four five six seven eight nine
ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
twenty thirty forty fifty sixty seventy eighty ninety"""
_FR = """zéro un deux trois quatre cinq six sept huit neuf
dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf
vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt"""
_EN_WORDS, _FR_WORDS = _EN.split(), _FR.split()

_THOUSAND, _MILLION, _BILLION = 10**3, 10**6, 10**9


def amount_in_words(amount: Decimal, language: str) -> str:
    """Write an amount in words: the whole, then the hundredths if there are any.

    Return an empty text for a language that is not in :data:`WORD_LANGUAGES`, so that nothing is
    printed rather than a mixture. Raise :class:`ValueError` for an amount that is negative or finer
    than hundredths, which the books never hold.
    """
    hundredths = amount * 100
    if amount < 0 or hundredths != hundredths.to_integral_value():
        message = f"{amount} can not be written in words"
        raise ValueError(message)
    whole, part = divmod(int(hundredths), 100)
    match language.replace("-", "_").split("_")[0]:
        case "en":
            return _joined(whole, part, english, " and ", ("hundredth", "hundredths"))
        case "fr":
            return _joined(whole, part, french, " et ", ("centième", "centièmes"))
        case _:
            return ""


def _joined(
    whole: int, part: int, words: Callable[[int], str], joint: str, names: tuple[str, str]
) -> str:
    text = words(whole)
    return f"{text}{joint}{words(part)} {names[part > 1]}" if part else text


def english(number: int) -> str:
    """Write a whole number, from nought up, in English."""
    if number < 20:  # noqa: PLR2004 - the last word that is not put together
        return _EN_WORDS[number]
    if number < 100:  # noqa: PLR2004
        tens, ones = divmod(number, 10)
        return _EN_WORDS[tens + 18] + (f"-{_EN_WORDS[ones]}" if ones else "")
    if number < _THOUSAND:
        hundreds, rest = divmod(number, 100)
        return f"{_EN_WORDS[hundreds]} hundred" + (f" and {english(rest)}" if rest else "")
    size, name = _english_size(number)
    count, rest = divmod(number, size)
    # "and" before a last part below a hundred: one thousand and five.
    joint = " and " if 0 < rest < 100 else " "  # noqa: PLR2004
    return f"{english(count)} {name}" + (f"{joint}{english(rest)}" if rest else "")


def _english_size(number: int) -> tuple[int, str]:
    if number < _MILLION:
        return _THOUSAND, "thousand"
    return (_MILLION, "million") if number < _BILLION else (_BILLION, "billion")


def french(number: int) -> str:
    """Write a whole number, from nought up, in French, in the traditional spelling."""
    return _french(number, last=True)


def _french(number: int, *, last: bool) -> str:
    """Write a number; ``last`` says that no numeral follows, so that cent takes its s."""
    if number < 100:  # noqa: PLR2004
        return _french_tens(number, last=last)
    if number < _THOUSAND:
        hundreds, rest = divmod(number, 100)
        name = "cent" if hundreds == 1 else f"{_FR_WORDS[hundreds]} cent"
        if rest:
            return f"{name} {_french_tens(rest, last=last)}"
        return f"{name}s" if hundreds > 1 and last else name
    if number < _MILLION:
        count, rest = divmod(number, _THOUSAND)
        name = "mille" if count == 1 else f"{_french(count, last=False)} mille"
    else:
        size, word = (_MILLION, "million") if number < _BILLION else (_BILLION, "milliard")
        count, rest = divmod(number, size)
        # million and milliard are nouns: cent and vingt keep their s before them.
        name = f"{_french(count, last=True)} {word}{'s' if count > 1 else ''}"
    return f"{name} {_french(rest, last=last)}" if rest else name


def _french_tens(number: int, *, last: bool) -> str:
    if number < 20:  # noqa: PLR2004
        return _FR_WORDS[number]
    tens, ones = divmod(number, 10)
    name = _FR_WORDS[tens + 18]
    if tens in {7, 9}:
        ones += 10
    if not ones:
        return f"{name}s" if tens == 8 and last else name  # noqa: PLR2004
    # vingt et un … soixante et onze, but quatre-vingt-un and quatre-vingt-onze
    joint = " et " if ones in {1, 11} and tens < 8 else "-"  # noqa: PLR2004
    return f"{name}{joint}{_FR_WORDS[ones]}"
