"""The field's schema as the files in tests/data/central_schema list it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "data" / "central_schema"

# The six that the field lacks, from the list of the 47 tables by phase.
NEW_TABLES = frozenset(
    {
        "group_settings",
        "savings_cycles",
        "group_saving_type_settings",
        "share_out_distributions",
        "activity_document_audit_log",
        "mobile_money_reconciliation",
    }
)
# A reference of many kinds, which no foreign key can hold.
POLYMORPHIC = {("notifications", "related_entity_id")}


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """A column of the field's database."""

    table: str
    name: str
    type: str
    nullable: bool
    default: str


@dataclass(frozen=True, slots=True)
class FieldKey:
    """A foreign key of the field's database."""

    table: str
    column: str
    target: str
    on_delete: str


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def columns() -> tuple[FieldColumn, ...]:
    """Return every column, in order."""
    return tuple(
        FieldColumn(
            row["table_name"],
            row["column_name"],
            row["type"],
            row["is_nullable"] == "YES",
            row["default"],
        )
        for row in _rows("columns")
    )


@cache
def foreign_keys() -> tuple[FieldKey, ...]:
    """Return every foreign key with the delete rule that it has in the field."""
    return tuple(
        FieldKey(row["table_name"], row["column_name"], row["references_table"], row["on_delete"])
        for row in _rows("foreign_keys")
    )


@cache
def uniques() -> frozenset[tuple[str, tuple[str, ...]]]:
    """Return every unique key as (table, its columns in order of the alphabet)."""
    return frozenset(
        (row["table_name"], tuple(sorted(row["columns"].split()))) for row in _rows("uniques")
    )


@cache
def indexes() -> frozenset[tuple[str, str, tuple[str, ...]]]:
    """Return every named index as (table, name, columns)."""
    return frozenset(
        (row["table_name"], row["index_name"], tuple(row["columns"].split(", ")))
        for row in _rows("indexes")
    )


@cache
def triggers() -> tuple[tuple[str, str, frozenset[str], str], ...]:
    """Return (name, table, events, function) of each trigger."""
    return tuple(
        (
            row["trigger_name"],
            row["event_object_table"],
            frozenset(row["events"].split()),
            row["function"],
        )
        for row in _rows("triggers")
    )


@cache
def vocabulary() -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the values of each coded column; a list that is not closed ends with "and others"."""
    return {
        (row["table_name"], row["column_name"]): tuple(row["values"].split())
        for row in _rows("vocabulary")
    }


def tables() -> tuple[str, ...]:
    """Return the field's 41 tables."""
    return tuple(dict.fromkeys(each.table for each in columns()))


def lapsed_references() -> dict[tuple[str, str], str]:
    """Return the references that the field left without a foreign key, and what they refer to."""
    known = {(each.table, each.column) for each in foreign_keys()}
    targets = {
        "activity_id": "meeting_activities",
        "loan_id": "group_loans",
        "meeting_id": "meetings",
    }
    return {
        (each.table, each.name): targets[each.name]
        for each in columns()
        if each.type == "INTEGER"
        and each.name.endswith("_id")
        and (each.table, each.name) not in known | POLYMORPHIC
    }
