"""People who sign in at head office: their passwords, their roles, and shutting them out.

A password is kept as an argon2id hash and never travels. One that an administrator gives out is
random, is shown once, and opens only the choice of an own one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, insert, or_, select, update

from vsla_desktop.domain.office import Duty, Role, check_password
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.office_people import ADMINISTRATES, SIGNS_IN
from vsla_desktop.queries.officers import HASHED
from vsla_desktop.queries.tables import USERS
from vsla_desktop.services.office import Worker, check_may, worker_of
from vsla_desktop.services.officers_codes import Tries, hasher
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock

ONCE: Final = "once:"
"""Stands before the hash of a password that was given out, until its person chooses her own."""
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_PARTS, _PART = 4, 4
_NOBODY: Final = 0


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in; ``must_choose`` with a password that was given out, and has to be replaced."""

    worker: Worker
    must_choose: bool


@dataclass(frozen=True, slots=True)
class PasswordGiven:
    """A password that was made for a person. It is told here and never again."""

    user_id: int
    username: str
    password: str


def sign_in(
    session: Session, username: str, password: str, *, tries: Tries, clock: Clock
) -> SignedIn:
    """Return who signs in. Raise :class:`RuleBroken` for a wrong name or password, or too many.

    A name that nobody has takes as long as one that somebody has.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    row = (
        session.connection()
        .execute(
            select(USERS.c.id, USERS.c.password, USERS.c.active).where(
                func.lower(USERS.c.username) == username.strip().lower()
            )
        )
        .first()
    )
    user_id, kept = (row.id, row.password) if row is not None else (_NOBODY, "")
    now = clock.now()
    tries.check(user_id, now, "password")
    hashed = kept.removeprefix(ONCE)
    is_ours = hashed.startswith(HASHED)
    try:
        hasher().verify(hashed if is_ours else hasher().hash(""), password)
        is_right = is_ours
    except (VerificationError, InvalidHashError):
        is_right = False
    if not is_right or row is None or not row.active:
        tries.failed(user_id, now)
        raise RuleBroken(
            "This name or password is not right.",
            hint="An administrator can give you a new password.",
            field="password",
        )
    tries.succeeded(user_id)
    return SignedIn(worker_of(session, user_id, now), must_choose=kept.startswith(ONCE))


def add_first_administrator(
    session: Session, username: str, email: str, password: str, *, clock: Clock
) -> SignedIn:
    """Let the first person sign in, as an administrator.

    Raise :class:`RuleBroken` once there is an administrator who can sign in.
    """
    if _administrators(session):
        raise RuleBroken("There is an administrator already.", hint="Ask for a sign-in.")
    name = _free_name(session, username, email)
    hashed = hasher().hash(check_password(password, name))
    user_id = _add(session, name, email, Role.ADMINISTRATOR, hashed, clock)
    return SignedIn(worker_of(session, user_id, clock.now()), must_choose=False)


def add_user(
    session: Session, username: str, email: str, role: Role, *, clock: Clock, by: int
) -> PasswordGiven:
    """Let a person sign in, with a password that she replaces at once.

    Raise :class:`RuleBroken` for a name or address that somebody has.
    """
    check_may(session, by, Duty.PEOPLE, clock=clock)
    name = _free_name(session, username, email)
    password = _random()
    user_id = _add(session, name, email, role, ONCE + hasher().hash(password), clock)
    return PasswordGiven(user_id, name, password)


def reset_password(session: Session, user_id: int, *, clock: Clock, by: int) -> PasswordGiven:
    """Give a person a new password, which she replaces at once; the old one opens nothing."""
    check_may(session, by, Duty.PEOPLE, clock=clock)
    row = _known(session, user_id)
    password = _random()
    _write(session, user_id, clock, password=ONCE + hasher().hash(password))
    return PasswordGiven(user_id, row.username, password)


def choose_password(session: Session, password: str, again: str, *, clock: Clock, by: int) -> None:
    """Keep a person's own new password."""
    row = _known(session, by)
    check_password(password, row.username)
    if password != again:
        raise RuleBroken("The two are not alike.", hint="Type it again.", field="again")
    _write(session, by, clock, password=hasher().hash(password))


def change_role(session: Session, user_id: int, role: Role, *, clock: Clock, by: int) -> None:
    """Let a person be something else at head office; the last administrator stays one."""
    check_may(session, by, Duty.PEOPLE, clock=clock)
    _known(session, user_id)
    if role is not Role.ADMINISTRATOR:
        _check_not_last(session, user_id)
    is_administrator = role is Role.ADMINISTRATOR
    _write(session, user_id, clock, role=role, admin=is_administrator, is_super_admin=False)


def let_in(session: Session, user_id: int, *, is_let_in: bool, clock: Clock, by: int) -> None:
    """Shut a person out, or let her in again. Nobody shuts out herself or the last administrator.

    What she did keeps her name.
    """
    check_may(session, by, Duty.PEOPLE, clock=clock)
    _known(session, user_id)
    if not is_let_in:
        if user_id == by:
            raise RuleBroken("Somebody else must shut you out.")
        _check_not_last(session, user_id)
    _write(session, user_id, clock, active=is_let_in)


def _random() -> str:
    parts = ("".join(secrets.choice(_LETTERS) for _sign in range(_PART)) for _part in range(_PARTS))
    return "-".join(parts)


def _free_name(session: Session, username: str, email: str) -> str:
    name, address = username.strip(), email.strip()
    if not name or any(sign.isspace() for sign in name):
        raise RuleBroken("Write a name without spaces.", field="username")
    if address.count("@") != 1 or address.startswith("@") or address.endswith("@"):
        raise RuleBroken("Write an e-mail address.", field="email")
    taken = (
        session.connection()
        .execute(
            select(func.lower(USERS.c.username) == name.lower()).where(
                or_(
                    func.lower(USERS.c.username) == name.lower(),
                    func.lower(USERS.c.email) == address.lower(),
                )
            )
        )
        .first()
    )
    if taken is not None:
        field = "username" if taken[0] else "email"
        raise RuleBroken("Somebody has this already.", hint="Choose another.", field=field)
    return name


def _add(
    session: Session, username: str, email: str, role: Role, password: str, clock: Clock
) -> int:
    values = {
        "username": username,
        "email": email.strip(),
        "password": password,
        "role": role,
        "admin": role is Role.ADMINISTRATOR,
    }
    return add_row(session, insert(USERS), values, clock)


def _known(session: Session, user_id: int) -> Row[tuple[str]]:
    row = (
        session.connection().execute(select(USERS.c.username).where(USERS.c.id == user_id)).first()
    )
    if row is None:
        raise RuleBroken("Choose a person.", field="person")
    return row


def _administrators(session: Session) -> set[int]:
    who = select(USERS.c.id).where(USERS.c.active, ADMINISTRATES, SIGNS_IN)
    return set(session.connection().execute(who).scalars())


def _check_not_last(session: Session, user_id: int) -> None:
    if _administrators(session) == {user_id}:
        raise RuleBroken("This is the only administrator.", hint="Make somebody else one first.")


def _write(session: Session, user_id: int, clock: Clock, **values: object) -> None:
    session.connection().execute(
        update(USERS).where(USERS.c.id == user_id).values(**values, updated_date=clock.now())
    )
