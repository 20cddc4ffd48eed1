"""Working at head office: who signed in, and how pages there read, write and are stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from vsla_desktop.clock import Clock
from vsla_desktop.errors import RuleBroken
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.runner import Cancelled, Job, Lane, Progress, Runner
from vsla_desktop.presenters.shell import ShellPresenter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database
    from vsla_desktop.domain.office import Duty
    from vsla_desktop.services.office import Worker

T = TypeVar("T")
READ_SECONDS: Final = 60
_LOOK: Final = 0.2  # seconds between looks whether somebody wants the work no more


class Office:
    """What every page at head office needs.

    ``signed_in`` tells that somebody works now. For who may change nothing the server itself
    refuses every change: ``database`` is then one that only reads, and ``whole`` the one for what
    everybody may write, an own password and the asking for access.
    """

    def __init__(
        self, database: Database, runner: Runner, shell: ShellPresenter, clock: Clock
    ) -> None:
        self.whole = database
        self.database = database
        self.runner = runner
        self.shell = shell
        self.clock = clock
        self.worker: Worker | None = None
        self.signed_in: Event[[]] = Event()

    def come_in(self, worker: Worker) -> None:
        """Let a person work who has signed in."""
        self.worker = worker
        self.database = self.whole.only_reading() if worker.only_reads else self.whole
        self.signed_in()

    def may(self, duty: Duty, service: str = "") -> bool:
        """Tell whether to offer something; the services refuse it anyway."""
        return self.worker is not None and self.worker.may(duty, service)

    def only_looks(self) -> bool:
        """Tell whether who works may change nothing at all."""
        return self.worker is None or self.worker.only_reads

    def read(
        self,
        title: str,
        work: Callable[[Session], T],
        on_done: Callable[[T], None],
        *,
        owner: object,
        on_error: Callable[[Exception], None] | None = None,
    ) -> Job:
        """Read beside whatever else goes on; it can be stopped, and ends by itself in a minute."""
        database = self.database

        def job(progress: Progress) -> T:
            with database.read(seconds=READ_SECONDS) as session, stoppable(session, progress):
                return work(session)

        on_error = on_error or self.shell.say_error
        return self.runner.submit_long(
            title, job, on_done, on_error, owner=owner, lane=Lane.NETWORK
        )

    def write(
        self,
        work: Callable[[Session, int], T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None],
        *,
        owner: object,
        asks: bool = False,
    ) -> None:
        """Change something in the name of who signed in.

        ``asks`` is told for what everybody may write: to ask for access, a new password.
        """
        database, by = self.whole if asks else self.database, self.by()

        def job() -> T:
            with database.write() as session:
                return work(session, by)

        self.runner.submit(job, on_done, on_error, owner=owner, lane=Lane.NETWORK)

    def act(
        self,
        duty: Duty,
        work: Callable[[Database], T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None],
        *,
        owner: object,
    ) -> None:
        """Do what takes transactions of its own, such as letting a laptop in, if it is allowed."""
        database, by, clock = self.database, self.by(), self.clock

        def job() -> T:
            from vsla_desktop.services.office import check_may

            with database.read() as session:
                check_may(session, by, duty, clock=clock)
            return work(database)

        self.runner.submit(job, on_done, on_error, owner=owner, lane=Lane.NETWORK)

    def by(self) -> int:
        """Who works. Raise :class:`RuleBroken` while nobody does."""
        if self.worker is None:
            raise RuleBroken("Sign in first.")
        return self.worker.user_id


@contextmanager
def stoppable(session: Session, progress: Progress) -> Iterator[None]:
    """Let a person stop a question while the server works on it.

    Raises :class:`Cancelled` then. What a laptop's own file is asked is over sooner than that.
    """
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        yield
        return
    driver = connection.connection.dbapi_connection
    over, was_stopped = threading.Event(), threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK):
            try:
                progress.step(0, 0)
            except Cancelled:
                was_stopped.set()
                driver.cancel()  # type: ignore[union-attr]
                return

    watcher = threading.Thread(target=watch, name="stopper", daemon=True)
    watcher.start()
    try:
        yield
    except Exception:
        if was_stopped.is_set():
            raise Cancelled from None
        raise
    finally:
        over.set()
        watcher.join()
