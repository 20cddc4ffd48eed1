"""What the page of funds calls things, and what it says of a difference."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.kinds import ExpenseKind, GrantEvent, IncomeKind
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.i18n import _
from vsla_desktop.wording import figure

if TYPE_CHECKING:
    from vsla_desktop.queries.funds import MoneyLine
    from vsla_desktop.queries.funds_debts import Debt


def event_word(event: GrantEvent) -> str:
    """Say what befell a member."""
    return {
        GrantEvent.DEATH: _("Death"),
        GrantEvent.ILLNESS: _("Illness"),
        GrantEvent.BIRTH: _("Birth"),
        GrantEvent.SCHOOL: _("School"),
        GrantEvent.FIRE: _("Fire or storm"),
        GrantEvent.WEDDING: _("Wedding"),
        GrantEvent.OTHER: _("Other event"),
    }[event]


def expense_word(kind: ExpenseKind) -> str:
    """Say what was paid for."""
    return {
        ExpenseKind.STATIONERY: _("Books and pens"),
        ExpenseKind.TRANSPORT: _("Transport"),
        ExpenseKind.REFRESHMENTS: _("Food and drink"),
        ExpenseKind.BANK_CHARGES: _("Charges of the bank"),
        ExpenseKind.LOAN_CHARGE: _("Charge of a lender"),
        ExpenseKind.PROPERTY: _("Property bought"),
        ExpenseKind.OTHER: _("Other expense"),
    }[kind]


def income_word(kind: IncomeKind) -> str:
    """Say what brought money."""
    return {
        IncomeKind.GIFT: _("Gift"),
        IncomeKind.BANK_INTEREST: _("Interest of the bank"),
        IncomeKind.SALE: _("Something sold"),
        IncomeKind.OTHER: _("Other income"),
    }[kind]


def line_word(line: MoneyLine) -> str:
    """Say of which kind an expense, income or grant is; those without a kind are *other*."""
    if line.kind is PostingType.SOCIAL_GRANT:
        known = {each.value: each for each in GrantEvent}
        return event_word(known.get(line.category, GrantEvent.OTHER))
    if line.kind is PostingType.EXPENSE:
        kinds = {each.value: each for each in ExpenseKind}
        return expense_word(kinds.get(line.category, ExpenseKind.OTHER))
    if line.is_recovery:
        return _("Recovered loan")
    incomes = {each.value: each for each in IncomeKind}
    return income_word(incomes.get(line.category, IncomeKind.OTHER))


def lender_word(debt: Debt) -> str:
    """Say to whom the group owes."""
    if debt.member_id is not None:
        return f"{debt.member_number or ''} {debt.lender}".strip()
    return debt.lender or _("Lender not named")


def difference_said(said: Decimal, book: Decimal, currency: Currency) -> str:
    """Say what the bank has more or less than the book."""
    if said == book:
        return _("The bank and the book agree.")
    amount = figure(abs(said - book), currency)
    if said > book:
        return _("The bank says {amount} more than the book.", amount=amount)
    return _("The bank says {amount} less than the book.", amount=amount)
