"""How things stand between this laptop and head office, in four words.

What the first screen says of it is read from the book alone: a laptop that sends nothing loads
nothing of what sending takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from vsla_desktop.db import Database

ENROLMENT_FILE: Final = "enrolment.json"


class SyncWord(StrEnum):
    """What the corner of the window says; a presenter adds the time to SENT."""

    SAVED_HERE = "Saved here"
    WAITING = "Waiting for network"
    SENDING = "Sending"
    SENT = "Sent"
    PARTLY = "Sent, but not all was taken"


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """How things stand. ``waiting`` rows are only here; times are UTC.

    ``received_at`` is when head office last told us all that it had for us.

    ``conflicts`` and ``quarantined`` count what a person should look at; ``problem`` is why the
    last try failed, "offline" when there was just no network.
    """

    word: SyncWord
    waiting: int
    sent_at: datetime | None
    tried_at: datetime | None
    conflicts: int
    quarantined: int
    enrolled: bool
    problem: str
    received_at: datetime | None = None


def waiting_rows(connection: Connection) -> int:
    """Count the changed rows that head office has not acknowledged."""
    waiting: int = connection.exec_driver_sql(
        "SELECT (SELECT count(*) FROM sync_dirty)"
        " - (SELECT count(*) FROM sync_dirty WHERE op <> 'I' AND op = 'X')"
        " + (SELECT coalesce(sum(row_count), 0) FROM sync_outbox WHERE state = 'sealed')"
    ).scalar_one()
    return waiting


def sync_status(local: Database, data_dir: Path, *, sending: bool = False) -> SyncStatus:
    """Say how things stand; ``sending`` while a push is under way."""
    with local.connection() as connection:
        run = connection.exec_driver_sql
        waiting = waiting_rows(connection)
        meta = run("SELECT sent_at, tried_at, problem FROM sync_meta").one()
        conflicts = run("SELECT count(*) FROM sync_conflict WHERE settled_at IS NULL").scalar_one()
        quarantined = run("SELECT count(*) FROM sync_quarantine").scalar_one()
        received_at = run(
            "SELECT max(at) FROM sync_history WHERE problem IS NULL AND kind <> 'file written'"
        ).scalar_one()
    enrolled = (data_dir / ENROLMENT_FILE).exists()
    if sending:
        word = SyncWord.SENDING
    elif enrolled and meta.sent_at and not waiting:
        word = SyncWord.PARTLY if quarantined else SyncWord.SENT
    elif enrolled and waiting and meta.problem == "offline":
        word = SyncWord.WAITING
    else:
        word = SyncWord.SAVED_HERE
    return SyncStatus(
        word=word,
        waiting=waiting,
        sent_at=_instant(meta.sent_at),
        tried_at=_instant(meta.tried_at),
        conflicts=conflicts,
        quarantined=quarantined,
        enrolled=enrolled,
        problem=meta.problem or "",
        received_at=_instant(received_at),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
