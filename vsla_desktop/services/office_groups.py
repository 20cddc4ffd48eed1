"""Opening the book of a group at head office, for the laptop that it is then given to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.domain.office import Duty
from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.groups import GroupFormed, create_group
from vsla_desktop.services.office import check_may

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.rules import GroupRules, Preset
    from vsla_desktop.services.groups import NewGroup

_PLACES = ("country", "region", "district", "village")


def open_group_book(
    session: Session,
    new: NewGroup,
    rules: GroupRules,
    *,
    preset: Preset | None = None,
    clock: Clock,
    by: int,
) -> GroupFormed:
    """Form a group as :func:`create_group` does, with its place told in full.

    The group has no members and no meeting: whoever gets it writes them, and may still change its
    rules. Raise :class:`RuleBroken` for a place that is missing.
    """
    check_may(session, by, Duty.GROUPS, clock=clock)
    for place in _PLACES:
        if not getattr(new, place).strip():
            raise RuleBroken("Say where the group is.", field=place)
    return create_group(session, new, rules, preset=preset, clock=clock, by=by)
