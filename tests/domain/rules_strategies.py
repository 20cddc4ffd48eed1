"""Constitutions that a group could vote, each of which can stand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.domain.strategies import amounts
from vsla_desktop.domain.assessment import AssessmentWeights
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.meeting import AgendaStep
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import (
    GroupRules,
    MeetingFrequency,
    ProfitRule,
    SocialFundRule,
    ValueRule,
)

D = Decimal
MIDDLE = [
    step
    for step in AgendaStep
    if step not in {AgendaStep.OPENING, AgendaStep.CLOSING_COUNT, AgendaStep.CLOSE}
]
words = st.sampled_from(["", "hisa", "Étoile d'or", "መዋጮ", "ភាគហ៊ុន", "stamp 2"])
two_funds = st.sampled_from([Fund.LOAN_FUND, Fund.SOCIAL])


def fractions(places: int, most: int = 1) -> st.SearchStrategy[Decimal]:
    return st.integers(0, most * 10**places).map(lambda steps: D(steps).scaleb(-places))


@st.composite
def three_weights(draw: st.DrawFn) -> tuple[Decimal, Decimal, Decimal]:
    first = draw(st.integers(0, 10_000))
    second = draw(st.integers(0, 10_000 - first))
    steps = (first, second, 10_000 - first - second)
    a, b, c = (D(each).scaleb(-4) for each in steps)
    return a, b, c


@st.composite
def agendas(draw: st.DrawFn) -> tuple[AgendaStep, ...]:
    left_out = draw(st.sets(st.sampled_from([s for s in MIDDLE if s is not AgendaStep.ROLL_CALL])))
    middle = draw(st.permutations([step for step in MIDDLE if step not in left_out]))
    return (AgendaStep.OPENING, *middle, AgendaStep.CLOSING_COUNT, AgendaStep.CLOSE)


@st.composite
def weights(draw: st.DrawFn) -> AssessmentWeights:
    return AssessmentWeights(
        *draw(three_weights()),
        *draw(three_weights()),
        full_score_shares=draw(st.integers(1, 10_000)),
        low_risk_score=draw(fractions(2, 100)),
        valid_months=draw(st.integers(1, 24)),
    )


@st.composite
def constitutions(draw: st.DrawFn, currency: Currency) -> GroupRules:
    some = amounts(currency)
    above = some.filter(bool)
    method = draw(st.sampled_from(ChargeMethod))
    profit = draw(st.sampled_from(ProfitRule))
    mixed = profit is ProfitRule.MIXED
    parts: dict[str, Any] = {
        "share_value": amounts(currency, D(99_999_999)).filter(bool),
        "social_fund_contribution": some,
        "share_name": words,
        "loan_fund_name": words,
        "social_fund_name": words,
        "max_shares_per_meeting": st.integers(1, 1000),
        "max_meetings_merged": st.integers(1, 12),
        "meeting_frequency": st.sampled_from(MeetingFrequency),
        "quorum_percentage": st.integers(0, 100),
        "agenda": agendas(),
        "fine_tariff": st.dictionaries(st.sampled_from(FineType), some),
        "fines_fund": two_funds,
        "loan_multiple": fractions(2, 100),
        "loan_max_months": st.integers(1, 60),
        "loan_interest_rate": st.just(D(0)) if method is ChargeMethod.NONE else fractions(4),
        "loan_interest_method": st.just(method),
        "loan_period": st.sampled_from(PeriodKind),
        "loan_grace_days": st.integers(0, 365),
        "late_penalty_kind": st.sampled_from(PenaltyKind),
        "late_penalty_amount": above,
        "late_penalty_rate": fractions(4).filter(bool),
        "late_penalty_repeats": st.booleans(),
        "guarantors_required": st.integers(0, 10),
        "loan_min_attendance": fractions(2, 100),
        "loan_min_months": st.integers(0, 60),
        "loan_min_score": fractions(2, 100),
        "loan_min_savings": some,
        "assessment_weights": weights(),
        "payout_unit": above,
        "profit_rule": st.just(profit),
        "profit_savings_percentage": st.integers(1, 99) if mixed else st.integers(0, 100),
        "social_fund_rule": st.sampled_from(SocialFundRule),
        "remainder_fund": two_funds,
        "leaver_rule": st.sampled_from(ValueRule),
        "joiner_rule": st.sampled_from(ValueRule),
    }
    return GroupRules(**{name: draw(part) for name, part in parts.items()})
