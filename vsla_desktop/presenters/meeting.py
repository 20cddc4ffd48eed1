"""The meeting page: before the meeting, its sheet, its close, its slip, and earlier meetings."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from sqlalchemy.orm import Session

from vsla_desktop.clock import Clock
from vsla_desktop.db import Database
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import DateStyle, _, format_date
from vsla_desktop.presenters.activities import ActivitiesPresenter
from vsla_desktop.presenters.big_screen import BigScreenPresenter
from vsla_desktop.presenters.closing import ClosingPresenter
from vsla_desktop.presenters.closing_keys import KeysPresenter
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.meeting_book import MeetingBook, tried
from vsla_desktop.presenters.meeting_closed import (
    ClosedPage,
    EntriesPresenter,
    choices_of,
    read_earlier,
)
from vsla_desktop.presenters.meeting_opening import BeforeMeeting, OpeningPresenter, read_now
from vsla_desktop.presenters.meeting_other import NotesPresenter, OtherMoneyPresenter
from vsla_desktop.presenters.meeting_planning import PlanningPresenter
from vsla_desktop.presenters.meeting_reading import Book, OpenMeeting, day_words, read_book
from vsla_desktop.presenters.meeting_roll import RollPresenter
from vsla_desktop.presenters.meeting_sealing import Sealing
from vsla_desktop.presenters.meeting_sheet import SheetPresenter
from vsla_desktop.presenters.meeting_slip import Slip
from vsla_desktop.presenters.meeting_undo import MeetingUndo
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter, Tone
from vsla_desktop.queries.history import Entered, MoneyEntered
from vsla_desktop.queries.meetings import MeetingLine
from vsla_desktop.services.meetings import (
    MeetingOpened,
    as_expected,
    discard_meeting,
    open_meeting,
)
from vsla_desktop.services.officers_codes import Tries


class Stage(Enum):
    """Where the page stands."""

    READING = auto()
    NO_CYCLE = auto()
    BEFORE = auto()
    OPENING_COUNT = auto()
    SHEET = auto()
    CLOSING = auto()
    KEYS = auto()
    SLIP = auto()
    EARLIER = auto()


_AT_A_MEETING = frozenset({Stage.SHEET, Stage.CLOSING, Stage.KEYS, Stage.SLIP})


class MeetingPresenter:
    """Leads through a meeting of one group. ``changed`` tells that another part is shown.

    A meeting that is open in the book is shown on its sheet at once, whatever ended the program.
    """

    def __init__(
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        group_id: int,
        clock: Clock,
        undo: MeetingUndo | None = None,
        tries: Tries | None = None,
    ) -> None:
        self.changed: Event[[]] = Event()
        self.shell = shell
        self.stage = Stage.READING
        self.opening: OpeningPresenter | None = None
        self.planning: PlanningPresenter | None = None
        self.meeting: MeetingBook | None = None
        self.sheet: SheetPresenter | None = None
        self.other: OtherMoneyPresenter | None = None
        self.notes: NotesPresenter | None = None
        self.activities: ActivitiesPresenter | None = None
        self.big_screen: BigScreenPresenter | None = None
        self.closing: ClosingPresenter | None = None
        self.slip: Slip | None = None
        self.entries: EntriesPresenter | None = None
        self.earlier_meetings: tuple[MeetingLine, ...] = ()
        self.wanted_cell: tuple[int, str] | None = None
        self._database = database
        self._runner = runner
        self.group_id = group_id
        self._clock = clock
        self._undo = undo or MeetingUndo()
        self._sealing = Sealing(
            database, runner, shell, group_id=group_id, clock=clock, tries=tries or Tries()
        )
        self._sealing.asked.listen(self._ask_for_keys)
        self._sealing.refused.listen(self.back_to_counting)
        self._sealing.closed.listen(self._closed)

    # ------------------------------------------------------------------ what is shown

    @property
    def title(self) -> str:
        """The title of the page."""
        match self.stage:
            case Stage.EARLIER if self.entries is not None:
                return _("Meeting {number}", number=self.entries.page.book.sheet.number)
            case stage if stage in _AT_A_MEETING and self.meeting is not None:
                return _("Meeting {number}", number=self.meeting.book.sheet.number)
            case Stage.OPENING_COUNT:
                return _("Opening count")
        return _("Meeting")

    @property
    def note(self) -> str:
        """What stands beside the title: the day, and what kind of meeting it is."""
        if self.stage is Stage.EARLIER and self.entries is not None:
            return f"{day_words(self.entries.page.book)} · {_('closed')}"
        if self.stage in _AT_A_MEETING and self.meeting is not None:
            parts = {Stage.CLOSING: _("Closing count"), Stage.KEYS: _("Three keys")}
            part = parts.get(self.stage)
            return " · ".join((day_words(self.meeting.book), *((part,) if part else ())))
        if self.stage is Stage.OPENING_COUNT and self.opening is not None:
            return format_date(self.opening.day, DateStyle.WEEKDAY)
        return ""

    # ------------------------------------------------------------------ coming in

    def load(self) -> None:
        """Read where the group stands; typing that goes on is left alone.

        Where another page wants a mark put right, its roll call is turned to.
        """
        if (mark := self.shell.take_mark_to_correct()) is not None:
            self.look_back(*mark)
            return
        if self.stage in {Stage.SHEET, Stage.CLOSING, Stage.KEYS} and self.meeting is not None:
            self.meeting.refresh()
            return
        if self.stage is Stage.EARLIER and self.entries is not None:
            if self.entries.roll.form is None:
                self.look_back(self.entries.page.book.sheet.meeting_id)
            return
        if self.stage not in {Stage.READING, Stage.NO_CYCLE, Stage.BEFORE}:
            return
        group_id, today = self.group_id, self._clock.today()

        def job() -> OpenMeeting | BeforeMeeting:
            with self._database.read() as session:
                return read_now(session, group_id, today)

        self._runner.submit(job, self._loaded, self.shell.say_error, owner=self)

    def _loaded(self, found: OpenMeeting | BeforeMeeting) -> None:
        if isinstance(found, OpenMeeting):
            self._open_sheet(found.book, found.history)
            return
        self.opening = OpeningPresenter(found, self._clock.today())
        self.planning = PlanningPresenter(
            self._database,
            self._runner,
            self.shell,
            group_id=self.group_id,
            clock=self._clock,
            proposal=found.proposal,
            planned=found.planned,
        )
        self.planning.done.listen(self.next_meeting)
        self.planning.wanted.listen(self.opening.hold)
        self._go(Stage.BEFORE if found.has_cycle else Stage.NO_CYCLE)

    def hold_special(self) -> None:
        """Hold a meeting once all are paid, such as to take a payout back."""
        self._go(Stage.BEFORE)

    def _open_sheet(self, book: Book, history: Sequence[Entered] = ()) -> None:
        undo_stack = self._undo.of(book.sheet.meeting_id)
        self.meeting = MeetingBook(
            book,
            database=self._database,
            runner=self._runner,
            shell=self.shell,
            clock=self._clock,
            undo_stack=undo_stack,
        )
        self.sheet = SheetPresenter(self.meeting)
        self.other = OtherMoneyPresenter(self.meeting)
        self.notes = NotesPresenter(self.meeting)
        self.activities = ActivitiesPresenter(self.meeting)
        self.big_screen = BigScreenPresenter(self.sheet)
        self.closing = None
        done_elsewhere = undo_stack.of_other_pages()
        known = {key for step in done_elsewhere for key in step.keys or ()}
        for entered in history:
            if entered.key in known:
                continue
            if isinstance(entered, MoneyEntered) and entered.member_id is None:
                self.other.remember(entered)
            else:
                self.sheet.remember(entered)
        for step in done_elsewhere:
            undo_stack.push(step)
        self._go(Stage.SHEET)

    def _go(self, stage: Stage) -> None:
        self.stage = stage
        self.changed()

    # ------------------------------------------------------------------ opening

    def count_the_box(self) -> None:
        """Go on to the opening count, if number and day can stand."""
        opening = self.opening
        if opening is None:
            return
        opening.problems = {}
        try:
            new = opening.new_meeting()
        except RuleBroken as error:
            opening.refuse(error)
            return

        def attempt(session: Session) -> None:
            counts = as_expected(session, self.group_id)
            open_meeting(session, self.group_id, new, counts=counts, clock=self._clock)

        self._runner.submit(
            lambda: tried(self._database, attempt),
            lambda _none: self._go(Stage.OPENING_COUNT),
            lambda error: self._refuse_opening(opening, error),
            owner=self,
        )

    def back_to_before(self) -> None:
        """Look at number and day again; what was counted is kept."""
        self._go(Stage.BEFORE)

    def open_the_meeting(self) -> None:
        """Open the meeting with its opening count."""
        opening = self.opening
        if opening is None:
            return
        try:
            new, counts = opening.new_meeting(), opening.counts()
        except RuleBroken as error:
            self._refuse_opening(opening, error)
            return

        def job() -> tuple[MeetingOpened, Book]:
            with self._database.write() as session:
                opened = open_meeting(session, self.group_id, new, counts=counts, clock=self._clock)
                return opened, read_book(session, opened.meeting_id)

        self._runner.submit(
            job,
            lambda found: self._open_sheet(found[1]),
            lambda error: self._refuse_opening(opening, error),
            owner=self,
        )

    def _refuse_opening(self, opening: OpeningPresenter, error: Exception) -> None:
        if not isinstance(error, RuleBroken):
            self.shell.say_error(error)
            return
        opening.refuse(error)
        if not opening.is_about_counting(error) and self.stage is Stage.OPENING_COUNT:
            self._go(Stage.BEFORE)

    # ------------------------------------------------------------------ the sheet

    def undo(self) -> None:
        """Take back the last entry of the open meeting."""
        if self.stage is Stage.SHEET and self.meeting is not None:
            self.meeting.undo()

    def discard(self) -> None:
        """Take the meeting back that was opened by mistake; the book refuses once money moved."""
        if self.meeting is None:
            return
        meeting_id = self.meeting.meeting_id

        def job() -> None:
            with self._database.write() as session:
                discard_meeting(session, meeting_id, clock=self._clock)

        self._runner.submit(
            job, lambda _none: self.next_meeting(), self.shell.say_error, owner=self
        )

    # ------------------------------------------------------------------ closing

    def go_to_closing(self) -> None:
        """Go on to the closing count."""
        if self.meeting is None or self.sheet is None:
            return
        if self.closing is None:
            self.closing = ClosingPresenter(self.meeting, self.sheet)
        self._go(Stage.CLOSING)

    def back_to_sheet(self) -> None:
        """Go back to the sheet; what was counted is kept."""
        if self.meeting is not None:
            self._go(Stage.SHEET)

    def fix(self, row: int, key: str) -> None:
        """Go to a cell of the sheet that keeps the meeting from closing."""
        self.wanted_cell = (row, key)
        self.back_to_sheet()

    def close_the_meeting(self) -> None:
        """Close and seal the meeting when nothing is missing: first the count, then the keys."""
        closing, meeting = self.closing, self.meeting
        if closing is None or meeting is None:
            return
        if closing.missing or not meeting.is_settled:
            closing.refusal = closing.missing
            closing.changed()
        elif self.stage is Stage.KEYS:
            self._sealing.seal(closing)
        else:
            self._sealing.ask_for_keys(closing)

    @property
    def keys(self) -> KeysPresenter | None:
        """The three keys, once the box is counted."""
        return self._sealing.keys

    def _ask_for_keys(self) -> None:
        self._go(Stage.KEYS)

    def back_to_counting(self) -> None:
        """Count again; who has confirmed confirms anew."""
        self._sealing.keys = None
        self._go(Stage.CLOSING)

    def _closed(self, slip: Slip) -> None:
        self.slip = slip
        self._go(Stage.SLIP)
        self.shell.say(_("The meeting is closed and sealed."))
        self.shell.meeting_closed()

    def next_meeting(self) -> None:
        """Put the slip away and get ready for the next meeting."""
        self.meeting = self.sheet = self.other = self.notes = self.closing = None
        self.activities = self.big_screen = self._sealing.keys = None
        self.slip = None
        self._go(Stage.READING)
        self.load()

    # ------------------------------------------------------------------ earlier meetings

    def look_at_last(self) -> None:
        """Look at the last meeting that was closed."""
        self.look_back()

    def look_back(self, meeting_id: int | None = None, member_id: int | None = None) -> None:
        """Look at an earlier meeting, or the last one; begin to put the mark of a member right."""

        def job() -> tuple[tuple[MeetingLine, ...], ClosedPage | None]:
            with self._database.read() as session:
                return read_earlier(session, self.group_id, meeting_id)

        def done(found: tuple[tuple[MeetingLine, ...], ClosedPage | None]) -> None:
            self.earlier_meetings, page = found
            if page is None:
                self.shell.say(_("No meeting is closed yet."), tone=Tone.WARNING)
                return
            roll = RollPresenter(page, self._database, self._runner, self.shell, self._clock)
            roll.written.listen(self.load)
            self.entries = EntriesPresenter(page, self.shell, roll, before=self.entries)
            self._go(Stage.EARLIER)
            if member_id is not None:
                roll.correct(member_id)

        self._runner.submit(job, done, self.shell.say_error, owner=self)

    def earlier_choices(self) -> list[tuple[int, str]]:
        """The closed meetings, the newest first."""
        return choices_of(self.earlier_meetings)

    def leave_earlier(self) -> None:
        """Go back to the open meeting, or to the next one."""
        self.entries = None
        if self.meeting is not None and self.slip is None:
            self._go(Stage.SHEET)
            self.meeting.refresh()
        else:
            self.next_meeting()
