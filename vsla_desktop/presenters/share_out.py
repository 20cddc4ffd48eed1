"""The share-out page: from what is still open to the first day of the next cycle."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.meeting_counting import PurseCounter
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.share_out_forms import ReserveForm, VoteForm
from vsla_desktop.presenters.share_out_next import NextCyclePresenter
from vsla_desktop.presenters.share_out_paying import Paying
from vsla_desktop.presenters.share_out_reading import ShareOutBook, read_share_out
from vsla_desktop.presenters.share_out_steps import Step
from vsla_desktop.presenters.share_out_tables import (
    PAGE_OF,
    Table,
    show_notes,
    show_payouts,
    show_points,
    show_values,
)
from vsla_desktop.presenters.share_out_writing import ShareOutWriter
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.queries.share_out import CLOSED, OPEN, SharedCycle
from vsla_desktop.services.cycles import close_cycle, open_next_cycle
from vsla_desktop.services.share_out import (
    PURSES,
    freeze_share_out,
    open_share_out_again,
    propose_share_out,
)
from vsla_desktop.wording import USUAL_WORDS, GroupWords, MoneyText, sentence_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database
    from vsla_desktop.domain.share_out import ShareOut


_ORDER = (Step.VALUE, Step.AUDIT, Step.COUNT, Step.TABLE, Step.VOTE, Step.PAY, Step.NEXT)
_BEFORE_VOTE = _ORDER[:5]


class ShareOutPresenter:
    """Where the share-out stands, and the next thing that a person does."""

    def __init__(
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        group_id: int,
        currency: Currency,
        clock: Clock,
    ) -> None:
        self.database = database
        self.runner = runner
        self.shell = shell
        self.group_id = group_id
        self.currency = currency
        self.clock = clock
        self.money = MoneyText(currency)
        self.changed: Event[[]] = Event()
        self.field_wanted: Event[[str]] = Event()
        self.step = Step.READING
        self.book: ShareOutBook | None = None
        self.shows_notes = False
        self.is_reopening = False
        self.shows_payouts = False
        self.is_narrow = False
        self.purses: list[PurseCounter] = []
        self.reserve = ReserveForm(currency)
        self.vote = VoteForm()
        self.next: NextCyclePresenter | None = None
        self.writer = ShareOutWriter(database, runner, shell)
        self.paying = Paying(self)
        self.values, self.points = Table(), Table(self.open_point)
        self.payouts, self.notes = Table(self.paying.pay_row), Table()
        self.notes_sentence = ""

    @property
    def words(self) -> GroupWords:
        """The group's own words; the usual ones until the book was read."""
        return USUAL_WORDS if self.book is None else self.book.words

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read where the share-out stands."""
        database, group_id, today = self.database, self.group_id, self.clock.today()
        self.runner.submit(
            lambda: read_share_out(database, group_id, today),
            self._came,
            self.shell.say_error,
            owner=self,
        )

    def _came(self, book: ShareOutBook) -> None:
        self.book = book
        self.step = self._step(book)
        words = book.words
        if book.value is not None:
            show_values(self.values, book.value, self.currency, words)
        show_points(self.points, book.points, self.currency)
        if book.cycle is not None and book.cycle.plan is not None:
            show_payouts(self.payouts, book.cycle, self.currency, words, is_narrow=self.is_narrow)
            self.notes_sentence = show_notes(self.notes, book.cycle, self.currency)
        for purse in self.purses:
            purse.expect(book.in_box[purse.fund])
        self._make_next(book)
        self.changed()

    def _step(self, book: ShareOutBook) -> Step:
        """The step that the book is at; before the vote, the one that the person chose."""
        cycle = book.cycle
        if cycle is None or (cycle.status != OPEN and cycle.plan is None):
            return Step.NO_CYCLE
        if self.paying.taking_back is not None:
            return Step.TAKE_BACK
        if cycle.status != OPEN:
            is_looked_at = self.shows_payouts and cycle.status != CLOSED
            return Step.PAY if is_looked_at else Step.NEXT
        if cycle.frozen_on is not None:
            return Step.VOTE if self.is_reopening else Step.PAY
        if self.step not in _BEFORE_VOTE or (cycle.plan is None and self.step is Step.TABLE):
            return Step.VALUE
        return self.step

    def _make_next(self, book: ShareOutBook) -> None:
        if self.step is not Step.NEXT or book.cycle is None:
            self.next = None
        elif self.next is None or self.next.cycle.payouts != book.cycle.payouts:
            self.next = NextCyclePresenter(
                book.cycle,
                self.currency,
                book.today,
                share_value=book.rules.share_value,
                most_shares=book.rules.max_shares_per_meeting,
                words=book.words,
            )

    # ------------------------------------------------------------------ what a person does

    def go_on(self) -> None:
        """Do what the main button of the step says."""
        match self.step:
            case Step.VALUE:
                self.go(Step.AUDIT)
            case Step.AUDIT if self.open_meeting is None:
                self.shell.go_to("meeting")
            case Step.AUDIT:
                self._start_count()
            case Step.COUNT:
                self._propose()
            case Step.TABLE:
                self.go(Step.VOTE)
            case Step.VOTE:
                self._write_vote()
            case Step.PAY if self.cycle is not None and self.cycle.is_paid:
                self.shows_payouts = False
                self.refresh()
            case Step.TAKE_BACK:
                self.paying.write_taking_back()
            case Step.NEXT:
                self._open_next()
            case _:
                pass

    def back(self) -> None:
        """Go back a step; after the vote only to the payouts, until the cycle is closed."""
        if self.is_reopening or self.paying.taking_back is not None:
            self.is_reopening, self.paying.taking_back = False, None
            self.go(Step.PAY)
        elif self.step is Step.NEXT:
            self.shows_payouts = True
            self.refresh()
        elif self.step in _BEFORE_VOTE[1:]:
            self.go(_ORDER[_ORDER.index(self.step) - 1])

    def look_at_table(self) -> None:
        """Go to the proposal that was made before."""
        if self.cycle is not None and self.cycle.plan is not None:
            self.go(Step.TABLE)

    def toggle_notes(self) -> None:
        """Show the notes and coins, or the payouts again."""
        self.shows_notes = not self.shows_notes
        self.changed()

    def reopen(self) -> None:
        """Ask for the vote that opens a frozen share-out again."""
        if self.step is Step.PAY and self.cycle is not None and not self.cycle.is_begun:
            self.is_reopening = True
            self.go(Step.VOTE)

    def open_point(self, row: int) -> None:
        """Go where something that is open can be settled."""
        if self.book is not None and 0 <= row < len(self.book.points):
            self.shell.go_to(PAGE_OF[self.book.points[row].kind])

    def _start_count(self) -> None:
        if self.book is None:
            return
        if not self.purses:
            self.purses = [
                PurseCounter(fund, self.book.in_box[fund], self.money, self.book.words)
                for fund in PURSES
            ]
        self.go(Step.COUNT)

    def _propose(self) -> None:
        for purse in self.purses:
            if purse.problem:
                purse.refuse(purse.problem)
                return
        wrong = self.reserve.form.check()
        if wrong:
            self.field_wanted(wrong)
            return
        counts = {purse.fund: purse.purse() for purse in self.purses}
        reserve: Decimal = self.reserve.form.value("reserve")

        def job(session: Session, meeting_id: int) -> ShareOut:
            return propose_share_out(session, meeting_id, counts, reserve=reserve, clock=self.clock)

        def done(_plan: ShareOut) -> None:
            self.step = Step.TABLE
            self.shows_notes = False
            self.refresh()

        self.writer.write_in(self.open_meeting, job, done, self.refuse)

    def _write_vote(self) -> None:
        wrong = self.vote.form.check()
        if wrong:
            self.field_wanted(wrong)
            return
        vote = self.vote.vote()
        decide = open_share_out_again if self.is_reopening else freeze_share_out

        def job(session: Session, meeting_id: int) -> bool:
            return decide(session, meeting_id, vote, clock=self.clock).is_passed

        def done(is_passed: bool) -> None:  # noqa: FBT001 - the outcome of the vote
            self.vote = VoteForm()
            if is_passed:
                self.step = Step.TABLE if self.is_reopening else Step.PAY
                self.is_reopening = self.shows_notes = False
            else:
                self.shell.say(_("The vote was lost. Nothing is changed."))
            self.refresh()

        self.writer.write_in(self.open_meeting, job, done, self.refuse)

    def _open_next(self) -> None:
        chosen, cycle = self.next, self.cycle
        if chosen is None or cycle is None:
            return
        wrong = chosen.days.form.check()
        if wrong:
            self.field_wanted(wrong)
            return
        try:
            reinvest = chosen.reinvested()
        except RuleBroken as problem:
            self.shell.say_error(problem)
            return
        start, end = chosen.days.form.value("cycle_start"), chosen.days.form.value("cycle_end")

        def job(session: Session) -> int:
            if cycle.status != CLOSED:
                close_cycle(session, self.group_id, clock=self.clock)
            return open_next_cycle(
                session, self.group_id, start, end, reinvest=reinvest, clock=self.clock
            ).number

        def done(number: int) -> None:
            self.shell.say(_("Cycle {number} is open.", number=number))
            self.step, self.purses = Step.VALUE, []
            self.refresh()

        self.writer.write(job, done, self.refuse)

    def refuse(self, error: Exception) -> None:
        """Say at its field what is wrong, or above the page."""
        others = (self.paying.taking_back, self.next.days if self.next else None)
        forms = [self.reserve.form, self.vote.form, *(each.form for each in others if each)]
        if isinstance(error, RuleBroken):
            for purse in self.purses:
                if purse.fund.value == error.field:
                    purse.refuse(sentence_of(error))
                    return
            if any(form.say(error) for form in forms):
                self.field_wanted(error.field)
                return
        self.shell.say_error(error)

    def go(self, step: Step) -> None:
        """Show a step."""
        self.step = step
        self.changed()

    # ------------------------------------------------------------------ what is shown

    @property
    def cycle(self) -> SharedCycle | None:
        """The last cycle."""
        return self.book.cycle if self.book is not None else None

    @property
    def open_meeting(self) -> int | None:
        """The meeting in which it is written."""
        return self.book.open_meeting_id if self.book is not None else None

    @property
    def plan(self) -> ShareOut | None:
        """What was proposed."""
        return self.cycle.plan if self.cycle is not None else None

    def note(self) -> str:
        """Which cycle, and how far it has come."""
        cycle = self.cycle
        if cycle is None:
            return ""
        words = _("cycle {number}", number=cycle.number)
        step_now = Step.PAY if self.step is Step.TAKE_BACK else self.step
        if step_now in _ORDER[1:]:
            step = _("step {number} of 6", number=_ORDER.index(step_now))
            return f"{words} · {step}"
        return f"{words} · {_('share-out on {day}', day=format_date(cycle.end))}"
