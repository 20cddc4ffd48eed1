"""The share-out of a cycle as rows of the sheet Other: the count, the vote, and each payout."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.queries.share_out import PAID, SharedCycle
from vsla_desktop.queries.tables import DISTRIBUTIONS
from vsla_desktop.services.share_out import AT_COUNT
from vsla_desktop.services.share_out_payment import DUE_SET_OFF, GIVEN_UP, SET_OFF
from vsla_desktop.services.workbook.books import OtherRow
from vsla_desktop.services.workbook.exported_changes import hands
from vsla_desktop.services.workbook.exported_events import PAYS_DEBTS, ExportedEvents
from vsla_desktop.services.workbook.layout import OtherType

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from vsla_desktop.queries.lines import LedgerLine

_T, _PAYOUT = PostingType, OtherType.SHARE_OUT_PAID
_PAID = (
    select(DISTRIBUTIONS.c.member_id, DISTRIBUTIONS.c.payout_amount, DISTRIBUTIONS.c.paid_date)
    .where(DISTRIBUTIONS.c.cycle_id == bindparam("cycle"), DISTRIBUTIONS.c.status == PAID)
    .order_by(DISTRIBUTIONS.c.id)
)


def share_out_rows(events: ExportedEvents, cycle: SharedCycle) -> Iterator[OtherRow]:
    """Yield a share-out that was voted, and take its lines; one that was not is left out."""
    plan, meetings = cycle.plan, events.meetings
    if plan is None:
        return
    vote = events.changes.vote_named(f"Share-out of cycle {cycle.number}")
    meeting = None if vote is None else vote.meeting_id
    if cycle.frozen_on is None or meeting is None or meeting not in meetings.numbers:
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
    settled = _settled(events, cycle)
    events.taken |= settled
    yield from _payouts(events, cycle, settled)


def _settled(events: ExportedEvents, cycle: SharedCycle) -> set[int]:
    """Return the lines of the payouts and of the debts settled with them, taken back or not."""
    lines = [line for line in events.lines if line.cycle_id == cycle.cycle_id]
    found: set[int] = set()
    for at, line in enumerate(lines):
        if line.is_reversal:
            continue
        activity = events.more[line.transaction_id].activity_id
        is_lost = line.type is _T.LOAN_WRITE_OFF and not events.changes.is_voted(activity)
        is_paid = line.description in {DUE_SET_OFF, GIVEN_UP}
        if line.type is _T.SHARE_OUT or is_paid or is_lost:
            found.add(line.transaction_id)
        if line.description.startswith(SET_OFF):
            found |= _set_off_by(lines[:at], line)
    by_id = {line.transaction_id: line.reference for line in lines}
    undone = {by_id[each] for each in found}
    return found | {line.transaction_id for line in lines if line.reverses in undone}


def _set_off_by(before: list[LedgerLine], line: LedgerLine) -> set[int]:
    """Return the payments of loans that came before what is set off against them, and are made up.

    Since the vote no loan was paid but by setting off; payouts of both purses may stand for one.
    """
    own = [each for each in before if each.member_id == line.member_id and not each.is_reversal]
    left, found = line.amount, set[int]()
    for each in reversed(own):
        if each.description.startswith(SET_OFF):
            left += each.amount
        elif left > 0 and each.type in PAYS_DEBTS:
            found.add(each.transaction_id)
            left -= each.amount
        elif left <= 0:
            break
    return found


def _payouts(
    events: ExportedEvents, cycle: SharedCycle, settled: Collection[int]
) -> Iterator[OtherRow]:
    """Yield who was paid and who was not after all, in the order in which it happened."""
    rows: list[OtherRow] = []
    paid_at: dict[date | None, int | None] = {}
    is_unsettled = any(
        row.reversed_type == _T.LOAN_WRITE_OFF or SET_OFF in (row.description or "")
        for row in events.more.values()
        if row.reversed_type
    )
    paid_count, begun_again = 0, 0  # the place from which on somebody was always paid
    for line in events.lines:
        # Shares that are worth nothing are given up in place of a payout.
        is_payout = line.type in {_T.SHARE_OUT, _T.SAVINGS_WITHDRAWAL}
        if line.transaction_id not in settled or not is_payout or SET_OFF in line.description:
            continue
        row = OtherRow(
            meeting=events.meetings.numbers[line.meeting_id or 0],
            member=line.member_number,
            type=(OtherType.SHARE_OUT_RETURNED if line.is_reversal else _PAYOUT).value,
            amount=line.amount if line.type is _T.SHARE_OUT else ZERO,
            description=line.reason if line.is_reversal else "",
        )
        last = rows[-1] if rows else None
        if last is not None and replace(last, amount=row.amount) == row:  # from the other purse
            rows[-1] = replace(row, amount=last.amount + row.amount)
            continue
        rows.append(row)
        paid_at[line.day] = line.meeting_id
        paid_count += -1 if line.is_reversal else 1
        if not paid_count and is_unsettled:
            begun_again = len(rows)
    seen = {row.member for row in rows}
    nothing = [
        OtherRow(
            meeting=events.meetings.numbers.get(
                paid_at.get(paid.paid_date) or events.meetings.last_on(paid.paid_date) or 0
            ),
            member=events.members[paid.member_id],
            type=_PAYOUT.value,
            amount=paid.payout_amount,
        )
        for paid in events.session.connection().execute(_PAID, {"cycle": cycle.cycle_id})
        if events.members[paid.member_id] not in seen
    ]
    # Who gets nothing is paid with the others: after the first of them, so that debts stay settled.
    place = min(begun_again + 1, len(rows))
    yield from [*rows[:place], *nothing, *rows[place:]]
