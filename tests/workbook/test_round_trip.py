"""What goes out as a workbook comes in again as the same books."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from tests.workbook.equal_books import check_verified, in_any_order, seen
from tests.workbook.made_books import make_books
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.errors import RuleBroken, StorageError
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.books import group_id_of
from vsla_desktop.queries.tables import CYCLES
from vsla_desktop.services.cycles import open_cycle
from vsla_desktop.services.workbook import (
    Books,
    ExportReport,
    export_workbook,
    import_books,
    import_workbook,
    read_workbook,
    write_books,
)
from vsla_desktop.services.workbook.books import OtherRow

CODE = "MBR-014"
Fresh = Callable[[], closing[Database]]


def without_counts(books: Books) -> Books:
    """Return books that leave all counts to what the book expects."""
    meetings = tuple(
        replace(
            row,
            opening_loan_fund_count=None,
            opening_social_fund_count=None,
            closing_loan_fund_count=None,
            closing_social_fund_count=None,
        )
        for row in books.meetings
    )
    return replace(books, meetings=meetings)


def more(books: Books, *rows: OtherRow) -> Books:
    return replace(books, other=(*books.other, *rows))


def with_other_savings(books: Books) -> Books:
    group = replace(books.group, saving_kinds=("PERSONAL", "SOCIAL", "ECD"))
    return more(
        replace(books, group=group),
        OtherRow(
            meeting=1,
            member=1,
            type="SAVINGS_DEPOSIT",
            fund="ECD",
            amount=Decimal(900),
            detail="ECD",
        ),
        OtherRow(
            meeting=2,
            member=1,
            type="SAVINGS_WITHDRAWAL",
            fund="ECD",
            amount=Decimal(400),
            detail="ECD",
        ),
    )


def with_bank(books: Books) -> Books:
    day = books.meetings[1].date + timedelta(days=2)
    return more(
        books,
        OtherRow(meeting=2, type="BANK_DEPOSIT", fund="SOCIAL", amount=Decimal(300)),
        OtherRow(
            meeting=2,
            type="OTHER_INCOME",
            fund="SOCIAL",
            amount=Decimal(7),
            description="Interest",
            held_in="BANK",
            date=day,
        ),
        OtherRow(
            meeting=2,
            type="BANK_WITHDRAWAL",
            fund="SOCIAL",
            amount=Decimal(100),
            date=books.meetings[1].date,
        ),
    )


def with_advance(books: Books) -> Books:
    return more(
        books,
        OtherRow(
            meeting=1,
            member=2,
            type="SOCIAL_ADVANCE",
            fund="SOCIAL",
            amount=Decimal(400),
            description="Medicine",
        ),
        OtherRow(
            meeting=3,
            member=2,
            type="SOCIAL_ADVANCE_REPAYMENT",
            fund="SOCIAL",
            amount=Decimal(150),
        ),
    )


def with_fines(books: Books) -> Books:
    return more(
        books,
        OtherRow(
            meeting=2,
            member=1,
            type="FINE_CHARGED",
            amount=Decimal(70),
            detail="MISCONDUCT",
            description="-Quarrel",
        ),
        OtherRow(meeting=2, member=1, type="FINE_CHARGED", amount=Decimal(90), detail="PHONE"),
        OtherRow(
            meeting=3,
            member=1,
            type="FINE_WAIVED",
            amount=Decimal(90),
            description="First time",
            of_meeting=2,
        ),
    )


def with_corrections(books: Books) -> Books:
    borrowers = {row.member for row in books.entries if row.loan_taken}
    # Less savings would make a loan that was given too large.
    savers = (row for row in books.entries if row.meeting == 1 and (row.shares or 0) > 1)
    first = next((row for row in savers if row.member not in borrowers), None)
    if first is None:
        return books
    value = (first.shares or 0) * books.rules.share_value
    return more(
        books,
        OtherRow(
            meeting=3,
            member=first.member,
            type="REVERSAL",
            fund="SOCIAL",
            amount=Decimal(500),
            detail="SOCIAL_CONTRIBUTION",
            description="Not paid",
            of_meeting=1,
        ),
        OtherRow(
            meeting=3,
            member=first.member,
            type="CORRECTION",
            fund="LOAN_FUND",
            amount=value,
            detail="SAVINGS_DEPOSIT",
            description="One",
            of_meeting=1,
            right_amount=books.rules.share_value,
        ),
    )


def with_opening(books: Books) -> Books:
    members = (
        replace(
            books.members[0],
            opening_shares=40,
            opening_loan=Decimal(9000),
            opening_loan_charge=Decimal(300),
            opening_loan_due=books.meetings[0].date + timedelta(days=5),
            opening_social_due=Decimal(200),
        ),
        replace(books.members[1], opening_shares=12, opening_fines=Decimal(300)),
        *books.members[2:],
    )
    start = books.group.cycle_start - timedelta(days=60)
    group = replace(
        books.group,
        formation_date=start,
        cycle_start=start,
        opening_loan_fund=Decimal(97000),
        opening_social_fund=Decimal(1500),
        opening_earnings=Decimal(-3000),
        opening_debts=Decimal(5000),
    )
    return replace(books, members=members, group=group)


def with_absentees(books: Books) -> Books:
    """Let the last member leave, and suspend the one before, from the third meeting on."""
    *rest, suspended, gone = books.members
    numbers = {suspended.number, gone.number}
    # Only who owes nothing, so that no later row needs them.
    has_debts = any(row.member in numbers and row.loan_taken for row in books.entries)
    if has_debts or any(row.member in numbers for row in books.other):
        return books
    members = (
        *rest,
        replace(suspended, status="SUSPENDED"),
        replace(gone, left_date=books.meetings[1].date, leaving_reason="MOVED"),
    )
    entries = tuple(row for row in books.entries if row.member not in numbers or row.meeting <= 2)
    return replace(books, members=members, entries=entries)


def with_notes(books: Books) -> Books:
    first, *rest = books.meetings
    said = replace(
        first,
        location="=Under the tree",
        minutes="@Prayer\nRoll call",
        decisions="+5 % to the roof",
        action_items="-",
    )
    merged = replace(rest[-1], meetings_merged=2, type="ANNUAL")
    entries = tuple(
        replace(row, discussed=True, voted=row.member % 2 == 0 or None)
        if row.attendance == "PRESENT"
        else row
        for row in books.entries
    )
    return replace(books, meetings=(said, *rest[:-1], merged), entries=entries)


TWISTS = (
    with_other_savings,
    with_bank,
    with_advance,
    with_fines,
    with_corrections,
    with_notes,
    with_opening,
    with_absentees,
)


@st.composite
def made(draw: st.DrawFn) -> Books:
    """Make books of a small group, with any of the twists that real books have."""
    books = make_books(
        members=draw(st.integers(3, 7)),
        meetings=draw(st.integers(3, 6)),
        seed=draw(st.integers(0, 10_000)),
    )
    books = without_counts(books)
    chosen = draw(st.sets(st.sampled_from(range(len(TWISTS)))))
    for number in sorted(chosen):
        books = TWISTS[number](books)
    return books


def brought(database: Database, books: Books, clock: FixedClock) -> None:
    report = import_books(database, books, clock=clock)
    assert report.written, [str(each) for each in report.wrong]


def taken_out(database: Database, path: Path, clock: FixedClock) -> ExportReport:
    report = export_workbook(database, CODE, path, clock=clock)
    assert report.left_out == ()
    return report


@pytest.mark.parametrize("twist", TWISTS, ids=lambda twist: twist.__name__)
def test_each_twist_of_a_book_comes_back_as_it_was(
    lent_book: Fresh, tmp_path: Path, clock: FixedClock, twist: Callable[[Books], Books]
) -> None:
    plain = without_counts(make_books(members=5, meetings=5, seed=3))
    books = twist(plain)
    assert books != plain
    there_and_back(lent_book, tmp_path / "group.xlsx", clock, books)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(books=made())
def test_made_books_come_back_as_they_were(
    lent_book: Fresh, tmp_path: Path, clock: FixedClock, books: Books
) -> None:
    there_and_back(lent_book, tmp_path / "group.xlsx", clock, books)


def there_and_back(lent_book: Fresh, path: Path, clock: FixedClock, books: Books) -> None:
    """Bring books in, take them out, bring that in, and compare."""
    with lent_book() as first, lent_book() as second:
        brought(first, books, clock)
        taken_out(first, path, clock)
        report = import_workbook(second, path, clock=clock)
        assert report.written, [str(each) for each in report.wrong]
        assert report.loans_count == sum(bool(row.loan_taken) for row in books.entries)
        before, after = seen(first, CODE), seen(second, CODE)
        again = {row.member for row in books.entries if row.loan_taken}
        if any(each.opening_loan and each.number in again for each in books.members):
            # A payment of one of several loans says of which, in a sheet that comes later.
            before, after = in_any_order(before), in_any_order(after)
        for what, rows in before.items():
            assert rows == after[what], what
        check_verified(second, CODE)
        content = path.read_bytes()
        taken_out(second, path, clock)
        assert path.read_bytes() == content


def test_books_that_are_written_and_read_are_the_same_books(tmp_path: Path) -> None:
    books = make_books(members=6, meetings=8)
    write_books(books, tmp_path / "group.xlsx")
    assert read_workbook(tmp_path / "group.xlsx", today=date(2026, 3, 2)) == books


def test_a_text_that_begins_like_a_formula_stays_a_text(
    lent_book: Fresh, tmp_path: Path, clock: FixedClock
) -> None:
    books = make_books(members=6, meetings=6)
    assert any(row.description.startswith("=") for row in books.other)
    path = tmp_path / "group.xlsx"
    with lent_book() as book:
        brought(book, books, clock)
        taken_out(book, path, clock)
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if "worksheets/" in name]
        assert all(b"<f>" not in archive.read(name) for name in sheets)


def test_a_file_that_can_not_be_written_leaves_what_was_there(
    lent_book: Fresh, tmp_path: Path, clock: FixedClock
) -> None:
    folder = tmp_path / "group.xlsx"
    folder.mkdir()
    with lent_book() as book:
        brought(book, make_books(members=3, meetings=2), clock)
        with pytest.raises(StorageError, match="can not be written"):
            export_workbook(book, CODE, folder, clock=clock)
        with pytest.raises(StorageError, match="can not be written"):
            export_workbook(book, CODE, tmp_path / "nowhere" / "group.xlsx", clock=clock)
        with pytest.raises(RuleBroken, match="No group has the code"):
            export_workbook(book, "NOBODY", tmp_path / "other.xlsx", clock=clock)
    assert list(tmp_path.iterdir()) == [folder]
    assert list(folder.iterdir()) == []


def test_a_later_cycle_goes_out_with_what_the_box_held_when_it_began(
    lent_book: Fresh, tmp_path: Path, clock: FixedClock
) -> None:
    books = without_counts(make_books(members=5, meetings=6))
    path = tmp_path / "group.xlsx"
    with lent_book() as book, lent_book() as other:
        brought(book, books, clock)
        with book.write() as session:
            group_id = group_id_of(session, CODE)
            held = fund_balances(session, group_id)
            session.execute(update(CYCLES).values(status="CLOSED"))
            start = books.meetings[-1].date
            open_cycle(session, group_id, start, start + timedelta(weeks=40), clock=clock)
        report = export_workbook(book, CODE, path, clock=clock)
        assert "Earlier cycles are left out: 1." in [str(each) for each in report.left_out]
        assert report.meetings_count == 0
        assert import_workbook(other, path, clock=clock).written
        with other.read() as session:
            assert fund_balances(session, group_id_of(session, CODE)) == held
