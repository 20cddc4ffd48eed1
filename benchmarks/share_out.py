"""A share-out of thirty members by every profit rule, computed and proven.

Against the least that an exact share-out could cost: summing thirty fractions once.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from benchmarks.measure import Measure, measured
from vsla_desktop.domain.rules import ProfitRule, SocialFundRule
from vsla_desktop.domain.share_out import Holdings, PayoutRules, Stake, share_out

BAR = 50.0
MEMBERS = 30
ROUNDS = 60

STAKES = [
    Stake(
        member_id=number,
        shares=(shares := 20 + number * 7 % 31),
        savings=Decimal(2000 * shares),
        charges_paid=Decimal(number * 1375),
        fines_paid=Decimal(number % 4 * 500),
        debts=Decimal(number % 3 // 2 * 41_350),
        social_paid=Decimal(500 * number),
    )
    for number in range(1, MEMBERS + 1)
]
HOLDINGS = Holdings(
    cash=Decimal(2_345_650), social=Decimal(211_300), debts=Decimal(60_000), reserve=Decimal(9_000)
)
RULES = [
    PayoutRules(
        unit=Decimal(50),
        profit_rule=rule,
        savings_percentage=60,
        social_rule=SocialFundRule.REFUND,
    )
    for rule in ProfitRule
]


def run() -> list[Measure]:
    """Measure all rules and the sum in one run, taking turns, and compare the medians."""
    parts = [line.exact for line in share_out(STAKES, HOLDINGS, RULES[0]).lines]
    ours, theirs = [], []
    for _round in range(ROUNDS):
        ours.append(_seconds(_by_every_rule))
        theirs.append(_seconds(lambda: sum(parts, Fraction(0))))
    name = "share-out of 30 members by all four rules, computed and proven"
    return [
        measured(
            name,
            statistics.median(ours) * 1000,
            statistics.median(theirs) * 1000,
            at_most=BAR,
            unit="ms",
        )
    ]


def _by_every_rule() -> None:
    for rules in RULES:
        share_out(STAKES, HOLDINGS, rules)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
