"""Prove the delete rules in a database itself: make a group with something of everything, delete.

All of it happens in one transaction that is rolled back, whatever comes of it, so it can be run on
a book that is in use.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    String,
    Table,
    Text,
    Time,
    delete,
    exc,
    func,
    insert,
    select,
    update,
)

from vsla_desktop.columns import Choice, Exact
from vsla_desktop.db.engine import storage_errors
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from vsla_desktop.db.engine import Database

_OFFICER, _AUTHOR = "users", "users, who wrote records"


class CascadeResult(NamedTuple):
    """What one operation did: whether it was what the models declare, and a sentence about it."""

    operation: str
    ok: bool
    said: str


@dataclass(slots=True)
class _Outcome:
    """Which of the rows are gone after a delete, and which references are empty."""

    refused: bool = False
    gone: set[str] = field(default_factory=set)
    emptied: set[tuple[str, str]] = field(default_factory=set)


def cascade_check(database: Database) -> list[CascadeResult]:
    """Delete a row of each table in turn, and compare what went with what the models declare.

    Nothing stays of it. Raises :class:`~vsla_desktop.errors.StorageError` when the database can not
    be written.
    """
    with (
        storage_errors(),
        database.writer.connect() as connection,
    ):
        try:
            rows = _make_rows(connection)
            results = [_add_a_member(connection, rows)]
            results += [_delete(connection, rows, name) for name in rows]
        finally:
            connection.rollback()
    return results


def _make_rows(connection: Connection) -> dict[str, int]:
    """Make one row in every table, each referring to the others wherever it can."""
    mark = uuid4().hex[:12]
    rows: dict[str, int] = {}
    later: dict[str, dict[str, Any]] = {}
    for name, table in [
        (_AUTHOR, Base.metadata.tables["users"]),
        *((each.name, each) for each in Base.metadata.sorted_tables),
    ]:
        values: dict[str, Any] = {}
        for column in table.columns:
            target = _target(column)
            if target is None:
                if not column.nullable and column.server_default is None and not column.primary_key:
                    values[column.name] = _value(column, f"{mark}{len(rows)}")
            elif target in rows:
                values[column.name] = rows[target]
            else:
                later.setdefault(name, {})[column.name] = target
        key = connection.execute(insert(table).values(values)).inserted_primary_key
        assert key is not None  # noqa: S101 - one row was added
        rows[name] = key[0]
    for name, references in later.items():
        table = Base.metadata.tables[name]
        connection.execute(
            update(table)
            .where(table.c.id == rows[name])
            .values({column: rows[target] for column, target in references.items()})
        )
    return rows


def _target(column: Column[Any]) -> str | None:
    """Return the row that a reference is made to: authors of records are people of their own."""
    for key in column.foreign_keys:
        is_author = key.column.table.name == "users" and key.ondelete is None
        return _AUTHOR if is_author else key.column.table.name
    return None


def _value(column: Column[Any], mark: str) -> Any:
    """Return something that a required column takes."""
    kind = column.type
    if isinstance(kind, Choice):
        return kind.values[0]
    if isinstance(kind, Exact):
        return Decimal(1).scaleb(-kind.scale)
    for sort, value in (
        (Boolean, True),
        (Integer, 1),
        (DateTime, datetime(2025, 1, 6)),  # noqa: DTZ001 - UTC, as stored
        (Date, date(2025, 1, 6)),
        (Time, time(9)),
        (JSON, {}),
        (Text, mark),
    ):
        if isinstance(kind, sort):
            return value
    assert isinstance(kind, String)  # noqa: S101 - the models have no other kind
    return mark[-(kind.length or len(mark)) :]


def _add_a_member(connection: Connection, rows: Mapping[str, int]) -> CascadeResult:
    groups, members = (Base.metadata.tables[name] for name in ("savings_groups", "group_members"))
    group = rows["savings_groups"]
    count = select(groups.c.members_count).where(groups.c.id == group)
    counted = select(func.count()).where(members.c.group_id == group)
    before = connection.execute(count).scalar_one()
    savepoint = connection.begin_nested()
    connection.execute(
        insert(members).values(group_id=group, first_name="Aline", last_name="U", gender="F")
    )
    after, there = connection.execute(count).scalar_one(), connection.execute(counted).scalar_one()
    savepoint.rollback()
    return CascadeResult(
        "adding a member",
        (before, after, there) == (1, 2, 2),
        f"The group counted {before} member before and {after} after; it has {there}.",
    )


def _delete(connection: Connection, rows: Mapping[str, int], name: str) -> CascadeResult:
    declared = _declared(rows, name)
    table = _table(name)
    savepoint = connection.begin_nested()
    found = _Outcome()
    try:
        connection.execute(delete(table).where(table.c.id == rows[name]))
    except exc.IntegrityError:
        found.refused = True
    else:
        found = _look(connection, rows)
    savepoint.rollback()
    return CascadeResult(f"deleting from {name}", found == declared, _sentence(found, declared))


def _table(name: str) -> Table:
    return Base.metadata.tables["users" if name == _AUTHOR else name]


def _declared(rows: Mapping[str, int], name: str) -> _Outcome:
    """Work out from the models what a delete does."""
    outcome = _Outcome(gone={name})
    blocked: set[str] = set()
    size = 0
    while len(outcome.gone) > size:
        size = len(outcome.gone)
        for child in rows:
            for column in _table(child).columns:
                if _target(column) not in outcome.gone:
                    continue
                (key,) = column.foreign_keys
                if key.ondelete == "CASCADE":
                    outcome.gone.add(child)
                elif key.ondelete is None:
                    blocked.add(child)
                else:
                    outcome.emptied.add((child, column.name))
    if blocked - outcome.gone:
        return _Outcome(refused=True)
    outcome.emptied = {each for each in outcome.emptied if each[0] not in outcome.gone}
    return outcome


def _look(connection: Connection, rows: Mapping[str, int]) -> _Outcome:
    """See what is left of the rows."""
    outcome = _Outcome()
    for name, key in rows.items():
        table = _table(name)
        references = [column for column in table.columns if _target(column) is not None]
        row = connection.execute(
            select(table.c.id, *references).where(table.c.id == key)
        ).one_or_none()
        if row is None:
            outcome.gone.add(name)
        else:
            outcome.emptied |= {
                (name, column.name)
                for column, value in zip(references, row[1:], strict=True)
                if value is None
            }
    return outcome


def _sentence(found: _Outcome, declared: _Outcome) -> str:
    if found == declared:
        if found.refused:
            return "It is refused: other records still need it."
        return (
            f"{len(found.gone) - 1} rows that belong to it went too,"
            f" {len(found.emptied)} references were emptied."
        )
    if found.refused != declared.refused:
        return "It was refused." if found.refused else "It was not refused."
    parts = [
        _list("should have gone", declared.gone - found.gone),
        _list("should have stayed", found.gone - declared.gone),
        _list("should have been emptied", _names(declared.emptied - found.emptied)),
        _list("should have been kept", _names(found.emptied - declared.emptied)),
    ]
    return " ".join(part for part in parts if part)


def _names(columns: Collection[tuple[str, str]]) -> set[str]:
    return {".".join(each) for each in columns}


def _list(what: str, names: Collection[str]) -> str:
    return f"{', '.join(sorted(names))} {what}." if names else ""
