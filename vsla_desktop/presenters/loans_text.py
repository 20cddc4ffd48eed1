"""A loan in words: what was agreed, how it stands, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from vsla_desktop.domain.assessment import RiskLevel
from vsla_desktop.domain.loans import ChargeMethod, Instalment, PeriodKind
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.i18n import DateStyle, _, format_date, translate_counted
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.loan_history import CHANGE_TAKEN_BACK, LET_OFF, RESCHEDULED
from vsla_desktop.queries.loan_pages import LoanRequest
from vsla_desktop.queries.loans import APPROVED, COMPLETED, LoanState
from vsla_desktop.wording import MoneyText, figure, percent


@dataclass(frozen=True, slots=True)
class Standing:
    """How a loan stands: a word, with its icon and tone."""

    word: str
    icon: str
    tone: Tone = Tone.PLAIN


def standing(loan: LoanState, on: date) -> Standing:
    """Say how a loan that was given stands."""
    if loan.status == COMPLETED:
        return Standing(_("Paid back"), "check-circle", Tone.GOOD)
    if not loan.is_out:
        return Standing(_("Written off"), "close", Tone.MUTED)
    if loan.overdue(on) > 0:
        return Standing(_("Late"), "warning", Tone.WARNING)
    if loan.due(on) > 0:
        return Standing(_("Due today"), "clock", Tone.WARNING)
    return Standing(_("Running"), "loans")


def request_standing(request: LoanRequest) -> Standing:
    """Say how a request stands."""
    if request.is_refused:
        return Standing(_("Refused"), "close", Tone.MUTED)
    if request.status == APPROVED:
        return Standing(_("Approved"), "check", Tone.GOOD)
    return Standing(_("Asked for"), "question")


def instalment_standing(row: Instalment, loan: LoanState, on: date) -> Standing:
    """Say how one instalment stands."""
    if row.is_paid:
        return Standing(_("Paid"), "check", Tone.GOOD)
    if loan.is_out and row.due_date < on:
        return Standing(_("Late"), "warning", Tone.WARNING)
    if row.paid:
        return Standing(_("Part paid"), "minus")
    if row.due_date == on:
        return Standing(_("Due today"), "clock", Tone.WARNING)
    return Standing(_("To come"), "calendar", Tone.MUTED)


def periods_said(count: int, kind: PeriodKind) -> str:
    """Say a number of periods."""
    match kind:
        case PeriodKind.CALENDAR_MONTH:
            return translate_counted("{count} month", "{count} months", count)
        case PeriodKind.FOUR_WEEKS:
            return translate_counted(
                "{count} period of 4 weeks", "{count} periods of 4 weeks", count
            )
        case _:
            return translate_counted(
                "{count} period of 30 days", "{count} periods of 30 days", count
            )


def charge_said(rate: Decimal, method: ChargeMethod) -> str:
    """Say what a loan costs, by its method."""
    if method is ChargeMethod.NONE or not rate:
        return _("No charge.")
    rate_said = percent(rate).replace(" ", "\N{NO-BREAK SPACE}")
    match method:
        case ChargeMethod.ONE_TIME:
            return _("{rate} of the loan, once.", rate=rate_said)
        case ChargeMethod.FLAT_MONTHLY:
            return _("{rate} of the loan, each period.", rate=rate_said)
        case _:
            return _("{rate} of what remains, each period.", rate=rate_said)


def terms_said(rows: Sequence[Instalment], kind: PeriodKind, money: MoneyText) -> str:
    """Say what is agreed in one sentence: the amount also in words, the first payment, the sum."""
    first_day = rows[0].due_date
    principal = sum((row.principal for row in rows), ZERO)
    first = sum((row.total for row in rows if row.due_date == first_day), ZERO)
    said = f"{figure(principal, money.currency)} {money.currency.code}"
    words = money.in_words(principal).removesuffix(f" {money.currency.code}")
    return _(
        "{amount} for {periods}: pay {first} on {day}, {total} in all.",
        amount=f"{said} ({words})" if words else said,
        periods=periods_said(sum(row.principal > 0 for row in rows), kind),
        first=figure(first, money.currency),
        day=format_date(first_day, DateStyle.LONG),
        total=figure(sum((row.total for row in rows), ZERO), money.currency),
    )


def loan_terms_said(loan: LoanState, money: MoneyText) -> str:
    """Say the terms of a loan as they were last agreed, and what it costs."""
    since = loan.changed_on or date.min
    rows = [row for row in loan.instalments if row.due_date > since]
    cost = charge_said(loan.rate, loan.method)
    return f"{terms_said(rows or loan.instalments, loan.period_kind, money)} {cost}"


def move_said(kind: PostingType) -> str:
    """Say what moved of a loan."""
    return {
        PostingType.LOAN_DISBURSEMENT: _("Paid out"),
        PostingType.LOAN_REPAYMENT: _("Payment"),
        PostingType.LOAN_WRITE_OFF: _("Written off"),
        PostingType.OTHER_INCOME: _("Recovered"),
    }.get(kind, _("Entry"))


def change_said(name: str) -> str:
    """Say what a meeting changed of a loan."""
    return {
        RESCHEDULED: _("Other days"),
        LET_OFF: _("Let off"),
        CHANGE_TAKEN_BACK: _("Taken back"),
    }[name]


def risk_said(risk: str) -> str:
    """Say how hard a loan may be to pay back."""
    return {
        RiskLevel.LOW: _("Low risk"),
        RiskLevel.MEDIUM: _("Medium risk"),
        RiskLevel.HIGH: _("High risk"),
    }[RiskLevel(risk)]
