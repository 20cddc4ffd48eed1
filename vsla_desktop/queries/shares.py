"""How many shares were bought: in a cycle, in a meeting, by a member."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, case, exists, func, or_, select

from vsla_desktop.db.prepared import Prepared
from vsla_desktop.domain.money import ZERO
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

_undone = LEDGER.alias("undone")
_IN_MEETING = Prepared(
    select(
        LEDGER.c.id,
        LEDGER.c.amount,
        SAVINGS.c.shares_count,
        SHARES.label("sign"),
        LEDGER.c.reason.is_(None).label("is_own"),
        and_(
            LEDGER.c.transaction_type == "SAVINGS_DEPOSIT",
            LEDGER.c.reason.is_(None),
            LEDGER.c.is_mobile_money.is_not(True),
            ~exists().where(_undone.c.reverses_id == LEDGER.c.id),
        ).label("stands"),
    )
    .select_from(LEDGER.join(SAVINGS, SAVINGS.c.group_transaction_id == LEDGER.c.id))
    .where(
        # By the meeting, whose rows are few, and not by the member, whose rows grow with the years.
        LEDGER.c.meeting_id == bindparam("meeting"),
        LEDGER.c.member_id + 0 == bindparam("member"),
        SAVINGS.c.shares_count.is_not(None),
        LEDGER.c.verification_status != "REJECTED",
        # Shares that a new member catches up with have an activity, and a limit, of their own.
        LEDGER.c.activity_id.is_(None),
    )
)
_SAVED = Prepared(
    select(
        LEDGER.c.amount,
        case((SAVINGS.c.is_reversal, -1), else_=1).label("sign"),
        LEDGER.c.reason.is_(None).label("is_own"),
    )
    .select_from(
        LEDGER.join(SAVINGS, SAVINGS.c.group_transaction_id == LEDGER.c.id).join(
            ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id
        )
    )
    .where(
        LEDGER.c.meeting_id == bindparam("meeting"),
        LEDGER.c.member_id + 0 == bindparam("member"),
        ACCOUNTS.c.saving_type_id == bindparam("kind"),
        SAVINGS.c.transaction_type == "DEPOSIT",
        LEDGER.c.verification_status != "REJECTED",
    )
)
_IN_CYCLE = (
    select(func.coalesce(func.sum(SHARES * SAVINGS.c.shares_count), 0))
    .select_from(SAVINGS.join(LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id))
    .where(
        LEDGER.c.cycle_id == bindparam("cycle"),
        SAVINGS.c.shares_count.is_not(None),
        IS_COUNTED,
    )
)


@dataclass(frozen=True, slots=True)
class MeetingShares:
    """A member's shares of one meeting, pending ones included.

    ``over_all`` counts all entries. ``own`` leaves out corrections of other meetings (those have a
    reason), so that taking back an earlier share makes no room for one more today. ``standing``
    are the entries of cash that were not taken back, ``count`` their shares.
    """

    over_all: int
    own: int
    standing: tuple[int, ...]
    count: int


def meeting_shares(session: Session, meeting_id: int, member_id: int) -> MeetingShares:
    """Return a member's shares of one meeting."""
    rows = _IN_MEETING.all(session, meeting=meeting_id, member=member_id)
    return MeetingShares(
        over_all=sum(row.sign * row.shares_count for row in rows),
        own=sum(row.sign * row.shares_count for row in rows if row.is_own),
        standing=tuple(row.id for row in rows if row.stands),
        count=sum(row.shares_count for row in rows if row.stands),
    )


@dataclass(frozen=True, slots=True)
class MeetingSaved:
    """What a member saved of one kind at a meeting, ``over_all`` and of its ``own`` entries.

    The two are told apart as with :class:`MeetingShares`.
    """

    over_all: Decimal
    own: Decimal


def meeting_saved(
    session: Session, meeting_id: int, member_id: int, saving_type_id: int
) -> MeetingSaved:
    """Return what a member paid in of one kind of saving at a meeting, less what was undone."""
    rows = _SAVED.all(session, meeting=meeting_id, member=member_id, kind=saving_type_id)
    return MeetingSaved(
        over_all=sum((row.sign * row.amount for row in rows), ZERO),
        own=sum((row.sign * row.amount for row in rows if row.is_own), ZERO),
    )


def cycle_shares(session: Session, cycle_id: int) -> int:
    """Return the shares sold in a cycle, less those taken back."""
    return int(session.connection().execute(_IN_CYCLE, {"cycle": cycle_id}).scalar_one())
