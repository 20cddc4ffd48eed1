"""What should be settled before a share-out: one look through the whole book."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.queries.advances import advances_owed
from vsla_desktop.queries.balances import bank_by_fund
from vsla_desktop.queries.funds import last_cycle, social_dues
from vsla_desktop.queries.loans import OUT, loans_of_group
from vsla_desktop.queries.meetings import open_meeting_id
from vsla_desktop.queries.mobile_money import waiting_by_member
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.share_out import COUNTS, KIND, debts_to_others, share_holders
from vsla_desktop.queries.tables import FINES, LEDGER, MEMBERS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.share_out import Holder


class OpenKind(StrEnum):
    """What may be open."""

    MEETING = "MEETING"
    LOANS = "LOANS"
    FINES = "FINES"
    SOCIAL_DUES = "SOCIAL_DUES"
    ADVANCES = "ADVANCES"
    MOBILE_MONEY = "MOBILE_MONEY"
    CASH_DIFFERENCE = "CASH_DIFFERENCE"
    BANK = "BANK"
    DEBTS = "DEBTS"


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """One thing that is open: how much, and of whom.

    ``amount`` is nought for a meeting that is open, below nought for money that was missing at
    counts. ``names`` are members, in the order of their numbers.
    """

    kind: OpenKind
    amount: Decimal
    names: tuple[str, ...] = ()


_FINES = (
    select(
        FINES.c.member_id,
        func.sum(FINES.c.amount - func.coalesce(FINES.c.paid_amount, 0), type_=FINES.c.amount.type),
    )
    .select_from(FINES.join(MEMBERS, MEMBERS.c.id == FINES.c.member_id))
    .where(
        MEMBERS.c.group_id == bindparam("of_group"),
        FINES.c.waived_date.is_(None),
        FINES.c.amount > func.coalesce(FINES.c.paid_amount, 0),
    )
    .group_by(FINES.c.member_id)
)
_PENDING = (
    select(LEDGER.c.member_id, func.sum(LEDGER.c.amount, type_=LEDGER.c.amount.type))
    .where(
        LEDGER.c.group_id == bindparam("of_group"),
        LEDGER.c.is_mobile_money,
        LEDGER.c.verification_status == "PENDING",
    )
    .group_by(LEDGER.c.member_id)
)
_DIFFERENCES = select(
    func.sum(LEDGER.c.direction * LEDGER.c.amount, type_=LEDGER.c.amount.type)
).where(
    LEDGER.c.cycle_id == bindparam("cycle"),
    KIND.in_((PostingType.CASH_DIFFERENCE.value,)),
    COUNTS,
)


def audit_share_out(session: Session, group_id: int, *, on: date) -> tuple[OpenPoint, ...]:
    """Return what is still open before a share-out, in the order in which to settle it.

    Nothing of it forbids the share-out: loans are set off, and the rest the group may leave. Empty
    when all is settled. Raise :class:`RuleBroken` without an open cycle.
    """
    page = group_page(session, group_id, on)
    holders = share_holders(session, page)
    names = {holder.member_id: _name(holder) for holder, _ in holders}
    connection = session.connection()
    of_group = {"of_group": group_id}
    loans: dict[int, Decimal] = defaultdict(Decimal)
    for loan in loans_of_group(session, group_id, statuses=OUT):
        loans[loan.member_id] += loan.settles(on)
    pending = defaultdict(Decimal, _amounts(connection.execute(_PENDING, of_group)))
    for member_id, amount in waiting_by_member(session, group_id).items():
        pending[member_id] += amount
    missing = connection.execute(_DIFFERENCES, {"cycle": page.cycle_id}).scalar() or ZERO
    at_bank = bank_by_fund(session, group_id).get(Fund.LOAN_FUND, ZERO)
    is_meeting_open = open_meeting_id(session, group_id) is not None
    points = (
        _of_members(OpenKind.LOANS, loans, names),
        _of_members(OpenKind.FINES, _amounts(connection.execute(_FINES, of_group)), names),
        _of_members(OpenKind.SOCIAL_DUES, _dues(session, group_id), names),
        _of_members(OpenKind.ADVANCES, advances_owed(session, group_id), names),
        _of_members(OpenKind.MOBILE_MONEY, pending, names),
        OpenPoint(OpenKind.CASH_DIFFERENCE, missing),
        OpenPoint(OpenKind.BANK, at_bank),
        OpenPoint(OpenKind.DEBTS, debts_to_others(session, group_id, on)),
    )
    first = (OpenPoint(OpenKind.MEETING, ZERO),) if is_meeting_open else ()
    return (*first, *(point for point in points if point.amount))


def _dues(session: Session, group_id: int) -> dict[int, Decimal]:
    """Return what members have given to the social fund less than every meeting held asked."""
    cycle = last_cycle(session, group_id)
    dues = () if cycle is None else social_dues(session, group_id, cycle, with_open=False)
    return {due.member_id: due.owed for due in dues if due.owed}


def _amounts(rows: Any) -> dict[int, Decimal]:
    return {row[0]: row[1] for row in rows if row[0] is not None}


def _of_members(kind: OpenKind, owed: dict[int, Decimal], names: dict[int, str]) -> OpenPoint:
    total = sum(owed.values(), ZERO)
    return OpenPoint(kind, total, tuple(name for key, name in names.items() if owed.get(key)))


def _name(holder: Holder) -> str:
    return f"{holder.number} {holder.name}" if holder.number is not None else holder.name
