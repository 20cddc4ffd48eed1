"""A whole cycle with keystrokes, from the first meeting to the share-out and the next cycle.

Every event leaves books that add up, and the share-out is what an independent computation with
exact fractions says, over rules, members and histories.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cycle.exact import Result, facts, work_out
from tests.cycle.secretary import Secretary, lay_out
from tests.db.books import new_book
from tests.presenters.book_of_group import Ear, page_of
from tests.services.village import RULES
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import GroupRules, Preset, ProfitRule, SocialFundRule, ValueRule
from vsla_desktop.presenters.share_out import ShareOutPresenter
from vsla_desktop.presenters.share_out_next import SHARES
from vsla_desktop.presenters.share_out_steps import Step
from vsla_desktop.queries.balances import Balances, fund_balances
from vsla_desktop.queries.verification import verify_all

if TYPE_CHECKING:
    from pathlib import Path

    from vsla_desktop.db import Database

SMALLEST_COIN = 50
UNITS = (1, 5, 10, 50, 100, 500)
PRESETS = tuple(Preset)
WEEKS_ON_PAPER = (0, 5, 0, 30, 0, 0, 12)
LENIENT: dict[str, Any] = {
    "loan_min_months": 0,
    "loan_min_score": Decimal(0),
    "loan_min_attendance": Decimal(0),
}


BESIDE = {
    *("joined", "left", "left in parts", "leaver paid"),
    *("written off", "recovered", "lent more", "spread anew", "paid of one"),
    *("loan asked for", "voted on", "paid out", "settled"),
    *("borrowed", "paid back", "social fund to the bank", "statement", "advance till a day"),
    *("advance let off", "advance not let off"),
    *("sent by phone", "came by phone", "never came"),
    *("moved", "cancelled", "special", "merged"),
    *("fined by the tariff", "let off", "amounts at events", "helped at an event", "gave"),
    *("property", "valued anew", "property lost"),
    *("voted by members", "hands counted", "trained", "talked", "noted"),
    *("rules voted", "vote lost", "savings voted"),
    *("elected", "code chosen", "confirmed with a code", "confirmed by name"),
    *("suspended", "suspension ended", "came again", "LEFT", "MOVED", "EXPELLED", "DIED"),
    *("target", "paid savings back", "paid savings back with notice"),
    *("excused", "represented", "planned", "SPECIAL", "EMERGENCY", "ANNUAL", "entered from paper"),
    *("vouched for", "let go", "loan refused"),
    *("ready for a loan", "not ready for a loan", "assessed anew"),
    *("photograph", "photograph taken away"),
    *("discarded", "not held after all", "could not be discarded", "mark put right"),
}
"""What is done on the pages beside the sheet, and happens in every run of the histories."""


@st.composite
def constitutions(
    draw: st.DrawFn, unit: int, profit_rule: ProfitRule, social_rule: SocialFundRule
) -> GroupRules:
    """Rules of which every one matters at a share-out that is agreed on so far."""
    method = draw(st.sampled_from(ChargeMethod))
    rate = draw(st.sampled_from(("0.05", "0.1")))
    return replace(
        RULES,
        **LENIENT,
        share_value=Decimal(draw(st.sampled_from((500, 1000, 2500)))),
        loan_multiple=Decimal(draw(st.sampled_from((3, 20)))),
        loan_interest_method=method,
        loan_interest_rate=Decimal(0 if method is ChargeMethod.NONE else rate),
        loan_period=draw(st.sampled_from(PeriodKind)),
        loan_grace_days=draw(st.sampled_from((0, 3))),
        late_penalty_kind=draw(st.sampled_from(PenaltyKind)),
        late_penalty_rate=Decimal("0.1"),
        late_penalty_amount=Decimal(150),
        late_penalty_repeats=draw(st.booleans()),
        fines_fund=draw(st.sampled_from((Fund.LOAN_FUND, Fund.SOCIAL))),
        leaver_rule=draw(st.sampled_from(ValueRule)),
        joiner_rule=draw(st.sampled_from(ValueRule)),
        payout_unit=Decimal(unit),
        profit_rule=profit_rule,
        profit_savings_percentage=60 if profit_rule is ProfitRule.MIXED else 100,
        social_fund_rule=social_rule,
        remainder_fund=draw(st.sampled_from((Fund.LOAN_FUND, Fund.SOCIAL))),
    )


def at(page: ShareOutPresenter) -> Step:
    """Say where the page is, now and not when it was last looked at."""
    return page.step


class ShareOut:
    """The share-out of a group whose book a secretary has kept, as she goes through its page."""

    def __init__(self, secretary: Secretary) -> None:
        self.secretary = secretary
        village = secretary.village
        self.database, self.group_id = village.database, village.group_id
        self.reserve = self.reinvested = Decimal(0)
        self.ear = Ear()
        self.page = page_of(ShareOutPresenter, village, self.ear)
        self.page.refresh()

    def propose(self) -> Result:
        """Hold the last meeting up to the table, and work the same out by the other way."""
        secretary = self.secretary
        secretary.plan()
        secretary.open()
        secretary.table.usual("attendance")
        secretary.office.fetch_from_bank()
        secretary.table.presenter.load()
        secretary.collect()
        self.page.refresh()
        self.page.go_on()
        self.page.go_on()
        return self._count()

    def _count(self) -> Result:
        secretary = self.secretary
        self.reserve = Decimal(100 if secretary.chance(25) else 0)
        secretary.seen["reserve"] += bool(self.reserve)
        self.page.reserve.enter("reserve", f"{self.reserve:f}")
        assert at(self.page) is Step.COUNT
        for purse in self.page.purses:
            lay_out(purse, purse.expected)
        self.page.go_on()
        assert at(self.page) is Step.TABLE, self.page.purses[0].refusal
        with self.database.read() as session:
            found = facts(session, self.group_id, secretary.today)
        secretary.prove("proposed")
        return work_out(found, secretary.rules, self.reserve)

    def vote(self, *, is_won: bool = True) -> None:
        """Count the hands of the vote that the page asks for."""
        hands = str(self.secretary.table.sheet.book.sheet.present_count)
        self.page.vote.enter("in_favour", hands if is_won else "0")
        self.page.vote.enter("against", "0" if is_won else hands)
        self.page.go_on()

    def freeze(self) -> None:
        """Vote on what was proposed; the loan fund takes no entry any more."""
        self.page.go_on()
        self.vote()
        assert at(self.page) is Step.PAY, self.ear.said
        self.secretary.prove("frozen")
        before = self.secretary.table.ledger()
        self.secretary.type(0, "shares", "1", "shares")
        assert self.secretary.table.ledger() == before

    def reopen(self) -> Result:
        """Open it again by a vote, put something right, and propose anew."""
        page, secretary = self.page, self.secretary
        page.reopen()
        if secretary.chance(25):
            self.vote(is_won=False)
            assert at(page) is Step.VOTE
            secretary.prove("stays frozen")
        self.vote()
        assert at(page) is Step.TABLE, self.ear.said
        secretary.prove("opened again")
        secretary.table.presenter.load()
        if secretary.chance(50):
            secretary.correct()
        else:
            secretary.savings()
        secretary.collect()
        page.refresh()
        page.back()
        return self._count()

    def pay(self) -> None:
        """Pay everybody, one by one and then the rest."""
        page = self.page
        page.paying.pay_row(0)
        self.secretary.prove("paid one")
        page.paying.undo()
        asked = page.paying.taking_back
        assert asked is not None
        asked.enter("reason", "Not her turn")
        page.go_on()
        self.secretary.prove("taken back")
        page.paying.pay_all()
        page.paying.pay_all()
        self.secretary.prove("paid all")
        assert at(self.page) is Step.NEXT

    def open_next(self) -> None:
        """Close the meeting, and open the next cycle with what is left."""
        self.secretary.table.presenter.load()  # the meeting's page comes into sight again
        self.secretary.close(loses=False)
        self.page.refresh()
        following, value = self.page.next, self.secretary.rules.share_value
        assert following is not None
        savers = set(self.secretary.village.members) - set(self.secretary.suspended)
        for row, each in enumerate(following.cycle.payouts):
            can = each.line.payout >= value and each.holder.member_id in savers
            if can and self.secretary.chance(40):
                following.enter(row, SHARES, "1")
                self.reinvested += value
        self.secretary.seen["re-invested"] += bool(self.reinvested)
        self.page.go_on()
        assert at(self.page) is Step.VALUE, self.ear.said


def agree(share_out: ShareOut, expected: Result) -> Counter[str]:
    """Compare the table with the other computation, to the last coin; say what was reached."""
    plan = share_out.page.plan
    assert plan is not None
    assert {line.member_id: Fraction(line.payout) for line in plan.lines} == {
        line.member_id: expected.payouts[line.member_id] for line in plan.lines
    }
    absent = set(expected.payouts) - {line.member_id for line in plan.lines}
    assert all(expected.payouts[key] == 0 for key in absent)
    assert Fraction(plan.written_off) == expected.written_off
    assert Fraction(plan.remainder) == expected.loan_remainder
    assert Fraction(plan.loan_pool) == expected.pool
    assert plan.proof.holds
    reached = Counter[str]()
    reached["loans open"] += any(line.debts for line in plan.lines)
    reached["set off"] += bool(plan.set_off)
    reached["set off for the social fund"] += plan.set_off != plan.into_loan_fund
    reached["bad debt"] += bool(plan.written_off)
    reached["loss"] += plan.profit < 0
    reached["savings in the loan fund"] += bool(plan.holdings.other_savings)
    reached["profit"] += plan.profit > 0
    reached["remainder"] += bool(plan.remainder)
    reached[f"unit {int(plan.rules.unit)}"] += 1
    reached[plan.rules.profit_rule.value] += 1
    reached[f"social {plan.rules.social_rule.value}"] += 1
    return reached


def balances(book: Database, secretary: Secretary) -> Balances:
    with book.read() as session:
        return fund_balances(session, secretary.village.group_id)


def play(
    book: Database, rules: GroupRules, seed: int, *, meetings: int, **beginning: Any
) -> Counter[str]:
    """Keep a group's book for a cycle and share out; return what was reached."""
    secretary = Secretary(book, rules, Random(seed), rush=4, **beginning)  # noqa: S311 - a game
    for number in range(meetings):
        secretary.meeting(corrects=number > 0)
    share_out = ShareOut(secretary)
    expected = share_out.propose()
    reached = agree(share_out, expected)
    share_out.freeze()
    if secretary.chance(50):
        expected = share_out.reopen()
        reached += agree(share_out, expected)
        share_out.freeze()
    share_out.pay()
    paid = balances(book, secretary)
    kept = expected.loan_remainder + Fraction(share_out.reserve)
    assert Fraction(paid.loan_fund) == kept + expected.owed
    assert Fraction(paid.social) == expected.social_remainder
    share_out.open_next()
    opened = balances(book, secretary)
    if rules.remainder_fund is Fund.SOCIAL:
        stays = expected.owed + Fraction(share_out.reserve + share_out.reinvested)
        assert 0 <= stays - Fraction(opened.loan_fund) < SMALLEST_COIN
    assert 0 <= paid.total + share_out.reinvested - opened.total < SMALLEST_COIN * 2
    assert verify_all(book).ok
    return reached + secretary.seen


def test_every_history_ends_in_the_share_out_that_fractions_say(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    reached: Counter[str] = Counter()
    wanted = {"loans open", "set off", "bad debt", "profit", "remainder", "corrected", "refused"}
    wanted |= {"set off for the social fund"}
    wanted |= BESIDE | {"reserve", "re-invested", "frozen", "opened again", "stays frozen"}
    wanted |= {f"preset {preset.value}" for preset in PRESETS} | {"began in mid-cycle"}
    wanted |= {f"unit {unit}" for unit in UNITS} | {rule.value for rule in ProfitRule}
    wanted |= {f"social {rule.value}" for rule in SocialFundRule} | {"savings in the loan fund"}

    # Twelve different mixtures, with every unit and every rule among them.
    mixtures = list(zip(UNITS * 2, [*ProfitRule] * 3, [*SocialFundRule] * 4, strict=True))
    # What did not happen in any of them may still happen in as many more.
    for place, mixture in enumerate(mixtures * 2):
        is_more = place >= len(mixtures)
        if is_more and wanted <= set(+reached):
            break

        # A history that fails is told as it is: it takes long to make a smaller one.
        @settings(
            max_examples=1 if is_more else 2,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        )
        @given(
            constitutions(*mixture),
            st.integers(0, 10**9),
            st.just(place),  # so that no two histories are alike
            st.integers(5, 8),
            st.integers(4 if is_more else 2, 5),
        )
        def histories(
            rules: GroupRules, dice: int, place: int, members: int, meetings: int
        ) -> None:
            seed = dice * len(mixtures) * 2 + place
            book = new_book(tmp_path_factory.mktemp("cycle") / "vsla.db")
            try:
                reached.update(
                    play(
                        book,
                        rules,
                        seed,
                        meetings=meetings,
                        members=members,
                        preset=PRESETS[place % len(PRESETS)],
                        weeks_on_paper=WEEKS_ON_PAPER[seed % len(WEEKS_ON_PAPER)],
                    )
                )
            finally:
                book.close()

        histories()
    assert {each for each in wanted if not reached[each]} == set()


def test_a_whole_cycle_of_twenty_five_members_ends_in_an_exact_share_out(data_dir: Path) -> None:
    """48 meetings with keystrokes: the whole book is proven after every event."""
    rules = replace(
        RULES,
        **LENIENT,
        loan_interest_method=ChargeMethod.DECLINING,
        loan_interest_rate=Decimal("0.1"),
        payout_unit=Decimal(50),
        profit_rule=ProfitRule.RETURN_INTEREST,
    )
    book = new_book(data_dir / "vsla.db")
    secretary = Secretary(book, rules, Random(4), members=25, rush=3)  # noqa: S311 - a game
    for number in range(48):
        secretary.meeting(corrects=number > 0)
    share_out = ShareOut(secretary)
    reached = agree(share_out, share_out.propose())
    assert reached["loans open"] == reached["set off"] == 1
    share_out.freeze()
    agree(share_out, share_out.reopen())
    share_out.freeze()
    share_out.pay()
    share_out.open_next()
    assert verify_all(book).ok
    wanted = BESIDE | {"corrected", "undone", "bank", "grant", "advance", "income", "from bank"}
    assert {each for each in wanted if not secretary.seen[each]} == set()
    book.close()
