"""Small groups of which a workbook must keep what was decided: votes, notice, standing, waivers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.workbook.eventful import begun
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.votes import Vote
from vsla_desktop.queries.rules import group_rules
from vsla_desktop.queries.saving_types import saving_types_of
from vsla_desktop.services.fines import charge_fine, waive_fine
from vsla_desktop.services.leaving import pay_out_leaver
from vsla_desktop.services.loan_requests import decide_request, pay_out_request, request_loan
from vsla_desktop.services.loans import LoanTerms, disburse_loan
from vsla_desktop.services.meetings import as_expected, close_meeting
from vsla_desktop.services.members import (
    Committee,
    LeavingReason,
    NewMember,
    add_member,
    elect_officers,
    suspend_member,
    take_back_member,
)
from vsla_desktop.services.rules import change_rules, move_share_out
from vsla_desktop.services.savings import record_saving, withdraw_saving
from vsla_desktop.services.schedule import Plan, plan_meeting
from vsla_desktop.services.social import contribute_social

if TYPE_CHECKING:
    from tests.services.village import Village
    from vsla_desktop.db import Database

D = Decimal
ALL_FOR = Vote(in_favour=5)


def close_special(village: Village) -> None:
    """Close a meeting of which no roll is called, in the afternoon."""
    village.clock.instant += timedelta(hours=4)
    with village.at_work() as session:
        counts = as_expected(session, village.group_id)
        close_meeting(session, village.meeting_id, counts, clock=village.clock)


def gave_twice(database: Database) -> Village:
    """Let a member give to the social fund twice at one meeting."""
    village = begun(database)
    clock, meeting, first = village.clock, village.meeting_id, village.members[0]
    with village.at_work() as session:
        for amount in (200, 300):
            contribute_social(session, meeting, first, D(amount), clock=clock)
    return village


def voted_twice(database: Database) -> Village:
    """Vote on fines, then at the same meeting on the notice of target savings."""
    village = begun(database)
    clock, group = village.clock, village.group_id
    since = village.day + timedelta(days=1)
    with village.at_work() as session:
        rules = replace(group_rules(session, group), fine_tariff={FineType.MISCONDUCT: D(400)})
        change_rules(session, group, rules, from_day=since, vote=ALL_FOR, clock=clock)
        types = tuple(
            replace(line.rule, notice_days=7) if line.rule.code == "TARGET" else line.rule
            for line in saving_types_of(session, group)
        )
        change_rules(
            session, group, rules, from_day=since, saving_types=types, vote=ALL_FOR, clock=clock
        )
    return village


def late(database: Database) -> Village:
    """Share out earlier by a vote, vote on the rules too, and still meet after that day."""
    village = begun(database)
    clock, group, since = village.clock, village.group_id, village.day + timedelta(days=1)
    with village.at_work() as session:
        rules = replace(group_rules(session, group), quorum_percentage=60)
        end = village.day + timedelta(days=3)
        assert move_share_out(session, group, end, vote=ALL_FOR, clock=clock)
        change_rules(session, group, rules, from_day=since, vote=ALL_FOR, clock=clock)
    village.close()
    village.meet(present=True)
    return village


def paid_back_with_notice(database: Database) -> Village:
    """Pay target savings back to a member who gave notice in time."""
    village = voted_twice(database)
    clock, first = village.clock, village.members[0]
    notice = village.day
    with village.at_work() as session:
        record_saving(session, village.meeting_id, first, "TARGET", D(700), clock=clock)
    village.close()
    village.meet(present=True)
    with village.at_work() as session:
        withdraw_saving(
            session, village.meeting_id, first, "TARGET", D(300), notice_given=notice, clock=clock
        )
    return village


def kept_away_from_a_special(database: Database) -> Village:
    """Suspend a member between a meeting and the special one after it, then take her back."""
    village = begun(database)
    clock, last = village.clock, village.members[-1]
    village.close()
    with village.at_work() as session:
        suspend_member(session, last, clock=clock)
    village.meet(days=1, kind="SPECIAL")
    close_special(village)
    with village.at_work() as session:
        take_back_member(session, last, clock=clock)
    village.meet(present=True)
    return village


def suspended_after_a_special(database: Database) -> Village:
    """Suspend a member for good once a special meeting is over."""
    village = begun(database)
    village.close()
    village.meet(days=1, kind="SPECIAL")
    close_special(village)
    with village.at_work() as session:
        suspend_member(session, village.members[-1], clock=village.clock)
    return village


def suspended_and_paid_out(database: Database) -> Village:
    """Pay members out without a mark: one before the roll call, three who were suspended.

    The quorum knew of the first one. Of the others it did not, at a special meeting and at one that
    is open still either.
    """
    village = begun(database, quorum_percentage=100)
    clock = village.clock

    def leave(member: int) -> None:
        with village.at_work() as session:
            why = LeavingReason.LEFT
            pay_out_leaver(session, village.meeting_id, member, why, clock=clock)

    village.close()
    village.meet()
    leave(village.members.pop())
    village.close()
    *village.members, third, second, first = village.members
    with village.at_work() as session:
        for member in (first, second, third):
            suspend_member(session, member, clock=clock)
    village.meet()
    leave(first)
    village.close()
    village.meet(kind="SPECIAL")
    leave(second)
    close_special(village)
    village.meet(present=True)
    leave(third)
    return village


def left_with_nothing(database: Database) -> Village:
    """Let off a fine, and let the member go who holds nothing, before a special meeting."""
    village = begun(database)
    clock, meeting = village.clock, village.meeting_id
    new = NewMember(first_name="New", last_name="Auma", gender="F", joined_date=village.day)
    with village.at_work() as session:
        village.members.append(add_member(session, village.group_id, new, clock=clock).member_id)
        village.all_present(session)
        last = village.members.pop()
        fine = charge_fine(session, meeting, last, FineType.ABSENCE, amount=D(300), clock=clock)
        waive_fine(session, meeting, fine.fine_id, "Ill", clock=clock)
        pay_out_leaver(session, meeting, last, LeavingReason.MOVED, paid=D(0), clock=clock)
    village.close()
    village.meet(days=0, kind="SPECIAL")
    return village


def took_all_and_left(database: Database) -> Village:
    """Pay target savings back to a member who then leaves at the same meeting."""
    village = begun(database)
    clock, meeting, last = village.clock, village.meeting_id, village.members.pop()
    with village.at_work() as session:
        record_saving(session, meeting, last, "TARGET", D(700), clock=clock)
        withdraw_saving(session, meeting, last, "TARGET", D(700), clock=clock)
        pay_out_leaver(session, meeting, last, LeavingReason.LEFT, paid=D(2500), clock=clock)
    return village


def lent_before_paid_back(database: Database) -> Village:
    """Ask for a loan on savings that are paid back at the same meeting, after the loan."""
    village = begun(database)
    clock, meeting, first = village.clock, village.meeting_id, village.members[0]
    with village.at_work() as session:
        record_saving(session, meeting, first, "TARGET", D(5000), clock=clock)
        terms = LoanTerms(principal=D(9000), periods=2, purpose="Seeds")
        asked = request_loan(
            session, village.group_id, first, terms, day=village.day, clock=clock
        ).loan_id
        decide_request(session, meeting, asked, ALL_FOR, clock=clock)
        pay_out_request(session, meeting, asked, clock=clock)
        withdraw_saving(session, meeting, first, "TARGET", D(5000), clock=clock)
    return village


def lent_before_the_guarantor_left(database: Database) -> Village:
    """Lend on the word of a member who then leaves at the same meeting."""
    village = begun(database)
    clock, meeting = village.clock, village.meeting_id
    first, *_, last = village.members
    village.members.remove(last)
    with village.at_work() as session:
        terms = LoanTerms(principal=D(1000), periods=2, guarantors=(last,))
        disburse_loan(session, meeting, first, terms, clock=clock)
        pay_out_leaver(session, meeting, last, LeavingReason.MOVED, paid=D(2500), clock=clock)
    return village


def planned_on_the_same_day(database: Database) -> Village:
    """Plan a special meeting for the day of a meeting, and hold both."""
    village = begun(database)
    village.close()
    with village.at_work() as session:
        plan = Plan(day=village.day, kind="SPECIAL", purpose="A new roof")
        planned = plan_meeting(session, village.group_id, plan, clock=village.clock)
    village.meet(days=0, kind="SPECIAL", planned_id=planned)
    close_special(village)
    return village


def elected_a_newcomer(database: Database) -> Village:
    """Elect a committee, and at a later meeting a key-holder beside it who has just joined."""
    village = begun(database)
    clock, group = village.clock, village.group_id

    def elect(*key_holders: int) -> None:
        chair, secretary, treasurer, *_ = village.members
        committee = Committee(
            chairperson=chair, secretary=secretary, treasurer=treasurer, key_holders=key_holders
        )
        with village.at_work() as session:
            elect_officers(session, group, committee, clock=clock)

    elect()
    village.close()
    village.meet(present=True)
    new = NewMember(first_name="New", last_name="Auma", gender="F", joined_date=village.day)
    with village.at_work() as session:
        village.members.append(add_member(session, group, new, clock=clock).member_id)
        village.all_present(session)
    elect(village.members[-1])
    village.close()
    village.meet(present=True)
    return village


DECISIONS = (
    gave_twice,
    voted_twice,
    late,
    paid_back_with_notice,
    kept_away_from_a_special,
    suspended_after_a_special,
    suspended_and_paid_out,
    left_with_nothing,
    took_all_and_left,
    lent_before_paid_back,
    lent_before_the_guarantor_left,
    planned_on_the_same_day,
    elected_a_newcomer,
)
