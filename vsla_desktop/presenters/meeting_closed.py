"""Looking at a closed meeting: its entries, and what later meetings put right of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from vsla_desktop.domain.seal import short_form
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.meeting_columns import words_of
from vsla_desktop.presenters.meeting_reading import Book, read_book
from vsla_desktop.presenters.meeting_roll import RollPresenter
from vsla_desktop.presenters.meeting_slip import Slip, make_slip
from vsla_desktop.presenters.shell import ShellPresenter, Tone
from vsla_desktop.queries.lines import LedgerLine, group_lines, meeting_lines
from vsla_desktop.queries.mark_corrections import RollMark, put_right_at, roll_marks
from vsla_desktop.queries.meetings import MeetingLine, meetings_of, open_meeting_id
from vsla_desktop.services.meetings import REGULAR
from vsla_desktop.wording import meeting_word, posting_word


@dataclass(frozen=True, slots=True)
class ClosedPage:
    """A closed meeting: its page, its entries, and what later meetings corrected of them.

    ``corrections`` holds by reference the reversal and the right entry, if there is one. ``roll``
    are its marks, ``put_right`` those of earlier meetings that it corrected itself.
    """

    book: Book
    lines: tuple[LedgerLine, ...]
    corrections: dict[str, tuple[LedgerLine, LedgerLine | None]]
    open_meeting_id: int | None
    roll: tuple[RollMark, ...]
    put_right: tuple[RollMark, ...]

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
    return ClosedPage(
        book,
        lines,
        corrections,
        open_meeting_id(session, book.sheet.group_id),
        roll_marks(session, meeting_id),
        put_right_at(session, meeting_id),
    )


def read_earlier(
    session: Session, group_id: int, meeting_id: int | None
) -> tuple[tuple[MeetingLine, ...], ClosedPage | None]:
    """Read the meetings that are closed, and one of them: the last one unless another is said."""
    closed = tuple(line for line in meetings_of(session, group_id) if line.status == "COMPLETED")
    wanted = [line.meeting_id for line in closed if meeting_id in {None, line.meeting_id}]
    return closed, read_closed(session, wanted[-1]) if wanted else None


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


class EntriesPresenter:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of a closed meeting's entries.

    The meeting stays as it is. A correction is made in the cashbook, like any other, and is shown
    here beside its entry: the right amount, why, and in which meeting. ``row`` is the one gone to,
    and ``roll`` the roll call. Both go on as they were shown ``before`` for the same meeting.
    """

    def __init__(
        self,
        page: ClosedPage,
        shell: ShellPresenter,
        roll: RollPresenter,
        *,
        before: EntriesPresenter | None = None,
    ) -> None:
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.page = page
        self.roll = roll
        self.row = 0
        self._shell = shell
        if before is not None and before.page.slip == page.slip:
            self.row = before.row
            roll.row, roll.is_shown = before.roll.row, before.roll.is_shown

    # ------------------------------------------------------------------ what is shown

    def row_count(self) -> int:
        """One row an entry."""
        return len(self.page.lines)

    def columns(self) -> Sequence[Column]:
        """Who, what, how much; the right amount and why; what was corrected."""
        code = self.page.book.sheet.currency
        return (
            Column("number", _("No."), CellKind.COUNT, width=4),
            Column("name", _("Member"), width=22),
            Column("what", _("Entry"), width=24),
            Column("amount", _("Amount"), CellKind.AMOUNT, note=code),
            Column("right", _("Right amount"), CellKind.AMOUNT, note=code),
            Column("why", _("Why"), width=26),
            Column("state", _("Corrected"), width=16),
        )

    def row_title(self, row: int) -> str:
        """Whose entry it is."""
        line = self.page.lines[row]
        who = f"{line.member_number} {line.member_name}" if line.member_id else self._fund(line)
        return f"{who} · {posting_word(line.type)}"

    def cell(self, row: int, column: int) -> Cell:
        """One cell of the list."""
        line = self.page.lines[row]
        match self.columns()[column].key:
            case "number":
                return Cell("" if line.member_number is None else str(line.member_number))
            case "name":
                return Cell(line.member_name or self._fund(line))
            case "what":
                return Cell(posting_word(line.type), tooltip=line.description)
            case "amount":
                sign = "" if line.effect >= 0 else "\N{MINUS SIGN}"
                return Cell(f"{sign}{self.page.book.money.amount(line.amount)}")
            case "right":
                return Cell(self._right(line))
            case "why":
                return Cell(self._why(line))
            case _:
                return self._state(line)

    def _fund(self, line: LedgerLine) -> str:
        return words_of(self.page.book).fund(line.fund)

    def _right(self, line: LedgerLine) -> str:
        found = self.page.corrections.get(line.reference)
        if found is None:
            return ""
        return self.page.book.money.amount(found[1].amount) if found[1] is not None else "0"

    def _why(self, line: LedgerLine) -> str:
        found = self.page.corrections.get(line.reference)
        return line.reason if found is None else found[0].reason

    def _state(self, line: LedgerLine) -> Cell:
        found = self.page.corrections.get(line.reference)
        if found is not None:
            words = _("in meeting {number}", number=found[0].meeting_number or "")
            return Cell(words, icon="undo", tone=Tone.MUTED)
        if line.is_reversal:
            return Cell(_("taken back"), icon="undo", tone=Tone.WARNING)
        return Cell(_("put right"), icon="undo") if line.is_correction else Cell()

    # ------------------------------------------------------------------ what a person does

    def open_row(self, row: int) -> None:
        """Lead to where this entry is corrected; say so when nothing can be."""
        if self.page.open_meeting_id is None:
            self._shell.say_error(
                RuleBroken("Open a meeting first.", hint="A correction is written there.")
            )
        elif 0 <= row < len(self.page.lines):
            self.row = row
            self._shell.correct_entry(self.page.lines[row].transaction_id)
