"""Repaying loans: each payment split into penalty, charge and principal, the oldest first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select, update

from vsla_desktop.domain.loan_changes import charges_at_change
from vsla_desktop.domain.loans import (
    Allocation,
    ChargeMethod,
    Instalment,
    allocate,
    recompute_charges,
    schedule,
)
from vsla_desktop.domain.money import ZERO, check_amount, plain_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.cells import REPAYMENT_PARTS
from vsla_desktop.queries.loans import (
    ACTIVE,
    COMPLETED,
    OUT,
    WRITTEN_OFF,
    LoanState,
    loans_by_id,
    loans_of_member,
    paid_up,
)
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.tables import INSTALMENTS, LEDGER, LOANS
from vsla_desktop.services import ledger
from vsla_desktop.services.postings import Entry, MobileMoney, Posting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.pages import Page

PARTS = REPAYMENT_PARTS
"""What a repayment is made of, in the order in which it is paid."""

_undone = LEDGER.alias("undone")
_PAID = (
    select(
        LEDGER.c.id,
        LEDGER.c.transaction_type,
        LEDGER.c.transaction_date,
        LEDGER.c.amount,
    )
    .select_from(LEDGER.outerjoin(_undone, _undone.c.reverses_id == LEDGER.c.id))
    .where(
        LEDGER.c.loan_id == bindparam("loan"),
        LEDGER.c.transaction_type.in_([part.value for part in PARTS]),
        _undone.c.id.is_(None),
        or_(LEDGER.c.is_mobile_money.is_not(True), LEDGER.c.verification_status == "VERIFIED"),
    )
    .order_by(LEDGER.c.transaction_date, LEDGER.c.id)
)
_SET_CHARGE = update(INSTALMENTS).where(
    INSTALMENTS.c.loan_id == bindparam("of_loan"),
    INSTALMENTS.c.installment_number == bindparam("number"),
)


@dataclass(frozen=True, slots=True)
class Repayment:
    """A repayment that was taken: its parts, and what still clears the member's loans today."""

    entries: tuple[Entry, ...]
    penalty: Decimal
    charge: Decimal
    principal: Decimal
    left: Decimal


def receive_repayment(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    loan_id: int | None = None,
    clock: Clock,
    by: int | None = None,
) -> Repayment:
    """Take a member's repayment: penalty first, then charge, then principal, the oldest loan first.

    ``loan_id`` pays one loan only. Raise :class:`RuleBroken` for more than clears the loans today,
    and say exactly how much does.
    """
    page = writable_page(session, meeting_id)
    loans = loans_of_member(session, member_id, statuses=OUT)
    if loan_id is not None:
        loans = tuple(loan for loan in loans if loan.loan_id == loan_id)
    return repay(session, page, loans, amount, clock=clock, by=by)


def repay(  # noqa: PLR0913 - all that a payment is
    session: Session,
    page: Page,
    loans: Sequence[LoanState],
    amount: Decimal,
    *,
    replacing: Collection[int] = (),
    mobile_money: MobileMoney | None = None,
    reason: str | None = None,
    clock: Clock,
    by: int | None = None,
) -> Repayment:
    """Share out a payment over loans in their order, in place of the entries it replaces.

    ``reason`` is why it puts a payment of an earlier meeting right.

    ``loans`` stand as they do without the entries that are replaced. Nought only takes those back.
    """
    check_amount(amount, page.currency, zero_allowed=bool(replacing))
    settles = sum((loan.settles(page.day) for loan in loans), ZERO)
    if amount > settles:
        raise RuleBroken(
            "Pay at most {most}.",
            hint="This clears the loans today." if settles else "No loan is out.",
            field="amount",
            most=plain_amount(settles),
        )
    left = amount
    postings: list[Posting] = []
    outcomes: list[tuple[LoanState, tuple[Instalment, ...], Decimal]] = []
    total = dict.fromkeys(PARTS, ZERO)
    for loan in loans:
        part = min(left, loan.settles(page.day))
        left -= part
        if not part:
            outcomes.append((loan, loan.instalments, loan.penalty_due))
            continue
        split = _split(page, loan, part)
        shares = dict(zip(PARTS, (split.penalty, split.charge, split.principal), strict=True))
        postings += [
            Posting(
                kind,
                Fund.LOAN_FUND,
                share,
                member_id=loan.member_id,
                loan_id=loan.loan_id,
                mobile_money=mobile_money,
                reason=reason,
            )
            for kind, share in shares.items()
            if share
        ]
        for kind, share in shares.items():
            total[kind] += share
        outcomes.append((loan, split.instalments, loan.penalty_due - split.penalty))
    entries = ledger.replace(session, page, tuple(replacing), postings, clock=clock, by=by)
    for loan, rows, penalty_due in outcomes:
        _keep(session, loan.loan_id, rows, penalty_due, clock)
    return Repayment(
        entries,
        total[PostingType.LOAN_PENALTY],
        total[PostingType.LOAN_CHARGE],
        total[PostingType.LOAN_REPAYMENT],
        settles - amount,
    )


def _split(page: Page, loan: LoanState, amount: Decimal) -> Allocation:
    return allocate(
        loan.instalments,
        amount,
        on_date=page.day,
        method=loan.method,
        rate=loan.rate,
        penalty_due=loan.penalty_due,
        unit=page.currency.step,
    )


def without(
    session: Session, page: Page, loan_ids: Collection[int], entries: Collection[int]
) -> tuple[LoanState, ...]:
    """Return loans as they would stand had these entries never been, the oldest first."""
    found = loans_by_id(session, loan_ids)
    states = [_without(session, page, loan, entries) for loan in found.values()]
    return tuple(sorted(states, key=lambda loan: (loan.given_on, loan.loan_id)))


def refresh(session: Session, page: Page, loan_ids: Iterable[int], *, clock: Clock) -> None:
    """Make the schedule and status of loans fit the ledger again after a correction.

    Raise :class:`RuleBroken` for a loan that was written off: its payments say how much was lost.
    """
    for loan in without(session, page, set(loan_ids), ()):
        if loan.status == WRITTEN_OFF:
            raise RuleBroken("Take back the write-off first.", field="loan")
        if loan.status in {*OUT, COMPLETED}:
            _keep(session, loan.loan_id, loan.instalments, loan.penalty_due, clock)


def _without(session: Session, page: Page, loan: LoanState, entries: Collection[int]) -> LoanState:
    paid: dict[str, Decimal] = defaultdict(Decimal)
    rows = [
        row
        for row in session.connection().execute(_PAID, {"loan": loan.loan_id})
        if row.id not in entries
    ]
    for row in rows:
        paid[row.transaction_type] += row.amount
    principal = paid[PostingType.LOAN_REPAYMENT] + loan.written_off
    charge = paid[PostingType.LOAN_CHARGE]
    instalments = _replayed(page, loan, rows) or loan.instalments
    return replace(
        loan,
        status=ACTIVE if loan.status == COMPLETED else loan.status,
        instalments=paid_up(instalments, principal, charge),
        principal_paid=paid[PostingType.LOAN_REPAYMENT],
        charge_paid=charge,
        penalty_paid=paid[PostingType.LOAN_PENALTY],
    )


def _replayed(page: Page, loan: LoanState, rows: Sequence[Any]) -> tuple[Instalment, ...]:
    """Work out the charges of a DECLINING loan again from its payments, the first one first.

    A payment that is undone must leave no trace, also when others came after it. Empty for loans
    whose charges no payment changes.
    """
    if loan.method is not ChargeMethod.DECLINING:
        return ()
    unit = page.currency.step
    if loan.changed_on is not None:
        return _replayed_since_change(loan, loan.changed_on, rows, unit)
    fresh = schedule(
        loan.principal,
        loan.rate,
        loan.periods,
        method=loan.method,
        period_kind=loan.period_kind,
        start=loan.given_on,
        unit=unit,
    )
    agrees = [(row.due_date, row.principal) for row in fresh] == [
        (row.due_date, row.principal) for row in loan.instalments
    ]
    if not agrees:  # another program wrote the schedule
        return ()
    return _after_payments(loan, fresh, rows, (ZERO, ZERO), unit)


def _replayed_since_change(
    loan: LoanState, changed_on: date, rows: Sequence[Any], unit: Decimal
) -> tuple[Instalment, ...]:
    """Work out the charges again from the day on which the loan was changed.

    What had been paid by then stands on the first rows; those payments change nothing more.
    """
    fresh = charges_at_change(loan.instalments, changed_on, rate=loan.rate, unit=unit)
    kept = [row for row in fresh if row.due_date <= changed_on]
    settled = (
        sum((row.principal for row in kept), ZERO),
        sum((row.charge for row in kept), ZERO),
    )
    return _after_payments(loan, fresh, rows, settled, unit)


def _after_payments(
    loan: LoanState,
    fresh: tuple[Instalment, ...],
    rows: Sequence[Any],
    settled: tuple[Decimal, Decimal],
    unit: Decimal,
) -> tuple[Instalment, ...]:
    """Let payments lower the charges one after another, once they go beyond what was settled."""
    principal = charge = ZERO
    for row in rows:
        principal += row.amount if row.transaction_type == PostingType.LOAN_REPAYMENT else ZERO
        charge += row.amount if row.transaction_type == PostingType.LOAN_CHARGE else ZERO
        lost = ZERO
        if loan.written_off_on is not None and row.transaction_date >= loan.written_off_on:
            lost = loan.written_off
        if principal + lost <= settled[0] and charge <= settled[1]:
            continue
        fresh = recompute_charges(
            paid_up(fresh, principal + lost, charge),
            row.transaction_date,
            method=loan.method,
            rate=loan.rate,
            unit=unit,
        )
    return fresh


def _keep(
    session: Session,
    loan_id: int,
    rows: Sequence[Instalment],
    penalty_due: Decimal,
    clock: Clock,
) -> None:
    """Write the charges that payments changed, and whether the loan is paid off."""
    connection = session.connection()
    now = clock.now()
    stored = {
        row.installment_number: row.interest_amount
        for row in connection.execute(
            select(INSTALMENTS.c.installment_number, INSTALMENTS.c.interest_amount).where(
                INSTALMENTS.c.loan_id == loan_id
            )
        )
    }
    changed = [row for row in rows if stored.get(row.number, row.charge) != row.charge]
    if changed:
        connection.execute(
            _SET_CHARGE,
            [
                {
                    "of_loan": loan_id,
                    "number": row.number,
                    "interest_amount": row.charge,
                    "total_amount": row.total,
                    "updated_date": now,
                }
                for row in changed
            ],
        )
    is_paid = not penalty_due and all(row.is_paid for row in rows)
    values: dict[str, Any] = {"status": COMPLETED if is_paid else ACTIVE, "updated_date": now}
    if changed:
        values["total_amount_due"] = sum((row.total for row in rows), ZERO)
    connection.execute(
        update(LOANS).where(
            LOANS.c.id == loan_id,
            (LOANS.c.status != values["status"]) if not changed else LOANS.c.id == loan_id,
        ),
        values,
    )
