"""States of sync for pictures: written into the laptop's own notes, as head office would."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vsla_desktop.capture.tables import travel
from vsla_desktop.errors import OfflineError, SyncError
from vsla_desktop.sync import Enrolment, SyncReport, keep_enrolment
from vsla_desktop.sync.history import Entry, Way, remember

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from vsla_desktop.db import Database

NOBODY: Final = Enrolment(
    host="127.0.0.1",
    port=1,
    dbname="centre",
    role="dev_picture",
    password="not told",  # noqa: S106 - of nobody
    device_id="6f0c3f0e-0000-4000-8000-000000000001",
    device_name="Kayunga 1",
    server_epoch="6f0c3f0e-0000-4000-8000-000000000002",
)
_CONFLICTS: Final = (
    ("group_members", 2, "phone_number", "0772 123 456", "0773 654 321", "Kayunga 2"),
    ("group_members", 3, "last_name", "Nakatto", "Nakato", ""),
    ("group_settings", 1, "social_fund_contribution", "500.00", "1000.00", ""),
    ("group_transactions", 12, "amount", "10000.00", "15000.00", "Kayunga 2"),
    ("meetings", 4, "meeting_date", "2026-05-12", "2026-05-13", ""),
)


def enrol(folder: Path) -> None:
    """Let the laptop be known to a head office that nobody reaches."""
    keep_enrolment(NOBODY, folder, passphrase="mangoes in the rain")  # noqa: S106 - of nobody


def write_states(database: Database, now: datetime) -> None:
    """Write something of everything: sent, waiting, differing, refused, and a long history."""
    with database.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        if run("SELECT 1 FROM sync_history").first():
            return
        run("DELETE FROM sync_dirty")
        run("UPDATE sync_meta SET sent_at = ?", ((now - timedelta(hours=3)).isoformat(sep=" "),))
        run("UPDATE group_members SET occupation = 'Farmer' WHERE id < 4")
        run("UPDATE meetings SET location = 'School' WHERE id > 20")
        group = _su(connection, "savings_groups", 1)
        run(
            "INSERT INTO sync_scope (su, state, writable) VALUES (?, 'kept', 0),"
            " ('0190000000000000', 'filling', 1), ('', 'kept', 1)",
            (group,),
        )
        run(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1204)"
            " INSERT INTO sync_inq (su, tbl, scope, ver, deleted)"
            " SELECT printf('r%d', n), 10, '0190000000000000', 1, 0 FROM n"
        )
        for place, conflict in enumerate(_CONFLICTS):
            _differ(connection, conflict, now - timedelta(hours=4, minutes=7 * place))
        for name, key, why in (("group_members", 5, "invalid"), ("member_fines", 3, "incomplete")):
            run(
                "INSERT INTO sync_quarantine (su, tbl, local_id, op, reason, found_at)"
                " VALUES (?, ?, ?, 'I', ?, ?)",
                (_su(connection, name, key), travel(name).number, key, why, str(now)),
            )
        _remember(connection, now)


def _remember(connection: Connection, now: datetime) -> None:
    offline = OfflineError(
        "Head office can not be reached now.",
        hint="Your entries are saved here. Try again when there is network.",
    )
    refused = SyncError(
        "Head office does not let this laptop in.",
        hint="Ask head office to enrol it again. Your entries are saved here.",
    )
    for day in range(40, 0, -1):
        at = now - timedelta(days=day, hours=day % 5)
        report = SyncReport(
            rows_sent=day * 37 % 400,
            rows_received=day * 11 % 90,
            conflicts=day % 9 // 8,
            seconds=0.4 + day * 7 % 50 / 10,
        )
        way = Way.FILE_READ if day % 11 == 5 else Way.NETWORK  # noqa: PLR2004 - now and then
        problem = {0: offline, 3: refused}.get(day % 13)
        done = report if problem is None else SyncReport(seconds=15.0)
        remember(connection, Entry(at, way, done, problem))
    remember(connection, Entry(now - timedelta(hours=3), Way.NETWORK, SyncReport(rows_sent=212)))


def _differ(
    connection: Connection, conflict: tuple[str, int, str, str, str, str], at: datetime
) -> None:
    name, key, column, mine, theirs, who = conflict
    connection.exec_driver_sql(
        "INSERT INTO sync_conflict (n, tbl, su, kind, col, mine, theirs, found_at, by_whom,"
        " changed_at, mine_at) VALUES (1, ?, ?, 'changed', ?, ?, ?, ?, ?, ?, ?)",
        (
            *(name, _su(connection, name, key), column, mine, theirs, str(at)),
            *(who or None, str(at) if who else None, str(at - timedelta(days=1))),
        ),
    )


def _su(connection: Connection, name: str, key: int) -> str:
    su: str = connection.exec_driver_sql(
        "SELECT su FROM sync_idmap WHERE tbl = ? AND local_id = ?", (travel(name).number, key)
    ).scalar_one()
    return su
