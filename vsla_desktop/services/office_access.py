"""Access to services: granting, ending, deciding on what is asked; and messages to people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, delete, insert, select, update

from vsla_desktop.domain.office import READ, WRITE, Duty
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import (
    ACCESS_REQUESTS,
    GROUPS,
    MEMBERS,
    NOTIFICATIONS,
    PERMISSIONS,
    SERVICE_ADMINS,
    SERVICES,
    USERS,
)
from vsla_desktop.services.office import check_may, check_may_grant
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock

PERMISSION_WORDS: Final = (READ, f"{READ},{WRITE}")
_LONGEST_TITLE: Final = 255


@dataclass(frozen=True, slots=True)
class MessagesSent:
    """How many people a message went to."""

    count: int


def grant_access(
    session: Session,
    user_id: int,
    service_id: int,
    permissions: str,
    *,
    until: datetime | None = None,
    clock: Clock,
    by: int,
) -> None:
    """Let a person read, or read and write, in a service, for ever or until an instant in UTC.

    What was granted before is replaced. The person is told. Raise :class:`RuleBroken` for who may
    not grant it, and for an instant that is over.
    """
    service = _service(session, service_id)
    check_may_grant(session, by, service, clock=clock)
    _give(session, user_id, service_id, permissions, until, clock, by)
    _tell(session, user_id, service_id, "Your access to {service} was changed.", service, clock)


def end_access(session: Session, user_id: int, service_id: int, *, clock: Clock, by: int) -> None:
    """Take a person's access to a service away, also the looking after it; the person is told."""
    service = _service(session, service_id)
    check_may_grant(session, by, service, clock=clock)
    connection = session.connection()
    gone = 0
    for table in (PERMISSIONS, SERVICE_ADMINS):
        gone += connection.execute(
            delete(table).where(table.c.user_id == user_id, table.c.service_id == service_id)
        ).rowcount
    if not gone:
        raise RuleBroken("This person has no such access.", field="service")
    _tell(session, user_id, service_id, "Your access to {service} has ended.", service, clock)


def look_after(session: Session, user_id: int, service_id: int, *, clock: Clock, by: int) -> None:
    """Let a person look after a service: she grants access to it, and decides on what is asked."""
    check_may(session, by, Duty.PEOPLE, clock=clock)
    service = _service(session, service_id)
    of_both = and_(SERVICE_ADMINS.c.user_id == user_id, SERVICE_ADMINS.c.service_id == service_id)
    if session.connection().execute(select(SERVICE_ADMINS.c.id).where(of_both)).first():
        raise RuleBroken("This person looks after it already.", field="service")
    values = {
        "user_id": user_id,
        "service_id": service_id,
        "granted_by": by,
        "granted_date": clock.now(),
    }
    add_row(session, insert(SERVICE_ADMINS), values, clock)
    _tell(session, user_id, service_id, "You look after {service} now.", service, clock)


def ask_access(
    session: Session, service_id: int, permissions: str, reason: str, *, clock: Clock, by: int
) -> int:
    """Write down that a person asks for access; return the request. Who only reads may ask too."""
    _service(session, service_id)
    _check_words(permissions)
    if not reason.strip():
        raise RuleBroken("Say what it is for.", field="reason")
    waits = select(ACCESS_REQUESTS.c.id).where(
        ACCESS_REQUESTS.c.user_id == by,
        ACCESS_REQUESTS.c.service_id == service_id,
        ACCESS_REQUESTS.c.status == "pending",
    )
    if session.connection().execute(waits).first():
        raise RuleBroken("You have asked already.", hint="Somebody will decide.", field="service")
    values = {
        "user_id": by,
        "service_id": service_id,
        "requested_permissions": permissions,
        "reason": reason.strip(),
        "status": "pending",
        "requested_date": clock.now(),
    }
    return add_row(session, insert(ACCESS_REQUESTS), values, clock)


def decide_access(
    session: Session,
    request_id: int,
    *,
    is_granted: bool,
    until: datetime | None = None,
    clock: Clock,
    by: int,
) -> None:
    """Grant what was asked, or say no; the person is told. Raise once it was decided."""
    connection = session.connection()
    asked = connection.execute(
        select(ACCESS_REQUESTS, SERVICES.c.name.label("service"))
        .select_from(ACCESS_REQUESTS.join(SERVICES, SERVICES.c.id == ACCESS_REQUESTS.c.service_id))
        .where(ACCESS_REQUESTS.c.id == request_id)
    ).first()
    if asked is None:
        raise RuleBroken("Choose a request.")
    check_may_grant(session, by, asked.service, clock=clock)
    if asked.status != "pending":
        raise RuleBroken("Somebody has decided this already.")
    if is_granted:
        words = asked.requested_permissions or READ
        _give(session, asked.user_id, asked.service_id, words, until, clock, by)
    now = clock.now()
    connection.execute(
        update(ACCESS_REQUESTS)
        .where(ACCESS_REQUESTS.c.id == request_id)
        .values(
            status="approved" if is_granted else "rejected",
            reviewed_by=by,
            reviewed_date=now,
            updated_date=now,
        )
    )
    said = "You have access to {service}." if is_granted else "Access to {service} was refused."
    _tell(session, asked.user_id, asked.service_id, said, asked.service, clock)


def send_message(
    session: Session,
    title: str,
    message: str,
    *,
    usernames: Sequence[str] = (),
    group_codes: Sequence[str] = (),
    expires_at: datetime | None = None,
    clock: Clock,
    by: int,
) -> MessagesSent:
    """Tell people something, and groups: it comes to the laptops of a group at their next pull.

    A group is told through its officers who have a user, else through whoever opened its book.
    Raise :class:`RuleBroken` for nobody, an unknown name or code, and for empty words.
    """
    check_may(session, by, Duty.MESSAGES, clock=clock)
    if not title.strip() or len(title) > _LONGEST_TITLE:
        raise RuleBroken("Write a short title.", field="title")
    if not message.strip():
        raise RuleBroken("Write the message.", field="message")
    told: list[tuple[int, int | None]] = [(each, None) for each in _users(session, usernames)]
    told += _of_groups(session, group_codes)
    if not told:
        raise RuleBroken("Say to whom.", hint="Names, or codes of groups.", field="people")
    for user_id, group_id in told:
        about = {"related_entity_type": "savings_groups", "related_entity_id": group_id}
        values: dict[str, Any] = {
            "user_id": user_id,
            "type": "message",
            "title": title.strip(),
            "message": message.strip(),
            "expires_at": expires_at,
            **(about if group_id is not None else {}),
        }
        add_row(session, insert(NOTIFICATIONS), values, clock)
    return MessagesSent(len(told))


def _users(session: Session, usernames: Sequence[str]) -> list[int]:
    found = []
    for name in usernames:
        row = (
            session.connection().execute(select(USERS.c.id).where(USERS.c.username == name)).first()
        )
        if row is None:
            raise RuleBroken("Nobody is named {name}.", field="people", name=name)
        found.append(row.id)
    return found


def _of_groups(session: Session, codes: Sequence[str]) -> list[tuple[int, int | None]]:
    connection = session.connection()
    found: list[tuple[int, int | None]] = []
    for code in codes:
        group: Row[Any] | None = connection.execute(
            select(GROUPS).where(GROUPS.c.group_code == code)
        ).first()
        if group is None:
            raise RuleBroken("There is no group {code}.", field="groups", code=code)
        officers = (group.chair_member_id, group.secretary_member_id, group.treasurer_member_id)
        users = connection.execute(
            select(MEMBERS.c.user_id).where(
                MEMBERS.c.id.in_([each for each in officers if each is not None]),
                MEMBERS.c.user_id.is_not(None),
            )
        ).scalars()
        found += [(user, group.id) for user in users.all() or (group.created_by,)]
    return found


def _service(session: Session, service_id: int) -> str:
    row = (
        session.connection()
        .execute(select(SERVICES.c.name).where(SERVICES.c.id == service_id))
        .first()
    )
    if row is None:
        raise RuleBroken("Choose a service.", field="service")
    name: str = row.name
    return name


def _check_words(permissions: str) -> None:
    if permissions not in PERMISSION_WORDS:
        raise RuleBroken("Choose reading, or reading and writing.", field="permissions")


def _give(
    session: Session,
    user_id: int,
    service_id: int,
    permissions: str,
    until: datetime | None,
    clock: Clock,
    by: int,
) -> None:
    _check_words(permissions)
    now = clock.now()
    if until is not None and until <= now:
        raise RuleBroken("Choose a day that is still to come.", field="until")
    values = {
        "permissions": permissions,
        "granted_by": by,
        "granted_date": now,
        "expires_at": until,
    }
    of_both = and_(PERMISSIONS.c.user_id == user_id, PERMISSIONS.c.service_id == service_id)
    changed = session.connection().execute(
        update(PERMISSIONS).where(of_both).values(**values, updated_date=now)
    )
    if not changed.rowcount:
        both = {"user_id": user_id, "service_id": service_id}
        add_row(session, insert(PERMISSIONS), values | both, clock)


def _tell(
    session: Session, user_id: int, service_id: int, sentence: str, service: str, clock: Clock
) -> None:
    values = {
        "user_id": user_id,
        "service_id": service_id,
        "type": "access",
        "title": service,
        "message": sentence.format(service=service),
    }
    add_row(session, insert(NOTIFICATIONS), values, clock)
