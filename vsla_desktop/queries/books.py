"""All the books of one group at once, as a workbook or an audit pack needs them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.rules import GroupRules
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.lines import LedgerLine, group_lines
from vsla_desktop.queries.loans import LoanState, loans_of_group
from vsla_desktop.queries.meetings import PurseCount, counts_from_json
from vsla_desktop.queries.members import MemberLine, members_of
from vsla_desktop.queries.rules import group_rules
from vsla_desktop.queries.tables import (
    ATTENDANCE,
    CYCLES,
    FINES,
    GROUP_SAVING_TYPES,
    GROUPS,
    MEETINGS,
    MEMBERS,
    SAVING_TYPES,
    SETTINGS,
)

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """The first page of a group's book."""

    group_id: int
    code: str
    name: str
    country: str
    region: str
    district: str
    parish: str
    village: str
    currency: str
    language: str
    formed: date | None
    preset: str
    meeting_frequency: str
    meeting_day: int | None
    meeting_time: time | None
    registration_number: str
    is_practice: bool
    saving_kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CycleRecord:
    """One cycle."""

    cycle_id: int
    number: int
    start: date
    end: date
    status: str


@dataclass(frozen=True, slots=True)
class FineRecord:
    """A fine that was charged."""

    fine_id: int
    member_id: int
    meeting_id: int | None
    day: date | None
    type: str
    reason: str
    amount: Decimal
    paid: Decimal
    waived: date | None


@dataclass(frozen=True, slots=True)
class MeetingRecord:
    """One meeting, with its roll call by member and its counts."""

    meeting_id: int
    number: int
    day: date
    kind: str
    status: str
    meetings_merged: int
    location: str
    minutes: str
    decisions: str
    opening: tuple[PurseCount, ...]
    closing: tuple[PurseCount, ...]
    roll: dict[int, AttendanceStatus]
    seal: str


@dataclass(frozen=True, slots=True)
class Books:
    """Everything of one group. Entries are those that stand, with all corrections, in order."""

    group: GroupRecord
    rules: GroupRules
    cycles: tuple[CycleRecord, ...]
    members: tuple[MemberLine, ...]
    meetings: tuple[MeetingRecord, ...]
    entries: tuple[LedgerLine, ...]
    fines: tuple[FineRecord, ...]
    loans: tuple[LoanState, ...]


_BY_CODE = select(GROUPS.c.id).where(GROUPS.c.group_code == bindparam("code"))
_GROUP = (
    select(GROUPS, SETTINGS.c.preset)
    .select_from(GROUPS.outerjoin(SETTINGS, SETTINGS.c.group_id == GROUPS.c.id))
    .where(GROUPS.c.id == bindparam("of_group"))
)
_KINDS = (
    select(SAVING_TYPES.c.code)
    .select_from(
        GROUP_SAVING_TYPES.join(
            SAVING_TYPES, SAVING_TYPES.c.id == GROUP_SAVING_TYPES.c.saving_type_id
        )
    )
    .where(GROUP_SAVING_TYPES.c.group_id == bindparam("of_group"), GROUP_SAVING_TYPES.c.is_active)
    .order_by(GROUP_SAVING_TYPES.c.display_order)
)
_CYCLES = (
    select(CYCLES).where(CYCLES.c.group_id == bindparam("of_group")).order_by(CYCLES.c.cycle_number)
)
_MEETINGS = (
    select(MEETINGS)
    .where(MEETINGS.c.group_id == bindparam("of_group"), MEETINGS.c.status != "CANCELLED")
    .order_by(
        MEETINGS.c.meeting_date, MEETINGS.c.closed_date.nulls_last(), MEETINGS.c.meeting_number
    )
)
_ROLL = select(
    ATTENDANCE.c.meeting_id,
    ATTENDANCE.c.member_id,
    ATTENDANCE.c.attendance_status,
    ATTENDANCE.c.is_present,
).where(ATTENDANCE.c.group_id == bindparam("of_group"))
_FINES = (
    select(FINES)
    .select_from(FINES.join(MEMBERS, MEMBERS.c.id == FINES.c.member_id))
    .where(MEMBERS.c.group_id == bindparam("of_group"))
    .order_by(FINES.c.fine_date, FINES.c.id)
)


def group_id_of(session: Session, code: str) -> int:
    """Return the group that has a code; raise :class:`RuleBroken` when none has."""
    found: int | None = session.connection().execute(_BY_CODE, {"code": code}).scalar()
    if found is None:
        raise RuleBroken("No group has the code {code}.", field="group", code=code)
    return found


def books_of_group(session: Session, group_id: int, *, on: date) -> Books:
    """Return all books of a group, in a fixed number of SELECTs; debts are as of a day."""
    connection = session.connection()
    wanted = {"of_group": group_id}
    group = connection.execute(_GROUP, wanted).first()
    if group is None:
        raise RuleBroken("This group is not in the book.", field="group")
    roll: dict[int | None, dict[int, AttendanceStatus]] = defaultdict(dict)
    for mark in connection.execute(_ROLL, wanted):
        said = mark.attendance_status or ("PRESENT" if mark.is_present else "ABSENT")
        roll[mark.meeting_id][mark.member_id] = AttendanceStatus(said)
    return Books(
        group=_record(group, tuple(connection.execute(_KINDS, wanted).scalars())),
        rules=group_rules(session, group_id),
        cycles=tuple(
            CycleRecord(row.id, row.cycle_number, row.start_date, row.end_date, row.status)
            for row in connection.execute(_CYCLES, wanted)
        ),
        members=members_of(session, group_id, on=on, with_left=True),
        meetings=tuple(
            _meeting(row, roll.get(row.id, {})) for row in connection.execute(_MEETINGS, wanted)
        ),
        entries=group_lines(session, group_id),
        fines=tuple(_fine(row) for row in connection.execute(_FINES, wanted)),
        loans=loans_of_group(session, group_id),
    )


def _record(group: Any, kinds: tuple[str, ...]) -> GroupRecord:
    return GroupRecord(
        group_id=group.id,
        code=group.group_code,
        name=group.name,
        country=group.country or "",
        region=group.region,
        district=group.district,
        parish=group.parish,
        village=group.village,
        currency=group.currency,
        language=group.language or "",
        formed=group.formation_date,
        preset=group.preset or "",
        meeting_frequency=group.meeting_frequency or "",
        meeting_day=group.meeting_day,
        meeting_time=group.meeting_time,
        registration_number=group.registration_number or "",
        is_practice=group.is_practice,
        saving_kinds=kinds,
    )


def _meeting(row: Any, roll: dict[int, AttendanceStatus]) -> MeetingRecord:
    return MeetingRecord(
        meeting_id=row.id,
        number=row.meeting_number,
        day=row.meeting_date,
        kind=row.meeting_type or "REGULAR",
        status=row.status or "",
        meetings_merged=row.meetings_merged,
        location=row.location or "",
        minutes=row.minutes or "",
        decisions=row.decisions_made or "",
        opening=counts_from_json(row.opening_count),
        closing=counts_from_json(row.closing_count),
        roll=roll,
        seal=row.seal or "",
    )


def _fine(row: Any) -> FineRecord:
    return FineRecord(
        fine_id=row.id,
        member_id=row.member_id,
        meeting_id=row.meeting_id,
        day=row.fine_date,
        type=row.fine_type,
        reason=row.reason,
        amount=row.amount,
        paid=row.paid_amount or row.amount * 0,
        waived=row.waived_date,
    )
