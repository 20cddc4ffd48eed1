"""The schema as it is declared and as it stands, described alike so that they can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint, inspect
from sqlalchemy.schema import CreateColumn
from sqlalchemy.types import NullType

from vsla_desktop.models import Base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Column, Connection, Dialect, Table
    from sqlalchemy.types import TypeEngine


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What a column is: its type as the database writes it, whether empty is allowed, default."""

    type: str
    nullable: bool
    default: str


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What a table is. Keys are described by their columns: their names may be another's."""

    columns: dict[str, ColumnFacts]
    foreign_keys: frozenset[tuple[tuple[str, ...], str, str]]
    uniques: frozenset[tuple[str, ...]]
    indexes: frozenset[tuple[str, tuple[str, ...]]]


def declared(dialect: Dialect) -> dict[str, TableFacts]:
    """Describe the tables as the models declare them."""
    return {table.name: _declared(table, dialect) for table in Base.metadata.sorted_tables}


def standing(connection: Connection) -> dict[str, TableFacts]:
    """Describe the tables as they stand in the database."""
    inspector = inspect(connection)
    names = [name for name in inspector.get_table_names() if not _is_internal(name)]
    columns = inspector.get_multi_columns(filter_names=names)
    foreign_keys = inspector.get_multi_foreign_keys(filter_names=names)
    uniques = inspector.get_multi_unique_constraints(filter_names=names)
    indexes = inspector.get_multi_indexes(filter_names=names)
    rules = _later_rules(connection)
    return {
        name: TableFacts(
            {
                each["name"]: ColumnFacts(
                    _type(_written(each["type"], connection.dialect)),
                    bool(each["nullable"]),
                    _default(each.get("default")),
                )
                for each in columns[None, name]
            },
            frozenset(
                (
                    tuple(each["constrained_columns"]),
                    each["referred_table"],
                    _rule(
                        each.get("options", {}).get("ondelete")
                        or rules.get((name, each["constrained_columns"][0]))
                    ),
                )
                for each in foreign_keys[None, name]
            ),
            frozenset(tuple(sorted(each["column_names"])) for each in uniques[None, name]),
            frozenset(
                # An expression has no name to compare; the index has.
                (str(each["name"]), tuple(column for column in each["column_names"] if column))
                for each in indexes[None, name]
                if not each.get("duplicates_constraint")
            ),
        )
        for name in names
    }


def drift(connection: Connection) -> list[str]:
    """Name every way in which the database is not what the models declare."""
    ours, theirs = declared(connection.dialect), standing(connection)
    found = [f"table {name} is missing" for name in ours if name not in theirs]
    found += [f"table {name} is not known" for name in sorted(theirs.keys() - ours.keys())]
    for name in ours.keys() & theirs.keys():
        found += _table_drift(name, ours[name], theirs[name])
    return sorted(found)


def _table_drift(name: str, ours: TableFacts, theirs: TableFacts) -> list[str]:
    found = [
        f"column {name}.{each} is missing" for each in ours.columns if each not in theirs.columns
    ]
    found += [
        f"column {name}.{each} is not known" for each in theirs.columns if each not in ours.columns
    ]
    for each, facts in ours.columns.items():
        other = theirs.columns.get(each)
        if other is None:
            continue
        found += [f"column {name}.{each} {said}" for said in _column_drift(facts, other)]
    mine, stands = _keys(name, ours), _keys(name, theirs)
    found += [f"{each} is missing" for each in mine - stands]
    found += [f"{each} is not known" for each in stands - mine]
    return found


def _column_drift(ours: ColumnFacts, theirs: ColumnFacts) -> Iterator[str]:
    if theirs.type != ours.type:
        yield f"is {theirs.type}, expected {ours.type}"
    if theirs.nullable != ours.nullable:
        may, must = "may be empty", "may not be empty"
        yield f"{may}, expected not" if theirs.nullable else f"{must}, expected that it may"
    if theirs.default != ours.default:
        stands = f"has default {theirs.default}" if theirs.default else "has no default"
        yield f"{stands}, expected {ours.default or 'none'}"


def _keys(name: str, facts: TableFacts) -> set[str]:
    """Name the keys and indexes of a table."""
    return {
        *(
            f"key of {name} ({', '.join(columns)}) to {target} on delete {rule.lower()}"
            for columns, target, rule in facts.foreign_keys
        ),
        *(f"unique key of {name} ({', '.join(columns)})" for columns in facts.uniques),
        *(f"index {index} of {name} ({', '.join(columns)})" for index, columns in facts.indexes),
    }


def _is_internal(name: str) -> bool:
    """Say whether a table of the laptop's is the program's own, beside the business tables."""
    return name == "alembic_version" or name.startswith(("sync_", "sqlite_"))


def _declared(table: Table, dialect: Dialect) -> TableFacts:
    return TableFacts(
        {
            column.name: ColumnFacts(
                _type(column.type.compile(dialect=dialect)),
                bool(column.nullable),
                _default(_default_text(column, dialect)),
            )
            for column in table.columns
        },
        frozenset(
            (
                tuple(key.column_keys),
                key.elements[0].target_fullname.partition(".")[0],
                _rule(key.ondelete),
            )
            for key in table.constraints
            if isinstance(key, ForeignKeyConstraint)
        ),
        frozenset(
            tuple(sorted(key.columns.keys()))
            for key in table.constraints
            if isinstance(key, UniqueConstraint)
        ),
        frozenset(
            (str(index.name), tuple(index.columns.keys()))
            for index in table.indexes
            if index.info.get("dialect", dialect.name) == dialect.name
        ),
    )


def _default_text(column: Column[Any], dialect: Dialect) -> str | None:
    if column.server_default is None:
        return None
    written = str(CreateColumn(column).compile(dialect=dialect))
    found = re.search(r" DEFAULT (.+?)(?: NOT NULL)?$", written)
    return found[1] if found else None


def _default(written: str | None) -> str:
    """Return a default without what each database adds to it."""
    if written is None or written.startswith("nextval("):
        return ""
    plain = re.sub(r"::[a-z ]+(\(\d+(,\d+)?\))?", "", written).strip("()")
    plain = {"now": "CURRENT_TIMESTAMP"}.get(plain, plain).strip("'")
    try:
        return f"{Decimal(plain).normalize():f}"
    except InvalidOperation:
        return plain.lower() if plain.lower() in {"true", "false"} else plain


def _type(written: str) -> str:
    return written.replace(" WITHOUT TIME ZONE", "").replace(", ", ",")


def _written(kind: TypeEngine[Any], dialect: Dialect) -> str:
    """Return a type as the database writes it; other programs may use one that nobody knows."""
    return "unknown" if isinstance(kind, NullType) else kind.compile(dialect=dialect)


def _later_rules(connection: Connection) -> dict[tuple[str, str], str]:
    """Return SQLite's delete rule of each key by table and column.

    Of a key that came with a column, by ALTER TABLE, the inspector tells none.
    """
    if connection.dialect.name != "sqlite":
        return {}
    found = connection.exec_driver_sql(
        'SELECT m.name, f."from", f.on_delete FROM sqlite_master m'
        " JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
    )
    return {(table, column): rule for table, column, rule in found}


def _rule(on_delete: str | None) -> str:
    return on_delete or "NO ACTION"
