"""What the group owns beside money: docs/rules.md#property."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.queries.tables import CYCLES, GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

_STORED = select(GROUPS.c.property_items).where(GROUPS.c.id == bindparam("of_group"))
_AT_START = (
    select(CYCLES.c.property_at_start)
    .where(CYCLES.c.group_id == bindparam("of_group"))
    .order_by(CYCLES.c.cycle_number.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyItem:
    """One thing that the group owns, or owned: what it cost, and what it is worth now.

    ``valued_on`` is the day of its present value. ``removed_on`` and ``removal_reason`` tell of one
    that is sold, lost or broken; it stays in the list.
    """

    number: int
    name: str
    bought_on: date
    cost: Decimal
    value: Decimal
    valued_on: date
    note: str = ""
    removed_on: date | None = None
    removal_reason: str = ""

    @property
    def is_owned(self) -> bool:
        """Whether the group still has it."""
        return self.removed_on is None


def property_items(session: Session, group_id: int) -> tuple[PropertyItem, ...]:
    """Return what a group owns and owned, in the order in which it was written down."""
    stored = session.connection().execute(_STORED, {"of_group": group_id}).scalar()
    return tuple(_item(each) for each in stored or ())


def property_value(session: Session, group_id: int) -> Decimal:
    """Return what all that a group owns beside money is worth now."""
    items = property_items(session, group_id)
    return sum((each.value for each in items if each.is_owned), ZERO)


def property_at_start(session: Session, group_id: int) -> Decimal:
    """Return what a group's property was worth when its last cycle opened."""
    found: Decimal | None = session.connection().execute(_AT_START, {"of_group": group_id}).scalar()
    return found or ZERO


def items_to_json(items: Iterable[PropertyItem]) -> list[dict[str, Any]]:
    """Return property as plain values for its column, amounts and days as text."""
    return [
        {
            "number": each.number,
            "name": each.name,
            "bought_on": each.bought_on.isoformat(),
            "cost": str(each.cost),
            "value": str(each.value),
            "valued_on": each.valued_on.isoformat(),
            "note": each.note,
            "removed_on": each.removed_on.isoformat() if each.removed_on else None,
            "removal_reason": each.removal_reason,
        }
        for each in items
    ]


def _item(stored: Any) -> PropertyItem:
    removed = stored.get("removed_on")
    return PropertyItem(
        number=stored["number"],
        name=stored["name"],
        bought_on=date.fromisoformat(stored["bought_on"]),
        cost=Decimal(stored["cost"]),
        value=Decimal(stored["value"]),
        valued_on=date.fromisoformat(stored["valued_on"]),
        note=stored.get("note") or "",
        removed_on=date.fromisoformat(removed) if removed else None,
        removal_reason=stored.get("removal_reason") or "",
    )
