"""Closing, the slip, and putting right what a closed meeting has wrong."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.presenters.meeting.table import Table, count, count_all
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.closing import ClosingPresenter
from vsla_desktop.presenters.grid import CellState
from vsla_desktop.presenters.meeting import Stage
from vsla_desktop.presenters.meeting_closed import RIGHT, WHY
from vsla_desktop.queries.lines import group_lines
from vsla_desktop.queries.seals import verify_seals


def closing(table: Table) -> ClosingPresenter:
    table.presenter.go_to_closing()
    assert table.presenter.closing is not None
    return table.presenter.closing


def test_what_is_open_is_told_first_and_keeps_the_meeting_open(table: Table) -> None:
    table.open()
    table.type("Amina", "attendance", "p")
    table.type("Daudi", "shares", "9")
    table.type("Amina", "social", "9000")
    page = closing(table)
    assert [(problem.sentence, problem.blocks) for problem in page.problems()] == [
        ("1 present; the quorum is 3.", False),
        ("4 members are not marked.", True),
        ("1 Amina Nakato: 45 times the usual 200.", True),
        ("4 Daudi Okello: Buy at most 5 shares a meeting.", True),
    ]
    count_all(page.purses)
    page.announce(is_announced=True)
    table.presenter.close_the_meeting()
    assert table.stage() is Stage.CLOSING
    assert page.refusal == "4 members are not marked."


def test_going_to_a_problem_and_putting_it_right_closes_it(met: Table) -> None:
    met.type("Daudi", "shares", "9")
    page = closing(met)
    [problem] = page.problems()
    met.presenter.fix(problem.row, problem.key)
    assert met.stage() is Stage.SHEET
    assert met.presenter.wanted_cell == (3, "shares")
    met.type("Daudi", "shares", "5")
    assert closing(met).problems() == []


def test_balances_are_announced_as_counted_in_figures_and_words(met: Table) -> None:
    met.type("Amina", "shares", "5")
    met.usual("social")
    page = closing(met)
    assert page.balances()[0].words == "Not counted yet."
    count_all(page.purses)
    assert [(b.name, b.figure, b.words) for b in page.balances()] == [
        ("Loan fund", "2,500 UGX", "two thousand five hundred UGX"),
        ("Social fund", "1,000 UGX", "one thousand UGX"),
    ]
    assert page.missing == "Announce both balances."


def test_balances_are_announced_in_french_too(met: Table) -> None:
    met.type("Amina", "shares", "5")
    page = closing(met)
    count_all(page.purses)
    with speaking("fr"):
        assert page.balances()[0].words == "deux mille cinq cents UGX"


def test_a_count_that_changes_must_be_announced_again(met: Table) -> None:
    met.type("Amina", "shares", "5")
    page = closing(met)
    count_all(page.purses)
    page.announce(is_announced=True)
    assert page.missing == ""
    count(page.purses[0], Decimal(2000))
    assert page.missing == "Loan fund: Say why the count differs."
    page.purses[0].write_reason("Torn note")
    assert page.missing == "Announce both balances."


def test_what_kept_it_open_is_said_no_more_once_it_is_done(met: Table) -> None:
    page = closing(met)
    met.presenter.close_the_meeting()
    assert page.refusal == "Announce both balances."
    page.announce(is_announced=True)
    assert (page.refusal, page.missing) == ("", "")


def test_the_count_is_compared_with_what_was_typed_meanwhile(met: Table) -> None:
    met.type("Amina", "shares", "5")
    page = closing(met)
    count_all(page.purses)
    met.presenter.back_to_sheet()
    met.type("Beatrice", "shares", "1")
    assert closing(met) is page
    assert page.purses[0].result().difference == "500 less than the book says."


def test_a_closed_meeting_is_sealed_and_its_difference_is_booked(met: Table) -> None:
    met.type("Amina", "shares", "5")
    page = closing(met)
    count(page.purses[0], Decimal(2400))
    page.purses[0].write_reason("One coin is lost")
    page.announce(is_announced=True)
    met.presenter.close_the_meeting()
    assert met.stage() is Stage.SLIP
    with met.village.database.read() as session:
        [check] = verify_seals(session, met.village.group_id)
        lines = group_lines(session, met.village.group_id)
    assert check.broken == ""
    assert [(line.type, line.effect, line.reason) for line in lines][-1] == (
        PostingType.CASH_DIFFERENCE,
        Decimal(-100),
        "One coin is lost",
    )
    slip = met.presenter.slip
    assert slip is not None
    assert slip.seal.replace("-", "").lower() == check.seal[:12]
    loan = slip.purses[0]
    assert [(line.title, line.amount) for line in loan.lines] == [
        ("In the box before", "0"),
        ("Savings", "+ 2,500"),
        ("Difference at the closing count", "\N{MINUS SIGN} 100"),
        ("In the box now", "2,400 UGX"),
    ]
    assert loan.words == "two thousand four hundred UGX"
    assert slip.present == "5 of 5 members present."


def test_every_figure_of_a_slip_adds_up(met: Table) -> None:
    for who in ("Amina", "Beatrice"):
        met.type(who, "shares", "5")
    met.usual("social")
    met.type("Amina", "loan", "3000")
    met.accept("Amina", "loan")
    met.type("Daudi", "grant", "400")
    other = met.presenter.other
    assert other is not None
    other.add(other.kinds()[0], Fund.LOAN_FUND, "300", "Pens")
    other.add(other.kinds()[2], Fund.LOAN_FUND, "500", "")
    met.close()
    slip = met.presenter.slip
    assert slip is not None
    for purse in slip.purses:
        *parts, total = [line.amount for line in purse.lines]
        numbers = [
            int(part.replace(",", "").replace("\N{MINUS SIGN} ", "-").replace("+ ", ""))
            for part in parts
        ]
        assert f"{sum(numbers):,} UGX" == total


# ---------------------------------------------------------------------- corrections


@pytest.fixture
def later(met: Table) -> Table:
    """A second meeting is open; in the first, Amina bought four shares and paid 200."""
    met.type("Amina", "shares", "4")
    met.type("Amina", "social", "200")
    met.close()
    met.next_week()
    met.open()
    return met


def test_an_earlier_meeting_is_looked_at(later: Table) -> None:
    later.presenter.look_back()
    assert later.stage() is Stage.EARLIER
    assert (later.presenter.title, later.presenter.note) == (
        "Meeting 1",
        "Monday 5 January 2026 · closed",
    )
    assert [later.entries.cell(row, 2).text for row in range(later.entries.row_count())] == [
        "Savings",
        "Contributions",
    ]
    later.presenter.look_back(later.sheet.book.sheet.meeting_id)
    assert later.last_words() == "No meeting is closed yet."
    later.presenter.leave_earlier()
    assert later.stage() is Stage.SHEET


def test_a_correction_wants_a_reason_and_a_yes_and_goes_into_the_open_meeting(
    later: Table,
) -> None:
    later.presenter.look_back()
    entries = later.entries
    entries.enter(0, RIGHT, "1 500")
    assert entries.cell(0, RIGHT).message == "Say why in the next cell."
    assert later.ledger() == ()
    entries.enter(0, WHY, "She bought three")
    cell = entries.cell(0, WHY)
    assert (cell.state, cell.message) == (CellState.UNLIKELY, "Take back 2,000, enter 1,500.")
    assert later.ledger() == ()
    entries.accept(0, WHY)
    assert {(line.is_reversal, line.amount, line.reason) for line in later.ledger()} == {
        (True, Decimal(2000), "She bought three"),
        (False, Decimal(1500), "She bought three"),
    }
    shown = [entries.cell(0, column).text for column in (RIGHT, WHY, WHY + 1)]
    assert shown == ["1,500", "She bought three", "in meeting 2"]
    assert entries.cell(0, RIGHT).state is CellState.READONLY
    assert later.sheet.book.sheet.purse(Fund.LOAN_FUND).in_box == Decimal(1500)
    with later.village.database.read() as session:
        assert [check.broken for check in verify_seals(session, later.village.group_id)] == [""]


def test_a_difference_at_the_count_is_corrected_and_shown_so(table: Table) -> None:
    table.presenter.count_the_box()
    count(table.opening.purses[0], Decimal(1000))
    table.opening.purses[0].write_reason("Left from training")
    table.presenter.open_the_meeting()
    table.close()
    table.next_week()
    table.open()
    table.presenter.look_back()
    table.entries.enter(0, RIGHT, "300")
    table.entries.enter(0, WHY, "Counted wrongly")
    table.entries.accept(0, WHY)
    assert [table.entries.cell(0, column).text for column in (RIGHT, WHY)] == [
        "300",
        "Counted wrongly",
    ]


def test_meetings_of_one_day_are_told_apart_in_the_list(met: Table) -> None:
    met.type("Amina", "shares", "4")
    met.close()
    met.presenter.next_meeting()
    met.opening.write_day("5/1/2026")
    met.opening.choose_kind("SPECIAL")
    met.open()
    met.presenter.go_to_closing()
    assert met.presenter.closing is not None
    count_all(met.presenter.closing.purses)
    met.presenter.closing.announce(is_announced=True)
    met.presenter.close_the_meeting()
    assert met.stage() is Stage.SLIP
    met.presenter.look_back()
    second, first = met.presenter.earlier_choices()
    assert second[1] == "Meeting 2 · 5 Jan 2026 · Special"
    assert first[1] == "Meeting 1 · 5 Jan 2026"
    met.presenter.look_back(first[0])
    assert met.presenter.title == "Meeting 1"
    assert met.entries.row_count() == 1


def test_an_entry_is_taken_back_whole(later: Table) -> None:
    later.presenter.look_back()
    later.entries.enter(1, RIGHT, "0")
    later.entries.enter(1, WHY, "Paid twice")
    assert later.entries.cell(1, WHY).message == "Take back 200."
    later.entries.accept(1, WHY)
    assert [(line.is_reversal, line.amount) for line in later.ledger()] == [(True, Decimal(200))]
    assert later.entries.cell(1, RIGHT).text == "0"


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("-5", "Enter an amount above 0."),
        ("x", "x is not an amount. Use digits only, such as 2500."),
        ("2000", "This is what the book has."),
    ],
)
def test_a_right_amount_that_can_not_be_is_told_there(
    later: Table, amount: str, sentence: str
) -> None:
    later.presenter.look_back()
    later.entries.enter(0, WHY, "Wrong")
    later.entries.enter(0, RIGHT, amount)
    cell = later.entries.cell(0, RIGHT)
    assert (cell.text, cell.state, cell.message) == (amount, CellState.IMPOSSIBLE, sentence)
    later.entries.accept(0, WHY)
    assert later.ledger() == ()
    later.entries.restore(0, RIGHT)
    assert later.entries.cell(0, RIGHT).text == ""


def test_what_the_book_refuses_is_told_and_changes_nothing(later: Table) -> None:
    later.presenter.look_back()
    later.entries.enter(0, RIGHT, "1700")
    later.entries.enter(0, WHY, "Wrong")
    later.entries.accept(0, WHY)
    cell = later.entries.cell(0, RIGHT)
    assert cell.message.startswith("Pay for whole shares.")
    assert later.ledger() == ()


def test_nothing_is_corrected_while_no_meeting_is_open(met: Table) -> None:
    met.type("Amina", "shares", "4")
    met.close()
    met.presenter.next_meeting()
    met.presenter.look_back()
    assert met.entries.cell(0, RIGHT).state is CellState.READONLY
    met.entries.enter(0, RIGHT, "500")
    assert met.entries.cell(0, RIGHT).text == ""
    met.presenter.leave_earlier()
    assert met.stage() is Stage.BEFORE
