"""Reading the rules of a group, and what a change of them needs.

Apart from the presenter, since what this needs is not wanted before the page is shown.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from vsla_desktop.presenters.rules import RulesRead
from vsla_desktop.queries.groups import group_overview
from vsla_desktop.queries.pages import MEETING_CLOSED, MEETING_OPEN, group_page
from vsla_desktop.queries.rules import group_rules
from vsla_desktop.queries.rules_history import rules_history
from vsla_desktop.queries.shares import cycle_shares
from vsla_desktop.queries.tables import MEETINGS, SETTINGS

if TYPE_CHECKING:
    from vsla_desktop.db import Database

_PRESET = select(SETTINGS.c.preset).where(SETTINGS.c.group_id == bindparam("of_group"))
_LAST = (
    select(MEETINGS.c.id, MEETINGS.c.meeting_date, MEETINGS.c.status, MEETINGS.c.members_present)
    .where(
        MEETINGS.c.group_id == bindparam("of_group"),
        MEETINGS.c.status.in_((MEETING_OPEN, MEETING_CLOSED)),
    )
    .order_by(MEETINGS.c.meeting_date.desc(), MEETINGS.c.id.desc())
)


def read_rules(database: Database, group_id: int, today: date) -> RulesRead:
    """Read the rules that were voted last."""
    with database.read() as session:
        page = group_page(session, group_id, today)
        wanted = {"of_group": group_id}
        connection = session.connection()
        meetings = connection.execute(_LAST, wanted).all()
        opened = next((each for each in meetings if each.status == MEETING_OPEN), None)
        return RulesRead(
            rules=group_rules(session, group_id),
            preset=connection.execute(_PRESET, wanted).scalar() or "",
            history=rules_history(session, group_id),
            shares_sold=cycle_shares(session, page.cycle_id) if page.cycle_id is not None else 0,
            members_count=group_overview(session, group_id, on=today).members_count,
            cycle_start=page.cycle_start,
            cycle_end=page.cycle_end,
            last_meeting=meetings[0].meeting_date if meetings else None,
            open_meeting=opened.id if opened is not None else None,
            present_count=(opened.members_present or 0) if opened is not None else 0,
        )
