"""Shares and other savings: buying, saving, withdrawing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, select

from vsla_desktop.db.prepared import Prepared
from vsla_desktop.domain.money import ZERO, check_amount, plain_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.saving_types import check_saved
from vsla_desktop.domain.shares import check_shares, shares_from_amount, shares_value
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.saving_types import voted_saving_types
from vsla_desktop.queries.shares import MeetingShares, meeting_saved, meeting_shares
from vsla_desktop.queries.tables import ACCOUNTS, GROUP_SAVING_TYPES, SAVING_TYPES
from vsla_desktop.services.ledger import post
from vsla_desktop.services.postings import Entry, MobileMoney, Posting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.pages import Page

SHARES = "PERSONAL"
"""The code of the saving type that holds shares."""


@dataclass(frozen=True, slots=True)
class SavingRule:
    """How a group keeps one kind of saving, and what a member has of it."""

    saving_type_id: int
    code: str
    name: str
    fund: Fund
    minimum: Decimal
    maximum: Decimal | None
    allows_withdrawal: bool
    notice_days: int
    account_id: int | None
    balance: Decimal


_RULE = Prepared(
    select(
        SAVING_TYPES.c.code,
        SAVING_TYPES.c.name,
        GROUP_SAVING_TYPES.c.saving_type_id,
        GROUP_SAVING_TYPES.c.fund_type,
        GROUP_SAVING_TYPES.c.minimum_amount,
        GROUP_SAVING_TYPES.c.maximum_amount,
        GROUP_SAVING_TYPES.c.allows_withdrawal,
        GROUP_SAVING_TYPES.c.withdrawal_notice_days,
        GROUP_SAVING_TYPES.c.is_active,
        ACCOUNTS.c.id.label("account_id"),
        ACCOUNTS.c.current_balance,
    )
    .select_from(
        SAVING_TYPES.join(
            GROUP_SAVING_TYPES, GROUP_SAVING_TYPES.c.saving_type_id == SAVING_TYPES.c.id
        ).outerjoin(
            ACCOUNTS,
            and_(
                ACCOUNTS.c.member_id == bindparam("member"),
                ACCOUNTS.c.saving_type_id == SAVING_TYPES.c.id,
            ),
        )
    )
    .where(
        GROUP_SAVING_TYPES.c.group_id == bindparam("of_group"),
        SAVING_TYPES.c.code == bindparam("code"),
    )
)


def saving_rule(
    session: Session, page: Page, code: str, member_id: int | None = None
) -> SavingRule:
    """Return how a group keeps a kind of saving on the day of a page.

    Raise :class:`RuleBroken` when it does not use it and the member has none of it.
    """
    row = _RULE.first(session, of_group=page.group_id, code=code, member=member_id)
    voted = next((each for each in voted_saving_types(page) or () if each.code == code), None)
    is_used = row is not None and (row.is_active if voted is None else voted.is_used)
    if row is None or not (is_used or row.current_balance):
        raise RuleBroken("The group does not save {code}.", field="saving_type", code=code)
    rule = SavingRule(
        saving_type_id=row.saving_type_id,
        code=row.code,
        name=row.name,
        fund=Fund(row.fund_type),
        minimum=row.minimum_amount,
        maximum=row.maximum_amount,
        allows_withdrawal=row.allows_withdrawal,
        notice_days=row.withdrawal_notice_days,
        account_id=row.account_id,
        balance=row.current_balance or ZERO,
    )
    if voted is None:
        return rule
    return replace(
        rule,
        fund=voted.fund,
        minimum=voted.minimum,
        maximum=voted.maximum,
        allows_withdrawal=voted.allows_withdrawal,
        notice_days=voted.notice_days,
    )


def record_shares(
    session: Session,
    meeting_id: int,
    member_id: int,
    count: int,
    *,
    mobile_money: MobileMoney | None = None,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Sell a member ``count`` more shares at an open meeting, at the cycle's share value.

    Raise :class:`RuleBroken` above the most shares a meeting allows (times the meetings merged in
    it), over all of the member's entries of that meeting together.
    """
    page = writable_page(session, meeting_id, member_id)
    posting = shares_posting(session, page, member_id, count, mobile_money=mobile_money)
    return post(session, page, posting, clock=clock, by=by)


def shares_posting(
    session: Session,
    page: Page,
    member_id: int,
    count: int,
    *,
    replaced: int = 0,
    bought: MeetingShares | None = None,
    mobile_money: MobileMoney | None = None,
) -> Posting:
    """Return the posting for shares, checked; ``replaced`` shares of the meeting are given back.

    ``bought`` are the shares of the meeting so far, where they are known.
    """
    rules = rules_on(session, page)
    if count < 1:
        raise RuleBroken("Enter a whole number, such as 3.", field="shares")
    so_far = bought or meeting_shares(session, page.meeting_id or 0, member_id)
    check_shares(
        count,
        max_shares_per_meeting=rules.max_shares_per_meeting,
        already=so_far.own - replaced,
        meetings_merged=page.meetings_merged,
    )
    rule = saving_rule(session, page, SHARES, member_id)
    return Posting(
        PostingType.SAVINGS_DEPOSIT,
        rule.fund,
        shares_value(count, rules.share_value),
        member_id=member_id,
        saving_type_id=rule.saving_type_id,
        account_id=rule.account_id,
        shares_count=count,
        mobile_money=mobile_money,
        description=shares_words(count),
        field="shares",
    )


def record_saving(
    session: Session,
    meeting_id: int,
    member_id: int,
    saving_type: str,
    amount: Decimal,
    *,
    mobile_money: MobileMoney | None = None,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Take a deposit to a member's account of another kind than shares, at an open meeting.

    An amount of shares must pay for whole shares. Raise :class:`RuleBroken` when all that the
    member saves of the kind at this meeting is below the least or above the most of the group, and
    for a kind that it does not use.
    """
    page = writable_page(session, meeting_id, member_id)
    if saving_type == SHARES:
        count = shares_from_amount(amount, rules_on(session, page).share_value)
        posting = shares_posting(session, page, member_id, count, mobile_money=mobile_money)
    else:
        posting = saving_posting(
            session, page, member_id, saving_type, amount, mobile_money=mobile_money
        )
    return post(session, page, posting, clock=clock, by=by)


def saving_posting(
    session: Session,
    page: Page,
    member_id: int,
    saving_type: str,
    amount: Decimal,
    *,
    replaced: Decimal = ZERO,
    mobile_money: MobileMoney | None = None,
) -> Posting:
    """Return the posting for a deposit, checked against the group's limits for its kind.

    ``replaced`` of what the member saved at the meeting is given back in the same moment.
    """
    rule = saving_rule(session, page, saving_type, member_id)
    check_amount(amount, page.currency)
    check_limits(session, page, member_id, rule, amount, replaced=replaced)
    if rule.fund is Fund.SOCIAL:
        raise RuleBroken("Enter this as a social fund contribution.", field="saving_type")
    return Posting(
        PostingType.SAVINGS_DEPOSIT,
        rule.fund,
        amount,
        member_id=member_id,
        saving_type_id=rule.saving_type_id,
        account_id=rule.account_id,
        mobile_money=mobile_money,
        description=rule.name,
    )


def check_limits(
    session: Session,
    page: Page,
    member_id: int,
    rule: SavingRule,
    amount: Decimal,
    *,
    replaced: Decimal = ZERO,
) -> None:
    """Raise :class:`RuleBroken` unless a member may save an amount of one kind at a meeting.

    ``replaced`` is given back for it. See docs/rules.md#saving-types.
    """
    already = meeting_saved(session, page.meeting_id or 0, member_id, rule.saving_type_id)
    already -= replaced
    check_saved(
        amount,
        least=rule.minimum - already,
        most=most_saved(rule, page, already),
        already=already,
    )


def most_saved(rule: SavingRule, page: Page, already: Decimal) -> Decimal | None:
    """Return the most of a kind that may still be saved at a meeting; None without a limit."""
    return None if rule.maximum is None else rule.maximum * page.meetings_merged - already


def shares_words(count: int) -> str:
    """Return what the cashbook says of shares."""
    return f"Shares: {count}"


def withdraw_saving(
    session: Session,
    meeting_id: int,
    member_id: int,
    saving_type: str,
    amount: Decimal,
    *,
    notice_given: date | None = None,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Pay a member back from an account that allows it.

    Raise :class:`RuleBroken` when the group does not allow it, when the notice it asks for was not
    given in time, for more than the account holds, and for a part of a share.
    """
    page = writable_page(session, meeting_id, member_id)
    rule = saving_rule(session, page, saving_type, member_id)
    check_amount(amount, page.currency)
    if not rule.allows_withdrawal:
        raise RuleBroken(
            "Keep these savings until the share-out.",
            hint="The group allows no withdrawal.",
            field="saving_type",
        )
    if rule.notice_days:
        due = None if notice_given is None else notice_given + timedelta(days=rule.notice_days)
        if due is None or page.day < due:
            raise RuleBroken(
                "Give notice {days} days before.",
                hint="" if due is None else "Pay from {day} on.",
                field="notice_given",
                days=rule.notice_days,
                day=format_date(due) if due else "",
            )
    held = rule.balance
    if amount > held:
        raise RuleBroken(
            "Pay back at most {most}.",
            hint="The account holds no more.",
            field="amount",
            most=plain_amount(held) if held else "0",
        )
    shares_count = None
    if rule.code == SHARES:
        shares_count = shares_from_amount(amount, rules_on(session, page).share_value)
    posting = Posting(
        PostingType.SAVINGS_WITHDRAWAL,
        rule.fund,
        amount,
        member_id=member_id,
        saving_type_id=rule.saving_type_id,
        account_id=rule.account_id,
        shares_count=shares_count,
        description=f"{rule.name}: paid back",
    )
    return post(session, page, posting, clock=clock, by=by)
