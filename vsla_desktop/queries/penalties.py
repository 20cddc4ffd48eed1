"""How often each late instalment was charged a penalty, as the minutes of the meetings keep it.

A meeting that charges a loan penalties writes an activity: the loan by the reference of its first
entry, its instalments, and how often each was charged by then. See docs/rules.md#penalties.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from vsla_desktop.domain.penalties import times_late
from vsla_desktop.queries.loan_history import first_references
from vsla_desktop.queries.tables import ACTIVITIES, MEETINGS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.domain.penalties import PenaltyRule
    from vsla_desktop.queries.loans import LoanState

KIND, CHARGED = "FINES", "Penalties are charged"

_KEPT = (
    select(ACTIVITIES.c.notes)
    .select_from(ACTIVITIES.join(MEETINGS, MEETINGS.c.id == ACTIVITIES.c.meeting_id))
    .where(
        MEETINGS.c.group_id == bindparam("of_group"),
        MEETINGS.c.meeting_date >= bindparam("since"),
        ACTIVITIES.c.activity_type == KIND,
        ACTIVITIES.c.activity_name == CHARGED,
    )
)
_OF_MEETING = select(ACTIVITIES.c.notes).where(
    ACTIVITIES.c.meeting_id == bindparam("meeting"),
    ACTIVITIES.c.activity_type == KIND,
    ACTIVITIES.c.activity_name == CHARGED,
)


@dataclass(frozen=True, slots=True)
class PenaltyCharged:
    """A penalty that a meeting charged; ``times`` is how often its instalment was charged by then.

    ``loan`` is the reference of the entry that gave the loan.
    """

    loan: str
    number: int
    due_date: date
    times: int
    amount: Decimal


def notes_of(loan: str, charged: Iterable[PenaltyCharged]) -> str:
    """Return what a loan was charged as the minutes keep it."""
    rows = [
        [each.number, each.due_date.isoformat(), each.times, f"{each.amount:.2f}"]
        for each in charged
    ]
    return json.dumps({"loan": loan, "charged": rows})


def penalties_of_meeting(session: Session, meeting_id: int) -> list[PenaltyCharged]:
    """Return what a meeting charged."""
    notes = session.connection().execute(_OF_MEETING, {"meeting": meeting_id}).scalars()
    return [each for text in notes for each in _charged(text)]


def times_charged(
    session: Session, loans: Collection[LoanState], rule: PenaltyRule, *, until: date | None
) -> Mapping[int, Mapping[int, int]]:
    """Return how often the instalments of loans of a group were charged, by loan and number.

    Of a penalty that no minutes keep, as an older version charged it, the days tell: it was asked
    for each time that came by the day ``until``.
    """
    if not loans:
        return {}
    wanted = {
        "of_group": next(iter(loans)).group_id,
        "since": min(loan.given_on for loan in loans),
    }
    kept: dict[tuple[str, int, date], int] = defaultdict(int)
    for notes in session.connection().execute(_KEPT, wanted).scalars():
        for each in _charged(notes):
            place = each.loan, each.number, each.due_date
            kept[place] = max(kept[place], each.times)
    names = first_references(session, [loan.loan_id for loan in loans])
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for loan in loans:
        for row, penalty in zip(loan.instalments, loan.penalties, strict=False):
            times = kept.get((names.get(loan.loan_id, ""), row.number, row.due_date), 0)
            if not times and penalty and until is not None:
                times = times_late(row, until, rule, loan.period_kind)
            found[loan.loan_id][row.number] = times
    return found


def _charged(notes: str | None) -> list[PenaltyCharged]:
    kept = json.loads(notes or "{}")
    return [
        PenaltyCharged(kept["loan"], number, date.fromisoformat(due), times, Decimal(amount))
        for number, due, times, amount in kept.get("charged", ())
    ]
