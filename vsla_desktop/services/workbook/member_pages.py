"""The sheet Members: who joins, is elected, suspended and leaves, each when it happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.members import (
    Committee,
    LeavingReason,
    NewMember,
    add_member,
    elect_officers,
    leave_group,
    suspend_member,
    take_back_member,
)
from vsla_desktop.services.targets import set_target
from vsla_desktop.services.workbook.attempts import Attempts, Place
from vsla_desktop.services.workbook.layout import MEMBERS, OtherType

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.services.workbook.books import Books, MeetingRow, MemberRow, OtherRow

_NEVER = date.max
_LEADING = ("CHAIRPERSON", "SECRETARY", "TREASURER")
_OFFICES = (*_LEADING, "MONEY_COUNTER", "KEY_HOLDER")
LEAVING = frozenset({OtherType.LEAVER_PAYOUT.value})


@dataclass(slots=True)
class MemberPages:
    """Writes the members of one group. ``ids`` gives the id of each number that was written."""

    attempts: Attempts
    books: Books
    group_id: int
    clock: Clock
    by: int | None
    ids: dict[int, int] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    suspended: set[int] = field(default_factory=set)
    is_elected: bool = False

    @property
    def _session(self) -> Session:
        return self.attempts.session

    # --- joining and being elected --------------------------------------------------------------

    def join(self, meeting: int, *, only: Collection[int] | None = None) -> None:
        """Add those who joined at a meeting."""
        self._join(
            row
            for row in self.books.members
            if row.joined_meeting == meeting and (only is None or row.number in only)
        )

    def join_by(self, day: date | None) -> None:
        """Add those who joined at no meeting, up to a day: who comes later has no part before.

        Without a day all come who are left.
        """
        self._join(
            row
            for row in self.books.members
            if row.joined_meeting is None
            and (day is None or row.joined_date is None or row.joined_date <= day)
        )

    def _join(self, due: Iterable[MemberRow]) -> None:
        columns = {name: name for name in self.books.places.get(MEMBERS, {})}
        for row in due:
            if row.number not in self.ids:
                self._add(row, Place(MEMBERS, row.row, "number", columns))
        if not self.is_elected:
            self._elect()

    def _add(self, row: MemberRow, place: Place) -> None:
        new = NewMember(
            first_name=row.first_name,
            last_name=row.last_name,
            gender=row.gender,
            number=row.number,
            phone_number=row.phone_number,
            id_number=row.id_number,
            email=row.email,
            date_of_birth=row.date_of_birth,
            occupation=row.occupation,
            joined_date=row.joined_date or self.books.group.cycle_start,
            is_founder=bool(row.founder) or row.role == "FOUNDER",
        )
        added = self.attempts.attempt(
            place,
            lambda: add_member(self._session, self.group_id, new, clock=self.clock, by=self.by),
        )
        if added is None:
            return
        self.ids[row.number] = added.member_id
        target = row.target
        if target:
            self.attempts.attempt(
                Place(MEMBERS, row.row, "target"),
                lambda: set_target(
                    self._session, added.member_id, target, clock=self.clock, by=self.by
                ),
            )

    def _elect(self) -> None:
        """Write down the committee once all of it are members, if all three officers are named."""
        by_role: dict[str, list[int]] = defaultdict(list)
        elected = [row for row in self.books.members if row.role in _OFFICES]
        if not elected or any(row.number not in self.ids for row in elected):
            return
        self.is_elected = True
        for row in elected:
            if row.number in self.ids:
                by_role[row.role].append(self.ids[row.number])
        place = Place(MEMBERS, elected[0].row, "role")
        if not all(by_role[role] for role in _LEADING):
            problem = RuleBroken(
                "The committee was left out.",
                hint="Name a chairperson, a secretary and a treasurer.",
            )
            self.attempts.warn(place, problem)
            return
        committee = Committee(
            chairperson=by_role["CHAIRPERSON"][0],
            secretary=by_role["SECRETARY"][0],
            treasurer=by_role["TREASURER"][0],
            money_counters=by_role["MONEY_COUNTER"],
            key_holders=by_role["KEY_HOLDER"],
        )
        self.attempts.attempt(
            place,
            lambda: elect_officers(
                self._session,
                self.group_id,
                committee,
                is_new=False,  # the group elected them; it is warned
                clock=self.clock,
                by=self.by,
            ),
        )

    # --- suspension and leaving -----------------------------------------------------------------

    @property
    def suspended_in_the_end(self) -> set[int]:
        """The numbers of those who may not save now."""
        return {row.number for row in self.books.members if row.status == "SUSPENDED"}

    def suspend(self, numbers: set[int]) -> None:
        """Keep just these members from saving and borrowing; take back those who may again."""
        for row in self.books.members:
            number = row.number
            if number not in self.ids or (number in numbers) == (number in self.suspended):
                continue
            change = suspend_member if number in numbers else take_back_member

            def work(
                change: Callable[..., None] = change, member_id: int = self.ids[number]
            ) -> None:
                change(self._session, member_id, clock=self.clock, by=self.by)

            self.attempts.attempt(Place(MEMBERS, row.row, "status"), work)
            self.suspended ^= {number}

    def let_go(self, meeting: MeetingRow | None, here: Collection[int]) -> None:
        """Let those leave who were gone when a meeting was held, or in the end without one.

        ``here`` are the members of whom the meeting says something. Who is paid out leaves at the
        meeting itself.
        """
        paid_out = {row.member for row in self.books.other if row.type in LEAVING}
        for row in sorted(self.books.members, key=lambda row: row.left_date or _NEVER):
            is_due = row.left_date is not None and row.number not in self.gone | paid_out
            if not is_due or row.number not in self.ids:
                continue
            if meeting is None or _left_before(row, meeting, here):
                self._leave(row)

    def were_paid_out(self, rows: Collection[OtherRow]) -> None:
        """Note who left at a meeting by being paid out."""
        self.gone |= {row.member or 0 for row in rows if row.type in LEAVING}
        self.suspended -= self.gone

    def _leave(self, row: MemberRow) -> None:
        self.gone.add(row.number)
        self.attempts.attempt(
            Place(MEMBERS, row.row, "left_date", {"member": "left_date"}),
            lambda: leave_group(
                self._session,
                self.ids[row.number],
                LeavingReason(row.leaving_reason or LeavingReason.LEFT),
                day=row.left_date,
                clock=self.clock,
                by=self.by,
            ),
        )

    def due_at(self, meeting: MeetingRow) -> set[int]:
        """Return the numbers of those who answer the roll call of a meeting."""
        return {
            row.number
            for row in self.books.members
            if row.number in self.ids
            and row.number not in self.gone
            and row.number not in self.suspended
            and (row.joined_date is None or row.joined_date <= meeting.date)
        }


def _left_before(row: MemberRow, meeting: MeetingRow, here: Collection[int]) -> bool:
    """Say whether a member was gone when a meeting was held."""
    if row.left_date is None or row.left_date > meeting.date:
        return False
    return row.left_date < meeting.date or row.number not in here
