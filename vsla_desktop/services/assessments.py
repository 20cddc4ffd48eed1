"""What the group asks of a borrower, and what it can know before it votes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import case, func, insert, select

from vsla_desktop.domain.assessment import Assessment, MemberRecord, Reason, assess
from vsla_desktop.domain.money import ZERO
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.loans import OUT, loans_of_member
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.tables import ASSESSMENTS, ATTENDANCE, FINES, MEMBERS
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.queries.pages import Page

MONTHS = 12


def assess_member(
    session: Session,
    group_id: int,
    member_id: int,
    *,
    day: date,
    notes: str = "",
    clock: Clock,
    by: int | None = None,
) -> tuple[int, Assessment]:
    """Work out how ready a member is for a loan, and keep it; return its id and the result."""
    page = group_page(session, group_id, day)
    rules = rules_on(session, page)
    record = member_record(session, page, rules, member_id)
    found = assess(record, rules.assessment_rules, unit=page.currency.step)
    row = {
        "member_id": member_id,
        "assessment_date": day,
        "total_savings": record.total_savings,
        "attendance_rate": record.attendance_rate,
        "months_active": record.months_active,
        "savings_score": found.savings_score,
        "attendance_score": found.attendance_score,
        "participation_score": found.participation_score,
        "overall_score": found.overall_score,
        "is_eligible": found.is_eligible,
        "max_loan_amount": found.max_loan_amount,
        "recommended_term_months": found.recommended_term_months,
        "interest_rate": rules.loan_interest_rate,
        "risk_level": found.risk_level.value,
        "risk_factors": "\n".join(str(each) for each in found.risk_factors) or None,
        "assessed_by": by,
        "assessment_notes": notes.strip() or None,
    }
    return add_row(session, insert(ASSESSMENTS), row, clock), found


def advice(session: Session, page: Page, rules: GroupRules, member_id: int) -> tuple[Reason, ...]:
    """Return what speaks against a loan to a member; the meeting may vote for it all the same."""
    record = member_record(session, page, rules, member_id)
    return assess(record, rules.assessment_rules, unit=page.currency.step).reasons


def member_record(session: Session, page: Page, rules: GroupRules, member_id: int) -> MemberRecord:
    """Return what is known of a member on the day of the page."""
    connection = session.connection()
    member = connection.execute(
        select(
            MEMBERS.c.group_id,
            MEMBERS.c.joined_date,
            MEMBERS.c.savings_balance,
            MEMBERS.c.attendance_percentage,
        ).where(MEMBERS.c.id == member_id)
    ).first()
    if member is None or member.group_id != page.group_id:
        raise RuleBroken("Choose a member of this group.", field="member")
    meetings, discussed, saved, voted = connection.execute(
        select(
            func.count(),
            _count(ATTENDANCE.c.participated_in_discussions),
            _count(ATTENDANCE.c.contributed_to_savings),
            _count(ATTENDANCE.c.voted_on_decisions),
        ).where(ATTENDANCE.c.member_id == member_id)
    ).one()
    fines = connection.execute(
        select(func.sum(FINES.c.amount - FINES.c.paid_amount, type_=FINES.c.amount.type)).where(
            FINES.c.member_id == member_id, FINES.c.waived_date.is_(None)
        )
    ).scalar()
    loans = loans_of_member(session, member_id, statuses=OUT)
    return MemberRecord(
        total_savings=member.savings_balance,
        share_value=rules.share_value,
        attendance_rate=member.attendance_percentage or ZERO,
        months_active=_months(member.joined_date, page.day),
        discussed=_part(discussed, meetings),
        saved=_part(saved, meetings),
        voted=_part(voted, meetings),
        unpaid_fines=fines or ZERO,
        loans_out=sum((loan.principal_owed for loan in loans), ZERO),
        late_loans=sum(loan.overdue(page.day) > 0 for loan in loans),
    )


def _count(flag: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((flag, 1), else_=0)), 0)


def _part(count: int, of: int) -> Decimal:
    return Decimal(int(count)) / of if of else ZERO


def _months(joined: date | None, day: date) -> int:
    """Return the whole months between two days."""
    if joined is None or joined > day:
        return 0
    months = (day.year - joined.year) * MONTHS + day.month - joined.month
    return months - (day.day < joined.day)
