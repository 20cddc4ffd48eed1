"""What the rules of a group are called, and how what was agreed is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, Final

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
from vsla_desktop.i18n import _
from vsla_desktop.wording import GroupWords, figure, write_number

TARIFF: Final[Mapping[str, FineType]] = {f"fine_{kind.value}": kind for kind in FineType}
"""The lines of the fine tariff, each a rule of its own."""
WEIGHTS: Final = tuple(each.name for each in fields(AssessmentWeights))
"""The assessment's weights, each a rule of its own."""
AMOUNTS: Final = (
    "share_value",
    "social_fund_contribution",
    "late_penalty_amount",
    "loan_min_savings",
    "payout_unit",
    *TARIFF,
)
"""The rules that are amounts of money."""
RATES: Final = ("loan_interest_rate", "late_penalty_rate", *WEIGHTS[:6])
"""The rules that are fractions, and are written in %."""
YES, NO = "yes", "no"


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


AGREED: Final = (
    Section.SHARES,
    Section.SOCIAL_FUND,
    Section.FINES,
    Section.LOANS,
    Section.LATE_LOANS,
    Section.ASSESSMENT,
    Section.MEETINGS,
    Section.SHARE_OUT,
    Section.MEMBERS,
)
"""The parts that hold what was agreed, as they stand on paper."""


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


def rule_titles(section: Section, words: GroupWords) -> Mapping[str, str]:
    """Return the rules of a part by their names, each with what it is called."""
    found: dict[Section, dict[str, str]] = {
        Section.SHARES: {
            "share_value": words.say(_("Share value"), _("{shares}: value of one")),
            "max_shares_per_meeting": words.say(
                _("Most shares at a meeting"), _("{shares}: most at a meeting")
            ),
            "max_meetings_merged": _("Most meetings merged"),
        },
        Section.SOCIAL_FUND: {
            "social_fund_contribution": _("Each member, at a meeting"),
            "social_fund_rule": _("At the share-out"),
        },
        Section.FINES: {
            **{key: fine_title(kind) for key, kind in TARIFF.items()},
            "fines_fund": _("Fines go to"),
        },
        Section.LOANS: {
            "loan_multiple": _("Loan, times the savings"),
            "loan_max_months": _("Longest loan, in periods"),
            "loan_period": _("One period is"),
            "loan_interest_rate": _("Charge, in %"),
            "loan_interest_method": _("The charge is"),
            "guarantors_required": _("Guarantors"),
            "loan_min_months": _("Least months a member"),
            "loan_min_attendance": _("Least attendance, in %"),
            "loan_min_savings": _("Least savings"),
        },
        Section.LATE_LOANS: {
            "loan_grace_days": _("Days of grace"),
            "late_penalty_kind": _("Penalty"),
            "late_penalty_amount": _("Amount of the penalty"),
            "late_penalty_rate": _("Rate of the penalty, in %"),
            "late_penalty_repeats": _("Again each period"),
        },
        Section.ASSESSMENT: {
            "savings_weight": _("Score: savings, in %"),
            "attendance_weight": _("Score: attendance, in %"),
            "participation_weight": _("Score: taking part, in %"),
            "discussed_weight": _("Taking part: discussed, in %"),
            "saved_weight": _("Taking part: saved, in %"),
            "voted_weight": _("Taking part: voted, in %"),
            "full_score_shares": words.say(
                _("Shares for the full score"), _("{shares}: for the full score")
            ),
            "loan_min_score": _("Least score for a loan"),
            "low_risk_score": _("Score of a low risk"),
            "valid_months": _("Good for, in months"),
        },
        Section.MEETINGS: {
            "meeting_frequency": _("Meets"),
            "quorum_percentage": _("Quorum, in %"),
        },
        Section.SHARE_OUT: {
            "payout_unit": _("Payouts round down to"),
            "profit_rule": _("Earnings are shared"),
            "profit_savings_percentage": _("By savings, in %"),
            "remainder_fund": _("What is left goes to"),
        },
        Section.MEMBERS: {
            "leaver_rule": _("Who leaves is paid"),
            "joiner_rule": _("Who joins pays"),
        },
        Section.WORDS: {
            "share_name": _("A share is called"),
            "loan_fund_name": _("The loan fund is called"),
            "social_fund_name": _("The social fund is called"),
        },
    }
    return found.get(section, {})


def rule_choices(key: str, words: GroupWords) -> Mapping[str, str]:
    """Return what can be chosen for a rule, each with its words; empty for an amount or a text."""
    funds = {each.value: words.fund(each) for each in (Fund.LOAN_FUND, Fund.SOCIAL)}
    worth = {
        ValueRule.FACE_VALUE.value: _("the face value"),
        ValueRule.CURRENT_VALUE.value: _("what it is worth now"),
    }
    return {
        "social_fund_rule": {
            SocialFundRule.KEEP.value: _("it stays in the box"),
            SocialFundRule.SPLIT_EQUALLY.value: _("split equally"),
            SocialFundRule.REFUND.value: _("each gets back what she gave"),
        },
        "fines_fund": funds,
        "remainder_fund": funds,
        "loan_period": {
            PeriodKind.FOUR_WEEKS.value: _("four weeks"),
            PeriodKind.THIRTY_DAYS.value: _("thirty days"),
            PeriodKind.CALENDAR_MONTH.value: _("a month"),
        },
        "loan_interest_method": {
            ChargeMethod.DECLINING.value: _("on what is still owed"),
            ChargeMethod.FLAT_MONTHLY.value: _("flat, each period"),
            ChargeMethod.ONE_TIME.value: _("once, at the start"),
            ChargeMethod.NONE.value: _("none"),
        },
        "late_penalty_kind": {
            PenaltyKind.NONE.value: _("none"),
            PenaltyKind.FIXED.value: _("an amount"),
            PenaltyKind.PERCENTAGE.value: _("a part of what is late"),
        },
        "late_penalty_repeats": {NO: _("no, once"), YES: _("yes")},
        "meeting_frequency": {
            MeetingFrequency.WEEKLY.value: _("Every week"),
            MeetingFrequency.BIWEEKLY.value: _("Every two weeks"),
            MeetingFrequency.MONTHLY.value: _("Every month"),
        },
        "profit_rule": {
            ProfitRule.PRO_RATA.value: _("by savings"),
            ProfitRule.EQUAL.value: _("equally"),
            ProfitRule.RETURN_INTEREST.value: _("charges go back"),
            ProfitRule.MIXED.value: _("by savings and by loans"),
        },
        "leaver_rule": worth,
        "joiner_rule": worth,
    }.get(key, {})


def rule_value(rules: GroupRules, key: str) -> Any:
    """What a constitution holds for a rule."""
    if key in TARIFF:
        return rules.fine_tariff.get(TARIFF[key], Decimal(0))
    return getattr(rules.assessment_weights if key in WEIGHTS else rules, key)


def rule_said(rules: GroupRules, key: str, currency: Currency) -> str:
    """Say what was agreed: the words of a choice, a figure as it is written."""
    value = rule_value(rules, key)
    if isinstance(value, bool):
        value = YES if value else NO
    if isinstance(value, Enum):
        value = value.value
    words = rule_choices(key, GroupWords.of(rules)).get(str(value))
    if words is not None:
        return words
    if not isinstance(value, Decimal):
        return str(value) or _("as usual")
    if key in AMOUNTS:
        return figure(value, currency)
    return write_number(value * 100 if key in RATES else value)


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
