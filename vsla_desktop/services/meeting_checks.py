"""When a meeting may be opened. See docs/rules.md#meetings and docs/rules.md#share-out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.meetings import last_closed, open_meeting_id
from vsla_desktop.queries.pages import CYCLE_SHARED_OUT
from vsla_desktop.queries.schedule import WITH_ROLL_CALL
from vsla_desktop.queries.tables import ATTENDANCE

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.queries.pages import Page
    from vsla_desktop.services.meetings import NewMeeting


def check_may_open(session: Session, page: Page, new: NewMeeting, rules: GroupRules) -> None:
    """Raise :class:`RuleBroken` for a meeting that can not be opened on a page between two.

    In a cycle that is shared out and not closed only one without a roll call can.
    """
    if page.cycle_id is None:
        raise RuleBroken("Open a cycle first.", field="cycle")
    calls_roll = new.kind in WITH_ROLL_CALL
    if page.cycle_status == CYCLE_SHARED_OUT and calls_roll:
        raise RuleBroken(
            "Open the next cycle first.", hint="Everybody is paid.", field="meeting_type"
        )
    if open_meeting_id(session, page.group_id) is not None:
        raise RuleBroken("Close the open meeting first.", field="meeting")
    if not 1 <= new.meetings_merged <= rules.max_meetings_merged:
        raise RuleBroken(
            "Merge at most {most} meetings.",
            field="meetings_merged",
            most=rules.max_meetings_merged,
        )
    before = last_closed(session, page.group_id)
    if before is not None and new.day < before.meeting_date:
        raise RuleBroken(
            "Choose a day from {day} on.",
            hint="The last meeting was held that day.",
            field="date",
            day=format_date(before.meeting_date),
        )
    if calls_roll and _roll_was_called(session, page.group_id, new.day):
        raise RuleBroken(
            "The roll was called that day already.",
            hint="Choose another day, or a special meeting.",
            field="date",
        )


def _roll_was_called(session: Session, group_id: int, day: date) -> bool:
    """Tell whether a meeting of the day has its roll call: a member has one mark a day."""
    marks = select(ATTENDANCE.c.id).where(
        ATTENDANCE.c.group_id == group_id, ATTENDANCE.c.meeting_date == day
    )
    return session.connection().execute(marks.limit(1)).first() is not None
