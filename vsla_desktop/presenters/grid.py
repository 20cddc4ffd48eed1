"""What a sheet of cells shows and takes: the meeting sheet, a register, a list to fill in.

The view knows keys and colours; the presenter knows members, money and rules. Amounts pass as text
both ways: only the presenter reads and writes them, with the group's currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.shell import Tone


class CellKind(Enum):
    """What a column holds. Amounts and counts stand on the right, with even digits.

    A choice is picked from a list; a toggle goes round its few values with the space bar, or takes
    the first letter of one.
    """

    TEXT = auto()
    AMOUNT = auto()
    COUNT = auto()
    CHOICE = auto()
    TOGGLE = auto()


class CellState(Enum):
    """The three levels of checking, and cells that take nothing."""

    FINE = auto()
    UNLIKELY = auto()
    IMPOSSIBLE = auto()
    READONLY = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``note`` stands small under the title, such as the currency.

    ``width`` is in characters of the text's size; 0 leaves it to the view. ``is_editable`` says
    that at least some cells of the column may take something. A list leaves out what ``is_spare``,
    the last first, where there is no room for its words.
    """

    key: str
    title: str
    kind: CellKind = CellKind.TEXT
    is_editable: bool = False
    note: str = ""
    width: int = 0
    is_spare: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is shown.

    ``edit_text`` is what stands in the cell while a person types in it, when that differs from
    ``text``. An unlikely or impossible cell keeps what was typed as its text and says in
    ``message`` what is asked or wrong. ``icon`` and ``tone`` belong to a word, never stand alone.
    """

    text: str = ""
    state: CellState = CellState.FINE
    message: str = ""
    tooltip: str = ""
    edit_text: str | None = None
    icon: str = ""
    tone: Tone = Tone.PLAIN


class GridPresenter(Protocol):
    """A sheet of rows and columns.

    ``row_changed`` gives a row whose cells changed, -1 for all of them; totals may have changed
    too. ``layout_changed`` says that there are other rows or columns than before.
    """

    row_changed: Event[[int]]
    layout_changed: Event[[]]

    @property
    def frozen_columns(self) -> int:
        """How many first columns always stay in sight (number, name); these take nothing."""

    def row_count(self) -> int:
        """How many rows there are, the totals not counted."""

    def columns(self) -> Sequence[Column]:
        """The columns from left to right."""

    def cell(self, row: int, column: int) -> Cell:
        """The cell as it is to be shown now."""

    def row_title(self, row: int) -> str:
        """Whose row it is, in words: ``7 Amina Nakato``."""

    def choices(self, row: int, column: int) -> Sequence[str]:
        """What a choice cell offers."""

    def totals(self) -> Sequence[str]:
        """One text a column, empty where there is nothing to add up; empty for no totals row."""

    def enter(self, row: int, column: int, text: str) -> None:
        """Take what was typed when the cell was left. Never refuses: it marks the cell instead."""

    def accept(self, row: int, column: int) -> None:
        """The person says that an unlikely cell is right."""

    def restore(self, row: int, column: int) -> None:
        """Put back what the cell last held rightly."""

    def toggle(self, row: int, column: int) -> None:
        """Go to the next value of a toggle cell."""

    def copy_above(self, row: int, column: int) -> None:
        """Take the value of the cell above."""

    def fill_usual(self, column: int) -> None:
        """Fill the usual amount of the column for everyone present who has none yet."""

    def find_row(self, text: str) -> int | None:
        """The first row whose number is ``text`` or whose name contains it."""
