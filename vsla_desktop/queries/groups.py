"""Groups: the list a coordinator sees, and what a treasurer sees first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select

from vsla_desktop.domain.loans import PeriodKind, due_date
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.balances import Balances, fund_balances
from vsla_desktop.queries.loans import OUT, LoanState, loans_of_group
from vsla_desktop.queries.meetings import PurseCount, counts_from_json, expected_in_box
from vsla_desktop.queries.schedule import first_of, next_number, planned_meetings
from vsla_desktop.queries.tables import (
    CYCLES,
    FINES,
    GROUPS,
    INSTALMENTS,
    LOANS,
    MEETINGS,
    MEMBERS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

LAST_MEETINGS = 2
"""The open meeting and the last one that was closed."""
_STEP = {"WEEKLY": timedelta(weeks=1), "BIWEEKLY": timedelta(weeks=2)}


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group in the list, with what a coordinator should notice.

    ``late_amount`` is what was due before the day asked for and is not paid; ``difference`` what
    the last count lacked (below nought) or had too much.
    """

    group_id: int
    code: str
    name: str
    village: str
    district: str
    currency: str
    state: str
    is_practice: bool
    members_count: int
    savings: Decimal
    loans: Decimal
    loan_fund: Decimal
    last_meeting: date | None
    has_open_meeting: bool
    late_amount: Decimal
    difference: Decimal


@dataclass(frozen=True, slots=True)
class LoanDue:
    """A loan of which something should be paid by the next meeting."""

    loan_id: int
    member_id: int
    number: int
    name: str
    amount: Decimal
    is_late: bool


@dataclass(frozen=True, slots=True)
class GroupOverview:
    """What a group's first page shows: where it stands, and what comes next."""

    group_id: int
    code: str
    name: str
    currency: str
    language: str
    is_practice: bool
    cycle_number: int | None
    cycle_start: date | None
    cycle_end: date | None
    members_count: int
    savings: Decimal
    balances: Balances
    in_box: dict[Fund, Decimal]
    loans_count: int
    loans_owed: Decimal
    late_count: int
    late_amount: Decimal
    due_soon: tuple[LoanDue, ...]
    fines_owed: Decimal
    meetings_count: int
    last_meeting: date | None
    last_count: tuple[PurseCount, ...]
    open_meeting_id: int | None
    next_number: int
    next_meeting: date | None


_GROUP = select(GROUPS).where(GROUPS.c.id == bindparam("of_group"))
_CYCLE = (
    select(CYCLES.c.cycle_number, CYCLES.c.start_date, CYCLES.c.end_date)
    .where(CYCLES.c.group_id == bindparam("of_group"), CYCLES.c.status == "OPEN")
    .order_by(CYCLES.c.cycle_number.desc())
    .limit(1)
)
_MEETINGS = (
    select(
        func.count(),
        func.max(MEETINGS.c.meeting_date),
        func.max(MEETINGS.c.id).filter(MEETINGS.c.status == "IN_PROGRESS"),
    )
    .select_from(MEETINGS)
    .where(
        MEETINGS.c.group_id == bindparam("of_group"),
        MEETINGS.c.status.in_(("IN_PROGRESS", "COMPLETED")),
    )
)
_LAST_COUNT = (
    select(MEETINGS.c.closing_count)
    .where(MEETINGS.c.group_id == bindparam("of_group"), MEETINGS.c.status == "COMPLETED")
    .order_by(MEETINGS.c.meeting_date.desc(), MEETINGS.c.closed_date.desc())
    .limit(1)
)
_FINES = (
    select(func.sum(FINES.c.amount - FINES.c.paid_amount, type_=FINES.c.amount.type))
    .select_from(FINES.join(MEMBERS, MEMBERS.c.id == FINES.c.member_id))
    .where(MEMBERS.c.group_id == bindparam("of_group"), FINES.c.waived_date.is_(None))
)


def group_overview(session: Session, group_id: int, *, on: date) -> GroupOverview:
    """Return where a group stands on a day; raise :class:`RuleBroken` without the group."""
    connection = session.connection()
    wanted = {"of_group": group_id}
    group = connection.execute(_GROUP, wanted).first()
    if group is None:
        raise RuleBroken("This group is not in the book.", field="group")
    cycle = connection.execute(_CYCLE, wanted).first()
    meetings_count, last_day, opened = connection.execute(_MEETINGS, wanted).one()
    counts = counts_from_json(connection.execute(_LAST_COUNT, wanted).scalar())
    loans = loans_of_group(session, group_id, statuses=OUT)
    late = [loan for loan in loans if loan.overdue(on) > 0]
    upcoming = _upcoming(session, group_id, last_day, group.meeting_frequency, on)
    return GroupOverview(
        group_id=group_id,
        code=group.group_code,
        name=group.name,
        currency=group.currency,
        language=group.language or "",
        is_practice=group.is_practice,
        cycle_number=cycle.cycle_number if cycle else None,
        cycle_start=cycle.start_date if cycle else None,
        cycle_end=cycle.end_date if cycle else None,
        members_count=group.members_count or 0,
        savings=group.savings_balance or ZERO,
        balances=fund_balances(session, group_id),
        in_box=expected_in_box(session, group_id),
        loans_count=len(loans),
        loans_owed=sum((loan.settles(on) for loan in loans), ZERO),
        late_count=len(late),
        late_amount=sum((loan.overdue(on) for loan in late), ZERO),
        due_soon=_due_soon(loans, on, upcoming or on),
        fines_owed=connection.execute(_FINES, wanted).scalar() or ZERO,
        meetings_count=meetings_count,
        last_meeting=last_day,
        last_count=counts,
        open_meeting_id=opened,
        next_number=next_number(session, group_id),
        next_meeting=upcoming,
    )


def _upcoming(
    session: Session, group_id: int, last: date | None, frequency: str | None, on: date
) -> date | None:
    """Return the day of the next meeting: a planned one's, or the rhythm's, not cancelled."""
    planned = planned_meetings(session, group_id)
    cancelled = {each.day for each in planned if each.is_cancelled}
    day = next_meeting_day(last, frequency, on)
    while day is not None and day in cancelled:
        day = next_meeting_day(last, frequency, day + timedelta(days=1))
    coming = first_of(planned, day)
    return coming.day if coming is not None else day


def next_meeting_day(last: date | None, frequency: str | None, on: date) -> date | None:
    """Return the day of the next meeting by the group's rhythm; None before the first one."""
    if last is None:
        return None
    step = _STEP.get(frequency or "WEEKLY")
    if step is not None:
        return last + step * max(1, -(-(on - last) // step))
    months = 1
    while (day := due_date(last, months, PeriodKind.CALENDAR_MONTH)) < on:
        months += 1
    return day


def _due_soon(loans: Sequence[LoanState], on: date, until: date) -> tuple[LoanDue, ...]:
    return tuple(
        LoanDue(
            loan.loan_id,
            loan.member_id,
            loan.member_number or 0,
            loan.member_name,
            loan.due(until),
            loan.overdue(on) > 0,
        )
        for loan in sorted(loans, key=lambda loan: (loan.member_number or 0, loan.loan_id))
        if loan.due(until) > 0
    )


def groups_list(
    session: Session, *, on: date, search: str = "", limit: int = 200, offset: int = 0
) -> tuple[GroupLine, ...]:
    """Return groups in the order of their names, those whose name, code or place has ``search``."""
    connection = session.connection()
    statement = select(GROUPS).order_by(GROUPS.c.name, GROUPS.c.id).limit(limit).offset(offset)
    if search.strip():
        part = f"%{_plain(search.strip())}%"
        columns = (GROUPS.c.name, GROUPS.c.group_code, GROUPS.c.village, GROUPS.c.district)
        statement = statement.where(or_(*(column.ilike(part, escape="/") for column in columns)))
    groups = connection.execute(statement).all()
    ids = [group.id for group in groups]
    if not ids:
        return ()
    late = _late(session, ids, on)
    meetings = _last_meetings(session, ids)
    return tuple(
        _group_line(group, meetings[group.id], late.get(group.id, ZERO)) for group in groups
    )


def _group_line(group: Any, meetings: Sequence[Any], late: Decimal) -> GroupLine:
    closed = [row for row in meetings if row.status == "COMPLETED"]
    counts = counts_from_json(closed[0].closing_count) if closed else ()
    return GroupLine(
        group_id=group.id,
        code=group.group_code,
        name=group.name,
        village=group.village,
        district=group.district,
        currency=group.currency,
        state=group.state or "",
        is_practice=group.is_practice,
        members_count=group.members_count or 0,
        savings=group.savings_balance or ZERO,
        loans=group.loan_balance or ZERO,
        loan_fund=group.loan_fund_balance or ZERO,
        last_meeting=meetings[0].meeting_date if meetings else None,
        has_open_meeting=any(row.status == "IN_PROGRESS" for row in meetings),
        late_amount=late,
        difference=sum((count.difference for count in counts), ZERO),
    )


def _late(session: Session, group_ids: Sequence[int], on: date) -> dict[int, Decimal]:
    """Return what is overdue in each group."""
    owed = func.sum(
        INSTALMENTS.c.total_amount - INSTALMENTS.c.paid_amount,
        type_=INSTALMENTS.c.total_amount.type,
    )
    rows = session.connection().execute(
        select(LOANS.c.group_id, owed)
        .select_from(LOANS.join(INSTALMENTS, INSTALMENTS.c.loan_id == LOANS.c.id))
        .where(
            LOANS.c.group_id.in_(group_ids),
            LOANS.c.status.in_(OUT),
            INSTALMENTS.c.due_date < on,
            INSTALMENTS.c.is_paid.is_not(True),
        )
        .group_by(LOANS.c.group_id)
    )
    return {row[0]: row[1] for row in rows}


def _last_meetings(session: Session, group_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Return the last meetings of each group, the newest first: two at most are needed."""
    place = (
        func.row_number()
        .over(
            partition_by=MEETINGS.c.group_id,
            order_by=(MEETINGS.c.meeting_date.desc(), MEETINGS.c.id.desc()),
        )
        .label("place")
    )
    numbered = (
        select(
            MEETINGS.c.group_id,
            MEETINGS.c.meeting_date,
            MEETINGS.c.status,
            MEETINGS.c.closing_count,
            place,
        )
        .where(
            MEETINGS.c.group_id.in_(group_ids),
            MEETINGS.c.status.in_(("IN_PROGRESS", "COMPLETED")),
        )
        .subquery()
    )
    found: dict[int, list[Any]] = defaultdict(list)
    rows = session.connection().execute(
        select(numbered).where(numbered.c.place <= LAST_MEETINGS).order_by(numbered.c.place)
    )
    for row in rows:
        found[row.group_id].append(row)
    return found


def _plain(text: str) -> str:
    """Return text whose signs stand for themselves in a LIKE pattern."""
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")
