"""How many shares were bought: in a cycle, in a meeting, by a member."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, exists, func, or_, select

from vsla_desktop.db.prepared import Prepared
from vsla_desktop.domain.money import ZERO
from vsla_desktop.queries.tables import ACCOUNTS, LEDGER, SAVINGS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

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
_DEPOSITS = (
    select(
        LEDGER.c.id,
        LEDGER.c.meeting_id,
        LEDGER.c.activity_id,
        LEDGER.c.transaction_date,
        LEDGER.c.reference_number,
        LEDGER.c.description,
        LEDGER.c.amount,
        LEDGER.c.reason,
        LEDGER.c.reverses_id,
        LEDGER.c.is_mobile_money,
        SAVINGS.c.shares_count,
        SHARES.label("sign"),
        exists().where(_undone.c.reverses_id == LEDGER.c.id).label("is_undone"),
    )
    .select_from(LEDGER.join(SAVINGS, SAVINGS.c.group_transaction_id == LEDGER.c.id))
    .where(SAVINGS.c.transaction_type == "DEPOSIT", LEDGER.c.verification_status != "REJECTED")
    .order_by(LEDGER.c.transaction_date, LEDGER.c.reference_number, LEDGER.c.id)
)
# By the meeting, whose rows are few, and not by the member, whose rows grow with the years.
_AT_MEETING = _DEPOSITS.where(
    LEDGER.c.meeting_id == bindparam("meeting"), LEDGER.c.member_id + 0 == bindparam("member")
)
_SHARES_AT_MEETING = Prepared(
    # Shares that a new member catches up with have an activity, and a limit, of their own.
    _AT_MEETING.where(SAVINGS.c.shares_count.is_not(None), LEDGER.c.activity_id.is_(None))
)
_SAVED_AT_MEETING = Prepared(
    _AT_MEETING.join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id).where(
        ACCOUNTS.c.saving_type_id == bindparam("kind")
    )
)
_ON_ACCOUNT = _DEPOSITS.where(SAVINGS.c.member_saving_id == bindparam("account"))
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

    ``own`` are those that count against its limit: all but corrections of other meetings, so that
    these neither make room for a share today nor take it. ``standing`` are the entries of cash
    that were not taken back, ``count`` their shares.
    """

    own: int
    standing: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Against which meeting's limit a deposit counts, and what else of the account counts there.

    That is the meeting, if any, in which it was first entered, whenever it was put right since;
    ``day`` and ``words`` are those of that first entry. ``shares`` and ``amount`` are the others'.
    """

    meeting_id: int | None
    day: date
    words: str
    shares: int
    amount: Decimal


def meeting_shares(session: Session, meeting_id: int, member_id: int) -> MeetingShares:
    """Return a member's shares of one meeting."""
    rows = _SHARES_AT_MEETING.all(session, meeting=meeting_id, member=member_id)
    first = _first_entries(rows)
    standing = [
        row
        for row in rows
        if row.reason is None
        and row.reverses_id is None
        and not (row.is_undone or row.is_mobile_money)
    ]
    return MeetingShares(
        own=sum(row.sign * row.shares_count for row in rows if row.id in first),
        standing=tuple(row.id for row in standing),
        count=sum(row.shares_count for row in standing),
    )


def meeting_saved(
    session: Session, meeting_id: int, member_id: int, saving_type_id: int
) -> Decimal:
    """Return what a member saved of one kind that counts at a meeting, less what was undone."""
    rows = _SAVED_AT_MEETING.all(session, meeting=meeting_id, member=member_id, kind=saving_type_id)
    first = _first_entries(rows)
    return sum((row.sign * row.amount for row in rows if row.id in first), ZERO)


def counted(session: Session, account_id: int, transaction_id: int) -> Counted:
    """Return where a deposit of a member's account counts."""
    rows = session.connection().execute(_ON_ACCOUNT, {"account": account_id}).all()
    first = _first_entries(rows)
    own = first[transaction_id]
    others = [
        row
        for row in rows
        if row.id != transaction_id
        and row.activity_id is None
        and first[row.id].meeting_id == own.meeting_id
    ]
    return Counted(
        meeting_id=own.meeting_id,
        day=own.transaction_date,
        words=own.description or "",
        shares=sum(row.sign * (row.shares_count or 0) for row in others),
        amount=sum((row.sign * row.amount for row in others), ZERO),
    )


def stood_before(
    session: Session, account_id: int, transaction_id: int, day: date, reference: str
) -> Decimal:
    """Return what a deposit of a member's account came to before another line of the book.

    That is as it had been put right by then, whichever of its entries is named; nought for one that
    came later.
    """
    rows = session.connection().execute(_ON_ACCOUNT, {"account": account_id}).all()
    first = _first_entries(rows)
    own = first[transaction_id]
    return sum(
        (
            row.sign * row.amount
            for row in rows
            if first.get(row.id) is own
            and (row.transaction_date, row.reference_number or "") < (day, reference)
        ),
        ZERO,
    )


def cycle_shares(session: Session, cycle_id: int) -> int:
    """Return the shares sold in a cycle, less those taken back."""
    return int(session.connection().execute(_IN_CYCLE, {"cycle": cycle_id}).scalar_one())


def _first_entries(rows: Sequence[Any]) -> dict[int, Any]:
    """Return by its id the entry that each of the rows goes back to; none if it is not of them.

    A reversal goes back to what it undid, and what was entered in its place as well.
    """
    place = {row.id: at for at, row in enumerate(rows)}
    found = {}
    for row in rows:
        at: int | None = place[row.id]
        while at is not None and (undone := _undone_at(rows, at)) is not None:
            at = place.get(undone)
        if at is not None:
            found[row.id] = rows[at]
    return found


def _undone_at(rows: Sequence[Any], at: int) -> int | None:
    """Return what a row undid itself, or by the reversal that was written right beside it."""
    row = rows[at]
    if row.reverses_id is not None or row.reason is None:
        undone: int | None = row.reverses_id
        return undone
    beside = (*rows[max(at - 1, 0) : at], *rows[at + 1 : at + 2])
    return next(
        (
            each.reverses_id
            for each in beside
            if each.meeting_id == row.meeting_id and each.reverses_id not in {None, row.id}
        ),
        None,
    )
