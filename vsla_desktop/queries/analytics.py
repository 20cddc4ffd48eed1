"""How a group and its members stood at the end of a day, of any day. See docs/rules.md#analytics.

What is held today is in the book; what came after the day is taken off again. So a day long past
costs what was entered since, and the day of the last meeting costs next to nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, bindparam, case, func, literal_column, select

from vsla_desktop.derived.language import counted, of_kind, paid
from vsla_desktop.domain.assessment import AssessmentRules, participation_score
from vsla_desktop.domain.money import CENT, ZERO
from vsla_desktop.domain.months import months_earlier
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.marks import counted_until
from vsla_desktop.queries.pages import MEETING_CLOSED
from vsla_desktop.queries.rules import group_rules, rule_history, rules_from_json
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    ACHIEVED,
    CYCLES,
    FINES,
    LEDGER,
    LOANS,
    MEETINGS,
    MEMBERS,
    SAVINGS,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

ACTIVE_MONTHS: Final = 3
"""Who was in the room at a meeting of so many months is active."""
_MOST_PERCENT: Final = Decimal("999.99")


@dataclass(frozen=True, slots=True)
class MemberFigures:
    """A member at the end of a day: a row of ``member_analytics``, under its column names."""

    total_savings: Decimal = ZERO
    total_loans: Decimal = ZERO
    total_fines: Decimal = ZERO
    attendance_rate: Decimal = ZERO
    participation_score: Decimal = ZERO
    achievement_points: int = 0
    meetings_attended: int = 0
    meetings_missed: int = 0
    late_arrivals: int = 0


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A group at the end of a day: a row of ``analytics_snapshots``, under its column names.

    The rates are percentages; None where there is nothing to divide by.
    """

    total_members: int
    active_members: int
    new_members_this_month: int
    total_savings: Decimal
    total_loans: Decimal
    total_fines: Decimal
    average_attendance: Decimal | None
    meetings_held: int
    loan_default_rate: Decimal | None
    savings_growth_rate: Decimal | None
    member_growth_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Figures:
    """A group, and its members by their ids."""

    group: GroupFigures
    members: dict[int, MemberFigures]


@dataclass(frozen=True, slots=True)
class LoanThen:
    """A loan as it stood: what was lent, lost and still owed, principal alone."""

    member_id: int
    lent: Decimal
    lost: Decimal
    owed: Decimal


_entry = LEDGER.alias("r")
_saving = SAVINGS.alias("r")
_OF_GROUP = MEMBERS.c.group_id == bindparam("of_group")
_LATER = and_(
    _entry.c.group_id == bindparam("of_group"), _entry.c.transaction_date > bindparam("day")
)
_SAVED: ColumnElement[Any] = literal_column(
    f"CASE WHEN {counted('r')} THEN r.amount ELSE 0 END"
    " * CASE r.transaction_type WHEN 'DEPOSIT' THEN 1 ELSE -1 END"
    " * CASE WHEN r.is_reversal THEN -1 ELSE 1 END",
    SAVINGS.c.amount.type,
)


def _added(*kinds: str) -> ColumnElement[Any]:
    return func.sum(literal_column(paid(*kinds)), type_=LEDGER.c.amount.type)


def _times(flag: ColumnElement[Any]) -> ColumnElement[int]:
    return func.sum(case((flag, 1), else_=0))


_HELD_NOW = select(
    MEMBERS.c.id, MEMBERS.c.savings_balance, MEMBERS.c.joined_date, MEMBERS.c.left_date
).where(_OF_GROUP)
_SAVED_LATER = (
    select(
        ACCOUNTS.c.member_id,
        func.sum(_SAVED, type_=SAVINGS.c.amount.type).label("since_before"),
        func.sum(
            case((_saving.c.transaction_date > bindparam("day"), _SAVED), else_=0),
            type_=SAVINGS.c.amount.type,
        ).label("since_day"),
    )
    .select_from(
        MEMBERS.join(ACCOUNTS, ACCOUNTS.c.member_id == MEMBERS.c.id).join(
            _saving, _saving.c.member_saving_id == ACCOUNTS.c.id
        )
    )
    .where(_OF_GROUP, _saving.c.transaction_date > bindparam("before"))
    .group_by(ACCOUNTS.c.member_id)
)
_SAVED_BY_DAY = (
    select(_saving.c.transaction_date, func.sum(_SAVED, type_=SAVINGS.c.amount.type))
    .select_from(
        MEMBERS.join(ACCOUNTS, ACCOUNTS.c.member_id == MEMBERS.c.id).join(
            _saving, _saving.c.member_saving_id == ACCOUNTS.c.id
        )
    )
    .where(_OF_GROUP, _saving.c.transaction_date > bindparam("day"))
    .group_by(_saving.c.transaction_date)
)
_LOANS_NOW = select(
    LOANS.c.id,
    LOANS.c.member_id,
    LOANS.c.disbursement_date,
    LOANS.c.principal_outstanding,
    LOANS.c.principal_paid,
    LOANS.c.amount_written_off,
).where(LOANS.c.group_id == bindparam("of_group"))
_LOANS_LATER = (
    select(
        _entry.c.loan_id,
        _added("LOAN_DISBURSEMENT").label("lent"),
        _added("LOAN_REPAYMENT").label("repaid"),
        _added("LOAN_WRITE_OFF").label("lost"),
    )
    .where(_LATER, _entry.c.loan_id.is_not(None))
    .group_by(_entry.c.loan_id)
)
_FINES_NOW = (
    select(FINES.c.member_id, func.sum(FINES.c.paid_amount, type_=LEDGER.c.amount.type))
    .select_from(FINES.join(MEMBERS, MEMBERS.c.id == FINES.c.member_id))
    .where(_OF_GROUP)
    .group_by(FINES.c.member_id)
)
_FINES_LATER = (
    select(FINES.c.member_id, _added("FINE_PAYMENT"))
    .select_from(_entry.join(FINES, FINES.c.id == _entry.c.fine_id))
    .where(_LATER, literal_column(of_kind("r", "FINE_PAYMENT")))
    .group_by(FINES.c.member_id)
)
_mark = counted_until(bindparam("day")).c
_MARKS = (
    select(
        _mark.member_id,
        func.count().label("meetings"),
        _times(_mark.is_present).label("present"),
        _times(_mark.attendance_status == "LATE").label("late"),
        _times(_mark.participated_in_discussions).label("discussed"),
        _times(_mark.contributed_to_savings).label("saved"),
        _times(_mark.voted_on_decisions).label("voted"),
        _times(and_(_mark.is_present, _mark.meeting_date > bindparam("active_since"))).label(
            "of_late"
        ),
    )
    .where(_mark.group_id == bindparam("of_group"), _mark.meeting_date <= bindparam("day"))
    .group_by(_mark.member_id)
)
_POINTS = (
    select(ACHIEVED.c.member_id, func.sum(ACHIEVED.c.points_earned))
    .select_from(ACHIEVED.join(MEMBERS, MEMBERS.c.id == ACHIEVED.c.member_id))
    .where(_OF_GROUP, ACHIEVED.c.awarded_date <= bindparam("day"))
    .group_by(ACHIEVED.c.member_id)
)
_HELD = select(func.count()).where(
    MEETINGS.c.group_id == bindparam("of_group"),
    MEETINGS.c.status == MEETING_CLOSED,
    MEETINGS.c.meeting_date <= bindparam("day"),
)
_CYCLE_RULES = (
    select(CYCLES.c.rules)
    .where(CYCLES.c.group_id == bindparam("of_group"), CYCLES.c.start_date <= bindparam("day"))
    .order_by(CYCLES.c.start_date.desc())
    .limit(1)
)
_MEETING_DAYS = (
    select(MEETINGS.c.meeting_date)
    .where(
        MEETINGS.c.group_id == bindparam("of_group"),
        MEETINGS.c.status == MEETING_CLOSED,
        MEETINGS.c.meeting_date >= bindparam("since"),
        MEETINGS.c.meeting_date <= bindparam("until"),
    )
    .distinct()
    .order_by(MEETINGS.c.meeting_date)
)


def figures_on(session: Session, group_id: int, day: date) -> Figures:
    """Return how a group and those who belonged to it stood at the end of a day."""
    connection = session.connection()
    before = months_earlier(day, 1)
    wanted = {
        "of_group": group_id,
        "day": day,
        "before": before,
        "active_since": months_earlier(day, ACTIVE_MONTHS),
    }
    register = connection.execute(_HELD_NOW, wanted).all()
    later = {row.member_id: row for row in connection.execute(_SAVED_LATER, wanted)}
    saved: dict[int, Decimal] = {}
    saved_before = ZERO
    for row in register:
        moved = later.get(row.id)
        saved[row.id] = row.savings_balance - (moved.since_day if moved else ZERO)
        saved_before += row.savings_balance - (moved.since_before if moved else ZERO)
    loans = loans_then(session, group_id, day)
    owed: dict[int, Decimal] = defaultdict(Decimal)
    for loan in loans.values():
        owed[loan.member_id] += loan.owed
    fined: dict[int, Decimal] = defaultdict(Decimal)
    for member_id, amount in connection.execute(_FINES_NOW, wanted):
        fined[member_id] += amount or ZERO
    for member_id, amount in connection.execute(_FINES_LATER, wanted):
        fined[member_id] -= amount or ZERO
    marks = {row.member_id: row for row in connection.execute(_MARKS, wanted)}
    points: dict[int, int] = {row[0]: row[1] or 0 for row in connection.execute(_POINTS, wanted)}
    rules = _assessment_rules(session, group_id, day)
    belonging = [row for row in register if _belongs(row, day)]
    members = {
        row.id: _member(
            saved[row.id],
            owed[row.id],
            fined[row.id],
            points.get(row.id, 0),
            marks.get(row.id),
            rules,
        )
        for row in belonging
    }
    count_before = sum(_belongs(row, before) for row in register)
    present = sum(row.present for row in marks.values())
    total = sum(saved.values(), ZERO)
    lent = sum((loan.lent for loan in loans.values()), ZERO)
    group = GroupFigures(
        total_members=len(belonging),
        active_members=sum(bool(row.id in marks and marks[row.id].of_late) for row in belonging),
        new_members_this_month=sum(
            row.joined_date is not None and row.joined_date >= day.replace(day=1)
            for row in belonging
        ),
        total_savings=total,
        total_loans=sum(owed.values(), ZERO),
        total_fines=sum(fined.values(), ZERO),
        average_attendance=_percent(present, sum(row.meetings for row in marks.values())),
        meetings_held=connection.execute(_HELD, wanted).scalar_one(),
        loan_default_rate=_percent(sum((loan.lost for loan in loans.values()), ZERO), lent),
        savings_growth_rate=_percent(total - saved_before, saved_before),
        member_growth_rate=_percent(len(belonging) - count_before, count_before),
    )
    return Figures(group, members)


def savings_since(session: Session, group_id: int, day: date) -> dict[date, Decimal]:
    """Return by day what a group's accounts gained after a day; below nought where they lost."""
    wanted = {"of_group": group_id, "day": day}
    return {row[0]: row[1] for row in session.connection().execute(_SAVED_BY_DAY, wanted)}


def loans_then(session: Session, group_id: int, day: date) -> dict[int, LoanThen]:
    """Return by id how every loan of a group stood at the end of a day."""
    connection = session.connection()
    wanted = {"of_group": group_id, "day": day}
    later = {row.loan_id: row for row in connection.execute(_LOANS_LATER, wanted)}
    found: dict[int, LoanThen] = {}
    for row in connection.execute(_LOANS_NOW, wanted):
        if row.disbursement_date is not None and row.disbursement_date > day:
            continue
        moved = later.get(row.id)
        lent, repaid, lost = (moved.lent, moved.repaid, moved.lost) if moved else (ZERO,) * 3
        owed = row.principal_outstanding - lent + repaid + lost
        was_lost = row.amount_written_off - lost
        was_lent = owed + row.principal_paid - repaid + was_lost
        found[row.id] = LoanThen(row.member_id, was_lent, was_lost, owed)
    return found


def meeting_days(session: Session, group_id: int, since: date, until: date) -> tuple[date, ...]:
    """Return the days in a range on which a group held and closed a meeting."""
    wanted = {"of_group": group_id, "since": since, "until": until}
    return tuple(session.connection().execute(_MEETING_DAYS, wanted).scalars())


def _member(
    saved: Decimal,
    owed: Decimal,
    fined: Decimal,
    points: int,
    marks: Any,
    rules: AssessmentRules,
) -> MemberFigures:
    if marks is None:
        return MemberFigures(saved, owed, fined, achievement_points=points)
    held = Decimal(marks.meetings)
    score = participation_score(
        marks.discussed / held, marks.saved / held, marks.voted / held, rules
    )
    return MemberFigures(
        total_savings=saved,
        total_loans=owed,
        total_fines=fined,
        attendance_rate=_percent(marks.present, marks.meetings) or ZERO,
        participation_score=score,
        achievement_points=points,
        meetings_attended=marks.present,
        meetings_missed=marks.meetings - marks.present,
        late_arrivals=marks.late,
    )


def _belongs(row: Any, day: date) -> bool:
    has_joined = row.joined_date is None or row.joined_date <= day
    return has_joined and (row.left_date is None or row.left_date > day)


def _percent(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """Return the part as a percentage to the hundredth, within what a row can hold."""
    if not whole:
        return None
    found = (Decimal(part) * 100 / Decimal(whole)).quantize(CENT, ROUND_HALF_UP)
    return max(min(found, _MOST_PERCENT), -_MOST_PERCENT)


def _assessment_rules(session: Session, group_id: int, day: date) -> AssessmentRules:
    """Return the weights that held on the day; the usual ones for a group without rules."""
    wanted = {"of_group": group_id, "day": day}
    stored = session.connection().execute(_CYCLE_RULES, wanted).scalar()
    held = [rules for since, rules in rule_history(stored) if since <= day]
    if held:
        return rules_from_json(held[-1]).assessment_rules
    try:
        return group_rules(session, group_id).assessment_rules
    except RuleBroken:  # another program's group
        return AssessmentRules()
