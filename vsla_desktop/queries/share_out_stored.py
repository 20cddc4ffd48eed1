"""A share-out as the cycle keeps it: plain values beside the lines, which are rows."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import ProfitRule, SocialFundRule
from vsla_desktop.domain.share_out import Holdings, PayoutRules, ShareOut, ShareOutLine


def plan_to_json(plan: ShareOut, numbers: dict[int, str]) -> dict[str, Any]:
    """Return a share-out as plain values; lines are kept as rows, but for what is exact in them."""
    rules, holdings = plan.rules, plan.holdings
    return {
        "unit": str(rules.unit),
        "profit_rule": rules.profit_rule.value,
        "savings_percentage": rules.savings_percentage,
        "social_rule": rules.social_rule.value,
        "remainder_fund": rules.remainder_fund.value,
        "cash": str(holdings.cash),
        "social": str(holdings.social),
        "debts": str(holdings.debts),
        "other_savings": str(holdings.other_savings),
        "reserve": str(holdings.reserve),
        "total_shares": plan.total_shares,
        "total_savings": str(plan.total_savings),
        "loan_pool": str(plan.loan_pool),
        "social_pool": str(plan.social_pool),
        "value": str(plan.value),
        "remainder": str(plan.remainder),
        "social_remainder": str(plan.social_remainder),
        "exact": {numbers[line.member_id]: str(line.exact) for line in plan.lines},
    }


def plan_from_json(stored: Any, lines: tuple[ShareOutLine, ...]) -> ShareOut:
    """Return the share-out that :func:`plan_to_json` and its rows keep."""
    return ShareOut(
        lines=lines,
        holdings=Holdings(
            cash=Decimal(stored["cash"]),
            social=Decimal(stored["social"]),
            debts=Decimal(stored["debts"]),
            other_savings=Decimal(stored.get("other_savings", "0")),
            reserve=Decimal(stored["reserve"]),
        ),
        rules=PayoutRules(
            unit=Decimal(stored["unit"]),
            profit_rule=ProfitRule(stored["profit_rule"]),
            savings_percentage=stored["savings_percentage"],
            social_rule=SocialFundRule(stored["social_rule"]),
            remainder_fund=Fund(stored["remainder_fund"]),
        ),
        total_shares=stored["total_shares"],
        total_savings=Decimal(stored["total_savings"]),
        loan_pool=Decimal(stored["loan_pool"]),
        social_pool=Decimal(stored["social_pool"]),
        value=Fraction(stored["value"]),
        remainder=Decimal(stored["remainder"]),
        social_remainder=Decimal(stored["social_remainder"]),
    )
