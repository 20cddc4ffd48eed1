"""The groups of the whole programme: found among a hundred thousand, and added up by place.

A list is read by pages: each begins after the last name of the one before, so the hundredth page
takes as long as the first. Practice groups are in no figure where there are real ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import and_, collate, func, literal, or_, select, tuple_, union

from vsla_desktop.domain.money import ZERO
from vsla_desktop.queries.filtering import PLACES, narrowed
from vsla_desktop.queries.tables import CYCLES, GROUPS, LOANS, MEETINGS, MEMBERS, USERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter

PAGE: Final = 200
CYCLE: Final = "cycle"
COORDINATOR: Final = "coordinator"


class GroupFound(NamedTuple):
    """One group of the list, as it is read. Amounts are in the group's currency."""

    group_id: int
    code: str
    name: str
    country: str
    region: str
    district: str
    parish: str
    village: str
    state: str
    currency: str
    is_practice: bool
    members_count: int
    savings: Decimal
    loans: Decimal
    sort_key: str


@dataclass(frozen=True, slots=True)
class GroupsFound:
    """A page of groups by name, and whether more come after it."""

    groups: tuple[GroupFound, ...]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Total:
    """The figures of the groups of one place (cycle, coordinator) in one currency, summed."""

    name: str
    currency: str
    groups_count: int
    members_count: int
    savings: Decimal
    loans: Decimal
    loan_fund: Decimal


@dataclass(frozen=True, slots=True)
class Officer:
    """Who holds an office of a group."""

    office: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class GroupBriefly:
    """What is said of one group beside the list."""

    group_id: int
    last_meeting: date | None
    meetings_count: int
    running_loans: int
    cycle_number: int | None
    officers: tuple[Officer, ...]


_COLUMNS: Final = (
    GROUPS.c.id,
    GROUPS.c.group_code,
    GROUPS.c.name,
    func.coalesce(GROUPS.c.country, ""),
    GROUPS.c.region,
    GROUPS.c.district,
    GROUPS.c.parish,
    GROUPS.c.village,
    func.coalesce(GROUPS.c.state, ""),
    GROUPS.c.currency,
    GROUPS.c.is_practice,
    func.coalesce(GROUPS.c.members_count, 0),
    GROUPS.c.savings_balance,
    GROUPS.c.loan_balance,
)
_FOUND_BY: Final = (GROUPS.c.name, GROUPS.c.group_code, GROUPS.c.village)


def _list(key: ColumnElement[str]) -> tuple[ColumnElement[str], Select[Any], Select[Any]]:
    """Return what groups are sorted by, and their numbers, and their rows, in that order."""
    order = (key, GROUPS.c.id)
    return key, select(GROUPS.c.id).order_by(*order), select(*_COLUMNS, key).order_by(*order)


_NAME: Final = func.lower(GROUPS.c.name)
_LISTS: Final = {"postgresql": _list(collate(_NAME, "C")), "sqlite": _list(_NAME)}
"""By letters in either database, as the index of head office's keeps them."""


def groups_found(
    session: Session, wanted: Filter, *, after: GroupFound | None = None, most: int = PAGE
) -> GroupsFound:
    """Return the groups of a filter by name, from the one after ``after`` on.

    What begins with the filter's text may be the name, the code or the village. Each is read by
    itself, by its own index, and of each no more than a page: together they hold the page.
    """
    key, ids, rows = _LISTS[session.connection().dialect.name]
    limit = most + 1
    statement = narrowed(ids if wanted.text else rows, replace(wanted, text=""), groups=GROUPS)
    if after is not None:
        begins = tuple_(literal(after.sort_key), literal(after.group_id))
        statement = statement.where(tuple_(key, GROUPS.c.id) > begins)
    if wanted.text:
        text = wanted.text.lower()
        found = (
            statement.where(func.lower(column).startswith(text, autoescape=True))
            for column in _FOUND_BY
        )
        both = union(*(select(each.limit(limit).subquery().c.id) for each in found)).subquery()
        statement = rows.join(both, both.c.id == GROUPS.c.id)
    page = session.connection().execute(statement.limit(limit)).all()
    return GroupsFound(tuple(map(GroupFound._make, page[:most])), len(page) > most)


def count_groups(session: Session, wanted: Filter) -> int:
    """Return how many groups a filter asks for."""
    statement = narrowed(select(func.count()).select_from(GROUPS), wanted, groups=GROUPS)
    count: int = session.connection().execute(statement).scalar_one()
    return count


def totals(session: Session, wanted: Filter, by: str = "") -> tuple[Total, ...]:
    """Return the figures of a filter's groups, by currency and place.

    ``by`` is a place (country to village), ``"cycle"``, the number of the cycle that runs, or
    ``"coordinator"``, who looks after them; empty for all in one. The currency of most groups
    comes first, then the place of most.
    """
    name = _named(by)
    columns = (
        name.label("name"),
        GROUPS.c.currency,
        func.count().label("groups_count"),
        func.sum(GROUPS.c.members_count).label("members_count"),
        func.sum(GROUPS.c.savings_balance).label("savings"),
        func.sum(GROUPS.c.loan_balance).label("loans"),
        func.sum(GROUPS.c.loan_fund_balance).label("loan_fund"),
    )
    statement = select(*columns)
    if by == CYCLE:
        runs = and_(CYCLES.c.group_id == GROUPS.c.id, CYCLES.c.status == "OPEN")
        statement = select(*columns).select_from(GROUPS.outerjoin(CYCLES, runs))
    elif by == COORDINATOR:
        brought = USERS.c.id == GROUPS.c.created_by
        statement = select(*columns).select_from(GROUPS.outerjoin(USERS, brought))
    statement = narrowed(statement, wanted, groups=GROUPS).where(counts())
    parts = (name, GROUPS.c.currency) if by else (GROUPS.c.currency,)
    rows = session.connection().execute(statement.group_by(*parts)).all()
    made = [
        Total(
            str(row.name or ""),
            row.currency,
            row.groups_count,
            row.members_count or 0,
            row.savings or ZERO,
            row.loans or ZERO,
            row.loan_fund or ZERO,
        )
        for row in rows
    ]
    size: dict[str, int] = {}
    for each in made:
        size[each.currency] = size.get(each.currency, 0) + each.groups_count
    return tuple(
        sorted(made, key=lambda t: (-size[t.currency], t.currency, -t.groups_count, t.name.lower()))
    )


def counts() -> ColumnElement[bool]:
    """Return the condition that a group counts: practice groups only where there are no others."""
    real = GROUPS.alias("real")
    return or_(~GROUPS.c.is_practice, ~select(real.c.id).where(~real.c.is_practice).exists())


def group_briefly(session: Session, group_id: int) -> GroupBriefly:
    """Return what is said of one group beside the list."""
    connection = session.connection()
    held = select(func.max(MEETINGS.c.meeting_date), func.count(MEETINGS.c.id)).where(
        MEETINGS.c.group_id == group_id, MEETINGS.c.closed_date.is_not(None)
    )
    last_meeting, meetings = connection.execute(held).one()
    running = connection.execute(
        select(func.count(LOANS.c.id)).where(
            LOANS.c.group_id == group_id, LOANS.c.status.in_(("DISBURSED", "ACTIVE", "DEFAULTED"))
        )
    ).scalar_one()
    cycle = connection.execute(
        select(func.max(CYCLES.c.cycle_number)).where(
            CYCLES.c.group_id == group_id, CYCLES.c.status == "OPEN"
        )
    ).scalar()
    return GroupBriefly(
        group_id, last_meeting, meetings, running, cycle, _officers(session, group_id)
    )


def place_names(session: Session, wanted: Filter, place: str, *, most: int = PAGE) -> Sequence[str]:
    """Return the names of a place (country to village) that a filter's groups have, by name."""
    column = GROUPS.c[place]
    statement = narrowed(select(column).distinct(), wanted, groups=GROUPS)
    rows = session.connection().execute(
        statement.where(column.is_not(None), column != "").order_by(column).limit(most)
    )
    return tuple(rows.scalars())


def _named(by: str) -> ColumnElement[Any]:
    if not by:
        return literal("")
    if by == CYCLE:
        return CYCLES.c.cycle_number
    if by == COORDINATOR:
        return USERS.c.username
    if by not in PLACES:
        raise AssertionError(by)
    return GROUPS.c[by]


def _officers(session: Session, group_id: int) -> tuple[Officer, ...]:
    holds = or_(
        *(
            MEMBERS.c.id == GROUPS.c[column]
            for column in ("chair_member_id", "secretary_member_id", "treasurer_member_id")
        )
    )
    rows = session.connection().execute(
        select(
            MEMBERS.c.committee_role,
            MEMBERS.c.first_name,
            MEMBERS.c.last_name,
            MEMBERS.c.phone_number,
        )
        .select_from(GROUPS.join(MEMBERS, holds))
        .where(GROUPS.c.id == group_id)
        .order_by(MEMBERS.c.member_number)
    )
    return tuple(
        Officer(
            row.committee_role or "",
            f"{row.first_name} {row.last_name}".strip(),
            row.phone_number or "",
        )
        for row in rows
    )
