"""What is late in a programme, and which groups are at risk and why."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.ageing import Age
from vsla_desktop.domain.indicators import Figures, IndicatorName, indicators
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.risks import Risk, RiskFound, Watched, risks
from vsla_desktop.i18n import _, format_date, translate_counted
from vsla_desktop.queries.indicators import GroupForm, GroupForms, programme_figures
from vsla_desktop.queries.listing import Again
from vsla_desktop.queries.trends_portfolio import portfolios
from vsla_desktop.reports.lists import count, money
from vsla_desktop.reports.loans_report import age_word
from vsla_desktop.reports.programme_indicators import ASKED, the_day
from vsla_desktop.reports.programme_words import indicator_figures, indicator_word, rounded
from vsla_desktop.reports.report import (
    Chart,
    ChartKind,
    Definition,
    Figure,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Row,
    Series,
)
from vsla_desktop.reports.saying import said, shown_currency
from vsla_desktop.reports.subject import programme_subject
from vsla_desktop.wording import MoneyText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.trends_portfolio import Portfolio

_STEP: Final = Decimal("0.000001")
_ON_LOANS: Final = frozenset(
    {
        IndicatorName.MEMBERS_WITH_LOANS,
        IndicatorName.AVERAGE_LOAN,
        IndicatorName.PORTFOLIO_AT_RISK,
        IndicatorName.FUND_UTILISATION,
    }
)


def _portfolio(session: Session, wanted: Filter, clock: Clock) -> Report:
    on = the_day(wanted, clock)
    ages = portfolios(session, wanted, on)
    found = programme_figures(session, wanted, on=on)
    is_many = len(found) > 1
    names = {indicator_word(each) for each in _ON_LOANS}
    figures: list[Figure] = []
    tables: list[ReportTable] = []
    for line in found:
        shown = indicator_figures(line.figures, line.currency, named=is_many)
        figures += [each for each in shown if each.title.split(", ")[0] in names]
    for each in ages:
        tail = f", {each.currency}" if is_many else ""
        tables += [
            _by_age(each, tail),
            ReportTable(
                _("Groups with late loans") + tail,
                (
                    ReportColumn(_("Group")),
                    ReportColumn(_("Code")),
                    ReportColumn(_("District")),
                    count(_("Loans")),
                    money(_("Loans outstanding")),
                    money(_("Late loans")),
                    ReportColumn(_("Portfolio at risk"), Kind.PERCENT),
                ),
                Again(_late_ones(GroupForms(session, wanted, on, each.currency))),
                currency=each.currency,
            ),
        ]
    return Report(
        "portfolio-at-risk",
        _("Portfolio at risk"),
        programme_subject(wanted),
        _("On {day}", day=format_date(on)),
        figures=tuple(figures),
        tables=tuple(tables),
        charts=tuple(_chart(each) for each in ages),
        is_landscape=True,
    )


def _by_age(found: Portfolio, tail: str) -> ReportTable:
    total = found.total
    return ReportTable(
        _("By age") + tail,
        (
            ReportColumn(_("Age")),
            count(_("Loans")),
            money(_("Outstanding")),
            ReportColumn(_("Part of all"), Kind.PERCENT),
        ),
        tuple(
            (
                age_word(age),
                found.loans[age],
                found.outstanding[age],
                (found.outstanding[age] / total).quantize(_STEP) if total else None,
            )
            for age in Age
        ),
        currency=found.currency,
    )


def _chart(found: Portfolio) -> Chart:
    return Chart(
        _("Loans outstanding by age, {currency}", currency=found.currency),
        ChartKind.BAR,
        tuple(age_word(age) for age in Age),
        (Series(_("Outstanding"), tuple(found.outstanding[age] for age in Age)),),
        currency=found.currency,
    )


def _part(name: IndicatorName, of: Figures) -> Decimal | None:
    return next(rounded(each) for each in indicators(of) if each.name is name)


def _late_ones(forms: Iterable[GroupForm]) -> Callable[[], Iterable[Row]]:
    def rows() -> Iterator[Row]:
        for each in forms:
            figures = each.form.figures
            if figures.late_value:
                yield (
                    each.form.group_name,
                    each.form.group_number,
                    each.district,
                    figures.loans_count,
                    figures.loans_value,
                    figures.late_value,
                    _part(IndicatorName.PORTFOLIO_AT_RISK, figures),
                )

    return rows


def risk_words(found: RiskFound, currency: str) -> str:
    """Say why a group is at risk, with its figure."""
    text = MoneyText(shown_currency(currency))
    amount = said(found.figure, Kind.MONEY, text)
    part = said(found.figure, Kind.PERCENT, text)
    days = int(found.figure)
    return {
        Risk.BOX_DIFFERS: lambda: _("the box differs by {amount}", amount=amount),
        Risk.LOSS: lambda: _("a loss of {amount}", amount=amount),
        Risk.LATE_LOANS: lambda: _("{part} of the loans are late", part=part),
        Risk.NOT_MET: lambda: translate_counted(
            "not met for {count} day", "not met for {count} days", days
        ),
        Risk.SHARE_OUT_PAST: lambda: translate_counted(
            "share-out {count} day overdue", "share-out {count} days overdue", days
        ),
        Risk.LOW_ATTENDANCE: lambda: _("only {part} came", part=part),
        Risk.DROP_OUTS: lambda: _("{part} dropped out", part=part),
        Risk.IN_DEBT: lambda: _("debts are {part} of what it has", part=part),
    }[found.risk]()


def _at_risk(session: Session, wanted: Filter, clock: Clock) -> Report:
    on = the_day(wanted, clock)
    found: list[tuple[int, GroupForm, tuple[RiskFound, ...]]] = []
    groups_count = 0
    for each in GroupForms(session, wanted, on):
        groups_count += 1
        form = each.form
        reasons = risks(
            Watched(
                figures=form.figures,
                on=on,
                met=each.met,
                since=form.savings_started,
                until=each.cycle_end,
                box_difference=each.box_difference,
            )
        )
        if reasons:
            found.append((len(reasons), each, reasons))
    found.sort(key=lambda line: (-line[0], line[1].form.group_number))
    return Report(
        "groups-at-risk",
        _("Groups at risk"),
        programme_subject(wanted),
        _("On {day}", day=format_date(on)),
        figures=(
            Figure(
                _("Groups at risk"),
                len(found),
                Kind.COUNT,
                _("groups with a reason below"),
                _("of {count} groups", count=groups_count),
            ),
        ),
        tables=(
            ReportTable(
                _("Groups at risk"),
                (
                    ReportColumn(_("Group")),
                    ReportColumn(_("Code")),
                    ReportColumn(_("District")),
                    ReportColumn(_("Last met"), Kind.DATE),
                    ReportColumn(_("Attendance"), Kind.PERCENT),
                    ReportColumn(_("Portfolio at risk"), Kind.PERCENT),
                    ReportColumn(_("Box differs by"), Kind.MONEY),
                    ReportColumn(_("Currency")),
                    ReportColumn(_("Reasons"), Kind.COUNT),
                    ReportColumn(_("Why")),
                ),
                tuple(_risk_row(*line) for line in found),
            ),
        ),
        notes=(
            _(
                "A group is at risk when it has not met for 28 days, its box differs, more than"
                " 10 % of its loans are late or of its members left, fewer than 70 % came, it has"
                " lost money, or debts are more than a quarter of what it has."
            ),
        ),
        is_landscape=True,
    )


def _risk_row(number: int, each: GroupForm, reasons: tuple[RiskFound, ...]) -> Row:
    form, figures = each.form, each.form.figures
    why = "; ".join(risk_words(reason, form.currency) for reason in reasons)
    return (
        form.group_name,
        form.group_number,
        each.district,
        each.met,
        _part(IndicatorName.ATTENDANCE, figures),
        _part(IndicatorName.PORTFOLIO_AT_RISK, figures),
        each.box_difference if each.box_difference != ZERO else None,
        form.currency,
        number,
        f"{why[:1].upper()}{why[1:]}.",
    )


PORTFOLIO_AT_RISK: Final = Definition(
    "portfolio-at-risk",
    Over.PROGRAMME,
    lambda: _("Portfolio at risk"),
    lambda: _("Late loans by age and by group."),
    ASKED,
    _portfolio,
)
GROUPS_AT_RISK: Final = Definition(
    "groups-at-risk",
    Over.PROGRAMME,
    lambda: _("Groups at risk"),
    lambda: _("Which groups need help, and why."),
    ASKED,
    _at_risk,
)
