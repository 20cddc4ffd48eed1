"""What of a programme's figures can be told of women and of men apart, on any day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.queries.indicators_statement import IS_SAVED, last_meetings, payouts_by
from vsla_desktop.queries.loans_until import loans_until
from vsla_desktop.queries.tables import ATTENDANCE, MEETINGS, MEMBERS
from vsla_desktop.queries.until import (
    COUNTED,
    EFFECT_OF_ENTRY,
    ENTRY,
    MONEY,
    UNTIL,
    chosen,
    has_dropped_out,
    is_registered,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter


@dataclass(frozen=True, slots=True)
class GenderFigures:
    """The members of one gender whose groups have one currency.

    :class:`~vsla_desktop.domain.indicators.Figures` says what each figure is. ``gender`` is empty
    for those of whom it is not known.
    """

    currency: str
    gender: str
    members: int
    attending: int
    dropouts: int
    savings: Decimal
    loans_count: int
    loans_value: Decimal
    late_value: Decimal


def figures_by_gender(session: Session, wanted: Filter, *, on: date) -> tuple[GenderFigures, ...]:
    """Return the figures of women and men in the groups that a filter names, by currency.

    Whether a loan is late is told by its schedule as it stands now.
    """
    of = chosen(session, wanted)
    saved = (
        select(ENTRY.c.member_id, func.sum(EFFECT_OF_ENTRY, type_=MONEY).label("amount"))
        .where(ENTRY.c.group_id.in_(of.ids), UNTIL, COUNTED, IS_SAVED)
        .group_by(ENTRY.c.member_id)
        .subquery("saved")
    )
    payouts = payouts_by(of, ENTRY.c.member_id)
    loans = loans_until(of)
    borrowed = (
        select(
            loans.c.member_id,
            func.count().label("number"),
            func.sum(loans.c.outstanding, type_=MONEY).label("value"),
            func.sum(loans.c.late, type_=MONEY).label("late"),
        )
        .group_by(loans.c.member_id)
        .subquery("borrowed")
    )
    numbers = last_meetings(of).subquery("numbers")
    came = (
        select(ATTENDANCE.c.member_id)
        .select_from(
            ATTENDANCE.join(MEETINGS, MEETINGS.c.id == ATTENDANCE.c.meeting_id).join(
                numbers,
                and_(
                    numbers.c.group_id == MEETINGS.c.group_id,
                    numbers.c.number == MEETINGS.c.meeting_number,
                ),
            )
        )
        .where(ATTENDANCE.c.is_present)
        .subquery("came")
    )
    statement = (
        select(
            of.groups.c.currency,
            MEMBERS.c.gender,
            func.count().filter(is_registered()).label("members"),
            func.count(came.c.member_id).label("attending"),
            func.count().filter(has_dropped_out(of.cycles)).label("dropouts"),
            func.sum(saved.c.amount, type_=MONEY).label("saved"),
            func.sum(payouts.c.amount, type_=MONEY).label("paid_out"),
            func.sum(borrowed.c.number).label("loans_count"),
            func.sum(borrowed.c.value, type_=MONEY).label("loans_value"),
            func.sum(borrowed.c.late, type_=MONEY).label("late_value"),
        )
        .select_from(
            MEMBERS.join(of.groups, of.groups.c.id == MEMBERS.c.group_id)
            .outerjoin(of.cycles, of.cycles.c.group_id == MEMBERS.c.group_id)
            .outerjoin(saved, saved.c.member_id == MEMBERS.c.id)
            .outerjoin(payouts, payouts.c.key == MEMBERS.c.id)
            .outerjoin(borrowed, borrowed.c.member_id == MEMBERS.c.id)
            .outerjoin(came, came.c.member_id == MEMBERS.c.id)
        )
        .group_by(of.groups.c.currency, MEMBERS.c.gender)
        .order_by(of.groups.c.currency, MEMBERS.c.gender)
    )
    return tuple(
        GenderFigures(
            currency=row.currency,
            gender=row.gender or "",
            members=row.members,
            attending=row.attending,
            dropouts=row.dropouts,
            savings=(row.saved or ZERO) + (row.paid_out or ZERO),
            loans_count=int(row.loans_count or 0),
            loans_value=row.loans_value or ZERO,
            late_value=row.late_value or ZERO,
        )
        for row in session.connection().execute(statement, {"on_day": on})
    )
