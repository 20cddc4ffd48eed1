"""A group at its table, and a secretary who types: a real book, a presenter, no window."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.services.village import Village
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.presenters.cashbook import CashbookPresenter
from vsla_desktop.presenters.grid import Cell, CellState
from vsla_desktop.presenters.meeting import MeetingPresenter, Stage
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.shell import Message, ShellPresenter
from vsla_desktop.queries.lines import LedgerLine, meeting_lines
from vsla_desktop.services.officers_codes import Tries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vsla_desktop.db import Database
    from vsla_desktop.presenters.correction import CorrectionPresenter
    from vsla_desktop.presenters.meeting_closed import EntriesPresenter
    from vsla_desktop.presenters.meeting_counting import PurseCounter
    from vsla_desktop.presenters.meeting_opening import OpeningPresenter
    from vsla_desktop.presenters.meeting_sheet import SheetPresenter

ROWS = {"Amina": 0, "Beatrice": 1, "Chantal": 2, "Daudi": 3, "Esther": 4}


@dataclass
class Table:
    """The meeting page of a small group, and what was said above it."""

    village: Village
    said: list[Message] = field(default_factory=list)
    tries: Tries = field(default_factory=Tries)

    def __post_init__(self) -> None:
        self.shell = ShellPresenter()
        self.shell.said.listen(lambda message: self.said.append(message) if message else None)
        self.start()

    def start(self) -> None:
        """Open the program's page, as after any end of it."""
        self.presenter = MeetingPresenter(
            self.village.database,
            InlineRunner(),
            self.shell,
            group_id=self.village.group_id,
            clock=self.village.clock,
            tries=self.tries,
        )
        self.presenter.load()

    @property
    def opening(self) -> OpeningPresenter:
        assert self.presenter.opening is not None
        return self.presenter.opening

    @property
    def sheet(self) -> SheetPresenter:
        assert self.presenter.sheet is not None
        return self.presenter.sheet

    @property
    def entries(self) -> EntriesPresenter:
        assert self.presenter.entries is not None
        return self.presenter.entries

    def stage(self) -> Stage:
        return self.presenter.stage

    def correct(self, row: int, amount: str, reason: str) -> CorrectionPresenter:
        """Enter on an entry of an earlier meeting leads to the cashbook; type it right there."""
        cashbook = CashbookPresenter(
            self.village.database,
            InlineRunner(),
            self.shell,
            group_id=self.village.group_id,
            currency=CURRENCIES[self.village.currency],
            clock=self.village.clock,
        )
        self.entries.open_row(row)
        cashbook.refresh()
        form = cashbook.correction
        assert form is not None, self.last_words()
        form.enter("amount", amount)
        form.enter("reason", reason)
        form.save()
        self.presenter.load()
        return form

    # ------------------------------------------------------------------ typing

    def type(self, who: str, key: str, text: str) -> Cell:
        """Type into a member's cell, leave it, and look at what it shows."""
        column = self.sheet.column_of(key)
        self.sheet.enter(ROWS[who], column, text)
        return self.cell(who, key)

    def cell(self, who: str, key: str) -> Cell:
        return self.sheet.cell(ROWS[who], self.sheet.column_of(key))

    def accept(self, who: str, key: str) -> Cell:
        """Say that it is right."""
        self.sheet.accept(ROWS[who], self.sheet.column_of(key))
        return self.cell(who, key)

    def usual(self, key: str) -> None:
        self.sheet.fill_usual(self.sheet.column_of(key))

    def total(self, key: str) -> str:
        column = self.sheet.column_of(key)
        return self.sheet.totals()[column]

    def last_words(self) -> str:
        return self.said[-1].text if self.said else ""

    # ------------------------------------------------------------------ meeting

    def open(self) -> None:
        """Open the next meeting with a box that agrees."""
        self.presenter.count_the_box()
        count_all(self.opening.purses)
        self.presenter.open_the_meeting()

    def close(self) -> None:
        """Mark whoever is not marked, count what should be there, announce and close."""
        self.usual("attendance")
        self.presenter.go_to_closing()
        assert self.presenter.closing is not None
        count_all(self.presenter.closing.purses)
        self.presenter.closing.announce(is_announced=True)
        self.presenter.close_the_meeting()
        self.turn_keys()

    def turn_keys(self) -> None:
        """Let each officer confirm by name, where there are officers."""
        keys = self.presenter.keys
        if keys is not None and self.stage() is Stage.KEYS:
            for row in keys.rows():
                keys.turn(row.office)
            self.presenter.close_the_meeting()

    def next_week(self) -> None:
        """Come together again."""
        from datetime import timedelta

        self.village.clock.instant += timedelta(days=7)
        self.presenter.next_meeting()

    def ledger(self) -> tuple[LedgerLine, ...]:
        """The entries of the open meeting that stand."""
        assert self.presenter.meeting is not None
        with self.village.database.read() as session:
            return meeting_lines(session, self.presenter.meeting.meeting_id)


def count_all(purses: Iterable[PurseCounter]) -> None:
    """Count each purse as the book has it."""
    for purse in purses:
        count(purse, purse.expected)


def count(purse: PurseCounter, amount: Decimal) -> None:
    """Lay an amount on the table in notes and coins."""
    for place, shown in enumerate(purse.lines()):
        piece = Decimal(shown.label.replace(",", ""))
        pieces, amount = divmod(amount, piece)
        purse.enter(place, str(int(pieces)) if pieces else "")


def new_table(database: Database, **rules: object) -> Table:
    """A group of five before its first meeting."""
    village = Village(database)
    if rules:
        village.ruled(**rules)
    return Table(village.form())


def is_wrong(cell: Cell) -> bool:
    return cell.state is CellState.IMPOSSIBLE


def is_asked(cell: Cell) -> bool:
    return cell.state is CellState.UNLIKELY
