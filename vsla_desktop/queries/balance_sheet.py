"""What a group has and owes at the end of a day: assets = debts + equity.

See docs/rules.md#balance-sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, or_, select

from vsla_desktop.domain.indicators import Figures
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.queries.balances import Balances, fund_balances
from vsla_desktop.queries.funds_property import property_items
from vsla_desktop.queries.savings_ledger import FUND
from vsla_desktop.queries.share_out import COUNTS, KIND, NET
from vsla_desktop.queries.shares import IS_COUNTED, SHARES
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    CYCLES,
    GROUP_SAVING_TYPES,
    LEDGER,
    MEMBERS,
    SAVINGS,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_T = PostingType
_OUTSIDE = (
    select(KIND, LEDGER.c.member_id.is_not(None), NET)
    .where(
        LEDGER.c.group_id == bindparam("of_group"),
        LEDGER.c.transaction_date <= bindparam("on_day"),
        KIND.in_(
            (
                _T.LOAN_DISBURSEMENT.value,
                _T.LOAN_REPAYMENT.value,
                _T.LOAN_WRITE_OFF.value,
                _T.EXTERNAL_LOAN_IN.value,
                _T.EXTERNAL_LOAN_OUT.value,
            )
        ),
        COUNTS,
    )
    .group_by(KIND, LEDGER.c.member_id.is_not(None))
)
_SAVED = (
    select(func.sum(SHARES * SAVINGS.c.amount, type_=SAVINGS.c.amount.type))
    .select_from(
        SAVINGS.join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id)
        .join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id)
        .outerjoin(LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id)
        .outerjoin(
            GROUP_SAVING_TYPES,
            and_(
                GROUP_SAVING_TYPES.c.group_id == MEMBERS.c.group_id,
                GROUP_SAVING_TYPES.c.saving_type_id == ACCOUNTS.c.saving_type_id,
            ),
        )
    )
    .where(
        MEMBERS.c.group_id == bindparam("of_group"),
        SAVINGS.c.transaction_date <= bindparam("on_day"),
        FUND.in_((Fund.LOAN_FUND.value,)),
        IS_COUNTED,
    )
)
_AT_START = (
    select(CYCLES.c.property_at_start)
    .where(
        CYCLES.c.group_id == bindparam("of_group"),
        or_(CYCLES.c.start_date <= bindparam("on_day"), CYCLES.c.cycle_number == 1),
    )
    .order_by(CYCLES.c.cycle_number.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """One group's balance at the end of a day. ``purses`` are what each fund held, bank included.

    The two debts are told apart; ``figures`` hold them together, and the savings that lie in the
    loan fund. Property that was valued anew since stands at its cost: no earlier value is kept.
    """

    on: date
    purses: Balances
    owed_to_lenders: Decimal
    owed_to_leavers: Decimal
    figures: Figures


def balance_sheet(session: Session, group_id: int, on: date) -> BalanceSheet:
    """Return what a group has and owes at the end of a day."""
    connection = session.connection()
    wanted = {"of_group": group_id, "on_day": on}
    net = {(row[0], bool(row[1])): row[2] for row in connection.execute(_OUTSIDE, wanted)}
    purses = fund_balances(session, group_id, on)
    lenders, leavers = (_debt(net, names_member) for names_member in (False, True))
    lent = (
        _sum(net, _T.LOAN_DISBURSEMENT)
        - _sum(net, _T.LOAN_REPAYMENT)
        - _sum(net, _T.LOAN_WRITE_OFF)
    )
    property_now = sum(
        (
            item.value if item.valued_on <= on else item.cost
            for item in property_items(session, group_id)
            if item.bought_on <= on and (item.removed_on is None or item.removed_on > on)
        ),
        ZERO,
    )
    figures = Figures(
        groups=1,
        savings=connection.execute(_SAVED, wanted).scalar() or ZERO,
        loans_value=lent,
        loan_fund_cash=purses.loan_fund,
        other_funds=purses.total - purses.loan_fund,
        property_at_start=connection.execute(_AT_START, wanted).scalar() or ZERO,
        property_now=property_now,
        debts=lenders + leavers,
    )
    return BalanceSheet(on, purses, lenders, leavers, figures)


def _debt(net: dict[tuple[str, bool], Decimal], names_member: bool) -> Decimal:  # noqa: FBT001
    came = net.get((_T.EXTERNAL_LOAN_IN, names_member), ZERO)
    went = net.get((_T.EXTERNAL_LOAN_OUT, names_member), ZERO)
    return max(came - went, ZERO)


def _sum(net: dict[tuple[str, bool], Decimal], kind: PostingType) -> Decimal:
    return net.get((kind, False), ZERO) + net.get((kind, True), ZERO)
