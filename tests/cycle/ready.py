"""How ready a member is for a loan, worked out once more from the raw rows with exact fractions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tests.cycle.exact import HALF_DONE
from tests.cycle.invariants import is_there, kind_of
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    ATTENDANCE,
    FINES,
    INSTALMENTS,
    LEDGER,
    LOANS,
    SAVINGS,
)

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.domain.rules import GroupRules

FULL_SCORE_SHARES = 12
LOW_RISK = 80


@dataclass(frozen=True)
class Ready:
    """The scores of docs/rules.md#assessment, and the most to lend."""

    savings: Fraction
    attendance: Fraction
    participation: Fraction
    overall: Fraction
    most: Decimal


def ready(session: Session, member_id: int, rules: GroupRules, on: date) -> Ready:
    """Add up what the rows say of a member on a day, and score it."""
    saved = Fraction(0)
    for row in session.execute(
        select(SAVINGS)
        .join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id)
        .where(ACCOUNTS.c.member_id == member_id)
    ):
        if is_there(row):
            is_in = (row.transaction_type == "DEPOSIT") is not bool(row.is_reversal)
            saved += Fraction(row.amount) * (1 if is_in else -1)
    marks = session.execute(select(ATTENDANCE).where(ATTENDANCE.c.member_id == member_id)).all()
    held = max(len(marks), 1)
    savings = _score(100 * saved / (Fraction(rules.share_value) * FULL_SCORE_SHARES))
    attendance = _score(Fraction(100 * sum(map(came, marks)), held))
    done = sum(
        40 * bool(each.participated_in_discussions)
        + 40 * bool(each.contributed_to_savings)
        + 20 * bool(each.voted_on_decisions)
        for each in marks
    )
    participation = _score(Fraction(done, held))
    overall = _score((4 * savings + 3 * attendance + 3 * participation) / 10)
    out, is_late = _borrowed(session, member_id, on)
    level = 0 if overall >= LOW_RISK else 1 if overall >= rules.loan_min_score else 2
    level = min(level + is_late + _owes_fines(session, member_id), 2)
    least = min(Fraction(rules.loan_multiple), Fraction(1))
    multiple = least + (Fraction(rules.loan_multiple) - least) * (2 - level) / 2
    most = saved * multiple // 1 - out
    return Ready(savings, attendance, participation, overall, Decimal(max(int(most), 0)))


def came(mark: Any) -> bool:
    """Say whether a member came to a meeting: by the mark of the roll call, or as put right."""
    if mark.corrected_meeting_id is None:
        return bool(mark.is_present)
    return mark.corrected_status in {"PRESENT", "LATE"}


def _score(exact: Fraction) -> Fraction:
    """Round to the hundredth, halves up, between 0 and 100."""
    return Fraction((min(max(exact, Fraction(0)), Fraction(100)) * 200 + 1) // 2, 100)


def _owes_fines(session: Session, member_id: int) -> bool:
    owed = select(FINES.c.amount, FINES.c.paid_amount).where(
        FINES.c.member_id == member_id, FINES.c.waived_date.is_(None)
    )
    return any(each.amount > each.paid_amount for each in session.execute(owed))


def _borrowed(session: Session, member_id: int, on: date) -> tuple[Fraction, bool]:
    """Return the principal that is out, and whether something of it fell due and is not paid."""
    out, is_late = Fraction(0), False
    for loan in session.execute(
        select(LOANS).where(LOANS.c.member_id == member_id, LOANS.c.status.in_(HALF_DONE))
    ):
        out += Fraction(loan.principal_outstanding)
        paid = sum(
            (
                row.amount * row.direction
                for row in session.execute(select(LEDGER).where(LEDGER.c.loan_id == loan.id))
                if kind_of(row) in {"LOAN_REPAYMENT", "LOAN_CHARGE"}
            ),
            Decimal(0),
        )
        due = sum((row.total_amount for row in _due_before(session, loan.id, on)), Decimal(0))
        is_late |= due > paid
    return out, is_late


def _due_before(session: Session, loan_id: int, on: date) -> list[Any]:
    rows = select(INSTALMENTS).where(INSTALMENTS.c.loan_id == loan_id, INSTALMENTS.c.due_date < on)
    return list(session.execute(rows))
