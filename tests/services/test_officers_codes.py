"""Each officer closes with a code of her own, and nobody with another's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect, select, text

from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.meetings import open_meeting_id
from vsla_desktop.queries.officers import Office, officers_of
from vsla_desktop.queries.tables import MEETINGS, MEMBERS, USERS
from vsla_desktop.services.meetings import as_expected
from vsla_desktop.services.members import (
    Committee,
    NewMember,
    add_member,
    elect_officers,
    suspend_member,
)
from vsla_desktop.services.officers_codes import (
    Confirmed,
    Tries,
    close_with_keys,
    confirm,
    set_code,
)

if TYPE_CHECKING:
    from tests.services.village import Village

CODES = {Office.CHAIRPERSON: "2580", Office.SECRETARY: "70707", Office.TREASURER: "19283746"}


@pytest.fixture
def led(village: Village) -> Village:
    """The first three are chairperson, secretary and treasurer, and all are present."""
    with village.at_work() as session:
        chair, secretary, treasurer = village.members[:3]
        committee = Committee(chairperson=chair, secretary=secretary, treasurer=treasurer)
        elect_officers(session, village.group_id, committee, clock=village.clock)
        village.all_present(session)
    return village


@pytest.fixture
def coded(led: Village) -> Village:
    """All three have set a code."""
    for member, code in zip(led.members, CODES.values(), strict=False):
        keep(led, member, code)
    return led


def keep(village: Village, member_id: int, code: str, **more: object) -> None:
    with village.at_work() as session:
        set_code(session, member_id, code, clock=village.clock, **more)  # type: ignore[arg-type]


def turn(
    village: Village, office: Office, member_id: int, code: str | None = None, *, tries: Tries
) -> Confirmed:
    with village.database.read() as session:
        return confirm(
            session,
            village.group_id,
            office,
            member_id,
            code=code,
            tries=tries,
            clock=village.clock,
        )


def close(village: Village, *keys: Confirmed) -> None:
    with village.at_work() as session:
        close_with_keys(
            session,
            village.meeting_id,
            as_expected(session, village.group_id),
            {key.office: key for key in keys},
            clock=village.clock,
        )


def test_three_codes_in_any_order_close_and_are_noted(coded: Village) -> None:
    tries = Tries()
    own = dict(zip(Office, coded.members, strict=False))
    keys = [
        turn(coded, office, own[office], CODES[office], tries=tries)
        for office in (Office.TREASURER, Office.CHAIRPERSON, Office.SECRETARY)
    ]
    assert all(key.by_code for key in keys)
    close(coded, *keys)
    with coded.database.read() as session:
        assert open_meeting_id(session, coded.group_id) is None
        row = session.execute(
            select(MEETINGS.c.chairperson_id, MEETINGS.c.secretary_id, MEETINGS.c.treasurer_id)
        ).one()
    assert list(row) == coded.members[:3]


def test_names_are_enough_until_an_officer_has_a_code(led: Village) -> None:
    tries = Tries()
    keys = [turn(led, office, led.members[n], tries=tries) for n, office in enumerate(Office)]
    assert not any(key.by_code for key in keys)
    keep(led, led.members[1], CODES[Office.SECRETARY])
    with pytest.raises(RuleBroken, match="Type the code"):
        close(led, *keys)
    with pytest.raises(RuleBroken, match="Type the code"):
        turn(led, Office.SECRETARY, led.members[1], tries=tries)
    with pytest.raises(RuleBroken, match="Set a code first"):
        turn(led, Office.SECRETARY, led.members[3], tries=tries)
    right = turn(led, Office.SECRETARY, led.members[1], "70707", tries=tries)
    close(led, keys[0], right, keys[2])


def test_a_deputy_stands_in_with_a_code_of_her_own(coded: Village) -> None:
    tries, deputy = Tries(), coded.members[3]
    chair = turn(coded, Office.CHAIRPERSON, coded.members[0], "2580", tries=tries)
    with pytest.raises(RuleBroken, match="Let two others confirm"):
        keep(coded, deputy, "9090", confirmed={Office.CHAIRPERSON: chair})
    treasurer = turn(coded, Office.TREASURER, coded.members[2], "19283746", tries=tries)
    two = {Office.CHAIRPERSON: chair, Office.TREASURER: treasurer}
    keep(coded, deputy, "9090", confirmed=two)
    close(coded, chair, treasurer, turn(coded, Office.SECRETARY, deputy, "9090", tries=tries))
    with coded.database.read() as session:
        assert session.execute(select(MEETINGS.c.secretary_id)).scalar() == deputy


def test_one_person_is_one_key(coded: Village) -> None:
    tries = Tries()
    with pytest.raises(RuleBroken, match="one person, one key"):
        turn(coded, Office.SECRETARY, coded.members[0], "2580", tries=tries)
    keep_deputy = coded.members[3]
    keys = {
        office: Confirmed(office, member, by_code=True)
        for office, member in zip(Office, (keep_deputy, keep_deputy, coded.members[2]), strict=True)
    }
    with pytest.raises(RuleBroken, match="one person, one key"):
        close(coded, *keys.values())
    with pytest.raises(RuleBroken, match="All officers confirm first"):
        close(coded, keys[Office.CHAIRPERSON], keys[Office.TREASURER])
    with coded.database.read() as session:
        assert open_meeting_id(session, coded.group_id) == coded.meeting_id


def test_wrong_tries_slow_down_and_a_right_one_ends_it(coded: Village) -> None:
    tries, chair = Tries(), coded.members[0]
    for _time in range(3):
        with pytest.raises(RuleBroken, match="This code is not right"):
            turn(coded, Office.CHAIRPERSON, chair, "2581", tries=tries)
    with pytest.raises(RuleBroken) as refused:
        turn(coded, Office.CHAIRPERSON, chair, "2580", tries=tries)
    assert str(refused.value) == "Wait 5 seconds, then try again."
    # the others are not held up by it
    assert turn(coded, Office.SECRETARY, coded.members[1], "70707", tries=tries).by_code
    coded.clock.instant += timedelta(seconds=5)
    with pytest.raises(RuleBroken, match="This code is not right"):
        turn(coded, Office.CHAIRPERSON, chair, "0000", tries=tries)
    with pytest.raises(RuleBroken) as refused:
        turn(coded, Office.CHAIRPERSON, chair, "2580", tries=tries)
    assert str(refused.value) == "Wait 10 seconds, then try again."
    coded.clock.instant += timedelta(seconds=10)
    assert turn(coded, Office.CHAIRPERSON, chair, "2580", tries=tries).by_code
    assert not tries.wrong


def test_waiting_never_grows_beyond_five_minutes(coded: Village) -> None:
    tries, now = Tries(), coded.clock.now()
    for _time in range(40):
        tries.failed(7, now)
    assert tries.until[7] == now + timedelta(minutes=5)


def test_a_code_is_changed_by_its_owner_or_after_two_others_confirmed(coded: Village) -> None:
    tries, chair = Tries(), coded.members[0]
    with pytest.raises(RuleBroken, match="This code is not right"):
        keep(coded, chair, "4455", old="1111", tries=tries)
    keep(coded, chair, "4455", old="2580", tries=tries)
    assert turn(coded, Office.CHAIRPERSON, chair, "4455", tries=tries).by_code
    two = {
        office: turn(coded, office, coded.members[n], CODES[office], tries=tries)
        for n, office in enumerate(Office)
        if n
    }
    keep(coded, chair, "8642", confirmed=two, tries=tries)
    assert turn(coded, Office.CHAIRPERSON, chair, "8642", tries=tries).by_code


def test_her_own_key_is_no_other_persons_leave_to_change_her_code(coded: Village) -> None:
    tries = Tries()
    own = turn(coded, Office.CHAIRPERSON, coded.members[0], "2580", tries=tries)
    other = turn(coded, Office.SECRETARY, coded.members[1], "70707", tries=tries)
    with pytest.raises(RuleBroken, match="This code is not right"):
        keep(
            coded,
            coded.members[0],
            "4455",
            confirmed={Office.CHAIRPERSON: own, Office.SECRETARY: other},
        )


@pytest.mark.parametrize("code", ["", "123", "123456789", "12a4", "12.4", " 12 "])
def test_what_is_no_code_is_refused(led: Village, code: str) -> None:
    with pytest.raises(RuleBroken, match="Choose 4 to 8 digits"):
        keep(led, led.members[0], code)


@pytest.mark.parametrize("code", ["0000", "1234", "87654321", "99999999"])
def test_what_is_guessed_first_is_refused(led: Village, code: str) -> None:
    with pytest.raises(RuleBroken, match="harder to guess"):
        keep(led, led.members[0], code)


def test_digits_of_any_script_are_the_same_code(led: Village) -> None:
    keep(led, led.members[0], "٢٥٨٠")
    assert turn(led, Office.CHAIRPERSON, led.members[0], "2580", tries=Tries()).by_code


def test_a_code_is_nowhere_but_hashed_in_its_own_place(coded: Village) -> None:
    with coded.database.read() as session:
        kept = session.execute(
            select(USERS.c.password)
            .select_from(MEMBERS.join(USERS, USERS.c.id == MEMBERS.c.user_id))
            .where(MEMBERS.c.group_id == coded.group_id)
        ).scalars()
        hashes = list(kept)
        assert len(hashes) == 3
        assert all(each.startswith("$argon2id$") for each in hashes)
        connection = session.connection()
        for table in inspect(connection).get_table_names():
            whole = text(f'SELECT * FROM "{table}"')  # noqa: S608 - a name of the book's own
            rows = [str(row) for row in connection.execute(whole)]
            assert not any("70707" in row or "19283746" in row for row in rows), table
            if table != "users":
                assert not any(each in row for each in hashes for row in rows), table


def test_who_left_office_or_group_confirms_no_more(coded: Village) -> None:
    with coded.at_work() as session:
        suspend_member(session, coded.members[2], clock=coded.clock)
    with coded.database.read() as session:
        officers = officers_of(session, coded.group_id)
    assert set(officers.held_by) == {Office.CHAIRPERSON, Office.SECRETARY}
    with pytest.raises(RuleBroken, match="Choose an active member"):
        turn(coded, Office.TREASURER, coded.members[2], "19283746", tries=Tries())


def test_a_group_without_officers_closes_as_before(village: Village) -> None:
    with village.at_work() as session:
        village.all_present(session)
    close(village)
    with village.database.read() as session:
        assert open_meeting_id(session, village.group_id) is None


def test_an_election_takes_the_codes_of_who_gains_or_loses_an_office(coded: Village) -> None:
    chair, secretary, treasurer, other, _rest = coded.members
    with coded.at_work() as session:
        committee = Committee(chairperson=other, secretary=secretary, treasurer=treasurer)
        elect_officers(session, coded.group_id, committee, clock=coded.clock)
        officers = officers_of(session, coded.group_id)
    have = {each.member_id: each.has_code for each in officers.members}
    assert have[secretary]
    assert have[treasurer]
    assert not have[chair]
    assert not have[other]
    keep(coded, other, "8642")
    with pytest.raises(RuleBroken, match="not right") as wrong:
        keep(coded, secretary, "8642", old="1357")
    assert wrong.value.field == "old"


def test_a_group_of_eight_elects_three_key_holders_outside_the_committee(village: Village) -> None:
    with village.at_work() as session:
        for first in ("Faith", "Grace", "Hope"):
            new = NewMember(first_name=first, last_name="Akello", gender="F")
            added = add_member(session, village.group_id, new, clock=village.clock)
            village.members.append(added.member_id)
    a, b, c, d, e, f, g, h = village.members

    def elect(*key_holders: int, is_new: bool = True) -> None:
        committee = Committee(
            chairperson=a,
            secretary=b,
            treasurer=c,
            money_counters=(d, e),
            key_holders=key_holders,
        )
        with village.at_work() as session:
            elect_officers(session, village.group_id, committee, is_new=is_new, clock=village.clock)

    for few in ((), (f,), (f, g)):
        with pytest.raises(RuleBroken, match="Name three key-holders"):
            elect(*few)
    for officer in (a, d):
        with pytest.raises(RuleBroken, match="outside the committee"):
            elect(f, g, officer)
    elect(f, g, is_new=False)
    elect(f, g, h)
