"""The social fund: contributions, grants, and advances that cost nothing.

An advance is no loan: it has no charge and no schedule, and is never given for business. Each is a
posting that names its member, so what a member still owes is the sum of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from vsla_desktop.domain.money import check_amount, plain_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.advances import LET_OFF, advance_owed
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.tables import ACTIVITIES, MEMBERS, SETTINGS
from vsla_desktop.services.ledger import post, post_all
from vsla_desktop.services.postings import Entry, MobileMoney, Posting
from vsla_desktop.services.rows import add_row
from vsla_desktop.services.votes import record_vote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.kinds import GrantEvent
    from vsla_desktop.domain.votes import Vote
    from vsla_desktop.queries.pages import Page

_MEMBER = select(
    MEMBERS.c.group_id, MEMBERS.c.member_number, MEMBERS.c.first_name, MEMBERS.c.last_name
).where(MEMBERS.c.id == bindparam("member"))


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
    event: GrantEvent | None = None,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Give a member money from the social fund that need not come back.

    ``event`` is what befell the member; the group's tariff proposes an amount for it, and the
    meeting decides. See docs/rules.md#social-fund.
    """
    page = writable_page(session, meeting_id, member_id)
    posting = Posting(
        PostingType.SOCIAL_GRANT,
        Fund.SOCIAL,
        amount,
        member_id=member_id,
        description=reason.strip(),
        category=event.value if event is not None else None,
    )
    return post(session, page, posting, clock=clock, by=by)


def set_grant_tariff(
    session: Session,
    meeting_id: int,
    tariff: Mapping[GrantEvent, Decimal],
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Write down what the group gives at each event, as an open meeting decided; nought for none.

    The amounts are proposed when a grant is given, and bind nobody.
    """
    page = writable_page(session, meeting_id)
    for event, amount in tariff.items():
        check_amount(amount, page.currency, field=event.value, zero_allowed=True)
    kept = {event.value: str(amount) for event, amount in tariff.items() if amount}
    session.connection().execute(
        update(SETTINGS).where(SETTINGS.c.group_id == page.group_id),
        {"grant_tariff": kept, "updated_date": clock.now()},
    )


def advance_social(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    reason: str = "",
    due_date: date | None = None,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Give a member money from the social fund that comes back without charge.

    ``due_date`` is the day by which it should be back. Raise :class:`RuleBroken` for a day that has
    passed, and for one after the share-out.
    """
    page = writable_page(session, meeting_id, member_id)
    _check_due(page, due_date)
    posting = Posting(
        PostingType.SOCIAL_ADVANCE,
        Fund.SOCIAL,
        amount,
        member_id=member_id,
        description=reason.strip(),
        due_date=due_date,
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


def let_off_advance(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    vote: Vote,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,
) -> tuple[Entry, ...]:
    """Let a member off advances that she can not pay back, or a part, when the meeting votes so.

    Return what :func:`give_up_advance` wrote; nothing when the vote was lost, which alone is
    written then. Raise :class:`RuleBroken` without a reason, and for more than she owes. See
    docs/rules.md#social-fund.
    """
    page = writable_page(session, meeting_id)
    if not reason.strip():
        raise RuleBroken("Say why.", field="reason")
    check_amount(amount, page.currency)
    member = session.connection().execute(_MEMBER, {"member": member_id}).first()
    if member is None or member.group_id != page.group_id:
        raise RuleBroken("Choose a member of this group.", field="member")
    owed = advance_owed(session, member_id)
    if amount > owed:
        raise RuleBroken(
            "Let off at most {most}.",
            hint="So much of the advances is owed.",
            field="amount",
            most=plain_amount(owed) if owed else "0",
        )
    subject = f"{LET_OFF}: {member.member_number} {member.first_name} {member.last_name}"
    recorded = record_vote(
        session, meeting_id, subject, vote, description=reason, clock=clock, by=by
    )
    if not recorded.is_passed:
        return ()
    return give_up_advance(session, page, member_id, amount, reason.strip(), clock=clock, by=by)


def give_up_advance(
    session: Session,
    page: Page,
    member_id: int,
    amount: Decimal,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,
) -> tuple[Entry, ...]:
    """Ask no more for so much of a member's advances, as was voted: it is a grant from now on.

    No money moves: it counts as paid back, and as given in the same moment. An activity of the
    meeting keeps both lines together, so that they are taken back together.
    """
    activity = {
        "meeting_id": page.meeting_id,
        "activity_type": "SAVINGS",  # members' money; the book has no kind for the social fund
        "activity_name": LET_OFF,
        "status": "COMPLETED",
    }
    activity_id = add_row(session, insert(ACTIVITIES), activity, clock)
    words = {
        PostingType.SOCIAL_ADVANCE_REPAYMENT: LET_OFF,
        PostingType.SOCIAL_GRANT: reason,
    }
    postings = [
        Posting(
            kind,
            Fund.SOCIAL,
            amount,
            member_id=member_id,
            activity_id=activity_id,
            description=said,
        )
        for kind, said in words.items()
    ]
    return post_all(session, page, postings, clock=clock, by=by)


def _check_due(page: Page, due_date: date | None) -> None:
    if due_date is None:
        return
    if due_date <= page.day:
        raise RuleBroken("Choose a day after the meeting.", field="due_date")
    if page.cycle_end is not None and due_date > page.cycle_end:
        raise RuleBroken(
            "Choose a day up to {day}.",
            hint="The group shares out then.",
            field="due_date",
            day=format_date(page.cycle_end),
        )
