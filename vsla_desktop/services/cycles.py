"""A cycle: from the first meeting to the share-out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from vsla_desktop.domain.rules import GroupRules, check_rules
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.rules import FROM, RULES, group_rules, rules_to_json
from vsla_desktop.queries.tables import CYCLES, MEETINGS, MEMBERS
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock

USUAL_LENGTH = timedelta(weeks=52)
LONGEST = timedelta(days=3 * 366)


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
        },
        clock,
    )
    return CycleOpened(cycle_id, number)
