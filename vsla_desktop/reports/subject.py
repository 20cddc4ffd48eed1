"""Whom a report is about, and over which time, as its head says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.filtering import PLACES
from vsla_desktop.queries.group_words import group_words
from vsla_desktop.queries.tables import GROUPS, MEMBERS

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.wording import GroupWords

_GROUP = select(
    GROUPS.c.name, GROUPS.c.group_code, GROUPS.c.village, GROUPS.c.district, GROUPS.c.currency
).where(GROUPS.c.id == bindparam("of_group"))

_GROUP_OF = select(MEMBERS.c.group_id).where(MEMBERS.c.id == bindparam("member"))


@dataclass(frozen=True, slots=True)
class GroupSubject:
    """One group. ``on`` is the day that balances are asked for."""

    group_id: int
    name: str
    currency: str
    words: GroupWords
    on: date


def group_subject(session: Session, wanted: Filter, clock: Clock) -> GroupSubject:
    """Return the one group that a filter names. Raises RuleBroken when it names another number."""
    if len(wanted.group_ids) != 1:
        raise RuleBroken("Choose one group.", field="group_ids")
    (group_id,) = wanted.group_ids
    row = session.connection().execute(_GROUP, {"of_group": group_id}).first()
    if row is None:
        raise RuleBroken("Choose a group.", field="group_ids")
    place = ", ".join(part for part in (row.village, row.district) if part)
    return GroupSubject(
        group_id,
        " · ".join(part for part in (row.name, row.group_code, place) if part),
        row.currency,
        group_words(session, group_id),
        wanted.on or wanted.day_to or clock.today(),
    )


def member_subject(session: Session, wanted: Filter, clock: Clock) -> tuple[GroupSubject, int]:
    """Return the one member that a filter names, and her group; RuleBroken for another number."""
    if len(wanted.member_ids) != 1:
        raise RuleBroken("Choose one member.", field="member_ids")
    (member_id,) = wanted.member_ids
    group_id = session.connection().execute(_GROUP_OF, {"member": member_id}).scalar()
    if group_id is None or (wanted.group_ids and group_id not in wanted.group_ids):
        raise RuleBroken("Choose a member of this group.", field="member_ids")
    return group_subject(session, replace(wanted, group_ids=(group_id,)), clock), member_id


def programme_subject(wanted: Filter) -> str:
    """Say which groups a report over many is about."""
    places = [str(getattr(wanted, place)) for place in reversed(PLACES) if getattr(wanted, place)]
    if wanted.coordinator:
        places.append(wanted.coordinator)
    return ", ".join(places) or _("All groups")


def period_words(wanted: Filter) -> str:
    """Say the time that a filter asks for."""
    first, last = wanted.day_from, wanted.day_to
    if first and last:
        return _("{first} to {last}", first=format_date(first), last=format_date(last))
    if first:
        return _("From {first}", first=format_date(first))
    if last:
        return _("Until {last}", last=format_date(last))
    if wanted.on:
        return _("On {day}", day=format_date(wanted.on))
    return _("The whole book")
