"""A book that begins in the middle of a cycle balances from its first line, or does not begin."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.services.village import FORMED, NAMES, Village
from vsla_desktop.domain.baseline import Baseline, MemberBaseline, OpeningLoan, weigh
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.advances import advance_owed
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.loans import loans_of_group
from vsla_desktop.queries.meetings import expected_in_box
from vsla_desktop.queries.tables import ACCOUNTS, FINES, INSTALMENTS, LEDGER, LOANS, MEMBERS
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services.baseline import open_baseline
from vsla_desktop.services.repayments import receive_repayment
from vsla_desktop.services.social import repay_advance

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal


def begun(database: Database, code: str = "TST-1") -> Village:
    """Form a group that has not met in this book."""
    return Village(database, code=code).form()


def standing(village: Village, **changes: Any) -> Baseline:
    """Return a baseline that balances: 9,000 + 6,000 = 25 x 500 + 1,500 + 1,000."""
    first, second, third = village.members[:3]
    whole = Baseline(
        members=(
            MemberBaseline(
                member_id=first, shares=12, loan=OpeningLoan(principal=D(6000), charge=D(600))
            ),
            MemberBaseline(member_id=second, shares=13, fines=D(250)),
            MemberBaseline(member_id=third, social_due=D(400)),
        ),
        counts={Fund.LOAN_FUND: D(7000), Fund.SOCIAL: D(1800), Fund.ECD: D(300)},
        at_bank={Fund.LOAN_FUND: D(2000)},
        earnings=D(1500),
        debts=D(1000),
    )
    return replace(whole, **changes)


def enter(village: Village, baseline: Baseline, day: date = FORMED) -> None:
    with village.at_work() as session:
        open_baseline(session, village.group_id, baseline, day=day, clock=village.clock)


def rows_of(database: Database) -> list[int]:
    with database.read() as session:
        return [
            session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (LEDGER, LOANS, INSTALMENTS, FINES, ACCOUNTS)
        ]


def test_a_baseline_is_what_the_members_and_the_box_hold(database: Database) -> None:
    village = begun(database)
    enter(village, standing(village))
    with database.read() as session:
        held = fund_balances(session, village.group_id)
        assert [*map(int, (held.loan_fund, held.social, held.ecd, held.bank))] == [
            9000,
            1800,
            300,
            2000,
        ]
        boxes = expected_in_box(session, village.group_id)
        assert boxes[Fund.LOAN_FUND] == 7000
        (loan,) = loans_of_group(session, village.group_id)
        assert (loan.principal_owed, loan.charge_owed) == (D(6000), D(600))
        assert [row.total for row in loan.instalments] == [2200, 2200, 2200]
        assert loan.instalments[0].due_date == FORMED + timedelta(days=28)
        fine = session.execute(select(FINES)).one()
        assert (fine.member_id, fine.amount, fine.is_paid) == (village.members[1], 250, False)
        assert advance_owed(session, village.members[2]) == 400
        shares = session.execute(select(MEMBERS.c.share_balance).order_by(MEMBERS.c.id)).scalars()
        assert list(shares) == [6000, 6500, 0, 0, 0]
    assert verify_all(database).ok


def test_the_first_meeting_goes_on_from_a_baseline(database: Database) -> None:
    village = begun(database)
    enter(village, standing(village))
    village.meet()
    with village.at_work() as session:
        first, third = village.members[0], village.members[2]
        paid = receive_repayment(session, village.meeting_id, first, D(6600), clock=village.clock)
        assert (paid.charge, paid.principal, paid.left) == (D(600), D(6000), D(0))
        repay_advance(session, village.meeting_id, third, D(400), clock=village.clock)
    village.close()
    assert village.funds().loan_fund == 9000 + 6600
    assert verify_all(database).ok


@pytest.mark.parametrize(
    ("changes", "difference"),
    [({"earnings": D(1499)}, "1"), ({"debts": D(0)}, "1 000"), ({"at_bank": {}}, "-2 000")],
)
def test_what_does_not_balance_names_both_sides_and_changes_nothing(
    database: Database, changes: dict[str, Any], difference: str
) -> None:
    village = begun(database)
    before = rows_of(database)
    baseline = standing(village, **changes)
    balance = weigh(baseline, village.rules.share_value)
    with pytest.raises(RuleBroken) as caught:
        enter(village, baseline)
    said = str(caught.value)
    assert f"The difference is {difference}." in said
    assert caught.value.field == "earnings"
    for side in (balance.assets, balance.claims):
        assert f"{side:,.0f}".replace(",", " ") in said
    assert rows_of(database) == before


def wrong_lines() -> list[tuple[str, dict[str, Any]]]:
    loan = OpeningLoan(principal=D(6000))
    return [
        ("shares", {"shares": -1}),
        ("fines", {"fines": D(-5)}),
        ("social_due", {"social_due": D("0.5")}),
        ("principal", {"loan": replace(loan, principal=D(0))}),
        ("charge", {"loan": replace(loan, charge=D(-1))}),
        ("term_months", {"loan": replace(loan, periods=0)}),
        ("term_months", {"loan": replace(loan, periods=60)}),
        ("first_due", {"loan": replace(loan, first_due=FORMED - timedelta(days=1))}),
        ("member", {"member_id": 0}),
    ]


@pytest.mark.parametrize(("field", "changes"), wrong_lines())
def test_a_line_that_can_not_stand_is_named_with_its_member(
    book: Database, field: str, changes: dict[str, Any]
) -> None:
    village = begun(book)
    line = replace(MemberBaseline(member_id=village.members[4]), **changes)
    baseline = Baseline(members=(line,), counts={})
    before = rows_of(book)
    with pytest.raises(RuleBroken) as caught:
        enter(village, baseline)
    assert (caught.value.field, caught.value.values["member"]) == (field, line.member_id)
    assert rows_of(book) == before


def test_a_member_stands_in_a_baseline_once(book: Database) -> None:
    village = begun(book)
    line = MemberBaseline(member_id=village.members[0])
    with pytest.raises(RuleBroken, match="once"):
        enter(village, Baseline(members=(line, line), counts={}))


def test_a_baseline_comes_before_everything_else_in_a_cycle(book: Database) -> None:
    village = begun(book)
    empty = Baseline(members=(), counts={})
    for day in (FORMED - timedelta(days=1), FORMED + timedelta(days=1)):  # before it; to come
        with pytest.raises(RuleBroken) as caught:
            enter(village, empty, day)
        assert caught.value.field == "date"
    enter(village, standing(village))
    with pytest.raises(RuleBroken, match="entries already"):
        enter(village, standing(village))
    village.meet()
    with pytest.raises(RuleBroken, match="before the first meeting"):
        enter(village, empty)


def test_a_loan_without_a_term_ends_with_the_cycle(book: Database) -> None:
    village = Village(book).form(cycle_start=FORMED, cycle_end=FORMED + timedelta(days=10))
    loan = OpeningLoan(principal=D(500))
    line = MemberBaseline(member_id=village.members[0], shares=1, loan=loan)
    enter(village, Baseline(members=(line,), counts={}))
    with book.read() as session:
        (given_,) = loans_of_group(session, village.group_id)
    assert [row.due_date for row in given_.instalments] == [FORMED + timedelta(days=10)]


def test_instalments_follow_the_first_that_is_due(book: Database) -> None:
    village = begun(book)
    first = FORMED + timedelta(days=6)
    loan = OpeningLoan(principal=D(1000), periods=3, first_due=first, purpose="Goats")
    line = MemberBaseline(member_id=village.members[0], shares=2, loan=loan)
    enter(village, Baseline(members=(line,), counts={}))
    with book.read() as session:
        (given_,) = loans_of_group(session, village.group_id)
    assert given_.purpose == "Goats"
    assert [(row.due_date, row.principal) for row in given_.instalments] == [
        (first, D(333)),
        (first + timedelta(days=28), D(333)),
        (first + timedelta(days=56), D(334)),
    ]


amounts = st.integers(0, 5_000_000).map(Decimal)
maybe_loan = st.none() | st.builds(
    OpeningLoan,
    principal=st.integers(1, 500_000).map(Decimal),
    charge=st.integers(0, 50_000).map(Decimal),
    periods=st.none() | st.integers(1, 5),
)
lines = st.lists(
    st.builds(
        MemberBaseline,
        member_id=st.just(0),
        shares=st.integers(0, 500),
        loan=maybe_loan,
        fines=st.integers(0, 2000).map(Decimal),
        social_due=st.integers(0, 2000).map(Decimal),
    ),
    max_size=len(NAMES),
)
baselines = st.builds(
    Baseline,
    members=lines.map(tuple),
    counts=st.fixed_dictionaries({}, optional=dict.fromkeys(list(Fund)[:4], amounts)),
    at_bank=st.fixed_dictionaries({}, optional={Fund.LOAN_FUND: amounts, Fund.SOCIAL: amounts}),
    debts=amounts,
)
_codes = count(1)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(baseline=baselines, error=st.integers(-3, 3))
def test_a_book_balances_from_its_first_line_or_is_not_begun(
    database: Database, baseline: Baseline, error: int
) -> None:
    village = begun(database, f"TST-{next(_codes)}")
    members = tuple(
        replace(line, member_id=member_id)
        for line, member_id in zip(baseline.members, village.members, strict=False)
    )
    balance = weigh(replace(baseline, members=members), village.rules.share_value)
    earnings = balance.difference + error
    baseline = replace(baseline, members=members, earnings=earnings)
    if error:
        before = rows_of(database)
        with village.at_work() as session, pytest.raises(RuleBroken, match="The difference is"):
            open_baseline(
                session, village.group_id, baseline, day=FORMED, clock=village.clock
            )  # refused before anything is written: what is committed is nothing
        assert rows_of(database) == before
        return
    enter(village, baseline)
    with database.read() as session:
        held = fund_balances(session, village.group_id)
        lent = sum(
            (loan.principal_owed for loan in loans_of_group(session, village.group_id)), D(0)
        )
        savings = session.execute(
            select(func.sum(MEMBERS.c.share_balance)).where(MEMBERS.c.group_id == village.group_id)
        ).scalar_one()
        for fund in Fund:
            assert held.of(fund) == baseline.held(fund)
        assert held.loan_fund + lent == savings + baseline.debts + earnings
        assert held.bank == sum(baseline.at_bank.values())
    assert verify_all(database).ok
