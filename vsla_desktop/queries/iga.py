"""The businesses that groups run together: what was put in, what moved, and what members got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import Table, and_, func, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.models import IgaCashflow, IgaMemberReturn, IgaParticipation, SavingsGroupIga
from vsla_desktop.queries.filtering import Listed
from vsla_desktop.queries.listing import PERSON, GroupName, Streamed, asked, person
from vsla_desktop.queries.tables import GROUPS, MEMBERS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter

IGAS: Final = cast("Table", SavingsGroupIga.__table__)
IGA_PARTS: Final = cast("Table", IgaParticipation.__table__)
IGA_MOVES: Final = cast("Table", IgaCashflow.__table__)
IGA_RETURNS: Final = cast("Table", IgaMemberReturn.__table__)

_IN: Final = ("income", "loss_recovery")


@dataclass(frozen=True, slots=True)
class Iga:
    """One business. ``value`` is what it is worth now, by the group's own word."""

    group: GroupName
    name: str
    kind: str
    status: str
    started: date | None
    invested: Decimal
    value: Decimal
    expected: Decimal | None
    returned: Decimal


@dataclass(frozen=True, slots=True)
class IgaMove:
    """Money that came into a business or left it; one of the two amounts is nought."""

    group: GroupName
    iga: str
    day: date | None
    kind: str
    description: str
    reference: str
    came: Decimal
    went: Decimal


@dataclass(frozen=True, slots=True)
class IgaPart:
    """A member's part in a business: ``part`` is a fraction. ``returned`` is what she was paid."""

    group: GroupName
    iga: str
    number: int
    name: str
    role: str
    status: str
    invested: Decimal
    part: Decimal
    returned: Decimal


def igas(session: Session, wanted: Filter, currency: str) -> Streamed[Iga]:
    """Return the businesses in one currency, group by group, those begun first first."""
    statement = (
        select(IGAS, GROUPS.c.name.label("group_name"), GROUPS.c.group_code)
        .select_from(IGAS.join(GROUPS, GROUPS.c.id == IGAS.c.group_id))
        .where(GROUPS.c.currency == currency)
        .order_by(GROUPS.c.name, GROUPS.c.id, IGAS.c.start_date, IGAS.c.id)
    )
    listed = Listed(status=IGAS.c.status)
    return Streamed(session, asked(session, statement, wanted, listed=listed), _iga)


def iga_moves(session: Session, wanted: Filter, currency: str) -> Streamed[IgaMove]:
    """Return what came into the businesses and left them, the oldest first."""
    statement = (
        select(
            IGA_MOVES,
            IGAS.c.name.label("iga"),
            GROUPS.c.name.label("group_name"),
            GROUPS.c.group_code,
        )
        .select_from(
            IGA_MOVES.join(IGAS, IGAS.c.id == IGA_MOVES.c.iga_id).join(
                GROUPS, GROUPS.c.id == IGAS.c.group_id
            )
        )
        .where(GROUPS.c.currency == currency)
        .order_by(GROUPS.c.name, GROUPS.c.id, IGA_MOVES.c.transaction_date, IGA_MOVES.c.id)
    )
    listed = Listed(
        day=IGA_MOVES.c.transaction_date, amount=IGA_MOVES.c.amount, status=IGAS.c.status
    )
    return Streamed(session, asked(session, statement, wanted, listed=listed), _move)


def iga_parts(session: Session, wanted: Filter, currency: str) -> Streamed[IgaPart]:
    """Return the members' parts in the businesses, and what was paid to each of them."""
    paid = func.sum(IGA_RETURNS.c.return_amount, type_=IGA_RETURNS.c.return_amount.type)
    returned = (
        select(paid)
        .where(
            IGA_RETURNS.c.iga_id == IGA_PARTS.c.iga_id,
            IGA_RETURNS.c.member_id == IGA_PARTS.c.member_id,
            IS_PAID,
        )
        .scalar_subquery()
    )
    statement = (
        select(IGA_PARTS, IGAS.c.name.label("iga"), returned.label("returned"), *PERSON)
        .select_from(
            IGA_PARTS.join(IGAS, IGAS.c.id == IGA_PARTS.c.iga_id)
            .join(GROUPS, GROUPS.c.id == IGAS.c.group_id)
            .join(MEMBERS, MEMBERS.c.id == IGA_PARTS.c.member_id)
        )
        .where(GROUPS.c.currency == currency)
        .order_by(GROUPS.c.name, GROUPS.c.id, IGAS.c.id, MEMBERS.c.member_number, MEMBERS.c.id)
    )
    listed = Listed(status=IGAS.c.status)
    statement = asked(session, statement, wanted, members=MEMBERS, listed=listed)
    return Streamed(session, statement, _part)


IS_PAID = and_(IGA_RETURNS.c.status == "PAID", IGA_RETURNS.c.return_type != "LOSS")
"""Says whether a member was given what a row of her returns tells."""


def _iga(row: Any) -> Iga:
    return Iga(
        GroupName.of(row),
        row.name,
        row.activity_type,
        row.status or "ACTIVE",
        row.start_date,
        row.initial_investment,
        row.current_value or ZERO,
        row.expected_returns,
        row.actual_returns or ZERO,
    )


def _move(row: Any) -> IgaMove:
    came = row.transaction_type in _IN
    return IgaMove(
        GroupName.of(row),
        row.iga,
        row.transaction_date,
        row.transaction_type,
        row.description,
        row.reference_number or "",
        row.amount if came else ZERO,
        ZERO if came else row.amount,
    )


def _part(row: Any) -> IgaPart:
    return IgaPart(
        GroupName.of(row),
        row.iga,
        row.member_number or 0,
        person(row),
        row.role or "",
        row.status or "ACTIVE",
        row.investment_amount,
        row.ownership_percentage / 100,
        row.returned or ZERO,
    )
