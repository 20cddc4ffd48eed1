"""Saying of a cell what is wrong with it: what all checks of the rows share."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.workbook.books import Wanted, WrongCell, wanted
from vsla_desktop.services.workbook.layout import GROUP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class Places:
    """Where a cell of a row is."""

    def __init__(self, places: Mapping[str, Mapping[str, str]]) -> None:
        self._places = places

    def wrong(
        self, sheet: str, row: int, column: str, problem: RuleBroken, expected: Wanted
    ) -> WrongCell:
        """Return a wrong cell of a row."""
        letter = self._places.get(sheet, {}).get(column, "A")
        return WrongCell(sheet, f"{letter}{row}", problem, expected)

    def key(self, name: str, problem: RuleBroken, expected: Wanted) -> WrongCell:
        """Return a wrong key of the sheet Group."""
        return WrongCell(GROUP, self._places.get(GROUP, {}).get(name, ""), problem, expected)


def before(first: date) -> RuleBroken:
    """Say that a day comes before a first one."""
    return RuleBroken("This day is before the group began, on {day}.", day=first.isoformat())


def from_day(first: date) -> Wanted:
    """Ask for a day from a first one on."""
    return wanted("a day from {day} on", day=first.isoformat())


def up_to(last: date) -> Wanted:
    """Ask for a day up to a last one."""
    return wanted("a day up to {day}", day=last.isoformat())


def caught(
    check: Callable[[], object], wrong: Callable[[RuleBroken], WrongCell]
) -> Iterator[WrongCell]:
    """Do a check, and give what it refuses as a wrong cell."""
    try:
        check()
    except RuleBroken as problem:
        yield wrong(problem)
