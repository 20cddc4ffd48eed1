"""Push of 100,000 ledger rows, against COPY of the same rows into the same table.

Everything is on: the laptop seals its batches, head office keeps identities, versions and derived
columns by statement triggers, records each batch and commits it durably. The baseline is one COPY
of the finished rows into the same table, with its keys and indexes but without those triggers, on
the same server in the same run. The ratio is the baseline's time to the push's: more is better.

    python -m benchmarks.push [ROWS]
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert

from benchmarks.measure import Measure, show
from tests.support.postgres import running_server
from vsla_desktop import db
from vsla_desktop.models import (
    GroupMember,
    GroupTransaction,
    Meeting,
    SavingsCycle,
    SavingsGroup,
    User,
)
from vsla_desktop.sync import enrol_device, keep_enrolment, push

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from tests.support.postgres import PostgresServer
    from vsla_desktop.db import Database

LEDGER: Final = "group_transactions"
BAR: Final = 0.35
GROUPS: Final = 20
MEMBERS: Final = 25
MEETINGS: Final = 40
WORDS: Final = "of this run only"


def write_groups(session: Session, prefix: str = "G") -> None:
    """Write the groups, with members and meetings, that the ledger is about."""
    email = f"{prefix}@example.org"
    session.add(User(username=prefix, email=email, password="x"))  # noqa: S106
    session.flush()
    place = {"region": "R", "district": "D", "parish": "P", "village": "V", "created_by": 1}
    groups = range(1, GROUPS + 1)
    session.execute(
        insert(SavingsGroup),
        [{"name": f"Group {group}", "group_code": f"{prefix}{group}", **place} for group in groups],
    )
    start = date(2026, 1, 5)
    cycle = {"cycle_number": 1, "start_date": start, "end_date": start + timedelta(360)}
    session.execute(insert(SavingsCycle), [{"group_id": group, **cycle} for group in groups])
    session.execute(
        insert(GroupMember),
        [
            {"group_id": group, "first_name": f"M{number}", "last_name": "X", "gender": "F"}
            for group in groups
            for number in range(MEMBERS)
        ],
    )
    session.execute(
        insert(Meeting),
        [
            {
                "group_id": group,
                "cycle_id": group,
                "meeting_number": number + 1,
                "meeting_date": start + timedelta(7 * number),
            }
            for group in groups
            for number in range(MEETINGS)
        ],
    )


def write_ledger(session: Session, rows: int, prefix: str = "G") -> None:
    """Write ``rows`` ledger rows, meeting after meeting of each group, as a season does."""
    for first in range(0, rows, 5_000):
        made = []
        for number in range(first, min(first + 5_000, rows)):
            page, line = divmod(number, -(-rows // (GROUPS * MEETINGS)))
            meeting, group = divmod(page, GROUPS)
            made.append(
                {
                    "group_id": group + 1,
                    "member_id": group * MEMBERS + line % MEMBERS + 1,
                    "meeting_id": group * MEETINGS + meeting + 1,
                    "cycle_id": group + 1,
                    "created_by": 1,
                    "amount": 500 + number % 7 * 100,
                    "direction": 1,
                    "transaction_type": "SAVINGS_DEPOSIT",
                    "fund_type": "LOAN_FUND",
                    "transaction_date": date(2026, 1, 5) + timedelta(7 * meeting),
                    "reference_number": f"{prefix}{group + 1}-{number:08}",
                    "description": "Shares",
                }
            )
        session.execute(insert(GroupTransaction), made)


def copy_plain(central: Database, empty: Database) -> float:
    """Return the seconds that COPY of the pushed rows takes without our triggers."""
    parents = ("users", "savings_groups", "savings_cycles", "group_members", "meetings")
    taken = {table: io.BytesIO() for table in (*parents, LEDGER)}
    with (
        closing(central.engine.raw_connection()) as source,
        closing(source.cursor()) as cursor,
    ):
        for table, rows in taken.items():
            # Names of our own tables.
            chosen = f"(SELECT * FROM {table} ORDER BY id)"  # noqa: S608
            cursor.copy_expert(f"COPY {chosen} TO STDOUT (FORMAT csv)", rows)
            rows.seek(0)
    with (
        closing(empty.engine.raw_connection()) as target,
        closing(target.cursor()) as cursor,
    ):
        for table, rows in taken.items():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            if table != LEDGER:
                cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv)", rows)
        target.commit()
        started = time.perf_counter()
        cursor.copy_expert(f"COPY {LEDGER} FROM STDIN (FORMAT csv)", taken[LEDGER], 1 << 16)
        target.commit()
        return time.perf_counter() - started


@contextmanager
def new_database(server: PostgresServer) -> Iterator[Database]:
    """Lend a head office of its own."""
    with server.database() as url:
        central = db.connect(url)
        db.upgrade(central)
        yield central
        central.close()


def run(rows: int = 100_000) -> list[Measure]:
    """Write a season's ledger on a laptop, push all of it, then copy the same rows plainly."""
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running_server(durable=True))
        central = stack.enter_context(new_database(server))
        empty = stack.enter_context(new_database(server))
        local = db.open_database(data / "vsla.db")
        stack.callback(local.close)
        keep_enrolment(enrol_device(central, "bench"), data, passphrase=WORDS)
        with local.write() as session:
            write_groups(session)
        push(local, data)
        with local.write() as session:
            write_ledger(session, rows)
        sent = push(local, data)
        plain = copy_plain(central, empty)
    if sent.rows_sent != rows:
        raise SystemExit(f"{sent.rows_sent} of {rows} rows were sent")
    ratio = plain / sent.seconds
    name = f"push of {rows} ledger rows, sealed and sent in {sent.batches} batches, at least"
    return [Measure(name, sent.seconds, plain, ratio, BAR, ratio >= BAR)]


if __name__ == "__main__":
    show(run(*(int(each) for each in sys.argv[1:2])))
