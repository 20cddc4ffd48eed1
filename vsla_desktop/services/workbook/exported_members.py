"""Members as the workbook holds them: when each joined, and when each was kept away."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.meeting import quorum_needed
from vsla_desktop.queries.loans import guarantors_of
from vsla_desktop.queries.tables import ACCOUNTS, MEETINGS, MEMBERS, SAVING_TYPES
from vsla_desktop.services.targets import TARGET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.books import MeetingRecord
    from vsla_desktop.queries.members import MemberLine
    from vsla_desktop.queries.rules_history import RuleSet

WITH_ROLL_CALL = frozenset({"REGULAR", "ANNUAL"})
_TARGETS = (
    select(MEMBERS.c.id, ACCOUNTS.c.target_amount)
    .select_from(
        ACCOUNTS.join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id).join(
            SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id
        )
    )
    .where(
        MEMBERS.c.group_id == bindparam("of_group"),
        SAVING_TYPES.c.code == TARGET,
        ACCOUNTS.c.target_amount.is_not(None),
    )
)
_QUORUMS = select(MEETINGS.c.id, MEETINGS.c.quorum_required).where(
    MEETINGS.c.group_id == bindparam("of_group")
)


def guarantor_numbers(loan: Any, members: Sequence[MemberLine]) -> list[int]:
    """Return the numbers of those who stand for a loan, the first first."""
    people = [(each.member_id, each.name) for each in members]
    others = loan.collateral_description or ""
    numbers = {each.member_id: each.number for each in members}
    found = guarantors_of(loan.guarantor_member_id, others, people)
    return [numbers[each] for each in found if each in numbers]


def targets_of(session: Session, group_id: int) -> dict[int, Decimal]:
    """Return what target savings are to reach, by member."""
    found = session.connection().execute(_TARGETS, {"of_group": group_id})
    return {row.id: row.target_amount for row in found}


@dataclass(frozen=True, slots=True)
class Presence:
    """When members were there: ``joined`` by member, and ``away`` by meeting, as member ids.

    Who has no mark at a regular meeting after the day of joining had not joined yet if it is the
    first ones, and else was suspended. Of a meeting without a roll call, and of who was paid out
    at a meeting without a mark of it, only the quorum tells how many were suspended. ``there`` are
    those of today's suspended who were not so as yet.
    """

    joined: Mapping[int, int]
    away: Mapping[int, set[int]]
    there: Mapping[int, set[int]]


def presence_of(
    session: Session,
    group_id: int,
    members: Sequence[MemberLine],
    held: Sequence[MeetingRecord],
    rules: Sequence[RuleSet],
    left_at: Mapping[int, int],
) -> Presence:
    """Work out from the roll calls when each member was there; ``held`` are meetings in order.

    ``left_at`` gives the number of the meeting at which a member, by number, was paid out.
    """
    found = session.connection().execute(_QUORUMS, {"of_group": group_id})
    quorums = {row.id: row.quorum_required for row in found}
    joined: dict[int, int] = {}
    away: dict[int, set[int]] = defaultdict(set)
    newcomers: dict[int, list[MemberLine]] = defaultdict(list)
    for member in members:
        due = [each for each in _with_roll_call(held) if _is_due(member, each, left_at)]
        marked = [at for at, each in enumerate(due) if member.member_id in each.roll]
        first = marked[0] if marked else len(due)
        if first:
            joined[member.member_id] = due[first - 1].number
        elif due and due[0].day == member.joined:
            newcomers[due[0].meeting_id].append(member)
        for meeting in due[first:]:
            if member.member_id not in meeting.roll:
                away[meeting.meeting_id].add(member.member_id)
    before: set[int] = set()
    for meeting in _with_roll_call(held):
        leavers = (each for each in members if left_at.get(each.number) == meeting.number)
        unmarked = [each for each in leavers if each.member_id not in meeting.roll]
        unmarked.sort(key=lambda each: each.member_id not in before)
        gone, late = _not_counted(
            _others(meeting, members, left_at),
            unmarked,
            newcomers[meeting.meeting_id],
            quorums[meeting.meeting_id],
            _quorum_on(rules, meeting.day),
        )
        joined.update({member.member_id: meeting.number for member in late})
        away[meeting.meeting_id] |= {member.member_id for member in gone}
        before = away[meeting.meeting_id]
    there: dict[int, set[int]] = {}
    suspended = {member.member_id for member in members if member.status == "SUSPENDED"}
    next_away = suspended
    for meeting in reversed(held):
        if meeting.status != "COMPLETED":
            continue
        if meeting.kind not in WITH_ROLL_CALL:
            here = [each.member_id for each in members if _is_here(each, meeting, left_at)]
            here.sort(key=lambda member_id: member_id not in next_away)
            percentage = _quorum_on(rules, meeting.day)
            wanted = quorums[meeting.meeting_id]
            counts = (each for each in range(len(here)) if _needs(here[each:], percentage, wanted))
            away[meeting.meeting_id] = set(here[: next(counts, 0)])
            there[meeting.meeting_id] = suspended & set(here) - away[meeting.meeting_id]
        next_away = away[meeting.meeting_id]
    return Presence(joined, away, there)


def _with_roll_call(held: Iterable[MeetingRecord]) -> Iterator[MeetingRecord]:
    """Yield the meetings that call the roll."""
    for meeting in held:
        if meeting.kind in WITH_ROLL_CALL:
            yield meeting


def _is_here(member: MemberLine, meeting: MeetingRecord, left_at: Mapping[int, int]) -> bool:
    """Say whether somebody was a member when a meeting was opened."""
    if member.number in left_at:
        has_left = left_at[member.number] < meeting.number
    else:
        has_left = not member.is_active and member.left is not None and member.left <= meeting.day
    return not has_left and (member.joined is None or member.joined <= meeting.day)


def _needs(there: Sequence[int], percentage: int, wanted: int | None) -> bool:
    return quorum_needed(len(there), percentage) == wanted


def _is_due(member: MemberLine, meeting: MeetingRecord, left_at: Mapping[int, int]) -> bool:
    """Say whether a member should answer the roll call of a meeting that is closed.

    Who was paid out at it may have left before the roll was called.
    """
    stays = _is_here(member, meeting, left_at) and left_at.get(member.number) != meeting.number
    is_asked = meeting.status == "COMPLETED" and (
        member.joined is None or member.joined <= meeting.day
    )
    return is_asked and (stays or member.member_id in meeting.roll)


def _others(
    meeting: MeetingRecord, members: Sequence[MemberLine], left_at: Mapping[int, int]
) -> int:
    """Return how many were there when a meeting was opened, but for leavers without a mark.

    Of a meeting that is open still not everybody is marked who will be.
    """
    due = {
        each.member_id
        for each in members
        if each.status == "ACTIVE" and _is_here(each, meeting, left_at)
    }
    return len(meeting.roll if meeting.status == "COMPLETED" else due | set(meeting.roll))


def _not_counted(
    others: int,
    leavers: Sequence[MemberLine],
    newcomers: Sequence[MemberLine],
    quorum: int | None,
    percentage: int,
) -> tuple[Sequence[MemberLine], Sequence[MemberLine]]:
    """Return which leavers were suspended when a meeting was opened, and which newcomers came late.

    Its quorum tells how many it knew nothing of. ``leavers`` are those without a mark.
    """
    there = others + len(leavers)
    for gone in range(len(leavers) + 1):
        for late in range(len(newcomers) + 1):
            if quorum_needed(there - gone - late, percentage) == quorum:
                return leavers[:gone], newcomers[len(newcomers) - late :]
    return (), ()


def _quorum_on(rules: Sequence[RuleSet], day: date) -> int:
    holding = [each.rules for each in rules if each.since <= day] or [rules[0].rules]
    return holding[-1].quorum_percentage
