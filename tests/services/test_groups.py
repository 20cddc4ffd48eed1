"""Forming a group, its rules, its cycles, its members and its committee."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from tests.services.village import FORMED, RULES, Village
from vsla_desktop.domain.rules import GroupRules, Preset, preset_rules
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.rules import (
    group_rules,
    rules_on,
    rules_to_settings,
)
from vsla_desktop.queries.tables import (
    CYCLES,
    GROUP_SAVING_TYPES,
    GROUPS,
    MEMBERS,
    SAVING_TYPES,
    SETTINGS,
    USERS,
)
from vsla_desktop.services import cells
from vsla_desktop.services.cycles import open_cycle
from vsla_desktop.services.expenses import Between, deposit_at_bank, record_expense, record_income
from vsla_desktop.services.groups import NewGroup, create_group
from vsla_desktop.services.members import (
    Committee,
    LeavingReason,
    MemberChange,
    NewMember,
    add_member,
    change_member,
    elect_officers,
    leave_group,
    suspend_member,
    take_back_member,
)

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal


def new_group(**more: Any) -> NewGroup:
    said: dict[str, Any] = {"name": "Tujijenge", "currency": "KES", "formation_date": FORMED}
    return NewGroup(**(said | more))


def test_a_group_is_formed_with_all_that_belongs_to_it(village: Village) -> None:
    with village.database.read() as session:
        group = session.execute(select(GROUPS)).one()
        settings = session.execute(select(SETTINGS)).one()
        cycle = session.execute(select(CYCLES)).one()
        kinds = session.execute(
            select(SAVING_TYPES.c.code, GROUP_SAVING_TYPES.c.fund_type)
            .join(SAVING_TYPES)
            .order_by(GROUP_SAVING_TYPES.c.display_order)
        ).all()
        user = session.execute(select(USERS).where(USERS.c.id == group.created_by)).one()
        assert group_rules(session, village.group_id) == RULES
    assert (group.group_code, group.currency, group.members_count) == ("TST-1", "UGX", 5)
    assert group.country == ""  # nobody said one: not the one head office's column falls back to
    assert (settings.share_value, settings.fines_fund) == (D(500), "LOAN_FUND")
    assert (cycle.cycle_number, cycle.start_date, cycle.status) == (1, FORMED, "OPEN")
    assert cycle.end_date == date(2027, 1, 4)
    assert kinds == [
        ("PERSONAL", "LOAN_FUND"),
        ("SOCIAL", "SOCIAL"),
        ("ECD", "ECD"),
        ("TARGET", "TARGET"),
    ]
    assert (user.username, user.password) == ("books-tst-1", "!")


def test_group_codes_are_made_up_or_unlike_any_other(village: Village) -> None:
    with village.at_work() as session:
        made = {
            create_group(session, new_group(), RULES, clock=village.clock).group_code
            for _ in range(3)
        }
        assert len(made) == 3
        with pytest.raises(RuleBroken, match="TST-1 is taken"):
            create_group(session, new_group(group_code="tst-1"), RULES, clock=village.clock)
        with pytest.raises(RuleBroken, match="currency xxx"):
            create_group(session, new_group(currency="xxx"), RULES, clock=village.clock)
        with pytest.raises(RuleBroken, match="Enter a name"):
            create_group(session, new_group(name=" "), RULES, clock=village.clock)
        broken = replace(RULES, share_value=D(0))
        with pytest.raises(RuleBroken) as refused:
            create_group(session, new_group(), broken, clock=village.clock)
        assert refused.value.field == "share_value"
        with pytest.raises(RuleBroken, match="the saving GOLD"):
            create_group(
                session,
                new_group(saving_kinds=("PERSONAL", "GOLD")),
                RULES,
                clock=village.clock,
            )


@pytest.mark.parametrize("preset", Preset)
def test_the_rules_of_every_preset_come_back_as_they_were_voted(
    laptop: Village, preset: Preset
) -> None:
    rules = preset_rules(preset, share_value=D(100), social_fund_contribution=D(20))
    with laptop.at_work() as session:
        formed = create_group(session, new_group(), rules, preset=preset, clock=laptop.clock)
    with laptop.database.read() as session:
        page = group_page(session, formed.group_id, FORMED)
        assert rules_on(session, page) == rules == group_rules(session, formed.group_id)


def test_every_rule_has_a_place(laptop: Village) -> None:
    assert laptop.group_id
    in_settings = set(rules_to_settings(RULES))
    elsewhere = {"meeting_frequency"}  # the group's own
    assert in_settings == {each.name for each in fields(GroupRules)} - elsewhere


def test_a_cycle_follows_a_cycle(village: Village) -> None:
    village.close()
    with village.at_work() as session:
        with pytest.raises(RuleBroken, match="Share out first"):
            open_cycle(session, village.group_id, date(2027, 1, 5), clock=village.clock)
        session.execute(update(CYCLES), {"status": "CLOSED"})
        for start, end, sentence in (
            (date(2026, 1, 1), None, "formed that day"),
            (date(2026, 2, 1), date(2026, 2, 1), "End the cycle after"),
            (date(2026, 2, 1), date(2036, 2, 1), "within three years"),
        ):
            with pytest.raises(RuleBroken, match=sentence):
                open_cycle(session, village.group_id, start, end, clock=village.clock)
        opened = open_cycle(session, village.group_id, date(2026, 2, 1), clock=village.clock)
        cycle = session.execute(select(CYCLES).where(CYCLES.c.id == opened.cycle_id)).one()
    assert (opened.number, cycle.members_at_start) == (2, 5)


# --- members -----------------------------------------------------------------------------------


def add(village: Village, **said: Any) -> Any:
    known: dict[str, Any] = {
        "first_name": "Grace",
        "last_name": "Achieng",
        "gender": "F",
        "joined_date": FORMED,
    }
    with village.at_work() as session:
        new = NewMember(**(known | said))
        return add_member(session, village.group_id, new, clock=village.clock)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"number": 3}, "number"),
        ({"number": 0}, "number"),
        ({"first_name": "\N{WAVING HAND SIGN}"}, "first_name"),
        ({"gender": "X"}, "gender"),
        ({"phone_number": "none"}, "phone_number"),
        ({"email": "grace"}, "email"),
        ({"id_number": "1" * 51}, "id_number"),
        ({"joined_date": date(2026, 1, 4)}, "joined_date"),
        ({"date_of_birth": date(1880, 1, 1)}, "date_of_birth"),
        ({"date_of_birth": date(2030, 1, 1)}, "date_of_birth"),
    ],
)
def test_what_can_not_be_written_of_a_member_is_refused(
    laptop: Village, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        add(laptop, **said)
    assert refused.value.field == field


def test_members_are_numbered_and_one_name_is_enough(village: Village) -> None:
    assert add(village).number == 6
    assert add(village, number=9, last_name="").number == 9
    assert add(village, phone_number="+256-772-123 456", email="G@Example.org").number == 10
    with village.at_work() as session:
        row = session.execute(select(MEMBERS).where(MEMBERS.c.member_number == 10)).one()
        assert (row.phone_number, row.email) == ("+256 772 123 456", "G@example.org")
        change = MemberChange(first_name="Gracious", phone_number="", occupation=" Tailor ")
        change_member(session, row.id, change, clock=village.clock)
        row = session.execute(select(MEMBERS).where(MEMBERS.c.id == row.id)).one()
    assert (row.first_name, row.phone_number, row.occupation) == ("Gracious", None, "Tailor")


def test_the_committee_is_elected_anew(village: Village) -> None:
    a, b, c, d, e = village.members
    with village.at_work() as session:
        elect_officers(
            session,
            village.group_id,
            Committee(chairperson=a, secretary=b, treasurer=c, key_holders=(d, e)),
            clock=village.clock,
        )
        for committee in (
            Committee(chairperson=a, secretary=a, treasurer=c),
            Committee(chairperson=a, secretary=b, treasurer=99_999),
        ):
            with pytest.raises(RuleBroken, match="Elect"):
                elect_officers(session, village.group_id, committee, clock=village.clock)
        elect_officers(
            session,
            village.group_id,
            Committee(chairperson=d, secretary=b, treasurer=c, money_counters=(a,)),
            clock=village.clock,
        )
        rows = session.execute(
            select(MEMBERS.c.committee_role, MEMBERS.c.role).order_by(MEMBERS.c.member_number)
        ).all()
        group = session.execute(select(GROUPS)).one()
    assert rows == [
        ("MONEY_COUNTER", "OFFICER"),
        ("SECRETARY", "OFFICER"),
        ("TREASURER", "OFFICER"),
        ("CHAIRPERSON", "OFFICER"),
        (None, "MEMBER"),
    ]
    assert (group.chair_member_id, group.treasurer_member_id) == (d, c)
    with village.at_work() as session:
        only_a_key = Committee(chairperson=d, secretary=b, treasurer=e, key_holders=(c,))
        elect_officers(session, village.group_id, only_a_key, clock=village.clock)
        of_c = select(MEMBERS.c.committee_role, MEMBERS.c.role).where(MEMBERS.c.id == c)
        assert session.execute(of_c).one() == ("KEY_HOLDER", "MEMBER")


def test_members_leave_and_come_back_under_their_number(village: Village) -> None:
    member, clock = village.members[1], village.clock
    with village.at_work() as session:
        suspend_member(session, member, clock=clock)
        with pytest.raises(RuleBroken, match="not active"):
            suspend_member(session, member, clock=clock)
        take_back_member(session, member, clock=clock)
        with pytest.raises(RuleBroken, match="joined that day"):
            leave_group(session, member, LeavingReason.MOVED, day=date(2025, 1, 1), clock=clock)
        leave_group(session, member, LeavingReason.MOVED, clock=clock)
        with pytest.raises(RuleBroken, match="left already"):
            leave_group(session, member, LeavingReason.MOVED, clock=clock)
        assert session.execute(select(GROUPS.c.members_count)).scalar() == 4
        with pytest.raises(RuleBroken, match="not active"):
            cells.set_shares(session, village.meeting_id, member, 1, clock=clock)
        take_back_member(session, member, clock=clock)
        row = session.execute(select(MEMBERS).where(MEMBERS.c.id == member)).one()
    assert (row.member_number, row.is_active, row.left_date) == (2, True, None)


# --- money between meetings --------------------------------------------------------------------


def test_money_between_meetings_comes_after_the_last_one(village: Village) -> None:
    clock = village.clock
    with village.at_work() as session:
        record_income(session, village.meeting_id, D(500), "Gift", clock=clock)
    village.close()
    between = Between(village.group_id, date(2026, 1, 8))
    with village.at_work() as session:
        with pytest.raises(RuleBroken, match="Say what it was for"):
            record_expense(session, between, D(100), " ", clock=clock)
        deposit_at_bank(session, between, D(400), clock=clock)
        with pytest.raises(RuleBroken, match="The box holds 100"):
            record_expense(session, between, D(101), "Paper", clock=clock)
        record_expense(session, between, D(150), "Fee", held_in="BANK", clock=clock)
    village.meet()
    village.close()
    with village.at_work() as session, pytest.raises(RuleBroken, match="meeting of that day"):
        record_expense(session, between, D(1), "Paper", clock=clock)
    assert (village.funds().box, village.funds().bank) == (D(100), D(250))


def test_without_a_cycle_nothing_is_written(database: Database) -> None:
    village = Village(database).form()
    with village.at_work() as session:
        session.execute(update(CYCLES), {"status": "CLOSED"})
        with pytest.raises(RuleBroken, match="Open a cycle first"):
            record_income(
                session, Between(village.group_id, FORMED), D(5), "Gift", clock=village.clock
            )
    with pytest.raises(RuleBroken, match="Open a cycle first"):
        village.meet()
