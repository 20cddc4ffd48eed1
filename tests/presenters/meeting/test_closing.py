"""Closing, the slip, and putting right what a closed meeting has wrong."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.presenters.meeting.table import Table, count, count_all
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.closing import ClosingPresenter
from vsla_desktop.presenters.meeting import Stage
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
        ("4 Daudi Okello: Buy at most 5 a meeting.", True),
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


def shown(table: Table, row: int) -> dict[str, str]:
    """What the list of entries says of one."""
    return {
        column.key: table.entries.cell(row, place).text
        for place, column in enumerate(table.entries.columns())
    }


def test_an_entry_leads_to_its_correction_and_shows_it_afterwards(later: Table) -> None:
    pages: list[str] = []
    later.shell.page_wanted.listen(pages.append)
    later.presenter.look_back()
    assert (shown(later, 0)["amount"], shown(later, 0)["state"]) == ("2,000", "")
    form = later.correct(0, "1 500", "She bought three")
    assert pages == ["cashbook"]
    assert {change.title: (change.now, change.then) for change in form.effect()} == {
        "Shares": ("4", "3"),
        "Savings": ("2,000", "1,500"),
        "Loan fund": ("2,000", "1,500"),
        "Box": ("2,200", "1,700"),
    }
    assert {(line.is_reversal, line.amount, line.reason) for line in later.ledger()} == {
        (True, Decimal(2000), "She bought three"),
        (False, Decimal(1500), "She bought three"),
    }
    assert later.stage() is Stage.EARLIER
    after = shown(later, 0)
    assert (after["right"], after["why"], after["state"]) == (
        "1,500",
        "She bought three",
        "in meeting 2",
    )
    later.presenter.leave_earlier()
    assert later.sheet.book.sheet.purse(Fund.LOAN_FUND).in_box == Decimal(1500)
    with later.village.database.read() as session:
        assert [check.broken for check in verify_seals(session, later.village.group_id)] == [""]


def test_the_row_is_found_again_after_a_correction(later: Table) -> None:
    later.presenter.look_back()
    later.correct(1, "100", "Counted again")
    assert later.entries.row == 1


def test_a_difference_at_the_count_is_corrected_and_shown_so(table: Table) -> None:
    table.presenter.count_the_box()
    count(table.opening.purses[0], Decimal(1000))
    table.opening.purses[0].write_reason("Left from training")
    table.presenter.open_the_meeting()
    table.close()
    table.next_week()
    table.open()
    table.presenter.look_back()
    table.correct(0, "300", "Counted wrongly")
    assert (shown(table, 0)["right"], shown(table, 0)["why"]) == ("300", "Counted wrongly")


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
    later.correct(1, "0", "Paid twice")
    assert [(line.is_reversal, line.amount) for line in later.ledger()] == [(True, Decimal(200))]
    assert shown(later, 1)["right"] == "0"


def test_what_the_book_refuses_is_told_and_changes_nothing(later: Table) -> None:
    later.presenter.look_back()
    form = later.correct(0, "1700", "Wrong")
    assert form.form.sentence("amount").startswith("Pay for a whole number.")
    assert later.ledger() == ()


def test_nothing_is_corrected_while_no_meeting_is_open(met: Table) -> None:
    met.type("Amina", "shares", "4")
    met.close()
    met.presenter.next_meeting()
    met.presenter.look_back()
    pages: list[str] = []
    met.shell.page_wanted.listen(pages.append)
    met.entries.open_row(0)
    assert (met.last_words(), pages) == ("Open a meeting first.", [])
    met.presenter.leave_earlier()
    assert met.stage() is Stage.BEFORE
