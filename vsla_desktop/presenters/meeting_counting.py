"""Counting one purse at a meeting, by note and coin, against what the book says."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from vsla_desktop.domain.money import ZERO, parse_count
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.counting import CountLine, CountResult
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.services.counts import PurseCounted
from vsla_desktop.wording import USUAL_WORDS, GroupWords, MoneyText, sentence_of

MOST_PIECES = 1_000_000
_COINS = 4
"""So many of the smallest pieces are shown as coins."""


class PurseCounter:
    """What a person counts of one purse, and why it differs from the book if it does.

    A purse of which the book expects nothing may be left blank: nothing was counted then.
    """

    def __init__(
        self, fund: Fund, expected: Decimal, money: MoneyText, words: GroupWords = USUAL_WORDS
    ) -> None:
        self.changed: Event[[]] = Event()
        self.fund = fund
        self.expected = expected
        self.reason = ""
        self.refusal = ""
        self._money = money
        self._words = words
        self._pieces = money.currency.denominations
        self._typed = [""] * len(self._pieces)

    @property
    def title(self) -> str:
        """The name of the purse."""
        return self._words.fund(self.fund)

    @property
    def is_touched(self) -> bool:
        """Whether anything has been counted."""
        return any(text.strip() for text in self._typed)

    @property
    def is_counted(self) -> bool:
        """Whether the count is whole: something was counted, and every line can be read."""
        return (self.is_touched or not self.expected) and not any(
            self._read(place)[1] for place in range(len(self._pieces))
        )

    @property
    def counted(self) -> Decimal:
        """The sum of what can be read."""
        counts = (self._read(place)[0] for place in range(len(self._pieces)))
        return sum((piece * count for piece, count in zip(self._pieces, counts, strict=True)), ZERO)

    @property
    def difference(self) -> Decimal:
        """Counted less expected, once it is counted."""
        return self.counted - self.expected if self.is_counted else ZERO

    @property
    def needs_reason(self) -> bool:
        """Whether somebody must say why it differs."""
        return bool(self.difference)

    @property
    def problem(self) -> str:
        """What keeps this count from being taken, as a sentence; empty if nothing does."""
        if self.refusal:
            return self.refusal
        if not self.is_counted:
            return _("Count this purse.")
        if self.needs_reason and not self.reason.strip():
            return _("Say why the count differs.")
        return ""

    def lines(self) -> Sequence[CountLine]:
        """The notes and coins, the largest first."""
        shown = []
        for place, piece in enumerate(self._pieces):
            count, message = self._read(place)
            shown.append(
                CountLine(
                    self._money.amount(piece),
                    self._typed[place],
                    self._money.amount(piece * count, zero="") if count else "",
                    message,
                    is_coin=place >= len(self._pieces) - _COINS,
                )
            )
        return shown

    def result(self) -> CountResult:
        """The sum so far, and how it compares with the book."""
        total, expected = self._money.amount(self.counted), self._money.amount(self.expected)
        if not self.is_touched:
            return CountResult(total, expected)
        difference = self.counted - self.expected
        if not difference:
            return CountResult(total, expected, _("The box agrees with the book."), Tone.GOOD)
        amount = self._money.amount(abs(difference))
        words = (
            _("{amount} more than the book says.", amount=amount)
            if difference > 0
            else _("{amount} less than the book says.", amount=amount)
        )
        return CountResult(total, expected, words, Tone.WARNING)

    def enter(self, line: int, text: str) -> None:
        """Take how many there are of one note or coin."""
        self._typed[line] = text.strip()
        self.refusal = ""
        self.changed()

    def write_reason(self, text: str) -> None:
        """Take the reason of the difference."""
        if text != self.reason:
            self.reason = text
            self.refusal = ""
            self.changed()

    def refuse(self, sentence: str) -> None:
        """Show what the book said about this count."""
        self.refusal = sentence
        self.changed()

    def expect(self, expected: Decimal) -> None:
        """Compare with another balance of the book from now on."""
        self.expected = expected
        self.changed()

    def purse(self) -> PurseCounted:
        """The count as the book takes it; raise :class:`RuleBroken` while it is not whole."""
        if not self.is_counted:
            raise RuleBroken("Count this purse.", field=self.fund.value)
        notes = {
            piece: self._read(place)[0]
            for place, piece in enumerate(self._pieces)
            if self._read(place)[0]
        }
        return PurseCounted(self.counted, notes, self.reason.strip())

    def _read(self, place: int) -> tuple[int, str]:
        text = self._typed[place]
        if not text:
            return 0, ""
        try:
            return parse_count(text, MOST_PIECES), ""
        except RuleBroken as error:
            return 0, sentence_of(error)
