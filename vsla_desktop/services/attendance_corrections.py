"""Putting right a mark of a closed meeting, in the one that is open.

See docs/rules.md#marks-put-right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from vsla_desktop.domain.money import ZERO
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.mark_corrections import correctable_mark
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.tables import ATTENDANCE, MEMBERS

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.meeting import AttendanceStatus
    from vsla_desktop.queries.mark_corrections import CorrectableMark

_TRIED = "?"  # the reason of a correction that is only tried
NOT_PUT_RIGHT = {
    "corrected_status": None,
    "corrected_meeting_id": None,
    "correction_reason": None,
}
"""What a line says whose mark stands as it was given."""


def correct_mark(
    session: Session,
    meeting_id: int,
    of_meeting_id: int,
    member_id: int,
    status: AttendanceStatus,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Let another mark count for a member at a closed meeting, whose own page stays as it is.

    While the meeting that does so is open it may say otherwise; the mark that was given takes the
    correction back. Raise :class:`RuleBroken` without a reason, for the mark that counts already,
    and as :func:`~vsla_desktop.queries.mark_corrections.correctable_mark` does.
    """
    page = writable_page(session, meeting_id)
    found = correctable_mark(session, of_meeting_id, member_id)
    if found.meeting_id != page.meeting_id:
        raise RuleBroken("This mark is not in the book of the group.", field="mark")
    mark, why = found.mark, reason.strip()
    is_taken_back = status == mark.given and mark.right is not None
    if not is_taken_back and not why:
        raise RuleBroken("Say why it is corrected.", field="reason")
    if not is_taken_back and (status == mark.given or (status, why) == (mark.right, mark.reason)):
        raise RuleBroken("Choose another mark.", field="status")
    values = {
        "corrected_status": status.value,
        "corrected_meeting_id": meeting_id,
        "correction_reason": why,
    }
    this = ATTENDANCE.c.id == found.mark_id
    session.connection().execute(
        update(ATTENDANCE).where(this),
        {**(NOT_PUT_RIGHT if is_taken_back else values), "updated_date": clock.now()},
    )


def try_mark(
    session: Session, found: CorrectableMark, status: AttendanceStatus, *, clock: Clock
) -> Decimal:
    """Return the member's attendance as it would stand with another mark, and write nothing."""
    mark = found.mark
    attendance = select(MEMBERS.c.attendance_percentage).where(MEMBERS.c.id == mark.member_id)
    trial = session.begin_nested()
    try:
        correct_mark(
            session,
            found.meeting_id,
            mark.meeting_id,
            mark.member_id,
            status,
            _TRIED,
            clock=clock,
        )
        return session.connection().execute(attendance).scalar() or ZERO
    finally:
        trial.rollback()
