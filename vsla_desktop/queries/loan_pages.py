"""What the Loans page shows: requests, the loans with what is due, and one loan in full."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.cells import REPAYMENT_PARTS
from vsla_desktop.queries.groups import next_meeting_day
from vsla_desktop.queries.loans import (
    APPROVED,
    ASKED,
    LoanState,
    guarantors_of,
    loans_by_id,
    loans_of_group,
)
from vsla_desktop.queries.meetings import open_meeting_id
from vsla_desktop.queries.pages import Page, group_page, meeting_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.tables import ASSESSMENTS, LEDGER, LOANS, MEETINGS, MEMBERS
from vsla_desktop.wording import GroupWords

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from vsla_desktop.domain.rules import GroupRules

_undone = LEDGER.alias("undone")
_STANDS = (
    LEDGER.outerjoin(_undone, _undone.c.reverses_id == LEDGER.c.id),
    _undone.c.id.is_(None),
    or_(LEDGER.c.is_mobile_money.is_not(True), LEDGER.c.verification_status == "VERIFIED"),
    LEDGER.c.loan_id == bindparam("loan"),
)
_RECOVERED = (
    select(func.sum(LEDGER.c.amount, type_=LEDGER.c.amount.type))
    .select_from(_STANDS[0])
    .where(*_STANDS[1:], LEDGER.c.transaction_type == PostingType.OTHER_INCOME.value)
)
_MOVES = (
    select(
        LEDGER.c.id,
        LEDGER.c.transaction_type,
        LEDGER.c.transaction_date,
        LEDGER.c.amount,
        LEDGER.c.meeting_id,
    )
    .select_from(_STANDS[0])
    .where(*_STANDS[1:], LEDGER.c.transaction_type != PostingType.REVERSAL.value)
    .order_by(LEDGER.c.transaction_date, LEDGER.c.id)
)
_REQUEST = select(LOANS, MEMBERS.c.member_number, MEMBERS.c.first_name, MEMBERS.c.last_name)
_REQUEST = _REQUEST.select_from(LOANS.join(MEMBERS, MEMBERS.c.id == LOANS.c.member_id))
_ONE = _REQUEST.where(LOANS.c.id == bindparam("loan"))
_NOT_GIVEN = _REQUEST.where(
    LOANS.c.group_id == bindparam("of_group"),
    LOANS.c.status.in_((ASKED, APPROVED)),
    LOANS.c.disbursement_date.is_(None),
).order_by(LOANS.c.application_date, LOANS.c.id)
_PEOPLE = (
    select(MEMBERS)
    .where(MEMBERS.c.group_id == bindparam("of_group"))
    .order_by(MEMBERS.c.member_number)
)
_PRESENT = select(MEETINGS.c.members_present).where(MEETINGS.c.id == bindparam("meeting"))
_ASSESSMENT = (
    select(ASSESSMENTS)
    .where(ASSESSMENTS.c.member_id == bindparam("member"))
    .order_by(ASSESSMENTS.c.assessment_date.desc(), ASSESSMENTS.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Person:
    """A member by number and name; ``is_active`` members may borrow and stand for others."""

    member_id: int
    number: int
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class LoanRequest:
    """A loan that a member asks for; ``reason`` says why it was refused, if it was."""

    loan_id: int
    group_id: int
    member_id: int
    member_number: int | None
    member_name: str
    principal: Decimal
    periods: int
    purpose: str
    status: str
    asked_on: date
    approved_on: date | None
    reason: str
    guarantors: tuple[Person, ...]
    was_given: bool

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for the vote, or for the money."""
        if self.was_given or self.reason:
            return False
        return self.status == APPROVED or (self.status == ASKED and self.approved_on is None)

    @property
    def is_refused(self) -> bool:
        """Whether the meeting refused it, or the member let it go."""
        return not self.was_given and self.status == ASKED and bool(self.reason)


@dataclass(frozen=True, slots=True)
class LoanMove:
    """What moved of a loan on one day: given, paid, written off or recovered.

    ``entry`` is the ledger's row of it, the first of them where a payment has several parts.
    """

    day: date
    type: PostingType
    amount: Decimal
    entry: int


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """A member's last assessment as it was kept."""

    on: date
    total_savings: Decimal
    attendance_rate: Decimal
    months_active: int
    savings_score: Decimal
    attendance_score: Decimal
    participation_score: Decimal
    overall_score: Decimal
    is_eligible: bool
    most: Decimal
    periods: int
    risk: str


@dataclass(frozen=True, slots=True)
class LoansRead:
    """The group's loans on a day. ``meeting_id`` is the open meeting's, whose day it then is."""

    page: Page
    rules: GroupRules
    loans: tuple[LoanState, ...]
    requests: tuple[LoanRequest, ...]
    people: tuple[Person, ...]
    fund: Decimal
    meeting_id: int | None
    present_count: int
    next_day: date

    @property
    def words(self) -> GroupWords:
        """The group's own words."""
        return GroupWords.of(self.rules)

    @property
    def day(self) -> date:
        """The day for which everything is worked out."""
        return self.page.day


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What is lent out, and how much of it is late: principal only, charges are not yet there.

    See docs/rules.md#portfolio.
    """

    count: int
    outstanding: Decimal
    late_count: int
    at_risk: Decimal
    overdue: Decimal
    settles: Decimal

    @property
    def rate(self) -> Decimal:
        """The part at risk, as a fraction; 0 while nothing is lent."""
        return self.at_risk / self.outstanding if self.outstanding else ZERO


def portfolio(loans: Iterable[LoanState], on: date) -> Portfolio:
    """Add up the running loans as they stand on a day."""
    running = [loan for loan in loans if loan.is_out]
    late = [loan for loan in running if loan.overdue(on) > 0]
    return Portfolio(
        count=len(running),
        outstanding=sum((loan.principal_owed for loan in running), ZERO),
        late_count=len(late),
        at_risk=sum((loan.principal_owed for loan in late), ZERO),
        overdue=sum((loan.overdue(on) + loan.penalty_due for loan in late), ZERO),
        settles=sum((loan.settles(on) for loan in running), ZERO),
    )


@dataclass(frozen=True, slots=True)
class LoanInFull:
    """One loan, or one request, with all that is known of it."""

    loan: LoanState | None
    request: LoanRequest
    moves: tuple[LoanMove, ...]
    recovered: Decimal
    assessment: AssessmentRow | None


def recovered_of(session: Session, loan_id: int) -> Decimal:
    """Return what was recovered of a loan after it was written off."""
    found: Decimal | None = session.connection().execute(_RECOVERED, {"loan": loan_id}).scalar()
    return found or ZERO


def loan_request(session: Session, loan_id: int) -> LoanRequest | None:
    """Return what was asked for, whether it was given since or not."""
    row = session.connection().execute(_ONE, {"loan": loan_id}).first()
    return None if row is None else _request(row, people_of(session, row.group_id))


def people_of(session: Session, group_id: int) -> tuple[Person, ...]:
    """Return the members by number, also those who have left."""
    rows = session.connection().execute(_PEOPLE, {"of_group": group_id})
    return tuple(
        Person(
            row.id,
            row.member_number or 0,
            f"{row.first_name} {row.last_name}".strip(),
            row.is_active is not False and (row.status or "ACTIVE") == "ACTIVE",
        )
        for row in rows
    )


def present_at(session: Session, meeting_id: int | None) -> int:
    """Return how many are marked present at a meeting; nobody where none is open."""
    wanted = {"meeting": meeting_id}
    return session.connection().execute(_PRESENT, wanted).scalar() or 0 if meeting_id else 0


def loans_read(session: Session, group_id: int, *, today: date) -> LoansRead:
    """Return the group's loans as of the open meeting's day, or of today where none is open."""
    meeting_id = open_meeting_id(session, group_id)
    page = (
        group_page(session, group_id, today)
        if meeting_id is None
        else meeting_page(session, meeting_id)
    )
    people = people_of(session, group_id)
    rules = rules_on(session, page)
    rows = session.connection().execute(_NOT_GIVEN, {"of_group": group_id})
    upcoming = next_meeting_day(page.day, rules.meeting_frequency.value, page.day)
    requests = (_request(row, people) for row in rows)
    return LoansRead(
        page=page,
        rules=rules,
        loans=loans_of_group(session, group_id),
        requests=tuple(each for each in requests if each.is_waiting or each.is_refused),
        people=people,
        fund=fund_balances(session, group_id).of(Fund.LOAN_FUND),
        meeting_id=meeting_id,
        present_count=present_at(session, meeting_id),
        next_day=upcoming or page.day,
    )


def loan_in_full(session: Session, loan_id: int) -> LoanInFull | None:
    """Return one loan or request; None when it is not in the book."""
    request = loan_request(session, loan_id)
    if request is None:
        return None
    connection = session.connection()
    moves = tuple(
        LoanMove(row.transaction_date, PostingType(row.transaction_type), row.amount, row.id)
        for row in connection.execute(_MOVES, {"loan": loan_id})
    )
    assessment = connection.execute(_ASSESSMENT, {"member": request.member_id}).first()
    return LoanInFull(
        loan=loans_by_id(session, (loan_id,))[loan_id] if request.was_given else None,
        request=request,
        moves=_by_day(moves),
        recovered=recovered_of(session, loan_id),
        assessment=None if assessment is None else _assessment(assessment),
    )


def _by_day(moves: tuple[LoanMove, ...]) -> tuple[LoanMove, ...]:
    """Return penalty, charge and principal of one day as one payment."""
    found: list[LoanMove] = []
    for move in moves:
        if move.type not in REPAYMENT_PARTS:
            found.append(move)
            continue
        last = found[-1] if found else None
        if last and last.type is PostingType.LOAN_REPAYMENT and last.day == move.day:
            found[-1] = replace(last, amount=last.amount + move.amount)
        else:
            found.append(replace(move, type=PostingType.LOAN_REPAYMENT))
    return tuple(found)


def _request(row: Any, people: tuple[Person, ...]) -> LoanRequest:
    by_id = {each.member_id: each for each in people}
    stand = guarantors_of(
        row.guarantor_member_id,
        row.collateral_description or "",
        [(each.member_id, each.name) for each in people],
    )
    return LoanRequest(
        loan_id=row.id,
        group_id=row.group_id,
        member_id=row.member_id,
        member_number=row.member_number,
        member_name=f"{row.first_name} {row.last_name}".strip(),
        principal=row.principal,
        periods=row.term_months,
        purpose=row.loan_purpose or "",
        status=row.status or ASKED,
        asked_on=row.application_date or row.created_date.date(),
        approved_on=row.approval_date,
        reason=row.status_reason or "",
        guarantors=tuple(by_id[each] for each in stand if each in by_id),
        was_given=row.disbursement_date is not None,
    )


def _assessment(row: Any) -> AssessmentRow:
    return AssessmentRow(
        on=row.assessment_date,
        total_savings=row.total_savings,
        attendance_rate=row.attendance_rate,
        months_active=row.months_active,
        savings_score=row.savings_score or ZERO,
        attendance_score=row.attendance_score or ZERO,
        participation_score=row.participation_score or ZERO,
        overall_score=row.overall_score or ZERO,
        is_eligible=bool(row.is_eligible),
        most=row.max_loan_amount or ZERO,
        periods=row.recommended_term_months or 0,
        risk=row.risk_level or "MEDIUM",
    )
