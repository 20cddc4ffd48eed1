"""Groups and members by name: to choose whom a report is about, and to say who was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, or_, select

from vsla_desktop.queries.filtering import Filter, narrowed
from vsla_desktop.queries.tables import GROUPS, MEMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

MOST: Final = 20
"""Names that are offered at once: whoever looks for another types one letter more."""


@dataclass(frozen=True, slots=True)
class Named:
    """A group or a member, and how it is told from others."""

    id: int
    title: str


_GROUP: Final = select(GROUPS.c.id, GROUPS.c.name, GROUPS.c.group_code, GROUPS.c.village)
_MEMBER: Final = select(
    MEMBERS.c.id, MEMBERS.c.member_number, MEMBERS.c.first_name, MEMBERS.c.last_name
)


def groups_named(session: Session, text: str) -> tuple[Named, ...]:
    """Return the first groups whose name, code or village begins so."""
    statement = narrowed(_GROUP, Filter(text=text.strip()), groups=GROUPS)
    return _groups(session, statement.order_by(GROUPS.c.name, GROUPS.c.id).limit(MOST))


def groups_of(session: Session, group_ids: Sequence[int]) -> tuple[Named, ...]:
    """Return groups by id."""
    found = _groups(session, _GROUP.where(GROUPS.c.id.in_(group_ids)))
    return tuple(sorted(found, key=lambda each: group_ids.index(each.id)))


def members_named(session: Session, group_ids: Sequence[int], text: str) -> tuple[Named, ...]:
    """Return the first members of these groups with this number, or whose name begins so."""
    typed = text.strip()
    statement = _MEMBER.where(MEMBERS.c.group_id.in_(group_ids))
    if typed.isdecimal():
        statement = statement.where(MEMBERS.c.member_number == int(typed))
    elif typed:
        first, last = func.lower(MEMBERS.c.first_name), func.lower(MEMBERS.c.last_name)
        statement = statement.where(
            or_(
                first.startswith(typed.lower(), autoescape=True),
                last.startswith(typed.lower(), autoescape=True),
                (first + " " + last).startswith(typed.lower(), autoescape=True),
            )
        )
    return _members(session, statement.order_by(MEMBERS.c.member_number, MEMBERS.c.id).limit(MOST))


def members_of_ids(session: Session, member_ids: Sequence[int]) -> tuple[Named, ...]:
    """Return members by id."""
    found = _members(session, _MEMBER.where(MEMBERS.c.id.in_(member_ids)))
    return tuple(sorted(found, key=lambda each: member_ids.index(each.id)))


def places_named(session: Session, place: str, text: str) -> tuple[str, ...]:
    """Return the first places of a kind, such as ``region``, that groups have and begin so."""
    name = GROUPS.c[place]
    statement = (
        select(name)
        .where(name != "", func.lower(name).startswith(text.strip().lower(), autoescape=True))
        .distinct()
        .order_by(name)
        .limit(MOST)
    )
    return tuple(session.connection().execute(statement).scalars())


def _groups(session: Session, statement: Select[tuple[int, str, str, str]]) -> tuple[Named, ...]:
    return tuple(
        Named(row.id, " · ".join(part for part in (row.name, row.group_code, row.village) if part))
        for row in session.connection().execute(statement)
    )


def _members(
    session: Session, statement: Select[tuple[int, int | None, str, str]]
) -> tuple[Named, ...]:
    return tuple(
        Named(row.id, f"{row.member_number or ''} {row.first_name} {row.last_name}".strip())
        for row in session.connection().execute(statement)
    )
