"""What a list shows: rows that are read, found and opened, never typed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, Column


class ListPresenter(Protocol):
    """A list of rows.

    ``changed`` says that rows or columns are others than before. A row that is not read yet has
    empty cells; showing it asks for it, and ``rows_came`` tells from where to where rows came.
    """

    changed: Event[[]]
    rows_came: Event[[int, int]]

    def row_count(self) -> int:
        """How many rows there are, read or not."""

    def columns(self) -> Sequence[Column]:
        """The columns from left to right."""

    def cell(self, row: int, column: int) -> Cell:
        """The cell as it is to be shown now."""

    def row_title(self, row: int) -> str:
        """Which row it is, in words."""

    def open_row(self, row: int) -> None:
        """The person wants to see more of a row."""
