"""Votes, trainings and discussions of the meeting, and which members take part."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from vsla_desktop.domain.money import parse_count
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken, VslaError
from vsla_desktop.i18n import _, labelled, translate_counted
from vsla_desktop.presenters.activities_parts import (
    PartsGrid,
    activity_word,
    ballot_word,
    result_of,
)
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, CellState, Column
from vsla_desktop.presenters.meeting_book import MeetingBook
from vsla_desktop.presenters.meeting_undo import UndoStep
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.activities import ActivityKind, ActivityLine, Ballot
from vsla_desktop.services.activities import (
    add_activity,
    remove_activity,
)
from vsla_desktop.services.votes import record_vote
from vsla_desktop.wording import sentence_of

HANDS = ("in_favour", "against", "abstained")


class ActivitiesPresenter:
    """The list of activities; ``parts`` is the sheet of who takes part in the shown one.

    ``other_shown`` tells that another one is shown. ``problems`` says what is wrong with what is
    being added, by field.
    """

    def __init__(self, meeting: MeetingBook) -> None:
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.other_shown: Event[[]] = Event()
        self.added: Event[[]] = Event()
        self.meeting = meeting
        self.problems: dict[str, str] = {}
        self.chosen = 0
        self.parts = PartsGrid(self)
        meeting.changed.listen(self._read_again)

    # ------------------------------------------------------------------ what is shown

    @property
    def activities(self) -> Sequence[ActivityLine]:
        """What the book has."""
        return self.meeting.book.activities

    @property
    def line(self) -> ActivityLine | None:
        """The activity whose members are shown."""
        return self.activities[self.chosen] if self.chosen < len(self.activities) else None

    def result(self) -> str:
        """What came of the activity whose members are shown."""
        return result_of(self.line) if self.line is not None else ""

    @property
    def can_take_out(self) -> bool:
        """Whether the shown activity may be taken out: a vote stays."""
        line = self.line
        return line is not None and line.vote is None and self.meeting.book.sheet.is_open

    # ------------------------------------------------------------------ the list

    def row_count(self) -> int:
        """How many activities the meeting has."""
        return len(self.activities)

    def columns(self) -> Sequence[Column]:
        """What it is about, and the hands or ballots."""
        counts = ((field, ballot_word(each)) for field, each in zip(HANDS, Ballot, strict=True))
        return [
            Column("about", _("Activities"), width=18),
            *(Column(field, title, CellKind.COUNT) for field, title in counts),
        ]

    def cell(self, row: int, column: int) -> Cell:
        """One activity: a vote that passed has its sign and tone, with the counts beside it."""
        line = self.activities[row]
        if column:
            count = "" if line.vote is None else str(getattr(line.vote, HANDS[column - 1]))
            return Cell(count, CellState.READONLY)
        icon, tone = "", Tone.PLAIN
        if line.vote is not None:
            icon, tone = ("check", Tone.GOOD) if line.vote.is_passed else ("close", Tone.WARNING)
        return Cell(self.row_title(row), CellState.READONLY, icon=icon, tone=tone)

    def row_title(self, row: int) -> str:
        """What an activity is and what it is about."""
        line = self.activities[row]
        return labelled(activity_word(line.kind), line.name)

    def open_row(self, row: int) -> None:
        """Show who takes part in an activity."""
        self.choose(row)

    # ------------------------------------------------------------------ sentences

    def quorum_sentence(self) -> str:
        """How many may vote, or how many are missing before anybody can."""
        sheet = self.meeting.book.sheet
        if sheet.present_count < max(sheet.quorum_required, 1):
            return _(
                "No vote yet: {count} present; the quorum is {needed}.",
                count=sheet.present_count,
                needed=max(sheet.quorum_required, 1),
            )
        return translate_counted(
            "{count} member may vote.", "{count} members may vote.", sheet.present_count
        )

    def parts_sentence(self) -> str:
        """What to do in the sheet of members."""
        line = self.line
        if line is None:
            return _("Add a vote, a training or a discussion.")
        if line.is_counted:
            return _("Hands were counted: no names are kept.")
        if not self.parts.row_count():
            return _("Call the roll first.")
        if line.kind is ActivityKind.VOTING:
            return _("Press Space, or F, A or N. F4: all are for.")
        return _("Press Space for who takes part. F4: all.")

    # ------------------------------------------------------------------ what a person does

    def choose(self, place: int) -> None:
        """Show the members of another activity."""
        if place != self.chosen and 0 <= place < len(self.activities):
            self.chosen = place
            self.parts.layout_changed()
            self.other_shown()

    def add(self, kind: ActivityKind, name: str, hands: Sequence[str] = ("", "", "")) -> None:
        """Add an activity; with ``hands`` (for, against, abstained) the count of a vote."""
        self.problems = {}
        meeting_id, clock = self.meeting.meeting_id, self.meeting.clock
        is_counted = kind is ActivityKind.VOTING and any(text.strip() for text in hands)
        try:
            vote = self._hands(hands) if is_counted else Vote(0)
        except RuleBroken as error:
            self._refused(error)
            return

        def action(session: Session) -> int:
            if is_counted:
                return record_vote(session, meeting_id, name, vote, clock=clock).activity_id
            return add_activity(session, meeting_id, kind, name, clock=clock)

        def came(activity_id: int) -> None:
            if not is_counted:
                self._can_undo(f"{activity_word(kind)} {name}", activity_id)
            self.chosen = len(self.activities)  # where the new one will stand
            self.added()

        self.meeting.write(action, came, self._refused)

    def _hands(self, hands: Sequence[str]) -> Vote:
        most = len(self.meeting.book.sheet.rows)
        counts = [
            parse_count(text, most, field=field) if text.strip() else 0
            for field, text in zip(HANDS, hands, strict=True)
        ]
        return Vote(*counts)

    def _can_undo(self, name: str, activity_id: int) -> None:
        def undo(session: Session) -> None:
            remove_activity(session, activity_id, clock=self.meeting.clock)

        self.meeting.undo_stack.push(UndoStep(name, undo))

    def take_out(self) -> None:
        """Take out the shown activity, which was added by mistake."""
        if self.line is None:
            return
        activity_id = self.line.activity_id

        def action(session: Session) -> None:
            remove_activity(session, activity_id, clock=self.meeting.clock)

        self.chosen = 0
        self.meeting.write(action, lambda _none: None, self.meeting.shell.say_error)

    def _refused(self, error: VslaError) -> None:
        field = {"subject": "name"}.get(getattr(error, "field", ""), getattr(error, "field", ""))
        self.problems = {field or "name": sentence_of(error)}
        self.changed()

    def _read_again(self) -> None:
        self.chosen = max(min(self.chosen, len(self.activities) - 1), 0)
        self.parts.read_again()
        self.changed()
