from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import ACTIVITIES
from vsla_desktop.services.attendance import record_attendance
from vsla_desktop.services.meetings import discard_meeting
from vsla_desktop.services.votes import VoteRecorded, record_vote

if TYPE_CHECKING:
    from tests.services.village import Village


def mark_present(village: Village, count: int) -> None:
    with village.at_work() as session:
        for member in village.members[:count]:
            record_attendance(
                session, village.meeting_id, member, AttendanceStatus.PRESENT, clock=village.clock
            )


def vote(village: Village, *counts: int, subject: str = "Share-out in December") -> VoteRecorded:
    with village.at_work() as session:
        return record_vote(session, village.meeting_id, subject, Vote(*counts), clock=village.clock)


@pytest.mark.parametrize(
    ("counts", "is_passed"),
    [((3, 1, 1), True), ((2, 2, 1), False), ((1, 0, 4), True), ((0, 1, 0), False)],
)
def test_more_for_than_against_passes_and_every_vote_is_kept(
    village: Village, counts: tuple[int, int, int], *, is_passed: bool
) -> None:
    mark_present(village, 5)
    recorded = vote(village, *counts)
    assert recorded.is_passed is is_passed
    with village.database.read() as session:
        row = session.execute(select(ACTIVITIES)).one()
    assert row.id == recorded.activity_id
    assert (row.activity_type, row.activity_name) == ("VOTING", "Share-out in December")
    assert (row.votes_for, row.votes_against, row.votes_abstained) == counts


@pytest.mark.parametrize(
    ("present", "counts", "subject", "sentence"),
    [
        (2, (2, 0, 0), "Rules", r"Vote when 3 are present\. 2 are marked present now\."),
        (4, (3, 1, 1), "Rules", r"Count at most 4 votes\."),
        (4, (0, 0, 3), "Rules", r"Enter the votes\."),
        (4, (3, -1, 0), "Rules", r"Enter 0 or more votes\."),
        (4, (3, 1, 0), "  ", r"Say what is voted on\."),
    ],
)
def test_a_vote_that_can_not_stand_is_refused(
    village: Village, present: int, counts: tuple[int, int, int], subject: str, sentence: str
) -> None:
    mark_present(village, present)
    with pytest.raises(RuleBroken, match=sentence):
        vote(village, *counts, subject=subject)
    with village.database.read() as session:
        assert session.execute(select(ACTIVITIES)).first() is None


def test_no_vote_is_added_to_a_closed_meeting(village: Village) -> None:
    mark_present(village, 5)
    village.close()
    with pytest.raises(RuleBroken, match="closed"):
        vote(village, 3, 0, 0)


def test_a_meeting_that_decided_something_is_not_discarded(village: Village) -> None:
    mark_present(village, 5)
    vote(village, 3, 0, 0)
    with pytest.raises(RuleBroken, match="has decided something"), village.at_work() as session:
        discard_meeting(session, village.meeting_id, clock=village.clock)
