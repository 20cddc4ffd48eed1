"""How many shares were bought: in a cycle, in a meeting, by a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, case, func, or_, select

from vsla_desktop.queries.tables import ACCOUNTS, LEDGER, SAVINGS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# A reversal takes back what it reverses, whichever way that went.
SHARES = case((SAVINGS.c.transaction_type == "DEPOSIT", 1), else_=-1) * case(
    (SAVINGS.c.is_reversal, -1), else_=1
)
"""+1 for a row that adds shares to a member, -1 for one that takes some away."""

IS_COUNTED = or_(
    SAVINGS.c.verification_status == "VERIFIED",
    and_(SAVINGS.c.verification_status == "PENDING", SAVINGS.c.is_mobile_money.is_not(True)),
)
"""Says whether the money of a row is there."""

_OWN = case((LEDGER.c.reason.is_(None), SHARES), else_=0)
_SUM = func.sum(SHARES * SAVINGS.c.shares_count)
_IN_MEETING = (
    select(
        func.coalesce(_SUM, 0),
        func.coalesce(
            func.sum(case((LEDGER.c.reason.is_(None), SHARES), else_=0) * SAVINGS.c.shares_count), 0
        ),
    )
    .select_from(
        SAVINGS.join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id).outerjoin(
            LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id
        )
    )
    .where(
        SAVINGS.c.meeting_id == bindparam("meeting"),
        ACCOUNTS.c.member_id == bindparam("member"),
        SAVINGS.c.shares_count.is_not(None),
        SAVINGS.c.verification_status != "REJECTED",
    )
)
_IN_CYCLE = (
    select(func.coalesce(_SUM, 0))
    .select_from(SAVINGS.join(LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id))
    .where(
        LEDGER.c.cycle_id == bindparam("cycle"),
        SAVINGS.c.shares_count.is_not(None),
        IS_COUNTED,
    )
)


def meeting_shares(session: Session, meeting_id: int, member_id: int) -> tuple[int, int]:
    """Return a member's shares of one meeting, pending ones included: over all entries, and own.

    The own ones leave out corrections of other meetings (those have a reason), so that taking back
    an earlier share makes no room for one more today.
    """
    wanted = {"meeting": meeting_id, "member": member_id}
    over_all, own = session.connection().execute(_IN_MEETING, wanted).one()
    return int(over_all), int(own)


def cycle_shares(session: Session, cycle_id: int) -> int:
    """Return the shares sold in a cycle, less those taken back."""
    return int(session.connection().execute(_IN_CYCLE, {"cycle": cycle_id}).scalar_one())
