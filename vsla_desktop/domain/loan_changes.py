"""A running loan that changes: what was paid stays, and the rest is spread anew.

See docs/rules.md#changed-loans.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.loans import ChargeMethod, Instalment, PeriodKind, has_begun, schedule
from vsla_desktop.domain.money import CENT, ZERO, round_to
from vsla_desktop.errors import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Sequence

# Their charge belongs to no period: with NONE it was agreed before the loan came into the book.
_ASKED_WHOLE = frozenset({ChargeMethod.ONE_TIME, ChargeMethod.NONE})


@dataclass(frozen=True, slots=True)
class NewTerms:
    """What changes of a running loan: ``periods`` counted from ``start``, and money on top."""

    periods: int
    start: date
    more: Decimal = ZERO


def spread_anew(
    instalments: Sequence[Instalment],
    on_date: date,
    terms: NewTerms,
    *,
    rate: Decimal,
    method: ChargeMethod,
    period_kind: PeriodKind,
    unit: Decimal = CENT,
) -> tuple[Instalment, ...]:
    """Return the schedule of a loan whose terms change on ``on_date``.

    What was paid stays as it is. The principal still owed, with what is lent on top, is shared out
    over the new periods. Charge that is owed already and not paid falls due with the first of them,
    on a row of its own. For the new periods ONE_TIME asks rate x the money on top, FLAT_MONTHLY
    rate x the new whole for each, DECLINING rate x what remains. Raise :class:`RuleBroken` when
    nothing is left to share out. See docs/rules.md#changed-loans.
    """
    kept = [
        replace(
            row,
            number=number,
            due_date=min(row.due_date, on_date),
            principal=row.principal_paid,
            charge=row.charge_paid,
            begins=on_date,
        )
        for number, row in enumerate((row for row in instalments if row.paid), 1)
    ]
    left = sum((row.principal_owed for row in instalments), terms.more)
    if left <= 0:
        raise RuleBroken("Nothing of this loan is left.", field="term_months")
    is_once = method is ChargeMethod.ONE_TIME
    fresh = schedule(
        left,
        ZERO if is_once else rate,
        terms.periods,
        method=method,
        period_kind=period_kind,
        start=max(terms.start, on_date),
        unit=unit,
    )
    carried = sum(
        (
            row.charge_owed
            for row in instalments
            if method in _ASKED_WHOLE or has_begun(instalments, row.number, on_date)
        ),
        round_to(rate * terms.more, unit) if is_once else ZERO,
    )
    if is_once:
        fresh = (replace(fresh[0], charge=carried), *fresh[1:])
    elif carried:
        fresh = (Instalment(0, fresh[0].due_date, ZERO, carried), *fresh)
    numbered = [replace(row, number=len(kept) + number) for number, row in enumerate(fresh, 1)]
    return changed_rows((*kept, *numbered), on_date)


def changed_rows(instalments: Sequence[Instalment], changed_on: date) -> tuple[Instalment, ...]:
    """Return the rows of a loan that changed, with the day on which each period began.

    Rows due up to that day are what had been paid; the first new period begins with the change.
    """
    first = min((row.due_date for row in instalments if row.due_date > changed_on), default=None)
    return tuple(
        replace(row, begins=changed_on)
        if row.due_date <= changed_on or row.due_date == first
        else row
        for row in instalments
    )


def with_principal(
    instalments: Sequence[Instalment],
    principal: Decimal,
    *,
    rate: Decimal,
    method: ChargeMethod,
    period_kind: PeriodKind,
    unit: Decimal = CENT,
) -> tuple[Instalment, ...]:
    """Return the schedule that a loan would have had with another principal: on the same days.

    A charge that was agreed without a rate, before the loan came into the book, stays as it was.
    """
    fresh = schedule(
        principal,
        rate,
        len(instalments),
        method=method,
        period_kind=period_kind,
        start=instalments[0].due_date,
        unit=unit,
    )
    return tuple(
        replace(
            new,
            number=old.number,
            due_date=old.due_date,
            charge=new.charge if rate else old.charge,
        )
        for old, new in zip(instalments, fresh, strict=True)
    )


def charges_at_change(
    instalments: Sequence[Instalment], changed_on: date, *, rate: Decimal, unit: Decimal = CENT
) -> tuple[Instalment, ...]:
    """Return the rows of a DECLINING loan with the charges that they had when it was changed."""
    rows: list[Instalment] = []
    remaining = ZERO
    for row in reversed(instalments):
        remaining += row.principal
        is_new = row.due_date > changed_on and row.principal
        rows.append(replace(row, charge=round_to(rate * remaining, unit)) if is_new else row)
    return tuple(reversed(rows))
