"""Asking for a loan, voting on it, and paying it out."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from tests.services.proofs import check_books
from tests.services.test_loan_changes import NO, YES, later
from tests.services.test_loans import lending
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.loan_pages import LoanRequest, loan_request, loans_read
from vsla_desktop.queries.tables import ACTIVITIES, ASSESSMENTS, LOANS
from vsla_desktop.services.cells import set_shares
from vsla_desktop.services.expenses import record_expense
from vsla_desktop.services.loan_requests import (
    Decided,
    LoanAsked,
    decide_request,
    pay_out_request,
    request_loan,
    withdraw_request,
)
from vsla_desktop.services.loans import LoanGiven, LoanTerms, disburse_loan
from vsla_desktop.services.members import suspend_member

if TYPE_CHECKING:
    from tests.services.village import Village
    from vsla_desktop.db import Database
    from vsla_desktop.domain.votes import Vote

D = Decimal


def ask(village: Village, principal: int = 30_000, member: int = 0, **more: Any) -> LoanAsked:
    terms = LoanTerms(**{"principal": D(principal), "periods": 3, **more})
    with village.at_work() as session:
        return request_loan(
            session,
            village.group_id,
            village.members[member],
            terms,
            day=village.day,
            clock=village.clock,
        )


def decide(village: Village, loan_id: int, vote: Vote = YES, reason: str = "") -> Decided:
    with village.at_work() as session:
        return decide_request(
            session, village.meeting_id, loan_id, vote, reason=reason, clock=village.clock
        )


def pay_out(village: Village, loan_id: int) -> LoanGiven:
    with village.at_work() as session:
        return pay_out_request(session, village.meeting_id, loan_id, clock=village.clock)


def requests(village: Village) -> tuple[LoanRequest, ...]:
    with village.database.read() as session:
        check_books(session, village.group_id)
        return loans_read(session, village.group_id, today=village.day).requests


def test_a_loan_is_asked_for_voted_on_and_paid_out_at_a_later_meeting(database: Database) -> None:
    village = lending(database, guarantors_required=2, loan_period=PeriodKind.CALENDAR_MONTH)
    _borrower, second, third, *_others = village.members
    asked = ask(village, purpose="Goats", guarantors=(second, third))
    assert [row.total for row in asked.instalments] == [13_000, 12_000, 11_000]
    assert "Member for 0 months" in str(asked.warnings[0])
    [request] = requests(village)
    assert (request.status, request.purpose, request.periods) == ("PENDING", "Goats", 3)
    assert [each.number for each in request.guarantors] == [2, 3]
    with pytest.raises(RuleBroken, match="Vote on it first"):
        pay_out(village, asked.loan_id)
    fund = village.funds()
    assert decide(village, asked.loan_id).is_approved
    assert requests(village)[0].status == "APPROVED"
    assert village.funds() == fund
    village.close()
    village.meet(present=True)
    given = pay_out(village, asked.loan_id)
    assert given.loan_id == asked.loan_id
    assert given.due_date == date(2026, 4, 12)  # counted from the day of the money
    assert not requests(village)
    assert village.funds().loan_fund == fund.loan_fund - 30_000
    with village.database.read() as session:
        row = session.execute(select(LOANS)).one()
        [assessment] = session.execute(select(ASSESSMENTS)).all()
        [vote] = session.execute(select(ACTIVITIES)).all()
    assert (row.status, row.approval_date, row.disbursement_date) == (
        "ACTIVE",
        date(2026, 1, 5),
        date(2026, 1, 12),
    )
    assert row.assessment_id == assessment.id
    assert vote.activity_name == "Loan: 1 Amina Nakato"
    with pytest.raises(RuleBroken, match="Nobody asks for this loan now"):
        pay_out(village, asked.loan_id)


def test_a_request_is_refused_with_a_reason(database: Database) -> None:
    village = lending(database)
    asked = ask(village)
    with pytest.raises(RuleBroken, match="Say why it is refused"):
        decide(village, asked.loan_id, NO)
    assert not decide(village, asked.loan_id, NO, "The fund is low").is_approved
    [request] = requests(village)
    assert (request.is_refused, request.reason) == (True, "The fund is low")
    with pytest.raises(RuleBroken, match="Nobody asks"):
        decide(village, asked.loan_id)
    ask(village)  # she may ask again


def test_a_member_asks_once_and_may_let_it_go(database: Database) -> None:
    village = lending(database)
    asked = ask(village)
    with pytest.raises(RuleBroken, match="has asked already"):
        ask(village)
    decide(village, asked.loan_id)
    with pytest.raises(RuleBroken, match="has asked already"):
        ask(village)
    with village.at_work() as session:
        withdraw_request(session, asked.loan_id, "She needs it no more", clock=village.clock)
    assert requests(village)[0].is_refused
    with pytest.raises(RuleBroken, match="Nobody asks"):
        pay_out(village, asked.loan_id)
    ask(village)


def test_what_falls_due_after_the_share_out_is_refused_at_request_and_at_disbursement(
    database: Database,
) -> None:
    village = lending(database, loan_period=PeriodKind.CALENDAR_MONTH)
    later(village, date(2026, 9, 30))
    asked = ask(village)  # due on 30 December, the cycle ends on 3 January
    decide(village, asked.loan_id)
    later(village, date(2026, 10, 6))
    with pytest.raises(RuleBroken, match=r"Choose fewer periods.*after the share-out"):
        pay_out(village, asked.loan_id)
    with pytest.raises(RuleBroken, match="Choose fewer periods"):
        ask(village, member=1, principal=1)
    assert requests(village)[0].is_waiting


def test_never_more_is_paid_out_than_the_fund_holds(database: Database) -> None:
    village = lending(database)
    asked = ask(village, 60_000)
    decide(village, asked.loan_id)
    with village.at_work() as session:
        record_expense(session, village.meeting_id, D(60_000), "A roof", clock=village.clock)
    with pytest.raises(RuleBroken, match="The fund holds 40 000 only"):
        pay_out(village, asked.loan_id)
    assert requests(village)[0].status == "APPROVED"


@pytest.mark.parametrize(
    ("guarantors", "sentence"),
    [
        ((), "Name 2 other members"),
        ((0, 1), "Name 2 other members"),
        ((1, 1), "Name 2 other members"),
        ((1, 4), "Name active members"),
        ((1, 3), r"Daudi Okello can not stand for others\. A loan is late"),
    ],
)
def test_guarantors_are_others_active_not_twice_and_not_late(
    database: Database, guarantors: tuple[int, ...], sentence: str
) -> None:
    village = lending(database, loan_period=PeriodKind.FOUR_WEEKS, guarantors_required=2)
    with village.at_work() as session:
        clock, meeting = village.clock, village.meeting_id
        set_shares(session, meeting, village.members[3], 2, clock=clock)
        terms = LoanTerms(principal=D(1000), periods=1, guarantors=village.members[1:3])
        disburse_loan(session, meeting, village.members[3], terms, clock=clock)
        suspend_member(session, village.members[4], clock=clock)
    later(village, village.day + timedelta(days=35))
    with pytest.raises(RuleBroken, match=sentence) as refused:
        ask(village, guarantors=tuple(village.members[each] for each in guarantors))
    assert refused.value.field == "guarantor"
    assert not requests(village)


def test_an_assessment_is_good_for_three_months(database: Database) -> None:
    village = lending(database, loan_interest_method=ChargeMethod.NONE, loan_interest_rate=D(0))
    asked = ask(village)
    later(village, date(2026, 4, 5))
    assert decide(village, asked.loan_id).is_approved
    with village.at_work() as session:
        withdraw_request(session, asked.loan_id, "Not now", clock=village.clock)
    again = ask(village)
    assert again.assessment_id == asked.assessment_id
    later(village, date(2026, 4, 6))
    with pytest.raises(RuleBroken, match=r"Assess the member again\. An .* good for 3 months"):
        decide(village, again.loan_id)


def test_only_an_active_member_of_the_group_asks(database: Database) -> None:
    village = lending(database)
    with village.at_work() as session:
        suspend_member(session, village.members[0], clock=village.clock)
    with pytest.raises(RuleBroken, match="Choose an active member"):
        ask(village)
    with village.database.read() as session:
        assert loan_request(session, 987_654) is None
