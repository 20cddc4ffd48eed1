"""What all groups share and head office keeps: it comes down to every laptop at its next pull.

Providers and templates belong to one group each; only that group's laptops get them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from vsla_desktop.queries.tables import (
    ACHIEVEMENTS,
    BADGES,
    GROUPS,
    PROVIDERS,
    SAVING_TYPES,
    SERVICES,
    TEMPLATES,
)

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.orm import Session

MOST: Final = 1000


class Shared(StrEnum):
    """The lists that head office keeps."""

    SAVING_TYPES = "saving-types"
    SERVICES = "services"
    ACHIEVEMENTS = "achievements"
    BADGES = "badges"
    TEMPLATES = "templates"
    PROVIDERS = "providers"


@dataclass(frozen=True, slots=True)
class SharedList:
    """How a list is kept.

    ``service`` is the one in which a permission to write lets change it, empty where the role
    alone decides. ``fixed`` may be said once, since rows elsewhere are known by it. ``in_use`` is
    the column that says so.
    """

    table: Table
    name: str
    columns: tuple[str, ...]
    service: str = ""
    fixed: frozenset[str] = frozenset()
    in_use: str = "is_active"

    @property
    def is_of_groups(self) -> bool:
        """Whether each row belongs to one group."""
        return "group_id" in self.table.c


LISTS: Final[Mapping[Shared, SharedList]] = {
    Shared.SAVING_TYPES: SharedList(
        SAVING_TYPES,
        "name",
        (
            *("name", "code", "description", "is_mandatory"),
            *("allows_withdrawal", "withdrawal_notice_days"),
        ),
        service="Savings groups",
        fixed=frozenset({"code"}),
    ),
    Shared.SERVICES: SharedList(SERVICES, "name", ("name", "description"), in_use="active"),
    Shared.ACHIEVEMENTS: SharedList(
        ACHIEVEMENTS,
        "name",
        (
            *("name", "description", "category", "criteria", "points_value"),
            *("is_repeatable", "difficulty_level"),
        ),
        service="Achievements",
    ),
    Shared.BADGES: SharedList(
        BADGES,
        "name",
        (
            *("name", "description", "badge_type", "required_achievements"),
            *("minimum_points", "rarity_level"),
        ),
        service="Achievements",
    ),
    Shared.TEMPLATES: SharedList(
        TEMPLATES,
        "template_name",
        ("template_name", "template_type", "template_content"),
        service="Documents",
    ),
    Shared.PROVIDERS: SharedList(
        PROVIDERS,
        "provider_name",
        ("provider_name", "provider_code", "merchant_id", "transaction_fee_rate"),
        service="Mobile money",
    ),
}


@dataclass(frozen=True, slots=True)
class SharedRow:
    """A row of a list; ``group`` is the code of the group that it belongs to, empty for none."""

    row_id: int
    name: str
    group: str
    is_in_use: bool
    values: Mapping[str, Any]


def shared_rows(session: Session, which: Shared, text: str = "") -> tuple[SharedRow, ...]:
    """Return the rows of a list by name, those whose name begins so; what is retired comes last."""
    kept = LISTS[which]
    table, name = kept.table, kept.table.c[kept.name]
    columns = [table.c[each] for each in kept.columns]
    in_use = func.coalesce(table.c[kept.in_use], True)
    statement = select(table.c.id, name.label("named"), in_use.label("in_use"), *columns)
    if kept.is_of_groups:
        statement = statement.add_columns(GROUPS.c.group_code.label("group")).join_from(
            table, GROUPS, GROUPS.c.id == table.c.group_id
        )
    if text.strip():
        begins = func.lower(name).startswith(text.strip().lower(), autoescape=True)
        statement = statement.where(begins)
    order = (in_use.desc(), func.lower(name), table.c.id)
    rows = session.connection().execute(statement.order_by(*order).limit(MOST)).mappings()
    return tuple(
        SharedRow(
            row["id"],
            row["named"],
            row.get("group", ""),
            bool(row["in_use"]),
            {each: row[each] for each in kept.columns},
        )
        for row in rows
    )
