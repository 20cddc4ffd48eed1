"""Writing a visit to a group down, and ticking off what was agreed. See docs/rules.md#visits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from vsla_desktop.domain.visits import VisitNote, check_visit
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import GROUPS, KEPT_REPORTS
from vsla_desktop.queries.visits import VISIT, Visit, visit_by_id, visit_to_json
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock


def record_visit(
    session: Session, group_id: int, note: VisitNote, *, clock: Clock, by: int | None = None
) -> Visit:
    """Write a visit down and return it.

    Raise :class:`RuleBroken` for a day that has not come, a visit on which nothing was looked at,
    an action without words or due before the visit. Whoever has the group writes visits down,
    also where another laptop writes its book.
    """
    group = (
        session.connection()
        .execute(
            select(GROUPS.c.formation_date, GROUPS.c.members_count).where(GROUPS.c.id == group_id)
        )
        .first()
    )
    if group is None:
        raise RuleBroken("This group is not in the book.", field="group")
    checked = check_visit(
        note,
        today=clock.today(),
        formed=group.formation_date,
        members_count=group.members_count or 0,
    )
    row = {
        "group_id": group_id,
        "report_type": "CUSTOM",
        "report_name": VISIT,
        "report_description": checked.findings or None,
        "report_data": visit_to_json(checked),
        "report_period_start": checked.day,
        "generated_by": by,
        "generated_date": clock.now(),
    }
    return Visit(add_row(session, insert(KEPT_REPORTS), row, clock), group_id, checked)


def set_action_done(
    session: Session,
    visit_id: int,
    number: int,
    *,
    is_done: bool = True,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> Visit:
    """Tick off the action of this number (from 1), as done today, or take the tick back.

    Raise :class:`RuleBroken` for an action that is not there.
    """
    visit = visit_by_id(session, visit_id)
    if visit is None or not 1 <= number <= len(visit.note.actions):
        raise RuleBroken("This action is not in the book.", field="action")
    done_on = clock.today() if is_done else None
    actions = tuple(
        replace(each, done_on=done_on) if place == number else each
        for place, each in enumerate(visit.note.actions, start=1)
    )
    note = replace(visit.note, actions=actions)
    session.connection().execute(
        update(KEPT_REPORTS).where(KEPT_REPORTS.c.id == visit_id),
        {"report_data": visit_to_json(note), "updated_date": clock.now()},
    )
    return replace(visit, note=note)
