"""What is asked of a report, in words: the titles of its fields, what can be chosen, the chips."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import DateStyle, _, format_date
from vsla_desktop.presenters.form import Choice
from vsla_desktop.queries.filtering import Filter, PaymentMethod
from vsla_desktop.wording import MoneyText, fund_name, office_word

GENDERS: Final = ("F", "M", "Other")
STATES: Final = ("FORMING", "ACTIVE", "MATURE", "ELIGIBLE_FOR_LOAN", "LOAN_ACTIVE", "CLOSED")
ROLES: Final = ("CHAIRPERSON", "SECRETARY", "TREASURER", "MONEY_COUNTER", "KEY_HOLDER")
_DECEMBER: Final = 12


def field_title(key: str) -> str:
    """Say what a field of the filter is about."""
    return {
        "text": _("Groups that begin with"),
        "country": _("Country"),
        "region": _("Region"),
        "district": _("District"),
        "parish": _("Parish"),
        "village": _("Village"),
        "coordinator": _("Coordinator"),
        "members_from": _("Size of the group, from"),
        "members_to": _("Size of the group, up to"),
        "cycle_number": _("In cycle number"),
        "months_from": _("Months as a member, from"),
        "months_to": _("Months as a member, up to"),
        "amount_from": _("Amount from"),
        "amount_to": _("Amount up to"),
        "day_from": _("From day"),
        "day_to": _("Until day"),
        "on": _("As of the day"),
        "group_ids": _("Group"),
        "member_ids": _("Member"),
        "group_states": _("State of the group"),
        "genders": _("Gender"),
        "roles": _("Office"),
        "funds": _("Purse"),
        "statuses": _("Status"),
        "payment_methods": _("Paid by"),
    }[key]


def choices(key: str, statuses: tuple[str, ...] = ()) -> tuple[Choice, ...]:
    """Return what can be chosen in a field of which several may be chosen."""
    values = {
        "group_states": STATES,
        "genders": GENDERS,
        "roles": ROLES,
        "funds": tuple(Fund),
        "statuses": statuses,
        "payment_methods": tuple(PaymentMethod),
    }[key]
    return tuple(Choice(str(each), chosen_word(key, str(each))) for each in values)


def chosen_word(key: str, value: str) -> str:
    """Say one value that was chosen; one that is not known here, as it is written."""
    if key == "funds":
        return fund_name(Fund(value))
    words: dict[str, Callable[[], dict[str, str]]] = {
        "group_states": _state_words,
        "genders": lambda: {"F": _("Women"), "M": _("Men"), "Other": _("Other gender")},
        "roles": lambda: {each: office_word(each) for each in ROLES},
        "statuses": _status_words,
        "payment_methods": lambda: {
            "CASH": _("Cash"),
            "MOBILE_MONEY": _("Mobile money"),
            "BANK": _("Bank"),
        },
    }
    return words[key]().get(value) or value.replace("_", " ").capitalize()


def _state_words() -> dict[str, str]:
    return {
        "FORMING": _("Forming"),
        "ACTIVE": _("Active"),
        "MATURE": _("Mature"),
        "ELIGIBLE_FOR_LOAN": _("May borrow outside"),
        "LOAN_ACTIVE": _("Has borrowed outside"),
        "CLOSED": _("Group closed"),
    }


def _status_words() -> dict[str, str]:
    return {
        "PENDING": _("Waiting"),
        "APPROVED": _("Approved"),
        "DISBURSED": _("Given out"),
        "ACTIVE": _("Running"),
        "COMPLETED": _("Finished"),
        "DEFAULTED": _("Written off"),
        "PAID": _("Paid"),
        "PART_PAID": _("Part paid"),
        "WAIVED": _("Let off"),
        "LATE": _("Late"),
        "OWED": _("Owed"),
        "VERIFIED": _("Verified"),
        "REJECTED": _("Refused"),
        "CANCELLED": _("Cancelled"),
        "INACTIVE": _("Not active"),
        "SUSPENDED": _("Suspended"),
        "LEFT": _("Left the group"),
    }


def range_words(key: str, wanted: Filter, money: MoneyText) -> str:
    """Say a range; ``key`` is what its two fields begin with. Empty when nothing is asked."""
    low, high = getattr(wanted, f"{key}_from"), getattr(wanted, f"{key}_to")
    if low is None and high is None:
        return ""
    if key == "day":
        return _days(low, high)
    if key == "amount":
        low, high = (None if each is None else money.amount(each) for each in (low, high))
    from_to, at_least, at_most = {
        "members": (
            _("{low} to {high} members"),
            _("{low} members or more"),
            _("{high} members or fewer"),
        ),
        "months": (
            _("Member for {low} to {high} months"),
            _("Member for {low} months or more"),
            _("Member for {high} months or less"),
        ),
        "amount": (_("{low} to {high}"), _("{low} or more"), _("{high} or less")),
    }[key]
    if low is None:
        return at_most.format(high=high)
    return at_least.format(low=low) if high is None else from_to.format(low=low, high=high)


def _days(first: date | None, last: date | None) -> str:
    if first is not None and last is not None:
        return _whole_time(first, last) or _(
            "{first} to {last}", first=format_date(first), last=format_date(last)
        )
    if first is not None:
        return _("From {first}", first=format_date(first))
    return _("Until {last}", last=format_date(last)) if last is not None else ""


def _whole_time(first: date, last: date) -> str:
    """Say a whole month or year by its name; empty for any other time."""
    after = last + timedelta(days=1)
    if first.day != 1 or after.day != 1:
        return ""
    if (after.year - first.year) * _DECEMBER + after.month - first.month == 1:
        words = format_date(first, DateStyle.LONG).split(" ", 1)[1]
        return words[:1].upper() + words[1:]
    is_year = first.month == 1 and after == date(first.year + 1, 1, 1)
    return str(first.year) if is_year else ""
