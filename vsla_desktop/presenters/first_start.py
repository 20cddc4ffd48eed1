"""The first screen on a new laptop: language, currency, and how to begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from vsla_desktop.i18n import ENGLISH, currency_name, language, languages, use_language
from vsla_desktop.presenters.events import Event


class Beginning(Enum):
    """How a person can begin."""

    NEW_GROUP = auto()
    PRACTISE = auto()
    PAPER = auto()
    WORKBOOK = auto()
    RESTORE = auto()
    HEAD_OFFICE = auto()


@dataclass(frozen=True, slots=True)
class CurrencyChoice:
    """A currency to choose: its code, and its name in the person's language."""

    code: str
    name: str


class FirstStartPresenter:
    """Keeps what was chosen on the first screen.

    ``currencies`` are codes; ``ways`` are the beginnings that can be taken.

    ``on_choice(language, currency)`` is told each choice, so that the program can keep it.
    """

    def __init__(
        self,
        *,
        currencies: Sequence[str],
        ways: Mapping[Beginning, Callable[[], None]],
        on_choice: Callable[[str, str], None],
        currency: str = "",
    ) -> None:
        self.language_changed: Event[[]] = Event()
        self._codes = tuple(currencies)
        self.currency = currency if currency in self._codes else next(iter(self._codes), "")
        self._ways = dict(ways)
        self._on_choice = on_choice

    @property
    def language(self) -> str:
        """The language spoken now."""
        return language() or ENGLISH

    def languages(self) -> Mapping[str, str]:
        """Code to own name."""
        return languages()

    def currencies(self) -> tuple[CurrencyChoice, ...]:
        """The currencies to choose from, by their names in the language spoken now."""
        return tuple(CurrencyChoice(code, currency_name(code)) for code in self._codes)

    def beginnings(self) -> tuple[Beginning, ...]:
        """The beginnings that can be taken, in the order to show them."""
        return tuple(way for way in Beginning if way in self._ways)

    def choose_language(self, code: str) -> None:
        """Speak this language from now on, on this screen at once."""
        if code != self.language:
            use_language(code)
            self._on_choice(self.language, self.currency)
            self.language_changed()

    def choose_currency(self, code: str) -> None:
        """Use this currency for the groups that are made here."""
        if code != self.currency:
            self.currency = code
            self._on_choice(self.language, self.currency)

    def begin(self, way: Beginning) -> None:
        """Go the chosen way."""
        self._ways[way]()
