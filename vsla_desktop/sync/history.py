"""What went to head office and what came from there, kept so that people can look it up."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from vsla_desktop.errors import OfflineError, SyncError
from vsla_desktop.sync.report import SyncReport

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from vsla_desktop.clock import Clock
    from vsla_desktop.db import Database

MOST_KEPT: Final = 1000


class Way(StrEnum):
    """How it went or came."""

    NETWORK = "network"
    FILE_WRITTEN = "file written"
    FILE_READ = "file read"


@dataclass(frozen=True, slots=True)
class Entry:
    """One time that laptop and head office met, or tried to. ``at`` is its end in UTC.

    ``conflicts`` are what a person was given to look at; ``problem`` is why it did not go through.
    """

    at: datetime
    way: Way
    report: SyncReport
    problem: SyncError | None = None

    @property
    def is_offline(self) -> bool:
        """Whether there just was no network."""
        return isinstance(self.problem, OfflineError)


def remembered(
    local: Database,
    way: Way,
    clock: Clock,
    work: Callable[[], SyncReport],
    so_far: Callable[[], SyncReport] = SyncReport,
) -> SyncReport:
    """Do the work and keep what came of it; what it raises is kept too, and raised.

    ``so_far`` tells what had gone and come until then.
    """
    started = time.monotonic()
    try:
        report = work()
    except SyncError as error:
        spent = replace(so_far(), seconds=time.monotonic() - started)
        _keep(local, Entry(clock.now(), way, spent, error))
        raise
    _keep(local, Entry(clock.now(), way, report))
    return report


def _keep(local: Database, entry: Entry) -> None:
    with local.connection(writes=True) as connection:
        remember(connection, entry)


def remember(connection: Connection, entry: Entry) -> None:
    """Keep an entry. Of times in a row that carried nothing and said the same, the last is kept."""
    run = connection.exec_driver_sql
    report, problem = entry.report, _written(entry.problem)
    run(
        "DELETE FROM sync_history WHERE id = (SELECT max(id) FROM sync_history)"
        " AND ? = 0 AND rows_sent + rows_received + documents = 0"
        " AND kind = ? AND problem IS ? AND conflicts = ?",
        (
            report.rows_sent + report.rows_received + report.documents_sent,
            entry.way.value,
            problem,
            report.conflicts,
        ),
    )
    run(
        "INSERT INTO sync_history (at, kind, rows_sent, rows_received, documents, conflicts,"
        " seconds, problem) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.at.isoformat(sep=" "),
            entry.way.value,
            report.rows_sent,
            report.rows_received,
            report.documents_sent,
            report.conflicts,
            report.seconds,
            problem,
        ),
    )
    run("DELETE FROM sync_history WHERE id <= (SELECT max(id) FROM sync_history) - ?", (MOST_KEPT,))


def history(connection: Connection, *, most: int = MOST_KEPT) -> tuple[Entry, ...]:
    """Return what is kept, the newest first."""
    return tuple(
        Entry(
            datetime.fromisoformat(row.at),
            Way(row.kind),
            SyncReport(
                rows_sent=row.rows_sent,
                rows_received=row.rows_received,
                documents_sent=row.documents,
                conflicts=row.conflicts,
                seconds=row.seconds,
            ),
            _read(row.problem),
        )
        for row in connection.exec_driver_sql(
            "SELECT * FROM sync_history ORDER BY id DESC LIMIT ?", (most,)
        )
    )


def _written(problem: SyncError | None) -> str | None:
    """Write an error as its template and values, so that it is said in the reader's language."""
    if problem is None:
        return None
    told = {
        "offline": isinstance(problem, OfflineError),
        "message": problem.message,
        "hint": problem.hint,
        "values": {name: str(value) for name, value in problem.values.items()},
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def _read(written: str | None) -> SyncError | None:
    if written is None:
        return None
    told = json.loads(written)
    kind = OfflineError if told["offline"] else SyncError
    return kind(told["message"], hint=told["hint"], **told["values"])
