"""The treasurer's first page: where the group stands, and the one thing to do next."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.clock import Clock
from vsla_desktop.i18n import language
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter, Tone

if TYPE_CHECKING:
    from vsla_desktop.db import Database

SNAPSHOT: Final = "home.json"


@dataclass(frozen=True, slots=True)
class HomeCard:
    """A figure with its title and a note; ``tone`` belongs to the note."""

    key: str
    title: str
    figure: str
    note: str = ""
    tone: Tone = Tone.MUTED


@dataclass(frozen=True, slots=True)
class DueLine:
    """What one member should pay at the next meeting."""

    number: int
    name: str
    amount: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class HomeState:
    """Everything that Home shows. ``step`` is the first step of a group that has not met yet.

    ``planned`` are the meetings to come that somebody wrote down, and ``agreed`` what was agreed
    with the coordinator and is not done yet, as sentences.
    """

    group_id: int
    name: str
    note: str
    action: str
    next_meeting: str
    currency: str
    cards: tuple[HomeCard, ...] = ()
    purses: tuple[tuple[str, str], ...] = ()
    due: tuple[DueLine, ...] = ()
    more_due: str = ""
    due_total: str = ""
    step: str = ""
    not_sent: str = ""
    is_practice: bool = False
    can_bring_paper: bool = False
    planned: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """One group to switch to."""

    group_id: int
    title: str


@dataclass(slots=True, eq=False, weakref_slot=True)
class HomePresenter:
    """Reads the overview of a group and says it in words.

    ``database()`` is None until the book is open; the snapshot stands there meanwhile.
    """

    database: Callable[[], Database | None]
    runner: Runner
    shell: ShellPresenter
    group_id: int
    clock: Clock
    groups: Sequence[GroupChoice] = ()
    switch: Callable[[int], None] = lambda _group: None
    state: HomeState | None = None
    changed: Event[[]] = field(default_factory=Event)

    def refresh(self) -> None:
        """Read what may have changed."""
        database = self.database()
        if database is None:
            return
        group_id, today = self.group_id, self.clock.today()

        def job() -> HomeState:
            from vsla_desktop.presenters.home_reading import read_home

            return read_home(database, group_id, today)

        self.runner.submit(job, self._came, self.shell.say_error, owner=self)

    def act(self) -> None:
        """Do the one main thing: open the next meeting, or go on with the open one."""
        self.shell.go_to("meeting")

    def bring_paper(self) -> None:
        """Begin with what stands in the group's paper books."""
        self.shell.go_to("paper-books")

    def choose_group(self, group_id: int) -> None:
        """Open another group of this book."""
        if group_id != self.group_id:
            self.switch(group_id)

    def _came(self, state: HomeState) -> None:
        self.shell.open_group(state.name, note=state.note, is_practice=state.is_practice)
        if state != self.state:
            self.state = state
            self.changed()


# ---------------------------------------------------------------------- what was last seen


def keep_snapshot(folder: Path, book: Path, state: HomeState, today: date) -> None:
    """Keep what Home showed, for the first picture of the next start.

    It holds only for the very book that it was read from, on the same day and in the same
    language. A disk that can not take it loses only that picture.
    """
    kept: dict[str, Any] = {"stamp": _stamp(book), "day": today.isoformat(), "language": language()}
    cards = [asdict(card) | {"tone": card.tone.name} for card in state.cards]
    kept["state"] = asdict(state) | {"cards": cards}
    try:
        (folder / SNAPSHOT).write_text(json.dumps(kept), encoding="utf-8")
    except OSError:
        return


def load_snapshot(folder: Path, book: Path, today: date) -> HomeState | None:
    """Return what Home showed last, if the book is the same to the byte; else nothing."""
    try:
        kept = json.loads((folder / SNAPSHOT).read_text(encoding="utf-8"))
        if (kept["stamp"], kept["day"], kept["language"]) != (
            _stamp(book),
            today.isoformat(),
            language(),
        ):
            return None
        said: dict[str, Any] = kept["state"]
        return HomeState(
            **said
            | {
                "cards": tuple(
                    HomeCard(**card | {"tone": Tone[card["tone"]]}) for card in said["cards"]
                ),
                "purses": tuple((name, amount) for name, amount in said["purses"]),
                "due": tuple(DueLine(**line) for line in said["due"]),
                "planned": tuple(said["planned"]),
                "agreed": tuple(said["agreed"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _stamp(book: Path) -> list[int]:
    about = book.stat()
    log = book.with_name(f"{book.name}-wal")
    return [about.st_size, about.st_mtime_ns, log.stat().st_size if log.exists() else 0]
