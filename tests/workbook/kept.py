"""Small groups that keep something beside their meetings, one kind of it in each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import bindparam, func, select

from tests.services.village import Village
from tests.workbook.eventful import PASSED, begun, buy, lend, shared
from vsla_desktop.db import Database
from vsla_desktop.domain.kinds import GrantEvent
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.saving_types import SavingTypeRule
from vsla_desktop.domain.votes import Vote
from vsla_desktop.queries.saving_types import saving_types_of
from vsla_desktop.queries.tables import LEDGER
from vsla_desktop.services import cells
from vsla_desktop.services.attendance import record_attendance
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.counts import PurseCounted
from vsla_desktop.services.cycles import open_next_cycle
from vsla_desktop.services.expenses import note_bank_statement, record_expense
from vsla_desktop.services.joining import catch_up_shares
from vsla_desktop.services.loan_changes import reschedule_loan, top_up_loan
from vsla_desktop.services.loan_losses import write_off_loan
from vsla_desktop.services.loan_requests import (
    decide_request,
    pay_out_request,
    request_loan,
    withdraw_request,
)
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.meetings import (
    NewMeeting,
    as_expected,
    close_meeting,
    open_meeting,
)
from vsla_desktop.services.members import (
    Committee,
    NewMember,
    add_member,
    elect_officers,
    suspend_member,
    take_back_member,
)
from vsla_desktop.services.property import (
    NewProperty,
    add_property,
    remove_property,
    revalue_property,
)
from vsla_desktop.services.repayments import receive_repayment
from vsla_desktop.services.rules import change_rules
from vsla_desktop.services.saving_types import keep_saving_types
from vsla_desktop.services.schedule import Plan, cancel_meeting, plan_meeting, postpone_meeting
from vsla_desktop.services.social import set_grant_tariff
from vsla_desktop.services.targets import set_target

D = Decimal
_ENTRY = select(func.min(LEDGER.c.id)).where(
    LEDGER.c.transaction_type == bindparam("kind"),
    LEDGER.c.member_id == bindparam("member"),
    LEDGER.c.meeting_id != bindparam("here"),
)
_ASKED = LoanTerms(principal=D(1000), periods=2, purpose="Seeds")


def listed(database: Database) -> Village:
    """Keep a list of each kind: bank statements, property, and what is given at each event."""
    village = begun(database)
    clock, group = village.clock, village.group_id
    with village.at_work() as session:
        tariff = {GrantEvent.DEATH: D(900), GrantEvent.BIRTH: D(0)}
        set_grant_tariff(session, village.meeting_id, tariff, clock=clock)
        note_bank_statement(session, group, D(0), clock=clock)
        note_bank_statement(session, group, D(1500), note="Interest is missing", clock=clock)
        before = village.day - timedelta(days=400)
        box = NewProperty(name="Box", bought_on=before, cost=D(45000), value=D(30000))
        owned = add_property(session, group, box, clock=clock)
        hen = NewProperty(name="Hen", bought_on=village.day, cost=D(800), note="=White")
        add_property(session, group, hen, clock=clock)
        revalue_property(session, group, owned, D(20000), note="Rust", clock=clock)
        remove_property(session, group, 2, "Eaten", clock=clock)
    return village


def planned(database: Database) -> Village:
    """Plan, move and cancel meetings, hold one that was moved, and give one up for too few."""
    village = begun(database)
    village.close()
    clock, group = village.clock, village.group_id
    week = timedelta(days=7)
    with village.at_work() as session:
        plans = [
            Plan(day=village.day + week * each, location=f"School {each}", purpose="Elect")
            for each in (1, 2, 3, 4, 5)
        ]
        ids = [plan_meeting(session, group, plans[0], clock=clock)]
        for number, plan in enumerate(plans[1:], 4):
            ids.append(plan_meeting(session, group, replace(plan, number=number), clock=clock))
        moved = plans[0].day + timedelta(days=2)
        postpone_meeting(session, ids[0], moved, "Rain", clock=clock)
        postpone_meeting(session, ids[2], plans[2].day + timedelta(days=1), "A feast", clock=clock)
        cancel_meeting(session, ids[2], "A burial", clock=clock)
    village.meet(days=9, number=3, present=True)  # the one that was moved
    buy(village)
    village.close()
    village.meet(days=5, number=4)  # as planned, but too few came
    with village.at_work() as session:
        cancel_meeting(session, village.meeting_id, "Too few came", clock=clock)
    with village.at_work() as session:
        day = village.day + timedelta(days=10)
        clock.instant += timedelta(days=10)
        new = NewMeeting(day=day, number=6)  # not on the day it was planned for
        counts = as_expected(session, group)
        opened = open_meeting(session, group, new, counts=counts, clock=clock)
        village.meeting_id, village.day = opened.meeting_id, day
        village.all_present(session)
    return village


def asked(database: Database) -> Village:
    """Ask for loans: one waits, one is approved, one refused, one let go, and one paid out."""
    village = begun(database)
    clock, group, meeting = village.clock, village.group_id, village.meeting_id
    first, second, third, fourth, fifth = village.members

    def ask(member: int, terms: LoanTerms = _ASKED) -> int:
        with village.at_work() as session:
            return request_loan(session, group, member, terms, day=village.day, clock=clock).loan_id

    paid, refused, kept = ask(first), ask(second), ask(third)
    let_go = ask(fourth, replace(_ASKED, guarantors=(first, fifth)))
    with village.at_work() as session:
        decide_request(session, meeting, paid, PASSED, reason="For seeds", clock=clock)
        decide_request(session, meeting, refused, Vote(1, 4), reason="Too early", clock=clock)
        decide_request(session, meeting, kept, Vote(3, 0, 1), clock=clock)
        withdraw_request(session, let_go, "She found work", clock=clock)
    again = ask(fourth, replace(_ASKED, principal=D(700), guarantors=(third,)))
    with village.at_work() as session:
        decide_request(session, meeting, again, PASSED, clock=clock)
        withdraw_request(session, again, "Not needed", clock=clock)
    village.close()
    village.day += timedelta(days=3)
    clock.instant += timedelta(days=3)
    ask(second, replace(_ASKED, principal=D(500)))
    village.meet(days=4, present=True)
    with village.at_work() as session:
        pay_out_request(session, village.meeting_id, paid, clock=clock)
        repaid = pay_out_request(session, village.meeting_id, kept, clock=clock).loan_id
        receive_repayment(session, village.meeting_id, third, D(300), clock=clock)
    assert repaid == kept
    return village


def ruled(database: Database) -> Village:
    """Change the rules: before the first meeting, by votes that passed and that were lost."""
    village = Village(database).form()
    clock, group = village.clock, village.group_id
    rules = replace(village.rules, loan_fund_name="Chest", loan_min_months=0, share_name="star")
    with village.at_work() as session:
        change_rules(session, group, rules, from_day=village.day, clock=clock)
    for change in ({"payout_unit": D(100)}, {"quorum_percentage": 60, "fine_tariff": {}}):
        village.meet(present=True)
        buy(village)
        changed = replace(rules, **change)
        later = village.day + timedelta(days=3)
        with village.at_work() as session:
            lost = replace(rules, loan_multiple=D(9))
            change_rules(session, group, lost, from_day=later, vote=Vote(1, 4), clock=clock)
            change_rules(session, group, changed, from_day=later, vote=PASSED, clock=clock)
        rules = changed
        village.close()
    village.meet(present=True)
    return village


def limited(database: Database) -> Village:
    """Give kinds of saving limits and notice, and members something to save for."""
    village = begun(database)
    first, second, *_ = village.members
    clock = village.clock
    with village.at_work() as session:
        cells.set_saving(session, village.meeting_id, first, "TARGET", D(50), clock=clock)
        set_target(session, first, D(8000), clock=clock)
        set_target(session, second, D(500), clock=clock)
        kinds = (
            SavingTypeRule(code="PERSONAL", is_used=True, fund=Fund.LOAN_FUND),
            SavingTypeRule(
                code="TARGET",
                is_used=True,
                fund=Fund.TARGET,
                minimum=D(100),
                maximum=D(900),
                allows_withdrawal=True,
                notice_days=30,
            ),
            SavingTypeRule(code="SOCIAL", is_used=True, fund=Fund.SOCIAL),
            SavingTypeRule(code="ECD", is_used=False, fund=Fund.PERSONAL),
        )
        keep_saving_types(session, village.group_id, kinds, clock=clock)
    return village


def limited_by_vote(database: Database) -> Village:
    """Vote twice on limits of kinds of saving; an earlier payment kept to the earlier ones."""
    village = begun(database)
    first, *_ = village.members
    clock, group = village.clock, village.group_id
    for most in (900, 400):
        with village.at_work() as session:
            cells.set_saving(session, village.meeting_id, first, "TARGET", D(most), clock=clock)
            kinds = tuple(
                replace(line.rule, maximum=D(most)) if line.rule.code == "TARGET" else line.rule
                for line in saving_types_of(session, group)
            )
            change_rules(
                session,
                group,
                village.rules,
                from_day=village.day + timedelta(days=1),
                saving_types=kinds,
                vote=PASSED,
                clock=clock,
            )
        village.close()
        village.meet(present=True)
    return village


def counted(database: Database) -> Village:
    """Count by notes and coins, with a reason of its own for each purse."""
    village = begun(database)
    buy(village)
    with village.at_work() as session:
        counts = dict(as_expected(session, village.group_id))
    box, social = (counts[fund].counted() for fund in (Fund.LOAN_FUND, Fund.SOCIAL))
    counts[Fund.LOAN_FUND] = PurseCounted(
        notes={D(1000): int(box // 1000) - 1, D(500): 1}, reason="A note was torn"
    )
    counts[Fund.SOCIAL] = PurseCounted(social - 50, reason="A coin fell")
    with village.at_work() as session:
        close_meeting(session, village.meeting_id, counts, clock=village.clock)
    village.meet(present=True)
    return village


def led(database: Database) -> Village:
    """Elect others in the middle of a cycle: each meeting keeps who led it."""
    village = Village(database).form()
    first, second, third, fourth, fifth = village.members
    clock = village.clock
    for committee in (
        None,
        Committee(chairperson=first, secretary=second, treasurer=third),
        Committee(chairperson=fifth, secretary=second, treasurer=fourth),
    ):
        if committee is not None:
            with village.at_work() as session:
                elect_officers(session, village.group_id, committee, clock=clock)
        village.meet(present=True)
        buy(village)
        village.close()
    return village


def came_and_went(database: Database) -> Village:
    """Members join on the day of a meeting, before, during and after it; one is kept away."""
    village = begun(database, quorum_percentage=100)
    clock, group = village.clock, village.group_id

    def join(name: str, *, marked: bool = False, since: int = 0) -> int:
        with village.at_work() as session:
            day = village.day - timedelta(days=since)
            new = NewMember(first_name=name, last_name="Auma", gender="F", joined_date=day)
            member = add_member(session, group, new, clock=clock).member_id
            village.members.append(member)
            if marked:
                present = AttendanceStatus.PRESENT
                record_attendance(session, village.meeting_id, member, present, clock=clock)
        return member

    during = join("During", marked=True)
    with village.at_work() as session:
        catch_up_shares(session, village.meeting_id, during, 2, clock=clock)
        cells.set_shares(session, village.meeting_id, during, 5, clock=clock)
    village.close()
    join("After")
    join("After too", since=3)
    away = village.members[1]
    with village.at_work() as session:
        suspend_member(session, away, clock=clock)
    village.members.remove(away)
    village.meet(present=True)
    village.close()
    with village.at_work() as session:
        take_back_member(session, away, clock=clock)
    village.members.append(away)
    village.day += timedelta(days=7)
    clock.instant += timedelta(days=7)
    join("Before")
    village.meet(days=0, present=True)
    village.close()
    return village


def in_turn(database: Database) -> Village:
    """Do at one meeting what depends on its order: lend, add, spread anew, pay, give up."""
    village = begun(database)
    first, second, third, *_ = village.members
    clock, meeting = village.clock, village.meeting_id
    loans = [lend(village, member, 2000) for member in (first, second)]
    again = lend(village, third, 900)
    with village.at_work() as session:
        write_off_loan(session, meeting, again, PASSED, "Moved away", clock=clock)
    village.close()
    village.meet(days=31, present=True)
    meeting = village.meeting_id
    with village.at_work() as session:
        cells.set_fine_charged(session, meeting, third, D(90), clock=clock)
        receive_repayment(session, meeting, first, D(100), clock=clock)
        top_up_loan(session, meeting, loans[0], D(500), periods=3, clock=clock)
        receive_repayment(session, meeting, first, D(400), clock=clock)
        receive_repayment(session, meeting, second, D(300), clock=clock)
        reschedule_loan(session, meeting, loans[1], 4, PASSED, clock=clock)
        receive_repayment(session, meeting, second, D(200), clock=clock)
        record_expense(session, meeting, D(70), "Chalk", clock=clock)
    with village.at_work() as session:
        more = LoanTerms(principal=D(600), periods=2)
        cells.set_loan(session, meeting, third, more, clock=clock)
    village.close()
    village.meet(present=True)
    meeting = village.meeting_id
    with village.at_work() as session:

        def earlier(kind: str, member: int) -> int:
            wanted = {"kind": kind, "member": member, "here": meeting}
            found: int = session.execute(_ENTRY, wanted).scalar_one()
            return found

        receive_repayment(session, meeting, third, D(100), clock=clock)
        cells.set_shares(session, meeting, third, 2, clock=clock)
        bought = earlier("SAVINGS_DEPOSIT", third)
        correct_entry(session, meeting, bought, D(1000), "Two", clock=clock)
        given = earlier("SOCIAL_CONTRIBUTION", third)
        reverse_entry(session, meeting, given, "Not paid", clock=clock)
        repaid = earlier("LOAN_CHARGE", second)
        correct_entry(session, meeting, repaid, D(120), "120 it was", clock=clock)
        receive_repayment(session, meeting, second, D(150), clock=clock)
    return village


def second_cycle(database: Database) -> Village:
    """Share out, put some back, and go on with other rules, members and property."""
    village = shared(database)
    clock, group = village.clock, village.group_id
    start = village.day + timedelta(days=7)
    with village.at_work() as session:
        box = NewProperty(name="Box", bought_on=village.day, cost=D(900))
        add_property(session, group, box, clock=clock)
        reinvest = {village.members[1]: 2, village.members[2]: 1}
        open_next_cycle(session, group, start, reinvest=reinvest, clock=clock)
    village.meet(present=True)
    buy(village)
    lend(village, village.members[0], 1500)
    rules = replace(village.rules, payout_unit=D(500))
    with village.at_work() as session:
        later = village.day + timedelta(days=1)
        change_rules(session, group, rules, from_day=later, vote=PASSED, clock=clock)
        plan_meeting(session, group, Plan(day=village.day + timedelta(days=14)), clock=clock)
    village.close()
    return village
