"""What the group owns beside money: writing it down, valuing it anew, and taking it off the list.

No money moves here: buying is an expense and selling is income, entered as such.
docs/rules.md#property.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import update

from vsla_desktop.domain.identifiers import check_name
from vsla_desktop.domain.money import check_amount
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.funds_property import (
    PropertyItem,
    items_to_json,
    property_at_start,
    property_items,
)
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.tables import CYCLES, GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProperty:
    """A thing to write down; its ``value`` now is what it cost unless said."""

    name: str
    bought_on: date
    cost: Decimal
    value: Decimal | None = None
    note: str = ""


def add_property(
    session: Session,
    group_id: int,
    new: NewProperty,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> int:
    """Write down a thing that the group owns, and return its number in the list.

    A thing bought before the open cycle began was owned at its start, so it is no gain of the
    cycle. Raise :class:`RuleBroken` for a day that has not come yet.
    """
    today = clock.today()
    page = group_page(session, group_id, today)
    check_amount(new.cost, page.currency, field="cost", zero_allowed=True)
    value = new.cost if new.value is None else new.value
    check_amount(value, page.currency, field="value", zero_allowed=True)
    if new.bought_on > today:
        raise RuleBroken("Choose a day that has come.", field="bought_on")
    items = property_items(session, group_id)
    item = PropertyItem(
        number=1 + max((each.number for each in items), default=0),
        name=check_name(new.name, field="name", most=LONGEST_NAME),
        bought_on=new.bought_on,
        cost=new.cost,
        value=value,
        valued_on=today,
        note=" ".join(new.note.split()),
    )
    _keep(session, group_id, (*items, item), clock)
    if page.cycle_start is not None and new.bought_on < page.cycle_start:
        session.connection().execute(
            update(CYCLES).where(CYCLES.c.id == page.cycle_id),
            {
                "property_at_start": property_at_start(session, group_id) + value,
                "updated_date": clock.now(),
            },
        )
    return item.number


def revalue_property(
    session: Session,
    group_id: int,
    number: int,
    value: Decimal,
    *,
    note: str = "",
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Write down what a thing is worth now; ``note`` says why, and replaces the one before."""
    page = group_page(session, group_id, clock.today())
    check_amount(value, page.currency, field="value", zero_allowed=True)
    item = _owned(session, group_id, number)
    words = " ".join(note.split()) or item.note
    _change(
        session, group_id, replace(item, value=value, valued_on=clock.today(), note=words), clock
    )


def remove_property(
    session: Session,
    group_id: int,
    number: int,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Write down that the group has a thing no more, and why; it stays in the list as removed."""
    words = " ".join(reason.split())
    if not words:
        raise RuleBroken("Say why.", field="reason")
    item = _owned(session, group_id, number)
    _change(session, group_id, replace(item, removed_on=clock.today(), removal_reason=words), clock)


def _owned(session: Session, group_id: int, number: int) -> PropertyItem:
    for each in property_items(session, group_id):
        if each.number == number and each.is_owned:
            return each
    raise RuleBroken("Choose a thing that the group owns.", field="item")


def _change(session: Session, group_id: int, item: PropertyItem, clock: Clock) -> None:
    items = property_items(session, group_id)
    changed = (item if each.number == item.number else each for each in items)
    _keep(session, group_id, changed, clock)


def _keep(session: Session, group_id: int, items: Iterable[PropertyItem], clock: Clock) -> None:
    session.connection().execute(
        update(GROUPS).where(GROUPS.c.id == group_id),
        {"property_items": items_to_json(items), "updated_date": clock.now()},
    )
