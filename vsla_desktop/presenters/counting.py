"""Counting the notes and coins of a purse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.shell import Tone


@dataclass(frozen=True, slots=True)
class CountLine:
    """One note or coin: what it is, how many there are, what they make, what is wrong with it."""

    label: str
    count: str = ""
    amount: str = ""
    message: str = ""
    is_coin: bool = False


@dataclass(frozen=True, slots=True)
class CountResult:
    """What was counted, what should be there, and the difference in words.

    ``tone`` is good when they agree. ``expected`` is empty while it must not be shown.
    """

    total: str
    expected: str = ""
    difference: str = ""
    tone: Tone = Tone.PLAIN


class CountPresenter(Protocol):
    """One purse being counted, the largest note first."""

    changed: Event[[]]

    def lines(self) -> Sequence[CountLine]:
        """The notes and coins."""

    def result(self) -> CountResult:
        """The sum so far."""

    def enter(self, line: int, text: str) -> None:
        """Take how many there are of one note or coin."""
