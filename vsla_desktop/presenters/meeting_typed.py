"""What was typed on the sheet and is not in the book: under way, asked about, or wrong."""

from __future__ import annotations

from dataclasses import dataclass

from vsla_desktop.presenters.grid import CellState
from vsla_desktop.presenters.meeting_cells import Value

Place = tuple[int, str]
"""A member's id and a column's key: where something stands, whatever is shown around it."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed in a cell and is not in the book, or not yet.

    ``text`` is as it was typed until it is known to be right. ``serial`` tells which writing of
    the cell it belongs to; ``is_saved`` that only the reading back is to come.
    """

    text: str
    state: CellState
    message: str = ""
    value: Value = None
    edit_text: str | None = None
    serial: int = 0
    is_saved: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """A cell that keeps the meeting from closing: where it is and what is wrong."""

    row: int
    key: str
    sentence: str
