"""Late penalties: each is charged once, whatever was voted or put right in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from tests.services.proofs import check_books
from tests.services.village import Village
from vsla_desktop.db import Database
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.loans import LoanState, loans_of_member
from vsla_desktop.queries.meetings import open_meeting_id
from vsla_desktop.queries.tables import LEDGER
from vsla_desktop.services.cells import set_loan, set_repayment, set_shares
from vsla_desktop.services.corrections import reverse_entry
from vsla_desktop.services.loan_changes import let_off_penalty, take_back_change
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.meetings import discard_meeting
from vsla_desktop.services.rules import change_rules

D = Decimal
FIXED = {"late_penalty_kind": PenaltyKind.FIXED, "late_penalty_amount": D(500)}


def lent(database: Database, **rules: Any) -> Village:
    """Amina and Beatrice have borrowed 3,000 each; 3,300 are due four weeks later."""
    village = Village(database).ruled(
        **{
            "loan_interest_rate": D("0.1"),
            "loan_max_months": 1,
            "max_shares_per_meeting": 10,
            **rules,
        }
    )
    village.form()
    village.meet(present=True)
    with village.at_work() as session:
        for member in village.members:
            set_shares(session, village.meeting_id, member, 10, clock=village.clock)
        for member in village.members[:2]:
            terms = LoanTerms(principal=D(3000), periods=1)
            set_loan(session, village.meeting_id, member, terms, clock=village.clock)
    village.close()
    return village


def vote(village: Village, **rules: Any) -> None:
    """Vote other rules, which hold from the day after."""
    village.rules = replace(village.rules, **rules)
    with village.at_work() as session:
        change_rules(
            session,
            village.group_id,
            village.rules,
            from_day=village.day + timedelta(days=1),
            vote=Vote(in_favour=5),
            clock=village.clock,
        )


def pay(village: Village, who: int, amount: int) -> None:
    with village.at_work() as session:
        member = village.members[who]
        set_repayment(session, village.meeting_id, member, D(amount), clock=village.clock)


def loan_of(village: Village, who: int) -> LoanState:
    with village.database.read() as session:
        check_books(session, village.group_id)
        [loan] = loans_of_member(session, village.members[who])
        return loan


def charged_at(village: Village, who: int, *days: int) -> list[int]:
    """Hold meetings after so many days each; return the penalties so far at each of them."""
    found = []
    for day in days:
        with village.database.read() as session:
            is_open = open_meeting_id(session, village.group_id) is not None
        if is_open:
            village.close()
        village.meet(present=True, days=day)
        found.append(int(loan_of(village, who).penalty_charged))
    return found


def test_a_payment_that_is_taken_back_later_leaves_its_borrower_late(database: Database) -> None:
    """Beatrice paid in time, and it was booked to Amina: once that is put right, Amina is late."""
    village = lent(database, **FIXED)
    village.meet(present=True, days=21)
    pay(village, 0, 3300)
    assert charged_at(village, 0, 14) == [0]
    with village.database.read() as session:
        rows = select(LEDGER.c.id).where(
            LEDGER.c.member_id == village.members[0],
            LEDGER.c.transaction_type.in_(("LOAN_REPAYMENT", "LOAN_CHARGE")),
        )
        entries = session.execute(rows).scalars().all()
    with village.at_work() as session:
        for entry in entries:
            reverse_entry(
                session, village.meeting_id, entry, "It was Beatrice", clock=village.clock
            )
    assert charged_at(village, 0, 14, 14) == [500, 500]


def test_more_grace_days_ask_no_penalty_again(database: Database) -> None:
    village = lent(database, **FIXED)
    assert charged_at(village, 0, 35) == [500]
    vote(village, loan_grace_days=14)
    assert charged_at(village, 0, 14, 14) == [500, 500]


def test_fewer_grace_days_lose_no_penalty(database: Database) -> None:
    village = lent(database, loan_grace_days=14, **FIXED)
    assert charged_at(village, 0, 35) == [0]
    vote(village, loan_grace_days=0)
    assert charged_at(village, 0, 14, 14, 14) == [500, 500, 500]


def test_a_rule_that_asks_each_period_begins_with_its_day(database: Database) -> None:
    village = lent(database, **FIXED)
    assert charged_at(village, 0, 35, 56) == [500, 500]
    vote(village, late_penalty_repeats=True)
    assert charged_at(village, 0, 1, 28, 28) == [500, 1000, 1500]


def test_a_rule_that_brings_penalties_asks_one_of_who_is_late(database: Database) -> None:
    village = lent(database)
    assert charged_at(village, 0, 35, 56) == [0, 0]
    vote(village, late_penalty_repeats=True, **FIXED)
    assert charged_at(village, 0, 1, 28) == [500, 1000]


def test_a_penalty_that_is_let_off_is_not_asked_again(database: Database) -> None:
    village = lent(database, late_penalty_repeats=True, **FIXED)
    assert charged_at(village, 1, 35) == [500]
    with village.at_work() as session:
        loan = loans_of_member(session, village.members[1])[0].loan_id
        with pytest.raises(RuleBroken, match="Say why"):
            let_off_penalty(session, village.meeting_id, loan, " ", clock=village.clock)
        let_off = let_off_penalty(
            session, village.meeting_id, loan, "She paid in time", clock=village.clock
        )
        assert let_off == 500
        with pytest.raises(RuleBroken, match="No penalty is owed"):
            let_off_penalty(session, village.meeting_id, loan, "Again", clock=village.clock)
        with pytest.raises(RuleBroken, match="decided something"):
            discard_meeting(session, village.meeting_id, clock=village.clock)
    assert charged_at(village, 1, 1, 28) == [0, 500]
    with village.at_work() as session:
        with pytest.raises(RuleBroken, match="Say why"):
            take_back_change(session, village.meeting_id, loan, "", clock=village.clock)
        take_back_change(session, village.meeting_id, loan, "It was late", clock=village.clock)
    assert loan_of(village, 1).penalty_charged == 1000
    with village.at_work() as session, pytest.raises(RuleBroken, match="no change to take back"):
        take_back_change(session, village.meeting_id, loan, "Again", clock=village.clock)
    pay(village, 1, 4300)
    assert loan_of(village, 1).status == "COMPLETED"


def test_a_loan_of_which_only_a_penalty_is_left_is_paid_back_once_it_is_let_off(
    database: Database,
) -> None:
    village = lent(database, **FIXED)
    assert charged_at(village, 1, 35) == [500]
    pay(village, 1, 3300)
    loan = loan_of(village, 1)
    assert [loan.penalty_paid, loan.principal_owed] == [500, 500]
    pay(village, 1, 0)
    with village.at_work() as session:
        let_off_penalty(
            session, village.meeting_id, loan.loan_id, "She paid in time", clock=village.clock
        )
    pay(village, 1, 3300)
    assert loan_of(village, 1).status == "COMPLETED"
    assert charged_at(village, 1, 14) == [0]
