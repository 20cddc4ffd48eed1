"""A member who joins within a cycle catches up with the shares of the others.

See docs/rules.md#leaving-and-joining.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, func, insert, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.domain.rules import ValueRule
from vsla_desktop.domain.shares import shares_value
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.schedule import IS_REGULAR
from vsla_desktop.queries.share_out import projected_value
from vsla_desktop.queries.tables import ACTIVITIES, LEDGER, MEETINGS, MEMBERS, SAVINGS
from vsla_desktop.services.ledger import post_all
from vsla_desktop.services.postings import Entry, Posting
from vsla_desktop.services.rows import add_row
from vsla_desktop.services.savings import SHARES, saving_rule

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.pages import Page

CATCH_UP = "Catch-up shares"

_JOINED = select(MEMBERS.c.member_number, MEMBERS.c.joined_date).where(
    MEMBERS.c.id == bindparam("member")
)
_HELD = select(func.coalesce(func.sum(MEETINGS.c.meetings_merged), 0)).where(
    MEETINGS.c.cycle_id == bindparam("cycle"),
    MEETINGS.c.id != bindparam("meeting"),
    MEETINGS.c.status == "COMPLETED",
    IS_REGULAR,
)
_undone = LEDGER.alias("undone")
# Brought along from paper books, or bought of a payout: no meeting's limit told how many.
_BEFORE_MEETINGS = (
    select(func.sum(SAVINGS.c.shares_count).label("shares"))
    .select_from(SAVINGS.join(LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id))
    .where(
        LEDGER.c.cycle_id == bindparam("cycle"),
        LEDGER.c.transaction_type == PostingType.SAVINGS_DEPOSIT.value,
        LEDGER.c.meeting_id.is_(None),
        SAVINGS.c.shares_count.is_not(None),
        ~exists().where(_undone.c.reverses_id == LEDGER.c.id),
    )
    .group_by(LEDGER.c.member_id)
    .subquery()
)
_MOST_BEFORE = select(func.coalesce(func.max(_BEFORE_MEETINGS.c.shares), 0))


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What catching up costs: the most shares, and the price of one by the group's rule, exact."""

    most: int
    share_value: Decimal
    price: Fraction

    def cost(self, shares: int, step: Decimal) -> Decimal:
        """Return what so many shares cost, rounded up to a step of the currency."""
        exact = shares * self.price / Fraction(step)
        return -(-exact.numerator // exact.denominator) * step


def catch_up_offer(session: Session, page: Page, member_id: int) -> CatchUp:
    """Return what a member may still catch up with on the day of a page.

    The most is what was allowed at the cycle's meetings so far, and what the member with the most
    shares held before the first of them, less the shares that she holds herself. A share costs its
    face value, or what it is worth today if that is more and the rule says so.
    """
    rules = rules_on(session, page)
    wanted = {"cycle": page.cycle_id, "meeting": page.meeting_id or 0}
    held = int(session.connection().execute(_HELD, wanted).scalar_one())
    account = saving_rule(session, page, SHARES, member_id)
    own = int(account.balance // rules.share_value) if rules.share_value else 0
    price = Fraction(rules.share_value)
    if rules.joiner_rule is ValueRule.CURRENT_VALUE:
        found = projected_value(session, page.group_id, page.day)
        price = max(price, found.value) if found is not None else price
    before = int(session.connection().execute(_MOST_BEFORE, {"cycle": page.cycle_id}).scalar_one())
    most = max(before + held * rules.max_shares_per_meeting - own, 0)
    return CatchUp(most, rules.share_value, price)


def catch_up_shares(
    session: Session,
    meeting_id: int,
    member_id: int,
    shares: int,
    *,
    cost: Decimal | None = None,
    clock: Clock,
    by: int | None = None,
) -> tuple[Entry, ...]:
    """Sell a member the shares of meetings before she joined, beside those of this meeting.

    What a share costs above its face value is income of the group; ``cost`` is what they cost in
    all where a book that is brought in says it. Raise :class:`RuleBroken` for more than the
    meetings so far allowed, for less than face value, and at a meeting before she joined.
    """
    page = writable_page(session, meeting_id, member_id)
    number, joined = session.connection().execute(_JOINED, {"member": member_id}).one()
    if joined is not None and page.day < joined:
        raise RuleBroken(
            "Member {number} joined later, on {day}.",
            hint="Catch up at a later meeting.",
            field="shares",
            number=number,
            day=joined,
        )
    offer = catch_up_offer(session, page, member_id)
    if not 1 <= shares <= offer.most:
        raise RuleBroken(
            "Catch up with 1 to {most}." if offer.most else "There is nothing to catch up.",
            hint="That is the most of the meetings so far." if offer.most else "",
            field="shares",
            most=offer.most,
        )
    rule = saving_rule(session, page, SHARES, member_id)
    face = shares_value(shares, offer.share_value)
    premium = (offer.cost(shares, page.currency.step) if cost is None else cost) - face
    if premium < ZERO:
        raise RuleBroken("One costs {value} or more.", field="cost", value=offer.share_value)
    activity = {
        "meeting_id": meeting_id,
        "activity_type": "SAVINGS",
        "activity_name": CATCH_UP,
        "status": "COMPLETED",
    }
    activity_id = add_row(session, insert(ACTIVITIES), activity, clock)
    postings = [
        Posting(
            PostingType.SAVINGS_DEPOSIT,
            rule.fund,
            face,
            member_id=member_id,
            activity_id=activity_id,
            saving_type_id=rule.saving_type_id,
            account_id=rule.account_id,
            shares_count=shares,
            description=f"{CATCH_UP}: {shares}",
            field="shares",
        )
    ]
    if premium > ZERO:
        postings.append(
            Posting(
                PostingType.OTHER_INCOME,
                rule.fund,
                premium,
                member_id=member_id,
                activity_id=activity_id,
                description=f"{CATCH_UP}: above face value",
            )
        )
    return post_all(session, page, postings, clock=clock, by=by)
