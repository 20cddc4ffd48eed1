"""What the desk puts on paper: the sheet for a visit, and groups side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.presenters.printing import Build
    from vsla_desktop.reports.document import Document


def visit_sheet_pages(group_id: int) -> Build:
    """The sheet that a coordinator carries to a group."""

    def build(session: Session, day: date) -> Document:
        from vsla_desktop.reports.visit_sheet import visit_sheet

        return visit_sheet(session, group_id, day)

    return build


def compare_pages(group_ids: Sequence[int], clock: Clock) -> Build:
    """Groups side by side."""

    def build(session: Session, day: date) -> Document:
        from vsla_desktop.queries.filtering import Filter
        from vsla_desktop.reports.desk_reports import COMPARE_GROUPS
        from vsla_desktop.reports.paged import paged

        wanted = Filter(group_ids=tuple(group_ids))
        return paged(COMPARE_GROUPS.build(session, wanted, clock), printed=day)

    return build
