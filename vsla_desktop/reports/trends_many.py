"""How many groups went together, month by month: money, attendance, and the age of their loans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from heapq import nsmallest
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.ageing import Age
from vsla_desktop.domain.months import month_end, month_ends
from vsla_desktop.i18n import DateStyle, _, format_date, translate_counted
from vsla_desktop.queries.trends import (
    AttendanceByMonth,
    GroupAttendance,
    groups_without_figures,
    months_of_many,
)
from vsla_desktop.queries.trends_portfolio import portfolios
from vsla_desktop.reports.loans_report import age_word
from vsla_desktop.reports.report import (
    Chart,
    ChartKind,
    Definition,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Row,
    Series,
)
from vsla_desktop.reports.subject import programme_subject
from vsla_desktop.reports.trends import day_words, span, span_words

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter

MOST_IN_CHART: Final = 30
_PLACES: Final = frozenset({"country", "region", "district", "parish", "village"})
_ASKS: Final = _PLACES | {
    "group_ids",
    "group_states",
    "members_from",
    "members_to",
    "cycle_number",
    "day_from",
    "day_to",
}


def _programme(session: Session, wanted: Filter, clock: Clock) -> Report:
    since, until = span(wanted, clock)
    found = months_of_many(session, wanted, since, until)
    days = sorted({each.day for each in found})
    charts, tables = [], []
    for currency in sorted({each.currency for each in found}):
        months = [each for each in found if each.currency == currency]
        tables.append(
            ReportTable(
                _("Month by month in {currency}", currency=currency),
                (
                    ReportColumn(_("Until"), Kind.DATE),
                    ReportColumn(_("Groups"), Kind.COUNT),
                    ReportColumn(_("Members"), Kind.COUNT),
                    ReportColumn(_("Savings"), Kind.MONEY),
                    ReportColumn(_("Loans out"), Kind.MONEY),
                    ReportColumn(_("Fines paid so far"), Kind.MONEY),
                ),
                tuple(
                    (each.day, each.groups, each.members, each.savings, each.loans, each.fines)
                    for each in months
                ),
                currency=currency,
            )
        )
        charts.append(
            Chart(
                _("Savings and loans"),
                ChartKind.LINE,
                day_words([each.day for each in months]),
                (
                    Series(_("Savings"), tuple(each.savings for each in months)),
                    Series(_("Loans out"), tuple(each.loans for each in months)),
                ),
                currency=currency,
            )
        )
    notes = [_("Each group counts as it stood when its last meeting by then closed.")]
    lacking = groups_without_figures(session, wanted)
    if lacking:
        notes.append(
            translate_counted(
                "{count} group has no kept figures yet and is not in it.",
                "{count} groups have no kept figures yet and are not in it.",
                lacking,
            )
        )
    return Report(
        "programme-trend",
        _("Groups over time"),
        programme_subject(wanted),
        span_words(wanted, since, days[-1] if days else until),
        tables=tuple(tables),
        charts=tuple(charts),
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class _AttendanceRows:
    """A row a group, with a part for each month; read again whenever they are gone through."""

    groups: Iterable[GroupAttendance]
    months: tuple[date, ...]

    def __iter__(self) -> Iterator[Row]:
        for each in self.groups:
            parts = _parts(each, self.months)
            yield (each.code, each.name, *parts, _overall(each))


def _attendance(session: Session, wanted: Filter, clock: Clock) -> Report:
    since, until = span(wanted, clock)
    months = tuple(month_ends(since, month_end(until)))
    groups = AttendanceByMonth(session, wanted, since, until)
    # Who comes least needs to be seen; the table has all.
    shown = nsmallest(MOST_IN_CHART, groups, key=lambda each: _overall(each) or Decimal(0))
    words = tuple(format_date(month, DateStyle.MONTH) for month in months)
    chart = Chart(
        _("Attendance by month, the lowest first"),
        ChartKind.HEAT,
        words,
        tuple(Series(f"{each.name} · {each.code}", _parts(each, months)) for each in shown),
        Kind.PERCENT,
    )
    table = ReportTable(
        _("Attendance by group and month"),
        (
            ReportColumn(_("Code")),
            ReportColumn(_("Group")),
            *(ReportColumn(word, Kind.PERCENT) for word in words),
            ReportColumn(_("All months"), Kind.PERCENT),
        ),
        _AttendanceRows(groups, months),
        note=_("Attendance = members in the room / members called, of all its meetings."),
    )
    return Report(
        "attendance-by-month",
        _("Attendance by group and month"),
        programme_subject(wanted),
        span_words(wanted, since, until),
        tables=(table,),
        charts=(chart,) if shown else (),
        is_landscape=True,
    )


def _parts(group: GroupAttendance, months: tuple[date, ...]) -> tuple[Decimal | None, ...]:
    found = (group.months.get(month) for month in months)
    return tuple(None if each is None else Decimal(each[0]) / each[1] for each in found)


def _overall(group: GroupAttendance) -> Decimal | None:
    called = sum(called for _present, called in group.months.values())
    present = sum(present for present, _called in group.months.values())
    return Decimal(present) / called if called else None


def _portfolio(session: Session, wanted: Filter, clock: Clock) -> Report:
    since, until = span(wanted, clock)
    days = tuple(sorted({*month_ends(since, until), until}))
    found = [(day, each) for day in days for each in portfolios(session, wanted, day)]
    charts, tables = [], []
    for currency in sorted({each.currency for _day, each in found}):
        then = [(day, each) for day, each in found if each.currency == currency]
        charts.append(
            Chart(
                _("Loans out by their age"),
                ChartKind.STACKED,
                day_words([day for day, _each in then]),
                tuple(
                    Series(age_word(age), tuple(each.outstanding[age] for _day, each in then))
                    for age in Age
                ),
                currency=currency,
            )
        )
        tables.append(
            ReportTable(
                _("Loans out by their age, in {currency}", currency=currency),
                (
                    ReportColumn(_("On"), Kind.DATE),
                    ReportColumn(_("Loans"), Kind.COUNT),
                    *(ReportColumn(age_word(age), Kind.MONEY) for age in Age),
                    ReportColumn(_("Together"), Kind.MONEY),
                    ReportColumn(_("At risk"), Kind.PERCENT),
                ),
                tuple(
                    (
                        day,
                        sum(each.loans.values()),
                        *each.outstanding.values(),
                        each.total,
                        each.late / each.total if each.total else None,
                    )
                    for day, each in then
                ),
                currency=currency,
                note=_("At risk = principal of late loans / all principal that is out."),
            )
        )
    return Report(
        "portfolio-by-age",
        _("Loans by age over time"),
        programme_subject(wanted),
        span_words(wanted, since, until),
        tables=tuple(tables),
        charts=tuple(charts),
        notes=(_("A loan is as old as its oldest instalment that is not paid."),),
        is_landscape=True,
    )


PROGRAMME_TRENDS: Final = (
    Definition(
        "programme-trend",
        Over.PROGRAMME,
        lambda: _("Groups over time"),
        lambda: _("Groups, members, savings and loans, month by month."),
        _ASKS,
        _programme,
    ),
    Definition(
        "attendance-by-month",
        Over.PROGRAMME,
        lambda: _("Attendance by group and month"),
        lambda: _("Who comes to the meetings, and when fewer do."),
        _ASKS,
        _attendance,
    ),
    Definition(
        "portfolio-by-age",
        Over.PROGRAMME,
        lambda: _("Loans by age over time"),
        lambda: _("How much is lent, and how much of it is late."),
        _ASKS,
        _portfolio,
    ),
)
