from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.strategies import currencies
from vsla_desktop.domain.assessment import AssessmentWeights, overall_score
from vsla_desktop.domain.currencies import Currency, currency
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.loans import ChargeMethod
from vsla_desktop.domain.meeting import AgendaStep
from vsla_desktop.domain.penalties import PenaltyKind, PenaltyRule
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import (
    GroupRules,
    Preset,
    ProfitRule,
    changed_fields,
    check_change,
    check_rules,
    preset_rules,
    problems,
    with_preset,
)
from vsla_desktop.errors import RuleBroken

D = Decimal
UGX = currency("UGX")
RULES = GroupRules(share_value=Decimal(2000), social_fund_contribution=Decimal(500))


@given(st.sampled_from(Preset), currencies)
def test_every_preset_can_be_voted_as_it_is(preset: Preset, money: Currency) -> None:
    rules = preset_rules(preset, share_value=money.denominations[0])
    assert check_rules(rules, money) is rules
    assert rules.share_name


def test_presets_differ_from_each_other() -> None:
    found = {str(preset_rules(each, share_value=Decimal(1))) for each in Preset}
    assert len(found) == len(Preset)


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"share_value": Decimal(0)}, "share_value", "Enter an amount above 0."),
        ({"share_value": Decimal("0.5")}, "share_value", "Enter whole UGX only."),
        ({"share_value": Decimal(10**8)}, "share_value", "Enter at most 99 999 999.99."),
        ({"max_shares_per_meeting": 0}, "max_shares_per_meeting", "Enter 1 to 1000."),
        ({"quorum_percentage": 101}, "quorum_percentage", "Enter 0 to 100."),
        ({"loan_interest_rate": Decimal(10)}, "loan_interest_rate", "Enter 0 to 100 %."),
        ({"loan_interest_rate": Decimal("0.12345")}, "loan_interest_rate", "at most 2 decimals."),
        ({"loan_multiple": Decimal("2.555")}, "loan_multiple", "at most 2 decimals."),
        ({"loan_max_months": 0}, "loan_max_months", "Enter 1 to 60."),
        ({"payout_unit": Decimal(0)}, "payout_unit", "above 0"),
        ({"fine_tariff": {FineType.PHONE: Decimal(-1)}}, "fine_tariff", "above 0"),
        ({"agenda": (AgendaStep.OPENING,)}, "agenda", "Keep the two counts"),
        (
            {"loan_interest_method": ChargeMethod.NONE},
            "loan_interest_method",
            "Choose how the charge is worked out.",
        ),
        ({"late_penalty_kind": PenaltyKind.FIXED}, "late_penalty_amount", "Enter the penalty"),
        ({"late_penalty_kind": PenaltyKind.PERCENTAGE}, "late_penalty_rate", "Enter the rate"),
        ({"fines_fund": Fund.TARGET}, "fines_fund", "Pay fines to"),
        ({"remainder_fund": Fund.ECD}, "remainder_fund", "Keep the rest"),
        ({"profit_rule": ProfitRule.MIXED}, "profit_savings_percentage", "by savings"),
    ],
)
def test_a_rule_that_can_not_stand_says_so(
    changed: dict[str, Any], field: str, sentence: str
) -> None:
    rules = replace(RULES, **changed)
    (problem,) = problems(rules, UGX)
    assert problem.field == field
    assert sentence in str(problem)
    with pytest.raises(RuleBroken) as caught:
        check_rules(rules, UGX)
    assert str(caught.value) == str(problem)


def test_all_problems_are_named_at_once() -> None:
    rules = replace(RULES, share_value=Decimal(0), quorum_percentage=200, loan_max_months=0)
    assert [each.field for each in problems(rules, UGX)] == [
        "share_value",
        "quorum_percentage",
        "loan_max_months",
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"loan_interest_method": ChargeMethod.NONE, "loan_interest_rate": Decimal(0)},
        {"late_penalty_kind": PenaltyKind.FIXED, "late_penalty_amount": Decimal(500)},
        {"late_penalty_kind": PenaltyKind.PERCENTAGE, "late_penalty_rate": Decimal("0.05")},
        {"profit_rule": ProfitRule.MIXED, "profit_savings_percentage": 60},
        {"fines_fund": Fund.SOCIAL, "remainder_fund": Fund.SOCIAL},
    ],
)
def test_what_a_group_may_choose(changed: dict[str, Any]) -> None:
    assert problems(replace(RULES, **changed), UGX) == ()


def test_the_share_value_is_frozen_once_a_share_is_sold() -> None:
    dearer = replace(RULES, share_value=Decimal(3000))
    assert check_change(RULES, dearer, shares_sold=0) == ("share_value",)
    with pytest.raises(RuleBroken, match=r"until the share-out\. Sold at it: 12"):
        check_change(RULES, dearer, shares_sold=12)


def test_other_rules_may_change_at_any_time() -> None:
    changed = replace(RULES, loan_max_months=4, quorum_percentage=60)
    assert check_change(RULES, changed, shares_sold=12) == ("quorum_percentage", "loan_max_months")
    assert changed_fields(RULES, RULES) == ()


def test_the_rules_hand_on_what_loans_need() -> None:
    rules = replace(
        RULES,
        late_penalty_kind=PenaltyKind.FIXED,
        late_penalty_amount=Decimal(500),
        late_penalty_repeats=True,
        loan_grace_days=7,
        loan_min_score=Decimal(55),
        loan_min_savings=Decimal(10000),
    )
    assert rules.penalty_rule == PenaltyRule(
        PenaltyKind.FIXED, amount=Decimal(500), repeats=True, grace_days=7
    )
    assert rules.assessment_rules.min_score == 55
    assert rules.assessment_rules.min_savings == 10000
    assert rules.assessment_rules.max_months == 3


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"savings_weight": D("0.5")}, "savings_weight", "The three weights must make 100 %."),
        ({"voted_weight": D("0.3")}, "discussed_weight", "The three weights must make 100 %."),
        ({"full_score_shares": 0}, "full_score_shares", "Enter 1 to 10000."),
        ({"low_risk_score": D(101)}, "low_risk_score", "Enter 0 to 100."),
        ({"low_risk_score": D("80.005")}, "low_risk_score", "Enter at most 2 decimals."),
        ({"valid_months": 25}, "valid_months", "Enter 1 to 24."),
    ],
)
def test_weights_that_can_not_stand_say_so(
    changed: dict[str, Any], field: str, sentence: str
) -> None:
    rules = replace(RULES, assessment_weights=replace(AssessmentWeights(), **changed))
    (problem,) = problems(rules, UGX)
    assert (problem.field, str(problem)) == (field, sentence)


def test_a_weight_is_a_part_of_the_whole() -> None:
    weights = replace(AssessmentWeights(), savings_weight=D("1.1"), attendance_weight=D("-0.4"))
    found = problems(replace(RULES, assessment_weights=weights), UGX)
    assert [each.field for each in found] == ["savings_weight", "attendance_weight"]
    fine = replace(AssessmentWeights(), savings_weight=D("0.40001"), attendance_weight=D("0.29999"))
    found = problems(replace(RULES, assessment_weights=fine), UGX)
    assert str(found[0]) == "Enter at most 2 decimals."


def test_the_weights_of_a_group_are_those_of_its_assessments() -> None:
    weights = AssessmentWeights(savings_weight=D("0.6"), attendance_weight=D("0.1"))
    rules = replace(RULES, assessment_weights=weights).assessment_rules
    assert (rules.savings_weight, rules.attendance_weight) == (D("0.6"), D("0.1"))
    assert overall_score(D(50), D(100), D(100), rules) == 70


def test_words_of_the_group_are_writing() -> None:
    assert problems(replace(RULES, share_name="hisa", loan_fund_name="Mfuko wa mikopo"), UGX) == ()
    found = problems(replace(RULES, share_name="7", social_fund_name="x" * 51), UGX)
    assert [each.field for each in found] == ["share_name", "social_fund_name"]


@given(st.sampled_from(Preset), st.sampled_from(Preset))
def test_a_preset_leaves_the_amounts_of_a_group_and_nothing_of_another_preset(
    first: Preset, second: Preset
) -> None:
    mine = replace(RULES, fine_tariff={FineType.ABSENCE: D(300)}, payout_unit=D(50))
    after = with_preset(with_preset(mine, first), second)
    assert after == with_preset(mine, second)
    assert (after.share_value, after.fine_tariff, after.payout_unit) == (
        mine.share_value,
        mine.fine_tariff,
        mine.payout_unit,
    )
    usual = preset_rules(second, share_value=mine.share_value)
    assert after.loan_interest_method is usual.loan_interest_method
