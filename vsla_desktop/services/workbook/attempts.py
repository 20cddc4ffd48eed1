"""Trying one cell at a time: what a rule refuses is said at the cell that it came from.

The first pass is strict: it stops at the first refusal. Only when there is one, a second pass looks
for all of them, each cell inside a savepoint of its own, and is undone as a whole.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.workbook.books import Wanted, WrongCell, wanted
from vsla_desktop.services.workbook.cells import expected as describe
from vsla_desktop.services.workbook.group_keys import GROUP_KEYS
from vsla_desktop.services.workbook.layout import GROUP
from vsla_desktop.services.workbook.sheets import HELD

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.domain.currencies import Currency

T = TypeVar("T")
_COLUMNS = {
    (held.sheet.name, column.name): column for held in HELD for column in held.sheet.columns
} | {(GROUP, column.name): column for column in GROUP_KEYS}
_SAME: Mapping[str, str] = MappingProxyType({})


class Refused(Exception):  # noqa: N818 - what happened to the cell
    """A rule refused a cell in the strict pass."""

    def __init__(self, wrong: WrongCell) -> None:
        super().__init__(str(wrong))
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class Place:
    """The cell that an action comes from: a row of a sheet, and the column it is mostly about.

    ``fields`` gives the column of the fields that a rule may name instead.
    """

    sheet: str
    row: int
    column: str
    fields: Mapping[str, str] = field(default_factory=lambda: _SAME)


@dataclass(slots=True)
class Attempts:
    """Does what cells say, and keeps what is wrong. ``finds_all`` is the second pass."""

    session: Session
    places: Mapping[str, Mapping[str, str]]
    currency: Currency
    finds_all: bool = False
    wrong: list[WrongCell] = field(default_factory=list)
    warnings: list[WrongCell] = field(default_factory=list)

    def attempt(
        self,
        place: Place,
        work: Callable[[], T],
        *,
        stand_in: Callable[[], object] | None = None,
    ) -> T | None:
        """Do ``work``, or note why its cell is refused and return None.

        ``stand_in`` then moves the same money another way, so that one wrong cell does not make
        the cells after it look wrong as well; all of it is undone in the end.
        """
        if not self.finds_all:
            try:
                return work()
            except RuleBroken as problem:
                raise Refused(self.wrong_cell(place, problem)) from problem
        try:
            with self.session.begin_nested():
                return work()
        except RuleBroken as problem:
            self.wrong.append(self.wrong_cell(place, problem))
        if stand_in is not None:
            with contextlib.suppress(RuleBroken), self.session.begin_nested():
                stand_in()
        return None

    def refuse(self, place: Place, problem: RuleBroken, expected: Wanted | None = None) -> None:
        """Note a cell that contradicts the book; in the strict pass, stop."""
        wrong = self.wrong_cell(place, problem, expected)
        if not self.finds_all:
            raise Refused(wrong)
        self.wrong.append(wrong)

    def warn(self, place: Place, problem: RuleBroken) -> None:
        """Note what was taken, but should be looked at."""
        self.warnings.append(self.wrong_cell(place, problem))

    def wrong_cell(
        self, place: Place, problem: RuleBroken, expected: Wanted | None = None
    ) -> WrongCell:
        """Return a problem with the address of its cell."""
        column = place.fields.get(problem.field, place.column)
        places = self.places.get(place.sheet, {})
        if place.sheet == GROUP:
            address = places.get(column, "")
        else:
            address = f"{places.get(column, places.get(place.column, 'A'))}{place.row}"
        return WrongCell(
            place.sheet, address, problem, expected or self._expected(place.sheet, column, problem)
        )

    def _expected(self, sheet: str, column: str, problem: RuleBroken) -> Wanted | None:
        if "most" in problem.values:
            return wanted("at most {most}", most=problem.values["most"])
        if "least" in problem.values:
            return wanted("at least {least}", least=problem.values["least"])
        known = _COLUMNS.get((sheet, column))
        return None if known is None else describe(known, self.currency)
