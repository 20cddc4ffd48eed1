"""What can happen to the rows: one statement each, for a real database and for the plain book."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from sqlalchemy import delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from tests.derived.plain import PlainBook, Row
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from sqlalchemy import Connection

FIRST_DAY = date(2025, 1, 6)
FUNDS = ("PERSONAL", "ECD", "SOCIAL", "TARGET", "LOAN_FUND")
KINDS = (
    *("SAVINGS_DEPOSIT", "SAVINGS_WITHDRAWAL", "SOCIAL_CONTRIBUTION", "SOCIAL_GRANT"),
    *("FINE_PAYMENT", "LOAN_DISBURSEMENT", "LOAN_REPAYMENT", "LOAN_CHARGE", "LOAN_PENALTY"),
    *("LOAN_WRITE_OFF", "EXPENSE", "BANK_DEPOSIT", "BANK_WITHDRAWAL", "REVERSAL"),
    "WRITTEN_BY_ANOTHER_PROGRAM",
)

amounts = st.one_of(
    st.sampled_from([Decimal("0.01"), Decimal(10), Decimal(50), Decimal("33.33")]),
    st.integers(1, 100_000_00).map(lambda cents: Decimal(cents) / 100),
)
amounts_or_nothing = st.none() | st.just(Decimal(0)) | amounts
days = st.integers(0, 6).map(lambda number: FIRST_DAY + timedelta(days=number))
flags = st.booleans()
maybe = st.none() | flags
statuses = st.sampled_from(["VERIFIED", "PENDING", "REJECTED", None])

# What a step may write into a table. A name of a table stands for a reference to one of its rows,
# with a question mark for one that may be empty.
Values = st.SearchStrategy[Any] | str
COLUMNS: dict[str, dict[str, Values]] = {
    "users": {},
    "savings_groups": {"created_by": "users", "chair_member_id": "group_members?"},
    "group_settings": {
        "group_id": "savings_groups",
        "loan_min_attendance": st.sampled_from([Decimal(0), Decimal("33.33"), Decimal(50)]),
        "loan_min_savings": st.just(Decimal(0)) | amounts,
    },
    "group_members": {
        "group_id": "savings_groups",
        "user_id": "users?",
        "is_active": maybe,
        "status": st.sampled_from(["ACTIVE", "INACTIVE", "SUSPENDED", None]),
    },
    "member_savings": {
        "member_id": "group_members",
        "saving_type_id": st.integers(1, 4),
        "target_amount": amounts_or_nothing,
    },
    "meetings": {
        "group_id": "savings_groups",
        "quorum_required": st.none() | st.integers(0, 4),
        "chairperson_id": "group_members?",
    },
    "meeting_activities": {"meeting_id": "meetings", "conducted_by": "group_members?"},
    "member_fines": {
        "member_id": "group_members",
        "amount": amounts,
        "meeting_id": "meetings?",
    },
    "group_loans": {
        "group_id": "savings_groups",
        "member_id": "group_members",
        "principal": amounts,
        "total_amount_due": amounts,
        "status": st.sampled_from(
            ["PENDING", "APPROVED", "DISBURSED", "ACTIVE", "COMPLETED", "DEFAULTED", None]
        ),
        "meeting_id": "meetings?",
    },
    "loan_repayment_schedule": {
        "loan_id": "group_loans",
        "installment_number": st.integers(1, 4),
        "due_date": days,
        "total_amount": st.just(Decimal(0)) | amounts,
        "late_fee_amount": amounts_or_nothing,
    },
    "group_transactions": {
        "group_id": "savings_groups",
        "member_id": "group_members?",
        "loan_id": "group_loans?",
        "fine_id": "member_fines?",
        "meeting_id": "meetings?",
        "activity_id": "meeting_activities?",
        "amount": amounts,
        "transaction_type": st.sampled_from(KINDS),
        "reversed_type": st.none() | st.sampled_from(KINDS),
        "transaction_date": st.none() | days,
        "fund_type": st.none() | st.sampled_from(FUNDS),
        "is_mobile_money": maybe,
        "verification_status": statuses,
        "direction": st.sampled_from([None, 1, -1, 0]),
        "held_in": st.sampled_from([None, "BOX", "BANK"]),
    },
    "group_cashbook": {
        "group_id": "savings_groups",
        "transaction_date": days,
        "transaction_type": st.sampled_from(KINDS),
        "amount": amounts,
        "transaction_reference": st.sampled_from([None, "", "B", "a", "é", "A-2", "A-10"]),
        "group_transaction_id": "group_transactions?",
        "fund_type": st.none() | st.sampled_from(FUNDS),
        "member_id": "group_members?",
    },
    "saving_transactions": {
        "member_saving_id": "member_savings",
        "amount": amounts,
        "transaction_type": st.sampled_from(["DEPOSIT", "WITHDRAWAL"]),
        "transaction_date": st.none() | days,
        "is_mobile_money": maybe,
        "verification_status": statuses,
        "is_reversal": flags,
        "group_transaction_id": "group_transactions?",
        "meeting_id": "meetings?",
    },
    "meeting_attendance": {
        "group_id": "savings_groups",
        "member_id": "group_members",
        "meeting_date": days,
        "is_present": maybe,
        "meeting_id": "meetings?",
        "attendance_status": st.sampled_from([None, "PRESENT", "ABSENT", "REPRESENTED"]),
        "corrected_status": st.sampled_from([None, "PRESENT", "LATE", "ABSENT"]),
        "corrected_meeting_id": "meetings?",
    },
    "member_activity_participation": {
        "activity_id": "meeting_activities",
        "member_id": "group_members",
        "is_present": maybe,
        "amount_contributed": amounts_or_nothing,
        "payment_method": st.sampled_from([None, "CASH", "MOBILE_MONEY"]),
        "verification_status": statuses,
    },
}
UNIQUES = {
    "group_members": ("group_id", "user_id"),
    "group_settings": ("group_id",),
    "member_savings": ("member_id", "saving_type_id"),
    "meeting_attendance": ("group_id", "member_id", "meeting_date"),
    "member_activity_participation": ("activity_id", "member_id"),
}

# What a table needs besides, and what other programs write into derived columns of theirs.
REST: dict[str, Callable[[int], Row]] = {
    "users": lambda key: {"username": f"u{key}", "email": f"e{key}", "password": ""},
    "savings_groups": lambda key: {
        "name": "Abizerwa",
        "group_code": f"G{key}",
        "region": "",
        "district": "",
        "parish": "",
        "village": "",
    },
    "group_members": lambda key: {"first_name": f"M{key}", "last_name": "", "gender": "F"},
    "meetings": lambda key: {"meeting_number": key, "meeting_date": FIRST_DAY},
    "meeting_activities": lambda _: {"activity_type": "SAVINGS", "activity_name": ""},
    "member_fines": lambda _: {"reason": "", "fine_type": "ABSENCE"},
    "group_loans": lambda _: {
        "interest_rate": Decimal("0.1"),
        "term_months": 3,
        "monthly_payment": Decimal(10),
        "outstanding_balance": Decimal(123),
    },
    "loan_repayment_schedule": lambda _: {
        "principal_amount": Decimal(1),
        "interest_amount": Decimal(0),
    },
    "group_cashbook": lambda key: {"description": "", "balance_after": Decimal(987 * (key % 2))},
}


def nothing_more(_key: int) -> Row:
    return {}


@dataclass(frozen=True)
class Insert:
    """Add rows by one statement."""

    table: str
    rows: dict[int, Row] = field(hash=False)

    def note(self, book: PlainBook) -> None:
        for key, row in self.rows.items():
            book.put(self.table, key, row)

    def run(self, connection: Connection) -> None:
        rest = REST.get(self.table, nothing_more)
        rows = [{"id": key, **rest(key), **row} for key, row in self.rows.items()]
        connection.execute(insert(Base.metadata.tables[self.table]).values(rows))


@dataclass(frozen=True)
class Update:
    """Write the same values into rows by one statement; ``add`` is added to what a row has."""

    table: str
    keys: tuple[int, ...]
    values: Row = field(hash=False)
    add: Row = field(hash=False, default_factory=dict)

    def note(self, book: PlainBook) -> None:
        for key in self.keys:
            row = book.rows[self.table][key]
            more = {name: (row[name] or 0) + value for name, value in self.add.items()}
            book.put(self.table, key, {**self.values, **more})

    def run(self, connection: Connection) -> None:
        table = Base.metadata.tables[self.table]
        more = {name: table.c[name] + value for name, value in self.add.items()}
        connection.execute(
            update(table).where(table.c.id.in_(self.keys)).values({**self.values, **more})
        )


@dataclass(frozen=True)
class Merge:
    """Add rows and write over those that are there, by one statement, as a sync does."""

    table: str
    rows: dict[int, Row] = field(hash=False)

    def note(self, book: PlainBook) -> None:
        for key, row in self.rows.items():
            book.put(self.table, key, row)
            # Keys are checked row by row, also within one statement.
            book.check_keys(UNIQUES)

    def run(self, connection: Connection) -> None:
        table = Base.metadata.tables[self.table]
        rest = REST.get(self.table, nothing_more)
        rows = [{"id": key, **rest(key), **row} for key, row in self.rows.items()]
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(table).values(rows)
        changes = {name: statement.excluded[name] for name in COLUMNS[self.table]}
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes))


@dataclass(frozen=True)
class Delete:
    """Take rows away by one statement; what belongs to them goes too."""

    table: str
    keys: tuple[int, ...]

    def note(self, book: PlainBook) -> None:
        book.remove(self.table, self.keys)

    def run(self, connection: Connection) -> None:
        table = Base.metadata.tables[self.table]
        connection.execute(delete(table).where(table.c.id.in_(self.keys)))


Step = Insert | Update | Merge | Delete


class Impossible(Exception):  # noqa: N818 - not an error: the step has nothing to refer to
    """A row would need another that is not there."""


@st.composite
def rows(draw: st.DrawFn, book: PlainBook, table: str, names: tuple[str, ...] = ()) -> Row:
    """Draw values for a row of a table, or for some of its columns."""
    row: Row = {}
    for name in names or tuple(COLUMNS[table]):
        values = COLUMNS[table][name]
        if isinstance(values, str):
            there = sorted(book.rows[values.removesuffix("?")])
            if values.endswith("?"):
                row[name] = draw(st.sampled_from([*there, None]))
            elif there:
                row[name] = draw(st.sampled_from(there))
            else:
                raise Impossible(table)
        else:
            row[name] = draw(values)
    return row


@st.composite
def steps(draw: st.DrawFn, book: PlainBook, new_id: int) -> Step:
    """Draw something that can happen to the rows as they are now."""
    kind = draw(st.sampled_from(["insert", "update", "update", "delete", "merge", "add"]))
    busy = [table for table in COLUMNS if COLUMNS[table]]
    filled = [table for table in busy if book.rows[table]]
    if kind == "insert":
        table = draw(st.sampled_from(busy))
        count = draw(st.integers(1, 4))
        return Insert(table, {new_id + number: draw(rows(book, table)) for number in range(count)})
    if not filled:
        raise Impossible(kind)
    table = draw(st.sampled_from(filled))
    keys = tuple(draw(st.lists(st.sampled_from(sorted(book.rows[table])), min_size=1, unique=True)))
    if kind == "delete":
        table = draw(st.sampled_from([*filled, *(["users"] if book.rows["users"] else [])]))
        return Delete(table, (draw(st.sampled_from(sorted(book.rows[table]))),))
    if kind == "merge":
        return Merge(table, {key: draw(rows(book, table)) for key in (*keys[:2], new_id)})
    if kind == "add":
        sums = {
            "saving_transactions": "amount",
            "group_transactions": "amount",
            "member_fines": "amount",
            "group_loans": "total_amount_due",
        }
        table = draw(st.sampled_from([each for each in sums if book.rows[each]] or ["users"]))
        if table == "users":
            raise Impossible(table)
        return Update(table, tuple(book.rows[table]), {}, {sums[table]: draw(amounts)})
    names = draw(
        st.lists(st.sampled_from(list(COLUMNS[table])), min_size=1, max_size=3, unique=True)
    )
    if set(names) & set(UNIQUES.get(table, ())):
        keys = keys[:1]
    return Update(table, keys, draw(rows(book, table, tuple(names))))
