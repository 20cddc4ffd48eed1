"""One group beside its district: the group's own figure, and the district's sum over sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from vsla_desktop.domain.indicators import Figures, IndicatorName, Unit, indicators
from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.indicators import programme_figures
from vsla_desktop.queries.tables import GROUPS
from vsla_desktop.reports.programme_words import (
    counts_words,
    formula_words,
    indicator_word,
    rounded,
)
from vsla_desktop.reports.report import (
    Chart,
    ChartKind,
    Definition,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Series,
)
from vsla_desktop.reports.subject import group_subject

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.indicators import Indicator
    from vsla_desktop.reports.subject import GroupSubject

_SHOWN: Final = frozenset(
    {
        IndicatorName.AVERAGE_SAVINGS,
        IndicatorName.AVERAGE_LOAN,
        IndicatorName.ATTENDANCE,
        IndicatorName.MEMBERS_WITH_LOANS,
        IndicatorName.PORTFOLIO_AT_RISK,
        IndicatorName.RETURN_ON_SAVINGS,
    }
)
_PLACE = select(GROUPS.c.country, GROUPS.c.region, GROUPS.c.district).where(
    GROUPS.c.id == bindparam("of_group")
)


@dataclass(frozen=True, slots=True)
class _Compared:
    """The same indicator of the group and of its district."""

    name: str
    group: Indicator
    district: Indicator


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = group_subject(session, wanted, clock)
    place = session.connection().execute(_PLACE, {"of_group": about.group_id}).one()
    around = Filter(country=place.country or "", region=place.region, district=place.district)
    group = _figures(session, Filter(group_ids=(about.group_id,)), about)
    district = _figures(session, around, about)
    compared = [
        _Compared(indicator_word(one.name), one, other)
        for one, other in zip(indicators(group), indicators(district), strict=True)
        if one.name in _SHOWN
    ]
    amounts = [each for each in compared if each.group.unit is Unit.MONEY]
    parts = [each for each in compared if each.group.unit is Unit.PART]
    charts, tables = [], []
    for title, rows, kind, currency in (
        (_("Savings and loans"), amounts, Kind.MONEY, about.currency),
        (_("Attendance, loans and return"), parts, Kind.PERCENT, ""),
    ):
        charts.append(_chart(title, rows, place.district, kind, currency))
        tables.append(_table(title, rows, place.district, kind, about.currency))
    return Report(
        "group-and-district",
        _("Group beside its district"),
        about.name,
        _("On {day}", day=format_date(about.on)),
        tables=tuple(tables),
        charts=tuple(charts),
        is_landscape=True,
        notes=(
            _(
                "The district: all {count} groups of it in {currency}, this one too, sum over sum.",
                count=district.groups,
                currency=about.currency,
            ),
        ),
    )


def _figures(session: Session, wanted: Filter, about: GroupSubject) -> Figures:
    """Return the figures of the groups of one currency, that of the group."""
    found = programme_figures(session, wanted, on=about.on)
    return next((each.figures for each in found if each.currency == about.currency), Figures())


def _chart(title: str, rows: list[_Compared], district: str, kind: Kind, currency: str) -> Chart:
    return Chart(
        title,
        ChartKind.BAR,
        tuple(each.name for each in rows),
        (
            Series(_("This group"), tuple(rounded(each.group) for each in rows)),
            Series(district, tuple(rounded(each.district) for each in rows)),
        ),
        kind,
        currency,
    )


def _table(
    title: str, rows: list[_Compared], district: str, kind: Kind, currency: str
) -> ReportTable:
    columns = (
        ReportColumn(_("Figure")),
        ReportColumn(_("This group"), kind),
        ReportColumn(_("Counts")),
        ReportColumn(district, kind),
        ReportColumn(_("Counts")),
        ReportColumn(_("Worked out as")),
    )
    return ReportTable(
        title,
        columns,
        tuple(
            (
                each.name,
                rounded(each.group),
                counts_words(each.group, currency),
                rounded(each.district),
                counts_words(each.district, currency),
                formula_words(each.group.name),
            )
            for each in rows
        ),
        currency=currency,
    )


COMPARED: Final = Definition(
    "group-and-district",
    Over.GROUP,
    lambda: _("Group beside its district"),
    lambda: _("Savings, loans and attendance beside all groups around."),
    frozenset({"group_ids", "on"}),
    _build,
)
