"""What was entered of members who are suspended now, or have left; and how much may be paid."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.services.proofs import check_books
from tests.services.village import Village
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import LEDGER, MEMBERS
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services import cells
from vsla_desktop.services.corrections import correct_entry
from vsla_desktop.services.external_loans import Borrowing, borrow_outside, repay_outside
from vsla_desktop.services.leaving import pay_out_leaver
from vsla_desktop.services.members import LeavingReason, suspend_member, take_back_member
from vsla_desktop.services.social import advance_social, repay_advance

D = Decimal


@pytest.fixture
def saved(village: Village) -> Village:
    """The first member saved 4 shares, 300 for the children and 200 for the social fund."""
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        for member in village.members:
            cells.set_shares(session, meeting, member, 4, clock=clock)
            cells.set_saving(session, meeting, member, "ECD", D(300), clock=clock)
            cells.set_social(session, meeting, member, D(200), clock=clock)
    return village


def entry(village: Village, kind: PostingType, amount: int) -> int:
    with village.database.read() as session:
        found: int = session.execute(
            select(LEDGER.c.id).where(
                LEDGER.c.member_id == village.members[0],
                LEDGER.c.transaction_type == kind.value,
                LEDGER.c.amount == D(amount),
            )
        ).scalar_one()
    return found


def correct(village: Village, kind: PostingType, amount: int, right: int) -> None:
    transaction = entry(village, kind, amount)
    with village.at_work() as session:
        correct_entry(
            session, village.meeting_id, transaction, D(right), "Passbook", clock=village.clock
        )
        check_books(session, village.group_id)


def held(village: Village) -> Decimal:
    with village.database.read() as session:
        found: Decimal = session.execute(
            select(MEMBERS.c.share_balance).where(MEMBERS.c.id == village.members[0])
        ).scalar_one()
    return found


@pytest.mark.parametrize("shares", [1500, 2500])
def test_what_a_suspended_member_paid_is_put_right(saved: Village, shares: int) -> None:
    first = saved.members[0]
    saved.close()
    with saved.at_work() as session:
        suspend_member(session, first, clock=saved.clock)
    saved.meet()
    correct(saved, PostingType.SAVINGS_DEPOSIT, 2000, shares)
    correct(saved, PostingType.SAVINGS_DEPOSIT, 300, 350)
    correct(saved, PostingType.SOCIAL_CONTRIBUTION, 200, 100)
    assert held(saved) == shares
    with (
        pytest.raises(RuleBroken, match=r"is not active\. Take the member back first"),
        saved.at_work() as session,
    ):
        cells.set_shares(session, saved.meeting_id, first, 1, clock=saved.clock)
    assert verify_all(saved.database).ok


def test_a_cell_of_a_member_who_is_suspended_at_the_meeting_is_put_right(saved: Village) -> None:
    first = saved.members[0]
    with saved.at_work() as session:
        suspend_member(session, first, clock=saved.clock)
        cells.set_shares(session, saved.meeting_id, first, 3, clock=saved.clock)
        check_books(session, saved.group_id)
    assert held(saved) == D(1500)


def test_savings_that_a_leaver_was_paid_stay_as_they_were_paid(saved: Village) -> None:
    first = saved.members[0]
    saved.close()
    saved.meet(present=True)
    with saved.at_work() as session:
        pay_out_leaver(session, saved.meeting_id, first, LeavingReason.MOVED, clock=saved.clock)
    before = saved.funds()
    for right, sentence in (
        (2500, r"left and was paid\. Take the member back"),
        (1500, "Take back at most 0"),
        (0, "Take back at most 0"),
    ):
        with pytest.raises(RuleBroken, match=sentence):
            correct(saved, PostingType.SAVINGS_DEPOSIT, 2000, right)
    assert saved.funds() == before
    correct(saved, PostingType.SOCIAL_CONTRIBUTION, 200, 100)
    with saved.at_work() as session:
        take_back_member(session, first, clock=saved.clock)
    correct(saved, PostingType.SAVINGS_DEPOSIT, 2000, 2500)
    assert held(saved) == D(500)
    with saved.at_work() as session:
        pay_out_leaver(session, saved.meeting_id, first, LeavingReason.MOVED, clock=saved.clock)
    assert held(saved) == 0
    assert verify_all(saved.database).ok


def test_too_much_paid_back_is_told_by_the_most_that_may_be_paid(saved: Village) -> None:
    first = saved.members[0]
    with saved.at_work() as session:
        meeting, clock = saved.meeting_id, saved.clock
        advance_social(session, meeting, first, D(500), clock=clock)
        repay_advance(session, meeting, first, D(100), clock=clock)
        borrowing = Borrowing(lender="Twiga Bank", amount=D(800))
        borrow_outside(session, meeting, borrowing, clock=clock)
        [paid] = repay_outside(session, meeting, "Twiga Bank", principal=D(500), clock=clock)
    saved.close()
    saved.meet(present=True)
    with pytest.raises(RuleBroken, match=r"Pay at most 500\. This pays all advances back"):
        correct(saved, PostingType.SOCIAL_ADVANCE_REPAYMENT, 100, 600)
    correct(saved, PostingType.SOCIAL_ADVANCE_REPAYMENT, 100, 500)

    def pay(amount: int) -> None:
        with saved.at_work() as session:
            correct_entry(
                session,
                saved.meeting_id,
                paid.transaction_id,
                D(amount),
                "Receipt",
                clock=saved.clock,
            )

    with pytest.raises(RuleBroken, match=r"Pay at most 800\. This pays the loan back"):
        pay(1000)
    pay(800)
    with pytest.raises(RuleBroken, match="Take back at most 0"):
        correct(saved, PostingType.SOCIAL_ADVANCE, 500, 400)
