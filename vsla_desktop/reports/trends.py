"""How one group went: its savings and loans, its funds, and its cycles beside each other."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.months import month_end, months_earlier
from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import DateStyle, _, format_date
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.trends import cycle_courses, points, standings
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
from vsla_desktop.reports.subject import group_subject, period_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.trends import CycleCourse

MONTHS: Final = 12
MOST_CYCLES: Final = 5
_ASKS: Final = frozenset({"group_ids", "day_from", "day_to"})


def span(wanted: Filter, clock: Clock) -> tuple[date, date]:
    """Return the first and last day of a trend: twelve months to today unless it is said."""
    until = min(wanted.day_to or wanted.on or clock.today(), clock.today())
    return wanted.day_from or months_earlier(until, MONTHS - 1).replace(day=1), until


def span_words(wanted: Filter, since: date, until: date) -> str:
    """Say the time of a trend."""
    if wanted.day_from or wanted.day_to:
        return period_words(wanted)
    return _("{first} to {last}", first=format_date(since), last=format_date(until))


def day_words(days: Sequence[date], last: date | None = None) -> tuple[str, ...]:
    """Say the days of a chart: months where they are ends of months, but for the ``last`` day."""
    are_months = all(day in {month_end(day), last or days[-1]} for day in days) and len(days) > 1
    style = DateStyle.MONTH if are_months else DateStyle.SHORT
    return tuple(format_date(day, style) for day in days)


def _savings_and_loans(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = group_subject(session, wanted, clock)
    since, until = span(wanted, clock)
    days = points(session, about.group_id, since, until)
    found = standings(session, about.group_id, days)
    columns = (
        ReportColumn(_("Day"), Kind.DATE),
        ReportColumn(_("Savings"), Kind.MONEY),
        ReportColumn(_("Loans out"), Kind.MONEY),
    )
    table = ReportTable(
        _("Savings and loans"),
        columns,
        tuple((each.day, each.savings, each.loans) for each in found),
        currency=about.currency,
        note=_("Loans out: principal not paid and not written off, without charges."),
    )
    chart = Chart(
        _("Savings and loans"),
        ChartKind.LINE,
        day_words(days),
        (
            Series(_("Savings"), tuple(each.savings for each in found)),
            Series(_("Loans out"), tuple(each.loans for each in found)),
        ),
        currency=about.currency,
    )
    return Report(
        "savings-and-loans",
        _("Savings and loans over time"),
        about.name,
        span_words(wanted, since, until),
        tables=(table,),
        charts=(chart,),
    )


def _funds(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = group_subject(session, wanted, clock)
    since, until = span(wanted, clock)
    days = points(session, about.group_id, since, until)
    found = [fund_balances(session, about.group_id, day) for day in days]
    used = [fund for fund in Fund if any(each.of(fund) for each in found)]
    columns = (
        ReportColumn(_("Day"), Kind.DATE),
        *(ReportColumn(about.words.fund(fund), Kind.MONEY) for fund in used),
        ReportColumn(_("Together"), Kind.MONEY),
        ReportColumn(_("Of it at the bank"), Kind.MONEY),
    )
    table = ReportTable(
        _("Funds"),
        columns,
        tuple(
            (day, *(each.of(fund) for fund in used), each.total, each.bank)
            for day, each in zip(days, found, strict=True)
        ),
        currency=about.currency,
    )
    chart = Chart(
        _("Money in each fund"),
        ChartKind.STACKED,
        day_words(days),
        tuple(
            Series(about.words.fund(fund), tuple(each.of(fund) for each in found)) for fund in used
        ),
        currency=about.currency,
    )
    return Report(
        "funds-over-time",
        _("Funds over time"),
        about.name,
        span_words(wanted, since, until),
        tables=(table,),
        charts=(chart,),
    )


def _cycles(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = group_subject(session, wanted, clock)
    courses = cycle_courses(session, about.group_id)[-MOST_CYCLES:]
    weeks = range(1, max((len(each.weeks) for each in courses), default=0) + 1)
    saved, lent = _("Saved so far"), _("Lent so far")
    axis = tuple(_("Week {number}", number=week) for week in weeks)
    names = [_("Cycle {number}", number=each.number) for each in courses]
    charts = tuple(
        Chart(
            title,
            ChartKind.LINE,
            axis,
            tuple(
                Series(name, tuple(_so_far(each, week, what) for week in weeks))
                for name, each in zip(names, courses, strict=True)
            ),
            currency=about.currency,
        )
        for title, what in ((saved, "saved"), (lent, "lent"))
    )
    titles = (
        _("{what}, cycle {number}", what=what, number=each.number)
        for what in (saved, lent)
        for each in courses
    )
    table = ReportTable(
        _("Week by week"),
        (ReportColumn(_("Week"), Kind.COUNT), *(ReportColumn(each, Kind.MONEY) for each in titles)),
        tuple(
            (week, *(each.values[week - 1] for chart in charts for each in chart.series))
            for week in weeks
        ),
        currency=about.currency,
    )
    return Report(
        "cycles-compared",
        _("Cycle against cycle"),
        about.name,
        _("The same week of each cycle"),
        tables=(table,),
        charts=charts,
        notes=(
            _("Saved so far: put in less taken out, until the end of that week of the cycle."),
            _("Lent so far: all loans that were given, whether they are paid back or not."),
        ),
    )


def _so_far(course: CycleCourse, week: int, what: str) -> Decimal | None:
    if week > len(course.weeks):
        return None
    amount: Decimal = getattr(course.weeks[week - 1], what)
    return amount


GROUP_TRENDS: Final = (
    Definition(
        "savings-and-loans",
        Over.GROUP,
        lambda: _("Savings and loans over time"),
        lambda: _("What members saved and owe, meeting by meeting."),
        _ASKS,
        _savings_and_loans,
    ),
    Definition(
        "funds-over-time",
        Over.GROUP,
        lambda: _("Funds over time"),
        lambda: _("What each fund held, meeting by meeting."),
        _ASKS,
        _funds,
    ),
    Definition(
        "cycles-compared",
        Over.GROUP,
        lambda: _("Cycle against cycle"),
        lambda: _("The same week of each cycle beside the others."),
        frozenset({"group_ids"}),
        _cycles,
    ),
)
