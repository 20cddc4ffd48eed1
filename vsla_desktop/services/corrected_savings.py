"""What savings may be put right to: the limits of the meeting at which they were first entered.

See docs/rules.md#corrections.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, exists, or_, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.domain.saving_types import check_saved
from vsla_desktop.domain.shares import check_shares
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.pages import meeting_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.shares import counted, stood_before
from vsla_desktop.queries.tables import ACCOUNTS, LEDGER, MEMBERS, SAVINGS
from vsla_desktop.services.baseline import WORDS as BROUGHT
from vsla_desktop.services.joining import catch_up_offer
from vsla_desktop.services.leaving import GIVEN_UP
from vsla_desktop.services.postings import WORDS
from vsla_desktop.services.savings import check_limits, most_saved, saving_rule

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.pages import Page

_LEFT = (
    select(MEMBERS.c.is_active, ACCOUNTS.c.current_balance)
    .select_from(ACCOUNTS.join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id))
    .where(ACCOUNTS.c.id == bindparam("account"))
)
_TAKEN = PostingType.SAVINGS_WITHDRAWAL
_undone = LEDGER.alias("undone")
_PAID_OUT = (
    select(LEDGER.c.transaction_date, LEDGER.c.reference_number)
    .select_from(LEDGER.join(SAVINGS, SAVINGS.c.group_transaction_id == LEDGER.c.id))
    .where(
        SAVINGS.c.member_saving_id == bindparam("account"),
        or_(
            LEDGER.c.transaction_type == PostingType.LEAVER_PAYOUT.value,
            and_(  # what she took out before she left has other words
                LEDGER.c.transaction_type == _TAKEN.value,
                LEDGER.c.description.in_((WORDS[_TAKEN], GIVEN_UP)),
            ),
        ),
        ~exists().where(_undone.c.reverses_id == LEDGER.c.id),
    )
    .order_by(LEDGER.c.transaction_date.desc(), LEDGER.c.reference_number.desc())
    .limit(1)
)


def check_deposit(
    session: Session, page: Page, row: Any, amount: Decimal, shares: int | None
) -> None:
    """Raise :class:`RuleBroken` for more than a member might save when a deposit was entered.

    ``row`` is the deposit, ``shares`` are those that the right amount buys. Its limit is that of
    the meeting at which it was first entered, by the rules of that day and over all that the
    member saved there; what is saved today has nothing to do with it.
    """
    check_not_paid_out(session, row, amount)
    if amount > row.amount:
        _check_has_not_left(session, row)
    if shares is not None and row.activity_id is not None:
        _check_caught_up(session, page, row, shares)
        return
    at = counted(session, row.account_id, row.id)
    if at.meeting_id is not None:
        then = meeting_page(session, at.meeting_id)
    elif shares is None or at.words.startswith(BROUGHT):
        return  # brought from paper: no meeting of this book ever limited it
    else:
        then = replace(page, day=at.day, meeting_id=None, meetings_merged=1)
    if shares is not None:
        check_shares(
            shares,
            max_shares_per_meeting=rules_on(session, then).max_shares_per_meeting,
            already=at.shares,
            meetings_merged=then.meetings_merged,
            field="amount",
        )
        return
    rule = saving_rule(session, then, row.saving_type, row.member_id)
    if then.meeting_id == page.meeting_id:
        check_limits(session, page, row.member_id, rule, amount, replaced=row.amount)
        return
    # The least is asked of who saves: what was written wrong may have been less.
    check_saved(amount, least=ZERO, most=most_saved(rule, then, at.amount), already=at.amount)


def _check_caught_up(session: Session, page: Page, row: Any, shares: int) -> None:
    """Raise :class:`RuleBroken` for more than what stands and what she may still catch up with."""
    most = row.shares_count + catch_up_offer(session, page, row.member_id).most
    if shares > most:
        raise RuleBroken(
            "Catch up with 1 to {most}.",
            hint="That is the most of the meetings so far.",
            field="amount",
            most=most,
        )


def check_not_paid_out(session: Session, row: Any, amount: Decimal) -> None:
    """Raise :class:`RuleBroken` for less than a member was paid of a deposit when she left.

    What she holds now, if she came again, is other money.
    """
    payout = session.connection().execute(_PAID_OUT, {"account": row.account_id}).first()
    if payout is None:
        return
    day, reference = payout
    if amount < stood_before(session, row.account_id, row.id, day, reference or ""):
        raise RuleBroken(
            "This was paid out on {day}.",
            hint="The member left then. Enter what comes back as income.",
            field="amount",
            day=format_date(day),
        )


def _check_has_not_left(session: Session, row: Any) -> None:
    """Raise :class:`RuleBroken` for a member who left with all that she had saved."""
    member = session.connection().execute(_LEFT, {"account": row.account_id}).one()
    if member.is_active is False and not member.current_balance:
        raise RuleBroken(
            "This member left and was paid.",
            hint="Take the member back, then correct it.",
            field="amount",
        )
