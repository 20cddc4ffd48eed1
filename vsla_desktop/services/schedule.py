"""Meetings that are planned, moved to another day, or cancelled.

See docs/rules.md#planned-meetings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, update

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.meetings import last_closed
from vsla_desktop.queries.pages import MEETING_OPEN, group_page, meeting_page
from vsla_desktop.queries.schedule import CANCELLED, SCHEDULED
from vsla_desktop.queries.tables import MEETINGS
from vsla_desktop.services.meeting_numbers import number_to_plan
from vsla_desktop.services.meetings import REGULAR, clear_meeting
from vsla_desktop.services.rows import add_row
from vsla_desktop.services.writing import check_page

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock


LONGEST_TEXT: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A meeting to come; ``number`` None leaves it to the book, which may change it.

    ``location`` is the place if it is not the usual one, ``purpose`` what it is held for.
    """

    day: date
    number: int | None = None
    kind: str = REGULAR
    location: str = ""
    purpose: str = ""


def plan_meeting(
    session: Session,
    group_id: int,
    plan: Plan,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> int:
    """Write down a meeting to come, and return its id.

    Raise :class:`RuleBroken` for a number that is in the book, for a day before the last meeting,
    the cycle or the group, and without a cycle.
    """
    _check_day(session, group_id, plan.day)
    page = group_page(session, group_id, plan.day)
    said = {
        "location": _short(plan.location, "location"),
        "agenda": _short(plan.purpose, "purpose"),
    }
    number = plan.number or number_to_plan(session, group_id, plan.kind)
    taken = select(MEETINGS.c.id).where(
        MEETINGS.c.group_id == group_id, MEETINGS.c.meeting_number == number
    )
    if session.connection().execute(taken).first() is not None:
        raise RuleBroken("Meeting {number} is in the book already.", field="number", number=number)
    row = {
        "group_id": group_id,
        "cycle_id": page.cycle_id,
        "meeting_number": number,
        "meeting_date": plan.day,
        "planned_date": plan.day,
        "meeting_type": plan.kind,
        "status": SCHEDULED,
    } | {name: text for name, text in said.items() if text}
    return add_row(session, insert(MEETINGS), row, clock)


def postpone_meeting(
    session: Session,
    meeting_id: int,
    day: date,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Move a planned meeting to another day; the day it was first planned for is kept.

    Raise :class:`RuleBroken` for the same day, a day before the last meeting, without a reason,
    and for a meeting that was opened, held or cancelled.
    """
    meeting = _planned(session, meeting_id)
    said = _reason(reason)
    if day == meeting.meeting_date:
        raise RuleBroken("Choose another day.", field="date")
    _check_day(session, meeting.group_id, day)
    values = {
        "meeting_date": day,
        "planned_date": meeting.planned_date or meeting.meeting_date,
        "status_reason": said,
    }
    _update(session, meeting_id, values, clock)


def cancel_meeting(
    session: Session,
    meeting_id: int,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Write down that a meeting is not held, and why; its number stays with it.

    One that was opened may be cancelled until money moves in it or it decides something, such as
    when too few come: its roll call and fines go, so nobody was absent from it. Raise
    :class:`RuleBroken` without a reason, and for a meeting that was held or cancelled.
    """
    said = _reason(reason)
    if meeting_page(session, meeting_id).meeting_status == MEETING_OPEN:
        clear_meeting(session, meeting_id, clock=clock)
    else:
        _planned(session, meeting_id)
    values = {"status": CANCELLED, "status_reason": said}
    _update(session, meeting_id, values, clock)


def _planned(session: Session, meeting_id: int) -> Any:
    meeting = (
        session.connection().execute(select(MEETINGS).where(MEETINGS.c.id == meeting_id)).first()
    )
    if meeting is None:
        raise RuleBroken("This meeting is not in the book.", field="meeting")
    if meeting.status != SCHEDULED:
        raise RuleBroken("This meeting is not planned any more.", field="meeting")
    return meeting


def _reason(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise RuleBroken("Say why.", field="status_reason")
    return said


def _short(text: str, field: str) -> str:
    said = " ".join(text.split())
    if len(said) > LONGEST_TEXT:
        raise RuleBroken("Enter at most {most} characters.", field=field, most=LONGEST_TEXT)
    return said


def _check_day(session: Session, group_id: int, day: date) -> None:
    page = group_page(session, group_id, day)
    check_page(page)
    if page.cycle_id is None:
        raise RuleBroken("Open a cycle first.", field="cycle")
    before = last_closed(session, group_id)
    if before is not None and day < before.meeting_date:
        raise RuleBroken(
            "Choose a day from {day} on.",
            hint="The last meeting was held that day.",
            field="date",
            day=format_date(before.meeting_date),
        )


def _update(session: Session, meeting_id: int, values: dict[str, Any], clock: Clock) -> None:
    session.connection().execute(
        update(MEETINGS).where(MEETINGS.c.id == meeting_id),
        values | {"updated_date": clock.now()},
    )
