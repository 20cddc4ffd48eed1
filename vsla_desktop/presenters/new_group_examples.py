"""A new group's rules worked out with its own figures, as its members would check them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from vsla_desktop.domain.assessment import RiskLevel, loan_ceiling
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind, due_date, schedule
from vsla_desktop.domain.shares import shares_value
from vsla_desktop.i18n import DateStyle, _, format_date
from vsla_desktop.presenters.form import Form
from vsla_desktop.wording import figure, percent

SAMPLE_SAVINGS_SHARES: Final = 10
SAMPLE_LOAN_SHARES: Final = 30
SAMPLE_PERIODS: Final = 3


class RuleExamples:
    """Examples for the fields of a form that hold rules."""

    def __init__(self, form: Form, currency: Currency) -> None:
        self._form = form
        self._currency = currency

    def about(self, key: str, today: date) -> str:
        """Work a rule out; raise :class:`RuleBroken` while a field it needs means nothing."""
        value = self._form.value
        money = self._money
        match key:
            case "share_value" | "max_shares":
                each, most = value("share_value"), value("max_shares")
                if key == "share_value":
                    return _("3 shares: {amount}", amount=money(shares_value(3, each)))
                return _("A member saves up to {amount}.", amount=money(shares_value(most, each)))
            case "social_fund":
                amount = value("social_fund")
                return _("20 members give {amount}.", amount=money(20 * amount)) if amount else ""
            case "loan_multiple":
                saved = shares_value(SAMPLE_SAVINGS_SHARES, value("share_value"))
                most = loan_ceiling(
                    saved, RiskLevel.LOW, value("loan_multiple"), self._currency.step
                )
                return _(
                    "Savings of {saved}: a loan up to {loan}.", saved=money(saved), loan=money(most)
                )
            case "loan_periods" | "loan_period":
                if key == "loan_period":
                    return ""
                kind = PeriodKind(value("loan_period"))
                last = due_date(today, value("loan_periods"), kind)
                return _(
                    "A loan of today falls due by {day}.", day=format_date(last, DateStyle.SHORT)
                )
            case "loan_rate" | "loan_method":
                return self._charge(today) if key == "loan_method" else ""
        return ""

    def _charge(self, today: date) -> str:
        rate, method = self._form.value("loan_rate"), ChargeMethod(self._form.value("loan_method"))
        share = self._form.value("share_value")
        principal = shares_value(SAMPLE_LOAN_SHARES, share)
        rows = schedule(
            principal,
            rate,
            SAMPLE_PERIODS,
            method=method,
            period_kind=PeriodKind(self._form.value("loan_period")),
            start=today,
            unit=self._currency.step,
        )
        charge = sum((row.charge for row in rows), Decimal(0))
        return _(
            "{rate} on {principal} for {count} periods: {charge}",
            rate=percent(rate),
            principal=self._money(principal),
            count=SAMPLE_PERIODS,
            charge=self._money(charge),
        )

    def _money(self, amount: Decimal) -> str:
        return figure(amount, self._currency)
