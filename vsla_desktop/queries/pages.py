"""Where something is written: a page of a group's book, which is a meeting or a day between two."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, bindparam, cast, select

from vsla_desktop.db.prepared import Prepared
from vsla_desktop.domain.currencies import Currency, currency
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import CYCLES, GROUPS, MEETINGS, MEMBERS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MEETING_OPEN = "IN_PROGRESS"
MEETING_CLOSED = "COMPLETED"
CYCLE_OPEN, CYCLE_SHARED_OUT = "OPEN", "SHARED_OUT"


@dataclass(frozen=True, slots=True)
class PageMember:
    """The member on whose line is written."""

    member_id: int
    group_id: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a group's book: its group, its cycle, its day, and its meeting if it has one.

    ``stored_rules`` is the cycle's list of rule sets, each with the day from which it holds, as
    JSON. ``share_out_date`` is the day on which the cycle's share-out was frozen, if it is.
    """

    group_id: int
    group_code: str
    currency_code: str
    formation_date: date | None
    day: date
    cycle_id: int | None
    cycle_start: date | None
    cycle_end: date | None
    cycle_status: str
    stored_rules: str | None
    share_out_date: date | None = None
    meeting_id: int | None = None
    meeting_number: int | None = None
    meeting_status: str = ""
    meeting_type: str = ""
    meetings_merged: int = 1
    member: PageMember | None = None

    @property
    def currency(self) -> Currency:
        """The currency of the group."""
        return currency(self.currency_code)

    @property
    def rule_history(self) -> Any:
        """The cycle's list of rule sets, each with the day from which it holds."""
        return json.loads(self.stored_rules) if self.stored_rules else None

    @property
    def is_open(self) -> bool:
        """Say whether something may be written here."""
        return self.meeting_id is None or self.meeting_status == MEETING_OPEN


_GROUP = (GROUPS.c.id, GROUPS.c.group_code, GROUPS.c.currency, GROUPS.c.formation_date)
_CYCLE = (
    CYCLES.c.id,
    CYCLES.c.start_date,
    CYCLES.c.end_date,
    CYCLES.c.status,
    cast(CYCLES.c.rules, Text),
    CYCLES.c.share_out_date,
)
_MEETING = (
    MEETINGS.c.meeting_date,
    MEETINGS.c.meeting_number,
    MEETINGS.c.status,
    MEETINGS.c.meeting_type,
    MEETINGS.c.meetings_merged,
)
_OF_MEETING = (
    select(*_GROUP, *_CYCLE, *_MEETING)
    .select_from(
        MEETINGS.join(GROUPS, GROUPS.c.id == MEETINGS.c.group_id).outerjoin(
            CYCLES, CYCLES.c.id == MEETINGS.c.cycle_id
        )
    )
    .where(MEETINGS.c.id == bindparam("meeting"))
)
_FIND_MEETING = Prepared(_OF_MEETING)
_FIND_MEETING_AND_MEMBER = Prepared(
    _OF_MEETING.add_columns(
        MEMBERS.c.id, MEMBERS.c.group_id, MEMBERS.c.is_active, MEMBERS.c.status
    ).outerjoin_from(MEETINGS, MEMBERS, MEMBERS.c.id == bindparam("member"))
)
_OF_GROUP = (
    select(*_GROUP, *_CYCLE)
    .select_from(
        GROUPS.outerjoin(
            CYCLES,
            and_(
                CYCLES.c.group_id == GROUPS.c.id,
                CYCLES.c.status.in_(bindparam("statuses", expanding=True)),
            ),
        )
    )
    .where(GROUPS.c.id == bindparam("of_group"))
    .order_by(CYCLES.c.cycle_number.desc())
    .limit(1)
)


def meeting_page(session: Session, meeting_id: int, member_id: int | None = None) -> Page:
    """Return the page of a meeting, open or closed; raise :class:`RuleBroken` without one.

    With ``member_id`` the page knows that member, so that nobody need ask again.
    """
    if member_id is None:
        row = _FIND_MEETING.first(session, meeting=meeting_id)
    else:
        row = _FIND_MEETING_AND_MEMBER.first(session, meeting=meeting_id, member=member_id)
    if row is None:
        raise RuleBroken("This meeting is not in the book.", field="meeting")
    day, number, status, kind, merged = row[10:15]
    member = None
    if member_id is not None and row[15] is not None:
        is_active = row[17] is not False and (row[18] or "ACTIVE") == "ACTIVE"
        member = PageMember(row[15], row[16], is_active)
    return _page(
        row,
        day,
        meeting_id=meeting_id,
        meeting_number=number,
        meeting_status=status or "",
        meeting_type=kind or "",
        meetings_merged=merged,
        member=member,
    )


def group_page(session: Session, group_id: int, day: date, *, or_shared_out: bool = False) -> Page:
    """Return a page between two meetings, in the open cycle; RuleBroken without the group.

    With ``or_shared_out`` it may be in a cycle of which all are paid, while it is not closed.
    """
    statuses = [CYCLE_OPEN, CYCLE_SHARED_OUT] if or_shared_out else [CYCLE_OPEN]
    wanted = {"of_group": group_id, "statuses": statuses}
    row = session.connection().execute(_OF_GROUP, wanted).first()
    if row is None:
        raise RuleBroken("This group is not in the book.", field="group")
    return _page(row, day)


def writable_page(session: Session, meeting_id: int, member_id: int | None = None) -> Page:
    """Return the page of an open meeting; raise :class:`RuleBroken` when it is closed."""
    page = meeting_page(session, meeting_id, member_id)
    check_open(page)
    return page


def check_open(page: Page) -> None:
    """Raise :class:`RuleBroken` for the page of a meeting that is not open."""
    if page.is_open:
        return
    if page.meeting_status == MEETING_CLOSED:
        raise RuleBroken(
            "That meeting is closed.", hint="Correct it with a reversal.", field="meeting"
        )
    raise RuleBroken("That meeting is not open.", hint="Open it first.", field="meeting")


def _page(row: Any, day: date, **meeting: Any) -> Page:
    group_id, code, currency_code, formation, cycle, start, end, status, rules, shared = row[:10]
    return Page(
        group_id=group_id,
        group_code=code,
        currency_code=currency_code,
        formation_date=formation,
        day=day,
        cycle_id=cycle,
        cycle_start=start,
        cycle_end=end,
        cycle_status=status or "",
        stored_rules=rules,
        share_out_date=shared,
        **meeting,
    )
