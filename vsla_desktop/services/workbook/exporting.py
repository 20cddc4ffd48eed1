"""Taking the books of a group out as a workbook, so that bringing it in gives the same books.

What the sheets can not hold is never dropped without a word: it is listed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import Preset
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.books import Books as Written
from vsla_desktop.queries.books import CycleRecord, books_of_group, group_id_of
from vsla_desktop.queries.share_out import CLOSED
from vsla_desktop.queries.tables import ATTENDANCE, CYCLES, MEETINGS, MEMBERS
from vsla_desktop.services.workbook.books import (
    COUNTED,
    Books,
    EntryRow,
    GroupPage,
    MeetingRow,
    MemberRow,
    OtherRow,
)
from vsla_desktop.services.workbook.exported_fines import FineCells, fines_of
from vsla_desktop.services.workbook.exported_money import ExportedMoney, MemberCell
from vsla_desktop.services.workbook.lacking import SENTENCES, lacking
from vsla_desktop.services.workbook.writer import write_books

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.db import Database
    from vsla_desktop.queries.lines import LedgerLine
    from vsla_desktop.queries.meetings import PurseCount

_MEMBERS = select(
    MEMBERS.c.id,
    MEMBERS.c.role,
    MEMBERS.c.email,
    MEMBERS.c.date_of_birth,
    MEMBERS.c.occupation,
    MEMBERS.c.leaving_reason,
).where(MEMBERS.c.group_id == bindparam("of_group"))
_ROLL = select(ATTENDANCE).where(ATTENDANCE.c.group_id == bindparam("of_group"))
_NOTES = select(MEETINGS.c.id, MEETINGS.c.action_items, MEETINGS.c.cycle_id).where(
    MEETINGS.c.group_id == bindparam("of_group")
)
_RULES = select(CYCLES.c.rules).where(CYCLES.c.id == bindparam("cycle"))


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written. ``left_out`` says, in sentences, what the workbook can not hold."""

    group_code: str
    members_count: int
    meetings_count: int
    entries_count: int
    left_out: tuple[RuleBroken, ...] = ()


def export_workbook(
    database: Database, group_code: str, path: Path, *, clock: Clock
) -> ExportReport:
    """Write the books of a group's last cycle as a workbook, whole or not at all.

    Raise :class:`RuleBroken` for a group that is not in the book, and :class:`StorageError` when
    the file can not be written.
    """
    with database.read() as session:
        books, left_out = collect_books(session, group_id_of(session, group_code), clock=clock)
    write_books(books, path)
    return ExportReport(
        group_code=group_code,
        members_count=len(books.members),
        meetings_count=len(books.meetings),
        entries_count=len(books.entries) + len(books.other),
        left_out=left_out,
    )


def collect_books(
    session: Session, group_id: int, *, clock: Clock
) -> tuple[Books, tuple[RuleBroken, ...]]:
    """Return the books of a group's last cycle as the workbook holds them, and what it can not."""
    return _Collector(session, group_id, clock).collect()


class _Collector:
    def __init__(self, session: Session, group_id: int, clock: Clock) -> None:
        self._session = session
        self._written: Written = books_of_group(session, group_id, on=clock.today())
        self._group_id = group_id
        self._today = clock.today()
        wanted = {"of_group": group_id}
        connection = session.connection()
        self._persons = {row.id: row for row in connection.execute(_MEMBERS, wanted)}
        self._roll = {
            (row.meeting_id, row.member_id): row for row in connection.execute(_ROLL, wanted)
        }
        self._notes = {row.id: row for row in connection.execute(_NOTES, wanted)}
        self._numbers = {each.member_id: each.number for each in self._written.members}
        last = self._written.cycles[-1].cycle_id if self._written.cycles else None
        self._money = ExportedMoney(session, self._written, last)

    def collect(self) -> tuple[Books, tuple[RuleBroken, ...]]:
        written = self._written
        if not written.cycles:
            raise RuleBroken("Open a cycle first.", field="cycle")
        cycle = written.cycles[-1]
        held = [
            each
            for each in written.meetings
            if each.status in {"IN_PROGRESS", "COMPLETED"}
            and self._notes[each.meeting_id].cycle_id in {None, cycle.cycle_id}
        ]
        numbers = {each.meeting_id: each.number for each in held}
        earlier = [line for line in written.entries if _is_earlier(line, cycle)]
        self._money.bring_forward(earlier)
        self._money.take(
            [line for line in written.entries if not _is_earlier(line, cycle)], numbers
        )
        self._money.left_out["cycles"] = len(written.cycles) - 1
        self._money.left_out["loans"] = sum(
            loan.is_out and loan.cycle_id not in {None, cycle.cycle_id} for loan in written.loans
        )
        everywhere = {each.meeting_id: each.number for each in written.meetings}
        before: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for line in earlier:
            before[line.fine_id or 0] += line.effect
        fines = fines_of(
            self._session, written, everywhere, self._numbers, cycle.start, paid_before=before
        )
        self._money.left_out["fines"] += fines.left_out
        books = Books(
            group=self._group(),
            rules=written.rules,
            members=tuple(self._members(fines.opening)),
            meetings=tuple(sorted((self._meeting(each) for each in held), key=lambda m: m.number)),
            entries=tuple(self._entries(held, fines)),
            other=tuple(sorted([*self._money.other, *fines.other], key=_place)),
        )
        sentences = self._sentences()
        lacking = "\n".join(str(each) for each in sentences)
        return replace(books, group=replace(books.group, left_out=lacking)), sentences

    # --- the group, its members and meetings ----------------------------------------------------

    def _group(self) -> GroupPage:
        group, cycle = self._written.group, self._written.cycles[-1]
        opening = self._money.opening
        earnings = opening.earnings(self._written.rules.share_value)
        return GroupPage(
            name=group.name,
            group_code=group.code,
            country=group.country,
            region=group.region,
            district=group.district,
            parish=group.parish,
            village=group.village,
            currency=group.currency,
            language=group.language,
            registration_number=group.registration_number,
            formation_date=group.formed,
            practice=group.is_practice,
            preset=Preset(group.preset) if group.preset in set(Preset) else None,
            cycle_start=cycle.start,
            cycle_end=cycle.end,
            meeting_day=group.meeting_day,
            meeting_time=group.meeting_time,
            saving_kinds=group.saving_kinds,
            opening_date=opening.day or (cycle.start if opening.funds else None),
            opening_loan_fund=opening.funds.get(Fund.LOAN_FUND, ZERO),
            opening_social_fund=opening.funds.get(Fund.SOCIAL, ZERO),
            opening_earnings=earnings or None,
            opening_debts=opening.debts or None,
            cycle_closed=True if cycle.status == CLOSED else None,
        )

    def _members(self, fines: Mapping[int, Decimal]) -> list[MemberRow]:
        rows = []
        for member in self._written.members:
            person = self._persons[member.member_id]
            opening = self._money.opening
            is_founder = person.role == "FOUNDER"
            rows.append(
                MemberRow(
                    number=member.number,
                    first_name=member.first_name,
                    last_name=member.last_name,
                    gender=member.gender,
                    phone_number=member.phone_number,
                    id_number=member.id_number,
                    joined_date=member.joined,
                    role=member.office or ("FOUNDER" if is_founder else "MEMBER"),
                    opening_shares=opening.shares.get(member.number),
                    opening_social_due=opening.social_dues.get(member.number),
                    **opening.loans.get(member.number, {}),
                    opening_fines=fines.get(member.number),
                    email=person.email or "",
                    date_of_birth=person.date_of_birth,
                    occupation=person.occupation or "",
                    founder=True if is_founder and member.office else None,
                    status="SUSPENDED" if member.status == "SUSPENDED" else "",
                    left_date=None if member.is_active else member.left,
                    leaving_reason="" if member.is_active else person.leaving_reason or "",
                )
            )
        return rows

    def _meeting(self, meeting: Any) -> MeetingRow:
        counts: dict[str, Any] = {}
        for when, purses in (("opening", meeting.opening), ("closing", meeting.closing)):
            for purse in purses:
                if purse.fund in COUNTED:
                    counts[f"{when}_{COUNTED[purse.fund]}_count"] = purse.counted
        return MeetingRow(
            number=meeting.number,
            date=meeting.day,
            type=meeting.kind,
            opening_reason=_reason(meeting.opening),
            closing_reason=_reason(meeting.closing),
            meetings_merged=meeting.meetings_merged if meeting.meetings_merged != 1 else None,
            location=meeting.location,
            minutes=meeting.minutes,
            decisions=meeting.decisions,
            action_items=self._notes[meeting.meeting_id].action_items or "",
            still_open=True if meeting.status == "IN_PROGRESS" else None,
            **counts,
        )

    # --- the sheet Entries ----------------------------------------------------------------------

    def _entries(self, held: list[Any], fines: FineCells) -> list[EntryRow]:
        rows = []
        for meeting in held:
            keys = {
                number
                for member_id, number in self._numbers.items()
                if (meeting.meeting_id, member_id) in self._roll
            }
            keys |= {number for at, number in self._money.cells if at == meeting.number and number}
            keys |= {number for at, number in fines.cells if at == meeting.number}
            rows += [self._entry(meeting, number, fines) for number in sorted(keys)]
        return sorted(rows, key=lambda row: (row.meeting, row.member))

    def _entry(self, meeting: Any, number: int, fines: FineCells) -> EntryRow:
        member_id = next(key for key, value in self._numbers.items() if value == number)
        mark = self._roll.get((meeting.meeting_id, member_id))
        cell = self._money.cells.get((meeting.number, number), MemberCell())
        fine = fines.cells.get((meeting.number, number))
        said: dict[str, Any] = {}
        if mark is not None:
            said = {
                "attendance": mark.attendance_status
                or ("PRESENT" if mark.is_present else "ABSENT"),
                "excuse_reason": mark.excuse_reason or "",
                "represented_by": mark.represented_by or "",
                "arrival_time": mark.arrival_time,
                "discussed": True if mark.participated_in_discussions else None,
                "voted": True if mark.voted_on_decisions else None,
            }
        return EntryRow(
            meeting=meeting.number,
            member=number,
            social_fund=cell.social_fund or None,
            shares=cell.shares or None,
            fine_type="" if fine is None else fine[0],
            fine_charged=None if fine is None else fine[1],
            fine_paid=cell.fine_paid or None,
            loan_repaid=cell.loan_repaid or None,
            **said,
            **cell.loan,
        )

    # --- what is left out -----------------------------------------------------------------------

    def _sentences(self) -> tuple[RuleBroken, ...]:
        cycle = self._written.cycles[-1]
        stored = self._session.connection().execute(_RULES, {"cycle": cycle.cycle_id}).scalar()
        self._money.left_out.update(lacking(self._session, self._group_id, today=self._today))
        self._money.left_out["rules"] = max(len(stored or ()) - 1, 0)
        for fund, amount in self._money.opening.funds.items():
            if fund not in {Fund.LOAN_FUND, Fund.SOCIAL} and amount:
                self._money.left_out["funds"] += 1
        sentences = {
            "cycles": "Earlier cycles are left out: {count}.",
            "loans": "Loans of earlier cycles are left out: {count}.",
            "mobile": "Mobile money is left out: {count} entries.",
            "corrections": "Corrections of earlier cycles are left out: {count}.",
            "fines": "Waived fines of the opening are left out: {count}.",
            "rules": "Earlier rules of this cycle are left out: {count}.",
            "funds": "Opening balances of other funds are left out: {count}.",
            "recovered": "Which lost loan was recovered is left out: {count}.",
            "leavers": "To which leaver an old debt is owed is left out: {count}.",
            "phone": "Payments by telephone are left out: {count}.",
            "share-out": "A share-out that is not voted is left out: {count}.",
            "changes": "Loans that were spread anew are left out: {count}.",
            **SENTENCES,
        }
        return tuple(
            RuleBroken(
                sentences.get(what, "Entries of the kind {kind} are left out: {count}."),
                kind=what,
                count=count,
            )
            for what, count in self._money.left_out.items()
            if count
        )


def _is_earlier(line: LedgerLine, cycle: CycleRecord) -> bool:
    """Say whether a line belongs to a cycle before: on the day of change, the cycle says it."""
    is_of_another = line.cycle_id not in {None, cycle.cycle_id}
    return line.day < cycle.start or (line.day == cycle.start and is_of_another)


def _reason(counts: tuple[PurseCount, ...]) -> str:
    said = dict.fromkeys(purse.reason for purse in counts if purse.difference and purse.reason)
    return "; ".join(said)


def _place(row: OtherRow) -> tuple[int, bool]:
    """Keep rows in the order of the meetings; within one, as they were written."""
    return (row.meeting or 0, row.date is not None)
