from __future__ import annotations

import pytest

from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, assert_same, read
from vsla_desktop.db import Database
from vsla_desktop.sync import SyncWord, sync_status, troubles

MEMBER = "UPDATE group_members SET {} WHERE id = 1"


def mend(laptop: Laptop) -> None:
    laptop.run(MEMBER.format("first_name = 'Amina', photo_path = NULL, left_date = NULL"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("first_name = 'A' || char(0) || 'B'", "unreadable"),
        ("first_name = CAST(x'ff' AS TEXT)", "unreadable"),
        ("first_name = x'00ff'", "invalid"),
        ("first_name = printf('%200c', 'x')", "invalid"),
        ("left_date = '2026-02-31'", "invalid"),
        ("left_date = 'someday'", "invalid"),
        ("photo_path = printf('%9999c', 'x')", "invalid"),
    ],
)
def test_a_row_that_can_not_be_taken_holds_nothing_else_up(
    laptop: Laptop, central: Database, change: str, reason: str
) -> None:
    fill_group(laptop)
    laptop.run("PRAGMA ignore_check_constraints = ON")
    if "x'00ff'" in change:
        # Nothing but plain SQL can write this, and only as a new row.
        change = "first_name = hex(x'00ff') || printf('%200c', 'x')"
    laptop.run(MEMBER.format(change))
    post(laptop, 6)
    laptop.run(
        "INSERT INTO member_fines (member_id, amount, reason, fine_type)"
        " VALUES (1, 500, 'late', 'LATE_ARRIVAL'), (2, 500, 'late', 'LATE_ARRIVAL')"
    )
    assert laptop.push().waiting == 0
    assert read(central, "SELECT count(*) FROM group_members") == [(2,)]
    # What is the member's waits for the member: it would be nobody's for ever.
    assert read(central, "SELECT count(*) FROM group_transactions") == [(4,)]
    assert read(central, "SELECT count(*) FROM member_fines") == [(1,)]
    held = laptop.read("SELECT tbl, op, reason FROM sync_quarantine ORDER BY tbl")
    assert held == [
        (10, "I", reason),
        *[(15, "I", "incomplete")] * 2,
        (17, "I", "incomplete"),
    ]
    status = sync_status(laptop.database, laptop.folder)
    assert (status.word, status.quarantined) == (SyncWord.PARTLY, 4)
    told = [each for each in troubles(laptop.database) if each.about.table != "group_transactions"]
    [member, fine] = sorted(told, key=lambda each: each.about.table)
    assert (member.about.table, member.why) == ("group_members", reason)
    assert (fine.about.table, fine.why, fine.about.group) == ("member_fines", "incomplete", "Umoja")
    assert fine.about.amount == 5
    post(laptop, 1, first=100)
    laptop.push()
    assert read(central, "SELECT count(*) FROM group_transactions") == [(5,)]
    mend(laptop)
    laptop.push()
    assert laptop.read("SELECT * FROM sync_quarantine") == []
    assert sync_status(laptop.database, laptop.folder).word is SyncWord.SENT
    assert read(central, "SELECT count(*) FROM group_members") == [(3,)]
    assert read(central, "SELECT count(*) FROM member_fines") == [(2,)]
    assert read(central, "SELECT count(member_id), count(*) FROM group_transactions") == [(7, 7)]


def test_a_change_that_can_not_be_taken_goes_once_it_is_mended(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    laptop.push()
    for change in ("photo_path = printf('%9999c', 'x')", "first_name = 'A' || char(0)"):
        laptop.run(MEMBER.format(f"{change}, occupation = 'Farmer'"))
        laptop.push()
        assert len(laptop.read("SELECT * FROM sync_quarantine")) == 1
        laptop.run(MEMBER.format("occupation = 'Trader'"))
        laptop.push()
        assert len(laptop.read("SELECT * FROM sync_quarantine")) == 1
        mend(laptop)
        laptop.push()
        assert laptop.read("SELECT * FROM sync_quarantine") == []
        assert read(
            central, "SELECT first_name, occupation, photo_path FROM group_members ORDER BY id"
        )[0] == ("Amina", "Trader", None)
        assert read(central, "SELECT * FROM sync.conflict") == []


def test_a_value_that_is_too_deep_to_read_is_one_row_s_own_fault(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    laptop.push()
    post(laptop, 40)
    laptop.run("UPDATE savings_groups SET property_items = ?", ("[" * 20_000 + "]" * 20_000,))
    laptop.run("UPDATE group_members SET occupation = 'Trader'")
    laptop.push()
    [(reason, detail)] = read(central, "SELECT reason, detail FROM sync.quarantine")
    assert (reason, detail[:5]) == ("invalid", "54001")  # statement too complex
    assert read(central, "SELECT count(*) FROM group_transactions") == [(40,)]
    assert read(central, "SELECT DISTINCT occupation FROM group_members") == [("Trader",)]
    laptop.run("UPDATE savings_groups SET property_items = '[]'")
    laptop.push()
    assert laptop.read("SELECT * FROM sync_quarantine") == []
    assert read(central, "SELECT property_items::text FROM savings_groups") == [("[]",)]


def test_an_amount_too_large_for_its_column_is_quarantined(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    post(laptop, 1_000)
    laptop.run("UPDATE group_transactions SET amount = 2000000000000000 WHERE id = 500")
    laptop.run("UPDATE group_transactions SET amount = 1 WHERE id = 501")
    laptop.push()
    assert read(central, "SELECT reason FROM sync.quarantine") == [("invalid",)]
    assert read(central, "SELECT count(*), sum(amount)::text FROM group_transactions") == [
        (999, "123203.11")
    ]
    assert read(central, "SELECT loan_fund_balance::text FROM savings_groups") == [("123203.11",)]
    laptop.run("UPDATE group_transactions SET amount = 12345 WHERE id = 500")
    laptop.push()
    assert read(central, "SELECT count(*) FROM group_transactions") == [(1_000,)]
    assert laptop.read("SELECT * FROM sync_quarantine") == []


def test_many_rows_that_can_not_be_taken_among_many(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    post(laptop, 2_000)
    laptop.run("UPDATE group_transactions SET reason = char(0) WHERE id % 97 = 0")
    laptop.run(
        "UPDATE group_transactions SET reversed_type = printf('%60c', 'x') WHERE id % 89 = 0"
    )
    laptop.push()
    poison = laptop.read("SELECT count(*) FROM group_transactions WHERE id % 97 = 0 OR id % 89 = 0")
    assert read(central, "SELECT count(*) FROM group_transactions") == [(2_000 - poison[0][0],)]
    assert laptop.read("SELECT count(*) FROM sync_quarantine") == poison
    laptop.run("UPDATE group_transactions SET reason = NULL, reversed_type = NULL")
    laptop.push()
    assert read(central, "SELECT count(*) FROM group_transactions") == [(2_000,)]
    assert laptop.read("SELECT count(*) FROM sync_quarantine") == [(0,)]


def test_texts_of_every_kind_arrive_as_they_are(laptop: Laptop, central: Database) -> None:
    fill_group(laptop)
    for text in ("\\\t\\N", '"', "\\.", "\n\\.\n", "", " ", "🌍é", "a,b", "'", "\r\n", "\x01\x7f"):
        laptop.run(
            "INSERT INTO group_members (group_id, first_name, last_name, gender)"
            " VALUES (1, 'X', ?, 'F')",
            (text,),
        )
    laptop.push()
    assert_same(laptop, central)
