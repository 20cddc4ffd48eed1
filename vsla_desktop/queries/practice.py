"""What a practice book shows of an exercise: what was done since it began."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, distinct, exists, func, or_, select

from vsla_desktop.domain.postings import PostingType
from vsla_desktop.queries.mobile_money import PENDING, VERIFIED
from vsla_desktop.queries.pages import MEETING_CLOSED, MEETING_OPEN
from vsla_desktop.queries.tables import (
    ATTENDANCE,
    FINES,
    LEDGER,
    MEETINGS,
    MEMBERS,
    PHONE_PAYMENTS,
    SAVINGS,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_T = PostingType


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the book stood when an exercise began: its last entry, fine and closed meeting."""

    entry: int
    fine: int
    closed: int


@dataclass(frozen=True, slots=True)
class WrongEntry:
    """An entry of a closed meeting that an exercise says is wrong, by one share too many."""

    transaction_id: int
    member_id: int
    member: str
    meeting_number: int
    amount: Decimal
    right: Decimal


@dataclass(frozen=True, slots=True)
class Done:
    """What was done since a mark, in the meeting that is open or was closed since.

    ``sold_to`` and ``social_from`` count members; ``phone_waits`` and ``phone_came`` payments by
    telephone, those that wait whenever they were sent; the others count entries that stand.
    """

    meeting_number: int | None
    is_closed: bool
    members: int
    marked: int
    late: int
    fines: int
    fines_paid: int
    sold_to: int
    social_from: int
    phone_waits: int
    phone_came: int
    lent: int
    repaid: int
    taken_back: bool
    put_right: bool


_undone = LEDGER.alias("undone")
_STANDS = and_(
    LEDGER.c.group_id == bindparam("of_group"),
    LEDGER.c.id > bindparam("since"),
    ~exists().where(_undone.c.reverses_id == LEDGER.c.id),
)
_ENTRIES = (
    select(
        LEDGER.c.transaction_type,
        func.count(),
        func.count(distinct(LEDGER.c.member_id)),
    )
    .where(_STANDS)
    .group_by(LEDGER.c.transaction_type)
)
_MEETING = (
    select(MEETINGS.c.id, MEETINGS.c.meeting_number, MEETINGS.c.status)
    .where(
        MEETINGS.c.group_id == bindparam("of_group"),
        or_(
            MEETINGS.c.status == MEETING_OPEN,
            and_(
                MEETINGS.c.status == MEETING_CLOSED, MEETINGS.c.meeting_number > bindparam("since")
            ),
        ),
    )
    .order_by(MEETINGS.c.meeting_number.desc())
    .limit(1)
)
_ROLL = (
    select(ATTENDANCE.c.attendance_status, func.count())
    .where(ATTENDANCE.c.meeting_id == bindparam("meeting"))
    .group_by(ATTENDANCE.c.attendance_status)
)
_MEMBERS = select(func.count()).where(
    MEMBERS.c.group_id == bindparam("of_group"), MEMBERS.c.is_active.is_not(False)
)
_NEW_FINES = (
    select(func.count())
    .select_from(FINES.join(MEMBERS, MEMBERS.c.id == FINES.c.member_id))
    .where(MEMBERS.c.group_id == bindparam("of_group"), FINES.c.id > bindparam("since"))
)
_LAST_FINE = (
    select(func.max(FINES.c.id))
    .select_from(FINES.join(MEMBERS, MEMBERS.c.id == FINES.c.member_id))
    .where(MEMBERS.c.group_id == bindparam("of_group"))
)
_ON_PHONE = (
    select(PHONE_PAYMENTS.c.status, func.count())
    .where(
        PHONE_PAYMENTS.c.group_id == bindparam("of_group"),
        or_(
            PHONE_PAYMENTS.c.status == PENDING,
            PHONE_PAYMENTS.c.group_transaction_id > bindparam("since"),
        ),
    )
    .group_by(PHONE_PAYMENTS.c.status)
)
_LAST_ENTRY = select(func.max(LEDGER.c.id)).where(LEDGER.c.group_id == bindparam("of_group"))
_LAST_CLOSED = select(func.max(MEETINGS.c.meeting_number)).where(
    MEETINGS.c.group_id == bindparam("of_group"), MEETINGS.c.status == MEETING_CLOSED
)
_WRONG = (
    select(
        LEDGER.c.id,
        LEDGER.c.member_id,
        LEDGER.c.amount,
        SAVINGS.c.shares_count,
        MEETINGS.c.meeting_number,
        MEMBERS.c.first_name,
        MEMBERS.c.last_name,
    )
    .select_from(
        LEDGER.join(SAVINGS, SAVINGS.c.group_transaction_id == LEDGER.c.id)
        .join(MEETINGS, MEETINGS.c.id == LEDGER.c.meeting_id)
        .join(MEMBERS, MEMBERS.c.id == LEDGER.c.member_id)
    )
    .where(
        LEDGER.c.group_id == bindparam("of_group"),
        LEDGER.c.transaction_type == _T.SAVINGS_DEPOSIT.value,
        LEDGER.c.is_mobile_money.is_not(True),
        LEDGER.c.reason.is_(None),
        SAVINGS.c.shares_count > 1,
        MEETINGS.c.status == MEETING_CLOSED,
        MEMBERS.c.is_active.is_not(False),
        ~exists().where(_undone.c.reverses_id == LEDGER.c.id),
    )
    .order_by(MEETINGS.c.meeting_number.desc(), LEDGER.c.id)
    .limit(1)
)
_IS_UNDONE = select(LEDGER.c.id).where(LEDGER.c.reverses_id == bindparam("entry"))
_IS_RIGHT = select(LEDGER.c.id).where(
    _STANDS,
    LEDGER.c.transaction_type == _T.SAVINGS_DEPOSIT.value,
    LEDGER.c.member_id == bindparam("member"),
    LEDGER.c.amount == bindparam("right", type_=LEDGER.c.amount.type),
)


def mark_now(session: Session, group_id: int) -> Mark:
    """Return where a group's book stands."""
    connection = session.connection()
    wanted = {"of_group": group_id}
    entry, fine, closed = (
        connection.execute(statement, wanted).scalar() or 0
        for statement in (_LAST_ENTRY, _LAST_FINE, _LAST_CLOSED)
    )
    return Mark(entry, fine, closed)


def wrong_entry(session: Session, group_id: int) -> WrongEntry | None:
    """Choose an entry to correct: shares of the last closed meeting; None where there are none."""
    row: Any = session.connection().execute(_WRONG, {"of_group": group_id}).first()
    if row is None:
        return None
    return WrongEntry(
        transaction_id=row.id,
        member_id=row.member_id,
        member=f"{row.first_name} {row.last_name}".strip(),
        meeting_number=row.meeting_number,
        amount=row.amount,
        right=row.amount / row.shares_count * (row.shares_count - 1),
    )


def done_since(session: Session, group_id: int, mark: Mark, wrong: WrongEntry | None) -> Done:
    """Return what the book shows was done since a mark."""
    connection = session.connection()
    group = {"of_group": group_id}
    since = {**group, "since": mark.entry}
    entries: dict[str, tuple[int, int]] = {
        kind: (count, members) for kind, count, members in connection.execute(_ENTRIES, since)
    }

    def count(*kinds: PostingType) -> int:
        return sum(entries.get(kind.value, (0, 0))[0] for kind in kinds)

    def members(kind: PostingType) -> int:
        return entries.get(kind.value, (0, 0))[1]

    meeting: Any = connection.execute(_MEETING, {**group, "since": mark.closed}).first()
    roll: dict[str, int] = {}
    if meeting is not None:
        rows = connection.execute(_ROLL, {"meeting": meeting.id})
        roll = {status: number for status, number in rows if status}
    phone = {row[0]: row[1] for row in connection.execute(_ON_PHONE, since)}
    fines = connection.execute(_NEW_FINES, {**group, "since": mark.fine}).scalar_one()
    undone = right = None
    if wrong is not None:
        undone = connection.execute(_IS_UNDONE, {"entry": wrong.transaction_id}).first()
        said = {"member": wrong.member_id, "right": wrong.right}
        right = connection.execute(_IS_RIGHT, {**since, **said}).first()
    return Done(
        meeting_number=None if meeting is None else meeting.meeting_number,
        is_closed=meeting is not None and meeting.status == MEETING_CLOSED,
        members=connection.execute(_MEMBERS, group).scalar_one(),
        marked=sum(roll.values()),
        late=roll.get("LATE", 0),
        fines=fines,
        fines_paid=count(_T.FINE_PAYMENT),
        sold_to=members(_T.SAVINGS_DEPOSIT),
        phone_waits=phone.get(PENDING, 0),
        phone_came=phone.get(VERIFIED, 0),
        social_from=members(_T.SOCIAL_CONTRIBUTION),
        lent=count(_T.LOAN_DISBURSEMENT),
        repaid=count(_T.LOAN_REPAYMENT, _T.LOAN_CHARGE),
        taken_back=undone is not None,
        put_right=undone is not None and right is not None,
    )
