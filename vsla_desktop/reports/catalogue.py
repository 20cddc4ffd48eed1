"""Every kind of report there is, in the order in which people are shown them."""

from __future__ import annotations

from typing import Final

from vsla_desktop.errors import RuleBroken
from vsla_desktop.reports.desk_reports import COMPARE_GROUPS
from vsla_desktop.reports.group_books import BOOKS
from vsla_desktop.reports.programme_reports import PROGRAMME
from vsla_desktop.reports.report import Definition
from vsla_desktop.reports.trends import GROUP_TRENDS
from vsla_desktop.reports.trends_compared import COMPARED
from vsla_desktop.reports.trends_many import PROGRAMME_TRENDS
from vsla_desktop.reports.visit_sheet import VISIT_SHEET

REPORTS: Final[tuple[Definition, ...]] = (
    *BOOKS,
    *GROUP_TRENDS,
    COMPARED,
    *PROGRAMME_TRENDS,
    *PROGRAMME,
    VISIT_SHEET,
    COMPARE_GROUPS,
)


def definition(name: str) -> Definition:
    """Return the report of this name. Raises RuleBroken when there is none."""
    for each in REPORTS:
        if each.name == name:
            return each
    raise RuleBroken(
        "There is no report {name}.", hint="List them: vsla report list.", field="name", name=name
    )
