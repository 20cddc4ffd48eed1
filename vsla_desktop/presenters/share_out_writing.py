"""Writing one thing after another into the meeting that shares out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from vsla_desktop.errors import RuleBroken
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

T = TypeVar("T")


class ShareOutWriter:
    """Does one thing in the book at a time; what the book refuses goes back to who asked."""

    def __init__(self, database: Database, runner: Runner, shell: ShellPresenter) -> None:
        self._database = database
        self._runner = runner
        self._shell = shell
        self._is_writing = False

    def write_in(
        self,
        meeting_id: int | None,
        job: Callable[[Session, int], T],
        done: Callable[[T], None],
        refuse: Callable[[Exception], None],
    ) -> None:
        """Do it in the meeting that is open; say so when none is."""
        if meeting_id is None:
            self._shell.say_error(
                RuleBroken("Open a meeting first.", hint="The share-out is written there.")
            )
            return
        self.write(lambda session: job(session, meeting_id), done, refuse)

    def write(
        self,
        job: Callable[[Session], T],
        done: Callable[[T], None],
        refuse: Callable[[Exception], None],
    ) -> None:
        """Do it in one transaction; nothing while another thing is being written."""
        if self._is_writing:
            return
        self._is_writing = True

        def work() -> T:
            with self._database.write() as session:
                return job(session)

        def came(result: Any) -> None:
            self._is_writing = False
            self._shell.say_nothing()
            done(result)

        def failed(error: Exception) -> None:
            self._is_writing = False
            refuse(error)

        self._runner.submit(work, came, failed, owner=self)
