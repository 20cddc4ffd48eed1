"""Making a report on a worker's thread, so that whoever no longer wants it does not wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.clock import Clock
from vsla_desktop.presenters.runner import Cancelled, Progress
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.reports.held import HeldReport, hold
from vsla_desktop.reports.report import Definition, Report

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

_OFTEN: Final = 20_000  # steps of SQLite between two looks: some milliseconds


def read_report(
    progress: Progress,
    *,
    database: Database,
    definition: Definition,
    wanted: Filter,
    clock: Clock,
    prepare: Callable[[Report], None],
) -> HeldReport:
    """Make a report and hold its rows. Raises RuleBroken, StorageError, Cancelled."""
    progress.step(0, 0)
    with database.read() as session, _stoppable(session, progress):
        report = definition.build(session, wanted, clock)
        held = hold(report, lambda rows: progress.step(rows, 0))
    prepare(held.report)
    return held


@contextmanager
def _stoppable(session: Session, progress: Progress) -> Iterator[None]:
    """Let a question be stopped while the database works on it."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        from vsla_desktop.presenters.office import stoppable  # a laptop never needs it

        with stoppable(session, progress):
            yield
        return
    driver: Any = connection.connection.driver_connection
    stopped: list[Cancelled] = []

    def look() -> bool:
        try:
            progress.step(0, 0)
        except Cancelled as cancelled:
            stopped.append(cancelled)
        return bool(stopped)

    driver.set_progress_handler(look, _OFTEN)
    try:
        yield
    except Exception as error:
        if stopped and not isinstance(error, Cancelled):
            raise stopped[0] from error
        raise
    finally:
        driver.set_progress_handler(None, 0)
