"""Savings that are put right: the limits of their own meeting, and shares that were caught up."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.services.proofs import check_books
from tests.services.village import Village
from vsla_desktop.db import Database
from vsla_desktop.domain.rules import ValueRule
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.sheet import meeting_sheet
from vsla_desktop.queries.tables import LEDGER, MEMBERS
from vsla_desktop.services import cells
from vsla_desktop.services.corrections import Correction, correct_entry
from vsla_desktop.services.expenses import record_income
from vsla_desktop.services.joining import catch_up_shares
from vsla_desktop.services.members import NewMember, add_member
from vsla_desktop.services.postings import MobileMoney
from vsla_desktop.services.rules import change_rules
from vsla_desktop.services.savings import record_shares

D = Decimal
ONE = 500


def correct(village: Village, entry: int, amount: int, reason: str = "Passbook") -> Correction:
    with village.at_work() as session:
        return correct_entry(
            session, village.meeting_id, entry, D(amount), reason, clock=village.clock
        )


def put_right(village: Village, entry: int, amount: int) -> int:
    """Correct an entry; return the right one."""
    return correct(village, entry, amount).entries[0].transaction_id


def buy(village: Village, shares: int) -> int:
    """Set the first member's shares on the sheet; return their entry."""
    first = village.members[0]
    with village.at_work() as session:
        done = cells.set_shares(session, village.meeting_id, first, shares, clock=village.clock)
    return done.entries[0].transaction_id


def next_meeting(village: Village, **more: Any) -> None:
    village.close()
    village.meet(present=True, **more)


def held(village: Village) -> int:
    with village.database.read() as session:
        check_books(session, village.group_id)
        savings = session.execute(
            select(MEMBERS.c.share_balance).where(MEMBERS.c.id == village.members[0])
        ).scalar_one()
    return int(savings / ONE)


def test_shares_written_too_low_are_put_right_whatever_is_bought_today(village: Village) -> None:
    entry = buy(village, 1)
    next_meeting(village)
    buy(village, 5)
    put_right(village, entry, 5 * ONE)
    assert held(village) == 10


def test_shares_that_are_put_right_take_none_of_todays(village: Village) -> None:
    entry = buy(village, 1)
    next_meeting(village)
    right = put_right(village, entry, 5 * ONE)
    right = put_right(village, right, 3 * ONE)
    put_right(village, right, 4 * ONE)
    with pytest.raises(RuleBroken, match="Buy at most 5 a meeting"):
        buy(village, 6)
    buy(village, 5)
    assert held(village) == 9


def test_shares_of_merged_meetings_are_put_right_by_the_limit_of_both(database: Database) -> None:
    village = Village(database).form()
    village.meet(present=True, meetings_merged=2)
    entry = buy(village, 3)
    next_meeting(village)
    with pytest.raises(RuleBroken, match="Buy at most 10 a meeting"):
        put_right(village, entry, 11 * ONE)
    put_right(village, entry, 10 * ONE)
    assert held(village) == 10


def test_shares_are_put_right_by_the_rules_of_their_day(village: Village) -> None:
    entry = buy(village, 1)
    next_meeting(village)
    with village.at_work() as session:
        fewer = replace(village.rules, max_shares_per_meeting=2)
        day = village.day + timedelta(days=7)
        vote = Vote(in_favour=5)
        change_rules(session, village.group_id, fewer, from_day=day, vote=vote, clock=village.clock)
    next_meeting(village)
    buy(village, 2)
    put_right(village, entry, 5 * ONE)
    with pytest.raises(RuleBroken, match="Buy at most 2 a meeting"):
        buy(village, 3)
    assert held(village) == 7


def test_an_entry_that_was_put_right_before_says_so_whatever_the_amount(village: Village) -> None:
    entry = buy(village, 3)
    next_meeting(village)
    reversal = correct(village, entry, 2 * ONE).reversal.transaction_id
    for gone, sentence in ((entry, "was reversed before"), (reversal, "not a reversal")):
        for amount in (9 * ONE, 750):
            with pytest.raises(RuleBroken, match=sentence):
                correct(village, gone, amount)


def test_shares_paid_by_phone_stay_at_the_bank_when_they_are_put_right(village: Village) -> None:
    with village.at_work() as session:
        entry = record_shares(
            session,
            village.meeting_id,
            village.members[0],
            5,
            mobile_money=MobileMoney("AB12", "0772123456", "VERIFIED"),
            clock=village.clock,
        )
    right = put_right(village, entry.transaction_id, 3 * ONE)
    assert (village.funds().bank, village.funds().box) == (D(3 * ONE), D(0))
    next_meeting(village)
    put_right(village, right, 4 * ONE)
    assert (village.funds().bank, village.funds().box) == (D(4 * ONE), D(0))


@pytest.fixture
def joined(database: Database) -> Village:
    """Four meetings are over, a share is worth more than its face; the last member joins today."""
    village = Village(database).ruled(joiner_rule=ValueRule.CURRENT_VALUE).form()
    for _ in range(4):
        village.meet(present=True)
        with village.at_work() as session:
            for member in village.members:
                cells.set_shares(session, village.meeting_id, member, 5, clock=village.clock)
        village.close()
    village.meet(present=True)
    with village.at_work() as session:
        record_income(session, village.meeting_id, D(50_000), "A gift", clock=village.clock)
        new = NewMember(first_name="Grace", last_name="Akello", gender="F", joined_date=village.day)
        village.members.append(
            add_member(session, village.group_id, new, clock=village.clock).member_id
        )
    return village


def caught_up(village: Village, shares: int = 15) -> int:
    """Let the last member catch up; return the entry of her shares."""
    with village.at_work() as session:
        grace = village.members[-1]
        bought = catch_up_shares(session, village.meeting_id, grace, shares, clock=village.clock)
    return bought[0].transaction_id


def of_grace(village: Village) -> tuple[int, Decimal, int]:
    """Return her shares, what they cost above face value, and what her cell of the sheet shows."""
    with village.database.read() as session:
        check_books(session, village.group_id)
        grace = village.members[-1]
        rows = session.execute(select(LEDGER).where(LEDGER.c.member_id == grace)).all()
        above = sum(
            row.direction * row.amount
            for row in rows
            if (row.reversed_type or row.transaction_type) == "OTHER_INCOME"
        )
        held = session.execute(
            select(MEMBERS.c.share_balance).where(MEMBERS.c.id == grace)
        ).scalar_one()
        sheet = meeting_sheet(session, village.meeting_id)
    row = next(each for each in sheet.rows if each.member_id == grace)
    assert row.shares_before + row.shares == int(held / ONE)
    return int(held / ONE), D(above), row.shares


def buy_today(village: Village, shares: int) -> None:
    with village.at_work() as session:
        grace = village.members[-1]
        cells.set_shares(session, village.meeting_id, grace, shares, clock=village.clock)


@pytest.mark.parametrize("when", ["at once", "later"])
def test_shares_that_were_caught_up_are_put_right_with_their_price(
    joined: Village, when: str
) -> None:
    entry = caught_up(joined)
    assert of_grace(joined) == (15, D(7500), 0)
    if when == "later":
        next_meeting(joined)
    entry = put_right(joined, entry, 12 * ONE)
    assert of_grace(joined) == (12, D(6000), 0)
    buy_today(joined, 5)
    assert of_grace(joined) == (17, D(6000), 5)
    put_right(joined, entry, 15 * ONE)
    assert of_grace(joined) == (20, D(7500), 5)
    if when == "at once":
        next_meeting(joined)
    buy_today(joined, 5)  # the meeting's own limit has nothing to do with it
    assert of_grace(joined) == (25 if when == "at once" else 20, D(7500), 5)


def test_shares_that_were_caught_up_go_back_with_their_price(joined: Village) -> None:
    entry = caught_up(joined)
    buy_today(joined, 2)
    next_meeting(joined)
    correct(joined, entry, 0)
    assert of_grace(joined) == (2, D(0), 0)


def test_what_caught_up_shares_cost_above_face_value_only_follows_them(joined: Village) -> None:
    entry = caught_up(joined)
    for amount in (0, 5000):
        with pytest.raises(RuleBroken, match="Correct the shares instead"):
            correct(joined, entry + 1, amount)
    with pytest.raises(RuleBroken, match="Catch up with 1 to 20"):
        put_right(joined, entry, 21 * ONE)
    put_right(joined, entry, 20 * ONE)
    assert of_grace(joined) == (20, D(10_000), 0)


def test_a_price_that_is_rounded_comes_back_when_the_shares_do(joined: Village) -> None:
    with joined.at_work() as session:
        record_income(session, joined.meeting_id, D(7), "Found", clock=joined.clock)
    entry = caught_up(joined, 7)
    _, cost, _ = of_grace(joined)
    entry = put_right(joined, entry, 3 * ONE)
    entry = put_right(joined, entry, 7 * ONE)
    assert of_grace(joined) == (7, cost, 0)
    next_meeting(joined)
    entry = put_right(joined, entry, 2 * ONE)
    put_right(joined, entry, 7 * ONE)
    assert of_grace(joined) == (7, cost, 0)


@dataclass
class Bought:
    """Shares that stand: in whose meeting's limit they count, how many, and their entry."""

    meeting: int
    shares: int
    entry: int
    is_cell: bool


class Buying:
    """A member buys in every way, and any of it is put right at any later meeting."""

    def __init__(self, village: Village) -> None:
        self.village = village
        self.stands: list[Bought] = []
        self.most: dict[int, int] = {}
        self.phones = itertools.count(1)
        village.meet(present=True)
        self.most[village.meeting_id] = 5

    def step(self, what: str, number: int, which: int) -> None:
        now = self.village.meeting_id
        if what == "meet":
            next_meeting(self.village, meetings_merged=1 + number % 2)
            self.most[self.village.meeting_id] = 5 + 5 * (number % 2)
        elif what == "phone" and number:
            self.attempt(None, Bought(now, 2, 0, is_cell=False), self.by_phone)
        elif what == "cell":
            old = next((each for each in self.stands if each.is_cell and each.meeting == now), None)
            if number and (old is None or old.shares != number):
                new = Bought(now, number, 0, is_cell=True)
                self.attempt(old, new, lambda: buy(self.village, number))
        elif what == "correct" and self.stands:
            old = self.stands[which % len(self.stands)]
            new = replace(old, shares=number, is_cell=old.is_cell and old.meeting == now)
            self.attempt(old, new, lambda: self.corrected(old, number))

    def attempt(self, old: Bought | None, new: Bought, work: Callable[[], int]) -> None:
        """Let the limit of the shares' own meeting decide, and nothing else."""
        others = [each.shares for each in self.stands if each.meeting == new.meeting]
        if old is not None:
            others.remove(old.shares)
        is_right = not new.shares or sum(others) + new.shares <= self.most[new.meeting]
        with nullcontext() if is_right else pytest.raises(RuleBroken, match="Buy at most"):
            new.entry = work()
        if is_right:
            self.stands = [each for each in self.stands if each is not old]
            self.stands += [new] if new.shares else []

    def corrected(self, old: Bought, shares: int) -> int:
        done = correct(self.village, old.entry, shares * ONE)
        return done.entries[0].transaction_id if shares else 0

    def by_phone(self) -> int:
        with self.village.at_work() as session:
            return record_shares(
                session,
                self.village.meeting_id,
                self.village.members[0],
                2,
                mobile_money=MobileMoney(f"R{next(self.phones)}", "0772", "VERIFIED"),
                clock=self.village.clock,
            ).transaction_id


def test_each_meeting_keeps_its_own_limit_over_any_corrections(database: Database) -> None:
    places = itertools.count(1)
    ways = st.sampled_from(("meet", "cell", "phone", "correct", "correct"))
    steps = st.tuples(ways, st.integers(0, 7), st.integers(0, 9))

    @settings(max_examples=50 if database.dialect == "sqlite" else 3, deadline=None)
    @given(steps=st.lists(steps, min_size=4, max_size=12))
    def run(steps: list[tuple[str, int, int]]) -> None:
        buying = Buying(Village(database, code=f"OWN-{next(places)}").form())
        for step in steps:
            buying.step(*step)
        assert held(buying.village) == sum(each.shares for each in buying.stands)

    run()
