"""Reading a workbook: every cell becomes a value, or is listed with what is expected there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vsla_desktop.domain.currencies import Currency, currency
from vsla_desktop.domain.meeting import AgendaStep
from vsla_desktop.domain.rules import GroupRules, Preset, preset_rules, problems
from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.workbook.books import (
    Books,
    GroupPage,
    MeetingRow,
    Wanted,
    WrongCell,
    wanted,
)
from vsla_desktop.services.workbook.cells import expected, is_blank, read_cell
from vsla_desktop.services.workbook.checking import crossed
from vsla_desktop.services.workbook.files import Grid, letters, open_grids
from vsla_desktop.services.workbook.group_keys import FINE_KEYS, GROUP_KEYS, WEIGHT_KEYS
from vsla_desktop.services.workbook.headings import plain_name, read_heading
from vsla_desktop.services.workbook.layout import GROUP, Column, Sheet
from vsla_desktop.services.workbook.more_rows import RuleRow
from vsla_desktop.services.workbook.more_sheets import RULES
from vsla_desktop.services.workbook.sheets import HELD, Held

if TYPE_CHECKING:
    from pathlib import Path

MOST_WRONG = 1_000
"""So many wrong cells are listed; more of them say nothing new."""

UNASKED = {
    "loan_min_attendance": Decimal(0),
    "loan_min_months": 0,
    "loan_min_score": Decimal(0),
}
"""What a book that does not write it down has not asked of its borrowers."""


@dataclass(slots=True)
class _Reading:
    """What was found so far."""

    wrong: list[WrongCell] = field(default_factory=list)
    warnings: list[WrongCell] = field(default_factory=list)
    places: dict[str, dict[str, str]] = field(default_factory=dict)
    numbers: dict[str, set[int]] = field(default_factory=dict)
    currency: Currency | None = None

    def refuse(
        self, sheet: str, cell: str, problem: RuleBroken, expected: Wanted | None = None
    ) -> None:
        self.wrong.append(WrongCell(sheet, cell, problem, expected))


def read_workbook(path: Path, *, today: date) -> Books | list[WrongCell]:
    """Return the books that a workbook holds, or every cell that can not be taken.

    Nothing can have happened after ``today``.
    Raise :class:`StorageError` when the file can not be read at all. What is wrong with the file
    itself (its kind, its size, damage) is one :class:`WrongCell` without an address.
    """
    try:
        grids = open_grids(path)
    except RuleBroken as problem:
        return [WrongCell("", "", problem, wanted("a workbook made from the template (.xlsx)"))]
    reading = _Reading()
    page, rules = _group(reading, grids.get(GROUP.casefold()))
    rows: dict[str, list[Any]] = {held.name: _rows(reading, grids, held) for held in HELD}
    known = {held.sheet.name.casefold() for held in HELD} | {"group", "help"}
    for name, grid in grids.items():
        if name not in known and any(not is_blank(cell) for row in grid.rows for cell in row):
            unknown = RuleBroken("We do not know this sheet.", hint="It was left out.")
            reading.warnings.append(WrongCell(grid.name, "", unknown))
    reading.wrong += crossed(page, rows, reading, today)
    if reading.wrong or page is None or rules is None:
        return _in_order(reading.wrong)[:MOST_WRONG]
    rows["meetings"] = _as_held(rows["meetings"])
    return Books(
        group=page,
        rules=rules,
        **{name: tuple(found) for name, found in rows.items()},
        warnings=tuple(reading.warnings),
        places=reading.places,
    )


def _as_held(meetings: list[MeetingRow]) -> list[MeetingRow]:
    """Return meetings as held: on one day by number, or as they stand if one was moved."""
    moved = {row.date for row in meetings if row.planned_date is not None}

    def place(row: MeetingRow) -> tuple[int, date, int]:
        return (row.cycle or 0, row.date, row.row if row.date in moved else row.number)

    return sorted(meetings, key=place)


def _in_order(wrong: list[WrongCell]) -> list[WrongCell]:
    """Return wrong cells sheet by sheet, row by row, as a person goes through them."""
    names = ["", GROUP, *(held.sheet.name for held in HELD)]

    def place(each: WrongCell) -> tuple[int, int, int, str]:
        column = each.cell.rstrip("0123456789")
        row = each.cell[len(column) :]
        sheet = names.index(each.sheet) if each.sheet in names else len(names)
        return (sheet, int(row or 0), len(column), column)

    return sorted(wrong, key=place)


# --- the sheet Group ---------------------------------------------------------------------------


def _group(reading: _Reading, grid: Grid | None) -> tuple[GroupPage | None, GroupRules | None]:
    if grid is None:
        problem = RuleBroken("The sheet {name} is missing.", name=GROUP)
        reading.refuse(GROUP, "", problem, wanted("two columns: key and value"))
        return None, None
    raw, places = _keys(reading, grid)
    reading.places[GROUP] = places
    values = _group_values(reading, grid, raw, places)
    if any(key not in values for key in ("name", "currency", "cycle_start", "share_value")):
        return None, None
    rules = _rules(reading, values, GROUP, lambda key: places.get(key, ""))
    names = {each.name for each in fields(GroupPage)}
    kept = {name: value for name, value in values.items() if name in names}
    if "preset" in kept:
        kept["preset"] = Preset(kept["preset"])
    return GroupPage(**kept), rules


def _group_values(
    reading: _Reading, grid: Grid, raw: Mapping[str, Any], places: Mapping[str, str]
) -> dict[str, Any]:
    """Return the values of the keys; the currency first, for amounts are read by its decimals."""
    values: dict[str, Any] = {}
    for column in sorted(GROUP_KEYS, key=lambda column: column.name != "currency"):
        address = places.get(column.name, "")
        value = raw.get(column.name)
        if address in grid.errors:
            reading.refuse(GROUP, address, _formula(grid, address), _wanted(reading, column))
        elif is_blank(value):
            if column.required:
                reading.refuse(GROUP, address, _empty(column), _wanted(reading, column))
        else:
            try:
                values[column.name] = read_cell(
                    value, column, reading.currency, day_nought=grid.day_nought
                )
                if column.name == "currency":
                    reading.currency = currency(values["currency"])
            except RuleBroken as problem:
                reading.refuse(GROUP, address, problem, _wanted(reading, column))
    return values


def _keys(reading: _Reading, grid: Grid) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of the sheet by key, and where each stands."""
    known = {column.name for column in GROUP_KEYS}
    raw: dict[str, Any] = {}
    places: dict[str, str] = {}
    for number, row in enumerate(grid.rows, 1):
        key = plain_name(row[0] if row else "")
        value = row[1] if len(row) > 1 else ""
        if not key or key == "key" or (number == 1 and key in {"name_of_the_key", "group"}):
            continue
        if key not in known:
            if is_blank(value):  # a title
                continue
            problem = RuleBroken("We do not know {key}.", hint="It was left out.", key=key[:40])
            reading.warnings.append(WrongCell(GROUP, f"A{number}", problem))
        elif key in raw:
            problem = RuleBroken("{key} stands here twice.", key=key)
            reading.refuse(GROUP, f"A{number}", problem, wanted("one row for {name}", name=key))
        else:
            raw[key] = value
            places[key] = f"B{number}"
    return raw, places


def _rules(
    reading: _Reading, values: Mapping[str, Any], sheet: str, cell_of: Callable[[str], str]
) -> GroupRules | None:
    """Return the rules: what is written, else what the kind of group usually has.

    ``cell_of`` gives the cell of each key in the sheet.
    """
    if reading.currency is None:
        return None
    kept = {each.name for each in fields(GroupRules)}
    said = {name: value for name, value in values.items() if name in kept and name != "agenda"}
    tariff = {kind: values[key] for key, kind in FINE_KEYS.items() if values.get(key)}
    try:
        base = GroupRules(share_value=values["share_value"])
        if "preset" in values:
            base = preset_rules(Preset(values["preset"]), share_value=base.share_value)
        given = {each: getattr(base, each) for each in kept} | UNASKED | _typed(said, base)
        weights = {name: value for name, value in values.items() if name in WEIGHT_KEYS}
        given["assessment_weights"] = replace(base.assessment_weights, **weights)
        agenda = values.get("agenda")
        if agenda:
            given["agenda"] = _agenda(agenda)
        if given["loan_interest_method"] == "NONE" and "loan_interest_rate" not in said:
            given["loan_interest_rate"] = Decimal(0)
        rules = GroupRules(**(given | {"fine_tariff": tariff}))
    except RuleBroken as problem:
        reading.refuse(sheet, cell_of(problem.field), problem)
        return None
    found = problems(rules, reading.currency)
    columns = {column.name: column for column in GROUP_KEYS}
    for each in found:
        column = columns.get(each.field)
        meant = expected(column, reading.currency) if column else None
        reading.refuse(sheet, cell_of(each.field), each, meant)
    return None if found else rules


def _typed(said: Mapping[str, Any], base: GroupRules) -> dict[str, Any]:
    """Return values as the rules hold them: the codes of lists as their own types."""
    typed = {}
    for name, value in said.items():
        like = type(getattr(base, name))
        typed[name] = like(value) if isinstance(value, str) else value
    return typed


def _agenda(text: str) -> tuple[AgendaStep, ...]:
    steps = []
    for each in text.split(","):
        try:
            steps.append(AgendaStep(plain_name(each).upper()))
        except ValueError:
            raise RuleBroken(
                "We do not know the step {step}.", field="agenda", step=each.strip()[:30]
            ) from None
    return tuple(steps)


# --- the sheets of rows ------------------------------------------------------------------------


def _rows(reading: _Reading, grids: Mapping[str, Grid], held: Held) -> list[Any]:
    sheet = held.sheet
    grid = grids.get(sheet.name.casefold())
    if grid is None:
        if sheet.required:
            problem = RuleBroken("The sheet {name} is missing.", name=sheet.name)
            names = ", ".join(column.name for column in sheet.columns if column.required)
            reading.refuse(sheet.name, "", problem, wanted("columns {names}", names=names))
        return []
    head = read_heading(sheet, grid)
    reading.wrong += head.wrong
    reading.warnings += head.warnings
    if not head.is_whole:
        return []
    reading.places[sheet.name] = {name: letters(at) for name, at in head.columns.items()}
    columns = [
        (column, head.columns[column.name])
        for column in sheet.columns
        if column.name in head.columns
    ]
    filled = [
        (number, row)
        for number, row in enumerate(grid.rows[head.row :], head.row + 1)
        if any(at < len(row) and not is_blank(row[at]) for _, at in columns)
    ]
    if len(filled) > sheet.most_rows:
        problem = RuleBroken("This sheet has too many rows.")
        reading.refuse(
            sheet.name,
            f"A{filled[sheet.most_rows][0]}",
            problem,
            wanted("at most {most} rows", most=sheet.most_rows),
        )
        return []
    found = []
    numbers = reading.numbers.setdefault(sheet.name, set())
    for number, row in filled:
        values, is_whole = _row(reading, sheet, grid, columns, number, row)
        if "number" in values:
            numbers.add(values["number"])
        if is_whole and held.kind is RuleRow:
            values = _rule_set(reading, number, values)
            is_whole = values["rules"] is not None
        if is_whole:
            found.append(held.kind(row=number, **values))
    return found


def _rule_set(reading: _Reading, number: int, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a row of the sheet Rules with its rules as one."""
    letters_of = reading.places[RULES]
    own = {each.name for each in fields(RuleRow)} & set(values)
    rules = _rules(reading, values, RULES, lambda key: f"{letters_of.get(key, 'A')}{number}")
    return {name: values[name] for name in own} | {"rules": rules}


def _row(
    reading: _Reading,
    sheet: Sheet,
    grid: Grid,
    columns: list[tuple[Column, int]],
    number: int,
    row: list[Any],
) -> tuple[dict[str, Any], bool]:
    """Return the values of one row, and whether it has all that it needs."""
    values: dict[str, Any] = {}
    is_whole = True
    for column, at in columns:
        raw = row[at] if at < len(row) else ""
        address = f"{letters(at)}{number}"
        if grid.errors and address in grid.errors:
            reading.refuse(sheet.name, address, _formula(grid, address), _wanted(reading, column))
            is_whole = is_whole and not column.required
        elif is_blank(raw):
            if column.required:
                reading.refuse(sheet.name, address, _empty(column), _wanted(reading, column))
                is_whole = False
        else:
            try:
                values[column.name] = read_cell(
                    raw, column, reading.currency, day_nought=grid.day_nought
                )
            except RuleBroken as problem:
                reading.refuse(sheet.name, address, problem, _wanted(reading, column))
                is_whole = is_whole and not column.required
    return values, is_whole


def _empty(column: Column) -> RuleBroken:
    return RuleBroken("Fill in {key}.", key=column.name, field=column.name)


def _formula(grid: Grid, address: str) -> RuleBroken:
    if address in grid.unworked:
        return RuleBroken(
            "The formula has no value yet.", hint="Open the file in Excel and save it."
        )
    return RuleBroken("The formula gives an error.")


def _wanted(reading: _Reading, column: Column) -> Wanted:
    return expected(column, reading.currency)
