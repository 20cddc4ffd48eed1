from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.domain.assessment import (
    AssessmentRules,
    MemberRecord,
    RiskLevel,
    assess,
    loan_ceiling,
    overall_score,
    participation_score,
    risk_multiple,
    savings_score,
    valid_until,
)

RULES = AssessmentRules()
GOOD = MemberRecord(
    total_savings=Decimal(60000),
    share_value=Decimal(2000),
    attendance_rate=Decimal(95),
    months_active=8,
    discussed=Decimal(1),
    saved=Decimal(1),
    voted=Decimal("0.5"),
)
parts = st.integers(0, 100).map(lambda percent: Decimal(percent) / 100)
members = st.builds(
    MemberRecord,
    total_savings=st.integers(0, 10**6).map(Decimal),
    share_value=st.integers(0, 5000).map(Decimal),
    attendance_rate=st.integers(0, 100).map(Decimal),
    months_active=st.integers(0, 60),
    discussed=parts,
    saved=parts,
    voted=parts,
    unpaid_fines=st.integers(0, 500).map(Decimal),
    loans_out=st.integers(0, 50000).map(Decimal),
    late_loans=st.integers(0, 2),
)


def test_scores_worked_out_by_hand() -> None:
    assert savings_score(Decimal(18000), Decimal(2000)) == 75
    assert savings_score(Decimal(50000), Decimal(2000)) == 100
    assert savings_score(Decimal(1000), Decimal(3000)) == Decimal("2.78")
    assert savings_score(Decimal(1000), Decimal(0)) == 0
    assert participation_score(Decimal("0.5"), Decimal(1), Decimal("0.25")) == 65
    assert overall_score(Decimal(75), Decimal(80), Decimal(65)) == Decimal("73.50")


def test_a_good_member() -> None:
    found = assess(GOOD, RULES)
    assert found.savings_score == 100
    assert found.attendance_score == 95
    assert found.participation_score == 90
    assert found.overall_score == Decimal("95.50")
    assert found.risk_level is RiskLevel.LOW
    assert (found.risk_factors, found.reasons, found.is_eligible) == ((), (), True)
    assert found.max_loan_amount == 180000
    assert found.recommended_term_months == 3


@pytest.mark.parametrize(
    ("changed", "risk", "most", "months"),
    [
        ({"unpaid_fines": Decimal(500)}, RiskLevel.MEDIUM, 120000, 2),
        ({"unpaid_fines": Decimal(500), "late_loans": 1}, RiskLevel.HIGH, 60000, 1),
        ({"attendance_rate": Decimal(20)}, RiskLevel.MEDIUM, 120000, 2),
        ({"loans_out": Decimal(50000)}, RiskLevel.LOW, 130000, 3),
        ({"loans_out": Decimal(500000)}, RiskLevel.LOW, 0, 3),
    ],
)
def test_what_is_owed_raises_the_risk_and_lowers_the_ceiling(
    changed: dict[str, Decimal], risk: RiskLevel, most: int, months: int
) -> None:
    found = assess(replace(GOOD, **changed), RULES)  # type: ignore[arg-type] # fields by name
    assert found.risk_level is risk
    assert found.max_loan_amount == most
    assert found.recommended_term_months == months


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"months_active": 2}, "Member for 2 months; the group asks for 3."),
        ({"attendance_rate": Decimal("49.99")}, "Attendance is 49.99 %; the group asks for 50 %."),
        ({"total_savings": Decimal(0)}, "Savings are 0; the group asks for 2 000."),
        ({"late_loans": 1}, "A loan is late; it comes first."),
    ],
)
def test_each_floor_has_its_sentence(changed: dict[str, int], sentence: str) -> None:
    found = assess(replace(GOOD, **changed), RULES)  # type: ignore[arg-type] # fields by name
    assert not found.is_eligible
    assert sentence in [str(reason) for reason in found.reasons]


def test_a_low_score_has_its_sentence() -> None:
    found = assess(replace(GOOD, total_savings=Decimal(2000), discussed=Decimal(0)), RULES)
    assert found.risk_level is RiskLevel.HIGH
    assert [str(reason) for reason in found.reasons] == [
        "The score is 46.83; the group asks for 60."
    ]


def test_a_group_may_ask_for_savings() -> None:
    rules = replace(RULES, min_savings=Decimal(70000))
    assert str(assess(GOOD, rules).reasons[0]) == "Savings are 60 000; the group asks for 70 000."


def test_fines_are_named_in_the_risk() -> None:
    found = assess(replace(GOOD, unpaid_fines=Decimal(1500), late_loans=1), RULES)
    assert [str(factor) for factor in found.risk_factors] == [
        "Fines of 1 500 are unpaid.",
        "A loan is late.",
    ]


@given(members)
def test_scores_and_ceilings_stay_within_their_bounds(member: MemberRecord) -> None:
    found = assess(member, RULES)
    for score in (
        found.savings_score,
        found.attendance_score,
        found.participation_score,
        found.overall_score,
    ):
        assert 0 <= score <= 100
        assert score == score.quantize(Decimal("0.01"))
    assert 0 <= found.max_loan_amount <= 3 * member.total_savings
    assert found.is_eligible == (not found.reasons)
    assert not found.is_eligible or found.overall_score >= RULES.min_score
    assert 1 <= found.recommended_term_months <= RULES.max_months


@given(members, st.integers(0, 10**5))
def test_saving_more_never_lowers_the_ceiling(member: MemberRecord, more: int) -> None:
    richer = replace(member, total_savings=member.total_savings + more)
    assert assess(richer, RULES).max_loan_amount >= assess(member, RULES).max_loan_amount


def test_the_multiple_by_risk() -> None:
    assert [risk_multiple(risk, Decimal(3)) for risk in RiskLevel] == [3, 2, 1]
    assert [risk_multiple(risk, Decimal(5)) for risk in RiskLevel] == [5, 3, 1]
    half = Decimal("0.5")
    assert [risk_multiple(risk, half) for risk in RiskLevel] == [half, half, half]
    assert loan_ceiling(Decimal(1999), RiskLevel.LOW, Decimal(3), Decimal(500)) == 5500


def test_an_assessment_is_good_for_three_months() -> None:
    assert valid_until(date(2025, 11, 30), RULES) == date(2026, 2, 28)
