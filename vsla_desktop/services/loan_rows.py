"""The rows of a loan: its schedule, written anew when it changes, and how it stood before.

Whoever gives a loan another schedule at a later meeting keeps the old one in the minutes of that
meeting: the seal of the earlier meeting covers it. See docs/rules.md#seals.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from vsla_desktop.domain.loans import Instalment
from vsla_desktop.domain.money import CENT, ZERO
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.loan_history import CHANGE_TAKEN_BACK, first_reference
from vsla_desktop.queries.loans import ACTIVE
from vsla_desktop.queries.tables import ACTIVITIES, INSTALMENTS, LOANS
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.loans import LoanState
    from vsla_desktop.queries.pages import Page


UNDONE = "A change of a loan is undone"


def update_loan(session: Session, loan_id: int, values: dict[str, Any], clock: Clock) -> None:
    """Change columns of a loan that do not follow from the ledger."""
    session.connection().execute(
        update(LOANS).where(LOANS.c.id == loan_id), values | {"updated_date": clock.now()}
    )


def remove_schedule(session: Session, loan_id: int) -> None:
    """Take the instalments of a loan out of the book."""
    session.connection().execute(delete(INSTALMENTS).where(INSTALMENTS.c.loan_id == loan_id))


def write_schedule(
    session: Session,
    loan_id: int,
    rows: Sequence[Instalment],
    clock: Clock,
    *,
    penalties: Sequence[Decimal] = (),
) -> None:
    """Write the instalments of a loan, with the penalties that each has earned so far."""
    now = clock.now()
    earned = (*penalties, *[ZERO] * (len(rows) - len(penalties)))
    session.connection().execute(
        insert(INSTALMENTS),
        [
            {
                "loan_id": loan_id,
                "installment_number": row.number,
                "due_date": row.due_date,
                "principal_amount": row.principal,
                "interest_amount": row.charge,
                "total_amount": row.total,
                "late_fee_amount": penalty,
                "created_date": now,
                "updated_date": now,
            }
            for row, penalty in zip(rows, earned, strict=True)
        ],
    )


def replace_schedule(
    session: Session,
    page: Page,
    loan: LoanState,
    rows: Sequence[Instalment],
    *,
    what: str,
    penalties: Sequence[Decimal],
    reason: str | None = None,
    clock: Clock,
) -> int:
    """Write another schedule for a running loan; return the activity that keeps the old one.

    The activity is what an undone change is brought back from: see :func:`bring_back`.
    """
    activity = keep_schedule(
        session, page, loan, rows, what=what, penalties=penalties, reason=reason, clock=clock
    )
    remove_schedule(session, loan.loan_id)
    write_schedule(session, loan.loan_id, rows, clock, penalties=penalties)
    return activity


def keep_schedule(
    session: Session,
    page: Page,
    loan: LoanState,
    rows: Sequence[Instalment],
    *,
    what: str,
    penalties: Sequence[Decimal] = (),
    reason: str | None = None,
    clock: Clock,
) -> int:
    """Keep in the minutes how a loan stands before its schedule becomes ``rows``.

    ``what`` names the change, and ``reason`` says why. Return the activity that keeps it.
    """
    past = {
        "loan": first_reference(session, loan.loan_id),
        "principal": str(loan.principal),
        "changed_on": loan.changed_on and loan.changed_on.isoformat(),
        "written_off_on": loan.written_off_on and loan.written_off_on.isoformat(),
        "written_off": f"{loan.written_off:.2f}",
        "reason": loan.reason or None,
        "rows": _plain(loan.instalments),
        "penalties": [str(each) for each in loan.penalties],
        "paid": [str(each) for each in _paid(loan)],
        "after": _plain(rows),
        "penalties_after": str(sum(penalties, ZERO)),
    }
    return add_row(
        session,
        insert(ACTIVITIES),
        {
            "meeting_id": page.meeting_id,
            "activity_type": "LOANS",
            "activity_name": what,
            "description": reason,
            "status": "COMPLETED",
            "notes": json.dumps(past),
        },
        clock,
    )


def bring_back(
    session: Session,
    page: Page,
    loan: LoanState,
    activity_id: int,
    clock: Clock,
    *,
    lost: Decimal = ZERO,
    reason: str | None = None,
) -> None:
    """Give a loan the schedule that it had before a change, which wrote off ``lost`` of it.

    With a ``reason`` the change is one that no entry tells, and taking it back is always kept in
    the minutes. Penalties that came since stay, and what was let off since stays so. Raise
    :class:`RuleBroken` when it was paid of or changed since.
    """
    change = (
        session.connection()
        .execute(
            select(ACTIVITIES.c.notes, ACTIVITIES.c.meeting_id).where(
                ACTIVITIES.c.id == activity_id
            )
        )
        .one()
    )
    past = json.loads(change.notes or "{}")
    if past.get("paid") != [str(each) for each in _paid(loan)]:
        raise RuleBroken(
            "Take back its payments first.", hint="Some of this loan is repaid.", field="loan"
        )
    is_last = _kept(_plain(loan.instalments)) == _kept(past["after"])
    if not is_last or loan.written_off - lost != Decimal(past["written_off"]):
        raise RuleBroken("Take back the later change first.", field="loan")
    rows = _rows(past["rows"])
    penalties = [Decimal(each) for each in past["penalties"]]
    since = loan.penalty_charged - Decimal(past["penalties_after"])
    if penalties:
        penalties[-1] += max(since, ZERO)
    for place in reversed(range(len(penalties))):
        less = min(penalties[place], max(-since, ZERO))
        penalties[place] -= less
        since += less
    if reason is not None or change.meeting_id != page.meeting_id:
        what = UNDONE if reason is None else CHANGE_TAKEN_BACK
        keep_schedule(
            session, page, loan, rows, what=what, penalties=penalties, reason=reason, clock=clock
        )
    remove_schedule(session, loan.loan_id)
    write_schedule(session, loan.loan_id, rows, clock, penalties=penalties)
    values = {
        "principal": Decimal(past["principal"]),
        "total_amount_due": sum((row.total for row in rows), ZERO),
        "maturity_date": max(row.due_date for row in rows),
        "rescheduled_date": _day(past["changed_on"]),
        "status": ACTIVE,
        "written_off_date": _day(past["written_off_on"]),
        "status_reason": past["reason"],
    }
    update_loan(session, loan.loan_id, values, clock)


def paid_penalties(loan: LoanState) -> tuple[Decimal, ...]:
    """Return of the penalties of each instalment what was paid."""
    left = loan.penalty_paid
    found = []
    for penalty in loan.penalties:
        found.append(min(left, penalty))
        left -= found[-1]
    return tuple(found)


def _paid(loan: LoanState) -> tuple[Decimal, Decimal, Decimal]:
    return (
        loan.principal_paid.quantize(CENT),
        loan.charge_paid.quantize(CENT),
        loan.penalty_paid.quantize(CENT),
    )


def _day(plain: str | None) -> date | None:
    return date.fromisoformat(plain) if plain else None


def _plain(rows: Sequence[Instalment]) -> list[list[Any]]:
    return [
        [row.number, row.due_date.isoformat(), f"{row.principal:.2f}", f"{row.charge:.2f}"]
        for row in rows
    ]


def _kept(rows: list[list[Any]]) -> list[list[Any]]:
    """Return what payments never change: number, day and principal of each row."""
    return [row[:3] for row in rows]


def _rows(plain: list[list[Any]]) -> tuple[Instalment, ...]:
    return tuple(
        Instalment(number, date.fromisoformat(day), Decimal(principal), Decimal(charge))
        for number, day, principal, charge in plain
    )
