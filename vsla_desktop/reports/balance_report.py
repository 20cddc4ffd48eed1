"""The balance sheet of one group at the end of a day: assets = debts + equity."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.advances import advances_owed
from vsla_desktop.queries.balance_sheet import BalanceSheet, balance_sheet
from vsla_desktop.reports.lists import money
from vsla_desktop.reports.report import (
    Definition,
    Figure,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
)
from vsla_desktop.reports.saying import shown_currency
from vsla_desktop.reports.subject import group_subject
from vsla_desktop.wording import MoneyText

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.reports.subject import GroupSubject


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = group_subject(session, wanted, clock)
    sheet = balance_sheet(session, about.group_id, about.on)
    advances = sum(advances_owed(session, about.group_id).values(), Decimal(0))
    notes: tuple[str, ...] = (_("Property that was valued anew since stands at its cost."),)
    if advances:
        said = MoneyText(shown_currency(about.currency)).with_code(advances)
        notes += (_("Members owe the social fund {amount}, not counted here.", amount=said),)
    return Report(
        "balance-sheet",
        _("Balance sheet"),
        about.name,
        _("On {day}", day=format_date(about.on)),
        figures=_figures(sheet, about),
        tables=(_assets(sheet, about), _debts(sheet, about), _equity(sheet, about)),
        notes=notes,
        signatures=(_("Chairperson"), _("Secretary"), _("Treasurer")),
    )


def _figures(sheet: BalanceSheet, about: GroupSubject) -> tuple[Figure, ...]:
    found, said = sheet.figures, MoneyText(shown_currency(about.currency)).amount
    counts = (
        found.loan_fund_cash,
        found.loans_value,
        found.property_now,
        found.savings,
        found.property_at_start,
        found.debts,
    )
    cash, lent, owned, saved, at_start, debts = map(said, counts)
    return (
        Figure(
            _("Assets"),
            found.assets,
            Kind.MONEY,
            _("loan-fund cash + loans outstanding + other funds + property"),
            f"{cash} + {lent} + {said(found.other_funds)} + {owned}",
            about.currency,
        ),
        Figure(
            _("Debts and equity"),
            found.debts + found.equity,
            Kind.MONEY,
            _("debts + equity"),
            f"{debts} + {said(found.equity)}",
            about.currency,
        ),
        Figure(
            _("Profit"),
            found.profit,
            Kind.MONEY,
            _("loan-fund cash + loans + property - savings - property at start - debts"),
            f"{cash} + {lent} + {owned} - {saved} - {at_start} - {debts}",
            about.currency,
        ),
    )


def _assets(sheet: BalanceSheet, about: GroupSubject) -> ReportTable:
    found, words = sheet.figures, about.words
    rows = (
        (_("{fund}, in box and bank", fund=words.fund(Fund.LOAN_FUND)), found.loan_fund_cash),
        (_("Loans outstanding, without charges"), found.loans_value),
        *(
            (words.fund(fund), sheet.purses.of(fund))
            for fund in Fund
            if fund is not Fund.LOAN_FUND and (sheet.purses.of(fund) or fund is Fund.SOCIAL)
        ),
        (_("Property"), found.property_now),
    )
    note = _("At the bank, all purses: {amount}.", amount=_said(sheet.purses.bank, about))
    return _table(_("Assets"), rows, about, note)


def _debts(sheet: BalanceSheet, about: GroupSubject) -> ReportTable:
    rows = (
        (_("Owed to lenders"), sheet.owed_to_lenders),
        (_("Owed to members who left"), sheet.owed_to_leavers),
    )
    return _table(_("Debts"), rows, about)


def _equity(sheet: BalanceSheet, about: GroupSubject) -> ReportTable:
    found = sheet.figures
    rows = (
        (_("Savings in the loan fund"), found.savings),
        (_("Property at the start of the cycle"), found.property_at_start),
        (_("Profit so far"), found.profit),
        (_("Other funds"), found.other_funds),
    )
    return _table(_("Equity"), rows, about)


def _table(
    title: str, rows: tuple[tuple[str, Decimal], ...], about: GroupSubject, note: str = ""
) -> ReportTable:
    columns = (ReportColumn(title), money(_("Amount")))
    return ReportTable(title, columns, rows, about.currency, note)


def _said(amount: Decimal, about: GroupSubject) -> str:
    return MoneyText(shown_currency(about.currency)).with_code(amount)


BALANCE_SHEET = Definition(
    "balance-sheet",
    Over.GROUP,
    lambda: _("Balance sheet"),
    lambda: _("What the group has, owes and owns, on a day."),
    frozenset({"group_ids", "on"}),
    _build,
)
