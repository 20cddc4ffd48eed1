"""What a person may change at head office; every service there asks here first.

See docs/rules.md#head-office.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from vsla_desktop.domain.office import ROLE_DUTIES, SERVICE_OF, Duty, Role, lets_write, role_of
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import PERMISSIONS, SERVICE_ADMINS, SERVICES, USERS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock


@dataclass(frozen=True, slots=True)
class Worker:
    """Who works at head office.

    ``writes`` names the services in which a permission lets change things, ``leads`` those that
    the person looks after: whose access is hers to grant.
    """

    user_id: int
    username: str
    role: Role
    writes: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()

    def may(self, duty: Duty, service: str = "") -> bool:
        """Tell whether this may be changed; ``service`` is whose, where it is not the duty's."""
        named = service or SERVICE_OF.get(duty, "")
        return duty in ROLE_DUTIES[self.role] or named in self.writes

    def may_grant(self, service: str) -> bool:
        """Tell whether access to a service is this person's to grant."""
        return self.may(Duty.PEOPLE) or service in self.leads

    @property
    def only_reads(self) -> bool:
        """Whether nothing at all may be changed."""
        return not (ROLE_DUTIES[self.role] or self.writes or self.leads)


def worker_of(session: Session, user_id: int, now: datetime) -> Worker:
    """Return who works, with what holds now. Raise :class:`RuleBroken` for who is shut out."""
    connection = session.connection()
    row = connection.execute(
        select(
            USERS.c.username, USERS.c.active, USERS.c.role, USERS.c.admin, USERS.c.is_super_admin
        ).where(USERS.c.id == user_id)
    ).first()
    if row is None or not row.active:
        raise RuleBroken("This person may not sign in.", hint="Ask an administrator.")
    granted = connection.execute(
        select(SERVICES.c.name, PERMISSIONS.c.permissions)
        .select_from(PERMISSIONS.join(SERVICES, SERVICES.c.id == PERMISSIONS.c.service_id))
        .where(
            PERMISSIONS.c.user_id == user_id,
            SERVICES.c.active,
            or_(PERMISSIONS.c.expires_at.is_(None), PERMISSIONS.c.expires_at > now),
        )
    )
    led = connection.execute(
        select(SERVICES.c.name)
        .select_from(SERVICE_ADMINS.join(SERVICES, SERVICES.c.id == SERVICE_ADMINS.c.service_id))
        .where(SERVICE_ADMINS.c.user_id == user_id, SERVICES.c.active)
    )
    return Worker(
        user_id,
        row.username,
        role_of(row.role, is_administrator=bool(row.admin or row.is_super_admin)),
        frozenset(name for name, permissions in granted if lets_write(permissions)),
        frozenset(led.scalars()),
    )


def check_may(session: Session, by: int, duty: Duty, *, service: str = "", clock: Clock) -> Worker:
    """Return who works, if this may be changed. Raise :class:`RuleBroken` where it may not."""
    worker = worker_of(session, by, clock.now())
    if not worker.may(duty, service):
        raise only_looks()
    return worker


def check_may_grant(session: Session, by: int, service: str, *, clock: Clock) -> Worker:
    """Return who works, if access to the service is hers to grant. Raise :class:`RuleBroken`."""
    worker = worker_of(session, by, clock.now())
    if not worker.may_grant(service):
        raise only_looks()
    return worker


def only_looks() -> RuleBroken:
    """Return what is said to who may only look."""
    return RuleBroken(
        "You may look at this, not change it.", hint="Ask an administrator for the right."
    )
