"""A database's schema as its own catalogue tells it, without the program's way of reading it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

AUTOINCREMENT = "autoincrement"
Key = tuple[str, str]


@dataclass
class Live:
    """Columns as (type, nullable, default), foreign keys as (target, delete rule), and so on."""

    columns: dict[Key, tuple[str, bool, str]] = field(default_factory=dict)
    foreign_keys: dict[Key, tuple[str, str]] = field(default_factory=dict)
    uniques: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    indexes: set[tuple[str, str, tuple[str, ...]]] = field(default_factory=set)

    @property
    def tables(self) -> set[str]:
        """Name the tables."""
        return {table for table, _ in self.columns}


def read_schema(connection: Connection) -> Live:
    """Read a database's catalogue."""
    return _sqlite(connection) if connection.dialect.name == "sqlite" else _postgres(connection)


def same_default(one: str, other: str) -> bool:
    """Say whether two defaults are the same value: 0 and 0.00 are."""
    try:
        return Decimal(one.strip("'")) == Decimal(other.strip("'"))
    except InvalidOperation:
        return one == other


def _postgres(connection: Connection) -> Live:
    live = Live()
    for table, name, kind, required, default in connection.execute(
        text(
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
            " COALESCE(pg_get_expr(d.adbin, d.adrelid), '') FROM pg_class c"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
        )
    ):
        plain = kind.replace("character varying", "varchar").replace(" without time zone", "")
        value = AUTOINCREMENT if default.startswith("nextval(") else default
        value = re.sub(r"::[a-z ]+$", "", value)
        live.columns[table, name] = (plain.upper(), not required, value)
    rules = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
    for kind, table, names, target, rule in connection.execute(
        text(
            "SELECT k.contype::text, c.relname, ARRAY(SELECT a.attname::text FROM pg_attribute a"
            " WHERE a.attrelid = c.oid AND a.attnum = ANY (k.conkey)), t.relname,"
            " k.confdeltype::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
            " LEFT JOIN pg_class t ON t.oid = k.confrelid"
            " WHERE c.relnamespace = 'public'::regnamespace AND k.contype IN ('f', 'u')"
        )
    ):
        if kind == "u":
            live.uniques.add((table, tuple(sorted(names))))
        else:
            live.foreign_keys[table, names[0]] = (target, rules[rule])
    for table, name, definition in connection.execute(
        text(
            "SELECT i.tablename, i.indexname, i.indexdef FROM pg_indexes i"
            " LEFT JOIN pg_constraint k ON k.conname = i.indexname"
            " WHERE i.schemaname = 'public' AND k.oid IS NULL"
        )
    ):
        names = definition.rpartition("(")[2].rstrip(")").replace('"', "").split(", ")
        live.indexes.add((table, name, tuple(names)))
    return live


def _sqlite(connection: Connection) -> Live:
    live = Live()
    for table, statement in connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    ).all():
        if table == "alembic_version" or table.startswith(("sqlite_", "sync_")):
            continue
        for _, name, kind, required, default, primary in connection.execute(
            text(f'PRAGMA table_info("{table}")')
        ):
            value = default or ""
            scaled = re.fullmatch(r"SCALED_INT\((\d+),(\d+)\)", kind)
            if primary and "AUTOINCREMENT" in statement:
                value = AUTOINCREMENT
            elif scaled and value:
                value = str(Decimal(value).scaleb(-int(scaled[2])))
            plain = kind.replace("SCALED_INT", "NUMERIC")
            live.columns[table, name] = (plain, not required, value)
        for row in connection.execute(text(f'PRAGMA foreign_key_list("{table}")')):
            live.foreign_keys[table, row[3]] = (row[2], row[6])
        for _, name, unique, origin, _ in connection.execute(
            text(f'PRAGMA index_list("{table}")')
        ).all():
            names = connection.execute(
                text(f'SELECT name FROM pragma_index_info("{name}") ORDER BY seqno')  # noqa: S608
            ).scalars()
            if unique and origin == "u":
                live.uniques.add((table, tuple(sorted(names))))
            else:
                live.indexes.add((table, name, tuple(names)))
    return live
