"""What the sheets beside the meetings must be: each row by itself, and to the other sheets."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from vsla_desktop.domain.money import ZERO, plain_amount
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.workbook.books import COUNTED, wanted
from vsla_desktop.services.workbook.more_sheets import (
    BANK,
    COUNTS,
    CYCLES,
    GRANTS,
    PLANNED,
    PROPERTY,
    REQUESTS,
    RULES,
    SAVINGS,
)
from vsla_desktop.services.workbook.places import from_day, up_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vsla_desktop.services.workbook.books import GroupPage, WrongCell
    from vsla_desktop.services.workbook.more_rows import CountRow, CycleRow
    from vsla_desktop.services.workbook.places import Places

_OWN_NUMBER = {CYCLES: "cycles", PLANNED: "planned", REQUESTS: "requests", PROPERTY: "belongings"}
_OWN_CODE = {SAVINGS: ("savings", "kind"), GRANTS: ("grants", "event")}
_SINCE = "from_date"
_A_MEETING = wanted("a number of the sheet Meetings")


def of_more(
    at: Places,
    page: GroupPage | None,
    rows: Mapping[str, Sequence[Any]],
    members: set[int] | None,
    meetings: set[int] | None,
    today: date,
) -> Iterator[WrongCell]:
    """Return every cell of the sheets beside the meetings that can not stand.

    ``members`` and ``meetings`` are the numbers that those sheets have.
    """
    yield from _twice(at, rows)
    yield from _of_cycles(at, page, rows["cycles"])
    for sheet, name in ((RULES, "rule_sets"), (REQUESTS, "requests"), (COUNTS, "counts")):
        for row in rows[name]:
            if meetings is not None and row.meeting is not None and row.meeting not in meetings:
                problem = RuleBroken("There is no meeting {number}.", number=row.meeting)
                yield at.wrong(sheet, row.row, "meeting", problem, _A_MEETING)
    for row in rows["requests"]:
        if members is not None and row.member not in members:
            problem = RuleBroken("There is no member {number}.", number=row.member)
            meant = wanted("a number of the sheet Members")
            yield at.wrong(REQUESTS, row.row, "member", problem, meant)
    for row in rows["planned"]:
        if meetings is not None and row.number in meetings:
            problem = RuleBroken("Meeting {number} was held.", number=row.number)
            meant = wanted("a number that the sheet Meetings has not")
            yield at.wrong(PLANNED, row.row, "number", problem, meant)
    yield from _still_to_come(at, rows, today)
    yield from _of_counts(at, rows)


def _twice(at: Places, rows: Mapping[str, Sequence[Any]]) -> Iterator[WrongCell]:
    """Name the rows whose number or code another row has."""
    columns = {sheet: (name, "number") for sheet, name in _OWN_NUMBER.items()} | _OWN_CODE
    for sheet, (name, column) in columns.items():
        seen: Counter[Any] = Counter()
        for row in rows[name]:
            value, since = getattr(row, column), getattr(row, _SINCE, None)
            seen[value, since] += 1
            if seen[value, since] > 1:
                problem = RuleBroken("{value} stands here twice.", value=value)
                meant = wanted("each {column} once", column=column)
                yield at.wrong(sheet, row.row, column, problem, meant)


def _of_cycles(
    at: Places, page: GroupPage | None, cycles: Sequence[CycleRow]
) -> Iterator[WrongCell]:
    ordered = sorted(cycles, key=lambda row: row.number)
    if ordered and page is not None and ordered[0].start_date != page.cycle_start:
        problem = RuleBroken("The first cycle begins on another day in the sheet Group.")
        meant = wanted("{day}, as cycle_start", day=page.cycle_start.isoformat())
        yield at.wrong(CYCLES, ordered[0].row, "start_date", problem, meant)
    for earlier, row in pairwise(ordered):
        if row.start_date < earlier.start_date:
            problem = RuleBroken("A cycle begins after the one before it.")
            yield at.wrong(CYCLES, row.row, "start_date", problem, from_day(earlier.start_date))
        if not earlier.closed:
            problem = RuleBroken("Only the last cycle can be open.")
            yield at.wrong(CYCLES, earlier.row, "closed", problem, wanted("yes"))


def _still_to_come(
    at: Places, rows: Mapping[str, Sequence[Any]], today: date
) -> Iterator[WrongCell]:
    for sheet, name, column in (
        (CYCLES, "cycles", "start_date"),
        (REQUESTS, "requests", "date"),
        (BANK, "statements", "date"),
        (PROPERTY, "belongings", "bought_on"),
        (PROPERTY, "belongings", "valued_on"),
        (PROPERTY, "belongings", "removed_on"),
    ):
        for row in rows[name]:
            day = getattr(row, column)
            if day is not None and day > today:
                problem = RuleBroken("This day is still to come.")
                yield at.wrong(sheet, row.row, column, problem, up_to(today))


def _of_counts(at: Places, rows: Mapping[str, Sequence[Any]]) -> Iterator[WrongCell]:
    """Hold the pieces of each purse against what the sheet Meetings says was counted."""
    found: dict[tuple[int, str, str], list[CountRow]] = defaultdict(list)
    for row in rows["counts"]:
        if row.piece:
            found[row.meeting, row.count, row.fund].append(row)
    meetings = {row.number: row for row in rows["meetings"]}
    for (number, when, fund), pieces in found.items():
        total = sum((row.piece * (row.pieces or 0) for row in pieces if row.piece), ZERO)
        meeting = meetings.get(number)
        name = COUNTED.get(Fund(fund))
        said = getattr(meeting, f"{when.lower()}_{name}_count", None) if name else None
        if said is not None and said != total:
            problem = RuleBroken(
                "Count again: the notes make {total}.", total=plain_amount(total or Decimal(0))
            )
            meant = wanted("pieces that make {total}", total=plain_amount(said))
            yield at.wrong(COUNTS, pieces[0].row, "pieces", problem, meant)
