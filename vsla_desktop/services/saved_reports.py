"""Keeping what a report was asked, by name, to ask it again. See docs/rules.md#saved-filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, insert, select, update

from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.saved_reports import SAVED, parameters_of
from vsla_desktop.queries.tables import KEPT_REPORTS
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter

LONGEST_NAME: Final = 100


def save_report(
    session: Session,
    group_id: int,
    name: str,
    report: str,
    wanted: Filter,
    *,
    clock: Clock,
    by: int | None = None,
) -> int:
    """Keep what a report was asked under a name; return its id.

    It goes where the books of ``group_id`` go. Raise :class:`RuleBroken` for a name that is empty,
    too long or used, and for members who have no number to be found by elsewhere.
    """
    said = parameters_of(session, wanted)
    if len(said.get("member_ids", ())) < len(wanted.member_ids):
        raise RuleBroken(
            "A filter can not keep a member without a number.",
            hint="Give the member a number first.",
            field="name",
        )
    values = {
        "group_id": group_id,
        "report_type": SAVED,
        "report_name": _checked(session, name),
        "report_data": {"report": report},
        "report_parameters": said,
        "generated_by": by,
        "generated_date": clock.now(),
        "report_period_start": wanted.day_from,
        "report_period_end": wanted.day_to,
    }
    return add_row(session, insert(KEPT_REPORTS), values, clock)


def rename_saved(
    session: Session,
    saved_id: int,
    name: str,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Give a kept filter another name. Raise :class:`RuleBroken` as :func:`save_report` does."""
    values = {"report_name": _checked(session, name, but=saved_id), "updated_date": clock.now()}
    done = session.connection().execute(
        update(KEPT_REPORTS).where(KEPT_REPORTS.c.id == saved_id, _IS_SAVED), values
    )
    if not done.rowcount:
        raise RuleBroken("This filter is gone already.", field="name")


def delete_saved(
    session: Session,
    saved_id: int,
    *,
    clock: Clock,  # noqa: ARG001 - told to every service
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Keep a filter no longer. Raise :class:`RuleBroken` when it is gone already."""
    done = session.connection().execute(
        delete(KEPT_REPORTS).where(KEPT_REPORTS.c.id == saved_id, _IS_SAVED)
    )
    if not done.rowcount:
        raise RuleBroken("This filter is gone already.", field="name")


_IS_SAVED = KEPT_REPORTS.c.report_type == SAVED


def _checked(session: Session, name: str, but: int | None = None) -> str:
    """Return a name as it is kept; raise RuleBroken when it can not be."""
    kept = " ".join(name.split())
    if not kept:
        raise RuleBroken("Give the filter a name.", field="name")
    if len(kept) > LONGEST_NAME:
        raise RuleBroken("Take a shorter name.", field="name")
    same = select(KEPT_REPORTS.c.id).where(
        _IS_SAVED, func.lower(KEPT_REPORTS.c.report_name) == kept.lower()
    )
    if any(each != but for each in session.connection().execute(same).scalars()):
        raise RuleBroken(
            "There is a filter with this name.",
            hint="Take another name, or delete that one.",
            field="name",
        )
    return kept
