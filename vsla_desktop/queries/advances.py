"""Advances from the social fund: what members still owe of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, case, exists, func, or_, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.queries.tables import LEDGER, MEMBERS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LET_OFF = "An advance is let off"
"""Names the activity that both lines of an advance that is let off belong to."""

_GIVEN = PostingType.SOCIAL_ADVANCE.value
_REPAID = PostingType.SOCIAL_ADVANCE_REPAYMENT.value
_LET_OFF_BY = (_REPAID, PostingType.SOCIAL_GRANT.value)
_KIND = func.coalesce(LEDGER.c.reversed_type, LEDGER.c.transaction_type)

# Money that went out is owed; its direction says so, for a reversal as well.
OWED = func.sum(-LEDGER.c.direction * LEDGER.c.amount, type_=LEDGER.c.amount.type)
IS_ADVANCE = (_KIND.in_((_GIVEN, _REPAID))) & (
    case((LEDGER.c.is_mobile_money, LEDGER.c.verification_status == "VERIFIED"), else_=True)
)

IS_LET_OFF = and_(
    or_(*(LEDGER.c.transaction_type == kind for kind in _LET_OFF_BY)),
    LEDGER.c.activity_id.is_not(None),
)
"""Says whether a line lets a member off: it counts as paid back, or as given, and nothing moved."""

_OF_MEMBER = select(OWED).where(LEDGER.c.member_id == bindparam("member"), IS_ADVANCE)
_OF_GROUP = (
    select(LEDGER.c.member_id, OWED)
    .where(LEDGER.c.group_id == bindparam("of_group"), IS_ADVANCE)
    .group_by(LEDGER.c.member_id)
)

_LET_OFF = (
    select(LEDGER.c.id)
    .where(LEDGER.c.activity_id == bindparam("activity"), IS_LET_OFF)
    .order_by(LEDGER.c.direction)  # what was given comes back first
)

_undone = LEDGER.alias("undone")
_GIVEN_TO = (
    select(
        LEDGER.c.id,
        LEDGER.c.member_id,
        LEDGER.c.transaction_date,
        LEDGER.c.due_date,
        LEDGER.c.amount,
        LEDGER.c.description,
        MEMBERS.c.member_number,
        MEMBERS.c.first_name,
        MEMBERS.c.last_name,
    )
    .select_from(LEDGER.join(MEMBERS, MEMBERS.c.id == LEDGER.c.member_id))
    .where(
        LEDGER.c.group_id == bindparam("of_group"),
        LEDGER.c.transaction_type == _GIVEN,
        IS_ADVANCE,
        ~exists().where(_undone.c.reverses_id == LEDGER.c.id),
    )
    .order_by(LEDGER.c.transaction_date, LEDGER.c.reference_number, LEDGER.c.id)
)


@dataclass(frozen=True, slots=True)
class Advance:
    """One advance: to whom, what for, when it should be back, and what is still owed of it.

    What a member pays back goes to the oldest of her advances first.
    """

    transaction_id: int
    member_id: int
    number: int
    name: str
    day: date
    due_date: date | None
    amount: Decimal
    owed: Decimal
    reason: str

    def is_overdue(self, on: date) -> bool:
        """Whether something of it should have been back before a day."""
        return bool(self.owed) and self.due_date is not None and self.due_date < on


def advances_of_group(session: Session, group_id: int) -> tuple[Advance, ...]:
    """Return the advances of a group that stand, the oldest first, paid back or not."""
    rows = session.connection().execute(_GIVEN_TO, {"of_group": group_id}).all()
    owed = advances_owed(session, group_id)
    given: dict[int, Decimal] = defaultdict(Decimal)
    for row in rows:
        given[row.member_id] += row.amount
    repaid = {member_id: amount - owed.get(member_id, ZERO) for member_id, amount in given.items()}
    found = []
    for row in rows:
        paid = min(repaid[row.member_id], row.amount)
        repaid[row.member_id] -= paid
        found.append(
            Advance(
                transaction_id=row.id,
                member_id=row.member_id,
                number=row.member_number or 0,
                name=f"{row.first_name or ''} {row.last_name or ''}".strip(),
                day=row.transaction_date,
                due_date=row.due_date,
                amount=row.amount,
                owed=row.amount - paid,
                reason=row.description or "",
            )
        )
    return tuple(found)


def advance_owed(session: Session, member_id: int) -> Decimal:
    """Return what a member owes the social fund."""
    owed: Decimal | None = session.connection().execute(_OF_MEMBER, {"member": member_id}).scalar()
    return owed or ZERO


def is_let_off(kind: str, activity_id: int | None) -> bool:
    """Say whether a line, or what undoes it, is one of the two by which an advance is let off."""
    return kind in _LET_OFF_BY and activity_id is not None


def let_off_lines(session: Session, activity_id: int) -> list[int]:
    """Return both lines by which an advance was let off, in the order to take them back."""
    return list(session.connection().execute(_LET_OFF, {"activity": activity_id}).scalars())


def advances_owed(session: Session, group_id: int) -> dict[int, Decimal]:
    """Return what each member of a group owes the social fund; who owes nothing is left out."""
    rows = session.connection().execute(_OF_GROUP, {"of_group": group_id})
    return {member: owed for member, owed in rows if owed}
