"""Send what changed on the laptop to head office, each batch exactly once."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.clock import Clock, SystemClock
from vsla_desktop.errors import SyncError
from vsla_desktop.queries.sync_status import waiting_rows
from vsla_desktop.sync.acknowledge import acknowledge
from vsla_desktop.sync.centre import BusyError, CancelledError
from vsla_desktop.sync.outbox import Batch, known_digests, next_number, next_sealed, offer_again
from vsla_desktop.sync.report import Failpoint, Progress, SyncReport, carry_on
from vsla_desktop.sync.seal import seal
from vsla_desktop.sync.talk import talk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vsla_desktop.db import Database
    from vsla_desktop.sync.centre import Centre

TRIES: Final = 6


def push(
    local: Database,
    data_dir: Path,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    clock: Clock | None = None,
    failpoint: Failpoint = carry_on,
) -> SyncReport:
    """Send every change of this laptop that head office has not got; return what was done.

    Raises :class:`OfflineError` when there is no way there, :class:`SyncError` when head office
    does not take it. What was not sent stays saved here, and goes next time.
    """
    clock = clock or SystemClock()
    pushing = Pushing(local, clock, failpoint, cancelled)
    pushing.progress = progress
    return talk(local, data_dir, clock, pushing)


class Pushing:
    """One push: what it has done so far. ``progress`` is told of rows."""

    def __init__(
        self,
        local: Database,
        clock: Clock,
        failpoint: Failpoint,
        cancelled: Callable[[], bool],
    ) -> None:
        self._local = local
        self._clock = clock
        self._failpoint = failpoint
        self._cancelled = cancelled
        self._device = self._epoch = ""
        self._batches = self._rows = self._conflicts = 0
        self.progress: Progress | None = None

    def report(self) -> SyncReport:
        """Return what was sent."""
        return SyncReport(batches=self._batches, rows_sent=self._rows, conflicts=self._conflicts)

    def run(self, centre: Centre) -> None:
        """Send one batch after the other until nothing is left."""
        with self._local.connection() as connection:
            self._device, self._epoch = connection.exec_driver_sql(
                "SELECT device_id, server_epoch FROM sync_meta"
            ).one()
        while not self._cancelled():
            with self._local.connection(writes=True) as connection:
                total = self._rows + waiting_rows(connection)
                batch = next_sealed(connection)
                if batch is None:
                    batch = seal(connection, self._device, self._clock)
                self._failpoint("sealing")
            if self.progress is not None:
                self.progress(self._rows, total)
            if batch is None:
                return
            self._failpoint("sealed")
            self._send(centre, batch)

    def _send(self, centre: Centre, batch: Batch) -> None:
        result = self._offer_patiently(centre, batch)
        if result is None:
            return
        with self._local.connection(writes=True) as connection:
            self._conflicts += acknowledge(connection, batch, result, clock=self._clock)
            self._failpoint("acknowledging")
        self._batches += 1
        self._rows += batch.rows
        self._failpoint("acknowledged")

    def _offer_patiently(self, centre: Centre, batch: Batch) -> dict[str, Any] | None:
        """Offer a batch again when head office was busy with others."""
        for attempt in range(1, TRIES):
            try:
                return self._offer(centre, batch)
            except BusyError:
                centre.roll_back()
            # Two laptops that were in each other's way come back at different moments.
            threading.Event().wait(random.uniform(0.05, 0.2) * 2**attempt)  # noqa: S311
        return self._offer(centre, batch)

    def _offer(self, centre: Centre, batch: Batch) -> dict[str, Any] | None:
        """Return what became of a batch, None when an earlier one has to go first."""
        answer = centre.begin(batch, self._epoch)
        match answer["answer"]:
            case "go":
                return self._deliver(centre, batch)
            case "already":
                centre.roll_back()
                taken: dict[str, Any] = answer["result"]
                return taken
            case "gap" | "epoch":
                centre.roll_back()
                self.offer_again(centre, int(answer["last"]), answer.get("epoch", self._epoch))
                return None
        centre.roll_back()
        raise refusal(answer["answer"])

    def offer_again(self, centre: Centre, last: int, epoch: str) -> None:
        """Offer again what head office lost with a backup that was restored: all after ``last``.

        Where a copy of this book was there first, batches up to ``last`` are its own: those of ours
        wait to go under a new login. Raises :class:`SyncError` then.
        """
        ours = self._last_of_ours(centre, last, epoch)
        with self._local.connection(writes=True) as connection:
            offer_again(connection, ours, epoch)
        self._epoch = epoch
        if ours < last:
            raise refusal("another")

    def _last_of_ours(self, centre: Centre, last: int, epoch: str) -> int:
        """Return the last batch, up to this number, that head office has as it was sealed here."""
        with self._local.connection() as connection:
            digests = known_digests(connection)
        for number in range(last, 0, -1):
            if number not in digests:
                return number  # Nothing of ours to compare: what is missing is found out later.
            answer = centre.begin(Batch(number, digests[number], 0, b""), epoch)["answer"]
            centre.roll_back()
            if answer == "already":
                return number
            if answer != "another":
                raise refusal(answer)
        return 0

    def _deliver(self, centre: Centre, batch: Batch) -> dict[str, Any]:
        def before(sent: int) -> None:
            self._failpoint("copying" if sent else "beginning")
            if self._cancelled():
                raise CancelledError

        centre.copy(batch, before)
        self._failpoint("copied")
        # Head office and the laptop each do their half at the same time.
        with ThreadPoolExecutor(1, thread_name_prefix="applying") as there:
            applied = there.submit(self._apply, centre, batch)
            self._seal_ahead(batch)
            return applied.result()

    def _apply(self, centre: Centre, batch: Batch) -> dict[str, Any]:
        result = centre.apply(batch)
        self._failpoint("applied")
        centre.commit()
        self._failpoint("committed")
        return result

    def _seal_ahead(self, batch: Batch) -> None:
        """Seal what goes after this batch, unless that was done before."""
        with self._local.connection(writes=True) as connection:
            if next_number(connection) == batch.number + 1:
                seal(connection, self._device, self._clock)


def refusal(answer: str) -> SyncError:
    """Return what a person is told when head office gives this answer."""
    sentences = {
        "revoked": (
            "Head office no longer takes entries from this laptop.",
            "Ask head office to enrol it again. Your entries are saved here.",
        ),
        "upgrade": (
            "Head office runs another version of the program.",
            "Update this program, then send again. Your entries are saved here.",
        ),
        "another": (
            "Head office has other entries from this laptop: the book was copied or restored.",
            "Ask head office to renew this laptop. Then nothing is lost or doubled.",
        ),
        "enough": (
            "Head office takes no more from this laptop today.",
            "Your entries are saved here. Send the rest tomorrow.",
        ),
    }
    message, hint = sentences.get(answer, ("Head office gave an unknown answer.", "Update first."))
    return SyncError(message, hint=hint)
