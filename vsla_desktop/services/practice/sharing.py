"""The last meeting of a practice group's cycle: the share-out, and how the next one begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.votes import Vote
from vsla_desktop.queries.advances import advances_owed
from vsla_desktop.queries.meetings import expected_in_box
from vsla_desktop.services.cycles import USUAL_LENGTH, close_cycle, open_next_cycle
from vsla_desktop.services.fines import owed_fines
from vsla_desktop.services.meetings import as_expected
from vsla_desktop.services.share_out import freeze_share_out, pay_share_out, propose_share_out

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.services.practice.behaviour import Planned
    from vsla_desktop.services.practice.people import Group
    from vsla_desktop.services.workbook.recording import Recorder

REINVESTS = 0.3
"""The part of the members who buy shares at once out of their payouts."""


def share_out(
    session: Session,
    recorder: Recorder,
    group: Group,
    planned: Planned,
    following: date,
    clock: Clock,
) -> None:
    """Hold a meeting that shares out, and open the next cycle on the day of the following one."""
    by, group_id = recorder.by, recorder.group_id
    meeting = recorder.open(planned.meeting)
    if meeting is None:
        return
    recorder.write(meeting, planned.meeting, planned.entries, planned.other)
    counts = as_expected(session, group_id)
    propose_share_out(session, meeting, counts, clock=clock, by=by)
    freeze_share_out(session, meeting, Vote(len(planned.entries)), clock=clock, by=by)
    paid = pay_share_out(session, meeting, clock=clock, by=by)
    as_it_is = replace(
        planned.meeting,
        closing_loan_fund_count=None,
        closing_social_fund_count=None,
        closing_reason="",
    )
    recorder.close(meeting, as_it_is)
    close_cycle(session, group_id, clock=clock, by=by)
    members = {recorder.members[person.number] for person in group.people}
    value = group.rules.share_value
    reinvest = {}
    for each in paid:
        most = min(group.rules.max_shares_per_meeting, int(each.payout // value))
        if most and each.member_id in members and group.chance.random() < REINVESTS:
            reinvest[each.member_id] = group.chance.randint(1, most)
    open_next_cycle(
        session,
        group_id,
        following,
        following + USUAL_LENGTH,
        reinvest=reinvest,
        clock=clock,
        by=by,
    )
    advances = advances_owed(session, group_id)
    for person in group.people:
        member_id = recorder.members[person.number]
        person.begin_cycle(reinvest.get(member_id, 0) * value)
        # Payouts pay what they reach of fines and advances.
        person.fines_owed = sum((owed for _, owed, _ in owed_fines(session, member_id)), ZERO)
        person.advance = advances.get(member_id, ZERO)
    box = expected_in_box(session, group_id)
    group.box.loan_fund, group.box.social = box[Fund.LOAN_FUND], box[Fund.SOCIAL]
    group.cycle_start, group.cycle_end = following, following + USUAL_LENGTH
    group.held_count = 0
