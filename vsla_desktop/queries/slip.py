"""What is announced and printed when a meeting closes: the slip."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.seal import short_form
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.lines import LedgerLine, meeting_lines
from vsla_desktop.queries.meetings import PurseCount, counts_from_json
from vsla_desktop.queries.tables import ATTENDANCE, GROUPS, MEETINGS, MEMBERS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class SlipLine:
    """What one kind of entry came to in one fund: in (above nought) or out, and how many."""

    fund: Fund
    type: PostingType
    amount: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Slip:
    """The summary of one meeting. ``shares`` are those sold; ``seal`` is empty while it is open."""

    meeting_id: int
    group_name: str
    group_code: str
    currency: str
    number: int
    day: date
    closed_at: datetime | None
    chairperson: str
    secretary: str
    treasurer: str
    attendance: tuple[tuple[AttendanceStatus, int], ...]
    lines: tuple[SlipLine, ...]
    shares: int
    opening: tuple[PurseCount, ...]
    closing: tuple[PurseCount, ...]
    corrections: tuple[LedgerLine, ...]
    seal: str
    short_seal: str

    @property
    def loans_given(self) -> int:
        """How many loans were given."""
        return sum(line.count for line in self.lines if line.type is PostingType.LOAN_DISBURSEMENT)

    def total(self, *kinds: PostingType) -> Decimal:
        """Return what entries of these kinds came to, in less out."""
        return sum((line.amount for line in self.lines if line.type in kinds), ZERO)


_chair, _secretary, _treasurer = (
    MEMBERS.alias("chair"),
    MEMBERS.alias("secretary"),
    MEMBERS.alias("treasurer"),
)
_MEETING = (
    select(
        MEETINGS,
        GROUPS.c.name.label("group_name"),
        GROUPS.c.group_code,
        GROUPS.c.currency,
        *(
            (member.c.first_name + " " + member.c.last_name).label(office)
            for office, member in (
                ("chair_name", _chair),
                ("secretary_name", _secretary),
                ("treasurer_name", _treasurer),
            )
        ),
    )
    .select_from(
        MEETINGS.join(GROUPS, GROUPS.c.id == MEETINGS.c.group_id)
        .outerjoin(_chair, _chair.c.id == MEETINGS.c.chairperson_id)
        .outerjoin(_secretary, _secretary.c.id == MEETINGS.c.secretary_id)
        .outerjoin(_treasurer, _treasurer.c.id == MEETINGS.c.treasurer_id)
    )
    .where(MEETINGS.c.id == bindparam("meeting"))
)
_ROLL = (
    select(ATTENDANCE.c.attendance_status, func.count())
    .where(
        ATTENDANCE.c.meeting_id == bindparam("meeting"),
        ATTENDANCE.c.attendance_status.is_not(None),
    )
    .group_by(ATTENDANCE.c.attendance_status)
)


def meeting_slip(session: Session, meeting_id: int) -> Slip:
    """Return the summary of a meeting, open or closed; raise RuleBroken when there is none."""
    connection = session.connection()
    wanted = {"meeting": meeting_id}
    row = connection.execute(_MEETING, wanted).first()
    if row is None:
        raise RuleBroken("This meeting is not in the book.", field="meeting")
    roll = {AttendanceStatus(status): count for status, count in connection.execute(_ROLL, wanted)}
    entries = [line for line in meeting_lines(session, meeting_id) if not line.is_pending]
    amounts: dict[tuple[Fund, PostingType], Decimal] = defaultdict(Decimal)
    counts: Counter[tuple[Fund, PostingType]] = Counter()
    shares = 0
    for entry in entries:
        key = (entry.fund, entry.type)
        sign = -1 if entry.is_reversal else 1
        amounts[key] += entry.effect
        counts[key] += sign
        if entry.type is PostingType.SAVINGS_DEPOSIT:
            shares += sign * (entry.shares_count or 0)
    order = list(Fund), list(PostingType)
    return Slip(
        meeting_id=meeting_id,
        group_name=row.group_name,
        group_code=row.group_code,
        currency=row.currency,
        number=row.meeting_number,
        day=row.meeting_date,
        closed_at=row.closed_date,
        chairperson=(row.chair_name or "").strip(),
        secretary=(row.secretary_name or "").strip(),
        treasurer=(row.treasurer_name or "").strip(),
        attendance=tuple((status, roll.get(status, 0)) for status in AttendanceStatus),
        lines=tuple(
            SlipLine(*key, amounts[key], counts[key])
            for key in sorted(
                amounts, key=lambda key: (order[0].index(key[0]), order[1].index(key[1]))
            )
        ),
        shares=shares,
        opening=counts_from_json(row.opening_count),
        closing=counts_from_json(row.closing_count),
        corrections=tuple(entry for entry in entries if entry.is_correction),
        seal=row.seal or "",
        short_seal=short_form(row.seal) if row.seal else "",
    )
