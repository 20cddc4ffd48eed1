"""Triggers that keep, in head office's PostgreSQL, the identity and version of every row.

They fire once a statement and catch every writer, also programs that know nothing of sync. What
they keep lies in ``sync.row_state``; the tables themselves need no column for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vsla_desktop.capture import scope
from vsla_desktop.capture.identity import POSTGRES_NEW_IDENTITY, postgres_identity
from vsla_desktop.capture.tables import Sort, Travel, Travelling, travels
from vsla_desktop.derived import Program

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Whoever writes a row may do what its note needs, and nothing else: names are all written out.
DEFINER: Final = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

_TRANSITIONS: Final = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


def programs() -> list[Program]:
    """Return a function and a trigger for each table and event."""
    made = [Program("function", "new_identity", POSTGRES_NEW_IDENTITY), *scope.programs(DEFINER)]
    for table in travels():
        bodies = {"insert": _insert(table), "update": _update(table), "delete": _delete(table)}
        for event, body in bodies.items():
            function, trigger = f"note_{table.name}_{event}", f"sync_{table.name}_{event}"
            made.append(
                Program(
                    "function",
                    function,
                    f"CREATE OR REPLACE FUNCTION sync.{function}() RETURNS trigger"
                    f" LANGUAGE plpgsql {DEFINER} AS $body$\n"
                    f"BEGIN\n{body}RETURN NULL;\nEND\n$body$",
                )
            )
            made.append(
                Program(
                    "trigger",
                    trigger,
                    f"CREATE TRIGGER {trigger} AFTER {event.upper()} ON public.{table.name}"
                    f" REFERENCING {_TRANSITIONS[event]} FOR EACH STATEMENT"
                    f" EXECUTE FUNCTION sync.{function}()",
                    table.name,
                )
            )
    return made


def comparable(column: Travelling, row: str) -> str:
    """Return SQL for a column's value that can be compared: ``json`` itself can not."""
    text = "::text" if column.sort is Sort.JSON else ""
    return f'{row}."{column.name}"{text}'


def of_table(row: str, number: int) -> str:
    """Return the condition that an identity, found by itself, is a row of the given table.

    The sum keeps the index of table and number out of it: once statistics say that a table has
    few rows, PostgreSQL would read all of them for each staged row.
    """
    return f"{row}.tbl + 0 = {number}"


def _insert(table: Travel) -> str:
    # A batch that is being applied has given its rows their identities already.
    return (
        "INSERT INTO sync.row_state (su, tbl, id, ver, xid, deleted, scope)\n"
        f"SELECT {postgres_identity(table, 'n')}, {table.number}, n.id, 1, pg_current_xact_id(),"
        f" false, {scope.scope_of(table, 'n')}\nFROM new_rows n\n"
        f"WHERE NOT EXISTS (SELECT FROM sync.row_state s WHERE s.tbl = {table.number}"
        " AND s.id = n.id AND NOT s.deleted)\n"
        "ON CONFLICT (tbl, id) DO UPDATE SET deleted = false, ver = sync.row_state.ver + 1,"
        " xid = excluded.xid, scope = excluded.scope WHERE sync.row_state.deleted;\n"
        f"{scope.note_people(table, 'new_rows n')}"
    )


def _update(table: Travel) -> str:
    new = ", ".join(comparable(each, "n") for each in table.noted)
    old = ", ".join(comparable(each, "o") for each in table.noted)
    return (
        "UPDATE sync.row_state s SET ver = s.ver + 1, xid = pg_current_xact_id()\n"
        "FROM new_rows n JOIN old_rows o ON o.id = n.id\n"
        f"WHERE s.tbl = {table.number} AND s.id = n.id\n"
        f"AND ROW({new}) IS DISTINCT FROM ROW({old});\n"
        f"{scope.note_changes(table)}"
    )


def _delete(table: Travel) -> str:
    return (
        "UPDATE sync.row_state s SET deleted = true, ver = s.ver + 1, xid = pg_current_xact_id()\n"
        f"FROM old_rows o WHERE s.tbl = {table.number} AND s.id = o.id;\n"
    )


def fill(connection: Connection) -> int:
    """Give an identity to every row that has none, and its group; return how many had none."""
    filled = sum(
        connection.exec_driver_sql(
            "INSERT INTO sync.row_state (su, tbl, id, ver, xid, deleted)"
            f" SELECT {postgres_identity(table, 't')}, {table.number}, t.id, 1,"
            f" pg_current_xact_id(), false FROM public.{table.name} t"
            f" WHERE NOT EXISTS (SELECT FROM sync.row_state s WHERE s.tbl = {table.number}"
            " AND s.id = t.id)"
        ).rowcount
        for table in travels()
    )
    scope.fill(connection)
    return filled
