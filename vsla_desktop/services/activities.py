"""Votes, trainings and discussions of a meeting, and which members took part.

See docs/rules.md#activities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.activities import PARTS, ActivityKind, ActivityLine, Ballot, activities_of
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.tables import ACTIVITIES, ATTENDANCE, MEETINGS
from vsla_desktop.services.attendance import record_participation
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock

_LONGEST_NAME = 255
_PRESENT = select(ATTENDANCE.c.is_present).where(
    ATTENDANCE.c.meeting_id == bindparam("meeting"), ATTENDANCE.c.member_id == bindparam("member")
)


def add_activity(
    session: Session,
    meeting_id: int,
    kind: ActivityKind,
    name: str,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - every service takes who did it
) -> int:
    """Write down that the open meeting votes, trains or discusses; return the activity's id.

    Raise :class:`RuleBroken` without a name.
    """
    writable_page(session, meeting_id)
    said = " ".join(name.split())[:_LONGEST_NAME]
    if not said:
        raise RuleBroken("Say what it is about.", field="name")
    row = {
        "meeting_id": meeting_id,
        "activity_type": ActivityKind(kind).value,
        "activity_name": said,
        "status": "COMPLETED",
    }
    return add_row(session, insert(ACTIVITIES), row, clock)


def record_part(
    session: Session,
    activity_id: int,
    member_id: int,
    *,
    took_part: bool,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - every service takes who did it
) -> None:
    """Note that a member who is present took part in a training or discussion, or did not.

    Raise :class:`RuleBroken` for a member who is not marked present, and for a vote.
    """
    meeting_id, kind = _activity(session, activity_id)
    if kind is ActivityKind.VOTING:
        raise RuleBroken("Enter how she votes.", field="vote")
    _keep_part(session, meeting_id, activity_id, member_id, took_part, None, clock)


def record_ballot(
    session: Session,
    activity_id: int,
    member_id: int,
    ballot: Ballot | None,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - every service takes who did it
) -> None:
    """Write down how a member votes; None takes it back. The totals of the vote follow.

    Raise :class:`RuleBroken` without the quorum, for a member who is not marked present, for a
    vote whose hands were counted, and for what is no vote.
    """
    meeting_id, kind = _activity(session, activity_id)
    if kind is not ActivityKind.VOTING:
        raise RuleBroken("Nobody votes in this.", field="vote")
    if _line(session, meeting_id, activity_id).is_counted:
        raise RuleBroken("The hands are counted already.", field="vote")
    if ballot is not None:
        check_quorum(session, meeting_id)
    _keep_part(session, meeting_id, activity_id, member_id, ballot is not None, ballot, clock)
    cast = list(_line(session, meeting_id, activity_id).parts.values())
    counts = {
        "votes_for": cast.count(Ballot.FOR),
        "votes_against": cast.count(Ballot.AGAINST),
        "votes_abstained": cast.count(Ballot.ABSTAINED),
    }
    values: dict[str, Any] = counts if any(counts.values()) else dict.fromkeys(counts)
    session.connection().execute(
        update(ACTIVITIES).where(ACTIVITIES.c.id == activity_id),
        values | {"updated_date": clock.now()},
    )


def remove_activity(
    session: Session,
    activity_id: int,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - every service takes who did it
) -> None:
    """Take out an activity that was added by mistake, with who took part.

    Raise :class:`RuleBroken` once votes are in it: a lost vote is kept as well.
    """
    meeting_id, _kind = _activity(session, activity_id)
    line = _line(session, meeting_id, activity_id)
    if line.vote is not None:
        raise RuleBroken("A vote stays in the book.", field="activity")
    connection = session.connection()
    connection.execute(delete(PARTS).where(PARTS.c.activity_id == activity_id))
    connection.execute(delete(ACTIVITIES).where(ACTIVITIES.c.id == activity_id))
    for member_id in line.parts:
        _keep_participation(session, meeting_id, member_id, clock)


def check_quorum(session: Session, meeting_id: int) -> None:
    """Raise :class:`RuleBroken` when fewer are marked present than the quorum asks for."""
    meeting = (
        session.connection()
        .execute(
            select(MEETINGS.c.members_present, MEETINGS.c.quorum_required).where(
                MEETINGS.c.id == meeting_id
            )
        )
        .one()
    )
    present, quorum = meeting.members_present or 0, max(meeting.quorum_required or 0, 1)
    if present < quorum:
        raise RuleBroken(
            "Vote when {quorum} are present.",
            hint="{present} are marked present now.",
            field="vote",
            quorum=quorum,
            present=present,
        )


def _activity(session: Session, activity_id: int) -> tuple[int, ActivityKind]:
    row = (
        session.connection()
        .execute(
            select(ACTIVITIES.c.meeting_id, ACTIVITIES.c.activity_type).where(
                ACTIVITIES.c.id == activity_id
            )
        )
        .first()
    )
    if row is None or row.activity_type not in set(ActivityKind):
        raise RuleBroken("This activity is not in the book.", field="activity")
    writable_page(session, row.meeting_id)
    return row.meeting_id, ActivityKind(row.activity_type)


def _line(session: Session, meeting_id: int, activity_id: int) -> ActivityLine:
    lines = activities_of(session, meeting_id)
    return next(line for line in lines if line.activity_id == activity_id)


def _keep_part(
    session: Session,
    meeting_id: int,
    activity_id: int,
    member_id: int,
    took_part: bool,  # noqa: FBT001 - a fact of the row
    ballot: Ballot | None,
    clock: Clock,
) -> None:
    connection = session.connection()
    wanted = {"meeting": meeting_id, "member": member_id}
    if not connection.execute(_PRESENT, wanted).scalar():
        raise RuleBroken("Mark the member as present first.", field="attendance")
    this = (PARTS.c.activity_id == activity_id) & (PARTS.c.member_id == member_id)
    values: dict[str, Any] = {
        "is_present": took_part,
        "participation_type": "CONTRIBUTOR" if took_part else "ABSENT",
        "contributed_to_discussions": took_part and ballot is None,
        "voted_on_decisions": _has_voted(ballot),
        "vote": None if ballot is None else ballot.value,
    }
    if connection.execute(select(PARTS.c.id).where(this)).first() is None:
        row = {"activity_id": activity_id, "member_id": member_id, **values}
        add_row(session, insert(PARTS), row, clock)
    else:
        connection.execute(update(PARTS).where(this), values | {"updated_date": clock.now()})
    _keep_participation(session, meeting_id, member_id, clock)


def _keep_participation(session: Session, meeting_id: int, member_id: int, clock: Clock) -> None:
    """Note on the roll call what the member did in all activities together."""
    mine = [
        (line.kind, line.parts[member_id])
        for line in activities_of(session, meeting_id)
        if member_id in line.parts
    ]
    record_participation(
        session,
        meeting_id,
        member_id,
        discussed=any(kind is not ActivityKind.VOTING for kind, _ballot in mine),
        voted=any(_has_voted(ballot) for _kind, ballot in mine),
        clock=clock,
    )


def _has_voted(ballot: Ballot | None) -> bool:
    """Who abstains does not vote, see docs/rules.md#votes."""
    return ballot in {Ballot.FOR, Ballot.AGAINST}
