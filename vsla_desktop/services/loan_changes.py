"""A running loan that changes: more money or other days. See docs/rules.md#changed-loans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.loan_changes import NewTerms, spread_anew, with_principal
from vsla_desktop.domain.loans import (
    Instalment,
    check_before_share_out,
    latest_due_date,
)
from vsla_desktop.domain.money import ZERO, check_amount
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.loan_history import (
    LET_OFF,
    RESCHEDULED,
    changes_of_loan,
    standing_change,
)
from vsla_desktop.queries.loans import COMPLETED, LoanState, loans_by_id
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.services import ledger
from vsla_desktop.services.assessments import advice
from vsla_desktop.services.loan_rows import (
    bring_back,
    paid_penalties,
    replace_schedule,
    update_loan,
)
from vsla_desktop.services.loans import check_ceiling, check_periods, check_untouched, giving
from vsla_desktop.services.postings import Entry
from vsla_desktop.services.votes import record_vote

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.assessment import Reason
    from vsla_desktop.domain.votes import Vote
    from vsla_desktop.queries.pages import Page

TOPPED_UP = "More money on a loan"
CORRECTED = "A loan is corrected"


@dataclass(frozen=True, slots=True)
class LoanChanged:
    """A loan after a change: its schedule, and the money that was given, if any.

    ``is_passed`` is False when the vote was lost and nothing but the vote was written down.
    """

    loan_id: int
    instalments: tuple[Instalment, ...]
    entry: Entry | None = None
    warnings: tuple[Reason, ...] = ()
    is_passed: bool = True


@dataclass(frozen=True, slots=True)
class Given:
    """An entry that gave a loan, or money on top of it, which is put right for a ``reason``.

    ``activity_id`` keeps what money on top changed. The right entry keeps the ``kept_reason``: it
    has none within the meeting that gave the loan, where the old entry is only replaced.
    """

    entry: int
    activity_id: int | None
    reason: str
    kept_reason: str | None


def running_loan(session: Session, page: Page, loan_id: int) -> LoanState:
    """Return a loan of the group that is being paid back; raise :class:`RuleBroken` otherwise."""
    loan = loans_by_id(session, (loan_id,)).get(loan_id)
    if loan is None or loan.group_id != page.group_id:
        raise RuleBroken("This loan is not in the book.", field="loan")
    if not loan.is_out:
        raise RuleBroken("This loan is not running.", field="loan")
    return loan


def loan_words(loan: LoanState) -> str:
    """Return which loan it is, for the subject of a vote."""
    return f"{loan.member_number or ''} {loan.member_name}, {loan.given_on.isoformat()}".strip()


def top_up_loan(
    session: Session,
    meeting_id: int,
    loan_id: int,
    amount: Decimal,
    *,
    periods: int,
    clock: Clock,
    by: int | None = None,
) -> LoanChanged:
    """Lend more on a running loan; what is owed and the new money are spread over new periods.

    The loan keeps its rate and method. Raise :class:`RuleBroken` when the fund does not hold the
    money, all loans of the member together go beyond the ceiling, or the last instalment falls due
    after the share-out.
    """
    page = writable_page(session, meeting_id)
    rules = rules_on(session, page)
    loan = running_loan(session, page, loan_id)
    check_amount(amount, page.currency, field="principal")
    check_periods(periods, rules)
    check_ceiling(session, page, rules, loan.member_id, amount)
    warnings = advice(session, page, rules, loan.member_id)
    activity, rows = _spread(
        session, page, loan, TOPPED_UP, NewTerms(periods, page.day, amount), page.day, clock
    )
    posting = giving(loan_id, loan.member_id, amount, activity_id=activity)
    entry = ledger.post(session, page, posting, clock=clock, by=by)
    return LoanChanged(loan_id, rows, entry, warnings)


def correct_loan(
    session: Session,
    page: Page,
    loan: LoanState,
    given: Given,
    principal: Decimal,
    *,
    clock: Clock,
    by: int | None = None,
) -> tuple[Entry, Entry]:
    """Put right how much was lent; return the reversal and the right entry.

    The loan stays the one that it is: given on its first day, by its rate, method and term, due on
    the same days. Only what falls due is worked out anew, of money on top likewise. Raise
    :class:`RuleBroken` once something was paid of it, beyond the ceiling, and when the fund does
    not hold what was lent more. See docs/rules.md#corrections.
    """
    rules = rules_on(session, page)
    check_amount(principal, page.currency)
    if given.activity_id is not None:
        periods, day = loan.periods_since_change, loan.changed_on or page.day
        bring_back(session, page, loan, given.activity_id, clock)
        before = running_loan(session, page, loan.loan_id)
        check_ceiling(session, page, rules, loan.member_id, principal)
        terms = NewTerms(periods, day, principal)
        activity, _rows = _spread(session, page, before, TOPPED_UP, terms, day, clock)
    else:
        check_untouched(loan)
        if principal > loan.principal:
            check_ceiling(session, page, rules, loan.member_id, principal - loan.principal)
        rows = with_principal(
            loan.instalments,
            principal,
            rate=loan.rate,
            method=loan.method,
            period_kind=loan.period_kind,
            unit=page.currency.step,
        )
        replace_schedule(
            session, page, loan, rows, what=CORRECTED, penalties=loan.penalties, clock=clock
        )
        values = {
            "principal": principal,
            "monthly_payment": rows[0].total,
            "total_amount_due": sum((row.total for row in rows), ZERO),
        }
        update_loan(session, loan.loan_id, values, clock)
        activity = None
    posting = giving(
        loan.loan_id, loan.member_id, principal, activity_id=activity, reason=given.kept_reason
    )
    return ledger.correct(
        session, page, given.entry, posting, reason=given.reason, clock=clock, by=by
    )


def reschedule_loan(
    session: Session,
    meeting_id: int,
    loan_id: int,
    periods: int,
    vote: Vote,
    *,
    from_day: date | None = None,
    clock: Clock,
    by: int | None = None,
) -> LoanChanged:
    """Spread what is owed of a loan over new periods from a day on, when the meeting votes so.

    What was paid stays, and the principal owed is the same. A lost vote is written down and changes
    nothing else. Raise :class:`RuleBroken` as :func:`top_up_loan` does, and for a day before today.
    """
    page = writable_page(session, meeting_id)
    loan = running_loan(session, page, loan_id)
    check_periods(periods, rules_on(session, page))
    if from_day is not None and from_day < page.day:
        raise RuleBroken(
            "Choose a day from {day} on.",
            hint="Earlier days can not be changed.",
            field="from_day",
            day=format_date(page.day),
        )
    subject = f"{RESCHEDULED}: {loan_words(loan)}"
    recorded = record_vote(session, meeting_id, subject, vote, clock=clock, by=by)
    if not recorded.is_passed:
        return LoanChanged(loan_id, loan.instalments, is_passed=False)
    _activity, rows = _spread(
        session, page, loan, RESCHEDULED, NewTerms(periods, from_day or page.day), page.day, clock
    )
    return LoanChanged(loan_id, rows)


def let_off_penalty(
    session: Session,
    meeting_id: int,
    loan_id: int,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> Decimal:
    """Let a borrower off what is unpaid of a loan's penalties; return how much that is.

    It is not charged again. Raise :class:`RuleBroken` without a reason, and where none is owed.
    See docs/rules.md#penalties.
    """
    page = writable_page(session, meeting_id)
    loan = running_loan(session, page, loan_id)
    if not loan.penalty_due:
        raise RuleBroken("No penalty is owed.", hint="Take back what was paid first.", field="loan")
    _check_reason(reason)
    rows, kept = loan.instalments, paid_penalties(loan)
    replace_schedule(
        session,
        page,
        loan,
        rows,
        what=LET_OFF,
        penalties=kept,
        reason=reason.strip(),
        clock=clock,
    )
    if all(row.is_paid for row in rows):
        update_loan(session, loan_id, {"status": COMPLETED}, clock)
    return loan.penalty_due


def take_back_change(
    session: Session,
    meeting_id: int,
    loan_id: int,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Take back the last change of a loan that no entry tells: other days, a penalty let off.

    The schedule of before is back, and both stay in the minutes. Raise :class:`RuleBroken` without
    a reason, where there is none, and once payments were made or the loan was changed since.
    See docs/rules.md#changed-loans.
    """
    page = writable_page(session, meeting_id)
    loan = loans_by_id(session, (loan_id,)).get(loan_id)
    if loan is None or loan.group_id != page.group_id:
        raise RuleBroken("This loan is not in the book.", field="loan")
    change = standing_change(changes_of_loan(session, loan), loan.instalments)
    if change is None:
        raise RuleBroken("This loan has no change to take back.", field="loan")
    _check_reason(reason)
    bring_back(session, page, loan, change.activity_id, clock, reason=reason.strip())


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise RuleBroken("Say why.", field="reason")


def _spread(
    session: Session,
    page: Page,
    loan: LoanState,
    what: str,
    terms: NewTerms,
    day: date,
    clock: Clock,
) -> tuple[int, tuple[Instalment, ...]]:
    rows = spread_anew(
        loan.instalments,
        day,
        terms,
        rate=loan.rate,
        method=loan.method,
        period_kind=loan.period_kind,
        unit=page.currency.step,
    )
    if page.cycle_end is not None:
        check_before_share_out(latest_due_date(rows), page.cycle_end)
    # Penalties stay with what was paid; those of the other rows go on with the first new one.
    earned = list(zip(loan.instalments, loan.penalties, strict=False))
    kept = [penalty for row, penalty in earned if row.paid]
    penalties = (*kept, sum((penalty for row, penalty in earned if not row.paid), ZERO))
    activity = replace_schedule(
        session, page, loan, rows, what=what, penalties=penalties, clock=clock
    )
    values = {
        "principal": loan.principal + terms.more,
        "total_amount_due": sum((row.total for row in rows), ZERO),
        "maturity_date": latest_due_date(rows),
        "rescheduled_date": day,
    }
    update_loan(session, loan.loan_id, values, clock)
    return activity, rows
