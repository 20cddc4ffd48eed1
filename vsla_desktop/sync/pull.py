"""Fetch what changed at head office, and write it into the book.

Asking changes nothing there, and each answer is taken whole or not at all, together with the
position that it leads to: a fetch can end anywhere, and the next goes on from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.clock import Clock, SystemClock
from vsla_desktop.sync import scopes
from vsla_desktop.sync.ahead import Ahead, foretold
from vsla_desktop.sync.centre import CancelledError
from vsla_desktop.sync.lines import read_head
from vsla_desktop.sync.outbox import last_numbers
from vsla_desktop.sync.push import Pushing, refusal
from vsla_desktop.sync.report import Failpoint, Progress, SyncReport, carry_on
from vsla_desktop.sync.settle import note_told, untold
from vsla_desktop.sync.take import take
from vsla_desktop.sync.talk import talk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vsla_desktop.db import Database
    from vsla_desktop.sync.centre import Centre
    from vsla_desktop.sync.lines import Head

FIRST_ROWS: Final = 5_000
MOST_ROWS: Final = 80_000
# An answer is to take about so long, so that little is lost when the line breaks.
QUICK_SECONDS: Final = 3.0
SLOW_SECONDS: Final = 30.0
# Comparing, and being told anew, happen once; what still differs then is for the next time.
MOST_ROUNDS: Final = 3


def pull(
    local: Database,
    data_dir: Path,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    clock: Clock | None = None,
    failpoint: Failpoint = carry_on,
    compare: bool = False,
    rows: int = FIRST_ROWS,
) -> SyncReport:
    """Fetch every change of this laptop's groups; return what was done.

    ``compare`` asks for every group whether all of it is here; otherwise one group a time is
    compared, each once a day. ``rows`` is the size of the first answer. Raises
    :class:`OfflineError` when there is no way there, :class:`SyncError` when head office refuses.
    """
    clock = clock or SystemClock()
    pushing = Pushing(local, clock, failpoint, cancelled)
    pulling = Pulling(local, clock, failpoint, cancelled, pushing)
    pulling.progress, pulling.compare, pulling.size = progress, compare, rows
    return talk(local, data_dir, clock, pulling)


class Pulling:
    """One fetch: what it has done so far. ``progress`` is told of rows.

    ``compare`` and ``size`` are as in :func:`pull`. ``pushing`` sends first what head office lost.
    """

    def __init__(
        self,
        local: Database,
        clock: Clock,
        failpoint: Failpoint,
        cancelled: Callable[[], bool],
        pushing: Pushing,
    ) -> None:
        self._local = local
        self._clock = clock
        self._failpoint = failpoint
        self._cancelled = cancelled
        self._pushing = pushing
        self._rows = self._expected = 0
        self._groups_changed = False
        self.progress: Progress | None = None
        self.compare = False
        self.size = FIRST_ROWS

    def report(self) -> SyncReport:
        """Return what was fetched."""
        return SyncReport(rows_received=self._rows, groups_changed=self._groups_changed)

    def run(self, centre: Centre) -> None:
        """Ask until head office has told everything."""
        size = self.size
        with self._local.connection(writes=True) as connection:
            scopes.register(connection)
            before = scopes.leases(connection)
            to_compare = scopes.to_compare(connection, self._clock, every=self.compare)
        rounds = 0
        with Ahead(centre, self._receive) as ahead:
            while rounds < MOST_ROUNDS:
                if self._cancelled():
                    raise CancelledError
                request, head, lines = self._ask(centre, ahead, size, to_compare)
                if ahead.seconds < QUICK_SECONDS:
                    size = min(4 * size, MOST_ROWS)
                elif ahead.seconds > SLOW_SECONDS:
                    size = max(size // 2, FIRST_ROWS)
                if following := foretold(request, head, size):
                    ahead.begin(following)
                with self._local.connection(writes=True) as connection:
                    taken = take(connection, lines)
                    self._groups_changed = scopes.leases(connection) != before
                    self._failpoint("taking")
                self._failpoint("taken")
                self._rows += taken.rows
                if self.progress is not None:
                    self.progress(self._rows, max(self._expected, self._rows))
                if not taken.more:
                    rounds += 1
                    if not taken.anew:
                        break
        self._tell(centre, to_compare)

    def _receive(self, received: int) -> None:
        self._failpoint("receiving" if received else "answered")
        if self._cancelled():
            raise CancelledError

    def _ask(
        self, centre: Centre, ahead: Ahead, size: int, to_compare: list[str]
    ) -> tuple[dict[str, Any], Head, list[str]]:
        """Return a question and its answer. Raises :class:`SyncError` when there is none."""
        with self._local.connection() as connection:
            request = scopes.request(connection, size, to_compare, count=not self._rows)
        self._failpoint("asking")
        lines = ahead.lines(request)
        self._failpoint("received")
        head = read_head(lines[0])
        self._expected = head.rows or self._expected
        if head.answer not in {"ok", "epoch"}:
            raise refusal(head.answer)
        if self._is_behind(centre, head):
            # What it lost goes first: it is not to be told that it never was.
            self._pushing.run(centre)
            return self._ask(centre, ahead, size, to_compare)
        return request, head, lines

    def _is_behind(self, centre: Centre, head: Head) -> bool:
        """Offer again what head office lost with a backup that was restored; say whether it did.

        Raises :class:`SyncError` when it is this laptop that was restored, or copied.
        """
        with self._local.connection() as connection:
            acknowledged, last = last_numbers(connection)
        if head.last > last:
            raise refusal("another")
        if head.answer == "ok" and head.last >= acknowledged:
            return False
        self._pushing.offer_again(centre, head.last, head.epoch)
        return True

    def _tell(self, centre: Centre, compared: list[str]) -> None:
        """Tell head office how far this laptop has come."""
        with self._local.connection(writes=True) as connection:
            scopes.note_compared(connection, self._clock, compared)
            reached = scopes.reached(connection)
            settled = untold(connection)
        self._failpoint("telling")
        centre.tell_reached(str(reached), settled)
        if settled:
            with self._local.connection(writes=True) as connection:
                note_told(connection, settled, self._clock.now())
        self._failpoint("told")
