"""What the page of funds calls things, and what it says of a difference."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.i18n import _
from vsla_desktop.wording import category_word, figure

if TYPE_CHECKING:
    from vsla_desktop.queries.funds import MoneyLine
    from vsla_desktop.queries.funds_debts import Debt


def line_word(line: MoneyLine) -> str:
    """Say of which kind an expense, income or grant is; those without a kind are *other*."""
    return category_word(line.kind, line.category, is_recovery=line.is_recovery)


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
