"""Bringing in a workbook of 25 members and 40 meetings, through every rule.

The baseline writes the very same rows with the ORM's ``add_all`` into a database of the same kind,
with no rule asked: what no program could do without.
"""

from __future__ import annotations

import gc
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from benchmarks.measure import Measure, measured, show
from tests.workbook.made_books import make_books
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database, open_database
from vsla_desktop.derived import DERIVED
from vsla_desktop.models import Base
from vsla_desktop.services.workbook import import_workbook, write_books

MEMBERS, MEETINGS, BAR, ROUNDS = 25, 40, 3.0, 3


def run() -> list[Measure]:
    """Import and baseline in turn, the best of a few rounds each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workbook = folder / "group.xlsx"
        write_books(make_books(members=MEMBERS, meetings=MEETINGS), workbook)
        imports, baselines = [], []
        for number in range(ROUNDS):
            database = open_database(folder / f"import-{number}.db")
            known = _rows(database)
            imports.append(_import(database, workbook))
            rows = _without(_rows(database), known)
            database.close()
            plain = open_database(folder / f"plain-{number}.db")
            baselines.append(_add_all(plain, rows))
            _check_same(plain, rows)
            plain.close()
    title = f"import of {MEMBERS} members x {MEETINGS} meetings"
    return [measured(title, min(imports), min(baselines), at_most=BAR)]


def _import(database: Database, workbook: Path) -> float:
    clock = FixedClock(datetime(2026, 1, 1, 12))  # noqa: DTZ001 - UTC, as stored
    gc.collect()
    start = time.perf_counter()
    report = import_workbook(database, workbook, clock=clock)
    seconds = time.perf_counter() - start
    if not report.written:
        raise SystemExit("\n".join(str(each) for each in report.wrong))
    return seconds


def _rows(database: Database) -> list[tuple[type[Any], list[dict[str, Any]]]]:
    """Return every row of the book, without what triggers work out, parents first."""
    classes = {str(mapper.local_table): mapper.class_ for mapper in Base.registry.mappers}
    found = []
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            columns = [
                column
                for column in table.columns
                if (table.name, column.name) not in DERIVED and not _is_late(column)
            ]
            rows = session.execute(select(*columns).order_by(table.c.id)).mappings().all()
            if rows:
                found.append((classes[table.name], [dict(row) for row in rows]))
    return found


def _without(
    rows: list[tuple[type[Any], list[dict[str, Any]]]],
    known: list[tuple[type[Any], list[dict[str, Any]]]],
) -> list[tuple[type[Any], list[dict[str, Any]]]]:
    """Return rows without those that every new database has."""
    seen = {(kind, each["id"]) for kind, values in known for each in values}
    return [
        (kind, [each for each in values if (kind, each["id"]) not in seen]) for kind, values in rows
    ]


def _is_late(column: Any) -> bool:
    """Say whether a column refers to a row that is added later."""
    return any(
        key.constraint is not None and key.constraint.use_alter for key in column.foreign_keys
    )


def _add_all(database: Database, rows: list[tuple[type[Any], list[dict[str, Any]]]]) -> float:
    gc.collect()
    start = time.perf_counter()
    with database.write() as session:
        for kind, values in rows:
            session.add_all([kind(**each) for each in values])
            session.flush()
    return time.perf_counter() - start


def _check_same(database: Database, rows: list[tuple[type[Any], list[dict[str, Any]]]]) -> None:
    """Make sure that the baseline wrote what it is measured by."""
    with database.read() as session:
        for kind, values in rows:
            count = _count(session, kind)
            if count < len(values):
                raise SystemExit(f"{inspect(kind).local_table.name}: {count} of {len(values)}")


def _count(session: Session, kind: type[Any]) -> int:
    return len(session.execute(select(kind.id)).all())


if __name__ == "__main__":
    show(run())
