"""Finding the names of the columns: under titles, with spaces, beside columns that nobody knows."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.workbook.books import WrongCell, wanted
from vsla_desktop.services.workbook.cells import is_blank
from vsla_desktop.services.workbook.files import letters

if TYPE_CHECKING:
    from vsla_desktop.services.workbook.files import Grid
    from vsla_desktop.services.workbook.layout import Sheet

ALIKE = 0.75
"""How much a name is like one that is absent, from 0 to 1, when it was meant to be it."""
MOST_TITLES = 10
"""Rows above the names of the columns: the name of the group, a picture, an empty row."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The row that names the columns, counted from 1, and the place of each column that we know.

    It is not whole when a column that is needed is missing.
    """

    row: int
    columns: dict[str, int]
    is_whole: bool
    wrong: tuple[WrongCell, ...]
    warnings: tuple[WrongCell, ...]


def read_heading(sheet: Sheet, grid: Grid) -> Heading:
    """Return where the columns of a sheet are, with what is wrong or left out."""
    known = {column.name for column in sheet.columns}
    row = _row_of_names(grid, known)
    names = [plain_name(raw) for raw in grid.rows[row - 1]] if grid.rows else []
    absent = known - set(names)
    columns: dict[str, int] = {}
    wrong: list[WrongCell] = []
    warnings: list[WrongCell] = []
    for at, name in enumerate(names):
        address = f"{letters(at)}{row}"
        if not name:
            if any(at < len(cells) and not is_blank(cells[at]) for cells in grid.rows[row:]):
                problem = RuleBroken("This column has no name.", hint="It was left out.")
                warnings.append(WrongCell(sheet.name, address, problem))
        elif name not in known and (meant := get_close_matches(name, absent, 1, ALIKE)):
            problem = RuleBroken(
                "We do not know the column {name}.",
                hint="If it is {meant}, call it so. If not, take it out.",
                name=name[:40],
                meant=meant[0],
            )
            expected = wanted("the column {name}", name=meant[0])
            wrong.append(WrongCell(sheet.name, address, problem, expected))
        elif name not in known:
            problem = RuleBroken(
                "We do not know the column {name}.", hint="It was left out.", name=name[:40]
            )
            warnings.append(WrongCell(sheet.name, address, problem))
        elif name in columns:
            problem = RuleBroken("The column {name} stands here twice.", name=name)
            expected = wanted("one column {name}", name=name)
            wrong.append(WrongCell(sheet.name, address, problem, expected))
        else:
            columns[name] = at
    missing = [each.name for each in sheet.columns if each.required and each.name not in columns]
    for name in missing:
        problem = RuleBroken("The column {name} is missing.", name=name)
        expected = wanted("a column {name} in row {row}", name=name, row=row)
        wrong.append(WrongCell(sheet.name, "", problem, expected))
    return Heading(row, columns, not missing, tuple(wrong), tuple(warnings))


def _row_of_names(grid: Grid, known: set[str]) -> int:
    """Return the number of the row that names most columns; the first row where none does."""
    rows = grid.rows[: MOST_TITLES + 1]
    counts = [len({plain_name(raw) for raw in cells} & known) for cells in rows]
    return counts.index(max(counts)) + 1 if counts else 1


def plain_name(raw: Any) -> str:
    """Return the name of a column or key as we write it: first_name for "First name"."""
    if not isinstance(raw, str):
        return ""
    return "_".join(raw.replace("-", " ").replace("*", "").split()).casefold()
