"""One group beside its district: the group's own figure, and the district's sum over sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from vsla_desktop.domain.indicators import Figures, IndicatorName, Unit, indicators
from vsla_desktop.domain.money import round_to
from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.indicators import programme_figures
from vsla_desktop.queries.tables import GROUPS
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
from vsla_desktop.reports.saying import said, shown_currency
from vsla_desktop.reports.subject import group_subject
from vsla_desktop.wording import MoneyText

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.indicators import Indicator
    from vsla_desktop.reports.subject import GroupSubject

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
    words = _words()
    compared = [
        _Compared(words[one.name], one, other)
        for one, other in zip(indicators(group), indicators(district), strict=True)
        if one.name in words
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
            Series(_("This group"), tuple(_value(each.group, currency) for each in rows)),
            Series(district, tuple(_value(each.district, currency) for each in rows)),
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
        ReportColumn(_("From")),
        ReportColumn(district, kind),
        ReportColumn(_("From")),
        ReportColumn(_("Worked out as")),
    )
    return ReportTable(
        title,
        columns,
        tuple(
            (
                each.name,
                _value(each.group, currency),
                _counts(each.group, currency),
                _value(each.district, currency),
                _counts(each.district, currency),
                _(each.group.formula),
            )
            for each in rows
        ),
        currency=currency,
    )


def _value(indicator: Indicator, currency: str) -> Decimal | None:
    """Return an indicator; an amount is rounded to the smallest amount that there is."""
    value = indicator.value
    if value is None or indicator.unit is Unit.PART:
        return value
    return round_to(value, shown_currency(currency).step)


def _counts(indicator: Indicator, currency: str) -> str:
    """Say what an indicator came from: what was divided by what."""
    money = MoneyText(shown_currency(currency))
    return " / ".join(
        said(each, Kind.COUNT if each == int(each) else Kind.MONEY, money)
        for each in (indicator.over, indicator.under)
    )


def _words() -> dict[IndicatorName, str]:
    return {
        IndicatorName.AVERAGE_SAVINGS: _("Savings per member"),
        IndicatorName.AVERAGE_LOAN: _("Average loan"),
        IndicatorName.ATTENDANCE: _("Attendance"),
        IndicatorName.MEMBERS_WITH_LOANS: _("Members with loans"),
        IndicatorName.PORTFOLIO_AT_RISK: _("Portfolio at risk"),
        IndicatorName.RETURN_ON_SAVINGS: _("Return on savings"),
    }


COMPARED: Final = Definition(
    "group-and-district",
    Over.GROUP,
    lambda: _("Group beside its district"),
    lambda: _("Savings, loans and attendance beside all groups around."),
    frozenset({"group_ids", "on"}),
    _build,
)
