"""The three key-holders outside the committee. See docs/rules.md#key-holders."""

from __future__ import annotations

from typing import Final

from vsla_desktop.errors import RuleBroken

KEY_HOLDERS: Final = 3
"""One for each padlock of the box."""
_COMMITTEE: Final = 5


def check_key_holders(
    *, members_count: int, key_holder_count: int, field: str = "key_holders"
) -> None:
    """Raise :class:`RuleBroken` unless a group may elect so many key-holders.

    ``members_count`` are the active members. A group too small for a committee of five and three
    key-holders beside it names those whom it has.
    """
    if members_count >= _COMMITTEE + KEY_HOLDERS and key_holder_count != KEY_HOLDERS:
        raise RuleBroken("Name three key-holders.", hint="They hold no other office.", field=field)
