from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from tests.services.proofs import check_books, snapshot
from tests.services.village import Village
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.loans import loans_of_group, loans_of_member
from vsla_desktop.queries.tables import ASSESSMENTS, LEDGER, LOANS
from vsla_desktop.services import cells
from vsla_desktop.services.assessments import assess_member
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.expenses import record_expense, record_income
from vsla_desktop.services.fines import charge_fine
from vsla_desktop.services.loans import LoanTerms, disburse_loan
from vsla_desktop.services.repayments import receive_repayment

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal


def lending(database: Database, **rules: Any) -> Village:
    """Form a group whose first member has saved 20,000 and whose fund holds 100,000 and more."""
    village = Village(database).ruled(**{"share_value": D(4000), "loan_multiple": D(3), **rules})
    village.form()
    village.meet(present=True)
    with village.at_work() as session:
        first = village.members[0]
        cells.set_shares(session, village.meeting_id, first, 5, clock=village.clock)
        record_income(session, village.meeting_id, D(80_000), "Gift", clock=village.clock)
    return village


def lend(village: Village, principal: int, periods: int | None = 3, **more: Any) -> Any:
    with village.at_work() as session:
        terms = LoanTerms(principal=D(principal), periods=periods, **more)
        return disburse_loan(
            session, village.meeting_id, village.members[0], terms, clock=village.clock
        )


def repay(village: Village, amount: Decimal | int, **more: Any) -> Any:
    with village.at_work() as session:
        return receive_repayment(
            session,
            village.meeting_id,
            village.members[0],
            D(amount),
            clock=village.clock,
            **more,
        )


def the_loan(village: Village) -> Any:
    with village.database.read() as session:
        [loan] = loans_of_member(session, village.members[0])
        return loan


@pytest.mark.parametrize(
    ("method", "charges"),
    [
        (ChargeMethod.ONE_TIME, [6000, 0, 0]),
        (ChargeMethod.FLAT_MONTHLY, [6000, 6000, 6000]),
        (ChargeMethod.DECLINING, [6000, 4000, 2000]),
        (ChargeMethod.NONE, [0, 0, 0]),
    ],
)
def test_the_charge_follows_the_method_that_the_group_chose(
    database: Database, method: ChargeMethod, charges: list[int]
) -> None:
    rate = D(0) if method is ChargeMethod.NONE else D("0.1")
    village = lending(
        database,
        loan_interest_method=method,
        loan_interest_rate=rate,
        loan_period=PeriodKind.CALENDAR_MONTH,
    )
    given = lend(village, 60_000)
    assert [row.charge for row in given.instalments] == charges
    assert [row.principal for row in given.instalments] == [20_000] * 3
    assert given.due_date == date(2026, 4, 5)
    with village.database.read() as session:
        row = session.execute(select(LOANS)).one()
    assert row.total_amount_due == row.outstanding_balance == given.total_due
    assert (row.principal_outstanding, row.status) == (D(60_000), "ACTIVE")
    for due in given.instalments:  # paid as planned, to the last coin
        while village.day < due.due_date:
            village.close()
            village.meet(days=min(14, (due.due_date - village.day).days), present=True)
        paid = repay(village, due.total)
        assert (paid.charge, paid.principal) == (due.charge, due.principal)
        assert paid.left == the_loan(village).settles(village.day)
    assert the_loan(village).status == "COMPLETED"
    with village.database.read() as session:
        check_books(session, village.group_id)


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"principal": 60_001}, r"Lend at most 60 000\. Savings are 20 000, times 3\."),
        ({"principal": 0}, "above"),
        ({"principal": 100, "periods": 4}, "Choose 1 to 3 periods"),
    ],
)
def test_a_loan_beyond_the_rules_is_refused(
    database: Database, terms: dict[str, Any], sentence: str
) -> None:
    village = lending(database)
    with pytest.raises(RuleBroken, match=sentence):
        lend(village, **terms)
    with village.database.read() as session:
        assert not loans_of_group(session, village.group_id)


def test_what_is_out_already_counts_towards_the_ceiling(database: Database) -> None:
    village = lending(database)
    lend(village, 45_000)
    with pytest.raises(RuleBroken, match="Lend at most 15 000"):
        lend(village, 15_001)
    lend(village, 15_000)


def test_no_loan_is_larger_than_the_fund_at_that_moment(database: Database) -> None:
    village = lending(database)
    with village.at_work() as session:
        record_expense(session, village.meeting_id, D(60_000), "A cow", clock=village.clock)
    with pytest.raises(RuleBroken, match="The fund holds 40 000 only") as refused:
        lend(village, 40_001)
    assert refused.value.field == "principal"
    with village.at_work() as session:
        assert session.execute(select(LOANS.c.id)).first() is None


def test_no_loan_falls_due_after_the_share_out(database: Database) -> None:
    village = Village(database).form(cycle_end=date(2026, 3, 10))
    village.meet(present=True)
    with village.at_work() as session:
        cells.set_shares(session, village.meeting_id, village.members[0], 5, clock=village.clock)
    with pytest.raises(RuleBroken, match="after the share-out"):
        lend(village, 1000, 3)
    given = lend(village, 1000, None)  # as long as it can be: two periods of four weeks
    assert (len(given.instalments), given.due_date) == (2, date(2026, 3, 2))
    village.close()
    village.meet(days=60, present=True)
    with pytest.raises(RuleBroken, match="after the share-out"):
        lend(village, 100, None)


def test_guarantors_are_other_active_members(database: Database) -> None:
    village = lending(database, guarantors_required=2)
    me, second, third, *_ = village.members
    for guarantors in ((), (second,), (second, second), (me, second)):
        with pytest.raises(RuleBroken, match="Name 2 other members"):
            lend(village, 100, guarantors=guarantors)
    with pytest.raises(RuleBroken, match="active members"):
        lend(village, 100, guarantors=(second, 99_999))
    lend(village, 100, guarantors=(second, third))
    with village.database.read() as session:
        row = session.execute(select(LOANS)).one()
    assert (row.guarantor_member_id, row.collateral_description) == (second, "Chantal Uwase")


def test_what_speaks_against_a_loan_comes_back_as_a_warning(database: Database) -> None:
    village = lending(database)
    said = [str(warning) for warning in lend(village, 100).warnings]
    assert "Member for 0 months; the group asks for 3." in said


def test_an_assessment_is_kept_with_its_parts(database: Database) -> None:
    village = lending(database)
    village.close()
    with village.at_work() as session:
        kept, found = assess_member(
            session,
            village.group_id,
            village.members[0],
            day=date(2026, 5, 5),
            clock=village.clock,
        )
        row = session.execute(select(ASSESSMENTS)).one()
    # Savings 20,000 of 48,000 for a full score; present at every meeting; saved at each.
    assert (row.id, row.savings_score) == (kept, D("41.67"))
    assert (row.attendance_score, row.participation_score) == (D(100), D(40))
    assert row.overall_score == found.overall_score == D("58.67")
    assert row.months_active == 4
    assert not row.is_eligible


def test_more_than_the_debt_is_refused_with_what_settles_it(database: Database) -> None:
    village = lending(database)
    lend(village, 60_000)
    with pytest.raises(RuleBroken, match=r"Pay at most 66 000\. This clears the loans today"):
        repay(village, 66_001)
    paid = repay(village, 66_000)  # paying at once saves the later charges
    assert (paid.charge, paid.principal, paid.left) == (D(6000), D(60_000), 0)
    assert the_loan(village).status == "COMPLETED"
    with pytest.raises(RuleBroken, match=r"Pay at most 0\. No loan is out"):
        repay(village, 1)


def test_early_principal_lowers_later_charges_and_its_reversal_brings_them_back(
    database: Database,
) -> None:
    village = lending(database)
    lend(village, 60_000)
    with village.database.read() as session:
        before = snapshot(session, village.group_id)
    paid = repay(village, 36_000)  # charge 6,000, then 30,000 of principal
    assert [row.charge for row in the_loan(village).instalments] == [6000, 3000, 2000]
    village.close()
    village.meet(days=35, present=True)  # the second period has begun
    with village.at_work() as session:
        for entry in paid.entries:
            reverse_entry(
                session, village.meeting_id, entry.transaction_id, "Not paid", clock=village.clock
            )
        after = snapshot(session, village.group_id)
        check_books(session, village.group_id)
    assert after == before


def test_the_oldest_loan_is_paid_first(database: Database) -> None:
    village = lending(database, loan_interest_method=ChargeMethod.ONE_TIME)
    first, second = lend(village, 10_000), lend(village, 10_000)
    repay(village, 12_000)
    with village.database.read() as session:
        states = {loan.loan_id: loan for loan in loans_of_member(session, village.members[0])}
    assert states[first.loan_id].status == "COMPLETED"
    assert states[second.loan_id].owed == D(10_000)
    repay(village, 500, loan_id=second.loan_id)
    with pytest.raises(RuleBroken, match="Pay at most 0"):
        repay(village, 1, loan_id=first.loan_id)


def test_a_loan_is_corrected_after_its_meeting(database: Database) -> None:
    village = lending(database)
    given = lend(village, 60_000, purpose="Seed")
    village.close()
    village.meet(present=True)
    with village.at_work() as session:
        right = correct_entry(
            session,
            village.meeting_id,
            given.entry.transaction_id,
            D(50_000),
            "Counted again",
            clock=village.clock,
        )
        assert len(right.entries) == 1
    loan = the_loan(village)
    assert (loan.principal, loan.purpose, loan.periods) == (D(50_000), "Seed", 3)
    repay(village, 5000)
    with village.at_work() as session, pytest.raises(RuleBroken, match="payments first"):
        reverse_entry(
            session,
            village.meeting_id,
            right.entries[0].transaction_id,
            "Wrong",
            clock=village.clock,
        )
    with village.database.read() as session:
        check_books(session, village.group_id)


def test_a_repayment_is_corrected_and_shared_out_anew(database: Database) -> None:
    village = lending(database)
    lend(village, 60_000)
    paid = repay(village, 26_000)
    village.close()
    village.meet(present=True)
    principal = paid.entries[-1].transaction_id
    with village.at_work() as session:
        correct_entry(
            session,
            village.meeting_id,
            principal,
            D(10_000),
            "He brought less",
            clock=village.clock,
        )
    loan = the_loan(village)
    assert (loan.principal_paid, loan.charge_paid) == (D(10_000), D(6000))
    with village.at_work() as session:
        reasons = session.execute(
            select(LEDGER.c.reason).where(LEDGER.c.reverses_id == principal)
        ).scalars()
        assert list(reasons) == ["He brought less"]


def test_only_the_loan_fund_moves(database: Database) -> None:
    village = lending(database)
    lend(village, 1000)
    assert village.funds().of(Fund.SOCIAL) == 0


def test_late_loans_and_unpaid_fines_raise_the_risk(database: Database) -> None:
    village = lending(database, loan_min_months=0)
    lend(village, 1000, 1)
    village.close()
    village.meet(days=35, present=True)
    with village.at_work() as session:
        charge_fine(
            session,
            village.meeting_id,
            village.members[0],
            FineType.MISCONDUCT,
            clock=village.clock,
        )
        _, found = assess_member(
            session, village.group_id, village.members[0], day=village.day, clock=village.clock
        )
    assert [str(each) for each in found.risk_factors] == [
        "Fines of 250 are unpaid.",
        "A loan is late.",
    ]
    assert found.risk_level == "HIGH"
