"""What a correction needs to know of an entry."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import LEDGER

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_DAY = select(LEDGER.c.transaction_date).where(LEDGER.c.id == bindparam("entry"))


def day_of_entry(session: Session, transaction_id: int) -> date:
    """Return the day of an entry; raise :class:`RuleBroken` without it."""
    day: date | None = session.connection().execute(_DAY, {"entry": transaction_id}).scalar()
    if day is None:
        raise RuleBroken("This entry is not in the book of the group.")
    return day
