"""Which laptops have a group, as head office keeps it; a laptop's own book knows none of this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class GroupLaptop:
    """A laptop that has a group, and whether it writes the group's book."""

    name: str
    is_writable: bool


def laptops_of_group(session: Session, group_id: int) -> tuple[GroupLaptop, ...]:
    """Return the laptops that have a group, who writes its book first."""
    rows = session.connection().exec_driver_sql(
        "SELECT d.name, coalesce(a.writable, true) FROM sync.device d"
        " LEFT JOIN sync.assignment a ON a.dev = d.dev AND a.group_id = %(group)s"
        " WHERE d.status = 'active' AND (d.all_groups OR a.group_id IS NOT NULL)"
        " ORDER BY 2 DESC, 1",
        {"group": group_id},
    )
    return tuple(GroupLaptop(*row) for row in rows)


def laptop_names(session: Session) -> tuple[str, ...]:
    """Return the names of the laptops that are let in."""
    rows = session.connection().exec_driver_sql(
        "SELECT name FROM sync.device WHERE status = 'active' ORDER BY name"
    )
    return tuple(rows.scalars())
