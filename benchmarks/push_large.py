"""Whether head office gets slower as it fills: the same push at 100,000 rows and at ten million.

The ten million ledger rows of other groups are written by head office itself, with an identity
each, and the server has counted them (ANALYZE) as it does by itself overnight. Then a laptop like
the first pushes as many rows again. It takes ten minutes and five gigabytes, so
``make bench`` leaves it out.

    python -m benchmarks.push_large [ROWS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.measure import Measure, show
from benchmarks.push import LEDGER, WORDS, new_database, write_groups, write_ledger
from tests.support.postgres import running_server
from vsla_desktop import db
from vsla_desktop.capture.tables import travel
from vsla_desktop.sync import enrol_device, keep_enrolment, push

if TYPE_CHECKING:
    from vsla_desktop.db import Database

BAR: Final = 0.8
PUSHED: Final = 100_000
ROWS_A_GROUP: Final = 2_000
STEP: Final = 500_000


def pushed(central: Database, folder: Path) -> float:
    """Let a new laptop push its ledger; return the seconds that it took."""
    folder.mkdir()
    local = db.open_database(folder / "vsla.db")
    keep_enrolment(enrol_device(central, folder.name), folder, passphrase=WORDS)
    with local.write() as session:
        write_groups(session, folder.name)
    push(local, folder)
    with local.write() as session:
        write_ledger(session, PUSHED, folder.name)
    sent = push(local, folder)
    local.close()
    if sent.rows_sent != PUSHED:
        raise SystemExit(f"{sent.rows_sent} of {PUSHED} rows were sent")
    return sent.seconds


def fill(central: Database, rows: int) -> None:
    """Write ledger rows of many other groups, each with its identity."""
    number = travel(LEDGER).number
    groups = rows // ROWS_A_GROUP
    with central.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        run(
            "INSERT INTO savings_groups (name, group_code, region, district, parish, village,"  # noqa: S608
            " created_by) SELECT 'Group ' || g, 'OLD' || g, 'R', 'D', 'P', 'V',"
            f" (SELECT min(id) FROM users) FROM generate_series(1, {groups}) g"
        )
        first = run("SELECT min(id) FROM savings_groups WHERE group_code = 'OLD1'").scalar_one()
    for start in range(0, rows, STEP):
        with central.connection(writes=True) as connection:
            run = connection.exec_driver_sql
            run(f"ALTER TABLE {LEDGER} DISABLE TRIGGER USER")
            run(
                f"WITH made AS (INSERT INTO {LEDGER} (group_id, amount, direction,"  # noqa: S608
                " transaction_type, fund_type, transaction_date, reference_number, description)"
                f" SELECT {first} + n / {ROWS_A_GROUP}, 500, 1, 'SAVINGS_DEPOSIT', 'LOAN_FUND',"
                " DATE '2021-01-04' + mod(n, 1800), 'OLD-' || n, 'Shares'"
                f" FROM generate_series({start}, {min(start + STEP, rows) - 1}) n"
                " RETURNING id, group_id)"
                " INSERT INTO sync.row_state (su, tbl, id, ver, xid, deleted, scope)"
                f" SELECT sync.new_identity(), {number}, id, 1, pg_current_xact_id(), false,"
                " group_id FROM made"
            )
            run(f"ALTER TABLE {LEDGER} ENABLE TRIGGER USER")
    with central.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM (ANALYZE)")
        connection.exec_driver_sql("CHECKPOINT")


def run(rows: int = 10_000_000) -> list[Measure]:
    """Push into an empty head office, fill it, and push again."""
    with ExitStack() as stack:
        base = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        # A head office of this size has memory for its indexes, and checkpoints seldom.
        settings = {"shared_buffers": "1GB", "max_wal_size": "8GB"}
        server = stack.enter_context(running_server(durable=True, settings=settings))
        central = stack.enter_context(new_database(server))
        empty = pushed(central, base / "first")
        began = time.perf_counter()
        fill(central, rows)
        print(f"filled in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        full = pushed(central, base / "second")
        with central.connection() as connection:
            size = connection.exec_driver_sql(
                "SELECT pg_size_pretty(pg_database_size(current_database()))"
            ).scalar_one()
    ratio = empty / full
    name = f"push of {PUSHED} rows with {rows} at head office ({size}), speed at least"
    return [Measure(name, full, empty, ratio, BAR, ratio >= BAR)]


if __name__ == "__main__":
    show(run(*(int(each) for each in sys.argv[1:2])))
