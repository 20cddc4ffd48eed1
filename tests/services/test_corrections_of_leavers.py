"""What was entered of members who are suspended now, or have left; and how much may be paid."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from tests.services.proofs import check_books
from tests.services.village import Village
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.domain.rules import ValueRule
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import LEDGER, MEMBERS
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services import cells
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.expenses import record_expense
from vsla_desktop.services.external_loans import Borrowing, borrow_outside, repay_outside
from vsla_desktop.services.leaving import pay_out_leaver
from vsla_desktop.services.members import LeavingReason, suspend_member, take_back_member
from vsla_desktop.services.social import advance_social, repay_advance

if TYPE_CHECKING:
    from vsla_desktop.db import Database

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
        (1500, r"This was paid out on 12 Jan 2026\. The member left then\."),
        (0, r"This was paid out on 12 Jan 2026\. The member left then\."),
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


def test_what_was_paid_out_is_not_taken_from_what_she_saves_once_she_is_back(
    saved: Village,
) -> None:
    first, clock = saved.members[0], saved.clock
    old = entry(saved, PostingType.SAVINGS_DEPOSIT, 2000)
    old_children = entry(saved, PostingType.SAVINGS_DEPOSIT, 300)
    saved.close()
    saved.meet(present=True)
    with saved.at_work() as session:
        pay_out_leaver(session, saved.meeting_id, first, LeavingReason.LEFT, clock=clock)
        take_back_member(session, first, clock=clock)
        cells.set_shares(session, saved.meeting_id, first, 5, clock=clock)
        cells.set_saving(session, saved.meeting_id, first, "ECD", D(400), clock=clock)
    new = entry(saved, PostingType.SAVINGS_DEPOSIT, 2500)
    saved.close()
    saved.meet(present=True)

    def put_right(transaction: int, amount: int) -> int:
        with saved.at_work() as session:
            done = correct_entry(
                session, saved.meeting_id, transaction, D(amount), "Passbook", clock=clock
            )
            check_books(session, saved.group_id)
        return done.entries[0].transaction_id

    def refused(transaction: int, *amounts: int) -> None:
        for amount in amounts:
            before, funds = held(saved), saved.funds()
            with pytest.raises(RuleBroken, match=r"This was paid out on 12 Jan 2026\."):
                put_right(transaction, amount)
            assert (held(saved), saved.funds()) == (before, funds)

    refused(old, 1500, 500, 0)
    refused(old_children, 299, 100, 0)
    # More than she was paid is hers, and may be put right again; what she bought since as well.
    right = put_right(old, 2500)
    assert held(saved) == 3000
    refused(right, 1500, 0)
    assert held(saved) == 3000
    put_right(right, 2000)
    put_right(new, 1000)
    assert held(saved) == 1000
    assert verify_all(saved.database).ok


def test_shares_that_were_worth_nothing_when_she_left_stay_as_they_were(database: Database) -> None:
    village = Village(database).ruled(leaver_rule=ValueRule.CURRENT_VALUE).form()
    village.meet(present=True)
    first, clock = village.members[0], village.clock
    with village.at_work() as session:
        shares = cells.set_shares(session, village.meeting_id, first, 4, clock=clock).entries[0]
        record_expense(session, village.meeting_id, D(2000), "Robbed", clock=clock)
        pay_out_leaver(session, village.meeting_id, first, LeavingReason.LEFT, clock=clock)
        take_back_member(session, first, clock=clock)
    village.close()
    village.meet(present=True)
    with village.at_work() as session:
        cells.set_shares(session, village.meeting_id, first, 5, clock=clock)
    with (
        pytest.raises(RuleBroken, match=r"This was paid out on 5 Jan 2026\."),
        village.at_work() as session,
    ):
        reverse_entry(session, village.meeting_id, shares.transaction_id, "Not hers", clock=clock)


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
