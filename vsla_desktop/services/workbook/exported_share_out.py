"""The share-out of a cycle as rows of the sheet Other: the count, the vote, and each payout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.queries.share_out import PAID, SharedCycle
from vsla_desktop.queries.tables import DISTRIBUTIONS, LEDGER
from vsla_desktop.services.share_out import AT_COUNT
from vsla_desktop.services.share_out_payment import GIVEN_UP, SET_OFF
from vsla_desktop.services.workbook.books import OtherRow
from vsla_desktop.services.workbook.exported_changes import hands
from vsla_desktop.services.workbook.exported_events import PAYS_DEBTS, ExportedEvents, backwards
from vsla_desktop.services.workbook.layout import OtherType

if TYPE_CHECKING:
    from collections.abc import Iterator

_T = PostingType
_PAID = (
    select(
        DISTRIBUTIONS.c.member_id,
        DISTRIBUTIONS.c.payout_amount,
        DISTRIBUTIONS.c.paid_date,
        LEDGER.c.meeting_id,
    )
    .select_from(
        DISTRIBUTIONS.outerjoin(LEDGER, LEDGER.c.id == DISTRIBUTIONS.c.group_transaction_id)
    )
    .where(DISTRIBUTIONS.c.cycle_id == bindparam("cycle"), DISTRIBUTIONS.c.status == PAID)
    .order_by(DISTRIBUTIONS.c.id)
)


def share_out_rows(events: ExportedEvents, cycle: SharedCycle) -> Iterator[OtherRow]:
    """Yield a share-out that was voted, and take its lines; one that was not is left out."""
    plan, meetings = cycle.plan, events.meetings
    if plan is None:
        return
    meeting = meetings.last_on(cycle.frozen_on)
    vote = events.changes.vote_named(f"Share-out of cycle {cycle.number}")
    if cycle.frozen_on is None or meeting is None or vote is None:
        events.left_out["share-out"] += 1
        return
    at = meetings.numbers[meeting]
    for fund, total in (
        (Fund.LOAN_FUND, plan.holdings.cash),
        (Fund.SOCIAL, plan.holdings.social),
    ):
        reasons = [
            line.reason
            for line in events.lines
            if line.description == AT_COUNT and line.fund is fund and line.meeting_id == meeting
        ]
        yield OtherRow(
            meeting=at,
            type=OtherType.SHARE_OUT_COUNT.value,
            fund=fund.value,
            amount=total,
            description=reasons[-1] if reasons else "",
        )
    yield OtherRow(
        meeting=at,
        type=OtherType.SHARE_OUT.value,
        amount=plan.holdings.reserve,
        detail=plan.rules.social_rule.value,
        rest=plan.pool,
        **hands(vote),
    )
    for paid in events.session.connection().execute(_PAID, {"cycle": cycle.cycle_id}):
        held = paid.meeting_id or meetings.last_on(paid.paid_date)
        yield OtherRow(
            meeting=meetings.numbers.get(held or 0),
            member=events.members[paid.member_id],
            type=OtherType.SHARE_OUT_PAID.value,
            amount=paid.payout_amount,
        )
    _take(events, cycle)


def _take(events: ExportedEvents, cycle: SharedCycle) -> None:
    """Take the lines of the payouts, and of the debts that were settled with them."""
    for line in events.lines:
        activity = events.more[line.transaction_id].activity_id
        is_lost = line.type is _T.LOAN_WRITE_OFF and not events.changes.is_voted(activity)
        if line.type is _T.SHARE_OUT or line.description in {SET_OFF, GIVEN_UP} or is_lost:
            events.taken.add(line.transaction_id)
    if not cycle.is_begun:
        return
    for each in cycle.payouts:
        paid = [
            line
            for line in events.lines
            if line.member_id == each.holder.member_id
            and line.type in PAYS_DEBTS
            and not line.is_reversal
        ]
        events.taken |= {line.transaction_id for line in backwards(paid, each.line.set_off or ZERO)}
