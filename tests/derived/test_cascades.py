"""Deletes that cascade through everything, in whatever order the database takes the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.derived.test_agreement import first_page
from vsla_desktop import derived
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from vsla_desktop.db import Database

PARENTS = ("savings_groups", "group_members", "meetings", "group_loans", "member_savings")


def key_again(table: str, column: str) -> list[str]:
    """Return statements that make a foreign key anew: PostgreSQL takes the older keys first."""
    (key,) = Base.metadata.tables[table].c[column].foreign_keys
    name = f"{table}_{column}_fkey"
    return [
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column})"
        f" REFERENCES {key.column.table.name} (id)"
        + (f" ON DELETE {key.ondelete}" if key.ondelete else ""),
    ]


# Backwards, PostgreSQL itself refuses to empty a reference of a row of the same transaction.
@pytest.mark.parametrize(
    ("order", "rows"),
    [
        ("as made", "written in the same transaction"),
        ("as made", "written before"),
        ("backwards", "written before"),
    ],
)
def test_a_delete_takes_all_along_and_leaves_right_values(
    central: Database, order: str, rows: str
) -> None:
    keys = [
        (table.name, key.parent.name)
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
    ]
    with central.engine.connect() as connection:
        if order == "backwards":
            for table, column in reversed(keys):
                for statement in key_again(table, column):
                    connection.execute(text(statement))
        for step in first_page():
            step.run(connection)
        if rows == "written before":
            connection.commit()
        for table in PARENTS:
            for where in ("id = 1", "TRUE"):
                savepoint = connection.begin_nested()
                connection.execute(text(f"DELETE FROM {table} WHERE {where}"))  # noqa: S608
                assert derived.differences(connection) == [], (table, where)
                savepoint.rollback()
