"""A report whose rows no longer need the database: to show, to save and to print the same values.

A list that is read from the database as it is gone through is read once, within the work that makes
the report. A short one is kept as it is; a long one lies in a temporary file, of which a page at a
time is read back, so that a programme's list takes no more memory than a group's.
"""

from __future__ import annotations

import pickle
import tempfile
import weakref
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, overload

from typing_extensions import override

from vsla_desktop.errors import RuleBroken, StorageError
from vsla_desktop.reports.spreadsheet import Progress, say_nothing
from vsla_desktop.wording import whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vsla_desktop.reports.report import Report, ReportTable, Row

PAGE: Final = 500
"""Rows that are read back together."""
MOST: Final = 2_000_000
"""Rows that a table can hold: some 200 MB on the disk. More than that nobody looks through."""
_KEPT_PAGES: Final = 8


@dataclass(frozen=True, slots=True)
class HeldTable:
    """A table whose rows are there by number, and what its ``has_total`` columns add up to."""

    table: ReportTable
    rows: Sequence[Row]
    totals: Row


@dataclass(frozen=True, slots=True)
class HeldReport:
    """A report that can be shown and written when its database is closed."""

    report: Report
    tables: tuple[HeldTable, ...]


class HeldRows(Sequence["Row"]):
    """Rows in a file of their own, which goes with them; safe to read from several threads."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it is open as long as the rows are
        self._places: list[int] = []
        self._firsts: list[int] = []
        self._count = 0
        self._pages: dict[int, tuple[Row, ...]] = {}
        self._lock = Lock()
        weakref.finalize(self, self._file.close)

    def add(self, rows: Sequence[Row]) -> None:
        """Put a page of rows at the end."""
        self._places.append(self._file.tell())
        self._firsts.append(self._count)
        pickle.dump(tuple(rows), self._file, pickle.HIGHEST_PROTOCOL)
        self._count += len(rows)

    @override
    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...

    @override
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        if isinstance(index, slice):
            return tuple(self[each] for each in range(*index.indices(self._count)))
        place = index + self._count if index < 0 else index
        if not 0 <= place < self._count:
            raise IndexError(index)
        page = bisect_right(self._firsts, place) - 1
        return self._page(page)[place - self._firsts[page]]

    @override
    def __iter__(self) -> Iterator[Row]:
        for page in range(len(self._places)):
            yield from self._page(page)

    def _page(self, page: int) -> tuple[Row, ...]:
        with self._lock:
            found = self._pages.pop(page, None)
            if found is None:
                self._file.seek(self._places[page])
                found = pickle.load(self._file)  # noqa: S301 - nobody else can write this file
                if len(self._pages) == _KEPT_PAGES:
                    del self._pages[next(iter(self._pages))]
            self._pages[page] = found  # the one that was asked for last is let go last
        return found


def hold(report: Report, progress: Progress = say_nothing, *, most: int = MOST) -> HeldReport:
    """Go through every row of a report once, and keep them.

    ``progress`` is told how many rows were read; it raises to stop. Raises StorageError when the
    disk has no room for a long list, RuleBroken for a table of more than ``most`` rows.
    """
    tables: list[HeldTable] = []
    before = 0
    for table in report.tables:
        tables.append(_held(table, before, progress, most))
        before += len(tables[-1].rows)
    shown = tuple(replace(each.table, rows=each.rows) for each in tables)
    return HeldReport(replace(report, tables=shown), tuple(tables))


def _held(table: ReportTable, before: int, progress: Progress, most: int) -> HeldTable:
    added = [at for at, each in enumerate(table.columns) if each.has_total]
    sums: list[Any] = [0 if each.has_total else None for each in table.columns]

    def summed(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            for at in added:
                value = row[at]
                if value is not None:
                    sums[at] += value
            yield row

    rows = summed(table.rows)
    first = tuple(islice(rows, PAGE))
    if len(first) < PAGE:
        return HeldTable(table, first, tuple(sums))
    held = HeldRows()
    try:
        page: Sequence[Row] = first
        while page:
            held.add(page)
            progress(before + len(held))
            if len(held) > most:
                raise RuleBroken(
                    "This list has more than {count} lines.",
                    hint="Choose a place, a group or a time.",
                    count=whole(most),
                )
            page = tuple(islice(rows, PAGE))
    except OSError as error:
        raise StorageError(
            "There is no room on the disk for this list.",
            hint="Ask for less, or free some space.",
        ) from error
    return HeldTable(table, held, tuple(sums))
