"""Loans that change: more money, other days, losses; and everything undone again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from tests.services.proofs import check_books, snapshot
from tests.services.test_loans import lend, lending, repay, the_loan
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.loan_pages import recovered_of
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.tables import ACTIVITIES, GROUPS, LEDGER
from vsla_desktop.services import cells
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.loan_changes import (
    LoanChanged,
    reschedule_loan,
    take_back_change,
    top_up_loan,
)
from vsla_desktop.services.loan_losses import WrittenOff, recover_loan, write_off_loan
from vsla_desktop.services.loans import LoanTerms

if TYPE_CHECKING:
    from tests.services.village import Village
    from vsla_desktop.db import Database

D = Decimal
YES, NO = Vote(4, 1), Vote(1, 4)


def monthly(database: Database, method: ChargeMethod = ChargeMethod.DECLINING) -> Village:
    """Lend 60,000 for three months at 10 % on 5 January."""
    village = lending(
        database,
        loan_interest_method=method,
        loan_interest_rate=D(0) if method is ChargeMethod.NONE else D("0.1"),
        loan_period=PeriodKind.CALENDAR_MONTH,
        loan_multiple=D(10),
    )
    lend(village, 60_000)
    return village


def later(village: Village, day: date) -> None:
    while village.day < day:
        village.close()
        village.meet(days=min(14, (day - village.day).days), present=True)


def top_up(village: Village, amount: int, periods: int = 3) -> LoanChanged:
    with village.at_work() as session:
        loan_id = the_loan(village).loan_id
        return top_up_loan(
            session, village.meeting_id, loan_id, D(amount), periods=periods, clock=village.clock
        )


def reschedule(
    village: Village, periods: int, vote: Vote = YES, from_day: date | None = None
) -> LoanChanged:
    with village.at_work() as session:
        return reschedule_loan(
            session,
            village.meeting_id,
            the_loan(village).loan_id,
            periods,
            vote,
            from_day=from_day,
            clock=village.clock,
        )


def write_off(
    village: Village, vote: Vote = YES, reason: str = "She fell ill", amount: int | None = None
) -> WrittenOff:
    with village.at_work() as session:
        return write_off_loan(
            session,
            village.meeting_id,
            the_loan(village).loan_id,
            vote,
            reason,
            amount=None if amount is None else D(amount),
            clock=village.clock,
        )


def recover(village: Village, amount: int) -> Any:
    with village.at_work() as session:
        loan_id = the_loan(village).loan_id
        return recover_loan(session, village.meeting_id, loan_id, D(amount), clock=village.clock)


def undo(village: Village, entry: Any) -> None:
    with village.at_work() as session:
        reverse_entry(
            session, village.meeting_id, entry.transaction_id, "Mistake", clock=village.clock
        )


def correct(village: Village, entry: Any, amount: int) -> Any:
    with village.at_work() as session:
        [right] = correct_entry(
            session,
            village.meeting_id,
            entry.transaction_id,
            D(amount),
            "Counted again",
            clock=village.clock,
        ).entries
    return right


def set_cell(village: Village, amount: int) -> None:
    with village.at_work() as session:
        terms = LoanTerms(principal=D(amount), periods=1)
        cells.set_loan(session, village.meeting_id, village.members[0], terms, clock=village.clock)


def stands(village: Village) -> dict[str, Any]:
    with village.database.read() as session:
        check_books(session, village.group_id)
        return snapshot(session, village.group_id)


def rows_of(village: Village) -> list[tuple[str, int, int]]:
    return [
        (row.due_date.isoformat(), int(row.principal), int(row.charge))
        for row in the_loan(village).instalments
    ]


PAID = ("2026-02-05", 20_000, 6000)


def spread(principal: int, *charges: int) -> list[tuple[str, int, int]]:
    """Say the same principal for each month from March on, each with its charge."""
    return [(f"2026-{month:02}-05", principal, charge) for month, charge in enumerate(charges, 3)]


@pytest.mark.parametrize(
    ("method", "rows"),
    [
        (ChargeMethod.DECLINING, [PAID, *spread(20_000, 6000, 4000, 2000)]),
        (ChargeMethod.FLAT_MONTHLY, [PAID, *spread(20_000, 6000, 6000, 6000)]),
        (ChargeMethod.ONE_TIME, [PAID, *spread(20_000, 2000, 0, 0)]),
        (
            ChargeMethod.NONE,
            [("2026-02-05", 20_000, 0), ("2026-02-05", 6000, 0), *spread(18_000, 0, 0, 0)],
        ),
    ],
)
def test_more_money_is_spread_with_what_is_owed_by_the_method_of_the_loan(
    database: Database, method: ChargeMethod, rows: list[tuple[str, int, int]]
) -> None:
    village = monthly(database, method)
    later(village, date(2026, 2, 5))
    repay(village, 26_000)
    before, old_rows = stands(village), rows_of(village)
    owed = the_loan(village).principal_owed
    changed = top_up(village, 20_000)
    loan = the_loan(village)
    assert rows_of(village) == rows
    assert (loan.principal, loan.principal_owed) == (80_000, owed + 20_000)
    stands(village)
    village.close()
    village.meet(present=True)
    undo(village, changed.entry)
    assert stands(village) == before
    assert rows_of(village) == old_rows
    with village.database.read() as session:
        assert all(not check.broken for check in verify_seals(session, village.group_id))


def test_charge_that_is_owed_falls_due_with_the_first_new_instalment(database: Database) -> None:
    village = monthly(database)
    later(village, date(2026, 2, 12))  # the second period has begun, and nothing is paid
    reschedule(village, 2, from_day=date(2026, 3, 1))
    assert rows_of(village) == [
        ("2026-04-01", 0, 6000 + 4000),
        ("2026-04-01", 30_000, 6000),
        ("2026-05-01", 30_000, 3000),
    ]
    loan = the_loan(village)
    assert loan.overdue(village.day) == 0
    assert loan.settles(village.day) == 60_000 + 10_000 + 6000
    stands(village)


def test_a_payment_after_a_change_lowers_charges_and_its_reversal_brings_them_back(
    database: Database,
) -> None:
    village = monthly(database)
    later(village, date(2026, 2, 5))
    repay(village, 26_000)
    top_up(village, 20_000)
    before = stands(village)
    rows = rows_of(village)
    paid = repay(village, 46_000)
    assert (paid.charge, paid.principal) == (6000, 40_000)
    assert rows_of(village)[2:] == [("2026-04-05", 20_000, 2000), ("2026-05-05", 20_000, 2000)]
    stands(village)
    village.close()
    village.meet(present=True)
    for entry in paid.entries:
        undo(village, entry)
    assert rows_of(village) == rows
    assert stands(village) == before


def test_more_money_follows_the_rules_of_a_loan(database: Database) -> None:
    village = lending(database, loan_multiple=D(3))
    lend(village, 45_000)
    with pytest.raises(RuleBroken, match="Lend at most 15 000"):
        top_up(village, 15_001)
    with pytest.raises(RuleBroken, match="Choose 1 to 3 periods"):
        top_up(village, 15_000, 4)
    before = stands(village)
    later(village, date(2026, 12, 1))
    with pytest.raises(RuleBroken, match="Choose fewer periods"):
        top_up(village, 15_000)
    with pytest.raises(RuleBroken, match="Choose fewer periods"):
        reschedule(village, 3)
    assert stands(village) == before
    with village.database.read() as session:
        assert session.execute(select(ACTIVITIES)).first() is None


def test_more_money_is_corrected_and_never_given_twice(database: Database) -> None:
    village = monthly(database)
    top_up(village, 30_000)
    entry = top_up(village, 5000, 2).entry
    assert entry is not None
    correct(village, entry, 2000)
    assert [row[1] for row in rows_of(village)] == [0, 46_000, 46_000]  # first the charge of before
    stands(village)
    with pytest.raises(RuleBroken, match="Change each loan by itself"):
        set_cell(village, 1000)


def test_a_disbursement_stays_while_a_later_change_stands(database: Database) -> None:
    village = monthly(database)
    with village.database.read() as session:
        first = session.execute(
            select(LEDGER.c.id.label("transaction_id")).where(
                LEDGER.c.transaction_type == "LOAN_DISBURSEMENT"
            )
        ).one()
    added = top_up(village, 10_000).entry
    village.close()
    village.meet(present=True)
    with pytest.raises(RuleBroken, match="Take back the later change first"):
        undo(village, first)
    repay(village, 1000)
    with pytest.raises(RuleBroken, match="Take back its payments first"):
        undo(village, added)
    stands(village)


def test_a_sheet_cell_does_not_turn_more_money_into_another_loan(database: Database) -> None:
    village = monthly(database)
    later(village, date(2026, 1, 12))
    before = stands(village)
    top_up(village, 10_000)
    with pytest.raises(RuleBroken, match="Change this on the Loans page"):
        set_cell(village, 5000)
    set_cell(village, 0)
    assert stands(village) == before


def test_a_lost_vote_changes_nothing_but_is_written_down(database: Database) -> None:
    village = monthly(database)
    before = stands(village)
    assert not reschedule(village, 2, NO).is_passed
    assert not write_off(village, NO).is_passed
    assert stands(village) == before
    with village.database.read() as session:
        votes = session.execute(select(ACTIVITIES).order_by(ACTIVITIES.c.id)).all()
    assert [(vote.votes_for, vote.votes_against) for vote in votes] == [(1, 4), (1, 4)]
    assert votes[1].activity_name == "A loan is written off: 1 Amina Nakato, 2026-01-05"


def test_days_are_not_changed_backwards(database: Database) -> None:
    village = monthly(database)
    with pytest.raises(RuleBroken, match="Choose a day from 5 Jan 2026 on"):
        reschedule(village, 2, from_day=date(2026, 1, 4))


def test_a_write_off_leaves_the_assets_and_is_a_loss(database: Database) -> None:
    village = monthly(database)
    later(village, date(2026, 2, 5))
    repay(village, 26_000)
    cash, before = village.funds(), stands(village)
    done = write_off(village)
    assert done.amount == 40_000
    loan = the_loan(village)
    assert (loan.status, loan.reason) == ("DEFAULTED", "She fell ill")
    assert loan.written_off_on == village.day
    assert (loan.principal_owed, loan.owed, loan.settles(village.day)) == (0, 0, 0)
    assert village.funds() == cash  # no money moved
    with village.database.read() as session:
        group = session.execute(select(GROUPS)).one()
    assert group.loan_balance == 0
    with pytest.raises(RuleBroken, match="No loan is out"):
        repay(village, 1000)
    village.close()
    village.meet(present=True)
    undo(village, done.entry)
    assert stands(village) == before
    assert the_loan(village).written_off_on is None


def test_a_payment_of_a_lost_loan_stays_while_the_loss_stands(database: Database) -> None:
    village = monthly(database)
    paid = repay(village, 6000 + 10_000)
    write_off(village)
    with pytest.raises(RuleBroken, match="Take back the write-off first"):
        undo(village, paid.entries[0])
    stands(village)


def test_part_of_a_loan_is_written_off_and_the_rest_goes_on(database: Database) -> None:
    village = monthly(database, ChargeMethod.NONE)
    with pytest.raises(RuleBroken, match="Write off at most 60 000"):
        write_off(village, amount=60_001)
    with pytest.raises(RuleBroken, match="Say why"):
        write_off(village, reason=" ", amount=100)
    write_off(village, amount=25_000)
    loan = the_loan(village)
    assert (loan.is_out, loan.principal_owed) == (True, 35_000)
    assert [row.owed for row in loan.instalments] == [0, 15_000, 20_000]
    stands(village)
    repay(village, 35_000)
    assert the_loan(village).status == "COMPLETED"
    stands(village)


def test_what_is_recovered_is_income_that_names_the_loan(database: Database) -> None:
    village = monthly(database)
    lost = write_off(village)
    cash = village.funds().loan_fund
    village.close()
    village.meet(present=True)
    entry = recover(village, 15_000)
    assert village.funds().loan_fund == cash + 15_000
    with pytest.raises(RuleBroken, match="Take at most 45 000"):
        recover(village, 45_001)
    with pytest.raises(RuleBroken, match="Take back what was recovered first"):
        undo(village, lost.entry)
    with village.database.read() as session:
        row = session.execute(select(LEDGER).where(LEDGER.c.id == entry.transaction_id)).one()
    assert (row.transaction_type, row.loan_id) == ("OTHER_INCOME", the_loan(village).loan_id)
    assert row.description == "Recovered of a lost loan: 1 Amina Nakato, 2026-01-05"
    stands(village)
    entry = correct(village, entry, 20_000)
    stands(village)
    with pytest.raises(RuleBroken, match="Take at most 60 000"):
        correct(village, entry, 60_001)
    undo(village, entry)
    with village.database.read() as session:
        assert recovered_of(session, the_loan(village).loan_id) == 0
    undo(village, lost.entry)
    assert the_loan(village).is_out


def test_only_a_lost_loan_is_recovered(database: Database) -> None:
    village = monthly(database)
    with pytest.raises(RuleBroken, match="This loan was not written off"):
        recover(village, 100)


def test_penalties_go_on_with_the_new_instalments(database: Database) -> None:
    village = lending(
        database,
        loan_multiple=D(10),
        loan_interest_method=ChargeMethod.NONE,
        loan_interest_rate=D(0),
        loan_period=PeriodKind.FOUR_WEEKS,
        late_penalty_kind=PenaltyKind.FIXED,
        late_penalty_amount=D(1000),
    )
    lend(village, 30_000)
    later(village, village.day + timedelta(days=35))
    assert the_loan(village).penalty_due == 1000
    reschedule(village, 2)
    loan = the_loan(village)
    assert (loan.penalty_due, loan.penalties, loan.overdue(village.day)) == (1000, (1000, 0), 0)
    later(village, village.day + timedelta(days=35))  # late again, by the new days
    assert the_loan(village).penalty_due == 2000
    repay(village, 32_000)
    assert the_loan(village).status == "COMPLETED"
    stands(village)


def take_back(village: Village, reason: str = "Voted for another loan") -> None:
    with village.at_work() as session:
        loan_id = the_loan(village).loan_id
        take_back_change(session, village.meeting_id, loan_id, reason, clock=village.clock)


def first_entry(village: Village) -> Any:
    with village.database.read() as session:
        rows = select(LEDGER.c.id.label("transaction_id")).where(
            LEDGER.c.transaction_type == "LOAN_DISBURSEMENT"
        )
        return session.execute(rows.order_by(LEDGER.c.id)).first()


@pytest.mark.parametrize("method", ChargeMethod)
def test_other_days_are_taken_back_and_the_amount_put_right_after_it(
    database: Database, method: ChargeMethod
) -> None:
    village = monthly(database, method)
    before = the_loan(village)
    later(village, date(2026, 1, 12))
    reschedule(village, 2)
    again = the_loan(village)
    reschedule(village, 1)
    village.close()
    village.meet(present=True)
    with pytest.raises(RuleBroken, match="Take back the later change first"):
        correct(village, first_entry(village), 50_000)
    take_back(village)
    assert the_loan(village) == again
    take_back(village)
    assert the_loan(village) == before
    with pytest.raises(RuleBroken, match="no change to take back"):
        take_back(village)
    correct(village, first_entry(village), 50_000)
    assert the_loan(village).principal == 50_000
    village.close()
    with village.database.read() as session:
        check_books(session, village.group_id)
        assert not [each for each in verify_seals(session, village.group_id) if each.broken]


def test_other_days_stay_while_they_were_paid_or_changed_since(database: Database) -> None:
    village = monthly(database)
    reschedule(village, 2)
    added = top_up(village, 1000, 2).entry
    with pytest.raises(RuleBroken, match="no change to take back"):
        take_back(village)
    village.close()
    village.meet(present=True)
    undo(village, added)
    repay(village, 1000)
    with pytest.raises(RuleBroken, match="Take back its payments first"):
        take_back(village)
    with pytest.raises(RuleBroken, match="Say why"):
        take_back(village, " ")


def test_a_loan_that_was_written_off_and_never_paid_says_so(database: Database) -> None:
    village = monthly(database)
    write_off(village, amount=1000)
    village.close()
    village.meet(present=True)
    with pytest.raises(RuleBroken, match="Take back the write-off first"):
        correct(village, first_entry(village), 50_000)
