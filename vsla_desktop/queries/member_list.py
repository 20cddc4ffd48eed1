"""The members of one group or many, with what each holds and owes on a day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.queries.advances import IS_ADVANCE, OWED
from vsla_desktop.queries.filtering import Listed
from vsla_desktop.queries.leaving import leavers_owed
from vsla_desktop.queries.listing import GroupName, Streamed, asked, batches
from vsla_desktop.queries.loans import OUT, LoanState, loans_of_members
from vsla_desktop.queries.members import MemberLine, member_line
from vsla_desktop.queries.tables import FINES, GROUPS, LEDGER, MEMBERS, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter


@dataclass(frozen=True, slots=True)
class ListedMember:
    """A member, and whose group she is of."""

    group: GroupName
    member: MemberLine


_LISTED = Listed(
    day=MEMBERS.c.joined_date, amount=MEMBERS.c.savings_balance, status=MEMBERS.c.status
)
_FINES = (
    select(
        FINES.c.member_id,
        func.sum(FINES.c.amount - FINES.c.paid_amount, type_=FINES.c.amount.type),
    )
    .where(
        FINES.c.member_id.in_(bindparam("members", expanding=True)),
        FINES.c.waived_date.is_(None),
        FINES.c.is_paid.is_not(True),
    )
    .group_by(FINES.c.member_id)
)
_ADVANCES = (
    select(LEDGER.c.member_id, OWED)
    .where(LEDGER.c.member_id.in_(bindparam("members", expanding=True)), IS_ADVANCE)
    .group_by(LEDGER.c.member_id)
)


def members_asked(
    session: Session, wanted: Filter, currency: str, *, on: date
) -> Iterator[ListedMember]:
    """Yield members by group and number; the filter's days are those on which they joined.

    Without a status only those who have not left.
    """
    statement = (
        select(
            MEMBERS,
            SETTINGS.c.share_value,
            GROUPS.c.name.label("group_name"),
            GROUPS.c.group_code,
        )
        .select_from(
            MEMBERS.join(GROUPS, GROUPS.c.id == MEMBERS.c.group_id).outerjoin(
                SETTINGS, SETTINGS.c.group_id == MEMBERS.c.group_id
            )
        )
        .where(GROUPS.c.currency == currency)
        .order_by(GROUPS.c.name, GROUPS.c.id, MEMBERS.c.member_number, MEMBERS.c.id)
    )
    if not wanted.statuses:
        statement = statement.where(MEMBERS.c.is_active.is_not(False))
    statement = asked(session, statement, wanted, members=MEMBERS, listed=_LISTED)
    rows: Streamed[Any] = Streamed(session, statement, lambda row: row)
    for batch in batches(rows):
        yield from _with_debts(session, batch, on)


def _with_debts(session: Session, rows: list[Any], on: date) -> Iterator[ListedMember]:
    connection = session.connection()
    wanted = {"members": [row.id for row in rows]}
    fines = {row[0]: row[1] for row in connection.execute(_FINES, wanted)}
    advances = {row[0]: row[1] for row in connection.execute(_ADVANCES, wanted)}
    loans: dict[int, list[LoanState]] = defaultdict(list)
    for loan in loans_of_members(session, wanted["members"], statuses=OUT):
        loans[loan.member_id].append(loan)
    owed_to: dict[int, Decimal] = {}
    for group_id in {row.group_id for row in rows if row.is_active is False}:
        owed_to |= leavers_owed(session, group_id)
    for row in rows:
        member = member_line(
            row, fines.get(row.id), loans[row.id], advances.get(row.id) or ZERO, on, owed_to
        )
        yield ListedMember(GroupName.of(row), member)
