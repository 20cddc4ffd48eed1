"""Two programs write to head office's database at once, under the same parent."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, text

from tests.db.books import fill_central
from tests.derived.steps import FIRST_DAY
from tests.derived.test_agreement import first_page
from vsla_desktop import derived
from vsla_desktop.db import connect
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from tests.support.postgres import PostgresServer
    from vsla_desktop.db import Database

TABLES = Base.metadata.tables
PATIENCE_SECONDS = 30


def fill(url: str) -> None:
    """Give a central database two groups."""
    fill_central(url)
    central = connect(url)
    with central.connection() as connection:
        for step in first_page():
            step.run(connection)
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{step.table}', 'id'),"  # noqa: S608
                    f" (SELECT MAX(id) FROM {step.table}))"
                )
            )
    central.close()


@pytest.fixture
def filled(postgres_server: PostgresServer) -> Iterator[Database]:
    """Open a central database with two groups."""
    with postgres_server.database(template=postgres_server.template("two groups", fill)) as url:
        central = connect(url)
        yield central
        central.close()


@pytest.fixture
def other() -> Iterator[ThreadPoolExecutor]:
    """Lend the thread of a second program."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


def entry(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "group_id": 1,
        "amount": Decimal("12.50"),
        "transaction_type": kind,
        "transaction_date": FIRST_DAY,
        **more,
    }


DEPOSIT = {
    "member_saving_id": 1,
    "amount": Decimal("12.50"),
    "transaction_type": "DEPOSIT",
    "transaction_date": date(2025, 3, 1),
}
ROLL = {"group_id": 1, "meeting_id": 2, "is_present": True, "meeting_date": date(2025, 2, 3)}
LINE = {
    "group_id": 1,
    "transaction_date": FIRST_DAY,
    "transaction_type": "OTHER_INCOME",
    "amount": Decimal(5),
    "description": "",
}

# What two programs add at the same time: (table, one's row, the other's).
BOTH: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "two members in one roll call": (
        "meeting_attendance",
        {**ROLL, "member_id": 3},
        {**ROLL, "member_id": 1, "meeting_date": date(2025, 3, 1), "is_present": False},
    ),
    "two meetings of one member": (
        "meeting_attendance",
        {**ROLL, "member_id": 1, "meeting_date": date(2025, 3, 1)},
        {**ROLL, "member_id": 1, "meeting_date": date(2025, 3, 8), "is_present": False},
    ),
    "two deposits to one account": (
        "saving_transactions",
        DEPOSIT,
        {**DEPOSIT, "transaction_date": date(2025, 3, 8)},
    ),
    "deposits of two members of one group": (
        "saving_transactions",
        DEPOSIT,
        {**DEPOSIT, "member_saving_id": 3},
    ),
    "two payments of one loan": (
        "group_transactions",
        entry("LOAN_REPAYMENT", loan_id=1, meeting_id=1),
        entry("LOAN_CHARGE", loan_id=1, meeting_id=1),
    ),
    "two payments of one fine": (
        "group_transactions",
        entry("FINE_PAYMENT", fine_id=2),
        entry("FINE_PAYMENT", fine_id=2, transaction_date=date(2025, 3, 1)),
    ),
    "two lines of one cashbook": (
        "group_cashbook",
        LINE,
        {**LINE, "transaction_date": date(2025, 1, 1)},
    ),
    "two parts in one activity": (
        "member_activity_participation",
        {"activity_id": 1, "member_id": 3, "is_present": True, "amount_contributed": Decimal(7)},
        {"activity_id": 1, "member_id": 4, "is_present": True, "amount_contributed": Decimal(8)},
    ),
    "two new members of one group": (
        "group_members",
        {"group_id": 1, "first_name": "Aline", "last_name": "U", "gender": "F"},
        {"group_id": 1, "first_name": "Jean", "last_name": "B", "gender": "M"},
    ),
}


def add(database: Database, table: str, row: dict[str, Any]) -> None:
    with database.connection() as connection:
        connection.execute(insert(TABLES[table]).values(row))


def wait_until_blocked(database: Database, connection: Connection, job: Future[None]) -> bool:
    """Return whether the other program waits for what ``connection`` has locked."""
    own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    waiting = text("SELECT COUNT(*) FROM pg_locks WHERE :own = ANY (pg_blocking_pids(pid))")
    end = time.monotonic() + PATIENCE_SECONDS
    while not job.done() and time.monotonic() < end:
        with database.connection() as watcher:
            if watcher.execute(waiting, {"own": own}).scalar_one():
                return True
    return False


@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("name", BOTH)
def test_neither_overwrites_what_the_other_added(
    filled: Database, other: ThreadPoolExecutor, name: str, end: str
) -> None:
    table, mine, theirs = BOTH[name]
    with filled.engine.connect() as connection:
        connection.execute(insert(TABLES[table]).values(mine))
        job = other.submit(add, filled, table, theirs)
        wait_until_blocked(filled, connection, job)
        getattr(connection, end)()
        job.result(PATIENCE_SECONDS)
    with filled.connection() as connection:
        assert derived.differences(connection) == []


def test_the_other_does_wait(filled: Database, other: ThreadPoolExecutor) -> None:
    """Else the tests above would only show one after the other."""
    with filled.engine.connect() as connection:
        connection.execute(insert(TABLES["saving_transactions"]).values(DEPOSIT))
        job = other.submit(add, filled, "saving_transactions", DEPOSIT)
        assert wait_until_blocked(filled, connection, job)
        connection.commit()
        job.result(PATIENCE_SECONDS)


def test_many_small_deposits_at_once_add_up(filled: Database) -> None:
    accounts = TABLES["member_savings"]
    with ThreadPoolExecutor(4) as pool:
        for job in [
            pool.submit(add, filled, "saving_transactions", {**DEPOSIT, "member_saving_id": key})
            for key in (1, 2, 3, 4) * 10
        ]:
            job.result(PATIENCE_SECONDS)
    with filled.connection() as connection:
        assert derived.differences(connection) == []
        balances = connection.execute(
            select(accounts.c.id, accounts.c.current_balance).order_by(accounts.c.id)
        ).all()
    # 100 - 30, nothing yet, nothing, 15; and ten deposits of 12.50 each.
    assert [tuple(row) for row in balances] == [
        (1, Decimal(195)),
        (2, Decimal(125)),
        (3, Decimal(125)),
        (4, Decimal(140)),
    ]


def test_statements_that_touch_the_same_parents_in_opposite_order_do_not_lock_each_other_out(
    filled: Database,
) -> None:
    with filled.connection() as connection:
        members = connection.execute(
            insert(TABLES["group_members"]).returning(TABLES["group_members"].c.id),
            [
                {"group_id": 2, "first_name": f"M{key}", "last_name": "", "gender": "F"}
                for key in range(40)
            ],
        ).scalars()
        accounts = list(
            connection.execute(
                insert(TABLES["member_savings"]).returning(TABLES["member_savings"].c.id),
                [{"member_id": member, "saving_type_id": 1} for member in members.all()],
            ).scalars()
        )

    def save(keys: list[int]) -> None:
        with filled.connection() as connection:
            connection.execute(
                insert(TABLES["saving_transactions"]).values(
                    [{**DEPOSIT, "member_saving_id": key} for key in keys]
                )
            )

    with ThreadPoolExecutor(4) as pool:
        for job in [pool.submit(save, keys) for keys in (accounts, accounts[::-1]) * 10]:
            job.result(PATIENCE_SECONDS)
    with filled.connection() as connection:
        assert derived.differences(connection) == []
