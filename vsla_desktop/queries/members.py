"""The members of a group, and each one's passbook."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.advances import advance_owed, advances_owed
from vsla_desktop.queries.leaving import Account, accounts_of, leavers_owed
from vsla_desktop.queries.lines import LedgerLine, member_lines
from vsla_desktop.queries.loans import OUT, LoanState, loans_of_group, loans_of_member
from vsla_desktop.queries.marks import WAS_PRESENT, mark_given, mark_put_right
from vsla_desktop.queries.share_out import projected_value
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    ATTENDANCE,
    FINES,
    GROUP_SAVING_TYPES,
    MEMBERS,
    SAVING_TYPES,
    SETTINGS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_T = PostingType


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One member in the list. What is owed is as of the day asked for.

    ``owed_to`` is what the group still owes to a member who left.
    """

    member_id: int
    number: int
    first_name: str
    last_name: str
    gender: str
    phone_number: str
    id_number: str
    status: str
    is_active: bool
    office: str
    joined: date | None
    left: date | None
    leaving_reason: str
    shares: int
    shares_value: Decimal
    savings: Decimal
    attendance_percentage: Decimal
    is_eligible_for_loans: bool
    fines_owed: Decimal
    loans_owed: Decimal
    loan_is_late: bool
    advance_owed: Decimal
    owed_to: Decimal

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class PassbookLine:
    """One meeting, or one day between two, in a member's passbook.

    What was paid is net of corrections. ``shares_held`` and ``savings_held`` are after it, and
    ``others`` holds what has no column: grants, write-offs and payouts among it. A payout also
    takes what it clears off ``shares`` and ``saved``. ``entry`` is the first row of the ledger.
    ``attendance`` is the mark that counts, ``given`` the one that a later meeting put right.
    """

    day: date
    meeting_number: int | None
    attendance: AttendanceStatus | None
    shares: int
    shares_held: int
    saved: Decimal
    savings_held: Decimal
    social: Decimal
    fines_charged: Decimal
    fines_paid: Decimal
    loan_given: Decimal
    loan_principal: Decimal
    loan_charge: Decimal
    loan_penalty: Decimal
    others: tuple[LedgerLine, ...]
    entry: int | None = None
    meeting_id: int | None = None
    given: AttendanceStatus | None = None


@dataclass(frozen=True, slots=True)
class Passbook:
    """A member's passbook: who, line by line, and the loans."""

    member: MemberLine
    lines: tuple[PassbookLine, ...]
    loans: tuple[LoanState, ...]


@dataclass(frozen=True, slots=True)
class MemberProfile:
    """What is written of a member, what she holds, and how often she came.

    ``worth`` is what a share is worth today, exact; None while nobody holds one. ``has_targets``
    says whether the group keeps target savings.
    """

    member: MemberLine
    group_id: int
    occupation: str
    born: date | None
    photo_path: str
    accounts: tuple[Account, ...]
    worth: Fraction | None
    came: int
    meetings: int
    has_targets: bool
    target: Decimal
    target_saved: Decimal


_ROWS = select(MEMBERS, SETTINGS.c.share_value).select_from(
    MEMBERS.outerjoin(SETTINGS, SETTINGS.c.group_id == MEMBERS.c.group_id)
)
_MEMBERS = _ROWS.where(MEMBERS.c.group_id == bindparam("of_group")).order_by(
    MEMBERS.c.member_number, MEMBERS.c.id
)
_MEMBER = _ROWS.where(MEMBERS.c.id == bindparam("member"))
_FINES = (
    select(
        FINES.c.member_id,
        func.sum(FINES.c.amount - FINES.c.paid_amount, type_=FINES.c.amount.type),
    )
    .select_from(FINES.join(MEMBERS, MEMBERS.c.id == FINES.c.member_id))
    .where(FINES.c.waived_date.is_(None), FINES.c.is_paid.is_not(True))
    .group_by(FINES.c.member_id)
)
_FINES_OF_GROUP = _FINES.where(MEMBERS.c.group_id == bindparam("of_group"))
_FINES_OF_MEMBER = _FINES.where(MEMBERS.c.id == bindparam("member"))
_ROLL = select(ATTENDANCE).where(ATTENDANCE.c.member_id == bindparam("member"))
_CAME = select(func.count().filter(WAS_PRESENT), func.count()).where(
    ATTENDANCE.c.member_id == bindparam("member")
)
_TARGET = (
    select(ACCOUNTS.c.target_amount, ACCOUNTS.c.current_balance)
    .select_from(ACCOUNTS.join(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id))
    .where(ACCOUNTS.c.member_id == bindparam("member"), SAVING_TYPES.c.code == "TARGET")
)
_KEEPS_TARGETS = (
    select(GROUP_SAVING_TYPES.c.id)
    .select_from(
        GROUP_SAVING_TYPES.join(
            SAVING_TYPES, SAVING_TYPES.c.id == GROUP_SAVING_TYPES.c.saving_type_id
        )
    )
    .where(
        GROUP_SAVING_TYPES.c.group_id == bindparam("of_group"),
        GROUP_SAVING_TYPES.c.is_active,
        SAVING_TYPES.c.code == "TARGET",
    )
)
_CHARGED = (
    select(
        FINES.c.meeting_id, FINES.c.fine_date, func.sum(FINES.c.amount, type_=FINES.c.amount.type)
    )
    .where(FINES.c.member_id == bindparam("member"), FINES.c.waived_date.is_(None))
    .group_by(FINES.c.meeting_id, FINES.c.fine_date)
)


def members_of(
    session: Session, group_id: int, *, on: date, with_left: bool = False
) -> tuple[MemberLine, ...]:
    """Return the members of a group in the order of their numbers, who have left on request."""
    connection = session.connection()
    wanted = {"of_group": group_id}
    fines = {row[0]: row[1] for row in connection.execute(_FINES_OF_GROUP, wanted)}
    loans: dict[int, list[LoanState]] = defaultdict(list)
    for loan in loans_of_group(session, group_id, statuses=OUT):
        loans[loan.member_id].append(loan)
    advances = advances_owed(session, group_id)
    owed_to = leavers_owed(session, group_id)
    return tuple(
        member_line(row, fines.get(row.id), loans[row.id], advances.get(row.id, ZERO), on, owed_to)
        for row in connection.execute(_MEMBERS, wanted)
        if with_left or row.is_active is not False
    )


def passbook(session: Session, member_id: int, *, on: date) -> Passbook:
    """Return a member's passbook up to now, debts as of a day; RuleBroken without the member."""
    connection = session.connection()
    wanted = {"member": member_id}
    row = connection.execute(_MEMBER, wanted).first()
    if row is None:
        raise RuleBroken("Choose a member.", field="member")
    fines = connection.execute(_FINES_OF_MEMBER, wanted).first()
    loans = loans_of_member(session, member_id)
    member = member_line(
        row,
        fines[1] if fines else None,
        [loan for loan in loans if loan.is_out],
        advance_owed(session, member_id),
        on,
        leavers_owed(session, row.group_id),
    )
    return Passbook(member, _passbook_lines(session, member_id), loans)


def member_profile(session: Session, member: MemberLine, *, on: date) -> MemberProfile:
    """Return all that the book says of one member."""
    connection = session.connection()
    wanted = {"member": member.member_id}
    row = connection.execute(_MEMBER, wanted).one()
    came, meetings = connection.execute(_CAME, wanted).one()
    target = connection.execute(_TARGET, wanted).first()
    kept = connection.execute(_KEEPS_TARGETS, {"of_group": row.group_id}).first()
    value = projected_value(session, row.group_id, on)
    return MemberProfile(
        member=member,
        group_id=row.group_id,
        occupation=row.occupation or "",
        born=row.date_of_birth,
        photo_path=row.photo_path or "",
        accounts=accounts_of(session, member.member_id),
        worth=value.value if value is not None else None,
        came=came,
        meetings=meetings,
        has_targets=kept is not None,
        target=(target.target_amount if target is not None else None) or ZERO,
        target_saved=target.current_balance if target is not None else ZERO,
    )


def _passbook_lines(session: Session, member_id: int) -> tuple[PassbookLine, ...]:
    connection = session.connection()
    wanted = {"member": member_id}
    pages: dict[tuple[date, int | None], list[LedgerLine]] = defaultdict(list)
    numbers: dict[int | None, int | None] = {}
    for entry in member_lines(session, member_id):
        if not entry.is_pending:
            pages[entry.day, entry.meeting_id].append(entry)
            numbers[entry.meeting_id] = entry.meeting_number
    roll: dict[int | None, Any] = {}
    for mark in connection.execute(_ROLL, wanted):
        roll[mark.meeting_id] = mark
        numbers[mark.meeting_id] = mark.meeting_number
        pages.setdefault((mark.meeting_date, mark.meeting_id), [])
    charged: dict[tuple[date, int | None], Decimal] = {}
    for meeting_id, day, amount in connection.execute(_CHARGED, wanted):
        charged[day, meeting_id] = amount
        pages.setdefault((day, meeting_id), [])
    shares_held, savings_held = 0, ZERO
    lines = []
    for (day, meeting_id), entries in sorted(
        pages.items(), key=lambda page: (page[0][0], numbers.get(page[0][1]) or 0)
    ):
        line = _passbook_line(
            day,
            numbers.get(meeting_id),
            roll.get(meeting_id) if meeting_id is not None else None,
            entries,
            charged.get((day, meeting_id), ZERO),
            (shares_held, savings_held),
        )
        shares_held, savings_held = line.shares_held, line.savings_held
        lines.append(line)
    return tuple(lines)


def _passbook_line(
    day: date,
    number: int | None,
    mark: Any,
    entries: Sequence[LedgerLine],
    charged: Decimal,
    held: tuple[int, Decimal],
) -> PassbookLine:
    net: dict[PostingType, Decimal] = defaultdict(Decimal)
    shares, cleared = 0, ZERO
    others = []
    for entry in entries:
        sign = -1 if entry.is_reversal else 1
        if entry.type not in _COLUMNS:
            others.append(entry)
            # A payout clears the account at face value, whatever it pays.
            shares -= sign * (entry.shares_count or 0)
            cleared += sign * (entry.account_amount or ZERO)
            continue
        net[entry.type] += sign * entry.amount
        away = -1 if entry.type is _T.SAVINGS_WITHDRAWAL else 1
        shares += sign * away * (entry.shares_count or 0)
    saved = net[_T.SAVINGS_DEPOSIT] - net[_T.SAVINGS_WITHDRAWAL] - cleared
    given = None if mark is None else mark_given(mark)
    right = None if mark is None else mark_put_right(mark)
    return PassbookLine(
        day=day,
        meeting_number=number,
        attendance=right or given,
        shares=shares,
        shares_held=held[0] + shares,
        saved=saved,
        savings_held=held[1] + saved,
        social=net[_T.SOCIAL_CONTRIBUTION],
        fines_charged=charged,
        fines_paid=net[_T.FINE_PAYMENT],
        loan_given=net[_T.LOAN_DISBURSEMENT],
        loan_principal=net[_T.LOAN_REPAYMENT],
        loan_charge=net[_T.LOAN_CHARGE],
        loan_penalty=net[_T.LOAN_PENALTY],
        others=tuple(others),
        entry=entries[0].transaction_id if entries else None,
        meeting_id=None if mark is None else mark.meeting_id,
        given=None if right is None else given,
    )


_COLUMNS = frozenset(
    {
        _T.SAVINGS_DEPOSIT,
        _T.SAVINGS_WITHDRAWAL,
        _T.SOCIAL_CONTRIBUTION,
        _T.FINE_PAYMENT,
        _T.LOAN_DISBURSEMENT,
        _T.LOAN_REPAYMENT,
        _T.LOAN_CHARGE,
        _T.LOAN_PENALTY,
    }
)


def member_line(
    row: Any,
    fines: Decimal | None,
    loans: list[LoanState],
    advance: Decimal,
    on: date,
    owed_to: dict[int, Decimal],
) -> MemberLine:
    """Return a member's line from her row with ``share_value``, and from what she owes."""
    shares_value = row.share_balance or ZERO
    share_value = row.share_value  # None for a group of another program that has no rules yet
    return MemberLine(
        member_id=row.id,
        number=row.member_number or 0,
        first_name=row.first_name,
        last_name=row.last_name,
        gender=row.gender,
        phone_number=row.phone_number or "",
        id_number=row.id_number or "",
        status=row.status or "ACTIVE",
        is_active=row.is_active is not False,
        office=row.committee_role or "",
        joined=row.joined_date,
        left=row.left_date,
        leaving_reason=row.leaving_reason or "",
        shares=int(shares_value // share_value) if share_value else 0,
        shares_value=shares_value,
        savings=row.savings_balance or ZERO,
        attendance_percentage=row.attendance_percentage or ZERO,
        is_eligible_for_loans=bool(row.is_eligible_for_loans),
        fines_owed=fines or ZERO,
        loans_owed=sum((loan.settles(on) for loan in loans), ZERO),
        loan_is_late=any(loan.overdue(on) > 0 for loan in loans),
        advance_owed=advance,
        owed_to=owed_to.get(row.id, ZERO),
    )
