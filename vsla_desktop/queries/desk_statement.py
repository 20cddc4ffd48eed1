"""The one statement from which a coordinator's desk reads the figures of all her groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select, and_, case, func, literal, or_, select, true

from vsla_desktop.domain.money import ZERO
from vsla_desktop.queries.filtering import Filter, narrowed
from vsla_desktop.queries.loans import OUT
from vsla_desktop.queries.schedule import CANCELLED, HELD, SCHEDULED, WITH_ROLL_CALL
from vsla_desktop.queries.tables import CYCLES, GROUPS, INSTALMENTS, LOANS, MEETINGS, MEMBERS

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, FromClause, Subquery

_OPEN: Final = "IN_PROGRESS"


def desk_statement(wanted: Filter, on: date) -> Select[Any]:
    """Return the statement for the groups that a filter names: one row each, as of a day."""
    cycle, meetings, loans = _cycles(), _meetings(on), _loans(on)
    last = _last(true(), "last_meeting")
    roll = _last(MEETINGS.c.total_members > 0, "last_roll")
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
            .outerjoin(last, last.c.group_id == GROUPS.c.id)
            .outerjoin(roll, roll.c.group_id == GROUPS.c.id)
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


def _last(which: ColumnElement[bool], name: str) -> FromClause:
    """Each group's last closed meeting of those that ``which`` chooses."""
    place = func.row_number().over(
        partition_by=MEETINGS.c.group_id,
        order_by=(
            MEETINGS.c.meeting_date.desc(),
            MEETINGS.c.closed_date.desc(),
            MEETINGS.c.id.desc(),
        ),
    )
    # Only numbers are put in order: the pages themselves are long.
    placed = (
        select(MEETINGS.c.id, place.label("place"))
        .where(MEETINGS.c.status == HELD, which)
        .subquery()
    )
    return (
        select(MEETINGS)
        .join(placed, placed.c.id == MEETINGS.c.id)
        .where(placed.c.place == 1)
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
