"""What a meeting did besides money: votes, trainings and discussions, and who took part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import Table, bindparam, select

from vsla_desktop.domain.votes import Vote
from vsla_desktop.models import ActivityParticipation
from vsla_desktop.queries.tables import ACTIVITIES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PARTS: Final = cast("Table", ActivityParticipation.__table__)


class ActivityKind(StrEnum):
    """What a meeting does besides the steps of its agenda."""

    VOTING = "VOTING"
    TRAINING = "TRAINING"
    DISCUSSION = "DISCUSSION"


class Ballot(StrEnum):
    """How one member votes."""

    FOR = "FOR"
    AGAINST = "AGAINST"
    ABSTAINED = "ABSTAINED"


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One activity: how the vote stands, if it is one, and who took part by member id.

    A member who took part without a ballot has None. ``is_counted`` says that hands were counted
    instead of asking each member.
    """

    activity_id: int
    kind: ActivityKind
    name: str
    vote: Vote | None
    parts: Mapping[int, Ballot | None]
    is_counted: bool


_ACTIVITIES = (
    select(ACTIVITIES)
    .where(
        ACTIVITIES.c.meeting_id == bindparam("meeting"),
        ACTIVITIES.c.activity_type.in_(tuple(ActivityKind)),
    )
    .order_by(ACTIVITIES.c.id)
)
_PARTS = (
    select(PARTS.c.activity_id, PARTS.c.member_id, PARTS.c.vote)
    .select_from(PARTS.join(ACTIVITIES, ACTIVITIES.c.id == PARTS.c.activity_id))
    .where(ACTIVITIES.c.meeting_id == bindparam("meeting"), PARTS.c.is_present)
)


def activities_of(session: Session, meeting_id: int) -> tuple[ActivityLine, ...]:
    """Return the votes, trainings and discussions of a meeting, in the order they were added."""
    connection, wanted = session.connection(), {"meeting": meeting_id}
    parts: dict[int, dict[int, Ballot | None]] = defaultdict(dict)
    for row in connection.execute(_PARTS, wanted):
        parts[row.activity_id][row.member_id] = None if row.vote is None else Ballot(row.vote)
    lines = []
    for row in connection.execute(_ACTIVITIES, wanted):
        vote = None
        if row.votes_for is not None:
            vote = Vote(row.votes_for, row.votes_against or 0, row.votes_abstained or 0)
        took_part = parts[row.id]
        lines.append(
            ActivityLine(
                row.id,
                ActivityKind(row.activity_type),
                row.activity_name,
                vote,
                took_part,
                is_counted=vote is not None and not any(took_part.values()),
            )
        )
    return tuple(lines)
