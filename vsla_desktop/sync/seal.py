"""Seal what changed on the laptop into a batch that never changes again.

One local transaction reads the changed rows, writes the batch into the outbox and forgets that the
rows were changed. Until head office has acknowledged it, and for 60 days after, the batch can be
sent again to the letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vsla_desktop.capture.tables import travels
from vsla_desktop.sync.gather import Gathering, Line
from vsla_desktop.sync.outbox import Batch, next_number, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from vsla_desktop.clock import Clock

MOST_ROWS: Final = 5_000
MOST_BYTES: Final = 1_000_000
USUAL_ROW_BYTES: Final = 300
FORMAT: Final = 1
CHANGES: Final = "SELECT su, tbl, local_id, op, base FROM sync_dirty"


def seal(connection: Connection, device: str, clock: Clock) -> Batch | None:
    """Seal the next batch inside the caller's transaction; None when there is nothing to send."""
    run = connection.exec_driver_sql
    run("DELETE FROM sync_dirty WHERE op <> 'I' AND op = 'X'")
    gathered = Gathering(connection, clock)
    limit = rows_to_take(connection)
    if limit is None:
        gathered.take(CHANGES)
    # A row can only go when all that hangs on it has moved or gone, never in a later batch, and
    # only then is its natural key free: removals and changes go together, before new rows.
    elif run("SELECT 1 FROM sync_dirty WHERE op <> 'I' AND op = 'D' LIMIT 1").first():
        gathered.take(f"{CHANGES} WHERE op <> 'I'")
        gathered.take_new_parents()
    else:
        gathered.take(f"{CHANGES} ORDER BY su LIMIT ?", limit)
        gathered.take_new_parents()
    gathered.hold_what_waits()
    if not gathered.lines:
        return None
    number = next_number(connection)
    gathered.note_offered(number)
    references, values = _widths(gathered)
    columns = [
        *("tbl", "ord", "op", "su", "base"),
        *(f"r{place}" for place in range(1, references + 1)),
        *(f"v{place}" for place in range(1, values + 1)),
    ]
    lines = list(_written(gathered, references, values))
    header = {"format": FORMAT, "device": device, "n": number, "columns": columns}
    batch = Batch.of(header, b"".join(lines), len(lines))
    put(connection, batch, clock.now())
    return batch


def rows_to_take(connection: Connection) -> int | None:
    """Return how many rows go into the next batch, so that it ends where people paused.

    None means all of them.
    """
    run = connection.exec_driver_sql
    last = run("SELECT row_count, byte_count FROM sync_outbox ORDER BY n DESC LIMIT 1").first()
    size = last.byte_count // last.row_count + 1 if last else USUAL_ROW_BYTES
    most = max(min(MOST_ROWS, MOST_BYTES // size), 2)
    times = run("SELECT at FROM sync_dirty ORDER BY su LIMIT ?", (most + 1,)).scalars().all()
    if len(times) <= most:
        return None
    # One transaction is written in one go, so a cut at the longest pause does not split it.
    places = range(most, most // 2, -1)
    return max(places, key=lambda place: times[place] - times[place - 1])


def _widths(gathered: Gathering) -> tuple[int, int]:
    """Return how many reference and value columns this batch uses."""
    used = [table for table in travels() if table.name in gathered.lines]
    return max(len(each.references) for each in used), max(len(each.values) for each in used)


def _written(gathered: Gathering, references: int, values: int) -> Iterator[bytes]:
    """Write the lines, parents before children, each table's new rows first."""
    count = 0
    for table in travels():
        lines = gathered.lines.get(table.name, [])
        lines.sort(key=Line.order)
        for each in lines:
            count += 1
            yield each.written(table, count, references, values)
