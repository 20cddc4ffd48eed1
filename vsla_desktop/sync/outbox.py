"""The outbox: batches that are sealed, and how far head office has acknowledged them.

Numbers run without a gap from 1 for each enrolment. What an earlier enrolment sent is kept under
negative numbers.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from vsla_desktop.errors import SyncError
from vsla_desktop.sync.rows import base_text
from vsla_desktop.sync.scopes import begin_all_anew

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from vsla_desktop.sync.enrolment import Enrolment


@dataclass(frozen=True, slots=True)
class Batch:
    """A sealed batch. ``payload`` is one line of JSON about it, then one line a row."""

    number: int
    digest: str
    rows: int
    payload: bytes

    @classmethod
    def of(cls, header: dict[str, Any], body: bytes, rows: int) -> Batch:
        """Return the batch that these lines make."""
        payload = b"".join((base_text(header).encode(), b"\n", body))
        return cls(header["n"], hashlib.sha256(payload).hexdigest(), rows, payload)

    @property
    def header(self) -> dict[str, Any]:
        """What the first line says: format, device, number, columns of the lines."""
        made: dict[str, Any] = json.loads(self.payload[: self.payload.index(b"\n")])
        return made

    @property
    def body(self) -> memoryview:
        """The lines."""
        return memoryview(self.payload)[self.payload.index(b"\n") + 1 :]


def next_number(connection: Connection) -> int:
    """Return the number of the next batch."""
    number: int = connection.exec_driver_sql(
        "SELECT coalesce(max(n), 0) + 1 FROM sync_outbox WHERE n > 0"
    ).scalar_one()
    return number


def put(connection: Connection, batch: Batch, sealed_at: datetime) -> None:
    """Put a sealed batch into the outbox."""
    connection.exec_driver_sql(
        "INSERT INTO sync_outbox (n, batch_uuid, payload, sha256, row_count, byte_count, sealed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            batch.number,
            str(uuid4()),
            zlib.compress(batch.payload, 1),
            batch.digest,
            batch.rows,
            len(batch.payload),
            sealed_at.isoformat(sep=" "),
        ),
    )


def next_sealed(connection: Connection, number: int | None = None) -> Batch | None:
    """Return the oldest batch that head office has not acknowledged, or the one of this number."""
    found = connection.exec_driver_sql(
        "SELECT n, sha256, row_count, payload FROM sync_outbox WHERE state = 'sealed'"
        " AND n = coalesce(?, n) ORDER BY n LIMIT 1",
        (number,),
    ).one_or_none()
    if found is None:
        return None
    return Batch(found.n, found.sha256, found.row_count, zlib.decompress(found.payload))


def last_numbers(connection: Connection) -> tuple[int, int]:
    """Return the numbers of the last batch that was acknowledged, and of the last at all."""
    acked, last = connection.exec_driver_sql(
        "SELECT coalesce(max(CASE state WHEN 'acked' THEN n END), 0), coalesce(max(n), 0)"
        " FROM sync_outbox WHERE n > 0"
    ).one()
    return acked, last


def known_digests(connection: Connection) -> dict[int, str]:
    """Return what tells each batch of this enrolment from any other, by its number."""
    found = connection.exec_driver_sql("SELECT n, sha256 FROM sync_outbox WHERE n > 0")
    return {each.n: each.sha256 for each in found}


def sealed_rows(connection: Connection) -> set[str]:
    """Return the rows of all batches that head office has not acknowledged."""
    import csv

    found: set[str] = set()
    waiting = connection.exec_driver_sql("SELECT payload FROM sync_outbox WHERE state = 'sealed'")
    for packed in waiting.scalars():
        batch = Batch(0, "", 0, zlib.decompress(packed))
        place = batch.header["columns"].index("su")
        lines = csv.reader(bytes(batch.body).decode().splitlines(keepends=True))
        found.update(line[place] for line in lines)
    return found


def offer_again(connection: Connection, last: int, epoch: str) -> None:
    """Offer again every batch after ``last``: head office lost them with a restored backup.

    Raises :class:`SyncError` when one of them is no longer kept here.
    """
    run = connection.exec_driver_sql
    lost, kept = run("SELECT count(*), count(payload) FROM sync_outbox WHERE n > ?", (last,)).one()
    if kept < lost or lost != next_number(connection) - 1 - last:
        raise SyncError(
            "Head office is missing entries that this laptop no longer keeps.",
            hint="Ask head office which backup it has restored.",
        )
    run("UPDATE sync_outbox SET state = 'sealed' WHERE n > ?", (last,))
    run(
        "UPDATE sync_meta SET past_epochs = json_insert(past_epochs, '$[#]', server_epoch),"
        " server_epoch = ? WHERE server_epoch <> ?",
        (epoch, epoch),
    )
    run("DELETE FROM sync_document")
    begin_all_anew(connection)


def take_enrolment(connection: Connection, enrolment: Enrolment) -> str:
    """Belong to this enrolment from now on; return the epoch of head office that we know.

    A laptop that is enrolled anew starts again with batch 1. What was sealed and not acknowledged
    goes first: rows that did arrive under the old name are found there and agreed on. If head
    office was restored since, it may have lost what the old name had sent, so that goes as well.
    """
    run = connection.exec_driver_sql
    device, epoch = run("SELECT device_id, server_epoch FROM sync_meta").one()
    if device == enrolment.device_id:
        known: str = epoch
        return known
    restored = epoch is not None and epoch != enrolment.server_epoch
    if restored or enrolment.former == device:
        there = enrolment.former_last if enrolment.former == device else 0
        run("UPDATE sync_outbox SET state = 'sealed' WHERE n > ? AND payload NOT NULL", (there,))
    lowest = run("SELECT coalesce(min(n), 0) FROM sync_outbox WHERE n < 0").scalar_one()
    waiting = run(
        "SELECT n, payload, row_count, sealed_at FROM sync_outbox WHERE state = 'sealed' ORDER BY n"
    ).all()
    run("DELETE FROM sync_outbox WHERE state = 'sealed'")
    run("UPDATE sync_outbox SET n = ? - n WHERE n > 0", (lowest,))
    for number, (before, packed, rows, sealed_at) in enumerate(waiting, start=1):
        old = Batch(before, "", rows, zlib.decompress(packed))
        header = {**old.header, "device": enrolment.device_id, "n": number}
        put(connection, Batch.of(header, bytes(old.body), rows), datetime.fromisoformat(sealed_at))
        run("UPDATE sync_quarantine SET n = ? WHERE n = ?", (-number, before))
    run("UPDATE sync_quarantine SET n = -n WHERE n < 0")
    run("DELETE FROM sync_document")
    if epoch is not None and epoch != enrolment.server_epoch:
        begin_all_anew(connection)
    run(
        "UPDATE sync_meta SET device_id = ?, server_epoch = ?, past_epochs = '[]'",
        (enrolment.device_id, enrolment.server_epoch),
    )
    return enrolment.server_epoch


def held_here(connection: Connection) -> set[str]:
    """Return the rows whose last word is only here: changed, sealed, or not taken up there."""
    run = connection.exec_driver_sql
    held = set(run("SELECT su FROM sync_dirty WHERE op <> 'X'").scalars())
    held.update(run("SELECT su FROM sync_quarantine").scalars())
    return held | sealed_rows(connection)
