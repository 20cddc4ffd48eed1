"""The share-out against an independent computation, rule by rule, and the worked examples."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.notes import notes_needed, pieces
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import ProfitRule, SocialFundRule
from vsla_desktop.domain.share_out import (
    Due,
    Holdings,
    PayoutRules,
    ShareOut,
    Stake,
    entitlements,
    share_out,
)
from vsla_desktop.errors import RuleBroken

UNITS = (Decimal("0.01"), *map(Decimal, (1, 5, 10, 50, 100, 500)))
ONE = PayoutRules(unit=Decimal(1))


def stake(member_id: int, shares: int, value: int = 100, **more: Any) -> Stake:
    return Stake(member_id=member_id, shares=shares, savings=Decimal(shares * value), **more)


# ---------------------------------------------------------------- an independent computation


class Plain:
    """The same share-out worked out from the words of the rules, in fractions, one by one."""

    def __init__(self, stakes: list[Stake], holdings: Holdings, rules: PayoutRules) -> None:
        self.stakes, self.rules = stakes, rules
        self.free = Fraction(holdings.cash) - Fraction(holdings.debts) - Fraction(holdings.reserve)
        self.free -= Fraction(holdings.other_savings)
        self.social_cash = Fraction(holdings.social)
        self.paid_debts = [
            Fraction(each.debts) + sum(Fraction(due.amount) for due in each.dues) for each in stakes
        ]
        while not self.lower_one():
            pass
        self.social_pool, self.social = self.social_now()
        self.pool = self.pool_now()
        self.exact = [self.loan_part(each, self.pool) for each in stakes]
        self.loan = [self.down(each) for each in self.exact]
        self.payout = [
            a + b - c for a, b, c in zip(self.loan, self.social, self.paid_debts, strict=True)
        ]
        self.remainder = self.pool - sum(self.loan)

    def lower_one(self) -> bool:
        """Lower the first debt that is too large; say whether there is none any more."""
        for place, each in enumerate(self.stakes):
            mutual = self.social_now()[1][place]
            most = self.down(self.loan_part(each, self.pool_now())) + mutual
            if self.paid_debts[place] > most:
                self.paid_debts[place] = most
                return False
        return True

    def for_social(self) -> Fraction:
        """What is paid of dues to the social fund, loans and earlier dues first."""
        found = Fraction(0)
        for each, paid in zip(self.stakes, self.paid_debts, strict=True):
            before = Fraction(each.debts)
            for due in each.dues:
                if due.fund is Fund.SOCIAL:
                    found += min(max(paid - before, Fraction(0)), Fraction(due.amount))
                before += Fraction(due.amount)
        return found

    def pool_now(self) -> Fraction:
        return self.free + sum(self.paid_debts) - self.for_social()

    def social_now(self) -> tuple[Fraction, list[Fraction]]:
        return self.social_parts(self.social_cash + self.for_social())

    def down(self, amount: Fraction) -> Fraction:
        unit = Fraction(self.rules.unit)
        return Fraction(amount // unit) * unit

    def loan_part(self, of: Stake, pool: Fraction) -> Fraction:
        if not of.shares:
            return Fraction(0)
        holders = [each for each in self.stakes if each.shares]
        part = Fraction(of.shares, sum(each.shares for each in holders))
        saved = sum(Fraction(each.savings) for each in holders)
        profit = pool - saved
        rule = self.rules.profit_rule
        if rule is ProfitRule.PRO_RATA or profit <= 0:
            return pool * part
        mine = Fraction(of.savings)
        if rule is ProfitRule.EQUAL:
            return mine + profit / len(holders)
        charges = sum(Fraction(each.charges_paid) for each in holders)
        if rule is ProfitRule.MIXED:
            percent = Fraction(self.rules.savings_percentage, 100) if charges else Fraction(1)
            by_loans = Fraction(of.charges_paid) / charges if charges else Fraction(0)
            return mine + profit * (percent * part + (1 - percent) * by_loans)
        if profit < charges:
            return mine + profit * Fraction(of.charges_paid) / charges
        left = profit - charges
        paid = sum((Fraction(each.fines_paid) for each in self.stakes), Fraction(0))
        fines = min(left, paid)
        return mine + Fraction(of.charges_paid) + fines / len(holders) + (left - fines) * part

    def social_parts(self, cash: Fraction) -> tuple[Fraction, list[Fraction]]:
        inside = [each for each in self.stakes if each.shares_social]
        if self.rules.social_rule is SocialFundRule.KEEP or not inside:
            return Fraction(0), [Fraction(0)] * len(self.stakes)
        if self.rules.social_rule is SocialFundRule.SPLIT_EQUALLY:
            equal = {each.member_id: cash / len(inside) for each in inside}
            return cash, [self.down(equal.get(e.member_id, Fraction(0))) for e in self.stakes]
        given = sum((Fraction(each.social_paid) for each in inside), Fraction(0))
        rate = min(Fraction(1), cash / given) if given else Fraction(0)
        mine = [Fraction(e.social_paid) * rate * int(e.shares_social) for e in self.stakes]
        return given * rate, [self.down(each) for each in mine]


def check(stakes: list[Stake], holdings: Holdings, rules: PayoutRules) -> ShareOut:
    """Compare every figure with the independent computation; return the share-out."""
    made, plain = share_out(stakes, holdings, rules), Plain(stakes, holdings, rules)
    assert [line.exact for line in made.lines] == plain.exact
    assert [line.from_loan_fund for line in made.lines] == plain.loan
    assert [line.social for line in made.lines] == plain.social
    assert [line.set_off for line in made.lines] == plain.paid_debts
    assert [line.payout for line in made.lines] == plain.payout
    assert made.loan_pool == plain.pool
    assert made.social_pool == plain.social_pool
    assert made.remainder == plain.remainder
    # What must always hold, from the lines alone.
    assert (
        sum(line.payout + line.set_off for line in made.lines)
        + made.remainder
        + (made.social_remainder)
        == made.pool
    )
    assert made.value * made.total_shares == Fraction(made.loan_pool)
    assert made.proof.holds
    for line, of in zip(made.lines, stakes, strict=True):
        assert line.payout >= 0
        assert line.set_off + line.written_off == line.debts
        assert line.written_off == max(of.debts - line.set_off, ZERO)
        assert line.set_off <= of.owed
        assert 0 <= line.exact - Fraction(line.from_loan_fund) < Fraction(rules.unit)
        assert not line.from_loan_fund % rules.unit
        assert not line.social % rules.unit
        if line.set_off < of.owed:
            assert line.payout == 0
        if not of.shares:
            assert line.from_loan_fund == 0
    # What stays in the box is what was kept back and what rounding left.
    kept = holdings.debts + holdings.other_savings + holdings.reserve + made.remainder
    came = holdings.cash + made.into_loan_fund
    assert came - sum(line.from_loan_fund for line in made.lines) == kept
    if not any(of.dues for of in stakes):
        assert made.set_off == made.into_loan_fund
    return made


# ---------------------------------------------------------------- worked examples


def test_the_example_of_the_rules() -> None:
    stakes = [stake(1, 45, 5), stake(2, 855, 5)]
    made = check(stakes, Holdings(cash=Decimal(5400)), ONE)
    assert made.profit == 900
    assert made.value == 6
    assert made.lines[0].payout == 270
    assert made.remainder == 0


def test_the_example_with_a_loan_set_off() -> None:
    stakes = [stake(1, 10, 8000, debts=Decimal(60_000)), stake(2, 90, 8000)]
    made = check(stakes, Holdings(cash=Decimal(900_000)), ONE)
    assert made.pool == 960_000
    assert made.value == 9600
    assert [line.payout for line in made.lines] == [36_000, 864_000]
    assert made.payouts == 900_000
    assert made.set_off == 60_000


def test_a_charge_not_collected_is_no_pool_and_a_fine_paid_is() -> None:
    # Two members, 1,000 each; a fine of 50 is in the cash. Only the first owes, 100 + 10.
    stakes = [stake(1, 10, debts=Decimal(110), fines_paid=Decimal(50)), stake(2, 10)]
    made = check(stakes, Holdings(cash=Decimal(1950)), ONE)
    assert made.pool == 2060
    # The same with a debt that nobody can pay: the pool is what is there.
    ruined = replace(stakes[0], debts=Decimal(1_000_000))
    made = check([ruined, stakes[1]], Holdings(cash=Decimal(1950)), ONE)
    assert made.lines[0].payout == 0
    assert made.lines[1].payout + made.remainder == 1950
    assert made.written_off == 1_000_000 - made.lines[0].set_off


def test_debts_beyond_means_are_written_off_to_the_fixed_point() -> None:
    # 3 shares of 4 owe 900: pool 1,000 = 750 for them; 850, 637; 737, 552 ... until it holds.
    stakes = [stake(1, 3, debts=Decimal(900)), stake(2, 1)]
    made = check(stakes, Holdings(cash=Decimal(100)), ONE)
    off = made.lines[0].set_off
    assert off == 3 * (100 + off) // 4
    # No larger amount would hold: it is the least that can be written off.
    assert all(more > 3 * (100 + more) // 4 for more in range(int(off) + 1, 901))
    assert made.lines[1].payout == (100 + off) // 4


def test_fines_and_advances_are_set_off_after_loans_as_far_as_they_reach() -> None:
    fine, advance = Due(Fund.LOAN_FUND, Decimal(50)), Due(Fund.SOCIAL, Decimal(40))
    stakes = [stake(1, 10, debts=Decimal(60), dues=(fine, advance)), stake(2, 10)]
    made = check(stakes, Holdings(cash=Decimal(1890), social=Decimal(160)), ONE)
    # The loan and the fine are in the pool; the advance goes to the social fund, which is kept.
    assert made.loan_pool == 1890 + 110
    assert made.social_pool == 0
    assert [line.payout for line in made.lines] == [1000 - 150, 1000]
    assert made.written_off == 0
    # Where the social fund is shared out, what comes back to it is.
    split = replace(ONE, social_rule=SocialFundRule.SPLIT_EQUALLY)
    made = check(stakes, Holdings(cash=Decimal(1890), social=Decimal(160)), split)
    assert [line.social for line in made.lines] == [100, 100]
    # What they do not reach stays owed, and only loans are written off.
    poor = [replace(stakes[0], debts=Decimal(970)), stakes[1]]
    made = check(poor, Holdings(cash=Decimal(1000)), ONE)
    assert made.lines[0].set_off == made.lines[0].debts == 970 + 30
    assert made.lines[1].payout == 1000
    assert made.written_off == 0


def test_equal_gives_each_saver_the_same_profit() -> None:
    rules = replace(ONE, profit_rule=ProfitRule.EQUAL)
    made = check([stake(1, 1), stake(2, 9), stake(3, 0)], Holdings(cash=Decimal(1100)), rules)
    assert [line.profit for line in made.lines] == [50, 50, 0]
    assert made.lines[2].payout == 0


def test_interest_returns_to_who_paid_it() -> None:
    rules = replace(ONE, profit_rule=ProfitRule.RETURN_INTEREST)
    stakes = [
        stake(1, 5, charges_paid=Decimal(70)),
        stake(2, 5, fines_paid=Decimal(20), charges_paid=Decimal(10)),
    ]
    made = check(stakes, Holdings(cash=Decimal(1000 + 80 + 20 + 30)), rules)
    assert [line.profit for line in made.lines] == [70 + 10 + 15, 10 + 10 + 15]
    # What was spent of it can not come back: charges first, then fines.
    made = check(stakes, Holdings(cash=Decimal(1000 + 40)), rules)
    assert [line.profit for line in made.lines] == [35, 5]


def test_mixed_goes_by_savings_and_by_borrowing() -> None:
    rules = replace(ONE, profit_rule=ProfitRule.MIXED, savings_percentage=60)
    stakes = [stake(1, 5), stake(2, 5, charges_paid=Decimal(100))]
    made = check(stakes, Holdings(cash=Decimal(1100)), rules)
    assert [line.profit for line in made.lines] == [30, 70]
    nobody_borrowed = [stake(1, 5), stake(2, 5)]
    made = check(nobody_borrowed, Holdings(cash=Decimal(1100)), rules)
    assert [line.profit for line in made.lines] == [50, 50]


@pytest.mark.parametrize("rule", ProfitRule)
def test_a_loss_is_borne_by_savings(rule: ProfitRule) -> None:
    rules = replace(ONE, profit_rule=rule, savings_percentage=50)
    stakes = [stake(1, 2, charges_paid=Decimal(9)), stake(2, 8)]
    made = check(stakes, Holdings(cash=Decimal(900)), rules)
    assert [line.payout for line in made.lines] == [180, 720]
    assert [line.profit for line in made.lines] == [-20, -80]
    made = check(stakes, Holdings(cash=ZERO), rules)
    assert made.payouts == 0


def test_the_social_fund_is_kept_split_or_refunded() -> None:
    stakes = [
        stake(1, 5, social_paid=Decimal(300)),
        stake(2, 0, social_paid=Decimal(100)),
        replace(stake(3, 5), shares_social=False),
    ]
    holdings = Holdings(cash=Decimal(1000), social=Decimal(101))
    kept = check(stakes, holdings, ONE)
    assert kept.social_pool == 0
    assert kept.pool == 1000
    split = check(stakes, holdings, replace(ONE, social_rule=SocialFundRule.SPLIT_EQUALLY))
    assert [line.social for line in split.lines] == [50, 50, 0]
    assert split.social_remainder == 1
    refund = replace(ONE, social_rule=SocialFundRule.REFUND)
    scarce = check(stakes, holdings, refund)
    assert [line.social for line in scarce.lines] == [75, 25, 0]
    assert scarce.social_remainder == 1
    plenty = check(stakes, replace(holdings, social=Decimal(1000)), refund)
    assert [line.social for line in plenty.lines] == [300, 100, 0]
    assert plenty.social_pool == 400
    assert plenty.social_remainder == 0


def test_no_shares_and_too_much_kept_back_are_refused() -> None:
    with pytest.raises(RuleBroken, match="Save at a meeting first"):
        share_out([stake(1, 0)], Holdings(cash=Decimal(5)), ONE)
    with pytest.raises(RuleBroken, match="Keep back at most 70") as refused:
        share_out(
            [stake(1, 1)],
            Holdings(cash=Decimal(100), debts=Decimal(30), reserve=Decimal(71)),
            ONE,
        )
    assert refused.value.field == "reserve"
    with pytest.raises(RuleBroken, match="owes 20 more than it holds") as refused:
        share_out([stake(1, 1)], Holdings(cash=Decimal(10), debts=Decimal(30)), ONE)
    assert refused.value.field == ""


def test_nothing_but_bad_debts_is_refused_at_once() -> None:
    ruined = [stake(1, 99_999, 1, debts=Decimal(10**9)), stake(2, 1, 1)]
    with pytest.raises(RuleBroken, match="Write off lost loans first"):
        share_out(ruined, Holdings(cash=Decimal(1000)), ONE)


def test_entitlements_of_a_pool_are_exact() -> None:
    rules = replace(ONE, profit_rule=ProfitRule.EQUAL)
    assert entitlements([stake(1, 1), stake(2, 2)], Decimal(301), rules) == (
        Fraction(201, 2),
        Fraction(401, 2),
    )


# ---------------------------------------------------------------- properties


@st.composite
def groups(draw: st.DrawFn) -> tuple[list[Stake], Holdings, PayoutRules]:
    unit = draw(st.sampled_from(UNITS))
    value = draw(st.sampled_from([Decimal("0.5"), Decimal(5), Decimal(500), Decimal(7)]))
    step = Decimal("0.01") if unit < 1 else Decimal(1)
    amounts = st.integers(0, 30_000).map(lambda count: count * step)
    funds = st.sampled_from((Fund.LOAN_FUND, Fund.SOCIAL))
    debts = st.one_of(st.just(ZERO), amounts, st.integers(0, 10**5).map(Decimal))
    stakes = [
        Stake(
            member_id=number,
            shares=(shares := draw(st.integers(0, 60))),
            savings=shares * value,
            charges_paid=draw(amounts),
            fines_paid=draw(amounts),
            debts=draw(debts),
            dues=tuple(draw(st.lists(st.builds(Due, funds, amounts), max_size=3))),
            social_paid=draw(amounts),
            shares_social=draw(st.integers(0, 9)) > 0,
        )
        for number in range(1, draw(st.integers(1, 7)) + 1)
    ]
    if not any(each.shares for each in stakes):
        stakes[0] = replace(stakes[0], shares=1, savings=value)
    debts_to_others, other_savings, reserve = draw(amounts), draw(amounts), draw(amounts)
    holdings = Holdings(
        cash=draw(amounts) + debts_to_others + other_savings + reserve,
        social=draw(amounts),
        debts=debts_to_others,
        other_savings=other_savings,
        reserve=reserve,
    )
    rules = PayoutRules(
        unit=unit,
        profit_rule=draw(st.sampled_from(ProfitRule)),
        savings_percentage=draw(st.integers(1, 99)),
        social_rule=draw(st.sampled_from(SocialFundRule)),
    )
    return stakes, holdings, rules


@given(groups())
@example(([stake(1, 1), stake(2, 1)], Holdings(cash=Decimal(3)), ONE))
def test_every_share_out_is_as_the_independent_computation_says(
    case: tuple[list[Stake], Holdings, PayoutRules],
) -> None:
    made = check(*case)
    event(f"{made.rules.profit_rule} {'bad debts' if made.written_off else 'sound'}")
    event(f"unit {made.rules.unit}")
    event(f"social {made.rules.social_rule}")


@given(groups(), st.randoms(use_true_random=False))
def test_the_order_of_members_changes_nothing(
    case: tuple[list[Stake], Holdings, PayoutRules], random: Random
) -> None:
    stakes, holdings, rules = case
    shuffled = random.sample(stakes, len(stakes))
    one, other = share_out(stakes, holdings, rules), share_out(shuffled, holdings, rules)
    assert {line.member_id: line for line in one.lines} == {
        line.member_id: line for line in other.lines
    }


def test_all_rules_units_and_debts_meet() -> None:
    """A fixed run over every rule, treatment and unit, with loans open and with bad debts."""
    random = Random(7)  # noqa: S311 - a fixed run, nothing secret
    met: Counter[tuple[object, ...]] = Counter()
    for rule, social, unit, debts in product(ProfitRule, SocialFundRule, UNITS, (0, 1, 2)):
        stakes = [
            stake(
                number,
                random.randint(0 if number > 2 else 1, 30),
                500,
                charges_paid=Decimal(random.randint(0, 4000)),
                fines_paid=Decimal(random.randint(0, 700)),
                debts=Decimal(random.randint(1, 400) * (1, 400)[debts - 1] if debts else 0),
                social_paid=Decimal(random.randint(0, 3000)),
            )
            for number in range(1, 8)
        ]
        cash = sum((each.savings + each.charges_paid + each.fines_paid for each in stakes), ZERO)
        holdings = Holdings(
            cash=cash + 1777, social=Decimal(9000), debts=Decimal(777), reserve=Decimal(500)
        )
        rules = PayoutRules(unit=unit, profit_rule=rule, savings_percentage=60, social_rule=social)
        made = check(stakes, holdings, rules)
        met["rule", rule, bool(made.set_off), bool(made.written_off)] += 1
        met["unit", unit, bool(made.written_off)] += 1
        met["social", social, bool(made.social_pool)] += 1
        met["remainder", bool(made.remainder)] += 1
    for rule in ProfitRule:
        assert met["rule", rule, False, False]  # no loan is open
        assert met["rule", rule, True, False]  # loans are open, and all are set off
        assert met["rule", rule, True, True]  # bad debts
    for unit in UNITS:
        assert met["unit", unit, False]
        assert met["unit", unit, True]
    assert met["social", SocialFundRule.KEEP, False]
    assert met["social", SocialFundRule.SPLIT_EQUALLY, True]
    assert met["social", SocialFundRule.REFUND, True]
    assert met["remainder", True]
    assert met["remainder", False]


# ---------------------------------------------------------------- notes and coins


def fewest(amount: int, values: list[int]) -> int | None:
    """Count the fewest pieces that pay an amount, by trying every amount below it."""
    best: list[int | None] = [0]
    for reached in range(1, amount + 1):
        ways = [best[reached - each] for each in values if each <= reached]
        known = [way for way in ways if way is not None]
        best.append(min(known) + 1 if known else None)
    return best[amount]


@given(st.integers(0, 400), st.sets(st.integers(1, 60), min_size=1, max_size=5))
def test_pieces_pay_exactly_or_nothing_does(amount: int, values: set[int]) -> None:
    denominations = [Decimal(each) for each in sorted(values, reverse=True)]
    found = pieces(Decimal(amount), denominations)
    assert (found is None) == (fewest(amount, sorted(values)) is None)
    if found is not None:
        assert sum(piece * count for piece, count in found.items()) == amount
        assert all(count > 0 for count in found.values())


def test_the_largest_notes_come_first() -> None:
    shillings = CURRENCIES["UGX"].denominations
    assert pieces(Decimal(186_750), shillings) == {
        Decimal(50_000): 3,
        Decimal(20_000): 1,
        Decimal(10_000): 1,
        Decimal(5_000): 1,
        Decimal(1_000): 1,
        Decimal(500): 1,
        Decimal(200): 1,
        Decimal(50): 1,
    }
    assert pieces(Decimal(60), [Decimal(50), Decimal(20)]) == {Decimal(20): 3}
    assert pieces(Decimal(186_753), shillings) is None
    assert pieces(Decimal("0.75"), CURRENCIES["BOB"].denominations) is None


def test_the_notes_for_all_pay_each_by_itself() -> None:
    needed, unpaid = notes_needed(
        [Decimal(600), Decimal(700), Decimal(3)], CURRENCIES["UGX"].denominations
    )
    assert needed == {Decimal(500): 2, Decimal(200): 1, Decimal(100): 1}
    assert unpaid == 3
