"""Statements that run at every entry, written once.

SQLAlchemy looks at a statement anew each time that it runs, and that takes longer than SQLite
needs for it. Here SQLAlchemy writes the SQL and says how values are kept, once for each kind of
database; after that only the driver works.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Insert, Select
    from sqlalchemy.orm import Session


class Prepared:
    """A SELECT, or an INSERT of the columns that are given, which may have a RETURNING.

    Values are given by the names of bound parameters or columns. Rows are named tuples, with the
    values that SQLAlchemy reads. Raises what SQLAlchemy raises.
    """

    def __init__(self, statement: Select[Any] | Insert) -> None:
        self._statement = statement
        self._written: dict[tuple[str, ...], _Written] = {}

    def all(self, session: Session, **values: Any) -> list[Any]:
        """Run the statement and return its rows: none for an INSERT without RETURNING."""
        connection = session.connection()
        key = (connection.dialect.name, *values)
        written = self._written.get(key)
        if written is None:
            written = self._written[key] = _Written(self._statement, connection.dialect, values)
        return written.run(connection, values)

    def first(self, session: Session, **values: Any) -> Any:
        """Run the statement and return its first row, or None."""
        rows = self.all(session, **values)
        return rows[0] if rows else None


def run_on_driver(
    connection: Connection, sql: str, values: Any = ()
) -> tuple[Sequence[Any], Sequence[Any]]:
    """Run SQL as it stands; return what the driver tells of the columns, and the rows.

    It runs in the transaction of ``connection``, and raises what SQLAlchemy raises.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql, values)
        return (cursor.description, cursor.fetchall()) if cursor.description else ((), ())
    except connection.dialect.loaded_dbapi.Error as error:
        kind = connection.dialect.loaded_dbapi.Error
        raise exc.DBAPIError.instance(
            sql, values, error, kind, dialect=connection.dialect
        ) from error
    finally:
        cursor.close()


class _Written:
    """A statement in the words of one database, and what turns values into its own and back."""

    def __init__(
        self, statement: Select[Any] | Insert, dialect: Dialect, names: Mapping[str, Any]
    ) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
        bound = compiled.binds
        self._sql = str(compiled)
        self._order: list[str] | None = compiled.positiontup
        self._fixed = {
            name: value for name, value in compiled.params.items() if not bound[name].required
        }
        self._keep = {
            name: keep
            for name in bound
            if (keep := bound[name].type.dialect_impl(dialect).bind_processor(dialect))
        }
        self._columns = list(statement.exported_columns)
        self._row = _row_of([str(each.key) for each in self._columns])
        self._read: list[tuple[int, Callable[[Any], Any]]] | None = None

    def run(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        given = {**self._fixed, **values}
        for name, keep in self._keep.items():
            given[name] = keep(given[name])
        bound = given if self._order is None else [given[name] for name in self._order]
        told, rows = run_on_driver(connection, self._sql, bound)
        if self._read is None:  # now the driver has told the types of the columns
            self._read = _readers(self._columns, told, connection.dialect)
        return [self._made(row) for row in rows]

    def _made(self, stored: Sequence[Any]) -> Any:
        values = list(stored)
        for place, read in self._read or ():
            values[place] = read(values[place])
        return self._row._make(values)


def _row_of(names: Sequence[str]) -> Any:
    return namedtuple("Row", names, rename=True)  # noqa: PYI024 - its names are known here only


def _readers(
    columns: Sequence[Any], description: Sequence[Any], dialect: Dialect
) -> list[tuple[int, Callable[[Any], Any]]]:
    return [
        (place, read)
        for place, (column, told) in enumerate(zip(columns, description, strict=True))
        if (read := column.type.dialect_impl(dialect).result_processor(dialect, told[1]))
    ]
