"""The sheet, as a secretary types: what the cells say, and what the book holds afterwards."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.presenters.meeting.table import ROWS, Table, is_asked, is_wrong, new_table
from vsla_desktop.db import Database
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.grid import CellState
from vsla_desktop.presenters.meeting import Stage
from vsla_desktop.presenters.meeting_columns import Step
from vsla_desktop.presenters.shell import Tone


def box(table: Table) -> tuple[int, int]:
    sheet = table.sheet.book.sheet
    return int(sheet.purse(Fund.LOAN_FUND).in_box), int(sheet.purse(Fund.SOCIAL).in_box)


# ---------------------------------------------------------------------- roll call


def test_space_goes_round_the_marks(met: Table) -> None:
    column = met.sheet.column_of("attendance")
    marks = []
    for _press in range(5):
        met.sheet.toggle(0, column)
        marks.append(met.cell("Amina", "attendance").text)
    assert marks == ["Late", "Absent", "Excused", "Represented", "Present"]


@pytest.mark.parametrize(
    ("letter", "word"),
    [("l", "Late"), ("A", "Absent"), ("e", "Excused"), ("r", "Represented"), ("p", "Present")],
)
def test_a_first_letter_marks(met: Table, letter: str, word: str) -> None:
    assert met.type("Amina", "attendance", letter).text == word


def test_each_language_has_a_letter_of_its_own_for_every_mark(met: Table) -> None:
    with speaking("fr"):
        assert met.sheet.columns()[met.sheet.column_of("attendance")].note == "P R A E S"
        assert met.type("Amina", "attendance", "r").text == "Retard"
        assert met.type("Amina", "attendance", "s").text == "Représenté"
        assert met.type("Amina", "attendance", "exc").text == "Excusé"


def test_a_letter_that_marks_nothing_is_told(met: Table) -> None:
    cell = met.type("Amina", "attendance", "x")
    assert is_wrong(cell)
    assert cell.message == "Type a letter: P, L, A, E, R."
    met.sheet.restore(0, met.sheet.column_of("attendance"))
    assert met.cell("Amina", "attendance").text == "Present"


def test_why_and_who_came_are_typed_in_the_roll_call(met: Table) -> None:
    met.sheet.show_step(Step.ROLL_CALL)
    assert met.cell("Amina", "attendance_note").state is CellState.READONLY
    met.type("Amina", "attendance", "e")
    met.type("Amina", "attendance_note", " Her child  is ill ")
    met.type("Daudi", "attendance", "r")
    met.type("Daudi", "attendance_note", "His wife Rose")
    assert met.cell("Amina", "attendance_note").text == "Her child is ill"
    assert met.cell("Daudi", "attendance").tooltip == "His wife Rose"
    met.start()
    rows = met.sheet.book.sheet.rows
    assert (rows[0].excuse, rows[0].represented_by) == ("Her child is ill", "")
    assert (rows[3].excuse, rows[3].represented_by) == ("", "His wife Rose")


def test_words_of_the_roll_call_are_undone_and_come_back_with_their_mark(met: Table) -> None:
    met.type("Amina", "attendance", "e")
    met.type("Amina", "attendance_note", "Ill")
    met.type("Amina", "attendance_note", "At a funeral")
    met.presenter.undo()
    assert met.last_words() == (
        "Undone: 1 Amina Nakato · Why, or who came Ill \N{RIGHTWARDS ARROW} At a funeral"
    )
    met.type("Amina", "attendance", "p")
    assert met.cell("Amina", "attendance_note").text == ""
    met.presenter.undo()
    assert met.cell("Amina", "attendance").text == "Excused"
    assert met.cell("Amina", "attendance_note").text == "Ill"


def test_words_too_long_for_the_book_stay_with_a_sentence(met: Table) -> None:
    met.type("Amina", "attendance", "r")
    cell = met.type("Amina", "attendance_note", "x" * 201)
    assert is_wrong(cell)
    assert cell.message == "Enter at most 200 characters."


def test_what_is_rarer_stands_in_its_own_step_alone(met: Table) -> None:
    assert met.sheet.step is Step.WHOLE
    shown = [column.key for column in met.sheet.columns()]
    rarer = {"attendance_note": Step.ROLL_CALL, "fine_for": Step.FINES}
    rarer |= dict.fromkeys(("loan_periods", "loan_purpose"), Step.NEW_LOANS)
    assert shown[-2:] == ["loan_repaid", "loan"]
    assert not rarer.keys() & set(shown)
    for key, step in rarer.items():
        met.sheet.show_step(step)
        assert key in {column.key for column in met.sheet.columns()}
    met.sheet.show_step(Step.FINES)
    met.type("Amina", "fine_for", "d")
    met.sheet.show_step(Step.WHOLE)
    assert met.cell("Amina", "fine_charged").text == "250"


def test_late_and_absent_are_fined_by_the_tariff_and_the_total_counts_who_is_there(
    met: Table,
) -> None:
    met.type("Amina", "attendance", "l")
    met.type("Daudi", "attendance", "a")
    assert met.cell("Amina", "fine_charged").text == "100"
    assert met.cell("Daudi", "fine_charged").text == "300"
    assert met.total("attendance") == "4 of 5"
    met.type("Daudi", "attendance", "p")
    assert met.cell("Daudi", "fine_charged").text == ""


# ---------------------------------------------------------------------- money in


def test_shares_cost_what_they_cost_and_the_box_follows_at_once(met: Table) -> None:
    assert met.type("Esther", "shares", "3").text == "3"
    assert met.cell("Esther", "shares_money").text == "1,500"
    assert met.cell("Esther", "shares_money").state is CellState.READONLY
    assert met.type("Amina", "social", "200").text == "200"
    assert (met.total("shares"), met.total("shares_money")) == ("3", "1,500")
    assert box(met) == (1500, 200)


@pytest.mark.parametrize("typed", ["٣", "३", " 3 "])
def test_digits_of_any_script_are_taken(met: Table, typed: str) -> None:
    cell = met.type("Esther", "shares", typed)
    assert (cell.text, cell.state) == ("3", CellState.FINE)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("6", "Buy at most 5 a meeting."),
        ("-3", "Enter a whole number, such as 3."),
        ("1.5", "Enter a whole number, such as 3."),
        ("three", "Enter a whole number, such as 3."),
        ("99999999999", "Enter at most 10000."),
    ],
)
def test_shares_that_can_not_be_keep_their_text_and_the_book(
    met: Table, typed: str, sentence: str
) -> None:
    met.type("Esther", "shares", "3")
    cell = met.type("Esther", "shares", typed)
    assert (cell.text, cell.state, cell.message) == (typed, CellState.IMPOSSIBLE, sentence)
    assert [line.shares_count for line in met.ledger()] == [3]
    assert [trouble.row for trouble in met.sheet.troubles()] == [ROWS["Esther"]]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("-200", "Enter an amount above 0."),
        ("2,00", "2,00 could mean 2.00 or 200."),
        ("two hundred", "two hundred is not an amount."),
        ("99999999999999", "Enter at most"),
    ],
)
def test_amounts_that_can_not_be_keep_their_text_and_the_book(
    met: Table, typed: str, sentence: str
) -> None:
    cell = met.type("Amina", "social", typed)
    assert (cell.text, cell.state) == (typed, CellState.IMPOSSIBLE)
    assert cell.message.startswith(sentence)
    assert met.ledger() == ()


def test_typing_the_right_amount_puts_a_wrong_cell_right(met: Table) -> None:
    met.type("Amina", "social", "x")
    assert met.type("Amina", "social", "200").state is CellState.FINE
    assert met.sheet.troubles() == []


def test_an_unlikely_amount_is_asked_about_and_is_not_in_the_book_before_the_yes(
    met: Table,
) -> None:
    cell = met.type("Amina", "social", "2000")
    assert is_asked(cell)
    assert cell.message == "10 times the usual 200."
    assert met.ledger() == ()
    assert met.accept("Amina", "social").text == "2,000"
    assert [line.amount for line in met.ledger()] == [Decimal(2000)]


def test_esc_puts_back_what_the_book_has(met: Table) -> None:
    met.type("Amina", "social", "200")
    met.type("Amina", "social", "2000")
    met.sheet.restore(0, met.sheet.column_of("social"))
    cell = met.cell("Amina", "social")
    assert (cell.text, cell.state) == ("200", CellState.FINE)


def test_typing_again_replaces_what_the_cell_had_posted(met: Table) -> None:
    met.type("Amina", "shares", "2")
    met.type("Amina", "shares", "5")
    met.type("Amina", "shares", "1")
    assert [line.shares_count for line in met.ledger()] == [1]
    assert box(met) == (500, 0)
    met.type("Amina", "shares", "")
    assert met.ledger() == ()


def test_a_typed_nought_is_a_dot_and_is_not_filled_by_the_usual(met: Table) -> None:
    assert met.type("Amina", "social", "0").text == "0"
    met.usual("social")
    assert met.cell("Amina", "social").text == "0"
    assert met.cell("Beatrice", "social").text == "200"


def test_the_usual_amount_goes_to_everyone_present_who_has_none(met: Table) -> None:
    met.type("Daudi", "attendance", "a")
    met.type("Amina", "social", "500")
    met.usual("social")
    shown = [met.cell(who, "social").text for who in ROWS]
    assert shown == ["500", "200", "200", "", "200"]


def test_the_cell_above_is_copied(met: Table) -> None:
    met.type("Amina", "shares", "4")
    met.sheet.copy_above(1, met.sheet.column_of("shares"))
    assert met.cell("Beatrice", "shares").text == "4"


def test_other_kinds_of_saving_have_a_column_each(met: Table) -> None:
    met.type("Amina", "saving_ECD", "700")
    met.type("Amina", "saving_TARGET", "900")
    purses = {purse.fund: purse.in_box for purse in met.sheet.book.sheet.purses}
    assert (purses[Fund.ECD], purses[Fund.TARGET]) == (Decimal(700), Decimal(900))


# ---------------------------------------------------------------------- fines


def test_a_fine_of_the_tariff_is_chosen_and_charged(met: Table) -> None:
    met.sheet.show_step(Step.FINES)
    column = met.sheet.column_of("fine_for")
    assert met.sheet.step is Step.FINES
    assert met.sheet.choices(0, column) == ("", "Disorder")
    assert met.type("Amina", "fine_for", "Disorder").text == "Disorder"
    assert met.cell("Amina", "fine_charged").text == "250"
    assert met.ledger() == ()


def test_taking_the_choice_back_leaves_the_fine_of_the_roll_call(met: Table) -> None:
    met.type("Amina", "attendance", "l")
    met.type("Amina", "fine_for", "Disorder")
    assert met.cell("Amina", "fine_charged").text == "350"
    assert met.cell("Amina", "fine_charged").tooltip == "Late 100, Disorder 250"
    met.type("Amina", "fine_for", "")
    assert met.cell("Amina", "fine_charged").text == "100"


def test_a_fine_is_paid_up_to_what_is_owed(met: Table) -> None:
    met.type("Amina", "fine_charged", "400")
    cell = met.type("Amina", "fine_paid", "500")
    assert is_wrong(cell)
    assert cell.message == "Pay at most 400. This pays all fines."
    met.type("Amina", "fine_paid", "150")
    assert met.cell("Amina", "fines_owed").text == "250"
    cell = met.type("Amina", "fine_charged", "100")
    assert cell.message == "Enter at least 150. So much of the fines is paid."
    assert [line.amount for line in met.ledger()] == [Decimal(150)]


def test_who_owes_no_fine_has_no_cell_to_pay_one(met: Table) -> None:
    assert met.cell("Amina", "fine_paid").state is CellState.READONLY
    assert met.cell("Amina", "fine_paid").tooltip == "No fine is owed."


# ---------------------------------------------------------------------- loans


@pytest.fixture
def saved(met: Table) -> Table:
    """Everyone has bought five shares: the loan fund holds 12,500."""
    for who in ROWS:
        met.type(who, "shares", "5")
    return met


def test_a_loan_says_what_it_costs_and_when_it_is_due_before_it_is_given(saved: Table) -> None:
    cell = saved.type("Amina", "loan", "3000")
    assert is_asked(cell)
    assert cell.message.startswith(
        "Three thousand UGX. Charge 600, to pay back 3,600 by 30 Mar 2026."
    )
    assert "Member for 0 months; the group asks for 3." in cell.message
    assert saved.cell("Amina", "loan_periods").text == "3"
    assert box(saved) == (12500, 0)
    saved.accept("Amina", "loan")
    assert saved.cell("Amina", "loan").text == "3,000"
    assert box(saved) == (9500, 0)


def test_the_months_of_a_loan_are_asked_about_with_it(saved: Table) -> None:
    saved.type("Amina", "loan", "3000")
    cell = saved.type("Amina", "loan_periods", "1")
    assert cell.message.startswith(
        "Three thousand UGX. Charge 300, to pay back 3,300 by 2 Feb 2026."
    )
    saved.type("Amina", "loan_purpose", "Seeds")
    saved.accept("Amina", "loan_purpose")
    shown = [saved.cell("Amina", key).text for key in ("loan", "loan_periods", "loan_purpose")]
    assert shown == ["3,000", "1", "Seeds"]


def test_a_loan_can_be_changed_and_taken_back_while_the_meeting_is_open(saved: Table) -> None:
    saved.type("Amina", "loan", "3000")
    saved.accept("Amina", "loan")
    assert saved.type("Amina", "loan_purpose", "School fees").state is CellState.FINE
    saved.type("Amina", "loan", "2000")
    saved.accept("Amina", "loan")
    assert box(saved) == (10500, 0)
    assert saved.cell("Amina", "loan_purpose").text == "School fees"
    saved.type("Amina", "loan", "0")
    assert box(saved) == (12500, 0)
    assert saved.cell("Amina", "loan_periods").text == ""


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("20000", "The loan fund holds 12,500 only."),
        ("9000", "Lend at most 7 500. Savings are 2 500, times 3."),
        ("-500", "Enter an amount above 0."),
    ],
)
def test_a_loan_that_can_not_be_is_refused_before_anyone_says_yes(
    saved: Table, amount: str, sentence: str
) -> None:
    cell = saved.type("Amina", "loan", amount)
    assert (cell.text.replace(",", ""), cell.state) == (amount, CellState.IMPOSSIBLE)
    assert cell.message == sentence
    assert saved.accept("Amina", "loan").state is CellState.IMPOSSIBLE
    assert box(saved) == (12500, 0)


def test_a_term_that_can_not_be_is_told_at_the_months(saved: Table) -> None:
    saved.type("Amina", "loan", "3000")
    cell = saved.type("Amina", "loan_periods", "9")
    assert (cell.text, cell.message) == ("9", "Choose 1 to 3 periods.")
    assert box(saved) == (12500, 0)


def test_months_without_an_amount_wait_for_it(saved: Table) -> None:
    assert saved.type("Amina", "loan_periods", "2").message == "Enter the amount of the loan."
    assert len(saved.sheet.troubles()) == 1
    saved.type("Amina", "loan", "3000")
    assert saved.cell("Amina", "loan_periods").text == "2"


def test_a_question_about_a_loan_is_put_away_with_esc(saved: Table) -> None:
    saved.type("Amina", "loan", "3000")
    saved.sheet.restore(0, saved.sheet.column_of("loan_periods"))
    assert [saved.cell("Amina", key).text for key in ("loan", "loan_periods")] == ["", ""]
    assert saved.sheet.troubles() == []
    saved.accept("Amina", "loan")
    assert box(saved) == (12500, 0)


def test_a_group_that_asks_for_guarantors_has_a_cell_for_them(database: Database) -> None:
    table = new_table(database, guarantors_required=1)
    table.open()
    for who in ROWS:
        table.type(who, "shares", "5")
    table.type("Amina", "loan", "3000")
    cell = table.cell("Amina", "loan_guarantors")
    assert (cell.state, cell.message) == (
        CellState.IMPOSSIBLE,
        "Name 1 other members as guarantors.",
    )
    assert table.type("Amina", "loan_guarantors", "9").message == "No member has number 9."
    assert is_asked(table.type("Amina", "loan_guarantors", "3"))
    table.accept("Amina", "loan")
    assert box(table) == (9500, 0)


def test_a_repayment_says_what_is_due_and_never_takes_more_than_clears(saved: Table) -> None:
    saved.type("Amina", "loan", "3000")
    saved.accept("Amina", "loan")
    saved.close()
    for _week in range(4):
        saved.next_week()
        saved.open()
        saved.close()
    saved.next_week()
    saved.open()
    cell = saved.cell("Amina", "loan_repaid")
    assert cell.tooltip == "1,300 is due today; 3,500 clears all."
    wrong = saved.type("Amina", "loan_repaid", "3501")
    assert wrong.message == "Pay at most 3 500. This clears the loans today."
    assert saved.ledger() == ()
    assert saved.cell("Beatrice", "loan_repaid").tooltip == "No loan is out."
    saved.usual("attendance")
    saved.usual("loan_repaid")
    assert is_wrong(saved.cell("Amina", "loan_repaid"))  # what someone typed is never overwritten
    saved.sheet.restore(0, saved.sheet.column_of("loan_repaid"))
    saved.usual("loan_repaid")
    assert saved.cell("Amina", "loan_repaid").text == "1,300"
    assert {line.type: line.amount for line in saved.ledger()} == {
        PostingType.LOAN_CHARGE: Decimal(300),
        PostingType.LOAN_REPAYMENT: Decimal(1000),
    }


# ---------------------------------------------------------------------- social fund


def test_grants_and_advances_come_from_the_social_fund_and_never_from_more_than_it_holds(
    met: Table,
) -> None:
    met.usual("social")
    assert met.type("Amina", "grant", "1500").message == (
        "The fund holds 1 000 only. A fund never falls below nought."
    )
    met.type("Amina", "grant", "300")
    met.type("Daudi", "advance", "400")
    assert box(met) == (0, 300)
    assert met.cell("Daudi", "advance_owed").text == "400"
    wrong = met.type("Daudi", "advance_repaid", "500")
    assert wrong.message == "Pay at most 400. This pays all advances back."
    met.type("Daudi", "advance_repaid", "150")
    assert box(met) == (0, 450)


# ---------------------------------------------------------------------- undo


def test_undo_names_what_it_undoes_newest_first(met: Table) -> None:
    met.type("Esther", "shares", "2")
    met.type("Esther", "shares", "3")
    met.type("Amina", "attendance", "l")
    met.presenter.undo()
    assert met.last_words() == "Undone: 1 Amina Nakato · Roll call Present → Late"
    met.presenter.undo()
    assert met.last_words() == "Undone: 5 Esther Wanjiru · Shares 2 → 3"
    assert met.cell("Esther", "shares").text == "2"
    met.presenter.undo()
    assert met.ledger() == ()


def test_what_was_filled_at_once_is_undone_at_once(met: Table) -> None:
    met.usual("social")
    met.presenter.undo()
    assert met.last_words() == "Undone: Social fund · 5 members"
    assert met.ledger() == ()


def test_undo_with_nothing_left_says_so(table: Table) -> None:
    table.open()
    table.presenter.undo()
    assert table.last_words() == "Nothing to undo."


def test_what_can_not_be_undone_stays_and_says_why(saved: Table) -> None:
    saved.type("Amina", "loan", "7000")
    saved.accept("Amina", "loan")
    saved.type("Beatrice", "loan", "5500")
    saved.accept("Beatrice", "loan")
    stack = saved.sheet.meeting.undo_stack
    loans = [stack.pop(), stack.pop()]
    assert box(saved) == (0, 0)
    saved.presenter.undo()
    assert saved.last_words() == "Not undone: 5 Esther Wanjiru · Shares 0 → 5"
    assert saved.said[-1].tone is Tone.ERROR
    assert saved.cell("Esther", "shares").text == "5"
    for step in reversed(loans):
        assert step is not None
        stack.push(step)
    for _step in range(3):
        saved.presenter.undo()
    assert saved.cell("Esther", "shares").text == ""


def test_a_loan_and_an_expense_are_undone(saved: Table) -> None:
    saved.type("Amina", "loan", "3000")
    saved.accept("Amina", "loan")
    other = saved.presenter.other
    assert other is not None
    other.add(other.kinds()[0], Fund.LOAN_FUND, "500", "Pens")
    assert box(saved) == (9000, 0)
    saved.presenter.undo()
    assert saved.last_words() == "Undone: Expense 500"
    saved.presenter.undo()
    assert saved.last_words() == "Undone: 1 Amina Nakato · New loan 0 → 3,000"
    assert box(saved) == (12500, 0)


# ---------------------------------------------------------------------- steps, other money, notes


def test_steps_follow_the_agenda_and_come_round(met: Table) -> None:
    titles = [title.title for title in met.sheet.steps()]
    assert titles == [
        "Whole page",
        "Roll call",
        "Social fund",
        "Shares",
        "Fines",
        "Other money",
        "Repayments",
        "New loans",
        "Votes and training",
        "Notes",
    ]
    met.sheet.next_step()
    assert [column.key for column in met.sheet.columns()][2:] == [
        "attendance",
        "attendance_note",
        "fines_owed",
    ]
    met.sheet.next_step(-1)
    met.sheet.next_step(-1)
    assert met.sheet.step is Step.NOTES


def test_a_member_is_found_by_number_or_part_of_the_name(met: Table) -> None:
    assert met.sheet.find_row("3") == 2
    assert met.sheet.find_row("wanj") == 4
    assert met.sheet.find_row("nobody") is None


def test_an_expense_wants_an_amount_and_words_and_can_be_taken_back(met: Table) -> None:
    met.usual("shares")
    other = met.presenter.other
    assert other is not None
    expense, income, to_bank, from_bank = other.kinds()
    other.add(expense, Fund.LOAN_FUND, "x", "Pens")
    assert other.problems == {"amount": "x is not an amount. Use digits only, such as 2500."}
    other.add(expense, Fund.LOAN_FUND, "100", " ")
    assert other.problems == {"description": "Say what it was for."}
    other.add(expense, Fund.LOAN_FUND, "90000", "Pens")
    assert other.problems["amount"].startswith("The fund holds 2 500 only.")
    assert len(other.lines()) == 0
    other.add(expense, Fund.LOAN_FUND, "100", "Pens")
    other.add(income, Fund.SOCIAL, "700", "Gift")
    other.add(to_bank, Fund.LOAN_FUND, "1000", "")
    other.add(from_bank, Fund.LOAN_FUND, "400", "")
    assert other.problems == {}
    assert box(met) == (1800, 700)
    assert [(line.what, line.amount, line.tone) for line in other.lines()] == [
        ("Expense", "100", Tone.MONEY_OUT),
        ("Other income", "700", Tone.MONEY_IN),
        ("To the bank", "1,000", Tone.MONEY_OUT),
        ("From the bank", "400", Tone.MONEY_IN),
    ]
    other.take_back(0)
    assert box(met) == (1900, 700)


def test_notes_are_kept_as_they_are_left(met: Table) -> None:
    notes = met.presenter.notes
    assert notes is not None
    notes.write(decisions="Meet at nine.")
    notes.write(minutes="All agreed.")
    met.start()
    again = met.presenter.notes
    assert again is not None
    assert (again.decisions, again.minutes, again.action_items) == (
        "Meet at nine.",
        "All agreed.",
        "",
    )


def test_the_page_can_be_left_and_found_again_as_it_was(met: Table) -> None:
    met.type("Amina", "shares", "9")
    met.presenter.load()
    assert met.stage() is Stage.SHEET
    assert is_wrong(met.cell("Amina", "shares"))
