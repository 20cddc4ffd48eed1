"""Starting in the middle of a cycle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from tests.workbook.equal_books import check_verified, is_empty, seen
from tests.workbook.sheets import Sheets, small_group, write_sheets
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.queries.advances import advances_owed
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.books import group_id_of
from vsla_desktop.queries.loans import loans_of_group
from vsla_desktop.queries.tables import FINES, GROUPS, LEDGER, LOANS
from vsla_desktop.services.workbook import ImportReport, export_workbook, import_workbook


def bring(book: Database, tmp_path: Path, sheets: Sheets, clock: FixedClock) -> ImportReport:
    return import_workbook(book, write_sheets(tmp_path / "group.xlsx", sheets), clock=clock)


def middle() -> Sheets:
    """Return a group that has saved 30 shares, lent 900, has 2500 in the box and earned 400."""
    sheets = small_group()
    sheets["Group"].append(["opening_earnings", 400])
    sheets["Group"][10][1] = date(2025, 9, 1)
    sheets["Group"][11][1] = date(2026, 8, 31)
    sheets["Members"][0] += ["opening_shares", "opening_loan", "opening_fines"]
    for row, opening in zip(
        sheets["Members"][1:], ([10, 600, ""], [12, "", 15], [8, 300, ""]), strict=True
    ):
        row[5:] = [date(2025, 9, 1), *opening]
    sheets["Meetings"] = [
        sheets["Meetings"][0],
        [18, date(2026, 1, 5), "REGULAR", 2500, 180, 3200, 240],
    ]
    sheets["Entries"] = [
        sheets["Entries"][0],
        [18, 1, "PRESENT", 20, 2, "", "", "", 200],
        [18, 2, "PRESENT", 20, 1, "", "", ""],
        [18, 3, "PRESENT", 20, 2],
    ]
    return sheets


def test_a_start_in_the_middle_balances_before_the_first_meeting(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    report = bring(book, tmp_path, middle(), clock)
    assert report.written, [str(each) for each in report.wrong]
    assert report.warnings == ()
    with book.read() as session:
        group_id = group_id_of(session, "KE-7")
        group = session.execute(select(GROUPS).where(GROUPS.c.id == group_id)).one()
        # 30 shares before, 5 now; 900 lent before, 200 paid now.
        assert group.savings_balance == Decimal(3500)
        lent = sum(session.execute(select(LOANS.c.principal_outstanding)).scalars())
        assert lent == Decimal(700)
        held = fund_balances(session, group_id)
        assert (held.loan_fund, held.social) == (Decimal(3200), Decimal(240))
        opening = session.execute(
            select(LEDGER).where(LEDGER.c.transaction_type == "OPENING_BALANCE")
        ).all()
        assert {(row.fund_type, row.amount * row.direction) for row in opening} == {
            ("LOAN_FUND", Decimal(400)),
            ("SOCIAL", Decimal(180)),
        }
        earned = sum(row.amount for row in opening if row.fund_type == "LOAN_FUND")
        assert held.loan_fund + lent == group.savings_balance + earned
        assert session.execute(select(FINES.c.amount)).scalars().all() == [Decimal(15)]
    check_verified(book, "KE-7")


def test_a_start_in_the_middle_may_say_the_box_in_the_sheet_group(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = middle()
    sheets["Group"][-1][1] = -100  # a loss
    sheets["Group"] += [["opening_loan_fund", 2000], ["opening_social_fund", 180]]
    sheets["Meetings"][1][3:] = ["", "", "", ""]
    report = bring(book, tmp_path, sheets, clock)
    assert report.written, [str(each) for each in report.wrong]
    with book.read() as session:
        assert fund_balances(session, group_id_of(session, "KE-7")).loan_fund == Decimal(2700)
    check_verified(book, "KE-7")


def test_a_start_in_the_middle_without_a_count_is_refused(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = middle()
    sheets["Meetings"][1][3:] = ["", "", "", ""]
    report = bring(book, tmp_path, sheets, clock)
    assert [each.address for each in report.wrong] == ["Members!A2"]
    assert is_empty(book)


def test_a_term_of_no_periods_is_refused_at_its_cell(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = middle()
    sheets["Members"][0].append("opening_loan_months")
    sheets["Members"][1].append(0)
    assert [each.address for each in bring(book, tmp_path, sheets, clock).wrong] == ["Members!J2"]
    assert is_empty(book)


def test_an_opening_that_does_not_balance_names_both_sides(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = middle()
    sheets["Group"][-1][1] = 350
    report = bring(book, tmp_path, sheets, clock)
    (wrong,) = report.wrong
    assert str(wrong) == (
        "Group!B13: The loan fund has 3 400; savings, debts and earnings are 3 350."
        " The difference is 50. Expected: opening_earnings of 400, if the rest is right."
    )
    assert is_empty(book)


def test_an_opening_without_earnings_is_not_guessed(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = middle()
    del sheets["Group"][-1]
    (wrong,) = bring(book, tmp_path, sheets, clock).wrong
    assert (wrong.address, wrong.problem.values["difference"]) == ("Meetings!D2", "400")
    assert is_empty(book)


def test_a_first_count_without_an_opening_is_no_money_from_nowhere(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Meetings"][1][3] = 500
    found = [each.address for each in bring(book, tmp_path, sheets, clock).wrong]
    assert found == ["Meetings!D2"]
    assert is_empty(book)


def test_every_wrong_cell_of_an_opening_is_listed(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = middle()
    sheets["Members"][0] += ["opening_loan_months", "opening_loan_due"]
    sheets["Members"][1] += [9, ""]
    sheets["Members"][3] += ["", date(2025, 10, 1)]
    sheets["Group"].append(["opening_date", date(2026, 1, 6)])
    found = bring(book, tmp_path, sheets, clock).wrong
    assert {each.address for each in found} == {"Group!B14", "Members!J2", "Members!K4"}
    assert is_empty(book)


def test_a_part_of_an_old_loan_without_the_loan_is_refused(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = middle()
    sheets["Members"][0].append("opening_loan_charge")
    sheets["Members"][2].append(60)
    assert [each.address for each in bring(book, tmp_path, sheets, clock).wrong] == ["Members!J3"]


def test_an_old_loan_is_due_from_the_day_of_the_opening(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = middle()
    sheets["Members"][0] += ["opening_loan_charge", "opening_loan_due", "opening_social_due"]
    sheets["Members"][1] += [60, date(2026, 1, 12), 40]
    assert bring(book, tmp_path, sheets, clock).written
    with book.read() as session:
        group_id = group_id_of(session, "KE-7")
        first, second = loans_of_group(session, group_id)
        assert (first.instalments[0].due_date, first.charge_owed) == (
            date(2026, 1, 12),
            Decimal(40),
        )
        assert (first.principal_owed, second.instalments[0].due_date) == (
            Decimal(420),
            date(2026, 2, 2),
        )
        assert list(advances_owed(session, group_id).values()) == [Decimal(40)]
    check_verified(book, "KE-7")


def test_money_found_in_the_box_of_a_new_group_comes_back_as_it_was(
    book: Database, new_book: Callable[[], Database], tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Group"].append(["opening_loan_fund", 0])
    sheets["Meetings"][0].append("opening_reason")
    sheets["Meetings"][1][3:] = [50, 0, 850, 60, "Found in the box"]
    sheets["Meetings"][2][3:6] = [850, 60, 700]
    report = bring(book, tmp_path, sheets, clock)
    assert report.written, [str(each) for each in report.wrong]
    path, other = tmp_path / "again.xlsx", new_book()
    export_workbook(book, "KE-7", path, clock=clock)
    assert import_workbook(other, path, clock=clock).written
    assert seen(other, "KE-7") == seen(book, "KE-7")
    with other.read() as session:
        kinds = session.execute(select(LEDGER.c.transaction_type).distinct()).scalars().all()
    assert "CASH_DIFFERENCE" in kinds
    assert "OPENING_BALANCE" not in kinds
