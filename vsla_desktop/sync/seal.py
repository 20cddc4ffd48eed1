"""Seal what changed on the laptop into a batch that never changes again.

One local transaction reads the changed rows, writes the batch into the outbox and forgets that the
rows were changed. Until head office has acknowledged it, and for 60 days after, the batch can be
sent again to the letter.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from vsla_desktop.capture.sqlite import readable_image
from vsla_desktop.capture.tables import STAMP, travels
from vsla_desktop.sync.rows import (
    Cells,
    UnreadableError,
    base_text,
    cells,
    changed,
    check_readable,
    line,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from vsla_desktop.capture.tables import Travel
    from vsla_desktop.clock import Clock

MOST_ROWS: Final = 5_000
MOST_BYTES: Final = 1_000_000
USUAL_ROW_BYTES: Final = 300
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """A sealed batch. ``payload`` is one line of JSON about it, then one line a row."""

    number: int
    digest: str
    rows: int
    payload: bytes

    @property
    def header(self) -> dict[str, Any]:
        """What the first line says: format, device, number, columns of the lines."""
        made: dict[str, Any] = json.loads(self.payload[: self.payload.index(b"\n")])
        return made

    @property
    def body(self) -> memoryview:
        """The lines."""
        return memoryview(self.payload)[self.payload.index(b"\n") + 1 :]


@dataclass(slots=True)
class _Row:
    """A changed row: ``new`` as it is, ``base`` as it was where that differs."""

    su: str
    op: str
    local_id: int
    new: Cells
    base: Cells = field(default_factory=dict)
    clears: bool = False


@dataclass(slots=True)
class _Held:
    """A row in quarantine: what head office last knew of it."""

    op: str
    base: Cells


class Sealing:
    """The making of one batch."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.connection = connection
        self.now = clock.now().isoformat(sep=" ")
        self._rows: dict[str, list[_Row]] = {}
        self._taken: set[str] = set()
        self._held: dict[str, _Held] = {}

    def choose(self) -> bool:
        """Take the rows of the next batch; tell whether there are any."""
        run = self.connection.exec_driver_sql
        run("DELETE FROM sync_dirty WHERE op = 'X'")
        limit = self._limit()
        run(
            "CREATE TEMP TABLE IF NOT EXISTS sync_pick (su TEXT PRIMARY KEY, tbl INTEGER,"
            " local_id INTEGER, op TEXT, base TEXT) WITHOUT ROWID"
        )
        self._take("SELECT su, tbl, local_id, op, base FROM sync_dirty ORDER BY su LIMIT ?", limit)
        while limit >= 0 and (parents := self._new_parents()):
            self._take_named(parents)
        return bool(self._taken)

    def _limit(self) -> int:
        """Return how many rows go into the batch, so that it ends where people paused."""
        run = self.connection.exec_driver_sql
        # A row can only go when all that hangs on it has moved or gone: never in a later batch.
        if run("SELECT 1 FROM sync_dirty WHERE op = 'D' LIMIT 1").first():
            return -1
        last = run(
            "SELECT row_count, byte_count FROM sync_outbox ORDER BY n DESC LIMIT 1"
        ).one_or_none()
        size = last.byte_count // last.row_count + 1 if last and last.row_count else USUAL_ROW_BYTES
        most = min(MOST_ROWS, MOST_BYTES // size)
        times = run("SELECT at FROM sync_dirty ORDER BY su LIMIT ?", (most + 1,)).scalars().all()
        if len(times) <= most:
            return -1
        # One transaction is written in one go, so a cut at the longest pause does not split it.
        return max(range(most // 2, most + 1), key=lambda place: times[place] - times[place - 1])

    def _take(self, select: str, *values: Any) -> None:
        """Read the rows that ``select`` names, with their images."""
        run = self.connection.exec_driver_sql
        run("DELETE FROM temp.sync_pick")
        run(f"INSERT INTO temp.sync_pick (su, tbl, local_id, op, base) {select}", values)
        self._recall()
        for table in travels():
            found = run(
                "SELECT p.su, p.op, p.local_id, CAST(p.base AS BLOB),"
                f" CASE WHEN t.id NOT NULL THEN {readable_image(table, 't')} END"
                f' FROM temp.sync_pick p LEFT JOIN "{table.name}" t ON t.id = p.local_id'
                " WHERE p.tbl = ? ORDER BY p.local_id, p.op",
                (table.number,),
            )
            for su, op, local_id, base, image in found:
                self._taken.add(su)
                try:
                    row = self._row(table, su, op, local_id, base, image)
                except UnreadableError:
                    self._hold(table, su, op, local_id, base)
                    continue
                if row is not None:
                    self._rows.setdefault(table.name, []).append(row)

    def _recall(self) -> None:
        """Read what of the chosen rows head office refused; what they lacked may come now."""
        run = self.connection.exec_driver_sql
        if not run(
            "SELECT 1 FROM sync_quarantine q JOIN temp.sync_pick p ON p.su = q.su LIMIT 1"
        ).first():
            return
        run(
            "INSERT INTO temp.sync_pick (su, tbl, local_id, op) SELECT q.su, q.tbl, q.local_id,"
            " q.op FROM sync_quarantine q WHERE q.reason = 'incomplete' AND q.op <> 'D'"
            " AND NOT EXISTS (SELECT 1 FROM temp.sync_pick p WHERE p.su = q.su)"
            " AND NOT EXISTS (SELECT 1 FROM sync_dirty d WHERE d.su = q.su)"
        )
        rows = run(
            "SELECT q.su, q.op, q.base FROM sync_quarantine q JOIN temp.sync_pick p ON p.su = q.su"
        )
        for su, op, base in rows:
            self._held[su] = _Held(op, json.loads(base) if base else {})

    def _row(
        self,
        table: Travel,
        su: str,
        op: str,
        local_id: int,
        base: bytes | None,
        image: bytes | None,
    ) -> _Row | None:
        """Return the row as it goes, None when there is nothing to tell. UnreadableError."""
        held = self._held.get(su)
        if held is not None and held.op == "I":
            # Head office never had it, so it is new whatever happened since.
            op = "I" if op != "D" else "X"
        before: Cells = cells(table, base) if base else {}
        before.update(held.base if held else {})
        if op == "X":
            run = self.connection.exec_driver_sql
            run("DELETE FROM sync_quarantine WHERE su = ?", (su,))
            return None
        if op == "D":
            gone = {each.name: before.get(each.name) for each in table.columns}
            row = _Row(su, op, local_id, gone)
        elif image is None:
            return None
        elif op == "I":
            row = _Row(su, op, local_id, cells(table, image))
        else:
            new = cells(table, image)
            names = [each.name for each in changed(table, new, before)]
            if not names:
                return None
            row = _Row(su, op, local_id, new, {name: before[name] for name in names})
        check_readable(row.new)
        return row

    def _hold(self, table: Travel, su: str, op: str, local_id: int, base: bytes | None) -> None:
        """Keep a row here that can not be written down for the way."""
        held = self._held.get(su)
        before: Cells = cells(table, base) if base else {}
        before.update(held.base if held else {})
        self.connection.exec_driver_sql(
            "INSERT INTO sync_quarantine (su, tbl, local_id, op, reason, base, found_at)"
            " VALUES (?, ?, ?, ?, 'unreadable', ?, ?) ON CONFLICT (su) DO UPDATE SET"
            " reason = excluded.reason, base = excluded.base, n = NULL",
            (su, table.number, local_id, held.op if held else op, base_text(before), self.now),
        )
        self._held.pop(su, None)

    def _new_parents(self) -> list[str]:
        """Return rows that chosen ones refer to and that head office can not know yet."""
        referred = {
            row.new[each.name]
            for table in travels()
            for row in self._rows.get(table.name, [])
            if row.op != "D"
            for each in table.references
        }
        wanted = sorted(su for su in referred if su is not None and su not in self._taken)
        found = self.connection.exec_driver_sql(
            "SELECT d.su FROM json_each(?) j JOIN sync_dirty d ON d.su = j.value AND d.op = 'I'",
            (json.dumps(wanted),),
        )
        return list(found.scalars())

    def _take_named(self, identities: list[str]) -> None:
        self._take(
            "SELECT d.su, d.tbl, d.local_id, d.op, d.base FROM json_each(?) j"
            " JOIN sync_dirty d ON d.su = j.value",
            json.dumps(identities),
        )

    def lines(self, columns: list[str]) -> Iterator[bytes]:
        """Write the chosen rows, parents before children, each table's new rows first."""
        order = {"I": 0, "U": 1, "D": 2}
        place = {name: number for number, name in enumerate(columns)}
        count = 0
        for table in travels():
            rows = self._rows.get(table.name, [])
            rows += [self._closing_circle(table, row) for row in rows if _closes(table, row)]
            for row in sorted(rows, key=lambda each: (order[each.op], each.local_id)):
                count += 1
                parts: list[str | None] = [None] * len(columns)
                parts[:4] = str(table.number), str(count), row.op, row.su
                if row.base:
                    parts[place["base"]] = base_text(row.base)
                for each in table.columns:
                    told = row.op != "U" or each.name in row.base or each.name == STAMP
                    if told and not (row.clears and each.later):
                        parts[place[each.slot]] = row.new[each.name]
                yield line(parts)

    def _closing_circle(self, table: Travel, row: _Row) -> _Row:
        """Split a new row: references that close a circle follow when both rows are there."""
        names = [each.name for each in table.columns if each.later and row.new[each.name]]
        row.clears = True
        return _Row(row.su, "U", row.local_id, row.new, dict.fromkeys(names, None))

    def columns(self) -> list[str]:
        """Return the staging columns that this batch uses."""
        used = {
            each.slot for table in travels() if table.name in self._rows for each in table.columns
        }
        slots = sorted(used, key=lambda slot: (slot[0] != "v", int(slot[1:])))
        return ["tbl", "ord", "op", "su", "base", *slots]

    def finish(self, device: str) -> Batch | None:
        """Put the batch into the outbox, and forget that its rows were changed."""
        run = self.connection.exec_driver_sql
        if self._taken:
            run(
                "DELETE FROM sync_dirty WHERE su IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(self._taken)),),
            )
        if not self._rows:
            return None
        number = run("SELECT coalesce(max(n), 0) + 1 FROM sync_outbox").scalar_one()
        for su in self._held:
            run("UPDATE sync_quarantine SET n = ? WHERE su = ?", (number, su))
        columns = self.columns()
        body = list(self.lines(columns))
        header = {"format": FORMAT, "device": device, "n": number, "columns": columns}
        payload = base_text(header).encode() + b"\n" + b"".join(body)
        batch = Batch(number, hashlib.sha256(payload).hexdigest(), len(body), payload)
        run(
            "INSERT INTO sync_outbox (n, batch_uuid, payload, sha256, row_count, byte_count,"
            " sealed_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                str(uuid4()),
                zlib.compress(payload, 1),
                batch.digest,
                batch.rows,
                len(payload),
                self.now,
            ),
        )
        return batch


def _closes(table: Travel, row: _Row) -> bool:
    return row.op == "I" and any(each.later and row.new[each.name] for each in table.columns)


def seal(connection: Connection, device: str, clock: Clock) -> Batch | None:
    """Seal the next batch inside the caller's transaction; None when there is nothing to send."""
    sealing = Sealing(connection, clock)
    return sealing.finish(device) if sealing.choose() else None


def next_sealed(connection: Connection) -> Batch | None:
    """Return the oldest batch that head office has not acknowledged."""
    found = connection.exec_driver_sql(
        "SELECT n, sha256, row_count, payload FROM sync_outbox WHERE state = 'sealed'"
        " ORDER BY n LIMIT 1"
    ).one_or_none()
    if found is None:
        return None
    return Batch(found.n, found.sha256, found.row_count, zlib.decompress(found.payload))
