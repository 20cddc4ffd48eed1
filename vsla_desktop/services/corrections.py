"""Correcting what a closed meeting wrote: a reversal with a reason, and the right entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.money import ZERO, plain_amount
from vsla_desktop.domain.postings import POSTING_RULES, PostingType
from vsla_desktop.domain.shares import shares_from_amount
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.advances import is_let_off, let_off_lines
from vsla_desktop.queries.catch_ups import CaughtUp, caught_up
from vsla_desktop.queries.corrections import payout_refusal, standing
from vsla_desktop.queries.loans import loans_by_id
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.tables import ACCOUNTS, FINES, LEDGER, SAVING_TYPES, SAVINGS
from vsla_desktop.services import ledger
from vsla_desktop.services.corrected_savings import check_deposit, check_not_paid_out
from vsla_desktop.services.joining import CATCH_UP
from vsla_desktop.services.loan_changes import Given, correct_loan
from vsla_desktop.services.loan_losses import recover_loan, take_back_write_off
from vsla_desktop.services.loans import take_back_loan, topped_up_by
from vsla_desktop.services.postings import BOX, VERIFIED, Entry, MobileMoney, Posting, details
from vsla_desktop.services.repayments import PARTS, refresh, repay
from vsla_desktop.services.savings import shares_words

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.corrections import Correctable, Standing
    from vsla_desktop.queries.pages import Page

_ENTRY = (
    select(
        LEDGER,
        SAVINGS.c.shares_count,
        SAVINGS.c.amount.label("account_amount"),
        ACCOUNTS.c.saving_type_id,
        ACCOUNTS.c.id.label("account_id"),
        SAVING_TYPES.c.code.label("saving_type"),
    )
    .select_from(
        LEDGER.outerjoin(SAVINGS, SAVINGS.c.group_transaction_id == LEDGER.c.id)
        .outerjoin(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id)
        .outerjoin(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id)
    )
    .where(LEDGER.c.id == bindparam("entry"))
)
_TRIED = "?"  # the reason of a correction that is only tried
_FINE = select(FINES.c.amount, FINES.c.paid_amount).where(FINES.c.id == bindparam("fine"))


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction wrote: the reversal, and the right entry where there is one."""

    reversal: Entry
    entries: tuple[Entry, ...] = ()


def reverse_entry(
    session: Session,
    meeting_id: int,
    transaction_id: int,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Undo an entry of any date in the meeting that is open; its own meeting stays as it is.

    Raise :class:`RuleBroken` without a reason, for an entry that was reversed before, and when its
    money has been used since. A loan that was paid of needs its payments reversed first.
    """
    page = writable_page(session, meeting_id)
    return _reverse(session, page, _chosen(session, page, transaction_id), reason, clock, by)


def correct_entry(
    session: Session,
    meeting_id: int,
    transaction_id: int,
    amount: Decimal,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,
) -> Correction:
    """Undo an entry and enter the right amount in its place, both in the meeting that is open.

    A repayment is shared out anew over its loan; what shares that were caught up cost above face
    value follows them; a loan stays the one that it is, with another
    schedule on the same days. With nought the entry is only undone.
    """
    page = writable_page(session, meeting_id)
    if not amount:
        return Correction(
            reverse_entry(session, meeting_id, transaction_id, reason, clock=clock, by=by)
        )
    row = _chosen(session, page, transaction_id)
    kind = PostingType(row.transaction_type)
    if kind is PostingType.LOAN_DISBURSEMENT:
        loan = loans_by_id(session, (row.loan_id,))[row.loan_id]
        given = Given(row.id, topped_up_by(session, row.id), reason, _why(page, row, reason))
        reversal, right = correct_loan(session, page, loan, given, amount, clock=clock, by=by)
        return Correction(reversal, (right,))
    if kind is PostingType.LOAN_WRITE_OFF or is_let_off(kind, row.activity_id):
        raise RuleBroken("Reverse it, then vote again.")
    if kind in PARTS:
        reversal = _reverse(session, page, row, reason, clock, by)
        paid = repay(
            session,
            page,
            (loans_by_id(session, (row.loan_id,))[row.loan_id],),
            amount,
            mobile_money=_mobile(row),
            reason=_why(page, row, reason),
            clock=clock,
            by=by,
        )
        return Correction(reversal, paid.entries)
    if kind is PostingType.OTHER_INCOME and row.loan_id is not None:
        reversal = _reverse(session, page, row, reason, clock, by)
        again = recover_loan(
            session,
            meeting_id,
            row.loan_id,
            amount,
            reason=_why(page, row, reason),
            clock=clock,
            by=by,
        )
        return Correction(reversal, (again,))
    # Both in one, so that an account or a purse need only hold the difference.
    posting = _right(session, page, row, amount, reason.strip())
    reversal, right = ledger.correct(
        session, page, row.id, posting, reason=reason, clock=clock, by=by
    )
    above = _premium(session, page, row)
    if above is None:
        return Correction(reversal, (right,))
    premium, caught = above
    cost = caught.premium(posting.shares_count or 0, page.meeting_id, page.currency.step)
    if cost == premium.amount:
        return Correction(reversal, (right,))
    posting = _right(session, page, premium, cost, reason.strip())
    _, followed = ledger.correct(
        session, page, premium.id, posting, reason=reason, clock=clock, by=by
    )
    return Correction(reversal, (right, followed))


def try_correction(
    session: Session, found: Correctable, amount: Decimal, *, clock: Clock
) -> Standing:
    """Return how things would stand after a correction, and write nothing.

    It is written inside a savepoint by the very rules of :func:`correct_entry`, looked at, and
    undone; so what it shows is what will be. Raise :class:`RuleBroken` as that does.
    """
    page = writable_page(session, found.meeting_id)
    trial = session.begin_nested()
    try:
        correct_entry(
            session,
            found.meeting_id,
            found.entry.transaction_id,
            amount,
            _TRIED,
            clock=clock,
        )
        return standing(session, page.group_id, found.entry)
    finally:
        trial.rollback()


def _chosen(session: Session, page: Page, transaction_id: int) -> Any:
    """Return the row that somebody chose to correct."""
    row = _entry(session, page, transaction_id)
    if row.transaction_type == PostingType.OTHER_INCOME:
        caught = caught_up(session, row.activity_id)
        if caught is not None and caught.shares_id is not None:
            raise RuleBroken(
                "Correct the shares instead.", hint="What they cost above face value follows."
            )
    return row


def _premium(session: Session, page: Page, row: Any) -> tuple[Any, CaughtUp] | None:
    """Return what shares that were caught up cost above face value; None where nothing stands."""
    caught = caught_up(session, row.activity_id) if row.shares_count is not None else None
    if caught is None or caught.premium_id is None:
        return None
    return _entry(session, page, caught.premium_id), caught


def _entry(session: Session, page: Page, transaction_id: int) -> Any:
    row = session.connection().execute(_ENTRY, {"entry": transaction_id}).first()
    if row is None or row.group_id != page.group_id:
        raise RuleBroken("This entry is not in the book of the group.")
    if row.transaction_type not in POSTING_RULES:
        raise RuleBroken(
            "This entry came from another program.", hint="Enter the difference instead."
        )
    if row.transaction_type == PostingType.SHARE_OUT:
        raise payout_refusal(is_cycle_open=row.cycle_id == page.cycle_id)
    ledger.check_stands(session, row)
    return row


def _reverse(
    session: Session, page: Page, row: Any, reason: str, clock: Clock, by: int | None
) -> Entry:
    kind = row.transaction_type
    if kind == PostingType.LOAN_DISBURSEMENT:
        loan = loans_by_id(session, (row.loan_id,))[row.loan_id]
        return take_back_loan(session, page, loan, row.id, reason=reason, clock=clock, by=by)
    if kind == PostingType.LOAN_WRITE_OFF:
        loan = loans_by_id(session, (row.loan_id,))[row.loan_id]
        return take_back_write_off(session, page, loan, row, reason=reason, clock=clock, by=by)
    if kind == PostingType.SAVINGS_DEPOSIT:
        check_not_paid_out(session, row, ZERO)
    if is_let_off(kind, row.activity_id):
        both = let_off_lines(session, row.activity_id)
        return ledger.reverse_all(session, page, both, reason=reason, clock=clock, by=by)[0]
    entry = ledger.reverse(session, page, row.id, reason=reason, clock=clock, by=by)
    above = _premium(session, page, row)
    if above is not None:
        ledger.reverse(session, page, above[0].id, reason=reason, clock=clock, by=by)
    if kind in PARTS:
        refresh(session, page, (row.loan_id,), clock=clock)
    return entry


def _why(page: Page, row: Any, reason: str) -> str | None:
    """Return the reason of the right entry; within its own meeting the old one is only replaced.

    What puts an earlier meeting right goes on to say so when it is put right itself, and so does
    money on the phone, which is never an entry of the sheet.
    """
    is_replaced = row.meeting_id == page.meeting_id
    if is_replaced and row.reason is None and not row.is_mobile_money:
        return None
    said: str = reason.strip() or row.reason or ""
    if not said:
        raise RuleBroken("Say why it is corrected.", field="reason")
    return said


def _mobile(row: Any) -> MobileMoney | None:
    """Return how the money of an entry came by phone; None for cash."""
    if not row.is_mobile_money:
        return None
    return MobileMoney(row.mobile_money_reference or "", row.mobile_money_phone or "", VERIFIED)


def _right(session: Session, page: Page, row: Any, amount: Decimal, reason: str) -> Posting:
    """Return the posting that should have been: as the row, with another amount."""
    kind = PostingType(row.transaction_type)
    why = _why(page, row, reason)
    shares_count, account_amount = row.shares_count, None
    words = row.description or ""
    if kind is PostingType.LEAVER_PAYOUT:  # it clears the account, whatever it pays
        account_amount = row.account_amount
    elif shares_count is not None:
        shares_count = shares_from_amount(amount, rules_on(session, page).share_value)
    if kind is PostingType.SAVINGS_DEPOSIT:
        check_deposit(session, page, row, amount, shares_count)
        if row.activity_id is not None:
            words = f"{CATCH_UP}: {shares_count}"
        elif shares_count is not None:
            words = shares_words(shares_count)
    if kind is PostingType.FINE_PAYMENT:
        _check_fine(session, row, amount)
    return Posting(
        kind,
        ledger.fund_of(kind, row.fund_type),
        amount,
        member_id=row.member_id,
        fine_id=row.fine_id,
        activity_id=row.activity_id,
        direction=row.direction,
        held_in=row.held_in or BOX,
        saving_type_id=row.saving_type_id,
        account_id=row.account_id,
        shares_count=shares_count,
        account_amount=account_amount,
        mobile_money=_mobile(row),
        description=words,
        reason=why,
        **details(row),
    )


def _check_fine(session: Session, payment: Any, amount: Decimal) -> None:
    """Raise :class:`RuleBroken` when a fine would be paid more than it is."""
    fine = session.connection().execute(_FINE, {"fine": payment.fine_id}).first()
    if fine is None:
        return
    owed = fine.amount - (fine.paid_amount or ZERO) + payment.amount
    if amount > owed:
        raise RuleBroken(
            "Pay at most {most}.",
            hint="This pays the fine.",
            field="amount",
            most=plain_amount(owed),
        )
