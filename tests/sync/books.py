"""What tests write into a laptop's book."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sync.laptop import Laptop

PEOPLE = ("Amina", "Béatrice", "ዓለም 🌍")


def fill_group(laptop: Laptop, code: str = "U1", user: str = "treasurer") -> None:
    """Write a group with its treasurer's login, three members, a chairperson and a meeting."""
    with laptop.database.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        run(
            "INSERT INTO users (username, email, password) VALUES (?, ?, 'hash')",
            (user, f"{user}@example.org"),
        )
        run(
            "INSERT INTO savings_groups (name, group_code, region, district, parish, village,"
            " created_by) SELECT 'Umoja', ?, 'R', 'D', 'P', 'V', max(id) FROM users",
            (code,),
        )
        for number, name in enumerate(PEOPLE, start=1):
            run(
                "INSERT INTO group_members (group_id, first_name, last_name, gender,"
                " member_number) SELECT max(id), ?, 'X', 'F', ? FROM savings_groups",
                (name, number),
            )
        run(
            "UPDATE savings_groups SET chair_member_id = (SELECT max(id) FROM group_members)"
            " WHERE group_code = ?",
            (code,),
        )
        run(
            "INSERT INTO meetings (group_id, meeting_number, meeting_date)"
            " SELECT max(id), 1, '2026-01-05' FROM savings_groups"
        )


def post(laptop: Laptop, count: int, *, first: int = 0) -> None:
    """Write ledger rows of the first group, each of 123.45."""
    with laptop.database.connection(writes=True) as connection:
        connection.exec_driver_sql(
            "INSERT INTO group_transactions (group_id, member_id, amount, transaction_type,"
            " fund_type, meeting_id, direction, reference_number, description)"
            " WITH RECURSIVE n (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM n WHERE n < ?)"
            " SELECT 1, n % 3 + 1, 12345, 'SAVINGS_DEPOSIT', 'LOAN_FUND', 1, 1,"
            " printf('R%08d', n), 'Shares, bought at the meeting' FROM n",
            (first, first + count - 1),
        )
