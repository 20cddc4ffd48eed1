"""What a member saves towards: the target of her target savings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, update

from vsla_desktop.domain.money import check_amount
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.tables import ACCOUNTS, MEMBERS
from vsla_desktop.services.rows import add_row
from vsla_desktop.services.savings import saving_rule

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock

TARGET: Final = "TARGET"
"""The code of the saving type that is saved towards a target."""


def set_target(
    session: Session,
    member_id: int,
    amount: Decimal,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Write down how much a member wants to have in target savings; nought takes it back.

    Raise :class:`RuleBroken` for a group that keeps no target savings, and for a member who left.
    """
    connection = session.connection()
    member = connection.execute(MEMBERS.select().where(MEMBERS.c.id == member_id)).first()
    if member is None or member.is_active is False:
        raise RuleBroken("Choose a member of this group.", field="member")
    page = group_page(session, member.group_id, clock.today())
    check_amount(amount, page.currency, zero_allowed=True)
    rule = saving_rule(session, page, TARGET, member_id)
    values = {"target_amount": amount or None, "updated_date": clock.now()}
    if rule.account_id is not None:
        connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == rule.account_id), values)
    elif amount:
        account = {
            "member_id": member_id,
            "saving_type_id": rule.saving_type_id,
            "target_amount": amount,
        }
        add_row(session, insert(ACCOUNTS), account, clock)
