"""Meetings that are planned, moved, cancelled, and when the group meets next."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import MeetingFrequency
from vsla_desktop.domain.schedule import next_day
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.groups import group_overview
from vsla_desktop.queries.meetings import meetings_of
from vsla_desktop.queries.rules import group_rules
from vsla_desktop.queries.schedule import Proposal, planned_meetings, proposed_meeting
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.tables import ATTENDANCE, FINES, MEETINGS
from vsla_desktop.services.attendance import record_attendance
from vsla_desktop.services.expenses import record_income
from vsla_desktop.services.meetings import discard_meeting
from vsla_desktop.services.schedule import Plan, cancel_meeting, plan_meeting, postpone_meeting

if TYPE_CHECKING:
    from tests.services.village import Village

WEEKLY, MONTHLY = MeetingFrequency.WEEKLY, MeetingFrequency.MONTHLY


@pytest.fixture
def held(village: Village) -> Village:
    """One meeting is held, on Monday 5 January."""
    village.close()
    return village


def plan(village: Village, day: date, **more: Any) -> int:
    with village.at_work() as session:
        return plan_meeting(session, village.group_id, Plan(day=day, **more), clock=village.clock)


def postpone(village: Village, meeting_id: int, day: date, why: str = "Rain") -> None:
    with village.at_work() as session:
        postpone_meeting(session, meeting_id, day, why, clock=village.clock)


def cancel(village: Village, meeting_id: int, why: str = "A funeral") -> None:
    with village.at_work() as session:
        cancel_meeting(session, meeting_id, why, clock=village.clock)


def proposal(village: Village) -> Proposal:
    with village.database.read() as session:
        rules = group_rules(session, village.group_id)
        return proposed_meeting(session, village.group_id, rules, date(2026, 1, 6))


@pytest.mark.parametrize(
    ("last", "frequency", "weekday", "day"),
    [
        (date(2026, 1, 5), WEEKLY, None, date(2026, 1, 12)),
        (date(2026, 1, 5), MeetingFrequency.BIWEEKLY, 1, date(2026, 1, 19)),
        (date(2026, 1, 31), MONTHLY, None, date(2026, 2, 28)),
        (date(2026, 12, 10), MONTHLY, None, date(2027, 1, 10)),
        (date(2026, 1, 7), WEEKLY, 1, date(2026, 1, 12)),  # held on Wednesday, back to Monday
        (date(2026, 1, 2), WEEKLY, 1, date(2026, 1, 12)),  # held on Friday, on to Monday
        (date(2026, 1, 5), WEEKLY, 0, date(2026, 1, 11)),  # 0 is Sunday
    ],
)
def test_the_next_day_follows_rhythm_and_weekday(
    last: date, frequency: MeetingFrequency, weekday: int | None, day: date
) -> None:
    assert next_day(last, frequency, weekday) == day


def test_a_postponed_meeting_keeps_the_day_it_was_planned_for(held: Village) -> None:
    planned = plan(held, date(2026, 1, 12))
    postpone(held, planned, date(2026, 1, 14))
    postpone(held, planned, date(2026, 1, 15), "The bridge is out")
    with held.database.read() as session:
        (line,) = planned_meetings(session, held.group_id)
    assert (line.number, line.day, line.planned_day) == (2, date(2026, 1, 15), date(2026, 1, 12))
    assert (line.is_moved, line.is_cancelled, line.reason) == (True, False, "The bridge is out")
    assert proposal(held) == Proposal(2, date(2026, 1, 15), line)
    held.meet(days=10)
    assert held.meeting_id == planned
    held.close()
    with held.database.read() as session:
        assert planned_meetings(session, held.group_id) == ()
        assert not any(check.broken for check in verify_seals(session, held.group_id))
    # the rhythm goes on from the day that was planned
    assert proposal(held) == Proposal(3, date(2026, 1, 19))


def test_the_overview_names_the_day_that_is_planned(held: Village) -> None:
    def upcoming() -> tuple[date | None, int]:
        with held.database.read() as session:
            overview = group_overview(session, held.group_id, on=date(2026, 1, 6))
        return overview.next_meeting, overview.next_number

    assert upcoming() == (date(2026, 1, 12), 2)
    planned = plan(held, date(2026, 1, 12))
    postpone(held, planned, date(2026, 1, 14))
    assert upcoming() == (date(2026, 1, 14), 2)
    postpone(held, planned, date(2026, 1, 12))
    cancel(held, planned)
    assert upcoming() == (date(2026, 1, 19), 3)


def test_a_cancelled_meeting_keeps_its_number_and_nobody_was_absent(held: Village) -> None:
    cancel(held, plan(held, date(2026, 1, 12)))
    with held.database.read() as session:
        (line,) = planned_meetings(session, held.group_id)
        assert [each.number for each in meetings_of(session, held.group_id)] == [1]
    assert (line.is_cancelled, line.reason, line.number) == (True, "A funeral", 2)
    assert proposal(held) == Proposal(3, date(2026, 1, 19))
    held.meet(days=14)
    with held.database.read() as session:
        assert [each.number for each in meetings_of(session, held.group_id)] == [1, 3]


def test_a_meeting_to_which_too_few_came_is_cancelled_with_its_roll_call(held: Village) -> None:
    meeting_id = held.meet()
    with held.at_work() as session:
        record_attendance(
            session, meeting_id, held.members[0], AttendanceStatus.ABSENT, clock=held.clock
        )
    cancel(held, meeting_id, "Three came")
    with held.database.read() as session:
        kept = session.execute(select(MEETINGS).where(MEETINGS.c.id == meeting_id)).one()
        assert (kept.status, kept.status_reason) == ("CANCELLED", "Three came")
        assert kept.opening_count is None
        for table in (ATTENDANCE, FINES):
            rows = select(func.count()).where(table.c.meeting_id == meeting_id)
            assert session.execute(rows).scalar() == 0
    held.meet()
    assert held.meeting_id != meeting_id


def test_a_meeting_in_which_money_moved_is_not_cancelled(held: Village) -> None:
    meeting_id = held.meet()
    with held.at_work() as session:
        record_income(session, meeting_id, 100 * held.rules.share_value, "Gift", clock=held.clock)
    with pytest.raises(RuleBroken, match="Money is written in this meeting"):
        cancel(held, meeting_id)
    assert held.funds().of(Fund.LOAN_FUND) == 100 * held.rules.share_value


def test_a_planned_meeting_that_was_opened_by_mistake_is_planned_again(held: Village) -> None:
    planned = plan(held, date(2026, 1, 12), kind="ANNUAL")
    held.meet(kind="ANNUAL")
    with held.at_work() as session:
        discard_meeting(session, planned, clock=held.clock)
    with held.database.read() as session:
        (line,) = planned_meetings(session, held.group_id)
    assert (line.meeting_id, line.kind) == (planned, "ANNUAL")


@pytest.mark.parametrize(
    ("day", "why", "sentence"),
    [
        (date(2026, 1, 12), "Rain", "Choose another day"),
        (date(2026, 1, 4), "Rain", "Choose a day from"),
        (date(2026, 1, 13), "  ", "Say why"),
    ],
)
def test_what_is_no_other_day_is_refused(held: Village, day: date, why: str, sentence: str) -> None:
    planned = plan(held, date(2026, 1, 12))
    with pytest.raises(RuleBroken, match=sentence):
        postpone(held, planned, day, why)
    with held.database.read() as session:
        (line,) = planned_meetings(session, held.group_id)
    assert not line.is_moved


def test_what_was_held_or_cancelled_is_neither_moved_nor_planned_again(held: Village) -> None:
    with pytest.raises(RuleBroken, match="not planned any more"):
        postpone(held, held.meeting_id, date(2026, 2, 2))
    with pytest.raises(RuleBroken, match="not planned any more"):
        cancel(held, held.meeting_id)
    with pytest.raises(RuleBroken, match="Meeting 1 is in the book already"):
        plan(held, date(2026, 1, 12), number=1)
    planned = plan(held, date(2026, 1, 12))
    with pytest.raises(RuleBroken, match="Say why"):
        cancel(held, planned, "")


def test_several_meetings_are_planned_and_each_opened_gets_the_next_number(held: Village) -> None:
    treasurer = plan(
        held,
        date(2026, 1, 20),
        kind="SPECIAL",
        location="  At the   school ",
        purpose="Choose a treasurer",
    )
    fire = plan(held, date(2026, 1, 8), kind="EMERGENCY")
    with held.database.read() as session:
        lines = planned_meetings(session, held.group_id)
    assert [(each.meeting_id, each.number, each.kind) for each in lines] == [
        (fire, 4, "EMERGENCY"),
        (treasurer, 3, "SPECIAL"),
    ]
    assert (lines[1].place, lines[1].purpose) == ("At the school", "Choose a treasurer")
    assert proposal(held) == Proposal(2, date(2026, 1, 8), lines[0])
    held.meet(days=3, kind="EMERGENCY", planned_id=fire)
    assert held.meeting_id == fire
    held.close()
    assert proposal(held) == Proposal(3, date(2026, 1, 12))  # the rhythm does not follow the fire
    held.meet(days=4)
    held.close()
    with held.database.read() as session:
        (line,) = planned_meetings(session, held.group_id)
    assert (line.meeting_id, line.number) == (treasurer, 4)  # the regular one took its 3
    assert proposal(held) == Proposal(4, date(2026, 1, 19))
    held.meet(days=8, kind="SPECIAL", planned_id=treasurer)
    with held.database.read() as session:
        row = session.execute(select(MEETINGS).where(MEETINGS.c.id == treasurer)).one()
    assert (row.meeting_number, row.location, row.agenda) == (
        4,
        "At the school",
        "Choose a treasurer",
    )
    with pytest.raises(RuleBroken, match="not planned any more"), held.at_work() as session:
        postpone_meeting(session, treasurer, date(2026, 2, 2), "Rain", clock=held.clock)
    held.close()
    assert proposal(held) == Proposal(5, date(2026, 1, 26))
    with pytest.raises(RuleBroken, match="not planned any more"):
        held.meet(planned_id=treasurer)


def test_an_annual_meeting_that_is_planned_stands_for_that_of_the_rhythm(held: Village) -> None:
    annual = plan(held, date(2026, 1, 14), kind="ANNUAL")
    with held.database.read() as session:
        (line,) = planned_meetings(session, held.group_id)
        overview = group_overview(session, held.group_id, on=date(2026, 1, 6))
    assert proposal(held) == Proposal(2, date(2026, 1, 14), line)
    assert overview.next_meeting == date(2026, 1, 14)
    held.meet(days=9, kind="ANNUAL")
    assert held.meeting_id == annual


def test_a_place_or_purpose_is_no_longer_than_its_column(held: Village) -> None:
    with pytest.raises(RuleBroken, match="at most 255"):
        plan(held, date(2026, 1, 14), purpose="x" * 256)
