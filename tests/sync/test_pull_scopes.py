"""A laptop has the groups that head office gives it, whole, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, central_rows, laptop_rows, new_laptop, read, run
from tests.sync.test_pull import assert_sound, meet
from vsla_desktop import sync
from vsla_desktop.capture.wire import NUMBERS
from vsla_desktop.db import Database
from vsla_desktop.sync import assign_group, enrol_device, unassign_group

NewLaptop = Callable[..., Laptop]


@pytest.fixture
def enrolled(central: Database, tmp_path: Path) -> Iterator[NewLaptop]:
    """Enrol laptops for some groups."""
    made: list[Laptop] = []

    def make(name: str, *groups: str, **rights: Any) -> Laptop:
        made.append(new_laptop(tmp_path / name, central, groups=groups, **rights))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def two_groups(enrolled: NewLaptop) -> Laptop:
    """Return the laptop that has opened U1 and U2, each with a treasurer of its own."""
    laptop = enrolled("first")
    fill_group(laptop)
    post(laptop, 5)
    fill_group(laptop, "U2", "another")
    meet(laptop)
    return laptop


def group_codes(laptop: Laptop) -> list[str]:
    return [code for (code,) in laptop.read("SELECT group_code FROM savings_groups ORDER BY 1")]


def scope(laptop: Laptop, code: str) -> tuple[object, ...]:
    (found,) = laptop.read(
        "SELECT s.state, s.writable FROM sync_scope s JOIN sync_idmap m ON m.su = s.su"
        " JOIN savings_groups g ON g.id = m.local_id WHERE g.group_code = ?",
        (code,),
    )
    return found


def assert_has_of_head_office(laptop: Laptop, central: Database) -> None:
    """What the laptop has is what head office has."""
    ours, theirs = laptop_rows(laptop.database), central_rows(central)
    for key, row in ours.items():
        assert row == theirs[key], key


def test_a_laptop_gets_its_groups_and_their_people_only(
    two_groups: Laptop, enrolled: NewLaptop, central: Database
) -> None:
    other = enrolled("other", "U2", read_only=True)
    meet(other)
    assert group_codes(other) == ["U2"]
    assert other.read("SELECT username FROM users") == [("another",)]
    assert other.read("SELECT count(*) FROM group_members") == [(3,)]
    assert other.read("SELECT count(*) FROM group_transactions") == [(0,)]
    assert scope(other, "U2") == ("kept", 0)
    assert scope(two_groups, "U2") == ("kept", 1)
    assert_has_of_head_office(other, central)
    assert_sound(other)


def test_a_group_that_is_given_later_comes_whole(
    two_groups: Laptop, enrolled: NewLaptop, central: Database
) -> None:
    other = enrolled("other", "U2", read_only=True)
    meet(other)
    run(central, "UPDATE group_members SET occupation = 'Farmer'")
    assign_group(central, "other", "U1", read_only=True)
    meet(other)
    assert group_codes(other) == ["U1", "U2"]
    assert other.read("SELECT username FROM users ORDER BY 1") == [("another",), ("treasurer",)]
    assert laptop_rows(other.database).keys() == laptop_rows(two_groups.database).keys()
    assert_has_of_head_office(other, central)
    assert_sound(other)


@pytest.mark.usefixtures("two_groups")
def test_a_group_that_is_taken_away_leaves_and_can_come_back(
    enrolled: NewLaptop, central: Database
) -> None:
    other = enrolled("other", "U1", "U2", read_only=True)
    meet(other)
    unassign_group(central, "other", "U1")
    meet(other)
    assert group_codes(other) == ["U2"]
    assert other.read("SELECT count(*) FROM group_transactions") == [(0,)]
    assert other.read("SELECT count(*) FROM sync_dirty") == [(0,)]
    assert_sound(other)
    run(central, "UPDATE group_members SET occupation = 'Farmer'")
    assign_group(central, "other", "U1", read_only=True)
    meet(other)
    assert group_codes(other) == ["U1", "U2"]
    assert_has_of_head_office(other, central)
    assert_sound(other)


def test_a_group_does_not_leave_before_all_of_it_is_sent(
    two_groups: Laptop, central: Database
) -> None:
    two_groups.run("UPDATE group_members SET occupation = 'Farmer' WHERE id = 1")
    unassign_group(central, "first", "U1")
    sync.pull(two_groups.database, two_groups.folder)
    assert group_codes(two_groups) == ["U1", "U2"]
    assert scope(two_groups, "U1") == ("leaving", 0)
    # Head office does not take what the laptop may not write: a person sees it, it stays.
    meet(two_groups)
    assert two_groups.read("SELECT reason FROM sync_quarantine") == [("denied",)]
    assert group_codes(two_groups) == ["U1", "U2"]
    assign_group(central, "first", "U1")
    meet(two_groups)
    meet(two_groups)
    assert scope(two_groups, "U1") == ("kept", 1)
    assert read(central, "SELECT occupation FROM group_members WHERE occupation <> ''") == [
        ("Farmer",)
    ]


def test_a_row_that_moves_to_another_group_moves_on_every_laptop(
    two_groups: Laptop, enrolled: NewLaptop, central: Database
) -> None:
    two_groups.run(
        "INSERT INTO member_savings (member_id, saving_type_id) SELECT min(id), 1"
        " FROM group_members"
    )
    meet(two_groups)
    one = enrolled("one", "U1", read_only=True)
    two = enrolled("two", "U2", read_only=True)
    for each in (one, two):
        meet(each)
    assert one.read("SELECT count(*) FROM member_savings") == [(1,)]
    run(
        central,
        "UPDATE group_members SET group_id = (SELECT id FROM savings_groups WHERE"
        " group_code = 'U2') WHERE id = (SELECT min(id) FROM group_members)",
    )
    for each in (one, two, two_groups):
        meet(each)
    assert_has_of_head_office(two_groups, central)
    assert_sound(two_groups)
    # What the group's ledger says of a member that is another's waits for her.
    waiting = "SELECT DISTINCT tbl FROM sync_inq WHERE waits_for <> ''"
    assert one.read(waiting) == [(NUMBERS["group_transactions"],)]
    assert one.read("SELECT count(*) FROM group_transactions") == [(5,)]
    assert_has_of_head_office(two, central)
    assert_sound(two)
    counts = "SELECT (SELECT count(*) FROM group_members), (SELECT count(*) FROM member_savings)"
    assert one.read(counts) == [(2, 0)]
    assert two.read(counts) == [(4, 1)]
    assert two_groups.read(counts) == [(6, 1)]
    run(
        central,
        "UPDATE group_members SET group_id = (SELECT id FROM savings_groups WHERE"
        " group_code = 'U1') WHERE id = (SELECT min(id) FROM group_members)",
    )
    for each in (one, two, two_groups):
        meet(each)
        assert_has_of_head_office(each, central)
    assert one.read(counts) == [(3, 1)]
    assert two.read(counts) == [(3, 0)]


def test_a_group_that_head_office_removes_goes(
    two_groups: Laptop, enrolled: NewLaptop, central: Database
) -> None:
    other = enrolled("other", "U1", "U2", read_only=True)
    meet(other)
    run(central, "DELETE FROM savings_groups WHERE group_code = 'U1'")
    for each in (two_groups, other):
        meet(each)
        assert group_codes(each) == ["U2"]
        assert_has_of_head_office(each, central)
        assert_sound(each)


@pytest.mark.usefixtures("two_groups")
def test_messages_about_a_group_go_to_it_and_others_stay(
    enrolled: NewLaptop, central: Database
) -> None:
    other = enrolled("other", "U1", read_only=True)
    run(
        central,
        "INSERT INTO notifications (user_id, type, message) SELECT id, 'x', 'to one' FROM users",
    )
    run(
        central,
        "INSERT INTO notifications (user_id, type, message, related_entity_type,"
        " related_entity_id) SELECT u.id, 'x', 'about a meeting', 'meetings', m.id"
        " FROM meetings m JOIN savings_groups g ON g.id = m.group_id AND g.group_code = 'U1'"
        " JOIN users u ON u.username = 'another'",
    )
    run(
        central,
        "INSERT INTO user_service_permissions (user_id, service_id, granted_by)"
        " SELECT u.id, 1, u.id FROM users u",
    )
    meet(other)
    assert other.read("SELECT message, related_entity_id FROM notifications") == [
        ("about a meeting", 1)
    ]
    # Whom the message is to has come with it, and so has what that person may do.
    assert other.read("SELECT count(*) FROM users") == [(2,)]
    assert other.read("SELECT count(*) FROM user_service_permissions") == [(2,)]
    assert_sound(other)


def test_what_a_laptop_has_sent_does_not_come_back(two_groups: Laptop) -> None:
    assert meet(two_groups).rows_received == 0
    post(two_groups, 50, first=100)
    report = meet(two_groups)
    assert (report.rows_sent, report.rows_received) == (50, 0)
    # Push takes five round trips, and pull two.
    assert report.round_trips <= 8


@contextmanager
def open_transaction(central: Database, statement: str) -> Iterator[Callable[[], None]]:
    """Let a web program write something, and say when it commits."""
    connection = central.engine.connect()
    connection.exec_driver_sql(statement)

    try:
        yield connection.commit
    finally:
        connection.close()


@pytest.mark.usefixtures("two_groups")
def test_what_is_committed_late_is_not_passed_over(enrolled: NewLaptop, central: Database) -> None:
    other = enrolled("other", "U1", "U2", read_only=True)
    meet(other)
    late = "UPDATE group_members SET occupation = 'Late' WHERE first_name = 'Amina'"
    with open_transaction(central, late) as commit:
        for number in range(3):
            run(
                central,
                f"UPDATE group_members SET phone_number = '{number}'"  # noqa: S608
                " WHERE first_name <> 'Amina'",
            )
            meet(other)
        assert other.read("SELECT count(*) FROM group_members WHERE phone_number = '2'") == [(4,)]
        commit()
    meet(other)
    assert other.read("SELECT count(*) FROM group_members WHERE occupation = 'Late'") == [(2,)]
    assert meet(other).rows_received == 0
    assert_has_of_head_office(other, central)


def test_a_laptop_can_not_ask_for_the_groups_of_others(
    two_groups: Laptop, enrolled: NewLaptop
) -> None:
    other = enrolled("other", "U2", read_only=True)
    secret = two_groups.read(
        "SELECT su FROM sync_idmap WHERE tbl = 7 AND local_id ="
        " (SELECT id FROM savings_groups WHERE group_code = 'U1')"
    )[0][0]
    meet(other)
    other.run(
        "INSERT INTO sync_scope (su, state, lo, whole) VALUES (?, 'filling', 0, 1)", (secret,)
    )
    meet(other)
    assert group_codes(other) == ["U2"]
    assert other.read("SELECT count(*) FROM sync_scope WHERE su = ?", (secret,)) == [(0,)]


def test_two_laptops_of_one_group(two_groups: Laptop, central: Database, tmp_path: Path) -> None:
    """A laptop for all groups reads and writes beside the one that opened a group."""
    other = new_laptop(tmp_path / "coordinator", central)
    meet(other)
    teacher = "group_members SET occupation = 'Teacher' WHERE first_name = 'Amina'"
    other.run(f"UPDATE {teacher}")
    post(other, 4, first=50)
    meet(other)
    meet(two_groups)
    for each in (two_groups, other):
        assert each.read("SELECT count(*) FROM group_transactions") == [(9,)]
        assert each.read("SELECT count(*) FROM group_members WHERE occupation <> ''") == [(2,)]
        assert_has_of_head_office(each, central)
        assert_sound(each)
    other.close()
    assert enrol_device(central, "one more").device_name == "one more"
