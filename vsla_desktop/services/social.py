"""The social fund: contributions, grants, and advances that cost nothing.

An advance is no loan: it has no charge and no schedule, and is never given for business. Each is a
posting that names its member, so what a member still owes is the sum of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.domain.money import check_amount, plain_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.advances import advance_owed
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.services.ledger import post
from vsla_desktop.services.postings import Entry, MobileMoney, Posting

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock


def contribute_social(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    mobile_money: MobileMoney | None = None,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Take a member's contribution to the social fund."""
    page = writable_page(session, meeting_id, member_id)
    posting = Posting(
        PostingType.SOCIAL_CONTRIBUTION,
        Fund.SOCIAL,
        amount,
        member_id=member_id,
        mobile_money=mobile_money,
    )
    return post(session, page, posting, clock=clock, by=by)


def grant_social(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    reason: str = "",
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Give a member money from the social fund that need not come back."""
    page = writable_page(session, meeting_id, member_id)
    posting = Posting(
        PostingType.SOCIAL_GRANT,
        Fund.SOCIAL,
        amount,
        member_id=member_id,
        description=reason.strip(),
    )
    return post(session, page, posting, clock=clock, by=by)


def advance_social(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    reason: str = "",
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Give a member money from the social fund that comes back without charge."""
    page = writable_page(session, meeting_id, member_id)
    posting = Posting(
        PostingType.SOCIAL_ADVANCE,
        Fund.SOCIAL,
        amount,
        member_id=member_id,
        description=reason.strip(),
    )
    return post(session, page, posting, clock=clock, by=by)


def repay_advance(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Take back an advance or a part of it; RuleBroken for more than the member owes."""
    page = writable_page(session, meeting_id, member_id)
    check_amount(amount, page.currency)
    owed = advance_owed(session, member_id)
    if amount > owed:
        raise RuleBroken(
            "Pay at most {most}.",
            hint="This pays all advances back.",
            field="amount",
            most=plain_amount(owed) if owed else "0",
        )
    posting = Posting(
        PostingType.SOCIAL_ADVANCE_REPAYMENT, Fund.SOCIAL, amount, member_id=member_id
    )
    return post(session, page, posting, clock=clock, by=by)
