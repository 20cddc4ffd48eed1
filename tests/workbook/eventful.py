"""Small groups at whose meetings something was decided, one kind of it in each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.services.village import RULES, Village
from vsla_desktop.db import Database
from vsla_desktop.domain.assessment import AssessmentWeights
from vsla_desktop.domain.baseline import Baseline, MemberBaseline, OpeningLoan
from vsla_desktop.domain.kinds import ExpenseKind, GrantEvent, IncomeKind
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import SocialFundRule, ValueRule
from vsla_desktop.domain.votes import Vote
from vsla_desktop.queries.activities import ActivityKind, Ballot
from vsla_desktop.queries.mobile_money import Purpose
from vsla_desktop.queries.tables import ACCOUNTS, LEDGER, LOANS, MEMBERS
from vsla_desktop.services import cells
from vsla_desktop.services.activities import add_activity, record_ballot, record_part
from vsla_desktop.services.baseline import open_baseline
from vsla_desktop.services.corrections import correct_entry
from vsla_desktop.services.counts import PurseCounted
from vsla_desktop.services.cycles import close_cycle
from vsla_desktop.services.expenses import (
    deposit_at_bank,
    record_expense,
    record_income,
)
from vsla_desktop.services.external_loans import Borrowing, borrow_outside, repay_outside
from vsla_desktop.services.joining import catch_up_shares
from vsla_desktop.services.leaving import pay_leaver, pay_out_leaver
from vsla_desktop.services.loan_changes import (
    let_off_penalty,
    reschedule_loan,
    take_back_change,
    top_up_loan,
)
from vsla_desktop.services.loan_losses import recover_loan, write_off_loan
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.meetings import as_expected
from vsla_desktop.services.members import LeavingReason, NewMember, add_member
from vsla_desktop.services.mobile_money import (
    NewPayment,
    record_payment,
    reject_payment,
    verify_payment,
)
from vsla_desktop.services.share_out import freeze_share_out, pay_share_out, propose_share_out
from vsla_desktop.services.social import (
    advance_social,
    grant_social,
    repay_advance,
)
from vsla_desktop.services.votes import record_vote

D = Decimal
CODE = "TST-1"
PASSED = Vote(4, 1)
Fresh = Callable[[], closing[Database]]
LOAN_RULES = replace(
    RULES,
    loan_interest_method=ChargeMethod.DECLINING,
    loan_period=PeriodKind.CALENDAR_MONTH,
    loan_max_months=6,
    loan_min_months=0,
    loan_min_score=D(0),
    loan_min_attendance=D(0),
)


def begun(database: Database, **changes: Any) -> Village:
    """Form a group and hold a meeting at which everybody buys shares; the second one is open."""
    village = Village(database, rules=replace(LOAN_RULES, **changes)).form()
    village.meet(present=True)
    buy(village)
    village.close()
    village.meet(present=True)
    return village


def buy(village: Village) -> None:
    with village.at_work() as session:
        for member in village.members:
            cells.set_shares(session, village.meeting_id, member, 5, clock=village.clock)
            cells.set_social(session, village.meeting_id, member, D(200), clock=village.clock)


def lend(village: Village, member: int, amount: int, periods: int = 3) -> int:
    with village.at_work() as session:
        terms = LoanTerms(principal=D(amount), periods=periods)
        cells.set_loan(session, village.meeting_id, member, terms, clock=village.clock)
        return (
            session.execute(
                select(LOANS.c.id).where(LOANS.c.member_id == member).order_by(LOANS.c.id.desc())
            )
            .scalars()
            .first()
            or 0
        )


def again(village: Village, days: int = 7) -> None:
    village.close()
    village.meet(days=days, present=True)


def topped_up(database: Database) -> Village:
    village = begun(database)
    loan = lend(village, village.members[0], 3000)
    again(village, 31)
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        cells.set_repayment(session, meeting, village.members[0], D(1300), clock=clock)
        top_up_loan(session, meeting, loan, D(2000), periods=4, clock=clock)
    again(village, 28)
    with village.at_work() as session:
        meeting = village.meeting_id
        cells.set_repayment(session, meeting, village.members[0], D(900), clock=clock)
    return village


def put_right(database: Database) -> Village:
    """Put right a loan and money on top of another, at the meetings after them."""
    village = begun(database)
    first, second, *_ = village.members
    clock = village.clock
    buy(village)
    lend(village, first, 2000)
    loan = lend(village, second, 2000)
    again(village)
    with village.at_work() as session:
        top_up_loan(session, village.meeting_id, loan, D(500), periods=3, clock=clock)
        _correct(session, village, first, D(1800))
    again(village)
    with village.at_work() as session:
        _correct(session, village, second, D(700))
        cells.set_repayment(session, village.meeting_id, first, D(600), clock=clock)
    village.close()
    return village


def _correct(session: Session, village: Village, member: int, amount: Decimal) -> None:
    """Put right the last loan that a member was given."""
    newest = (
        select(func.max(LEDGER.c.id))
        .where(LEDGER.c.member_id == member, LEDGER.c.transaction_type == "LOAN_DISBURSEMENT")
        .scalar_subquery()
    )
    entry = session.execute(select(LEDGER.c.id).where(LEDGER.c.id == newest)).scalar_one()
    correct_entry(session, village.meeting_id, entry, amount, "Counted", clock=village.clock)


def spread(database: Database) -> Village:
    village = begun(database)
    first, second, third, *_ = village.members
    loans = [lend(village, member, 3000) for member in (first, second)]
    again(village, 31)
    clock = village.clock
    with village.at_work() as session:
        meeting = village.meeting_id
        cells.set_repayment(session, meeting, first, D(1300), clock=clock)
        reschedule_loan(session, meeting, loans[0], 2, PASSED, clock=clock)
        later = village.day + timedelta(days=24)
        reschedule_loan(session, meeting, loans[1], 3, Vote(3, 1, 1), from_day=later, clock=clock)
        reschedule_loan(session, meeting, loans[1], 5, Vote(1, 3), clock=clock)
    again(village, 30)
    with village.at_work() as session:
        meeting = village.meeting_id
        reschedule_loan(session, meeting, loans[0], 3, PASSED, clock=clock)
        top_up_loan(session, meeting, loans[0], D(500), periods=3, clock=clock)
    assert third
    return village


def put_back(database: Database) -> Village:
    """Other days and a penalty let off are taken back; what was lent is put right after it."""
    fixed = {"late_penalty_kind": PenaltyKind.FIXED, "late_penalty_amount": D(50)}
    village = begun(database, **fixed, late_penalty_repeats=True)
    first, second, *_ = village.members
    loans = [lend(village, member, 3000) for member in (first, second)]
    again(village)
    clock = village.clock
    with village.at_work() as session:
        reschedule_loan(session, village.meeting_id, loans[0], 2, PASSED, clock=clock)
    again(village, 28)
    with village.at_work() as session:
        meeting = village.meeting_id
        take_back_change(session, meeting, loans[0], "Voted for another", clock=clock)
        _correct(session, village, first, D(2000))
        cells.set_repayment(session, meeting, second, D(20), clock=clock)
        let_off_penalty(session, meeting, loans[1], "She was ill", clock=clock)
        cells.set_repayment(session, meeting, second, D(400), clock=clock)
    again(village, 35)
    with village.at_work() as session:
        meeting = village.meeting_id
        let_off_penalty(session, meeting, loans[0], "A mistake", clock=clock)
        take_back_change(session, meeting, loans[0], "It was none", clock=clock)
    again(village, 35)
    return village


def lost(database: Database) -> Village:
    village = begun(database)
    first, second, *_ = village.members
    loans = [lend(village, member, 3000) for member in (first, second)]
    again(village, 31)
    clock = village.clock
    with village.at_work() as session:
        meeting = village.meeting_id
        cells.set_repayment(session, meeting, first, D(400), clock=clock)
        write_off_loan(session, meeting, loans[0], PASSED, "She moved.", clock=clock)
        write_off_loan(
            session, meeting, loans[1], PASSED, "Half is lost.", amount=D(1200), clock=clock
        )
        write_off_loan(session, meeting, loans[1], Vote(1, 4), "Not all", clock=clock)
    again(village)
    with village.at_work() as session:
        meeting = village.meeting_id
        recover_loan(session, meeting, loans[0], D(700), clock=clock)
        cells.set_repayment(session, meeting, second, D(800), clock=clock)
    return village


def left_with_debts(database: Database) -> Village:
    village = begun(database, leaver_rule=ValueRule.CURRENT_VALUE)
    first, second, third, *_ = village.members
    buy(village)
    lend(village, first, 1000)
    clock = village.clock
    with village.at_work() as session:
        meeting = village.meeting_id
        cells.set_fine_charged(session, meeting, first, D(100), clock=clock)
        cells.set_saving(session, meeting, first, "ECD", D(700), clock=clock)
        advance_social(session, meeting, first, D(300), clock=clock)
    again(village, 30)
    with village.at_work() as session:
        meeting = village.meeting_id
        record_income(session, meeting, D(1234), "Sold a hen", clock=clock)
        cells.set_fine_paid(session, meeting, first, D(40), clock=clock)
        pay_out_leaver(session, meeting, first, LeavingReason.MOVED, paid=D(1500), clock=clock)
        # Bought after the payout: it changes what a share is worth.
        cells.set_shares(session, meeting, third, 3, clock=clock)
    village.members.remove(first)
    again(village)
    with village.at_work() as session:
        meeting = village.meeting_id
        pay_leaver(session, meeting, first, D(1000), clock=clock)
        pay_out_leaver(session, meeting, second, LeavingReason.DIED, clock=clock)
    village.members.remove(second)
    again(village)
    return village


def caught_up(database: Database) -> Village:
    village = begun(database, joiner_rule=ValueRule.CURRENT_VALUE)
    clock = village.clock
    with village.at_work() as session:
        record_income(session, village.meeting_id, D(2000), "A gift", clock=clock)
    village.close()
    with village.at_work() as session:
        day = village.day + timedelta(days=7)
        new = NewMember(first_name="Late", last_name="Comer", gender="M", joined_date=day)
        joiner = add_member(session, village.group_id, new, clock=clock).member_id
        village.members.append(joiner)
    village.meet(present=True)
    with village.at_work() as session:
        meeting = village.meeting_id
        catch_up_shares(session, meeting, joiner, 7, clock=clock)
        cells.set_shares(session, meeting, joiner, 2, clock=clock)
        cells.set_shares(session, meeting, village.members[0], 5, clock=clock)
    return village


def caught_up_wrong(database: Database) -> Village:
    """Put right shares that were caught up: at their meeting, later, twice, and back to none."""
    village = begun(database, joiner_rule=ValueRule.CURRENT_VALUE)
    clock = village.clock
    with village.at_work() as session:
        for member in village.members:
            cells.set_shares(session, village.meeting_id, member, 3, clock=clock)
        record_income(session, village.meeting_id, D(2345), "A gift", clock=clock)
    again(village)
    with village.at_work() as session:
        joiners = []
        for name in ("Grace", "Hope"):
            new = NewMember(first_name=name, last_name="Late", gender="F", joined_date=village.day)
            joiners.append(add_member(session, village.group_id, new, clock=clock).member_id)
        village.members += joiners
    shares = {}
    for joiner in joiners:
        with village.at_work() as session:
            bought = catch_up_shares(session, village.meeting_id, joiner, 4, clock=clock)
            shares[joiner] = bought[0].transaction_id
            cells.set_shares(session, village.meeting_id, joiner, 4, clock=clock)

    def right(joiner: int, amount: int) -> None:
        with village.at_work() as session:
            done = correct_entry(
                session, village.meeting_id, shares[joiner], D(amount), "Passbook", clock=clock
            )
            shares[joiner] = done.entries[0].transaction_id if amount else 0

    first, second = joiners
    right(first, 1500)
    again(village)
    right(first, 500)
    right(second, 1000)
    with village.at_work() as session:
        cells.set_shares(session, village.meeting_id, first, 5, clock=clock)
    again(village)
    right(first, 1000)
    right(second, 0)
    return village


def helped(database: Database) -> Village:
    village = begun(database)
    first, second, *_ = village.members
    clock = village.clock
    with village.at_work() as session:
        meeting = village.meeting_id
        due = village.day + timedelta(days=40)
        advance_social(
            session, meeting, first, D(300), reason="Medicine", due_date=due, clock=clock
        )
        grant_social(
            session, meeting, second, D(200), reason="A son", event=GrantEvent.BIRTH, clock=clock
        )
        record_expense(session, meeting, D(150), "Pens", kind=ExpenseKind.STATIONERY, clock=clock)
        record_income(session, meeting, D(90), "From abroad", kind=IncomeKind.GIFT, clock=clock)
    again(village)
    with village.at_work() as session:
        repay_advance(session, village.meeting_id, first, D(100), clock=clock)
    return village


def borrowed(database: Database) -> Village:
    village = begun(database)
    clock = village.clock
    with village.at_work() as session:
        meeting = village.meeting_id
        deposit_at_bank(session, meeting, D(3000), clock=clock)
        due = village.day + timedelta(days=90)
        bank = Borrowing(lender="Village Bank", amount=D(9000), charge=D(900), due_date=due)
        borrow_outside(session, meeting, bank, clock=clock)
        aid = Borrowing(lender="Aid, and more", amount=D(500), held_in="BANK")
        borrow_outside(session, meeting, aid, clock=clock)
    again(village)
    with village.at_work() as session:
        meeting = village.meeting_id
        repay_outside(
            session, meeting, "village bank", principal=D(4000), charge=D(300), clock=clock
        )
        repay_outside(
            session, meeting, "Aid, and more", principal=D(500), held_in="BANK", clock=clock
        )
    return village


def sent(database: Database) -> Village:
    village = begun(database)
    first, second, third, fourth, _fifth = village.members
    lend(village, third, 2000)
    clock = village.clock

    def payment(session: object, member: int, amount: int, purpose: Purpose, ref: str) -> int:
        new = NewPayment(
            member_id=member,
            amount=D(amount),
            purpose=purpose,
            reference=ref,
            day=village.day,
            phone_number="+256772123456",
        )
        return record_payment(session, village.group_id, new, clock=clock)  # type: ignore[arg-type]

    village.close()
    with village.at_work() as session:
        paid = [
            payment(session, first, 1000, Purpose.SHARES, "AAA1"),
            payment(session, second, 200, Purpose.SOCIAL, "AAA2"),
            payment(session, third, 900, Purpose.LOAN, "AAA3"),
        ]
        never = payment(session, fourth, 500, Purpose.SHARES, "AAA4")
        payment(session, fourth, 1500, Purpose.SHARES, "AAA5")
        reject_payment(session, never, "It never came.", clock=clock)
    village.meet(present=True)
    with village.at_work() as session:
        for each in paid:
            verify_payment(session, village.meeting_id, each, clock=clock)
        cells.set_shares(session, village.meeting_id, second, 2, clock=clock)
    return village


def voted(database: Database) -> Village:
    village = begun(database)
    first, second, *_ = village.members
    clock = village.clock
    with village.at_work() as session:
        meeting = village.meeting_id
        record_vote(session, meeting, "A new box", PASSED, description="Of iron", clock=clock)
        record_vote(session, meeting, "A feast", Vote(1, 3, 1), clock=clock)
        open_vote = add_activity(session, meeting, ActivityKind.VOTING, "A flag", clock=clock)
        record_ballot(session, open_vote, first, Ballot.FOR, clock=clock)
        record_ballot(session, open_vote, second, Ballot.ABSTAINED, clock=clock)
        talk = add_activity(session, meeting, ActivityKind.TRAINING, "Book-keeping", clock=clock)
        record_part(session, talk, second, took_part=True, clock=clock)
    return village


def brought_along(database: Database) -> Village:
    """A loan of before the book is spread anew, and another is written off."""
    village = Village(database, rules=LOAN_RULES).form()
    first, second, *_ = village.members
    clock = village.clock
    with village.at_work() as session:
        baseline = Baseline(
            members=(
                MemberBaseline(
                    member_id=first,
                    shares=12,
                    loan=OpeningLoan(principal=D(2000), charge=D(200), periods=2),
                ),
                MemberBaseline(
                    member_id=second, shares=10, loan=OpeningLoan(principal=D(900), periods=1)
                ),
            ),
            counts={Fund.LOAN_FUND: D(5100), Fund.SOCIAL: D(0)},
            at_bank={Fund.LOAN_FUND: D(3000)},
        )
        open_baseline(session, village.group_id, baseline, day=village.day, clock=clock)
        loans = session.execute(select(LOANS.c.id).order_by(LOANS.c.id)).scalars().all()
    village.meet(present=True)
    with village.at_work() as session:
        reschedule_loan(session, village.meeting_id, loans[0], 4, PASSED, clock=clock)
        write_off_loan(session, village.meeting_id, loans[1], PASSED, "Gone", clock=clock)
    return village


def shared(database: Database, *, is_closed: bool = True) -> Village:
    """Share out, with a debt that is set off, one that is too large, and a coin too few."""
    village = begun(database, payout_unit=D(50), social_fund_rule=SocialFundRule.SPLIT_EQUALLY)
    first, second, third, *_ = village.members
    buy(village)
    lend(village, first, 2000)
    again(village, 40)
    clock = village.clock
    with village.at_work() as session:
        meeting = village.meeting_id
        cells.set_repayment(session, meeting, first, D(500), clock=clock)
        counts = dict(as_expected(session, village.group_id))
        box = counts[Fund.LOAN_FUND].counted()
        counts[Fund.LOAN_FUND] = PurseCounted(box - 3, reason="A coin is lost")
        propose_share_out(session, meeting, counts, reserve=D(500), clock=clock)
        freeze_share_out(session, meeting, Vote(1, 3), clock=clock)
        freeze_share_out(session, meeting, PASSED, clock=clock)
        pay_share_out(session, meeting, (first, second), clock=clock)
    again(village)
    with village.at_work() as session:
        pay_share_out(session, village.meeting_id, clock=clock)
    village.close()
    if is_closed:
        with village.at_work() as session:
            close_cycle(session, village.group_id, clock=clock)
    assert third
    return village


def shared_not_closed(database: Database) -> Village:
    return shared(database, is_closed=False)


def weighed(database: Database) -> Village:
    """Put scores together in a way of the group's own."""
    weights = AssessmentWeights(
        savings_weight=D("0.5"), attendance_weight=D("0.2"), full_score_shares=20
    )
    return begun(database, assessment_weights=weights)


def shares_of(book: Database) -> dict[int, Decimal]:
    """Return what the shares of each member come to, by number."""
    with book.read() as session:
        found = session.execute(
            select(MEMBERS.c.member_number, ACCOUNTS.c.current_balance)
            .join(ACCOUNTS, ACCOUNTS.c.member_id == MEMBERS.c.id)
            .where(ACCOUNTS.c.current_balance > 0)
        )
        return {number: held for number, held in found}  # noqa: C416 - rows are no pairs
