"""The keys of the sheet Group: where the group is, when its cycle runs, and its rules."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

from vsla_desktop.domain.assessment import AssessmentWeights
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.identifiers import LONGEST_GROUP_CODE, LONGEST_NAME
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import (
    GroupRules,
    MeetingFrequency,
    Preset,
    ProfitRule,
    SocialFundRule,
    ValueRule,
)
from vsla_desktop.services.workbook.layout import Column, Kind, choices_of

_K, _C, _choice = Kind, Column, choices_of
_SOME_RULES = GroupRules(share_value=Decimal(1))

GROUP_KEYS: tuple[Column, ...] = (
    _C("name", _K.TEXT, "The name of the group.", "Twitezimbere", required=True, most=255),
    _C(
        "group_code",
        _K.TEXT,
        "The code that head office gave; leave it empty for a new one.",
        "MBR-014",
        most=LONGEST_GROUP_CODE,
    ),
    _C("country", _K.TEXT, "The country.", "Uganda", most=LONGEST_NAME),
    _C("region", _K.TEXT, "The region or province.", "Western", most=LONGEST_NAME),
    _C("district", _K.TEXT, "The district.", "Mbarara", most=LONGEST_NAME),
    _C("parish", _K.TEXT, "The parish, sector or ward.", "Rubaya", most=LONGEST_NAME),
    _C("village", _K.TEXT, "The village.", "Bunenero", most=LONGEST_NAME),
    _C(
        "currency",
        _K.CHOICE,
        "The three letters of the currency.",
        "UGX",
        required=True,
        choices=tuple(CURRENCIES),
    ),
    _C("language", _K.TEXT, "The language of the group, such as en, fr or sw.", "en", most=10),
    _C("registration_number", _K.TEXT, "The number of the certificate.", "CBO/1234", most=100),
    _C(
        "formation_date",
        _K.DATE,
        "The day the group was formed; empty is the start of the cycle.",
        "2024-01-08",
    ),
    _C("practice", _K.YES_NO, "Yes for a group that only practises.", "no"),
    _C("preset", _K.CHOICE, "The kind of group.", "VSLA", choices=_choice(Preset)),
    _C("cycle_start", _K.DATE, "The first day of the cycle.", "2026-01-05", required=True),
    _C("cycle_end", _K.DATE, "The day of the share-out; empty is 52 weeks on.", "2026-12-28"),
    _C(
        "meeting_frequency",
        _K.CHOICE,
        "How often the group meets.",
        "WEEKLY",
        choices=_choice(MeetingFrequency),
    ),
    _C("meeting_day", _K.WHOLE, "The day of the week: 0 is Sunday, 6 Saturday.", "1", most=6),
    _C("meeting_time", _K.TIME, "The hour of the meeting.", "14:00"),
    _C("share_value", _K.AMOUNT, "What one share costs.", "2000", required=True),
    _C("share_name", _K.TEXT, "What the group calls a share.", "stamp", most=50),
    _C("max_shares_per_meeting", _K.WHOLE, "The most shares at one meeting.", "5", most=1000),
    _C("max_meetings_merged", _K.WHOLE, "How many meetings may be held as one.", "2", most=12),
    _C(
        "social_fund_contribution",
        _K.AMOUNT,
        "What each member gives to the social fund at a meeting.",
        "500",
    ),
    _C("quorum_percentage", _K.WHOLE, "How many of 100 members must be there.", "50", most=100),
    _C("fine_late_arrival", _K.AMOUNT, "The fine for being late.", "200"),
    _C("fine_absence", _K.AMOUNT, "The fine for being absent.", "500"),
    _C("fine_misconduct", _K.AMOUNT, "The fine for disorder.", "300"),
    _C("fine_late_payment", _K.AMOUNT, "The fine for paying a loan late.", "500"),
    _C("fine_phone", _K.AMOUNT, "The fine for using the telephone.", "200"),
    _C("fine_rules_forgotten", _K.AMOUNT, "The fine for forgetting the rules.", "200"),
    _C(
        "fines_fund",
        _K.CHOICE,
        "The fund that fines go to.",
        "LOAN_FUND",
        choices=(Fund.LOAN_FUND.value, Fund.SOCIAL.value),
    ),
    _C("loan_multiple", _K.NUMBER, "A loan is at most so many times the savings.", "3"),
    _C("loan_max_months", _K.WHOLE, "The most periods of a loan.", "3", most=60),
    _C("loan_interest_rate", _K.RATE, "The charge for one period.", "10%"),
    _C(
        "loan_interest_method",
        _K.CHOICE,
        "How the charge is worked out.",
        "DECLINING",
        choices=_choice(ChargeMethod),
    ),
    _C(
        "loan_period",
        _K.CHOICE,
        "How long one period is.",
        "FOUR_WEEKS",
        choices=_choice(PeriodKind),
    ),
    _C("loan_grace_days", _K.WHOLE, "Days before a late penalty.", "0", most=365),
    _C(
        "late_penalty_kind",
        _K.CHOICE,
        "The penalty for a late loan.",
        "NONE",
        choices=_choice(PenaltyKind),
    ),
    _C("late_penalty_amount", _K.AMOUNT, "The penalty, where it is an amount.", "1000"),
    _C("late_penalty_rate", _K.RATE, "The penalty, where it is a rate.", "5%"),
    _C("late_penalty_repeats", _K.YES_NO, "Whether it comes again each period.", "no"),
    _C("guarantors_required", _K.WHOLE, "Members who must stand for a loan.", "0", most=10),
    _C("loan_min_attendance", _K.NUMBER, "Attendance asked of a borrower, of 100.", "0"),
    _C("loan_min_months", _K.WHOLE, "Months in the group before a loan.", "0", most=60),
    _C("loan_min_score", _K.NUMBER, "The score asked of a borrower, of 100.", "0"),
    _C("loan_min_savings", _K.AMOUNT, "Savings asked of a borrower.", "0"),
    _C("payout_unit", _K.AMOUNT, "Payouts are rounded down to this.", "100"),
    _C(
        "profit_rule",
        _K.CHOICE,
        "How earnings are shared out.",
        "PRO_RATA",
        choices=_choice(ProfitRule),
    ),
    _C(
        "profit_savings_percentage",
        _K.WHOLE,
        "With MIXED: how much of 100 goes by savings.",
        "100",
        most=100,
    ),
    _C(
        "social_fund_rule",
        _K.CHOICE,
        "The social fund at share-out.",
        "KEEP",
        choices=_choice(SocialFundRule),
    ),
    _C(
        "remainder_fund",
        _K.CHOICE,
        "Where the rest of a share-out goes.",
        "LOAN_FUND",
        choices=(Fund.LOAN_FUND.value, Fund.SOCIAL.value),
    ),
    _C(
        "leaver_rule",
        _K.CHOICE,
        "What a share is worth to a leaver.",
        "FACE_VALUE",
        choices=_choice(ValueRule),
    ),
    _C(
        "joiner_rule",
        _K.CHOICE,
        "What a joiner pays for catching up.",
        "FACE_VALUE",
        choices=_choice(ValueRule),
    ),
    _C("agenda", _K.TEXT, "The steps of the meeting, with commas.", ""),
    _C(
        "saving_kinds",
        _K.CHOICE,
        "The kinds of saving, with commas.",
        "PERSONAL, SOCIAL",
        choices=("PERSONAL", "SOCIAL", "ECD", "TARGET"),
        many=True,
    ),
    _C(
        "opening_date",
        _K.DATE,
        "For a start in the middle: the day it was counted; empty is the first meeting.",
        "",
    ),
    _C(
        "opening_loan_fund",
        _K.AMOUNT,
        "For a start in the middle: loan fund in the box that day.",
        "",
    ),
    _C(
        "opening_social_fund",
        _K.AMOUNT,
        "For a start in the middle: social fund in the box that day.",
        "",
    ),
    _C("opening_ecd_fund", _K.AMOUNT, "The same of the ECD fund.", extra=True),
    _C("opening_target_fund", _K.AMOUNT, "The same of target savings.", extra=True),
    _C(
        "opening_earnings",
        _K.BALANCE,
        "For a start in the middle: what the group earned so far, less its costs.",
        "",
    ),
    _C(
        "opening_debts",
        _K.AMOUNT,
        "For a start in the middle: what the group owes to others.",
        "",
    ),
    _C("loan_fund_name", _K.TEXT, "What the group calls the loan fund.", most=50, extra=True),
    _C("social_fund_name", _K.TEXT, "What it calls the social fund.", most=50, extra=True),
    _C("savings_weight", _K.NUMBER, "Part of the score for savings.", extra=True),
    _C("attendance_weight", _K.NUMBER, "Part of the score for attendance.", extra=True),
    _C("participation_weight", _K.NUMBER, "Part of the score for taking part.", extra=True),
    _C("discussed_weight", _K.NUMBER, "Part of taking part: discussing.", extra=True),
    _C("saved_weight", _K.NUMBER, "Part of taking part: saving.", extra=True),
    _C("voted_weight", _K.NUMBER, "Part of taking part: voting.", extra=True),
    _C("full_score_shares", _K.WHOLE, "Shares that give the full score.", extra=True),
    _C("low_risk_score", _K.NUMBER, "The score from which a risk is low.", extra=True),
    _C("valid_months", _K.WHOLE, "Months for which an assessment is good.", extra=True),
    _C("cycle_closed", _K.YES_NO, "Yes when the cycle is shared out and closed.", extra=True),
    _C("left_out", _K.TEXT, "What this workbook does not hold of the book.", extra=True),
)
"""The keys of the sheet Group."""

FINE_KEYS = {f"fine_{kind.value.lower()}": kind for kind in FineType}
"""The keys of the tariff, each with its fine."""

WEIGHT_KEYS = frozenset(each.name for each in fields(AssessmentWeights))
"""The keys of how scores are put together; left out where they are the usual ones."""

RULE_KEYS = tuple(
    replace(column, required=column.name == "share_value")
    for column in GROUP_KEYS
    if column.name in FINE_KEYS or column.name in WEIGHT_KEYS or hasattr(_SOME_RULES, column.name)
)
"""The keys that are rules of the group, as the columns of a sheet of rule sets."""
