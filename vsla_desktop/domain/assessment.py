"""Is a member ready for a loan, and for how much: scores, risk, ceiling and reasons.

Every figure can be worked out again by hand from the ones beside it. See docs/rules.md#assessment.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from vsla_desktop.domain.loans import PeriodKind, due_date
from vsla_desktop.domain.money import CENT, ZERO, plain_amount, round_down_to

if TYPE_CHECKING:
    from datetime import date

HUNDRED = Decimal(100)


class RiskLevel(StrEnum):
    """How likely it is that a loan will be hard to pay back."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


_RISKS = tuple(RiskLevel)


@dataclass(frozen=True, slots=True)
class AssessmentWeights:
    """How a group's scores are put together, and how long an assessment is good for.

    The weights are fractions: the three of the overall score make 1, and so do the three of
    participation. ``full_score_shares`` are the shares that give the full score for savings.
    """

    savings_weight: Decimal = Decimal("0.4")
    attendance_weight: Decimal = Decimal("0.3")
    participation_weight: Decimal = Decimal("0.3")
    discussed_weight: Decimal = Decimal("0.4")
    saved_weight: Decimal = Decimal("0.4")
    voted_weight: Decimal = Decimal("0.2")
    full_score_shares: int = 12
    low_risk_score: Decimal = Decimal(80)
    valid_months: int = 3


@dataclass(frozen=True, slots=True)
class AssessmentRules(AssessmentWeights):
    """The weights and floors of a group; percentages and scores from 0 to 100."""

    min_score: Decimal = Decimal(60)
    min_attendance: Decimal = Decimal(50)
    min_months: int = 3
    min_savings: Decimal = ZERO
    loan_multiple: Decimal = Decimal(3)
    max_months: int = 3


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """What is known of a member on the day of the assessment.

    ``discussed``, ``saved`` and ``voted`` are the parts of the meetings, from 0 to 1, in which the
    member did so; ``attendance_rate`` is a percentage. ``late_loans`` counts loans with something
    overdue; ``loans_out`` is the principal still owed.
    """

    total_savings: Decimal
    share_value: Decimal
    attendance_rate: Decimal
    months_active: int
    discussed: Decimal = ZERO
    saved: Decimal = ZERO
    voted: Decimal = ZERO
    unpaid_fines: Decimal = ZERO
    loans_out: Decimal = ZERO
    late_loans: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a member is not ready, or what raises the risk: a template and what fills it."""

    message: str
    values: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.message.format(**dict(self.values))


@dataclass(frozen=True, slots=True)
class Assessment:
    """The result: a row of ``loan_assessments``."""

    savings_score: Decimal
    attendance_score: Decimal
    participation_score: Decimal
    overall_score: Decimal
    risk_level: RiskLevel
    risk_factors: tuple[Reason, ...]
    is_eligible: bool
    reasons: tuple[Reason, ...]
    max_loan_amount: Decimal
    recommended_term_months: int


def savings_score(
    total_savings: Decimal, share_value: Decimal, full_score_shares: int = 12
) -> Decimal:
    """Return min(100, savings / (share value x 12) x 100); 0 where shares have no value."""
    full = share_value * full_score_shares
    return _score(total_savings * HUNDRED / full) if full > 0 else ZERO


def participation_score(
    discussed: Decimal, saved: Decimal, voted: Decimal, rules: AssessmentRules | None = None
) -> Decimal:
    """Return (0.4 discussed + 0.4 saved + 0.2 voted) x 100."""
    weights = rules or AssessmentRules()
    return _score(
        HUNDRED
        * (
            weights.discussed_weight * discussed
            + weights.saved_weight * saved
            + weights.voted_weight * voted
        )
    )


def overall_score(
    savings: Decimal,
    attendance: Decimal,
    participation: Decimal,
    rules: AssessmentRules | None = None,
) -> Decimal:
    """Return 0.4 savings + 0.3 attendance + 0.3 participation."""
    weights = rules or AssessmentRules()
    return _score(
        weights.savings_weight * savings
        + weights.attendance_weight * attendance
        + weights.participation_weight * participation
    )


def _score(value: Decimal) -> Decimal:
    return min(max(value, ZERO), HUNDRED).quantize(CENT, ROUND_HALF_UP)


def risk_multiple(risk: RiskLevel, loan_multiple: Decimal) -> Decimal:
    """Return how many times their savings members of this risk may borrow.

    Low risk the group's multiple, high risk once the savings, medium half way: 3, 2 and 1.
    """
    least = min(loan_multiple, Decimal(1))
    if risk is RiskLevel.MEDIUM:
        return (loan_multiple + least) / 2
    return loan_multiple if risk is RiskLevel.LOW else least


def loan_ceiling(
    total_savings: Decimal, risk: RiskLevel, loan_multiple: Decimal, unit: Decimal = CENT
) -> Decimal:
    """Return the most that may be lent: savings x the multiple for the risk, rounded down."""
    return round_down_to(total_savings * risk_multiple(risk, loan_multiple), unit)


def assess(member: MemberRecord, rules: AssessmentRules, *, unit: Decimal = CENT) -> Assessment:
    """Return the whole assessment of a member under the group's rules."""
    savings = savings_score(member.total_savings, member.share_value, rules.full_score_shares)
    attendance = _score(member.attendance_rate)
    participation = participation_score(member.discussed, member.saved, member.voted, rules)
    overall = overall_score(savings, attendance, participation, rules)
    factors = _risk_factors(member)
    risk = _risk(overall, len(factors), rules)
    reasons = _reasons(member, overall, rules)
    ceiling = loan_ceiling(member.total_savings, risk, rules.loan_multiple, unit)
    return Assessment(
        savings_score=savings,
        attendance_score=attendance,
        participation_score=participation,
        overall_score=overall,
        risk_level=risk,
        risk_factors=factors,
        is_eligible=not reasons,
        reasons=reasons,
        max_loan_amount=max(ceiling - member.loans_out, ZERO),
        recommended_term_months=-(-rules.max_months * (3 - _RISKS.index(risk)) // 3),
    )


def _risk(overall: Decimal, factors_count: int, rules: AssessmentRules) -> RiskLevel:
    """Take the level of the score, one higher for each thing that is owed."""
    level = 0 if overall >= rules.low_risk_score else 1 if overall >= rules.min_score else 2
    return _RISKS[min(level + factors_count, 2)]


def _risk_factors(member: MemberRecord) -> tuple[Reason, ...]:
    factors = []
    if member.unpaid_fines > 0:
        factors.append(_reason("Fines of {fines} are unpaid.", fines=member.unpaid_fines))
    if member.late_loans > 0:
        factors.append(_reason("A loan is late."))
    return tuple(factors)


def _reasons(member: MemberRecord, overall: Decimal, rules: AssessmentRules) -> tuple[Reason, ...]:
    reasons = []
    if member.months_active < rules.min_months:
        reasons.append(
            _reason(
                "Member for {months} months; the group asks for {least}.",
                months=member.months_active,
                least=rules.min_months,
            )
        )
    if member.attendance_rate < rules.min_attendance:
        reasons.append(
            _reason(
                "Attendance is {rate} %; the group asks for {least} %.",
                rate=member.attendance_rate,
                least=rules.min_attendance,
            )
        )
    if member.total_savings <= 0 or member.total_savings < rules.min_savings:
        reasons.append(
            _reason(
                "Savings are {savings}; the group asks for {least}.",
                savings=member.total_savings,
                least=max(rules.min_savings, member.share_value),
            )
        )
    if overall < rules.min_score:
        reasons.append(
            _reason(
                "The score is {score}; the group asks for {least}.",
                score=overall,
                least=rules.min_score,
            )
        )
    if member.late_loans > 0:
        reasons.append(_reason("A loan is late; it comes first."))
    return tuple(reasons)


def _reason(message: str, **values: Decimal | int) -> Reason:
    return Reason(
        message, tuple((name, plain_amount(Decimal(value))) for name, value in values.items())
    )


def valid_until(assessed_on: date, rules: AssessmentRules) -> date:
    """Return the last day on which an assessment may be used."""
    return due_date(assessed_on, rules.valid_months, PeriodKind.CALENDAR_MONTH)
