"""A cycle: from the first meeting to the share-out, and the next one after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.rules import GroupRules, check_rules
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.funds_property import property_value
from vsla_desktop.queries.meetings import expected_in_box, open_meeting_id
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.rules import FROM, RULES, group_rules, rules_on, rules_to_json
from vsla_desktop.queries.share_out import CLOSED, SHARED_OUT, shared_cycle
from vsla_desktop.queries.tables import CYCLES, MEETINGS, MEMBERS
from vsla_desktop.services.ledger import post_all
from vsla_desktop.services.postings import Posting
from vsla_desktop.services.rows import add_row
from vsla_desktop.services.savings import shares_posting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock

USUAL_LENGTH = timedelta(weeks=52)
LONGEST = timedelta(days=3 * 366)
REMAINDER = "Remainder of the share-out"


@dataclass(frozen=True, slots=True)
class CycleOpened:
    """A cycle that was opened."""

    cycle_id: int
    number: int


def open_cycle(
    session: Session,
    group_id: int,
    start: date,
    end: date | None = None,
    *,
    rules: GroupRules | None = None,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> CycleOpened:
    """Open the next cycle of a group; ``end`` is the share-out day, 52 weeks on unless said.

    The cycle keeps its own copy of the rules: those of the group unless ``rules`` are given. Raise
    :class:`RuleBroken` while another cycle is open, for a start before the group was formed or
    before its last meeting, and for an end that is not after the start.
    """
    page = group_page(session, group_id, start)
    if page.cycle_id is not None:
        raise RuleBroken("Share out first.", hint="A cycle is still open.", field="cycle_start")
    if page.formation_date is not None and start < page.formation_date:
        raise RuleBroken(
            "Choose a day from {day} on.",
            hint="The group was formed that day.",
            field="cycle_start",
            day=format_date(page.formation_date),
        )
    connection = session.connection()
    paid = select(CYCLES.c.id).where(CYCLES.c.group_id == group_id, CYCLES.c.status == SHARED_OUT)
    if connection.execute(paid).first() is not None:
        raise RuleBroken("Close the cycle first.", hint="It is shared out.", field="cycle_start")
    last = connection.execute(
        select(func.max(MEETINGS.c.meeting_date)).where(MEETINGS.c.group_id == group_id)
    ).scalar()
    if last is not None and start < last:
        raise RuleBroken(
            "Choose a day from {day} on.",
            hint="The last meeting was held then.",
            field="cycle_start",
            day=format_date(last),
        )
    last_day = end or start + USUAL_LENGTH
    if last_day <= start:
        raise RuleBroken("End the cycle after it begins.", field="cycle_end")
    if last_day - start > LONGEST:
        raise RuleBroken("Share out within three years.", field="cycle_end")
    held = check_rules(rules, page.currency) if rules else group_rules(session, group_id)
    number = 1 + (
        connection.execute(
            select(func.max(CYCLES.c.cycle_number)).where(CYCLES.c.group_id == group_id)
        ).scalar()
        or 0
    )
    members_count = connection.execute(
        select(func.count())
        .select_from(MEMBERS)
        .where(MEMBERS.c.group_id == group_id, MEMBERS.c.is_active)
    ).scalar()
    cycle_id = add_row(
        session,
        insert(CYCLES),
        {
            "group_id": group_id,
            "cycle_number": number,
            "start_date": start,
            "end_date": last_day,
            "rules": [{FROM: start.isoformat(), RULES: rules_to_json(held)}],
            "members_at_start": members_count or 0,
            "share_value": held.share_value,
            "property_at_start": property_value(session, group_id),
        },
        clock,
    )
    return CycleOpened(cycle_id, number)


def close_cycle(
    session: Session,
    group_id: int,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> int:
    """Close the cycle that is shared out and return its number; nothing in it changes any more.

    Raise :class:`RuleBroken` before everybody is paid, and while a meeting is open.
    """
    cycle = shared_cycle(session, group_id)
    if cycle is None or cycle.status == CLOSED:
        raise RuleBroken("No cycle is open.", field="cycle")
    if cycle.status != SHARED_OUT:
        raise RuleBroken("Share out first.", hint="Somebody is not paid yet.", field="cycle")
    if open_meeting_id(session, group_id) is not None:
        raise RuleBroken("Close the open meeting first.", field="meeting")
    session.connection().execute(
        update(CYCLES).where(CYCLES.c.id == cycle.cycle_id),
        {"status": CLOSED, "closed_date": clock.now(), "updated_date": clock.now()},
    )
    return cycle.number


def open_next_cycle(
    session: Session,
    group_id: int,
    start: date,
    end: date | None = None,
    *,
    reinvest: Mapping[int, int] | None = None,
    clock: Clock,
    by: int | None = None,
) -> CycleOpened:
    """Open the cycle after a share-out, with the rules voted last and what is left in the purses.

    ``reinvest`` says how many shares members buy at once out of their payouts. A remainder that
    the group voted to the social fund is moved there. Raise :class:`RuleBroken` as
    :func:`open_cycle` does, for more shares than one meeting allows, and for more than the payout
    buys. See docs/rules.md#share-out.
    """
    before = shared_cycle(session, group_id)
    opened = open_cycle(session, group_id, start, end, clock=clock, by=by)
    page = group_page(session, group_id, start)
    if before is None or before.plan is None or before.status != CLOSED:
        if reinvest:
            raise RuleBroken("Share out first.", hint="Nobody was paid yet.", field="cycle")
        return opened
    postings: list[Posting] = []
    # A count after the payouts may have found less: no coin is so small, or one is lost.
    left = min(before.plan.remainder, expected_in_box(session, group_id)[Fund.LOAN_FUND])
    if left and before.plan.rules.remainder_fund is Fund.SOCIAL:
        postings += [
            Posting(
                PostingType.OPENING_BALANCE,
                fund,
                left,
                direction=direction,
                description=REMAINDER,
            )
            for fund, direction in ((Fund.LOAN_FUND, -1), (Fund.SOCIAL, 1))
        ]
    payouts = {each.holder.member_id: each.line.payout for each in before.payouts}
    share_value = rules_on(session, page).share_value
    for member_id, count in (reinvest or {}).items():
        posting = shares_posting(session, page, member_id, count)
        paid = payouts.get(member_id, ZERO)
        if posting.amount > paid:
            raise RuleBroken(
                "Re-invest at most {most}.",
                hint="The payout bought no more.",
                field="shares",
                most=int(paid // share_value),
            )
        postings.append(posting)
    post_all(session, page, postings, clock=clock, by=by)
    return opened
