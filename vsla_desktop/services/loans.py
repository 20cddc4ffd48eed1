"""Giving loans: the checks, the schedule, the disbursement; and taking one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from vsla_desktop.domain.loans import (
    Instalment,
    check_before_share_out,
    latest_due_date,
    most_periods,
    schedule,
)
from vsla_desktop.domain.money import ZERO, check_amount, plain_amount, round_down_to
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.loans import ACTIVE, ASKED, OUT, loans_of_group, loans_of_member
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.tables import ACTIVITIES, LEDGER, LOANS, MEMBERS
from vsla_desktop.services.assessments import advice
from vsla_desktop.services.ledger import post, reverse
from vsla_desktop.services.loan_rows import (
    bring_back,
    keep_schedule,
    remove_schedule,
    update_loan,
    write_schedule,
)
from vsla_desktop.services.postings import Entry, Posting
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.assessment import Reason
    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.queries.loans import LoanState
    from vsla_desktop.queries.pages import Page

TAKEN_BACK = "A loan is taken back"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """What a member asks for. ``periods`` None takes the most that end before the share-out."""

    principal: Decimal
    periods: int | None = None
    purpose: str = ""
    guarantors: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class LoanGiven:
    """A loan that was given: its schedule, and what the group should know of the borrower."""

    loan_id: int
    entry: Entry
    instalments: tuple[Instalment, ...]
    warnings: tuple[Reason, ...]

    @property
    def total_due(self) -> Decimal:
        """Principal and charge together, as the schedule has it on the day of issue."""
        return sum((row.total for row in self.instalments), ZERO)

    @property
    def due_date(self) -> date:
        """The day on which the last instalment falls due."""
        return latest_due_date(self.instalments)


def disburse_loan(
    session: Session,
    meeting_id: int,
    member_id: int,
    terms: LoanTerms,
    *,
    assessment_id: int | None = None,
    clock: Clock,
    by: int | None = None,
) -> LoanGiven:
    """Give a member a loan at an open meeting, with its schedule by the group's charge method.

    Raise :class:`RuleBroken` when the loan fund does not hold it at this moment, it goes beyond
    savings x multiple less the loans out, its term is longer than the group allows or ends after
    the share-out, or guarantors are missing. What the group asks of a borrower beyond that
    (attendance, months, score) comes back as ``warnings``: the meeting votes.
    """
    page = writable_page(session, meeting_id)
    rules = rules_on(session, page)
    warnings = advice(session, page, rules, member_id)
    row, instalments = agreed_terms(session, page, rules, member_id, terms)
    loan_id = add_row(
        session,
        insert(LOANS),
        row | {"assessment_id": assessment_id, "approved_by": by, "disbursed_by": by},
        clock,
    )
    entry = pay_out(session, page, loan_id, member_id, terms.principal, instalments, clock, by)
    return LoanGiven(loan_id, entry, instalments, warnings)


def change_loan(
    session: Session,
    page: Page,
    loan: LoanState,
    old_entry: int,
    terms: LoanTerms,
    *,
    clock: Clock,
    by: int | None = None,
) -> LoanGiven:
    """Give a loan of the meeting that is open on other terms; RuleBroken once it was paid of."""
    if topped_up_by(session, old_entry) is not None:
        raise RuleBroken(
            "Change this on the Loans page.", hint="It adds to a running loan.", field="principal"
        )
    check_untouched(loan)
    rules = rules_on(session, page)
    reverse(session, page, old_entry, clock=clock, by=by)
    update_loan(session, loan.loan_id, {"status": ASKED}, clock)
    row, instalments = agreed_terms(session, page, rules, loan.member_id, terms)
    remove_schedule(session, loan.loan_id)
    update_loan(session, loan.loan_id, row, clock)
    warnings = advice(session, page, rules, loan.member_id)
    entry = pay_out(
        session, page, loan.loan_id, loan.member_id, terms.principal, instalments, clock, by
    )
    return LoanGiven(loan.loan_id, entry, instalments, warnings)


def take_back_loan(
    session: Session,
    page: Page,
    loan: LoanState,
    old_entry: int,
    *,
    reason: str | None = None,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Undo a disbursement: the money is back in the fund, and the loan is owed no more.

    More money on a running loan is undone likewise, and the loan is what it was before. Raise
    :class:`RuleBroken` once something was paid of it: those payments come back first.
    """
    activity = topped_up_by(session, old_entry)
    if activity is not None:
        bring_back(session, page, loan, activity, clock)
        return reverse(session, page, old_entry, reason=reason, clock=clock, by=by)
    check_untouched(loan)
    entry = reverse(session, page, old_entry, reason=reason, clock=clock, by=by)
    if loan.meeting_id != page.meeting_id:
        keep_schedule(session, page, loan, (), what=TAKEN_BACK, clock=clock)
    remove_schedule(session, loan.loan_id)
    values = {"status": ASKED, "total_amount_due": ZERO, "disbursement_date": None}
    update_loan(session, loan.loan_id, values, clock)
    return entry


def topped_up_by(session: Session, entry: int) -> int | None:
    """Return the activity of a disbursement that added to a running loan; None for its first."""
    found: int | None = (
        session.connection()
        .execute(
            select(ACTIVITIES.c.id)
            .join(LEDGER, LEDGER.c.activity_id == ACTIVITIES.c.id)
            .where(LEDGER.c.id == entry, ACTIVITIES.c.activity_type == "LOANS")
        )
        .scalar()
    )
    return found


def check_untouched(loan: LoanState) -> None:
    """Raise :class:`RuleBroken` once a loan was changed, paid of or written off."""
    if loan.changed_on is not None:
        raise RuleBroken("Take back the later change first.", field="loan")
    if loan.written_off:
        raise RuleBroken("Take back the write-off first.", field="loan")
    if loan.principal_paid or loan.charge_paid or loan.penalty_paid:
        raise RuleBroken(
            "Take back its payments first.", hint="Some of this loan is repaid.", field="loan"
        )


def agreed_terms(
    session: Session, page: Page, rules: GroupRules, member_id: int, terms: LoanTerms
) -> tuple[dict[str, Any], tuple[Instalment, ...]]:
    """Check a loan against the rules on the day of the page; return its row and its schedule."""
    check_amount(terms.principal, page.currency, field="principal")
    periods = terms.periods or _longest(page, rules)
    check_periods(periods, rules)
    rows = schedule(
        terms.principal,
        rules.loan_interest_rate,
        periods,
        method=rules.loan_interest_method,
        period_kind=rules.loan_period,
        start=page.day,
        unit=page.currency.step,
    )
    if page.cycle_end is not None:
        check_before_share_out(latest_due_date(rows), page.cycle_end)
    check_ceiling(session, page, rules, member_id, terms.principal)
    guarantors = _check_guarantors(session, page, rules, member_id, terms.guarantors)
    total = sum((row.total for row in rows), ZERO)
    return {
        "group_id": page.group_id,
        "member_id": member_id,
        "principal": terms.principal,
        "interest_rate": rules.loan_interest_rate,
        "term_months": periods,
        "monthly_payment": rows[0].total,
        "status": ACTIVE,
        "application_date": page.day,
        "approval_date": page.day,
        "disbursement_date": page.day,
        "maturity_date": latest_due_date(rows),
        "total_amount_due": total,
        "loan_purpose": terms.purpose.strip() or None,
        "collateral_description": guarantors,
        "guarantor_member_id": terms.guarantors[0] if terms.guarantors else None,
        "cycle_id": page.cycle_id,
        "meeting_id": page.meeting_id,
        "interest_method": rules.loan_interest_method.value,
        "loan_period": rules.loan_period.value,
    }, rows


def check_periods(periods: int, rules: GroupRules) -> None:
    """Raise :class:`RuleBroken` for more periods than the group allows, or none."""
    if not 1 <= periods <= rules.loan_max_months:
        raise RuleBroken(
            "Choose 1 to {most} periods.", field="term_months", most=rules.loan_max_months
        )


def _longest(page: Page, rules: GroupRules) -> int:
    """Return the most periods that end before the share-out; one where none does, to be told."""
    most = rules.loan_max_months
    if page.cycle_end is None:
        return most
    return most_periods(page.day, page.cycle_end, rules.loan_period, most=most) or 1


def check_ceiling(
    session: Session, page: Page, rules: GroupRules, member_id: int, principal: Decimal
) -> None:
    """Raise :class:`RuleBroken` when more would be out than savings x the group's multiple."""
    held = session.connection().execute(
        select(MEMBERS.c.savings_balance).where(
            MEMBERS.c.id == member_id, MEMBERS.c.group_id == page.group_id
        )
    )
    savings = held.scalar()
    if savings is None:
        raise RuleBroken("Choose a member of this group.", field="member")
    out = sum(
        (loan.principal_owed for loan in loans_of_member(session, member_id, statuses=OUT)), ZERO
    )
    ceiling = round_down_to(savings * rules.loan_multiple, page.currency.step)
    if principal > ceiling - out:
        raise RuleBroken(
            "Lend at most {most}.",
            hint=(
                "Savings are {savings}, times {multiple}, less {out} lent."
                if out
                else "Savings are {savings}, times {multiple}."
            ),
            field="principal",
            most=plain_amount(max(ceiling - out, ZERO)),
            savings=plain_amount(savings),
            multiple=plain_amount(rules.loan_multiple),
            out=plain_amount(out),
        )


def _check_guarantors(
    session: Session, page: Page, rules: GroupRules, member_id: int, guarantors: Sequence[int]
) -> str | None:
    """Check who stands for the loan; return the names of all but the first, who has a column."""
    if len(set(guarantors) - {member_id}) < max(rules.guarantors_required, len(guarantors)):
        raise RuleBroken(
            "Name {count} other members as guarantors.",
            field="guarantor",
            count=max(rules.guarantors_required, len(set(guarantors))),
        )
    if not guarantors:
        return None
    rows = session.connection().execute(
        select(MEMBERS.c.id, MEMBERS.c.first_name, MEMBERS.c.last_name).where(
            MEMBERS.c.id.in_(guarantors),
            MEMBERS.c.group_id == page.group_id,
            MEMBERS.c.is_active,
            func.coalesce(MEMBERS.c.status, "ACTIVE") == "ACTIVE",
        )
    )
    names = {row.id: f"{row.first_name} {row.last_name}".strip() for row in rows}
    if set(names) != set(guarantors):
        raise RuleBroken("Name active members as guarantors.", field="guarantor")
    late = {
        loan.member_id
        for loan in loans_of_group(session, page.group_id, statuses=OUT)
        if loan.overdue(page.day) > 0
    }
    for each in guarantors:
        if each in late:
            raise RuleBroken(
                "{name} can not stand for others.",
                hint="A loan is late; it comes first.",
                field="guarantor",
                name=names[each],
            )
    return ", ".join(names[each] for each in guarantors[1:]) or None


def pay_out(
    session: Session,
    page: Page,
    loan_id: int,
    member_id: int,
    principal: Decimal,
    instalments: Sequence[Instalment],
    clock: Clock,
    by: int | None,
) -> Entry:
    """Write the schedule of a loan, and give the money."""
    write_schedule(session, loan_id, instalments, clock)
    return post(session, page, giving(loan_id, member_id, principal), clock=clock, by=by)


def giving(
    loan_id: int,
    member_id: int,
    principal: Decimal,
    *,
    activity_id: int | None = None,
    reason: str | None = None,
) -> Posting:
    """Return the posting that gives a loan; ``activity_id`` keeps what money on top changed."""
    return Posting(
        PostingType.LOAN_DISBURSEMENT,
        Fund.LOAN_FUND,
        principal,
        member_id=member_id,
        loan_id=loan_id,
        activity_id=activity_id,
        reason=reason,
        field="principal",
    )
