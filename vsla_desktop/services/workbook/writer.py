"""Writing a workbook: the empty template, and the books of a group.

Numbers are numbers and dates are dates. A text is always written as a text, so that one that begins
with = + - or @ is never a formula. A file is written beside its place and moved there when whole.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vsla_desktop.domain.currencies import Currency, currency
from vsla_desktop.domain.rules import USUAL_WEIGHTS
from vsla_desktop.errors import StorageError
from vsla_desktop.i18n import translate
from vsla_desktop.services.workbook.group_keys import FINE_KEYS, GROUP_KEYS, WEIGHT_KEYS
from vsla_desktop.services.workbook.layout import GROUP, HELP, SHEETS, Column, Kind, Sheet
from vsla_desktop.services.workbook.more_rows import RuleRow
from vsla_desktop.services.workbook.more_sheets import RULES
from vsla_desktop.services.workbook.sheets import HELD

if TYPE_CHECKING:
    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.services.workbook.books import Books, GroupPage

TEMPLATE_ROWS = 2_000
LONGEST_LIST = 255
"""Characters that a spreadsheet takes for the values of a list."""
LONGEST_MESSAGE = 255
_WIDTHS = {Kind.TEXT: 20, Kind.DATE: 12, Kind.AMOUNT: 14, Kind.CHOICE: 16}
_KEY_WIDTH, _VALUE_WIDTH, _WORDS_WIDTH = 26, 26, 62
_FIRST_DAY = datetime(1990, 1, 1)  # noqa: DTZ001 - a spreadsheet's days have no zone
_MIDNIGHT = time(0)

HELP_LINES = (
    "This workbook brings the book of one savings group into the program.",
    "Fill in the sheets from left to right. Do not rename sheets or columns.",
    "",
    "Group: write the value beside each key. Grey rows must be filled in.",
    "Members: one row a member. Numbers stay the same for the whole cycle.",
    "Meetings: one row a meeting, in the order in which they were held.",
    "Write what was counted in each purse, at the start and at the end.",
    "Entries: one row for each member at each meeting.",
    "Mark each member PRESENT, LATE, ABSENT, EXCUSED or REPRESENTED.",
    "A fine that is not written down was not charged.",
    "A repayment is one sum: penalty, charge and loan together.",
    "Other: what the group spent and earned, the bank, grants and advances.",
    "More sheets are made by the program, where a book has more to say.",
    "Not carried: what a book has, and a workbook can not hold.",
    "",
    "Starting in the middle of a cycle:",
    "write each member's shares, loan and fines so far in the sheet Members,",
    "what the box held that day in opening_loan_fund and opening_social_fund,",
    "and what the group has earned so far in opening_earnings.",
    "It must balance: the box and loans are savings, debts and earnings.",
    "",
    "Dates look like 2026-01-31. Amounts have no letters and no minus.",
    "Leave a cell empty when there is nothing to write.",
    "If a cell is wrong, nothing is brought in. Every wrong cell is listed.",
)
"""The sheet Help, line by line."""


Progress = Callable[[int, int], None]
"""Told how many parts of how many are done; what it raises stops the work."""


@dataclass(frozen=True, slots=True)
class _Formats:
    head: Any
    needed: Any
    soft: Any
    day: Any
    hour: Any
    amount: Any
    rate: Any
    text: Any


def write_template(path: Path) -> None:
    """Write an empty workbook with explanations and lists to choose from.

    Raise :class:`StorageError` when the file can not be written.
    """
    with _workbook(path, _FIRST_DAY) as book:
        formats = _formats(book, None)
        _group_template(book, formats)
        for sheet in SHEETS:
            columns = [column for column in sheet.columns if not column.extra]
            page = book.add_worksheet(sheet.name)
            _head(page, columns, formats)
            for at, column in enumerate(columns):
                _validate(page, column, 1, at, TEMPLATE_ROWS)
        _help(book, formats)


def write_books(books: Books, path: Path, *, progress: Progress | None = None) -> None:
    """Write the books of a group; raise :class:`StorageError` when the file can not be written.

    The same books give the same file, byte for byte. ``progress`` is told how many sheets of how
    many are written; what it raises stops the work, and what was at the place stays.
    """
    told = progress or _told_nobody
    money = currency(books.group.currency)
    made = datetime.combine(books.group.cycle_start, _MIDNIGHT)
    with _workbook(path, made) as book:
        formats = _formats(book, money)
        _group_page(book, books, formats)
        for done, held in enumerate(HELD):
            told(done, len(HELD) + 1)
            rows: Sequence[Any] = getattr(books, held.name)
            if rows or held.sheet.required:
                _rows(book, held.sheet, rows, formats)
        _help(book, formats)
        told(len(HELD), len(HELD) + 1)


def _told_nobody(_done: int, _total: int) -> None:
    """Nobody waits."""


def group_values(books: Books) -> Iterator[tuple[Column, Any]]:
    """Return every key of the sheet Group with its value; those that say nothing are left out."""
    page: GroupPage = books.group
    for column in GROUP_KEYS:
        name = column.name
        value: Any
        if name == "saving_kinds":
            value = ", ".join(page.saving_kinds)
        elif hasattr(page, name):
            value = getattr(page, name)
        else:
            value = rule_value(books.rules, name)
        if value is not None and value != "":
            yield column, value


def rule_value(rules: GroupRules, name: str) -> Any:
    """Return what rules say under a key; None for what is as usual and need not be said."""
    if name in FINE_KEYS:
        return rules.fine_tariff.get(FINE_KEYS[name])
    if name == "agenda":
        return ", ".join(step.value for step in rules.agenda)
    if name in WEIGHT_KEYS:
        value = getattr(rules.assessment_weights, name)
        return None if value == getattr(USUAL_WEIGHTS, name) else value
    return getattr(rules, name)


# --- sheets ------------------------------------------------------------------------------------


def _group_page(book: Any, books: Books, formats: _Formats) -> None:
    page = book.add_worksheet(GROUP)
    _group_head(page, formats)
    for row, (column, value) in enumerate(group_values(books), 1):
        page.write_string(row, 0, column.name)
        _cell(page, row, 1, column, value, formats)
        page.write_string(row, 2, translate(column.words), formats.soft)


def _group_template(book: Any, formats: _Formats) -> None:
    page = book.add_worksheet(GROUP)
    _group_head(page, formats)
    columns = [column for column in GROUP_KEYS if not column.extra]
    for row, column in enumerate(columns, 1):
        page.write_string(row, 0, column.name, formats.needed if column.required else None)
        page.write_blank(row, 1, None, _format(column, formats))
        page.write_string(row, 2, translate(column.words), formats.soft)
        page.write_string(row, 3, column.example, formats.soft)
        if not column.many:
            _validate(page, column, row, 1, row)


def _group_head(page: Any, formats: _Formats) -> None:
    page.set_column(0, 0, _KEY_WIDTH)
    page.set_column(1, 1, _VALUE_WIDTH)
    page.set_column(2, 2, _WORDS_WIDTH)
    page.set_column(3, 3, _VALUE_WIDTH)
    for at, words in enumerate(("key", "value", "explanation", "example")):
        page.write_string(0, at, words, formats.head)
    page.freeze_panes(1, 0)


def _rows(book: Any, sheet: Sheet, rows: Sequence[Any], formats: _Formats) -> None:
    values = [[_value(row, column.name) for column in sheet.columns] for row in rows]
    used = [
        (column, at)
        for at, column in enumerate(sheet.columns)
        if not column.extra or any(not _says_nothing(row[at]) for row in values)
    ]
    page = book.add_worksheet(sheet.name)
    _head(page, [column for column, _ in used], formats)
    for number, row in enumerate(values, 1):
        for to, (column, at) in enumerate(used):
            if not _says_nothing(row[at]):
                _cell(page, number, to, column, row[at], formats)


def _value(row: Any, name: str) -> Any:
    if isinstance(row, RuleRow) and not hasattr(row, name):
        return rule_value(row.rules, name)
    return getattr(row, name)


def _head(page: Any, columns: Iterable[Column], formats: _Formats) -> None:
    for at, column in enumerate(columns):
        page.set_column(at, at, _WIDTHS.get(column.kind, 12), _format(column, formats))
        page.write_string(0, at, column.name, formats.head)
    page.freeze_panes(1, 2)


def _help(book: Any, formats: _Formats) -> None:
    page = book.add_worksheet(HELP)
    page.set_column(0, 0, 16)
    page.set_column(1, 1, 28)
    page.set_column(2, 2, _WORDS_WIDTH)
    page.set_column(3, 3, _VALUE_WIDTH)
    row = 0
    for line in HELP_LINES:
        page.write_string(row, 0, translate(line) if line else "")
        row += 1
    row += 1
    for at, words in enumerate(("sheet", "column", "explanation", "example")):
        page.write_string(row, at, words, formats.head)
    for sheet in (held.sheet for held in HELD):
        if sheet.name == RULES:  # its columns are the keys of the sheet Group
            continue
        for column in sheet.columns:
            row += 1
            page.write_string(row, 0, sheet.name)
            page.write_string(row, 1, column.name)
            page.write_string(row, 2, translate(column.words))
            page.write_string(row, 3, column.example)


# --- cells -------------------------------------------------------------------------------------


def _cell(page: Any, row: int, at: int, column: Column, value: Any, formats: _Formats) -> None:
    if isinstance(value, bool):
        page.write_string(row, at, "yes" if value else "no")
    elif isinstance(value, Decimal | int):
        plain = Decimal(f"{Decimal(value).normalize():f}")  # 1500.00 and 1500 are one cell
        page.write_number(row, at, plain, _format(column, formats))
    elif isinstance(value, date):
        page.write_datetime(row, at, datetime.combine(value, _MIDNIGHT), formats.day)
    elif isinstance(value, time):
        page.write_datetime(row, at, value, formats.hour)
    else:
        text = str(value.value if isinstance(value, Enum) else value)
        page.write_string(row, at, text, formats.text)


def _says_nothing(value: Any) -> bool:
    return value is None or value == ""


def _format(column: Column, formats: _Formats) -> Any:
    return {
        Kind.DATE: formats.day,
        Kind.TIME: formats.hour,
        Kind.AMOUNT: formats.amount,
        Kind.BALANCE: formats.amount,
        Kind.RATE: formats.rate,
        Kind.TEXT: formats.text,
    }.get(column.kind)


def _validate(page: Any, column: Column, row: int, at: int, last: int) -> None:
    """Offer a list, or hold a cell to what it may be; a spreadsheet then says it at once."""
    options: dict[str, Any]
    match column.kind:
        case Kind.CHOICE:
            if len(",".join(column.listed)) > LONGEST_LIST:
                return
            options = {
                "validate": "list",
                "source": list(column.listed),
                "error_type": "warning" if column.offered else "stop",
            }
        case Kind.YES_NO:
            options = {"validate": "list", "source": ["yes", "no"]}
        case Kind.WHOLE:
            options = {
                "validate": "integer",
                "criteria": "between",
                "minimum": 0,
                "maximum": column.most,
            }
        case Kind.AMOUNT:
            options = {"validate": "decimal", "criteria": ">=", "value": 0}
        case Kind.DATE:
            options = {"validate": "date", "criteria": ">=", "value": _FIRST_DAY}
        case _:
            return
    words = translate(column.words)
    options |= {
        "input_title": column.name[:32],
        "input_message": words[:LONGEST_MESSAGE],
        "error_title": column.name[:32],
        "error_message": words[:LONGEST_MESSAGE],
    }
    page.data_validation(row, at, last, at, options)


def _formats(book: Any, money: Currency | None) -> _Formats:
    digits = 2 if money is None else money.booked_digits
    shown = "#,##0.00" if digits and money is not None else "#,##0.##" if digits else "#,##0"
    return _Formats(
        head=book.add_format({"bold": True, "bottom": 1, "bg_color": "#E7ECEF"}),
        needed=book.add_format({"bold": True, "bg_color": "#E4E4E4"}),
        soft=book.add_format({"font_color": "#555555"}),
        day=book.add_format({"num_format": "yyyy-mm-dd"}),
        hour=book.add_format({"num_format": "hh:mm"}),
        amount=book.add_format({"num_format": shown}),
        rate=book.add_format({"num_format": "0.00%"}),
        text=book.add_format({"num_format": "@"}),
    )


@contextmanager
def _workbook(path: Path, made: datetime) -> Iterator[Any]:
    """Open a workbook to write; put it in its place only when it is whole."""
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import XlsxWriterException

    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=".xlsx.part", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        book = Workbook(
            name,
            {
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_date_format": "yyyy-mm-dd",
            },
        )
        book.set_properties({"created": made})
        yield book
        book.close()
        with temporary.open("rb") as whole:
            os.fsync(whole.fileno())
        temporary.replace(path)
    except (OSError, XlsxWriterException) as error:
        raise StorageError(
            "The file {name} can not be written.",
            hint="Check the disk and the folder; close the file if it is open.",
            name=path.name,
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
