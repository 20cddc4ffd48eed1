"""Work on other threads, answers on the screen's thread.

The database has a lane of one thread, so its sessions follow each other and its connection never
changes threads; the network has a few. No Qt object belongs to a job: results wait in a queue, and
one long-lived bridge is told that something waits there.
"""

from __future__ import annotations

import gc
import itertools
import queue
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from shiboken6 import Shiboken

from vsla_desktop.presenters.events import held_weakly
from vsla_desktop.presenters.runner import Busy, Cancelled, Job, Lane, Progress

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

T = TypeVar("T")

PATIENCE: Final = 0.6  # seconds that work may take before anything is shown
_LOOK: Final = 100  # milliseconds between looks at what is still going on
_NETWORK_THREADS: Final = 3
_SWEEP: Final = 1000  # milliseconds between looks for garbage


@dataclass(slots=True)
class _Waiting:
    """A job under way and whom to tell."""

    owner: Callable[[], object | None]
    on_done: Callable[[], Callable[[Any], Any] | None]
    on_error: Callable[[], Callable[[Exception], Any] | None]
    since: float
    title: str = ""
    busy: Busy | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    future: Future[None] | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    key: int
    result: Any = None
    error: Exception | None = None


class _Bridge(QObject):
    """Lives on the screen's thread as long as the runner; its signal may come from any thread."""

    waiting = Signal()


def sweep() -> None:
    """Take away the garbage of every generation that is due by Python's own measure."""
    counted = zip(gc.get_count(), gc.get_threshold(), strict=True)
    due = [generation for generation, (count, most) in enumerate(counted) if count > most]
    if due:
        gc.collect(max(due))


class QtRunner(QObject):
    """The runner of the program; make it on the screen's thread and :meth:`close` it at the end."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[Lane, ThreadPoolExecutor] = {}
        self._keys = itertools.count()
        self._jobs: dict[int, _Waiting] = {}
        self._answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
        self._bridge = _Bridge(self)
        self._bridge.waiting.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._watcher: Callable[[Busy | None], None] | None = None
        self._shown: Busy | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK)
        self._clock.timeout.connect(self._look)
        self._sweeper = QTimer(self)
        self._sweeper.setInterval(_SWEEP)
        self._sweeper.timeout.connect(sweep)

    @property
    def is_idle(self) -> bool:
        """Whether all that was asked has been answered."""
        return not self._jobs

    def watch(self, watcher: Callable[[Busy | None], None]) -> None:
        """Tell ``watcher`` what takes longer than a moment, and ``None`` when it is over."""
        self._watcher = watcher

    def submit(
        self,
        job: Callable[[], T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None],
        *,
        owner: object,
        lane: Lane = Lane.DATABASE,
    ) -> Job:
        """See :meth:`vsla_desktop.presenters.runner.Runner.submit`."""
        return self._start(lambda _progress: job(), on_done, on_error, owner, lane, "")

    def submit_long(
        self,
        title: str,
        job: Callable[[Progress], T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None],
        *,
        owner: object,
        lane: Lane = Lane.DATABASE,
    ) -> Job:
        """See :meth:`vsla_desktop.presenters.runner.Runner.submit_long`."""
        return self._start(job, on_done, on_error, owner, lane, title)

    def forget(self, owner: object) -> None:
        """Call ``owner`` back no more; its jobs still finish, for they may be writing."""
        for key in [key for key, waiting in self._jobs.items() if waiting.owner() is owner]:
            del self._jobs[key]

    def cancel_all(self) -> None:
        """Cancel the long work that the window shows."""
        for key in [key for key, waiting in self._jobs.items() if waiting.title]:
            self._cancel(key)

    def start_sweeping(self) -> None:
        """Take garbage away from now on, on the screen's thread and nowhere else.

        Python's own collector runs on whichever thread makes the next object. On a lane's thread
        it may take away a widget while the screen's thread is inside Qt: each then waits for ever
        for what the other holds.
        """
        gc.disable()
        self._sweeper.start()

    def close(self) -> None:
        """Finish what was begun, so that nothing entered is lost, and take no more work."""
        self._clock.stop()
        self._sweeper.stop()
        self._jobs.clear()
        for lane in self._lanes.values():
            lane.shutdown(wait=True)

    def _start(
        self,
        job: Callable[[Progress], T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None],
        owner: object,
        lane: Lane,
        title: str,
    ) -> Job:
        key = next(self._keys)
        waiting = _Waiting(
            weakref.ref(owner), held_weakly(on_done), held_weakly(on_error), time.monotonic(), title
        )
        # What goes over the network without a title goes on unseen: nobody waits for it.
        if title or lane is Lane.DATABASE:
            waiting.busy = Busy(title, can_cancel=bool(title))
        self._jobs[key] = waiting
        waiting.future = self._lane(lane).submit(self._work, key, job, _Steps(waiting))
        if not self._clock.isActive():
            self._clock.start()
        return _Handle(self, key)

    def _lane(self, lane: Lane) -> ThreadPoolExecutor:
        """The threads of a lane; they begin with its first job, after the first picture."""
        if lane not in self._lanes:
            from concurrent.futures import ThreadPoolExecutor

            count = {Lane.DATABASE: 1, Lane.NETWORK: _NETWORK_THREADS}[lane]
            name = lane.name.lower()
            self._lanes[lane] = ThreadPoolExecutor(count, thread_name_prefix=name)
        return self._lanes[lane]

    def _work(self, key: int, job: Callable[[Progress], Any], progress: _Steps) -> None:
        """Runs on a lane's thread; whatever happens, one answer comes back."""
        try:
            progress.check()
            answer = _Answer(key, result=job(progress))
        except Exception as error:  # noqa: BLE001 - it goes to whoever asked, none is swallowed
            answer = _Answer(key, error=error)
        self._answers.put(answer)
        self._bridge.waiting.emit()

    @Slot()
    def _deliver(self) -> None:
        while True:
            try:
                answer = self._answers.get_nowait()
            except queue.Empty:
                break
            waiting = self._jobs.pop(answer.key, None)
            if waiting is not None and _is_alive(waiting.owner()):
                self._tell(waiting, answer)
        if not self._jobs:
            self._clock.stop()
            self._show(None)

    @staticmethod
    def _tell(waiting: _Waiting, answer: _Answer) -> None:
        if answer.error is None:
            on_done = waiting.on_done()
            if on_done is not None and not waiting.cancelled.is_set():
                on_done(answer.result)
        elif not isinstance(answer.error, Cancelled):
            on_error = waiting.on_error()
            if on_error is not None:
                on_error(answer.error)

    @Slot()
    def _look(self) -> None:
        now = time.monotonic()
        late = [w for w in self._jobs.values() if w.busy and now - w.since >= PATIENCE]
        # Work with a title says more than work without.
        late.sort(key=lambda waiting: not waiting.title)
        self._show(late[0].busy if late else None)

    def _show(self, busy: Busy | None) -> None:
        if busy != self._shown:
            self._shown = busy
            if self._watcher is not None:
                self._watcher(busy)

    def _cancel(self, key: int) -> None:
        waiting = self._jobs.pop(key, None)
        if waiting is not None:
            waiting.cancelled.set()
            if waiting.future is not None:
                waiting.future.cancel()
            if not self._jobs:
                self._clock.stop()
                self._show(None)


class _Handle:
    """What the asker keeps of a job."""

    def __init__(self, runner: QtRunner, key: int) -> None:
        self._runner = runner
        self._key = key

    def cancel(self) -> None:
        """Stop before it begins, or at its next step."""
        self._runner._cancel(self._key)  # noqa: SLF001 - one part in two classes


class _Steps:
    """Passes on from the worker's thread how far a job is: one assignment, so no lock is needed."""

    def __init__(self, waiting: _Waiting) -> None:
        self._waiting = waiting

    def check(self) -> None:
        """Raises :class:`Cancelled` when the person no longer wants the work."""
        if self._waiting.cancelled.is_set():
            raise Cancelled

    def step(self, done: int, total: int) -> None:
        """See :meth:`vsla_desktop.presenters.runner.Progress.step`."""
        self.check()
        self._waiting.busy = Busy(self._waiting.title, done, total, can_cancel=True)


def _is_alive(owner: object | None) -> bool:
    """A window may be gone although Python still holds the name of it."""
    if isinstance(owner, QObject):
        return bool(Shiboken.isValid(owner))
    return owner is not None
