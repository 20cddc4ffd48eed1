"""The fields of a new group's book: where it sits, its rules, who leads it."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.identifiers import LONGEST_NAME, check_group_code, check_name
from vsla_desktop.domain.money import parse_amount, parse_count
from vsla_desktop.domain.rules import GroupRules, Preset
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Reader
from vsla_desktop.reports.rules_words import rule_choices
from vsla_desktop.wording import USUAL_WORDS, GroupWords, figure, write_number

CODE_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH: Final = 5
FINES: Final[Mapping[str, FineType]] = {
    "fine_late": FineType.LATE_ARRIVAL,
    "fine_absent": FineType.ABSENCE,
    "fine_disorder": FineType.MISCONDUCT,
    "fine_late_payment": FineType.LATE_PAYMENT,
}
OFFICERS: Final = ("chairperson", "secretary", "treasurer")
COUNTERS: Final = ("counter_1", "counter_2")
KEY_HOLDERS: Final = ("key_1", "key_2", "key_3")
MOST_SHARES: Final = 1000
MOST_PERIODS: Final = 60


def propose_code(name: str, choose: Callable[[str], str] = secrets.choice) -> str:
    """Make up a group code from the name and chance, so that hardly any other group has it."""
    plain = unicodedata.normalize("NFKD", name).upper()
    head = "".join(each for each in plain if "A" <= each <= "Z")[:3] or "G"
    return f"{head}-" + "".join(choose(CODE_LETTERS) for _place in range(CODE_LENGTH))


def group_fields() -> Sequence[Field]:
    """The fields of the first step: the group itself."""
    return (
        Field("name", _("Name of the group")),
        Field("group_code", _("Group code")),
        Field("formation_date", _("Formed on"), FieldKind.DAY),
        Field("country", _("Country")),
        Field("region", _("Region or province")),
        Field("district", _("District")),
        Field("parish", _("Parish, sector or ward")),
        Field("village", _("Village")),
        Field("meeting_frequency", _("Meets"), FieldKind.CHOICE, choices_of("meeting_frequency")),
        Field("meeting_day", _("On"), FieldKind.CHOICE, weekdays()),
    )


def rule_fields(currency: Currency) -> Sequence[Field]:
    """The fields of the second step: what the members voted, amounts with their currency."""

    def amount(key: str, title: str) -> Field:
        return Field(key, f"{title} · {currency.code}", FieldKind.NUMBER)

    return (
        Field("preset", _("Start from the rules of"), FieldKind.CHOICE, presets()),
        amount("share_value", _("Share value")),
        Field("max_shares", _("Most shares at a meeting"), FieldKind.NUMBER),
        amount("social_fund", _("Social fund, each at a meeting")),
        Field("loan_multiple", _("Loan, times the savings"), FieldKind.NUMBER),
        Field("loan_periods", _("Longest loan, in periods"), FieldKind.NUMBER),
        Field("loan_period", _("One period is"), FieldKind.CHOICE, choices_of("loan_period")),
        Field("loan_rate", _("Charge, in %"), FieldKind.NUMBER),
        Field(
            "loan_method", _("The charge is"), FieldKind.CHOICE, choices_of("loan_interest_method")
        ),
        amount("fine_late", _("Fine for being late")),
        amount("fine_absent", _("Fine for being absent")),
        amount("fine_disorder", _("Fine for disorder")),
        amount("fine_late_payment", _("Fine for paying late")),
    )


def officer_fields(people: tuple[Choice, ...]) -> Sequence[Field]:
    """The fields of the last step: who was elected, and when the cycle runs."""
    nobody = (Choice("", _("Nobody yet")), *people)
    titles = {
        "chairperson": _("Chairperson"),
        "secretary": _("Secretary"),
        "treasurer": _("Treasurer"),
        "counter_1": _("First money-counter"),
        "counter_2": _("Second money-counter"),
        "key_1": _("First key-holder"),
        "key_2": _("Second key-holder"),
        "key_3": _("Third key-holder"),
    }
    return (
        *(Field(key, title, FieldKind.CHOICE, nobody) for key, title in titles.items()),
        Field("cycle_start", _("The cycle begins on"), FieldKind.DAY),
        Field("cycle_end", _("Share-out on"), FieldKind.DAY),
    )


def choices_of(key: str, words: GroupWords = USUAL_WORDS) -> tuple[Choice, ...]:
    """What can be chosen for a rule of the group; nothing for an amount or a text."""
    return tuple(Choice(*each) for each in rule_choices(key, words).items())


def weekdays() -> tuple[Choice, ...]:
    """The days of the week as the book numbers them: 0 is Sunday."""
    names = (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )
    return tuple(Choice(str((place + 1) % 7), name) for place, name in enumerate(names))


def presets() -> tuple[Choice, ...]:
    """The kinds of group whose usual rules are known, by the names that they go by."""
    return tuple(Choice(kind.value, kind.value) for kind in Preset)


def readers(currency: Currency, today: Callable[[], date]) -> dict[str, Reader]:
    """How each field is read."""

    def amount(key: str) -> Reader:
        return Reader(
            lambda text: parse_amount(text, currency, field=key),
            lambda value: figure(value, currency),
        )

    def optional(key: str) -> Reader:
        return Reader(
            lambda text: parse_amount(text or "0", currency, field=key),
            lambda value: figure(value, currency),
        )

    def count(key: str, most: int) -> Reader:
        return Reader(lambda text: parse_count(text, most, field=key))

    def day(key: str) -> Reader:
        return Reader(lambda text: read_day(text, today(), field=key), write_day)

    def place(key: str) -> Reader:
        return Reader(lambda text: _place(text, key))

    plain = Reader(str)
    return {
        "name": Reader(lambda text: check_name(text, field="name", most=255)),
        "group_code": Reader(check_group_code),
        "formation_date": day("formation_date"),
        **{key: place(key) for key in ("country", "region", "district", "parish", "village")},
        "meeting_frequency": plain,
        "meeting_day": plain,
        "preset": plain,
        "share_value": amount("share_value"),
        "max_shares": count("max_shares", MOST_SHARES),
        "social_fund": optional("social_fund"),
        "loan_multiple": Reader(lambda text: read_number(text, "loan_multiple"), write_number),
        "loan_periods": count("loan_periods", MOST_PERIODS),
        "loan_period": plain,
        "loan_rate": Reader(
            lambda text: read_number(text.replace("%", ""), "loan_rate") / 100,
            lambda value: write_number(value * 100),
        ),
        "loan_method": plain,
        **{key: optional(key) for key in FINES},
        **dict.fromkeys((*OFFICERS, *COUNTERS, *KEY_HOLDERS), plain),
        "cycle_start": day("cycle_start"),
        "cycle_end": day("cycle_end"),
    }


# The fields of the rules, by what a rule that can not stand calls them.
RULE_FIELDS: Final[Mapping[str, str]] = {
    "share_value": "share_value",
    "max_shares_per_meeting": "max_shares",
    "social_fund_contribution": "social_fund",
    "loan_multiple": "loan_multiple",
    "loan_max_months": "loan_periods",
    "loan_interest_rate": "loan_rate",
    "loan_interest_method": "loan_method",
    "fine_tariff": "fine_late",
    "cycle_start": "cycle_start",
    "cycle_end": "cycle_end",
    "group_code": "group_code",
    "name": "name",
    "formation_date": "formation_date",
}


def texts_of(rules: GroupRules, currency: Currency) -> dict[str, Any]:
    """Write rules into the fields."""
    return {
        "max_shares": str(rules.max_shares_per_meeting),
        "loan_multiple": write_number(rules.loan_multiple),
        "loan_periods": str(rules.loan_max_months),
        "loan_period": rules.loan_period.value,
        "loan_rate": write_number(rules.loan_interest_rate * 100),
        "loan_method": rules.loan_interest_method.value,
        "meeting_frequency": rules.meeting_frequency.value,
        **{
            key: figure(rules.fine_tariff.get(kind, Decimal(0)), currency)
            for key, kind in FINES.items()
        },
    }


def _place(text: str, key: str) -> str:
    """A place may be left out; one that is written must be a name."""
    return check_name(text, field=key, most=LONGEST_NAME) if text.strip() else ""


def read_number(text: str, key: str) -> Decimal:
    """Return a number that is no amount of money, such as a multiple; RuleBroken if it is none."""
    try:
        found = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        raise RuleBroken("Enter a number, such as 3.", field=key)
    return found
