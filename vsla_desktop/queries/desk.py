"""A coordinator's groups: how each stands today, all of them read at once.

The figures of all groups come from one statement, whatever their number; what waits to be sent or
settled is a second one, which only a laptop has. See docs/rules.md#attention.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select, and_, case, func, literal, or_, select, true

from vsla_desktop.domain.attention import Reason, Standing, Urgency, reasons, urgency, weight
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.rules import MeetingFrequency
from vsla_desktop.domain.schedule import day_after, missed_meetings
from vsla_desktop.queries.desk_waiting import Waiting, waiting_by_group
from vsla_desktop.queries.filtering import Filter, narrowed
from vsla_desktop.queries.loans import OUT
from vsla_desktop.queries.meetings import counts_from_json
from vsla_desktop.queries.schedule import CANCELLED, HELD, SCHEDULED, WITH_ROLL_CALL
from vsla_desktop.queries.tables import CYCLES, GROUPS, INSTALMENTS, LOANS, MEETINGS, MEMBERS
from vsla_desktop.queries.visits import OpenAction, still_open, visits_by_group

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Subquery
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.visits import Visit

_OPEN: Final = "IN_PROGRESS"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLine:
    """One group on the coordinator's desk; amounts are in its currency.

    ``next_meeting`` is the day on which it was, or is, expected to meet next; ``late_value`` what
    was due before today and is not paid; ``loans_value`` the principal that is out. ``not_sent``
    is None where nothing is sent from.
    """

    group_id: int
    code: str
    name: str
    village: str
    district: str
    state: str
    currency: str
    is_practice: bool
    members_count: int
    savings: Decimal
    cycle_number: int | None
    last_meeting: date | None
    next_meeting: date | None
    open_since: date | None
    share_out_on: date | None
    loans_count: int
    loans_value: Decimal
    late_value: Decimal
    not_sent: int | None
    only_read: bool
    standing: Standing
    reasons: tuple[Reason, ...]
    actions: tuple[OpenAction, ...]
    last_visit: date | None

    @property
    def urgency(self) -> Urgency:
        """How soon it needs its coordinator."""
        return urgency(self.reasons)

    @property
    def weight(self) -> int:
        """What its reasons weigh together."""
        return weight(self.reasons)


def desk_lines(session: Session, wanted: Filter, *, on: date) -> tuple[DeskLine, ...]:
    """Return the groups that a filter names, those that need their coordinator most first."""
    rows = session.connection().execute(_statement(wanted, on)).all()
    ids = [row.id for row in rows]
    waiting = waiting_by_group(session)
    visits = visits_by_group(session, ids)
    lines = [_line(row, on, waiting, visits.get(row.id, ())) for row in rows]
    return tuple(sorted(lines, key=lambda line: (-line.weight, line.name, line.group_id)))


def _statement(wanted: Filter, on: date) -> Select[Any]:
    cycle, meetings, loans = _cycles(), _meetings(on), _loans(on)
    last, roll = _last_held(), _last_roll()
    since_start = _since_start(cycle)
    left = _left(cycle)
    statement = (
        select(
            GROUPS.c.id,
            GROUPS.c.group_code,
            GROUPS.c.name,
            GROUPS.c.village,
            GROUPS.c.district,
            GROUPS.c.state,
            GROUPS.c.currency,
            GROUPS.c.is_practice,
            GROUPS.c.members_count,
            GROUPS.c.savings_balance,
            GROUPS.c.meeting_frequency,
            GROUPS.c.meeting_day,
            cycle.c.cycle_number,
            cycle.c.start_date,
            cycle.c.end_date,
            cycle.c.members_at_start,
            meetings.c.last_planned,
            meetings.c.last_held,
            meetings.c.open_since,
            meetings.c.first_coming,
            meetings.c.first_regular,
            last.c.meeting_date,
            last.c.closing_count,
            roll.c.members_present,
            roll.c.total_members,
            since_start.c.present,
            since_start.c.called,
            loans.c.loans_count,
            loans.c.loans_value,
            loans.c.late_count,
            loans.c.late_principal,
            loans.c.late_value,
            left.c.members_left,
        )
        .select_from(
            GROUPS.outerjoin(cycle, cycle.c.group_id == GROUPS.c.id)
            .outerjoin(meetings, meetings.c.group_id == GROUPS.c.id)
            .outerjoin(last, and_(last.c.group_id == GROUPS.c.id, last.c.place == 1))
            .outerjoin(roll, and_(roll.c.group_id == GROUPS.c.id, roll.c.place == 1))
            .outerjoin(since_start, since_start.c.group_id == GROUPS.c.id)
            .outerjoin(loans, loans.c.group_id == GROUPS.c.id)
            .outerjoin(left, left.c.group_id == GROUPS.c.id)
        )
        .order_by(GROUPS.c.name, GROUPS.c.id)
    )
    return narrowed(statement, wanted, groups=GROUPS)


def _cycles() -> Subquery:
    """The open cycle of each group; one that was left open by mistake gives way to the later."""
    last = (
        select(CYCLES.c.group_id, func.max(CYCLES.c.cycle_number).label("number"))
        .where(CYCLES.c.status == "OPEN")
        .group_by(CYCLES.c.group_id)
        .subquery()
    )
    return (
        select(CYCLES)
        .join(
            last,
            and_(last.c.group_id == CYCLES.c.group_id, last.c.number == CYCLES.c.cycle_number),
        )
        .subquery("cycle")
    )


def _meetings(on: date) -> Subquery:
    """The days of each group's meetings: held, open, and still to come."""
    meeting = MEETINGS.c
    regular = or_(meeting.meeting_type.is_(None), meeting.meeting_type.in_(WITH_ROLL_CALL))
    coming = and_(meeting.status == SCHEDULED, meeting.meeting_date >= on)
    return (
        select(
            meeting.group_id,
            func.max(func.coalesce(meeting.planned_date, meeting.meeting_date))
            .filter(meeting.status.in_((HELD, CANCELLED)), regular)
            .label("last_planned"),
            func.max(meeting.meeting_date).filter(meeting.status == HELD).label("last_held"),
            func.min(meeting.meeting_date).filter(meeting.status == _OPEN).label("open_since"),
            func.min(meeting.meeting_date).filter(coming).label("first_coming"),
            func.min(meeting.meeting_date)
            .filter(meeting.status == SCHEDULED, regular)
            .label("first_regular"),
        )
        .group_by(meeting.group_id)
        .subquery("meetings_of")
    )


def _last_held() -> Subquery:
    """Each group's closed meetings, the last one at place 1."""
    return _placed(MEETINGS.c.closing_count, true(), "last_meeting")


def _last_roll() -> Subquery:
    """Each group's closed meetings that called the roll, the last one at place 1."""
    return _placed(
        (MEETINGS.c.members_present, MEETINGS.c.total_members),
        MEETINGS.c.total_members > 0,
        "last_roll",
    )


def _placed(columns: Any, which: Any, name: str) -> Subquery:
    chosen = columns if isinstance(columns, tuple) else (columns,)
    place = func.row_number().over(
        partition_by=MEETINGS.c.group_id,
        order_by=(
            MEETINGS.c.meeting_date.desc(),
            MEETINGS.c.closed_date.desc(),
            MEETINGS.c.id.desc(),
        ),
    )
    return (
        select(MEETINGS.c.group_id, MEETINGS.c.meeting_date, *chosen, place.label("place"))
        .where(MEETINGS.c.status == HELD, which)
        .subquery(name)
    )


def _since_start(cycle: Subquery) -> Subquery:
    """Who was present at the roll calls of the open cycle, out of all who were called."""
    return (
        select(
            MEETINGS.c.group_id,
            func.sum(MEETINGS.c.members_present).label("present"),
            func.sum(MEETINGS.c.total_members).label("called"),
        )
        .join(cycle, cycle.c.id == MEETINGS.c.cycle_id)
        .where(MEETINGS.c.status == HELD)
        .group_by(MEETINGS.c.group_id)
        .subquery("since_start")
    )


def _loans(on: date) -> Subquery:
    """The running loans of each group, and how much of them is late.

    Principal paid and written off fills the schedule in its order, and so does charge: what was
    due before the day and is not filled is late. See docs/rules.md#payments.
    """
    due = (
        select(
            INSTALMENTS.c.loan_id,
            func.sum(INSTALMENTS.c.principal_amount, type_=LOANS.c.principal.type)
            .filter(INSTALMENTS.c.due_date < on)
            .label("principal_due"),
            func.sum(INSTALMENTS.c.interest_amount, type_=LOANS.c.principal.type)
            .filter(INSTALMENTS.c.due_date < on)
            .label("charge_due"),
        )
        .join(LOANS, LOANS.c.id == INSTALMENTS.c.loan_id)
        .where(LOANS.c.status.in_(OUT))
        .group_by(INSTALMENTS.c.loan_id)
        .subquery()
    )
    loan = LOANS.c
    # A loan that another program wrote without a schedule is due whole on its last day.
    last_day = func.coalesce(loan.maturity_date, loan.disbursement_date, loan.application_date)
    is_whole = and_(due.c.loan_id.is_(None), last_day < on)
    nothing = literal(ZERO, loan.principal.type)
    charge = case((loan.total_amount_due > loan.principal, loan.total_amount_due - loan.principal))
    principal_due = case(
        (is_whole, loan.principal), else_=func.coalesce(due.c.principal_due, nothing)
    )
    charge_due = case(
        (is_whole, func.coalesce(charge, nothing)), else_=func.coalesce(due.c.charge_due, nothing)
    )
    charge_paid = func.coalesce(loan.amount_paid, nothing) - loan.principal_paid
    each = (
        select(
            loan.group_id,
            loan.principal_outstanding,
            _above_nought(principal_due - loan.principal_paid - loan.amount_written_off).label(
                "principal_late"
            ),
            _above_nought(charge_due - charge_paid).label("charge_late"),
        )
        .select_from(LOANS.outerjoin(due, due.c.loan_id == loan.id))
        .where(loan.status.in_(OUT))
        .subquery()
    )
    money = loan.principal.type
    is_late = or_(each.c.principal_late > nothing, each.c.charge_late > nothing)
    return (
        select(
            each.c.group_id,
            func.count().label("loans_count"),
            func.sum(each.c.principal_outstanding, type_=money).label("loans_value"),
            func.count().filter(is_late).label("late_count"),
            func.sum(each.c.principal_outstanding, type_=money)
            .filter(is_late)
            .label("late_principal"),
            func.sum(each.c.principal_late + each.c.charge_late, type_=money).label("late_value"),
        )
        .group_by(each.c.group_id)
        .subquery("loans_of")
    )


def _above_nought(amount: Any) -> Any:
    nothing = literal(ZERO, LOANS.c.principal.type)
    return case((amount > nothing, amount), else_=nothing)


def _left(cycle: Subquery) -> Subquery:
    """How many members left each group since its open cycle began."""
    return (
        select(MEMBERS.c.group_id, func.count().label("members_left"))
        .join(cycle, cycle.c.group_id == MEMBERS.c.group_id)
        .where(MEMBERS.c.left_date >= cycle.c.start_date)
        .group_by(MEMBERS.c.group_id)
        .subquery("left_of")
    )


def _line(
    row: Any, on: date, waiting: Mapping[int, Waiting] | None, visits: Sequence[Visit]
) -> DeskLine:
    mine = waiting.get(row.id, Waiting()) if waiting is not None else None
    expected = _expected(row)
    counts = counts_from_json(row.closing_count)
    actions = still_open(visits)
    loans_value = row.loans_value or ZERO
    share_out_in = (row.end_date - on).days if row.end_date is not None else None
    standing = Standing(
        box_difference=sum((count.difference for count in counts), ZERO),
        purses_differ=any(count.difference for count in counts),
        to_settle=mine.to_settle if mine else 0,
        missed_meetings=_missed(row, expected, on),
        days_since_meeting=(on - row.last_held).days if row.last_held else None,
        days_since_start=(on - row.start_date).days if row.start_date else None,
        open_days=(on - row.open_since).days if row.open_since else None,
        late_loans=row.late_count or 0,
        at_risk=(row.late_principal or ZERO) / loans_value if loans_value else None,
        share_out_in=share_out_in,
        last_present=row.members_present or 0,
        last_called=row.total_members or 0,
        cycle_present=row.present or 0,
        cycle_called=row.called or 0,
        members_left=row.members_left or 0,
        members_at_start=row.members_at_start or 0,
        actions_late=sum(each.due < on for each in actions),
        not_sent=mine.not_sent if mine else 0,
    )
    return DeskLine(
        group_id=row.id,
        code=row.group_code,
        name=row.name,
        village=row.village,
        district=row.district,
        state=row.state or "",
        currency=row.currency,
        is_practice=row.is_practice,
        members_count=row.members_count or 0,
        savings=row.savings_balance or ZERO,
        cycle_number=row.cycle_number,
        last_meeting=row.last_held,
        next_meeting=expected,
        open_since=row.open_since,
        share_out_on=row.end_date,
        loans_count=row.loans_count or 0,
        loans_value=loans_value,
        late_value=row.late_value or ZERO,
        not_sent=mine.not_sent if mine is not None else None,
        only_read=mine.only_read if mine is not None else False,
        standing=standing,
        reasons=reasons(standing),
        actions=actions,
        last_visit=visits[0].note.day if visits else None,
    )


def _expected(row: Any) -> date | None:
    """Return when the group meets next: as planned, or by its rhythm; see #planned-meetings."""
    coming: date | None = row.first_coming
    planned: date | None = row.first_regular
    if row.last_planned is None or row.start_date is None:
        return planned or coming
    by_rhythm = planned or day_after(
        row.last_planned,
        row.last_held or row.last_planned,
        MeetingFrequency(row.meeting_frequency or MeetingFrequency.WEEKLY),
        row.meeting_day,
    )
    return min(coming, by_rhythm) if coming is not None else by_rhythm


def _missed(row: Any, expected: date | None, on: date) -> int:
    """Return how many expected meetings are past; none while one is open or no cycle is."""
    if expected is None or row.start_date is None or row.open_since is not None:
        return 0
    return missed_meetings(
        expected,
        on,
        MeetingFrequency(row.meeting_frequency or MeetingFrequency.WEEKLY),
        row.meeting_day,
    )
