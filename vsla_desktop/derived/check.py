"""Recompute every derived column, compare it with what is stored, and put it right on request."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from vsla_desktop.columns import Exact, Money
from vsla_desktop.derived import sql
from vsla_desktop.derived.declarations import DECLARATIONS, RUNNING, Derived, Total
from vsla_desktop.derived.postgres import book_order
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Difference:
    """A derived value that is not what follows from the rows under it.

    ``stored`` and ``expected`` are values as Python has them: amounts are Decimal in the group's
    currency.
    """

    table: str
    column: str
    row_id: int
    stored: Any
    expected: Any


def differences(connection: Connection, *, adjustments: str = "") -> list[Difference]:
    """Return every derived value that is wrong.

    ``adjustments`` names the table of opening adjustments, where there is one: what a central
    upgrade was told to keep although no row explains it.
    """
    found: list[Difference] = []
    for declared in DECLARATIONS:
        found += _compare(
            connection,
            declared.table,
            declared.column,
            _expected(declared, connection.dialect.name, adjustments),
            _nothing(declared),
        )
    for column in RUNNING:
        found += _compare(
            connection, "group_cashbook", column, _running(column, connection.dialect.name), "0"
        )
    return found


def repair(connection: Connection, *, adjustments: str = "") -> list[Difference]:
    """Recompute what is wrong, lowest first, and return what was found wrong before.

    The triggers stand while this runs, so a total that was right may move with the row under it
    and is put right in its turn.
    """
    before = differences(connection, adjustments=adjustments)
    if before:
        for declared in DECLARATIONS:
            rows = _expected(declared, connection.dialect.name, adjustments)
            _settle(connection, declared.table, declared.column, rows, _nothing(declared))
        for column in RUNNING:
            rows = _running(column, connection.dialect.name)
            _settle(connection, "group_cashbook", column, rows, "0")
    return before


def settle(
    connection: Connection,
    *,
    new: Container[tuple[str, str]] = (),
    adjustments: str,
    keep: bool,
) -> list[tuple[Difference, str]]:
    """Make recorded values and the rows agree, lowest first; say how each difference was settled.

    For a database in which our triggers do not stand. A value is "recomputed"; with ``keep`` a
    total of money is "booked" instead: it stays, and the difference is written to the table of
    ``adjustments``. What lies above is compared with what was settled below. Columns that are
    ``new`` are filled without a word, and an empty value has nothing to keep.
    """
    settled: list[tuple[Difference, str]] = []
    dialect = connection.dialect.name
    for table, column, declared in (
        *((each.table, each.column, each) for each in DECLARATIONS),
        *(("group_cashbook", column, None) for column in RUNNING),
    ):
        nothing = "0" if declared is None else _nothing(declared)
        rows = (
            _running(column, dialect)
            if declared is None
            else _expected(declared, dialect, adjustments)
        )
        found = []
        if (table, column) not in new:
            found = _compare(connection, table, column, rows, nothing)
            if not found:
                continue
        booked = keep and isinstance(declared, Total) and _is_money(table, column) and bool(found)
        if booked:
            _book(connection, table, column, rows, adjustments)
        _settle(connection, table, column, rows, nothing)
        settled += [
            (each, "booked" if booked and each.stored is not None else "recomputed")
            for each in found
        ]
    return settled


def count_checked(connection: Connection) -> int:
    """Return how many derived values a check looks at."""
    per_table: dict[str, int] = {"group_cashbook": len(RUNNING)}
    for declared in DECLARATIONS:
        per_table[declared.table] = per_table.get(declared.table, 0) + 1
    return sum(
        columns * connection.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()
        for table, columns in per_table.items()
    )


def _nothing(declared: Derived) -> str:
    """Return what stands for an empty value: other programs leave a nought out."""
    if isinstance(declared, Total):
        return "0"
    column = Base.metadata.tables[declared.table].c[declared.column]
    kind = column.type.python_type if not isinstance(column.type, Exact) else Decimal
    return {bool: "FALSE", int: "0", Decimal: "0"}.get(kind, "NULL")


def _expected(declared: Derived, dialect: str, adjustments: str) -> str:
    """Return a query of (row_id, expected) for every row of the declared table."""
    if not isinstance(declared, Total):
        value = sql.render(declared.value, "p", dialect)
        return f"SELECT p.id AS row_id, {value} AS expected FROM {declared.table} p"
    value = sql.render(declared.value, "r", dialect)
    extra, more = "", ""
    if adjustments:
        extra = " + COALESCE(a.amount, 0)"
        more = (
            f" LEFT JOIN {adjustments} a ON a.tbl = '{declared.table}'"
            f" AND a.col = '{declared.column}' AND a.row_id = p.id"
        )
    return (
        f"SELECT p.id AS row_id, COALESCE(s.total, 0){extra} AS expected FROM {declared.table} p"
        f" LEFT JOIN (SELECT r.{declared.key} AS parent_id, SUM({value}) AS total"
        f" FROM {declared.child} r WHERE r.{declared.key} IS NOT NULL GROUP BY r.{declared.key}) s"
        f" ON s.parent_id = p.id{more}"
    )


def _running(column: str, dialect: str) -> str:
    order = (
        book_order("r")
        if dialect == sql.POSTGRESQL
        else "r.transaction_date, COALESCE(r.transaction_reference, ''), r.id"
    )
    value = sql.render(RUNNING[column], "r", dialect)
    return (
        f"SELECT r.id AS row_id, SUM({value}) OVER (PARTITION BY r.group_id ORDER BY {order})"
        " AS expected FROM group_cashbook r"
    )


def _differs(table: str, column: str, nothing: str) -> str:
    return f"COALESCE({table}.{column}, {nothing}) IS DISTINCT FROM COALESCE(e.expected, {nothing})"


def _compare(
    connection: Connection, table: str, column: str, rows: str, nothing: str
) -> list[Difference]:
    query = (
        f"SELECT {table}.id, {table}.{column}, e.expected FROM {table} JOIN ({rows}) e"
        f" ON e.row_id = {table}.id WHERE {_differs(table, column, nothing)} ORDER BY {table}.id"
    )
    python = _reader(table, column, connection)
    return [
        Difference(table, column, row_id, python(stored), python(expected))
        for row_id, stored, expected in connection.execute(text(_portable(query, connection)))
    ]


def _settle(connection: Connection, table: str, column: str, rows: str, nothing: str) -> None:
    statement = (
        f"UPDATE {table} SET {column} = e.expected FROM ({rows}) e"
        f" WHERE e.row_id = {table}.id AND {_differs(table, column, nothing)}"
    )
    connection.execute(text(_portable(statement, connection)))


def _book(connection: Connection, table: str, column: str, rows: str, adjustments: str) -> None:
    """Note by how much each recorded total differs from the rows under it."""
    statement = (
        f"INSERT INTO {adjustments} AS a (tbl, col, row_id, amount)"
        f" SELECT '{table}', '{column}', {table}.id, {table}.{column} - e.expected FROM {table}"
        f" JOIN ({rows}) e ON e.row_id = {table}.id WHERE {table}.{column} <> e.expected"
        " ON CONFLICT (tbl, col, row_id) DO UPDATE SET amount = a.amount + excluded.amount"
    )
    connection.execute(text(statement))


def _is_money(table: str, column: str) -> bool:
    return isinstance(Base.metadata.tables[table].c[column].type, Money)


def _portable(query: str, connection: Connection) -> str:
    if connection.dialect.name == sql.SQLITE:
        return query.replace("IS DISTINCT FROM", "IS NOT")
    return query


def _reader(table: str, column: str, connection: Connection) -> Callable[[Any], Any]:
    """Return what makes a stored value one that Python has: a Decimal, a day, yes or no."""
    kind = Base.metadata.tables[table].c[column].type
    if isinstance(kind, Exact):
        return lambda value: kind.process_result_value(value, connection.dialect)
    read = kind.dialect_impl(connection.dialect).result_processor(connection.dialect, None)
    return read or (lambda value: value)
