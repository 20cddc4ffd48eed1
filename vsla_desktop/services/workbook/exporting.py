"""Taking the books of a group out as a workbook, so that bringing it in gives the same books.

What the sheets can not hold is never dropped without a word: it is listed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.rules import Preset
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.books import Books as Written
from vsla_desktop.queries.books import books_of_group, group_id_of
from vsla_desktop.queries.tables import ATTENDANCE, CYCLES, LOANS, MEETINGS, MEMBERS
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
from vsla_desktop.services.workbook.layout import OtherType
from vsla_desktop.services.workbook.writer import write_books

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from pathlib import Path

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.db import Database
    from vsla_desktop.queries.lines import LedgerLine
    from vsla_desktop.queries.meetings import PurseCount

SHARES = "PERSONAL"
_T = PostingType
_IN_CELLS = frozenset(
    {
        _T.SOCIAL_CONTRIBUTION,
        _T.FINE_PAYMENT,
        _T.LOAN_DISBURSEMENT,
        _T.LOAN_PENALTY,
        _T.LOAN_CHARGE,
        _T.LOAN_REPAYMENT,
    }
)
"""What stands in the sheet Entries, shares aside."""
_OTHER = {
    _T.EXPENSE: OtherType.EXPENSE,
    _T.OTHER_INCOME: OtherType.OTHER_INCOME,
    _T.BANK_DEPOSIT: OtherType.BANK_DEPOSIT,
    _T.BANK_WITHDRAWAL: OtherType.BANK_WITHDRAWAL,
    _T.SOCIAL_GRANT: OtherType.SOCIAL_GRANT,
    _T.SOCIAL_ADVANCE: OtherType.SOCIAL_ADVANCE,
    _T.SOCIAL_ADVANCE_REPAYMENT: OtherType.SOCIAL_ADVANCE_REPAYMENT,
    _T.SAVINGS_DEPOSIT: OtherType.SAVINGS_DEPOSIT,
    _T.SAVINGS_WITHDRAWAL: OtherType.SAVINGS_WITHDRAWAL,
}
_SAID_BY_PERSON = frozenset(
    {
        _T.EXPENSE,
        _T.OTHER_INCOME,
        _T.BANK_DEPOSIT,
        _T.BANK_WITHDRAWAL,
        _T.SOCIAL_GRANT,
        _T.SOCIAL_ADVANCE,
    }
)
"""What has words of its own in the book; the others are named by the program."""

_MEMBERS = select(
    MEMBERS.c.id,
    MEMBERS.c.role,
    MEMBERS.c.email,
    MEMBERS.c.date_of_birth,
    MEMBERS.c.occupation,
    MEMBERS.c.leaving_reason,
).where(MEMBERS.c.group_id == bindparam("of_group"))
_ROLL = select(ATTENDANCE).where(ATTENDANCE.c.group_id == bindparam("of_group"))
_LOANS = select(
    LOANS.c.id,
    LOANS.c.term_months,
    LOANS.c.loan_purpose,
    LOANS.c.guarantor_member_id,
    LOANS.c.collateral_description,
).where(LOANS.c.group_id == bindparam("of_group"))
_NOTES = select(MEETINGS.c.id, MEETINGS.c.action_items).where(
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


@dataclass(slots=True)
class _Cell:
    """What one member did at one meeting."""

    social_fund: Decimal = ZERO
    shares: int = 0
    fine_paid: Decimal = ZERO
    loan_repaid: Decimal = ZERO
    loan: dict[str, Any] = field(default_factory=dict)


class _Collector:
    def __init__(self, session: Session, group_id: int, clock: Clock) -> None:
        self._session = session
        self._written: Written = books_of_group(session, group_id, on=clock.today())
        self._group_id = group_id
        wanted = {"of_group": group_id}
        connection = session.connection()
        self._persons = {row.id: row for row in connection.execute(_MEMBERS, wanted)}
        self._loans = {row.id: row for row in connection.execute(_LOANS, wanted)}
        self._roll = {
            (row.meeting_id, row.member_id): row for row in connection.execute(_ROLL, wanted)
        }
        self._tasks = {row.id: row.action_items for row in connection.execute(_NOTES, wanted)}
        self._numbers = {each.member_id: each.number for each in self._written.members}
        self._by_name = {each.name: each.number for each in self._written.members}
        self._cells: dict[tuple[int, int], _Cell] = defaultdict(_Cell)
        self._other: list[OtherRow] = []
        self._opening_shares: Counter[int] = Counter()
        self._opening_loans: dict[int, tuple[Decimal, int]] = {}
        self._opening_funds: dict[Fund, Decimal] = {}
        self._left_out: Counter[str] = Counter()

    def collect(self) -> tuple[Books, tuple[RuleBroken, ...]]:
        written = self._written
        if not written.cycles:
            raise RuleBroken("Open a cycle first.", field="cycle")
        cycle = written.cycles[-1]
        held = [each for each in written.meetings if each.status in {"IN_PROGRESS", "COMPLETED"}]
        held = [each for each in held if each.day >= cycle.start]
        numbers = {each.meeting_id: each.number for each in written.meetings}
        lines = list(written.entries)
        self._bring_forward([line for line in lines if line.day < cycle.start])
        self._take([line for line in lines if line.day >= cycle.start], numbers)
        fines = fines_of(self._session, written, numbers, self._numbers, cycle.start)
        self._left_out["fines"] += fines.left_out
        books = Books(
            group=self._group(),
            rules=written.rules,
            members=tuple(self._members(fines.opening)),
            meetings=tuple(sorted((self._meeting(each) for each in held), key=lambda m: m.number)),
            entries=tuple(self._entries(held, fines)),
            other=tuple(sorted([*self._other, *fines.other], key=_place)),
        )
        return books, self._sentences()

    # --- the group, its members and meetings ----------------------------------------------------

    def _group(self) -> GroupPage:
        group, cycle = self._written.group, self._written.cycles[-1]
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
            opening_loan_fund=self._opening_funds.get(Fund.LOAN_FUND),
            opening_social_fund=self._opening_funds.get(Fund.SOCIAL),
        )

    def _members(self, fines: Mapping[int, Decimal]) -> list[MemberRow]:
        rows = []
        for member in self._written.members:
            person = self._persons[member.member_id]
            loan = self._opening_loans.get(member.number)
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
                    opening_shares=self._opening_shares.get(member.number),
                    opening_loan=None if loan is None else loan[0],
                    opening_loan_months=None if loan is None else loan[1],
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
        counts: dict[str, Decimal | None] = {}
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
            action_items=self._tasks.get(meeting.meeting_id) or "",
            still_open=True if meeting.status == "IN_PROGRESS" else None,
            **counts,
        )

    # --- money ----------------------------------------------------------------------------------

    def _bring_forward(self, lines: list[LedgerLine]) -> None:
        """Sum up earlier cycles: what the two purses held when this one began."""
        if not lines:
            return
        self._left_out["cycles"] = len(self._written.cycles) - 1
        for line in lines:
            held = self._opening_funds.get(line.fund, ZERO)
            self._opening_funds[line.fund] = held + line.effect

    def _take(self, lines: list[LedgerLine], numbers: Mapping[int, int]) -> None:
        last_meeting: int | None = None
        used: set[int] = set()
        for at, line in enumerate(lines):
            if line.meeting_id is not None:
                last_meeting = numbers[line.meeting_id]
            if line.transaction_id in used:
                continue
            if line.is_mobile_money:
                self._left_out["mobile"] += 1
            elif line.is_reversal:
                self._correction(line, lines, at, numbers, used)
            elif line.meeting_id is None:
                self._between(line, last_meeting)
            else:
                self._line(line, numbers[line.meeting_id])

    def _between(self, line: LedgerLine, last_meeting: int | None) -> None:
        """Take a line between two meetings: the first ones are the opening."""
        number = line.member_number or 0
        if line.type is _T.OPENING_BALANCE or (
            line.type is _T.SAVINGS_DEPOSIT and line.shares_count is not None
        ):
            self._opening_shares[number] += line.shares_count or 0
            held = self._opening_funds.get(line.fund, ZERO)
            self._opening_funds[line.fund] = held + line.effect
        elif line.type is _T.LOAN_DISBURSEMENT:
            loan = self._loans[line.loan_id or 0]
            before = self._opening_loans.get(number, (ZERO, 0))[0]
            self._opening_loans[number] = (before + line.amount, loan.term_months)
            held = self._opening_funds.get(line.fund, ZERO)
            self._opening_funds[line.fund] = held + line.effect
        elif line.type in _OTHER:
            self._other.append(self._other_row(line, last_meeting, between=True))
        else:
            self._left_out[line.type.value] += 1

    def _line(self, line: LedgerLine, meeting: int) -> None:
        is_shares = line.type is _T.SAVINGS_DEPOSIT and line.shares_count is not None
        if line.type in _OTHER and not is_shares:
            self._other.append(self._other_row(line, meeting))
            return
        if line.type not in _IN_CELLS and not is_shares:
            # What was counted says the differences.
            self._left_out[line.type.value] += line.type is not _T.CASH_DIFFERENCE
            return
        cell = self._cells[meeting, line.member_number or 0]
        if is_shares:
            cell.shares += line.shares_count or 0
        elif line.type is _T.SOCIAL_CONTRIBUTION:
            cell.social_fund += line.amount
        elif line.type is _T.FINE_PAYMENT:
            cell.fine_paid += line.amount
        elif line.type is _T.LOAN_DISBURSEMENT:
            self._loan(cell, line, meeting)
        else:
            cell.loan_repaid += line.amount

    def _loan(self, cell: _Cell, line: LedgerLine, meeting: int) -> None:
        loan = self._loans[line.loan_id or 0]
        if cell.loan:
            self._other.append(
                OtherRow(
                    meeting=meeting,
                    member=line.member_number,
                    type=OtherType.LOAN_DISBURSEMENT,
                    fund=line.fund.value,
                    amount=line.amount,
                    description=loan.loan_purpose or "",
                    detail=str(loan.term_months),
                )
            )
            return
        guarantors = []
        if loan.guarantor_member_id is not None:
            guarantors.append(self._numbers[loan.guarantor_member_id])
            names = (loan.collateral_description or "").split(", ")
            guarantors += [self._by_name[name] for name in names if name in self._by_name]
        cell.loan = {
            "loan_taken": line.amount,
            "loan_months": loan.term_months,
            "loan_purpose": loan.loan_purpose or "",
            "loan_guarantors": ", ".join(str(each) for each in guarantors),
        }

    def _other_row(
        self, line: LedgerLine, meeting: int | None, *, between: bool = False
    ) -> OtherRow:
        is_saving = line.type in {_T.SAVINGS_DEPOSIT, _T.SAVINGS_WITHDRAWAL}
        at_bank = line.type in {_T.EXPENSE, _T.OTHER_INCOME} and bool(line.bank)
        return OtherRow(
            meeting=meeting,
            member=line.member_number,
            type=_OTHER[line.type].value,
            fund=line.fund.value,
            amount=line.amount,
            description=line.description if line.type in _SAID_BY_PERSON else "",
            detail=line.saving_code if is_saving else "",
            held_in="BANK" if at_bank else "",
            date=line.day if between else None,
        )

    def _correction(
        self,
        line: LedgerLine,
        lines: list[LedgerLine],
        at: int,
        numbers: Mapping[int, int],
        used: set[int],
    ) -> None:
        """Take a reversal, and what was entered in place of what it undid."""
        undone = next((each for each in lines if each.reference == line.reverses), None)
        if undone is None or undone.meeting_id is None or line.meeting_id is None:
            self._left_out["corrections"] += 1
            return
        right = next(
            (
                each
                for each in lines[at + 1 :]
                if each.meeting_id == line.meeting_id
                and each.is_correction
                and not each.is_reversal
                and each.member_id == line.member_id
                and each.type is line.type
                and each.transaction_id not in used
            ),
            None,
        )
        if right is not None:
            used.add(right.transaction_id)
        self._other.append(
            OtherRow(
                meeting=numbers[line.meeting_id],
                member=line.member_number,
                type=OtherType.REVERSAL if right is None else OtherType.CORRECTION,
                fund=line.fund.value,
                amount=line.amount,
                description=line.reason,
                detail=line.type.value,
                of_meeting=numbers[undone.meeting_id],
                right_amount=None if right is None else right.amount,
            )
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
            keys |= {number for at, number in self._cells if at == meeting.number and number}
            keys |= {number for at, number in fines.cells if at == meeting.number}
            rows += [self._entry(meeting, number, fines) for number in sorted(keys)]
        return sorted(rows, key=lambda row: (row.meeting, row.member))

    def _entry(self, meeting: Any, number: int, fines: FineCells) -> EntryRow:
        member_id = next(key for key, value in self._numbers.items() if value == number)
        mark = self._roll.get((meeting.meeting_id, member_id))
        cell = self._cells.get((meeting.number, number), _Cell())
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
        if len(stored or ()) > 1:
            self._left_out["rules"] = len(stored) - 1
        for fund, amount in self._opening_funds.items():
            if fund not in {Fund.LOAN_FUND, Fund.SOCIAL} and amount:
                self._left_out["funds"] += 1
        sentences = {
            "cycles": "Earlier cycles are left out: {count}.",
            "mobile": "Mobile money is left out: {count} entries.",
            "corrections": "Corrections of earlier cycles are left out: {count}.",
            "fines": "Waived fines of the opening are left out: {count}.",
            "rules": "Earlier rules of this cycle are left out: {count}.",
            "funds": "Opening balances of other funds are left out: {count}.",
        }
        return tuple(
            RuleBroken(
                sentences.get(what, "Entries of the kind {kind} are left out: {count}."),
                kind=what,
                count=count,
            )
            for what, count in self._left_out.items()
            if count
        )


def _reason(counts: tuple[PurseCount, ...]) -> str:
    said = dict.fromkeys(purse.reason for purse in counts if purse.difference and purse.reason)
    return "; ".join(said)


def _place(row: OtherRow) -> tuple[int, bool]:
    """Keep rows in the order of the meetings; within one, as they were written."""
    return (row.meeting or 0, row.date is not None)
