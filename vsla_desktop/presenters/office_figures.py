"""The indicators of a place, and how its groups stood month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from typing_extensions import override

from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.domain.indicators import Figures, Indicator, IndicatorName, Unit, indicators
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.office import Office
from vsla_desktop.presenters.office_table import Fact, Narrowing, OfficeTable
from vsla_desktop.presenters.office_words import amount
from vsla_desktop.wording import percent, whole

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.trends import MonthOfMany

from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.office_programme import Scope
from vsla_desktop.reports.report import Chart, ChartKind, Series
from vsla_desktop.reports.trends import day_words

_TENTH, _CENT = Decimal("0.001"), Decimal("0.01")
_LEAST_OF_A_LINE: Final = 2


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """An indicator of the groups of one currency."""

    currency: str
    indicator: Indicator
    groups_count: int


class _Currency(Protocol):
    @property
    def currency(self) -> str:
        """The currency of a row."""


C = TypeVar("C", bound=_Currency)


class FiguresPresenter(OfficeTable[C]):
    """Figures of the place that the scope is at, in one currency at a time."""

    def __init__(self, office: Office, scope: Scope) -> None:
        super().__init__(office)
        self.scope = scope
        self.found: tuple[C, ...] = ()
        self.currency = ""
        scope.moved.listen(self._moved)

    def _moved(self) -> None:
        """What is shown is of another place; it is read when it is looked at again."""
        self.is_read, self.rows, self.found = False, (), ()
        self.changed()

    @override
    def show(self, rows: tuple[C, ...]) -> None:
        self.found = rows
        known = self.currencies()
        if self.currency not in known:
            self.currency = known[0] if known else ""
        super().show(tuple(each for each in rows if each.currency == self.currency))

    def currencies(self) -> tuple[str, ...]:
        """The currencies that there are figures in."""
        return tuple(dict.fromkeys(each.currency for each in self.found))

    @override
    def narrowings(self) -> tuple[Narrowing, ...]:
        choices = tuple(Choice(each, each) for each in self.currencies())
        return (Narrowing("currency", _("Currency"), choices),)

    @override
    def narrowed_by(self, key: str) -> str:
        return self.currency

    @override
    def narrow(self, key: str, value: str) -> None:
        if value != self.currency:
            self.currency, self.place = value, -1
            self.show(self.found)

    @override
    def counted(self) -> str:
        return self.scope.words()


class IndicatorsPresenter(FiguresPresenter[IndicatorLine]):
    """The indicators of a place today: sums divided by sums, each with what it came from."""

    icon = "reports"

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
            Cell(_value(found, row.currency)),
            Cell(_(found.formula)),
            Cell(amount(found.over, row.currency)),
            Cell(amount(found.under, row.currency)),
        )

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


class MonthsPresenter(FiguresPresenter["MonthOfMany"]):
    """How the groups of a place stood at the end of each month, from what is kept at closings."""

    icon = "calendar"

    @override
    def read(self, session: Session) -> tuple[MonthOfMany, ...]:
        from vsla_desktop.queries.trends import months_of_many

        today = self.office.clock.today()
        found = months_of_many(session, self.scope.wanted, _months_before(today), today)
        return tuple(sorted(found, key=lambda month: (month.day, month.groups), reverse=True))

    @override
    def chart(self) -> Chart | None:
        """Savings and loans over the months, from the earliest on."""
        months = self.rows[::-1]
        if len(months) < _LEAST_OF_A_LINE:
            return None
        return Chart(
            _("Savings and loans"),
            ChartKind.LINE,
            day_words([each.day for each in months]),
            (
                Series(_("Savings"), tuple(each.savings for each in months)),
                Series(_("Loans out"), tuple(each.loans for each in months)),
            ),
            currency=self.currency,
        )

    @override
    def columns(self) -> Sequence[Column]:
        return (
            Column("day", _("Until"), width=14),
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
            Cell(whole(row.groups)),
            Cell(whole(row.members)),
            *(Cell(amount(each, row.currency)) for each in (row.savings, row.loans, row.fines)),
        )

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
