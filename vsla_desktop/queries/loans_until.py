"""The loans that were out on a day, and which of them were late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, or_, select, type_coerce

from vsla_desktop.domain.postings import PostingType
from vsla_desktop.queries.loans import OUT
from vsla_desktop.queries.tables import INSTALMENTS, LOANS
from vsla_desktop.queries.until import (
    AMOUNT_OF_ENTRY,
    COUNTED,
    ENTRY,
    MONEY,
    NOUGHT,
    ON,
    UNTIL,
    Chosen,
    of_kind,
    or_nought,
    total,
)

if TYPE_CHECKING:
    from sqlalchemy import Subquery

_T = PostingType


def loans_until(of: Chosen, *, lost_too: bool = False) -> Subquery:
    """Return the loans that are out on the day: ``outstanding`` principal and what is ``late``.

    With ``lost_too`` loans that were written off by then are told as well.
    A loan is late while something that fell due before the day is not paid, by its schedule as it
    stands now. Loans that other programs wrote without an entry count as given on their day.
    """
    # What was given later is looked at too: it tells a loan of ours from one without entries.
    is_given = of_kind(_T.LOAN_DISBURSEMENT)
    paid = (
        select(
            ENTRY.c.loan_id,
            func.count().filter(is_given).label("given_rows"),
            *(
                total(and_(UNTIL, of_kind(kind)), AMOUNT_OF_ENTRY).label(name)
                for name, kind in (
                    ("given", _T.LOAN_DISBURSEMENT),
                    ("principal", _T.LOAN_REPAYMENT),
                    ("charge", _T.LOAN_CHARGE),
                    ("lost", _T.LOAN_WRITE_OFF),
                )
            ),
        )
        .where(ENTRY.c.loan_id.is_not(None), ENTRY.c.group_id.in_(of.ids), COUNTED)
        .group_by(ENTRY.c.loan_id)
        .subquery("paid")
    )
    was_out = and_(LOANS.c.status.in_(OUT), LOANS.c.disbursement_date <= ON)
    given = case(
        (paid.c.given_rows > 0, or_nought(paid.c.given)),
        (was_out, LOANS.c.principal),
        else_=NOUGHT,
    )
    settled = or_nought(paid.c.principal) + or_nought(paid.c.lost)
    is_out = given - settled > NOUGHT
    out = (
        select(
            LOANS.c.id,
            LOANS.c.group_id,
            LOANS.c.member_id,
            LOANS.c.cycle_id,
            LOANS.c.maturity_date,
            LOANS.c.disbursement_date,
            type_coerce(given - settled, MONEY).label("outstanding"),
            type_coerce(settled, MONEY).label("settled"),
            or_nought(paid.c.charge).label("charge"),
            or_nought(paid.c.lost).label("lost"),
        )
        .select_from(LOANS.outerjoin(paid, paid.c.loan_id == LOANS.c.id))
        .where(
            LOANS.c.group_id.in_(of.ids),
            or_(is_out, paid.c.lost > NOUGHT) if lost_too else is_out,
        )
        .cte("given")
    )
    is_due = INSTALMENTS.c.due_date < ON
    due = (
        select(
            INSTALMENTS.c.loan_id,
            total(is_due, INSTALMENTS.c.principal_amount).label("principal"),
            total(is_due, INSTALMENTS.c.interest_amount).label("charge"),
        )
        .where(INSTALMENTS.c.loan_id.in_(select(out.c.id)))
        .group_by(INSTALMENTS.c.loan_id)
        .subquery("due")
    )
    is_late = case(
        (
            due.c.loan_id.is_not(None),
            or_(or_nought(due.c.principal) > out.c.settled, or_nought(due.c.charge) > out.c.charge),
        ),
        # Without a schedule all of it is due on the last day: something is, or it were not out.
        else_=func.coalesce(out.c.maturity_date, out.c.disbursement_date) < ON,
    )
    return (
        select(
            out.c.id,
            out.c.group_id,
            out.c.member_id,
            out.c.cycle_id,
            out.c.disbursement_date,
            out.c.outstanding,
            out.c.settled,
            out.c.charge,
            out.c.lost,
            case((is_late, out.c.outstanding), else_=NOUGHT).label("late"),
        )
        .select_from(out.outerjoin(due, due.c.loan_id == out.c.id))
        .subquery("loans")
    )
