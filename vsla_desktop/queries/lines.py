"""Entries of the ledger as a page of the book shows them: an entry that was replaced is not there.

Within its own meeting an entry is replaced by a reversal without a reason and a new entry. Only the
new one is shown; a correction, which has a reason, is always shown with what it corrects.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, exists, or_, select

from vsla_desktop.domain.postings import POSTING_RULES, Fund, PostingType
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    CASHBOOK,
    LEDGER,
    MEETINGS,
    MEMBERS,
    SAVING_TYPES,
    SAVINGS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Select
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One entry. ``effect`` is what it added to its fund, ``bank`` to the bank.

    ``account_amount`` is what moved on the member's account, which may be another amount: a payout
    clears shares at their face value. Shares with an ``activity_id`` were caught up. ``type`` of
    a reversal is the type that it reverses.
    ``reverses`` is the reference of the entry that it undoes; ``reversed_by`` that of the
    correction that undid this entry, empty while it stands.
    """

    transaction_id: int
    reference: str
    day: date
    meeting_id: int | None
    meeting_number: int | None
    cycle_id: int | None
    type: PostingType
    is_reversal: bool
    is_correction: bool
    fund: Fund
    amount: Decimal
    effect: Decimal
    bank: Decimal
    member_id: int | None
    member_number: int | None
    member_name: str
    loan_id: int | None
    fine_id: int | None
    activity_id: int | None
    saving_code: str
    shares_count: int | None
    account_amount: Decimal | None
    description: str
    category: str
    reason: str
    is_mobile_money: bool
    is_pending: bool
    reverses: str
    reverses_day: date | None
    reversed_by: str
    reversed_day: date | None


_reversing = LEDGER.alias("reversing")
_original = LEDGER.alias("original")

IS_SHOWN = and_(
    or_(LEDGER.c.transaction_type != "REVERSAL", LEDGER.c.reason.is_not(None)),
    ~exists().where(_reversing.c.reverses_id == LEDGER.c.id, _reversing.c.reason.is_(None)),
)
"""Leaves out entries that were replaced within their meeting, and what replaced them."""

_corrected = LEDGER.alias("corrected")

_LINES = (
    select(
        LEDGER,
        MEETINGS.c.meeting_number,
        MEMBERS.c.member_number,
        MEMBERS.c.first_name,
        MEMBERS.c.last_name,
        SAVINGS.c.shares_count,
        SAVINGS.c.amount.label("account_amount"),
        SAVING_TYPES.c.code.label("saving_code"),
        CASHBOOK.c.signed_amount,
        CASHBOOK.c.bank_amount,
        _original.c.reference_number.label("reverses"),
        _original.c.transaction_date.label("reverses_day"),
        _corrected.c.reference_number.label("reversed_by"),
        _corrected.c.transaction_date.label("reversed_day"),
    )
    .select_from(
        LEDGER.outerjoin(MEETINGS, MEETINGS.c.id == LEDGER.c.meeting_id)
        .outerjoin(MEMBERS, MEMBERS.c.id == LEDGER.c.member_id)
        .outerjoin(SAVINGS, SAVINGS.c.group_transaction_id == LEDGER.c.id)
        .outerjoin(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id)
        .outerjoin(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id)
        .outerjoin(CASHBOOK, CASHBOOK.c.group_transaction_id == LEDGER.c.id)
        .outerjoin(_original, _original.c.id == LEDGER.c.reverses_id)
        .outerjoin(_corrected, _corrected.c.reverses_id == LEDGER.c.id)
    )
    .where(IS_SHOWN)
    .order_by(LEDGER.c.transaction_date, LEDGER.c.reference_number, LEDGER.c.id)
)
_ONE = _LINES.where(LEDGER.c.id == bindparam("entry"))
_OF_MEETING = _LINES.where(LEDGER.c.meeting_id == bindparam("meeting"))
_OF_MEMBER = _LINES.where(LEDGER.c.member_id == bindparam("member"))
_OF_GROUP = _LINES.where(
    LEDGER.c.group_id == bindparam("of_group"),
    LEDGER.c.transaction_date >= bindparam("since"),
    LEDGER.c.transaction_date <= bindparam("until"),
)


def entry_line(session: Session, transaction_id: int) -> LedgerLine | None:
    """Return one entry; None for one that was replaced in its meeting, or is not in the book."""
    found = _lines(session, _ONE, {"entry": transaction_id})
    return found[0] if found else None


def meeting_lines(session: Session, meeting_id: int) -> tuple[LedgerLine, ...]:
    """Return the entries of a meeting that stand, and its corrections, in order of entry."""
    return _lines(session, _OF_MEETING, {"meeting": meeting_id})


def member_lines(session: Session, member_id: int) -> tuple[LedgerLine, ...]:
    """Return the entries of a member, with all corrections, in order of entry."""
    return _lines(session, _OF_MEMBER, {"member": member_id})


def group_lines(
    session: Session, group_id: int, since: date = date.min, until: date = date.max
) -> tuple[LedgerLine, ...]:
    """Return the entries of a group in a range of days, in the order of its cashbook."""
    return _lines(session, _OF_GROUP, {"of_group": group_id, "since": since, "until": until})


def _lines(
    session: Session, statement: Select[Any], wanted: dict[str, Any]
) -> tuple[LedgerLine, ...]:
    return tuple(_all(session.connection().execute(statement, wanted)))


def _all(rows: Iterable[Any]) -> Iterable[LedgerLine]:
    for row in rows:
        said = row.reversed_type or row.transaction_type
        kind = PostingType(said) if said in POSTING_RULES else _nearest(row)
        yield LedgerLine(
            transaction_id=row.id,
            reference=row.reference_number or "",
            day=row.transaction_date,
            meeting_id=row.meeting_id,
            meeting_number=row.meeting_number,
            cycle_id=row.cycle_id,
            type=kind,
            is_reversal=row.transaction_type == PostingType.REVERSAL,
            is_correction=row.reason is not None and kind is not PostingType.CASH_DIFFERENCE,
            fund=Fund(row.fund_type or _fund(said)),
            amount=row.amount,
            effect=row.signed_amount if row.signed_amount is not None else row.amount * 0,
            bank=row.bank_amount if row.bank_amount is not None else row.amount * 0,
            member_id=row.member_id,
            member_number=row.member_number,
            member_name=f"{row.first_name or ''} {row.last_name or ''}".strip(),
            loan_id=row.loan_id,
            fine_id=row.fine_id,
            activity_id=row.activity_id,
            saving_code=row.saving_code or "",
            shares_count=row.shares_count,
            account_amount=row.account_amount,
            description=row.description or "",
            category=row.category or "",
            reason=row.reason or "",
            is_mobile_money=bool(row.is_mobile_money),
            is_pending=bool(row.is_mobile_money) and row.verification_status == "PENDING",
            reverses=row.reverses or "",
            reverses_day=row.reverses_day,
            reversed_by=row.reversed_by or "",
            reversed_day=row.reversed_day,
        )


def _nearest(row: Any) -> PostingType:
    """Name an entry of another program's kind by the way its money went."""
    came_in = row.signed_amount is None or row.signed_amount >= 0
    return PostingType.OTHER_INCOME if came_in else PostingType.EXPENSE


def _fund(said: str) -> str:
    return Fund.SOCIAL if said.startswith("SOCIAL") else Fund.LOAN_FUND
