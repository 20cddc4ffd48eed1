"""What existing programs get wrong about loans, each by its name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.services.proofs import check_books
from tests.services.test_loan_changes import later
from tests.services.test_loans import lend, lending, repay, the_loan
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.queries.groups import group_overview
from vsla_desktop.queries.loan_pages import loans_read, portfolio

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal


@pytest.mark.parametrize(
    ("method", "collected"),
    [
        (ChargeMethod.ONE_TIME, 6000),
        (ChargeMethod.FLAT_MONTHLY, 18_000),
        (ChargeMethod.DECLINING, 12_000),
        (ChargeMethod.NONE, 0),
    ],
)
def test_an_interest_method_that_is_chosen_but_never_applied(
    database: Database, method: ChargeMethod, collected: int
) -> None:
    """The charge that reaches the fund is the one of the method, to the last coin."""
    village = lending(
        database,
        loan_interest_method=method,
        loan_interest_rate=D(0) if method is ChargeMethod.NONE else D("0.1"),
        loan_period=PeriodKind.CALENDAR_MONTH,
    )
    before = village.funds().loan_fund
    lend(village, 60_000)
    for month in (2, 3, 4):
        later(village, date(2026, month, 5))
        repay(village, the_loan(village).due(village.day))
    assert the_loan(village).status == "COMPLETED"
    assert village.funds().loan_fund == before + collected


@pytest.mark.parametrize(
    ("rule", "charged"),
    [
        ({"late_penalty_kind": PenaltyKind.FIXED, "late_penalty_amount": D(500)}, 500),
        (
            {
                "late_penalty_kind": PenaltyKind.FIXED,
                "late_penalty_amount": D(500),
                "late_penalty_repeats": True,
            },
            1000,
        ),
        ({"late_penalty_kind": PenaltyKind.PERCENTAGE, "late_penalty_rate": D("0.05")}, 1650),
        (
            {
                "late_penalty_kind": PenaltyKind.PERCENTAGE,
                "late_penalty_rate": D("0.05"),
                "late_penalty_repeats": True,
            },
            3300,
        ),
        (
            {
                "late_penalty_kind": PenaltyKind.FIXED,
                "late_penalty_amount": D(500),
                "loan_grace_days": 60,
            },
            0,
        ),
        ({"late_penalty_kind": PenaltyKind.NONE}, 0),
    ],
)
def test_penalties_that_are_set_and_never_charged(
    database: Database, rule: dict[str, object], charged: int
) -> None:
    """A loan of 30,000 due on 5 February, looked at on 9 March: one period late, and four days."""
    village = lending(
        database,
        loan_interest_method=ChargeMethod.ONE_TIME,
        loan_interest_rate=D("0.1"),
        loan_period=PeriodKind.CALENDAR_MONTH,
        **rule,
    )
    lend(village, 30_000, 1)
    later(village, date(2026, 3, 9))
    loan = the_loan(village)
    assert loan.penalty_due == charged
    paid = repay(village, 33_000 + charged)
    assert (paid.penalty, paid.charge, paid.principal) == (charged, 3000, 30_000)
    with village.database.read() as session:
        check_books(session, village.group_id)


def test_portfolio_includes_charges_not_yet_collected(database: Database) -> None:
    """A charge is income when it is paid; until then it is in no portfolio and in no asset."""
    village = lending(
        database, loan_interest_method=ChargeMethod.FLAT_MONTHLY, loan_interest_rate=D("0.1")
    )
    lend(village, 60_000)
    with village.database.read() as session:
        read = loans_read(session, village.group_id, today=village.day)
        found = portfolio(read.loans, read.day)
        owed = group_overview(session, village.group_id, on=village.day).loans_owed
    assert (found.count, found.outstanding, found.at_risk) == (1, D(60_000), D(0))
    assert found.settles == owed == 78_000
    repay(village, 18_000 + 12_000)
    with village.database.read() as session:
        read = loans_read(session, village.group_id, today=village.day)
    left = portfolio(read.loans, read.day).outstanding
    assert left == read.loans[0].principal - read.loans[0].principal_paid < 60_000
