"""The charges of a DECLINING loan, worked out from its payments. See docs/rules.md#payments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select

from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.loan_changes import charges_at_change
from vsla_desktop.domain.loans import ChargeMethod, Instalment, recompute_charges, schedule
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.queries.cells import REPAYMENT_PARTS
from vsla_desktop.queries.loans import COMPLETED, OUT, LoanState, loans_of_group, paid_up
from vsla_desktop.queries.tables import GROUPS, LEDGER

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_undone = LEDGER.alias("undone")
_PAID = (
    select(
        LEDGER.c.id,
        LEDGER.c.loan_id,
        LEDGER.c.transaction_type,
        LEDGER.c.transaction_date,
        LEDGER.c.amount,
    )
    .select_from(LEDGER.outerjoin(_undone, _undone.c.reverses_id == LEDGER.c.id))
    .where(
        LEDGER.c.loan_id.in_(bindparam("loans", expanding=True)),
        LEDGER.c.transaction_type.in_([part.value for part in REPAYMENT_PARTS]),
        _undone.c.id.is_(None),
        or_(LEDGER.c.is_mobile_money.is_not(True), LEDGER.c.verification_status == "VERIFIED"),
    )
    .order_by(LEDGER.c.transaction_date, LEDGER.c.id)
)
_CURRENCY = select(GROUPS.c.currency).where(GROUPS.c.id == bindparam("of_group"))
_GIVEN_BY_US = select(LEDGER.c.loan_id).where(
    LEDGER.c.group_id == bindparam("of_group"),
    LEDGER.c.transaction_type == "LOAN_DISBURSEMENT",
    LEDGER.c.direction.is_not(None),
)


def payments_of(session: Session, loan_id: int) -> Sequence[Any]:
    """Return the parts of the payments of a loan that stand, in the order in which they came."""
    return session.connection().execute(_PAID, {"loans": [loan_id]}).all()


def wrong_charges(session: Session, group_id: int) -> Iterator[str]:
    """Yield in a sentence each loan whose charges are not what its terms and payments make them."""
    connection = session.connection()
    wanted = {"of_group": group_id}
    unit = currency(connection.execute(_CURRENCY, wanted).scalar_one()).step
    ours = set(connection.execute(_GIVEN_BY_US, wanted).scalars())
    loans = [
        loan
        for loan in loans_of_group(session, group_id, statuses=(*OUT, COMPLETED))
        if loan.loan_id in ours and loan.method is ChargeMethod.DECLINING
    ]
    paid: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(_PAID, {"loans": [loan.loan_id for loan in loans]}):
        paid[row.loan_id].append(row)
    for loan in loans:
        right = replayed(loan, paid[loan.loan_id], unit)
        found = sum((row.charge for row in loan.instalments), ZERO)
        asked = sum((row.charge for row in right), ZERO)
        if right and [row.charge for row in right] != [row.charge for row in loan.instalments]:
            yield (
                f"The charges of the loan of {loan.member_name} are {found:.2f};"
                f" its terms and payments make {asked:.2f}."
            )


def replayed(loan: LoanState, rows: Sequence[Any], unit: Decimal) -> tuple[Instalment, ...]:
    """Work out the charges of a DECLINING loan again from its payments, the first one first.

    A payment that is undone must leave no trace, also when others came after it. Empty for loans
    whose charges no payment changes.
    """
    if loan.method is not ChargeMethod.DECLINING:
        return ()
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
