"""Repaying loans: each payment split into penalty, charge and principal, the oldest first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from vsla_desktop.domain.loans import (
    Allocation,
    Instalment,
    allocate,
)
from vsla_desktop.domain.money import ZERO, check_amount, plain_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.cells import REPAYMENT_PARTS
from vsla_desktop.queries.loan_replay import payments_of, replayed
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
from vsla_desktop.queries.tables import INSTALMENTS, LOANS
from vsla_desktop.services import ledger
from vsla_desktop.services.postings import Entry, MobileMoney, Posting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.pages import Page

PARTS = REPAYMENT_PARTS
"""What a repayment is made of, in the order in which it is paid."""

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
    rows = [row for row in payments_of(session, loan.loan_id) if row.id not in entries]
    for row in rows:
        paid[row.transaction_type] += row.amount
    principal = paid[PostingType.LOAN_REPAYMENT] + loan.written_off
    charge = paid[PostingType.LOAN_CHARGE]
    instalments = replayed(loan, rows, page.currency.step) or loan.instalments
    return replace(
        loan,
        status=ACTIVE if loan.status == COMPLETED else loan.status,
        instalments=paid_up(instalments, principal, charge),
        principal_paid=paid[PostingType.LOAN_REPAYMENT],
        charge_paid=charge,
        penalty_paid=paid[PostingType.LOAN_PENALTY],
    )


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
