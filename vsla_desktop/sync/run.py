"""Send what is new here, then fetch what is new there, then the documents that rows name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock, SystemClock
from vsla_desktop.sync.documents import exchange
from vsla_desktop.sync.history import Way, remembered
from vsla_desktop.sync.pull import Pulling
from vsla_desktop.sync.push import Pushing
from vsla_desktop.sync.report import Failpoint, Progress, SyncReport, carry_on
from vsla_desktop.sync.talk import talk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vsla_desktop.db import Database
    from vsla_desktop.sync.centre import Centre


def run(
    local: Database,
    data_dir: Path,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    clock: Clock | None = None,
    failpoint: Failpoint = carry_on,
    compare: bool = False,
) -> SyncReport:
    """Bring this laptop and head office together; return what was done, which is kept as well.

    ``compare`` asks for every group whether all of it is here. Raises :class:`OfflineError` when
    there is no way there, :class:`SyncError` when head office refuses: what was done until then
    stands, and what waits goes next time.
    """
    clock = clock or SystemClock()
    both = _Both(local, data_dir, clock, failpoint, cancelled)
    both.pulling.compare = compare
    both.pulling.progress = both.pushing.progress = progress
    return remembered(
        local, Way.NETWORK, clock, lambda: talk(local, data_dir, clock, both), both.report
    )


class _Both:
    """Both ways in one talk."""

    def __init__(
        self,
        local: Database,
        data_dir: Path,
        clock: Clock,
        failpoint: Failpoint,
        cancelled: Callable[[], bool],
    ) -> None:
        self._local, self._data_dir, self._clock = local, data_dir, clock
        self._failpoint, self._cancelled = failpoint, cancelled
        self.pushing = Pushing(local, clock, failpoint, cancelled)
        self.pulling = Pulling(local, clock, failpoint, cancelled, self.pushing)
        self._documents = 0

    def run(self, centre: Centre) -> None:
        self.pushing.run(centre)
        self.pulling.run(centre)
        done = exchange(
            self._local,
            self._data_dir,
            centre,
            progress=self._documents_progress,
            cancelled=self._cancelled,
            clock=self._clock,
            failpoint=self._failpoint,
        )
        self._documents = done.sent

    def _documents_progress(self, done: int, total: int) -> None:
        if self.pulling.progress is not None:
            self.pulling.progress(done >> 10, total >> 10)

    def report(self) -> SyncReport:
        received = self.pulling.report()
        return replace(
            self.pushing.report(),
            rows_received=received.rows_received,
            documents_sent=self._documents,
            groups_changed=received.groups_changed,
        )
