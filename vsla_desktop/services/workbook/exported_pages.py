"""The sheets Group, Members, Meetings, Entries and Counts of a book that goes out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.rules import GroupRules, Preset
from vsla_desktop.queries.mark_corrections import all_put_right
from vsla_desktop.queries.saving_types import saving_types_of
from vsla_desktop.queries.share_out import CLOSED
from vsla_desktop.queries.tables import ATTENDANCE, MEETINGS, MEMBERS
from vsla_desktop.services.workbook.books import (
    COUNTED,
    EntryRow,
    GroupPage,
    MeetingRow,
    MemberRow,
    OtherRow,
)
from vsla_desktop.services.workbook.exported_kept import count_rows
from vsla_desktop.services.workbook.exported_members import (
    Presence,
    presence_of,
    targets_of,
)
from vsla_desktop.services.workbook.exported_money import MemberCell
from vsla_desktop.services.workbook.layout import OtherType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.books import Books, CycleRecord, MeetingRecord
    from vsla_desktop.queries.lines import LedgerLine
    from vsla_desktop.queries.meetings import PurseCount
    from vsla_desktop.queries.rules_history import RuleSet
    from vsla_desktop.services.workbook.exported_fines import FineCells
    from vsla_desktop.services.workbook.exported_money import ExportedMoney
    from vsla_desktop.services.workbook.exported_opening import Opening
    from vsla_desktop.services.workbook.more_rows import CountRow

_PERSONS = select(
    MEMBERS.c.id,
    MEMBERS.c.role,
    MEMBERS.c.email,
    MEMBERS.c.date_of_birth,
    MEMBERS.c.occupation,
    MEMBERS.c.leaving_reason,
).where(MEMBERS.c.group_id == bindparam("of_group"))
_ROLL = select(ATTENDANCE).where(ATTENDANCE.c.group_id == bindparam("of_group"))
_NOTES = select(MEETINGS).where(MEETINGS.c.group_id == bindparam("of_group"))
_OFFICES = ("chairperson", "secretary", "treasurer")
_SAVED = frozenset({PostingType.SAVINGS_DEPOSIT, PostingType.SAVINGS_WITHDRAWAL})


@dataclass(frozen=True, slots=True)
class PageRows:
    """The rows of the sheets about members and meetings."""

    members: tuple[MemberRow, ...]
    meetings: tuple[MeetingRow, ...]
    entries: tuple[EntryRow, ...]
    counts: tuple[CountRow, ...]


class ExportedPages:
    """Makes the sheets about members and meetings; ``cycles`` gives each its number."""

    def __init__(
        self,
        session: Session,
        written: Books,
        cycles: Mapping[int, int],
        history: Sequence[RuleSet],
    ) -> None:
        self._session = session
        self._written = written
        self._cycles = cycles
        self._history = history
        wanted = {"of_group": written.group.group_id}
        connection = session.connection()
        self._persons = {row.id: row for row in connection.execute(_PERSONS, wanted)}
        self._roll = {
            (row.meeting_id, row.member_id): row for row in connection.execute(_ROLL, wanted)
        }
        self._notes = {row.id: row for row in connection.execute(_NOTES, wanted)}
        self._numbers = {each.member_id: each.number for each in written.members}

    def cycle_of(self, meeting: MeetingRecord) -> int | None:
        """Return the cycle of a meeting, by its id."""
        found: int | None = self._notes[meeting.meeting_id].cycle_id
        return found

    def first_rules(self, cycle: CycleRecord) -> GroupRules:
        """Return the rules that a cycle began with."""
        of_it = (each.rules for each in self._history if each.cycle_number == cycle.number)
        return next(of_it, self._written.rules)

    def moved_purses(self, lines: Sequence[LedgerLine]) -> int:
        """Count the savings of kinds that go to another fund today."""
        kinds = saving_types_of(self._session, self._written.group.group_id)
        funds = {line.rule.code: line.rule.fund for line in kinds}
        return sum(
            line.type in _SAVED
            and bool(line.saving_code)
            and line.fund is not funds[line.saving_code]
            for line in lines
        )

    # --- the sheet Group ------------------------------------------------------------------------

    def group(self, cycle: CycleRecord, opening: Opening, *, is_only: bool) -> GroupPage:
        """Return the sheet Group: the group as it is, and its first cycle as it began."""
        group = self._written.group
        earnings = opening.earnings(self.first_rules(cycle).share_value)
        return GroupPage(
            name=group.name,
            group_code=group.code,
            country=group.country,
            region=group.region,
            district=group.district,
            parish=group.parish,
            village=group.village,
            currency=group.currency,
            language=group.language,
            registration_number=group.registration_number,
            formation_date=group.formed,
            practice=group.is_practice,
            preset=Preset(group.preset) if group.preset in set(Preset) else None,
            cycle_start=cycle.start,
            cycle_end=cycle.end,
            meeting_day=group.meeting_day,
            meeting_time=group.meeting_time,
            saving_kinds=group.saving_kinds,
            opening_date=opening.day or (cycle.start if opening.funds else None),
            opening_loan_fund=opening.funds.get(Fund.LOAN_FUND, ZERO),
            opening_social_fund=opening.funds.get(Fund.SOCIAL, ZERO),
            opening_ecd_fund=opening.funds.get(Fund.ECD) or None,
            opening_target_fund=opening.funds.get(Fund.TARGET) or None,
            opening_earnings=earnings or None,
            opening_debts=opening.debts or None,
            cycle_closed=True if is_only and cycle.status == CLOSED else None,
        )

    # --- members and meetings -------------------------------------------------------------------

    def rows(
        self, held: Sequence[MeetingRecord], money: ExportedMoney, fines: FineCells
    ) -> PageRows:
        """Return the rows of members, and of the meetings that were held, in their order."""
        presence = presence_of(
            self._session,
            self._written.group.group_id,
            self._written.members,
            held,
            self._history,
            money.left_at,
        )
        meetings = tuple(self._meeting(each, presence.joined) for each in held)
        counts = tuple(
            row
            for meeting, said in zip(held, meetings, strict=True)
            for row in count_rows(
                meeting, {"OPENING": said.opening_reason, "CLOSING": said.closing_reason}
            )
        )
        return PageRows(
            members=tuple(self._members(money.opening, fines.opening, presence)),
            meetings=meetings,
            entries=tuple(self._entries(held, money, fines, presence)),
            counts=counts,
        )

    def _members(
        self, opening: Opening, fines: Mapping[int, Any], presence: Presence
    ) -> list[MemberRow]:
        targets = targets_of(self._session, self._written.group.group_id)
        rows = []
        for member in self._written.members:
            person = self._persons[member.member_id]
            is_founder = person.role == "FOUNDER"
            rows.append(
                MemberRow(
                    number=member.number,
                    first_name=member.first_name,
                    last_name=member.last_name,
                    gender=member.gender,
                    phone_number=member.phone_number,
                    id_number=member.id_number,
                    joined_date=member.joined,
                    role=member.office or ("FOUNDER" if is_founder else "MEMBER"),
                    opening_shares=opening.shares.get(member.number),
                    opening_social_due=opening.social_dues.get(member.number),
                    **opening.loans.get(member.number, {}),
                    opening_fines=fines.get(member.number),
                    email=person.email or "",
                    date_of_birth=person.date_of_birth,
                    occupation=person.occupation or "",
                    founder=True if is_founder and member.office else None,
                    status="SUSPENDED" if member.status == "SUSPENDED" else "",
                    left_date=None if member.is_active else member.left,
                    leaving_reason="" if member.is_active else person.leaving_reason or "",
                    target=targets.get(member.member_id),
                    joined_meeting=presence.joined.get(member.member_id),
                )
            )
        return rows

    def _meeting(self, meeting: MeetingRecord, joined: Mapping[int, int]) -> MeetingRow:
        counts: dict[str, Any] = {}
        for when, purses in (("opening", meeting.opening), ("closing", meeting.closing)):
            for purse in purses:
                if purse.fund in COUNTED:
                    counts[f"{when}_{COUNTED[purse.fund]}_count"] = purse.counted
        notes = self._notes[meeting.meeting_id]
        return MeetingRow(
            number=meeting.number,
            date=meeting.day,
            type=meeting.kind,
            opening_reason=_reason(meeting.opening),
            closing_reason=_reason(meeting.closing),
            meetings_merged=meeting.meetings_merged if meeting.meetings_merged != 1 else None,
            location=meeting.location,
            minutes=meeting.minutes,
            decisions=meeting.decisions,
            action_items=notes.action_items or "",
            still_open=True if meeting.status == "IN_PROGRESS" else None,
            cycle=self._cycles.get(notes.cycle_id) if len(self._cycles) > 1 else None,
            planned_date=notes.planned_date,
            moved_reason=notes.status_reason or "",
            purpose=notes.agenda or "",
            **self._officers(meeting, notes, joined),
            **counts,
        )

    def _officers(
        self, meeting: MeetingRecord, notes: Any, joined: Mapping[int, int]
    ) -> dict[str, Any]:
        """Return who held the offices of a meeting, where they are others than today's.

        Before all of today's committee are members the import elects nobody.
        """
        today = {each.office: each.number for each in self._written.members if each.office}
        now = {office: today.get(office.upper(), 0) for office in _OFFICES}
        if not all(now.values()):
            now = dict.fromkeys(_OFFICES, 0)  # a committee that is not whole is not elected
        then = {office: self._numbers.get(getattr(notes, f"{office}_id"), 0) for office in _OFFICES}
        is_elected = all(
            (each.joined is None or each.joined <= meeting.day)
            and joined.get(each.member_id, 0) < meeting.number
            for each in self._written.members
            if each.office
        )
        return {
            office: number
            for office, number in then.items()
            if not is_elected or number != now[office]
        }

    # --- the sheet Entries ----------------------------------------------------------------------

    def _entries(
        self,
        held: Sequence[MeetingRecord],
        money: ExportedMoney,
        fines: FineCells,
        presence: Presence,
    ) -> list[EntryRow]:
        keys: dict[int, set[int]] = defaultdict(set)
        ids = {number: member_id for member_id, number in self._numbers.items()}
        for meeting_id, member_id in self._roll:
            keys[self._notes[meeting_id].meeting_number if meeting_id else 0].add(member_id)
        for at, number in (*money.cells, *fines.cells):
            keys[at].add(ids[number])
        rows = []
        for meeting in sorted(held, key=lambda each: each.number):
            away = presence.away.get(meeting.meeting_id, set())
            not_yet = presence.there.get(meeting.meeting_id, set())
            there = keys[meeting.number] | away | not_yet
            said = dict.fromkeys(not_yet, False) | dict.fromkeys(away, True)
            rows += [
                self._entry(meeting, member_id, money, fines, said.get(member_id))
                for member_id in sorted(there, key=lambda each: self._numbers[each])
            ]
        return rows

    def _entry(
        self,
        meeting: MeetingRecord,
        member_id: int,
        money: ExportedMoney,
        fines: FineCells,
        suspended: bool | None,  # noqa: FBT001 - what the column holds
    ) -> EntryRow:
        number = self._numbers[member_id]
        mark = self._roll.get((meeting.meeting_id, member_id))
        cell = money.cells.get((meeting.number, number), MemberCell())
        fine = fines.cells.get((meeting.number, number))
        said: dict[str, Any] = {}
        if mark is not None:
            said = {
                "attendance": mark.attendance_status
                or ("PRESENT" if mark.is_present else "ABSENT"),
                "excuse_reason": mark.excuse_reason or "",
                "represented_by": mark.represented_by or "",
                "arrival_time": mark.arrival_time,
                "discussed": True if mark.participated_in_discussions else None,
                "voted": True if mark.voted_on_decisions else None,
            }
        return EntryRow(
            meeting=meeting.number,
            member=number,
            social_fund=cell.social_fund or None,
            shares=cell.shares or None,
            fine_type="" if fine is None else fine[0],
            fine_charged=None if fine is None else fine[1],
            fine_paid=cell.fine_paid or None,
            loan_repaid=cell.loan_repaid or None,
            suspended=suspended,
            **said,
            **cell.loan,
        )


def put_right_rows(
    session: Session, group_id: int, numbers: Mapping[int, int]
) -> Iterator[OtherRow]:
    """Yield a row for each mark that a later one of these meetings put right, the oldest first."""
    for mark in all_put_right(session, group_id):
        put_right_at = numbers.get(mark.right_at or 0)
        if mark.right is not None and put_right_at is not None:
            yield OtherRow(
                meeting=put_right_at,
                member=mark.number,
                type=OtherType.MARK_CORRECTED.value,
                amount=ZERO,
                description=mark.reason,
                detail=mark.right.value,
                of_meeting=numbers[mark.meeting_id],
            )


def _reason(counts: tuple[PurseCount, ...]) -> str:
    said = dict.fromkeys(purse.reason for purse in counts if purse.difference and purse.reason)
    return "; ".join(said)
