"""Writing one meeting of a workbook into the book, in an order in which the money is there.

What comes in is written before what goes out: first contributions, shares, fines and repayments,
then the rows of the sheet Other in their order, then the loans, and the share-out last. If a
meeting can be held at all, it can be held so, and no fund falls below nought on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import update

from vsla_desktop.domain.meeting import AttendanceStatus, cash_count
from vsla_desktop.domain.money import ZERO, plain_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.meetings import expected_in_box
from vsla_desktop.queries.tables import MEETINGS as MEETING_ROWS
from vsla_desktop.services.attendance import (
    record_attendance,
    record_participation,
    record_roll_call,
)
from vsla_desktop.services.counts import PurseCounted
from vsla_desktop.services.meetings import (
    NewMeeting,
    as_expected,
    close_meeting,
    open_meeting,
    record_notes,
)
from vsla_desktop.services.workbook.attempts import Attempts, Place
from vsla_desktop.services.workbook.entry_money import ROLL_CALL_FINES, EntryMoney
from vsla_desktop.services.workbook.layout import ENTRIES, MEETINGS, OtherType
from vsla_desktop.services.workbook.member_pages import LEAVING
from vsla_desktop.services.workbook.other_events import SHARING
from vsla_desktop.services.workbook.others import FINES, FIRST, OtherWriter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.services.workbook.books import EntryRow, MeetingRow, OtherRow
    from vsla_desktop.services.workbook.requests import RequestWriter

COUNTED_SO = "Counted so in the workbook"


@dataclass(slots=True)
class Recorder:
    """Writes the meetings of one group. ``members`` gives the id of each member number.

    ``counted`` are the notes and coins of a purse, by meeting, OPENING or CLOSING, and fund.
    """

    attempts: Attempts
    group_id: int
    members: Mapping[int, int]
    clock: Clock
    by: int | None = None
    counted: Mapping[tuple[int, str, Fund], PurseCounted] = field(default_factory=dict)
    requests: RequestWriter | None = None
    meeting_ids: dict[int, int] = field(default_factory=dict)
    money: EntryMoney = field(init=False)

    def __post_init__(self) -> None:
        self.money = EntryMoney(self.attempts, self.members, self.clock, self.by)

    @property
    def session(self) -> Session:
        """The transaction that all of it is written in."""
        return self.attempts.session

    def hold(
        self, meeting: MeetingRow, entries: Sequence[EntryRow], other: Sequence[OtherRow]
    ) -> None:
        """Open a meeting, write all its rows, count the box and close it."""
        opened = self.open(meeting)
        if opened is None:
            return
        self.write(opened, meeting, entries, other)
        if not meeting.still_open:
            self.close(opened, meeting)

    def excuse(self, meeting_id: int, numbers: Sequence[int]) -> None:
        """Mark members whose mark was refused already, so that the search can go on."""
        if numbers:
            excused = {self.members[number]: AttendanceStatus.EXCUSED for number in numbers}
            self.money.quietly(
                lambda: record_roll_call(
                    self.session, meeting_id, excused, clock=self.clock, by=self.by
                )
            )

    def open(self, meeting: MeetingRow) -> int | None:
        """Open the meeting with its opening count; None when it is refused."""
        place = Place(MEETINGS, meeting.row, "date", _meeting_fields("opening"))
        new = NewMeeting(
            day=meeting.date,
            number=meeting.number,
            kind=meeting.type or "REGULAR",
            meetings_merged=meeting.meetings_merged or 1,
            location=meeting.location or None,
            purpose=meeting.purpose or None,
        )

        def work() -> int:
            return self._open(new, self._counts(meeting, "opening"))

        def stand_in() -> None:
            """Open it all the same, as one meeting and with the count that the book expects."""
            plain = NewMeeting(day=meeting.date, number=meeting.number)
            self.meeting_ids[meeting.number] = self._open(
                plain, as_expected(self.session, self.group_id)
            )

        found = self.attempts.attempt(place, work, stand_in=stand_in)
        if found is not None:
            self.meeting_ids[meeting.number] = found
        return self.meeting_ids.get(meeting.number)

    def _open(self, new: NewMeeting, counts: Mapping[Fund, PurseCounted]) -> int:
        opened = open_meeting(
            self.session, self.group_id, new, counts=counts, clock=self.clock, by=self.by
        )
        return opened.meeting_id

    def write(
        self,
        meeting_id: int,
        meeting: MeetingRow,
        entries: Sequence[EntryRow],
        other: Sequence[OtherRow],
    ) -> None:
        """Write the roll call, the money and the minutes of an open meeting."""
        others = OtherWriter(
            self.attempts,
            meeting_id,
            self.members,
            self.meeting_ids,
            self.clock,
            self.by,
            self.group_id,
            self.money,
        )
        first = [row for row in other if row.type in FIRST and not row.in_turn]
        rest = [row for row in other if row.type not in FIRST or row.in_turn]
        self._roll_call(meeting_id, entries)
        for row in first:
            others.write(row)
        self.money.take_in(meeting_id, entries)
        for row in rest:
            if row.type in FINES and not row.in_turn:
                others.write(row)
        self.money.paid_back(meeting_id, entries)
        for row in rest:
            until = self._last_naming(row.member) if _lessens(row) else row.request
            if until is not None:
                self._ask(meeting_id, meeting, until=until)
            if row.type not in SHARING and (row.type not in FINES or row.in_turn):
                others.write(row)
        self._ask(meeting_id, meeting)
        for entry in entries:
            self.money.loan(meeting_id, entry)
        for row in rest:
            if row.type in SHARING:
                others.write(row)
        self._notes(meeting_id, meeting)

    def _ask(self, meeting_id: int, meeting: MeetingRow, *, until: int | None = None) -> None:
        """Write down who asked for a loan, up to a request, and how the meeting voted on it."""
        if self.requests is not None:
            self.requests.at_meeting(meeting_id, meeting.number, meeting.date, until=until)

    def _last_naming(self, member: int | None) -> int | None:
        """Return the last request that somebody made, or vouched for, before having less."""
        return None if self.requests is None else self.requests.last_naming(member or 0)

    def close(self, meeting_id: int, meeting: MeetingRow) -> None:
        """Count the box and close the meeting for good."""
        place = Place(MEETINGS, meeting.row, "number", _meeting_fields("closing"))

        def work() -> None:
            counts = self._counts(meeting, "closing")
            close_meeting(self.session, meeting_id, counts, clock=self.clock, by=self.by)

        def stand_in() -> None:
            counts = as_expected(self.session, self.group_id)
            close_meeting(self.session, meeting_id, counts, clock=self.clock, by=self.by)

        self.attempts.attempt(place, work, stand_in=stand_in)

    # --- counts and minutes ---------------------------------------------------------------------

    def _counts(self, meeting: MeetingRow, when: str) -> dict[Fund, PurseCounted]:
        """Return the count of every purse; one that was not written down is as expected."""
        due = expected_in_box(self.session, self.group_id)
        written = {fund: count for fund, count in meeting.counts(when).items() if count is not None}
        reason: str = getattr(meeting, f"{when}_reason")
        counts = {}
        pieces = {
            fund: found
            for (number, at, fund), found in self.counted.items()
            if number == meeting.number and at == when.upper()
        }
        for fund in dict.fromkeys([*due, *written, *pieces]):
            expected = due.get(fund, ZERO)
            found = pieces.get(fund, PurseCounted())
            counted = cash_count(found.notes) if found.notes else expected
            total = written.get(fund, counted)
            why = found.reason or reason
            if total != expected and not why:
                self._warn_of_difference(meeting, when, fund, expected, total)
            said = found.reason or ((reason or COUNTED_SO) if total != expected else "")
            counts[fund] = PurseCounted(total, notes=found.notes, reason=said)
        return counts

    def _warn_of_difference(
        self, meeting: MeetingRow, when: str, fund: Fund, expected: Decimal, total: Decimal
    ) -> None:
        fields = _meeting_fields(when)
        column = fields.get(fund.value, "number")
        problem = RuleBroken(
            "The book expects {expected}; {total} were counted.",
            hint="The difference is a line of its own.",
            expected=plain_amount(expected),
            total=plain_amount(total),
        )
        self.attempts.warn(Place(MEETINGS, meeting.row, column), problem)

    def _notes(self, meeting_id: int, meeting: MeetingRow) -> None:
        said = {
            "minutes": meeting.minutes or None,
            "decisions": meeting.decisions or None,
            "action_items": meeting.action_items or None,
        }
        if any(said.values()):
            record_notes(self.session, meeting_id, **said, clock=self.clock, by=self.by)
        offices = {
            "chairperson_id": meeting.chairperson,
            "secretary_id": meeting.secretary,
            "treasurer_id": meeting.treasurer,
        }
        named = {
            name: self.members.get(number) for name, number in offices.items() if number is not None
        }
        if named:
            of_meeting = MEETING_ROWS.c.id == meeting_id
            self.session.connection().execute(update(MEETING_ROWS).where(of_meeting), named)

    # --- the roll call --------------------------------------------------------------------------

    def _roll_call(self, meeting_id: int, entries: Sequence[EntryRow]) -> None:
        """Mark everybody; a fine that the sheet does not name was not charged."""
        marked = [entry for entry in entries if entry.attendance]
        plain = [
            entry
            for entry in marked
            if not (entry.excuse_reason or entry.represented_by or entry.arrival_time)
        ]
        alone = (
            [entry for entry in marked if entry not in plain] if len(plain) < len(marked) else []
        )
        if self.attempts.finds_all:
            plain, alone = [], marked
        if plain:
            statuses = {self._id(each): AttendanceStatus(each.attendance) for each in plain}
            self._try(
                plain[0],
                "attendance",
                lambda: record_roll_call(
                    self.session, meeting_id, statuses, clock=self.clock, by=self.by
                ),
            )
        for entry in alone:
            self._mark(meeting_id, entry)
        for entry in marked:
            if entry.discussed is not None or entry.voted is not None:
                self._participation(meeting_id, entry)
            if entry.attendance in ROLL_CALL_FINES:
                self._roll_call_fine(meeting_id, entry)

    def _mark(self, meeting_id: int, entry: EntryRow) -> None:
        self._try(
            entry,
            "attendance",
            lambda: record_attendance(
                self.session,
                meeting_id,
                self._id(entry),
                AttendanceStatus(entry.attendance),
                excuse_reason=entry.excuse_reason or None,
                represented_by=entry.represented_by or None,
                arrival_time=entry.arrival_time,
                clock=self.clock,
                by=self.by,
            ),
        )

    def _participation(self, meeting_id: int, entry: EntryRow) -> None:
        self._try(
            entry,
            "discussed",
            lambda: record_participation(
                self.session,
                meeting_id,
                self._id(entry),
                discussed=entry.discussed,
                voted=entry.voted,
                clock=self.clock,
                by=self.by,
            ),
        )

    def _roll_call_fine(self, meeting_id: int, entry: EntryRow) -> None:
        """Make the fine that the tariff charged by itself what the sheet says it was."""
        kind = ROLL_CALL_FINES[entry.attendance]
        is_meant = entry.fine_type in {"", kind.value}
        amount = (entry.fine_charged or ZERO) if is_meant else ZERO
        if is_meant and entry.fine_type and entry.fine_charged is None:
            return
        self.money.set_fine(meeting_id, entry, kind, amount)

    # --- helpers --------------------------------------------------------------------------------

    def _id(self, entry: EntryRow) -> int:
        return self.members[entry.member]

    def _try(self, entry: EntryRow, column: str, work: Callable[[], object]) -> None:
        self.attempts.attempt(Place(ENTRIES, entry.row, column, {"member": "member"}), work)


def _lessens(row: OtherRow) -> bool:
    """Say whether a member has less to borrow on: what she asked for is written before it."""
    if row.type in LEAVING or row.type == OtherType.SAVINGS_WITHDRAWAL:
        return True
    is_savings = row.in_turn and row.detail == PostingType.SAVINGS_DEPOSIT
    return bool(is_savings) and (row.right_amount or ZERO) < (row.amount or ZERO)


def _meeting_fields(when: str) -> dict[str, str]:
    """Return the column of each field that opening or closing a meeting may name."""
    return {
        "date": "date",
        "day": "date",
        "number": "number",
        "meetings_merged": "meetings_merged",
        "reason": f"{when}_reason",
        Fund.LOAN_FUND.value: f"{when}_loan_fund_count",
        Fund.SOCIAL.value: f"{when}_social_fund_count",
        Fund.ECD.value: f"{when}_ecd_fund_count",
        Fund.TARGET.value: f"{when}_target_fund_count",
    }
