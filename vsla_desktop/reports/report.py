"""A report as plain values: tables with raw figures, charts, and how each figure was worked out.

One definition makes a report, and whoever shows it (the window, a spreadsheet, a text file, a
printed page) takes the same values; so a number can not differ between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter

Value = str | int | Decimal | date | None
Row = tuple[Value, ...]


class Kind(StrEnum):
    """What a column or a figure holds. A percentage is a fraction: 0.25 is 25 %."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"
    DECIMAL = "decimal"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column. ``has_total`` columns are added up under the table."""

    title: str
    kind: Kind = Kind.TEXT
    has_total: bool = False


@dataclass(frozen=True, slots=True)
class ReportTable:
    """Rows under columns, amounts in one currency. ``rows`` can be gone through again and again.

    A long list reads its rows from the database as they are written, so that it takes no more
    memory than a short one.
    """

    title: str
    columns: tuple[ReportColumn, ...]
    rows: Iterable[Row]
    currency: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, with its formula and the counts that it came from. None: nothing to divide by."""

    title: str
    value: Value
    kind: Kind
    formula: str = ""
    counts: str = ""
    currency: str = ""


class ChartKind(StrEnum):
    """How a chart is drawn."""

    LINE = "line"
    BAR = "bar"
    STACKED = "stacked"
    HEAT = "heat"


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one thing in a chart, one for each place on its axis."""

    title: str
    values: tuple[Decimal | int | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: places on the axis and the series over them, all of one kind."""

    title: str
    shape: ChartKind
    axis: tuple[str, ...]
    series: tuple[Series, ...]
    kind: Kind = Kind.MONEY
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was made: over whom and which time, and what it found.

    ``signatures`` are who signs the printed page.
    """

    name: str
    title: str
    subject: str
    period: str
    figures: tuple[Figure, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    charts: tuple[Chart, ...] = ()
    notes: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    is_landscape: bool = False


class Over(StrEnum):
    """What a report is about: a member, a group, what one group or many have, or a programme."""

    MEMBER = "member"
    GROUP = "group"
    LIST = "list"
    PROGRAMME = "programme"


Build = Callable[["Session", "Filter", "Clock"], Report]


@dataclass(frozen=True, slots=True)
class Definition:
    """A kind of report. ``title`` and ``about`` are said in the person's language when asked.

    ``asks`` names the fields of :class:`~vsla_desktop.queries.filtering.Filter` that change it.
    ``build`` raises RuleBroken for a filter that it can not answer. ``statuses`` are those that
    what it lists can have, where it asks for some.
    """

    name: str
    over: Over
    title: Callable[[], str]
    about: Callable[[], str]
    asks: frozenset[str]
    build: Build
    statuses: tuple[str, ...] = ()

    @property
    def is_of_one_group(self) -> bool:
        """Whether it is asked for one group, and not for as many as a filter names."""
        return self.over in {Over.MEMBER, Over.GROUP}
