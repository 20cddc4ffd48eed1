"""What the lists of the page of funds are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.shell import Tone

if TYPE_CHECKING:
    from vsla_desktop.queries.funds import MoneyLine

Said = Callable[[Decimal], str]


class Tab(StrEnum):
    """The parts of the page."""

    FINES = "FINES"
    SOCIAL = "SOCIAL"
    MONEY = "MONEY"
    BANK = "BANK"
    DEBTS = "DEBTS"
    PROPERTY = "PROPERTY"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what a form knows it by, its words for a screen reader, and its cells."""

    key: str
    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What a list shows."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()


def who_columns() -> tuple[Column, Column]:
    """The number and name of a member."""
    return Column("number", _("No."), CellKind.COUNT, width=4), Column("name", _("Name"), width=20)


def money_column(key: str, title: str, code: str) -> Column:
    """Amounts in the currency of the group."""
    return Column(key, title, CellKind.AMOUNT, note=code, width=10)


def person_cells(number: int | None, name: str) -> tuple[Cell, Cell]:
    """A member, if it is one."""
    return Cell(str(number or "")), Cell(name)


def day_cell(day: date | None) -> Cell:
    """A day, if there is one."""
    return Cell(format_date(day) if day is not None else "")


def due_cell(day: date | None, *, is_late: bool) -> Cell:
    """The day by which it should be back; a late one says so."""
    if day is None or not is_late:
        return day_cell(day)
    text = _("Late: {day}", day=format_date(day))
    return Cell(text, icon="warning", tone=Tone.WARNING)


def words_cell(line: MoneyLine, usual: str) -> Cell:
    """What a line says of itself; a correction says that it is one."""
    if line.is_reversal:
        return Cell(_("Corrected"), tooltip=line.description, icon="undo", tone=Tone.WARNING)
    return Cell("" if line.description in {usual, ""} else line.description)


def side_cells(amount: Decimal, said: Said) -> tuple[Cell, Cell]:
    """What came in and what went out, each in its column."""
    came = Cell(said(amount), tone=Tone.MONEY_IN) if amount > 0 else Cell()
    went = Cell(said(-amount), tone=Tone.MONEY_OUT) if amount < 0 else Cell()
    return came, went


def in_and_out(title: str, sums: Iterable[tuple[str, Decimal]], said: Said, code: str) -> Table:
    """Sums by what they were, those that came in and those that went out."""
    columns = (
        Column("what", title, width=28),
        money_column("in", _("In"), code),
        money_column("out", _("Out"), code),
    )
    return Table(
        columns,
        tuple(Row("", word, (Cell(word), *side_cells(amount, said))) for word, amount in sums),
    )
