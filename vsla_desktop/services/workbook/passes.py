"""One pass over a workbook's books: the group, its members, its opening, and every cycle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.counts import PurseCounted
from vsla_desktop.services.expenses import Between
from vsla_desktop.services.groups import GroupFormed, NewGroup, create_group
from vsla_desktop.services.workbook.attempts import Attempts, Place
from vsla_desktop.services.workbook.books import wanted
from vsla_desktop.services.workbook.checking import WITH_ROLL_CALL
from vsla_desktop.services.workbook.cycle_pages import CyclePages
from vsla_desktop.services.workbook.kept_pages import KeptPages
from vsla_desktop.services.workbook.layout import ENTRIES, GROUP, MEETINGS, OtherType
from vsla_desktop.services.workbook.member_pages import LEAVING, MemberPages
from vsla_desktop.services.workbook.opening import OpeningPage
from vsla_desktop.services.workbook.others import OtherWriter
from vsla_desktop.services.workbook.recording import Recorder
from vsla_desktop.services.workbook.requests import RequestWriter
from vsla_desktop.services.workbook.writer import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from vsla_desktop.clock import Clock
    from vsla_desktop.services.workbook.books import (
        Books,
        EntryRow,
        MeetingRow,
        OtherRow,
        WrongCell,
    )
    from vsla_desktop.services.workbook.more_rows import CountRow, CycleRow


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one pass wrote."""

    group_code: str
    loans_count: int
    warnings: tuple[WrongCell, ...]


@dataclass(slots=True)
class Pass:
    """One pass over the books, inside one transaction."""

    attempts: Attempts
    books: Books
    clock: Clock
    by: int | None
    progress: Progress | None
    done_count: int = 0

    def run(self) -> Outcome | None:
        """Write everything; None when the group itself is refused."""
        formed = self._form()
        if formed is None:
            return None
        by = self.by if self.by is not None else formed.user_id
        history = _History(self.attempts, self.books, formed.group_id, self.clock, by, self._told)
        history.write()
        self._told()
        warnings = tuple(self.attempts.warnings)
        return Outcome(formed.group_code, history.recorder.money.loans_count, warnings)

    def _form(self) -> GroupFormed | None:
        page = self.books.group
        new = NewGroup(
            name=page.name,
            currency=page.currency,
            formation_date=page.formed,
            group_code=page.group_code,
            country=page.country,
            region=page.region,
            district=page.district,
            parish=page.parish,
            village=page.village,
            meeting_day=page.meeting_day,
            meeting_time=page.meeting_time,
            language=page.language or None,
            registration_number=page.registration_number or None,
            is_practice=page.practice,
            saving_kinds=page.saving_kinds,
        )
        columns = {column: column for column in self.books.places.get(GROUP, {})}
        return self.attempts.attempt(
            Place(GROUP, 1, "name", columns),
            lambda: create_group(
                self.attempts.session,
                new,
                self.books.rules,
                preset=page.preset,
                cycle_start=page.cycle_start,
                cycle_end=page.cycle_end,
                clock=self.clock,
                by=self.by,
            ),
        )

    def _told(self) -> None:
        """Say that one meeting more is about to be written; at last, that all are."""
        if self.progress is not None:
            self.progress(self.done_count, len(self.books.meetings))
        self.done_count += 1


@dataclass(slots=True)
class _History:
    """All that happened to a group that is formed, in the order in which it happened."""

    attempts: Attempts
    books: Books
    group_id: int
    clock: Clock
    by: int
    told: Callable[[], None]
    members: MemberPages = field(init=False)
    cycles: CyclePages = field(init=False)
    kept: KeptPages = field(init=False)
    requests: RequestWriter = field(init=False)
    recorder: Recorder = field(init=False)

    def __post_init__(self) -> None:
        attempts, books, group, clock, by = (
            self.attempts,
            self.books,
            self.group_id,
            self.clock,
            self.by,
        )
        self.members = MemberPages(attempts, books, group, clock, by)
        ids = self.members.ids
        self.cycles = CyclePages(attempts, books, group, ids, clock, by)
        self.kept = KeptPages(attempts, books, group, clock, by)
        self.recorder = Recorder(attempts, group, ids, clock, by, _pieces(books.counts))
        self.requests = RequestWriter(
            attempts, books.requests, group, ids, clock, by, self.recorder.money.requested
        )
        self.recorder.requests = self.requests

    def write(self) -> None:
        """Write it all, cycle by cycle."""
        self.kept.rules()
        self.kept.open_savings()
        cycles = self.books.all_cycles
        self.cycles.plan(cycles[0])
        meetings = self.books.meetings
        self.members.join_by(meetings[0].date if meetings else None)
        OpeningPage(
            self.attempts,
            self.books,
            self.group_id,
            self.members.ids,
            clock=self.clock,
            by=self.by,
        ).write()
        for cycle, following in zip(cycles, (*cycles[1:], None), strict=True):
            if cycle is not cycles[0]:
                self.cycles.open(cycle)
                self.cycles.plan(cycle)
            self._hold(cycle, None if following is None else following.start_date)
            self.requests.before(None if following is None else following.start_date)
            self.cycles.close(cycle)
        self.members.let_go(None, ())
        self.members.suspend(self.members.suspended_in_the_end)
        self.kept.close_savings()
        self.kept.lists()

    # --- the meetings of one cycle --------------------------------------------------------------

    def _hold(self, cycle: CycleRow, until: date | None) -> None:
        """Hold the meetings of a cycle; ``until`` is the day on which the next one begins."""
        entries: dict[int, list[EntryRow]] = defaultdict(list)
        for entry in self.books.entries:
            entries[entry.meeting].append(entry)
        at_meeting: dict[int, list[OtherRow]] = defaultdict(list)
        between: list[OtherRow] = []
        for row in self.books.other:
            if row.date is None:
                at_meeting[row.meeting or 0].append(row)
            elif self._is_of(cycle, row.date, row.cycle) and row.type != OtherType.REINVESTED:
                between.append(row)
        between.sort(key=lambda row: row.date or cycle.start_date)
        for meeting in self.books.meetings:
            if self._is_of(cycle, meeting.date, meeting.cycle):
                self.told()
                rows, other = entries[meeting.number], at_meeting[meeting.number]
                between = self._prepare(cycle, meeting, rows, between)
                self._meet(meeting, rows, other)
        self.cycles.give_up(cycle)
        self.members.join_by(until)
        if until is None:
            self.members.let_go(None, ())
        self._write_between(between, None)

    def _is_of(self, cycle: CycleRow, day: date, said: int | None) -> bool:
        return self.books.cycle_of(day, said) == cycle.number

    def _prepare(
        self, cycle: CycleRow, meeting: MeetingRow, rows: list[EntryRow], between: list[OtherRow]
    ) -> list[OtherRow]:
        """Write what happened before a meeting; return what between meetings is still to come."""
        members = self.members
        members.join_by(meeting.date)
        # Who is suspended in the end was so at each meeting that says nothing of the member.
        kept_away = members.suspended_in_the_end - {
            row.member for row in rows if row.attendance or row.suspended is False
        }
        members.suspend(kept_away | {row.member for row in rows if row.suspended})
        between = self._write_between(between, meeting)
        self.cycles.give_up(cycle, meeting.date)
        self.requests.before(meeting.date)
        members.let_go(meeting, {entry.member for entry in rows})
        return between

    def _meet(self, meeting: MeetingRow, rows: list[EntryRow], other: list[OtherRow]) -> None:
        """Hold a meeting; who joined at it comes once it is open, or after it."""
        opened = self.recorder.open(meeting)
        if opened is None:
            return
        said_of = {row.member for row in rows} | {row.member or 0 for row in other}
        self.members.join(meeting.number, only=said_of)
        known = self.members.ids
        rows = [row for row in rows if row.member in known]
        other = [row for row in other if row.member is None or row.member in known]
        unmarked = self._unmarked(meeting, rows, other)
        self.recorder.write(opened, meeting, rows, other)
        self.recorder.excuse(opened, unmarked)
        self.kept.rules(meeting.number)
        if not meeting.still_open:
            self.recorder.close(opened, meeting)
        self.members.were_paid_out(other)
        self.members.join(meeting.number)

    def _write_between(self, rows: list[OtherRow], before: MeetingRow | None) -> list[OtherRow]:
        """Write what happened before a meeting, after the one before it; return the rest."""
        rest = []
        for row in rows:
            day = row.date
            is_known = row.member is None or row.member in self.members.ids
            is_due = before is None or (
                day is not None
                and (day < before.date or (row.meeting or 0) < before.number)
                and day <= before.date
                and is_known
            )
            if day is None or not is_due:
                rest.append(row)
            elif is_known:
                OtherWriter(
                    self.attempts,
                    Between(self.group_id, day),
                    self.members.ids,
                    self.recorder.meeting_ids,
                    self.clock,
                    self.by,
                    self.group_id,
                    self.recorder.money,
                ).write(row)
        return rest

    def _unmarked(
        self, meeting: MeetingRow, rows: list[EntryRow], other: list[OtherRow]
    ) -> list[int]:
        """Say which members of a regular meeting have no line or no mark, and return them."""
        if meeting.type not in WITH_ROLL_CALL or meeting.still_open:
            return []
        # Who is paid out may leave before the roll is called.
        leaving = {row.member for row in other if row.type in LEAVING}
        due = self.members.due_at(meeting) - {each for each in leaving if each is not None}
        unmarked = [entry for entry in rows if not entry.attendance and entry.member in due]
        for entry in unmarked:
            problem = RuleBroken("Say who was there.", hint="Mark every member.")
            self.attempts.refuse(Place(ENTRIES, entry.row, "attendance"), problem)
        missing = sorted(due - {entry.member for entry in rows})
        if missing:
            problem = RuleBroken(
                "The sheet Entries lacks members {numbers}.",
                numbers=", ".join(str(number) for number in missing[:10]),
            )
            place = Place(MEETINGS, meeting.row, "number")
            self.attempts.refuse(
                place, problem, wanted("a row for every member in the sheet Entries")
            )
        return [*missing, *(entry.member for entry in unmarked)]


def _pieces(rows: Iterable[CountRow]) -> dict[tuple[int, str, Fund], PurseCounted]:
    """Return the notes and coins of each purse of each count, and why it differs."""
    notes: dict[tuple[int, str, Fund], dict[Decimal, int]] = defaultdict(dict)
    reasons: dict[tuple[int, str, Fund], str] = {}
    for row in rows:
        key = (row.meeting, row.count, Fund(row.fund))
        if row.piece:
            notes[key][row.piece] = row.pieces or 0
        if row.reason:
            reasons[key] = row.reason
    return {
        key: PurseCounted(notes=notes.get(key, {}), reason=reasons.get(key, ""))
        for key in {**notes, **reasons}
    }
