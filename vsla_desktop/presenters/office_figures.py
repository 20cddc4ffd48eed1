"""The indicators of a place, and how its groups stood month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from typing_extensions import override

from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.domain.indicators import Figures, Indicator, IndicatorName, Unit, indicators
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.office import Office
from vsla_desktop.presenters.office_table import Fact, OfficeTable
from vsla_desktop.presenters.office_words import amount
from vsla_desktop.wording import percent, whole

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.trends import MonthOfMany

from vsla_desktop.presenters.office_programme import Scope

_TENTH, _CENT = Decimal("0.001"), Decimal("0.01")


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """An indicator of the groups of one currency."""

    currency: str
    indicator: Indicator
    groups_count: int


class IndicatorsPresenter(OfficeTable[IndicatorLine]):
    """The indicators of a place today: sums divided by sums, each with what it came from."""

    icon = "reports"

    def __init__(self, office: Office, scope: Scope) -> None:
        super().__init__(office)
        self.scope = scope
        scope.moved.listen(self._moved)

    def _moved(self) -> None:
        self.is_read, self.rows = False, ()
        self.changed()

    @override
    def read(self, session: Session) -> tuple[IndicatorLine, ...]:
        from vsla_desktop.queries.indicators import programme_figures

        today = self.office.clock.today()
        found = programme_figures(session, self.scope.wanted, on=today)
        found = tuple(sorted(found, key=lambda each: -each.figures.groups))
        return tuple(
            IndicatorLine(each.currency, indicator, each.figures.groups)
            for each in found
            for indicator in _worked_out(each.figures)
        )

    @override
    def columns(self) -> Sequence[Column]:
        return (
            Column("indicator", _("Indicator"), width=26),
            Column("currency", _("Currency"), width=9),
            Column("value", _("Value"), CellKind.AMOUNT),
            Column("formula", _("Worked out as"), width=44),
            Column("over", _("Of"), CellKind.AMOUNT),
            Column("under", _("Over"), CellKind.AMOUNT),
        )

    @override
    def cells(self, row: IndicatorLine) -> Sequence[Cell]:
        found = row.indicator
        return (
            Cell(indicator_word(found.name)),
            Cell(row.currency),
            Cell(_value(found, row.currency)),
            Cell(_(found.formula)),
            Cell(amount(found.over, row.currency)),
            Cell(amount(found.under, row.currency)),
        )

    @override
    def counted(self) -> str:
        return self.scope.words()

    @override
    def empty(self) -> tuple[str, str]:
        return _("No groups here"), _("Choose another place.")

    @override
    def facts(self) -> tuple[Fact, ...]:
        row = self.current
        if row is None:
            return ()
        return (
            Fact(_("Groups"), whole(row.groups_count)),
            Fact(indicator_word(row.indicator.name), _(row.indicator.formula)),
        )


class MonthsPresenter(OfficeTable["MonthOfMany"]):
    """How the groups of a place stood at the end of each month, from what is kept at closings."""

    icon = "calendar"

    def __init__(self, office: Office, scope: Scope) -> None:
        super().__init__(office)
        self.scope = scope
        scope.moved.listen(self._moved)

    def _moved(self) -> None:
        self.is_read, self.rows = False, ()
        self.changed()

    @override
    def read(self, session: Session) -> tuple[MonthOfMany, ...]:
        from vsla_desktop.queries.trends import months_of_many

        today = self.office.clock.today()
        found = months_of_many(session, self.scope.wanted, _months_before(today), today)
        return tuple(sorted(found, key=lambda month: month.day, reverse=True))

    @override
    def columns(self) -> Sequence[Column]:
        return (
            Column("day", _("Until"), width=14),
            Column("currency", _("Currency"), width=9),
            Column("groups", _("Groups"), CellKind.COUNT),
            Column("members", _("Members"), CellKind.COUNT),
            Column("savings", _("Savings"), CellKind.AMOUNT),
            Column("loans", _("Loans"), CellKind.AMOUNT),
            Column("fines", _("Fines"), CellKind.AMOUNT),
        )

    @override
    def cells(self, row: MonthOfMany) -> Sequence[Cell]:
        return (
            Cell(format_date(row.day)),
            Cell(row.currency),
            Cell(whole(row.groups)),
            Cell(whole(row.members)),
            *(Cell(amount(each, row.currency)) for each in (row.savings, row.loans, row.fines)),
        )

    @override
    def counted(self) -> str:
        return self.scope.words()

    @override
    def empty(self) -> tuple[str, str]:
        return _("Nothing kept yet"), _("Figures are kept when meetings close.")


def indicator_word(name: IndicatorName) -> str:
    """What an indicator is called."""
    return {
        IndicatorName.WOMEN: _("Women"),
        IndicatorName.MEMBERSHIP_GROWTH: _("Growth of membership"),
        IndicatorName.ATTENDANCE: _("Attendance"),
        IndicatorName.DROP_OUT: _("Drop-outs"),
        IndicatorName.RETENTION: _("Retention"),
        IndicatorName.AVERAGE_SAVINGS: _("Savings a member"),
        IndicatorName.AVERAGE_EQUITY: _("Equity a member"),
        IndicatorName.AVERAGE_PROFIT: _("Profit a member"),
        IndicatorName.MEMBERS_WITH_LOANS: _("Members with loans"),
        IndicatorName.AVERAGE_LOAN: _("Average loan"),
        IndicatorName.PORTFOLIO_AT_RISK: _("Portfolio at risk"),
        IndicatorName.FUND_UTILISATION: _("Loan fund in use"),
        IndicatorName.LOANS_TO_ASSETS: _("Loans to assets"),
        IndicatorName.DEBT_RATIO: _("Debt ratio"),
        IndicatorName.RETURN_ON_SAVINGS: _("Return on savings"),
        IndicatorName.RETURN_ON_ASSETS: _("Return on assets"),
        IndicatorName.ANNUAL_RETURN_ON_SAVINGS: _("Yearly return on savings"),
        IndicatorName.ANNUAL_RETURN_ON_ASSETS: _("Yearly return on assets"),
    }[name]


def _worked_out(figures: Figures) -> tuple[Indicator, ...]:
    return tuple(each for each in indicators(figures) if each.under)


def _value(found: Indicator, currency: str) -> str:
    """The value, rounded for reading only: a tenth of a per cent, or a coin."""
    value = found.value
    if value is None:
        return ""
    if found.unit is Unit.PART:
        return percent(value.quantize(_TENTH))
    money = CURRENCIES.get(currency)
    return amount(value.quantize(money.step if money is not None else _CENT), currency)


def _months_before(today: date) -> date:
    """The first day of the month a year ago."""
    return date(today.year - 1, today.month, 1)
