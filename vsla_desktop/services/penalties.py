"""Late penalties: charged once each, when a meeting opens, before it takes payments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, update

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.penalties import (
    Penalty,
    PenaltyKind,
    counted_at_change,
    late_penalties,
)
from vsla_desktop.queries.loan_history import first_references
from vsla_desktop.queries.loans import OUT, loans_of_group
from vsla_desktop.queries.penalties import (
    CHARGED,
    KIND,
    PenaltyCharged,
    notes_of,
    penalties_of_meeting,
    times_charged,
)
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.tables import ACTIVITIES, INSTALMENTS
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.queries.pages import Page

_ADD = (
    update(INSTALMENTS)
    .where(
        INSTALMENTS.c.loan_id == bindparam("of_loan"),
        INSTALMENTS.c.installment_number == bindparam("number"),
    )
    .values(
        late_fee_amount=func.coalesce(INSTALMENTS.c.late_fee_amount, 0)
        + bindparam("more", type_=INSTALMENTS.c.late_fee_amount.type),
        updated_date=bindparam("at"),
    )
)


def assess_penalties(
    session: Session, page: Page, rules: GroupRules, *, since: date | None, clock: Clock
) -> None:
    """Charge the penalties that came up to the day of the page and were not charged as yet.

    How often each instalment was charged is kept in the minutes of the meeting. ``since`` is the
    day of the meeting before. See docs/rules.md#penalties.
    """
    rule = rules.penalty_rule
    if rule.kind is PenaltyKind.NONE:
        return
    loans = loans_of_group(session, page.group_id, statuses=OUT)
    before = times_charged(session, loans, rule, until=since)
    old = rule if since is None else rules_on(session, replace(page, day=since)).penalty_rule
    names = first_references(session, [loan.loan_id for loan in loans])
    for loan in loans:
        kind, was = loan.period_kind, before[loan.loan_id]
        counted = {
            row.number: counted_at_change(
                row, since or page.day, old, rule, kind=kind, times=was.get(row.number, 0)
            )
            for row in loan.instalments
        }
        earned = {
            penalty.number: penalty
            for penalty in late_penalties(
                loan.instalments,
                page.day,
                rule,
                period_kind=kind,
                charged=counted,
                unit=page.currency.step,
            )
        }
        name = names.get(loan.loan_id, "")
        charged = []
        for row in loan.instalments:
            penalty = earned.get(row.number, Penalty(row.number, 0, ZERO))
            times = counted[row.number] + penalty.times
            if penalty.times or (was.get(row.number) and times > was[row.number]):
                charged.append(
                    PenaltyCharged(name, row.number, row.due_date, times, penalty.amount)
                )
        if charged:
            _add(session, [(loan.loan_id, each.number, each.amount) for each in charged], clock)
            minutes = {
                "meeting_id": page.meeting_id,
                "activity_type": KIND,
                "activity_name": CHARGED,
                "status": "COMPLETED",
                "notes": notes_of(name, charged),
            }
            add_row(session, insert(ACTIVITIES), minutes, clock)


def take_back_penalties(session: Session, page: Page, *, clock: Clock) -> None:
    """Undo exactly what a meeting charged when it opened, before anything was paid at it."""
    loans = loans_of_group(session, page.group_id, statuses=OUT)
    ids = {name: id_ for id_, name in first_references(session, [x.loan_id for x in loans]).items()}
    charged = penalties_of_meeting(session, page.meeting_id or 0)
    _add(
        session,
        [(ids[each.loan], each.number, -each.amount) for each in charged if each.loan in ids],
        clock,
    )


def _add(session: Session, rows: Sequence[tuple[int, int, Decimal]], clock: Clock) -> None:
    now = clock.now()
    values = [
        {"of_loan": loan, "number": number, "more": more, "at": now} for loan, number, more in rows
    ]
    if values:
        session.connection().execute(_ADD, values)
