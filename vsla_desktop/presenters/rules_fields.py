"""Every rule of a constitution as a field: its words, its choices, how it is read and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, Final

from vsla_desktop.domain.assessment import AssessmentWeights
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.meeting import AgendaStep
from vsla_desktop.domain.money import parse_amount, parse_count
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import (
    GroupRules,
    MeetingFrequency,
    ProfitRule,
    SocialFundRule,
    ValueRule,
    check_word,
)
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Reader
from vsla_desktop.presenters.new_group_fields import (
    frequencies,
    methods,
    periods,
    read_number,
    write_number,
)
from vsla_desktop.wording import GroupWords, figure

TARIFF: Final[Mapping[str, FineType]] = {f"fine_{kind.value}": kind for kind in FineType}
"""The fields of the fine tariff."""
WEIGHTS: Final = tuple(each.name for each in fields(AssessmentWeights))
"""The fields of the assessment's weights."""
YES, NO = "yes", "no"
MOST_COUNT: Final = 10_000  # the rules say what may stand; this only reads


class Section(StrEnum):
    """The parts of a constitution, in the order in which they are read."""

    START = "START"
    SHARES = "SHARES"
    SOCIAL_FUND = "SOCIAL_FUND"
    FINES = "FINES"
    LOANS = "LOANS"
    LATE_LOANS = "LATE_LOANS"
    ASSESSMENT = "ASSESSMENT"
    MEETINGS = "MEETINGS"
    SAVING_TYPES = "SAVING_TYPES"
    SHARE_OUT = "SHARE_OUT"
    MEMBERS = "MEMBERS"
    WORDS = "WORDS"
    HISTORY = "HISTORY"


def section_title(section: Section, words: GroupWords) -> str:
    """What a part is called."""
    return {
        Section.START: _("Start from a preset"),
        Section.SHARES: words.shares(),
        Section.SOCIAL_FUND: words.fund(Fund.SOCIAL),
        Section.FINES: _("Fines"),
        Section.LOANS: _("Loans"),
        Section.LATE_LOANS: _("Late loans"),
        Section.ASSESSMENT: _("Loan scores"),
        Section.MEETINGS: _("Meetings"),
        Section.SAVING_TYPES: _("Saving types"),
        Section.SHARE_OUT: _("Share-out"),
        Section.MEMBERS: _("Leavers and joiners"),
        Section.WORDS: _("Your words"),
        Section.HISTORY: _("History"),
    }[section]


def rule_fields(section: Section, words: GroupWords) -> tuple[Field, ...]:
    """The fields of a part; the preset, the agenda, saving types and history are no fields."""
    number, choice = FieldKind.NUMBER, FieldKind.CHOICE
    found: dict[Section, tuple[Field, ...]] = {
        Section.SHARES: (
            Field("share_value", words.say(_("Share value"), _("{shares}: value of one")), number),
            Field(
                "max_shares_per_meeting",
                words.say(_("Most shares at a meeting"), _("{shares}: most at a meeting")),
                number,
            ),
            Field("max_meetings_merged", _("Most meetings merged"), number),
        ),
        Section.SOCIAL_FUND: (
            Field("social_fund_contribution", _("Each member, at a meeting"), number),
            Field("social_fund_rule", _("At the share-out"), choice, social_rules()),
        ),
        Section.FINES: (
            *(Field(key, fine_title(kind), number) for key, kind in TARIFF.items()),
            Field("fines_fund", _("Fines go to"), choice, two_funds(words)),
        ),
        Section.LOANS: (
            Field("loan_multiple", _("Loan, times the savings"), number),
            Field("loan_max_months", _("Longest loan, in periods"), number),
            Field("loan_period", _("One period is"), choice, periods()),
            Field("loan_interest_rate", _("Charge, in %"), number),
            Field("loan_interest_method", _("The charge is"), choice, methods()),
            Field("guarantors_required", _("Guarantors"), number),
            Field("loan_min_months", _("Least months a member"), number),
            Field("loan_min_attendance", _("Least attendance, in %"), number),
            Field("loan_min_savings", _("Least savings"), number),
        ),
        Section.LATE_LOANS: (
            Field("loan_grace_days", _("Days of grace"), number),
            Field("late_penalty_kind", _("Penalty"), choice, penalty_kinds()),
            Field("late_penalty_amount", _("Amount of the penalty"), number),
            Field("late_penalty_rate", _("Rate of the penalty, in %"), number),
            Field("late_penalty_repeats", _("Again each period"), choice, yes_or_no()),
        ),
        Section.ASSESSMENT: (
            Field("savings_weight", _("Score: savings, in %"), number),
            Field("attendance_weight", _("Score: attendance, in %"), number),
            Field("participation_weight", _("Score: taking part, in %"), number),
            Field("discussed_weight", _("Taking part: discussed, in %"), number),
            Field("saved_weight", _("Taking part: saved, in %"), number),
            Field("voted_weight", _("Taking part: voted, in %"), number),
            Field(
                "full_score_shares",
                words.say(_("Shares for the full score"), _("{shares}: for the full score")),
                number,
            ),
            Field("loan_min_score", _("Least score for a loan"), number),
            Field("low_risk_score", _("Score of a low risk"), number),
            Field("valid_months", _("Good for, in months"), number),
        ),
        Section.MEETINGS: (
            Field("meeting_frequency", _("Meets"), choice, frequencies()),
            Field("quorum_percentage", _("Quorum, in %"), number),
        ),
        Section.SHARE_OUT: (
            Field("payout_unit", _("Payouts round down to"), number),
            Field("profit_rule", _("Earnings are shared"), choice, profit_rules()),
            Field("profit_savings_percentage", _("By savings, in %"), number),
            Field("remainder_fund", _("What is left goes to"), choice, two_funds(words)),
        ),
        Section.MEMBERS: (
            Field("leaver_rule", _("Who leaves is paid"), choice, value_rules()),
            Field("joiner_rule", _("Who joins pays"), choice, value_rules()),
        ),
        Section.WORDS: (
            Field("share_name", _("A share is called")),
            Field("loan_fund_name", _("The loan fund is called")),
            Field("social_fund_name", _("The social fund is called")),
        ),
    }
    return found.get(section, ())


def section_of(key: str) -> Section:
    """The part in which a rule stands."""
    if key.startswith("saving_types"):
        return Section.SAVING_TYPES
    if key in {"agenda", "fine_tariff"}:
        return Section.MEETINGS if key == "agenda" else Section.FINES
    found = (s for s in Section if any(field.key == key for field in rule_fields(s, GroupWords())))
    return next(found, Section.START)


# --- words --------------------------------------------------------------------------------------


def fine_title(kind: FineType) -> str:
    """What a fine is for, as a line of the tariff."""
    return {
        FineType.LATE_ARRIVAL: _("Fine for being late"),
        FineType.ABSENCE: _("Fine for being absent"),
        FineType.MISCONDUCT: _("Fine for disorder"),
        FineType.LATE_PAYMENT: _("Fine for paying late"),
        FineType.PHONE: _("Fine for a telephone"),
        FineType.RULES_FORGOTTEN: _("Fine for forgetting the rules"),
    }[kind]


def agenda_title(step: AgendaStep, words: GroupWords) -> str:
    """What a step of the agenda is called."""
    return {
        AgendaStep.OPENING: _("Opening, with the count"),
        AgendaStep.ROLL_CALL: _("Roll call"),
        AgendaStep.SOCIAL_FUND: words.fund(Fund.SOCIAL),
        AgendaStep.SHARES: words.shares(),
        AgendaStep.FINES: _("Fines"),
        AgendaStep.OTHER_MONEY: _("Other money"),
        AgendaStep.LOAN_REPAYMENTS: _("Repayments"),
        AgendaStep.NEW_LOANS: _("New loans"),
        AgendaStep.CLOSING_COUNT: _("Closing count"),
        AgendaStep.CLOSE: _("Close, with three codes"),
    }[step]


def two_funds(words: GroupWords) -> tuple[Choice, ...]:
    """The two purses that every group has."""
    return tuple(Choice(fund.value, words.fund(fund)) for fund in (Fund.LOAN_FUND, Fund.SOCIAL))


def social_rules() -> tuple[Choice, ...]:
    """What becomes of the social fund, in words."""
    return (
        Choice(SocialFundRule.KEEP.value, _("it stays in the box")),
        Choice(SocialFundRule.SPLIT_EQUALLY.value, _("split equally")),
        Choice(SocialFundRule.REFUND.value, _("each gets back what she gave")),
    )


def penalty_kinds() -> tuple[Choice, ...]:
    """How a penalty is worked out, in words."""
    return (
        Choice(PenaltyKind.NONE.value, _("none")),
        Choice(PenaltyKind.FIXED.value, _("an amount")),
        Choice(PenaltyKind.PERCENTAGE.value, _("a part of what is late")),
    )


def yes_or_no() -> tuple[Choice, ...]:
    """Two words."""
    return (Choice(NO, _("no, once")), Choice(YES, _("yes")))


def profit_rules() -> tuple[Choice, ...]:
    """How the earnings are shared, in words."""
    return (
        Choice(ProfitRule.PRO_RATA.value, _("by savings")),
        Choice(ProfitRule.EQUAL.value, _("equally")),
        Choice(ProfitRule.RETURN_INTEREST.value, _("charges go back")),
        Choice(ProfitRule.MIXED.value, _("by savings and by loans")),
    )


def value_rules() -> tuple[Choice, ...]:
    """What a share is worth within a cycle, in words."""
    return (
        Choice(ValueRule.FACE_VALUE.value, _("the face value")),
        Choice(ValueRule.CURRENT_VALUE.value, _("what it is worth now")),
    )


# --- reading and writing ------------------------------------------------------------------------


def rule_readers(currency: Currency) -> dict[str, Reader]:
    """How each field is read, and how its value is written back."""

    def amount(key: str) -> Reader:
        return Reader(
            lambda text: parse_amount(text or "0", currency, field=key),
            lambda value: figure(value, currency),
        )

    def rate(key: str) -> Reader:
        return Reader(
            lambda text: read_number(text.replace("%", ""), key) / 100,
            lambda value: write_number(value * 100),
        )

    def number(key: str) -> Reader:
        return Reader(lambda text: read_number(text, key), write_number)

    def count(key: str) -> Reader:
        return Reader(lambda text: parse_count(text, MOST_COUNT, field=key))

    def word(key: str) -> Reader:
        return Reader(lambda text: check_word(text, field=key))

    def one_of(kind: Callable[[str], Enum]) -> Reader:
        return Reader(kind, lambda value: str(value.value))

    words = ("share_name", "loan_fund_name", "social_fund_name")
    amounts = (
        "share_value",
        "social_fund_contribution",
        "late_penalty_amount",
        "loan_min_savings",
        "payout_unit",
    )
    rates = ("loan_interest_rate", "late_penalty_rate", *WEIGHTS[:6])
    numbers = ("loan_multiple", "loan_min_attendance", "loan_min_score", "low_risk_score")
    counts = (
        "max_shares_per_meeting",
        "max_meetings_merged",
        "quorum_percentage",
        "loan_max_months",
        "loan_grace_days",
        "guarantors_required",
        "loan_min_months",
        "profit_savings_percentage",
        "full_score_shares",
        "valid_months",
    )
    return {
        **{key: word(key) for key in words},
        **{key: amount(key) for key in (*amounts, *TARIFF)},
        **{key: rate(key) for key in rates},
        **{key: number(key) for key in numbers},
        **{key: count(key) for key in counts},
        "meeting_frequency": one_of(MeetingFrequency),
        "fines_fund": one_of(Fund),
        "remainder_fund": one_of(Fund),
        "loan_interest_method": one_of(ChargeMethod),
        "loan_period": one_of(PeriodKind),
        "late_penalty_kind": one_of(PenaltyKind),
        "late_penalty_repeats": Reader(
            lambda text: text == YES, lambda value: YES if value else NO
        ),
        "profit_rule": one_of(ProfitRule),
        "social_fund_rule": one_of(SocialFundRule),
        "leaver_rule": one_of(ValueRule),
        "joiner_rule": one_of(ValueRule),
    }


def rule_value(rules: GroupRules, key: str) -> Any:
    """What a field holds in a constitution."""
    if key in TARIFF:
        return rules.fine_tariff.get(TARIFF[key], Decimal(0))
    return getattr(rules.assessment_weights if key in WEIGHTS else rules, key)


def with_rule(rules: GroupRules, key: str, value: Any) -> GroupRules:
    """A constitution with one field changed; a fine of nought is no line of the tariff."""
    if key in TARIFF:
        tariff = {**rules.fine_tariff, TARIFF[key]: value}
        return replace(rules, fine_tariff={k: amount for k, amount in tariff.items() if amount})
    if key in WEIGHTS:
        weights = replace(rules.assessment_weights, **{key: value})
        return replace(rules, assessment_weights=weights)
    return replace(rules, **{key: value})


def rule_texts(rules: GroupRules, readers: Mapping[str, Reader]) -> dict[str, str]:
    """Write a constitution into the fields."""
    return {key: reader.write(rule_value(rules, key)) for key, reader in readers.items()}
