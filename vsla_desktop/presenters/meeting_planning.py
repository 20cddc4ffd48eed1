"""Moving the next meeting to another day, or cancelling it, before it is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy.orm import Session

from vsla_desktop.clock import Clock
from vsla_desktop.db import Database
from vsla_desktop.errors import RuleBroken, VslaError
from vsla_desktop.i18n import DateStyle, _, format_date
from vsla_desktop.presenters.days import read_day
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.queries.schedule import PlannedMeeting, Proposal
from vsla_desktop.services.schedule import Plan, cancel_meeting, plan_meeting, postpone_meeting
from vsla_desktop.wording import meeting_word, sentence_of


class PlanningPresenter:
    """What is planned or was cancelled, and what can be done with the next meeting.

    ``done`` tells that the plan is another one now. ``problems`` says what is wrong, by field:
    ``date``, ``status_reason`` or ``meeting``.
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
        self.proposal = proposal
        self.planned = tuple(planned)
        self.problems: dict[str, str] = {}
        self._database = database
        self._runner = runner
        self._shell = shell
        self._group_id = group_id
        self._clock = clock

    def lines(self) -> list[str]:
        """One sentence for each meeting that is planned, was moved or was cancelled."""
        return [_line(each) for each in self.planned]

    def title(self) -> str:
        """Which meeting it is about."""
        return _(
            "Meeting {number}, {day}",
            number=self.proposal.number,
            day=format_date(self.proposal.day, DateStyle.WEEKDAY),
        )

    def move(self, day_text: str, reason: str) -> None:
        """Hold the next meeting on another day."""
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
        """Do not hold the next meeting."""

        def action(session: Session) -> None:
            cancel_meeting(session, self._row(session), reason, clock=self._clock)

        self._do(action, _("Meeting {number} is cancelled.", number=self.proposal.number))

    def _row(self, session: Session) -> int:
        if self.proposal.planned is not None:
            return self.proposal.planned.meeting_id
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


def _line(meeting: PlannedMeeting) -> str:
    values = {
        "number": meeting.number,
        "day": _short(meeting.day),
        "planned": _short(meeting.planned_day),
        "reason": meeting.reason,
    }
    if meeting.is_cancelled:
        words = _("Meeting {number}, {planned}: cancelled. {reason}", **values)
    elif meeting.is_moved:
        words = _("Meeting {number}, {planned}: moved to {day}. {reason}", **values)
    else:
        words = _("Meeting {number}, {day}: planned.", **values)
    return words if meeting.kind == "REGULAR" else f"{words} {meeting_word(meeting.kind)}."


def _short(day: date) -> str:
    return format_date(day)
