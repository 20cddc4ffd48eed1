"""What groups earned and spent: by kind, and entry by entry. See docs/rules.md#earnings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import case, func, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.queries.filtering import Listed, PaymentMethod
from vsla_desktop.queries.lines import IS_SHOWN
from vsla_desktop.queries.listing import PERSON, GroupName, Streamed, asked, paid_by, person
from vsla_desktop.queries.share_out import COUNTS, KIND
from vsla_desktop.queries.tables import CASHBOOK, GROUPS, LEDGER, MEMBERS

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter

_T = PostingType
EARNED: Final = (
    _T.LOAN_CHARGE,
    _T.LOAN_PENALTY,
    _T.FINE_PAYMENT,
    _T.OTHER_INCOME,
    _T.IGA_RETURN,
    _T.EXPENSE,
    _T.IGA_INVESTMENT,
    _T.LOAN_WRITE_OFF,
    _T.CASH_DIFFERENCE,
)
"""The kinds of entry that make a group richer or poorer, in the order in which they are told."""

_FROM = (
    LEDGER.join(GROUPS, GROUPS.c.id == LEDGER.c.group_id)
    .outerjoin(MEMBERS, MEMBERS.c.id == LEDGER.c.member_id)
    .outerjoin(CASHBOOK, CASHBOOK.c.group_transaction_id == LEDGER.c.id)
)
_FUND = func.coalesce(LEDGER.c.fund_type, Fund.LOAN_FUND.value)
# A loan that is written off moves no money, and is a loss all the same.
_LOST = case((LEDGER.c.reversed_type.is_not(None), LEDGER.c.amount), else_=-LEDGER.c.amount)
_GAIN = case(
    (KIND.in_((_T.LOAN_WRITE_OFF.value,)), _LOST),
    else_=func.coalesce(CASHBOOK.c.signed_amount, LEDGER.c.direction * LEDGER.c.amount),
)
_LISTED = Listed(
    day=LEDGER.c.transaction_date,
    amount=LEDGER.c.amount,
    fund=_FUND,
    by_phone=LEDGER.c.is_mobile_money,
    held_in=LEDGER.c.held_in,
)


@dataclass(frozen=True, slots=True)
class Earning:
    """An entry that was earned (``gain`` above nought), or spent or lost (below)."""

    group: GroupName
    day: date
    reference: str
    kind: PostingType
    category: str
    fund: Fund
    number: int | None
    name: str
    description: str
    method: PaymentMethod
    gain: Decimal


@dataclass(frozen=True, slots=True)
class EarnedKind:
    """What one kind of entry brought one purse, and what it cost it; corrections are taken off."""

    kind: PostingType
    category: str
    fund: Fund
    earned: Decimal
    spent: Decimal


def earnings(session: Session, wanted: Filter, currency: str) -> Streamed[Earning]:
    """Return the entries in one currency, group by group, the oldest first."""
    statement = (
        select(
            *PERSON,
            LEDGER.c.transaction_date,
            LEDGER.c.reference_number,
            KIND.label("kind"),
            LEDGER.c.category,
            LEDGER.c.description,
            _FUND.label("fund"),
            LEDGER.c.is_mobile_money,
            LEDGER.c.held_in,
            _gain(),
        )
        .where(IS_SHOWN)
        .order_by(
            GROUPS.c.name,
            GROUPS.c.id,
            LEDGER.c.transaction_date,
            LEDGER.c.reference_number,
            LEDGER.c.id,
        )
    )
    return Streamed(session, _of(session, statement, wanted, currency), _entry)


def earned_kinds(session: Session, wanted: Filter, currency: str) -> tuple[EarnedKind, ...]:
    """Return what each kind comes to in one currency, income first, then costs and losses.

    A difference at a count is income where there was too much, and a cost where money lacked.
    """
    statement = select(
        KIND.label("kind"),
        func.coalesce(LEDGER.c.category, "").label("category"),
        _FUND.label("fund"),
        (_gain() > 0).label("is_gain"),
        func.sum(_GAIN, type_=LEDGER.c.amount.type).label("gain"),
    ).group_by(
        KIND,
        func.coalesce(LEDGER.c.category, ""),
        _FUND,
        _gain() > 0,
    )
    found: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for row in session.connection().execute(_of(session, statement, wanted, currency)):
        kind = PostingType(row.kind)
        came = row.is_gain if kind is _T.CASH_DIFFERENCE else kind in _INCOME
        found[kind, row.category, Fund(row.fund), came] += row.gain
    order = {kind: place for place, kind in enumerate(EARNED)}
    return tuple(
        EarnedKind(kind, category, fund, gain if came else ZERO, ZERO if came else -gain)
        for (kind, category, fund, came), gain in sorted(
            found.items(), key=lambda each: (not each[0][3], order[each[0][0]], each[0][1:3])
        )
        if gain
    )


_INCOME = frozenset(EARNED[:5])


def _gain() -> Any:
    return func.coalesce(_GAIN, 0, type_=LEDGER.c.amount.type).label("gain")


def _of(session: Session, statement: Select[Any], wanted: Filter, currency: str) -> Select[Any]:
    statement = statement.select_from(_FROM).where(
        GROUPS.c.currency == currency, KIND.in_([each.value for each in EARNED]), COUNTS
    )
    return asked(session, statement, wanted, members=MEMBERS, listed=_LISTED)


def _entry(row: Any) -> Earning:
    return Earning(
        group=GroupName.of(row),
        day=row.transaction_date,
        reference=row.reference_number or "",
        kind=PostingType(row.kind),
        category=row.category or "",
        fund=Fund(row.fund),
        number=row.member_number,
        name=person(row),
        description=row.description or "",
        method=paid_by(by_phone=row.is_mobile_money, held_in=row.held_in),
        gain=row.gain,
    )
