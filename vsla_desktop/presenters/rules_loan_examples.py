"""The rules of loans worked out: ceilings, charges, penalties and scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Final

from vsla_desktop.domain.assessment import (
    RiskLevel,
    loan_ceiling,
    overall_score,
    participation_score,
    risk_multiple,
    savings_score,
    valid_until,
)
from vsla_desktop.domain.loans import PeriodKind, due_date
from vsla_desktop.domain.meeting import attendance_rate
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.penalties import PenaltyKind, late_penalty
from vsla_desktop.domain.rules import GroupRules
from vsla_desktop.domain.shares import shares_value
from vsla_desktop.i18n import _, translate_counted
from vsla_desktop.presenters.rules_sample import Sample
from vsla_desktop.wording import GroupWords, percent, write_number

SAVED_SHARES: Final = 50
SAMPLE_MEETINGS: Final = 20
SCORES: Final = (Decimal(80), Decimal(90), Decimal(50))
PARTS: Final = (Decimal("0.5"), Decimal(1), Decimal("0.25"))


def _multiple(sample: Sample, rules: GroupRules) -> str:
    saved = shares_value(SAVED_SHARES, rules.share_value)
    most = loan_ceiling(saved, RiskLevel.LOW, rules.loan_multiple, sample.currency.step)
    return _(
        "{multiple} times savings of {saved}: lend up to {loan}.",
        multiple=write_number(rules.loan_multiple),
        saved=sample.money(saved),
        loan=sample.money(most),
    )


def _longest(sample: Sample, rules: GroupRules) -> str:
    last = due_date(sample.today, rules.loan_max_months, rules.loan_period)
    return _("A loan of today falls due by {day}.", day=sample.day(last))


def _period(sample: Sample, rules: GroupRules) -> str:
    first = due_date(sample.today, 1, rules.loan_period)
    return _("A loan of today: first payment {day}.", day=sample.day(first))


def _charge(sample: Sample, rules: GroupRules) -> str:
    rows = sample.loan(rules)
    return _(
        "{rate} on {principal} for {count} periods: {charge}",
        rate=percent(rules.loan_interest_rate),
        principal=sample.money(sum((row.principal for row in rows), ZERO)),
        count=len(rows),
        charge=sample.money(sum((row.charge for row in rows), ZERO)),
    )


def _payments(sample: Sample, rules: GroupRules) -> str:
    said = " · ".join(sample.money(row.total) for row in sample.loan(rules))
    return _("Payments: {amounts}", amounts=said)


def _guarantors(_sample: Sample, rules: GroupRules) -> str:
    if not rules.guarantors_required:
        return _("Nobody else answers for a loan.")
    return translate_counted(
        "{count} member answers for a loan.",
        "{count} members answer for a loan.",
        rules.guarantors_required,
    )


def _months(sample: Sample, rules: GroupRules) -> str:
    day = due_date(sample.today, rules.loan_min_months, PeriodKind.CALENDAR_MONTH)
    return _("Who joins today may borrow from {day}.", day=sample.day(day))


def _attendance(_sample: Sample, rules: GroupRules) -> str:
    enough = next(
        (
            count
            for count in range(SAMPLE_MEETINGS + 1)
            if attendance_rate(count, SAMPLE_MEETINGS) >= rules.loan_min_attendance
        ),
        None,
    )
    if enough is None:
        return ""
    return _("{count} of {all} meetings are enough.", count=enough, all=SAMPLE_MEETINGS)


def _least_savings(sample: Sample, rules: GroupRules) -> str:
    if rules.share_value <= 0:
        return ""
    exact = rules.loan_min_savings / rules.share_value
    count = max(int(exact.to_integral_value(ROUND_CEILING)), 1)
    amount = sample.money(shares_value(count, rules.share_value))
    words = GroupWords.of(rules)
    if words.share:
        own = _("{shares}, {count}: {amount} is enough.")
        return own.format(shares=words.shares(), count=count, amount=amount)
    return translate_counted(
        "{count} share is enough: {amount}.",
        "{count} shares are enough: {amount}.",
        count,
        amount=amount,
    )


def _grace(sample: Sample, rules: GroupRules) -> str:
    due = due_date(sample.today, 1, rules.loan_period)
    first = due + timedelta(days=rules.loan_grace_days + 1)
    return _("Due {due}: late from {day}.", due=sample.day(due), day=sample.day(first))


def _penalty(sample: Sample, rules: GroupRules, *, periods: int = 0) -> Decimal:
    """What one instalment earns in penalties, so many periods after its first late day."""
    (row, *_others) = sample.loan(rules)
    due = due_date(row.due_date, periods, rules.loan_period)
    on = due + timedelta(days=rules.loan_grace_days + 1)
    return late_penalty(
        [row], on, rules.penalty_rule, period_kind=rules.loan_period, unit=sample.currency.step
    )


def _late(sample: Sample, rules: GroupRules) -> str:
    if rules.late_penalty_kind is PenaltyKind.NONE:
        return _("Being late costs nothing more.")
    return _(
        "{owed} not paid: {amount} more.",
        owed=sample.money(sample.loan(rules)[0].owed),
        amount=sample.money(_penalty(sample, rules)),
    )


def _late_of(kind: PenaltyKind) -> Callable[[Sample, GroupRules], str]:
    def make(sample: Sample, rules: GroupRules) -> str:
        return _late(sample, rules) if rules.late_penalty_kind is kind else _("Not used.")

    return make


def _again(sample: Sample, rules: GroupRules) -> str:
    if rules.late_penalty_kind is PenaltyKind.NONE:
        return _("Not used.")
    twice = _penalty(sample, rules, periods=1)
    return _("Late for two periods: {amount} in all.", amount=sample.money(twice))


def _overall(_sample: Sample, rules: GroupRules) -> str:
    savings, attendance, part = SCORES
    score = overall_score(savings, attendance, part, rules.assessment_rules)
    return _(
        "Scores of {savings}, {attendance} and {part} make {score}.",
        savings=savings,
        attendance=attendance,
        part=part,
        score=write_number(score),
    )


def _participation(_sample: Sample, rules: GroupRules) -> str:
    score = participation_score(*PARTS, rules.assessment_rules)
    return _("Half, all and a quarter of meetings: {score}.", score=write_number(score))


def _full_score(sample: Sample, rules: GroupRules) -> str:
    full = rules.assessment_weights.full_score_shares
    saved = shares_value(full, rules.share_value) / 2
    score = savings_score(saved, rules.share_value, full)
    return _(
        "Savings of {saved} score {score}.", saved=sample.money(saved), score=write_number(score)
    )


def _least_score(_sample: Sample, rules: GroupRules) -> str:
    return _("From {score} on a member may borrow.", score=write_number(rules.loan_min_score))


def _low_risk(_sample: Sample, rules: GroupRules) -> str:
    said = [
        write_number(risk_multiple(risk, rules.loan_multiple))
        for risk in (RiskLevel.LOW, RiskLevel.MEDIUM)
    ]
    return _(
        "From {score} on {low} times the savings, below it {medium}.",
        score=write_number(rules.assessment_weights.low_risk_score),
        low=said[0],
        medium=said[1],
    )


def _valid(sample: Sample, rules: GroupRules) -> str:
    until = valid_until(sample.today, rules.assessment_rules)
    return _("Scored today: good until {day}.", day=sample.day(until))


LOAN_EXAMPLES: Final[Mapping[str, Callable[[Sample, GroupRules], str]]] = {
    "loan_multiple": _multiple,
    "loan_max_months": _longest,
    "loan_period": _period,
    "loan_interest_rate": _charge,
    "loan_interest_method": _payments,
    "guarantors_required": _guarantors,
    "loan_min_months": _months,
    "loan_min_attendance": _attendance,
    "loan_min_savings": _least_savings,
    "loan_grace_days": _grace,
    "late_penalty_kind": _late,
    "late_penalty_amount": _late_of(PenaltyKind.FIXED),
    "late_penalty_rate": _late_of(PenaltyKind.PERCENTAGE),
    "late_penalty_repeats": _again,
    **dict.fromkeys(("savings_weight", "attendance_weight", "participation_weight"), _overall),
    **dict.fromkeys(("discussed_weight", "saved_weight", "voted_weight"), _participation),
    "full_score_shares": _full_score,
    "loan_min_score": _least_score,
    "low_risk_score": _low_risk,
    "valid_months": _valid,
}
