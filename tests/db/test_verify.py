# ruff: noqa: S608 - statements made here
"""A whole database is checked: what the services wrote is right, and what is wrong is told."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.db.books import new_book, new_central
from vsla_desktop import db
from vsla_desktop.clock import FixedClock
from vsla_desktop.db.verify import verify
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.verification import seals_taken_off, verify_all
from vsla_desktop.services.practice.creating import create_practice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from tests.support.postgres import PostgresServer
    from vsla_desktop.db import Database


def practise(database: Database) -> Database:
    """Let a group meet some weeks, through the services."""
    clock = FixedClock(datetime(2025, 6, 2, 12))  # noqa: DTZ001 - UTC, as stored
    create_practice(database, groups=1, members=10, meetings=8, seed=3, clock=clock)
    return database


@pytest.fixture(scope="module")
def practised_book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = practise(new_book(tmp_path_factory.mktemp("verify") / "vsla.db"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def practised_central(postgres_server: PostgresServer) -> Iterator[Database]:
    with new_central(postgres_server) as opened:
        yield practise(opened)


@pytest.fixture(params=["book", "central"])
def practised(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(f"practised_{request.param}")
    return found


@contextlib.contextmanager
def tampered(database: Database, *statements: str) -> Iterator[Connection]:
    """Lend a look at a database in which somebody has changed something behind our back."""
    with database.engine.execution_options(writes=True).connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        yield connection
        connection.rollback()


def test_what_the_services_wrote_is_right(practised: Database) -> None:
    with practised.connection() as connection:
        found = verify(connection)
        entries = connection.execute(text("SELECT COUNT(*) FROM group_transactions")).scalar_one()
    assert (found.derived.wrong, found.ledger.wrong, found.foreign_keys) == ((), (), ())
    assert found.integrity == "ok"
    assert found.ok
    assert found.ledger.checked == entries > 100
    assert found.derived.checked > 1000


def test_a_new_database_is_right(database: Database) -> None:
    with database.connection() as connection:
        found = verify(connection)
    assert found.ok
    assert (found.ledger.checked, found.derived.checked) == (0, 0)


FIRST = "(SELECT MIN(id) FROM group_transactions WHERE transaction_type = '{}')"
DEPOSIT = FIRST.format("SAVINGS_DEPOSIT")
PAYMENT = FIRST.format("SOCIAL_CONTRIBUTION")
LAST_LINE = "(SELECT MAX(id) FROM group_cashbook)"
COPIED = "group_id, member_id, amount, transaction_date, fund_type, created_by, verification_status"


def reversal(of: str, direction: int, **more: str) -> str:
    """Return a statement that reverses an entry, right or wrong."""
    columns = {
        "transaction_type": "'REVERSAL'",
        "reverses_id": "id",
        "reversed_type": "transaction_type",
        "direction": str(direction),
        **{name: name for name in COPIED.split(", ")},
        **more,
    }
    return (
        f"INSERT INTO group_transactions ({', '.join(columns)}) SELECT"
        f" {', '.join(columns.values())} FROM group_transactions WHERE id = {of}"
    )


def line(of: str) -> str:
    """Return a statement that adds the cashbook's line of an entry."""
    return (
        "INSERT INTO group_cashbook (group_id, member_id, transaction_date, transaction_type,"
        " description, amount, transaction_reference, group_transaction_id, fund_type) SELECT"
        " group_id, member_id, transaction_date, transaction_type, '', amount, 'Z', id, fund_type"
        f" FROM group_transactions WHERE id = {of}"
    )


NEWEST = "(SELECT MAX(id) FROM group_transactions)"
EXPENSE = (
    "INSERT INTO group_transactions (group_id, amount, transaction_type, transaction_date,"
    " fund_type, direction, held_in, reference_number) SELECT group_id, {amount}, '{kind}',"
    " MAX(transaction_date), 'LOAN_FUND', {direction}, '{place}', 'HUGE' FROM group_transactions"
    " GROUP BY group_id"
)
HUGE = 99_999_999_99
LOAN = "(SELECT MIN(loan_id) FROM group_transactions WHERE transaction_type = 'LOAN_DISBURSEMENT')"

WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "an entry without a line": (
        (f"DELETE FROM group_cashbook WHERE group_transaction_id = {PAYMENT}",),
        "has 0 lines in the cashbook, not one.",
    ),
    "an entry with two lines": ((line(PAYMENT),), "has 2 lines in the cashbook, not one."),
    "a line of another amount": (
        (f"UPDATE group_cashbook SET amount = amount + 1 WHERE id = {LAST_LINE}",),
        "The cashbook says something else than entry",
    ),
    "a line of another day": (
        (f"UPDATE group_cashbook SET transaction_date = '2020-01-01' WHERE id = {LAST_LINE}",),
        "The cashbook says something else than entry",
    ),
    "a line of another fund": (
        (f"UPDATE group_cashbook SET fund_type = 'ECD' WHERE id = {LAST_LINE}",),
        "The cashbook says something else than entry",
    ),
    "a reversal of nothing": (
        (reversal(PAYMENT, -1, reverses_id="NULL"), line(NEWEST)),
        "is half a reversal",
    ),
    "an entry that says it reverses": (
        (f"UPDATE group_transactions SET reverses_id = {PAYMENT} WHERE id = {DEPOSIT}",),
        "is half a reversal",
    ),
    "a reversal of another amount": (
        (reversal(PAYMENT, -1, amount="amount + 1"), line(NEWEST)),
        "is not the opposite of",
    ),
    "a reversal in the same direction": (
        (reversal(PAYMENT, 1), line(NEWEST)),
        "is not the opposite of",
    ),
    "a reversal from another fund": (
        (reversal(PAYMENT, -1, fund_type="'LOAN_FUND'"), line(NEWEST)),
        "is not the opposite of",
    ),
    "a reversal for another member": (
        (
            reversal(
                PAYMENT,
                -1,
                member_id="(SELECT MAX(m.id) FROM group_members m WHERE m.id <>"
                " group_transactions.member_id)",
            ),
            line(NEWEST),
        ),
        "is not the opposite of",
    ),
    "an entry that was reversed twice": (
        (reversal(PAYMENT, -1), line(NEWEST), reversal(PAYMENT, -1), line(NEWEST)),
        "was reversed 2 times.",
    ),
    "savings that the account does not know": (
        (f"DELETE FROM saving_transactions WHERE group_transaction_id = {DEPOSIT}",),
        "has 0 lines in the member's account, not one.",
    ),
    "an account with another amount": (
        (
            (
                "UPDATE saving_transactions SET amount = amount + 1"
                f" WHERE group_transaction_id = {DEPOSIT}"
            ),
        ),
        "The member's account says something else than entry",
    ),
    "an account that went the other way": (
        (
            (
                "UPDATE saving_transactions SET transaction_type = 'WITHDRAWAL'"
                f" WHERE group_transaction_id = {DEPOSIT}"
            ),
        ),
        "The member's account says something else than entry",
    ),
    "an account that counts what the ledger rejects": (
        (f"UPDATE group_transactions SET verification_status = 'REJECTED' WHERE id = {DEPOSIT}",),
        "The member's account says something else than entry",
    ),
    "shares that nobody paid": (
        (
            (
                "UPDATE saving_transactions SET shares_count = shares_count + 1"
                f" WHERE group_transaction_id = {DEPOSIT}"
            ),
        ),
        " saved in cycle 1.",
    ),
    "a fund below nought": (
        (
            EXPENSE.format(amount=HUGE, kind="EXPENSE", direction=-1, place="BOX"),
            line(NEWEST),
        ),
        "The loan fund of group ",
    ),
    "a box below nought": (
        (
            EXPENSE.format(amount=HUGE, kind="BANK_DEPOSIT", direction=0, place="BOX"),
            line(NEWEST),
        ),
        "The box of group ",
    ),
    "a bank below nought": (
        (
            EXPENSE.format(amount=HUGE, kind="EXPENSE", direction=-1, place="BANK"),
            line(NEWEST),
        ),
        "The bank of group ",
    ),
    "a loan that was paid out otherwise": (
        (f"UPDATE group_loans SET principal = principal + 100 WHERE id = {LOAN}",),
        " says ",
    ),
    "a loan whose payout nobody took back": (
        (f"UPDATE group_loans SET status = 'PENDING' WHERE id = {LOAN}",),
        ", the ledger paid out ",
    ),
    "instalments that are not what the loan asks": (
        (f"UPDATE group_loans SET total_amount_due = total_amount_due + 100 WHERE id = {LOAN}",),
        "The instalments of the loan of ",
    ),
    "an instalment that is gone": (
        (
            (
                "DELETE FROM loan_repayment_schedule WHERE id = (SELECT MAX(id)"
                f" FROM loan_repayment_schedule WHERE loan_id = {LOAN})"
            ),
        ),
        "The instalments of the loan of ",
    ),
    "a balance that is not its funds": (
        ("UPDATE group_cashbook SET ecd_fund_balance = ecd_fund_balance + 1",),
        "Box and bank of group ",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_every_way_to_be_wrong_is_told(practised: Database, name: str) -> None:
    statements, sentence = WRONG[name]
    with tampered(practised, *statements) as connection:
        found = verify(connection)
    assert not found.ok
    assert [each for each in found.ledger.wrong if sentence in each], found.ledger.wrong


def test_right_reversals_are_no_fault(practised: Database) -> None:
    with tampered(practised, reversal(PAYMENT, -1), line(NEWEST)) as connection:
        found = verify(connection)
    assert found.ledger.wrong == ()
    assert found.derived.wrong == ()


def test_the_books_of_other_programs_are_not_held_against_our_rules(practised: Database) -> None:
    spent = EXPENSE.format(amount=HUGE, kind="EXPENSE", direction="NULL", place="BOX")
    with tampered(practised, spent) as connection:
        found = verify(connection)
        entries = connection.execute(text("SELECT COUNT(*) FROM group_transactions")).scalar_one()
    assert found.ledger.wrong == ()
    assert found.ledger.checked == entries - 1


def test_money_is_told_in_the_groups_currency(practised_book: Database) -> None:
    statements, _ = WRONG["a bank below nought"]
    with tampered(practised_book, *statements) as connection:
        wrong = verify(connection).ledger.wrong
    # Whatever the group has at the bank, hundredths are told where its currency has them.
    assert re.search(r"bank of group \S+ held -\d+\.99 at", " ".join(wrong))


def test_a_wrong_derived_value_is_told_with_what_it_should_be(practised: Database) -> None:
    step = 100 if practised.dialect == "sqlite" else 1
    change = f"UPDATE savings_groups SET savings_balance = savings_balance + {step}"
    with tampered(practised, change) as connection:
        found = verify(connection)
    (wrong,) = found.derived.wrong
    assert (wrong.table, wrong.column) == ("savings_groups", "savings_balance")
    assert wrong.stored - wrong.expected == Decimal(1)


def test_references_that_lead_nowhere_are_told(practised_book: Database, tmp_path: Path) -> None:
    copy = tmp_path / "vsla.db"
    with (
        contextlib.closing(sqlite3.connect(practised_book.path or "")) as book,
        contextlib.closing(sqlite3.connect(copy)) as other,
    ):
        book.backup(other)
        other.execute("UPDATE meeting_attendance SET meeting_id = 4711 WHERE id = 1")
        other.execute("PRAGMA ignore_check_constraints = ON")
        other.execute("UPDATE group_members SET gender = 'unknown' WHERE id = 1")
        other.commit()
    opened = db.connect(f"sqlite:///{copy}")
    with opened.connection() as connection:
        found = verify(connection)
    opened.close()
    assert found.foreign_keys == (
        "Row 1 of meeting_attendance refers to a row of meetings that is not there.",
    )
    assert found.integrity == "CHECK constraint failed in group_members"
    assert not found.ok


def test_a_key_that_nobody_has_checked_is_told(practised_central: Database) -> None:
    change = (
        "ALTER TABLE users ADD CONSTRAINT odd_key FOREIGN KEY (id) REFERENCES users (id) NOT VALID"
    )
    with tampered(practised_central, change) as connection:
        found = verify(connection)
    assert found.foreign_keys == ("Nothing has checked the rows of users against odd_key.",)
    assert not found.ok


LAST = "(SELECT MAX(id) FROM meetings WHERE seal IS NOT NULL)"
TAKEN_OFF = {
    "its status set back": f"UPDATE meetings SET status = 'IN_PROGRESS' WHERE id = {LAST}",
    "its seal and status taken": (
        f"UPDATE meetings SET status = 'IN_PROGRESS', seal = NULL WHERE id = {LAST}"
    ),
    "all but the seal before": (
        "UPDATE meetings SET status = 'IN_PROGRESS', seal = NULL, closed_date = NULL"
        f" WHERE id = {LAST}"
    ),
    "all but the closing count": (
        "UPDATE meetings SET status = 'IN_PROGRESS', seal = NULL, closed_date = NULL,"
        f" previous_seal = NULL WHERE id = {LAST}"
    ),
    "closed without a seal": (
        "UPDATE meetings SET seal = NULL, previous_seal = NULL, closed_date = NULL"
        f" WHERE id = {LAST}"
    ),
    "open in the middle": (
        "UPDATE meetings SET status = 'IN_PROGRESS', seal = NULL, previous_seal = NULL,"
        f" closed_date = NULL WHERE id = {LAST.replace('MAX', 'MIN')}"
    ),
}


@pytest.mark.parametrize("how", TAKEN_OFF)
def test_a_seal_that_was_taken_off_is_told(practised: Database, how: str) -> None:
    with practised.write() as session:
        before = verify_seals(session, 1)
        session.execute(text(TAKEN_OFF[how]))
        gone = seals_taken_off(session)
        session.rollback()
    assert [each.broken for each in gone] == ["taken off"]
    assert gone[0].number in {before[0].number, before[-1].number}


def test_no_seal_was_taken_off_a_right_book(practised: Database) -> None:
    found = verify_all(practised)
    assert found.ok
    assert len(found.seals) == 8


DIRECT = (
    "UPDATE group_members SET savings_balance = 5",
    "UPDATE member_savings SET current_balance = 5, total_deposits = 7",
    "UPDATE savings_groups SET members_count = 99, loan_balance = 1",
    "UPDATE group_loans SET outstanding_balance = 1",
    "UPDATE loan_repayment_schedule SET is_paid = TRUE, payment_date = '2030-01-01'",
    "UPDATE meetings SET total_savings_collected = 1, quorum_met = NULL",
    "UPDATE group_cashbook SET balance_after = 4, loan_fund_balance = NULL",
)


def test_what_other_programs_write_into_derived_columns_is_named_and_repaired(
    practised: Database,
) -> None:
    """They are never refused: the check names what they left, and a repair settles it."""
    with practised.connection() as connection:
        right = connection.execute(text(BALANCES)).all()
    with practised.connection(writes=True) as connection:
        for statement in DIRECT:
            assert connection.execute(text(statement)).rowcount > 0
    with practised.connection() as connection:
        wrong = {(each.table, each.column) for each in verify(connection).derived.wrong}
    assert {
        ("group_members", "savings_balance"),
        ("member_savings", "current_balance"),
        ("savings_groups", "members_count"),
        ("group_loans", "outstanding_balance"),
        ("group_cashbook", "balance_after"),
    } <= wrong
    found = verify_all(practised, repair=True)
    assert {(each.table, each.column) for each in found.repaired} == wrong
    assert found.ok
    with practised.connection() as connection:
        assert connection.execute(text(BALANCES)).all() == right


BALANCES = (
    "SELECT g.savings_balance, g.loan_balance, g.members_count, m.savings_balance, c.balance_after"
    " FROM savings_groups g JOIN group_members m ON m.group_id = g.id"
    " JOIN group_cashbook c ON c.group_id = g.id ORDER BY m.id, c.id"
)
