"""People at head office: signing in, what each may do, and who lets them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from vsla_desktop.clock import FixedClock
from vsla_desktop.domain.office import Duty, Role
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.office_people import (
    access_asked,
    access_of,
    can_anybody_sign_in,
    messages_sent,
    people,
    services,
)
from vsla_desktop.queries.tables import NOTIFICATIONS, USERS
from vsla_desktop.services.office import check_may, worker_of
from vsla_desktop.services.office_access import (
    ask_access,
    decide_access,
    end_access,
    grant_access,
    look_after,
    send_message,
)
from vsla_desktop.services.office_people import (
    ONCE,
    PasswordGiven,
    add_first_administrator,
    add_user,
    change_role,
    choose_password,
    let_in,
    reset_password,
    sign_in,
)
from vsla_desktop.services.officers_codes import Tries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.village import Village
    from vsla_desktop.db import Database

NOON = datetime(2026, 3, 4, 12)  # noqa: DTZ001 - UTC, as stored
OWN = "three words together"
MANGOES = "mango trees in June"


class Staff:
    """Head office with its administrator."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FixedClock(NOON)
        self.tries = Tries()
        with database.write() as session:
            first = add_first_administrator(
                session, "Grace", "grace@example.org", OWN, clock=self.clock
            )
        self.grace = first.worker.user_id

    def add(self, name: str, role: Role = Role.READER, by: int = 0) -> PasswordGiven:
        with self.database.write() as session:
            address = f"{name}@example.org"
            return add_user(session, name, address, role, clock=self.clock, by=by or self.grace)

    def service(self, name: str) -> int:
        with self.database.read() as session:
            return next(each.service_id for each in services(session) if each.name == name)

    def refused(self, act: Callable[..., object], *args: object, **kwargs: object) -> str:
        with pytest.raises(RuleBroken) as said, self.database.write() as session:
            act(session, *args, **kwargs, clock=self.clock)
        return str(said.value)


@pytest.fixture
def staff(database: Database) -> Staff:
    return Staff(database)


def test_the_first_person_is_an_administrator_and_nobody_after_her(staff: Staff) -> None:
    with staff.database.read() as session:
        assert can_anybody_sign_in(session)
        assert worker_of(session, staff.grace, NOON).role is Role.ADMINISTRATOR
    said = staff.refused(add_first_administrator, "Eve", "eve@example.org", OWN)
    assert said.startswith("There is an administrator already.")


def test_a_given_password_opens_only_the_choice_of_an_own_one(staff: Staff) -> None:
    given = staff.add("Peter", Role.OFFICER)
    with staff.database.write() as session:
        signed = sign_in(session, "peter", given.password, tries=staff.tries, clock=staff.clock)
        assert signed.must_choose
        by = signed.worker.user_id
        choose_password(
            session, "mango trees in June", "mango trees in June", clock=staff.clock, by=by
        )
        again = sign_in(
            session, "Peter", "mango trees in June", tries=staff.tries, clock=staff.clock
        )
        assert (again.must_choose, again.worker.role) == (False, Role.OFFICER)
        kept = session.connection().execute(select(USERS.c.password)).scalars().all()
    assert all("$argon2id$" in each for each in kept)
    assert not [each for each in kept if given.password in each or "mango" in each]
    said = staff.refused(sign_in, "Peter", given.password, tries=staff.tries)
    assert said.startswith("This name or password is not right.")


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("short", "short", "Choose at least 10 signs."),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "Choose a password that is harder to guess."),
        ("I am Grace, really", "I am Grace, really", "Choose a password that is harder to guess."),
        ("mango trees in June", "mango trees in july", "The two are not alike."),
    ],
)
def test_an_own_password_is_long_and_typed_twice(
    staff: Staff, password: str, again: str, said: str
) -> None:
    assert staff.refused(choose_password, password, again, by=staff.grace).startswith(said)


def test_wrong_tries_have_to_wait_also_for_a_name_that_nobody_has(staff: Staff) -> None:
    for name in ("Grace", "nobody"):
        for _try in range(3):
            said = staff.refused(sign_in, name, "wrong password", tries=staff.tries)
            assert said.startswith("This name or password is not right.")
        assert staff.refused(sign_in, name, OWN, tries=staff.tries).startswith("Wait 5 seconds")
    staff.clock.instant += timedelta(seconds=5)
    with staff.database.read() as session:
        signed = sign_in(session, "Grace", OWN, tries=staff.tries, clock=staff.clock)
    assert signed.worker.username == "Grace"


def test_a_password_of_another_program_opens_nothing(staff: Staff) -> None:
    peter = staff.add("Peter").user_id
    for kept in ("pbkdf2:sha256:1$a$b", "!", "", OWN, ONCE, "$argon2id$damaged"):
        with staff.database.write() as session:
            session.connection().execute(
                update(USERS).where(USERS.c.id == peter), {"password": kept}
            )
        staff.tries = Tries()
        for typed in (OWN, kept):
            said = staff.refused(sign_in, "Peter", typed, tries=staff.tries)
            assert said.startswith("This name or password is not right.")


def test_who_is_shut_out_can_do_nothing_from_then_on(staff: Staff) -> None:
    given = staff.add("Peter", Role.ADMINISTRATOR)
    with staff.database.write() as session:
        let_in(session, given.user_id, is_let_in=False, clock=staff.clock, by=staff.grace)
    said = staff.refused(sign_in, "Peter", given.password, tries=staff.tries)
    assert said.startswith("This name or password is not right.")
    said = staff.refused(reset_password, staff.grace, by=given.user_id)
    assert said.startswith("This person may not sign in.")
    with staff.database.write() as session:
        let_in(session, given.user_id, is_let_in=True, clock=staff.clock, by=staff.grace)
        signed = sign_in(session, "Peter", given.password, tries=Tries(), clock=staff.clock)
    assert signed.worker.user_id == given.user_id


def test_the_last_administrator_stays_and_nobody_shuts_out_herself(staff: Staff) -> None:
    peter = staff.add("Peter", Role.ADMINISTRATOR).user_id
    said = staff.refused(let_in, staff.grace, is_let_in=False, by=staff.grace)
    assert said == "Somebody else must shut you out."
    with staff.database.write() as session:
        change_role(session, peter, Role.OFFICER, clock=staff.clock, by=staff.grace)
    said = staff.refused(change_role, staff.grace, Role.READER, by=staff.grace)
    assert said.startswith("This is the only administrator.")


@pytest.mark.parametrize(
    ("name", "email", "said"),
    [
        ("grace", "g2@example.org", "Somebody has this already."),
        ("Other", "GRACE@example.org", "Somebody has this already."),
        ("two words", "two@example.org", "Write a name without spaces."),
        ("Other", "no address", "Write an e-mail address."),
    ],
)
def test_names_and_addresses_are_ones_own(staff: Staff, name: str, email: str, said: str) -> None:
    refused = staff.refused(add_user, name, email, Role.READER, by=staff.grace)
    assert refused.startswith(said)


def test_each_role_may_do_what_its_row_of_the_table_says(staff: Staff) -> None:
    may = {
        Role.READER: set(),
        Role.OFFICER: set(Duty) - {Duty.PEOPLE},
        Role.ADMINISTRATOR: set(Duty),
    }
    for role, duties in may.items():
        who = staff.add(f"a-{role}", role).user_id
        for duty in Duty:
            if duty in duties:
                with staff.database.read() as session:
                    assert check_may(session, who, duty, clock=staff.clock).user_id == who
            else:
                said = staff.refused(check_may, who, duty)
                assert said.startswith("You may look at this, not change it.")


def test_who_only_reads_is_refused_by_every_service(staff: Staff) -> None:
    reader = staff.add("Ruth").user_id
    loans = staff.service("Loans")
    with staff.database.write() as session:
        asked = ask_access(session, loans, "read,write", "To help.", clock=staff.clock, by=reader)
        before = [tuple(each) for each in session.connection().execute(USERS.select())]
    for act in (
        lambda s, clock: add_user(s, "x", "x@y.org", Role.READER, clock=clock, by=reader),
        lambda s, clock: reset_password(s, staff.grace, clock=clock, by=reader),
        lambda s, clock: change_role(s, reader, Role.ADMINISTRATOR, clock=clock, by=reader),
        lambda s, clock: let_in(s, staff.grace, is_let_in=False, clock=clock, by=reader),
        lambda s, clock: grant_access(s, reader, loans, "read,write", clock=clock, by=reader),
        lambda s, clock: end_access(s, reader, loans, clock=clock, by=reader),
        lambda s, clock: look_after(s, reader, loans, clock=clock, by=reader),
        lambda s, clock: decide_access(s, asked, is_granted=True, clock=clock, by=reader),
        lambda s, clock: send_message(s, "a", "b", usernames=["Grace"], clock=clock, by=reader),
    ):
        assert staff.refused(act).startswith("You may look at this, not change it.")
    with staff.database.read() as session:
        assert [tuple(each) for each in session.connection().execute(USERS.select())] == before
        assert access_of(session, reader) == ()


def test_a_permission_to_write_lets_do_it_until_it_ends(staff: Staff) -> None:
    reader, groups = staff.add("Ruth").user_id, staff.service("Savings groups")
    until = NOON + timedelta(days=30)
    with staff.database.write() as session:
        grant_access(
            session, reader, groups, "read,write", until=until, clock=staff.clock, by=staff.grace
        )
        assert check_may(session, reader, Duty.LAPTOPS, clock=staff.clock).username == "Ruth"
        (access,) = access_of(session, reader)
        assert (access.service, access.granted_by, access.expires_at) == (
            "Savings groups",
            "Grace",
            until,
        )
    said = staff.refused(check_may, reader, Duty.SHARED, service="Documents")
    assert said.startswith("You may look at this")
    staff.clock.instant = until
    assert staff.refused(check_may, reader, Duty.LAPTOPS).startswith("You may look at this")


def test_access_that_is_taken_away_is_gone_and_told(staff: Staff) -> None:
    reader, groups = staff.add("Ruth").user_id, staff.service("Savings groups")
    with staff.database.write() as session:
        grant_access(session, reader, groups, "read,write", clock=staff.clock, by=staff.grace)
        grant_access(session, reader, groups, "read", clock=staff.clock, by=staff.grace)
        assert [each.permissions for each in access_of(session, reader)] == ["read"]
        end_access(session, reader, groups, clock=staff.clock, by=staff.grace)
        assert access_of(session, reader) == ()
        told = [each.message for each in messages_sent(session) if each.username == "Ruth"]
    assert told == [
        "Your access to Savings groups has ended.",
        "Your access to Savings groups was changed.",
        "Your access to Savings groups was changed.",
    ]
    said = staff.refused(end_access, reader, groups, by=staff.grace)
    assert said == "This person has no such access."


def test_who_looks_after_a_service_decides_on_it_and_on_no_other(staff: Staff) -> None:
    reader, ruth = staff.add("Ruth").user_id, staff.add("Sam").user_id
    loans, papers = staff.service("Loans"), staff.service("Documents")
    with staff.database.write() as session:
        look_after(session, ruth, loans, clock=staff.clock, by=staff.grace)
        of_loans = ask_access(session, loans, "read,write", "Audit.", clock=staff.clock, by=reader)
        of_papers = ask_access(session, papers, "read", "Audit.", clock=staff.clock, by=reader)
        decide_access(session, of_loans, is_granted=True, clock=staff.clock, by=ruth)
        assert worker_of(session, reader, NOON).writes == {"Loans"}
    said = staff.refused(decide_access, of_papers, is_granted=True, by=ruth)
    assert said.startswith("You may look at this")
    said = staff.refused(decide_access, of_loans, is_granted=False, by=staff.grace)
    assert said == "Somebody has decided this already."
    with staff.database.write() as session:
        decide_access(session, of_papers, is_granted=False, clock=staff.clock, by=staff.grace)
        states = {each.service: (each.status, each.reviewed_by) for each in access_asked(session)}
    assert states == {"Loans": ("approved", "Sam"), "Documents": ("rejected", "Grace")}


def test_one_asks_once_and_says_why(staff: Staff) -> None:
    reader, loans = staff.add("Ruth").user_id, staff.service("Loans")
    assert staff.refused(ask_access, loans, "read", " ", by=reader) == "Say what it is for."
    with staff.database.write() as session:
        ask_access(session, loans, "read", "Audit.", clock=staff.clock, by=reader)
    said = staff.refused(ask_access, loans, "read", "Audit.", by=reader)
    assert said.startswith("You have asked already.")


def test_a_message_goes_to_people_and_to_groups(staff: Staff, village: Village) -> None:
    staff.add("Ruth")
    with staff.database.write() as session:
        sent = send_message(
            session,
            "Audit",
            "We come on Monday.",
            usernames=["Ruth"],
            group_codes=[village.code],
            clock=staff.clock,
            by=staff.grace,
        )
        rows = session.connection().execute(select(NOTIFICATIONS)).all()
        told = messages_sent(session)
    assert sent.count == 2
    assert {(row.related_entity_type, row.related_entity_id) for row in rows} == {
        (None, None),
        ("savings_groups", village.group_id),
    }
    assert {each.group for each in told} == {"", "Twisungane"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"usernames": ["Nobody"]}, "Nobody is named Nobody."),
        ({"group_codes": ["X"]}, "There is no group X."),
        ({}, "Say to whom."),
        ({"usernames": ["Grace"], "title": " "}, "Write a short title."),
        ({"usernames": ["Grace"], "message": " "}, "Write the message."),
    ],
)
def test_a_message_to_nobody_or_of_nothing_is_not_sent(
    staff: Staff, words: dict[str, object], said: str
) -> None:
    asked: dict[str, object] = {"title": "Audit", "message": "Monday.", "by": staff.grace}
    assert staff.refused(send_message, **(asked | words)).startswith(said)
    with staff.database.read() as session:
        assert messages_sent(session) == ()


def test_people_are_found_by_name_and_members_are_not_among_them(
    staff: Staff, village: Village
) -> None:
    assert village.members
    staff.add("Ruth")
    with staff.database.read() as session:
        assert [each.username for each in people(session)] == ["Grace", "Ruth"]
        assert [each.username for each in people(session, "ru")] == ["Ruth"]
        assert [each.username for each in people(session, "grace@")] == ["Grace"]
