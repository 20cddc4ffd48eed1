"""What the program says, in the person's language.

The source text is English. A catalogue (``resources/locale/<code>/LC_MESSAGES/vsla.po``) gives it
in another language; what a catalogue lacks is said in English rather than not at all. Catalogues
are read as they are, so that a translator sees her change at the next start.

The language is one choice for the whole program, kept here as one replaceable value. Code that must
speak another language for a while, such as a report or a test, does so inside :func:`speaking`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from vsla_desktop.errors import VslaError
from vsla_desktop.settings import resource_path

ENGLISH: Final = "en"
_LANGUAGES: Final[Mapping[str, str]] = MappingProxyType({"en": "English", "fr": "Français"})

_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class DateStyle(StrEnum):
    """How much of a day to say."""

    SHORT = "short"  # 3 Mar 2026
    LONG = "long"  # 3 March 2026
    WEEKDAY = "weekday"  # Tuesday 3 March 2026
    MONTH = "month"  # Mar 2026


_PATTERNS: Final[Mapping[DateStyle, str]] = MappingProxyType(
    {
        DateStyle.SHORT: "d MMM y",
        DateStyle.LONG: "d MMMM y",
        DateStyle.WEEKDAY: "EEEE d MMMM y",
        DateStyle.MONTH: "MMM y",
    }
)


def _english_plural(count: int) -> int:
    return 0 if count == 1 else 1


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The sentences of one language: single ones, and those that depend on a count."""

    language: str = ENGLISH
    sentences: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plural_form: Callable[[int], int] = _english_plural

    def translate(self, text: str) -> str:
        """The sentence in this language, or as it is."""
        return self.sentences.get(text) or text

    def translate_counted(self, one: str, many: str, count: int) -> str:
        """The sentence for ``count`` things in this language, or in English."""
        forms = self.counted.get(one, ())
        form = self.plural_form(count)
        if form < len(forms) and forms[form]:
            return forms[form]
        return (one, many)[_english_plural(count)]


_current = Catalogue()


def languages() -> Mapping[str, str]:
    """The languages a person can choose, code to own name, in the order to show them."""
    return _LANGUAGES


def language() -> str:
    """The code of the language spoken now."""
    return _current.language


def use_language(code: str) -> None:
    """Speak this language from now on; English when the code is unknown or empty."""
    global _current  # noqa: PLW0603 - the one choice of the whole program, see the module
    _current = load_catalogue(code)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak this language for a while, and afterwards the one that was spoken before."""
    global _current  # noqa: PLW0603 - put back in any case
    before = _current
    use_language(code)
    try:
        yield
    finally:
        _current = before


@cache
def load_catalogue(code: str, folder: Path | None = None) -> Catalogue:
    """Read one language's catalogue; ``folder`` holds one folder per language code."""
    file = (folder or resource_path("locale")) / code / "LC_MESSAGES" / "vsla.po"
    if code in {"", ENGLISH} or not file.is_file():
        return Catalogue()
    import gettext

    from babel.messages.pofile import read_po

    with file.open("rb") as source:
        messages = read_po(source, locale=code)
    sentences: dict[str, str] = {}
    counted: dict[str, tuple[str, ...]] = {}
    for message in messages:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, str):
            sentences[message.id] = str(message.string or "")
        else:
            counted[message.id[0]] = tuple(message.string or ())
    return Catalogue(code, sentences, counted, gettext.c2py(messages.plural_expr))


def translate(text: str, **values: Any) -> str:
    """Say ``text`` in the person's language, its ``{placeholders}`` filled with ``values``."""
    said = _current.translate(text)
    return said.format(**_written(values)) if values else said


_ = translate


def labelled(what: str, about: str) -> str:
    """Something's name and what is said of it, with the colon as the language sets it."""
    return translate("{what}: {about}", what=what, about=about)


def translate_counted(one: str, many: str, count: int, **values: Any) -> str:
    """Say the sentence that fits ``count``, which fills ``{count}``.

    >>> translate_counted("{count} member", "{count} members", 3)
    '3 members'
    """
    return _current.translate_counted(one, many, count).format(count=count, **values)


def explain(error: VslaError) -> tuple[str, str]:
    """An error as the sentence and the hint to show, in the person's language.

    The template is translated first and then filled, since catalogues hold templates. A day is
    written as the language writes it: the rules, which know no language, pass it as it is.
    """
    values = _written(error.values)
    hint = _current.translate(error.hint).format(**values) if error.hint else ""
    return _current.translate(error.message).format(**values), hint


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: format_date(value) if isinstance(value, date) else value
        for name, value in values.items()
    }


def format_date(day: date, style: DateStyle = DateStyle.SHORT) -> str:
    """A day as people of this language write it."""
    if _current.language != ENGLISH:
        from babel.dates import format_date as babel_date

        return babel_date(day, _PATTERNS[style], locale=_current.language)
    month = _MONTHS[day.month - 1]
    if style in {DateStyle.SHORT, DateStyle.MONTH}:
        month = month[:3]
    if style is DateStyle.MONTH:
        return f"{month} {day.year}"
    written = f"{day.day} {month} {day.year}"
    return f"{_DAYS[day.weekday()]} {written}" if style is DateStyle.WEEKDAY else written


def currency_name(code: str) -> str:
    """A currency's name as people of this language say it; its code when it has none."""
    from babel.numbers import get_currency_name  # only asked for where currencies are listed

    return get_currency_name(code, locale=_current.language)


def format_time(instant: datetime) -> str:
    """The time of day, in 24 hours as every language here writes it."""
    return f"{instant:%H:%M}"
