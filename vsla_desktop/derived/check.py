"""Recompute every derived column, compare it with what is stored, and put it right on request."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from vsla_desktop.columns import Exact, Money
from vsla_desktop.derived import sql
from vsla_desktop.derived.declarations import DECLARATIONS, RUNNING, Derived, Formula, Total
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
        rows = _running(column, connection.dialect.name, adjustments)
        found += _compare(connection, "group_cashbook", column, rows, "0")
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
            rows = _running(column, connection.dialect.name, adjustments)
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

    For a database in which our triggers do not stand. A value is "recomputed"; with ``keep`` what
    can be kept is "booked" instead: it stays, and the difference is written to the table of
    ``adjustments``. Totals and amounts can be kept, and days where the rows name none. What lies
    above is compared with what was settled below. Columns that are ``new`` are filled without a
    word, and an empty value has nothing to keep.
    """
    settled: list[tuple[Difference, str]] = []
    dialect = connection.dialect.name
    for table, column, declared in (
        *((each.table, each.column, each) for each in DECLARATIONS),
        *(("group_cashbook", column, None) for column in RUNNING),
    ):
        nothing = "0" if declared is None else _nothing(declared)
        rows = (
            _running(column, dialect, adjustments)
            if declared is None
            else _expected(declared, dialect, adjustments)
        )
        found = []
        if (table, column) not in new:
            found = _compare(connection, table, column, rows, nothing)
            if not found:
                continue
        going = found
        if keep and found and _can_be_kept(declared):
            if declared is None:
                _book_running(connection, column, rows, adjustments)
            else:
                _book(connection, table, column, rows, adjustments)
            # What an empty value becomes follows from what was kept around it.
            going = _compare(connection, table, column, rows, nothing)
        kept = {each.row_id for each in found} - {each.row_id for each in going}
        settled += [(each, "booked") for each in found if each.row_id in kept]
        settled += [(each, "recomputed") for each in going]
        _settle(connection, table, column, rows, nothing)
    return settled


def _can_be_kept(declared: Derived | None) -> bool:
    """Say whether a column's recorded values can be kept; none declared is a running balance."""
    return not isinstance(declared, Formula) or declared.opening


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
        more = ""
        if declared.opening and adjustments:
            more = _join(declared.table, declared.column, "p", adjustments)
            is_day = sql.is_day(declared.table, declared.column)
            value = f"COALESCE({value}, a.day)" if is_day else f"({value}) + COALESCE(a.amount, 0)"
        return f"SELECT p.id AS row_id, {value} AS expected FROM {declared.table} p{more}"
    value = sql.render(declared.value, "r", dialect)
    extra = ""
    more = _join(declared.table, declared.column, "p", adjustments)
    if more:
        extra = " + COALESCE(a.amount, 0)"
        if not _is_money(declared.table, declared.column):
            extra = " + CAST(COALESCE(a.amount, 0) AS INTEGER)"
    return (
        f"SELECT p.id AS row_id, COALESCE(s.total, 0){extra} AS expected FROM {declared.table} p"
        f" LEFT JOIN (SELECT r.{declared.key} AS parent_id, SUM({value}) AS total"
        f" FROM {declared.child} r WHERE r.{declared.key} IS NOT NULL GROUP BY r.{declared.key}) s"
        f" ON s.parent_id = p.id{more}"
    )


def _join(table: str, column: str, row: str, adjustments: str) -> str:
    """Return the join to what was kept for each row, if there is such a table."""
    if not adjustments:
        return ""
    return (
        f" LEFT JOIN {adjustments} a ON a.tbl = '{table}' AND a.col = '{column}'"
        f" AND a.row_id = {row}.id"
    )


def _running(column: str, dialect: str, adjustments: str) -> str:
    order = (
        book_order("r")
        if dialect == sql.POSTGRESQL
        else "r.transaction_date, COALESCE(r.transaction_reference, ''), r.id"
    )
    value = sql.render(RUNNING[column], "r", dialect)
    if adjustments:
        value += " + COALESCE(a.amount, 0)"
    return (
        f"SELECT r.id AS row_id, SUM({value}) OVER (PARTITION BY r.group_id ORDER BY {order})"
        " AS expected, ROW_NUMBER() OVER (PARTITION BY r.group_id ORDER BY"
        f" {order}) AS place FROM group_cashbook r"
        f"{_join('group_cashbook', column, 'r', adjustments)}"
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
    """Note by how much each recorded value differs from the rows under it, or which day it is."""
    amount, day = f"{table}.{column} - COALESCE(e.expected, 0)", "CAST(NULL AS date)"
    differs = f"{table}.{column} IS DISTINCT FROM COALESCE(e.expected, 0)"
    if sql.is_day(table, column):
        amount, day, differs = "0", f"{table}.{column}", "e.expected IS NULL"
    _adjust(
        connection,
        adjustments,
        f"SELECT '{table}', '{column}', {table}.id, {amount}, {day} FROM {table}"
        f" JOIN ({rows}) e ON e.row_id = {table}.id"
        f" WHERE {table}.{column} IS NOT NULL AND {differs}",
    )


def _book_running(connection: Connection, column: str, rows: str, adjustments: str) -> None:
    """Note where in the book a recorded balance leaves what the lines add up to, and by how much.

    The difference stays with that line, so every later one goes on from the kept balance.
    """
    _adjust(
        connection,
        adjustments,
        f"SELECT 'group_cashbook', '{column}', d.id, d.off - d.before, CAST(NULL AS date) FROM"
        f" (SELECT o.id, o.off, COALESCE(LAG(o.off) OVER (PARTITION BY o.group_id ORDER BY"
        f" o.place), 0) AS before FROM (SELECT c.id, c.group_id, e.place, c.{column} - e.expected"
        f" AS off FROM group_cashbook c JOIN ({rows}) e ON e.row_id = c.id"
        f" WHERE c.{column} IS NOT NULL) o) d WHERE d.off <> d.before",
    )


def _adjust(connection: Connection, adjustments: str, rows: str) -> None:
    statement = (
        f"INSERT INTO {adjustments} AS a (tbl, col, row_id, amount, day) {rows}"
        " ON CONFLICT (tbl, col, row_id) DO UPDATE SET amount = a.amount + excluded.amount,"
        " day = COALESCE(excluded.day, a.day)"
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
