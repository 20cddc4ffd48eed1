from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, assert_same, central_rows, laptop_rows, new_laptop, read, run
from vsla_desktop.db import Database
from vsla_desktop.sync import sync_status


@pytest.fixture
def other(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    """A second laptop that knows nothing of the first."""
    made = new_laptop(tmp_path / "other", central)
    yield made
    made.close()


def noted(central: Database) -> list[tuple[object, ...]]:
    return read(central, "SELECT tbl, kind, col, base, mine, theirs FROM sync.conflict ORDER BY id")


def quarantined(central: Database) -> list[tuple[object, ...]]:
    return read(central, "SELECT tbl, op, reason FROM sync.quarantine ORDER BY id")


def test_changes_of_different_columns_both_stand(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    laptop.push()
    run(central, "UPDATE group_members SET phone_number = '0788' WHERE first_name = 'Amina'")
    laptop.run("UPDATE group_members SET occupation = 'Farmer' WHERE first_name = 'Amina'")
    assert laptop.push().conflicts == 0
    assert read(
        central, "SELECT phone_number, occupation FROM group_members WHERE first_name = 'Amina'"
    ) == [("0788", "Farmer")]


def test_of_two_changes_of_a_column_the_centre_s_stands_and_the_other_is_kept(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    laptop.push()
    run(central, "UPDATE group_members SET last_name = 'Centre' WHERE first_name = 'Amina'")
    laptop.run(
        "UPDATE group_members SET last_name = 'Laptop', occupation = 'Farmer'"
        " WHERE first_name = 'Amina'"
    )
    report = laptop.push()
    assert (report.conflicts, report.waiting) == (1, 0)
    assert read(
        central, "SELECT last_name, occupation FROM group_members WHERE first_name = 'Amina'"
    ) == [("Centre", "Farmer")]
    assert noted(central) == [
        ("group_members", "changed", "last_name", "X", "Laptop", "Centre"),
    ]
    assert laptop.read("SELECT tbl, kind, col, base, mine, theirs FROM sync_conflict") == (
        noted(central)
    )
    assert sync_status(laptop.database, laptop.folder).conflicts == 1


def test_the_same_change_on_both_sides_is_no_conflict(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    laptop.push()
    run(central, "UPDATE group_members SET last_name = 'Same'")
    laptop.run("UPDATE group_members SET last_name = 'Same'")
    assert laptop.push().conflicts == 0
    assert_same(laptop, central)


def test_a_delete_loses_to_a_newer_change(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    laptop.push()
    run(central, "UPDATE group_members SET last_name = 'Centre' WHERE first_name = 'Amina'")
    laptop.run("DELETE FROM group_members WHERE first_name = 'Amina'")
    assert laptop.push().conflicts == 1
    assert noted(central) == [("group_members", "removed", "last_name", None, "X", "Centre")]
    assert read(central, "SELECT count(*) FROM group_members") == [(3,)]


def test_a_delete_takes_no_row_along_that_the_laptop_did_not_know(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    laptop.push()
    run(
        central,
        "INSERT INTO member_fines (member_id, amount, reason, fine_type)"
        " SELECT id, 5, 'late', 'LATE_ARRIVAL' FROM group_members WHERE first_name = 'Amina'",
    )
    laptop.run("DELETE FROM group_members WHERE first_name = 'Amina'")
    laptop.push()
    assert noted(central) == [("group_members", "needed", None, None, None, None)]
    assert read(central, "SELECT count(*) FROM member_fines") == [(1,)]


def test_a_change_of_a_row_that_is_gone_is_kept_as_a_conflict(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    laptop.push()
    run(central, "DELETE FROM group_members WHERE first_name = 'Amina'")
    laptop.run("UPDATE group_members SET last_name = 'Laptop' WHERE first_name = 'Amina'")
    laptop.run("DELETE FROM group_members WHERE first_name = 'Béatrice'")
    assert laptop.push().conflicts == 1
    [(table, kind, *_)] = noted(central)
    assert (table, kind) == ("group_members", "gone")
    assert read(central, "SELECT count(*) FROM group_members") == [(1,)]


def test_both_deleting_a_row_agrees(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    laptop.push()
    run(central, "DELETE FROM group_members WHERE first_name = 'Amina'")
    laptop.run("DELETE FROM group_members WHERE first_name = 'Amina'")
    assert laptop.push().conflicts == 0
    assert_same(laptop, central)


def test_a_login_made_on_two_laptops_is_one_login(
    laptop: Laptop, other: Laptop, central: Database
) -> None:
    fill_group(laptop, "U1")
    laptop.push()
    fill_group(other, "U2")
    other.push()
    assert read(central, "SELECT count(*) FROM users") == [(1,)]
    assert read(central, "SELECT group_code, created_by FROM savings_groups ORDER BY id") == [
        ("U1", 1),
        ("U2", 1),
    ]
    assert quarantined(central) == []
    mine = laptop_rows(other.database)
    assert (
        mine.items() <= central_rows(central).items() or mine.keys() <= central_rows(central).keys()
    )
    other.run("UPDATE users SET active = 0")
    other.push()
    assert read(central, "SELECT active FROM users") == [(False,)]


def test_two_groups_with_one_code_stay_two_groups(
    laptop: Laptop, other: Laptop, central: Database
) -> None:
    fill_group(laptop, "SAME")
    laptop.push()
    fill_group(other, "SAME", user="second")
    post(other, 5)
    report = other.push()
    assert report.waiting == 0
    assert read(central, "SELECT count(*) FROM savings_groups") == [(1,)]
    assert ("savings_groups", "I", "duplicate") in quarantined(central)
    assert ("group_transactions", "I", "incomplete") in quarantined(central)
    assert sync_status(other.database, other.folder).quarantined == 1 + 3 + 1 + 5
    other.run("UPDATE savings_groups SET group_code = 'OTHER'")
    other.push()
    assert sync_status(other.database, other.folder).quarantined == 0
    assert read(central, "SELECT count(*) FROM group_transactions") == [(5,)]
    assert laptop_rows(other.database).keys() <= central_rows(central).keys()
    assert read(
        central, "SELECT chair_member_id IS NOT NULL FROM savings_groups WHERE group_code = 'OTHER'"
    ) == [(True,)]


def test_numbers_that_two_meetings_exchange_arrive_exchanged(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    laptop.run(
        "INSERT INTO meetings (group_id, meeting_number, meeting_date) VALUES (1, 2, '2026-01-12')"
    )
    laptop.push()
    for step in ("= 9 WHERE id = 1", "= 1 WHERE id = 2", "= 2 WHERE id = 1"):
        laptop.run(f"UPDATE meetings SET meeting_number {step}")  # noqa: S608
    laptop.push()
    assert_same(laptop, central)


def test_a_number_passed_on_to_a_new_meeting_arrives(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    laptop.push()
    laptop.run("UPDATE meetings SET meeting_number = 2 WHERE id = 1")
    laptop.run(
        "INSERT INTO meetings (group_id, meeting_number, meeting_date) VALUES (1, 1, '2026-01-12')"
    )
    post(laptop, 3)
    laptop.run("UPDATE group_transactions SET meeting_id = 2")
    laptop.push()
    assert_same(laptop, central)
    laptop.run("UPDATE group_transactions SET meeting_id = 1")
    laptop.run("DELETE FROM meetings WHERE id = 2")
    laptop.run("UPDATE meetings SET meeting_number = 1")
    laptop.run(
        "INSERT INTO meetings (group_id, meeting_number, meeting_date) VALUES (1, 2, '2026-01-12')"
    )
    laptop.push()
    assert_same(laptop, central)


def test_a_circle_of_references_closes(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    laptop.run("UPDATE savings_groups SET treasurer_member_id = 1, secretary_member_id = 2")
    laptop.push()
    assert_same(laptop, central)
    assert read(
        central,
        "SELECT g.chair_member_id = m.id FROM savings_groups g JOIN group_members m"
        " ON m.member_number = 3",
    ) == [(True,)]


def test_a_message_is_about_the_same_row_on_both_sides(laptop: Laptop, central: Database) -> None:
    run(
        central,
        "INSERT INTO users (id, username, email, password) VALUES (500, 'w', 'w@x', 'x')",
    )
    run(central, "SELECT setval('meetings_id_seq', 100)")
    fill_group(laptop)
    for about, number in (("meetings", 1), ("a letter", 7)):
        laptop.run(
            "INSERT INTO notifications (user_id, type, message, related_entity_type,"
            " related_entity_id) VALUES (1, 'x', 'y', ?, ?)",
            (about, number),
        )
    laptop.push()
    assert read(
        central,
        "SELECT related_entity_type, related_entity_id FROM notifications ORDER BY id",
    ) == [("meetings", 101), ("a letter", None)]


def test_a_new_row_under_a_row_that_is_gone_waits_in_quarantine(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    laptop.push()
    run(central, "DELETE FROM group_members WHERE first_name = 'Amina'")
    laptop.run(
        "INSERT INTO member_fines (member_id, amount, reason, fine_type)"
        " VALUES (1, 500, 'late', 'LATE_ARRIVAL')"
    )
    post(laptop, 3)
    assert laptop.push().waiting == 0
    assert quarantined(central) == [("member_fines", "I", "incomplete")]
    # The ledger keeps its row; that its member is gone is noted.
    assert read(central, "SELECT count(*), count(member_id) FROM group_transactions") == [(3, 2)]
    assert [row[:3] for row in noted(central)] == [("group_transactions", "reference", "member_id")]
