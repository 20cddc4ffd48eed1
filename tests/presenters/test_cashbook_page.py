"""The cashbook, and correcting its lines."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests.presenters.book_of_group import Ear, page_of
from tests.services.village import Village
from vsla_desktop.presenters.cashbook import CashbookPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.services.expenses import deposit_at_bank


def cashbook_page(village: Village, ear: Ear) -> CashbookPresenter:
    presenter = page_of(CashbookPresenter, village, ear)
    presenter.refresh()
    return presenter


def row_of(presenter: CashbookPresenter, row: int) -> dict[str, str]:
    return {
        column.key: presenter.cell(row, place).text
        for place, column in enumerate(presenter.columns())
    }


def test_what_was_replaced_in_its_meeting_is_one_line(met: Village, ear: Ear) -> None:
    page = cashbook_page(met, ear)
    lines = [row_of(page, row) for row in range(page.row_count())]
    assert page.row_count() == 7
    assert [line["in"] for line in lines if line["what"].startswith("Savings")] == [
        "1,500",
        "2,500",
    ]
    totals = page.totals()
    assert (totals.before, totals.came_in, totals.went_out, totals.after) == (
        "0",
        "5,000",
        "0",
        "5,000",
    )


def test_one_purse_or_one_meeting_is_shown(met: Village, ear: Ear) -> None:
    met.meet()
    page = cashbook_page(met, ear)
    page.choose_fund("SOCIAL")
    assert {row_of(page, row)["what"] for row in range(page.row_count())} == {"Social fund"}
    assert page.totals().after == "1,000"
    page.choose_fund("")
    second = page.meetings()[-1]
    assert second.title == "Meeting 2, 12 Jan 2026"
    page.choose_meeting(second.value)
    assert page.row_count() == 0
    assert page.totals().after == "5,000"


def test_where_it_is_narrow_all_purses_stand_together(met: Village, ear: Ear) -> None:
    page = cashbook_page(met, ear)
    assert (row_of(page, 0)["day"], row_of(page, 0)["meeting"]) == ("5 Jan", "1")
    page.is_narrow = True
    page.refresh()
    last = row_of(page, page.row_count() - 1)
    assert (list(last)[-1], last["balance"], "meeting" in last) == ("balance", "5,000", False)


def test_pages_are_turned_by_the_month(met: Village, ear: Ear) -> None:
    met.clock.instant += timedelta(days=40)
    page = cashbook_page(met, ear)
    assert [choice.title for choice in page.months()] == ["February 2026", "January 2026"]
    page.turn(1)
    assert (page.row_count(), page.totals().before, page.totals().after) == (0, "5,000", "5,000")
    page.turn(1)
    page.turn(-1)
    assert page.row_count() == 7


def test_a_line_is_corrected_in_the_open_meeting(met: Village, ear: Ear) -> None:
    page = cashbook_page(met, ear)
    page.correct(0)
    assert not page.correction
    assert ear.said == ["Open a meeting first. A correction is written there."]
    met.meet()
    page.refresh()
    rows = [row for row in range(page.row_count()) if row_of(page, row)["in"] == "1,500"]
    page.correct(rows[0])
    correction = page.correction
    assert correction is not None
    assert correction.save() == "reason"
    assert correction.form.sentence("reason") == "Say why."
    correction.enter("reason", "Counted wrongly")
    assert correction.save() == "amount"
    assert correction.form.sentence("amount") == "Enter another amount."
    assert [(each.title, each.now, each.then) for each in correction.effect()] == [
        ("Shares", "3", ""),
        ("Savings", "1,500", ""),
        ("Loan fund", "4,000", ""),
        ("Box", "5,000", ""),
    ]
    correction.enter("amount", "1100")
    assert correction.form.sentence("amount").startswith("Pay for a whole number.")
    correction.enter("amount", "1000")
    assert [each.then for each in correction.effect()] == ["2", "1,000", "3,500", "4,500"]
    assert correction.save() == ""
    assert page.correction is None
    said = [row_of(page, row) for row in range(page.row_count())]
    assert any(line["what"] == "Savings, 3 shares (taken back on 12 Jan 2026)" for line in said)
    back, right = said[-2:]
    assert (back["out"], back["meeting"], right["in"]) == ("1,500", "2", "1,000")
    assert back["what"] == "Takes back Savings, 3 shares of 5 Jan 2026: Counted wrongly"
    assert right["what"] == "Savings, 2 shares, put right: Counted wrongly"
    assert page.cell(page.row_count() - 2, 3).tone is Tone.WARNING
    assert page.totals().after == "4,500"
    page.correct(page.row_count() - 2)
    assert ear.said[-1] == "This line takes another back. Correct the new line instead."
    page.correct(said.index(next(line for line in said if "taken back on" in line["what"])))
    assert ear.said[-1] == "This line is corrected already. Choose the new line."
    page.correct(page.row_count() - 1)
    assert page.correction is not None


def test_nought_takes_a_line_back(met: Village, ear: Ear) -> None:
    met.meet()
    page = cashbook_page(met, ear)
    page.correct(page.row_count() - 1)
    assert page.correction is not None
    page.correction.enter("amount", "0")
    page.correction.enter("reason", "Never paid")
    assert page.correction.save() == ""
    assert page.totals().after == "4,800"


def test_an_entry_of_another_page_is_turned_to_and_corrected(met: Village, ear: Ear) -> None:
    page = cashbook_page(met, ear)
    page.choose_fund("SOCIAL")
    entry = page.entry(0).transaction_id
    met.meet(days=40)
    ear.shell.correct_entry(entry)
    assert ear.pages[-1] == "cashbook"
    went: list[int] = []
    page.row_wanted.listen(went.append)
    page.refresh()
    assert (page.fund, page.months()[-1].title) == ("", "January 2026")
    assert page.month == met.day.replace(month=1, day=1)
    assert page.correction is not None
    assert page.entry(went[0]).transaction_id == entry
    page.close_correction()
    page.refresh()
    assert page.correction is None


def test_a_line_that_leaves_its_purse_as_it_was_says_its_amount(met: Village, ear: Ear) -> None:
    met.meet(present=True)
    with met.at_work() as session:
        deposit_at_bank(session, met.meeting_id, Decimal(1200), clock=met.clock)
    page = cashbook_page(met, ear)
    line = row_of(page, page.row_count() - 1)
    assert (line["what"], line["in"], line["out"]) == ("Taken to the bank · 1,200", "", "")
