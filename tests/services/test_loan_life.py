"""A loan's life, in any order of events: what it says of itself is true after every step."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from tests.services.proofs import check_books
from tests.services.village import Village
from vsla_desktop.db.verify import verify
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.loans import GIVEN, LoanState, loans_of_member
from vsla_desktop.queries.tables import INSTALMENTS, LEDGER
from vsla_desktop.services import cells
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.expenses import record_income
from vsla_desktop.services.loan_changes import reschedule_loan, top_up_loan
from vsla_desktop.services.loan_losses import recover_loan, write_off_loan
from vsla_desktop.services.loans import LoanTerms, disburse_loan
from vsla_desktop.services.repayments import receive_repayment

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

D = Decimal
CODES = (f"LIFE-{number}" for number in count(1))
parts = st.integers(1, 24)
votes = st.sampled_from([Vote(5), Vote(5), Vote(5), Vote(2, 3)])


class LoanLife(RuleBasedStateMachine):
    """One borrower of a village, with one loan or two."""

    database: Database

    @initialize(
        method=st.sampled_from(ChargeMethod),
        period=st.sampled_from(PeriodKind),
        penalty=st.sampled_from(PenaltyKind),
        repeats=st.booleans(),
        periods=st.integers(1, 4),
    )
    def lend(
        self,
        method: ChargeMethod,
        period: PeriodKind,
        penalty: PenaltyKind,
        *,
        repeats: bool,
        periods: int,
    ) -> None:
        self.village = Village(self.database, code=next(CODES)).ruled(
            share_value=D(1000),
            loan_multiple=D(20),
            loan_max_months=4,
            loan_interest_method=method,
            loan_interest_rate=D(0) if method is ChargeMethod.NONE else D("0.1"),
            loan_period=period,
            loan_grace_days=3,
            late_penalty_kind=penalty,
            late_penalty_amount=D(500) if penalty is PenaltyKind.FIXED else D(0),
            late_penalty_rate=D("0.05") if penalty is PenaltyKind.PERCENTAGE else D(0),
            late_penalty_repeats=repeats and penalty is not PenaltyKind.NONE,
        )
        self.village.form()
        self.village.meet(present=True)
        self.borrower = self.village.members[0]
        with self.village.at_work() as session:
            meeting, clock = self.village.meeting_id, self.village.clock
            cells.set_shares(session, meeting, self.borrower, 5, clock=clock)
            record_income(session, meeting, D(200_000), "Gift", clock=clock)
            terms = LoanTerms(principal=D(31_000), periods=periods)
            disburse_loan(session, meeting, self.borrower, terms, clock=clock)

    def loans(self) -> tuple[LoanState, ...]:
        with self.database.read() as session:
            return loans_of_member(session, self.borrower, statuses=GIVEN)

    def running(self) -> LoanState | None:
        return next((loan for loan in self.loans() if loan.is_out), None)

    def attempt(self, act: Callable[..., Any], *args: Any, **more: Any) -> None:
        """Do it, unless a rule forbids it: then nothing may have changed."""
        try:
            with self.village.at_work() as session:
                act(session, self.village.meeting_id, *args, **more, clock=self.village.clock)
        except RuleBroken:
            return

    @rule(part=parts)
    def pay(self, part: int) -> None:
        loan = self.running()
        if loan is not None:
            amount = (loan.settles(self.village.day) * part / 24).quantize(D(100))
            self.attempt(receive_repayment, self.borrower, amount)

    @rule()
    def pay_exactly(self) -> None:
        loan = self.running()
        if loan is None:
            return
        with self.village.at_work() as session:
            settles = loan.settles(self.village.day)
            paid = receive_repayment(
                session,
                self.village.meeting_id,
                self.borrower,
                settles,
                loan_id=loan.loan_id,
                clock=self.village.clock,
            )
        assert paid.left == 0
        [after] = [each for each in self.loans() if each.loan_id == loan.loan_id]
        assert after.status == "COMPLETED"

    @rule()
    def pay_too_much(self) -> None:
        settles = sum((each.settles(self.village.day) for each in self.loans()), D(0))
        before = self.loans()
        self.attempt(receive_repayment, self.borrower, settles + 1)
        assert self.loans() == before

    @rule(part=parts, periods=st.integers(1, 4))
    def top_up(self, part: int, periods: int) -> None:
        loan = self.running()
        if loan is not None:
            self.attempt(top_up_loan, loan.loan_id, D(500 * part), periods=periods)

    @rule(periods=st.integers(1, 4), vote=votes)
    def reschedule(self, periods: int, vote: Vote) -> None:
        loan = self.running()
        if loan is not None:
            self.attempt(reschedule_loan, loan.loan_id, periods, vote)

    @rule(part=st.integers(8, 24), vote=votes)
    def write_off(self, part: int, vote: Vote) -> None:
        loan = self.running()
        if loan is not None:
            amount = (loan.principal_owed * part / 24).quantize(D(1))
            self.attempt(write_off_loan, loan.loan_id, vote, "Fire", amount=amount)

    @precondition(lambda self: any(loan.written_off for loan in self.loans()))
    @rule(part=parts)
    def recover(self, part: int) -> None:
        loan = next(each for each in self.loans() if each.written_off)
        self.attempt(recover_loan, loan.loan_id, (loan.written_off * part / 24).quantize(D(1)))

    @rule(number=st.integers(0, 20))
    def reverse(self, number: int) -> None:
        entry = self.entry(number)
        if entry is not None:
            self.attempt(reverse_entry, entry, "Not so")

    @rule(number=st.integers(0, 20), part=parts)
    def correct(self, number: int, part: int) -> None:
        entry = self.entry(number)
        if entry is not None:
            self.attempt(correct_entry, entry, D(500 * part), "Not so much")

    @rule(principal=parts)
    def lend_again(self, principal: int) -> None:
        if not self.running():
            terms = LoanTerms(principal=D(1000 * principal), periods=2)
            self.attempt(disburse_loan, self.borrower, terms)

    @rule(weeks=st.integers(1, 6))
    def time_passes(self, weeks: int) -> None:
        self.village.close()
        self.village.meet(days=7 * weeks, present=True)

    def entry(self, number: int) -> int | None:
        """One of the entries that name a loan, the newest for 0."""
        with self.database.read() as session:
            found = session.execute(
                select(LEDGER.c.id)
                .where(
                    LEDGER.c.group_id == self.village.group_id,
                    LEDGER.c.loan_id.is_not(None),
                    LEDGER.c.transaction_type != "REVERSAL",
                )
                .order_by(LEDGER.c.id.desc())
            ).scalars()
            known = list(found)
        return known[number % len(known)] if known else None

    @invariant()
    def every_loan_says_what_is_true(self) -> None:
        if not hasattr(self, "village"):
            return
        with self.database.read() as session:
            check_books(session, self.village.group_id)
            for loan in loans_of_member(session, self.borrower, statuses=GIVEN):
                check_loan(session, loan, self.village)

    @invariant()
    def the_book_is_clean(self) -> None:
        with self.database.connection() as connection:
            found = verify(connection)
        assert found.ok, found


def check_loan(session: Session, loan: LoanState, village: Village) -> None:
    """Prove what holds of one loan at any moment."""
    rows = session.execute(select(INSTALMENTS).where(INSTALMENTS.c.loan_id == loan.loan_id)).all()
    assert loan.principal_paid + loan.written_off + loan.principal_owed == loan.principal
    assert sum(row.principal_amount for row in rows) == loan.principal
    assert sum(row.principal for row in loan.instalments) == loan.principal
    assert sum(row.principal_owed for row in loan.instalments) == loan.principal_owed
    assert sum(row.charge_paid for row in loan.instalments) == loan.charge_paid
    assert loan.penalty_paid <= loan.penalty_charged
    assert sum(row.late_fee_paid for row in rows) == loan.penalty_paid
    for row in loan.instalments:
        assert row.principal_owed >= 0
        assert row.charge_owed >= 0
    assert [row.number for row in loan.instalments] == list(range(1, len(rows) + 1))
    if loan.is_out:
        assert loan.penalty_due + loan.principal_owed <= loan.settles(village.day) <= loan.owed
        assert loan.settles(village.day) > 0
    else:
        assert loan.settles(village.day) == loan.owed == loan.principal_owed == 0


def test_whatever_happens_to_a_loan_its_books_agree(database: Database) -> None:
    given = database

    class OnThisBook(LoanLife):
        database = given

    run_state_machine_as_test(
        OnThisBook,
        settings=settings(
            max_examples=15 if database.dialect == "sqlite" else 3,
            stateful_step_count=15,
            # A failing life is short enough to read; shrinking it takes minutes.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
