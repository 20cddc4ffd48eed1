"""The members of a group: joining, being elected, leaving."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from vsla_desktop.domain.committee import check_key_holders
from vsla_desktop.domain.identifiers import check_email, check_name, check_phone_number
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.officers import Office, officers_of
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.tables import GROUPS, MEMBERS
from vsla_desktop.services.officers_codes import forget_codes
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock

OLDEST = 120


class Gender(StrEnum):
    """As the programme's forms count it."""

    FEMALE = "F"
    MALE = "M"
    OTHER = "Other"


class LeavingReason(StrEnum):
    """Why a member left."""

    LEFT = "LEFT"
    EXPELLED = "EXPELLED"
    DIED = "DIED"
    MOVED = "MOVED"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """What is written of a member. ``number`` None asks for the next one."""

    first_name: str
    last_name: str
    gender: Gender | str
    number: int | None = None
    phone_number: str = ""
    id_number: str = ""
    email: str = ""
    date_of_birth: date | None = None
    occupation: str = ""
    joined_date: date | None = None
    is_founder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChange:
    """What is to be written differently of a member; None leaves it as it is, "" empties it."""

    first_name: str | None = None
    last_name: str | None = None
    gender: Gender | str | None = None
    phone_number: str | None = None
    id_number: str | None = None
    email: str | None = None
    date_of_birth: date | None = None
    occupation: str | None = None


@dataclass(frozen=True, slots=True)
class MemberAdded:
    """A member who joined."""

    member_id: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Committee:
    """Who was elected: member ids. Key-holders are outside the committee."""

    chairperson: int
    secretary: int
    treasurer: int
    money_counters: Sequence[int] = ()
    key_holders: Sequence[int] = ()


def add_member(
    session: Session,
    group_id: int,
    new: NewMember,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> MemberAdded:
    """Write a new member into the book, with the next free number unless one is asked for.

    Raise :class:`RuleBroken` for a number that another member has or had, a name, telephone
    number or address that is none, and a day before the group was formed.
    """
    joined = new.joined_date or clock.today()
    page = group_page(session, group_id, joined)
    if page.formation_date is not None and joined < page.formation_date:
        raise RuleBroken(
            "Choose a day from {day} on.",
            hint="The group was formed that day.",
            field="joined_date",
            day=format_date(page.formation_date),
        )
    number = _free_number(session, group_id, new.number)
    row = _checked(new, clock.today()) | {
        "group_id": group_id,
        "member_number": number,
        "joined_date": joined,
        "role": "FOUNDER" if new.is_founder else "MEMBER",
    }
    return MemberAdded(add_row(session, insert(MEMBERS), row, clock), number)


def change_member(
    session: Session,
    member_id: int,
    change: MemberChange,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Correct what is written of a member. The number stays: closed meetings name it."""
    _member(session, member_id)
    row = _checked(change, clock.today())
    if row:
        _update(session, [member_id], row, clock)


def set_photo(
    session: Session,
    member_id: int,
    photo_path: str,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Name the photograph of a member by its place below the data folder; "" takes it away.

    Raise :class:`RuleBroken` for a place that is not below the folder.
    """
    _member(session, member_id)
    if photo_path:
        place = PurePosixPath(photo_path)
        if place.is_absolute() or ".." in place.parts or "\\" in photo_path or ":" in photo_path:
            raise RuleBroken("Choose a picture.", field="photo")
    _update(session, [member_id], {"photo_path": photo_path or None}, clock)


def elect_officers(
    session: Session,
    group_id: int,
    committee: Committee,
    *,
    is_new: bool = True,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Write down the committee and the key-holders; who held an office before holds none.

    Whoever is chairperson, secretary or treasurer now and was not, or the other way round, has no
    code any more. Raise :class:`RuleBroken` for somebody who is not an active member or elected
    twice, such as a key-holder who has another office, and for other than three key-holders; an
    election that is not ``is_new`` stands as another book has it. See docs/rules.md#key-holders.
    """
    offices = {
        "CHAIRPERSON": (committee.chairperson,),
        "SECRETARY": (committee.secretary,),
        "TREASURER": (committee.treasurer,),
        "MONEY_COUNTER": tuple(committee.money_counters),
        "KEY_HOLDER": tuple(committee.key_holders),
    }
    elected = [member for held_by in offices.values() for member in held_by]
    leading = [
        member for office, held in offices.items() if office != "KEY_HOLDER" for member in held
    ]
    if set(committee.key_holders) & set(leading):
        raise RuleBroken("Choose key-holders outside the committee.", field="key_holders")
    if len(set(elected)) != len(elected):
        raise RuleBroken("Elect each member once.", field="committee")
    connection = session.connection()
    active = set(
        connection.execute(
            select(MEMBERS.c.id).where(
                MEMBERS.c.group_id == group_id,
                MEMBERS.c.id.in_(elected),
                MEMBERS.c.is_active,
                MEMBERS.c.status == "ACTIVE",
            )
        ).scalars()
    )
    if active != set(elected):
        raise RuleBroken("Elect active members of the group.", field="committee")
    if is_new:
        _check_key_holders(session, group_id, committee)
    now = clock.now()
    _forget_codes(session, group_id, committee, clock)
    in_group = update(MEMBERS).where(MEMBERS.c.group_id == group_id)
    connection.execute(
        in_group.where(MEMBERS.c.committee_role.is_not(None), MEMBERS.c.id.not_in(elected)),
        {"committee_role": None, "updated_date": now},
    )
    connection.execute(
        in_group.where(MEMBERS.c.role == "OFFICER", MEMBERS.c.id.not_in(leading)),
        {"role": "MEMBER", "updated_date": now},
    )
    for office, held_by in offices.items():
        if held_by:
            _update(session, held_by, {"committee_role": office}, clock)
    connection.execute(
        in_group.where(MEMBERS.c.id.in_(leading), MEMBERS.c.role == "MEMBER"),
        {"role": "OFFICER", "updated_date": now},
    )
    connection.execute(
        update(GROUPS).where(GROUPS.c.id == group_id),
        {
            "chair_member_id": committee.chairperson,
            "secretary_member_id": committee.secretary,
            "treasurer_member_id": committee.treasurer,
            "updated_date": now,
        },
    )


def _check_key_holders(session: Session, group_id: int, committee: Committee) -> None:
    active = select(func.count()).where(
        MEMBERS.c.group_id == group_id, MEMBERS.c.is_active, MEMBERS.c.status == "ACTIVE"
    )
    check_key_holders(
        members_count=session.connection().execute(active).scalar_one(),
        key_holder_count=len(committee.key_holders),
    )


def _forget_codes(session: Session, group_id: int, committee: Committee, clock: Clock) -> None:
    """Let who gains or loses one of the three offices have no code; the others keep theirs."""
    before = officers_of(session, group_id).held_by
    held_by = {office: person.member_id for office, person in before.items()}
    elected = {
        Office.CHAIRPERSON: committee.chairperson,
        Office.SECRETARY: committee.secretary,
        Office.TREASURER: committee.treasurer,
    }
    pairs = [(held_by.get(each), elected[each]) for each in Office]
    changed = [member for pair in pairs if pair[0] != pair[1] for member in pair if member]
    forget_codes(session, changed, clock=clock)


def suspend_member(
    session: Session,
    member_id: int,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Keep a member from saving and borrowing until taken back; debts can still be paid."""
    if _member(session, member_id).status != "ACTIVE":
        raise RuleBroken("This member is not active.", field="member")
    _update(session, [member_id], {"status": "SUSPENDED"}, clock)


def take_back_member(
    session: Session,
    member_id: int,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """End a suspension, or take back a member who had left, under the same number."""
    row = {"status": "ACTIVE", "is_active": True, "left_date": None, "leaving_reason": None}
    _member(session, member_id)
    _update(session, [member_id], row, clock)


def leave_group(
    session: Session,
    member_id: int,
    reason: LeavingReason,
    *,
    day: date | None = None,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Write down that a member left; offices end with it, debts and savings stay in the book."""
    member = _member(session, member_id)
    left = day or clock.today()
    if not member.is_active:
        raise RuleBroken("This member has left already.", field="member")
    if member.joined_date is not None and left < member.joined_date:
        raise RuleBroken(
            "Choose a day from {day} on.",
            hint="The member joined that day.",
            field="left_date",
            day=format_date(member.joined_date),
        )
    row = {
        "status": "INACTIVE",
        "is_active": False,
        "left_date": left,
        "leaving_reason": LeavingReason(reason).value,
        "committee_role": None,
    }
    _update(session, [member_id], row, clock)
    for office in ("chair_member_id", "secretary_member_id", "treasurer_member_id"):
        session.connection().execute(
            update(GROUPS).where(GROUPS.c[office] == member_id),
            {office: None, "updated_date": clock.now()},
        )


def _update(session: Session, ids: Sequence[int], values: dict[str, Any], clock: Clock) -> None:
    session.connection().execute(
        update(MEMBERS).where(MEMBERS.c.id.in_(ids)), values | {"updated_date": clock.now()}
    )


def _member(session: Session, member_id: int) -> Any:
    row = session.connection().execute(select(MEMBERS).where(MEMBERS.c.id == member_id)).first()
    if row is None:
        raise RuleBroken("Choose a member.", field="member")
    return row


def _free_number(session: Session, group_id: int, wanted: int | None) -> int:
    connection = session.connection()
    of_group = MEMBERS.c.group_id == group_id
    if wanted is None:
        last = select(func.max(MEMBERS.c.member_number)).where(of_group)
        return 1 + (connection.execute(last).scalar() or 0)
    if wanted < 1:
        raise RuleBroken("Enter a number from 1 on.", field="number")
    if connection.execute(
        select(MEMBERS.c.id).where(of_group, MEMBERS.c.member_number == wanted)
    ).first():
        raise RuleBroken("Choose another number; {number} is taken.", field="number", number=wanted)
    return wanted


def _checked(said: NewMember | MemberChange, today: date) -> dict[str, Any]:
    """Return what was said of a member as columns, each checked; what was not said is left out."""
    given = {each.name: getattr(said, each.name) for each in fields(said)}
    row: dict[str, Any] = {}
    for name in ("first_name", "last_name"):
        if given[name] is not None:
            has_one_name = name == "last_name" and not given[name].strip()
            row[name] = "" if has_one_name else check_name(given[name], field=name)
    checks = {
        "phone_number": check_phone_number,
        "email": check_email,
        "id_number": _short_text(50, "id_number"),
        "occupation": _short_text(100, "occupation"),
    }
    for name, check in checks.items():
        if given[name] is not None:
            row[name] = check(given[name]) if given[name].strip() else None
    if given["gender"] is not None:
        try:
            row["gender"] = Gender(given["gender"]).value
        except ValueError:
            raise RuleBroken("Choose F, M or Other.", field="gender") from None
    born = given["date_of_birth"]
    if born is not None:
        if not 0 <= today.year - born.year <= OLDEST or born > today:
            raise RuleBroken("Check the date of birth.", field="date_of_birth")
        row["date_of_birth"] = born
    return row


def _short_text(most: int, field: str) -> Any:
    def check(text: str) -> str:
        short = " ".join(text.split())
        if len(short) > most:
            raise RuleBroken("Enter at most {most} characters.", field=field, most=most)
        return short

    return check
