"""Closing a meeting: what is still open, the closing count, and what is announced."""

from __future__ import annotations

from dataclasses import dataclass

from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import VslaError
from vsla_desktop.i18n import _, labelled, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.meeting_book import MeetingBook
from vsla_desktop.presenters.meeting_columns import words_of
from vsla_desktop.presenters.meeting_counting import PurseCounter
from vsla_desktop.presenters.meeting_sheet import SheetPresenter
from vsla_desktop.queries.schedule import WITH_ROLL_CALL
from vsla_desktop.services.counts import PurseCounted
from vsla_desktop.wording import sentence_of


@dataclass(frozen=True, slots=True)
class OpenProblem:
    """Something to settle before the meeting closes; a mere warning does not ``block`` it.

    ``row`` and ``key`` say which cell of the sheet it is, if it is one.
    """

    sentence: str
    blocks: bool
    row: int = -1
    key: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """A purse as it is announced: its name, figure and words; no figure before the count."""

    name: str
    figure: str
    words: str


class ClosingPresenter:
    """The last page of a meeting. ``refusal`` is what the book said to the last try."""

    def __init__(self, meeting: MeetingBook, sheet: SheetPresenter) -> None:
        self.changed: Event[[]] = Event()
        self.meeting = meeting
        self.sheet = sheet
        self.is_announced = False
        self.refusal = ""
        self.purses = [
            PurseCounter(purse.fund, purse.in_box, meeting.money, words_of(meeting.book))
            for purse in meeting.book.sheet.purses
        ]
        for purse in self.purses:
            purse.changed.listen(self._counted)
        meeting.changed.listen(self._book_changed)
        sheet.row_changed.listen(self._sheet_changed)

    # ------------------------------------------------------------------ what is shown

    def problems(self) -> list[OpenProblem]:
        """What is open: the quorum, the roll call, and cells that are wrong."""
        page = self.meeting.book.sheet
        found = [*self._opening_count(), *self._roll_call(), *self._cells()]
        if page.present_count < page.quorum_required:
            words = _(
                "{count} present; the quorum is {needed}.",
                count=page.present_count,
                needed=page.quorum_required,
            )
            found.insert(0, OpenProblem(words, blocks=False))
        return found

    def _opening_count(self) -> list[OpenProblem]:
        purses = self.meeting.book.sheet.purses
        missing = any(p.opening is not None and p.opening.counted is None for p in purses)
        return [OpenProblem(_("Enter the opening count first."), blocks=True)] if missing else []

    def _roll_call(self) -> list[OpenProblem]:
        page = self.meeting.book.sheet
        if page.kind not in WITH_ROLL_CALL or not page.unmarked_count:
            return []
        row = next(
            place
            for place, each in enumerate(page.rows)
            if each.attendance is None and each.is_active
        )
        words = translate_counted(
            "{count} member is not marked.", "{count} members are not marked.", page.unmarked_count
        )
        return [OpenProblem(words, blocks=True, row=row, key="attendance")]

    def _cells(self) -> list[OpenProblem]:
        return [
            OpenProblem(trouble.sentence, blocks=True, row=trouble.row, key=trouble.key)
            for trouble in self.sheet.troubles()
        ]

    def quorum_sentence(self) -> str:
        """How many are present, of how many."""
        page = self.meeting.book.sheet
        active = sum(row.is_active for row in page.rows)
        return _("{count} of {all} members present.", count=page.present_count, all=active)

    def balances(self) -> list[Balance]:
        """What is announced of each purse: what was counted."""
        money = self.meeting.money
        shown = []
        for purse in self.purses:
            if purse.is_counted:
                amount = purse.counted
                shown.append(Balance(purse.title, money.with_code(amount), money.in_words(amount)))
            else:
                shown.append(Balance(purse.title, "", _("Not counted yet.")))
        return shown

    @property
    def missing(self) -> str:
        """What must still be done before it can be closed; empty if nothing."""
        blocking = [problem.sentence for problem in self.problems() if problem.blocks]
        if blocking:
            return blocking[0]
        for purse in self.purses:
            if purse.problem:
                return labelled(purse.title, purse.problem)
        return "" if self.is_announced else _("Announce both balances.")

    # ------------------------------------------------------------------ what a person does

    def announce(self, *, is_announced: bool) -> None:
        """Say that the balances were announced and everyone agrees."""
        self.is_announced = is_announced
        self.refusal = ""
        self.changed()

    def counts(self) -> dict[Fund, PurseCounted]:
        """The closing count; raise RuleBroken while a purse is not counted."""
        return {purse.fund: purse.purse() for purse in self.purses}

    def refuse(self, error: VslaError) -> None:
        """Show what the book said, at the purse that it is about."""
        field = getattr(error, "field", "")
        named = [purse for purse in self.purses if purse.fund.value == field]
        for purse in named:
            purse.refuse(sentence_of(error))
        self.refusal = "" if named else sentence_of(error)
        self.changed()

    # ------------------------------------------------------------------ following

    def _counted(self) -> None:
        self.is_announced = False
        self.refusal = ""
        self.changed()

    def _sheet_changed(self, _row: int) -> None:
        self.changed()

    def _book_changed(self) -> None:
        held = {purse.fund: purse for purse in self.meeting.book.sheet.purses}
        for counter in self.purses:
            if counter.fund in held and held[counter.fund].in_box != counter.expected:
                counter.expect(held[counter.fund].in_box)
        self.changed()
