"""A member saves towards a target."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from tests.services.village import Village
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import ACCOUNTS, GROUP_SAVING_TYPES, MEMBERS
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services import cells
from vsla_desktop.services.members import LeavingReason, leave_group
from vsla_desktop.services.targets import set_target

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal


def aim(village: Village, member: int, amount: int) -> None:
    with village.at_work() as session:
        set_target(session, member, D(amount), clock=village.clock)


def target_of(village: Village, member: int) -> Decimal:
    with village.database.read() as session:
        wanted = select(MEMBERS.c.target_amount).where(MEMBERS.c.id == member)
        return D(session.execute(wanted).scalar_one())


def test_a_target_is_set_changed_and_taken_back(database: Database) -> None:
    village = Village(database).form()
    first, second, *_others = village.members
    village.meet()
    with village.at_work() as session:
        cells.set_saving(session, village.meeting_id, first, "TARGET", D(700), clock=village.clock)
    for amount in (30_000, 45_000):
        aim(village, first, amount)
        aim(village, second, amount)
        assert target_of(village, first) == target_of(village, second) == D(amount)
    with database.read() as session:
        assert session.execute(select(ACCOUNTS.c.current_balance)).scalars().all() == [700, 0]
    aim(village, first, 0)
    assert target_of(village, first) == D(0)
    assert verify_all(database).ok


def test_a_target_needs_an_amount_a_member_and_the_group_to_keep_it(database: Database) -> None:
    village = Village(database).form()
    first, second, *_others = village.members
    with pytest.raises(RuleBroken):
        aim(village, first, -1)
    with village.at_work() as session:
        leave_group(session, second, LeavingReason.LEFT, clock=village.clock)
    with pytest.raises(RuleBroken, match="Choose a member"):
        aim(village, second, 500)
    with village.at_work() as session:
        session.execute(
            GROUP_SAVING_TYPES.update()
            .where(GROUP_SAVING_TYPES.c.fund_type == "TARGET")
            .values(is_active=False)
        )
    with pytest.raises(RuleBroken, match="does not save TARGET"):
        aim(village, first, 500)
    assert target_of(village, first) == D(0)
