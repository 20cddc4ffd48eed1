"""Who keeps a group's book with keystrokes: what is at hand, and the proof after each event."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import TYPE_CHECKING

from tests.cycle.founding import Founders
from tests.cycle.invariants import check_all
from tests.cycle.office import Office
from tests.presenters.meeting.table import Table
from vsla_desktop.domain.rules import Preset
from vsla_desktop.presenters.grid import CellState
from vsla_desktop.presenters.meeting_columns import Step

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.domain.rules import GroupRules


@dataclass
class Keeper:
    """The book, the pages and the dice. ``seen`` counts what really happened.

    What is rare happens ``rush`` times as often: a short history has some of it as well. Nothing of
    what is named in ``without`` happens. For ``weeks_on_paper`` of its cycle the group had paper
    books; 0 for one whose cycle begins with its first meeting here. ``put_right`` says of marks
    that were put right, by meeting and member, whether she came.
    """

    database: Database
    rules: GroupRules
    random: Random
    members: int = 5
    proves_each: bool = True
    seen: Counter[str] = field(default_factory=Counter)
    rush: int = 1
    preset: Preset = Preset.VSLA
    weeks_on_paper: int = 0
    without: frozenset[str] = frozenset()
    sent_count: int = 0
    suspended: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    put_right: dict[tuple[int, int], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        founders = Founders(self.database, self.rules, self.random)
        self.village = founders.form(self.preset, self.members)
        self.seen[f"preset {self.preset.value}"] += 1
        if self.weeks_on_paper:
            founders.bring_paper_books(self.weeks_on_paper)
            self.prove("began in mid-cycle")
        self.table = Table(self.village)
        self.office = Office(self.village)

    def prove(self, event: str) -> None:
        """Check the books after one event."""
        self.seen[event] += 1
        if self.proves_each:
            self.prove_all()

    def prove_all(self) -> None:
        """Check the books from their rows."""
        with self.database.read() as session:
            check_all(session, self.village.group_id)

    def type(self, row: int, key: str, text: str, event: str) -> None:
        """Type into a cell; confirm what is asked, put back what is refused."""
        sheet = self.table.sheet
        column = sheet.column_of(key)
        sheet.enter(row, column, text)
        state = sheet.cell(row, column).state
        if state is CellState.UNLIKELY:
            sheet.accept(row, column)
            state = sheet.cell(row, column).state
            self.seen["asked"] += 1
        if state is CellState.IMPOSSIBLE or (key == "loan" and self._falls_due_too_late(row)):
            sheet.restore(row, column)
            self.seen["refused"] += 1
            event = "refused"
        self.prove(event)

    def _falls_due_too_late(self, row: int) -> bool:
        sheet = self.table.sheet
        state = sheet.cell(row, sheet.column_of("loan_periods")).state
        sheet.show_step(Step.WHOLE)
        return state is CellState.IMPOSSIBLE

    def rows(self) -> range:
        return range(self.table.sheet.row_count())

    def own_dice(self) -> Random:
        """Return dice for one errand, the same in every run, that draw nothing of the others."""
        return Random(hash(self.random.getstate()[1]))  # noqa: S311 - a game

    def chance(self, of_hundred: int) -> bool:
        return self.random.randrange(100) < of_hundred

    def rarely(self, of_hundred: int) -> bool:
        return self.chance(of_hundred * self.rush)

    def done(self, is_done: bool, event: str) -> None:  # noqa: FBT001 - what became of it
        self.seen_again(event if is_done else "refused")

    def seen_again(self, event: str) -> None:
        """What another page wrote is seen when the meeting's page is shown again."""
        self.table.presenter.load()
        self.prove(event)

    @property
    def today(self) -> date:
        return self.village.clock.today()
