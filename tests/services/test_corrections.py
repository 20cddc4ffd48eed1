"""Correcting entries of any date: what it changes is shown before, and is what it then changes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.services.proofs import check_books
from tests.services.test_seals import full_meetings
from tests.services.village import Village
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.corrections import Correctable, Standing, correctable
from vsla_desktop.queries.corrections import standing as how_it_stands
from vsla_desktop.queries.lines import group_lines
from vsla_desktop.queries.mobile_money import Purpose
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.sheet import meeting_sheet
from vsla_desktop.queries.tables import CASHBOOK, INSTALMENTS, LEDGER, LOANS, MEMBERS, SAVINGS
from vsla_desktop.services import cells
from vsla_desktop.services.corrections import correct_entry, try_correction
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
