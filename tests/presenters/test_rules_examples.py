"""Worked examples agree with what the books would do, and never fail while a person types."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.rules_strategies import constitutions
from vsla_desktop.domain.assessment import RiskLevel, loan_ceiling
from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.loans import ChargeMethod, due_date, schedule
from vsla_desktop.domain.money import round_down_to
from vsla_desktop.domain.penalties import PenaltyKind, late_penalties
from vsla_desktop.domain.rules import GroupRules, ProfitRule, SocialFundRule, ValueRule
from vsla_desktop.i18n import format_date
from vsla_desktop.presenters.rules_examples import example
from vsla_desktop.presenters.rules_fields import MOST_COUNT, rule_fields
from vsla_desktop.presenters.rules_sample import Sample
from vsla_desktop.reports.rules_words import Section
from vsla_desktop.wording import GroupWords, figure

D = Decimal
KES, UGX = currency("KES"), currency("UGX")
TODAY = date(2026, 11, 23)
SAMPLE = Sample(UGX, TODAY, 22)
RULES = GroupRules(
    share_value=D(2000),
    social_fund_contribution=D(500),
    loan_interest_method=ChargeMethod.FLAT_MONTHLY,
    fine_tariff={FineType.LATE_ARRIVAL: D(500)},
    payout_unit=D(100),
)
KEYS = [field.key for section in Section for field in rule_fields(section, GroupWords())]


@pytest.mark.parametrize(
    ("key", "changed", "said"),
    [
        ("loan_interest_rate", {}, "10 % on 60,000 for 3 periods: 18,000"),
        ("loan_interest_method", {}, "Payments: 26,000 · 26,000 · 26,000"),
        (
            "loan_interest_method",
            {"loan_interest_method": ChargeMethod.DECLINING},
            "Payments: 26,000 · 24,000 · 22,000",
        ),
        ("loan_multiple", {}, "3 times savings of 100,000: lend up to 300,000."),
        ("fine_LATE_ARRIVAL", {}, "A late member pays 500."),
        ("fine_ABSENCE", {}, "No fine."),
        ("payout_unit", {}, "9,650 pays 9,600."),
        ("max_meetings_merged", {}, "2 meetings in one: up to 10 shares."),
        ("social_fund_contribution", {}, "22 members give 11,000."),
        (
            "social_fund_rule",
            {"social_fund_rule": SocialFundRule.SPLIT_EQUALLY},
            "Of 60,000, each of 22 gets 2,700.",
        ),
        ("quorum_percentage", {"quorum_percentage": 51}, "12 of 22 members must be there."),
        ("loan_min_attendance", {"loan_min_attendance": D(51)}, "11 of 20 meetings are enough."),
        ("loan_min_savings", {"loan_min_savings": D(5000)}, "3 shares are enough: 6,000."),
        ("savings_weight", {}, "Scores of 80, 90 and 50 make 74."),
        ("voted_weight", {}, "Half, all and a quarter of meetings: 65."),
        (
            "profit_rule",
            {"profit_rule": ProfitRule.EQUAL},
            "Of 16,000: 30 shares get 8,000, 10 shares with all loans 8,000.",
        ),
        (
            "leaver_rule",
            {"leaver_rule": ValueRule.CURRENT_VALUE},
            "10 shares, worth 24,000 now: paid 24,000.",
        ),
        ("joiner_rule", {}, "10 shares, worth 24,000 now: costs 20,000."),
        ("late_penalty_rate", {"late_penalty_kind": PenaltyKind.FIXED}, "Not used."),
    ],
)
def test_an_example_is_the_rule_worked_out(key: str, changed: dict[str, Any], said: str) -> None:
    assert example(SAMPLE, key, replace(RULES, **changed)) == said


@given(constitutions(KES), st.integers(1, 60))
def test_examples_agree_with_the_functions_that_the_books_use(
    rules: GroupRules, members_count: int
) -> None:
    sample = Sample(KES, TODAY, members_count)
    for key in KEYS:
        assert isinstance(example(sample, key, rules), str)
    most = loan_ceiling(50 * rules.share_value, RiskLevel.LOW, rules.loan_multiple, KES.step)
    assert figure(most, KES) in example(sample, "loan_multiple", rules)
    rows = schedule(
        30 * rules.share_value,
        rules.loan_interest_rate,
        min(rules.loan_max_months, 3),
        method=rules.loan_interest_method,
        period_kind=rules.loan_period,
        start=TODAY,
        unit=KES.step,
    )
    said = example(sample, "loan_interest_method", rules)
    assert said == "Payments: " + " · ".join(figure(row.total, KES) for row in rows)
    unit = rules.payout_unit
    exact = round_down_to(unit * D("96.5"), KES.step)
    assert figure(round_down_to(exact, unit), KES) in example(sample, "payout_unit", rules)


@given(constitutions(KES))
def test_late_is_the_first_day_that_costs_a_penalty(rules: GroupRules) -> None:
    rules = replace(rules, late_penalty_kind=PenaltyKind.FIXED)
    row = Sample(KES, TODAY).loan(rules)[0]
    first = due_date(TODAY, 1, rules.loan_period) + timedelta(days=rules.loan_grace_days + 1)
    penalties = [
        late_penalties([row], day, rules.penalty_rule, period_kind=rules.loan_period)
        for day in (first - timedelta(days=1), first)
    ]
    assert (penalties[0], len(penalties[1])) == ((), 1)
    assert f"late from {format_date(first)}." in example(
        Sample(KES, TODAY), "loan_grace_days", rules
    )


@given(
    st.builds(
        GroupRules,
        share_value=st.sampled_from([D(0), D(1), D(2000)]),
        max_shares_per_meeting=st.integers(0, MOST_COUNT),
        loan_max_months=st.integers(0, MOST_COUNT),
        loan_min_months=st.integers(0, MOST_COUNT),
        loan_grace_days=st.integers(0, MOST_COUNT),
        loan_interest_rate=st.sampled_from([D(0), D(5), D("0.1")]),
        payout_unit=st.sampled_from([D(0), D(100)]),
        quorum_percentage=st.integers(0, MOST_COUNT),
        late_penalty_kind=st.sampled_from(PenaltyKind),
        late_penalty_repeats=st.booleans(),
        profit_rule=st.sampled_from(ProfitRule),
        social_fund_rule=st.sampled_from(SocialFundRule),
    )
)
def test_what_is_half_typed_has_an_example_or_none(rules: GroupRules) -> None:
    for key in KEYS:
        assert isinstance(example(SAMPLE, key, rules), str)
