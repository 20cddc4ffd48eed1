"""People at head office: who signs in, what each may do, who asks for more, what was told them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, func, or_, select

from vsla_desktop.domain.office import Role, role_of
from vsla_desktop.queries.officers import HASHED
from vsla_desktop.queries.tables import (
    ACCESS_REQUESTS,
    GROUPS,
    NOTIFICATIONS,
    PERMISSIONS,
    SERVICE_ADMINS,
    SERVICES,
    USERS,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MOST: Final = 500
SIGNS_IN: Final = USERS.c.password.contains(HASHED, autoescape=True)
"""Whose password this program can check: other programs' people have none of ours."""
ADMINISTRATES: Final = or_(
    USERS.c.admin, USERS.c.is_super_admin, USERS.c.role == Role.ADMINISTRATOR
)
_OF_GROUPS: Final = or_(USERS.c.username.like("member-%"), USERS.c.email.like("%@local.invalid"))


@dataclass(frozen=True, slots=True)
class Person:
    """A person who can sign in, or could be let in."""

    user_id: int
    username: str
    email: str
    role: Role
    is_active: bool
    signs_in: bool


@dataclass(frozen=True, slots=True)
class Access:
    """What a person may do in a service; ``leads`` that she looks after it. In UTC."""

    user_id: int
    service_id: int
    service: str
    permissions: str
    leads: bool
    granted_by: str
    granted_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccessAsked:
    """A person asks for access to a service. In UTC."""

    request_id: int
    username: str
    service: str
    permissions: str
    reason: str
    status: str
    asked_at: datetime
    reviewed_by: str


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A message to a person, perhaps about a group. In UTC."""

    notification_id: int
    sent_at: datetime
    username: str
    group: str
    title: str
    message: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service that access is given to."""

    service_id: int
    name: str


def can_anybody_sign_in(session: Session) -> bool:
    """Tell whether there is an administrator who can sign in."""
    who = select(USERS.c.id).where(USERS.c.active, ADMINISTRATES, SIGNS_IN).limit(1)
    return session.connection().execute(who).first() is not None


def people(session: Session, text: str = "", *, most: int = MOST) -> tuple[Person, ...]:
    """Return people whose name or address begins so, by name; members of groups are left out."""
    wanted = f"{text.strip().lower()}"
    statement = select(USERS).where(~_OF_GROUPS).order_by(func.lower(USERS.c.username), USERS.c.id)
    if wanted:
        statement = statement.where(
            or_(
                func.lower(USERS.c.username).startswith(wanted, autoescape=True),
                func.lower(USERS.c.email).startswith(wanted, autoescape=True),
            )
        )
    return tuple(
        Person(
            row.id,
            row.username,
            row.email,
            role_of(row.role, is_administrator=bool(row.admin or row.is_super_admin)),
            bool(row.active),
            HASHED in row.password,
        )
        for row in session.connection().execute(statement.limit(most))
    )


def services(session: Session) -> tuple[ServiceLine, ...]:
    """Return the services that are in use, by name."""
    statement = select(SERVICES.c.id, SERVICES.c.name).where(SERVICES.c.active)
    rows = session.connection().execute(statement.order_by(SERVICES.c.name))
    return tuple(ServiceLine(*row) for row in rows)


def access_of(session: Session, user_id: int) -> tuple[Access, ...]:
    """Return what a person may do, by service; what has ended is told as well."""
    giver = USERS.alias("giver")
    led = and_(SERVICE_ADMINS.c.service_id == SERVICES.c.id, SERVICE_ADMINS.c.user_id == user_id)
    given = and_(PERMISSIONS.c.service_id == SERVICES.c.id, PERMISSIONS.c.user_id == user_id)
    statement = (
        select(
            SERVICES.c.id.label("service_id"),
            SERVICES.c.name,
            PERMISSIONS.c.permissions,
            SERVICE_ADMINS.c.id.label("leads"),
            giver.c.username,
            func.coalesce(PERMISSIONS.c.granted_date, SERVICE_ADMINS.c.granted_date).label("at"),
            PERMISSIONS.c.expires_at,
        )
        .select_from(
            SERVICES.outerjoin(PERMISSIONS, given)
            .outerjoin(SERVICE_ADMINS, led)
            .outerjoin(
                giver,
                giver.c.id == func.coalesce(PERMISSIONS.c.granted_by, SERVICE_ADMINS.c.granted_by),
            )
        )
        .where(or_(PERMISSIONS.c.id.is_not(None), SERVICE_ADMINS.c.id.is_not(None)))
        .order_by(SERVICES.c.name)
    )
    return tuple(
        Access(
            user_id,
            row.service_id,
            row.name,
            row.permissions or "",
            row.leads is not None,
            row.username or "",
            row.at,
            row.expires_at,
        )
        for row in session.connection().execute(statement)
    )


def access_asked(session: Session, *, most: int = MOST) -> tuple[AccessAsked, ...]:
    """Return who asks for access: what waits first, then what was decided, the newest first."""
    reviewer = USERS.alias("reviewer")
    asked = ACCESS_REQUESTS.c
    statement = (
        select(
            asked.id,
            USERS.c.username,
            SERVICES.c.name,
            asked.requested_permissions,
            asked.reason,
            asked.status,
            asked.requested_date,
            reviewer.c.username.label("reviewer"),
        )
        .select_from(
            ACCESS_REQUESTS.join(USERS, USERS.c.id == asked.user_id)
            .join(SERVICES, SERVICES.c.id == asked.service_id)
            .outerjoin(reviewer, reviewer.c.id == asked.reviewed_by)
        )
        .order_by(asked.status != "pending", asked.requested_date.desc(), asked.id.desc())
        .limit(most)
    )
    return tuple(
        AccessAsked(
            row.id,
            row.username,
            row.name,
            row.requested_permissions or "",
            row.reason or "",
            row.status or "pending",
            row.requested_date,
            row.reviewer or "",
        )
        for row in session.connection().execute(statement)
    )


def messages_sent(session: Session, *, most: int = MOST) -> tuple[MessageSent, ...]:
    """Return the messages, the newest first."""
    told = NOTIFICATIONS.c
    of_group = and_(
        told.related_entity_type == "savings_groups", told.related_entity_id == GROUPS.c.id
    )
    statement = (
        select(
            told.id,
            told.created_date,
            USERS.c.username,
            GROUPS.c.name,
            told.title,
            told.message,
            told.read,
        )
        .select_from(
            NOTIFICATIONS.join(USERS, USERS.c.id == told.user_id).outerjoin(GROUPS, of_group)
        )
        .order_by(told.created_date.desc(), told.id.desc())
        .limit(most)
    )
    return tuple(
        MessageSent(
            row.id,
            row.created_date,
            row.username,
            row.name or "",
            row.title or "",
            row.message,
            bool(row.read),
        )
        for row in session.connection().execute(statement)
    )
