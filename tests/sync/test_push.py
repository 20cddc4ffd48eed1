from __future__ import annotations

from tests.sync.laptop import Laptop, assert_same, read
from vsla_desktop.db import Database


def fill_one_group(laptop: Laptop) -> None:
    with laptop.database.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        run("INSERT INTO users (username, email, password) VALUES ('t', 't@x', 'hash')")
        run(
            "INSERT INTO savings_groups (name, group_code, region, district, parish, village,"
            " created_by) VALUES ('Umoja', 'U1', 'r', 'd', 'p', 'v', 1)"
        )
        for number, name in enumerate(("Amina", "Béatrice", "ዓለም 🌍"), start=1):
            run(
                "INSERT INTO group_members (group_id, first_name, last_name, gender,"
                " member_number) VALUES (1, ?, 'X', 'F', ?)",
                (name, number),
            )
        run("UPDATE savings_groups SET chair_member_id = 2 WHERE id = 1")
        run(
            "INSERT INTO meetings (group_id, meeting_number, meeting_date) VALUES"
            " (1, 1, '2026-01-05')"
        )
        for member in (1, 2, 3):
            run(
                "INSERT INTO group_transactions (group_id, member_id, amount, transaction_type,"
                " fund_type, meeting_id, direction, reference_number) VALUES"
                " (1, ?, 12345, 'SAVINGS_DEPOSIT', 'LOAN_FUND', 1, 1, ?)",
                (member, f"R{member}"),
            )


def test_a_first_push_brings_everything(laptop: Laptop, central: Database) -> None:
    fill_one_group(laptop)
    report = laptop.push()
    assert report.batches == 1
    assert report.waiting == 0
    assert_same(laptop, central)
    assert read(central, "SELECT password FROM users") == [("!",)]
    assert read(central, "SELECT loan_fund_balance::text FROM savings_groups") == [("370.35",)]
    again = laptop.push()
    assert again.batches == 0
    laptop.run("UPDATE group_members SET first_name = 'Zoé' WHERE id = 3")
    laptop.run("DELETE FROM group_members WHERE id = 2")
    report = laptop.push()
    assert (report.batches, report.round_trips) == (1, 5)
    assert_same(laptop, central)
