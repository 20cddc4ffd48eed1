"""The loan ledger: each loan with its schedule as it stood on a day, and loans by how late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.domain.ageing import Age
from vsla_desktop.domain.money import ZERO
from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.loan_ledger import LATE, STATUSES, ages, loans_asked, statuses_of
from vsla_desktop.queries.loan_pages import portfolio
from vsla_desktop.queries.loans import ACTIVE, COMPLETED, WRITTEN_OFF
from vsla_desktop.reports.lists import (
    AMOUNTS_ASKED,
    DAYS_ASKED,
    GROUPS_ASKED,
    MEMBERS_ASKED,
    count,
    day,
    list_subject,
    money,
    number_column,
)
from vsla_desktop.reports.report import (
    Chart,
    ChartKind,
    Definition,
    Figure,
    Kind,
    Over,
    Report,
    ReportColumn,
    Series,
)
from vsla_desktop.reports.saying import shown_currency
from vsla_desktop.wording import MoneyText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.loan_ledger import AgeLine, ListedLoan
    from vsla_desktop.queries.loan_pages import Portfolio
    from vsla_desktop.queries.loans import LoanState
    from vsla_desktop.reports.lists import ListSubject
    from vsla_desktop.reports.report import ReportTable, Row

    Listed = Callable[[str], Iterator[ListedLoan]]


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = list_subject(session, wanted, clock)
    on = wanted.on or clock.today()

    def listed(code: str) -> Iterator[ListedLoan]:
        return loans_asked(session, about.wanted, code, on=on)

    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    if not about.is_many:
        (code,) = about.currencies
        loans = tuple(each.loan for each in listed(code))
        figures = _figures(portfolio(loans, on), code)
        charts = (_chart(ages(loans, on), code),)
    tables = (
        *about.tables(
            _("By age"),
            _age_columns(),
            lambda code: ages((each.loan for each in listed(code)), on),
            _age_row,
        ),
        *_loans(about, listed, on),
        *_schedules(about, listed, on),
    )
    return Report(
        "loans",
        _("Loan ledger"),
        about.title,
        _("As of {day}", day=format_date(on)),
        figures=figures,
        tables=tables,
        charts=charts,
        is_landscape=True,
    )


def age_word(age: Age) -> str:
    """Say for how long loans of a class have been late."""
    return {
        Age.ON_TIME: _("On time"),
        Age.FROM_1: _("1 to 30 days late"),
        Age.FROM_31: _("31 to 60 days late"),
        Age.FROM_61: _("61 to 90 days late"),
        Age.FROM_91: _("More than 90 days late"),
    }[age]


def loan_word(loan: LoanState, on: date) -> str:
    """Say how a loan stands on a day."""
    statuses = statuses_of(loan, on)
    words = {
        LATE: _("Late"),
        ACTIVE: _("Running"),
        COMPLETED: _("Paid back"),
        WRITTEN_OFF: _("Written off"),
    }
    return next((word for status, word in words.items() if status in statuses), loan.status)


def _figures(found: Portfolio, code: str) -> tuple[Figure, ...]:
    said = MoneyText(shown_currency(code)).amount
    return (
        Figure(_("Running loans"), found.count, Kind.COUNT),
        Figure(_("Loans outstanding"), found.outstanding, Kind.MONEY, currency=code),
        Figure(_("Late loans"), found.late_count, Kind.COUNT),
        Figure(
            _("Portfolio at risk"),
            found.rate if found.outstanding else None,
            Kind.PERCENT,
            _("unpaid balance of late loans / loans outstanding"),
            f"{said(found.at_risk)} / {said(found.outstanding)}",
        ),
    )


def _chart(lines: tuple[AgeLine, ...], code: str) -> Chart:
    owed = tuple(each.outstanding for each in lines)
    return Chart(
        _("Loans outstanding by age"),
        ChartKind.BAR,
        tuple(age_word(each.age) for each in lines),
        (Series(_("Principal owed"), owed),),
        currency=code,
    )


def _age_columns() -> tuple[ReportColumn, ...]:
    return (
        ReportColumn(_("Age")),
        count(_("Loans")),
        money(_("Principal owed")),
        money(_("Overdue")),
    )


def _age_row(line: AgeLine) -> Row:
    return (age_word(line.age), line.count, line.outstanding, line.overdue)


def _loans(about: ListSubject, listed: Listed, on: date) -> tuple[ReportTable, ...]:
    def row(each: ListedLoan) -> Row:
        loan = each.loan
        return about.row(
            each.group,
            loan.member_number,
            loan.member_name,
            loan.given_on,
            loan.last_due,
            loan.principal,
            loan.rate,
            loan.principal_paid,
            loan.charge_paid + loan.penalty_paid,
            loan.written_off,
            loan.principal_owed if loan.is_out else ZERO,
            loan.overdue(on),
            loan.days_late(on),
            loan_word(loan, on),
        )

    columns = about.columns(
        number_column(),
        ReportColumn(_("Member")),
        day(_("Given on")),
        day(_("Due by")),
        money(_("Lent")),
        ReportColumn(_("Charge"), Kind.PERCENT),
        money(_("Repaid")),
        money(_("Charges paid")),
        money(_("Written off")),
        money(_("Principal owed")),
        money(_("Overdue")),
        count(_("Days late"), has_total=False),
        ReportColumn(_("State")),
    )
    note = _("Charges paid hold penalties as well.")
    return about.tables(_("Loans"), columns, listed, row, note=note)


def _schedules(about: ListSubject, listed: Listed, on: date) -> tuple[ReportTable, ...]:
    def rows(code: str) -> Iterator[Row]:
        for each in listed(code):
            loan = each.loan
            for number, due in enumerate(loan.instalments, start=1):
                yield about.row(
                    each.group,
                    loan.member_number,
                    loan.member_name,
                    loan.given_on,
                    number,
                    due.due_date,
                    due.principal,
                    due.charge,
                    due.paid,
                    due.owed if loan.is_out else ZERO,
                    due.owed if loan.is_out and due.due_date < on else ZERO,
                )

    columns = about.columns(
        number_column(),
        ReportColumn(_("Member")),
        day(_("Given on")),
        count(_("Instalment"), has_total=False),
        day(_("Due on")),
        money(_("Principal")),
        money(_("Charge")),
        money(_("Paid")),
        money(_("Owed")),
        money(_("Overdue")),
    )
    return about.tables(_("Schedule"), columns, rows, lambda row: row)


LOANS = Definition(
    "loans",
    Over.LIST,
    lambda: _("Loan ledger"),
    lambda: _("Each loan with its schedule, and loans by how late they are."),
    GROUPS_ASKED | MEMBERS_ASKED | DAYS_ASKED | AMOUNTS_ASKED | {"on", "statuses"},
    _build,
    STATUSES,
)
