"""Money that members sent to the group's phone: what waits, what came, what did not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from vsla_desktop.queries.tables import MEMBERS, PHONE_PAYMENTS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PENDING, VERIFIED, REJECTED = "PENDING", "VERIFIED", "REJECTED"


class Purpose(StrEnum):
    """What money on the phone is for."""

    SHARES = "SHARES"
    SOCIAL = "SOCIAL"
    FINE = "FINE"
    LOAN = "LOAN"


@dataclass(frozen=True, slots=True)
class PhonePayment:
    """A payment that a member says was sent; it counts once its ``status`` is VERIFIED."""

    payment_id: int
    member_id: int
    number: int
    name: str
    day: date
    amount: Decimal
    purpose: Purpose
    reference: str
    phone_number: str
    status: str

    @property
    def is_pending(self) -> bool:
        """Whether nobody has said yet that the money came."""
        return self.status == PENDING


_OF_GROUP = (
    select(PHONE_PAYMENTS, MEMBERS.c.member_number, MEMBERS.c.first_name, MEMBERS.c.last_name)
    .select_from(PHONE_PAYMENTS.join(MEMBERS, MEMBERS.c.id == PHONE_PAYMENTS.c.member_id))
    .where(
        PHONE_PAYMENTS.c.group_id == bindparam("of_group"),
        PHONE_PAYMENTS.c.payment_purpose.in_([each.value for each in Purpose]),
    )
    .order_by(
        (PHONE_PAYMENTS.c.status != PENDING),
        PHONE_PAYMENTS.c.payment_date.desc(),
        PHONE_PAYMENTS.c.id.desc(),
    )
)
_PENDING = (
    select(
        PHONE_PAYMENTS.c.member_id,
        func.sum(PHONE_PAYMENTS.c.amount, type_=PHONE_PAYMENTS.c.amount.type),
    )
    .where(
        PHONE_PAYMENTS.c.group_id == bindparam("of_group"),
        PHONE_PAYMENTS.c.member_id.is_not(None),
        PHONE_PAYMENTS.c.status == PENDING,
        PHONE_PAYMENTS.c.group_transaction_id.is_(None),
    )
    .group_by(PHONE_PAYMENTS.c.member_id)
)


def payments_of_group(session: Session, group_id: int) -> tuple[PhonePayment, ...]:
    """Return a group's payments by phone: those that wait first, then the newest first."""
    return tuple(
        PhonePayment(
            payment_id=row.id,
            member_id=row.member_id,
            number=row.member_number or 0,
            name=f"{row.first_name} {row.last_name}".strip(),
            day=row.payment_date.date(),
            amount=row.amount,
            purpose=Purpose(row.payment_purpose),
            reference=row.transaction_reference,
            phone_number=row.phone_number,
            status=row.status or PENDING,
        )
        for row in session.connection().execute(_OF_GROUP, {"of_group": group_id})
    )


def waiting_by_member(session: Session, group_id: int) -> dict[int, Decimal]:
    """Return, by member, the money on the phone that nobody has looked at yet."""
    found = session.connection().execute(_PENDING, {"of_group": group_id})
    return {row[0]: row[1] for row in found}
