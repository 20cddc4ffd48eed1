"""Looking at a closed meeting: its entries, and putting right what was wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from sqlalchemy.orm import Session

from vsla_desktop.clock import Clock
from vsla_desktop.db import Database
from vsla_desktop.domain.money import parse_amount
from vsla_desktop.domain.seal import short_form
from vsla_desktop.errors import RuleBroken, VslaError
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, CellState, Column
from vsla_desktop.presenters.meeting_columns import words_of
from vsla_desktop.presenters.meeting_reading import Book, read_book
from vsla_desktop.presenters.meeting_slip import Slip, make_slip
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.queries.lines import LedgerLine, group_lines, meeting_lines
from vsla_desktop.queries.meetings import MeetingLine, open_meeting_id
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.meetings import REGULAR
from vsla_desktop.wording import meeting_word, posting_word, sentence_of

RIGHT, WHY = 4, 5
"""The two columns that take something: the right amount, and why the old one was wrong."""


@dataclass(frozen=True, slots=True)
class ClosedPage:
    """A closed meeting: its page, its entries, and what later meetings corrected of them.

    ``corrections`` holds by reference the reversal and the right entry, if there is one.
    """

    book: Book
    lines: tuple[LedgerLine, ...]
    corrections: dict[str, tuple[LedgerLine, LedgerLine | None]]
    open_meeting_id: int | None

    @property
    def slip(self) -> Slip:
        """The slip of the meeting."""
        return make_slip(self.book.sheet, self.lines)


def read_closed(session: Session, meeting_id: int) -> ClosedPage:
    """Read a closed meeting."""
    book = read_book(session, meeting_id)
    lines = meeting_lines(session, meeting_id)
    later = group_lines(session, book.sheet.group_id, book.sheet.day)
    corrections = {}
    for line in later:
        if line.is_reversal and line.reverses:
            rights = [each for each in later if _puts_right(line, each)]
            nearest = min(rights, key=partial(_distance, line), default=None)
            corrections[line.reverses] = (line, nearest)
    return ClosedPage(book, lines, corrections, open_meeting_id(session, book.sheet.group_id))


def choices_of(meetings: Sequence[MeetingLine]) -> list[tuple[int, str]]:
    """The meetings, the newest first: each with its number, day and kind in words.

    Two of one number and day, where two laptops wrote, are told apart by their seals.
    """
    found = [(line, _meeting_words(line)) for line in reversed(meetings)]
    words = [text for _line, text in found]
    return [
        (
            line.meeting_id,
            f"{text} · {short_form(line.seal)}" if words.count(text) > 1 else text,
        )
        for line, text in found
    ]


def _meeting_words(line: MeetingLine) -> str:
    kind = () if line.kind == REGULAR else (meeting_word(line.kind),)
    return " · ".join((_("Meeting {number}", number=line.number), format_date(line.day), *kind))


def _puts_right(reversal: LedgerLine, line: LedgerLine) -> bool:
    """Whether a line is the right entry that was made with a reversal."""
    return not line.is_reversal and (line.meeting_id, line.member_id, line.type, line.reason) == (
        reversal.meeting_id,
        reversal.member_id,
        reversal.type,
        reversal.reason,
    )


def _distance(reversal: LedgerLine, line: LedgerLine) -> int:
    """How far two entries are apart; a reversal and its right entry are written together."""
    return abs(line.transaction_id - reversal.transaction_id)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A correction that is being typed."""

    text: str = ""
    amount: Decimal | None = None
    reason: str = ""
    problem: str = ""
    problem_at: int = RIGHT
    question: str = ""


class EntriesPresenter:
    """The entries of a closed meeting. A correction is two cells: the right amount, and why.

    It is written into the meeting that is open, as a reversal and a new entry, once someone says
    yes to it; the closed meeting stays as it is. ``corrected`` tells that one was written.
    """

    frozen_columns = 2

    def __init__(
        self,
        page: ClosedPage,
        *,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        clock: Clock,
    ) -> None:
        self.row_changed: Event[[int]] = Event()
        self.layout_changed: Event[[]] = Event()
        self.corrected: Event[[]] = Event()
        self.page = page
        self._database = database
        self._runner = runner
        self._shell = shell
        self._clock = clock
        self._drafts: dict[int, _Draft] = {}

    # ------------------------------------------------------------------ what is shown

    def row_count(self) -> int:
        """One row an entry."""
        return len(self.page.lines)

    def columns(self) -> Sequence[Column]:
        """Who, what, how much; the right amount and why; what was corrected."""
        code = self.page.book.sheet.currency
        can = self.page.open_meeting_id is not None
        return [
            Column("number", _("No."), CellKind.COUNT),
            Column("name", _("Member")),
            Column("what", _("Entry")),
            Column("amount", _("Amount"), CellKind.AMOUNT, note=code),
            Column("right", _("Right amount"), CellKind.AMOUNT, is_editable=can, note=code),
            Column("why", _("Why"), is_editable=can, width=24),
            Column("state", _("Corrected"), width=14),
        ]

    def row_title(self, row: int) -> str:
        """Whose entry it is."""
        line = self.page.lines[row]
        who = (
            f"{line.member_number} {line.member_name}"
            if line.member_id
            else words_of(self.page.book).fund(line.fund)
        )
        return f"{who} · {posting_word(line.type)}"

    def _purse(self, line: LedgerLine) -> str:
        return words_of(self.page.book).fund(line.fund)

    def cell(self, row: int, column: int) -> Cell:
        """One cell of the list."""
        line = self.page.lines[row]
        if column in {RIGHT, WHY}:
            return self._draft_cell(line, column)
        number = "" if line.member_number is None else str(line.member_number)
        sign = "" if line.effect >= 0 else "\N{MINUS SIGN}"
        texts = (
            number,
            line.member_name or self._purse(line),
            posting_word(line.type),
            f"{sign}{self.page.book.money.amount(line.amount)}",
            "",
            "",
            self._state(line),
        )
        return Cell(texts[column], CellState.READONLY, tooltip=line.description)

    def _draft_cell(self, line: LedgerLine, column: int) -> Cell:
        if not self.can_correct(line):
            return Cell(self._corrected(line, column), CellState.READONLY)
        draft = self._drafts.get(line.transaction_id, _Draft())
        text = draft.text if column == RIGHT else draft.reason
        if draft.problem and column == draft.problem_at:
            return Cell(text, CellState.IMPOSSIBLE, draft.problem)
        if draft.question and column == WHY:
            return Cell(text, CellState.UNLIKELY, draft.question)
        return Cell(text)

    def can_correct(self, line: LedgerLine) -> bool:
        """Whether an entry can be put right now: a meeting is open, and nobody did it before."""
        return (
            self.page.open_meeting_id is not None
            and not line.is_reversal
            and not line.is_pending
            and not line.reversed_by
        )

    def _corrected(self, line: LedgerLine, column: int) -> str:
        """What a correction made of an entry, beside it: the right amount, and why."""
        found = self.page.corrections.get(line.reference)
        if found is None:
            return line.reason if column == WHY else ""
        reversal, right = found
        if column == WHY:
            return reversal.reason
        return self.page.book.money.amount(right.amount) if right is not None else "0"

    def _state(self, line: LedgerLine) -> str:
        found = self.page.corrections.get(line.reference)
        if found is not None:
            return _("in meeting {number}", number=found[0].meeting_number or "")
        if line.is_reversal:
            return _("taken back")
        return _("put right") if line.is_correction else ""

    def choices(self, row: int, column: int) -> Sequence[str]:  # noqa: ARG002
        """There are none."""
        return ()

    def totals(self) -> Sequence[str]:
        """Nothing is added up: money of different funds never is."""
        return ()

    def find_row(self, text: str) -> int | None:
        """The first entry of the member with this number or name."""
        wanted = text.strip().casefold()
        for place, line in enumerate(self.page.lines):
            by_name = bool(wanted) and wanted in line.member_name.casefold()
            if str(line.member_number) == wanted or by_name:
                return place
        return None

    # ------------------------------------------------------------------ what a person does

    def enter(self, row: int, column: int, text: str) -> None:
        """Take the right amount, or why the old one was wrong."""
        line = self.page.lines[row]
        if not self.can_correct(line):
            return
        before = self._drafts.get(line.transaction_id, _Draft())
        text = text.strip()
        draft = self._with(before, column, text)
        if draft == _Draft():
            self._drafts.pop(line.transaction_id, None)
        else:
            self._drafts[line.transaction_id] = self._asked(line, draft)
        self.row_changed(row)

    def _with(self, before: _Draft, column: int, text: str) -> _Draft:
        if column == WHY:
            return _Draft(before.text, before.amount, text)
        if not text:
            return _Draft("", None, before.reason)
        try:
            amount = parse_amount(text, self.page.book.money.currency)
        except RuleBroken as error:
            return _Draft(text, None, before.reason, sentence_of(error))
        return _Draft(text, amount, before.reason)

    def _asked(self, line: LedgerLine, draft: _Draft) -> _Draft:
        money = self.page.book.money
        if draft.problem:
            return draft
        if draft.amount is None:
            return _Draft(draft.text, None, draft.reason, _("Enter the right amount."), RIGHT)
        if draft.amount == line.amount:
            words = _("This is what the book has.")
            return _Draft(draft.text, draft.amount, draft.reason, words, RIGHT)
        if not draft.reason:
            words = _("Say why in the next cell.")
            return _Draft(draft.text, draft.amount, "", words, RIGHT)
        question = (
            _(
                "Take back {old}, enter {new}.",
                old=money.amount(line.amount),
                new=money.amount(draft.amount),
            )
            if draft.amount
            else _("Take back {old}.", old=money.amount(line.amount))
        )
        return _Draft(draft.text, draft.amount, draft.reason, question=question)

    def accept(self, row: int, column: int) -> None:  # noqa: ARG002 - one question a row
        """Write the correction into the meeting that is open."""
        line = self.page.lines[row]
        draft = self._drafts.get(line.transaction_id)
        meeting_id = self.page.open_meeting_id
        if draft is None or not draft.question or draft.amount is None or meeting_id is None:
            return
        amount, reason, entry = draft.amount, draft.reason, line.transaction_id

        def job() -> ClosedPage:
            with self._database.write() as session:
                if amount:
                    correct_entry(session, meeting_id, entry, amount, reason, clock=self._clock)
                else:
                    reverse_entry(session, meeting_id, entry, reason, clock=self._clock)
                return read_closed(session, self.page.book.sheet.meeting_id)

        self._runner.submit(job, self._written(entry), self._refused(row, draft), owner=self)

    def _written(self, entry: int) -> Callable[[ClosedPage], None]:
        def done(page: ClosedPage) -> None:
            self._drafts.pop(entry, None)
            self.page = page
            self.layout_changed()
            self._shell.say(_("Corrected in the open meeting."))
            self.corrected()

        return done

    def _refused(self, row: int, draft: _Draft) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            if not isinstance(error, VslaError):
                self._shell.say_error(error)
                return
            at = WHY if getattr(error, "field", "") == "reason" else RIGHT
            line = self.page.lines[row]
            self._drafts[line.transaction_id] = _Draft(
                draft.text, draft.amount, draft.reason, sentence_of(error), at
            )
            self.row_changed(row)

        return failed

    def restore(self, row: int, column: int) -> None:  # noqa: ARG002 - both cells are one
        """Correct nothing in this row."""
        self._drafts.pop(self.page.lines[row].transaction_id, None)
        self.row_changed(row)

    def toggle(self, row: int, column: int) -> None:
        """There is nothing to toggle."""

    def copy_above(self, row: int, column: int) -> None:
        """Enter what stands in the cell above."""
        if row > 0:
            self.enter(row, column, self.cell(row - 1, column).text)

    def fill_usual(self, column: int) -> None:
        """No correction is usual."""
