"""What was entered at a meeting, one thing after the other, as its rows tell it.

An entry that was changed is reversed and posted anew, so the ledger of the meeting holds every
value that a cell ever had. A mark of the roll call and a fine keep their last value alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import bindparam, or_, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import POSTING_RULES, Fund, PostingType
from vsla_desktop.queries.advances import IS_LET_OFF
from vsla_desktop.queries.cells import REPAYMENT_PARTS
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    ATTENDANCE,
    FINES,
    LEDGER,
    LOANS,
    SAVING_TYPES,
    SAVINGS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session


RowKey: TypeAlias = tuple[str, int]
"""Which row of the book something was written as: its kind and its id."""


@dataclass(frozen=True, slots=True)
class LoanEntered:
    """What was said of a loan beside its amount; others than the first stand for it by name."""

    periods: int
    purpose: str
    guarantor_id: int | None
    other_guarantors: str


@dataclass(frozen=True, slots=True)
class MoneyEntered:
    """A cell of money that was set: what it held before and after, in money and in shares.

    A repayment is one cell, by the name of its principal. What is no member's has no
    ``member_id``: it is one entry, ``transaction_id``, and is here only while it stands. A ``loan``
    is as it was said last.
    """

    at: datetime
    member_id: int | None
    type: PostingType
    saving_code: str
    fund: Fund | None
    before: Decimal
    after: Decimal
    shares_before: int
    shares_after: int
    transaction_id: int
    loan: LoanEntered | None = None

    @property
    def key(self) -> RowKey:
        """The row that completed it."""
        return "entry", self.transaction_id


@dataclass(frozen=True, slots=True)
class Marked:
    """A member was marked in the roll call."""

    at: datetime
    member_id: int

    @property
    def key(self) -> RowKey:
        """The member's mark."""
        return "mark", self.member_id


@dataclass(frozen=True, slots=True)
class Fined:
    """A member was fined by hand."""

    at: datetime
    member_id: int
    amount: Decimal
    fine_id: int

    @property
    def key(self) -> RowKey:
        """The fine."""
        return "fine", self.fine_id


_SHARED_OUT = frozenset({PostingType.LOAN_REPAYMENT, PostingType.FINE_PAYMENT})

Entered: TypeAlias = MoneyEntered | Marked | Fined

_MONEY = (
    select(
        LEDGER.c.id,
        LEDGER.c.created_date,
        LEDGER.c.transaction_type,
        LEDGER.c.reverses_id,
        LEDGER.c.amount,
        LEDGER.c.member_id,
        LEDGER.c.fund_type,
        LEDGER.c.loan_id,
        LEDGER.c.fine_id,
        SAVINGS.c.shares_count,
        SAVING_TYPES.c.code.label("saving_code"),
        LOANS.c.term_months,
        LOANS.c.loan_purpose,
        LOANS.c.guarantor_member_id,
        LOANS.c.collateral_description,
    )
    .select_from(
        LEDGER.outerjoin(SAVINGS, SAVINGS.c.group_transaction_id == LEDGER.c.id)
        .outerjoin(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id)
        .outerjoin(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id)
        .outerjoin(LOANS, LOANS.c.id == LEDGER.c.loan_id)
    )
    .where(
        LEDGER.c.meeting_id == bindparam("meeting"),
        LEDGER.c.reason.is_(None),
        LEDGER.c.is_mobile_money.is_not(True),
        ~IS_LET_OFF,
    )
    .order_by(LEDGER.c.id)
)
_MARKS = select(ATTENDANCE.c.member_id, ATTENDANCE.c.created_date, ATTENDANCE.c.updated_date).where(
    ATTENDANCE.c.meeting_id == bindparam("meeting")
)
_BY_HAND = select(FINES.c.id, FINES.c.member_id, FINES.c.created_date, FINES.c.amount).where(
    FINES.c.meeting_id == bindparam("meeting"),
    FINES.c.waived_date.is_(None),
    or_(FINES.c.fine_type.is_(None), FINES.c.fine_type.not_in(("LATE_ARRIVAL", "ABSENCE"))),
)


def meeting_history(session: Session, meeting_id: int) -> tuple[Entered, ...]:
    """Return what was entered at a meeting, the first thing first."""
    connection = session.connection()
    wanted = {"meeting": meeting_id}
    found: list[Entered] = [
        Marked(row.updated_date or row.created_date, row.member_id)
        for row in connection.execute(_MARKS, wanted)
    ]
    found += [
        Fined(row.created_date, row.member_id, row.amount, row.id)
        for row in connection.execute(_BY_HAND, wanted)
    ]
    found += _money(connection.execute(_MONEY, wanted))
    return tuple(sorted(found, key=lambda entered: entered.at))


def _money(rows: Iterable[Any]) -> list[MoneyEntered]:
    """Every value of every cell, in the order in which the last row of each was written."""
    cells: dict[tuple[int, PostingType, str], list[Any]] = defaultdict(list)
    others: list[Any] = []
    undone: dict[int, Any] = {}
    for row in rows:
        if row.transaction_type == PostingType.REVERSAL:
            undone[row.reverses_id] = row
        elif row.transaction_type in POSTING_RULES:
            kind = PostingType(row.transaction_type)
            if row.member_id is None:
                others.append(row)
                continue
            cell = PostingType.LOAN_REPAYMENT if kind in REPAYMENT_PARTS else kind
            cells[row.member_id, cell, row.saving_code or ""].append(row)
    found = [
        (row.id, _entered(PostingType(row.transaction_type), row, (), (row,)))
        for row in others
        if row.id not in undone
    ]
    for (_member, kind, _code), posts in cells.items():
        found += _values(kind, posts, undone)
    return [entered for _id, entered in sorted(found, key=lambda each: each[0])]


def _values(
    kind: PostingType, posts: Sequence[Any], undone: dict[int, Any]
) -> Iterator[tuple[int, MoneyEntered]]:
    """The values of one cell, each with the id of the row that completed it.

    A value is one entry, or several where a payment is shared out over fines or the parts of loans.
    As it is shared out in a fixed order, the next value begins where a part comes again.
    """
    values: list[list[Any]] = []
    parts: set[Any] = set()
    for post in posts:
        part = (post.transaction_type, post.loan_id, post.fine_id)
        if not values or part in parts or kind not in _SHARED_OUT:
            values.append([])
            parts = set()
        values[-1].append(post)
        parts.add(part)
    before: list[Any] = []
    for after in values:
        yield after[-1].id, _entered(kind, after[-1], before, after)
        before = after
    reversal = undone.get(posts[-1].id)
    if reversal is not None:
        yield reversal.id, _entered(kind, posts[-1], before, [], at=reversal.created_date)


def _entered(
    kind: PostingType,
    last: Any,
    before: Sequence[Any],
    after: Sequence[Any],
    *,
    at: datetime | None = None,
) -> MoneyEntered:
    return MoneyEntered(
        at=at or last.created_date,
        member_id=last.member_id,
        type=kind,
        saving_code=last.saving_code or "",
        fund=Fund(last.fund_type) if last.fund_type else None,
        before=sum((row.amount for row in before), ZERO),
        after=sum((row.amount for row in after), ZERO),
        shares_before=sum(row.shares_count or 0 for row in before),
        shares_after=sum(row.shares_count or 0 for row in after),
        transaction_id=last.id,
        loan=_loan(last) if kind is PostingType.LOAN_DISBURSEMENT else None,
    )


def _loan(row: Any) -> LoanEntered:
    return LoanEntered(
        row.term_months,
        row.loan_purpose or "",
        row.guarantor_member_id,
        row.collateral_description or "",
    )
