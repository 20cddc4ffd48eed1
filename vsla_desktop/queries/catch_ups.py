"""Shares that a new member caught up with, and what they cost above their face value."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.queries.tables import LEDGER, SAVINGS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_undone = LEDGER.alias("undone")
_OF_ACTIVITY = (
    select(
        LEDGER.c.id,
        LEDGER.c.meeting_id,
        LEDGER.c.amount,
        LEDGER.c.reason,
        SAVINGS.c.shares_count,
        exists().where(_undone.c.reverses_id == LEDGER.c.id).label("is_undone"),
    )
    .select_from(LEDGER.outerjoin(SAVINGS, SAVINGS.c.group_transaction_id == LEDGER.c.id))
    .where(LEDGER.c.activity_id == bindparam("activity"), LEDGER.c.reverses_id.is_(None))
    .order_by(LEDGER.c.transaction_date, LEDGER.c.reference_number, LEDGER.c.id)
)


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Shares that were caught up at a meeting, with the entries that stand of them.

    ``first`` are the shares with what they cost above face value as they were first entered,
    ``kept`` as they stood when their meeting closed.
    """

    meeting_id: int
    shares_id: int | None
    premium_id: int | None
    first: tuple[int, Decimal]
    kept: tuple[int, Decimal]

    def premium(self, shares: int, meeting_id: int | None, step: Decimal) -> Decimal:
        """Return what another number costs above face value, at the same price for each.

        It is rounded up to a step of the currency, always from the same figures, so that what is
        put right twice comes out as it was.
        """
        count, premium = self.first if meeting_id == self.meeting_id else self.kept
        exact = Fraction(premium) * shares / count / Fraction(step)
        return -(-exact.numerator // exact.denominator) * step


def caught_up(session: Session, activity_id: int | None) -> CaughtUp | None:
    """Return the shares that were caught up by an activity; None for any other activity."""
    if activity_id is None:
        return None
    rows = session.connection().execute(_OF_ACTIVITY, {"activity": activity_id}).all()
    shares = [row for row in rows if row.shares_count is not None]
    if not shares:
        return None
    premiums = [row for row in rows if row.shares_count is None]
    own = [row for row in shares if row.reason is None]
    above = [row.amount for row in premiums if row.reason is None] or [ZERO]
    return CaughtUp(
        meeting_id=own[0].meeting_id,
        shares_id=next((row.id for row in shares if not row.is_undone), None),
        premium_id=next((row.id for row in premiums if not row.is_undone), None),
        first=(own[0].shares_count, above[0]),
        kept=(own[-1].shares_count, above[-1]),
    )
