from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.db.books import new_central
from tests.services.proofs import check_books
from tests.support.postgres import PostgresServer
from tests.workbook.equal_books import check_verified, is_empty, seen
from tests.workbook.made_books import make_books
from tests.workbook.sheets import Sheets, small_group, write_sheets
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.books import group_id_of
from vsla_desktop.queries.tables import (
    FINES,
    GROUPS,
    LEDGER,
    LOANS,
    MEETINGS,
    MEMBERS,
)
from vsla_desktop.services.workbook import (
    Books,
    ImportReport,
    export_workbook,
    import_books,
    import_workbook,
    read_workbook,
    write_books,
)

BEFORE = "This day is before the group began, on 2026-01-05. Expected: a day from 2026-01-05 on."


def bring(
    book: Database, tmp_path: Path, sheets: Sheets, clock: FixedClock, *, dry_run: bool = False
) -> ImportReport:
    path = write_sheets(tmp_path / "group.xlsx", sheets)
    return import_workbook(book, path, clock=clock, dry_run=dry_run)


def test_a_small_workbook_becomes_a_book(book: Database, tmp_path: Path, clock: FixedClock) -> None:
    report = bring(book, tmp_path, small_group(), clock)
    assert report.written, [str(each) for each in report.wrong]
    assert (report.members_count, report.meetings_count, report.loans_count) == (3, 2, 2)
    assert report.warnings == ()
    with book.read() as session:
        group_id = group_id_of(session, "KE-7")
        check_books(session, group_id)
        held = fund_balances(session, group_id)
        assert (held.loan_fund, held.social) == (Decimal(650), Decimal(100))
        fines = session.execute(
            select(FINES.c.fine_type, FINES.c.amount, FINES.c.paid_amount).order_by(FINES.c.id)
        ).all()
        assert [tuple(row) for row in fines] == [
            ("LATE_ARRIVAL", Decimal(10), Decimal(10)),
            ("ABSENCE", Decimal(30), Decimal(10)),
        ]
        loan = session.execute(select(LOANS).order_by(LOANS.c.id)).first()
        assert loan is not None
        assert loan.amount_paid == Decimal(130)
        assert loan.loan_purpose == "Seeds"
    check_verified(book, "KE-7")


def test_25_members_and_40_meetings_with_loans_and_fines_come_in_whole(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    made = make_books(members=25, meetings=40)
    path = tmp_path / "group.xlsx"
    write_books(made, path)
    report = import_workbook(book, path, clock=clock)
    assert report.written, [str(each) for each in report.wrong[:10]]
    assert report.warnings == ()
    with book.read() as session:
        group_id = group_id_of(session, "MBR-014")
        check_books(session, group_id)
        group = session.execute(select(GROUPS)).one()
        assert group.members_count == 25
        shares = sum(entry.shares or 0 for entry in made.entries)
        assert group.savings_balance == shares * made.rules.share_value
        lent = [entry.loan_taken for entry in made.entries if entry.loan_taken]
        assert session.execute(select(func.count()).select_from(LOANS)).scalar() == len(lent) > 20
        charged = sum(entry.fine_charged or 0 for entry in made.entries)
        assert sum(session.execute(select(FINES.c.amount)).scalars()) == charged > 0
        held = fund_balances(session, group_id)
        assert held.loan_fund == made.meetings[-1].closing_loan_fund_count
        assert held.social == made.meetings[-1].closing_social_fund_count
    check_verified(book, "MBR-014")


def test_a_trial_says_the_same_and_writes_nothing(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    trial = bring(book, tmp_path, small_group(), clock, dry_run=True)
    assert trial.ok
    assert not trial.written
    assert is_empty(book)
    assert bring(book, tmp_path, small_group(), clock).loans_count == trial.loans_count


def refused(book: Database, tmp_path: Path, sheets: Sheets, clock: FixedClock) -> dict[str, str]:
    """Return what is said of each wrong cell; nothing may have been written."""
    report = bring(book, tmp_path, sheets, clock)
    assert not report.written
    assert is_empty(book)
    return {each.address: str(each) for each in report.wrong}


def test_a_sixth_share_is_refused_at_its_cell(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Entries"][2][4] = 6
    sheets["Meetings"][1][5] = 1100
    sheets["Meetings"][2][3] = 1100
    sheets["Meetings"][2][5] = 950
    assert refused(book, tmp_path, sheets, clock) == {
        "Entries!E3": "Entries!E3: Buy at most 5 a meeting. Expected: at most 5."
    }


def test_a_loan_above_the_fund_is_refused_at_its_cell(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Group"].append(["loan_multiple", 20])
    sheets["Entries"][2][9] = 2000
    found = refused(book, tmp_path, sheets, clock)
    assert set(found) == {"Entries!J3"}
    assert "The fund holds 1 100 only." in found["Entries!J3"]


def test_a_repayment_above_the_debt_is_refused_with_the_most(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Entries"][5][8] = 900
    found = refused(book, tmp_path, sheets, clock)
    assert found == {
        "Entries!I6": (
            "Entries!I6: Pay at most 330. This clears the loans today. Expected: at most 330."
        )
    }


def test_all_that_rules_refuse_is_found_in_one_run(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Members"].append([4, "Rose", "Atieno", "F", "", date(2026, 1, 5)])
    sheets["Entries"] += [[1, 4, "PRESENT", 20, 9], [2, 4, ""]]
    sheets["Entries"][1][4] = 6  # a sixth share
    sheets["Entries"][2][10] = 12  # twelve periods
    sheets["Entries"][4][9] = 5000  # beyond the savings
    sheets["Entries"][6][7] = 90  # more than the fines
    found = refused(book, tmp_path, sheets, clock)
    assert set(found) == {
        "Entries!E2",
        "Entries!K3",
        "Entries!J5",
        "Entries!H7",
        "Entries!E8",
        "Entries!C9",
    }
    assert "Choose 1 to 3 periods." in found["Entries!K3"]


def test_one_wrong_cell_does_not_make_later_ones_look_wrong(
    book: Database, clock: FixedClock
) -> None:
    made = make_books(members=12, meetings=25, seed=4)
    entries = list(made.entries)
    at = next(index for index, entry in enumerate(entries) if entry.shares and entry.meeting == 2)
    entries[at] = replace(entries[at], shares=50, row=at + 2)
    report = import_books(book, replace(made, entries=tuple(entries)), clock=clock)
    assert [each.address for each in report.wrong] == [f"Entries!A{at + 2}"]


def test_a_code_that_is_taken_is_refused_at_its_cell(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    assert bring(book, tmp_path, small_group(), clock).written
    before = seen(book, "KE-7")
    report = bring(book, tmp_path, small_group(), clock)
    assert [str(each) for each in report.wrong] == [
        "Group!B3: Choose another code; KE-7 is taken. Expected: a text of at most 50 characters."
    ]
    assert seen(book, "KE-7") == before


def test_members_without_a_mark_are_named(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    del sheets["Entries"][6]
    sheets["Entries"][4][2] = ""
    found = refused(book, tmp_path, sheets, clock)
    assert set(found) == {"Entries!C5", "Meetings!A3"}
    assert "lacks members 3" in found["Meetings!A3"]


def test_a_count_that_differs_is_a_line_of_its_own_and_said(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Meetings"][2][5] = 645
    report = bring(book, tmp_path, sheets, clock)
    assert report.written
    (warning,) = report.warnings
    assert warning.address == "Meetings!F3"
    assert "The book expects 650; 645 were counted." in str(warning)
    with book.read() as session:
        row = session.execute(
            select(LEDGER.c.amount, LEDGER.c.direction).where(
                LEDGER.c.transaction_type == "CASH_DIFFERENCE"
            )
        ).one()
        assert tuple(row) == (Decimal(5), -1)
    check_verified(book, "KE-7")


def test_counts_that_are_left_empty_agree_with_the_book(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    for row in sheets["Meetings"][1:]:
        del row[3:]
    report = bring(book, tmp_path, sheets, clock)
    assert report.written
    with book.read() as session:
        assert fund_balances(session, group_id_of(session, "KE-7")).loan_fund == Decimal(650)


def test_fines_are_those_of_the_sheet_whatever_the_tariff_says(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Group"] += [["fine_late_arrival", 15], ["fine_absence", 50]]
    sheets["Entries"][6][5:] = []  # absent, and not fined
    sheets["Meetings"][2][5] = 630  # no fine is paid
    report = bring(book, tmp_path, sheets, clock)
    assert report.written, [str(each) for each in report.wrong]
    assert report.warnings == ()
    with book.read() as session:
        fines = session.execute(select(FINES.c.fine_type, FINES.c.amount)).all()
    assert [tuple(row) for row in fines] == [("LATE_ARRIVAL", Decimal(10))]


def test_other_money_comes_in_by_its_own_sheet(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Group"].append(["saving_kinds", "PERSONAL, SOCIAL, ECD"])
    head = ["meeting", "member", "type", "fund", "amount", "description", "detail", "held_in"]
    sheets["Other"] = [
        head,
        [1, "", "EXPENSE", "", 50, "Stationery"],
        [1, 2, "SAVINGS_DEPOSIT", "ECD", 40, "", "ECD"],
        [1, 1, "SOCIAL_ADVANCE", "SOCIAL", 30, "Medicine"],
        [1, "", "BANK_DEPOSIT", "", 200],
        [2, "", "OTHER_INCOME", "", 5, "Interest", "", "BANK"],
        [2, 1, "SOCIAL_ADVANCE_REPAYMENT", "SOCIAL", 30],
        [2, 1, "FINE_CHARGED", "", 7, "Quarrel", "MISCONDUCT"],
        [2, 3, "SOCIAL_GRANT", "SOCIAL", 25, "Burial"],
        [2, 2, "SAVINGS_WITHDRAWAL", "ECD", 15, "", "ECD"],
    ]
    for row in sheets["Meetings"][1:]:
        del row[3:]
    sheets["Entries"][4][9:] = []
    report = bring(book, tmp_path, sheets, clock)
    assert report.written, [str(each) for each in report.wrong]
    with book.read() as session:
        group_id = group_id_of(session, "KE-7")
        check_books(session, group_id)
        held = fund_balances(session, group_id)
        assert held.social == Decimal(75)
        assert held.ecd == Decimal(25)
        assert held.bank == Decimal(205)
        assert session.execute(
            select(FINES.c.reason).where(FINES.c.amount == Decimal(7))
        ).scalars().all() == ["Quarrel"]
    check_verified(book, "KE-7")


@pytest.mark.parametrize(
    ("row", "address"),
    [
        ([1, "", "EXPENSE", "", 9000, "Roof"], "Other!E2"),
        ([1, "", "EXPENSE", "", 10, ""], "Other!F2"),
        ([1, 2, "SAVINGS_DEPOSIT", "ECD", 10], "Other!G2"),
        ([1, 2, "SOCIAL_ADVANCE_REPAYMENT", "SOCIAL", 10], "Other!E2"),
        ([1, 2, "FINE_CHARGED", "", 10, "", "SINGING"], "Other!G2"),
        ([2, 2, "REVERSAL", "", 999, "Wrong", "SAVINGS_DEPOSIT"], "Other!E2"),
        ([1, "", "SOCIAL_GRANT", "SOCIAL", 10], "Other!B2"),
        ([9, "", "EXPENSE", "", 10, "Tea"], "Other!A2"),
        (["", "", "EXPENSE", "", 10, "Tea"], "Other!A2"),
        ([1, "", "ALMS", "", 10, "Tea"], "Other!C2"),
        ([1, "", "EXPENSE", "", 0, "Tea"], "Other!E2"),
    ],
)
def test_other_money_is_refused_at_its_cell(
    book: Database, tmp_path: Path, clock: FixedClock, row: list[object], address: str
) -> None:
    sheets = small_group()
    head = ["meeting", "member", "type", "fund", "amount", "description", "detail"]
    sheets["Other"] = [head, row]
    assert set(refused(book, tmp_path, sheets, clock)) == {address}


def test_a_correction_of_an_earlier_meeting_comes_in_as_one(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    head = [
        "meeting",
        "member",
        "type",
        "fund",
        "amount",
        "description",
        "detail",
        "of_meeting",
        "right_amount",
    ]
    sheets["Other"] = [
        head,
        [2, 3, "CORRECTION", "", 300, "Two, not three", "SAVINGS_DEPOSIT", 1, 200],
        [2, 1, "REVERSAL", "", 20, "Not paid", "SOCIAL_CONTRIBUTION", 1],
    ]
    for row in sheets["Meetings"][1:]:
        del row[3:]
    report = bring(book, tmp_path, sheets, clock)
    assert report.written, [str(each) for each in report.wrong]
    with book.read() as session:
        group_id = group_id_of(session, "KE-7")
        check_books(session, group_id)
        held = fund_balances(session, group_id)
        assert (held.loan_fund, held.social) == (Decimal(550), Decimal(80))


# --- people and progress -----------------------------------------------------------------------


def test_people_who_leave_or_come_later_are_not_missed_at_the_roll_call(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Members"][0] += ["role", "left_date", "leaving_reason"]
    sheets["Members"][2] += ["TREASURER"]
    sheets["Members"][3] += ["", date(2026, 1, 10), "MOVED"]
    sheets["Members"].append([4, "Rose", "Atieno", "F", "", date(2026, 1, 12)])
    sheets["Entries"][6] = [2, 4, "PRESENT", 20, 2]
    sheets["Meetings"][2][5:] = [830, 120]
    report = bring(book, tmp_path, sheets, clock)
    assert report.written, [str(each) for each in report.wrong]
    assert [str(each.problem) for each in report.warnings] == [
        "The committee was left out. Name a chairperson, a secretary and a treasurer."
    ]
    with book.read() as session:
        left = session.execute(select(MEMBERS).where(MEMBERS.c.member_number == 3)).one()
        assert (left.status, left.leaving_reason) == ("INACTIVE", "MOVED")


def test_progress_is_told_and_may_stop_the_import(book: Database, clock: FixedClock) -> None:
    made = make_books(members=3, meetings=4)
    steps: list[tuple[int, int]] = []
    assert import_books(
        book, made, clock=clock, progress=lambda done, total: steps.append((done, total))
    ).written
    assert steps == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_an_import_that_is_stopped_leaves_nothing(book: Database, clock: FixedClock) -> None:
    class StoppedError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done == total // 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        import_books(book, make_books(members=3, meetings=4), clock=clock, progress=stop)
    assert is_empty(book)


def test_the_same_workbook_gives_the_same_books(
    new_book: Callable[[], Database], tmp_path: Path, clock: FixedClock
) -> None:
    first, second = new_book(), new_book()
    for each in (first, second):
        assert bring(each, tmp_path, small_group(), clock).written
    assert seen(first, "KE-7") == seen(second, "KE-7")


def test_a_workbook_comes_into_the_central_database_as_well(
    postgres_server: PostgresServer, book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Entries"][2][4] = 6
    with new_central(postgres_server) as central:
        report = bring(central, tmp_path, sheets, clock)
        assert [each.address for each in report.wrong] == ["Entries!E3"]
        assert is_empty(central)
        assert bring(central, tmp_path, small_group(), clock).written
        assert bring(book, tmp_path, small_group(), clock).written
        there, here = seen(central, "KE-7"), seen(book, "KE-7")
    assert there["cashbook"] == here["cashbook"]
    assert there["loans"] == here["loans"]
    assert there["fines"] == here["fines"]


def test_a_row_for_a_day_before_a_member_joined_is_refused(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Members"][3][5] = date(2026, 1, 12)
    found = refused(book, tmp_path, sheets, clock)
    assert found == {
        "Entries!B4": (
            "Entries!B4: Member 3 joined later, on 2026-01-12."
            " Expected: a member who had joined by then."
        )
    }


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 3, 3), "This day is still to come. Expected: a day up to 2026-03-02."),
        (date(2026, 1, 2), BEFORE),
    ],
)
def test_a_meeting_of_a_day_that_can_not_be_is_the_one_wrong_cell(
    book: Database, tmp_path: Path, clock: FixedClock, day: date, said: str
) -> None:
    sheets = small_group()
    sheets["Meetings"][2][1] = day
    assert refused(book, tmp_path, sheets, clock) == {"Meetings!B3": f"Meetings!B3: {said}"}


@pytest.mark.parametrize("day", [date(2026, 1, 4), date(2026, 3, 3)])
def test_money_between_meetings_has_a_day_of_the_cycle_that_has_come(
    book: Database, tmp_path: Path, clock: FixedClock, day: date
) -> None:
    sheets = small_group()
    sheets["Other"] = [
        ["meeting", "type", "amount", "description", "date"],
        ["", "OTHER_INCOME", 10, "Interest", day],
    ]
    assert set(refused(book, tmp_path, sheets, clock)) == {"Other!E2"}


def test_a_member_may_not_leave_tomorrow(book: Database, tmp_path: Path, clock: FixedClock) -> None:
    sheets = small_group()
    sheets["Members"][0].append("left_date")
    sheets["Members"][3].append(date(2026, 3, 3))
    assert set(refused(book, tmp_path, sheets, clock)) == {"Members!G4"}


def test_two_meetings_a_day_are_held_by_their_numbers(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    head, first, second = sheets["Meetings"]
    second[1:3] = [first[1], "SPECIAL"]
    sheets["Meetings"] = [head, second, first]
    for row in sheets["Entries"][4:]:
        row[2] = ""  # a special meeting has no roll call
    report = bring(book, tmp_path, sheets, clock)
    assert report.written, [str(each) for each in report.wrong]
    assert report.warnings == ()
    with book.read() as session:
        group_id = group_id_of(session, "KE-7")
        check_books(session, group_id)
        held = session.execute(
            select(MEETINGS.c.meeting_number, MEETINGS.c.meeting_date).order_by(MEETINGS.c.id)
        ).all()
        assert [tuple(row) for row in held] == [(1, first[1]), (2, first[1])]
        assert fund_balances(session, group_id).loan_fund == Decimal(650)
    check_verified(book, "KE-7")
    path = tmp_path / "again.xlsx"
    export_workbook(book, "KE-7", path, clock=clock)
    again = read_workbook(path, today=clock.today())
    assert isinstance(again, Books)
    assert [row.number for row in again.meetings] == [1, 2]


def test_the_roll_is_called_once_a_day(book: Database, tmp_path: Path, clock: FixedClock) -> None:
    sheets = small_group()
    sheets["Meetings"][2][1] = sheets["Meetings"][1][1]
    assert refused(book, tmp_path, sheets, clock) == {
        "Meetings!B3": (
            "Meetings!B3: The roll was called that day, at meeting 1."
            " Expected: another day, or the type SPECIAL."
        )
    }


def test_a_meeting_of_the_same_day_and_number_is_refused(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Meetings"].append(list(sheets["Meetings"][2]))
    found = refused(book, tmp_path, sheets, clock)
    assert found == {
        "Meetings!A4": (
            "Meetings!A4: Meeting 2 stands in row 3 already. Expected: a number of its own."
        )
    }
