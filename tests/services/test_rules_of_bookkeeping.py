"""Whatever people do, in whatever order: the rules of bookkeeping hold after every step."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.services.proofs import check_books, snapshot
from tests.services.village import RULES, Village
from vsla_desktop.domain.loans import ChargeMethod
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.advances import advance_owed
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.loans import loans_of_member
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.tables import LEDGER, MEMBERS
from vsla_desktop.services import cells
from vsla_desktop.services.attendance import record_attendance
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.expenses import (
    deposit_at_bank,
    record_expense,
    record_income,
    withdraw_from_bank,
)
from vsla_desktop.services.fines import owed_fines
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.savings import withdraw_saving

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

RULE_SETS = (
    RULES,
    *(
        Village(None, RULES)  # type: ignore[arg-type] # only its rules are wanted
        .ruled(
            loan_interest_method=method,
            late_penalty_kind=PenaltyKind.PERCENTAGE,
            late_penalty_rate=Decimal("0.05"),
            late_penalty_repeats=True,
            loan_multiple=Decimal(10),
        )
        .rules
        for method in (ChargeMethod.ONE_TIME, ChargeMethod.FLAT_MONTHLY, ChargeMethod.DECLINING)
    ),
)
CODES = (f"PROP-{number}" for number in count(1))

members = st.integers(0, 4)
amounts = st.integers(0, 60).map(lambda times: Decimal(50 * times))


@dataclass(frozen=True)
class Step:
    """One thing that somebody does; ``which`` chooses among earlier entries."""

    do: str
    member: int
    amount: Decimal
    number: int


steps = st.builds(
    Step,
    st.sampled_from(
        [
            *("shares", "shares", "shares", "social", "social", "saving", "attendance"),
            *("fine charged", "fine paid", "repayment", "settle", "loan", "loan", "grant"),
            *("advance", "advance repaid", "expense", "income", "bank", "from bank"),
            *("withdraw", "reverse", "correct", "next", "next"),
        ]
    ),
    members,
    amounts,
    st.integers(0, 20),
)


def act(  # noqa: C901, PLR0911, PLR0912 - one case for each thing that people do
    village: Village, session: Session, step: Step
) -> Any:
    member = village.members[step.member]
    meeting = village.meeting_id
    fund = (Fund.LOAN_FUND, Fund.SOCIAL, Fund.ECD)[step.number % 3]
    where = "BANK" if step.number % 4 == 0 else "BOX"
    clock = village.clock
    amount = likely_amount(village, session, step, member)
    match step.do:
        case "shares":
            return cells.set_shares(session, meeting, member, step.number % 7, clock=clock)
        case "social":
            return cells.set_social(session, meeting, member, amount, clock=clock)
        case "saving":
            return cells.set_saving(session, meeting, member, "ECD", amount, clock=clock)
        case "attendance":
            status = [None, *AttendanceStatus][step.number % 6]
            return record_attendance(session, meeting, member, status, clock=clock)
        case "fine charged":
            return cells.set_fine_charged(session, meeting, member, amount, clock=clock)
        case "fine paid":
            return cells.set_fine_paid(session, meeting, member, amount, clock=clock)
        case "repayment" | "settle":
            return cells.set_repayment(session, meeting, member, amount, clock=clock)
        case "loan":
            terms = LoanTerms(principal=amount, periods=1 + step.number % 3)
            return cells.set_loan(session, meeting, member, terms, clock=clock)
        case "grant":
            return cells.set_grant(session, meeting, member, amount, clock=clock)
        case "advance":
            return cells.set_advance(session, meeting, member, amount, clock=clock)
        case "advance repaid":
            return cells.set_advance_repaid(session, meeting, member, amount, clock=clock)
        case "expense":
            return record_expense(
                session, meeting, amount, "Paper", fund=fund, held_in=where, clock=clock
            )
        case "income":
            return record_income(
                session, meeting, amount, "Gift", fund=fund, held_in=where, clock=clock
            )
        case "bank":
            return deposit_at_bank(session, meeting, amount, fund=fund, clock=clock)
        case "from bank":
            return withdraw_from_bank(session, meeting, amount, fund=fund, clock=clock)
        case "withdraw":
            return withdraw_saving(session, meeting, member, "ECD", amount, clock=clock)
        case "reverse":
            entry = some_entry(village, session, step)
            return reverse_entry(session, meeting, entry, "Wrong", clock=clock)
        case _:
            entry = some_entry(village, session, step)
            return correct_entry(session, meeting, entry, amount, "Wrong amount", clock=clock)


def likely_amount(village: Village, session: Session, step: Step, member: int) -> Decimal:
    """Take a part of what could be, and sometimes more than could be."""
    held = session.execute(select(MEMBERS.c.savings_balance).where(MEMBERS.c.id == member)).scalar()
    funds = fund_balances(session, village.group_id)
    loans = sum((loan.settles(village.day) for loan in loans_of_member(session, member)), ZERO)
    if step.do == "settle":
        return loans
    most = {
        "repayment": loans,
        "loan": min(village.rules.loan_multiple * (held or 0), funds.loan_fund),
        "fine paid": sum((owed for _, owed, _ in owed_fines(session, member)), ZERO),
        "advance repaid": advance_owed(session, member),
        "advance": funds.social / 2,
        "grant": funds.social / 2,
        "expense": funds.loan_fund / 4,
        "bank": funds.social,
        "from bank": funds.bank,
        "withdraw": funds.ecd / 2,
        "correct": Decimal(2500),
    }.get(step.do, step.amount * 2)
    return (most * step.number / 16).quantize(Decimal(50 if step.do != "correct" else 500))


def some_entry(village: Village, session: Session, step: Step) -> int:
    entries = session.execute(
        select(LEDGER.c.id).where(LEDGER.c.group_id == village.group_id).order_by(LEDGER.c.id)
    ).scalars()
    known = list(entries)
    return known[(len(known) - 1) * step.number // 20] if known else 0


def started(database: Database, rules: Any) -> Village:
    """Form a group that has met once, with money in every purse and a loan out, and meets again."""
    village = Village(database, rules, code=next(CODES)).form()
    village.meet(present=True)
    with village.at_work() as session:
        meeting = village.meeting_id
        for member in village.members:
            cells.set_shares(session, meeting, member, 4, clock=village.clock)
            cells.set_social(session, meeting, member, Decimal(400), clock=village.clock)
        cells.set_saving(
            session, meeting, village.members[1], "ECD", Decimal(900), clock=village.clock
        )
        cells.set_fine_charged(
            session, meeting, village.members[0], Decimal(500), clock=village.clock
        )
        terms = LoanTerms(principal=Decimal(3000), periods=3)
        cells.set_loan(session, meeting, village.members[0], terms, clock=village.clock)
    village.close()
    village.meet(days=28, present=True)
    return village


@pytest.mark.parametrize("rules", RULE_SETS, ids=["simple", "one time", "flat", "declining"])
def test_every_rule_holds_after_every_step(database: Database, rules: Any) -> None:
    examples = 8 if database.dialect == "sqlite" else 3

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(steps, min_size=10, max_size=40))
    def run(what_happens: list[Step]) -> None:
        village = started(database, rules)
        for step in what_happens:
            if step.do == "next":
                village.close()
                village.meet(days=7 * (1 + step.number % 8), present=True)
            else:
                try:
                    with village.at_work() as session:
                        act(village, session, step)
                except RuleBroken:
                    pass
                else:
                    with database.read() as session:
                        check_books(session, village.group_id)
        village.close()
        with database.read() as session:
            check_books(session, village.group_id)
            assert not [check for check in verify_seals(session, village.group_id) if check.broken]

    run()


def test_an_entry_and_its_reversal_leave_every_balance_as_before(database: Database) -> None:
    @settings(
        max_examples=20 if database.dialect == "sqlite" else 5,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(
        before=st.lists(steps, max_size=20),
        step=steps.filter(lambda step: step.do not in {"next", "reverse", "correct"}),
        days=st.integers(1, 60),
        rules=st.sampled_from(RULE_SETS),
    )
    def run(before: list[Step], step: Step, days: int, rules: Any) -> None:
        village = started(database, rules)
        for earlier in before:
            try:
                with village.at_work() as session:
                    if earlier.do != "next":
                        act(village, session, earlier)
            except RuleBroken:
                continue
        village.close()
        village.meet(present=True)
        with database.read() as session:
            was = snapshot(session, village.group_id)
            known = set(session.execute(select(LEDGER.c.id)).scalars())
        try:
            with village.at_work() as session:
                act(village, session, step)
        except RuleBroken:
            return
        with database.read() as session:
            new = [
                entry
                for entry in session.execute(select(LEDGER.c.id).order_by(LEDGER.c.id)).scalars()
                if entry not in known
            ]
        village.close()
        village.meet(days=days, present=True)
        with village.at_work() as session:
            for entry in reversed(new):
                reverse_entry(session, village.meeting_id, entry, "Not so", clock=village.clock)
        with database.read() as session:
            is_now = snapshot(session, village.group_id)
            check_books(session, village.group_id)
        if step.do in {"attendance", "fine charged"}:
            was.pop("fines"), is_now.pop("fines")
        assert is_now == was

    run()
