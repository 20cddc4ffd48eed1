"""The cashbook: one page a month, as on paper, and the place to correct what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import DateStyle, _, format_date, translate_counted
from vsla_desktop.presenters.cashbook_lines import what_it_is
from vsla_desktop.presenters.cashbook_reading import CashbookMonth, read_month
from vsla_desktop.presenters.correction import CorrectionPresenter
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter, Tone
from vsla_desktop.wording import GroupWords, figure

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.cashbook import CashbookLine, CashbookPage
    from vsla_desktop.queries.corrections import Correctable
    from vsla_desktop.queries.lines import LedgerLine
    from vsla_desktop.queries.meetings import MeetingLine
    from vsla_desktop.services.corrections import Correction

ALL = ""


@dataclass(frozen=True, slots=True)
class CashbookTotals:
    """What stood before the page, what came and went on it, and what stands after it."""

    before: str
    came_in: str
    went_out: str
    after: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An entry to turn to, perhaps to correct it."""

    transaction_id: int
    to_correct: bool = False


class CashbookPresenter:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of one month's lines.

    A month is read at a time, so the tenth year opens as fast as the first.
    """

    def __init__(
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        group_id: int,
        currency: Currency,
        clock: Clock,
    ) -> None:
        self.database = database
        self.runner = runner
        self.shell = shell
        self.group_id = group_id
        self.currency = currency
        self.clock = clock
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.correction_changed: Event[[]] = Event()
        self.row_wanted: Event[[int]] = Event()
        self.correction: CorrectionPresenter | None = None
        self.is_read = False
        self.is_narrow = False
        self.fund = ALL
        self.meeting = ALL
        self.month: date | None = None
        self.open_meeting_id: int | None = None
        self._wanted: _Wanted | None = None
        self._first: date | None = None
        self._words = GroupWords()
        self._page: CashbookPage | None = None
        self._meetings: tuple[MeetingLine, ...] = ()
        self._lines: tuple[CashbookLine, ...] = ()
        self._keys: tuple[str, ...] = ()

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read the month again; at first the one of the last line.

        An entry that another page wants corrected is turned to, and its correction begun.
        """
        entry = self.shell.take_entry_to_correct()
        self._read(None if entry is None else _Wanted(entry, to_correct=True))

    def _read(self, wanted: _Wanted | None = None) -> None:
        if wanted is not None:
            self.fund = self.meeting = ALL
        self._wanted = wanted
        entry = wanted.transaction_id if wanted is not None else None
        database, group_id = self.database, self.group_id
        today = self.clock.today()
        month, fund = self.month, Fund(self.fund) if self.fund else None

        def job() -> CashbookMonth:
            return read_month(database, group_id, month, fund, today, entry)

        self.runner.submit(job, self._came, self.shell.say_error, owner=self)

    def _came(self, read: CashbookMonth) -> None:
        self._page, self._meetings, self._first = read.page, read.meetings, read.first
        self.open_meeting_id = read.open_meeting_id
        self.month = read.month
        self._words = read.words
        self.is_read = True
        if self.meeting not in {choice.value for choice in self.meetings()}:
            self.meeting = ALL
        self._choose()
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._go_to(wanted)

    def _go_to(self, wanted: _Wanted) -> None:
        for row, line in enumerate(self._lines):
            if line.entry.transaction_id == wanted.transaction_id:
                self.row_wanted(row)
        if wanted.to_correct:
            self._begin(wanted.transaction_id)

    def _choose(self) -> None:
        lines = self._page.lines if self._page else ()
        if self.meeting:
            lines = tuple(each for each in lines if str(each.entry.meeting_id) == self.meeting)
        self._lines = lines
        self._keys = tuple(column.key for column in self.columns())
        self.changed()

    # ------------------------------------------------------------------ what a person does

    def choose_fund(self, value: str) -> None:
        """Show one purse, or all."""
        self.fund = value
        self.refresh()

    def choose_meeting(self, value: str) -> None:
        """Show one meeting of the month, or all."""
        self.meeting = value
        self._choose()

    def choose_month(self, value: str) -> None:
        """Turn to a month."""
        self.month = date.fromisoformat(value)
        self.meeting = ALL
        self.refresh()

    def turn(self, months: int) -> None:
        """Turn pages: -1 is the month before."""
        values = [choice.value for choice in self.months()]
        if self.month is None or not values:
            return
        # The newest month stands first.
        place = values.index(self.month.isoformat()) - months
        if 0 <= place < len(values):
            self.choose_month(values[place])

    def correct(self, row: int) -> None:
        """Begin to correct a line in the meeting that is open."""
        self._begin(self._lines[row].entry.transaction_id)

    def _begin(self, entry: int) -> None:
        database = self.database

        def job() -> Correctable:
            from vsla_desktop.queries.corrections import correctable

            with database.read() as session:
                return correctable(session, entry)

        self.runner.submit(job, self._correct, self.shell.say_error, owner=self)

    def _correct(self, found: Correctable) -> None:
        self.correction = CorrectionPresenter(
            found,
            database=self.database,
            runner=self.runner,
            shell=self.shell,
            currency=self.currency,
            words=self._words,
            clock=self.clock,
        )
        self.correction.written.listen(self._corrected)
        self.correction.left.listen(self.close_correction)
        self.correction_changed()

    def _corrected(self, correction: Correction) -> None:
        """Show what was written: what was taken back, and below it the right entry."""
        self.close_correction()
        written = (correction.reversal, *correction.entries)
        self._read(_Wanted(written[-1].transaction_id))

    def close_correction(self) -> None:
        """Leave the line as it is."""
        self.correction = None
        self.correction_changed()

    # ------------------------------------------------------------------ what is shown

    def months(self) -> tuple[Choice, ...]:
        """The months of the book, the newest first."""
        if self._first is None or self.month is None:
            return ()
        last = max(self.clock.today().replace(day=1), self.month)
        found = []
        month = last
        while month >= self._first.replace(day=1):
            words = format_date(month, DateStyle.LONG).split(" ", 1)[1]
            found.append(Choice(month.isoformat(), words[:1].upper() + words[1:]))
            month = (month - timedelta(days=1)).replace(day=1)
        return tuple(found)

    def funds(self) -> tuple[Choice, ...]:
        """The purses to choose from."""
        return (
            Choice(ALL, _("All purses")),
            *(
                Choice(fund.value, self._words.fund(fund))
                for fund in (Fund.LOAN_FUND, Fund.SOCIAL, Fund.ECD, Fund.TARGET)
            ),
        )

    def meetings(self) -> tuple[Choice, ...]:
        """The meetings of the month."""
        month = self.month
        held = [
            each
            for each in self._meetings
            if month and each.day.replace(day=1) == month and each.status != "SCHEDULED"
        ]
        return (
            Choice(ALL, _("All meetings")),
            *(
                Choice(
                    str(each.meeting_id),
                    _("Meeting {number}, {day}", number=each.number, day=format_date(each.day)),
                )
                for each in held
            ),
        )

    def totals(self) -> CashbookTotals:
        """What the shown lines add up to, between what stood before and stands after."""
        lines = self._lines
        came = sum((each.entry.effect for each in lines if each.entry.effect > 0), Decimal(0))
        went = sum((-each.entry.effect for each in lines if each.entry.effect < 0), Decimal(0))
        after = self._balance(lines[-1]) if lines else self._before()
        before = after - came + went
        return CashbookTotals(*(self._said(each) for each in (before, came, went, after)))

    def summary(self) -> str:
        """How many lines are shown."""
        return translate_counted("{count} line", "{count} lines", len(self._lines))

    def row_count(self) -> int:
        """How many lines are shown."""
        return len(self._lines)

    def columns(self) -> Sequence[Column]:
        """As the paper cashbook, with the balances of the purses at the right.

        Where it is narrow, with all purses together.
        """
        code, amount = self.currency.code, CellKind.AMOUNT
        words = self._words
        purses: tuple[Column, ...] = (
            Column("loan_fund", words.fund(Fund.LOAN_FUND), amount, note=_("balance"), width=11),
            Column("social", words.fund(Fund.SOCIAL), amount, note=_("balance"), width=11),
        )
        if self.fund or self.is_narrow:
            purses = (Column("balance", _("Balance"), amount, note=code, width=12),)
        meeting = Column("meeting", _("Meeting"), CellKind.COUNT, width=7)
        return (
            Column("day", _("Day"), CellKind.COUNT, width=7),
            *(() if self.is_narrow else (meeting,)),
            Column("who", _("Who"), width=22),
            Column("what", _("What"), width=28),
            Column("in", _("In"), amount, note=code, width=10),
            Column("out", _("Out"), amount, note=code, width=10),
            *purses,
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        line = self._lines[row]
        entry = line.entry
        match self._keys[column]:
            case "day":  # the year stands above the page
                return Cell(
                    format_date(entry.day).rsplit(" ", 1)[0], tooltip=format_date(entry.day)
                )
            case "meeting":
                return Cell(str(entry.meeting_number or ""))
            case "who":
                number = f"{entry.member_number} " if entry.member_number else ""
                return Cell(f"{number}{entry.member_name}".strip())
            case "what":
                cell = what_it_is(entry, self._words)
                if entry.effect:
                    return cell
                # Its purse holds what it held: neither column says how much it was.
                return replace(cell, text=f"{cell.text} · {self._said(entry.amount)}")
            case "in":
                return self._moved(entry.effect, Tone.MONEY_IN)
            case "out":
                return self._moved(-entry.effect, Tone.MONEY_OUT)
            case "loan_fund":
                return Cell(self._said(line.after.loan_fund))
            case "social":
                return Cell(self._said(line.after.social))
            case _:
                return Cell(self._said(self._balance(line)))

    def entry(self, row: int) -> LedgerLine:
        """The entry of a line."""
        return self._lines[row].entry

    def row_title(self, row: int) -> str:
        """The day and what it is."""
        entry = self._lines[row].entry
        return f"{format_date(entry.day)} {what_it_is(entry, self._words).text}"

    def open_row(self, row: int) -> None:
        """Enter on a line begins its correction."""
        self.correct(row)

    def _moved(self, amount: Decimal, tone: Tone) -> Cell:
        return Cell(self._said(amount), tone=tone) if amount > 0 else Cell()

    def _said(self, amount: Decimal) -> str:
        return figure(amount, self.currency)

    def _balance(self, line: CashbookLine) -> Decimal:
        return line.after.of(Fund(self.fund)) if self.fund else line.after.total

    def _before(self) -> Decimal:
        if self._page is None:
            return Decimal(0)
        day = next((m.day for m in self._meetings if str(m.meeting_id) == self.meeting), None)
        if day is not None:
            earlier = [line for line in self._page.lines if line.entry.day <= day]
            if earlier:
                return self._balance(earlier[-1])
        before = self._page.before
        return before.of(Fund(self.fund)) if self.fund else before.total
