"""A laptop that was away for long sends a million rows: no slower at the end than at the beginning.

One laptop writes ROWS ledger rows without network, then pushes all of them in one go. Compared are
the first and the last tenth of the way, in seconds; and what the program's memory grew by, against
what the whole backlog takes as text. It takes some minutes, so ``make bench`` leaves it out.

    python -m benchmarks.backlog [ROWS]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks.measure import Measure, measured, show
from benchmarks.push import WORDS, new_database, write_groups, write_ledger
from tests.support.postgres import running_server
from vsla_desktop import db
from vsla_desktop.sync import enrol_device, keep_enrolment, push

SLOWER: Final = 1.3
MEMORY: Final = 0.5
BYTES_A_ROW: Final = 150


def run(rows: int = 1_000_000) -> list[Measure]:
    """Write the backlog, and send it."""
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running_server(durable=True))
        central = stack.enter_context(new_database(server))
        local = db.open_database(data / "vsla.db")
        stack.callback(local.close)
        keep_enrolment(enrol_device(central, "bench"), data, passphrase=WORDS)
        with central.connection(writes=True) as connection:
            connection.exec_driver_sql("UPDATE sync.device SET rows_a_day = %s", (2 * rows,))
            connection.exec_driver_sql("UPDATE sync.device SET bytes_a_day = 1000 * rows_a_day")
        with local.write() as session:
            write_groups(session)
        push(local, data)
        with local.write() as session:
            write_ledger(session, rows)
        passed: list[tuple[float, int]] = []
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        sent = push(
            local, data, progress=lambda done, _: passed.append((time.perf_counter(), done))
        )
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    if sent.rows_sent != rows:
        raise SystemExit(f"{sent.rows_sent} of {rows} rows were sent")
    size = f"{rows} rows in {sent.batches} batches, {rows / sent.seconds:.0f} rows a second"
    return [
        measured(
            f"backlog of {size}: seconds of the last tenth, at most",
            _tenth(passed, 0.9 * rows, rows),
            _tenth(passed, 0, 0.1 * rows),
            at_most=SLOWER,
        ),
        measured(
            f"memory that sending {rows} rows adds, of what they take as text, at most",
            grown / 1e6,
            rows * BYTES_A_ROW / 1e6,
            at_most=MEMORY,
            unit="MB",
        ),
    ]


def _tenth(passed: list[tuple[float, int]], first: float, last: float) -> float:
    """Return the seconds between two counts of rows, for as many rows as a tenth is."""
    inside = [each for each in passed if first <= each[1] <= last]
    (began, low), (ended, high) = inside[0], inside[-1]
    return (ended - began) / (high - low) * (last - first)


if __name__ == "__main__":
    show(run(*(int(each) for each in sys.argv[1:2])))
