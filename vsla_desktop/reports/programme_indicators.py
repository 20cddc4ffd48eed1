"""Indicators of a programme: all groups together, and by place, cycle, coordinator and gender."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.indicators import Figures, IndicatorName, indicators
from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.indicators import FiguresOf, programme_figures
from vsla_desktop.queries.indicators_gender import GenderFigures, figures_by_gender
from vsla_desktop.queries.indicators_statement import Level
from vsla_desktop.reports.lists import GROUPS_ASKED, count, gender_word, money
from vsla_desktop.reports.programme_words import (
    KINDS,
    formulas_table,
    indicator_figures,
    indicator_word,
    level_heads,
    level_word,
    rounded,
)
from vsla_desktop.reports.report import (
    Definition,
    Figure,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Row,
)
from vsla_desktop.reports.subject import programme_subject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter

ASKED: Final = GROUPS_ASKED | {"on"}
_I = IndicatorName
_OF_MEMBERS: Final = frozenset(
    {_I.WOMEN, _I.MEMBERSHIP_GROWTH, _I.ATTENDANCE, _I.DROP_OUT, _I.RETENTION}
    | {_I.MEMBERS_WITH_LOANS}
)
_OF_MONEY: Final = frozenset(IndicatorName) - _OF_MEMBERS


def the_day(wanted: Filter, clock: Clock) -> date:
    """Return the day for which figures are asked: today unless it is said."""
    return wanted.on or clock.today()


@dataclass(frozen=True, slots=True)
class _ByLevel:
    """Builds the report of one level."""

    level: Level

    @property
    def name(self) -> str:
        plain = self.level.value.lower()
        return "indicators" if self.level is Level.ALL else f"indicators-by-{plain}"

    def title(self) -> str:
        if self.level is Level.ALL:
            return _("Indicators")
        return _("Indicators by {level}", level=level_word(self.level).lower())

    def about(self) -> str:
        if self.level is Level.ALL:
            return _("How groups do, all together.")
        return _("How groups do, by {level}.", level=level_word(self.level).lower())

    def build(self, session: Session, wanted: Filter, clock: Clock) -> Report:
        on = the_day(wanted, clock)
        found = programme_figures(session, wanted, on=on, level=self.level)
        currencies = sorted({each.currency for each in found})
        is_many = len(currencies) > 1
        figures: list[Figure] = []
        tables: list[ReportTable] = []
        for currency in currencies:
            lines = [each for each in found if each.currency == currency]
            if self.level is Level.ALL:
                figures += indicator_figures(lines[0].figures, currency, named=is_many)
            tables += _tables(self.level, lines, currency, is_many=is_many)
        if self.level is not Level.ALL and tables:
            tables.append(formulas_table())
        return Report(
            self.name,
            self.title(),
            programme_subject(wanted),
            _("On {day}", day=format_date(on)),
            figures=tuple(figures),
            tables=tuple(tables),
            is_landscape=True,
        )

    def definition(self) -> Definition:
        return Definition(self.name, Over.PROGRAMME, self.title, self.about, ASKED, self.build)


def _tables(
    level: Level, lines: Iterable[FiguresOf], currency: str, *, is_many: bool
) -> tuple[ReportTable, ...]:
    tail = f", {currency}" if is_many else ""
    heads = tuple(ReportColumn(each) for each in level_heads(level))
    counts = (
        count(_("Groups")),
        count(_("Members")),
        count(_("Members at start")),
        count(_("Women (number)")),
        count(_("Attending")),
        count(_("Drop-outs")),
    )
    amounts = (
        money(_("Savings")),
        count(_("Loans")),
        money(_("Loans outstanding")),
        money(_("Late loans")),
        money(_("Write-offs")),
        money(_("Loan-fund cash")),
        money(_("Other funds")),
        money(_("Property")),
        money(_("Debts")),
        money(_("Profit")),
    )
    rows = [(each.key or (level_word(level),), each.figures) for each in lines]
    return (
        ReportTable(
            _("Members") + tail,
            (*heads, *counts, *_columns(_OF_MEMBERS)),
            tuple((*key, *_people(of), *_values(of, _OF_MEMBERS)) for key, of in rows),
            currency=currency,
        ),
        ReportTable(
            _("Money") + tail,
            (*heads, *amounts),
            tuple((*key, *_amounts(of)) for key, of in rows),
            currency=currency,
        ),
        ReportTable(
            _("Rates") + tail,
            (*heads, *_columns(_OF_MONEY)),
            tuple((*key, *_values(of, _OF_MONEY)) for key, of in rows),
            currency=currency,
        ),
    )


def _people(of: Figures) -> Row:
    return (of.groups, of.members, of.members_at_start, of.women, of.attending, of.dropouts)


def _amounts(of: Figures) -> Row:
    return (
        of.savings,
        of.loans_count,
        of.loans_value,
        of.late_value,
        of.write_offs,
        of.loan_fund_cash,
        of.other_funds,
        of.property_now,
        of.debts,
        of.profit,
    )


def _columns(names: frozenset[IndicatorName]) -> tuple[ReportColumn, ...]:
    return tuple(
        ReportColumn(indicator_word(each.name), KINDS[each.unit])
        for each in indicators(Figures())
        if each.name in names
    )


def _values(of: Figures, names: frozenset[IndicatorName]) -> tuple[Decimal | None, ...]:
    return tuple(rounded(each) for each in indicators(of) if each.name in names)


def _by_gender(session: Session, wanted: Filter, clock: Clock) -> Report:
    on = the_day(wanted, clock)
    found = figures_by_gender(session, wanted, on=on)
    currencies = sorted({each.currency for each in found})
    columns = (
        ReportColumn(_("Members")),
        count(_("Number")),
        count(_("Attending")),
        ReportColumn(_("Attendance"), Kind.PERCENT),
        count(_("Drop-outs")),
        ReportColumn(_("Drop-out"), Kind.PERCENT),
        money(_("Savings")),
        money(_("Savings per member"), has_total=False),
        count(_("Loans")),
        money(_("Loans outstanding")),
        money(_("Average loan outstanding"), has_total=False),
        ReportColumn(_("Portfolio at risk"), Kind.PERCENT),
    )
    return Report(
        "indicators-by-gender",
        _("Indicators by gender"),
        programme_subject(wanted),
        _("On {day}", day=format_date(on)),
        tables=tuple(
            ReportTable(
                _("Women and men, {currency}", currency=currency)
                if len(currencies) > 1
                else _("Women and men"),
                columns,
                tuple(_gender_row(each) for each in found if each.currency == currency),
                currency=currency,
            )
            for currency in currencies
        ),
        notes=(_("Each rate is worked out as in the report on indicators."),),
        is_landscape=True,
    )


def _gender_row(of: GenderFigures) -> Row:
    values = {each.name: rounded(each) for each in indicators(_as_figures(of))}
    return (
        gender_word(of.gender) or _("Not known"),
        of.members,
        of.attending,
        values[_I.ATTENDANCE],
        of.dropouts,
        values[_I.DROP_OUT],
        of.savings,
        values[_I.AVERAGE_SAVINGS],
        of.loans_count,
        of.loans_value,
        values[_I.AVERAGE_LOAN],
        values[_I.PORTFOLIO_AT_RISK],
    )


def _as_figures(of: GenderFigures) -> Figures:
    return Figures(
        members=of.members,
        attending=of.attending,
        dropouts=of.dropouts,
        savings=of.savings,
        loans_count=of.loans_count,
        loans_value=of.loans_value,
        late_value=of.late_value,
    )


BY_GENDER: Final = Definition(
    "indicators-by-gender",
    Over.PROGRAMME,
    lambda: _("Indicators by gender"),
    lambda: _("How women and men do."),
    ASKED,
    _by_gender,
)
INDICATORS: Final[tuple[Definition, ...]] = (
    *(_ByLevel(level).definition() for level in Level),
    BY_GENDER,
)
"""The indicators of all groups together, and by each level."""
