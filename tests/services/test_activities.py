"""Votes by member, trainings and discussions, and what they count for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.activities import ActivityKind, ActivityLine, Ballot, activities_of
from vsla_desktop.queries.tables import ACTIVITIES, ATTENDANCE
from vsla_desktop.services.activities import (
    add_activity,
    record_ballot,
    record_part,
    remove_activity,
)
from vsla_desktop.services.attendance import record_roll_call
from vsla_desktop.services.meetings import discard_meeting
from vsla_desktop.services.votes import record_vote

if TYPE_CHECKING:
    from tests.services.village import Village


@pytest.fixture
def gathered(village: Village) -> Village:
    """Four of five are present."""
    roll = dict.fromkeys(village.members, AttendanceStatus.PRESENT)
    roll[village.members[4]] = AttendanceStatus.ABSENT
    with village.at_work() as session:
        record_roll_call(session, village.meeting_id, roll, clock=village.clock)
    return village


def add(village: Village, kind: ActivityKind, name: str = "Goats") -> int:
    with village.at_work() as session:
        return add_activity(session, village.meeting_id, kind, name, clock=village.clock)


def vote(village: Village, activity_id: int, who: int, ballot: Ballot | None) -> None:
    with village.at_work() as session:
        record_ballot(session, activity_id, village.members[who], ballot, clock=village.clock)


def part(village: Village, activity_id: int, who: int, *, took_part: bool = True) -> None:
    with village.at_work() as session:
        record_part(
            session, activity_id, village.members[who], took_part=took_part, clock=village.clock
        )


def lines(village: Village) -> tuple[ActivityLine, ...]:
    with village.database.read() as session:
        return activities_of(session, village.meeting_id)


def flags(village: Village, who: int) -> tuple[bool, bool]:
    with village.database.read() as session:
        row = session.execute(
            select(ATTENDANCE).where(
                ATTENDANCE.c.meeting_id == village.meeting_id,
                ATTENDANCE.c.member_id == village.members[who],
            )
        ).one()
    return bool(row.participated_in_discussions), bool(row.voted_on_decisions)


def test_ballots_add_up_and_count_for_the_members_who_voted(gathered: Village) -> None:
    activity = add(gathered, ActivityKind.VOTING)
    for who, ballot in enumerate((Ballot.FOR, Ballot.FOR, Ballot.AGAINST, Ballot.ABSTAINED)):
        vote(gathered, activity, who, ballot)
    (line,) = lines(gathered)
    assert (line.vote, line.is_counted) == (Vote(2, 1, 1), False)
    assert line.parts[gathered.members[2]] is Ballot.AGAINST
    assert [flags(gathered, who) for who in range(5)] == [
        (False, True), (False, True), (False, True), (False, False), (False, False),
    ]  # fmt: skip
    vote(gathered, activity, 0, Ballot.AGAINST)
    vote(gathered, activity, 1, None)
    (line,) = lines(gathered)
    assert line.vote == Vote(0, 2, 1)
    assert flags(gathered, 1) == (False, False)
    with gathered.database.read() as session:
        assert session.execute(select(ACTIVITIES.c.participants_count)).scalar() == 3


def test_the_last_ballot_taken_back_leaves_no_vote(gathered: Village) -> None:
    activity = add(gathered, ActivityKind.VOTING)
    vote(gathered, activity, 0, Ballot.FOR)
    vote(gathered, activity, 0, None)
    assert lines(gathered)[0].vote is None


def test_a_training_counts_as_taking_part_until_it_is_taken_out(gathered: Village) -> None:
    training = add(gathered, ActivityKind.TRAINING, "Keeping goats")
    talk = add(gathered, ActivityKind.DISCUSSION, "Market days")
    part(gathered, training, 0)
    part(gathered, training, 1)
    part(gathered, talk, 1)
    assert [flags(gathered, who)[0] for who in range(3)] == [True, True, False]
    with gathered.at_work() as session:
        remove_activity(session, training, clock=gathered.clock)
    assert [flags(gathered, who)[0] for who in range(3)] == [False, True, False]
    part(gathered, talk, 1, took_part=False)
    assert flags(gathered, 1) == (False, False)
    assert [(line.name, dict(line.parts)) for line in lines(gathered)] == [("Market days", {})]


def test_without_the_quorum_nobody_votes(village: Village) -> None:
    activity = add(village, ActivityKind.VOTING)
    with village.at_work() as session:
        one = {village.members[0]: AttendanceStatus.PRESENT}
        record_roll_call(session, village.meeting_id, one, clock=village.clock)
    with pytest.raises(RuleBroken, match=r"Vote when \d are present"):
        vote(village, activity, 0, Ballot.FOR)
    assert lines(village)[0].vote is None


def test_who_is_not_there_takes_no_part(gathered: Village) -> None:
    with pytest.raises(RuleBroken, match="Mark the member as present first"):
        vote(gathered, add(gathered, ActivityKind.VOTING), 4, Ballot.FOR)
    with pytest.raises(RuleBroken, match="Mark the member as present first"):
        part(gathered, add(gathered, ActivityKind.TRAINING), 4)


def test_counted_hands_and_ballots_are_not_mixed_and_both_stay(gathered: Village) -> None:
    with gathered.at_work() as session:
        counted = record_vote(
            session, gathered.meeting_id, "A goat", Vote(3, 1), clock=gathered.clock
        ).activity_id
    assert lines(gathered)[0].is_counted
    with pytest.raises(RuleBroken, match="The hands are counted already"):
        vote(gathered, counted, 0, Ballot.FOR)
    balloted = add(gathered, ActivityKind.VOTING)
    vote(gathered, balloted, 0, Ballot.FOR)
    for activity in (counted, balloted):
        with (
            pytest.raises(RuleBroken, match="A vote stays in the book"),
            gathered.at_work() as session,
        ):
            remove_activity(session, activity, clock=gathered.clock)
    with (
        pytest.raises(RuleBroken, match="has decided something"),
        gathered.at_work() as session,
    ):
        discard_meeting(session, gathered.meeting_id, clock=gathered.clock)


def test_each_kind_takes_what_belongs_to_it(gathered: Village) -> None:
    with pytest.raises(RuleBroken, match="Nobody votes in this"):
        vote(gathered, add(gathered, ActivityKind.TRAINING), 0, Ballot.FOR)
    with pytest.raises(RuleBroken, match="Enter how she votes"):
        part(gathered, add(gathered, ActivityKind.VOTING), 0)
    with pytest.raises(RuleBroken, match="Say what it is about"):
        add(gathered, ActivityKind.DISCUSSION, "  ")


def test_a_training_alone_does_not_keep_a_meeting_opened_by_mistake(gathered: Village) -> None:
    part(gathered, add(gathered, ActivityKind.TRAINING), 0)
    with gathered.at_work() as session:
        discard_meeting(session, gathered.meeting_id, clock=gathered.clock)
    assert lines(gathered) == ()


def test_nothing_is_added_once_the_meeting_is_closed(gathered: Village) -> None:
    training = add(gathered, ActivityKind.TRAINING)
    gathered.close()
    with pytest.raises(RuleBroken, match="That meeting is closed"):
        add(gathered, ActivityKind.DISCUSSION)
    with pytest.raises(RuleBroken, match="That meeting is closed"):
        part(gathered, training, 0)
