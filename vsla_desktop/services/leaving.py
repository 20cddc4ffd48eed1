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
from vsla_desktop.services.ledger import post, post_all
from vsla_desktop.services.members import LeavingReason, leave_group
from vsla_desktop.services.postings import Entry, Posting
from vsla_desktop.services.repayments import repay
from vsla_desktop.services.savings import saving_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.pages import Page

GIVEN_UP = "Left: shares that are worth nothing"


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
    where a book that is brought in says it.

    Raise :class:`RuleBroken` for a member who owes more than she holds: she pays first, or the
    meeting writes the loan off.
    """
    page = writable_page(session, meeting_id, member_id)
    account = leaver_account(session, page, member_id)
    if for_shares is not None:
        check_amount(for_shares, page.currency, field="for_shares", zero_allowed=True)
        account = replace(account, paid_for_shares=for_shares)
    if account.net < 0:
        raise RuleBroken(
            "{name} still owes {amount}.",
            hint="Take a payment first, or vote to write it off.",
            field="member",
            name=account.name,
            amount=plain_amount(-account.net),
        )
    handed = account.net if paid is None else paid
    check_amount(handed, page.currency, field="paid", zero_allowed=True)
    owed = account.net - handed
    if not ZERO <= owed <= account.paid_for_shares:
        raise RuleBroken(
            "Pay between {least} and {most}.",
            hint="Other savings are paid at once.",
            field="paid",
            least=plain_amount(max(account.net - account.paid_for_shares, ZERO)),
            most=plain_amount(account.net),
        )
    _settle(session, page, account, clock=clock, by=by)
    post_all(session, page, list(_payouts(session, page, account, owed)), clock=clock, by=by)
    leave_group(session, member_id, reason, day=page.day, clock=clock, by=by)
    session.connection().execute(
        update(MEMBERS).where(MEMBERS.c.id == member_id),
        {"leaving_amount": account.net, "updated_date": clock.now()},
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
    """Pay the leaver's debts; the money for it leaves the purses again as her payout."""
    member_id = account.member_id
    if account.loans:
        loans = loans_of_member(session, member_id, statuses=OUT)
        repay(session, page, loans, account.loans, clock=clock, by=by)
    dues = due_postings(session, member_id, account.fines + account.advances)
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
