"""The constitution of a group: the rules its members voted, checked as a whole.

The fields carry the names of the columns of ``group_settings``. Nothing here is a constant of the
program: a preset is where a new group starts from. See docs/rules.md#constitution.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from vsla_desktop.domain.assessment import AssessmentRules, AssessmentWeights
from vsla_desktop.domain.fines import FineType, check_tariff
from vsla_desktop.domain.identifiers import check_name
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.meeting import DEFAULT_AGENDA, AgendaStep, check_agenda
from vsla_desktop.domain.money import CENT, ZERO, check_amount, plain_amount
from vsla_desktop.domain.penalties import PenaltyKind, PenaltyRule
from vsla_desktop.domain.postings import POSTING_RULES, Fund, PostingType
from vsla_desktop.errors import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vsla_desktop.domain.currencies import Currency


class Preset(StrEnum):
    """The kinds of group whose usual rules the program knows."""

    VSLA = "VSLA"
    SILC = "SILC"
    VICOBA = "VICOBA"
    SHG = "SHG"
    AVEC = "AVEC"


class MeetingFrequency(StrEnum):
    """How often a group meets."""

    WEEKLY = "WEEKLY"
    BIWEEKLY = "BIWEEKLY"
    MONTHLY = "MONTHLY"


class ProfitRule(StrEnum):
    """How the earnings of a cycle are shared out."""

    PRO_RATA = "PRO_RATA"
    EQUAL = "EQUAL"
    RETURN_INTEREST = "RETURN_INTEREST"
    MIXED = "MIXED"


class SocialFundRule(StrEnum):
    """What becomes of the social fund at share-out."""

    KEEP = "KEEP"
    SPLIT_EQUALLY = "SPLIT_EQUALLY"
    REFUND = "REFUND"


class ValueRule(StrEnum):
    """What a share is worth to a member who leaves or joins within a cycle."""

    FACE_VALUE = "FACE_VALUE"
    CURRENT_VALUE = "CURRENT_VALUE"


USUAL_WEIGHTS = AssessmentWeights()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRules:
    """A group's constitution. Amounts in its currency, rates as fractions, percentages 0 to 100."""

    share_value: Decimal
    social_fund_contribution: Decimal = ZERO
    share_name: str = ""
    loan_fund_name: str = ""
    social_fund_name: str = ""
    max_shares_per_meeting: int = 5
    max_meetings_merged: int = 2
    meeting_frequency: MeetingFrequency = MeetingFrequency.WEEKLY
    quorum_percentage: int = 50
    agenda: tuple[AgendaStep, ...] = DEFAULT_AGENDA
    fine_tariff: dict[FineType, Decimal] = field(default_factory=dict)
    fines_fund: Fund = Fund.LOAN_FUND
    loan_multiple: Decimal = Decimal(3)
    loan_max_months: int = 3
    loan_interest_rate: Decimal = Decimal("0.1")
    loan_interest_method: ChargeMethod = ChargeMethod.DECLINING
    loan_period: PeriodKind = PeriodKind.FOUR_WEEKS
    loan_grace_days: int = 0
    late_penalty_kind: PenaltyKind = PenaltyKind.NONE
    late_penalty_amount: Decimal = ZERO
    late_penalty_rate: Decimal = ZERO
    late_penalty_repeats: bool = False
    guarantors_required: int = 0
    loan_min_attendance: Decimal = Decimal(50)
    loan_min_months: int = 3
    loan_min_score: Decimal = Decimal(60)
    loan_min_savings: Decimal = ZERO
    assessment_weights: AssessmentWeights = USUAL_WEIGHTS
    payout_unit: Decimal = Decimal(1)
    profit_rule: ProfitRule = ProfitRule.PRO_RATA
    profit_savings_percentage: int = 100
    social_fund_rule: SocialFundRule = SocialFundRule.KEEP
    remainder_fund: Fund = Fund.LOAN_FUND
    leaver_rule: ValueRule = ValueRule.FACE_VALUE
    joiner_rule: ValueRule = ValueRule.FACE_VALUE

    @property
    def penalty_rule(self) -> PenaltyRule:
        """The rule for late instalments."""
        return PenaltyRule(
            kind=self.late_penalty_kind,
            amount=self.late_penalty_amount,
            rate=self.late_penalty_rate,
            repeats=self.late_penalty_repeats,
            grace_days=self.loan_grace_days,
        )

    @property
    def assessment_rules(self) -> AssessmentRules:
        """What the group asks of a borrower."""
        return AssessmentRules(
            **asdict(self.assessment_weights),
            min_score=self.loan_min_score,
            min_attendance=self.loan_min_attendance,
            min_months=self.loan_min_months,
            min_savings=self.loan_min_savings,
            loan_multiple=self.loan_multiple,
            max_months=self.loan_max_months,
        )


def problems(rules: GroupRules, currency: Currency) -> tuple[RuleBroken, ...]:
    """Return every rule that can not stand, each with its sentence and field; none if all can."""
    return tuple(_problems(rules, currency))


def check_rules(rules: GroupRules, currency: Currency) -> GroupRules:
    """Return the rules; raise the first of their :func:`problems` as :class:`RuleBroken`."""
    for problem in _problems(rules, currency):
        raise problem
    return rules


# field, least, most
_LIMITS: tuple[tuple[str, int, int], ...] = (
    ("max_shares_per_meeting", 1, 1000),
    ("max_meetings_merged", 1, 12),
    ("quorum_percentage", 0, 100),
    ("loan_multiple", 0, 100),
    ("loan_max_months", 1, 60),
    ("loan_interest_rate", 0, 1),
    ("loan_grace_days", 0, 365),
    ("late_penalty_rate", 0, 1),
    ("guarantors_required", 0, 10),
    ("loan_min_attendance", 0, 100),
    ("loan_min_months", 0, 60),
    ("loan_min_score", 0, 100),
    ("profit_savings_percentage", 0, 100),
)
# field, whether nought is allowed
_AMOUNTS: tuple[tuple[str, bool], ...] = (
    ("share_value", False),
    ("social_fund_contribution", True),
    ("late_penalty_amount", True),
    ("loan_min_savings", True),
    ("payout_unit", False),
)
# field, decimals that its column keeps
_DECIMALS: tuple[tuple[str, int], ...] = (
    ("loan_multiple", 2),
    ("loan_interest_rate", 4),
    ("late_penalty_rate", 4),
    ("loan_min_attendance", 2),
    ("loan_min_score", 2),
)
_MOST_SHARE_VALUE = Decimal("99999999.99")  # what the column minimum_contribution holds
_PERCENT_FIELDS = frozenset({"loan_interest_rate", "late_penalty_rate"})
# the weights that make 1 together, and their decimals
_WEIGHTS: tuple[tuple[str, ...], ...] = (
    ("savings_weight", "attendance_weight", "participation_weight"),
    ("discussed_weight", "saved_weight", "voted_weight"),
)
_WEIGHT_DECIMALS = 4
_WEIGHT_LIMITS: tuple[tuple[str, int, int], ...] = (
    ("full_score_shares", 1, 10_000),
    ("low_risk_score", 0, 100),
    ("valid_months", 1, 24),
)
_WORDS = ("share_name", "loan_fund_name", "social_fund_name")
LONGEST_WORD = 50


def _problems(rules: GroupRules, currency: Currency) -> Iterator[RuleBroken]:
    for name, zero_allowed in _AMOUNTS:
        amount: Decimal = getattr(rules, name)
        yield from _caught(check_amount, amount, currency, field=name, zero_allowed=zero_allowed)
    if rules.share_value > _MOST_SHARE_VALUE:
        yield RuleBroken(
            "Enter at most {most}.", field="share_value", most=plain_amount(_MOST_SHARE_VALUE)
        )
    for name, least, most in _LIMITS:
        if not least <= getattr(rules, name) <= most:
            percent = name in _PERCENT_FIELDS
            yield RuleBroken(
                "Enter {least} to {most} %." if percent else "Enter {least} to {most}.",
                field=name,
                least=least,
                most=100 if percent else most,
            )
    for name, digits in _DECIMALS:
        value: Decimal = getattr(rules, name)
        if value % Decimal(1).scaleb(-digits):
            typed = digits - 2 if name in _PERCENT_FIELDS else digits  # people type 10.25 %
            yield RuleBroken("Enter at most {most} decimals.", field=name, most=typed)
    yield from _caught(check_tariff, rules.fine_tariff, currency)
    yield from _caught(check_agenda, rules.agenda)
    for name in _WORDS:
        yield from _caught(check_word, getattr(rules, name), field=name)
    yield from _weight_problems(rules)
    yield from _combinations(rules)


def _caught(check: Callable[..., object], *args: Any, **kwargs: Any) -> Iterator[RuleBroken]:
    try:
        check(*args, **kwargs)
    except RuleBroken as problem:
        yield problem


def check_word(text: str, *, field: str) -> str:
    """Return a group's own word for shares or a fund, "" for the usual one; RuleBroken if none."""
    return check_name(text, field=field, most=LONGEST_WORD) if text.strip() else ""


def _weight_problems(rules: GroupRules) -> Iterator[RuleBroken]:
    weights = rules.assessment_weights
    for names in _WEIGHTS:
        values: list[Decimal] = [getattr(weights, name) for name in names]
        for name, value in zip(names, values, strict=True):
            if not 0 <= value <= 1:
                yield RuleBroken("Enter {least} to {most} %.", field=name, least=0, most=100)
            elif value % Decimal(1).scaleb(-_WEIGHT_DECIMALS):
                yield RuleBroken(
                    "Enter at most {most} decimals.", field=name, most=_WEIGHT_DECIMALS - 2
                )
        if sum(values) != 1:
            yield RuleBroken("The three weights must make 100 %.", field=names[0])
    for name, least, most in _WEIGHT_LIMITS:
        if not least <= getattr(weights, name) <= most:
            yield RuleBroken("Enter {least} to {most}.", field=name, least=least, most=most)
    if weights.low_risk_score % CENT:
        yield RuleBroken("Enter at most {most} decimals.", field="low_risk_score", most=2)


def _combinations(rules: GroupRules) -> Iterator[RuleBroken]:
    """Return what can not stand together."""
    method_is_none = rules.loan_interest_method is ChargeMethod.NONE
    if method_is_none and rules.loan_interest_rate:
        yield RuleBroken(
            "Choose how the charge is worked out.",
            hint="Or set the rate to 0.",
            field="loan_interest_method",
        )
    if rules.late_penalty_kind is PenaltyKind.FIXED and not rules.late_penalty_amount:
        yield RuleBroken("Enter the penalty for being late.", field="late_penalty_amount")
    if rules.late_penalty_kind is PenaltyKind.PERCENTAGE and not rules.late_penalty_rate:
        yield RuleBroken("Enter the rate of the penalty.", field="late_penalty_rate")
    if rules.fines_fund not in POSTING_RULES[PostingType.FINE_PAYMENT].funds:
        yield RuleBroken("Pay fines to the loan or social fund.", field="fines_fund")
    if rules.remainder_fund not in {Fund.LOAN_FUND, Fund.SOCIAL}:
        yield RuleBroken("Keep the rest in the loan or social fund.", field="remainder_fund")
    if rules.profit_rule is ProfitRule.MIXED and rules.profit_savings_percentage in {0, 100}:
        yield RuleBroken("Say how much goes by savings.", field="profit_savings_percentage")


def changed_fields(old: GroupRules, new: GroupRules) -> tuple[str, ...]:
    """Return the names of the rules that differ, in the order of the constitution."""
    return tuple(
        each.name
        for each in fields(GroupRules)
        if getattr(old, each.name) != getattr(new, each.name)
    )


def check_change(old: GroupRules, new: GroupRules, *, shares_sold: int) -> tuple[str, ...]:
    """Return what changes; raise :class:`RuleBroken` when the share value is frozen.

    The share value stands for a whole cycle from the first share sold. Any other rule may change
    from a date forward, by a recorded vote.
    """
    changed = changed_fields(old, new)
    if "share_value" in changed and shares_sold > 0:
        raise RuleBroken(
            "Keep this value until the share-out.",
            hint="Sold at it: {count}.",
            field="share_value",
            count=shares_sold,
        )
    return changed


_PRESETS: dict[Preset, dict[str, Any]] = {
    Preset.VSLA: {"share_name": "stamp", "loan_interest_rate": Decimal("0.1")},
    Preset.SILC: {
        "share_name": "saving",
        "loan_interest_rate": Decimal("0.1"),
        "loan_period": PeriodKind.CALENDAR_MONTH,
    },
    Preset.VICOBA: {
        "share_name": "hisa",
        "max_shares_per_meeting": 3,
        "loan_interest_method": ChargeMethod.ONE_TIME,
        "loan_interest_rate": Decimal("0.1"),
        "loan_period": PeriodKind.CALENDAR_MONTH,
        "guarantors_required": 2,
    },
    Preset.SHG: {
        "share_name": "saving",
        "max_shares_per_meeting": 1,
        "meeting_frequency": MeetingFrequency.MONTHLY,
        "loan_interest_rate": Decimal("0.02"),
        "loan_period": PeriodKind.CALENDAR_MONTH,
        "loan_max_months": 12,
        "loan_multiple": Decimal(4),
        "profit_rule": ProfitRule.EQUAL,
    },
    Preset.AVEC: {
        "share_name": "part",
        "loan_interest_method": ChargeMethod.FLAT_MONTHLY,
        "loan_interest_rate": Decimal("0.05"),
    },
}


def preset_rules(
    preset: Preset, *, share_value: Decimal, social_fund_contribution: Decimal = ZERO
) -> GroupRules:
    """Return the usual rules of a kind of group, to start from and to vote on."""
    base = GroupRules(share_value=share_value, social_fund_contribution=social_fund_contribution)
    return replace(base, **_PRESETS[preset])


_SPOKEN_OF = frozenset(name for usual in _PRESETS.values() for name in usual)
"""What kinds of group differ in; a preset leaves every other rule as the group has it."""


def with_preset(rules: GroupRules, preset: Preset) -> GroupRules:
    """Return a group's rules with what is usual for a kind of group; amounts stay its own."""
    usual = preset_rules(preset, share_value=rules.share_value)
    return replace(rules, **{name: getattr(usual, name) for name in _SPOKEN_OF})
