"""What coordinators wrote down of their visits. See docs/rules.md#visits."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from vsla_desktop.domain.visits import Agreed, Check, Result, VisitNote
from vsla_desktop.queries.tables import KEPT_REPORTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

VISIT: Final = "visit"
"""What tells a visit among the reports that are kept of a group."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that was made."""

    visit_id: int
    group_id: int
    note: VisitNote


@dataclass(frozen=True, slots=True)
class OpenAction:
    """What was agreed at a visit and is not done yet; ``number`` counts the visit's from 1."""

    visit_id: int
    number: int
    what: str
    due: date
    visited_on: date


_VISITS = (
    select(
        KEPT_REPORTS.c.id,
        KEPT_REPORTS.c.group_id,
        KEPT_REPORTS.c.report_period_start,
        KEPT_REPORTS.c.report_description,
        KEPT_REPORTS.c.report_data,
    )
    .where(KEPT_REPORTS.c.report_type == "CUSTOM", KEPT_REPORTS.c.report_name == VISIT)
    .order_by(KEPT_REPORTS.c.report_period_start.desc(), KEPT_REPORTS.c.id.desc())
)


def visits_of(session: Session, group_id: int) -> tuple[Visit, ...]:
    """Return a group's visits, the last one first."""
    return visits_by_group(session, (group_id,)).get(group_id, ())


def visit_by_id(session: Session, visit_id: int) -> Visit | None:
    """Return one visit, None when there is none of this number."""
    row = session.connection().execute(_VISITS.where(KEPT_REPORTS.c.id == visit_id)).first()
    return _visit(row) if row is not None else None


def visits_by_group(session: Session, group_ids: Sequence[int]) -> dict[int, tuple[Visit, ...]]:
    """Return the visits of each group, the last one first."""
    found: dict[int, list[Visit]] = defaultdict(list)
    statement = _VISITS.where(KEPT_REPORTS.c.group_id.in_(group_ids))
    for row in session.connection().execute(statement):
        found[row.group_id].append(_visit(row))
    return {group_id: tuple(visits) for group_id, visits in found.items()}


def still_open(visits: Sequence[Visit]) -> tuple[OpenAction, ...]:
    """Return what of these visits is not done yet, the first due first."""
    actions = (
        OpenAction(visit.visit_id, number, each.what, each.due, visit.note.day)
        for visit in visits
        for number, each in enumerate(visit.note.actions, start=1)
        if each.done_on is None
    )
    return tuple(sorted(actions, key=lambda each: (each.due, each.visit_id, each.number)))


def visit_to_json(note: VisitNote) -> dict[str, Any]:
    """Return what of a visit is kept as JSON; day and findings have columns of their own."""
    return {
        "who": note.who,
        "looked_at": {str(check): str(result) for check, result in note.looked_at.items()},
        "passbooks": note.passbooks_count,
        "actions": [
            {"what": each.what, "due": each.due.isoformat()}
            | ({"done": each.done_on.isoformat()} if each.done_on else {})
            for each in note.actions
        ],
    }


def _visit(row: Any) -> Visit:
    data = row.report_data
    note = VisitNote(
        day=row.report_period_start,
        who=data["who"],
        looked_at={Check(each): Result(said) for each, said in data["looked_at"].items()},
        passbooks_count=data["passbooks"],
        findings=row.report_description or "",
        actions=tuple(
            Agreed(
                each["what"],
                date.fromisoformat(each["due"]),
                date.fromisoformat(each["done"]) if "done" in each else None,
            )
            for each in data["actions"]
        ),
    )
    return Visit(row.id, row.group_id, note)
