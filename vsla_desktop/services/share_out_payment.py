"""Paying one line of a frozen share-out: its debts first, then cash, then the member's account.

See docs/rules.md#share-out.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.queries.loans import OUT, loans_of_member
from vsla_desktop.services.dues import due_postings
from vsla_desktop.services.ledger import post_all
from vsla_desktop.services.loan_losses import lose
from vsla_desktop.services.postings import Posting
from vsla_desktop.services.repayments import repay
from vsla_desktop.services.savings import SHARES, saving_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.share_out import ShareOutLine
    from vsla_desktop.queries.pages import Page

SET_OFF = "Share-out: set off"
"""How the words of a payout begin that pays debts; in older books they go on."""
DUE_SET_OFF = "Share-out: paid by setting off"
GIVEN_UP = "Share-out: less than can be paid"
BEYOND = "Share-out: more than the member was entitled to"


def settle_debts(
    session: Session, page: Page, lines: Sequence[ShareOutLine], *, clock: Clock, by: int | None
) -> None:
    """Pay what members owe out of what they are entitled to; give up the rest of their loans.

    All payments come into the purses before any entitlement leaves them, so none ever holds less
    than nought and the box stays as it is.
    """
    settled = [line for line in lines if line.set_off]
    for line in settled:
        loans = loans_of_member(session, line.member_id, statuses=OUT)
        of_loans = min(line.set_off, sum((loan.settles(page.day) for loan in loans), ZERO))
        if of_loans:
            repay(session, page, loans, of_loans, clock=clock, by=by)
        dues = due_postings(session, line.member_id, line.set_off - of_loans, words=DUE_SET_OFF)
        if dues:
            post_all(session, page, dues, clock=clock, by=by)
    for line in settled:
        of_loan_fund, of_social = _set_off(line)
        is_last = of_loan_fund == line.from_loan_fund
        account = _account(session, page, line) if is_last else {}
        postings = (
            _handed_out(line, Fund.LOAN_FUND, of_loan_fund, SET_OFF, **account),
            _handed_out(line, Fund.SOCIAL, of_social, SET_OFF),
        )
        wanted = [posting for posting in postings if posting.amount]
        post_all(session, page, wanted, clock=clock, by=by)
    for line in lines:
        for loan in loans_of_member(session, line.member_id, statuses=OUT):
            lose(session, page, loan, loan.principal_owed, BEYOND, clock=clock, by=by)


def pay_line(
    session: Session, page: Page, line: ShareOutLine, *, clock: Clock, by: int | None
) -> int | None:
    """Pay the cash of one line, a payout from each purse; return the ledger row of the last."""
    if line.shares and not line.from_loan_fund:
        _keep_savings(session, page, line, clock, by)
    of_loan_fund, of_social = _set_off(line)
    account = _account(session, page, line) if line.shares else {}
    postings = (
        _handed_out(line, Fund.LOAN_FUND, line.from_loan_fund - of_loan_fund, "", **account),
        _handed_out(line, Fund.SOCIAL, line.social - of_social, ""),
    )
    wanted = [posting for posting in postings if posting.amount]
    entries = post_all(session, page, wanted, clock=clock, by=by)
    return entries[-1].transaction_id if entries else None


def _set_off(line: ShareOutLine) -> tuple[Decimal, Decimal]:
    """Say what of a debt is set off from the loan fund's part, which goes first, and the other."""
    of_loan_fund = min(line.set_off, line.from_loan_fund)
    return of_loan_fund, line.set_off - of_loan_fund


def _handed_out(
    line: ShareOutLine, fund: Fund, amount: Decimal, words: str, **account: Any
) -> Posting:
    return Posting(
        PostingType.SHARE_OUT,
        fund,
        amount,
        member_id=line.member_id,
        description=words,
        **account,
    )


def _keep_savings(
    session: Session, page: Page, line: ShareOutLine, clock: Clock, by: int | None
) -> None:
    """Clear the account of a member whom no coin can pay: the savings stay with the group."""
    income = Posting(
        PostingType.OTHER_INCOME,
        Fund.LOAN_FUND,
        line.savings,
        description=GIVEN_UP,
    )
    account = _account(session, page, line)
    back = Posting(
        PostingType.SAVINGS_WITHDRAWAL,
        Fund.LOAN_FUND,
        line.savings,
        member_id=line.member_id,
        description=GIVEN_UP,
        **account,
    )
    post_all(session, page, (income, back), clock=clock, by=by)


def _account(session: Session, page: Page, line: ShareOutLine) -> dict[str, Any]:
    """Say what leaves the member's account: her shares at face value."""
    rule = saving_rule(session, page, SHARES, line.member_id)
    return {
        "saving_type_id": rule.saving_type_id,
        "account_id": rule.account_id,
        "account_amount": line.savings,
        "shares_count": line.shares,
    }
