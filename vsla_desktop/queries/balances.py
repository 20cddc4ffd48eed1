"""What every purse holds, read from the last line of the cashbook."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from vsla_desktop.db.prepared import Prepared
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.queries.tables import CASHBOOK

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Balances:
    """What each fund holds, in the box and at the bank together, and how much is at the bank."""

    loan_fund: Decimal = ZERO
    social: Decimal = ZERO
    ecd: Decimal = ZERO
    target: Decimal = ZERO
    personal: Decimal = ZERO
    bank: Decimal = ZERO

    def of(self, fund: Fund) -> Decimal:
        """Return what one fund holds."""
        amount: Decimal = getattr(self, fund.value.lower())
        return amount

    @property
    def total(self) -> Decimal:
        """All funds together."""
        return self.loan_fund + self.social + self.ecd + self.target + self.personal

    @property
    def box(self) -> Decimal:
        """What must be in the box: all funds less what is at the bank."""
        return self.total - self.bank

    def moved(self, fund: Fund, amount: Decimal, bank: Decimal) -> Balances:
        """Return the balances after ``amount`` came into a fund and ``bank`` into the bank."""
        name = fund.value.lower()
        return replace(self, **{name: getattr(self, name) + amount}, bank=self.bank + bank)


@dataclass(frozen=True, slots=True)
class LastLine:
    """The last line of a cashbook: its day, its reference, and what every purse held after it."""

    day: date | None
    reference: str
    balances: Balances


NO_LINE = LastLine(None, "", Balances())

_BALANCES = (
    CASHBOOK.c.loan_fund_balance,
    CASHBOOK.c.social_fund_balance,
    CASHBOOK.c.ecd_fund_balance,
    CASHBOOK.c.target_fund_balance,
    CASHBOOK.c.personal_fund_balance,
    CASHBOOK.c.bank_balance,
)
_LAST = (
    select(CASHBOOK.c.transaction_date, CASHBOOK.c.transaction_reference, *_BALANCES)
    .where(CASHBOOK.c.group_id == bindparam("of_group"))
    .order_by(
        CASHBOOK.c.transaction_date.desc(),
        CASHBOOK.c.transaction_reference.desc(),
        CASHBOOK.c.id.desc(),
    )
    .limit(1)
)
_FIND_LAST = Prepared(_LAST)
_FIND_LAST_ON = Prepared(_LAST.where(CASHBOOK.c.transaction_date <= bindparam("on_day")))
_LEAST_AFTER = select(*(func.min(column) for column in _BALANCES)).where(
    CASHBOOK.c.group_id == bindparam("of_group"), CASHBOOK.c.transaction_date > bindparam("on_day")
)
_AT_BANK = (
    select(CASHBOOK.c.fund_type, func.sum(CASHBOOK.c.bank_amount))
    .where(CASHBOOK.c.group_id == bindparam("of_group"), CASHBOOK.c.bank_amount != 0)
    .group_by(CASHBOOK.c.fund_type)
)


def last_line(session: Session, group_id: int, on: date | None = None) -> LastLine:
    """Return the last line of a group's cashbook, or the last one up to a day."""
    if on is None:
        row = _FIND_LAST.first(session, of_group=group_id)
    else:
        row = _FIND_LAST_ON.first(session, of_group=group_id, on_day=on)
    if row is None:
        return NO_LINE
    return LastLine(row[0], row[1] or "", _balances(row[2:]))


def fund_balances(session: Session, group_id: int, on: date | None = None) -> Balances:
    """Return what every purse of a group holds now, or held at the end of a day."""
    return last_line(session, group_id, on).balances


def least_after(session: Session, group_id: int, day: date) -> Balances | None:
    """Return the least that each purse held on any line after a day; None without such lines."""
    row = session.connection().execute(_LEAST_AFTER, {"of_group": group_id, "on_day": day}).one()
    return None if row[0] is None else _balances(row)


def bank_by_fund(session: Session, group_id: int) -> dict[Fund, Decimal]:
    """Return how much of each fund is at the bank; funds without money there are left out."""
    rows = session.connection().execute(_AT_BANK, {"of_group": group_id})
    return {Fund(fund): Decimal(amount) for fund, amount in rows if fund and amount}


def _balances(row: Any) -> Balances:
    return Balances(*(ZERO if amount is None else amount for amount in row))
