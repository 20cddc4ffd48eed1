"""What the group owes outside: to lenders, and to members who left.

The two are told apart by the member: a row that names one is a debt to a member who left.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.queries.share_out import COUNTS, KIND
from vsla_desktop.queries.tables import LEDGER, MEMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_IN, _OUT = PostingType.EXTERNAL_LOAN_IN.value, PostingType.EXTERNAL_LOAN_OUT.value
_EXPENSE = PostingType.EXPENSE.value

_ROWS = (
    select(
        LEDGER,
        KIND.label("kind"),
        MEMBERS.c.member_number,
        MEMBERS.c.first_name,
        MEMBERS.c.last_name,
    )
    .select_from(LEDGER.outerjoin(MEMBERS, MEMBERS.c.id == LEDGER.c.member_id))
    .where(
        LEDGER.c.group_id == bindparam("of_group"),
        or_(KIND.in_((_IN, _OUT)), (KIND == _EXPENSE) & LEDGER.c.lender.is_not(None)),
        COUNTS,
    )
    .order_by(LEDGER.c.transaction_date, LEDGER.c.reference_number)
)


@dataclass(frozen=True, slots=True)
class Debt:
    """What the group borrowed from one lender, or owes one member who left (``member_id``).

    ``lender`` is empty for a debt of a book that did not name it. ``due_date`` is that of the
    oldest loan that is not paid back: what is paid back goes to the oldest first.
    """

    lender: str
    member_id: int | None
    member_number: int | None
    since: date
    borrowed: Decimal
    repaid: Decimal
    charge_agreed: Decimal
    charge_paid: Decimal
    due_date: date | None

    @property
    def owed(self) -> Decimal:
        """Principal that is still to be paid back: what counts as a debt of the group."""
        return self.borrowed - self.repaid

    @property
    def charge_owed(self) -> Decimal:
        """Charge that was agreed and is not paid; it is no debt in the share-out before it is."""
        return max(self.charge_agreed - self.charge_paid, ZERO)

    def is_overdue(self, on: date) -> bool:
        """Whether it should have been paid back before a day."""
        return self.due_date is not None and self.due_date < on


def debts_of(session: Session, group_id: int) -> tuple[Debt, ...]:
    """Return what a group borrowed and from whom, paid back or not; members who left come last."""
    found: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for row in session.connection().execute(_ROWS, {"of_group": group_id}):
        found[row.member_id or 0, _key(row.lender or "") if not row.member_id else ""].append(row)
    debts = [_debt(rows) for rows in found.values()]
    standing = [each for each in debts if each.borrowed or each.charge_paid]
    return tuple(sorted(standing, key=lambda each: (each.member_id is not None, each.since)))


def debt_owed(session: Session, group_id: int, member_id: int | None, lender: str) -> Decimal:
    """Return what is still owed to a lender, or to a member who left; nought for one unknown."""
    key = "" if member_id is not None else _key(lender)
    return sum(
        (
            each.owed
            for each in debts_of(session, group_id)
            if each.member_id == member_id and (member_id is not None or _key(each.lender) == key)
        ),
        ZERO,
    )


def lender_of(session: Session, group_id: int, name: str) -> Debt | None:
    """Return the account of a lender, whatever the capitals and spaces; None for a new one."""
    wanted = _key(name)
    lenders = (each for each in debts_of(session, group_id) if each.member_id is None)
    return next((each for each in lenders if _key(each.lender) == wanted), None)


def _debt(rows: Sequence[Any]) -> Debt:
    first = rows[0]
    undone = {row.reverses_id for row in rows if row.reverses_id is not None}
    loans = [row for row in rows if row.transaction_type == _IN and row.id not in undone]
    moved = {kind: _net(rows, kind) for kind in (_IN, _OUT, _EXPENSE)}
    repaid = -moved[_OUT]
    left, due = repaid, None
    for loan in loans:
        left -= loan.amount
        if left < 0:
            due = loan.due_date
            break
    name = f"{first.first_name or ''} {first.last_name or ''}".strip()
    return Debt(
        lender=name if first.member_id is not None else first.lender or "",
        member_id=first.member_id,
        member_number=first.member_number,
        since=first.transaction_date,
        borrowed=moved[_IN],
        repaid=repaid,
        charge_agreed=sum((loan.charge_amount or ZERO for loan in loans), ZERO),
        charge_paid=-moved[_EXPENSE],
        due_date=due,
    )


def _net(rows: Sequence[Any], kind: str) -> Decimal:
    return sum((row.direction * row.amount for row in rows if row.kind == kind), ZERO)


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()
