"""A member whom misfortune met is let off her advance by vote: it becomes a grant."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.services.proofs import check_books, snapshot
from tests.services.village import Village
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.advances import advance_owed
from vsla_desktop.queries.funds import fund_flow, last_cycle
from vsla_desktop.queries.sheet import meeting_sheet
from vsla_desktop.queries.tables import ACTIVITIES, LEDGER
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services import cells
from vsla_desktop.services.corrections import correct_entry
from vsla_desktop.services.members import suspend_member
from vsla_desktop.services.postings import Entry
from vsla_desktop.services.social import advance_social, grant_social, let_off_advance

D = Decimal
ALL_FOR, LOST = Vote(in_favour=5), Vote(in_favour=1, against=4)
BURNT = "Her house burnt down"


@pytest.fixture
def helped(village: Village) -> Village:
    """Everybody gave 200 to the social fund, which advanced 700 to the first member."""
    with village.at_work() as session:
        village.all_present(session)
        for member in village.members:
            cells.set_social(session, village.meeting_id, member, D(200), clock=village.clock)
        advance_social(session, village.meeting_id, village.members[0], D(700), clock=village.clock)
    return village


def let_off(
    village: Village, amount: int, vote: Vote = ALL_FOR, reason: str = BURNT
) -> tuple[Entry, ...]:
    with village.at_work() as session:
        first = village.members[0]
        entries = let_off_advance(
            session, village.meeting_id, first, D(amount), vote, reason, clock=village.clock
        )
        check_books(session, village.group_id)
    return entries


def owed(village: Village) -> Decimal:
    with village.database.read() as session:
        return advance_owed(session, village.members[0])


def correct(village: Village, entry: Entry, amount: int) -> None:
    with village.at_work() as session:
        correct_entry(
            session,
            village.meeting_id,
            entry.transaction_id,
            D(amount),
            "It was the neighbour's house",
            clock=village.clock,
        )
        check_books(session, village.group_id)


def test_an_advance_that_is_let_off_is_a_grant_and_no_money_moves(helped: Village) -> None:
    before = helped.funds()
    assert len(let_off(helped, 500)) == 2
    assert helped.funds() == before
    assert owed(helped) == 200
    with helped.database.read() as session:
        cycle = last_cycle(session, helped.group_id)
        assert cycle is not None
        flow = fund_flow(session, helped.group_id, cycle.cycle_id, Fund.SOCIAL)
        votes = session.execute(
            select(
                ACTIVITIES.c.activity_name, ACTIVITIES.c.description, ACTIVITIES.c.votes_for
            ).where(ACTIVITIES.c.activity_type == "VOTING")
        ).all()
    assert flow[PostingType.SOCIAL_GRANT] == -500
    assert votes == [("An advance is let off: 1 Amina Nakato", BURNT, 5)]
    assert verify_all(helped.database).ok


def test_a_lost_vote_is_written_down_and_lets_nobody_off(helped: Village) -> None:
    before = helped.funds()
    assert let_off(helped, 700, LOST) == ()
    assert (helped.funds(), owed(helped)) == (before, D(700))
    with helped.database.read() as session:
        kept = session.execute(select(ACTIVITIES.c.votes_for, ACTIVITIES.c.votes_against)).all()
    assert kept == [(1, 4)]


@pytest.mark.parametrize(
    ("amount", "vote", "reason", "sentence"),
    [
        (701, ALL_FOR, BURNT, r"Let off at most 700\. So much of the advances is owed\."),
        (700, ALL_FOR, " ", r"Say why\."),
        (0, ALL_FOR, BURNT, r"Enter an amount above 0\."),
        (700, Vote(in_favour=6), BURNT, r"Count at most 5 votes"),
        (700, Vote(in_favour=0), BURNT, r"Enter the votes\."),
    ],
)
def test_what_can_not_be_let_off_is_refused_and_nothing_is_written(
    helped: Village, amount: int, vote: Vote, reason: str, sentence: str
) -> None:
    with helped.database.read() as session:
        before = snapshot(session, helped.group_id)
    with pytest.raises(RuleBroken, match=sentence):
        let_off(helped, amount, vote, reason)
    with helped.database.read() as session:
        assert snapshot(session, helped.group_id) == before
        assert session.execute(select(ACTIVITIES)).all() == []
    assert owed(helped) == 700


def test_a_member_who_was_suspended_since_is_let_off_all_the_same(helped: Village) -> None:
    with helped.at_work() as session:
        suspend_member(session, helped.members[0], clock=helped.clock)
    let_off(helped, 700)
    assert owed(helped) == 0


def test_it_is_no_cell_of_the_sheet(helped: Village) -> None:
    """Setting the cells of a grant and of what is paid back leaves what was voted as it is."""
    first, clock, meeting = helped.members[0], helped.clock, helped.meeting_id
    let_off(helped, 500)
    with helped.at_work() as session:
        row = meeting_sheet(session, meeting).rows[0]
        assert (row.grant, row.advance_repaid, row.advance_owed) == (D(0), D(0), D(200))
        cells.set_grant(session, meeting, first, D(100), clock=clock)
        cells.set_advance_repaid(session, meeting, first, D(50), clock=clock)
        cells.set_grant(session, meeting, first, D(0), clock=clock)
        check_books(session, helped.group_id)
    assert owed(helped) == 150


@pytest.mark.parametrize("half", [0, 1])
def test_both_lines_are_taken_back_together_at_a_later_meeting(helped: Village, half: int) -> None:
    entries = let_off(helped, 500)
    helped.close()
    helped.meet(present=True)
    with pytest.raises(RuleBroken, match=r"Reverse it, then vote again\."):
        correct(helped, entries[half], 300)
    before = helped.funds()
    correct(helped, entries[half], 0)
    assert (helped.funds(), owed(helped)) == (before, D(700))
    for entry in entries:
        with pytest.raises(RuleBroken, match=r"This entry was reversed before\."):
            correct(helped, entry, 0)
    let_off(helped, 700)
    assert owed(helped) == 0
    assert verify_all(helped.database).ok


def test_a_fund_that_is_empty_lets_off_and_takes_back_as_well(helped: Village) -> None:
    with helped.at_work() as session:
        third = helped.members[2]
        grant_social(session, helped.meeting_id, third, D(300), clock=helped.clock)
    entries = let_off(helped, 700)
    assert helped.funds().social == 0
    correct(helped, entries[0], 0)
    assert (helped.funds().social, owed(helped)) == (D(0), D(700))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(1, 900), st.booleans()), max_size=5))
def test_whatever_is_let_off_and_taken_back_the_books_add_up(
    helped: Village, votes: list[tuple[int, bool]]
) -> None:
    with helped.database.read() as session:
        funds, left = helped.funds(), advance_owed(session, helped.members[0])
    standing: list[Entry] = []
    for amount, takes_back in votes:
        if amount > left:
            with pytest.raises(RuleBroken, match="Let off at most"):
                let_off(helped, amount)
            continue
        entry = let_off(helped, amount)[0]
        left -= amount
        if takes_back:
            correct(helped, entry, 0)
            left += amount
        else:
            standing.append(entry)
        assert (owed(helped), helped.funds()) == (left, funds)
    for entry in standing:
        correct(helped, entry, 0)
    with helped.database.read() as session:
        kinds = session.execute(
            select(LEDGER.c.transaction_type).where(LEDGER.c.activity_id.is_not(None))
        ).scalars()
        assert len(list(kinds)) % 2 == 0
