"""Correcting entries of any date: what it changes is shown before, and is what it then changes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.services.proofs import check_books
from tests.services.test_seals import full_meetings
from tests.services.village import Village
from vsla_desktop.domain.loans import schedule
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.corrections import Correctable, Standing, correctable
from vsla_desktop.queries.corrections import standing as how_it_stands
from vsla_desktop.queries.lines import group_lines
from vsla_desktop.queries.loans import LoanState, loans_of_member
from vsla_desktop.queries.mobile_money import Purpose
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.sheet import SheetRow, meeting_sheet
from vsla_desktop.queries.tables import (
    CASHBOOK,
    INSTALMENTS,
    LEDGER,
    LOANS,
    MEETINGS,
    MEMBERS,
    SAVINGS,
)
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services import cells
from vsla_desktop.services.corrections import correct_entry, reverse_entry, try_correction
from vsla_desktop.services.loan_changes import top_up_loan
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.mobile_money import NewPayment, record_payment, verify_payment

D = Decimal
TABLES = (LEDGER, CASHBOOK, SAVINGS, LOANS, INSTALMENTS, MEMBERS)


@pytest.fixture
def met(village: Village) -> Village:
    """Two full meetings are closed, a third is open."""
    village.close()
    full_meetings(village)
    village.meet(present=True)
    return village


def contents(village: Village) -> list[object]:
    with village.database.read() as session:
        return [session.execute(select(table).order_by(table.c.id)).all() for table in TABLES]


def entries(village: Village) -> dict[int, PostingType]:
    with village.database.read() as session:
        return {
            line.transaction_id: line.type
            for line in group_lines(session, village.group_id)
            if not line.is_reversal and not line.reversed_by
        }


def found(village: Village, entry: int) -> Correctable:
    with village.database.read() as session:
        return correctable(session, entry)


def tried(village: Village, entry: Correctable, amount: Decimal) -> Standing | str:
    try:
        with village.at_work() as session:
            return try_correction(session, entry, amount, clock=village.clock)
    except RuleBroken as problem:
        return str(problem)


def done(village: Village, entry: Correctable, amount: Decimal) -> Standing | str:
    """What a correction really changed, in a transaction that is then taken back."""
    try:
        with village.at_work() as session:
            real = session.begin_nested()
            transaction_id = entry.entry.transaction_id
            correct_entry(
                session, village.meeting_id, transaction_id, amount, "Counted", clock=village.clock
            )
            now = how_it_stands(session, village.group_id, entry.entry)
            check_books(session, village.group_id)
            real.rollback()
            return now
    except RuleBroken as problem:
        return str(problem)


def test_what_is_tried_is_what_is_done_and_nothing_is_written(met: Village) -> None:
    before = contents(met)
    kinds = entries(met)
    assert len(set(kinds.values())) >= 6
    outcomes = set()
    for entry in kinds:
        what = found(met, entry)
        for part in (D(0), D("0.5"), D(2)):
            amount = (what.entry.amount * part).quantize(D(1))
            shown = tried(met, what, amount)
            assert shown == done(met, what, amount), (kinds[entry], part)
            assert shown != what.standing
            outcomes.add(type(shown))
    assert outcomes == {Standing, str}
    assert contents(met) == before


def test_the_closed_meeting_keeps_its_seal(met: Village) -> None:
    entry = next(key for key, kind in entries(met).items() if kind is PostingType.SAVINGS_DEPOSIT)
    what = found(met, entry)
    assert (what.standing.shares, what.standing.savings) == (3, D(1500))
    with met.at_work() as session:
        written = correct_entry(
            session, met.meeting_id, entry, D(1000), "Counted again", clock=met.clock
        )
        right = written.entries[0].transaction_id
    met.close()
    with met.database.read() as session:
        checks = verify_seals(session, met.group_id)
        check_books(session, met.group_id)
    assert [check.broken for check in checks] == ["", "", "", ""]
    with pytest.raises(RuleBroken, match="Open a meeting first"):
        found(met, right)
    met.meet()
    again = found(met, right)
    assert (again.entry.is_correction, again.standing.shares) == (True, 2)
    with pytest.raises(RuleBroken, match=r"corrected already\. Choose the new line"):
        found(met, entry)
    with pytest.raises(RuleBroken, match="Correct the new line instead"):
        found(met, written.reversal.transaction_id)


def test_a_loan_that_is_being_repaid_says_how_to_correct_it(met: Village) -> None:
    kinds = entries(met)
    loan = next(key for key, kind in kinds.items() if kind is PostingType.LOAN_DISBURSEMENT)
    said = tried(met, found(met, loan), D(3000))
    assert said == "Take back the later change first."


def test_an_entry_of_nowhere_is_said_so(met: Village) -> None:
    with pytest.raises(RuleBroken, match="not in the book"):
        found(met, 999_999)


@pytest.mark.parametrize("purpose", [Purpose.SOCIAL, Purpose.LOAN])
def test_money_on_the_phone_is_corrected_once_it_is_verified(
    village: Village, purpose: Purpose
) -> None:
    first = village.members[0]
    with village.at_work() as session:
        village.all_present(session)
        for member in village.members:
            cells.set_shares(session, village.meeting_id, member, 3, clock=village.clock)
        terms = LoanTerms(principal=D(1000))
        cells.set_loan(session, village.meeting_id, first, terms, clock=village.clock)
    village.close()
    new = NewPayment(
        member_id=first,
        amount=D(200),
        purpose=purpose,
        reference="MP1",
        day=village.clock.today(),
        phone_number="0772123456",
    )
    with village.at_work() as session:
        payment = record_payment(session, village.group_id, new, clock=village.clock)
    village.meet(present=True)
    with village.at_work() as session:
        entry = verify_payment(session, village.meeting_id, payment, clock=village.clock)[-1]
    village.close()
    village.meet(present=True)
    what = found(village, entry.transaction_id)
    assert what.standing.bank == D(200)
    right = what.entry.amount - 50
    shown = tried(village, what, right)
    assert isinstance(shown, Standing)
    assert (shown.fund, shown.bank, shown.box) == (
        what.standing.fund - 50,
        D(150),
        what.standing.box,
    )
    assert shown == done(village, what, right)


def test_a_corrected_repayment_is_not_what_is_paid_today(met: Village) -> None:
    first = met.members[0]
    kinds = entries(met)
    paid = max(key for key, kind in kinds.items() if kind is PostingType.LOAN_REPAYMENT)
    what = found(met, paid)
    with met.at_work() as session:
        right = correct_entry(
            session, met.meeting_id, paid, what.entry.amount - 100, "Counted", clock=met.clock
        )
        today = next(r for r in meeting_sheet(session, met.meeting_id).rows if r.member_id == first)
        assert today.loan_repaid == 0
        cells.set_repayment(session, met.meeting_id, first, D(50), clock=met.clock)
        check_books(session, met.group_id)
    again = [found(met, entry.transaction_id).entry for entry in right.entries]
    assert sum(line.amount for line in again) == what.entry.amount - 100
    assert all(line.is_correction for line in again)


def lent(village: Village, periods: int = 3) -> int:
    """Hold a meeting that lends 3,000 to the first of them, and open the one four weeks later."""
    with village.at_work() as session:
        village.all_present(session)
        for member in village.members:
            cells.set_shares(session, village.meeting_id, member, 3, clock=village.clock)
        terms = LoanTerms(principal=D(3000), periods=periods, purpose="Seed")
        set_to = cells.set_loan(
            session, village.meeting_id, village.members[0], terms, clock=village.clock
        )
    village.close()
    village.meet(days=35, present=True)
    return set_to.entries[0].transaction_id


def right(village: Village, entry: int, amount: int, reason: str = "Counted again") -> int:
    with village.at_work() as session:
        done = correct_entry(
            session, village.meeting_id, entry, D(amount), reason, clock=village.clock
        )
        check_books(session, village.group_id)
    return done.entries[0].transaction_id


def borrower(village: Village) -> SheetRow:
    with village.database.read() as session:
        rows = meeting_sheet(session, village.meeting_id).rows
    return next(row for row in rows if row.member_id == village.members[0])


def loan_of(village: Village) -> LoanState:
    with village.database.read() as session:
        [loan] = loans_of_member(session, village.members[0])
    return loan


@pytest.mark.parametrize("amount", [2000, 4000])
def test_a_corrected_loan_is_the_loan_of_its_first_day(village: Village, amount: int) -> None:
    entry = lent(village)
    before = loan_of(village)
    held = village.funds().loan_fund
    with village.database.read() as session:
        first = meeting_sheet(session, before.meeting_id or 0)
    written = right(village, entry, amount)
    loan = loan_of(village)
    assert loan.principal == amount
    kept = ("loan_id", "given_on", "meeting_id", "rate", "method", "periods", "purpose")
    assert [getattr(loan, name) for name in kept] == [getattr(before, name) for name in kept]
    assert [row.due_date for row in loan.instalments] == [
        row.due_date for row in before.instalments
    ]
    fresh = schedule(
        D(amount),
        loan.rate,
        loan.periods,
        method=loan.method,
        period_kind=loan.period_kind,
        start=loan.given_on,
        unit=D(1),
    )
    assert [(row.principal, row.charge) for row in loan.instalments] == [
        (row.principal, row.charge) for row in fresh
    ]
    assert village.funds().loan_fund == held + 3000 - amount
    row = borrower(village)
    assert (row.loan_taken, row.loan_periods) == (D(0), None)
    line = found(village, written).entry
    assert (line.is_correction, line.reason) == (True, "Counted again")
    with village.database.read() as session:
        meetings = session.execute(
            select(MEETINGS.c.loans_disbursed_count).order_by(MEETINGS.c.meeting_date)
        ).scalars()
        assert list(meetings) == [1, 0]
        then = meeting_sheet(session, before.meeting_id or 0)
    assert [purse.closing for purse in then.purses] == [purse.closing for purse in first.purses]
    assert [each.loan_taken for each in then.rows] == [each.loan_taken for each in first.rows]
    village.close()
    with village.database.read() as session:
        assert [each.broken for each in verify_seals(session, village.group_id)] == ["", ""]
    assert verify_all(village.database).ok


def test_a_loan_can_be_given_beside_a_corrected_one(village: Village) -> None:
    right(village, lent(village), 1000)
    with village.at_work() as session:
        terms = LoanTerms(principal=D(500), periods=1)
        cells.set_loan(session, village.meeting_id, village.members[0], terms, clock=village.clock)
        check_books(session, village.group_id)
    assert borrower(village).loan_taken == 500


def test_a_correction_that_was_wrong_itself_stays_a_correction(village: Village) -> None:
    entry = lent(village)
    again = right(village, right(village, entry, 2000), 2500, "He counted as well")
    line = found(village, again).entry
    assert (line.is_correction, line.reason) == (True, "He counted as well")
    assert borrower(village).loan_taken == 0
    loan = loan_of(village)
    assert (loan.principal, loan.given_on) == (D(2500), village.day - timedelta(days=35))
    with village.at_work() as session:
        reverse_entry(session, village.meeting_id, again, "Never given", clock=village.clock)
        check_books(session, village.group_id)
    village.close()
    with village.database.read() as session:
        assert [each.broken for each in verify_seals(session, village.group_id)] == ["", ""]
        assert not loans_of_member(session, village.members[0])
    assert verify_all(village.database).ok


def test_more_is_lent_in_a_correction_only_as_the_rules_allow(village: Village) -> None:
    entry = lent(village)
    before = contents(village)
    with pytest.raises(RuleBroken, match="Lend at most 1 500"):  # of 4,500, with 3,000 out
        right(village, entry, 4501)
    with pytest.raises(RuleBroken, match="Say why it is corrected"):
        right(village, entry, 2000, " ")
    assert contents(village) == before


def test_money_on_top_is_corrected_as_of_its_day(village: Village) -> None:
    lent(village)
    with village.at_work() as session:
        loan = loan_of(village)
        added = top_up_loan(
            session, village.meeting_id, loan.loan_id, D(1000), periods=3, clock=village.clock
        ).entry
    assert added is not None
    topped_up = loan_of(village)
    village.close()
    village.meet(present=True)
    written = right(village, added.transaction_id, 500)
    loan = loan_of(village)
    assert (loan.principal, loan.changed_on) == (D(3500), topped_up.changed_on)
    assert [row.due_date for row in loan.instalments] == [
        row.due_date for row in topped_up.instalments
    ]
    assert borrower(village).loan_taken == 0
    again = right(village, written, 1000)
    assert loan_of(village).instalments == topped_up.instalments
    with village.at_work() as session:
        reverse_entry(session, village.meeting_id, again, "Not given", clock=village.clock)
        check_books(session, village.group_id)
    assert loan_of(village).principal == 3000
    village.close()
    with village.database.read() as session:
        assert not any(each.broken for each in verify_seals(session, village.group_id))
    assert verify_all(village.database).ok


def test_a_contribution_that_is_put_right_twice_is_not_one_of_today(village: Village) -> None:
    first = village.members[0]
    with village.at_work() as session:
        village.all_present(session)
        set_to = cells.set_social(session, village.meeting_id, first, D(200), clock=village.clock)
    village.close()
    village.meet(present=True)
    once = right(village, set_to.entries[0].transaction_id, 300)
    right(village, once, 250, "")
    row = borrower(village)
    assert row.social_paid == 0
    with village.database.read() as session:
        lines = [each for each in group_lines(session, village.group_id) if each.is_correction]
    assert [(each.is_reversal, each.amount, each.reason) for each in lines] == [
        (True, D(200), "Counted again"),
        (False, D(250), "Counted again"),
    ]
