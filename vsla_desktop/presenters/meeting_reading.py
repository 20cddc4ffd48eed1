"""What the book says of a meeting, read at once for the whole page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.fines import FineType
from vsla_desktop.queries.activities import ActivityLine, activities_of
from vsla_desktop.queries.history import Entered
from vsla_desktop.queries.sheet import MeetingSheet, meeting_sheet
from vsla_desktop.services.fines import BY_ROLL_CALL, WORDS, meeting_fines
from vsla_desktop.services.meetings import REGULAR
from vsla_desktop.wording import MoneyText, held_words, meeting_word


@dataclass(frozen=True, slots=True)
class Charged:
    """One fine of the meeting: what it is for, and whether the roll call charged it."""

    kind: FineType
    amount: Decimal
    is_by_roll_call: bool


@dataclass(frozen=True, slots=True)
class Book:
    """What the book says of the meeting, as it was last read."""

    sheet: MeetingSheet
    fines: Mapping[int, tuple[Charged, ...]]
    money: MoneyText
    activities: Sequence[ActivityLine] = ()


@dataclass(frozen=True, slots=True)
class OpenMeeting:
    """A meeting that is open in the book, and what was entered at it so far."""

    book: Book
    history: tuple[Entered, ...]


def day_words(book: Book) -> str:
    """The day of a meeting, its kind unless it is a regular one, and where and why it is held."""
    sheet = book.sheet
    kind = "" if sheet.kind == REGULAR else meeting_word(sheet.kind)
    return held_words(sheet.day, kind, sheet.place, sheet.purpose)


def read_book(session: Session, meeting_id: int) -> Book:
    """Read a meeting's page of the book."""
    sheet = meeting_sheet(session, meeting_id)
    fines = {
        row.member_id: tuple(
            Charged(_kind(fine.fine_type, fine.reason), fine.amount, fine.fine_type in BY_ROLL_CALL)
            for fine in meeting_fines(session, meeting_id, row.member_id)
        )
        for row in sheet.rows
        if row.fines_charged
    }
    money = MoneyText(currency(sheet.currency))
    return Book(sheet, fines, money, activities_of(session, meeting_id))


def _kind(recorded: str | None, reason: str | None) -> FineType:
    """Name what a fine is for; small disorders are recorded as one, with their own words."""
    said = next((kind for kind, words in WORDS.items() if words == reason), None)
    if said is not None and said.recorded_as == recorded:
        return said
    known = {kind.value for kind in FineType}
    return FineType(recorded) if recorded in known else FineType.MISCONDUCT
