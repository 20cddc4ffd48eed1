"""The numbers of meetings: one row after another as they are held, whenever they were planned.

See docs/rules.md#planned-meetings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.schedule import SCHEDULED, WITH_ROLL_CALL, next_number
from vsla_desktop.queries.tables import MEETINGS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock


def number_to_open(session: Session, group_id: int, wanted: int | None) -> int:
    """Return the number of a meeting that is opened; RuleBroken for one held or cancelled."""
    if wanted is None:
        return next_number(session, group_id)
    if wanted < 1:
        raise RuleBroken("Enter a number from 1 on.", field="number")
    taken = _with_number(session, group_id, wanted)
    if taken is not None and taken.status != SCHEDULED:
        raise RuleBroken("Meeting {number} is in the book already.", field="number", number=wanted)
    return wanted


def number_to_plan(session: Session, group_id: int, kind: str) -> int:
    """Return a number for a meeting to come; it may get another when it is opened.

    The next regular meeting has the next number. Any other leaves that to it.
    """
    following = next_number(session, group_id)
    if kind in WITH_ROLL_CALL and _with_number(session, group_id, following) is None:
        return following
    return 1 + max(following, _last(session, group_id))


def take_planned(
    session: Session,
    group_id: int,
    number: int,
    kind: str,
    *,
    planned_id: int | None,
    clock: Clock,
) -> int | None:
    """Return the planned meeting that is opened now with a number, None for one never planned.

    Without ``planned_id`` it is the one with this number, if that calls the roll as this one does.
    Another one that has the number is given a later one. Raise :class:`RuleBroken` for one that is
    not planned any more.
    """
    holder = _with_number(session, group_id, number)
    if planned_id is not None:
        _check_planned(session, group_id, planned_id)
        opened: int | None = planned_id
    elif holder is not None and (holder.kind in WITH_ROLL_CALL) == (kind in WITH_ROLL_CALL):
        opened = holder.id
    else:
        opened = None
    if holder is not None and holder.id != opened:
        later = {"meeting_number": 1 + _last(session, group_id), "updated_date": clock.now()}
        session.connection().execute(update(MEETINGS).where(MEETINGS.c.id == holder.id), later)
    return opened


def _check_planned(session: Session, group_id: int, meeting_id: int) -> None:
    planned = select(MEETINGS.c.id).where(
        MEETINGS.c.id == meeting_id,
        MEETINGS.c.group_id == group_id,
        MEETINGS.c.status == SCHEDULED,
    )
    if session.connection().execute(planned).first() is None:
        raise RuleBroken("This meeting is not planned any more.", field="meeting")


def _with_number(session: Session, group_id: int, number: int) -> Any:
    return (
        session.connection()
        .execute(
            select(MEETINGS.c.id, MEETINGS.c.status, MEETINGS.c.meeting_type.label("kind")).where(
                MEETINGS.c.group_id == group_id, MEETINGS.c.meeting_number == number
            )
        )
        .first()
    )


def _last(session: Session, group_id: int) -> int:
    last: int | None = (
        session.connection()
        .execute(select(func.max(MEETINGS.c.meeting_number)).where(MEETINGS.c.group_id == group_id))
        .scalar()
    )
    return last or 0
