"""The sheet on which the members of a new group are written, or pasted from a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from vsla_desktop.domain.identifiers import check_name, check_phone_number
from vsla_desktop.domain.money import parse_count
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, explain, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, CellState, Column

NUMBER, FIRST, LAST, GENDER, PHONE = range(5)
FEWEST_ROWS: Final = 30
MOST_ROWS: Final = 200
MOST_NUMBER: Final = 9999
GENDERS: Final = ("F", "M", "Other")
# What people write for a gender, in the languages here; the first letter is enough.
_SAME: Final = {
    "f": "F",
    "female": "F",
    "woman": "F",
    "w": "F",
    "femme": "F",
    "m": "M",
    "male": "M",
    "man": "M",
    "h": "M",
    "homme": "M",
    "o": "Other",
    "other": "Other",
    "autre": "Other",
}
_HEADINGS: Final = frozenset({"number", "no", "no.", "first name", "first_name", "name", "gender"})


@dataclass(frozen=True, slots=True)
class DraftMember:
    """One member as written on the sheet, each part checked."""

    number: int
    first_name: str
    last_name: str
    gender: str
    phone_number: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


class MembersDraft:
    """A :class:`~vsla_desktop.presenters.grid.GridPresenter` of people, one a row."""

    def __init__(self) -> None:
        self.row_changed: Event[[int]] = Event()
        self.layout_changed: Event[[]] = Event()
        self._rows: list[list[str]] = [[""] * 5 for _row in range(FEWEST_ROWS)]
        self._accepted: set[int] = set()
        self._asks_all = False

    # ------------------------------------------------------------------ for the wizard

    def drafts(self) -> tuple[DraftMember, ...]:
        """The members whose row is right, in the order of their numbers."""
        found = [self._draft(row) for row in range(len(self._rows)) if self._is_used(row)]
        return tuple(sorted((each for each in found if each), key=lambda each: each.number))

    def check(self) -> bool:
        """Ask for what is missing too; tell whether every row that is used is right."""
        self._asks_all = True
        self.row_changed(-1)
        used = [row for row in range(len(self._rows)) if self._is_used(row)]
        return all(self._problem(row, column) is None for row in used for column in range(5))

    # ------------------------------------------------------------------ what is shown

    @property
    def frozen_columns(self) -> int:
        """None: even the number can be changed."""
        return 0

    def row_count(self) -> int:
        """There is always room for more."""
        return len(self._rows)

    def columns(self) -> Sequence[Column]:
        """Number, name, gender, telephone."""
        return (
            Column("number", _("No."), CellKind.COUNT, is_editable=True, width=5),
            Column("first_name", _("First name"), is_editable=True, width=24),
            Column("last_name", _("Last name"), is_editable=True, width=24),
            Column("gender", _("Gender"), CellKind.TOGGLE, is_editable=True, width=10),
            Column("phone", _("Phone"), is_editable=True, width=20),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :meth:`GridPresenter.cell`."""
        text = self._rows[row][column]
        if not self._is_used(row):
            return Cell(text)
        problem = self._problem(row, column)
        if problem is not None:
            return Cell(text, CellState.IMPOSSIBLE, " ".join(explain(problem)).strip())
        twin = self._twin(row) if column in {FIRST, LAST} else None
        if twin is not None and row not in self._accepted:
            asked = _("Member {number} has the same name.", number=self._rows[twin][NUMBER])
            return Cell(text, CellState.UNLIKELY, asked)
        return Cell(text)

    def row_title(self, row: int) -> str:
        """See :meth:`GridPresenter.row_title`."""
        words = [self._rows[row][column] for column in (NUMBER, FIRST, LAST)]
        return " ".join(word for word in words if word) or _("Row {number}", number=row + 1)

    def choices(self, row: int, column: int) -> Sequence[str]:  # noqa: ARG002 - the same for all
        """See :meth:`GridPresenter.choices`."""
        return GENDERS if column == GENDER else ()

    def totals(self) -> Sequence[str]:
        """How many members are written."""
        count = sum(self._is_used(row) for row in range(len(self._rows)))
        words = translate_counted("{count} member", "{count} members", count)
        return ("", words, "", "", "")

    # ------------------------------------------------------------------ what a person does

    def enter(self, row: int, column: int, text: str) -> None:
        """Take a cell, or a block of cells that was copied in a spreadsheet."""
        if "\t" in text or "\n" in text:
            self._paste(row, column, text)
            return
        self._set(row, column, text)
        self.row_changed(-1)

    def accept(self, row: int, column: int) -> None:  # noqa: ARG002 - of the whole name
        """Two members do have the same name."""
        self._accepted.add(row)
        self.row_changed(row)

    def restore(self, row: int, column: int) -> None:
        """Empty a cell that can not be taken."""
        self._rows[row][column] = ""
        self.row_changed(row)

    def toggle(self, row: int, column: int) -> None:
        """Go to the next gender."""
        if column == GENDER:
            here = self._rows[row][GENDER]
            place = GENDERS.index(here) + 1 if here in GENDERS else 0
            self.enter(row, column, GENDERS[place % len(GENDERS)])

    def copy_above(self, row: int, column: int) -> None:
        """Take what stands above."""
        if row:
            self.enter(row, column, self._rows[row - 1][column])

    def fill_usual(self, column: int) -> None:
        """There is nothing usual here but the numbers."""
        if column == NUMBER:
            for row in range(len(self._rows)):
                self._propose_number(row)
            self.row_changed(-1)

    def find_row(self, text: str) -> int | None:
        """See :meth:`GridPresenter.find_row`."""
        wanted = text.strip().casefold()
        for row, cells in enumerate(self._rows):
            if wanted and (cells[NUMBER] == wanted or wanted in " ".join(cells[1:3]).casefold()):
                return row
        return None

    # ------------------------------------------------------------------ inside

    def _paste(self, row: int, column: int, text: str) -> None:
        lines = [line.split("\t") for line in text.replace("\r\n", "\n").split("\n")]
        if lines and any(cell.strip().casefold() in _HEADINGS for cell in lines[0]):
            lines = lines[1:]
        lines = [line for line in lines if any(cell.strip() for cell in line)]
        lines = lines[: MOST_ROWS - row]
        more = row + len(lines) + 1 - len(self._rows)
        self._rows += [[""] * 5 for _new in range(max(more, 0))]
        for down, line in enumerate(lines):
            for across, cell in enumerate(line[: 5 - column]):
                self._set(row + down, column + across, cell)
        if more > 0:
            self.layout_changed()
        self.row_changed(-1)

    def _set(self, row: int, column: int, text: str) -> None:
        text = " ".join(text.split())
        if column == GENDER:
            text = _SAME.get(text.casefold(), text)
        self._rows[row][column] = text
        if column in {FIRST, LAST}:
            self._accepted.discard(row)
            self._propose_number(row)

    def _propose_number(self, row: int) -> None:
        if self._rows[row][FIRST] and not self._rows[row][NUMBER]:
            numbers = [int(c[NUMBER]) for c in self._rows if c[NUMBER].isdecimal()]
            self._rows[row][NUMBER] = str(max(numbers, default=0) + 1)

    def _is_used(self, row: int) -> bool:
        return any(self._rows[row])

    def _problem(self, row: int, column: int) -> RuleBroken | None:
        cells = self._rows[row]
        text = cells[column]
        if not text and not self._asks_all:
            return None
        try:
            _CHECKS[column](text)
        except RuleBroken as problem:
            return problem
        others = (c[NUMBER] for place, c in enumerate(self._rows) if place != row)
        if column == NUMBER and text in others:
            return RuleBroken("Choose another number; {number} is taken.", number=text)
        return None

    def _twin(self, row: int) -> int | None:
        name = [cell.casefold() for cell in self._rows[row][FIRST : LAST + 1]]
        if not name[0]:
            return None
        for other in range(row):
            if [cell.casefold() for cell in self._rows[other][FIRST : LAST + 1]] == name:
                return other
        return None

    def _draft(self, row: int) -> DraftMember | None:
        cells = self._rows[row]
        try:
            return DraftMember(
                _number(cells[NUMBER]),
                check_name(cells[FIRST]),
                _optional(check_name, cells[LAST]),
                _gender(cells[GENDER]),
                _optional(check_phone_number, cells[PHONE]),
            )
        except RuleBroken:
            return None


def _number(text: str) -> int:
    number = parse_count(text, MOST_NUMBER, field="number")
    if number < 1:
        raise RuleBroken("Enter a number from 1 on.", field="number")
    return number


def _gender(text: str) -> str:
    if text not in GENDERS:
        raise RuleBroken("Choose F, M or Other.", field="gender")
    return text


def _optional(check: Callable[[str], str], text: str) -> str:
    return check(text) if text else ""


_CHECKS: Final[tuple[Callable[[str], object], ...]] = (
    _number,
    check_name,
    lambda text: _optional(check_name, text),
    _gender,
    lambda text: _optional(check_phone_number, text),
)
