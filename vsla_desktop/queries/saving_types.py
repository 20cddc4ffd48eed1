"""Which kinds of saving a group uses, and by which rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, exists, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.saving_types import SavingTypeRule, purses_for
from vsla_desktop.queries.tables import ACCOUNTS, GROUP_SAVING_TYPES, MEMBERS, SAVING_TYPES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class SavingTypeLine:
    """One kind of saving as a group keeps it; ``is_held`` says that members have savings of it."""

    saving_type_id: int
    name: str
    rule: SavingTypeRule
    is_held: bool


_LINES = (
    select(
        SAVING_TYPES.c.id,
        SAVING_TYPES.c.code,
        SAVING_TYPES.c.name,
        GROUP_SAVING_TYPES.c.id.label("settings_id"),
        GROUP_SAVING_TYPES.c.fund_type,
        GROUP_SAVING_TYPES.c.minimum_amount,
        GROUP_SAVING_TYPES.c.maximum_amount,
        GROUP_SAVING_TYPES.c.allows_withdrawal,
        GROUP_SAVING_TYPES.c.withdrawal_notice_days,
        GROUP_SAVING_TYPES.c.is_active,
        exists()
        .where(
            ACCOUNTS.c.saving_type_id == SAVING_TYPES.c.id,
            ACCOUNTS.c.current_balance != ZERO,
            ACCOUNTS.c.member_id == MEMBERS.c.id,
            MEMBERS.c.group_id == bindparam("of_group"),
        )
        .label("is_held"),
    )
    .select_from(
        SAVING_TYPES.outerjoin(
            GROUP_SAVING_TYPES,
            and_(
                GROUP_SAVING_TYPES.c.saving_type_id == SAVING_TYPES.c.id,
                GROUP_SAVING_TYPES.c.group_id == bindparam("of_group"),
            ),
        )
    )
    .where(SAVING_TYPES.c.is_active.is_not(False))
    .order_by(
        GROUP_SAVING_TYPES.c.display_order.is_(None),
        GROUP_SAVING_TYPES.c.display_order,
        SAVING_TYPES.c.id,
    )
)


def saving_types_of(session: Session, group_id: int) -> tuple[SavingTypeLine, ...]:
    """Return every kind of saving there is, in the group's order; those it does not use too."""
    return tuple(
        SavingTypeLine(
            row.id,
            row.name,
            SavingTypeRule(
                code=row.code,
                is_used=bool(row.is_active),
                fund=Fund(row.fund_type) if row.settings_id else purses_for(row.code)[0],
                minimum=row.minimum_amount or ZERO,
                maximum=row.maximum_amount,
                allows_withdrawal=bool(row.allows_withdrawal),
                notice_days=row.withdrawal_notice_days or 0,
            ),
            bool(row.is_held),
        )
        for row in session.connection().execute(_LINES, {"of_group": group_id})
    )
