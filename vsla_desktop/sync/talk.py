"""One talk with head office: signed in once, whatever is done, and what came of it kept."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from vsla_desktop.errors import OfflineError, SyncError
from vsla_desktop.queries.sync_status import waiting_rows
from vsla_desktop.sync.centre import CancelledError, Centre
from vsla_desktop.sync.enrolment import load_enrolment
from vsla_desktop.sync.outbox import take_enrolment

if TYPE_CHECKING:
    from pathlib import Path

    from vsla_desktop.clock import Clock
    from vsla_desktop.db import Database
    from vsla_desktop.sync.report import SyncReport


class Work(Protocol):
    """What is done in a talk. ``report`` says what was done so far."""

    def run(self, centre: Centre) -> None:
        """Do it. Raises :class:`CancelledError` where a person asked to stop."""

    def report(self) -> SyncReport:
        """Return what was done, in rows and batches."""


def talk(local: Database, data_dir: Path, clock: Clock, work: Work) -> SyncReport:
    """Sign in at head office and do some work there; return what was done.

    Raises :class:`OfflineError` when there is no way there, :class:`SyncError` when head office
    refuses; why is kept for whoever looks later.
    """
    enrolment = load_enrolment(data_dir)
    started = time.monotonic()
    round_trips = 0
    try:
        with local.connection(writes=True) as connection:
            take_enrolment(connection, enrolment)
        with Centre(enrolment, data_dir) as centre:
            with suppress(CancelledError):
                work.run(centre)
            round_trips = centre.round_trips
    except SyncError as error:
        _remember_problem(local, error, clock)
        raise
    with local.connection() as connection:
        waiting = waiting_rows(connection)
        refused = connection.exec_driver_sql("SELECT count(*) FROM sync_quarantine").scalar_one()
    done = work.report()
    return replace(
        done,
        conflicts=done.conflicts + refused,
        waiting=waiting,
        seconds=time.monotonic() - started,
        round_trips=round_trips,
    )


def _remember_problem(local: Database, problem: SyncError, clock: Clock) -> None:
    """Keep why it did not go, for whoever looks later."""
    said = "offline" if isinstance(problem, OfflineError) else str(problem)
    with local.connection(writes=True) as connection:
        connection.exec_driver_sql(
            "UPDATE sync_meta SET tried_at = ?, problem = ?",
            (clock.now().isoformat(sep=" "), said),
        )
