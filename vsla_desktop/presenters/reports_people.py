"""Finding the groups, members and places that a report is asked about, by what is typed of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.reports_filter import FilterPresenter
from vsla_desktop.presenters.runner import Job, Lane, Runner
from vsla_desktop.presenters.shell import ShellPresenter

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.filter_names import Named
    from vsla_desktop.queries.filtering import Filter


class PeopleFinder:
    """Offers names for one field of a filter; ``found`` says that others are offered."""

    def __init__(
        self,
        key: str,
        filter_: FilterPresenter,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        group_ids: Callable[[], tuple[int, ...]],
    ) -> None:
        self.key = key
        self.found: Event[[]] = Event()
        self.matches: tuple[Named, ...] = ()
        self._filter = filter_
        self._database = database
        self._runner = runner
        self._shell = shell
        self._group_ids = group_ids
        self._job: Job | None = None

    def find(self, text: str) -> None:
        """Look for what was typed; what was looked for before is not waited for."""
        if self._job is not None:
            self._job.cancel()
        database, key, groups = self._database, self.key, self._group_ids()

        def job() -> tuple[Named, ...]:
            from vsla_desktop.queries.filter_names import groups_named, members_named

            with database.read() as session:
                if key == "group_ids":
                    return groups_named(session, text)
                return members_named(session, groups, text)

        self._job = self._runner.submit(
            job, self._came, self._shell.say_error, owner=self, lane=Lane.NETWORK
        )

    def choose(self, place: int) -> None:
        """Take one of the names that are offered."""
        if 0 <= place < len(self.matches):
            self._filter.add(self.key, self.matches[place])

    def chosen(self) -> tuple[Named, ...]:
        """Who was chosen."""
        return self._filter.named[self.key]

    def drop(self, who: int) -> None:
        """Leave one out again."""
        self._filter.drop(self.key, who)

    def _came(self, matches: tuple[Named, ...]) -> None:
        self.matches = matches
        self.found()


class PlaceFinder:
    """Offers the places of one kind that groups have; ``found`` says that others are offered."""

    def __init__(self, key: str, database: Database, runner: Runner, shell: ShellPresenter) -> None:
        self.found: Event[[]] = Event()
        self.matches: tuple[str, ...] = ()
        self._key = key
        self._database = database
        self._runner = runner
        self._shell = shell
        self._job: Job | None = None

    def find(self, text: str) -> None:
        """Look for what was typed."""
        if self._job is not None:
            self._job.cancel()
        database, key = self._database, self._key

        def job() -> tuple[str, ...]:
            from vsla_desktop.queries.filter_names import places_named

            with database.read() as session:
                return places_named(session, key, text)

        self._job = self._runner.submit(
            job, self._came, self._shell.say_error, owner=self, lane=Lane.NETWORK
        )

    def _came(self, matches: tuple[str, ...]) -> None:
        self.matches = matches
        self.found()


def names_in(database: Database, wanted: Filter) -> dict[str, tuple[Named, ...]]:
    """Read the names of the groups and members of a filter."""
    from vsla_desktop.queries.filter_names import groups_of, members_of_ids

    with database.read() as session:
        return {
            "group_ids": groups_of(session, wanted.group_ids),
            "member_ids": members_of_ids(session, wanted.member_ids),
        }
