"""A laptop in a test, and the comparison of its book with head office's."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.db.books import new_book
from vsla_desktop import db
from vsla_desktop.capture.identity import SEEDS
from vsla_desktop.capture.sqlite import readable_image
from vsla_desktop.capture.tables import STAMP, Sort, Travel, Travelling, travels
from vsla_desktop.capture.wire import NUMBERS
from vsla_desktop.db import Database
from vsla_desktop.sync import Enrolment, SyncReport, enrol_device, keep_enrolment, push
from vsla_desktop.sync.rows import cells
from vsla_desktop.sync.secret import Cost

# As little as the real thing takes: a test opens many laptops.
CHEAP = Cost(passes=1, memory=8)
PASSPHRASE = "mangoes in the rain"

Rows = dict[tuple[str, str], dict[str, str | None]]


@dataclass
class Laptop:
    folder: Path
    database: Database

    def push(self, **options: Any) -> SyncReport:
        return push(self.database, self.folder, **options)

    def run(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        with self.database.connection(writes=True) as connection:
            connection.exec_driver_sql(statement, values)

    def read(self, question: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with closing(self.database.engine.raw_connection()) as connection:
            return connection.cursor().execute(question, values).fetchall()  # type: ignore[no-any-return]

    def close(self) -> None:
        self.database.close()


def keep(enrolment: Enrolment, folder: Path) -> None:
    """Keep an enrolment in a data folder, as a person does who types the passphrase."""
    keep_enrolment(enrolment, folder, passphrase=PASSPHRASE, cost=CHEAP)


def new_laptop(
    folder: Path, central: Database, *, book: Path | None = None, **rights: Any
) -> Laptop:
    """Enrol a laptop with an empty book, or with a copy of one; for all groups, unless told."""
    folder.mkdir(parents=True)
    keep(enrol_device(central, folder.name, **rights), folder)
    if book is None:
        return Laptop(folder, new_book(folder / "vsla.db"))
    shutil.copy(book, folder / "vsla.db")
    return Laptop(folder, db.open_database(folder / "vsla.db"))


def read(central: Database, question: str) -> list[tuple[Any, ...]]:
    with central.connection() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(question)]


def run(central: Database, statement: str) -> None:
    with central.connection(writes=True) as connection:
        connection.exec_driver_sql(statement)


def laptop_rows(database: Database, *, errors: str = "strict") -> Rows:
    """Every row of the laptop by identity, with what is recorded in it.

    ``errors`` says what becomes of text that is none, as :meth:`bytes.decode` takes it.
    """
    found: Rows = {}
    with database.connection() as connection:
        known = set(connection.exec_driver_sql("SELECT DISTINCT tbl FROM sync_idmap").scalars())
        for table in travels():
            if table.number not in known:
                continue
            compared = _compared(table)
            for su, image in connection.exec_driver_sql(_laptop_question(table)):
                row = cells(table, image, errors=errors)
                found[table.name, su] = {
                    each.name: _alike(each, row[each.name]) for each in compared
                }
    return found


def central_rows(central: Database) -> Rows:
    """Every row of head office by identity, with what is recorded in it."""
    found: Rows = {}
    with central.connection() as connection:
        known = set(
            connection.exec_driver_sql(
                "SELECT DISTINCT tbl FROM sync.row_state WHERE NOT deleted"
            ).scalars()
        )
        for table in travels():
            if table.number not in known:
                continue
            compared = _compared(table)
            for su, *row in connection.exec_driver_sql(_central_question(table)):
                found[table.name, UUID(su).hex] = {
                    each.name: _alike(each, value)
                    for each, value in zip(compared, row, strict=True)
                }
    return found


@cache
def _compared(table: Travel) -> tuple[Travelling, ...]:
    return tuple(each for each in table.columns if each.name != STAMP)


@cache
def _laptop_question(table: Travel) -> str:
    return (
        f"SELECT m.su, {readable_image(table, 't')} FROM {table.name} t"  # noqa: S608
        f" JOIN sync_idmap m ON m.tbl = {table.number} AND m.local_id = t.id"
    )


@cache
def _central_question(table: Travel) -> str:
    values = ", ".join(_central_value(each) for each in _compared(table))
    return (
        f"SELECT s.su::text, {values} FROM public.{table.name} t JOIN sync.row_state s"  # noqa: S608
        f" ON s.tbl = {table.number} AND s.id = t.id AND NOT s.deleted"
    )


def _central_value(column: Travelling) -> str:
    if not column.is_reference:
        return f't."{column.name}"::text'
    if column.parent:
        number = str(NUMBERS[column.parent])
    else:
        cases = " ".join(f"WHEN '{name}' THEN {at}" for name, at in NUMBERS.items())
        number = f"CASE t.{column.named_by} {cases} END"
    return (
        f"(SELECT s.su::text FROM sync.row_state s WHERE s.tbl = {number}"  # noqa: S608
        f' AND s.id = t."{column.name}")'
    )


def _alike(column: Travelling, value: str | None) -> str | None:
    """Return a value in one spelling: both databases hold the same, and write it differently."""
    if value is None:
        return None
    match column.sort:
        case Sort.REFERENCE | Sort.NAMED_REFERENCE:
            return value.replace("-", "")
        case Sort.BOOLEAN:
            return {"0": "false", "1": "true"}.get(value, value)
        case Sort.TIMESTAMP | Sort.TIME:
            return re.sub(r"\.?0*$", "", value) if "." in value else value
        case Sort.JSON:
            return json.dumps(json.loads(value), sort_keys=True)
    return value


def assert_same(laptop: Laptop, central: Database) -> None:
    """The laptop's rows are head office's rows, value by value, and nothing waits."""
    ours, theirs = laptop_rows(laptop.database), central_rows(central)
    assert ours.keys() == theirs.keys()
    for side in (ours, theirs):
        for (name, _), row in side.items():
            about = row.get("related_entity_id"), str(row.get("related_entity_type"))
            if name == "notifications" and about[::-1] not in ours:
                row["related_entity_id"] = None  # About a row that is gone.
    for key, row in ours.items():
        if key[0] in SEEDS:  # Both made their own, each at its moment.
            row["created_date"] = theirs[key]["created_date"]
        assert row == theirs[key], key
    assert read(central, "SELECT * FROM sync.conflict") == []
    assert read(central, "SELECT * FROM sync.quarantine") == []
    assert read(central, "SELECT count(*) FROM sync.incoming") == [(0,)]
    assert laptop.read("SELECT count(*) FROM sync_dirty") == [(0,)]
