"""What a laptop does with head office's answer to a batch."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from vsla_desktop.capture.tables import travels
from vsla_desktop.capture.wire import NUMBERS
from vsla_desktop.sync.rows import base_text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from vsla_desktop.clock import Clock
    from vsla_desktop.sync.outbox import Batch

KEPT_DAYS: Final = 60


def acknowledge(
    connection: Connection, batch: Batch, result: dict[str, Any], *, clock: Clock
) -> int:
    """Record the answer inside the caller's transaction; return how many conflicts it names.

    What another program of this laptop has recorded meanwhile is not recorded twice. ``acked_at``
    is head office's time, and so are the days that a batch is kept: this laptop's clock may be off.
    """
    run = connection.exec_driver_sql
    now, there = clock.now(), result.get("at")
    recorded = run(
        "UPDATE sync_outbox SET state = 'acked', result = ?, acked_at = ?"
        " WHERE n = ? AND sha256 = ? AND state = 'sealed'",
        (json.dumps(result, ensure_ascii=False), there, batch.number, batch.digest),
    )
    if not recorded.rowcount:
        return 0
    _settle_quarantine(connection, batch, result.get("refused", []), now.isoformat(sep=" "))
    conflicts = result.get("conflicts", [])
    stamps = _column(batch, "v2") if conflicts else {}
    for each in conflicts:
        su = UUID(each["su"]).hex
        _note(connection, batch, now, {**each, "su": su, "mine_at": stamps.get(su)})
    for ours, theirs in result.get("joined", []):
        su, other = UUID(ours).hex, UUID(theirs).hex
        if not _take_identity(connection, su, other):
            doubled = {"tbl": "", "su": su, "kind": "doubled", "mine": su, "theirs": other}
            _note(connection, batch, now, doubled)
    if there is not None:
        kept_since = datetime.fromisoformat(there) - timedelta(days=KEPT_DAYS)
        run(
            "UPDATE sync_outbox SET payload = NULL WHERE state = 'acked' AND acked_at < ?",
            (kept_since.isoformat(sep=" "),),
        )
    run(
        "UPDATE sync_meta SET sent_at = ?, tried_at = ?, problem = NULL",
        (now.isoformat(sep=" "), now.isoformat(sep=" ")),
    )
    return len(conflicts)


def _settle_quarantine(
    connection: Connection, batch: Batch, refused: list[dict[str, Any]], now: str
) -> None:
    """Forget what was taken this time; keep what was refused until it is changed."""
    run = connection.exec_driver_sql
    # A row that was refused as new is new, whatever else of it was refused.
    still = {
        UUID(each["su"]).hex: each for each in sorted(refused, key=lambda row: row["op"] == "I")
    }
    run(
        "DELETE FROM sync_quarantine WHERE n = ? AND su NOT IN (SELECT value FROM json_each(?))",
        (batch.number, json.dumps(list(still))),
    )
    if not still:
        return
    known = _column(batch, "base") | _removed(batch)
    for su, each in still.items():
        # A table that head office does not know yet has no name there.
        number = NUMBERS.get(each["tbl"]) or int(each["tbl"])
        run(
            "INSERT INTO sync_quarantine (su, tbl, local_id, op, reason, base, found_at)"
            " SELECT m.su, m.tbl, m.local_id, ?, ?, ?, ? FROM sync_idmap m"
            " WHERE m.tbl = ? AND m.su = ? ON CONFLICT (su) DO UPDATE SET op = excluded.op,"
            " reason = excluded.reason, base = excluded.base, n = NULL",
            (each["op"], each["reason"], known.get(su), now, number, su),
        )


def _column(batch: Batch, name: str) -> dict[str, str]:
    """Return what a batch told of each of its rows in this column, where it told anything."""
    import csv

    columns = batch.header["columns"]
    su, wanted = columns.index("su"), columns.index(name)
    lines = csv.reader(bytes(batch.body).decode().splitlines(keepends=True))
    return {row[su]: row[wanted] for row in lines if row[wanted]}


def _removed(batch: Batch) -> dict[str, str]:
    """Return what the laptop last knew of each row that a batch removes."""
    import csv

    columns = batch.header["columns"]
    places = {name: place for place, name in enumerate(columns)}
    tables = {str(each.number): each for each in travels()}
    return {
        row[places["su"]]: base_text(
            {
                each.name: row[places[each.slot]] or None
                for each in tables[row[places["tbl"]]].columns
                if each.slot in places
            }
        )
        for row in csv.reader(bytes(batch.body).decode().splitlines(keepends=True))
        if row[places["op"]] == "D"
    }


def _take_identity(connection: Connection, ours: str, theirs: str) -> bool:
    """Call a row what head office calls it, since it is the same thing; False if we have both."""
    run = connection.exec_driver_sql
    if run("SELECT 1 FROM sync_idmap WHERE su = ?", (theirs,)).first():
        return False
    for table in ("sync_idmap", "sync_dirty", "sync_quarantine"):
        run(f"UPDATE OR IGNORE {table} SET su = ? WHERE su = ?", (theirs, ours))
    return True


def _note(connection: Connection, batch: Batch, now: datetime, told: dict[str, Any]) -> None:
    """Keep a conflict as head office told of it, and when the row was last changed here."""
    changed_at = told.get("at")
    if changed_at is not None:
        changed_at = datetime.fromisoformat(changed_at).astimezone(UTC).replace(tzinfo=None)
    connection.exec_driver_sql(
        "INSERT INTO sync_conflict (n, tbl, su, kind, col, base, mine, theirs, found_at,"
        " central_id, by_whom, changed_at, mine_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            batch.number,
            *(told.get(each) for each in ("tbl", "su", "kind", "col", "base", "mine", "theirs")),
            now.isoformat(sep=" "),
            *(told.get(each) for each in ("id", "by")),
            changed_at and changed_at.isoformat(sep=" "),
            told.get("mine_at"),
        ),
    )
