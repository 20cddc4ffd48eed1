"""Who confirms the close of a meeting: the three officers, and who may stand in for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from vsla_desktop.queries.tables import GROUPS, MEETINGS, MEMBERS, USERS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Office(StrEnum):
    """The three offices whose keys close a meeting."""

    CHAIRPERSON = "CHAIRPERSON"
    SECRETARY = "SECRETARY"
    TREASURER = "TREASURER"


@dataclass(frozen=True, slots=True)
class KeyPerson:
    """An active member who may confirm, and whether she has a code of her own."""

    member_id: int
    number: int
    name: str
    has_code: bool
    is_elected: bool


@dataclass(frozen=True, slots=True)
class Officers:
    """Who holds each office, and all active members, the elected ones first."""

    held_by: dict[Office, KeyPerson]
    members: tuple[KeyPerson, ...]

    @property
    def use_codes(self) -> bool:
        """Whether all three officers have a code."""
        return len(self.held_by) == len(Office) and all(p.has_code for p in self.held_by.values())


_MEMBERS = (
    select(
        MEMBERS.c.id,
        MEMBERS.c.member_number,
        MEMBERS.c.first_name,
        MEMBERS.c.last_name,
        MEMBERS.c.committee_role,
        USERS.c.password,
    )
    .select_from(MEMBERS.outerjoin(USERS, USERS.c.id == MEMBERS.c.user_id))
    .where(
        MEMBERS.c.group_id == bindparam("of_group"),
        MEMBERS.c.is_active,
        MEMBERS.c.status == "ACTIVE",
    )
    .order_by(MEMBERS.c.committee_role.is_(None), MEMBERS.c.member_number, MEMBERS.c.id)
)
_OFFICES = select(
    GROUPS.c.chair_member_id, GROUPS.c.secretary_member_id, GROUPS.c.treasurer_member_id
).where(GROUPS.c.id == bindparam("of_group"))
_CONFIRMING = select(
    MEETINGS.c.chairperson_id, MEETINGS.c.secretary_id, MEETINGS.c.treasurer_id
).where(MEETINGS.c.id == bindparam("meeting"), MEETINGS.c.closed_date.is_not(None))
_NAMES = select(MEMBERS.c.id, MEMBERS.c.first_name, MEMBERS.c.last_name).where(
    MEMBERS.c.id.in_(bindparam("members", expanding=True))
)
HASHED = "$argon2id$"
"""How a kept code begins; anything else is no code."""


def officers_of(session: Session, group_id: int) -> Officers:
    """Return who may confirm for a group now; an office that nobody active holds is left out."""
    connection, wanted = session.connection(), {"of_group": group_id}
    members = tuple(
        KeyPerson(
            row.id,
            row.member_number or 0,
            f"{row.first_name} {row.last_name}".strip(),
            has_code=(row.password or "").startswith(HASHED),
            is_elected=row.committee_role is not None,
        )
        for row in connection.execute(_MEMBERS, wanted)
    )
    by_id = {person.member_id: person for person in members}
    held = zip(Office, connection.execute(_OFFICES, wanted).one(), strict=True)
    return Officers(
        {office: by_id[member_id] for office, member_id in held if member_id in by_id}, members
    )


def confirmed_by(session: Session, meeting_id: int) -> dict[Office, str]:
    """Return the name of who confirmed the close of a meeting for each office; empty before it."""
    connection = session.connection()
    row = connection.execute(_CONFIRMING, {"meeting": meeting_id}).first()
    if row is None:
        return {}
    names = {
        member_id: f"{first_name} {last_name}".strip()
        for member_id, first_name, last_name in connection.execute(_NAMES, {"members": list(row)})
    }
    return {
        office: names[member_id]
        for office, member_id in zip(Office, row, strict=True)
        if member_id in names
    }
