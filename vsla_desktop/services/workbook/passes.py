"""One pass over a workbook's books: the group, its members, its opening, and every meeting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.cycles import close_cycle
from vsla_desktop.services.expenses import Between
from vsla_desktop.services.groups import NewGroup, create_group
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
from vsla_desktop.services.workbook.attempts import Attempts, Place
from vsla_desktop.services.workbook.books import wanted
from vsla_desktop.services.workbook.checking import WITH_ROLL_CALL
from vsla_desktop.services.workbook.layout import (
    ENTRIES,
    GROUP,
    MEETINGS,
    MEMBERS,
    OtherType,
)
from vsla_desktop.services.workbook.opening import OpeningPage
from vsla_desktop.services.workbook.others import OtherWriter
from vsla_desktop.services.workbook.recording import Recorder

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.services.workbook.books import (
        Books,
        EntryRow,
        MeetingRow,
        MemberRow,
        OtherRow,
        WrongCell,
    )

Progress = Callable[[int, int], None]
"""Told how many parts of how many are done; what it raises stops the import, and undoes it."""

_NEVER = date.max
_LEAVING = frozenset({OtherType.LEAVER_PAYOUT.value})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one pass wrote."""

    group_code: str
    loans_count: int
    warnings: tuple[WrongCell, ...]


class Pass:
    """One pass over the books, inside one transaction."""

    def __init__(
        self,
        attempts: Attempts,
        books: Books,
        clock: Clock,
        by: int | None,
        progress: Progress | None,
    ) -> None:
        self._attempts = attempts
        self._books = books
        self._clock = clock
        self._by = by
        self._progress = progress
        self._members: dict[int, int] = {}
        self._gone: set[int] = set()
        self._paid_out = {row.member for row in books.other if row.type in _LEAVING}
        self._suspended: set[int] = set()

    @property
    def _session(self) -> Session:
        return self._attempts.session

    def run(self) -> Outcome | None:
        """Write everything; None when the group itself is refused."""
        books = self._books
        page = books.group
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
        formed = self._attempts.attempt(
            Place(GROUP, 1, "name", {column: column for column in books.places.get(GROUP, {})}),
            lambda: create_group(
                self._session,
                new,
                books.rules,
                preset=page.preset,
                cycle_start=page.cycle_start,
                cycle_end=page.cycle_end,
                clock=self._clock,
                by=self._by,
            ),
        )
        if formed is None:
            return None
        by = self._by if self._by is not None else formed.user_id
        self._by = by
        self._add_members(formed.group_id)
        self._elect(formed.group_id)
        OpeningPage(
            self._attempts, books, formed.group_id, self._members, clock=self._clock, by=by
        ).write()
        recorder = Recorder(self._attempts, formed.group_id, self._members, self._clock, by)
        self._hold_meetings(recorder)
        return Outcome(
            formed.group_code, recorder.money.loans_count, tuple(self._attempts.warnings)
        )

    # --- members --------------------------------------------------------------------------------

    def _add_members(self, group_id: int) -> None:
        columns = {name: name for name in self._books.places.get(MEMBERS, {})}
        for row in self._books.members:
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
                joined_date=row.joined_date or self._books.group.cycle_start,
                is_founder=bool(row.founder) or row.role == "FOUNDER",
            )
            added = self._attempts.attempt(
                Place(MEMBERS, row.row, "number", columns),
                lambda new=new: add_member(  # type: ignore[misc]
                    self._session, group_id, new, clock=self._clock, by=self._by
                ),
            )
            if added is not None:
                self._members[row.number] = added.member_id

    def _elect(self, group_id: int) -> None:
        """Write down the committee, if the sheet names all three officers."""
        by_role: dict[str, list[int]] = defaultdict(list)
        for row in self._books.members:
            if row.number in self._members:
                by_role[row.role].append(self._members[row.number])
        leading = ("CHAIRPERSON", "SECRETARY", "TREASURER")
        named = [role for role in (*leading, "MONEY_COUNTER", "KEY_HOLDER") if by_role[role]]
        if not named:
            return
        first = next(row for row in self._books.members if row.role in named)
        place = Place(MEMBERS, first.row, "role")
        if not all(by_role[role] for role in leading):
            problem = RuleBroken(
                "The committee was left out.",
                hint="Name a chairperson, a secretary and a treasurer.",
            )
            self._attempts.warn(place, problem)
            return
        committee = Committee(
            chairperson=by_role["CHAIRPERSON"][0],
            secretary=by_role["SECRETARY"][0],
            treasurer=by_role["TREASURER"][0],
            money_counters=by_role["MONEY_COUNTER"],
            key_holders=by_role["KEY_HOLDER"],
        )
        self._attempts.attempt(
            place,
            lambda: elect_officers(
                self._session, group_id, committee, clock=self._clock, by=self._by
            ),
        )

    def _suspend(self, numbers: set[int]) -> None:
        """Keep just these members from saving and borrowing; take back those who may again."""
        for row in self._books.members:
            number = row.number
            if number not in self._members or (number in numbers) == (number in self._suspended):
                continue
            change = suspend_member if number in numbers else take_back_member

            def work(
                change: Callable[..., None] = change, member_id: int = self._members[number]
            ) -> None:
                change(self._session, member_id, clock=self._clock, by=self._by)

            self._attempts.attempt(Place(MEMBERS, row.row, "status"), work)
            self._suspended ^= {number}

    def _leave(self, row: MemberRow) -> None:
        self._gone.add(row.number)
        self._attempts.attempt(
            Place(MEMBERS, row.row, "left_date", {"member": "left_date"}),
            lambda: leave_group(
                self._session,
                self._members[row.number],
                LeavingReason(row.leaving_reason or LeavingReason.LEFT),
                day=row.left_date,
                clock=self._clock,
                by=self._by,
            ),
        )

    # --- meetings -------------------------------------------------------------------------------

    def _hold_meetings(self, recorder: Recorder) -> None:
        books = self._books
        entries: dict[int, list[EntryRow]] = defaultdict(list)
        for entry in books.entries:
            if entry.member in self._members:
                entries[entry.meeting].append(entry)
        other: dict[int | None, list[OtherRow]] = defaultdict(list)
        for row in books.other:
            other[row.meeting if row.date is None else None].append(row)
        between = sorted(other.pop(None, []), key=lambda row: row.date or books.group.formed)
        total = len(books.meetings)
        for done, meeting in enumerate(books.meetings):
            self._told(done, total)
            rows = entries[meeting.number]
            self._let_go(meeting, {entry.member for entry in rows})
            # Who is suspended in the end was so at each meeting that did not mark the member.
            marked = {entry.member for entry in rows if entry.attendance}
            self._suspend(self._suspended_in_the_end - marked)
            between = self._write_between(recorder, between, meeting)
            unmarked = self._unmarked(meeting, rows)
            recorder.hold(meeting, rows, other[meeting.number], unmarked=unmarked)
            # Who was paid out left at the meeting itself.
            self._gone |= {row.member or 0 for row in other[meeting.number] if row.type in _LEAVING}
        self._told(total, total)
        self._let_go(None, set())
        self._write_between(recorder, between, None)
        self._suspend(self._suspended_in_the_end)
        if books.group.cycle_closed:
            self._attempts.attempt(
                Place(GROUP, 1, "cycle_closed"),
                lambda: close_cycle(
                    self._session, recorder.group_id, clock=self._clock, by=self._by
                ),
            )

    def _told(self, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(done, total)

    @property
    def _suspended_in_the_end(self) -> set[int]:
        return {row.number for row in self._books.members if row.status == "SUSPENDED"}

    def _let_go(self, meeting: MeetingRow | None, here: set[int]) -> None:
        """Let those leave who were gone when a meeting was held, or in the end without one."""
        for row in sorted(self._books.members, key=lambda row: row.left_date or _NEVER):
            is_due = row.left_date is not None and row.number not in self._gone | self._paid_out
            if not is_due or row.number not in self._members:
                continue
            if meeting is None or _left_before(row, meeting, here):
                self._leave(row)

    def _write_between(
        self, recorder: Recorder, rows: list[OtherRow], before: MeetingRow | None
    ) -> list[OtherRow]:
        """Write what happened before a meeting, after the one before it; return the rest."""
        rest = []
        for row in rows:
            day = row.date
            is_due = before is None or (
                day is not None
                and (day < before.date or (row.meeting or 0) < before.number)
                and day <= before.date
            )
            if day is None or not is_due:
                rest.append(row)
                continue
            where = Between(recorder.group_id, day)
            OtherWriter(
                self._attempts,
                where,
                self._members,
                recorder.meeting_ids,
                self._clock,
                self._by,
                recorder.group_id,
            ).write(row)
        return rest

    def _unmarked(self, meeting: MeetingRow, rows: list[EntryRow]) -> list[int]:
        """Say which members of a regular meeting have no line or no mark, and return them."""
        if meeting.type not in WITH_ROLL_CALL or meeting.still_open:
            return []
        due = {
            row.number
            for row in self._books.members
            if row.number in self._members
            and row.number not in self._gone
            and row.number not in self._suspended
            and (row.joined_date is None or row.joined_date <= meeting.date)
        }
        unmarked = [entry for entry in rows if not entry.attendance and entry.member in due]
        for entry in unmarked:
            problem = RuleBroken("Say who was there.", hint="Mark every member.")
            self._attempts.refuse(Place(ENTRIES, entry.row, "attendance"), problem)
        missing = sorted(due - {entry.member for entry in rows})
        if missing:
            problem = RuleBroken(
                "The sheet Entries lacks members {numbers}.",
                numbers=", ".join(str(number) for number in missing[:10]),
            )
            place = Place(MEETINGS, meeting.row, "number")
            self._attempts.refuse(
                place, problem, wanted("a row for every member in the sheet Entries")
            )
        return [*missing, *(entry.member for entry in unmarked)]


def _left_before(row: MemberRow, meeting: MeetingRow, here: set[int]) -> bool:
    """Say whether a member was gone when a meeting was held."""
    if row.left_date is None or row.left_date > meeting.date:
        return False
    return row.left_date < meeting.date or row.number not in here
