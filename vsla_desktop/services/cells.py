"""The cells of the meeting sheet: what a cell is set to replaces what it had posted.

A cell is one member's column of one meeting. Setting the value that it has does nothing; setting
nought takes back what it posted; anything else reverses that and posts anew, in one transaction.
The cash of the meeting is what a cell holds: mobile money and corrections of other meetings are
lines of their own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.money import ZERO, check_amount, plain_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.advances import advance_owed
from vsla_desktop.queries.cells import (
    DEPOSITS,
    FINES_PAID,
    LOANS,
    REPAYMENTS,
    SOCIAL,
    held_in_cell,
)
from vsla_desktop.queries.loans import OUT, loan_guarantors, loans_by_id, loans_of_member
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.shares import meeting_shares
from vsla_desktop.services import ledger
from vsla_desktop.services.fines import (
    BY_ROLL_CALL,
    adjust,
    charge,
    meeting_fines,
    owed_fines,
    pay_postings,
)
from vsla_desktop.services.loans import LoanTerms, change_loan, disburse_loan, take_back_loan
from vsla_desktop.services.postings import Entry, Posting, details
from vsla_desktop.services.repayments import repay, without
from vsla_desktop.services.savings import SHARES, saving_posting, saving_rule, shares_posting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.pages import Page


@dataclass(frozen=True, slots=True)
class CellSet:
    """What setting a cell wrote; nothing when it had the value already."""

    has_changed: bool
    entries: tuple[Entry, ...] = ()


UNCHANGED = CellSet(has_changed=False)


def set_shares(
    session: Session,
    meeting_id: int,
    member_id: int,
    count: int,
    *,
    clock: Clock,
    by: int | None = None,
) -> CellSet:
    """Set how many shares a member buys at the meeting."""
    page = writable_page(session, meeting_id, member_id)
    bought = meeting_shares(session, meeting_id, member_id)
    if count == bought.count:
        return UNCHANGED
    postings = []
    if count:
        postings = [
            shares_posting(session, page, member_id, count, replaced=bought.count, bought=bought)
        ]
    return _replaced(session, page, bought.standing, postings, clock, by)


def set_saving(
    session: Session,
    meeting_id: int,
    member_id: int,
    saving_type: str,
    amount: Decimal,
    *,
    clock: Clock,
    by: int | None = None,
) -> CellSet:
    """Set what a member saves at the meeting in another kind than shares."""
    page = writable_page(session, meeting_id, member_id)
    if saving_type == SHARES:
        raise RuleBroken("Enter shares as a number of shares.", field="saving_type")
    kind = saving_rule(session, page, saving_type, member_id).saving_type_id
    held = [
        row
        for row in held_in_cell(session, page, member_id, DEPOSITS)
        if row.saving_type_id == kind and row.shares_count is None
    ]
    if amount == _sum(held):
        return UNCHANGED
    check_amount(amount, page.currency, zero_allowed=True)
    postings = []
    if amount:
        replaced = _sum(held)
        postings = [
            saving_posting(session, page, member_id, saving_type, amount, replaced=replaced)
        ]
    return _replaced(session, page, [row.id for row in held], postings, clock, by)


def set_social(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    clock: Clock,
    by: int | None = None,
) -> CellSet:
    """Set what a member contributes to the social fund at the meeting."""
    return _set_plain(
        session, meeting_id, member_id, PostingType.SOCIAL_CONTRIBUTION, amount, clock, by
    )


def set_grant(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    reason: str = "",
    clock: Clock,
    by: int | None = None,
) -> CellSet:
    """Set what the social fund grants a member at the meeting."""
    return _set_plain(
        session, meeting_id, member_id, PostingType.SOCIAL_GRANT, amount, clock, by, reason
    )


def set_advance(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    reason: str = "",
    clock: Clock,
    by: int | None = None,
) -> CellSet:
    """Set what the social fund advances a member at the meeting."""
    return _set_plain(
        session, meeting_id, member_id, PostingType.SOCIAL_ADVANCE, amount, clock, by, reason
    )


def set_advance_repaid(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    clock: Clock,
    by: int | None = None,
) -> CellSet:
    """Set what a member pays back of advances; RuleBroken for more than is owed."""
    page = writable_page(session, meeting_id, member_id)
    held = held_in_cell(session, page, member_id, SOCIAL[PostingType.SOCIAL_ADVANCE_REPAYMENT])
    if amount == _sum(held):
        return UNCHANGED
    owed = advance_owed(session, member_id) + _sum(held)
    if amount > owed:
        raise RuleBroken(
            "Pay at most {most}.",
            hint="This pays all advances back.",
            field="amount",
            most=plain_amount(owed),
        )
    return _set_plain(
        session, meeting_id, member_id, PostingType.SOCIAL_ADVANCE_REPAYMENT, amount, clock, by
    )


def set_fine_charged(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    kind: FineType | None = None,
    clock: Clock,
    by: int | None = None,
) -> CellSet:
    """Set what a member is fined at the meeting: for one ``kind``, or in all without one.

    In all, the roll call's fines stand as long as they fit, and the rest is for disorder. Raise
    :class:`RuleBroken` below what is paid of these fines.
    """
    page = writable_page(session, meeting_id, member_id)
    fines = meeting_fines(session, meeting_id, member_id)
    if kind is not None:
        fines = [fine for fine in fines if fine.fine_type == kind.recorded_as]
    difference = amount - sum((fine.amount for fine in fines), ZERO)
    if not difference:
        return UNCHANGED
    check_amount(amount, page.currency, zero_allowed=True)
    # What people charged by hand changes first, the newest first; then the roll call's.
    fines.sort(key=lambda fine: (kind is None and fine.fine_type in BY_ROLL_CALL, -fine.id))
    if difference > 0:
        by_hand = [fine for fine in fines if kind or fine.fine_type not in BY_ROLL_CALL]
        if by_hand:
            adjust(session, by_hand[0], by_hand[0].amount + difference, clock)
        else:
            rules = rules_on(session, page)
            what = kind or FineType.MISCONDUCT
            charge(session, page, rules, member_id, what, difference, clock=clock, by=by)
        return CellSet(has_changed=True)
    less = -difference
    paid = sum((fine.paid_amount or ZERO for fine in fines), ZERO)
    if amount < paid:
        raise RuleBroken(
            "Enter at least {least}.",
            hint="So much of the fines is paid.",
            field="amount",
            least=plain_amount(paid),
        )
    for fine in fines:
        part = min(less, fine.amount - (fine.paid_amount or ZERO))
        if part:
            adjust(session, fine, fine.amount - part, clock)
            less -= part
    return CellSet(has_changed=True)


def set_fine_paid(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    clock: Clock,
    by: int | None = None,
) -> CellSet:
    """Set what a member pays of fines at the meeting, the oldest first, at most what is owed.

    Each part goes to the fund of its fine.
    """
    page = writable_page(session, meeting_id, member_id)
    held = held_in_cell(session, page, member_id, FINES_PAID)
    if amount == _sum(held):
        return UNCHANGED
    check_amount(amount, page.currency, zero_allowed=True)
    given_back: dict[int, Decimal] = defaultdict(Decimal)
    for row in held:
        if row.fine_id is not None:
            given_back[row.fine_id] += row.amount
    fines = owed_fines(session, member_id, given_back)
    postings = pay_postings(fines, amount, member_id)
    return _replaced(session, page, [row.id for row in held], postings, clock, by)


def set_repayment(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    clock: Clock,
    by: int | None = None,
) -> CellSet:
    """Set what a member repays of loans at the meeting: penalty, charge, principal in one sum."""
    page = writable_page(session, meeting_id, member_id)
    held = held_in_cell(session, page, member_id, REPAYMENTS)
    if amount == _sum(held):
        return UNCHANGED
    check_amount(amount, page.currency, zero_allowed=True)
    loans = loans_of_member(session, member_id, statuses=OUT)
    if held:
        ids = {loan.loan_id for loan in loans} | {row.loan_id for row in held if row.loan_id}
        loans = without(session, page, ids, {row.id for row in held})
    done = repay(
        session, page, loans, amount, replacing=[row.id for row in held], clock=clock, by=by
    )
    return CellSet(has_changed=True, entries=done.entries)


def set_loan(
    session: Session,
    meeting_id: int,
    member_id: int,
    terms: LoanTerms,
    *,
    clock: Clock,
    by: int | None = None,
) -> CellSet:
    """Set the loan that a member takes at the meeting; a principal of nought takes it back.

    A loan that stands keeps its periods where ``terms`` have none; all else is as they say. Raise
    :class:`RuleBroken` once something was paid of it, and as :func:`disburse_loan` does.
    """
    page = writable_page(session, meeting_id, member_id)
    held = held_in_cell(session, page, member_id, LOANS)
    if len(held) > 1:
        raise RuleBroken("Change each loan by itself.", hint="There are {count}.", count=len(held))
    if not held:
        if not terms.principal:
            return UNCHANGED
        given = disburse_loan(session, meeting_id, member_id, terms, clock=clock, by=by)
        return CellSet(has_changed=True, entries=(given.entry,))
    old = held[0]
    loan = loans_by_id(session, (old.loan_id,))[old.loan_id]
    if not terms.principal:
        take_back_loan(session, page, loan, old.id, clock=clock, by=by)
        return CellSet(has_changed=True)
    kept = replace(terms, periods=terms.periods or loan.periods, purpose=terms.purpose.strip())
    if kept == LoanTerms(
        principal=loan.principal,
        periods=loan.periods,
        purpose=loan.purpose,
        guarantors=loan_guarantors(session, loan),
    ):
        return UNCHANGED
    given = change_loan(session, page, loan, old.id, kept, clock=clock, by=by)
    return CellSet(has_changed=True, entries=(given.entry,))


def _set_plain(
    session: Session,
    meeting_id: int,
    member_id: int,
    kind: PostingType,
    amount: Decimal,
    clock: Clock,
    by: int | None,
    words: str = "",
) -> CellSet:
    """Set a cell of the social fund.

    Its last entry takes the change, and keeps what it says of its event or its day to be back.
    """
    page = writable_page(session, meeting_id, member_id)
    held = held_in_cell(session, page, member_id, SOCIAL[kind])
    change = amount - _sum(held)
    if not change:
        return UNCHANGED
    check_amount(amount, page.currency, zero_allowed=True)
    gone = []
    while held and change <= -held[-1].amount:
        gone.append(held.pop())
        change += gone[-1].amount
    postings = []
    if change:
        posting = Posting(kind, Fund.SOCIAL, change, member_id=member_id, description=words.strip())
        if held:
            last = held.pop()
            gone.append(last)
            said = words.strip() or last.description or ""
            new = change + last.amount
            posting = replace(posting, amount=new, description=said, **details(last))
        postings.append(posting)
    return _replaced(session, page, [row.id for row in gone], postings, clock, by)


def _sum(rows: Sequence[Any]) -> Decimal:
    return sum((row.amount for row in rows), ZERO)


def _replaced(
    session: Session,
    page: Page,
    held: Sequence[int],
    postings: Sequence[Posting],
    clock: Clock,
    by: int | None,
) -> CellSet:
    entries = ledger.replace(session, page, held, postings, clock=clock, by=by)
    return CellSet(has_changed=True, entries=entries)
