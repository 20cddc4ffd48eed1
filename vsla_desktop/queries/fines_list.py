"""Fines of one group or many: charged, paid, let off, and what they come to by what they were for.

See docs/rules.md#fines.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import case, func, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.queries.filtering import Listed
from vsla_desktop.queries.funds import FineLine
from vsla_desktop.queries.listing import PERSON, GroupName, Streamed, asked, person
from vsla_desktop.queries.tables import FINES, GROUPS, MEMBERS

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter

OWED: Final = "OWED"
PAID: Final = "PAID"
LET_OFF: Final = "WAIVED"


@dataclass(frozen=True, slots=True)
class ListedFine:
    """A fine, and whose group it is of."""

    group: GroupName
    fine: FineLine


@dataclass(frozen=True, slots=True)
class FinedFor:
    """What the fines that were asked for come to, for one reason."""

    reason: str
    count: int
    charged: Decimal
    paid: Decimal
    let_off: Decimal
    owed: Decimal


_LEFT = FINES.c.amount - func.coalesce(FINES.c.paid_amount, 0)
_STATE = case(
    (FINES.c.waived_date.is_not(None), LET_OFF),
    (FINES.c.paid_amount >= FINES.c.amount, PAID),
    else_=OWED,
)
_FUND = func.coalesce(FINES.c.fund_type, Fund.LOAN_FUND.value)
_LISTED = Listed(day=FINES.c.fine_date, amount=FINES.c.amount, fund=_FUND, status=_STATE)


def fines_asked(session: Session, wanted: Filter, currency: str) -> Streamed[ListedFine]:
    """Return the fines in one currency, group by group, the oldest first.

    The filter's statuses are :data:`OWED`, :data:`PAID` and :data:`LET_OFF`.
    """
    statement = select(*PERSON, FINES, _FUND.label("fund")).order_by(
        GROUPS.c.name, GROUPS.c.id, FINES.c.fine_date, MEMBERS.c.member_number, FINES.c.id
    )
    return Streamed(session, _of(session, statement, wanted, currency), _fine)


def fined_for(session: Session, wanted: Filter, currency: str) -> Streamed[FinedFor]:
    """Return what the fines in one currency come to for each reason, the most frequent first."""
    money = FINES.c.amount.type
    is_let_off = FINES.c.waived_date.is_not(None)
    statement = (
        select(
            FINES.c.reason,
            func.count().label("fines"),
            func.sum(FINES.c.amount, type_=money).label("charged"),
            func.sum(FINES.c.paid_amount, type_=money).label("paid"),
            func.sum(_LEFT, type_=money).filter(is_let_off).label("let_off"),
            func.sum(_LEFT, type_=money).filter(~is_let_off).label("owed"),
        )
        .group_by(FINES.c.reason)
        .order_by(func.count().desc(), FINES.c.reason)
    )
    return Streamed(session, _of(session, statement, wanted, currency), _reason)


def _of(session: Session, statement: Select[Any], wanted: Filter, currency: str) -> Select[Any]:
    tables = FINES.join(MEMBERS, MEMBERS.c.id == FINES.c.member_id).join(
        GROUPS, GROUPS.c.id == MEMBERS.c.group_id
    )
    statement = statement.select_from(tables).where(GROUPS.c.currency == currency)
    return asked(session, statement, wanted, members=MEMBERS, listed=_LISTED)


def _fine(row: Any) -> ListedFine:
    line = FineLine(
        fine_id=row.id,
        member_id=row.member_id,
        number=row.member_number or 0,
        name=person(row),
        reason=row.reason or "",
        day=row.fine_date,
        amount=row.amount,
        paid=row.paid_amount or ZERO,
        fund=Fund(row.fund),
        waived_on=row.waived_date,
        waiver_reason=row.waiver_reason or "",
    )
    return ListedFine(GroupName.of(row), line)


def _reason(row: Any) -> FinedFor:
    amounts = (row.charged, row.paid, row.let_off, row.owed)
    return FinedFor(row.reason or "", row.fines, *(each or ZERO for each in amounts))
