"""The whole book comes back as it was: whatever a group keeps, and in whatever turn it was done."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.services.village import Village
from tests.workbook.equal_books import comes_back, is_empty
from tests.workbook.eventful import CODE
from tests.workbook.kept import (
    asked,
    came_and_went,
    counted,
    in_turn,
    led,
    limited,
    limited_by_vote,
    listed,
    planned,
    ruled,
    second_cycle,
)
from tests.workbook.kept_turns import (
    alike,
    asked_and_left,
    corrected_opening,
    corrected_outside,
    joined_next_cycle,
    let_off_a_part,
    let_off_an_advance,
    paid_after_lending,
    taken_back_after_all,
)
from vsla_desktop.db import Database
from vsla_desktop.services.workbook import (
    Books,
    export_workbook,
    import_books,
    read_workbook,
    write_books,
)

Fresh = Callable[[], closing[Database]]
KEPT = (
    listed,
    planned,
    asked,
    ruled,
    limited,
    limited_by_vote,
    counted,
    led,
    came_and_went,
    corrected_opening,
    corrected_outside,
    alike,
    asked_and_left,
    let_off_a_part,
    let_off_an_advance,
    paid_after_lending,
    taken_back_after_all,
    joined_next_cycle,
    in_turn,
    second_cycle,
)


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept.__name__)
def test_what_a_group_keeps_comes_back_as_it_was(
    lent_book: Fresh, tmp_path: Path, kept: Callable[[Database], Village]
) -> None:
    path = tmp_path / "group.xlsx"
    with lent_book() as first, lent_book() as second:
        comes_back(first, second, CODE, path, kept(first).clock)


def test_days_and_numbers_of_every_sheet_are_days_and_numbers(
    lent_book: Fresh, tmp_path: Path
) -> None:
    path = tmp_path / "group.xlsx"
    with lent_book() as book:
        export_workbook(book, CODE, path, clock=listed(book).clock)
    workbook = CalamineWorkbook.from_path(str(path))
    [head, *rows] = workbook.get_sheet_by_name("Property").to_python()
    box = dict(zip(head, rows[0], strict=True))
    assert (box["cost"], box["value"], box["note"]) == (45000.0, 20000.0, "Rust")
    assert isinstance(box["bought_on"], date)
    assert rows[1][head.index("note")] == "=White"
    [head, *rows] = workbook.get_sheet_by_name("Bank").to_python()
    assert [type(row[head.index("date")]) for row in rows] == [date, date]
    assert [row[head.index("said")] for row in rows] == [0.0, 1500.0]


def plain(said: str) -> str:
    return re.sub(r"\s", " ", said)


def books_of(lent_book: Fresh, path: Path, kept: Callable[[Database], Village]) -> Books:
    with lent_book() as book:
        clock = kept(book).clock
        export_workbook(book, CODE, path, clock=clock)
    books = read_workbook(path, today=clock.today())
    assert isinstance(books, Books)
    return books


@pytest.mark.parametrize(
    ("kept", "change", "wrong"),
    [
        (
            second_cycle,
            lambda books: {"cycles": (replace(books.cycles[0], closed=None), books.cycles[1])},
            "Cycles!D2: Only the last cycle can be open. Expected: yes.",
        ),
        (
            planned,
            lambda books: {"planned": tuple(replace(each, number=1) for each in books.planned)},
            "Planned!A2: Meeting 1 was held. Expected: a number that the sheet Meetings has not.",
        ),
        (
            asked,
            lambda books: {"requests": (replace(books.requests[0], member=77),)},
            "Requests!B2: There is no member 77. Expected: a number of the sheet Members.",
        ),
        (
            listed,
            lambda books: {"grants": (books.grants[0], books.grants[0])},
            "Grants!A3: DEATH stands here twice. Expected: each event once.",
        ),
        (
            listed,
            lambda books: {
                "belongings": (replace(books.belongings[0], bought_on=date(2030, 1, 1)),)
            },
            "Property!C2: This day is still to come. Expected: a day up to 2026-01-12.",
        ),
        (
            counted,
            lambda books: {"counts": (replace(books.counts[0], pieces=1), *books.counts[1:])},
            "Counts!E2: Count again: the notes make 1 500. Expected: pieces that make 24 500.",
        ),
    ],
    ids=["cycles", "planned", "requests", "grants", "property", "counts"],
)
def test_a_cell_that_contradicts_another_sheet_is_named(
    lent_book: Fresh,
    tmp_path: Path,
    kept: Callable[[Database], Village],
    change: Callable[[Books], dict[str, object]],
    wrong: str,
) -> None:
    path = tmp_path / "group.xlsx"
    books = books_of(lent_book, path, kept)
    today = max(row.date for row in books.meetings)
    write_books(replace(books, **change(books)), path)  # type: ignore[arg-type]
    found = read_workbook(path, today=today)
    assert isinstance(found, list)
    assert plain(str(found[0])) == wrong


@pytest.mark.parametrize(
    ("kept", "change", "address", "problem"),
    [
        (
            asked,
            lambda books: {
                "requests": (replace(books.requests[0], amount=Decimal(90000)), *books.requests[1:])
            },
            "Requests!D2",
            "Lend at most 7 500. Savings are 2 500, times 3.",
        ),
        (
            ruled,
            lambda books: {
                "rule_sets": (replace(books.rule_sets[0], votes_for=9), books.rule_sets[1])
            },
            "Rules!C2",
            "Count at most 5 votes. So many are marked present.",
        ),
        (
            limited,
            lambda books: {
                "savings": tuple(
                    replace(each, used=False) if each.kind == "TARGET" else each
                    for each in books.savings
                )
            },
            "Savings!B2",
            "Pay these savings back first.",
        ),
    ],
    ids=["requests", "rules", "savings"],
)
def test_what_a_rule_refuses_is_said_at_its_cell_and_nothing_is_written(
    lent_book: Fresh,
    tmp_path: Path,
    kept: Callable[[Database], Village],
    change: Callable[[Books], dict[str, object]],
    address: str,
    problem: str,
) -> None:
    path = tmp_path / "group.xlsx"
    books = books_of(lent_book, path, kept)
    with lent_book() as clean:
        clock = Village(clean).clock
        clock.instant = clock.instant.replace(month=12)
        report = import_books(clean, replace(books, **change(books)), clock=clock)  # type: ignore[arg-type]
        found = [(each.address, plain(str(each.problem))) for each in report.wrong]
        assert found == [(address, problem)]
        assert is_empty(clean)
