"""Small groups that do what depends on its turn: correct, leave, join and pay, one in each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from tests.services.village import Village
from tests.workbook.eventful import again, begun, buy, lend, shared
from vsla_desktop.domain.baseline import Baseline, MemberBaseline
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.votes import Vote
from vsla_desktop.queries.mobile_money import Purpose
from vsla_desktop.queries.tables import LEDGER
from vsla_desktop.services import cells
from vsla_desktop.services.baseline import open_baseline
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.cycles import open_next_cycle
from vsla_desktop.services.expenses import Between, deposit_at_bank, record_expense
from vsla_desktop.services.external_loans import Borrowing, borrow_outside, repay_outside
from vsla_desktop.services.fines import charge_fine, receive_fine_payment, waive_fine
from vsla_desktop.services.leaving import pay_out_leaver, write_off_leaver
from vsla_desktop.services.loan_requests import request_loan
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.members import LeavingReason, NewMember, add_member
from vsla_desktop.services.mobile_money import NewPayment, record_payment, verify_payment
from vsla_desktop.services.repayments import receive_repayment
from vsla_desktop.services.share_out import pay_share_out
from vsla_desktop.services.share_out_return import take_back_payout
from vsla_desktop.services.social import (
    advance_social,
    grant_social,
    let_off_advance,
    repay_advance,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

D = Decimal
_ASKED = LoanTerms(principal=D(1000), periods=2, purpose="Seeds")


def entries(session: Session, kind: str, member: int | None) -> list[int]:
    """Return the entries of a kind that are a member's, or nobody's, as they were made."""
    found = select(LEDGER.c.id).where(
        LEDGER.c.transaction_type == kind, LEDGER.c.member_id == member
    )
    return list(session.execute(found.order_by(LEDGER.c.id)).scalars())


def corrected_opening(database: Database) -> Village:
    """Put right what was brought along, and what was entered between two meetings."""
    village = Village(database).form()
    first, second, *_ = village.members
    clock, group = village.clock, village.group_id
    with village.at_work() as session:
        baseline = Baseline(
            members=(
                MemberBaseline(member_id=first, shares=12),
                MemberBaseline(member_id=second, shares=10),
            ),
            counts={Fund.LOAN_FUND: D(11000), Fund.SOCIAL: D(0)},
        )
        open_baseline(session, group, baseline, day=village.day, clock=clock)
    village.meet(present=True)
    village.close()
    with village.at_work() as session:
        day = village.day + timedelta(days=2)
        clock.instant += timedelta(days=2)
        spent = record_expense(session, Between(group, day), D(300), "Paint", clock=clock)
    village.meet(present=True)
    with village.at_work() as session:
        meeting = village.meeting_id
        [brought] = entries(session, "SAVINGS_DEPOSIT", second)
        correct_entry(session, meeting, brought, D(4500), "Nine", clock=clock)
        correct_entry(session, meeting, spent.transaction_id, D(350), "350 it was", clock=clock)
    return village


def alike(database: Database) -> Village:
    """Correct one of two entries that differ by nothing but how the money came, or lay."""
    village = begun(database)
    first, *_ = village.members
    clock, group, meeting = village.clock, village.group_id, village.meeting_id
    with village.at_work() as session:
        for each, reference in enumerate(("AAA1", "AAA2")):
            payment = NewPayment(
                member_id=first,
                amount=D(200),
                purpose=Purpose.SOCIAL,
                reference=reference,
                day=village.day,
                phone_number=f"+25677212345{each}",
            )
            paid = record_payment(session, group, payment, clock=clock)
            verify_payment(session, meeting, paid, clock=clock)
        cells.set_social(session, meeting, first, D(200), clock=clock)
        deposit_at_bank(session, meeting, D(1000), clock=clock)
        for held_in in ("BOX", "BANK"):
            record_expense(session, meeting, D(100), "Chalk", held_in=held_in, clock=clock)
    village.close()
    village.meet(present=True)
    meeting = village.meeting_id
    with village.at_work() as session:
        sent = entries(session, "SOCIAL_CONTRIBUTION", first)[-2]
        correct_entry(session, meeting, sent, D(500), "500 came", clock=clock)
        spent = entries(session, "EXPENSE", None)[-1]
        reverse_entry(session, meeting, spent, "Not bought", clock=clock)
    return village


def corrected_outside(database: Database) -> Village:
    """Put right what a lender gave and what it cost."""
    village = begun(database)
    clock, meeting = village.clock, village.meeting_id
    with village.at_work() as session:
        borrow_outside(
            session, meeting, Borrowing(lender="Aid", amount=D(2000), charge=D(300)), clock=clock
        )
        repay_outside(session, meeting, "Aid", charge=D(50), clock=clock)
    village.close()
    village.meet(present=True)
    meeting = village.meeting_id
    with village.at_work() as session:
        for kind, right in (("EXPENSE", 80), ("EXTERNAL_LOAN_IN", 2500)):
            [entry] = entries(session, kind, None)
            correct_entry(session, meeting, entry, D(right), "Read again", clock=clock)
    return village


def asked_and_left(database: Database) -> Village:
    """Ask for a loan and vouch for one, and leave at the same meeting."""
    village = begun(database)
    first, second, third, *_ = village.members
    clock, group, meeting = village.clock, village.group_id, village.meeting_id
    with village.at_work() as session:
        for who, guarantors in ((first, ()), (second, (first,)), (third, ())):
            terms = replace(_ASKED, guarantors=guarantors)
            request_loan(session, group, who, terms, day=village.day, clock=clock)
        pay_out_leaver(session, meeting, first, LeavingReason.MOVED, clock=clock)
        village.members.remove(first)
    village.close()
    village.meet(present=True)
    return village


def paid_after_lending(database: Database) -> Village:
    """Pay back the older of two loans after the newer one was given."""
    village = begun(database)
    first, *_ = village.members
    older = lend(village, first, 1000)
    village.close()
    village.meet(present=True)
    lend(village, first, 500)
    with village.at_work() as session:
        meeting = village.meeting_id
        receive_repayment(session, meeting, first, D(300), loan_id=older, clock=village.clock)
    return village


def taken_back_after_all(database: Database) -> Village:
    """Hold a special meeting once all are paid, and pay one member again."""
    village = shared(database, is_closed=False)
    village.meet(kind="SPECIAL")
    clock, meeting, second = village.clock, village.meeting_id, village.members[1]
    with village.at_work() as session:
        take_back_payout(session, meeting, second, "Not her turn", clock=clock)
        pay_share_out(session, meeting, (second,), clock=clock)
    village.close()
    return village


def let_off_a_part(database: Database) -> Village:
    """Pay a part of a fine, be let off the rest, and pay of a younger fine."""
    village = begun(database)
    first, second, *_ = village.members
    clock, meeting = village.clock, village.meeting_id

    def fine(session: Session, member: int, amount: int) -> int:
        kind = FineType.MISCONDUCT
        return charge_fine(session, meeting, member, kind, amount=D(amount), clock=clock).fine_id

    with village.at_work() as session:
        for member, later in ((first, 0), (second, 150)):
            older = fine(session, member, 250)
            receive_fine_payment(session, meeting, member, D(100), clock=clock)
            waive_fine(session, meeting, older, "Ill", clock=clock)
            if later:
                fine(session, member, 400)
                receive_fine_payment(session, meeting, member, D(later), clock=clock)
        waive_fine(session, meeting, fine(session, first, 90), "In mourning", clock=clock)
    return village


def let_off_an_advance(database: Database) -> Village:
    """Let two members off advances by vote, one after a lost vote, and take one back later.

    A third one dies with more debts than savings: one vote gives up her advance as well.
    """
    village = begun(database)
    buy(village)
    first, second, third, *_ = village.members
    clock, all_for = village.clock, Vote(in_favour=5)
    with village.at_work() as session:
        meeting = village.meeting_id
        for member in (first, second, third):
            advance_social(session, meeting, member, D(300), clock=clock)
        let_off_advance(session, meeting, first, D(200), Vote(2, 3), "Ill", clock=clock)
        undone = let_off_advance(session, meeting, second, D(300), all_for, "Burnt", clock=clock)
        reverse_entry(session, meeting, undone[0].transaction_id, "", clock=clock)
        wrong = let_off_advance(session, meeting, first, D(200), Vote(3, 1, 1), "Ill", clock=clock)
        grant_social(session, meeting, first, D(200), reason="A girl", clock=clock)
        let_off_advance(session, meeting, second, D(100), all_for, "Burnt", clock=clock)
    again(village)
    with village.at_work() as session:
        meeting = village.meeting_id
        repay_advance(session, meeting, first, D(50), clock=clock)
        reverse_entry(session, meeting, wrong[1].transaction_id, "She is well", clock=clock)
        let_off_advance(session, meeting, first, D(250), all_for, "She is ill", clock=clock)
        kind = FineType.MISCONDUCT
        charge_fine(session, meeting, third, kind, amount=D(90_000), clock=clock)
        write_off_leaver(session, meeting, third, LeavingReason.DIED, all_for, clock=clock)
    village.members.remove(third)
    return village


def joined_next_cycle(database: Database) -> Village:
    """Join after the share-out, of which the social fund was a part for everybody there."""
    village = shared(database)
    village.clock.instant += timedelta(days=7)
    with village.at_work() as session:
        day = village.clock.today()
        open_next_cycle(session, village.group_id, day, clock=village.clock)
        new = NewMember(first_name="Later", last_name="Auma", gender="F", joined_date=day)
        village.members.append(
            add_member(session, village.group_id, new, clock=village.clock).member_id
        )
    village.day += timedelta(days=7)
    village.meet(days=0, present=True)
    buy(village)
    return village
