"""The purses of a group one by one: fines, the social fund, what was spent and earned, the bank."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, or_, select

from vsla_desktop.domain.kinds import GrantEvent
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import POSTING_RULES, Fund, PostingType
from vsla_desktop.queries.lines import IS_SHOWN
from vsla_desktop.queries.rules import rule_history
from vsla_desktop.queries.schedule import IS_REGULAR
from vsla_desktop.queries.share_out import COUNTS, KIND
from vsla_desktop.queries.tables import (
    ATTENDANCE,
    CASHBOOK,
    CYCLES,
    FINES,
    GROUPS,
    LEDGER,
    MEETINGS,
    MEMBERS,
    SETTINGS,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

_PERSON = (MEMBERS.c.member_number, MEMBERS.c.first_name, MEMBERS.c.last_name)
_FINES = (
    select(FINES, *_PERSON)
    .select_from(FINES.join(MEMBERS, MEMBERS.c.id == FINES.c.member_id))
    .where(
        MEMBERS.c.group_id == bindparam("of_group"),
        or_(
            FINES.c.fine_date >= bindparam("since"),
            and_(FINES.c.waived_date.is_(None), FINES.c.paid_amount < FINES.c.amount),
        ),
    )
    .order_by(FINES.c.fine_date, MEMBERS.c.member_number, FINES.c.id)
)
_LINES = (
    select(LEDGER, KIND.label("kind"), CASHBOOK.c.signed_amount, CASHBOOK.c.bank_amount, *_PERSON)
    .select_from(
        LEDGER.outerjoin(MEMBERS, MEMBERS.c.id == LEDGER.c.member_id).outerjoin(
            CASHBOOK, CASHBOOK.c.group_transaction_id == LEDGER.c.id
        )
    )
    .where(
        LEDGER.c.group_id == bindparam("of_group"),
        LEDGER.c.cycle_id == bindparam("cycle"),
        COUNTS,
        IS_SHOWN,
    )
    .order_by(LEDGER.c.transaction_date, LEDGER.c.reference_number, LEDGER.c.id)
)
_OF_KINDS = _LINES.where(KIND.in_(bindparam("kinds", expanding=True)))
_AT_BANK = _LINES.where(CASHBOOK.c.bank_amount != 0)
_FLOW = (
    select(KIND, func.sum(LEDGER.c.direction * LEDGER.c.amount, type_=LEDGER.c.amount.type))
    .where(
        LEDGER.c.group_id == bindparam("of_group"),
        LEDGER.c.cycle_id == bindparam("cycle"),
        LEDGER.c.fund_type == bindparam("fund"),
        COUNTS,
    )
    .group_by(KIND)
)
_CYCLE = (
    select(CYCLES)
    .where(CYCLES.c.group_id == bindparam("of_group"))
    .order_by(CYCLES.c.cycle_number.desc())
    .limit(1)
)
_MEETINGS = select(MEETINGS.c.id, MEETINGS.c.meeting_date, MEETINGS.c.meetings_merged).where(
    MEETINGS.c.cycle_id == bindparam("cycle"),
    MEETINGS.c.status.in_(bindparam("statuses", expanding=True)),
    IS_REGULAR,
)
_ROLLS = (
    select(ATTENDANCE.c.meeting_id, ATTENDANCE.c.member_id)
    .select_from(ATTENDANCE.join(MEETINGS, MEETINGS.c.id == ATTENDANCE.c.meeting_id))
    .where(MEETINGS.c.cycle_id == bindparam("cycle"), MEETINGS.c.status == "COMPLETED")
)
_MEMBERS = (
    select(MEMBERS)
    .where(MEMBERS.c.group_id == bindparam("of_group"), MEMBERS.c.is_active)
    .order_by(MEMBERS.c.member_number, MEMBERS.c.id)
)
_CONTRIBUTED = (
    select(
        LEDGER.c.member_id,
        func.sum(LEDGER.c.direction * LEDGER.c.amount, type_=LEDGER.c.amount.type),
    )
    .where(
        LEDGER.c.cycle_id == bindparam("cycle"),
        KIND.in_((PostingType.SOCIAL_CONTRIBUTION.value,)),
        COUNTS,
    )
    .group_by(LEDGER.c.member_id)
)
_TARIFF = select(SETTINGS.c.grant_tariff).where(SETTINGS.c.group_id == bindparam("of_group"))
_STATEMENTS = select(GROUPS.c.bank_statements).where(GROUPS.c.id == bindparam("of_group"))


@dataclass(frozen=True, slots=True)
class FineLine:
    """One fine: who, for what, and how much of it is paid. ``fund`` is where payments go."""

    fine_id: int
    member_id: int
    number: int
    name: str
    reason: str
    day: date
    amount: Decimal
    paid: Decimal
    fund: Fund
    waived_on: date | None
    waiver_reason: str

    @property
    def owed(self) -> Decimal:
        """What is still asked of it."""
        return ZERO if self.waived_on is not None else self.amount - self.paid

    @property
    def waived(self) -> Decimal:
        """What the group let go."""
        return self.amount - self.paid if self.waived_on is not None else ZERO


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One entry that stands, or a correction. ``effect`` is what it added to its fund."""

    transaction_id: int
    day: date
    kind: PostingType
    is_reversal: bool
    fund: Fund
    effect: Decimal
    bank: Decimal
    category: str
    held_in: str
    number: int | None
    name: str
    description: str
    is_recovery: bool


@dataclass(frozen=True, slots=True)
class SocialDue:
    """What one member should have given to the social fund in a cycle, and what she gave."""

    member_id: int
    number: int
    name: str
    due: Decimal
    paid: Decimal

    @property
    def owed(self) -> Decimal:
        """What is missing; nought for who gave more."""
        return max(self.due - self.paid, ZERO)


@dataclass(frozen=True, slots=True)
class BankStatement:
    """What the bank said on a day, what the book said then, and a note about the difference."""

    day: date
    said: Decimal
    book: Decimal
    note: str

    @property
    def difference(self) -> Decimal:
        """What the bank has more than the book; below nought, less."""
        return self.said - self.book


@dataclass(frozen=True, slots=True)
class LastCycle:
    """The cycle of which the pages of funds tell: its days, and its rule sets."""

    cycle_id: int
    start: date
    end: date
    rules: Any


def last_cycle(session: Session, group_id: int) -> LastCycle | None:
    """Return the last cycle of a group, open or not; None before the first."""
    row = session.connection().execute(_CYCLE, {"of_group": group_id}).first()
    return LastCycle(row.id, row.start_date, row.end_date, row.rules) if row is not None else None


def fines_of_group(session: Session, group_id: int, since: date) -> tuple[FineLine, ...]:
    """Return the fines charged since a day, and older ones that are owed, the oldest first."""
    rows = session.connection().execute(_FINES, {"of_group": group_id, "since": since})
    return tuple(
        FineLine(
            fine_id=row.id,
            member_id=row.member_id,
            number=row.member_number or 0,
            name=_name(row),
            reason=row.reason or "",
            day=row.fine_date,
            amount=row.amount,
            paid=row.paid_amount or ZERO,
            fund=Fund(row.fund_type or Fund.LOAN_FUND),
            waived_on=row.waived_date,
            waiver_reason=row.waiver_reason or "",
        )
        for row in rows
    )


def money_lines(
    session: Session, group_id: int, cycle_id: int, kinds: Collection[PostingType]
) -> tuple[MoneyLine, ...]:
    """Return the entries of some kinds of a cycle that stand, with corrections, in their order."""
    wanted = {"of_group": group_id, "cycle": cycle_id, "kinds": [each.value for each in kinds]}
    return tuple(map(_line, session.connection().execute(_OF_KINDS, wanted)))


def bank_lines(session: Session, group_id: int, cycle_id: int) -> tuple[MoneyLine, ...]:
    """Return the entries of a cycle that changed what is at the bank, in their order."""
    wanted = {"of_group": group_id, "cycle": cycle_id}
    return tuple(map(_line, session.connection().execute(_AT_BANK, wanted)))


def fund_flow(
    session: Session, group_id: int, cycle_id: int, fund: Fund
) -> dict[PostingType, Decimal]:
    """Return what each kind of entry brought a fund in a cycle; what went out is below nought."""
    wanted = {"of_group": group_id, "cycle": cycle_id, "fund": fund.value}
    rows = session.connection().execute(_FLOW, wanted)
    return {PostingType(kind): amount for kind, amount in rows if kind in POSTING_RULES and amount}


def social_dues(
    session: Session, group_id: int, cycle: LastCycle, *, with_open: bool = True
) -> tuple[SocialDue, ...]:
    """Return what each member should have given to the social fund so far: rules.md#social-fund.

    The meeting that is open asks as well, unless without it, for it may still be paid there.
    """
    connection = session.connection()
    wanted = {"cycle": cycle.cycle_id}
    rolls: dict[int, set[int]] = defaultdict(set)
    for meeting_id, member_id in connection.execute(_ROLLS, wanted):
        rolls[meeting_id].add(member_id)
    statuses = ("IN_PROGRESS", "COMPLETED") if with_open else ("COMPLETED",)
    asked = [
        (row, _contribution(cycle, row.meeting_date) * row.meetings_merged)
        for row in connection.execute(_MEETINGS, {**wanted, "statuses": statuses})
    ]

    def was_there(member: Any, meeting: Any) -> bool:
        roll = rolls.get(meeting.id)
        is_called = not roll or member.id in roll  # who had left or was suspended is not called
        return is_called and (member.joined_date or date.min) <= meeting.meeting_date

    paid = {row[0]: row[1] for row in connection.execute(_CONTRIBUTED, wanted)}
    return tuple(
        SocialDue(
            member_id=row.id,
            number=row.member_number or 0,
            name=_name(row),
            due=sum((amount for meeting, amount in asked if was_there(row, meeting)), ZERO),
            paid=paid.get(row.id) or ZERO,
        )
        for row in connection.execute(_MEMBERS, {"of_group": group_id})
    )


def grant_tariff(session: Session, group_id: int) -> dict[GrantEvent, Decimal]:
    """Return what the group gives at each event; events without an amount are left out."""
    stored = session.connection().execute(_TARIFF, {"of_group": group_id}).scalar() or {}
    known = {event.value for event in GrantEvent}
    return {GrantEvent(key): Decimal(amount) for key, amount in stored.items() if key in known}


def bank_statements(session: Session, group_id: int) -> tuple[BankStatement, ...]:
    """Return what the bank said so far, the first first."""
    stored = session.connection().execute(_STATEMENTS, {"of_group": group_id}).scalar() or ()
    return tuple(
        BankStatement(
            date.fromisoformat(each["day"]),
            Decimal(each["said"]),
            Decimal(each["book"]),
            each.get("note") or "",
        )
        for each in stored
    )


def _line(row: Any) -> MoneyLine:
    return MoneyLine(
        transaction_id=row.id,
        day=row.transaction_date,
        kind=PostingType(row.kind),
        is_reversal=row.reverses_id is not None,
        fund=Fund(row.fund_type or Fund.LOAN_FUND),
        effect=row.signed_amount or ZERO,
        bank=row.bank_amount or ZERO,
        category=row.category or "",
        held_in=row.held_in or "BOX",
        number=row.member_number,
        name=_name(row),
        description=row.description or "",
        is_recovery=row.loan_id is not None,
    )


def _contribution(cycle: LastCycle, day: date) -> Decimal:
    """Return what the rules of a day ask of a member for the social fund at one meeting."""
    history = rule_history(cycle.rules)
    held = [rules for since, rules in history if since <= day] or [r for _, r in history[:1]]
    return Decimal(held[-1].get("social_fund_contribution", "0")) if held else ZERO


def _name(row: Any) -> str:
    return f"{row.first_name or ''} {row.last_name or ''}".strip()
