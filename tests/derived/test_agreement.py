"""SQLite, PostgreSQL and plain Python agree on every derived value, whatever happens."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.derived.plain import PlainBook, RefusedError
from tests.derived.steps import (
    COLUMNS,
    FIRST_DAY,
    UNIQUES,
    Impossible,
    Insert,
    Step,
    steps,
)
from vsla_desktop import derived
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from tests.derived.plain import Values
    from vsla_desktop.db import Database

TABLES = ("saving_types", *COLUMNS)
SAVING_TYPES = {1: "PERSONAL", 2: "ECD", 3: "SOCIAL", 4: "TARGET"}


class Seen:
    """The values that each derived column took."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], set[Any]] = {key: set() for key in derived.DERIVED}


class Trio:
    """Two real databases in a transaction each, and the plain book beside them."""

    def __init__(self, connections: list[Connection], seen: Seen) -> None:
        self.connections = connections
        self.seen = seen
        self.book = PlainBook(TABLES)
        for key, code in SAVING_TYPES.items():
            self.book.put("saving_types", key, {"code": code})
        self.new_id = 100

    def take(self, step: Step) -> None:
        """Do one thing everywhere, and compare."""
        tried = self.book.copy()
        try:
            step.note(tried)
            tried.check_keys(UNIQUES)
        except RefusedError:
            return
        self.book = tried
        self.new_id += 10
        for connection in self.connections:
            step.run(connection)
        self.compare()

    def compare(self) -> None:
        """Hold every derived value of both databases against the plain book."""
        expected = self.book.derived()
        for connection in self.connections:
            stands = stored(connection)
            for key in stands:
                assert stands[key] == expected.get(key, {}), (connection.dialect.name, key)
            assert stands.keys() >= expected.keys()
            assert derived.differences(connection) == []
        for key, values in expected.items():
            self.seen.values[key] |= set(values.values())


def stored(connection: Connection) -> Values:
    """Read every derived value; nothing is the same as nought, but for a day."""
    found: Values = {}
    by_table: dict[str, list[str]] = {}
    for name, column in sorted(derived.DERIVED):
        by_table.setdefault(name, []).append(column)
    for name, columns in by_table.items():
        table = Base.metadata.tables[name]
        empty = [None if "date" in each else 0 for each in columns]
        for column in columns:
            found[name, column] = {}
        for key, *values in connection.execute(
            select(table.c.id, *(table.c[each] for each in columns))
        ):
            for column, value, nothing in zip(columns, values, empty, strict=True):
                found[name, column][key] = nothing if value is None else value
    return found


def first_page() -> list[Step]:
    """Return what every history begins with: two groups, with something of everything."""
    day = FIRST_DAY
    steps: list[Step] = [
        Insert("users", {1: {}, 2: {}, 3: {}}),
        Insert(
            "savings_groups",
            {key: {"created_by": 1, "chair_member_id": None} for key in (1, 2)},
        ),
        Insert(
            "group_settings",
            {
                1: {
                    "group_id": 1,
                    "loan_min_attendance": Decimal("33.33"),
                    "loan_min_savings": Decimal(20),
                }
            },
        ),
        Insert(
            "group_members",
            {
                key: {"group_id": group, "user_id": user, "is_active": True, "status": "ACTIVE"}
                for key, group, user in ((1, 1, 2), (2, 1, None), (3, 1, 3), (4, 2, None))
            },
        ),
        Insert(
            "member_savings",
            {
                key: {"member_id": member, "saving_type_id": kind, "target_amount": Decimal(key)}
                for key, member, kind in ((1, 1, 1), (2, 1, 4), (3, 2, 1), (4, 4, 1))
            },
        ),
        Insert(
            "meetings",
            {
                key: {"group_id": group, "quorum_required": None, "chairperson_id": 1}
                for key, group in ((1, 1), (2, 1), (3, 2))
            },
        ),
        Insert(
            "meeting_attendance",
            {
                key: {
                    "group_id": 1,
                    "member_id": member,
                    "meeting_date": day + timedelta(days=7 * (meeting - 1)),
                    "is_present": present,
                    "meeting_id": meeting,
                    "attendance_status": "PRESENT" if present else "REPRESENTED",
                }
                for key, member, meeting, present in (
                    (1, 1, 1, True),
                    (2, 2, 1, True),
                    (3, 3, 1, False),
                    (4, 1, 2, True),
                    (5, 2, 2, False),
                )
            },
        ),
        Insert(
            "meeting_activities",
            {key: {"meeting_id": key, "conducted_by": 1} for key in (1, 2)},
        ),
        Insert(
            "member_activity_participation",
            {
                key: {
                    "activity_id": 1,
                    "member_id": member,
                    "is_present": True,
                    "amount_contributed": Decimal(25),
                    "payment_method": method,
                    "verification_status": "PENDING",
                }
                for key, member, method in ((1, 1, "CASH"), (2, 2, "MOBILE_MONEY"))
            },
        ),
        Insert(
            "member_fines",
            {key: {"member_id": key, "amount": Decimal(50), "meeting_id": 1} for key in (1, 2)},
        ),
        Insert(
            "group_loans",
            {
                key: {
                    "group_id": 1,
                    "member_id": key,
                    "principal": Decimal(300),
                    "total_amount_due": Decimal(330),
                    "status": "ACTIVE",
                    "meeting_id": 1,
                }
                for key in (1, 2)
            },
        ),
        Insert(
            "loan_repayment_schedule",
            {
                key: {
                    "loan_id": 1,
                    "installment_number": key,
                    "due_date": day + timedelta(days=key),
                    "total_amount": Decimal(110),
                    "late_fee_amount": Decimal(5),
                }
                for key in (1, 2, 3)
            },
        ),
    ]
    kinds = (
        ("SAVINGS_DEPOSIT", "PERSONAL", None, None, None),
        ("SAVINGS_DEPOSIT", "ECD", None, None, None),
        ("SAVINGS_DEPOSIT", "TARGET", None, None, None),
        ("SOCIAL_CONTRIBUTION", None, None, None, None),
        ("FINE_PAYMENT", None, None, 1, None),
        ("LOAN_DISBURSEMENT", "LOAN_FUND", 1, None, None),
        ("LOAN_REPAYMENT", None, 1, None, None),
        ("LOAN_CHARGE", None, 1, None, None),
        ("LOAN_PENALTY", None, 1, None, None),
        ("LOAN_WRITE_OFF", None, 2, None, None),
        ("BANK_DEPOSIT", "LOAN_FUND", None, None, None),
        ("REVERSAL", "LOAN_FUND", 1, None, "LOAN_CHARGE"),
    )
    ledger = {
        number: {
            "group_id": 1,
            "member_id": 1,
            "loan_id": loan,
            "fine_id": fine,
            "meeting_id": 1,
            "activity_id": None,
            "amount": Decimal(60 + 10 * number),
            "transaction_type": kind,
            "reversed_type": undone,
            "transaction_date": day + timedelta(days=number % 5),
            "fund_type": fund,
            "is_mobile_money": False,
            "verification_status": "VERIFIED",
            "direction": -1 if undone else None,
            "held_in": "BOX",
        }
        for number, (kind, fund, loan, fine, undone) in enumerate(kinds, start=1)
    }
    steps.append(Insert("group_transactions", ledger))
    steps.append(
        Insert(
            "group_cashbook",
            {
                number: {
                    "group_id": 1,
                    "transaction_date": row["transaction_date"],
                    "transaction_type": row["transaction_type"],
                    "amount": row["amount"],
                    "transaction_reference": f"A-{number}",
                    "group_transaction_id": number,
                    "fund_type": row["fund_type"],
                    "member_id": 1,
                }
                for number, row in ledger.items()
            },
        )
    )
    steps.append(
        Insert(
            "saving_transactions",
            {
                key: {
                    "member_saving_id": account,
                    "amount": Decimal(amount),
                    "transaction_type": kind,
                    "transaction_date": day + timedelta(days=key),
                    "is_mobile_money": mobile,
                    "verification_status": "PENDING",
                    "is_reversal": False,
                    "group_transaction_id": None,
                    "meeting_id": 1,
                }
                for key, account, amount, kind, mobile in (
                    (1, 1, 100, "DEPOSIT", False),
                    (2, 1, 30, "WITHDRAWAL", False),
                    (3, 2, 40, "DEPOSIT", True),
                    (4, 4, 15, "DEPOSIT", None),
                )
            },
        )
    )
    return steps


@pytest.fixture(scope="module")
def seen() -> Seen:
    """Collect the values that each derived column took."""
    return Seen()


@pytest.fixture
def connections(book: Database, central: Database) -> Iterator[list[Connection]]:
    """Connect to both databases."""
    with (
        book.engine.execution_options(writes=True).connect() as laptop,
        central.engine.connect() as centre,
    ):
        yield [laptop, centre]


def begin(connections: list[Connection], seen: Seen) -> Trio:
    """Begin a history; what the last one wrote is gone."""
    for connection in connections:
        connection.rollback()
    return Trio(connections, seen)


@given(data=st.data())
@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_both_databases_agree_with_plain_python_after_every_step(
    connections: list[Connection], seen: Seen, data: st.DataObject
) -> None:
    trio = begin(connections, seen)
    for step in first_page():
        step.note(trio.book)
        for connection in connections:
            step.run(connection)
    trio.compare()
    for _ in range(data.draw(st.integers(5, 25))):
        try:
            step = data.draw(steps(trio.book, trio.new_id))
        except Impossible:
            continue
        trio.take(step)


def test_every_derived_column_moved_in_those_histories(seen: Seen) -> None:
    """Else the comparison above would prove nothing about it."""
    assert {key for key in derived.DERIVED if len(seen.values[key]) < 2} == set()
