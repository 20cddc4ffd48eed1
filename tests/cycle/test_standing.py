"""Who is suspended is a member still, when the group shares out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.services.village import Village
from vsla_desktop.domain.rules import SocialFundRule
from vsla_desktop.services import cells
from vsla_desktop.services.meetings import as_expected
from vsla_desktop.services.members import suspend_member
from vsla_desktop.services.share_out import propose_share_out

if TYPE_CHECKING:
    from vsla_desktop.db import Database


D = Decimal


@pytest.mark.parametrize("rule", [SocialFundRule.SPLIT_EQUALLY, SocialFundRule.REFUND])
def test_a_suspended_member_has_her_part_of_the_social_fund(
    database: Database, rule: SocialFundRule
) -> None:
    village = Village(database).ruled(social_fund_rule=rule).form()
    village.meet(present=True)
    clock, suspended = village.clock, village.members[0]
    with village.at_work() as session:
        for member in village.members:
            cells.set_shares(session, village.meeting_id, member, 2, clock=clock)
            cells.set_social(session, village.meeting_id, member, D(200), clock=clock)
        suspend_member(session, suspended, clock=clock)
        counts = as_expected(session, village.group_id)
        plan = propose_share_out(session, village.meeting_id, counts, clock=clock)
    assert [(line.social, line.payout) for line in plan.lines] == [(D(200), D(1200))] * 5
