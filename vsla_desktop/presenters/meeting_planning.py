"""Moving the next meeting to another day, or cancelling it, before it is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy.orm import Session

from vsla_desktop.clock import Clock
from vsla_desktop.db import Database
from vsla_desktop.errors import RuleBroken, VslaError
from vsla_desktop.i18n import DateStyle, _, format_date
from vsla_desktop.presenters.days import read_day
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.queries.schedule import WITH_ROLL_CALL, PlannedMeeting, Proposal
from vsla_desktop.services.schedule import Plan, cancel_meeting, plan_meeting, postpone_meeting
from vsla_desktop.wording import meeting_word, sentence_of

_KINDS: Final = ("SPECIAL", "ANNUAL", "EMERGENCY", "REGULAR")


class PlanningPresenter:
    """What is planned or was cancelled, and what can be done with it.

    ``subject`` is the planned meeting that is moved or cancelled; the next one while it is None.
    ``done`` tells that the plan is another one now, ``wanted`` that a planned meeting is to be held
    now. ``problems`` says what is wrong, by field: ``date``, ``status_reason``, ``purpose``,
    ``location`` or ``meeting``.
    """

    def __init__(
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        group_id: int,
        clock: Clock,
        proposal: Proposal,
        planned: Sequence[PlannedMeeting],
    ) -> None:
        self.changed: Event[[]] = Event()
        self.done: Event[[]] = Event()
        self.wanted: Event[[PlannedMeeting]] = Event()
        self.proposal = proposal
        self.planned = tuple(planned)
        self.subject = proposal.planned
        self.problems: dict[str, str] = {}
        self._database = database
        self._runner = runner
        self._shell = shell
        self._group_id = group_id
        self._clock = clock

    def lines(self) -> list[str]:
        """One sentence for each meeting that is planned, was moved or was cancelled."""
        return [planned_words(each) for each in self.planned]

    def title(self) -> str:
        """Which meeting it is about."""
        subject = self.subject
        if subject is not None and subject.kind not in WITH_ROLL_CALL:
            day = format_date(subject.day, DateStyle.WEEKDAY)
            return _("{kind}, {day}", kind=meeting_word(subject.kind), day=day)
        number, day_of = self.proposal.number, self.proposal.day
        if subject is not None:
            number, day_of = subject.number, subject.day
        day = format_date(day_of, DateStyle.WEEKDAY)
        return _("Meeting {number}, {day}", number=number, day=day)

    def kinds(self) -> list[tuple[str, str]]:
        """The kinds of meeting that can be planned, each with its word; the special one first."""
        return [(kind, meeting_word(kind)) for kind in _KINDS]

    def choose(self, place: int) -> None:
        """Turn to this planned meeting, to move or cancel it."""
        self.subject, self.problems = self.planned[place], {}
        self.changed()

    def choose_next(self) -> None:
        """Turn to the next meeting again."""
        self.subject, self.problems = self.proposal.planned, {}
        self.changed()

    def hold(self, place: int) -> None:
        """Hold this planned meeting now, whatever the next one is."""
        self.wanted(self.planned[place])

    def plan(self, kind: str, day_text: str, location: str, purpose: str) -> None:
        """Write down a meeting to come."""
        try:
            day = read_day(day_text, self._clock.today())
        except RuleBroken as error:
            self._refused(error)
            return
        plan = Plan(day=day, kind=kind, location=location, purpose=purpose)

        def action(session: Session) -> None:
            plan_meeting(session, self._group_id, plan, clock=self._clock)

        self._do(action, _("Planned for {day}.", day=format_date(day, DateStyle.WEEKDAY)))

    def move(self, day_text: str, reason: str) -> None:
        """Hold the meeting on another day."""
        try:
            day = read_day(day_text, self._clock.today())
        except RuleBroken as error:
            self._refused(error)
            return

        def action(session: Session) -> None:
            postpone_meeting(session, self._row(session), day, reason, clock=self._clock)

        words = _("Moved to {day}.", day=format_date(day, DateStyle.WEEKDAY))
        self._do(action, words)

    def cancel(self, reason: str) -> None:
        """Do not hold the meeting."""
        subject = self.subject
        number = self.proposal.number if subject is None else subject.number

        def action(session: Session) -> None:
            cancel_meeting(session, self._row(session), reason, clock=self._clock)

        self._do(action, _("Meeting {number} is cancelled.", number=number))

    def _row(self, session: Session) -> int:
        if self.subject is not None:
            return self.subject.meeting_id
        plan = Plan(day=self.proposal.day, number=self.proposal.number)
        return plan_meeting(session, self._group_id, plan, clock=self._clock)

    def _do(self, action: Callable[[Session], None], words: str) -> None:
        def job() -> None:
            with self._database.write() as session:
                action(session)

        def came(_none: None) -> None:
            self._shell.say(words)
            self.done()

        self.problems = {}
        self._runner.submit(job, came, self._failed, owner=self)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, VslaError):
            self._refused(error)
        else:
            self._shell.say_error(error)

    def _refused(self, error: VslaError) -> None:
        self.problems = {getattr(error, "field", "") or "meeting": sentence_of(error)}
        self.changed()


def planned_words(meeting: PlannedMeeting) -> str:
    """Say one meeting that is planned, was moved or was cancelled, its place and what it is for."""
    values = {
        "number": meeting.number,
        "kind": meeting_word(meeting.kind),
        "day": format_date(meeting.day),
        "planned": format_date(meeting.planned_day),
        "reason": meeting.reason,
    }
    calls_roll = meeting.kind in WITH_ROLL_CALL
    if meeting.is_cancelled:
        words = _("Meeting {number}, {planned}: cancelled. {reason}", **values)
    elif meeting.is_moved and calls_roll:
        words = _("Meeting {number}, {planned}: moved to {day}. {reason}", **values)
    elif meeting.is_moved:
        words = _("{kind}, {planned}: moved to {day}. {reason}", **values)
    elif calls_roll:
        words = _("Meeting {number}, {day}: planned.", **values)
    else:
        words = _("{kind}, {day}: planned.", **values)
    names_kind = meeting.kind == "REGULAR" or not (calls_roll or meeting.is_cancelled)
    kind = "" if names_kind else f"{meeting_word(meeting.kind)}."
    said = " ".join(part for part in (words, kind) if part)
    where = place_words(meeting)
    between = " · " if meeting.reason and where else " " if where else ""
    return f"{said}{between}{where}"


def place_words(meeting: PlannedMeeting) -> str:
    """Say where a planned meeting is held and what for, as far as somebody wrote it."""
    return " ".join(f"{said.rstrip('.')}." for said in (meeting.place, meeting.purpose) if said)
