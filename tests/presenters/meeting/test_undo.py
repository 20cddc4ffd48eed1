"""Undoing after the program was started again: the book itself tells what was entered."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.presenters.meeting.table import ROWS, Table, new_table
from vsla_desktop.db import Database
from vsla_desktop.domain.postings import Fund
from vsla_desktop.queries.loans import guarantors_of
from vsla_desktop.queries.sheet import SheetRow
from vsla_desktop.services.expenses import record_expense

ARROW = "\N{RIGHTWARDS ARROW}"


def enter(table: Table, who: str, key: str, text: str) -> None:
    """Type a cell, as a person does: some time after the one before."""
    table.village.clock.instant += timedelta(seconds=2)
    table.type(who, key, text)


def row(table: Table, who: str) -> SheetRow:
    return table.sheet.book.sheet.rows[ROWS[who]]


def undone(table: Table) -> str:
    table.presenter.undo()
    return table.last_words()


def test_every_value_of_a_cell_is_gone_back_through_after_a_restart(met: Table) -> None:
    for text in ("2", "5", "", "3", "4"):
        enter(met, "Amina", "shares", text)
    enter(met, "Amina", "social", "200")
    enter(met, "Beatrice", "social", "400")
    enter(met, "Beatrice", "social", "200")
    met.start()
    assert undone(met) == f"Undone: 2 Beatrice Auma · Social fund 400 {ARROW} 200"
    assert undone(met) == f"Undone: 2 Beatrice Auma · Social fund 0 {ARROW} 400"
    assert undone(met) == f"Undone: 1 Amina Nakato · Social fund 0 {ARROW} 200"
    for before, after in ((3, 4), (5, 3), (2, 5), (0, 2)):
        assert undone(met) == f"Undone: 1 Amina Nakato · Shares {before} {ARROW} {after}"
        assert row(met, "Amina").shares == before


def test_a_cell_that_was_emptied_is_filled_again_after_a_restart(met: Table) -> None:
    enter(met, "Amina", "shares", "2")
    enter(met, "Amina", "shares", "")
    met.start()
    assert undone(met) == f"Undone: 1 Amina Nakato · Shares 2 {ARROW} 0"
    assert row(met, "Amina").shares == 2


def test_what_makes_several_entries_is_undone_as_one_after_a_restart(met: Table) -> None:
    for who in ROWS:
        enter(met, who, "shares", "5")
    enter(met, "Amina", "loan", "6000")
    met.accept("Amina", "loan")
    met.close()
    met.village.clock.instant += timedelta(days=60)
    met.presenter.next_meeting()
    met.opening.use_today()
    met.open()
    met.usual("attendance")
    clears = row(met, "Amina").loan_settles
    enter(met, "Amina", "loan_repaid", "1000")
    enter(met, "Amina", "loan_repaid", f"{clears:.0f}")
    assert len(met.ledger()) > 1
    met.start()
    met.presenter.undo()
    assert row(met, "Amina").loan_repaid == 1000
    met.presenter.undo()
    assert row(met, "Amina").loan_repaid == 0
    assert row(met, "Amina").loan_settles == clears


def test_marks_fines_loans_and_other_money_are_undone_after_a_restart(met: Table) -> None:
    for who in ROWS:
        enter(met, who, "shares", "5")
    enter(met, "Daudi", "attendance", "l")
    enter(met, "Beatrice", "fine_for", "d")
    enter(met, "Beatrice", "fine_paid", "250")
    enter(met, "Amina", "loan", "3000")
    met.accept("Amina", "loan")
    met.village.clock.instant += timedelta(seconds=2)
    other = met.presenter.other
    assert other is not None
    for words in ("Pens", "Paper"):
        other.add(other.kinds()[0], Fund.LOAN_FUND, "500", words)
    other.take_back(0)
    met.start()
    assert undone(met) == "Undone: Expense 500"
    assert met.sheet.book.sheet.others == ()
    assert undone(met) == f"Undone: 1 Amina Nakato · New loan 0 {ARROW} 3,000"
    assert undone(met) == f"Undone: 2 Beatrice Auma · Fine paid 0 {ARROW} 250"
    assert undone(met) == f"Undone: 2 Beatrice Auma · Fined 0 {ARROW} 250"
    assert row(met, "Beatrice").fines_owed == 0
    assert undone(met) == f"Undone: 4 Daudi Okello · Roll call not marked {ARROW} Late"
    assert row(met, "Daudi").attendance is None
    assert row(met, "Daudi").fines_owed == 0


def test_what_was_counted_is_not_undone(table: Table) -> None:
    table.presenter.count_the_box()
    loan = table.opening.purses[0]
    loan.enter(0, "1")
    loan.write_reason("Left from training")
    table.presenter.open_the_meeting()
    table.start()
    assert undone(table) == "Nothing to undo."
    assert table.sheet.book.sheet.purse(Fund.LOAN_FUND).in_box > Decimal(0)


def lent(database: Database, required: int) -> Table:
    """Amina has borrowed 3,000; Beatrice and Chantal stand for her."""
    table = new_table(database, guarantors_required=required)
    table.open()
    table.usual("attendance")
    for who in ROWS:
        enter(table, who, "shares", "5")
    enter(table, "Amina", "loan", "3000")
    enter(table, "Amina", "loan_guarantors", "2, 3")
    table.accept("Amina", "loan")
    return table


def stand(table: Table) -> tuple[int, str]:
    return int(row(table, "Amina").loan_taken), table.cell("Amina", "loan_guarantors").text


@pytest.mark.parametrize("required", [1, 2])
def test_guarantors_stay_with_a_loan_that_is_typed_again_and_come_back_with_it(
    database: Database, required: int
) -> None:
    table = lent(database, required)
    assert stand(table) == (3000, "2, 3")
    enter(table, "Amina", "loan", "3500")
    table.accept("Amina", "loan")
    assert stand(table) == (3500, "2, 3")
    assert undone(table) == f"Undone: 1 Amina Nakato · New loan 3,000 {ARROW} 3,500"
    assert stand(table) == (3000, "2, 3")
    enter(table, "Amina", "loan", "0")
    assert stand(table) == (0, "")
    assert undone(table) == f"Undone: 1 Amina Nakato · New loan 3,000 {ARROW} 0"
    assert stand(table) == (3000, "2, 3")
    enter(table, "Amina", "loan", "0")
    table.start()
    assert undone(table) == f"Undone: 1 Amina Nakato · New loan 3,000 {ARROW} 0"
    assert stand(table) == (3000, "2, 3")


def test_a_guarantor_is_taken_off_where_one_is_enough(database: Database) -> None:
    table = lent(database, 1)
    enter(table, "Amina", "loan_guarantors", "3")
    table.accept("Amina", "loan")
    assert stand(table) == (3000, "3")
    table.presenter.undo()
    assert stand(table) == (3000, "2, 3")


def test_guarantors_of_one_name_and_names_within_names_are_told_apart() -> None:
    people = [(1, "Amina"), (2, "Amina"), (3, "Amina, Junior"), (4, "Beatrice")]
    assert guarantors_of(1, "Amina, Beatrice", people) == (1, 2, 4)
    assert guarantors_of(4, "Amina, Junior, Gone, Amina, Amina", people) == (4, 3, 1, 2)
    assert guarantors_of(None, "Amina", people) == ()


def test_a_step_that_is_refused_is_named_and_the_one_before_it_comes_next(met: Table) -> None:
    enter(met, "Beatrice", "social", "200")
    enter(met, "Amina", "shares", "5")
    village = met.village
    with village.at_work() as session:
        meeting = met.sheet.meeting.meeting_id
        record_expense(session, meeting, Decimal(2000), "Seed", clock=village.clock)
    assert undone(met) == f"Not undone: 1 Amina Nakato · Shares 0 {ARROW} 5"
    assert undone(met) == f"Undone: 2 Beatrice Auma · Social fund 0 {ARROW} 200"
    enter(met, "Daudi", "shares", "1")
    assert undone(met) == f"Undone: 4 Daudi Okello · Shares 0 {ARROW} 1"
    assert undone(met) == f"Not undone: 1 Amina Nakato · Shares 0 {ARROW} 5"
