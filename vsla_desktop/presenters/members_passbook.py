"""One member's passbook as a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import _, format_date, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.members_text import standing
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.wording import GroupWords, attendance_word, figure

if TYPE_CHECKING:
    from vsla_desktop.queries.members import Passbook, PassbookLine


class PassbookPresenter:
    """One member's passbook as a list, the newest line first."""

    def __init__(
        self,
        book: Passbook,
        currency: Currency,
        today: date,
        correct: Callable[[int], None],
        correct_mark: Callable[[int, int], None],
        words: GroupWords,
    ) -> None:
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.book = book
        self.member = book.member
        self.currency = currency
        self._lines = tuple(reversed(book.lines))
        self._today = today
        self._correct = correct
        self._correct_mark = correct_mark
        self._words = words
        self._keys = tuple(each.key for each in self.columns())

    def title(self) -> str:
        """Number and name."""
        return f"{self.member.number}  {self.member.name}"

    def note(self) -> str:
        """Standing, and since when; the profile tells the rest."""
        member = self.member
        parts = [standing(member)]
        if member.joined is not None:
            parts.append(_("since {day}", day=format_date(member.joined)))
        return " · ".join(part for part in parts if part)

    def figures(self) -> Sequence[tuple[str, str, str, Tone]]:
        """Title, figure, note and tone of what the member has and owes."""
        member = self.member
        shares = self._lines[0].shares_held if self._lines else 0
        loan_note, tone = "", Tone.MUTED
        out = [loan for loan in self.book.loans if loan.is_out]
        if member.loan_is_late:
            days = max(loan.days_late(self._today) for loan in out)
            loan_note = translate_counted("{count} day late", "{count} days late", days)
            tone = Tone.WARNING
        elif out and (due := out[0].next_due()) is not None:
            loan_note = _("Next due {day}", day=format_date(due.due_date))
        return (
            (
                _("Savings"),
                figure(member.savings, self.currency),
                self._words.so_many_shares(shares),
                Tone.MUTED,
            ),
            (_("Loan to pay back"), figure(member.loans_owed, self.currency), loan_note, tone),
            (_("Fines not paid"), figure(member.fines_owed, self.currency), "", Tone.MUTED),
            (_("Present"), f"{member.attendance_percentage:.0f} %", "", Tone.MUTED),
        )

    def row_count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def columns(self) -> Sequence[Column]:
        """The columns of a passbook."""
        amount, code = CellKind.AMOUNT, self.currency.code
        return (
            Column("day", _("Day"), width=12),
            Column("meeting", _("Meeting"), CellKind.COUNT, width=8, is_spare=True),
            Column("mark", _("Roll call"), width=12, is_spare=True),
            Column("shares", self._words.shares(), CellKind.COUNT, width=7),
            Column("saved", _("Saved"), amount, note=code, width=9, is_spare=True),
            Column("held", _("Savings"), amount, note=code, width=11),
            Column("social", self._words.fund(Fund.SOCIAL), amount, note=code, width=10),
            Column("fine", _("Fine"), amount, note=code, width=8, is_spare=True),
            Column("paid", _("Fine paid"), amount, note=code, width=8, is_spare=True),
            Column("loan", _("Loan taken"), amount, note=code, width=10),
            Column("repaid", _("Repaid"), amount, note=code, width=10),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        line = self._lines[row]
        key = self._keys[column]
        if key == "day":
            return Cell(format_date(line.day))
        if key == "meeting":
            return Cell(str(line.meeting_number or ""))
        if key == "mark":
            return _mark(line)
        if key == "shares":
            return Cell(str(line.shares))
        return Cell(figure(_amount(line, key), self.currency), tooltip=_others(line, key))

    def row_title(self, row: int) -> str:
        """The day of the line."""
        return format_date(self._lines[row].day)

    def open_row(self, row: int) -> None:
        """Go where the entries of the line can be put right."""
        entry = self._lines[row].entry
        if entry is not None:
            self._correct(entry)

    def correct_mark(self, row: int) -> None:
        """Go where the mark of the line can be put right."""
        if 0 <= row < len(self._lines) and (meeting := self._lines[row].meeting_id) is not None:
            self._correct_mark(meeting, self.member.member_id)


def _mark(line: PassbookLine) -> Cell:
    if line.attendance is None:
        return Cell("")
    word = attendance_word(line.attendance)
    if line.given is None:
        return Cell(word)
    was = _("Put right; it was {mark}.", mark=attendance_word(line.given))
    return Cell(word, icon="undo", tooltip=was)


def _amount(line: PassbookLine, key: str) -> Decimal:
    return {
        "saved": line.saved,
        "held": line.savings_held,
        "social": line.social,
        "fine": line.fines_charged,
        "paid": line.fines_paid,
        "loan": line.loan_given,
        "repaid": line.loan_principal + line.loan_charge + line.loan_penalty,
    }.get(key, ZERO)


def _others(line: PassbookLine, key: str) -> str:
    if key != "repaid" or not line.loan_charge:
        return ""
    return _("Charge and penalty included")
