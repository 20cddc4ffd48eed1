"""The totals of a paper page, typed beside the sheet: which column differs is seen at once.

For a meeting that was held earlier and is entered from paper. The totals are only compared, never
written: they are on the paper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from vsla_desktop.domain.money import ZERO, parse_amount, parse_count
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.meeting_book import MeetingBook
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.sheet import SheetRow
from vsla_desktop.wording import GroupWords

_MOST_SHARES: Final = 100_000
_COLUMNS: Final[dict[str, Callable[[SheetRow], Decimal]]] = {
    "social": lambda row: row.social_paid,
    "shares": lambda row: Decimal(row.shares),
    "fine_paid": lambda row: row.fines_paid,
    "loan_repaid": lambda row: row.loan_repaid,
    "loan_taken": lambda row: row.loan_taken,
}


@dataclass(frozen=True, slots=True)
class ControlLine:
    """One column: what the paper says, and how the sheet compares with it."""

    key: str
    title: str
    typed: str
    verdict: str
    tone: Tone


class ControlTotals:
    """Compares the paper's totals with the sheet as it is filled in."""

    def __init__(self, meeting: MeetingBook) -> None:
        self.changed: Event[[]] = Event()
        self._meeting = meeting
        self._typed: dict[str, str] = {}
        meeting.changed.listen(self.changed)

    @property
    def is_wanted(self) -> bool:
        """Whether the meeting was held on an earlier day, so that there is a paper page of it."""
        return self._meeting.book.sheet.day < self._meeting.clock.today()

    def enter(self, key: str, text: str) -> None:
        """Take a total of the paper; an empty one is not compared."""
        self._typed[key] = text.strip()
        self.changed()

    def lines(self) -> tuple[ControlLine, ...]:
        """Every column that a paper page adds up, in its order."""
        words = GroupWords.of(self._meeting.book.sheet.rules)
        titles = {
            "social": words.fund(Fund.SOCIAL),
            "shares": words.shares(),
            "fine_paid": _("Fines paid"),
            "loan_repaid": _("Repaid"),
            "loan_taken": _("New loans"),
        }
        return tuple(self._line(key, title) for key, title in titles.items())

    def summary(self) -> str:
        """What the paper and the sheet come to, for a screen reader."""
        return ", ".join(
            labelled(line.title, line.verdict) for line in self.lines() if line.verdict
        )

    def _line(self, key: str, title: str) -> ControlLine:
        typed = self._typed.get(key, "")
        if not typed:
            return ControlLine(key, title, "", "", Tone.MUTED)
        try:
            paper = self._read(key, typed)
        except RuleBroken:
            return ControlLine(key, title, typed, _("not a number"), Tone.ERROR)
        rows = self._meeting.book.sheet.rows
        difference = sum((_COLUMNS[key](row) for row in rows), ZERO) - paper
        shown = self._say(key, paper)
        if not difference:
            return ControlLine(key, title, shown, _("agrees"), Tone.GOOD)
        amount = self._say(key, abs(difference))
        verdict = (
            _("{amount} too much", amount=amount)
            if difference > 0
            else _("{amount} missing", amount=amount)
        )
        return ControlLine(key, title, shown, verdict, Tone.WARNING)

    def _read(self, key: str, text: str) -> Decimal:
        if key == "shares":
            return Decimal(parse_count(text, _MOST_SHARES))
        return parse_amount(text, self._meeting.money.currency)

    def _say(self, key: str, amount: Decimal) -> str:
        return str(int(amount)) if key == "shares" else self._meeting.money.amount(amount)
