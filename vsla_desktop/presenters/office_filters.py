"""Filters of the list of groups that were kept by name, where reports keep theirs too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice, Field
from vsla_desktop.presenters.office_table import Narrowing, OfficeForm

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.presenters.office_groups import GroupsPresenter
    from vsla_desktop.queries.filtering import Filter

REPORT: Final = "members"
"""The report that a filter of groups opens on the page of reports."""
KEEP: Final = "+"
ASKED: Final = "="
# What the list has no box for: the dashboard asks for it, or a filter that was kept.
_UNBOXED: Final = ("country", "parish", "village", "coordinator")


@dataclass(frozen=True, slots=True)
class KeptFilter:
    """A filter with its name."""

    saved_id: int
    name: str
    wanted: Filter


class KeptFilters:
    """The box of kept filters above the list of groups."""

    def __init__(self, groups: GroupsPresenter) -> None:
        self._groups = groups
        self.kept: tuple[KeptFilter, ...] = ()

    def read(self, session: Session) -> tuple[KeptFilter, ...]:
        """Read the kept filters."""
        from vsla_desktop.queries.saved_reports import saved_reports

        return tuple(
            KeptFilter(each.saved_id, each.name, each.wanted) for each in saved_reports(session)
        )

    def narrowing(self) -> Narrowing:
        """The box: the kept filters, and the keeping of the one that is asked now."""
        may_keep = not self._groups.office.only_looks() and self._groups.current is not None
        return Narrowing(
            "kept",
            _("Filter"),
            (
                Choice("", _("None")),
                *(Choice(str(each.saved_id), each.name) for each in self.kept),
                *([Choice(ASKED, self._asked())] if self.chosen() == ASKED else []),
                *([Choice(KEEP, _("Keep this one …"))] if may_keep else []),
            ),
        )

    def chosen(self) -> str:
        """The kept filter that is asked now, or what is asked beside the boxes."""
        wanted = self._groups.wanted
        found = (str(each.saved_id) for each in self.kept if each.wanted == wanted)
        return next(found, ASKED if self._asked() else "")

    def _asked(self) -> str:
        wanted = self._groups.wanted
        parts = [str(value) for key in _UNBOXED if (value := getattr(wanted, key))]
        if wanted.cycle_number is not None:
            parts.append(_("Cycle {number}", number=wanted.cycle_number))
        return " · ".join(parts)

    def choose(self, value: str) -> None:
        """Ask what a filter asks, or ask under which name to keep what is asked now."""
        if value == ASKED:
            return
        if value == KEEP:
            self._ask_name()
            return
        from vsla_desktop.queries.filtering import Filter

        found = (each.wanted for each in self.kept if str(each.saved_id) == value)
        self._groups.look_at(next(found, Filter()))

    def _ask_name(self) -> None:
        groups, row, wanted = self._groups, self._groups.current, self._groups.wanted
        if row is None:
            return
        clock = groups.office.clock

        def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
            def work(session: Session, by: int) -> int:
                from vsla_desktop.services.saved_reports import save_report

                # It has to lie with a group's books; the group gone to is one of those asked for.
                return save_report(
                    session, row.group_id, values["name"], REPORT, wanted, clock=clock, by=by
                )

            groups.recount()
            groups.write(work, _("The filter is kept."))

        groups.ask(
            OfficeForm(
                _("Keep this filter"), _("Keep it"), (Field("name", _("Name of the filter")),), act
            )
        )
