"""Before the meeting: what the box held last time, the number and day, and the opening count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.money import parse_count
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken, VslaError
from vsla_desktop.i18n import _, format_date, translate_counted
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.meeting_counting import PurseCounter
from vsla_desktop.presenters.meeting_planning import place_words
from vsla_desktop.presenters.meeting_reading import OpenMeeting, read_book
from vsla_desktop.queries.history import meeting_history
from vsla_desktop.queries.meetings import (
    MeetingLine,
    counts_from_json,
    expected_in_box,
    last_closed,
    meetings_of,
    open_meeting_id,
)
from vsla_desktop.queries.pages import CYCLE_SHARED_OUT, group_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.schedule import (
    WITH_ROLL_CALL,
    PlannedMeeting,
    Proposal,
    next_number,
    planned_meetings,
    proposed_meeting,
)
from vsla_desktop.services.counts import PurseCounted
from vsla_desktop.services.meetings import NewMeeting
from vsla_desktop.wording import GroupWords, MoneyText, meeting_word, sentence_of

KINDS = ("REGULAR", "SPECIAL", "ANNUAL", "EMERGENCY")
_MOST_NUMBER = 100_000


@dataclass(frozen=True, slots=True)
class Announced:
    """One purse: what the last meeting announced, and what the book holds now."""

    fund: Fund
    name: str
    announced: str
    now: str
    words: str


@dataclass(frozen=True, slots=True)
class BeforeMeeting:
    """What the book knows before a meeting is opened."""

    currency_code: str
    has_cycle: bool
    is_shared_out: bool
    last: MeetingLine | None
    closing: dict[Fund, Decimal]
    expected: dict[Fund, Decimal]
    proposal: Proposal
    planned: tuple[PlannedMeeting, ...]
    next_number: int
    words: GroupWords
    most_merged: int
    closed: tuple[MeetingLine, ...]


def read_before(session: Session, group_id: int, today: date) -> BeforeMeeting:
    """Read what stands before the next meeting of a group."""
    page = group_page(session, group_id, today, or_shared_out=True)
    rules = rules_on(session, page)
    is_shared_out = page.cycle_status == CYCLE_SHARED_OUT
    meetings = meetings_of(session, group_id)
    closed = tuple(line for line in meetings if line.status == "COMPLETED")
    before = last_closed(session, group_id)
    last = None
    closing: dict[Fund, Decimal] = {}
    if before is not None:
        last = next((line for line in closed if line.meeting_id == before.id), None)
        for count in counts_from_json(before.closing_count):
            if count.counted is not None:
                closing[count.fund] = count.counted
    return BeforeMeeting(
        currency_code=page.currency_code,
        has_cycle=page.cycle_id is not None and not is_shared_out,
        is_shared_out=is_shared_out,
        last=last,
        closing=closing,
        expected=expected_in_box(session, group_id),
        proposal=proposed_meeting(session, group_id, rules, today),
        planned=planned_meetings(session, group_id),
        next_number=next_number(session, group_id),
        words=GroupWords.of(rules),
        most_merged=rules.max_meetings_merged,
        closed=closed,
    )


def read_now(session: Session, group_id: int, today: date) -> OpenMeeting | BeforeMeeting:
    """Read where a group stands: at its open meeting, or before the next one."""
    meeting_id = open_meeting_id(session, group_id)
    if meeting_id is None:
        return read_before(session, group_id, today)
    return OpenMeeting(read_book(session, meeting_id), meeting_history(session, meeting_id))


class OpeningPresenter:
    """The first page of a meeting. ``problems`` says what is wrong, by field."""

    def __init__(self, before: BeforeMeeting, today: date) -> None:
        self.changed: Event[[]] = Event()
        self.before = before
        self.today = today
        self.money = MoneyText(currency(before.currency_code))
        self.day = before.proposal.day
        self.day_text = write_day(self.day)
        self.number_text = str(before.proposal.number)
        self.planned = before.proposal.planned if not before.is_shared_out else None
        self.kind = self.planned.kind if self.planned is not None else self.kinds()[0][0]
        self.meetings_merged = 1
        self.problems: dict[str, str] = {}
        self.purses = [
            PurseCounter(fund, expected, self.money, before.words)
            for fund, expected in before.expected.items()
        ]

    # ------------------------------------------------------------------ what is shown

    def announced(self) -> list[Announced]:
        """What each purse held when the last meeting closed, in figures and words."""
        shown = []
        for fund, now in self.before.expected.items():
            then = self.before.closing.get(fund, now)
            shown.append(
                Announced(
                    fund,
                    self.before.words.fund(fund),
                    self.money.with_code(then),
                    self.money.with_code(now) if now != then else "",
                    self.money.in_words(then),
                )
            )
        return shown

    def last_sentence(self) -> str:
        """When the last meeting was."""
        last = self.before.last
        if last is None:
            return _("This is the first meeting in this book.")
        return _("Meeting {number} closed on {day}.", number=last.number, day=format_date(last.day))

    def day_sentence(self) -> str:
        """What the laptop's own day says to the chosen one; a laptop's clock may be wrong."""
        if self.day > self.today:
            return _("This day is still to come.")
        return ""

    def plan_sentence(self) -> str:
        """Where it is held and what for, if it was planned so."""
        return place_words(self.planned) if self.planned is not None else ""

    def kinds(self) -> list[tuple[str, str]]:
        """The kinds of meeting, each with its word; no roll is called once all is shared out."""
        without = WITH_ROLL_CALL if self.before.is_shared_out else ()
        return [(kind, meeting_word(kind)) for kind in KINDS if kind not in without]

    def kind_sentence(self) -> str:
        """What this kind of meeting asks for."""
        return {
            "REGULAR": _("Everybody is called."),
            "ANNUAL": _("Everybody is called."),
            "SPECIAL": _("No roll call is needed."),
            "EMERGENCY": _("No roll call is needed."),
        }[self.kind]

    def merged_choices(self) -> list[str]:
        """For how many meetings this one may stand."""
        return [
            translate_counted("{count} meeting", "{count} meetings in one", count)
            for count in range(1, self.before.most_merged + 1)
        ]

    # ------------------------------------------------------------------ what a person does

    def write_day(self, text: str) -> None:
        """Hold it on this day; a text that is none stays, with a sentence."""
        self.day_text = text
        self.problems.pop("date", None)
        try:
            self.day = read_day(text, self.today)
        except RuleBroken as error:
            self.problems["date"] = sentence_of(error)
        else:
            self.day_text = write_day(self.day)
        self.changed()

    def use_today(self) -> None:
        """Hold it today."""
        self.write_day(write_day(self.today))

    def write_number(self, text: str) -> None:
        """Give it this number."""
        self.number_text = text.strip()
        self._put_right("number")

    def choose_kind(self, kind: str) -> None:
        """Make it a meeting of this kind; one beside the rhythm is not the one of the rhythm."""
        self.kind = kind
        planned = self.planned
        if planned is not None and (planned.kind in WITH_ROLL_CALL) != (kind in WITH_ROLL_CALL):
            self.planned = None
            self.number_text = str(self.before.next_number)
        self._put_right("kind")

    def hold(self, planned: PlannedMeeting) -> None:
        """Hold this planned meeting, on the day that it is planned for."""
        self.planned = planned
        self.kind = planned.kind
        calls_roll = planned.kind in WITH_ROLL_CALL
        self.number_text = str(planned.number if calls_roll else self.before.next_number)
        self.problems = {}
        self.write_day(write_day(planned.day))

    def choose_merged(self, count: int) -> None:
        """Let it stand for so many meetings."""
        self.meetings_merged = count
        self._put_right("meetings_merged")

    def _put_right(self, field: str) -> None:
        self.problems.pop(field, None)
        self.changed()

    # ------------------------------------------------------------------ for the book

    def new_meeting(self) -> NewMeeting:
        """The meeting to be opened; raise :class:`RuleBroken` for a day or number that is none."""
        read_day(self.day_text, self.today)
        number = parse_count(self.number_text, _MOST_NUMBER, field="number")
        return NewMeeting(
            day=self.day,
            number=number,
            kind=self.kind,
            meetings_merged=self.meetings_merged,
            planned_id=self.planned.meeting_id if self.planned is not None else None,
        )

    def counts(self) -> dict[Fund, PurseCounted]:
        """The opening count; raise :class:`RuleBroken` while a purse is not counted."""
        return {purse.fund: purse.purse() for purse in self.purses}

    def is_about_counting(self, error: VslaError) -> bool:
        """Whether a refusal is about the count rather than the number or day."""
        field = getattr(error, "field", "")
        return field in {"reason", "count"} or field in {purse.fund.value for purse in self.purses}

    def refuse(self, error: VslaError) -> None:
        """Show what the book said, at the field that it is about."""
        if self.is_about_counting(error):
            field = getattr(error, "field", "")
            named = [purse for purse in self.purses if purse.fund.value == field]
            for purse in named or [each for each in self.purses if each.problem]:
                purse.refuse(sentence_of(error))
        else:
            self.problems[getattr(error, "field", "") or "meeting"] = sentence_of(error)
        self.changed()
