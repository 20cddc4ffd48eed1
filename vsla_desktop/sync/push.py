"""Send what changed on the laptop to head office, each batch exactly once."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.clock import Clock, SystemClock
from vsla_desktop.errors import OfflineError, SyncError
from vsla_desktop.sync.acknowledge import acknowledge
from vsla_desktop.sync.centre import BusyError, CancelledError, Centre
from vsla_desktop.sync.enrolment import load_enrolment
from vsla_desktop.sync.outbox import next_sealed, offer_again, take_enrolment
from vsla_desktop.sync.report import Failpoint, Progress, SyncReport, carry_on
from vsla_desktop.sync.seal import seal
from vsla_desktop.sync.status import waiting_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vsla_desktop.db import Database
    from vsla_desktop.sync.enrolment import Enrolment
    from vsla_desktop.sync.outbox import Batch

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
    enrolment = load_enrolment(data_dir)
    pushing = _Push(local, enrolment, clock or SystemClock(), failpoint, cancelled)
    started = time.monotonic()
    try:
        pushing.prepare()
        with Centre(enrolment, data_dir) as centre:
            pushing.run(centre, progress)
    except CancelledError:
        pass
    except SyncError as error:
        pushing.remember_problem("offline" if isinstance(error, OfflineError) else str(error))
        raise
    with local.connection() as connection:
        waiting = waiting_rows(connection)
        refused = connection.exec_driver_sql("SELECT count(*) FROM sync_quarantine").scalar_one()
    return SyncReport(
        batches=pushing.batches,
        rows_sent=pushing.rows,
        conflicts=pushing.conflicts + refused,
        waiting=waiting,
        seconds=time.monotonic() - started,
        round_trips=pushing.round_trips,
    )


class _Push:
    """One push: what it has done so far."""

    def __init__(
        self,
        local: Database,
        enrolment: Enrolment,
        clock: Clock,
        failpoint: Failpoint,
        cancelled: Callable[[], bool],
    ) -> None:
        self._local = local
        self._enrolment = enrolment
        self._clock = clock
        self._failpoint = failpoint
        self._cancelled = cancelled
        self._epoch = enrolment.server_epoch
        self.batches = self.rows = self.conflicts = self.round_trips = 0

    def prepare(self) -> None:
        """Know who we are to head office."""
        with self._local.connection(writes=True) as connection:
            self._epoch = take_enrolment(connection, self._enrolment)

    def run(self, centre: Centre, progress: Progress | None) -> None:
        """Send one batch after the other until nothing is left."""
        while not self._cancelled():
            with self._local.connection(writes=True) as connection:
                total = self.rows + waiting_rows(connection)
                batch = next_sealed(connection)
                if batch is None:
                    batch = seal(connection, self._enrolment.device_id, self._clock)
                self._failpoint("sealing")
            if progress is not None:
                progress(self.rows, total)
            if batch is None:
                return
            self._failpoint("sealed")
            self._send(centre, batch)
            self.round_trips = centre.round_trips

    def _send(self, centre: Centre, batch: Batch) -> None:
        result = self._offer_patiently(centre, batch)
        if result is None:
            return
        with self._local.connection(writes=True) as connection:
            self.conflicts += acknowledge(connection, batch, result, clock=self._clock)
            self._failpoint("acknowledging")
        self.batches += 1
        self.rows += batch.rows
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
                with self._local.connection(writes=True) as connection:
                    self._epoch = answer.get("epoch", self._epoch)
                    offer_again(connection, int(answer["last"]), self._epoch)
                return None
        centre.roll_back()
        raise _refusal(answer["answer"])

    def _deliver(self, centre: Centre, batch: Batch) -> dict[str, Any]:
        def before(sent: int) -> None:
            self._failpoint("copying" if sent else "beginning")
            if self._cancelled():
                raise CancelledError

        centre.copy(batch, before)
        self._failpoint("copied")
        result = centre.apply(batch)
        self._failpoint("applied")
        centre.commit()
        self._failpoint("committed")
        return result

    def remember_problem(self, problem: str) -> None:
        """Keep why it did not go, for whoever looks later."""
        now = self._clock.now().isoformat(sep=" ")
        with self._local.connection(writes=True) as connection:
            connection.exec_driver_sql(
                "UPDATE sync_meta SET tried_at = ?, problem = ?", (now, problem)
            )


def _refusal(answer: str) -> SyncError:
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
