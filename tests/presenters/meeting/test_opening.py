"""Opening a meeting: number, day and count, as a person types them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.presenters.meeting.table import Table, count, count_all
from vsla_desktop.domain.postings import Fund
from vsla_desktop.presenters.meeting import Stage
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.meetings import counts_from_json, meetings_of


def meetings(table: Table) -> int:
    with table.village.database.read() as session:
        return len(meetings_of(session, table.village.group_id))


def test_the_first_meeting_is_proposed_for_today(table: Table) -> None:
    assert table.stage() is Stage.BEFORE
    assert table.opening.last_sentence() == "This is the first meeting in this book."
    assert (table.opening.number_text, table.opening.day_text) == ("1", "5 Jan 2026")


def test_the_next_one_is_proposed_by_the_frequency_with_both_balances(met: Table) -> None:
    met.type("Amina", "shares", "2")
    met.type("Amina", "social", "200")
    met.close()
    met.presenter.next_meeting()
    opening = met.opening
    assert opening.last_sentence() == "Meeting 1 closed on 5 Jan 2026."
    assert (opening.number_text, opening.day) == ("2", date(2026, 1, 12))
    assert [(p.announced, p.words) for p in opening.announced()] == [
        ("1,000 UGX", "one thousand UGX"),
        ("200 UGX", "two hundred UGX"),
    ]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("4/1/2026", "Choose a day from 5 Jan 2026 on."),
        ("yesterday", "yesterday is not a day."),
    ],
)
def test_a_wrong_day_is_told_at_the_day_and_opens_nothing(
    table: Table, day: str, sentence: str
) -> None:
    table.opening.write_day(day)
    table.presenter.count_the_box()
    assert table.stage() is Stage.BEFORE
    assert table.opening.problems["date"].startswith(sentence)
    assert meetings(table) == 0
    table.opening.write_day("5/1/2026")
    table.presenter.count_the_box()
    assert table.stage() is Stage.OPENING_COUNT


def test_a_second_roll_call_on_one_day_is_told_before_the_count(met: Table) -> None:
    met.close()
    met.presenter.next_meeting()
    met.opening.write_day("5/1/2026")
    met.presenter.count_the_box()
    assert met.stage() is Stage.BEFORE
    assert met.opening.problems == {
        "date": "The roll was called that day already. Choose another day, or a special meeting."
    }
    met.opening.choose_kind("SPECIAL")
    met.open()
    assert met.stage() is Stage.SHEET
    assert meetings(met) == 2


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("1", "Meeting 1 is in the book already."),
        ("0", "Enter a number from 1 on."),
        ("two", "Enter a whole number, such as 3."),
        ("", "Enter a number."),
    ],
)
def test_a_wrong_number_is_told_at_the_number(met: Table, number: str, sentence: str) -> None:
    met.close()
    met.presenter.next_meeting()
    met.opening.write_number(number)
    met.presenter.count_the_box()
    assert met.stage() is Stage.BEFORE
    assert met.opening.problems["number"] == sentence
    assert meetings(met) == 1


def test_more_meetings_in_one_than_the_group_allows_is_told_there(table: Table) -> None:
    table.opening.choose_merged(3)
    table.presenter.count_the_box()
    assert table.opening.problems == {"meetings_merged": "Merge at most 2 meetings."}
    table.opening.choose_merged(2)
    table.open()
    assert table.type("Amina", "shares", "10").message == ""
    assert table.type("Amina", "shares", "11").message == "Buy at most 10 a meeting."


def test_a_day_to_come_is_only_mentioned_for_a_laptop_clock_may_be_wrong(table: Table) -> None:
    table.opening.write_day("12/1/2026")
    assert table.opening.day_sentence() == "This day is still to come."
    table.open()
    assert table.stage() is Stage.SHEET


def test_the_count_says_what_is_more_or_less_and_wants_a_reason(met: Table) -> None:
    met.type("Amina", "shares", "4")
    met.close()
    met.next_week()
    met.presenter.count_the_box()
    loan, social = met.opening.purses
    assert loan.problem == "Count this purse."
    count(loan, Decimal(1900))
    assert loan.result().difference == "100 less than the book says."
    assert loan.result().tone is Tone.WARNING
    met.presenter.open_the_meeting()
    assert met.stage() is Stage.OPENING_COUNT
    assert loan.refusal == "Say why the count differs. Count again if you are not sure."
    assert social.problem == ""
    assert meetings(met) == 1
    loan.write_reason("A note fell under the mat")
    met.presenter.open_the_meeting()
    assert met.stage() is Stage.SHEET
    [line] = met.ledger()
    assert (line.amount, line.effect, line.reason) == (
        Decimal(100),
        Decimal(-100),
        "A note fell under the mat",
    )
    assert met.sheet.book.sheet.purse(Fund.LOAN_FUND).in_box == Decimal(1900)


def test_a_purse_that_agrees_says_so_and_is_kept_by_notes(met: Table) -> None:
    met.type("Amina", "shares", "4")
    met.close()
    met.next_week()
    met.presenter.count_the_box()
    count_all(met.opening.purses)
    assert met.opening.purses[0].result().difference == "The box agrees with the book."
    met.presenter.open_the_meeting()
    opening = met.sheet.book.sheet.purse(Fund.LOAN_FUND).opening
    assert opening is not None
    assert opening.notes == ((Decimal(2000), 1),)


@pytest.mark.parametrize("text", ["-1", "x", "1.5", "99999999"])
def test_a_number_of_notes_that_is_none_keeps_its_text(table: Table, text: str) -> None:
    table.presenter.count_the_box()
    purse = table.opening.purses[0]
    purse.enter(0, text)
    assert purse.lines()[0].count == text
    assert purse.lines()[0].message
    table.presenter.open_the_meeting()
    assert table.stage() is Stage.OPENING_COUNT
    assert meetings(table) == 0


def test_an_open_meeting_is_found_on_its_sheet_after_a_power_cut(met: Table) -> None:
    met.type("Daudi", "shares", "3")
    met.start()
    assert met.stage() is Stage.SHEET
    assert met.cell("Daudi", "shares").text == "3"


def test_a_meeting_opened_by_mistake_is_taken_back(met: Table) -> None:
    met.presenter.discard()
    assert met.stage() is Stage.BEFORE
    assert meetings(met) == 0


def test_a_meeting_with_money_is_not_taken_back(met: Table) -> None:
    met.type("Daudi", "shares", "3")
    met.presenter.discard()
    assert met.stage() is Stage.SHEET
    assert met.last_words() == "Money is written in this meeting."


def test_counts_are_read_back_as_they_were_kept() -> None:
    [count] = counts_from_json({"SOCIAL": {"expected": "200.00", "total": "200.00"}})
    assert (count.fund, count.difference) == (Fund.SOCIAL, Decimal(0))
