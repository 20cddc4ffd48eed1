"""What head office could not take from this laptop, offered again when it can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.capture.identity import SQLITE_NOW
from vsla_desktop.capture.sqlite import image
from vsla_desktop.capture.tables import travels

if TYPE_CHECKING:
    from sqlalchemy import Connection


def offer_denied(connection: Connection) -> None:
    """Send again what was denied, with what waited for it: a group is this laptop's to write.

    What is still not ours to write comes back denied, and waits on.
    """
    _offer(connection, "denied")


def offer_newer(connection: Connection) -> None:
    """Send again what head office had no place for: it has this laptop's release now."""
    _offer(connection, "newer")


def _offer(connection: Connection, reason: str) -> None:
    run = connection.exec_driver_sql
    if not run("SELECT 1 FROM sync_quarantine WHERE reason = ? LIMIT 1", (reason,)).first():
        return
    # Noted as the trigger does that it would otherwise wake: a row that changes on is compared
    # with what it is now, and with what head office knew of it when it was refused.
    applying = run("SELECT v FROM sync_applying").scalar_one()
    run("UPDATE sync_applying SET v = 1")
    for table in travels():
        run(
            "INSERT INTO sync_dirty (su, tbl, local_id, op, at, base)"
            f" SELECT q.su, q.tbl, q.local_id, q.op, {SQLITE_NOW},"
            f" CASE WHEN t.id IS NOT NULL AND q.op = 'U' THEN {image(table, 't')} END"
            f' FROM sync_quarantine q LEFT JOIN "{table.name}" t ON t.id = q.local_id'
            f" WHERE q.tbl = {table.number} AND q.reason IN (?, 'incomplete')"
            " ON CONFLICT (su) DO NOTHING",
            (reason,),
        )
    run("UPDATE sync_applying SET v = ?", (applying,))
