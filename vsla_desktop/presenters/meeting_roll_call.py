"""The roll call on the sheet: each member's mark, and why or by whom somebody is not there."""

from __future__ import annotations

from dataclasses import replace
from unicodedata import normalize

from sqlalchemy.orm import Session
from typing_extensions import override

from vsla_desktop.clock import Clock
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import any_text
from vsla_desktop.presenters.grid import Cell, CellKind, CellState
from vsla_desktop.presenters.meeting_cells import SheetColumn, Value
from vsla_desktop.presenters.meeting_reading import Book
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.sheet import SheetRow
from vsla_desktop.services.attendance import record_attendance
from vsla_desktop.wording import attendance_word

_ROLL = tuple(AttendanceStatus)
_LOOKS = {
    AttendanceStatus.PRESENT: ("check", Tone.GOOD),
    AttendanceStatus.LATE: ("clock", Tone.WARNING),
    AttendanceStatus.ABSENT: ("minus", Tone.MUTED),
    AttendanceStatus.EXCUSED: ("info", Tone.MUTED),
    AttendanceStatus.REPRESENTED: ("group", Tone.PLAIN),
}


def roll_letters() -> dict[AttendanceStatus, str]:
    """The letter of each mark: the first of its word that no mark before it has.

    It is a plain one, which is on every keyboard: É is E.
    """
    letters: dict[AttendanceStatus, str] = {}
    for status in _ROLL:
        word = normalize("NFD", attendance_word(status).upper())
        letters[status] = next(
            each for each in word if each.isalpha() and each not in letters.values()
        )
    return letters


class AttendanceColumn(SheetColumn):
    """The roll call."""

    key, kind, is_editable, width = "attendance", CellKind.TOGGLE, True, 12

    @override
    def title(self) -> str:
        return _("Roll call")

    @override
    def note(self, book: Book) -> str:
        return " ".join(roll_letters().values())

    @override
    def value(self, book: Book, row: SheetRow) -> Value:
        return row.attendance

    @override
    def show(self, book: Book, value: Value) -> str:
        return attendance_word(value) if isinstance(value, AttendanceStatus) else ""

    @override
    def cell(self, book: Book, row: SheetRow) -> Cell:
        shown = self.look(row.attendance, takes=self.takes(book, row))
        return replace(shown, tooltip=said_of(row))

    def look(self, status: AttendanceStatus | None, *, takes: bool = True) -> Cell:
        """A mark with its icon and colour."""
        state = CellState.FINE if takes else CellState.READONLY
        if status is None:
            return Cell("", state)
        icon, tone = _LOOKS[status]
        return Cell(attendance_word(status), state, icon=icon, tone=tone)

    @override
    def read(self, book: Book, row: SheetRow, text: str) -> Value:
        wanted = text.strip().casefold()
        if not wanted:
            return None
        letters = roll_letters()
        for status in _ROLL:
            word = attendance_word(status).casefold()
            if wanted == letters[status].casefold() or (
                len(wanted) > 1 and word.startswith(wanted)
            ):
                return status
        raise RuleBroken(
            "Type a letter: {letters}.", field="attendance", letters=", ".join(letters.values())
        )

    def after(self, status: AttendanceStatus | None) -> AttendanceStatus:
        """The mark that the space bar goes to."""
        if status is None:
            return _ROLL[0]
        return _ROLL[(_ROLL.index(status) + 1) % len(_ROLL)]

    @override
    def usual(self, book: Book, row: SheetRow) -> Value:
        return AttendanceStatus.PRESENT

    @override
    def write(
        self, session: Session, book: Book, row: SheetRow, value: Value, clock: Clock
    ) -> None:
        status = value if isinstance(value, AttendanceStatus) else None
        words = said_of(row) if status is row.attendance else ""  # an undone mark has them again
        _record(session, book, row, status, words, clock)

    @override
    def total(self, book: Book) -> str:
        active = sum(row.is_active for row in book.sheet.rows)
        return _("{count} of {all}", count=book.sheet.present_count, all=active)


_MOST_WORDS = 200
"""So many characters the book keeps of a representative's name."""


def said_of(row: SheetRow) -> str:
    """Why a member is excused, or who came instead."""
    match row.attendance:
        case AttendanceStatus.EXCUSED:
            return row.excuse
        case AttendanceStatus.REPRESENTED:
            return row.represented_by
    return ""


class AttendanceNoteColumn(SheetColumn):
    """Why a member is excused, or who came instead: it takes words for these two marks only."""

    key, kind, is_editable, width = "attendance_note", CellKind.TEXT, True, 18

    @override
    def title(self) -> str:
        return _("Why, or who came")

    @override
    def value(self, book: Book, row: SheetRow) -> Value:
        return said_of(row)

    @override
    def takes(self, book: Book, row: SheetRow) -> bool:
        is_asked = row.attendance in {AttendanceStatus.EXCUSED, AttendanceStatus.REPRESENTED}
        return is_asked and super().takes(book, row)

    @override
    def read(self, book: Book, row: SheetRow, text: str) -> Value:
        words = any_text(text)
        if len(words) > _MOST_WORDS:
            raise RuleBroken(
                "Enter at most {most} characters.", field="attendance_note", most=_MOST_WORDS
            )
        return words

    @override
    def write(
        self, session: Session, book: Book, row: SheetRow, value: Value, clock: Clock
    ) -> None:
        _record(session, book, row, row.attendance, str(value or ""), clock)


def _record(
    session: Session,
    book: Book,
    row: SheetRow,
    status: AttendanceStatus | None,
    words: str,
    clock: Clock,
) -> None:
    record_attendance(
        session,
        book.sheet.meeting_id,
        row.member_id,
        status,
        excuse_reason=words if status is AttendanceStatus.EXCUSED else None,
        represented_by=words if status is AttendanceStatus.REPRESENTED else None,
        clock=clock,
    )
