"""Meetings in all their forms reach head office whole; the officers' codes stay on the laptop."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.services.village import Village
from tests.sync.laptop import Laptop, assert_same, read
from vsla_desktop.queries.activities import ActivityKind, Ballot
from vsla_desktop.services.activities import add_activity, record_ballot
from vsla_desktop.services.members import Committee, elect_officers
from vsla_desktop.services.officers_codes import set_code
from vsla_desktop.services.schedule import Plan, cancel_meeting, plan_meeting, postpone_meeting

if TYPE_CHECKING:
    from vsla_desktop.db import Database


def test_codes_never_reach_head_office_and_whose_they_are_does(
    laptop: Laptop, central: Database
) -> None:
    village = Village(laptop.database).form()
    laptop.push()
    chair, secretary, treasurer = village.members[:3]
    with village.at_work() as session:
        committee = Committee(chairperson=chair, secretary=secretary, treasurer=treasurer)
        elect_officers(session, village.group_id, committee, clock=village.clock)
        set_code(session, chair, "2580", clock=village.clock)
    assert laptop.push().waiting == 0
    assert_same(laptop, central)
    with village.at_work() as session:
        set_code(session, chair, "8642", old="2580", clock=village.clock)
    laptop.push()
    kept = read(
        central,
        "SELECT u.username, u.password FROM users u JOIN group_members m ON m.user_id = u.id",
    )
    assert kept == [("member-tst-1-1", "!")]
    ((here,),) = laptop.read("SELECT password FROM users WHERE username = 'member-tst-1-1'")
    assert here.startswith("$argon2id$")


def test_moved_and_cancelled_meetings_and_ballots_are_the_same_at_head_office(
    laptop: Laptop, central: Database
) -> None:
    village = Village(laptop.database).form()
    village.meet(present=True)
    with village.at_work() as session:
        vote = add_activity(
            session, village.meeting_id, ActivityKind.VOTING, "A new box", clock=village.clock
        )
        for member, ballot in zip(village.members, Ballot, strict=False):
            record_ballot(session, vote, member, ballot, clock=village.clock)
    village.close()
    laptop.push()
    day = village.day + timedelta(days=7)
    with village.at_work() as session:
        first = plan_meeting(session, village.group_id, Plan(day=day), clock=village.clock)
        cancel_meeting(session, first, "A funeral", clock=village.clock)
        later = Plan(day=day + timedelta(days=7))
        second = plan_meeting(session, village.group_id, later, clock=village.clock)
        moved = later.day + timedelta(days=1)
        postpone_meeting(session, second, moved, "Rain", clock=village.clock)
    assert laptop.push().waiting == 0
    assert_same(laptop, central)
    assert read(central, "SELECT status, status_reason FROM meetings ORDER BY meeting_number") == [
        ("COMPLETED", None),
        ("CANCELLED", "A funeral"),
        ("SCHEDULED", "Rain"),
    ]
    counts = "SELECT votes_for, votes_against, votes_abstained FROM meeting_activities"
    assert read(central, counts) == [(1, 1, 1)]
