"""Every rule of a constitution as a field: its choices, how it is read and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, Final

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
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
from vsla_desktop.presenters.form import Field, FieldKind, Reader
from vsla_desktop.presenters.new_group_fields import choices_of, read_number
from vsla_desktop.reports.rules_words import (
    AMOUNTS,
    NO,
    RATES,
    TARIFF,
    WEIGHTS,
    YES,
    Section,
    rule_titles,
    rule_value,
)
from vsla_desktop.wording import GroupWords, figure, write_number

MOST_COUNT: Final = 10_000  # the rules say what may stand; this only reads


def rule_fields(section: Section, words: GroupWords) -> tuple[Field, ...]:
    """The fields of a part; the preset, the agenda, saving types and history are no fields."""
    typed = FieldKind.TEXT if section is Section.WORDS else FieldKind.NUMBER
    found = []
    for key, title in rule_titles(section, words).items():
        choices = choices_of(key, words)
        found.append(Field(key, title, FieldKind.CHOICE if choices else typed, choices))
    return tuple(found)


def section_of(key: str) -> Section:
    """The part in which a rule stands."""
    if key.startswith("saving_types"):
        return Section.SAVING_TYPES
    if key == "cycle_end":
        return Section.SHARE_OUT
    if key in {"agenda", "fine_tariff"}:
        return Section.MEETINGS if key == "agenda" else Section.FINES
    found = (s for s in Section if any(field.key == key for field in rule_fields(s, GroupWords())))
    return next(found, Section.START)


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
        **{key: amount(key) for key in AMOUNTS},
        **{key: rate(key) for key in RATES},
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
