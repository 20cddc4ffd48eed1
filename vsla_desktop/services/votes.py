"""Writing down what the meeting voted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from vsla_desktop.domain.votes import Vote, check_vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.tables import ACTIVITIES, MEETINGS
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock

_MEETING = select(
    MEETINGS.c.members_present, MEETINGS.c.quorum_required, MEETINGS.c.total_members
).where(MEETINGS.c.id == bindparam("meeting"))
_LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class VoteRecorded:
    """A vote that was written down, and whether the proposal passed."""

    activity_id: int
    is_passed: bool


def record_vote(
    session: Session,
    meeting_id: int,
    subject: str,
    vote: Vote,
    *,
    description: str = "",
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - every service takes who did it
) -> VoteRecorded:
    """Write down a vote of the open meeting on ``subject``; a lost vote is written down as well.

    Raise :class:`RuleBroken` without the quorum, without votes, for more votes than members
    present, and without a subject. See docs/rules.md#votes.
    """
    page = writable_page(session, meeting_id)
    said = " ".join(subject.split())[:_LONGEST_SUBJECT]
    if not said:
        raise RuleBroken("Say what is voted on.", field="subject")
    meeting = session.connection().execute(_MEETING, {"meeting": page.meeting_id}).one()
    quorum = meeting.quorum_required
    if quorum is None:
        quorum = ((meeting.total_members or 0) + 1) // 2
    check_vote(vote, present_count=meeting.members_present or 0, quorum=quorum)
    row = {
        "meeting_id": meeting_id,
        "activity_type": "VOTING",
        "activity_name": said,
        "description": description.strip() or None,
        "status": "COMPLETED",
        "votes_for": vote.in_favour,
        "votes_against": vote.against,
        "votes_abstained": vote.abstained,
    }
    return VoteRecorded(add_row(session, insert(ACTIVITIES), row, clock), vote.is_passed)
