"""Who works at head office, and what each may do there. See docs/rules.md#head-office."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from vsla_desktop.errors import RuleBroken

SHORTEST_PASSWORD: Final = 10


class Role(StrEnum):
    """What a person is at head office. Any other word that stands there only lets look."""

    READER = "reader"
    OFFICER = "head_office"
    ADMINISTRATOR = "administrator"


class Duty(StrEnum):
    """What can be changed at head office."""

    GROUPS = "groups"
    LAPTOPS = "laptops"
    MESSAGES = "messages"
    SHARED = "shared"
    PEOPLE = "people"


ROLE_DUTIES: Final[dict[Role, frozenset[Duty]]] = {
    Role.READER: frozenset(),
    Role.OFFICER: frozenset(Duty) - {Duty.PEOPLE},
    Role.ADMINISTRATOR: frozenset(Duty),
}
SERVICE_OF: Final[dict[Duty, str]] = {
    Duty.GROUPS: "Savings groups",
    Duty.LAPTOPS: "Savings groups",
    Duty.MESSAGES: "Savings groups",
}
"""The service in which a permission to write lets do what the role alone does not."""

READ: Final = "read"
WRITE: Final = "write"


def role_of(stored: str, *, is_administrator: bool) -> Role:
    """Return the role that a person's row means; other programs' administrators are ours too."""
    if is_administrator:
        return Role.ADMINISTRATOR
    return Role(stored) if stored in set(Role) else Role.READER


def lets_write(permissions: str | None) -> bool:
    """Tell whether what stands in a permission, words with commas, lets change something."""
    return bool(
        {WRITE, "admin"} & {each.strip().lower() for each in (permissions or "").split(",")}
    )


def check_password(password: str, username: str, *, field: str = "password") -> str:
    """Return a password that is long enough to be kept. Raise :class:`RuleBroken`."""
    if len(password) < SHORTEST_PASSWORD:
        raise RuleBroken(
            "Choose at least {count} signs.",
            hint="A few words together are easy to keep in mind.",
            field=field,
            count=SHORTEST_PASSWORD,
        )
    if len(set(password)) < SHORTEST_PASSWORD // 2 or username.lower() in password.lower():
        raise RuleBroken("Choose a password that is harder to guess.", field=field)
    return password
