"""How figures of many groups are said: indicators with their formulas and counts, and levels."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.indicators import Indicator, IndicatorName, Unit, indicators
from vsla_desktop.i18n import _
from vsla_desktop.queries.indicators_statement import PLACE_LEVELS, Level
from vsla_desktop.reports.report import Figure, Kind, ReportColumn, ReportTable
from vsla_desktop.reports.saying import said, shown_currency
from vsla_desktop.wording import MoneyText

if TYPE_CHECKING:
    from vsla_desktop.domain.indicators import Figures

_STEPS: Final = {Unit.PART: Decimal("0.000001"), Unit.MONEY: Decimal("0.01")}
KINDS: Final = {Unit.PART: Kind.PERCENT, Unit.MONEY: Kind.MONEY}


def indicator_word(name: IndicatorName) -> str:
    """Say the name of an indicator."""
    return {
        IndicatorName.WOMEN: _("Women"),
        IndicatorName.MEMBERSHIP_GROWTH: _("Growth of membership"),
        IndicatorName.ATTENDANCE: _("Attendance"),
        IndicatorName.DROP_OUT: _("Drop-out"),
        IndicatorName.RETENTION: _("Retention"),
        IndicatorName.AVERAGE_SAVINGS: _("Savings per member"),
        IndicatorName.AVERAGE_EQUITY: _("Equity per member"),
        IndicatorName.AVERAGE_PROFIT: _("Profit per member"),
        IndicatorName.MEMBERS_WITH_LOANS: _("Members with loans"),
        IndicatorName.AVERAGE_LOAN: _("Average loan outstanding"),
        IndicatorName.PORTFOLIO_AT_RISK: _("Portfolio at risk"),
        IndicatorName.FUND_UTILISATION: _("Use of the loan fund"),
        IndicatorName.LOANS_TO_ASSETS: _("Loans as part of assets"),
        IndicatorName.DEBT_RATIO: _("Debt ratio"),
        IndicatorName.RETURN_ON_SAVINGS: _("Return on savings"),
        IndicatorName.RETURN_ON_ASSETS: _("Return on assets"),
        IndicatorName.ANNUAL_RETURN_ON_SAVINGS: _("Return on savings, a year"),
        IndicatorName.ANNUAL_RETURN_ON_ASSETS: _("Return on assets, a year"),
    }[name]


def formula_words(name: IndicatorName) -> str:
    """Say the formula of an indicator."""
    return {
        IndicatorName.WOMEN: _("women / members"),
        IndicatorName.MEMBERSHIP_GROWTH: _("(members - members at start) / members at start"),
        IndicatorName.ATTENDANCE: _("members attending / members"),
        IndicatorName.DROP_OUT: _("drop-outs / members"),
        IndicatorName.RETENTION: _("(members - drop-outs) / members"),
        IndicatorName.AVERAGE_SAVINGS: _("savings / members"),
        IndicatorName.AVERAGE_EQUITY: _("equity / members"),
        IndicatorName.AVERAGE_PROFIT: _("profit / members"),
        IndicatorName.MEMBERS_WITH_LOANS: _("loans outstanding (number) / members"),
        IndicatorName.AVERAGE_LOAN: _("loans outstanding / loans outstanding (number)"),
        IndicatorName.PORTFOLIO_AT_RISK: _("unpaid balance of late loans / loans outstanding"),
        IndicatorName.FUND_UTILISATION: _(
            "loans outstanding / (loans outstanding + loan-fund cash)"
        ),
        IndicatorName.LOANS_TO_ASSETS: _("loans outstanding / assets"),
        IndicatorName.DEBT_RATIO: _("debts / (debts + equity)"),
        IndicatorName.RETURN_ON_SAVINGS: _("profit / savings"),
        IndicatorName.RETURN_ON_ASSETS: _("profit / assets"),
        IndicatorName.ANNUAL_RETURN_ON_SAVINGS: _(
            "profit x 364 / (savings x days since first savings)"
        ),
        IndicatorName.ANNUAL_RETURN_ON_ASSETS: _(
            "profit x 364 / (assets x days since first savings)"
        ),
    }[name]


def indicator_figures(of: Figures, currency: str, *, named: bool = False) -> tuple[Figure, ...]:
    """Return every indicator as a figure with its formula and counts.

    ``named`` says the currency in each title, where figures of several stand together.
    """
    return tuple(_figure(each, currency, named=named) for each in indicators(of))


def _figure(each: Indicator, currency: str, *, named: bool) -> Figure:
    title = indicator_word(each.name)
    return Figure(
        f"{title}, {currency}" if named else title,
        rounded(each),
        KINDS[each.unit],
        formula_words(each.name),
        counts_words(each, currency),
        currency if each.unit is Unit.MONEY else "",
    )


def counts_words(each: Indicator, currency: str) -> str:
    """Say what an indicator came from: what was divided by what."""
    over, under = _plain(each.over, currency), _plain(each.under, currency)
    times = f" \N{MULTIPLICATION SIGN} {each.times}" if each.times != 1 else ""
    return f"{over}{times} / {under}"


def _plain(count: Decimal, currency: str) -> str:
    """Write a count or an amount; both are written alike where no piece is below one."""
    whole = count == count.to_integral_value()
    kind = Kind.COUNT if whole else Kind.MONEY
    return said(count, kind, MoneyText(shown_currency(currency)))


def rounded(each: Indicator) -> Decimal | None:
    """Return the value of an indicator as it is written: the only place where it is rounded."""
    return None if each.value is None else each.value.quantize(_STEPS[each.unit], ROUND_HALF_UP)


def formulas_table() -> ReportTable:
    """Return every indicator with its formula, for reports that show many lines of them."""
    return ReportTable(
        _("How the rates are worked out"),
        (ReportColumn(_("Figure")), ReportColumn(_("Worked out as"))),
        tuple((indicator_word(each), formula_words(each)) for each in IndicatorName),
        note=_("Sums are divided, never rates averaged."),
    )


def level_word(level: Level) -> str:
    """Say what the lines of a level are."""
    return {
        Level.ALL: _("All groups"),
        Level.COUNTRY: _("Country"),
        Level.REGION: _("Region"),
        Level.DISTRICT: _("District"),
        Level.PARISH: _("Parish"),
        Level.VILLAGE: _("Village"),
        Level.CYCLE: _("Cycle"),
        Level.COORDINATOR: _("Coordinator"),
    }[level]


def level_heads(level: Level) -> tuple[str, ...]:
    """Say what heads the columns that name a line of a level: a place by all above it."""
    if level in PLACE_LEVELS:
        above = PLACE_LEVELS[: PLACE_LEVELS.index(level) + 1]
        return tuple(level_word(each) for each in above)
    return (level_word(level),)
