"""A passbook adds up, whatever happened: payouts, lost loans, shares that were caught up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType as T
from vsla_desktop.queries.lines import member_lines
from vsla_desktop.queries.members import Passbook, passbook
from vsla_desktop.queries.tables import ACCOUNTS, MEMBERS
from vsla_desktop.services.practice import create_practice


@pytest.fixture(scope="module")
def books(make_book: Callable[[], Database], clock: FixedClock) -> Database:
    """Make a group that has shared out, and one that is late in its cycle."""
    book = make_book()
    create_practice(book, groups=1, members=12, meetings=58, seed=21, clock=clock)
    create_practice(book, groups=2, members=14, meetings=44, seed=12, clock=clock)
    return book


def passbooks(book: Database, clock: FixedClock) -> list[tuple[int, Passbook]]:
    with book.read() as session:
        members = session.execute(select(MEMBERS.c.id)).scalars().all()
        return [(each, passbook(session, each, on=clock.today())) for each in members]


def test_what_a_passbook_holds_in_the_end_is_what_the_account_holds(
    books: Database, clock: FixedClock
) -> None:
    with books.read() as session:
        held = dict(session.execute(select(ACCOUNTS.c.member_id, ACCOUNTS.c.current_balance)).all())
    for member_id, book in passbooks(books, clock):
        last = book.lines[-1]
        assert last.savings_held == held[member_id]
        assert sum(line.shares for line in book.lines) == last.shares_held
        assert sum((line.saved for line in book.lines), ZERO) == last.savings_held
        assert all(line.shares_held >= 0 and line.savings_held >= 0 for line in book.lines)


def test_every_entry_of_a_member_is_in_a_column_or_among_the_others(
    books: Database, clock: FixedClock
) -> None:
    seen = set()
    for member_id, book in passbooks(books, clock):
        with books.read() as session:
            entries = member_lines(session, member_id)
        others = [entry for line in book.lines for entry in line.others]
        seen |= {entry.type for entry in others}
        for kind, columns in {
            T.LOAN_REPAYMENT: [line.loan_principal for line in book.lines],
            T.LOAN_CHARGE: [line.loan_charge for line in book.lines],
            T.LOAN_DISBURSEMENT: [line.loan_given for line in book.lines],
            T.FINE_PAYMENT: [line.fines_paid for line in book.lines],
        }.items():
            moved = [
                entry.amount * (-1 if entry.is_reversal else 1)
                for entry in entries
                if entry.type is kind
            ]
            assert sum(columns, ZERO) == sum(moved, ZERO)
        for kind in (T.LOAN_WRITE_OFF, T.LEAVER_PAYOUT, T.SHARE_OUT, T.EXTERNAL_LOAN_OUT):
            assert [entry for entry in others if entry.type is kind] == [
                entry for entry in entries if entry.type is kind
            ]
    assert seen >= {T.LOAN_WRITE_OFF, T.LEAVER_PAYOUT, T.SHARE_OUT, T.SOCIAL_GRANT}


def test_shares_that_were_caught_up_are_shares_of_the_passbook(
    books: Database, clock: FixedClock
) -> None:
    found = 0
    for member_id, book in passbooks(books, clock):
        with books.read() as session:
            entries = member_lines(session, member_id)
        caught = [entry for entry in entries if entry.description.startswith("Catch-up shares: ")]
        for entry in caught:
            line = next(each for each in book.lines if each.meeting_number == entry.meeting_number)
            assert line.shares >= (entry.shares_count or 0) > 0
            found += 1
    assert found > 0
