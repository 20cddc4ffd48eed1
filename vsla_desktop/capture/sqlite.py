"""Triggers that note, in the same transaction, every change on a laptop that has to be sent.

They stand on the tables themselves, so nothing gets past them: bulk statements, other programs,
rows that go or lose a reference because another row went. A row is noted once, with what it was
before its first unsent change; later changes to it cost one look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.capture.identity import SEEDS, SQLITE_NOW, seed_identity, sqlite_identity
from vsla_desktop.capture.tables import Sort, Travel, Travelling, parent_number, travels
from vsla_desktop.derived import Program

if TYPE_CHECKING:
    from sqlalchemy import Connection

# What must be quoted in a cell of CSV: comma, quotation mark, end of line.
_CSV_SIGNS = ("','", "'\"'", "char(10)", "char(13)")
_AWAKE = "(SELECT v FROM sync_applying) = 0"


def programs() -> list[Program]:
    """Return three triggers for each table."""
    return [
        Program("trigger", f"sync_{table.name}_{event}", make(table), table.name)
        for table in travels()
        for event, make in (("insert", _insert), ("update", _update), ("delete", _delete))
    ]


def value(column: Travelling, row: str) -> str:
    """Return SQL for a column as it is noted: as it stands, references as identities."""
    if column.is_reference:
        return (
            f"(SELECT su FROM sync_idmap WHERE tbl = {parent_number(column, row)}"
            f" AND local_id = {row}.{column.name})"
        )
    return f'{row}."{column.name}"'


def image(table: Travel, row: str) -> str:
    """Return SQL for a whole row as JSON, by column name."""
    parts = ", ".join(f"'{each.name}', {value(each, row)}" for each in table.columns)
    return f"json_object({parts})"


def readable_image(table: Travel, row: str) -> str:
    """Return SQL for a whole row as JSON, whatever has been written to it by hand."""
    parts = []
    for each in table.columns:
        stands = value(each, row)
        if not each.is_reference:
            stands = f"CASE typeof({stands}) WHEN 'blob' THEN hex({stands}) ELSE {stands} END"
        parts.append(f"'{each.name}', {stands}")
    return f"CAST(json_object({', '.join(parts)}) AS BLOB)"


def csv_values(table: Travel, row: str) -> str:
    """Return SQL for a whole row's values but its references, as the cells of a CSV line.

    The database itself writes them, since a season's rows are many.
    """
    cells = [_csv_cell(each, f'{row}."{each.name}"') if each else "''" for each in table.values]
    joined = " || ',' || ".join(cells)
    return f"CAST({joined} AS BLOB)"


def _csv_cell(column: Travelling, stands: str) -> str:
    special = " OR ".join(f"instr({stands}, {sign})" for sign in _CSV_SIGNS)
    quoted = f"""'"' || replace({stands}, '"', '""') || '"'"""
    text = (
        f"CASE WHEN {stands} IS NULL THEN '' WHEN {special} OR {stands} = '' THEN {quoted}"
        f" ELSE {stands} END"
    )
    whole = stands
    if column.sort is Sort.EXACT:
        unit = 10**column.scale
        step = f"'%d.%0{column.scale}d'"
        # The smallest number there is has no opposite, but its parts have.
        whole = (
            f"CASE WHEN {stands} < 0 THEN '-' || printf({step}, -({stands} / {unit}),"
            f" -({stands} % {unit})) ELSE printf({step}, {stands} / {unit}, {stands} % {unit}) END"
        )
    if column.sort in {Sort.EXACT, Sort.INTEGER, Sort.BOOLEAN}:
        return f"(CASE typeof({stands}) WHEN 'integer' THEN {whole} ELSE {text} END)"
    return f"({text})"


def _insert(table: Travel) -> str:
    known = f"FROM sync_idmap WHERE tbl = {table.number} AND local_id = NEW.id"
    # A row that takes the place of another, as REPLACE and a given id do, is a new row.
    return (
        f'CREATE TRIGGER sync_{table.name}_insert AFTER INSERT ON "{table.name}" WHEN {_AWAKE}'
        " BEGIN"
        " INSERT INTO sync_dirty (su, tbl, local_id, op, at)"
        f" SELECT su, {table.number}, NEW.id, 'D', {SQLITE_NOW} {known}"
        " ON CONFLICT (su) DO UPDATE SET op = CASE op WHEN 'I' THEN 'X' WHEN 'U' THEN 'D'"
        " ELSE op END;"
        " INSERT INTO sync_idmap (tbl, local_id, su)"
        f" VALUES ({table.number}, NEW.id, {sqlite_identity(table, 'NEW')})"
        " ON CONFLICT (tbl, local_id) DO UPDATE SET su = excluded.su;"
        " INSERT INTO sync_dirty (su, tbl, local_id, op, at)"
        f" SELECT su, {table.number}, NEW.id, 'I', {SQLITE_NOW} {known};"
        " END"
    )


def _update(table: Travel) -> str:
    columns = ", ".join(f'"{each.name}"' for each in table.noted)
    changed = " OR ".join(f'OLD."{each.name}" IS NOT NEW."{each.name}"' for each in table.noted)
    return (
        f'CREATE TRIGGER sync_{table.name}_update AFTER UPDATE OF {columns} ON "{table.name}"'
        f" WHEN {_AWAKE} AND ({changed}) BEGIN"
        " INSERT INTO sync_dirty (su, tbl, local_id, op, at, base)"
        f" SELECT m.su, {table.number}, NEW.id, 'U', {SQLITE_NOW}, {image(table, 'OLD')}"
        f" FROM sync_idmap m WHERE m.tbl = {table.number} AND m.local_id = NEW.id"
        " AND NOT EXISTS (SELECT 1 FROM sync_dirty d WHERE d.su = m.su);"
        " END"
    )


def _delete(table: Travel) -> str:
    # X: came and went between two batches, so nobody needs to know.
    return (
        f'CREATE TRIGGER sync_{table.name}_delete AFTER DELETE ON "{table.name}" WHEN {_AWAKE}'
        " BEGIN"
        " INSERT INTO sync_dirty (su, tbl, local_id, op, at, base)"
        f" SELECT m.su, {table.number}, OLD.id, 'D', {SQLITE_NOW}, {image(table, 'OLD')}"
        f" FROM sync_idmap m WHERE m.tbl = {table.number} AND m.local_id = OLD.id"
        " ON CONFLICT (su) DO UPDATE SET op = CASE op WHEN 'I' THEN 'X' WHEN 'U' THEN 'D'"
        " ELSE op END;"
        " END"
    )


def fill(connection: Connection) -> int:
    """Give an identity to every row that has none, and note it as new; return how many."""
    filled = 0
    for table in travels():
        # The image of a new row is read when it is sent, so the note needs none.
        filled += connection.exec_driver_sql(
            "INSERT INTO sync_dirty (su, tbl, local_id, op, at)"
            f" SELECT {sqlite_identity(table, 't')}, {table.number}, t.id, 'I', {SQLITE_NOW}"
            f' FROM "{table.name}" t WHERE NOT EXISTS (SELECT 1 FROM sync_idmap m'
            f" WHERE m.tbl = {table.number} AND m.local_id = t.id)"
        ).rowcount
        connection.exec_driver_sql(
            "INSERT INTO sync_idmap (tbl, local_id, su) SELECT d.tbl, d.local_id, d.su"
            f" FROM sync_dirty d WHERE d.tbl = {table.number} AND d.op = 'I'"
            " AND NOT EXISTS (SELECT 1 FROM sync_idmap m WHERE m.su = d.su)"
        )
        seeds = ", ".join(
            f"'{seed_identity(table.name, key).hex}'" for key in SEEDS.get(table.name, ())
        )
        if seeds:  # every database starts with these: there is nothing to tell
            connection.exec_driver_sql(f"DELETE FROM sync_dirty WHERE op = 'I' AND su IN ({seeds})")
    return filled
