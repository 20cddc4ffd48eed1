"""Who takes part in an activity of the meeting, and how each votes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from vsla_desktop.errors import VslaError
from vsla_desktop.i18n import _, labelled, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, CellState, Column
from vsla_desktop.presenters.meeting_book import MeetingBook
from vsla_desktop.presenters.meeting_undo import UndoStep
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.activities import ActivityKind, ActivityLine, Ballot
from vsla_desktop.queries.sheet import SheetRow
from vsla_desktop.services.activities import record_ballot, record_part
from vsla_desktop.wording import sentence_of

_PART = 2
_LOOKS = {
    Ballot.FOR: ("check", Tone.GOOD),
    Ballot.AGAINST: ("close", Tone.WARNING),
    Ballot.ABSTAINED: ("minus", Tone.MUTED),
}
Part = Ballot | bool | None


class PartsOwner(Protocol):
    """Which activity is shown, and of which meeting."""

    meeting: MeetingBook

    @property
    def line(self) -> ActivityLine | None:
        """The activity whose members are shown."""


def activity_word(kind: ActivityKind) -> str:
    """Say what an activity is."""
    return {
        ActivityKind.VOTING: _("Voting"),
        ActivityKind.TRAINING: _("Training"),
        ActivityKind.DISCUSSION: _("Discussion"),
    }[kind]


def ballot_word(ballot: Ballot) -> str:
    """Say how a member votes."""
    return {
        Ballot.FOR: _("For"),
        Ballot.AGAINST: _("Against"),
        Ballot.ABSTAINED: _("Neither"),
    }[ballot]


def result_of(line: ActivityLine) -> str:
    """Say how a vote stands, or how many take part."""
    if line.kind is ActivityKind.VOTING:
        vote = line.vote
        if vote is None:
            return _("Nobody has voted yet.")
        counts = _(
            "For {in_favour} · against {against} · neither {abstained}",
            in_favour=vote.in_favour,
            against=vote.against,
            abstained=vote.abstained,
        )
        return f"{counts} · {outcome_of(line)}"
    return translate_counted(
        "{count} member takes part.", "{count} members take part.", len(line.parts)
    )


def outcome_of(line: ActivityLine) -> str:
    """Whether a vote is passed; of any other activity, and of no vote yet, what is known."""
    if line.vote is None:
        return result_of(line)
    return _("passed") if line.vote.is_passed else _("not passed")


class PartsGrid:
    """The members who are present, and what each does in the chosen activity."""

    frozen_columns = _PART

    def __init__(self, owner: PartsOwner) -> None:
        self.row_changed: Event[[int]] = Event()
        self.layout_changed: Event[[]] = Event()
        self._owner = owner
        self._typed: dict[tuple[int, int], Part] = {}  # on its way into the book
        self._wrong: dict[tuple[int, int], tuple[str, str]] = {}
        self._shown: object = None

    def read_again(self) -> None:
        """Show what the book has now."""
        self._typed.clear()
        shown = (self._owner.line and self._owner.line.activity_id, self._members())
        if shown != self._shown:
            self._shown = shown
            self.layout_changed()
        else:
            self.row_changed(-1)

    def _members(self) -> tuple[tuple[int, str], ...]:
        return tuple((row.member_id, row.name) for row in self._rows())

    def _rows(self) -> list[SheetRow]:
        line = self._owner.line
        if line is None or line.is_counted:
            return []
        rows = self._owner.meeting.book.sheet.rows
        return [row for row in rows if row.attendance is not None and row.attendance.is_present]

    def row_count(self) -> int:
        """How many members are present."""
        return len(self._rows())

    def columns(self) -> Sequence[Column]:
        """Number, name, and what the member does."""
        line = self._owner.line
        is_vote = line is not None and line.kind is ActivityKind.VOTING
        return [
            Column("number", _("No."), CellKind.COUNT, width=3),
            Column("name", _("Name"), width=16),
            Column(
                "part",
                _("Voting") if is_vote else _("Takes part"),
                CellKind.TOGGLE,
                is_editable=True,
                width=12,
            ),
        ]

    def cell(self, row: int, column: int) -> Cell:
        """The cell as it is to be shown now."""
        member = self._rows()[row]
        if column < _PART:
            texts = (str(member.number), member.name)
            return Cell(texts[column], CellState.READONLY)
        line = self._line()
        wrong = self._wrong.get((line.activity_id, member.member_id))
        if wrong is not None:
            return Cell(wrong[0], CellState.IMPOSSIBLE, wrong[1])
        is_open = self._owner.meeting.book.sheet.is_open
        state = CellState.FINE if is_open else CellState.READONLY
        part = self._part(line, member.member_id)
        if isinstance(part, Ballot):
            icon, tone = _LOOKS[part]
            return Cell(ballot_word(part), state, icon=icon, tone=tone)
        if part:
            return Cell(_("Yes"), state, icon="check", tone=Tone.GOOD)
        return Cell("", state)

    def row_title(self, row: int) -> str:
        """Whose row it is."""
        member = self._rows()[row]
        return f"{member.number} {member.name}"

    def choices(self, row: int, column: int) -> Sequence[str]:  # noqa: ARG002 - no choice cells
        """Nothing is chosen from a list here."""
        return ()

    def totals(self) -> Sequence[str]:
        """Whether the vote is passed, or how many take part; the counts stand in the heading."""
        line = self._owner.line
        if line is None or not self.row_count():
            return ()
        return ("", _("Total"), outcome_of(line))

    # ------------------------------------------------------------------ what a person does

    def enter(self, row: int, column: int, text: str) -> None:
        """Take the first letter of a word; nothing takes the mark away."""
        if column < _PART:
            return
        wanted = text.strip().casefold()
        words: list[tuple[str, Part]] = [(ballot_word(each), each) for each in Ballot]
        if self._line().kind is not ActivityKind.VOTING:
            words = [(_("Yes"), True), (_("No"), None)]
        found = [part for word, part in words if word.casefold().startswith(wanted)]
        if not wanted:
            self._put(row, None)
        elif found:
            self._put(row, found[0])
        else:
            place = (self._line().activity_id, self._rows()[row].member_id)
            self._wrong[place] = (text, _("Type the first letter of a word."))
            self.row_changed(row)

    def accept(self, row: int, column: int) -> None:
        """Nothing is asked here."""

    def restore(self, row: int, column: int) -> None:  # noqa: ARG002 - one column takes something
        """Put back what the book has."""
        self._wrong.pop((self._line().activity_id, self._rows()[row].member_id), None)
        self.row_changed(row)

    def toggle(self, row: int, column: int) -> None:
        """Go to the next word."""
        if column < _PART:
            return
        line = self._line()
        part = self._part(line, self._rows()[row].member_id)
        if line.kind is ActivityKind.VOTING:
            ways: list[Part] = [*Ballot, None]
            here = ways.index(part if isinstance(part, Ballot) else None)
            self._put(row, ways[(here + 1) % len(ways)])
        else:
            self._put(row, None if part else True)

    def copy_above(self, row: int, column: int) -> None:
        """Take what the member above does."""
        if row > 0 and column == _PART:
            self._put(row, self._part(self._line(), self._rows()[row - 1].member_id))

    def fill_usual(self, column: int) -> None:
        """All who have no mark yet: take part, or are for it."""
        if column != _PART:
            return
        line = self._line()
        usual: Part = Ballot.FOR if line.kind is ActivityKind.VOTING else True
        for place, member in enumerate(self._rows()):
            if not self._part(line, member.member_id):
                self._put(place, usual)

    def find_row(self, text: str) -> int | None:
        """The first member with this number, or with this in the name."""
        wanted = text.strip().casefold()
        for place, row in enumerate(self._rows()):
            if wanted and (str(row.number) == wanted or wanted in row.name.casefold()):
                return place
        return None

    # ------------------------------------------------------------------ the book

    def _line(self) -> ActivityLine:
        line = self._owner.line
        assert line is not None  # noqa: S101 - there are no cells without one
        return line

    def _part(self, line: ActivityLine, member_id: int) -> Part:
        typed = self._typed.get((line.activity_id, member_id), line)
        if not isinstance(typed, ActivityLine):
            return typed
        if member_id not in line.parts:
            return None
        return line.parts[member_id] or True

    def _put(self, row: int, part: Part) -> None:
        line, member = self._line(), self._rows()[row]
        meeting, before = self._owner.meeting, self._part(line, member.member_id)
        place = (line.activity_id, member.member_id)
        self._wrong.pop(place, None)
        if part == before:
            self.row_changed(row)
            return

        def write(session: Session, wanted: Part) -> None:
            clock = meeting.clock
            if line.kind is ActivityKind.VOTING:
                ballot = wanted if isinstance(wanted, Ballot) else None
                record_ballot(session, *place, ballot, clock=clock)
            else:
                record_part(session, *place, took_part=bool(wanted), clock=clock)

        def came(_none: None) -> None:
            name = labelled(line.name, f"{member.number} {member.name}")
            meeting.undo_stack.push(UndoStep(name, lambda session: write(session, before)))

        def refused(error: VslaError) -> None:
            self._typed.pop(place, None)
            word = ballot_word(part) if isinstance(part, Ballot) else ""
            self._wrong[place] = (word or _("Yes"), sentence_of(error))
            self.row_changed(row)

        self._typed[place] = part
        self.row_changed(row)
        meeting.write(lambda session: write(session, part), came, refused)
