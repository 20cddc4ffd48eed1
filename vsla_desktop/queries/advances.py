"""Advances from the social fund: what members still owe of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, func, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.queries.tables import LEDGER

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_GIVEN = PostingType.SOCIAL_ADVANCE.value
_REPAID = PostingType.SOCIAL_ADVANCE_REPAYMENT.value
_KIND = func.coalesce(LEDGER.c.reversed_type, LEDGER.c.transaction_type)

# Money that went out is owed; its direction says so, for a reversal as well.
OWED = func.sum(-LEDGER.c.direction * LEDGER.c.amount, type_=LEDGER.c.amount.type)
IS_ADVANCE = (_KIND.in_((_GIVEN, _REPAID))) & (
    case((LEDGER.c.is_mobile_money, LEDGER.c.verification_status == "VERIFIED"), else_=True)
)

_OF_MEMBER = select(OWED).where(LEDGER.c.member_id == bindparam("member"), IS_ADVANCE)
_OF_GROUP = (
    select(LEDGER.c.member_id, OWED)
    .where(LEDGER.c.group_id == bindparam("of_group"), IS_ADVANCE)
    .group_by(LEDGER.c.member_id)
)


def advance_owed(session: Session, member_id: int) -> Decimal:
    """Return what a member owes the social fund."""
    owed: Decimal | None = session.connection().execute(_OF_MEMBER, {"member": member_id}).scalar()
    return owed or ZERO


def advances_owed(session: Session, group_id: int) -> dict[int, Decimal]:
    """Return what each member of a group owes the social fund; who owes nothing is left out."""
    rows = session.connection().execute(_OF_GROUP, {"of_group": group_id})
    return {member: owed for member, owed in rows if owed}
