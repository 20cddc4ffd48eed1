"""What a group keeps beside its books, and a workbook has no place for: counted, to be named."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, bindparam, func, or_, select

from vsla_desktop.queries.loan_pages import loans_read
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    GROUP_SAVING_TYPES,
    GROUPS,
    MEETINGS,
    MEMBERS,
    SETTINGS,
)

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

_GROUP: BindParameter[Any] = bindparam("of_group")
_LISTS = (
    select(GROUPS.c.bank_statements, GROUPS.c.property_items, SETTINGS.c.grant_tariff)
    .select_from(GROUPS.outerjoin(SETTINGS, SETTINGS.c.group_id == GROUPS.c.id))
    .where(GROUPS.c.id == _GROUP)
)
_COUNTS = {
    "planned": select(func.count()).where(
        MEETINGS.c.group_id == _GROUP, MEETINGS.c.status == "SCHEDULED"
    ),
    "targets": select(func.count())
    .select_from(ACCOUNTS.join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id))
    .where(MEMBERS.c.group_id == _GROUP, ACCOUNTS.c.target_amount.is_not(None)),
    "limits": select(func.count()).where(
        GROUP_SAVING_TYPES.c.group_id == _GROUP,
        or_(
            GROUP_SAVING_TYPES.c.maximum_amount.is_not(None),
            GROUP_SAVING_TYPES.c.minimum_amount > 0,
        ),
    ),
}
SENTENCES = {
    "statements": "Bank statements are left out: {count}.",
    "property": "Property is left out: {count}.",
    "tariff": "What the group gives at each event is left out: {count}.",
    "requests": "Requests for loans are left out: {count}.",
    "planned": "Meetings to come are left out: {count}.",
    "targets": "Targets of members are left out: {count}.",
    "limits": "Limits of kinds of saving are left out: {count}.",
}


def lacking(session: Session, group_id: int, *, today: date) -> Counter[str]:
    """Return how much of each kind a workbook of the group leaves out."""
    connection, wanted = session.connection(), {"of_group": group_id}
    found = Counter({name: connection.execute(of, wanted).scalar() for name, of in _COUNTS.items()})
    requests = loans_read(session, group_id, today=today).requests
    found["requests"] = sum(each.is_waiting for each in requests)
    lists = connection.execute(_LISTS, wanted).one()
    for name, held in zip(("statements", "property", "tariff"), lists, strict=True):
        found[name] = len(held or ())
    return found
