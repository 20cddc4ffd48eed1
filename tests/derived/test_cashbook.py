"""Lines of the cashbook by other programs, or whose entry went, count in the right purse."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, select, update

from tests.derived.test_agreement import first_page
from vsla_desktop import derived
from vsla_desktop.db.verify import verify
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from vsla_desktop.db import Database

BOOK = Base.metadata.tables["group_cashbook"]
LEDGER = Base.metadata.tables["group_transactions"]


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """Connect to a database with two groups; the second has no money yet."""
    with database.engine.execution_options(writes=True).connect() as opened:
        for step in first_page():
            step.run(opened)
        yield opened
        opened.rollback()


def enter(
    connection: Connection,
    key: int,
    kind: str,
    fund: str | None,
    line: Any = None,
    balance: Decimal = Decimal(7),
) -> None:
    """Write an entry of 100 and its line, as a program that knows no funds of lines does."""
    common = {
        "id": key,
        "group_id": 2,
        "transaction_date": first_page()[-1].rows[1]["transaction_date"],  # type: ignore[union-attr]
        "transaction_type": kind,
        "amount": Decimal(100),
    }
    connection.execute(insert(LEDGER).values(**common, fund_type=fund))
    connection.execute(
        insert(BOOK).values(
            **common,
            group_transaction_id=key,
            description="",
            balance_after=balance,
            transaction_reference=f"R-{key}",
            fund_type=line,
        )
    )


def balances(connection: Connection, key: int) -> dict[str, Decimal]:
    """Return what is in each purse after a line, of those with something in them."""
    names = [f"{each}_fund_balance" for each in ("personal", "ecd", "social", "target", "loan")]
    row = connection.execute(select(*(BOOK.c[each] for each in names)).where(BOOK.c.id == key))
    return {name: value for name, value in row.mappings().one().items() if value}


def test_a_line_between_others_that_leaves_nothing_is_counted_once(connection: Connection) -> None:
    """As it comes from another laptop: a line made with the balance that it turns out to have."""
    for key in (50, 52):
        enter(connection, key, "SAVINGS_DEPOSIT", "ECD")
    enter(connection, 51, "SAVINGS_WITHDRAWAL", "ECD", balance=Decimal(0))
    assert balances(connection, 51) == {}
    assert balances(connection, 52) == {"ecd_fund_balance": Decimal(100)}
    assert derived.differences(connection) == []


def test_a_line_without_a_fund_counts_in_the_fund_of_its_entry(connection: Connection) -> None:
    enter(connection, 50, "SAVINGS_DEPOSIT", "ECD")
    assert balances(connection, 50) == {"ecd_fund_balance": Decimal(100)}
    enter(connection, 51, "SOCIAL_CONTRIBUTION", None)
    assert balances(connection, 51) == {
        "ecd_fund_balance": Decimal(100),
        "social_fund_balance": Decimal(100),
    }
    assert derived.differences(connection) == []


def test_the_line_follows_when_its_entry_moves_to_another_fund(connection: Connection) -> None:
    enter(connection, 50, "SAVINGS_DEPOSIT", "ECD")
    enter(connection, 51, "SAVINGS_DEPOSIT", "ECD", "TARGET")
    connection.execute(update(LEDGER).where(LEDGER.c.id.in_([50, 51])).values(fund_type="SOCIAL"))
    assert balances(connection, 51) == {
        "social_fund_balance": Decimal(100),
        # A line that names its own fund stays there.
        "target_fund_balance": Decimal(100),
    }
    connection.execute(update(LEDGER).where(LEDGER.c.id == 50).values(fund_type=None))
    assert balances(connection, 50) == {"loan_fund_balance": Decimal(100)}
    assert derived.differences(connection) == []


def test_a_line_follows_to_the_entry_that_it_is_linked_to_later(connection: Connection) -> None:
    enter(connection, 50, "SAVINGS_DEPOSIT", "ECD")
    connection.execute(update(BOOK).where(BOOK.c.id == 50).values(group_transaction_id=None))
    assert balances(connection, 50) == {"loan_fund_balance": Decimal(100)}
    connection.execute(update(BOOK).where(BOOK.c.id == 50).values(group_transaction_id=50))
    assert balances(connection, 50) == {"ecd_fund_balance": Decimal(100)}
    assert derived.differences(connection) == []


def test_a_line_whose_entry_went_is_named(connection: Connection) -> None:
    enter(connection, 50, "SOCIAL_CONTRIBUTION", "SOCIAL", "SOCIAL")
    enter(connection, 51, "SOCIAL_CONTRIBUTION", "SOCIAL")
    connection.execute(update(BOOK).where(BOOK.c.id == 51).values(group_transaction_id=None))
    assert not [each for each in verify(connection).ledger.wrong if "has no entry" in each]
    connection.execute(delete(LEDGER).where(LEDGER.c.id == 50))
    found = [each for each in verify(connection).ledger.wrong if "has no entry" in each]
    assert found == ["Line R-50 of the cashbook has no entry in the ledger any more."]
    assert derived.differences(connection) == []
