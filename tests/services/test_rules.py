"""Voting on the rules, what is kept of it, and rules that come back as they were voted."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.domain.rules_strategies import constitutions
from tests.services.village import FORMED, RULES, Village
from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.rules import GroupRules, Preset, check_rules
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.pages import group_page, meeting_page
from vsla_desktop.queries.rules import (
    group_rules,
    rules_from_json,
    rules_on,
    rules_to_json,
    rules_to_settings,
)
from vsla_desktop.queries.rules_history import RuleVote, rules_history
from vsla_desktop.queries.tables import ACTIVITIES, GROUPS, SETTINGS
from vsla_desktop.services import cells
from vsla_desktop.services.groups import NewGroup, create_group
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.rules import RulesVoted, change_rules, move_share_out

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal
KES = currency("KES")
NEXT = date(2026, 1, 10)
MORE = replace(RULES, max_shares_per_meeting=10)


def change(
    village: Village,
    rules: GroupRules,
    vote: Vote | None = None,
    from_day: date = NEXT,
    preset: Preset | None = None,
) -> RulesVoted:
    with village.at_work() as session:
        return change_rules(
            session,
            village.group_id,
            rules,
            from_day=from_day,
            vote=vote,
            preset=preset,
            clock=village.clock,
        )


@pytest.fixture
def voting(village: Village) -> Village:
    """A village whose meeting is open, everybody there."""
    with village.at_work() as session:
        village.all_present(session)
    return village


@given(constitutions(KES))
def test_rules_survive_being_written_down(rules: GroupRules) -> None:
    assert check_rules(rules, KES) is rules
    assert rules_from_json(rules_to_json(rules)) == rules
    in_settings = rules_to_settings(rules) | {"meeting_frequency": rules.meeting_frequency}
    assert rules_from_json(in_settings) == rules


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(constitutions(KES))
def test_rules_survive_the_book(database: Database, rules: GroupRules) -> None:
    village = Village(database)
    with database.write() as session:
        new = NewGroup(name="Tujijenge", currency="KES", formation_date=FORMED)
        formed = create_group(session, new, rules, clock=village.clock)
        assert group_rules(session, formed.group_id) == rules
        assert rules_on(session, group_page(session, formed.group_id, FORMED)) == rules
        (kept,) = rules_history(session, formed.group_id)
        assert (kept.rules, kept.since, kept.before, kept.vote) == (rules, FORMED, None, None)
        session.rollback()


def test_every_rule_has_a_place() -> None:
    elsewhere = {"meeting_frequency"}  # the group's own
    assert set(rules_to_settings(RULES)) == {each.name for each in fields(GroupRules)} - elsewhere


def test_the_founders_change_what_they_wrote_until_the_first_meeting(database: Database) -> None:
    village = Village(database).form()
    assert change(village, MORE, from_day=FORMED) == RulesVoted(("max_shares_per_meeting",))
    with database.read() as session:
        (kept,) = rules_history(session, village.group_id)
    assert (kept.rules, kept.vote) == (MORE, None)


def test_rules_change_from_a_day_forward_by_a_vote(voting: Village) -> None:
    vote = Vote(3, 1, 1)
    assert change(voting, MORE, vote, preset=Preset.SILC).changed == ("max_shares_per_meeting",)
    assert change(voting, MORE, vote, date(2026, 1, 11)) == RulesVoted(())
    with voting.database.read() as session:
        today = meeting_page(session, voting.meeting_id)
        assert rules_on(session, today).max_shares_per_meeting == 5
        later = group_page(session, voting.group_id, NEXT)
        assert rules_on(session, later) == MORE == group_rules(session, voting.group_id)
        first, second = rules_history(session, voting.group_id)
        (activity,) = session.execute(select(ACTIVITIES)).all()
        kept = session.execute(select(SETTINGS)).one()
    assert (first.rules, first.since, first.vote) == (RULES, FORMED, None)
    assert (second.before, second.rules, second.since) == (RULES, MORE, NEXT)
    assert second.vote == RuleVote(1, FORMED, vote)
    assert (activity.votes_for, activity.votes_against, activity.votes_abstained) == (3, 1, 1)
    assert activity.description == "max_shares_per_meeting: 5 -> 10"
    assert (kept.preset, kept.effective_date) == ("SILC", NEXT)
    with pytest.raises(RuleBroken, match="Buy at most 5"), voting.at_work() as session:
        cells.set_shares(session, voting.meeting_id, voting.members[0], 6, clock=voting.clock)


def test_a_lost_vote_is_written_down_and_changes_nothing(voting: Village) -> None:
    assert change(voting, MORE, Vote(2, 3)) == RulesVoted((), is_passed=False)
    with voting.database.read() as session:
        assert group_rules(session, voting.group_id) == RULES
        assert len(rules_history(session, voting.group_id)) == 1
        assert session.execute(select(ACTIVITIES.c.votes_against)).scalars().all() == [3]


def move(village: Village, day: date, vote: Vote | None = None) -> bool:
    with village.at_work() as session:
        return move_share_out(session, village.group_id, day, vote=vote, clock=village.clock)


def end_of_cycle(village: Village) -> date:
    with village.database.read() as session:
        end = group_page(session, village.group_id, village.day).cycle_end
        assert end is not None
        return end


def test_the_share_out_is_moved_by_a_vote_and_loans_follow_it(voting: Village) -> None:
    assert not move(voting, date(2026, 3, 2), Vote(1, 4))
    assert end_of_cycle(voting) == date(2027, 1, 4)
    with pytest.raises(RuleBroken, match="Vote on the rules at a meeting"):
        move(voting, date(2026, 3, 2))
    for day, said in (
        (date(2026, 1, 5), "Choose a day from 6 Jan 2026 on."),
        (date(2029, 2, 1), "Share out within three years."),
    ):
        with pytest.raises(RuleBroken, match=said) as refused:
            move(voting, day, Vote(5))
        assert refused.value.field == "cycle_end"
    assert move(voting, date(2026, 2, 20), Vote(4, 1))
    assert end_of_cycle(voting) == date(2026, 2, 20)
    terms = LoanTerms(principal=D(1000), periods=2)
    member = voting.members[0]
    with voting.at_work() as session:
        for each in voting.members:
            cells.set_shares(session, voting.meeting_id, each, 5, clock=voting.clock)
    with pytest.raises(RuleBroken, match="after the share-out"), voting.at_work() as session:
        cells.set_loan(session, voting.meeting_id, member, terms, clock=voting.clock)
    assert move(voting, date(2026, 6, 1), Vote(5))
    with voting.at_work() as session:
        cells.set_loan(session, voting.meeting_id, member, terms, clock=voting.clock)
        votes = session.execute(select(ACTIVITIES.c.activity_name, ACTIVITIES.c.description)).all()
    assert ("The day of the share-out", "2026-02-20 -> 2026-06-01") in votes
    with pytest.raises(RuleBroken, match="A loan or an advance falls due then") as due:
        move(voting, date(2026, 2, 2), Vote(5))
    assert due.value.values["day"] == "2 Mar 2026"


def test_founders_move_the_share_out_without_a_vote(database: Database) -> None:
    village = Village(database).form()
    assert move(village, date(2026, 12, 1))
    assert end_of_cycle(village) == date(2026, 12, 1)
    village.meet(present=True)
    with pytest.raises(RuleBroken, match="Vote on the rules at a meeting"):
        move(village, date(2026, 12, 2))


def test_rules_are_not_changed_without_a_vote(voting: Village) -> None:
    with pytest.raises(RuleBroken, match="Vote on the rules at a meeting") as refused:
        change(voting, MORE)
    assert refused.value.field == "in_favour"
    with pytest.raises(RuleBroken, match="Count at most 5 votes"):
        change(voting, MORE, Vote(6))
    voting.close()
    with pytest.raises(RuleBroken, match="Vote on the rules at a meeting"):
        change(voting, MORE, Vote(5))
    with voting.database.read() as session:
        assert group_rules(session, voting.group_id) == RULES


def test_the_past_and_the_share_value_stand(voting: Village) -> None:
    with pytest.raises(RuleBroken, match="after 5 Jan 2026") as refused:
        change(voting, MORE, Vote(5), voting.day)
    assert refused.value.field == "effective_date"
    dearer = replace(RULES, share_value=D(600))
    with voting.at_work() as session:
        cells.set_shares(session, voting.meeting_id, voting.members[0], 2, clock=voting.clock)
    with pytest.raises(RuleBroken, match=r"until the share-out\. Sold at it: 2"):
        change(voting, dearer, Vote(5))
    with voting.database.read() as session:
        assert session.execute(select(ACTIVITIES)).all() == []


def test_a_share_value_that_the_founders_change_is_the_groups_least_saving(
    database: Database,
) -> None:
    village = Village(database).form()
    change(village, replace(RULES, share_value=D(600)), from_day=FORMED)
    with village.database.read() as session:
        least = session.execute(select(GROUPS.c.minimum_contribution)).scalar_one()
    assert least == D(600)


@given(st.sampled_from(Preset), constitutions(KES))
def test_a_cycle_without_its_own_rules_reads_those_of_the_group(
    preset: Preset, rules: GroupRules
) -> None:
    kept = rules_to_settings(rules) | {"preset": preset.value, "assessment_weights": None}
    read = rules_from_json({key: value for key, value in kept.items() if value is not None})
    assert read.assessment_weights == RULES.assessment_weights
    assert read.share_value == rules.share_value
