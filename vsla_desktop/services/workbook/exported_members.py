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
    from collections.abc import Mapping, Sequence
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
    first ones, and else was suspended. Of a meeting without a roll call only the quorum tells how
    many were suspended. ``there`` are those of today's suspended who were not so as yet.
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
) -> Presence:
    """Work out from the roll calls when each member was there; ``held`` are meetings in order."""
    found = session.connection().execute(_QUORUMS, {"of_group": group_id})
    quorums = {row.id: row.quorum_required for row in found}
    joined: dict[int, int] = {}
    away: dict[int, set[int]] = defaultdict(set)
    newcomers: dict[int, list[MemberLine]] = defaultdict(list)
    for member in members:
        due = [each for each in held if _is_due(member, each)]
        marked = [at for at, each in enumerate(due) if member.member_id in each.roll]
        first = marked[0] if marked else len(due)
        if first:
            joined[member.member_id] = due[first - 1].number
        elif due and due[0].day == member.joined:
            newcomers[due[0].meeting_id].append(member)
        for meeting in due[first:]:
            if member.member_id not in meeting.roll:
                away[meeting.meeting_id].add(member.member_id)
    for meeting in held:
        late = _came_late(meeting, newcomers[meeting.meeting_id], quorums, rules)
        joined.update({member.member_id: meeting.number for member in late})
    there: dict[int, set[int]] = {}
    suspended = {member.member_id for member in members if member.status == "SUSPENDED"}
    next_away = suspended
    for meeting in reversed(held):
        if meeting.status != "COMPLETED":
            continue
        if meeting.kind not in WITH_ROLL_CALL:
            here = [member.member_id for member in members if _is_here(member, meeting.day)]
            here.sort(key=lambda member_id: member_id not in next_away)
            percentage = _quorum_on(rules, meeting.day)
            wanted = quorums[meeting.meeting_id]
            counts = (each for each in range(len(here)) if _needs(here[each:], percentage, wanted))
            away[meeting.meeting_id] = set(here[: next(counts, 0)])
            there[meeting.meeting_id] = suspended & set(here) - away[meeting.meeting_id]
        next_away = away[meeting.meeting_id]
    return Presence(joined, away, there)


def _is_here(member: MemberLine, day: date) -> bool:
    """Say whether somebody was a member at the end of a day."""
    has_left = not member.is_active and member.left is not None and member.left <= day
    return not has_left and (member.joined is None or member.joined <= day)


def _needs(there: Sequence[int], percentage: int, wanted: int | None) -> bool:
    return quorum_needed(len(there), percentage) == wanted


def _is_due(member: MemberLine, meeting: MeetingRecord) -> bool:
    """Say whether a member should answer the roll call of a meeting that is closed."""
    is_here = member.is_active or member.left is None or member.left > meeting.day
    return (
        meeting.kind in WITH_ROLL_CALL
        and meeting.status == "COMPLETED"
        and (member.joined is None or member.joined <= meeting.day)
        and (is_here or member.member_id in meeting.roll)
    )


def _came_late(
    meeting: MeetingRecord,
    newcomers: Sequence[MemberLine],
    quorums: Mapping[int, int | None],
    rules: Sequence[RuleSet],
) -> Sequence[MemberLine]:
    """Return who joined after a meeting was opened: its quorum knew nothing of them."""
    if not newcomers:
        return ()
    percentage = _quorum_on(rules, meeting.day)
    there = len(meeting.roll)
    for late in range(len(newcomers) + 1):
        if quorum_needed(there - late, percentage) == quorums[meeting.meeting_id]:
            return newcomers[len(newcomers) - late :] if late else ()
    return ()


def _quorum_on(rules: Sequence[RuleSet], day: date) -> int:
    holding = [each.rules for each in rules if each.since <= day] or [rules[0].rules]
    return holding[-1].quorum_percentage
