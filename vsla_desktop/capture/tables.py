"""The tables as sync sees them: numbers, slots, references, and the order in which rows can go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import JSON, Boolean, Date, DateTime, Integer, String, Time, UniqueConstraint

from vsla_desktop.capture.wire import NUMBERS, SECRETS, WIRE
from vsla_desktop.columns import Choice, Exact
from vsla_desktop.derived import DERIVED
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from sqlalchemy import Column, Table

# Tables whose natural key is what a row is: a second row with the same key is the same thing, so
# two databases that both made one are joined instead of one being refused.
JOINED_BY_KEY: Final = frozenset(
    {
        "users",
        "services",
        "saving_types",
        "achievements",
        "achievement_badges",
        "service_admins",
        "user_service_permissions",
        "group_settings",
        "group_saving_type_settings",
        "member_savings",
        "member_badges",
        "achievement_leaderboard",
        "analytics_snapshots",
        "member_analytics",
    }
)

# What is noted about a group beside its book, by whoever looks after it: visits, saved reports.
# Every laptop that has the group writes there, whichever of them writes the book.
BESIDE_THE_BOOK: Final = frozenset({"analytics_reports"})

# A reference to a row of any table: the column that names the table.
NAMED_BY: Final = {("notifications", "related_entity_id"): "related_entity_type"}

# How a row belongs to a group: the reference that leads there. A row that names its group does so
# by group_id; what is not here either, people and what all groups share, is no group's.
OWNED_BY: Final = {
    "notifications": "related_entity_id",
    "member_savings": "member_id",
    "saving_transactions": "member_saving_id",
    "member_fines": "member_id",
    "iga_member_participation": "iga_id",
    "iga_cashflow": "iga_id",
    "iga_member_returns": "iga_id",
    "loan_assessments": "member_id",
    "loan_repayment_schedule": "loan_id",
    "meeting_activities": "meeting_id",
    "member_activity_participation": "activity_id",
    "activity_documents": "activity_id",
    "activity_document_audit_log": "document_id",
    "mobile_money_verification": "payment_id",
    "member_achievements": "member_id",
    "member_badges": "member_id",
    "document_versions": "document_id",
    "document_approvals": "document_id",
}
GROUPS: Final = "savings_groups"
PEOPLE: Final = "users"

# When a row was last written is told along with what was written; alone it says nothing.
STAMP: Final = "updated_date"


class Sort(StrEnum):
    """How a column's value is written on the way."""

    TEXT = "text"
    INTEGER = "integer"
    EXACT = "exact"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    JSON = "json"
    REFERENCE = "reference"
    NAMED_REFERENCE = "named reference"


@dataclass(frozen=True, slots=True)
class Travelling:
    """A column that travels. ``slot`` is the staging column that carries it: v1…, r1….

    ``parent`` is the table that a reference points to; ``named_by`` the column that names it.
    ``later`` marks a reference that closes a circle of tables: it is sent after both rows.
    ``default`` is SQL for what stands where an earlier release, without the column, told nothing.
    """

    name: str
    sort: Sort
    slot: str
    sql_type: str
    nullable: bool
    scale: int = 0
    parent: str = ""
    named_by: str = ""
    later: bool = False
    default: str = ""

    @property
    def place(self) -> int:
        """The place among the columns of its sort, from 1."""
        return int(self.slot[1:])

    @property
    def is_reference(self) -> bool:
        """Whether the value is another row's identity."""
        return self.sort in {Sort.REFERENCE, Sort.NAMED_REFERENCE}


@dataclass(frozen=True, slots=True)
class Child:
    """A reference from another table to this one that keeps, or takes along, its rows."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Travel:
    """One table's part in sync. ``place`` counts its turn: parents come before children.

    ``owner`` is the reference by which a row belongs to a group, None where it belongs to none.
    ``noted`` are the columns whose change is a change of the row. ``references`` point to other
    rows; ``values`` do not. Both are in the order of their slots; None stands where a column
    travels no more.
    """

    name: str
    number: int
    place: int
    columns: tuple[Travelling, ...]
    noted: tuple[Travelling, ...]
    references: tuple[Travelling, ...]
    values: tuple[Travelling | None, ...]
    keys: tuple[tuple[str, ...], ...]
    holders: tuple[Child, ...]
    owner: Travelling | None = None
    seed_key: str = ""

    @property
    def joined_by_key(self) -> bool:
        """Whether a second row with the same natural key is the same row."""
        return self.name in JOINED_BY_KEY

    @property
    def of_groups(self) -> bool:
        """Whether rows belong to a group."""
        return self.owner is not None or self.name == GROUPS

    @property
    def widths(self) -> tuple[int, int]:
        """How many places for references and for values this release knows."""
        values = max((each.place for each in self.columns if not each.is_reference), default=0)
        return max((each.place for each in self.references), default=0), values

    @property
    def people(self) -> tuple[Travelling, ...]:
        """The references to people."""
        return tuple(each for each in self.references if each.parent == PEOPLE)

    def column(self, name: str) -> Travelling:
        """Return the column of this name."""
        return next(each for each in self.columns if each.name == name)


def _sort(column: Column[Any]) -> Sort:
    if (column.table.name, column.name) in NAMED_BY:
        return Sort.NAMED_REFERENCE
    if column.foreign_keys:
        return Sort.REFERENCE
    kinds: tuple[tuple[type | tuple[type, ...], Sort], ...] = (
        (Exact, Sort.EXACT),
        (JSON, Sort.JSON),
        (Boolean, Sort.BOOLEAN),
        (Integer, Sort.INTEGER),
        (DateTime, Sort.TIMESTAMP),
        (Date, Sort.DATE),
        (Time, Sort.TIME),
        ((String, Choice), Sort.TEXT),
    )
    return next(sort for kind, sort in kinds if isinstance(column.type, kind))


def _sql_type(column: Column[Any], sort: Sort) -> str:
    """Return what a staged text is cast to. Text stays text: a cast would cut what is too long."""
    if isinstance(column.type, Exact):
        return f"numeric({column.type.precision},{column.type.scale})"
    return {Sort.REFERENCE: "uuid", Sort.NAMED_REFERENCE: "uuid"}.get(sort, sort.value)


def _default(column: Column[Any], sort: Sort) -> str:
    if column.nullable or column.server_default is None or sort is Sort.TIMESTAMP:
        return ""
    given = column.server_default.arg  # type: ignore[attr-defined]
    return f"'{given}'" if isinstance(given, str) else str(given.compile())


def _columns(table: Table) -> tuple[Travelling, ...]:
    made: list[Travelling] = []
    counts = {"v": 0, "r": 0}
    for name in WIRE[table.name].split():
        column = table.columns[name]
        sort = _sort(column)
        kind = "r" if sort in {Sort.REFERENCE, Sort.NAMED_REFERENCE} else "v"
        counts[kind] += 1
        if (table.name, name) in DERIVED and kind == "v":
            continue  # Its slot stays its own.
        key = next(iter(column.foreign_keys), None)
        made.append(
            Travelling(
                name=name,
                sort=sort,
                slot=f"{kind}{counts[kind]}",
                sql_type=_sql_type(column, sort),
                nullable=bool(column.nullable),
                scale=column.type.scale if isinstance(column.type, Exact) else 0,
                parent=key.column.table.name if key is not None else "",
                named_by=NAMED_BY.get((table.name, name), ""),
                later=bool(key is not None and key.use_alter),
                default=_default(column, sort),
            )
        )
    return tuple(made)


def _keys(table: Table) -> tuple[tuple[str, ...], ...]:
    uniques = (each for each in table.constraints if isinstance(each, UniqueConstraint))
    return tuple(sorted(tuple(sorted(each.columns.keys())) for each in uniques))


def _holders(table: Table) -> tuple[Child, ...]:
    """Return the references that a delete here would take rows along with, or be refused for."""
    return tuple(
        Child(other.name, key.parent.name)
        for other in Base.metadata.sorted_tables
        for key in sorted(other.foreign_keys, key=lambda key: key.parent.name)
        if key.column.table is table and key.ondelete != "SET NULL"
    )


def _owner(table: str, columns: tuple[Travelling, ...]) -> Travelling | None:
    name = OWNED_BY.get(table, "group_id")
    return next((each for each in columns if each.name == name), None)


@cache
def travels() -> tuple[Travel, ...]:
    """Return every table in the order in which its rows can go: parents before children."""
    # A message may be about a row of any table, so messages come last.
    order = sorted(Base.metadata.sorted_tables, key=lambda table: table.name == "notifications")
    return tuple(
        _travel(table, NUMBERS[table.name], place) for place, table in enumerate(order, start=1)
    )


def parent_number(column: Travelling, row: str) -> str:
    """Return SQL for the number of the table that a row's reference points to."""
    if column.parent:
        return str(NUMBERS[column.parent])
    cases = " ".join(f"WHEN '{name}' THEN {number}" for name, number in NUMBERS.items())
    return f'CASE {row}."{column.named_by}" {cases} END'


def _travel(table: Table, number: int, place: int) -> Travel:
    columns = _columns(table)
    values = {each.place: each for each in columns if not each.is_reference}
    return Travel(
        name=table.name,
        number=number,
        place=place,
        columns=columns,
        noted=tuple(each for each in columns if each.name != STAMP),
        references=tuple(each for each in columns if each.is_reference),
        values=tuple(values.get(slot) for slot in range(1, max(values) + 1)),
        keys=_keys(table),
        holders=_holders(table),
        owner=_owner(table.name, columns),
        seed_key=SEED_KEYS.get(table.name, ""),
    )


@cache
def travel(name: str) -> Travel:
    """Return the table of this name as sync sees it."""
    return next(each for each in travels() if each.name == name)


def recorded(table: Table) -> frozenset[str]:
    """Return the columns of a table that must travel: all that is neither derived nor secret."""
    kept_home = DERIVED | SECRETS | {(table.name, "id")}
    return frozenset(
        each.name for each in table.columns if (table.name, each.name) not in kept_home
    )


# Shared rows that every database starts with have the same identity everywhere.
SEED_KEYS: Final = {
    "saving_types": "code",
    "services": "name",
    "achievements": "name",
    "achievement_badges": "name",
}
