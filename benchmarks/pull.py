"""Filling a laptop and a group's week, against COPY out and plain executemany into SQLite.

Everything is on: head office tells each row with identity and version in one snapshot, the laptop
finds ids and owners, writes, works out derived columns and keeps its positions. The baseline tells
the same rows by one COPY a table, and writes them with executemany into the same tables, with
their keys and indexes but without our triggers, in one transaction. The ratio is the baseline's
time to ours: more is better.

    python -m benchmarks.pull [GROUPS MEETINGS]
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.measure import Measure, measured, show
from benchmarks.push import new_database
from tests.support.postgres import running_server
from tests.sync.laptop import PASSPHRASE
from vsla_desktop import db, sync
from vsla_desktop.capture.tables import Sort, travels
from vsla_desktop.clock import SystemClock
from vsla_desktop.services.practice import create_practice

if TYPE_CHECKING:
    from vsla_desktop.capture.tables import Travelling
    from vsla_desktop.db import Database

BAR: Final = 0.5
ROUND_TRIPS: Final = 8
GROUPS: Final = 5
MEETINGS: Final = 52
MEMBERS: Final = 25
ROUNDS: Final = 3


def new_laptop(central: Database, folder: Path) -> Database:
    """Enrol a laptop for all groups."""
    folder.mkdir()
    sync.keep_enrolment(sync.enrol_device(central, folder.name), folder, passphrase=PASSPHRASE)
    return db.open_database(folder / "vsla.db")


def copy_plain(central: Database, folder: Path) -> tuple[float, int]:
    """Return the seconds that the rows take without sync, and how many they are."""
    folder.mkdir()
    empty = db.open_database(folder / "plain.db")
    with empty.connection(writes=True) as connection:
        for name in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).scalars():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for table in reversed(travels()):
            connection.exec_driver_sql(f"DELETE FROM {table.name}")  # noqa: S608 - ours
    started = time.perf_counter()
    rows = 0
    with (
        closing(central.engine.raw_connection()) as source,
        closing(empty.engine.raw_connection()) as target,
    ):
        writer = target.cursor()
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("PRAGMA defer_foreign_keys = ON")
        for table in travels():
            rows += _copy(source, writer, table.name, table.columns)
        writer.execute("COMMIT")
    seconds = time.perf_counter() - started
    empty.close()
    return seconds, rows


def _copy(source: Any, writer: Any, name: str, columns: tuple[Travelling, ...]) -> int:
    names = ", ".join(["id", *(each.name for each in columns)])
    values = ["?"] + [
        "CAST(replace(?, '.', '') AS INTEGER)" if each.sort is Sort.EXACT else "?"
        for each in columns
    ]
    extra = ("", "")
    if name == "users":
        extra = (", password", ", '!'")
    told = io.StringIO()
    with closing(source.cursor()) as cursor:
        chosen = f"(SELECT {names} FROM {name} ORDER BY id)"  # noqa: S608 - our own names
        cursor.copy_expert(f"COPY {chosen} TO STDOUT (FORMAT csv)", told)
    told.seek(0)
    truth = {"t": "1", "f": "0", "": ""}
    booleans = [at for at, each in enumerate(columns, start=1) if each.sort is Sort.BOOLEAN]
    made = []
    for row in csv.reader(told):
        for at in booleans:
            row[at] = truth[row[at]]
        made.append([None if each == "" else each for each in row])
    writer.executemany(
        f"INSERT INTO {name} ({names}{extra[0]}) VALUES ({', '.join(values)}{extra[1]})",  # noqa: S608
        made,
    )
    return len(made)


def week(laptop: Database, folder: Path) -> int:
    """Return the round trips of sending a group's week and fetching what is new."""
    with laptop.connection(writes=True) as connection:
        connection.exec_driver_sql(
            "INSERT INTO member_fines (member_id, amount, reason, fine_type) SELECT id, 10000,"
            " 'Late', 'LATE_ARRIVAL' FROM group_members WHERE group_id = 1"
        )
    return sync.run(laptop, folder).round_trips


def fill(central: Database, data: Path, number: int) -> Measure:
    """Fill a laptop with all that head office has, beside the plain copy of the same rows."""
    plain, rows = copy_plain(central, data / f"plain{number}")
    with closing(new_laptop(central, data / f"laptop{number}")) as laptop:
        filled = sync.pull(laptop, data / f"laptop{number}")
    if filled.rows_received < rows:
        raise SystemExit(f"{filled.rows_received} of {rows} rows came")
    ratio = plain / filled.seconds
    name = f"filling a laptop with {rows} rows, at least"
    return Measure(name, filled.seconds, plain, ratio, BAR, ratio >= BAR)


def run(groups: int = GROUPS, meetings: int = MEETINGS) -> list[Measure]:
    """Fill laptops with so many groups, each of so many meetings; the round in the middle tells."""
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running_server(durable=True))
        central = stack.enter_context(new_database(server))
        first = new_laptop(central, data / "first")
        stack.callback(first.close)
        create_practice(
            first, groups=groups, members=MEMBERS, meetings=meetings, seed=3, clock=SystemClock()
        )
        sync.push(first, data / "first")
        with central.connection(writes=True) as connection:
            connection.exec_driver_sql("ANALYZE")
        rounds = [fill(central, data, number) for number in range(ROUNDS)]
        sync.run(first, data / "first")
        trips = week(first, data / "first")
    return [
        sorted(rounds, key=attrgetter("ratio"))[ROUNDS // 2],
        measured(
            "round trips of a group's week, both ways",
            trips,
            1,
            at_most=ROUND_TRIPS,
            unit="round trips",
        ),
    ]


if __name__ == "__main__":
    show(run(*(int(each) for each in sys.argv[1:3])))
