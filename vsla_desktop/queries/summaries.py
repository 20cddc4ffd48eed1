"""All that a member, or a group, has come to by the end of a day, beside the group's mean.

See docs/rules.md#summaries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.money import CENT
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.filtering import Filter, narrowed
from vsla_desktop.queries.listing import batches, groups_asked, person
from vsla_desktop.queries.summary_totals import Totals, added, totals_of_members
from vsla_desktop.queries.tables import GROUPS, MEMBERS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Figure = Callable[[Totals], Decimal | int]

_GROUPS_AT_ONCE = 100
_MEMBERS = (
    select(
        MEMBERS,
        GROUPS.c.id.label("of_group"),
        GROUPS.c.name.label("group_name"),
        GROUPS.c.group_code,
        GROUPS.c.currency,
    )
    .select_from(GROUPS.outerjoin(MEMBERS, MEMBERS.c.group_id == GROUPS.c.id))
    .where(GROUPS.c.id.in_(bindparam("groups", expanding=True)))
    .order_by(GROUPS.c.name, GROUPS.c.id, MEMBERS.c.member_number, MEMBERS.c.id)
)
_GROUP_OF = select(MEMBERS.c.group_id).where(MEMBERS.c.id == bindparam("member"))


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """One group: all of its members together, those who left among them.

    ``active`` are the members who were active at the end of the day, and ``of_active`` is what
    they come to: the group's mean is that, divided by their number.
    """

    group_id: int
    name: str
    code: str
    currency: str
    on: date
    members: int
    active: int
    women: int
    men: int
    all: Totals
    of_active: Totals

    def mean(self, figure: Figure) -> Decimal | None:
        """Return a figure for each active member, to the hundredth; None without any."""
        if not self.active:
            return None
        return (Decimal(figure(self.of_active)) / self.active).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class MemberSummary:
    """One member, and the group that she is compared with."""

    member_id: int
    number: int
    name: str
    gender: str
    joined: date | None
    left: date | None
    own: Totals
    group: GroupSummary

    @property
    def on(self) -> date:
        """The day whose end the figures are of."""
        return self.group.on


def member_summary(session: Session, member_id: int, *, on: date) -> MemberSummary:
    """Return what a member has come to by the end of a day; RuleBroken without the member."""
    group_id = session.connection().execute(_GROUP_OF, {"member": member_id}).scalar()
    if group_id is None:
        raise RuleBroken("Choose a member.", field="member")
    (read,) = _read(session, [group_id], on)
    return next(each for each in read.members if each.member_id == member_id)


def group_summary(session: Session, group_id: int, *, on: date) -> GroupSummary:
    """Return what a group has come to by the end of a day; RuleBroken without the group."""
    for read in _read(session, [group_id], on):
        return read.group
    raise RuleBroken("Choose a group.", field="group")


def member_summaries(session: Session, wanted: Filter, *, on: date) -> Iterator[MemberSummary]:
    """Yield the members that a filter names, by group and number.

    Each is compared with her whole group, also where the filter names some of its members.
    """
    for ids in batches(groups_asked(session, wanted), _GROUPS_AT_ONCE):
        chosen = _chosen(session, wanted, ids)
        for read in _read(session, ids, on):
            yield from (each for each in read.members if each.member_id in chosen)


def group_summaries(session: Session, wanted: Filter, *, on: date) -> Iterator[GroupSummary]:
    """Yield the groups that a filter names, in the order of their names."""
    for ids in batches(groups_asked(session, wanted), _GROUPS_AT_ONCE):
        yield from (read.group for read in _read(session, ids, on))


@dataclass(frozen=True, slots=True)
class _Read:
    group: GroupSummary
    members: tuple[MemberSummary, ...]


def _chosen(session: Session, wanted: Filter, group_ids: list[int]) -> frozenset[int]:
    statement = select(MEMBERS.c.id).where(MEMBERS.c.group_id.in_(group_ids))
    return frozenset(session.connection().scalars(narrowed(statement, wanted, members=MEMBERS)))


def _read(session: Session, group_ids: list[int], on: date) -> Iterator[_Read]:
    totals = totals_of_members(session, group_ids, on)
    rows: dict[int, list[Any]] = {}
    for row in session.connection().execute(_MEMBERS, {"groups": group_ids}):
        rows.setdefault(row.of_group, []).append(row)
    for group_id, of_group in rows.items():
        members = [row for row in of_group if row.id is not None]
        known = [row for row in members if row.joined_date is None or row.joined_date <= on]
        group = _group(group_id, of_group[0], known, totals, on)
        yield _Read(
            group,
            tuple(
                MemberSummary(
                    member_id=row.id,
                    number=row.member_number or 0,
                    name=person(row),
                    gender=row.gender,
                    joined=row.joined_date,
                    left=row.left_date,
                    own=totals[row.id],
                    group=group,
                )
                for row in members
            ),
        )


def _group(
    group_id: int, first: Any, known: list[Any], totals: dict[int, Totals], on: date
) -> GroupSummary:
    active = [row for row in known if _is_active(row, on)]
    everyone = _sum(known, totals)
    return GroupSummary(
        group_id=group_id,
        name=first.group_name,
        code=first.group_code,
        currency=first.currency,
        on=on,
        members=len(known),
        active=len(active),
        women=sum(row.gender == "F" for row in active),
        men=sum(row.gender == "M" for row in active),
        all=everyone,
        of_active=everyone if len(active) == len(known) else _sum(active, totals),
    )


def _is_active(row: Any, on: date) -> bool:
    if row.left_date is not None:
        return bool(row.left_date > on)
    return row.is_active is not False and (row.status or "ACTIVE") == "ACTIVE"


def _sum(rows: Iterable[Any], totals: dict[int, Totals]) -> Totals:
    return added(totals[row.id] for row in rows)
