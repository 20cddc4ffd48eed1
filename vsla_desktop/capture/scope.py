"""Which group each row at head office belongs to, and which groups name which people.

A laptop has some groups only, so ``sync.row_state.scope`` keeps the number of the group of every
row: that of the row which owns it (``Travel.owner``). Rows that go keep it, so that the laptops
that had them learn of it. People belong to no group: ``sync.person_scope`` notes the groups that
name them. A row that is moved to another group takes along what it owns, and ``sync.moved`` notes
where it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.capture.tables import GROUPS, Travel, parent_number, travels
from vsla_desktop.derived import Program

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from vsla_desktop.capture.tables import Child


def scope_of(table: Travel, row: str) -> str:
    """Return SQL for the number of the group that a row belongs to."""
    if table.name == GROUPS:
        return f"{row}.id"
    if table.owner is None:
        return "NULL::integer"
    if table.owner.parent == GROUPS:
        return f'{row}."{table.owner.name}"'
    return (
        f"(SELECT o.scope FROM sync.row_state o WHERE o.tbl = {parent_number(table.owner, row)}"
        f' AND o.id = {row}."{table.owner.name}")'
    )


def note_people(table: Travel, rows: str) -> str:
    """Return a statement that notes the people whom ``rows n`` name; empty if they name none."""
    if not table.of_groups or not table.people:
        return ""
    named = ", ".join(f'(n."{each.name}")' for each in table.people)
    return (
        "INSERT INTO sync.person_scope (user_id, scope, xid)\n"
        "SELECT d.user_id, d.scope, pg_current_xact_id() FROM (SELECT DISTINCT p.user_id,"
        f" {scope_of(table, 'n')} AS scope\nFROM {rows} CROSS JOIN LATERAL"
        f" (VALUES {named}) p (user_id) WHERE p.user_id IS NOT NULL) d\n"
        "WHERE d.scope IS NOT NULL AND NOT EXISTS (SELECT FROM sync.person_scope k"
        " WHERE k.scope = d.scope AND k.user_id = d.user_id);\n"
    )


def note_changes(table: Travel) -> str:
    """Return statements for changed rows: moved ones, and ones that name other people."""
    made = ""
    pairs = "new_rows n JOIN old_rows o ON o.id = n.id"
    if table.owner is not None:
        owner = [each for each in (table.owner.name, table.owner.named_by) if each]
        moved = " OR ".join(f'n."{each}" IS DISTINCT FROM o."{each}"' for each in owner)
        made += (
            f"IF EXISTS (SELECT FROM {pairs} WHERE {moved}) THEN\n"
            f"PERFORM sync.rescope_{table.name}(ARRAY(SELECT n.id FROM {pairs} WHERE {moved}));\n"
            "END IF;\n"
        )
    if table.of_groups and table.people:
        named = " OR ".join(
            f'n."{each.name}" IS DISTINCT FROM o."{each.name}"' for each in table.people
        )
        rows = f"(SELECT n.* FROM {pairs} WHERE {named}) n"
        made += f"IF EXISTS (SELECT FROM {pairs} WHERE {named}) THEN\n"
        made += f"{note_people(table, rows)}END IF;\n"
    return made


def programs(definer: str) -> list[Program]:
    """Return the functions that move rows from one group to another, with what they own."""
    return [
        Program(
            "function",
            f"rescope_{table.name}",
            f"CREATE OR REPLACE FUNCTION sync.rescope_{table.name}(ids integer[]) RETURNS void"
            f" LANGUAGE plpgsql {definer} AS $body$\nBEGIN\n{_rescope(table)}END\n$body$",
        )
        for table in travels()
        if table.owner is not None
    ]


def _rescope(table: Travel) -> str:
    of_row = f"s.tbl = {table.number} AND s.id = n.id"
    chosen = f"public.{table.name} n"
    other = f"s.scope IS DISTINCT FROM {scope_of(table, 'n')}"
    owned = "".join(
        f"PERFORM sync.rescope_{each.table}(ARRAY(SELECT c.id FROM public.{each.table} c"
        f' WHERE c."{each.column}" = ANY (ids)));\n'
        for each in _owned(table)
    )
    if owned:
        owned = f"IF cardinality(ids) > 0 THEN\n{owned}END IF;\n"
    return (
        "INSERT INTO sync.moved (su, tbl, scope, xid)\n"
        "SELECT s.su, s.tbl, s.scope, pg_current_xact_id()"
        f" FROM {chosen} JOIN sync.row_state s ON {of_row}\n"
        f"WHERE n.id = ANY (ids) AND s.scope IS NOT NULL AND {other}\n"
        "ON CONFLICT (su, scope) DO UPDATE SET xid = excluded.xid;\n"
        f"UPDATE sync.row_state s SET scope = {scope_of(table, 'n')}, xid = pg_current_xact_id()\n"
        f"FROM {chosen} WHERE n.id = ANY (ids) AND {of_row} AND {other};\n"
        f"{note_people(table, f'(SELECT n.* FROM {chosen} WHERE n.id = ANY (ids)) n')}"
        f"{owned}"
    )


def _owned(table: Travel) -> list[Child]:
    """Return the references by which rows of other tables belong to rows of this one."""
    return [
        each
        for each in table.holders
        for other in travels()
        if other.name == each.table and other.owner is not None and other.owner.name == each.column
    ]


def fill(connection: Connection) -> None:
    """Say of rows that were there before which group is theirs, and of people who names them."""
    run = connection.exec_driver_sql
    for table in travels():
        if table.of_groups:
            run(
                f"UPDATE sync.row_state s SET scope = {scope_of(table, 'n')}"
                f" FROM public.{table.name} n"
                f" WHERE s.tbl = {table.number} AND s.id = n.id AND s.scope IS NULL"
            )
    for table in travels():
        people = note_people(table, f"public.{table.name} n")
        if people:
            run(people)
