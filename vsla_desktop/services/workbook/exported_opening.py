"""How a group stood before the first meeting of the book that goes out."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund

if TYPE_CHECKING:
    from vsla_desktop.queries.lines import LedgerLine


@dataclass(slots=True)
class Opening:
    """How the group stood before its first meeting: what members brought, and the funds."""

    day: date | None = None
    shares: Counter[int] = field(default_factory=Counter)
    loans: dict[int, dict[str, Any]] = field(default_factory=dict)
    social_dues: dict[int, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    debts: Decimal = ZERO
    funds: dict[Fund, Decimal] = field(default_factory=dict)

    def hold(self, line: LedgerLine) -> None:
        """Count a line into what the box held."""
        self.funds[line.fund] = self.funds.get(line.fund, ZERO) + line.effect

    def earnings(self, share_value: Decimal) -> Decimal:
        """Return what the loan fund had earned: what it had beyond savings and debts."""
        lent = sum((loan["opening_loan"] for loan in self.loans.values()), ZERO)
        claimed = sum(self.shares.values()) * share_value + self.debts
        return self.funds.get(Fund.LOAN_FUND, ZERO) + lent - claimed
