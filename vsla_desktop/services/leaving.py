"""A member leaves: debts are set off, shares and savings are paid out, at once or in parts.

See docs/rules.md#leaving-and-joining.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import update

from vsla_desktop.domain.money import ZERO, check_amount, plain_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.leaving import SHARES, LeaverAccount, leaver_account, leavers_owed
from vsla_desktop.queries.loans import OUT, loans_of_member
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.tables import MEMBERS
from vsla_desktop.services.dues import due_postings
from vsla_desktop.services.fines import owed_fines, waive_fine
from vsla_desktop.services.ledger import post, post_all
from vsla_desktop.services.loan_losses import write_off_loan
from vsla_desktop.services.members import LeavingReason, leave_group
from vsla_desktop.services.postings import Entry, Posting
from vsla_desktop.services.repayments import repay
from vsla_desktop.services.savings import saving_rule
from vsla_desktop.services.social import give_up_advance
from vsla_desktop.services.votes import record_vote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.votes import Vote
    from vsla_desktop.queries.pages import Page

GIVEN_UP = "Left: shares that are worth nothing"
GIVEN_UP_DEBTS = "Debts of a member who left are given up"


@dataclass(frozen=True, slots=True)
class Leaver:
    """A member who left: her account, what was paid, and what the group still owes her."""

    account: LeaverAccount
    paid: Decimal
    owed: Decimal


def pay_out_leaver(
    session: Session,
    meeting_id: int,
    member_id: int,
    reason: LeavingReason,
    *,
    paid: Decimal | None = None,
    for_shares: Decimal | None = None,
    clock: Clock,
    by: int | None = None,
) -> Leaver:
    """Settle a member's account at an open meeting and write down that she left, and why.

    Her fines, loans and advances are paid out of her shares and savings; ``paid`` is what is handed
    out of the rest, all of it unless said. What is not handed out is a debt of the loan fund to
    her, which :func:`pay_leaver` pays in parts. Shares pay their face value or what they are worth
    today, by the group's rule, rounded down to the payout unit; ``for_shares`` is what they came to
    where a book that is brought in says it, and also says what became of debts beyond it.

    Raise :class:`RuleBroken` for a member who owes more than she holds: she pays first, or the
    meeting gives the rest up, as :func:`write_off_leaver` does.
    """
    page = writable_page(session, meeting_id, member_id)
    account = leaver_account(session, page, member_id)
    if for_shares is not None:
        check_amount(for_shares, page.currency, field="for_shares", zero_allowed=True)
        account = replace(account, paid_for_shares=for_shares)
    if account.net < 0 and for_shares is None:
        raise RuleBroken(
            "{name} still owes {amount}.",
            hint="Take a payment first, or vote to write it off.",
            field="member",
            name=account.name,
            amount=plain_amount(-account.net),
        )
    net = max(account.net, ZERO)
    handed = net if paid is None else paid
    check_amount(handed, page.currency, field="paid", zero_allowed=True)
    owed = net - handed
    if not ZERO <= owed <= account.paid_for_shares:
        raise RuleBroken(
            "Pay between {least} and {most}.",
            hint="Other savings are paid at once.",
            field="paid",
            least=plain_amount(max(net - account.paid_for_shares, ZERO)),
            most=plain_amount(net),
        )
    return _leave(session, page, account, reason, handed, owed, clock=clock, by=by)


def write_off_leaver(
    session: Session,
    meeting_id: int,
    member_id: int,
    reason: LeavingReason,
    vote: Vote,
    *,
    clock: Clock,
    by: int | None = None,
) -> Leaver | None:
    """Let a member leave who owes more than she holds, when the meeting votes so.

    All that she holds is set off first. What it does not reach is given up: loans are written off,
    fines let off, and advances become grants. None when the vote was lost: nothing but the vote is
    written then. Raise :class:`RuleBroken` for a member who holds enough.
    """
    page = writable_page(session, meeting_id, member_id)
    account = leaver_account(session, page, member_id)
    if account.net >= 0:
        raise RuleBroken(
            "Pay {name} out.", hint="She holds enough.", field="member", name=account.name
        )
    subject = f"{GIVEN_UP_DEBTS}: {account.name}"
    if not record_vote(session, meeting_id, subject, vote, clock=clock, by=by).is_passed:
        return None
    reached = max(account.holdings - account.loans - account.fines, ZERO)
    lost = account.advances - min(reached, account.advances)
    if lost:
        give_up_advance(session, page, member_id, lost, GIVEN_UP_DEBTS, clock=clock, by=by)
    left = _leave(
        session,
        page,
        replace(account, advances=account.advances - lost),
        reason,
        ZERO,
        ZERO,
        clock=clock,
        by=by,
    )
    for loan in loans_of_member(session, member_id, statuses=OUT):
        write_off_loan(session, meeting_id, loan.loan_id, vote, GIVEN_UP_DEBTS, clock=clock, by=by)
    for fine_id, _owed, _fund in owed_fines(session, member_id):
        waive_fine(session, meeting_id, fine_id, GIVEN_UP_DEBTS, clock=clock, by=by)
    return left


def _leave(
    session: Session,
    page: Page,
    account: LeaverAccount,
    reason: LeavingReason,
    handed: Decimal,
    owed: Decimal,
    *,
    clock: Clock,
    by: int | None,
) -> Leaver:
    member_id = account.member_id
    _settle(session, page, account, clock=clock, by=by)
    post_all(session, page, list(_payouts(session, page, account, owed)), clock=clock, by=by)
    leave_group(session, member_id, reason, day=page.day, clock=clock, by=by)
    session.connection().execute(
        update(MEMBERS).where(MEMBERS.c.id == member_id),
        {"leaving_amount": handed + owed, "updated_date": clock.now()},
    )
    return Leaver(account, handed, owed)


def pay_leaver(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Pay a part of what the group still owes to a member who left; RuleBroken for more."""
    page = writable_page(session, meeting_id)
    check_amount(amount, page.currency)
    owed = leavers_owed(session, page.group_id).get(member_id, ZERO)
    if amount > owed:
        raise RuleBroken(
            "Pay at most {most}.",
            hint="So much is still owed to this member.",
            field="amount",
            most=plain_amount(owed) if owed else "0",
        )
    part = Posting(
        PostingType.EXTERNAL_LOAN_OUT,
        Fund.LOAN_FUND,
        amount,
        member_id=member_id,
        description="Paid to a member who left",
    )
    return post(session, page, part, clock=clock, by=by)


def _settle(
    session: Session, page: Page, account: LeaverAccount, *, clock: Clock, by: int | None
) -> None:
    """Pay the leaver's debts as far as she holds so much.

    The money for it leaves the purses again as her payout.
    """
    member_id = account.member_id
    of_loans = min(account.loans, account.holdings)
    if of_loans:
        loans = loans_of_member(session, member_id, statuses=OUT)
        repay(session, page, loans, of_loans, clock=clock, by=by)
    of_dues = min(account.fines + account.advances, account.holdings - of_loans)
    dues = due_postings(session, member_id, of_dues)
    if dues:
        post_all(session, page, dues, clock=clock, by=by)


def _payouts(
    session: Session, page: Page, account: LeaverAccount, owed: Decimal
) -> Iterator[Posting]:
    """Yield what empties the leaver's accounts, what stays owed to her coming back first."""
    member_id = account.member_id
    if owed:
        yield Posting(
            PostingType.EXTERNAL_LOAN_IN,
            Fund.LOAN_FUND,
            owed,
            member_id=member_id,
            description="Still owed to a member who left",
        )
    if account.shares:
        yield from _for_shares(session, page, account)
    for each in account.others:
        yield Posting(
            PostingType.SAVINGS_WITHDRAWAL,
            each.fund,
            each.balance,
            member_id=member_id,
            saving_type_id=each.saving_type_id,
            account_id=each.account_id,
        )


def _for_shares(session: Session, page: Page, account: LeaverAccount) -> Iterator[Posting]:
    rule = saving_rule(session, page, SHARES, account.member_id)
    if account.paid_for_shares:
        yield Posting(
            PostingType.LEAVER_PAYOUT,
            rule.fund,
            account.paid_for_shares,
            member_id=account.member_id,
            saving_type_id=rule.saving_type_id,
            account_id=rule.account_id,
            account_amount=account.face_value,
            shares_count=account.shares,
        )
        return
    yield Posting(PostingType.OTHER_INCOME, rule.fund, account.face_value, description=GIVEN_UP)
    yield Posting(
        PostingType.SAVINGS_WITHDRAWAL,
        rule.fund,
        account.face_value,
        member_id=account.member_id,
        saving_type_id=rule.saving_type_id,
        account_id=rule.account_id,
        shares_count=account.shares,
        description=GIVEN_UP,
    )
