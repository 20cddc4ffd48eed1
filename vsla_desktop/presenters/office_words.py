"""Words and amounts that several pages of head office write alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.domain.office import Role
from vsla_desktop.i18n import _
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.form import Choice, Reader
from vsla_desktop.presenters.sync_words import instant_words
from vsla_desktop.queries.office_people import ServiceLine
from vsla_desktop.wording import figure


def amount(value: Decimal, code: str) -> str:
    """Write an amount; other programs may have written a currency that nobody knows."""
    money = CURRENCIES.get(code)
    return figure(value, money) if money is not None else f"{value:,}"


def state_word(state: str) -> str:
    """The state of a group in words."""
    return {
        "FORMING": _("Forming"),
        "ACTIVE": _("Active"),
        "MATURE": _("Mature"),
        "ELIGIBLE_FOR_LOAN": _("May get a loan"),
        "LOAN_ACTIVE": _("Has a loan"),
        "CLOSED": _("Closed"),
    }.get(state, state)


def role_word(role: Role) -> str:
    """What a person is at head office, in words."""
    return {
        Role.READER: _("Looks only"),
        Role.OFFICER: _("Head office"),
        Role.ADMINISTRATOR: _("Administrator"),
    }[role]


def permission_word(permissions: str) -> str:
    """What somebody may do in a service, in words."""
    return {"": "", "read": _("Look"), "read,write": _("Look and change")}.get(
        permissions, permissions
    )


def instant(at: datetime | None) -> str:
    """Write an instant of UTC as the clock on the wall shows it here; nothing for none."""
    return instant_words(at) if at is not None else ""


def codes(text: str) -> tuple[str, ...]:
    """Read codes or names that are parted by commas or spaces."""
    return tuple(each for each in text.replace(",", " ").replace(";", " ").split() if each)


def day_or_none(key: str, today: Callable[[], date]) -> Reader:
    """Read a day that may be left empty."""

    def read(text: str) -> date | None:
        return read_day(text, today(), field=key) if text.strip() else None

    return Reader(read, lambda day: write_day(day) if day is not None else "")


def end_of(day: date | None) -> datetime | None:
    """The instant at which a day that is the last one ends."""
    return datetime.combine(day + timedelta(days=1), time()) if day is not None else None


def service_choices(known: Sequence[ServiceLine]) -> tuple[Choice, ...]:
    """The services to choose from."""
    return tuple(Choice(str(each.service_id), each.name) for each in known)
