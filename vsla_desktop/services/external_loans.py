"""Loans from outside: what a bank, a programme or a person lends the group, and what is paid back.

Principal is EXTERNAL_LOAN_IN and EXTERNAL_LOAN_OUT; what the loan costs is an EXPENSE. Each row
names the lender in a column of its own. Rows that name a member are no such loans but debts to
members who left: see :mod:`vsla_desktop.services.leaving`. docs/rules.md#loans-from-outside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.identifiers import check_name
from vsla_desktop.domain.kinds import ExpenseKind
from vsla_desktop.domain.money import ZERO, check_amount, plain_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.funds_debts import lender_of
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.services.ledger import post, post_all
from vsla_desktop.services.postings import BOX, Entry, Posting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock

LONGEST_LENDER = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowing:
    """What a lender gives: the amount, what it costs in all, and the day to pay it back by.

    ``held_in`` BANK says that it came to the bank account.
    """

    lender: str
    amount: Decimal
    charge: Decimal = ZERO
    due_date: date | None = None
    held_in: str = BOX


def borrow_outside(
    session: Session,
    meeting_id: int,
    borrowing: Borrowing,
    *,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Take a loan from outside into the loan fund, at an open meeting.

    The charge is agreed, not paid: it is written down when it is. A lender who is known keeps the
    spelling of the first time. Raise :class:`RuleBroken` without a lender, and for a day to pay by
    that has passed.
    """
    page = writable_page(session, meeting_id)
    check_amount(borrowing.amount, page.currency)
    check_amount(borrowing.charge, page.currency, field="charge", zero_allowed=True)
    if borrowing.due_date is not None and borrowing.due_date <= page.day:
        raise RuleBroken("Choose a day after the meeting.", field="due_date")
    name = check_name(borrowing.lender, field="lender", most=LONGEST_LENDER)
    known = lender_of(session, page.group_id, name)
    lender = known.lender if known is not None else name
    posting = Posting(
        PostingType.EXTERNAL_LOAN_IN,
        Fund.LOAN_FUND,
        borrowing.amount,
        due_date=borrowing.due_date,
        charge_amount=borrowing.charge or None,
    )
    whose = _of(posting, lender, borrowing.held_in)
    return post(session, page, whose, clock=clock, by=by)


def repay_outside(
    session: Session,
    meeting_id: int,
    lender: str,
    *,
    principal: Decimal = ZERO,
    charge: Decimal = ZERO,
    held_in: str = BOX,
    clock: Clock,
    by: int | None = None,
) -> tuple[Entry, ...]:
    """Pay a lender back: principal and charge are two entries. ``lender`` "" was never named.

    Raise :class:`RuleBroken` for more of either than is still owed, and for nothing at all.
    """
    page = writable_page(session, meeting_id)
    check_amount(principal, page.currency, field="principal", zero_allowed=True)
    check_amount(charge, page.currency, field="charge", zero_allowed=True)
    owed = lender_of(session, page.group_id, lender)
    if owed is None:
        raise RuleBroken("Choose a lender.", field="lender")
    if not principal and not charge:
        raise RuleBroken("Enter what is paid back.", field="principal")
    if principal > owed.owed:
        raise RuleBroken(
            "Pay at most {most}.",
            hint="This pays the loan back.",
            field="principal",
            most=_plain(owed.owed),
        )
    if charge > owed.charge_owed:
        raise RuleBroken(
            "Pay at most {most}.",
            hint="Enter what it cost beyond that as an expense.",
            field="charge",
            most=_plain(owed.charge_owed),
        )
    parts = []
    if principal:
        out = Posting(PostingType.EXTERNAL_LOAN_OUT, Fund.LOAN_FUND, principal, field="principal")
        parts.append(_of(out, owed.lender, held_in))
    if charge:
        kind = ExpenseKind.LOAN_CHARGE.value
        cost = Posting(PostingType.EXPENSE, Fund.LOAN_FUND, charge, category=kind, field="charge")
        parts.append(_of(cost, owed.lender, held_in))
    return post_all(session, page, parts, clock=clock, by=by)


def _of(posting: Posting, lender: str, held_in: str) -> Posting:
    """Return a posting about a lender, who is named in a column of its own and in the cashbook."""
    return replace(posting, lender=lender or None, held_in=held_in, description=lender)


def _plain(amount: Decimal) -> str:
    return plain_amount(amount) if amount else "0"
