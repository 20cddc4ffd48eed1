"""Every entry on members' saving accounts, and what they come to by member and by kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.queries.filtering import Listed, PaymentMethod
from vsla_desktop.queries.lines import IS_SHOWN
from vsla_desktop.queries.listing import PERSON, GroupName, Streamed, asked, paid_by, person
from vsla_desktop.queries.shares import IS_COUNTED, SHARES
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    GROUP_SAVING_TYPES,
    GROUPS,
    LEDGER,
    MEETINGS,
    MEMBERS,
    SAVING_TYPES,
    SAVINGS,
)

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter


@dataclass(frozen=True, slots=True)
class SavingEntry:
    """One entry on a member's account, in its group's currency; one of the two amounts is nought.

    What was corrected stands in the list, and so does its correction the other way.
    """

    group: GroupName
    day: date
    meeting_number: int | None
    reference: str
    number: int
    name: str
    kind: str
    kind_name: str
    fund: Fund
    shares: int
    paid_in: Decimal
    paid_out: Decimal
    method: PaymentMethod


@dataclass(frozen=True, slots=True)
class Saver:
    """What one member paid in and was paid out by the entries that were asked for."""

    group: GroupName
    number: int
    name: str
    gender: str
    entries: int
    paid_in: Decimal
    paid_out: Decimal


@dataclass(frozen=True, slots=True)
class SavedKind:
    """What the entries that were asked for come to in one kind of saving and its purse."""

    kind: str
    kind_name: str
    fund: Fund
    savers: int
    paid_in: Decimal
    paid_out: Decimal


FUND = func.coalesce(LEDGER.c.fund_type, GROUP_SAVING_TYPES.c.fund_type, Fund.LOAN_FUND.value)
_FROM = (
    SAVINGS.join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id)
    .join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id)
    .join(GROUPS, GROUPS.c.id == MEMBERS.c.group_id)
    .join(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id)
    .outerjoin(LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id)
    .outerjoin(MEETINGS, MEETINGS.c.id == SAVINGS.c.meeting_id)
    .outerjoin(
        GROUP_SAVING_TYPES,
        and_(
            GROUP_SAVING_TYPES.c.group_id == GROUPS.c.id,
            GROUP_SAVING_TYPES.c.saving_type_id == SAVING_TYPES.c.id,
        ),
    )
)
_KIND = (SAVING_TYPES.c.code, SAVING_TYPES.c.name.label("kind_name"))
_PAID_IN = func.sum(SAVINGS.c.amount, type_=SAVINGS.c.amount.type).filter(SHARES > 0)
_PAID_OUT = func.sum(SAVINGS.c.amount, type_=SAVINGS.c.amount.type).filter(SHARES < 0)
_LISTED = Listed(
    day=SAVINGS.c.transaction_date,
    amount=SAVINGS.c.amount,
    fund=FUND,
    by_phone=SAVINGS.c.is_mobile_money,
    held_in=LEDGER.c.held_in,
)


def saving_entries(session: Session, wanted: Filter, currency: str) -> Streamed[SavingEntry]:
    """Return the entries in one currency, group by group, the oldest first."""
    statement = select(
        SAVINGS.c.transaction_date,
        SAVINGS.c.amount,
        SAVINGS.c.shares_count,
        SAVINGS.c.is_mobile_money,
        func.coalesce(LEDGER.c.reference_number, SAVINGS.c.reference_number).label("reference"),
        SHARES.label("sign"),
        FUND.label("fund"),
        LEDGER.c.held_in,
        MEETINGS.c.meeting_number,
        *PERSON,
        *_KIND,
    ).order_by(
        GROUPS.c.name,
        GROUPS.c.id,
        SAVINGS.c.transaction_date,
        LEDGER.c.reference_number,
        SAVINGS.c.id,
    )
    return Streamed(session, _of(session, statement, wanted, currency), _entry)


def savers(session: Session, wanted: Filter, currency: str) -> Streamed[Saver]:
    """Return the members who have entries in one currency, by group and number."""
    statement = (
        select(
            *PERSON,
            func.count().label("entries"),
            _PAID_IN.label("paid_in"),
            _PAID_OUT.label("paid_out"),
        )
        .group_by(GROUPS.c.id, MEMBERS.c.id)
        .order_by(GROUPS.c.name, GROUPS.c.id, MEMBERS.c.member_number, MEMBERS.c.id)
    )
    return Streamed(session, _of(session, statement, wanted, currency), _saver)


def saved_kinds(session: Session, wanted: Filter, currency: str) -> Streamed[SavedKind]:
    """Return the kinds of saving that have entries in one currency, and their purses."""
    statement = (
        select(
            *_KIND,
            FUND.label("fund"),
            func.count(MEMBERS.c.id.distinct()).label("savers"),
            _PAID_IN.label("paid_in"),
            _PAID_OUT.label("paid_out"),
        )
        .group_by(SAVING_TYPES.c.id, SAVING_TYPES.c.code, SAVING_TYPES.c.name, FUND)
        .order_by(SAVING_TYPES.c.id, FUND)
    )
    return Streamed(session, _of(session, statement, wanted, currency), _saved_kind)


def _of(session: Session, statement: Select[Any], wanted: Filter, currency: str) -> Select[Any]:
    statement = statement.select_from(_FROM).where(
        GROUPS.c.currency == currency, IS_COUNTED, or_(LEDGER.c.id.is_(None), IS_SHOWN)
    )
    return asked(session, statement, wanted, members=MEMBERS, listed=_LISTED)


def _entry(row: Any) -> SavingEntry:
    came = row.sign > 0
    return SavingEntry(
        group=GroupName.of(row),
        day=row.transaction_date,
        meeting_number=row.meeting_number,
        reference=row.reference or "",
        number=row.member_number or 0,
        name=person(row),
        kind=row.code,
        kind_name=row.kind_name,
        fund=Fund(row.fund),
        shares=row.sign * (row.shares_count or 0),
        paid_in=row.amount if came else ZERO,
        paid_out=ZERO if came else row.amount,
        method=paid_by(by_phone=row.is_mobile_money, held_in=row.held_in),
    )


def _saver(row: Any) -> Saver:
    return Saver(
        GroupName.of(row),
        row.member_number or 0,
        person(row),
        row.gender,
        row.entries,
        row.paid_in or ZERO,
        row.paid_out or ZERO,
    )


def _saved_kind(row: Any) -> SavedKind:
    return SavedKind(
        row.code,
        row.kind_name,
        Fund(row.fund),
        row.savers,
        row.paid_in or ZERO,
        row.paid_out or ZERO,
    )
