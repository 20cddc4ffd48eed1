"""Who does the work that takes time, so that a screen never waits.

A presenter asks a :class:`Runner` for reading and writing. In the program that is a worker thread;
in tests :class:`InlineRunner` does the work at once, with the same calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol, TypeVar

from vsla_desktop.errors import VslaError

T = TypeVar("T")


class Lane(Enum):
    """Where a job queues. The local database has one writer, so its jobs run one after another."""

    DATABASE = auto()
    NETWORK = auto()


class Cancelled(Exception):  # noqa: N818 - what happened, not a fault
    """The person no longer wants the work; the job stops where it is and undoes its transaction."""


@dataclass(frozen=True, slots=True)
class Busy:
    """What the window shows while long work goes on; ``total`` 0 means: how much is not known."""

    title: str
    done: int = 0
    total: int = 0
    can_cancel: bool = False


class Progress(Protocol):
    """How a long job says how far it is."""

    def step(self, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` parts are done. Raises :class:`Cancelled`."""


class Job(Protocol):
    """Work that was asked for."""

    def cancel(self) -> None:
        """Stop before it begins, or at its next step; neither callback is called."""


class Runner(Protocol):
    """Does work elsewhere and brings the answer back to the screen's thread.

    ``owner`` is whoever wants the answer: once it is gone, nobody is called. ``on_error`` gets
    every failure; one that is no :class:`~vsla_desktop.errors.VslaError` is a fault of the program.
    """

    def submit(
        self,
        job: Callable[[], T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None],
        *,
        owner: object,
        lane: Lane = Lane.DATABASE,
    ) -> Job:
        """Do ``job`` soon and call back with what it returned."""

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
        """Do work that a person may wait for: it has a title, shows progress, can be cancelled."""

    def forget(self, owner: object) -> None:
        """Call ``owner`` back no more."""


class InlineRunner:
    """Does every job at once, on the spot.

    Errors for people go to ``on_error``, as in the program. A fault of the program is raised, so
    that a test sees it.
    """

    def __init__(self) -> None:
        self.steps: list[Busy] = []

    def submit(
        self,
        job: Callable[[], T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None],
        *,
        owner: object,  # noqa: ARG002 - it cannot go away while we are in it
        lane: Lane = Lane.DATABASE,  # noqa: ARG002 - there is only this one
    ) -> Job:
        """See :meth:`Runner.submit`."""
        try:
            result = job()
        except VslaError as error:
            on_error(error)
        else:
            on_done(result)
        return _Finished()

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
        """See :meth:`Runner.submit_long`."""
        progress = _InlineProgress(title, self.steps)
        return self.submit(lambda: job(progress), on_done, on_error, owner=owner, lane=lane)

    def forget(self, owner: object) -> None:
        """Nothing waits here."""


class _Finished:
    def cancel(self) -> None:
        """Too late: it is done."""


class _InlineProgress:
    def __init__(self, title: str, steps: list[Busy]) -> None:
        self._title = title
        self._steps = steps

    def step(self, done: int, total: int) -> None:
        self._steps.append(Busy(self._title, done, total, can_cancel=True))
