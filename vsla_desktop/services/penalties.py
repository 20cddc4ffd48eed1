"""Late penalties: charged once each, when a meeting opens, before it takes payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, update

from vsla_desktop.domain.penalties import PenaltyKind, late_penalties
from vsla_desktop.queries.loans import OUT, loans_of_group
from vsla_desktop.queries.tables import INSTALMENTS

if TYPE_CHECKING:
    from datetime import date

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
    session: Session,
    page: Page,
    rules: GroupRules,
    *,
    since: date | None,
    clock: Clock,
    take_back: bool = False,
) -> None:
    """Charge the penalties that came after ``since`` and up to the day of the page.

    ``take_back`` undoes exactly what the same call charged, while nothing was paid since.
    """
    rule = rules.penalty_rule
    if rule.kind is PenaltyKind.NONE:
        return
    sign = -1 if take_back else 1
    charged = [
        {
            "of_loan": loan.loan_id,
            "number": penalty.number,
            "more": sign * penalty.amount,
            "at": clock.now(),
        }
        for loan in loans_of_group(session, page.group_id, statuses=OUT)
        for penalty in late_penalties(
            loan.instalments,
            page.day,
            rule,
            period_kind=loan.period_kind,
            since=since,
            unit=page.currency.step,
        )
    ]
    if charged:
        session.connection().execute(_ADD, charged)
