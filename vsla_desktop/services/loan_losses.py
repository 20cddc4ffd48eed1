"""A loan that is lost: written off by vote, and perhaps recovered. See docs/rules.md#losses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vsla_desktop.domain.money import ZERO, check_amount, plain_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.loan_pages import recovered_of
from vsla_desktop.queries.loans import WRITTEN_OFF, LoanState, loans_by_id, paid_up
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.services import ledger
from vsla_desktop.services.loan_changes import loan_words, running_loan
from vsla_desktop.services.loan_rows import (
    bring_back,
    paid_penalties,
    replace_schedule,
    update_loan,
)
from vsla_desktop.services.postings import Entry, Posting
from vsla_desktop.services.votes import record_vote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.loans import Instalment
    from vsla_desktop.domain.votes import Vote
    from vsla_desktop.queries.pages import Page

LOST, RECOVERED = "A loan is written off", "Recovered of a lost loan"


@dataclass(frozen=True, slots=True)
class WrittenOff:
    """What a vote on a write-off came to; ``amount`` is 0 when the vote was lost."""

    loan_id: int
    amount: Decimal
    is_passed: bool
    entry: Entry | None = None


def write_off_loan(
    session: Session,
    meeting_id: int,
    loan_id: int,
    vote: Vote,
    reason: str,
    *,
    amount: Decimal | None = None,
    clock: Clock,
    by: int | None = None,
) -> WrittenOff:
    """Give up principal that a member can not pay back, when the meeting votes so.

    All that is owed unless an ``amount`` is said. The loss leaves the assets of the loan fund; no
    money moves. When no principal is left the loan is DEFAULTED and asks for nothing more. Raise
    :class:`RuleBroken` without a reason, and for more than the principal owed.
    """
    page = writable_page(session, meeting_id)
    loan = running_loan(session, page, loan_id)
    if not reason.strip():
        raise RuleBroken("Say why.", field="reason")
    lost = loan.principal_owed if amount is None else amount
    check_amount(lost, page.currency)
    if lost > loan.principal_owed:
        raise RuleBroken(
            "Write off at most {most}.",
            hint="So much principal is owed.",
            field="amount",
            most=plain_amount(loan.principal_owed),
        )
    subject = f"{LOST}: {loan_words(loan)}"
    recorded = record_vote(
        session, meeting_id, subject, vote, description=reason, clock=clock, by=by
    )
    if not recorded.is_passed:
        return WrittenOff(loan_id, ZERO, is_passed=False)
    entry = lose(session, page, loan, lost, reason.strip(), clock=clock, by=by)
    return WrittenOff(loan_id, lost, is_passed=True, entry=entry)


def lose(
    session: Session,
    page: Page,
    loan: LoanState,
    lost: Decimal,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Write off principal of a loan on a page, as was voted before: one by one or in a share-out.

    ``lost`` is above nought and at most the principal owed.
    """
    is_whole = lost == loan.principal_owed
    rows = _settled(loan) if is_whole else loan.instalments
    penalties = paid_penalties(loan) if is_whole else loan.penalties
    activity = replace_schedule(
        session, page, loan, rows, what=LOST, penalties=penalties, clock=clock
    )
    posting = Posting(
        PostingType.LOAN_WRITE_OFF,
        Fund.LOAN_FUND,
        lost,
        member_id=loan.member_id,
        loan_id=loan.loan_id,
        activity_id=activity,
    )
    entry = ledger.post(session, page, posting, clock=clock, by=by)
    values: dict[str, Any] = {
        "written_off_date": page.day,
        "status_reason": reason,
        "total_amount_due": sum((row.total for row in rows), ZERO),
    }
    if is_whole:
        values["status"] = WRITTEN_OFF
    update_loan(session, loan.loan_id, values, clock)
    return entry


def take_back_write_off(
    session: Session,
    page: Page,
    loan: LoanState,
    row: Any,
    *,
    reason: str,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Undo a write-off: the loan runs again as it did. ``row`` is its line of the ledger.

    Raise :class:`RuleBroken` once something of the loss was recovered.
    """
    if recovered_of(session, loan.loan_id):
        raise RuleBroken("Take back what was recovered first.", field="loan")
    if row.activity_id is None:
        raise RuleBroken("This entry came from another program.")
    entry = ledger.reverse(session, page, row.id, reason=reason, clock=clock, by=by)
    bring_back(session, page, loan, row.activity_id, clock, lost=row.amount)
    return entry


def recover_loan(
    session: Session,
    meeting_id: int,
    loan_id: int,
    amount: Decimal,
    *,
    reason: str | None = None,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Take money for a loan that was written off: income of the loan fund, and no repayment.

    ``reason`` is why it puts a recovery of an earlier meeting right. Raise :class:`RuleBroken` for
    more than what was lost and not yet recovered.
    """
    page = writable_page(session, meeting_id)
    check_amount(amount, page.currency)
    loan = loans_by_id(session, (loan_id,)).get(loan_id)
    if loan is None or loan.group_id != page.group_id or not loan.written_off:
        raise RuleBroken("This loan was not written off.", field="loan")
    most = loan.written_off - recovered_of(session, loan_id)
    if amount > most:
        raise RuleBroken(
            "Take at most {most}.",
            hint="This recovers the whole loss.",
            field="amount",
            most=plain_amount(most),
        )
    posting = Posting(
        PostingType.OTHER_INCOME,
        Fund.LOAN_FUND,
        amount,
        loan_id=loan_id,
        description=f"{RECOVERED}: {loan_words(loan)}",
        reason=reason,
    )
    return ledger.post(session, page, posting, clock=clock, by=by)


def _settled(loan: LoanState) -> Sequence[Instalment]:
    """Return the schedule with the charges that were paid, and no others."""
    paid = paid_up(loan.instalments, loan.principal, loan.charge_paid)
    return [replace(row, charge=row.charge_paid) for row in paid]
