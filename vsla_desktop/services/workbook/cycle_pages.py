"""The sheets Cycles and Planned: when a cycle runs, and which meetings were planned in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vsla_desktop.services.cycles import close_cycle, open_next_cycle
from vsla_desktop.services.meetings import NewMeeting, as_expected, open_meeting
from vsla_desktop.services.schedule import Plan, cancel_meeting, plan_meeting, postpone_meeting
from vsla_desktop.services.workbook.attempts import Attempts, Place
from vsla_desktop.services.workbook.layout import GROUP, MEETINGS, OtherType
from vsla_desktop.services.workbook.more_sheets import CYCLES, PLANNED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.services.workbook.books import Books, MeetingRow
    from vsla_desktop.services.workbook.more_rows import CycleRow, PlannedRow

_FIELDS = {"number": "number", "date": "date", "status_reason": "reason"}


@dataclass(slots=True)
class CyclePages:
    """Writes what belongs to the cycles of one group; ``members`` gives the id of each number."""

    attempts: Attempts
    books: Books
    group_id: int
    members: Mapping[int, int]
    clock: Clock
    by: int | None
    given_up: set[int] = field(default_factory=set)

    @property
    def _session(self) -> Session:
        return self.attempts.session

    # --- opening and closing --------------------------------------------------------------------

    def open(self, cycle: CycleRow) -> None:
        """Open a cycle after the first, with what members put back of their payouts."""
        again = {
            self.members[row.member or 0]: int(row.detail)
            for row in self.books.other
            if row.type == OtherType.REINVESTED.value
            and row.member in self.members
            and row.detail.isdecimal()
            and self.books.cycle_of(row.date or cycle.start_date, row.cycle) == cycle.number
        }
        columns = {"cycle_start": "start_date", "cycle_end": "end_date"}
        self.attempts.attempt(
            Place(CYCLES, cycle.row, "start_date", columns),
            lambda: open_next_cycle(
                self._session,
                self.group_id,
                cycle.start_date,
                cycle.end_date,
                reinvest=again,
                clock=self.clock,
                by=self.by,
            ),
        )

    def close(self, cycle: CycleRow) -> None:
        """Close a cycle that is shared out."""
        if not cycle.closed:
            return
        place = Place(CYCLES, cycle.row, "closed")
        if not self.books.cycles:
            place = Place(GROUP, 1, "cycle_closed")
        self.attempts.attempt(
            place,
            lambda: close_cycle(self._session, self.group_id, clock=self.clock, by=self.by),
        )

    # --- planned meetings -----------------------------------------------------------------------

    def plan(self, cycle: CycleRow) -> None:
        """Write down the meetings that were planned in a cycle, moved and cancelled as they are."""
        for row in self.books.meetings:
            if row.planned_date is not None and self._is_of(cycle, row):
                place = Place(MEETINGS, row.row, "planned_date", {"status_reason": "moved_reason"})
                self.attempts.attempt(place, lambda row=row: self._plan_held(row))  # type: ignore[misc]
        for planned in self.books.planned:
            if not planned.opened and self._is_of(cycle, planned):
                place = Place(PLANNED, planned.row, "date", _FIELDS)
                self.attempts.attempt(place, lambda row=planned: self._plan(row))  # type: ignore[misc]

    def give_up(self, cycle: CycleRow, until: date | None = None) -> None:
        """Open and cancel what was given up by a day, such as when too few had come."""
        for row in self.books.planned:
            is_here = row.opened and self._is_of(cycle, row) and row.number not in self.given_up
            if is_here and (until is None or row.date <= until):
                self.given_up.add(row.number)
                place = Place(PLANNED, row.row, "date", _FIELDS)
                self.attempts.attempt(place, lambda row=row: self._give_up(row))  # type: ignore[misc]

    def _is_of(self, cycle: CycleRow, row: MeetingRow | PlannedRow) -> bool:
        return self.books.cycle_of(row.date, row.cycle) == cycle.number

    def _plan_held(self, row: MeetingRow) -> None:
        """Plan a meeting that was held; it may have been held on another day without a word."""
        day = row.planned_date or row.date
        meeting = self._planned(row, day)
        if row.moved_reason and row.date != day:
            self._postpone(meeting, row.date, row.moved_reason)

    def _plan(self, row: PlannedRow) -> None:
        day = row.planned_date or row.date
        meeting = self._planned(row, day)
        if row.date != day:
            self._postpone(meeting, row.date, row.reason)
        if row.cancelled:
            self._cancel(meeting, row)

    def _give_up(self, row: PlannedRow) -> None:
        if row.planned_date is not None:
            meeting = self._planned(row, row.planned_date)
            if row.date != row.planned_date:
                self._postpone(meeting, row.date, row.reason)
        new = NewMeeting(
            day=row.date,
            number=row.number,
            kind=row.type or "REGULAR",
            location=row.location or None,
            purpose=row.purpose or None,
        )
        counts = as_expected(self._session, self.group_id)
        opened = open_meeting(
            self._session, self.group_id, new, counts=counts, clock=self.clock, by=self.by
        )
        self._cancel(opened.meeting_id, row)

    def _planned(self, row: MeetingRow | PlannedRow, day: date) -> int:
        plan = Plan(
            day=day,
            number=row.number,
            kind=row.type or "REGULAR",
            location=row.location,
            purpose=row.purpose,
        )
        return plan_meeting(self._session, self.group_id, plan, clock=self.clock, by=self.by)

    def _postpone(self, meeting: int, day: date, reason: str) -> None:
        postpone_meeting(self._session, meeting, day, reason, clock=self.clock, by=self.by)

    def _cancel(self, meeting: int, row: PlannedRow) -> None:
        cancel_meeting(self._session, meeting, row.reason, clock=self.clock, by=self.by)
