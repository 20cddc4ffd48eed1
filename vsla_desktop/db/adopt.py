"""Bring a database to a set of tables in place, adding only what it lacks.

An empty database gets the tables; head office's database, which other programs have filled, keeps
every row, gains what is missing, and has its delete rules put right. What is not known is left
alone. Only the first migration calls this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint, inspect, text
from sqlalchemy.schema import (
    AddConstraint,
    ColumnCollectionConstraint,
    CreateColumn,
    CreateIndex,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Constraint, Inspector, MetaData, Table

# What the field's own row triggers kept is kept by statement triggers from now on.
FIELD_TRIGGERS = {
    "trigger_update_group_members_count": "group_members",
    "trigger_update_member_attendance_percentage": "meeting_attendance",
    "trigger_update_member_savings_balance": "saving_transactions",
}


def differences_table(dialect: str) -> str:
    """Return the statement that makes the list of what an upgrade found and settled."""
    name = "sync.difference" if dialect == "postgresql" else "sync_difference"
    key = "bigserial PRIMARY KEY" if dialect == "postgresql" else "INTEGER PRIMARY KEY"
    return (
        f"CREATE TABLE IF NOT EXISTS {name} (id {key},"
        " found_date TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, tbl TEXT NOT NULL,"
        " row_id INTEGER NOT NULL, col TEXT NOT NULL, old_value TEXT, new_value TEXT,"
        " settled TEXT NOT NULL DEFAULT 'emptied')"
    )


def adopt(connection: Connection, metadata: MetaData) -> None:
    """Give the database at ``connection`` every table, column, key and index of ``metadata``."""
    connection.execute(text(differences_table(connection.dialect.name)))
    inspector = inspect(connection)
    existing = set(inspector.get_table_names())
    metadata.create_all(connection)
    found = [table for table in metadata.sorted_tables if table.name in existing]
    for trigger, owner in FIELD_TRIGGERS.items():
        if owner in existing:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger} ON {owner}"))
    for table in found:
        _add_columns(connection, inspector, table)
    for table in found:
        _set_keys(connection, inspector, table)


def _add_columns(connection: Connection, inspector: Inspector, table: Table) -> None:
    standing = {each["name"]: each for each in inspector.get_columns(table.name)}
    for column in table.columns:
        if column.name not in standing:
            written = str(CreateColumn(column).compile(dialect=connection.dialect))
            connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {written}"))
            continue
        change = f"ALTER TABLE {table.name} ALTER COLUMN {column.name}"
        if column.nullable and not standing[column.name]["nullable"]:
            connection.execute(text(f"{change} DROP NOT NULL"))
        if column.server_default is not None and standing[column.name]["default"] is None:
            written = str(CreateColumn(column).compile(dialect=connection.dialect))
            default = written.partition(" DEFAULT ")[2].removesuffix(" NOT NULL")
            connection.execute(text(f"{change} SET DEFAULT {default}"))


def _set_keys(connection: Connection, inspector: Inspector, table: Table) -> None:
    standing = {
        (tuple(each["constrained_columns"]), each["referred_table"]): each
        for each in inspector.get_foreign_keys(table.name)
    }
    uniques = {
        tuple(sorted(each["column_names"])) for each in inspector.get_unique_constraints(table.name)
    }
    # In one order everywhere: PostgreSQL takes older keys first when rows go.
    for key in sorted(table.constraints, key=_by_columns):
        if isinstance(key, UniqueConstraint) and tuple(sorted(key.columns.keys())) not in uniques:
            connection.execute(AddConstraint(key))
        if not isinstance(key, ForeignKeyConstraint):
            continue
        target = key.elements[0].column.table.name
        stands = standing.get((tuple(key.column_keys), target))
        if stands is not None:
            if stands["options"].get("ondelete", "NO ACTION") == (key.ondelete or "NO ACTION"):
                continue
            connection.execute(text(f'ALTER TABLE {table.name} DROP CONSTRAINT "{stands["name"]}"'))
        else:
            _empty_dangling(connection, table.name, key.column_keys[0], target)
        connection.execute(AddConstraint(key))
    indexes = {each["name"] for each in inspector.get_indexes(table.name)}
    for index in table.indexes:
        if index.name not in indexes:
            connection.execute(CreateIndex(index))


def _by_columns(key: Constraint) -> tuple[str, list[str]]:
    columns = key.columns.keys() if isinstance(key, ColumnCollectionConstraint) else []
    return type(key).__name__, list(columns)


def _empty_dangling(connection: Connection, table: str, column: str, target: str) -> None:
    """Empty references that lead nowhere, and keep each in the list of differences."""
    nowhere = (
        f"c.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {target} t WHERE t.id = c.{column})"
    )
    connection.execute(
        text(
            "INSERT INTO sync.difference (tbl, row_id, col, old_value, new_value)"
            f" SELECT '{table}', c.id, '{column}', c.{column}::text, NULL FROM {table} c"
            f" WHERE {nowhere}"
        )
    )
    connection.execute(text(f"UPDATE {table} c SET {column} = NULL WHERE {nowhere}"))
