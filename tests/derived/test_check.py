"""Every derived value that somebody changed behind our back is found, told and put right."""

from __future__ import annotations

import contextlib
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Boolean, Date, Integer, String, update

from tests.db.books import new_book, new_central
from tests.derived.plain import PlainBook
from tests.derived.steps import COLUMNS
from tests.derived.test_agreement import SAVING_TYPES, first_page, stored
from vsla_desktop import derived
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from tests.support.postgres import PostgresServer
    from vsla_desktop.db import Database


SELF_HEALING = {("sqlite", each) for each in ("bank_amount", "counted_fund", "signed_amount")}


@contextlib.contextmanager
def opened(kind: str, server: PostgresServer, folder: Path) -> Iterator[Database]:
    """Lend a new database of a kind."""
    if kind == "postgresql":
        with new_central(server) as central:
            yield central
    else:
        book = new_book(folder / "vsla.db")
        yield book
        book.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(
    request: pytest.FixtureRequest,
    postgres_server: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Connection]:
    """Connect to a database with two groups."""
    folder = tmp_path_factory.mktemp("check")
    with (
        opened(request.param, postgres_server, folder) as database,
        database.engine.execution_options(writes=True).connect() as connection,
    ):
        for step in first_page():
            step.run(connection)
        yield connection
        connection.rollback()


@pytest.fixture
def connection(filled: Connection) -> Iterator[Connection]:
    """Take back what a test does."""
    savepoint = filled.begin_nested()
    yield filled
    savepoint.rollback()


@cache
def right_values() -> dict[tuple[str, str], dict[int, Any]]:
    book = PlainBook(("saving_types", *COLUMNS))
    for key, code in SAVING_TYPES.items():
        book.put("saving_types", key, {"code": code})
    for step in first_page():
        step.note(book)
    return book.derived()


def meddle(connection: Connection, name: str, column: str) -> None:
    """Write something wrong into one column of every row."""
    table = Base.metadata.tables[name]
    kind = table.c[column].type
    wrong: Any
    if isinstance(kind, Boolean):
        wrong = ~table.c[column]
    elif isinstance(kind, Date):
        wrong = date(1999, 12, 31)
    elif isinstance(kind, String):
        wrong = "ODD"
    else:
        wrong = table.c[column] + 1
    connection.execute(update(table).values({column: wrong}))


@pytest.mark.parametrize(("table", "column"), sorted(derived.DERIVED))
def test_a_wrong_value_is_told_and_put_right(
    connection: Connection, table: str, column: str
) -> None:
    right = right_values()
    meddle(connection, table, column)
    stands = stored(connection)[table, column]
    found = [
        each
        for each in derived.differences(connection)
        if (each.table, each.column) == (table, column)
    ]
    wrong = {key: value for key, value in right[table, column].items() if stands[key] != value}
    # The laptop's cashbook puts a line right as soon as it is touched.
    assert wrong or (connection.dialect.name, column) in SELF_HEALING
    assert {each.row_id: each.expected for each in found} == wrong
    for each in found:
        assert each.expected is None or type(each.stored) is type(each.expected)
        assert each.stored != each.expected
    assert set(found) <= set(derived.repair(connection))
    assert stored(connection) == right


def test_everything_wrong_at_once_is_put_right(connection: Connection) -> None:
    for table, column in sorted(derived.DERIVED):
        meddle(connection, table, column)
    assert derived.differences(connection)
    derived.repair(connection)
    assert derived.differences(connection) == []
    assert stored(connection) == right_values()
    assert derived.repair(connection) == []


def test_what_is_checked_is_counted(connection: Connection) -> None:
    right = right_values()
    assert derived.count_checked(connection) == sum(len(rows) for rows in right.values())


def test_integers_are_integers(connection: Connection) -> None:
    """A count or a flag comes back as such from both databases."""
    for (table, column), rows in stored(connection).items():
        kind = Base.metadata.tables[table].c[column].type
        if isinstance(kind, Integer):
            assert {type(value) for value in rows.values()} <= {int}
