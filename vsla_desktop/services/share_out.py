"""The share-out: proposed from a count, frozen by vote, paid. See docs/rules.md#share-out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, update

from vsla_desktop.domain.meeting import CashDifference, check_difference
from vsla_desktop.domain.money import ZERO, check_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.share_out import Holdings, PayoutRules, ShareOut, share_out
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.meetings import expected_in_box
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.share_out import (
    FROZEN,
    OPEN,
    PAID,
    PROPOSED,
    SHARED_OUT,
    MemberPayout,
    SharedCycle,
    debts_to_others,
    line_key,
    other_savings,
    share_holders,
    shared_cycle,
)
from vsla_desktop.queries.share_out_stored import plan_to_json
from vsla_desktop.queries.tables import CYCLES, DISTRIBUTIONS
from vsla_desktop.services.ledger import post
from vsla_desktop.services.postings import Posting
from vsla_desktop.services.rows import add_row
from vsla_desktop.services.share_out_payment import pay_line, settle_debts
from vsla_desktop.services.votes import VoteRecorded, record_vote

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.rules import SocialFundRule
    from vsla_desktop.domain.share_out import ShareOutLine
    from vsla_desktop.domain.votes import Vote
    from vsla_desktop.queries.pages import Page
    from vsla_desktop.services.counts import PurseCounted

AT_COUNT = "Difference at the share-out count"
PURSES = (Fund.LOAN_FUND, Fund.SOCIAL)
"""The purses that are counted for a share-out."""


@dataclass(frozen=True, slots=True)
class PaidOut:
    """What one member was paid in cash."""

    member_id: int
    payout: Decimal


def propose_share_out(
    session: Session,
    meeting_id: int,
    counts: Mapping[Fund, PurseCounted],
    *,
    reserve: Decimal = ZERO,
    social_rule: SocialFundRule | None = None,
    clock: Clock,
    by: int | None = None,
) -> ShareOut:
    """Work out the share-out of the cycle from what was counted, for the meeting to vote on.

    The rules are those that were voted; ``social_rule`` is said where the meeting decides on the
    social fund by itself. A difference at the count is booked with its reason. Proposing again
    replaces the proposal. Raise :class:`RuleBroken` for a purse that is not counted, a difference
    without a reason, a reserve that the loan fund does not hold, and once it is frozen.
    """
    page = writable_page(session, meeting_id)
    cycle = _cycle(session, page)
    if cycle.frozen_on is not None:
        raise RuleBroken("The share-out is voted.", hint="Open it by another vote first.")
    check_amount(reserve, page.currency, field="reserve", zero_allowed=True)
    counted = {fund: _count(session, page, fund, counts, clock=clock, by=by) for fund in PURSES}
    rules = PayoutRules.of(rules_on(session, page))
    if social_rule is not None:
        rules = replace(rules, social_rule=social_rule)
    holdings = Holdings(
        cash=counted[Fund.LOAN_FUND],
        social=counted[Fund.SOCIAL],
        debts=debts_to_others(session, page.group_id, page.day),
        other_savings=other_savings(session, page.group_id, page.day),
        reserve=reserve,
    )
    holders = share_holders(session, page)
    plan = share_out([stake for _, stake in holders], holdings, rules)
    numbers = {holder.member_id: line_key(holder) for holder, _ in holders}
    _keep(session, page, cycle, plan, plan_to_json(plan, numbers), clock)
    return plan


def freeze_share_out(
    session: Session,
    meeting_id: int,
    vote: Vote,
    *,
    clock: Clock,
    by: int | None = None,
) -> VoteRecorded:
    """Let the meeting vote on the proposal; when it passes nothing changes it any more.

    Raise :class:`RuleBroken` without a proposal, when money moved since it was made, and for a vote
    that can not stand. A lost vote is written down and the proposal stays one.
    """
    page = writable_page(session, meeting_id)
    cycle = _cycle(session, page)
    if cycle.frozen_on is not None:
        raise RuleBroken("The share-out is voted.", hint="Pay it out.")
    if cycle.plan is None:
        raise RuleBroken("Propose the share-out first.")
    _check_current(session, page, cycle.plan)
    words = f"{cycle.plan.pool:f} {page.currency_code} / {cycle.plan.total_shares}"
    recorded = record_vote(
        session,
        meeting_id,
        f"Share-out of cycle {cycle.number}",
        vote,
        description=words,
        clock=clock,
        by=by,
    )
    if recorded.is_passed:
        _update_cycle(session, cycle.cycle_id, {"share_out_date": page.day}, clock)
        _update_lines(session, cycle.cycle_id, {"status": FROZEN}, clock)
    return recorded


def open_share_out_again(
    session: Session,
    meeting_id: int,
    vote: Vote,
    *,
    clock: Clock,
    by: int | None = None,
) -> VoteRecorded:
    """Let the meeting vote to undo the freezing, before anybody was paid."""
    page = writable_page(session, meeting_id)
    cycle = _frozen(session, page)
    if cycle.is_begun:
        raise RuleBroken("The share-out is being paid.", hint="Pay everybody.")
    recorded = record_vote(
        session,
        meeting_id,
        f"Share-out of cycle {cycle.number} opened again",
        vote,
        clock=clock,
        by=by,
    )
    if recorded.is_passed:
        _update_cycle(session, cycle.cycle_id, {"share_out_date": None}, clock)
        _update_lines(session, cycle.cycle_id, {"status": PROPOSED}, clock)
    return recorded


def pay_share_out(
    session: Session,
    meeting_id: int,
    member_ids: Collection[int] | None = None,
    *,
    clock: Clock,
    by: int | None = None,
) -> tuple[PaidOut, ...]:
    """Pay members what they are entitled to, all who are not paid unless some are named.

    With the first payout every debt is settled. Once all are paid the cycle is shared out. Raise
    :class:`RuleBroken` before the vote, for a member who is paid or has no line, and for a first
    payout on a later day while debts are open.
    """
    page = writable_page(session, meeting_id)
    cycle = _frozen(session, page)
    chosen = _chosen(cycle, member_ids)
    # The page as the share-out itself writes on it.
    own = replace(page, share_out_date=None)
    if not cycle.is_begun:
        _check_debts(session, page, cycle)
        settle_debts(session, own, [each.line for each in cycle.payouts], clock=clock, by=by)
    for each in chosen:
        entry = pay_line(session, own, each.line, clock=clock, by=by)
        values = {"status": PAID, "paid_date": page.day, "group_transaction_id": entry}
        _update_lines(session, cycle.cycle_id, values, clock, member_id=each.holder.member_id)
    before = sum((each.line.payout for each in cycle.payouts if each.status == PAID), ZERO)
    values = {"paid_out_amount": before + sum((each.line.payout for each in chosen), ZERO)}
    if all(each.status == PAID or each in chosen for each in cycle.payouts):
        values["status"] = SHARED_OUT
    _update_cycle(session, cycle.cycle_id, values, clock)
    return tuple(PaidOut(each.holder.member_id, each.line.payout) for each in chosen)


def _cycle(session: Session, page: Page) -> SharedCycle:
    cycle = (
        None
        if page.cycle_id is None
        else shared_cycle(session, page.group_id, cycle_id=page.cycle_id)
    )
    if cycle is None:
        raise RuleBroken("Open a cycle first.", field="cycle")
    if cycle.status != OPEN:
        raise RuleBroken("This cycle is shared out.", hint="Close it, and open the next.")
    return cycle


def _frozen(session: Session, page: Page) -> SharedCycle:
    cycle = _cycle(session, page)
    if cycle.frozen_on is None:
        raise RuleBroken("Vote on the share-out first.")
    return cycle


def _chosen(cycle: SharedCycle, member_ids: Collection[int] | None) -> list[MemberPayout]:
    if member_ids is None:
        return [each for each in cycle.payouts if each.status != PAID]
    by_member = {each.holder.member_id: each for each in cycle.payouts}
    chosen = []
    for member_id in dict.fromkeys(member_ids):
        if member_id not in by_member:
            raise RuleBroken("Choose a member of the share-out.", field="member")
        chosen.append(by_member[member_id])
    for each in chosen:
        if each.status == PAID:
            raise RuleBroken("{name} is paid already.", name=each.holder.name, field="member")
    return chosen


def _count(
    session: Session,
    page: Page,
    fund: Fund,
    counts: Mapping[Fund, PurseCounted],
    *,
    clock: Clock,
    by: int | None,
) -> Decimal:
    """Return what was counted of a purse; what differs from the book becomes a line with a reason.

    Counted again it is compared with a book that holds the earlier difference.
    """
    if fund not in counts:
        raise RuleBroken("Count the money.", field=fund.value)
    found = counts[fund]
    total = found.counted()
    check_amount(total, page.currency, field=fund.value, zero_allowed=True)
    difference = CashDifference(expected_in_box(session, page.group_id).get(fund, ZERO), total)
    check_difference(difference, found.reason)
    if difference.difference:
        posting = Posting(
            PostingType.CASH_DIFFERENCE,
            fund,
            abs(difference.difference),
            direction=difference.direction,
            description=AT_COUNT,
            reason=found.reason.strip(),
            field=fund.value,
        )
        post(session, page, posting, clock=clock, by=by)
    return total


def _check_current(session: Session, page: Page, plan: ShareOut) -> None:
    """Raise :class:`RuleBroken` when the proposal is no longer what the book would give."""
    box = expected_in_box(session, page.group_id)
    held = replace(
        plan.holdings,
        cash=box[Fund.LOAN_FUND],
        social=box[Fund.SOCIAL],
        debts=debts_to_others(session, page.group_id, page.day),
        other_savings=other_savings(session, page.group_id, page.day),
    )
    stakes = [stake for _, stake in share_holders(session, page)]
    if held != plan.holdings or share_out(stakes, held, plan.rules).lines != plan.lines:
        raise RuleBroken("Propose the share-out again.", hint="Money moved since it was made.")


def _check_debts(session: Session, page: Page, cycle: SharedCycle) -> None:
    """Raise :class:`RuleBroken` when members do not owe what was voted any more."""
    stakes = [stake for _, stake in share_holders(session, page)]
    if cycle.frozen_on != page.day and any(stake.debts for stake in stakes):
        raise RuleBroken(
            "Open the share-out and vote again.",
            hint="It was voted on {day}, and debts grow.",
            day=format_date(cycle.frozen_on or page.day),
        )
    plan = cycle.plan
    if plan is None:
        raise RuleBroken("Propose the share-out first.")
    now = share_out(stakes, plan.holdings, plan.rules).lines
    if {_set_off(line) for line in now} != {_set_off(line) for line in plan.lines}:
        raise RuleBroken(
            "Open the share-out and vote again.", hint="What members owe is not as it was."
        )


def _set_off(line: ShareOutLine) -> tuple[int, Decimal] | None:
    return (line.member_id, line.set_off) if line.set_off else None


def _keep(
    session: Session,
    page: Page,
    cycle: SharedCycle,
    plan: ShareOut,
    stored: dict[str, Any],
    clock: Clock,
) -> None:
    session.connection().execute(
        delete(DISTRIBUTIONS).where(DISTRIBUTIONS.c.cycle_id == cycle.cycle_id)
    )
    for line in plan.lines:
        row = {
            "group_id": page.group_id,
            "cycle_id": cycle.cycle_id,
            "member_id": line.member_id,
            "shares_count": line.shares,
            "savings_amount": line.savings,
            "profit_amount": line.profit,
            "social_fund_amount": line.social,
            "entitled_amount": line.entitled,
            "debt_amount": line.debts,
            "payout_amount": line.payout,
            "status": PROPOSED,
        }
        add_row(session, insert(DISTRIBUTIONS), row, clock)
    values = {
        "share_out": stored,
        "total_shares": plan.total_shares,
        "total_savings": plan.total_savings,
        "total_profit": plan.profit,
        "pool_amount": plan.pool,
        "remainder_amount": plan.remainder + plan.social_remainder,
        "debts_amount": plan.holdings.debts,
        "reserve_amount": plan.holdings.reserve,
    }
    _update_cycle(session, cycle.cycle_id, values, clock)


def _update_cycle(session: Session, cycle_id: int, values: Mapping[str, Any], clock: Clock) -> None:
    session.connection().execute(
        update(CYCLES).where(CYCLES.c.id == cycle_id), {**values, "updated_date": clock.now()}
    )


def _update_lines(
    session: Session,
    cycle_id: int,
    values: Mapping[str, Any],
    clock: Clock,
    *,
    member_id: int | None = None,
) -> None:
    lines = update(DISTRIBUTIONS).where(DISTRIBUTIONS.c.cycle_id == cycle_id)
    if member_id is not None:
        lines = lines.where(DISTRIBUTIONS.c.member_id == member_id)
    session.connection().execute(lines, {**values, "updated_date": clock.now()})
