"""The schedules that loans had on a day, where they were given other ones since.

A loan's schedule stands in the book as it is now; a meeting that changes it keeps the old one in
its minutes. See :mod:`vsla_desktop.queries.loan_history`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from vsla_desktop.queries.listing import batches
from vsla_desktop.queries.tables import ACTIVITIES, LEDGER, MEETINGS
from vsla_desktop.queries.until import ON, chosen

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter

MOST_AT_ONCE: Final = 10_000
"""For how many loans rows are asked for in one statement."""


@dataclass(frozen=True, slots=True)
class DueThen:
    """What fell due of a loan on a day, as it was agreed then."""

    day: date
    principal: Decimal
    charge: Decimal


def schedules_then(session: Session, wanted: Filter, on: date) -> dict[int, tuple[DueThen, ...]]:
    """Return by loan the schedules that were changed after a day, as they were before."""
    kept = _kept(session, wanted, on)
    found: dict[int, tuple[DueThen, ...]] = {}
    for references in batches(kept, MOST_AT_ONCE):
        named = select(LEDGER.c.loan_id, LEDGER.c.reference_number).where(
            LEDGER.c.reference_number.in_(references), LEDGER.c.loan_id.is_not(None)
        )
        for loan_id, reference in session.connection().execute(named):
            found[loan_id] = tuple(
                DueThen(date.fromisoformat(day), Decimal(principal), Decimal(charge))
                for _number, day, principal, charge in kept[reference]
            )
    return found


def _kept(session: Session, wanted: Filter, on: date) -> dict[str, list[list[Any]]]:
    """Return them as the minutes keep them, by the reference of the loan's first entry."""
    of = chosen(session, wanted)
    changes = (
        select(ACTIVITIES.c.notes)
        .select_from(ACTIVITIES.join(MEETINGS, MEETINGS.c.id == ACTIVITIES.c.meeting_id))
        .where(
            MEETINGS.c.meeting_date > ON,
            MEETINGS.c.group_id.in_(of.ids),
            ACTIVITIES.c.activity_type == "LOANS",
            ACTIVITIES.c.notes.is_not(None),
        )
        .order_by(
            MEETINGS.c.meeting_date,
            MEETINGS.c.opened_date,
            ACTIVITIES.c.created_date,
            ACTIVITIES.c.id,
        )
    )
    found: dict[str, list[list[Any]]] = {}
    for (notes,) in session.connection().execute(changes, {"on_day": on}):
        past = _read(notes)
        if past.get("loan"):
            found.setdefault(past["loan"], past["rows"])
    return found


def _read(notes: str) -> dict[str, Any]:
    """Return what is kept in the notes of a change; nothing of what other programs note there."""
    try:
        past = json.loads(notes)
    except ValueError:
        return {}
    return past if isinstance(past, dict) else {}
