"""The officers' own codes, and the three confirmations that close a meeting.

A code is kept as an argon2id hash with the member's user; it never travels, is never shown and
never written anywhere else. See docs/rules.md#three-keys.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select, update

from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.officers import HASHED, Office, Officers, officers_of
from vsla_desktop.queries.pages import meeting_page
from vsla_desktop.queries.tables import GROUPS, MEETINGS, MEMBERS, USERS
from vsla_desktop.services.meetings import MeetingClosed, close_meeting
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from argon2 import PasswordHasher
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.postings import Fund
    from vsla_desktop.services.counts import PurseCounted

SHORTEST, LONGEST = 4, 8
FREE_TRIES = 3
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)
NO_CODE: Final = "!"
"""Kept in place of a code: nothing that is typed has this as its check value."""
_MEMORY_KIB: Final = 19_456
_ROUNDS: Final = 2
_COLUMNS: Final = {
    Office.CHAIRPERSON: "chairperson_id",
    Office.SECRETARY: "secretary_id",
    Office.TREASURER: "treasurer_id",
}
_USER = (
    select(USERS.c.id, USERS.c.password)
    .select_from(MEMBERS.join(USERS, USERS.c.id == MEMBERS.c.user_id))
    .where(MEMBERS.c.id == bindparam("member"))
)


@dataclass(slots=True)
class Tries:
    """The wrong codes typed since the program was started, by member; never kept in the book.

    From the third wrong one on, a member waits: 5 seconds, then twice as long each time, up to 5
    minutes. A right code ends it.
    """

    wrong: dict[int, int] = field(default_factory=dict)
    until: dict[int, datetime] = field(default_factory=dict)

    def check(self, member_id: int, now: datetime, field: str = "code") -> None:
        """Raise :class:`RuleBroken` while the member has to wait."""
        left = self.until.get(member_id, now) - now
        if left > timedelta(0):
            raise RuleBroken(
                "Wait {seconds} seconds, then try again.",
                field=field,
                seconds=-(-left // timedelta(seconds=1)),
            )

    def failed(self, member_id: int, now: datetime) -> None:
        """Count a wrong code."""
        count = self.wrong[member_id] = self.wrong.get(member_id, 0) + 1
        if count >= FREE_TRIES:
            doubled = FIRST_WAIT * 2 ** min(count - FREE_TRIES, 10)
            self.until[member_id] = now + min(doubled, LONGEST_WAIT)

    def succeeded(self, member_id: int) -> None:
        """Forget the wrong ones."""
        self.wrong.pop(member_id, None)
        self.until.pop(member_id, None)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One key: who confirmed for an office, and whether by her code or only by her name."""

    office: Office
    member_id: int
    by_code: bool


def set_code(
    session: Session,
    member_id: int,
    code: str,
    *,
    old: str = "",
    confirmed: Mapping[Office, Confirmed] | None = None,
    tries: Tries | None = None,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Keep a member's own code of 4 to 8 digits.

    Who has a code already says the ``old`` one. Who forgot it, and a member who is to stand in at
    a group whose officers all have codes, is given one once two others have ``confirmed`` with
    theirs. Raise :class:`RuleBroken` for what is no code, for one that is too easy, for a wrong
    old one, and while the two others have not confirmed.
    """
    digits = _checked(code)
    connection = session.connection()
    user = connection.execute(_USER, {"member": member_id}).first()
    others = {
        each.member_id
        for each in (confirmed or {}).values()
        if each.by_code and each.member_id != member_id
    }
    if len(others) < len(Office) - 1:
        if user is not None and user.password.startswith(HASHED):
            _verify(user.password, old, member_id, tries or Tries(), clock, field="old")
        elif officers_of(session, _group_of(session, member_id)).use_codes:
            raise RuleBroken("Let two others confirm with their codes first.", field="code")
    hashed = hasher().hash(digits)
    now = clock.now()
    if user is None:
        user_id = _add_user(session, member_id, hashed)
        connection.execute(
            update(MEMBERS).where(MEMBERS.c.id == member_id),
            {"user_id": user_id, "updated_date": now},
        )
    else:
        connection.execute(
            update(USERS).where(USERS.c.id == user.id), {"password": hashed, "updated_date": now}
        )
    if tries is not None:
        tries.succeeded(member_id)


def forget_codes(session: Session, members: Sequence[int], *, clock: Clock) -> None:
    """Let these members have no code any more: each may choose one anew."""
    users = select(MEMBERS.c.user_id).where(MEMBERS.c.id.in_(members))
    session.connection().execute(
        update(USERS).where(USERS.c.id.in_(users), USERS.c.password.startswith(HASHED)),
        {"password": NO_CODE, "updated_date": clock.now()},
    )


def confirm(
    session: Session,
    group_id: int,
    office: Office,
    member_id: int,
    *,
    code: str | None = None,
    tries: Tries,
    clock: Clock,
) -> Confirmed:
    """Return the key of one office, turned by its officer or by who stands in for her.

    A member who has a code types it. By name alone (``code`` None) confirms only who has no code,
    and only where the officer has none either. Raise :class:`RuleBroken` for a wrong code, while
    a member has to wait, and for who may not confirm.
    """
    officers = officers_of(session, group_id)
    person = next((each for each in officers.members if each.member_id == member_id), None)
    if person is None:
        raise RuleBroken("Choose an active member.", field="member")
    if any(
        other is not office and held.member_id == member_id
        for other, held in officers.held_by.items()
    ):
        raise RuleBroken("Choose somebody else: one person, one key.", field="member")
    if not person.has_code:
        if _needs_code(officers, office):
            raise RuleBroken("Set a code first.", field="code")
        return Confirmed(office, member_id, by_code=False)
    if not code:
        raise RuleBroken("Type the code.", field="code")
    user = session.connection().execute(_USER, {"member": member_id}).one()
    _verify(user.password, code, member_id, tries, clock)
    return Confirmed(office, member_id, by_code=True)


def close_with_keys(
    session: Session,
    meeting_id: int,
    counts: Mapping[Fund, PurseCounted],
    confirmed: Mapping[Office, Confirmed],
    *,
    clock: Clock,
    by: int | None = None,
) -> MeetingClosed:
    """Close a meeting as :func:`close_meeting` does, and note who confirmed for each office.

    Raise :class:`RuleBroken`, with nothing changed, while an office that somebody holds is not
    confirmed, when one member confirmed twice, and by name alone where a code is needed.
    """
    officers = officers_of(session, meeting_page(session, meeting_id).group_id)
    keys = {office: confirmed[office] for office in officers.held_by if office in confirmed}
    if len(keys) < len(officers.held_by):
        raise RuleBroken("All officers confirm first.", field="keys")
    if len({key.member_id for key in keys.values()}) < len(keys):
        raise RuleBroken("Choose somebody else: one person, one key.", field="keys")
    if any(_needs_code(officers, key.office) and not key.by_code for key in keys.values()):
        raise RuleBroken("Type the code.", field="keys")
    values = {_COLUMNS[office]: key.member_id for office, key in keys.items()}
    if values:
        session.connection().execute(update(MEETINGS).where(MEETINGS.c.id == meeting_id), values)
    return close_meeting(session, meeting_id, counts, clock=clock, by=by)


def _needs_code(officers: Officers, office: Office) -> bool:
    held = officers.held_by.get(office)
    return held is not None and held.has_code


def _checked(code: str) -> str:
    digits = _digits(code)
    if not (digits.isascii() and digits.isdecimal() and SHORTEST <= len(digits) <= LONGEST):
        raise RuleBroken("Choose 4 to 8 digits.", field="code")
    steps = {int(b) - int(a) for a, b in pairwise(digits)}
    if steps in ({0}, {1}, {-1}):
        raise RuleBroken("Choose a code that is harder to guess.", field="code")
    return digits


def _digits(code: str) -> str:
    """Return what was typed with any script's digits as 0 to 9."""
    return "".join(str(unicodedata.digit(sign, sign)) for sign in code.strip())


def _verify(
    hashed: str, code: str, member_id: int, tries: Tries, clock: Clock, *, field: str = "code"
) -> None:
    from argon2.exceptions import InvalidHashError, VerifyMismatchError

    now = clock.now()
    tries.check(member_id, now, field)
    try:
        hasher().verify(hashed, _digits(code))
    except (VerifyMismatchError, InvalidHashError) as error:
        tries.failed(member_id, now)
        raise RuleBroken("This code is not right.", field=field) from error
    tries.succeeded(member_id)


def hasher() -> PasswordHasher:
    """About a tenth of a second and 19 MiB on a small laptop."""
    from argon2 import PasswordHasher  # only who closes a meeting needs it

    return PasswordHasher(time_cost=_ROUNDS, memory_cost=_MEMORY_KIB, parallelism=1)


def _group_of(session: Session, member_id: int) -> int:
    group_id: int | None = (
        session.connection()
        .execute(select(MEMBERS.c.group_id).where(MEMBERS.c.id == member_id))
        .scalar()
    )
    if group_id is None:
        raise RuleBroken("Choose a member of this group.", field="member")
    return group_id


def _add_user(session: Session, member_id: int, hashed: str) -> int:
    group_code, number = (
        session.connection()
        .execute(
            select(GROUPS.c.group_code, MEMBERS.c.member_number)
            .select_from(MEMBERS.join(GROUPS, GROUPS.c.id == MEMBERS.c.group_id))
            .where(MEMBERS.c.id == member_id)
        )
        .one()
    )
    username = f"member-{group_code.lower()}-{number or f'id{member_id}'}"
    row = {"username": username, "email": f"{username}@local.invalid", "password": hashed}
    return add_row(session, insert(USERS), row, None)
