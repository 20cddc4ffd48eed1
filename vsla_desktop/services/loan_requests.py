"""Asking for a loan, voting on it, and paying it out. See docs/rules.md#requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select

from vsla_desktop.domain.assessment import Reason, valid_until
from vsla_desktop.domain.loans import Instalment
from vsla_desktop.domain.money import ZERO
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.loan_pages import LoanRequest, loan_request
from vsla_desktop.queries.loans import APPROVED, ASKED
from vsla_desktop.queries.pages import group_page, writable_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.tables import ASSESSMENTS, LOANS, MEMBERS
from vsla_desktop.services.assessments import advice, assess_member
from vsla_desktop.services.loan_rows import update_loan
from vsla_desktop.services.loans import LoanGiven, LoanTerms, agreed_terms, pay_out
from vsla_desktop.services.rows import add_row
from vsla_desktop.services.votes import record_vote

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.domain.votes import Vote

_ACTIVE = select(MEMBERS.c.id).where(
    MEMBERS.c.id == bindparam("member"),
    MEMBERS.c.group_id == bindparam("of_group"),
    MEMBERS.c.is_active.is_not(False),
    func.coalesce(MEMBERS.c.status, "ACTIVE") == "ACTIVE",
)
_WAITING = select(LOANS.c.id).where(
    LOANS.c.member_id == bindparam("member"),
    LOANS.c.status.in_((ASKED, APPROVED)),
    LOANS.c.disbursement_date.is_(None),
    LOANS.c.status_reason.is_(None),
    (LOANS.c.status == APPROVED) | LOANS.c.approval_date.is_(None),
)
_LAST_ASSESSMENT = (
    select(ASSESSMENTS.c.id, ASSESSMENTS.c.assessment_date)
    .where(
        ASSESSMENTS.c.member_id == bindparam("member"),
        ASSESSMENTS.c.assessment_date <= bindparam("day"),
    )
    .order_by(ASSESSMENTS.c.assessment_date.desc(), ASSESSMENTS.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class LoanAsked:
    """A request that waits for the vote: what the loan would cost, and what speaks against it."""

    loan_id: int
    assessment_id: int
    instalments: tuple[Instalment, ...]
    warnings: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """How the meeting decided on a request."""

    loan_id: int
    activity_id: int
    is_approved: bool


def request_loan(
    session: Session,
    group_id: int,
    member_id: int,
    terms: LoanTerms,
    *,
    day: date,
    clock: Clock,
    by: int | None = None,
) -> LoanAsked:
    """Write down that a member asks for a loan, with an assessment that is no older than allowed.

    No money moves. Raise :class:`RuleBroken` for what could not be given on that day either: beyond
    the ceiling, too long, due after the share-out, without fitting guarantors; for a member who is
    not active, and for one who has asked already.
    """
    page = group_page(session, group_id, day)
    rules = rules_on(session, page)
    connection = session.connection()
    wanted = {"member": member_id, "of_group": group_id}
    if connection.execute(_ACTIVE, wanted).first() is None:
        raise RuleBroken("Choose an active member of this group.", field="member")
    if connection.execute(_WAITING, {"member": member_id}).first() is not None:
        raise RuleBroken(
            "This member has asked already.", hint="Vote on that request first.", field="member"
        )
    row, instalments = agreed_terms(session, page, rules, member_id, terms)
    assessment_id = _valid_assessment(session, rules, member_id, day)
    if assessment_id is None:
        assessment_id, _found = assess_member(
            session, group_id, member_id, day=day, clock=clock, by=by
        )
    asked = row | {
        "status": ASKED,
        "approval_date": None,
        "disbursement_date": None,
        "meeting_id": None,
        "total_amount_due": ZERO,
        "assessment_id": assessment_id,
    }
    loan_id = add_row(session, insert(LOANS), asked, clock)
    return LoanAsked(loan_id, assessment_id, instalments, advice(session, page, rules, member_id))


def decide_request(
    session: Session,
    meeting_id: int,
    loan_id: int,
    vote: Vote,
    *,
    reason: str = "",
    clock: Clock,
    by: int | None = None,
) -> Decided:
    """Vote on a request: it is APPROVED, or refused with a reason.

    Raise :class:`RuleBroken` when nobody asked, the assessment is too old, or the vote is lost and
    nobody says why.
    """
    page = writable_page(session, meeting_id)
    rules = rules_on(session, page)
    request = _waiting(session, page.group_id, loan_id, ASKED)
    if _valid_assessment(session, rules, request.member_id, page.day) is None:
        raise RuleBroken(
            "Assess the member again.",
            hint="An assessment is good for {months} months.",
            field="assessment",
            months=rules.assessment_rules.valid_months,
        )
    subject = f"Loan: {request.member_number or ''} {request.member_name}"
    recorded = record_vote(
        session, meeting_id, subject, vote, description=reason, clock=clock, by=by
    )
    values: dict[str, Any]
    if recorded.is_passed:
        values = {"status": APPROVED, "approval_date": page.day, "approved_by": by}
    elif reason.strip():
        values = {"status_reason": reason.strip()}
    else:
        raise RuleBroken("Say why it is refused.", field="reason")
    update_loan(session, loan_id, values, clock)
    return Decided(loan_id, recorded.activity_id, recorded.is_passed)


def withdraw_request(
    session: Session,
    loan_id: int,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - every service takes who did it
) -> None:
    """Let a request go that was not paid out; RuleBroken without a reason, or once it was."""
    request = loan_request(session, loan_id)
    if request is None or not request.is_waiting:
        raise RuleBroken("This request waits no more.", field="loan")
    if not reason.strip():
        raise RuleBroken("Say why.", field="reason")
    values = {"status": ASKED, "status_reason": reason.strip()}
    update_loan(session, loan_id, values, clock)


def pay_out_request(
    session: Session,
    meeting_id: int,
    loan_id: int,
    *,
    clock: Clock,
    by: int | None = None,
) -> LoanGiven:
    """Pay out a loan that was approved, in this meeting or a later one.

    Everything is checked again as of today: the fund, the ceiling, the share-out, the guarantors.
    """
    page = writable_page(session, meeting_id)
    rules = rules_on(session, page)
    request = _waiting(session, page.group_id, loan_id, APPROVED)
    terms = LoanTerms(
        principal=request.principal,
        periods=request.periods,
        purpose=request.purpose,
        guarantors=tuple(each.member_id for each in request.guarantors),
    )
    warnings = advice(session, page, rules, request.member_id)
    row, instalments = agreed_terms(session, page, rules, request.member_id, terms)
    kept = ("application_date", "approval_date")
    values = {key: value for key, value in row.items() if key not in kept}
    update_loan(session, loan_id, values | {"disbursed_by": by}, clock)
    entry = pay_out(
        session, page, loan_id, request.member_id, request.principal, instalments, clock, by
    )
    return LoanGiven(loan_id, entry, instalments, warnings)


def _waiting(session: Session, group_id: int, loan_id: int, status: str) -> LoanRequest:
    request = loan_request(session, loan_id)
    if request is None or request.group_id != group_id or not request.is_waiting:
        raise RuleBroken("Nobody asks for this loan now.", field="loan")
    if request.status != status:
        raise RuleBroken(
            "The meeting has approved this loan." if status == ASKED else "Vote on it first.",
            field="loan",
        )
    return request


def _valid_assessment(session: Session, rules: GroupRules, member_id: int, day: date) -> int | None:
    """Return the member's last assessment, if it is still good."""
    wanted = {"member": member_id, "day": day}
    last = session.connection().execute(_LAST_ASSESSMENT, wanted).first()
    if last is None or day > valid_until(last.assessment_date, rules.assessment_rules):
        return None
    found: int = last.id
    return found
