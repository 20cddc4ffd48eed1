"""A coordinator's groups, with the figures of small ones worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.queries.test_pages_of_the_book import selects
from tests.services.village import Village, morning
from vsla_desktop.clock import FixedClock
from vsla_desktop.domain.attention import Concern, Urgency
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.visits import Agreed, Check, Result, VisitNote
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.desk import DeskLine, desk_lines
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.groups import group_overview
from vsla_desktop.queries.indicators import programme_figures
from vsla_desktop.queries.lease import writes_book
from vsla_desktop.queries.loans import loans_of_group
from vsla_desktop.queries.rules import group_rules
from vsla_desktop.queries.schedule import proposed_meeting
from vsla_desktop.queries.visits import still_open, visits_of
from vsla_desktop.services import cells
from vsla_desktop.services.attendance import record_roll_call
from vsla_desktop.services.counts import PurseCounted
from vsla_desktop.services.loan_losses import write_off_loan
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.meetings import as_expected, close_meeting
from vsla_desktop.services.members import LeavingReason, leave_group
from vsla_desktop.services.practice import create_practice
from vsla_desktop.services.schedule import Plan, cancel_meeting, plan_meeting
from vsla_desktop.services.visits import record_visit, set_action_done

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal
TODAY = date(2026, 2, 23)
NOTE = VisitNote(day=TODAY, who="Grace Atim", looked_at={Check.SEAL: Result.FINE})


def close_short(village: Village, lacking: int) -> None:
    with village.at_work() as session:
        counts = as_expected(session, village.group_id)
        found = counts[Fund.LOAN_FUND].counted() - lacking
        counts[Fund.LOAN_FUND] = PurseCounted(found, reason="Lost" if lacking else "")
        close_meeting(session, village.meeting_id, counts, clock=village.clock)


def troubled(database: Database) -> Village:
    """Let a group lend 8,000, get 3,000 back, lose 100, and not meet for three weeks."""
    village = Village(database).form(cycle_end=date(2026, 3, 9))
    first, second, *others = village.members
    village.meet(present=True)
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        for member in village.members:
            cells.set_shares(session, meeting, member, 4, clock=clock)
        for member, amount, periods in ((first, 3000, 1), (second, 5000, 2)):
            terms = LoanTerms(principal=D(amount), periods=periods, purpose="Seed")
            cells.set_loan(session, meeting, member, terms, clock=clock)
    close_short(village, 0)
    village.meet(days=28)
    with village.at_work() as session:
        here = dict.fromkeys((first, second), AttendanceStatus.PRESENT)
        away = dict.fromkeys(others, AttendanceStatus.ABSENT)
        record_roll_call(session, village.meeting_id, here | away, clock=village.clock)
        cells.set_repayment(session, village.meeting_id, second, D(3000), clock=village.clock)
    close_short(village, 100)
    with village.at_work() as session:
        village.clock.instant += timedelta(days=1)
        leave_group(session, others[-1], LeavingReason.MOVED, clock=village.clock)
    return village


def well(database: Database, code: str = "TST-2") -> Village:
    """Let a group meet a week ago, with nothing to say about it."""
    village = Village(database, code=code).form(cycle_end=date(2026, 12, 31))
    village.meet(present=True)
    village.close()
    village.meet(days=42)
    village.close()
    return village


def lines_of(database: Database, wanted: Filter | None = None) -> dict[str, DeskLine]:
    with database.read() as session:
        return {line.code: line for line in desk_lines(session, wanted or Filter(), on=TODAY)}


def said(line: DeskLine) -> dict[Concern, tuple[int, int]]:
    return {each.concern: (each.weight, each.count) for each in line.reasons}


def test_each_figure_of_a_group_is_as_worked_out_by_hand(database: Database) -> None:
    troubled(database)
    line = lines_of(database)["TST-1"]
    assert (line.last_meeting, line.next_meeting) == (date(2026, 2, 2), date(2026, 2, 9))
    assert (line.members_count, line.savings) == (4, D(8000) + D(2000))
    # 3,000 with 300 of charge was due on 2 February; of the other 2,500 and 500 were paid.
    assert (line.loans_count, line.loans_value, line.late_value) == (2, D(5500), D(3300))
    standing = line.standing
    assert (standing.box_difference, standing.missed_meetings) == (D(-100), 2)
    assert (standing.late_loans, standing.at_risk) == (1, D(3000) / 5500)
    assert (standing.last_present, standing.last_called) == (2, 5)
    assert (standing.cycle_present, standing.cycle_called) == (7, 10)
    assert (standing.share_out_in, standing.members_left) == (14, 1)
    assert said(line) == {
        Concern.BOX_DIFFERS: (50, 0),
        Concern.LATE_LOANS: (40, 1),
        Concern.MEETINGS_MISSED: (30, 21),
        Concern.SHARE_OUT_SOON: (25, 14),
        Concern.FEW_CAME: (20, 2),
        Concern.MEMBERS_LEFT: (10, 1),
    }
    assert (line.weight, line.urgency) == (175, Urgency.NOW)
    assert line.reasons[0].amount == D(-100)


def test_a_group_that_is_well_stands_last_with_no_reason(database: Database) -> None:
    well(database, "AAA-1")
    troubled(database)
    lines = lines_of(database)
    assert list(lines) == ["TST-1", "AAA-1"]
    assert lines["AAA-1"].reasons == ()
    assert lines["AAA-1"].urgency is Urgency.FINE
    assert lines["AAA-1"].next_meeting == TODAY


def test_a_meeting_left_open_is_a_reason_and_no_meeting_is_missed(database: Database) -> None:
    village = well(database)
    village.meet(days=2)
    line = lines_of(database)["TST-2"]
    assert said(line) == {Concern.LEFT_OPEN: (25, 5)}
    assert (line.open_since, line.last_meeting) == (date(2026, 2, 18), date(2026, 2, 16))


def test_a_group_that_never_met_is_a_reason_from_two_weeks_on(database: Database) -> None:
    Village(database, code="NEW-1").form()
    line = lines_of(database)["NEW-1"]
    assert said(line)[Concern.NEVER_MET] == (20, 49)
    assert line.last_meeting is None
    assert line.next_meeting is None
    with database.read() as session:
        early = desk_lines(session, Filter(), on=date(2026, 1, 18))
    assert early[0].reasons == ()


def test_planned_and_cancelled_meetings_say_when_the_group_meets_next(database: Database) -> None:
    village = well(database)
    with village.at_work() as session:
        moved = Plan(day=date(2026, 2, 25))
        planned = plan_meeting(session, village.group_id, moved, clock=village.clock)
    assert lines_of(database)["TST-2"].next_meeting == date(2026, 2, 25)
    with village.at_work() as session:
        cancel_meeting(session, planned, "The road is under water", clock=village.clock)
    assert lines_of(database)["TST-2"].next_meeting == date(2026, 3, 4)
    assert lines_of(database)["TST-2"].reasons == ()


def test_what_is_written_off_is_late_no_more(database: Database) -> None:
    village = troubled(database)
    village.members.pop()
    village.meet(days=14)
    with village.at_work() as session:
        village.all_present(session)
        first = loans_of_group(session, village.group_id)[0]
        write_off_loan(
            session,
            village.meeting_id,
            first.loan_id,
            Vote(4),
            "Died",
            amount=D(1000),
            clock=village.clock,
        )
    line = lines_of(database)["TST-1"]
    with database.read() as session:
        states = loans_of_group(session, village.group_id)
    late = [loan for loan in states if loan.overdue(TODAY)]
    assert line.late_value == sum(loan.overdue(TODAY) for loan in late) == D(2300)
    assert (line.loans_value, line.standing.late_loans) == (D(4500), len(late))


def test_a_group_that_is_closed_needs_nothing(database: Database) -> None:
    troubled(database)
    with database.connection(writes=True) as connection:
        connection.exec_driver_sql("UPDATE savings_groups SET state = 'CLOSED'")
    line = lines_of(database)["TST-1"]
    assert (line.reasons, line.urgency) == ((), Urgency.FINE)
    assert line.standing.box_difference == D(-100)


def test_the_filter_names_the_groups(database: Database) -> None:
    well(database)
    troubled(database)
    assert list(lines_of(database, Filter(text="tst-2"))) == ["TST-2"]
    assert list(lines_of(database, Filter(members_to=4))) == ["TST-1"]
    assert lines_of(database, Filter(district="Nowhere")) == {}


def test_more_groups_take_no_more_statements(database: Database) -> None:
    troubled(database)
    lines_of(database)
    with selects(database) as one:
        lines_of(database)
    for number in range(3):
        well(database, f"WELL-{number}")
    with selects(database) as four:
        assert len(lines_of(database)) == 4
    assert len(one) == len(four)


# ---------------------------------------------------------------------- what waits


def test_what_waits_on_a_laptop_is_told_by_group(book: Database) -> None:
    well(book)
    troubled(book)
    with book.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        run("DELETE FROM sync_dirty")
    assert lines_of(book)["TST-2"].not_sent is None  # it sends nothing yet
    with book.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        well_id = run("SELECT id FROM savings_groups WHERE group_code = 'TST-2'").scalar_one()
        run("UPDATE sync_meta SET device_id = 'us'")
        run("UPDATE group_members SET occupation = 'potter' WHERE group_id = ?", (well_id,))
        for value in ("1", "2"):  # one value that differed twice is one thing to settle
            run(
                "INSERT INTO sync_conflict (n, tbl, su, kind, col, mine, theirs, found_at)"
                " SELECT 1, 'group_members', su, 'changed', 'occupation', ?, 'x', '2026-02-20'"
                " FROM sync_idmap WHERE tbl = 10 AND local_id ="
                " (SELECT max(id) FROM group_members WHERE group_id = ?)",
                (value, well_id),
            )
        run(
            "INSERT INTO sync_scope (su, writable) SELECT su, 0 FROM sync_idmap"
            " WHERE tbl = 7 AND local_id = ?",
            (well_id,),
        )
    lines = lines_of(book)
    line = lines["TST-2"]
    assert (line.not_sent, line.standing.to_settle, line.only_read) == (5, 1, True)
    assert said(line) == {Concern.TO_SETTLE: (40, 1), Concern.NOT_SENT: (2, 5)}
    assert (lines["TST-1"].not_sent, lines["TST-1"].only_read) == (0, False)
    with book.read() as session:
        assert not writes_book(session, line.group_id)


def test_head_office_has_nothing_to_send(central: Database) -> None:
    well(central)
    assert lines_of(central)["TST-2"].not_sent is None


# ---------------------------------------------------------------------- visits


def test_a_visit_is_kept_and_its_open_actions_are_on_the_desk(database: Database) -> None:
    village = well(database)
    village.clock.instant = morning(TODAY)
    actions = (
        Agreed("Count the  box with three people", TODAY),
        Agreed("Buy a new padlock", TODAY + timedelta(days=7)),
    )
    note = replace(
        NOTE,
        looked_at={Check.BOX: Result.WRONG, Check.PASSBOOKS: Result.FINE},
        passbooks_count=3,
        findings="One padlock is broken.",
        actions=actions,
    )
    with village.at_work() as session:
        visit = record_visit(session, village.group_id, note, clock=village.clock)
        earlier = replace(NOTE, day=TODAY - timedelta(days=30))
        record_visit(session, village.group_id, earlier, clock=village.clock)
    with database.read() as session:
        kept = visits_of(session, village.group_id)
    assert [each.note.day for each in kept] == [TODAY, TODAY - timedelta(days=30)]
    assert kept[0] == visit
    assert kept[0].note.actions[0].what == "Count the box with three people"
    later = TODAY + timedelta(days=2)
    with database.read() as session:
        [line] = desk_lines(session, Filter(), on=later)
    assert [each.what for each in line.actions] == [
        actions[0].what.replace("  ", " "),
        "Buy a new padlock",
    ]
    assert said(line)[Concern.ACTIONS_LATE] == (20, 1)
    assert line.last_visit == TODAY
    with village.at_work() as session:
        set_action_done(session, visit.visit_id, 1, clock=village.clock)
    with database.read() as session:
        assert [each.number for each in still_open(visits_of(session, village.group_id))] == [2]
    with village.at_work() as session:
        undone = set_action_done(session, visit.visit_id, 1, is_done=False, clock=village.clock)
    assert undone.note.actions[0].done_on is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day": TODAY + timedelta(days=1)}, "day"),
        ({"day": date(2025, 12, 31)}, "day"),
        ({"who": " "}, "who"),
        ({"looked_at": {}}, "BOX"),
        ({"looked_at": {Check.BOX: Result.WRONG}}, "findings"),
        ({"looked_at": {Check.PASSBOOKS: Result.FINE}}, "passbooks"),
        ({"looked_at": {Check.PASSBOOKS: Result.FINE}, "passbooks_count": 6}, "passbooks"),
        ({"findings": "x" * 2001}, "findings"),
        ({"actions": (Agreed(" ", TODAY),)}, "what_1"),
        ({"actions": (Agreed("Meet", TODAY), Agreed("Count", date(2026, 1, 6)))}, "due_2"),
    ],
)
def test_a_visit_that_can_not_be_is_refused_at_its_field(
    book: Database, changes: dict[str, Any], field: str
) -> None:
    village = well(book)
    village.clock.instant = morning(TODAY)
    with pytest.raises(RuleBroken) as refused, village.at_work() as session:
        record_visit(session, village.group_id, replace(NOTE, **changes), clock=village.clock)
    assert refused.value.field == field
    with book.read() as session:
        assert visits_of(session, village.group_id) == ()


def test_an_action_that_is_not_there_is_said(book: Database) -> None:
    village = well(book)
    village.clock.instant = morning(TODAY)
    with village.at_work() as session:
        visit = record_visit(session, village.group_id, NOTE, clock=village.clock)
        for visit_id, number in ((visit.visit_id, 1), (visit.visit_id + 1, 1)):
            with pytest.raises(RuleBroken, match="not in the book"):
                set_action_done(session, visit_id, number, clock=village.clock)


def test_the_desk_says_of_each_group_what_its_own_pages_say(database: Database) -> None:
    today = date(2026, 11, 23)
    clock = FixedClock(morning(today))
    create_practice(database, groups=3, members=9, meetings=14, seed=5, clock=clock)
    later = today + timedelta(days=30)  # by then some loans are late
    with database.read() as session:
        lines = desk_lines(session, Filter(), on=later)
        assert len(lines) == 3
        for line in lines:
            only = Filter(group_ids=(line.group_id,))
            overview = group_overview(session, line.group_id, on=later)
            assert (line.loans_count, line.standing.late_loans) == (
                overview.loans_count,
                overview.late_count,
            )
            assert (line.late_value, line.savings) == (overview.late_amount, overview.savings)
            assert line.last_meeting == overview.last_meeting
            rules = group_rules(session, line.group_id)
            proposal = proposed_meeting(session, line.group_id, rules, later)
            assert line.next_meeting == proposal.day
            (summed,) = programme_figures(session, only, on=later)
            figures = summed.figures
            assert (line.loans_value, line.late_principal) == (
                figures.loans_value,
                figures.late_value,
            )
            assert (line.standing.last_present, line.standing.members_left) == (
                figures.attending,
                figures.dropouts,
            )
    assert any(line.standing.late_loans for line in lines)
