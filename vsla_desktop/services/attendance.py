"""The roll call: who is there, who is late, and the fines that follow from it."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.tables import ATTENDANCE, MEMBERS
from vsla_desktop.services.fines import set_roll_call_fine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.queries.pages import Page

_LINES = select(ATTENDANCE).where(
    ATTENDANCE.c.group_id == bindparam("of_group"),
    ATTENDANCE.c.meeting_date == bindparam("on_day"),
    ATTENDANCE.c.member_id.in_(bindparam("members", expanding=True)),
)
_KNOWN = select(MEMBERS.c.id).where(
    MEMBERS.c.group_id == bindparam("of_group"),
    MEMBERS.c.id.in_(bindparam("members", expanding=True)),
)
_CHANGE = update(ATTENDANCE).where(ATTENDANCE.c.id == bindparam("line"))


def record_attendance(  # noqa: PLR0913 - what one line of the roll call holds
    session: Session,
    meeting_id: int,
    member_id: int,
    status: AttendanceStatus | None,
    *,
    excuse_reason: str | None = None,
    represented_by: str | None = None,
    arrival_time: time | None = None,
    clock: Clock,
    by: int | None = None,
) -> None:
    """Mark a member in the roll call of an open meeting; None takes the mark away.

    Late and absent members are charged the tariff's fine once; it changes, or goes, with the mark
    while it is unpaid. Marking the same again changes nothing.
    """
    more = {
        "excuse_reason": (excuse_reason or "").strip() or None,
        "represented_by": (represented_by or "").strip() or None,
        "arrival_time": arrival_time,
    }
    _record(session, meeting_id, {member_id: status}, more, clock, by)


def record_roll_call(
    session: Session,
    meeting_id: int,
    statuses: Mapping[int, AttendanceStatus | None],
    *,
    clock: Clock,
    by: int | None = None,
) -> None:
    """Mark many members at once, as :func:`record_attendance` does each."""
    _record(session, meeting_id, statuses, {}, clock, by)


def record_participation(
    session: Session,
    meeting_id: int,
    member_id: int,
    *,
    discussed: bool | None = None,
    voted: bool | None = None,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Note whether a member who is marked took part in the discussion and voted."""
    page = writable_page(session, meeting_id)
    said = {"participated_in_discussions": discussed, "voted_on_decisions": voted}
    values = {name: value for name, value in said.items() if value is not None}
    line = _lines(session, page, [member_id]).get(member_id)
    if line is None:
        raise RuleBroken("Mark the member in the roll call first.", field="attendance")
    if values:
        session.connection().execute(
            _CHANGE, {**values, "line": line.id, "updated_date": clock.now()}
        )


def _record(
    session: Session,
    meeting_id: int,
    statuses: Mapping[int, AttendanceStatus | None],
    more: Mapping[str, Any],
    clock: Clock,
    by: int | None,
) -> None:
    page = writable_page(session, meeting_id)
    members = list(statuses)
    connection = session.connection()
    wanted = {"of_group": page.group_id, "members": members}
    if set(connection.execute(_KNOWN, wanted).scalars()) != set(members):
        raise RuleBroken("Choose a member of this group.", field="member")
    lines = _lines(session, page, members)
    rules = rules_on(session, page)
    new_lines = []
    now = clock.now()
    for member_id, said in statuses.items():
        line = lines.get(member_id)
        if said is None:
            if line is not None:
                connection.execute(delete(ATTENDANCE).where(ATTENDANCE.c.id == line.id))
                set_roll_call_fine(session, page, rules, member_id, None, clock, by)
            continue
        status = AttendanceStatus(said)
        values = {
            "attendance_status": status.value,
            "is_present": status.is_present,
            **more,
            "updated_date": now,
        }
        if line is None:
            new_lines.append(
                {
                    "group_id": page.group_id,
                    "member_id": member_id,
                    "meeting_date": page.day,
                    "meeting_number": page.meeting_number,
                    "meeting_id": page.meeting_id,
                    "created_date": now,
                    **values,
                }
            )
        elif any(
            getattr(line, name) != value for name, value in values.items() if name != "updated_date"
        ):
            connection.execute(_CHANGE, {**values, "line": line.id})
        before = None if line is None else line.attendance_status
        if before != status.value:
            _fine(session, page, rules, member_id, status, before, clock, by)
    if new_lines:
        connection.execute(insert(ATTENDANCE), new_lines)


def _fine(
    session: Session,
    page: Page,
    rules: GroupRules,
    member_id: int,
    status: AttendanceStatus,
    before: str | None,
    clock: Clock,
    by: int | None,
) -> None:
    """Charge, change or take back the roll call's fine where the mark may matter to it."""
    fined = {AttendanceStatus.LATE.value, AttendanceStatus.ABSENT.value}
    if status.value in fined or before in fined:
        set_roll_call_fine(session, page, rules, member_id, status, clock, by)


def _lines(session: Session, page: Page, members: list[int]) -> dict[int, Any]:
    wanted = {"of_group": page.group_id, "on_day": page.day, "members": members}
    lines = {row.member_id: row for row in session.connection().execute(_LINES, wanted)}
    if any(line.meeting_id != page.meeting_id for line in lines.values()):
        raise RuleBroken("The roll was called that day already.", field="attendance")
    return lines
