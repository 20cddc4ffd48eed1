"""The parts of the page of funds: what can be looked at in each, and the totals in sight."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.funds_group import (
    bank_table,
    debts_table,
    kinds_table,
    money_table,
    property_table,
    statements_table,
)
from vsla_desktop.presenters.funds_members import (
    advances_table,
    dues_table,
    fines_table,
    flow_table,
    grants_table,
    tariff_table,
)
from vsla_desktop.presenters.funds_table import Said, Tab, Table
from vsla_desktop.presenters.funds_text import difference_said, lender_word

if TYPE_CHECKING:
    from vsla_desktop.domain.currencies import Currency
    from vsla_desktop.presenters.funds_reading import FundsRead


def tab_word(tab: Tab, read: FundsRead | None) -> str:
    """Say what a part is about; the social fund by the group's own word."""
    return {
        Tab.FINES: _("Fines"),
        Tab.SOCIAL: read.words.fund(Fund.SOCIAL) if read is not None else _("Social fund"),
        Tab.MONEY: _("Expenses and income"),
        Tab.BANK: _("Bank"),
        Tab.DEBTS: _("Loans from outside"),
        Tab.PROPERTY: _("Property"),
    }[tab]


def views(tab: Tab) -> tuple[Choice, ...]:
    """What can be looked at in a part; the first is shown at first."""
    return {
        Tab.FINES: (
            Choice("OWED", _("Unpaid fines")),
            Choice("PAID", _("Paid fines")),
            Choice("WAIVED", _("Fines let off")),
            Choice("ALL", _("All fines")),
            Choice("TARIFF", _("Tariff")),
        ),
        Tab.SOCIAL: (
            Choice("DUES", _("Contributions")),
            Choice("GRANTS", _("Grants")),
            Choice("ADVANCES", _("Advances")),
            Choice("FLOW", _("What came and went")),
        ),
        Tab.MONEY: (
            Choice("ALL", _("All entries")),
            Choice("KINDS", _("By kind")),
        ),
        Tab.BANK: (
            Choice("LINES", _("To the bank and back")),
            Choice("STATEMENTS", _("Bank statements")),
        ),
        Tab.DEBTS: (
            Choice("OWED", _("Still owed")),
            Choice("ALL", _("All debts")),
        ),
        Tab.PROPERTY: (
            Choice("OWNED", _("What the group owns")),
            Choice("ALL", _("Also what is gone")),
        ),
    }[tab]


def table(tab: Tab, view: str, read: FundsRead, said: Said, code: str) -> Table:
    """Return the list of a part."""
    make = {
        (Tab.FINES, "TARIFF"): tariff_table,
        (Tab.SOCIAL, "DUES"): dues_table,
        (Tab.SOCIAL, "GRANTS"): grants_table,
        (Tab.SOCIAL, "ADVANCES"): advances_table,
        (Tab.SOCIAL, "FLOW"): flow_table,
        (Tab.MONEY, "ALL"): money_table,
        (Tab.MONEY, "KINDS"): kinds_table,
        (Tab.BANK, "LINES"): bank_table,
        (Tab.BANK, "STATEMENTS"): statements_table,
    }.get((tab, view))
    if make is not None:
        return make(read, said, code)
    rest = {Tab.FINES: fines_table, Tab.DEBTS: debts_table, Tab.PROPERTY: property_table}[tab]
    return rest(read, view, said, code)


def totals(tab: Tab, read: FundsRead, said: Said) -> tuple[tuple[str, str], ...]:
    """Return the figures of a part that always stay in sight, whatever is looked at."""
    return tuple((title, said(amount)) for title, amount in _totals(tab, read))


def _totals(tab: Tab, read: FundsRead) -> list[tuple[str, Decimal]]:
    words, fines = read.words, read.fines
    match tab:
        case Tab.FINES:
            return [
                (_("Charged"), _sum(each.amount for each in fines)),
                (_("Paid"), _sum(each.paid for each in fines)),
                (_("Let off"), _sum(each.waived for each in fines)),
                (_("Owed"), _sum(each.owed for each in fines)),
                *(
                    (
                        _("Paid into: {fund}", fund=words.fund(fund)),
                        _sum(each.paid for each in fines if each.fund is fund),
                    )
                    for fund in (Fund.LOAN_FUND, Fund.SOCIAL)
                ),
            ]
        case Tab.SOCIAL:
            flow = read.social_flow.values()
            now = read.balances.social
            came, went = _sum(each for each in flow if each > 0), _sum(e for e in flow if e < 0)
            return [
                (_("Before this cycle"), now - came - went),
                (_("In"), came),
                (_("Out"), -went),
                (_("Holds now"), now),
                (_("Missing"), _sum(each.owed for each in read.dues)),
                (_("Advances owed"), _sum(each.owed for each in read.advances)),
            ]
        case Tab.MONEY:
            income = _sum(x.effect for x in read.money if x.kind is PostingType.OTHER_INCOME)
            spent = -_sum(x.effect for x in read.money if x.kind is PostingType.EXPENSE)
            return [
                (_("Income"), income),
                (_("Expenses"), spent),
                (_("Left over"), income - spent),
            ]
        case Tab.BANK:
            purses = [
                (_("{fund}, at the bank", fund=words.fund(fund)), read.at_bank.get(fund, ZERO))
                for fund in Fund
                if fund in {Fund.LOAN_FUND, Fund.SOCIAL} or read.at_bank.get(fund)
            ]
            return [
                *purses,
                (_("All at the bank"), read.balances.bank),
                (_("Box"), read.balances.box),
            ]
        case Tab.DEBTS:
            lenders = _sum(each.owed for each in read.debts if each.member_id is None)
            left = _sum(each.owed for each in read.debts if each.member_id is not None)
            return [
                (_("Owed to lenders"), lenders),
                (_("Owed to members who left"), left),
                (_("Together"), lenders + left),
                (_("Charge owed"), _sum(each.charge_owed for each in read.debts)),
            ]
        case Tab.PROPERTY:
            now = _sum(each.value for each in read.items if each.is_owned)
            return [
                (_("At the start of the cycle"), read.property_at_start),
                (_("Worth now"), now),
                (_("Gain or loss"), now - read.property_at_start),
            ]


def warning(tab: Tab, read: FundsRead, currency: Currency) -> str:
    """Say what is late in a part, by name, or what the bank said last; empty if all is well."""
    names: list[str] = []
    if tab is Tab.SOCIAL:
        names = [each.name for each in read.advances if each.is_overdue(read.day)]
    elif tab is Tab.DEBTS:
        names = [lender_word(each) for each in read.debts if each.is_overdue(read.day)]
    elif tab is Tab.BANK and read.statements and read.statements[-1].difference:
        last = read.statements[-1]
        return difference_said(last.said, last.book, currency)
    return _("Late: {names}", names=", ".join(dict.fromkeys(names))) if names else ""


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
